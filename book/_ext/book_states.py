"""Figures to handle wait, and their states come when they are wanted.

A figure's states may take as much as all the rest of its page. Where they are many they stand in a
classic script of their own, below ``_static/states``; ``figures.js`` fetches it as the figure
comes near. Notebooks carry ``explorer.js`` in their outputs, so what a page needs besides is put
into the copy that the book serves.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

STATES_INLINE = 8_000
"""Letters of the states that stand in the page itself: a script of its own would be no gain."""
FOLDER = "_static/states"
_FACTS = re.compile(r'<script type="application/json">(.*?)</script>', re.S)
_START = (
    'if (document.readyState !== "loading") { setUp(figure); }\n        else { document.'
    'addEventListener("DOMContentLoaded", function () { setUp(figure); }); }'
)
_ADDED = {  # in explorer.js: to wait, and to take states that come later
    _START: "window.dlnWait(figure, function () { setUp(figure); });",
    "    live(true);\n    var kept": (
        "    live(true);\n"
        "    figure.fill = function (states) { Object.assign(facts, states); show(); };\n"
        "    var kept"
    ),
}


def for_pages(script: str) -> str:
    """Return ``explorer.js`` as the book serves it.

    Raises
    ------
    ExtensionError
        If it lacks a place at which something is put in.
    """
    for place, text in _ADDED.items():
        if script.count(place) != 1:
            raise ExtensionError(
                f"book_states: explorer.js has {script.count(place)} times what stands once where "
                f"figures wait: {place.strip()!r}; write there what it has become"
            )
        script = script.replace(place, text)
    return script


def apart(html: str, name: str, write: Callable[[str, str], None]) -> str:
    """Return a page whose figures have their many states in files of their own.

    Parameters
    ----------
    html : str
        The page.
    name : str
        What the files are called after.
    write : callable
        Gets the name of a file and its text.

    Examples
    --------
    >>> page = '<script type="application/json">{"controls":[],"slots":[],"values":["0"]}</script>'
    >>> apart(page, "12-conv", print) == page
    True
    """
    numbers = itertools.count(1)

    def moved(match: re.Match[str]) -> str:
        facts = json.loads(match[1])
        if len(match[1]) <= STATES_INLINE or "slots" not in facts:
            return match[0]
        key = f"{name}-{next(numbers)}"
        states = {part: facts[part] for part in ("values", "width", "slots")}
        text = f"dlnStates({_written(key)},{_written(states)});\n"
        write(f"{key}.js", text)
        version = hashlib.sha256(text.encode()).hexdigest()[:8]
        facts |= {"values": [], "slots": []}
        return (
            f'<script type="application/json" data-states="{key}.js?v={version}">'
            f"{_written(facts)}</script>"
        )

    return _FACTS.sub(moved, html)


def _written(value: object) -> str:
    """Return a value as JSON that may stand in a script element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def with_states_apart(app: Sphinx, page: str, html: str) -> str:
    """Write the states of a page's figures below the built site; return the page without them."""
    folder = Path(app.outdir) / FOLDER

    def write(name: str, text: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    return apart(html, page.rpartition("/")[2], write)
