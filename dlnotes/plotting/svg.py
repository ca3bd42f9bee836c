"""A small SVG canvas: rectangles, text and groups in the book's colours.

Matplotlib draws the charts. Diagrams made of cells are drawn here instead, because their numbers
should stay text (sharp, selectable, read aloud) and their colours should follow the theme.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from importlib.resources import files

from dlnotes.plotting.theme import PALETTE, css, dark, variables

UNTRUSTED = "Run this cell, or trust the notebook, to see the figure."
"""All that a notebook shows of a figure as long as it is not trusted."""


def number(value: float) -> str:
    """Return a coordinate with two decimals at most.

    Examples
    --------
    >>> number(3.0), number(1 / 3), number(-0.001)
    ('3', '0.33', '0')
    """
    short = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short


def colour(name: str) -> str:
    """Return the CSS value of a palette name, or any other colour unchanged."""
    return css(name) if name in PALETTE else name


class Canvas:
    """An SVG picture under construction, of a given width and height in pixels.

    A notebook shows it through ``_repr_html_``.

    Examples
    --------
    >>> canvas = Canvas(20, 10)
    >>> canvas.rect(0, 0, 20, 10, fill="wash")
    >>> "<rect" in canvas.svg()
    True
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def rect(
        self, x: float, y: float, w: float, h: float, *, fill: str = "none", stroke: str = "none",
        width: float = 1, dash: str = "", radius: float = 0,
    ) -> None:  # fmt: skip
        """Add a rectangle with its upper left corner at (x, y)."""
        style = f"fill:{colour(fill)}"
        if stroke != "none":
            style += f";stroke:{colour(stroke)};stroke-width:{number(width)}"
        if dash:
            style += f";stroke-dasharray:{dash}"
        box = f'x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"'
        round_ = f' rx="{number(radius)}"' if radius else ""
        self._parts.append(f'<rect {box}{round_} style="{style}"/>')

    def text(
        self, x: float, y: float, words: str, *, size: float = 13, fill: str = "ink",
        anchor: str = "middle", weight: int = 400,
    ) -> None:  # fmt: skip
        """Add a line of text whose vertical middle is at y."""
        style = f"fill:{colour(fill)};font-size:{number(size)}px;text-anchor:{anchor}"
        if weight != 400:
            style += f";font-weight:{weight}"
        place = f'x="{number(x)}" y="{number(y + 0.35 * size)}"'
        self._parts.append(f'<text {place} style="{style}">{escape(words)}</text>')

    def cells(
        self, corners: Iterable[tuple[float, float]], size: float, *, fill: str,
        stroke: str = "rule", dash: str = "",
    ) -> None:  # fmt: skip
        """Add many squares of one look as a single path; corners are their upper left ones."""
        style = f"fill:{colour(fill)};stroke:{colour(stroke)}"
        style += f";stroke-dasharray:{dash}" if dash else ""
        side = number(size)
        d = "".join(f"M{number(x)} {number(y)}h{side}v{side}h-{side}z" for x, y in corners)
        if d:
            self._parts.append(f'<path d="{d}" style="{style}"/>')

    def dots(
        self, centres: Iterable[tuple[float, float]], radius: float, *, fill: str = "ink"
    ) -> None:
        """Add filled circles around these points."""
        r, style = number(radius), f"fill:{colour(fill)}"
        circles = (f'<circle cx="{number(x)}" cy="{number(y)}" r="{r}"/>' for x, y in centres)
        self._parts.append(f'<g style="{style}">{"".join(circles)}</g>')

    def image(
        self, x: float, y: float, w: float, h: float, uri: str, *, sharp: bool = False
    ) -> None:
        """Add a picture made of pixels, given as a data URI, stretched over a rectangle."""
        look = ' style="image-rendering:pixelated"' if sharp else ""
        box = f'x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"'
        self._parts.append(f'<image {box}{look} preserveAspectRatio="none" href="{uri}"/>')

    def path(
        self, d: str, *, stroke: str = "muted", width: float = 1.5, fill: str = "none",
        dash: str = "",
    ) -> None:  # fmt: skip
        """Add a path given in SVG's own letters."""
        style = f"fill:{colour(fill)};stroke:{colour(stroke)};stroke-width:{number(width)}"
        style += f";stroke-dasharray:{dash}" if dash else ""
        self._parts.append(f'<path d="{d}" style="{style}"/>')

    def arrow(self, x0: float, y0: float, x1: float, y1: float, *, stroke: str = "muted") -> None:
        """Add a straight arrow from (x0, y0) to (x1, y1)."""
        length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-9)
        ux, uy = (x1 - x0) / length * 7, (y1 - y0) / length * 7
        a, b = number(x1), number(y1)
        left = f"{number(x1 - ux - uy * 0.5)} {number(y1 - uy + ux * 0.5)}"
        right = f"{number(x1 - ux + uy * 0.5)} {number(y1 - uy - ux * 0.5)}"
        shaft = f"M{number(x0)} {number(y0)}L{number(x1 - ux)} {number(y1 - uy)}"
        self.path(shaft, stroke=stroke)
        self.path(f"M{a} {b}L{left}L{right}Z", stroke=stroke, width=0.5, fill=stroke)

    def paste(self, other: Canvas, x: float, y: float) -> None:
        """Put another drawing here, its upper left corner at (x, y)."""
        body = "\n".join(other._parts)
        self._parts.append(f'<g transform="translate({number(x)} {number(y)})">\n{body}\n</g>')

    @contextmanager
    def group(self, **attributes: str) -> Iterator[None]:
        """Put what is drawn inside the ``with`` block into one group with these attributes.

        Underscores in a name become hyphens: ``data_from="3"`` is written ``data-from="3"``.
        """
        pairs = (f' {name.replace("_", "-")}="{escape(v)}"' for name, v in attributes.items())
        self._parts.append(f"<g{''.join(pairs)}>")
        yield
        self._parts.append("</g>")

    @contextmanager
    def clip(self, x: float, y: float, w: float, h: float) -> Iterator[None]:
        """Show of what is drawn inside the ``with`` block, from (x, y) on, a rectangle alone."""
        box = f'x="{number(x)}" y="{number(y)}" width="{number(w)}" height="{number(h)}"'
        self._parts.append(f'<svg {box} aria-hidden="true">')
        yield
        self._parts.append("</svg>")

    def svg(self) -> str:
        """Return the picture as an ``<svg>`` element."""
        w, h = number(self.width), number(self.height)
        font = "font-family:var(--dln-figure-font,system-ui,sans-serif)"
        head = f'<svg class="dln-fig" viewBox="0 0 {w} {h}" width="{w}" height="{h}"'
        look = f'style="display:block;margin:auto;max-width:100%;height:auto;{font}"'
        body = "\n".join(self._parts)
        return f'{head} {look} xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>'

    def __repr__(self) -> str:
        return f"<a drawing of {number(self.width)} by {number(self.height)} pixels>"

    def html(self) -> str:
        """Return the drawing as it stands in a page."""
        return self.svg()

    def _repr_html_(self) -> str:
        return in_notebook(self.html())


class Row:
    """Drawings beside each other; below each other where there is no room."""

    def __init__(self, drawings: Sequence[Canvas], gap: float) -> None:
        self.drawings, self.gap = drawings, gap

    def __repr__(self) -> str:
        return f"<{len(self.drawings)} drawings beside each other>"

    def html(self) -> str:
        """Return the drawings as they stand in a page."""
        return panels(self.drawings, f"{number(self.gap)}px")

    def _repr_html_(self) -> str:
        return in_notebook(self.html())


class Parts(Canvas):
    """A drawing that a page shows as its parts, below each other where there is no room."""

    parts: Sequence[Canvas] = ()
    gap = 12.0

    def html(self) -> str:
        """Return the parts as they stand in a page."""
        return panels(self.parts, f"{number(self.gap)}px")


@cache
def script_element(name: str) -> str:
    """Return a script of this folder in the element that the book recognises and leaves out."""
    text = files("dlnotes.plotting").joinpath(*name.split("/")).read_text(encoding="utf-8")
    text = text.replace("/*dark*/", dark()).replace("/*light*/", variables())
    return f"<script data-dln-explore>{text}</script>"


def kept(markup: str) -> str:
    """Return a figure's markup as a notebook keeps it.

    JupyterLab drops scripts, with what they hold, from a notebook that is not trusted: of the
    figure remains one line that says what to do.
    """
    return f'<p class="dln-untrusted">{UNTRUSTED}</p>\n<script type="text/html">{markup}</script>'


def in_notebook(markup: str) -> str:
    """Return the HTML that shows a drawing in a notebook, in its light or dark theme."""
    return f"{kept(markup)}\n{script_element('still.js')}"


def panels(drawings: Sequence[Canvas], gap: str, label: str = "") -> str:
    """Return drawings as one picture that wraps: each has its own size, and one label holds all."""
    name = f' aria-label="{escape(label)}"' if label else ""
    look = f"display:flex;flex-wrap:wrap;justify-content:center;align-items:center;gap:{gap}"
    inside = "".join(
        f'<div style="flex:0 1 {number(drawing.width)}px;min-width:0">{hidden(drawing)}</div>'
        for drawing in drawings
    )
    return f'<div class="dln-panels" role="img"{name} style="{look}">{inside}</div>'


def hidden(drawing: Canvas) -> str:
    """Return a drawing as a part of a picture whose label stands for all of it."""
    return drawing.svg().replace(' xmlns="http://www.w3.org/2000/svg"', ' aria-hidden="true"')


def beside(drawings: Mapping[str, Canvas], *, gap: float = 24) -> Row:
    """Put drawings beside each other, each under its name.

    Raises
    ------
    ValueError
        If there is none.

    Examples
    --------
    >>> beside({"a": Canvas(20, 10), "b": Canvas(30, 40)})
    <2 drawings beside each other>
    """
    if not drawings:
        raise ValueError("beside: got no drawing; give at least one")
    return Row([_titled(name, drawing) for name, drawing in drawings.items()], gap)


def _titled(name: str, drawing: Canvas) -> Canvas:
    """Return a drawing with a name above it, wide enough for both."""
    width = max(drawing.width, 7.6 * len(name))
    canvas = Canvas(width, drawing.height + 24)
    canvas.text(width / 2, 10, name, size=13, weight=600)
    canvas.paste(drawing, (width - drawing.width) / 2, 24)
    return canvas
