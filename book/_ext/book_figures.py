"""Figures in the doctree: SVG pictures go inline, diagrams get their labels, alt text is checked.

MyST-NB already wraps a cell's output in a figure when the cell's metadata ask for one
(``mystnb.figure``). What remains is done here, once the output format of each cell is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

import book_svg
from book_blocks import reachable

_LIVE = re.compile(r'<dln-live data-kind="([\w-]+)"(?: data-needs="([\w -]+)")?')

logger = logging.getLogger(__name__)


class Figures(SphinxPostTransform):
    """Inline SVG images, label HTML figures, and warn about missing alternative text."""

    default_priority = 6  # MyST-NB selects the outputs at 4; Sphinx collects image files at 100
    formats = ("html",)

    def run(self, **kwargs: object) -> None:
        """Rewrite the figures of one page."""
        slug = re.sub(r"[^a-z0-9]+", "-", Path(self.env.docname).name.lower())
        for number, image in enumerate(list(self.document.findall(nodes.image)), start=1):
            alt = image.get("alt", "").strip()
            self.check_alt(image, alt, hint="write ![alternative text](file), or set")
            path = local_svg(image, Path(self.env.srcdir))
            if path:
                self.inline(image, path, prefix=f"{slug}-{number}-", alt=alt)
        for raw in list(html_outputs(self.document)):
            self.label(raw)

    def inline(self, image: nodes.image, path: Path, *, prefix: str, alt: str) -> None:
        """Put the text of an SVG file where its image stood."""
        palette = self.config.dlnotes_palette
        try:
            source = path.read_text(encoding="utf-8")
            markup = book_svg.inline_svg(source, prefix=prefix, label=alt, palette=palette)
        except (OSError, ValueError) as error:
            logger.warning("cannot inline %s: %s", path, error, location=image, type="dlnotes")
            return
        wrapped = f'<div class="dln-figure">{markup}</div>'
        image.replace_self(nodes.raw("", wrapped, format="html"))

    def label(self, raw: nodes.raw) -> None:
        """Label a diagram or a figure to handle, and take out its copy of the script."""
        html = book_svg.without_script(raw.astext())
        if book_svg.figure_kinds(html):
            alt = cell_alt(raw) or book_svg.own_label(html)
            self.check_alt(raw, alt, hint="set")
            html = (
                f'<div class="dln-figure">{book_svg.label_html(book_svg.legible(html), alt)}</div>'
            )
        elif "text_html" in raw["classes"]:
            # tables of a cell may be wider than the page
            attributes = "".join(f' {k}="{v}"' for k, v in reachable("Table").items())
            html = f'<div class="scroll"{attributes}>{html}</div>'
        if html != raw.astext():
            raw.replace_self(nodes.raw("", html, format="html", classes=raw["classes"]))

    def check_alt(self, node: nodes.Element, alt: str, *, hint: str) -> None:
        """Warn when a figure has no alternative text, or only its caption again."""
        metadata = "mystnb.image.alt in the cell's metadata"
        if not alt:
            logger.warning(
                "a figure has no alternative text; %s %s", hint, metadata,
                location=node, type="dlnotes", subtype="alt",
            )  # fmt: skip
        elif plain(alt) == plain(caption_of(node)):
            logger.warning(
                "a figure's alternative text repeats its caption: %r; say what the picture shows",
                alt, location=node, type="dlnotes", subtype="alt",
            )  # fmt: skip


def html_outputs(document: nodes.Node) -> Iterator[nodes.raw]:
    """Yield the raw HTML nodes of a doctree."""
    return (raw for raw in document.findall(nodes.raw) if "html" in raw.get("format", "").split())


def local_svg(image: nodes.image, source: Path) -> Path | None:
    """Return the file of an image when it is one of the book's own SVG files."""
    uri = image.get("uri", "")
    if "://" in uri or not uri.lower().endswith(".svg"):
        return None
    return source / uri.lstrip("/")


def cell_alt(node: nodes.Node) -> str:
    """Return the alternative text in the metadata of the notebook cell around a node."""
    cell = next((a["cell_metadata"] for a in ancestors(node) if "cell_metadata" in a), None)
    image = (cell or {}).get("mystnb", {}).get("image", {})
    return str(image.get("alt", "")).strip()


def caption_of(node: nodes.Node) -> str:
    """Return the caption of the figure around a node, or nothing."""
    for figure in ancestors(node):
        if isinstance(figure, nodes.figure):
            return " ".join(child.astext() for child in figure if isinstance(child, nodes.caption))
    return ""


def ancestors(node: nodes.Node) -> Iterator[nodes.Element]:
    """Yield the parents of a node, the nearest first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def plain(text: str) -> str:
    """Reduce a text to its words, to compare two of them.

    Examples
    --------
    >>> plain("A 3x3 kernel,  sliding.")
    'a 3x3 kernel sliding'
    """
    return " ".join(re.findall(r"\w+", text.casefold()))


def scripts_of(doctree: nodes.Node | None) -> list[str]:
    """Return the scripts that the figures of a page need, those first that others need."""
    html = "".join(raw.astext() for raw in html_outputs(doctree)) if doctree else ""
    found = _LIVE.findall(html)
    names = dict.fromkeys(name for kind, needs in found for name in (*needs.split(), kind))
    if names:
        return ["explorer.js", "computing/core.js", *(f"computing/{name}.js" for name in names)]
    return ["explorer.js"] if "<dln-explore" in html else []
