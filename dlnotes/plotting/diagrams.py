"""Nodes and edges with their values, for figures to handle."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dlnotes.plotting.labels import text_width
from dlnotes.plotting.svg import Canvas

Edge = tuple[str, str]

SIZE = 12.0
HIGH, ROW = 46.0, 84.0


def diagram(
    places: Mapping[str, tuple[float, float]],
    values: Mapping[str, str | Sequence[str]] | None = None,
    edges: Mapping[Edge, str] | Collection[Edge] = (),
    *,
    lit: Collection[Any] = (),
    width: float = 330,
) -> Canvas:
    """Draw nodes with their values, and arrows between them; a panel of `explore`.

    Parameters
    ----------
    places : mapping of str to (column, row)
        Where each node stands, rows from the top; fractions are fine.
    values : mapping of str to str or (str, str), optional
        What is written below a node's name: one value in blue, a second one in orange.
    edges : collection of (str, str), or mapping of (str, str) to str
        From which node to which, with or without words.
    lit : collection
        Names and edges that stand out.
    width : float
        In pixels.

    Returns
    -------
    Canvas

    Raises
    ------
    ValueError
        If an edge, a value or something lit names a node that has no place.

    Examples
    --------
    >>> diagram({"x": (0, 1), "f": (0, 0)}, {"x": "2"}, {("x", "f"): "× 3"}).height
    134.0
    """
    values, lit = values or {}, list(lit)
    labels = dict(edges) if isinstance(edges, Mapping) else dict.fromkeys(edges, "")
    used = {*values, *(name for edge in labels for name in edge)}
    lost = sorted({*used, *(one for one in lit if one not in labels)} - set(places), key=str)
    if lost or not places:
        raise ValueError(
            f"diagram: {', '.join(map(str, lost)) or 'nothing'} has no place; "
            f"places are given for {', '.join(places) or 'nothing'}"
        )
    columns, rows = max(c for c, _ in places.values()), max(r for _, r in places.values())
    wide = min(96.0, (width - 4) / (columns + 1) - 12)
    step = (width - 4 - wide) / columns if columns else 0.0
    left = 2 + (0 if columns else (width - 4 - wide) / 2)
    canvas = Canvas(width, rows * ROW + HIGH + 4)
    corner = {name: (left + c * step, 2 + r * ROW) for name, (c, r) in places.items()}
    for edge, words in labels.items():
        _edge(canvas, corner[edge[0]], corner[edge[1]], wide, words, edge in lit)
    for name, place in corner.items():
        given = values.get(name, ())
        inside = [given] if isinstance(given, str) else list(given)
        _node(canvas, place, wide, name, inside, name in lit)
    return canvas


def _node(
    canvas: Canvas, corner: tuple[float, float], wide: float, name: str, values: list[str],
    lit: bool,
) -> None:  # fmt: skip
    """Draw a node: its name, and below it its values side by side."""
    x, y = corner
    look = ("accent-soft", "accent", 2.0) if lit else ("paper", "muted", 1.0)
    canvas.rect(x, y, wide, HIGH, fill=look[0], stroke=look[1], width=look[2], radius=6)
    canvas.text(x + wide / 2, y + (14 if values else HIGH / 2), name, size=SIZE)
    for at, word in enumerate(values):
        middle = x + wide * (2 * at + 1) / (2 * len(values))
        colour = "ink" if lit else ("accent", "warm")[at % 2]
        canvas.text(middle, y + 33, word, size=SIZE + 0.5, fill=colour, weight=600)


def _edge(
    canvas: Canvas, tail: tuple[float, float], head: tuple[float, float], wide: float, words: str,
    lit: bool,
) -> None:  # fmt: skip
    """Draw an arrow from the border of one node to that of another, its words in the middle."""
    (x0, y0), (x1, y1) = ((x + wide / 2, y + HIGH / 2) for x, y in (tail, head))
    dx, dy = x1 - x0, y1 - y0
    part = min(
        (wide / 2 + 2) / abs(dx) if dx else 9.0, (HIGH / 2 + 2) / abs(dy) if dy else 9.0, 0.5
    )
    colour = "warm" if lit else "muted"
    canvas.arrow(x0 + part * dx, y0 + part * dy, x1 - part * dx, y1 - part * dy, stroke=colour)
    shown = text_width(words, SIZE) + 6 if words else 0.0
    middle = ((x0 + x1) / 2, (y0 + y1) / 2)
    canvas.rect(middle[0] - shown / 2, middle[1] - 9, shown, 18, fill="paper")
    canvas.text(*middle, words, size=SIZE, fill=colour)
