"""How many bytes the built site sends, gzipped; what its figures take is counted apart."""

import functools
import gzip
import re
from collections.abc import Iterable
from pathlib import Path

STATES = "_static/states/"
"""Where the states of figures to handle lie, which load as one comes into view."""
_FIGURES = re.compile(
    r'<svg (?=[^>]*class="(?:[^"]* )?dln-(?:fig|svg)").*?</svg>'
    r'|<script type="application/json"[^>]*>.*?</script>|data:image/png;base64,[^"]*',
    re.S,
)


@functools.cache
def packed(path: Path) -> int:
    """Return the size of a file, gzipped; fonts and pictures are compressed as they are."""
    data = path.read_bytes()
    return len(data) if path.suffix in (".woff2", ".png") else len(gzip.compress(data, 6))


@functools.cache
def of_figures(path: Path) -> int:
    """Return how much of a page's gzipped size its figures take."""
    html = path.read_text(encoding="utf-8")
    return packed(path) - len(gzip.compress(_FIGURES.sub("", html).encode(), 6))


def first_load(site: Path, names: Iterable[str]) -> dict[str, int]:
    """Return the size of each loaded file of the site, figures not counted."""
    sizes = {}
    for name in sorted(set(names)):
        path = site / name
        if path.is_file() and not name.startswith(STATES):
            sizes[name] = packed(path) - (of_figures(path) if path.suffix == ".html" else 0)
    return sizes
