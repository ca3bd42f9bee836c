"""Maps as slabs and vectors as bars, all of one drawing to one scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from dlnotes.counting import Shape, Shapes
from dlnotes.plotting.labels import COLOURS
from dlnotes.plotting.svg import Canvas, number
from dlnotes.plotting.tree import Box

THICK, BAR, SKEW = 26.0, 8.0, 0.2
"""Thickness of the deepest map, height of a bar, and how far the back edge is shifted."""


@dataclass(frozen=True)
class Scale:
    """Pixels for each root of a row, a channel and a unit."""

    side: float
    thick: float
    bar: float


def scale_of(places: Iterable[tuple[Box, float]]) -> Scale:
    """Return the scale at which every slab fits into its place.

    Parameters
    ----------
    places : iterable of (Box, float)
        Boxes with the width that their slabs may have.

    Returns
    -------
    Scale

    Examples
    --------
    >>> box = Box("", "input", "other", (4, 9, 9), (4, 9, 9))
    >>> round(slab_size((4, 9, 9), scale_of([(box, 100.0)]))[0])
    100
    """
    sides, bars, channels = [], [], [1]
    for box, room in places:
        for shape in single(box.output):
            if len(shape) > 1:
                sides.append(room / (1 + SKEW) / sqrt(shape[-1]))
                channels.append(shape[0])
            else:
                bars.append(room / sqrt(shape[0]))
    return Scale(min(sides, default=1.0), THICK / sqrt(max(channels)), min(bars, default=1.0))


def single(shape: Shapes) -> tuple[Shape, ...]:
    """Return one shape or several as several.

    Examples
    --------
    >>> single((3, 8, 8))
    ((3, 8, 8),)
    """
    several = tuple(one for one in shape if isinstance(one, tuple))
    return several or (tuple(size for size in shape if isinstance(size, int)),)


def slab_size(shape: Shapes, scale: Scale) -> tuple[float, float]:
    """Return width and height of the drawing of a shape, several below each other.

    Examples
    --------
    >>> slab_size(((9,), (9,)), Scale(1, 1, 2))
    (6.0, 19.0)
    """
    found = [_one_size(one, scale) for one in single(shape)]
    return max(w for w, _ in found), sum(h for _, h in found) + 3.0 * (len(found) - 1)


def draw_slab(
    canvas: Canvas, place: tuple[float, float], shape: Shapes, family: str, scale: Scale
) -> None:
    """Draw a shape in the colour of what made it.

    Parameters
    ----------
    canvas : Canvas
        Where to draw.
    place : (float, float)
        Its middle, and its upper edge.
    shape : tuple of int
        A map (C, ..., W), a vector (D,), or several of them.
    family : str
        Key of `labels.COLOURS`.
    scale : Scale
        From `scale_of`.

    Examples
    --------
    >>> canvas = Canvas(50, 50)
    >>> draw_slab(canvas, (25, 5), (4,), "dense", Scale(1, 1, 10))
    >>> canvas.svg().count("<path")
    1
    """
    x, y = place
    colour = COLOURS[family]
    soft = "wash" if colour == "muted" else f"{colour}-soft"
    for one in single(shape):
        width, height = _one_size(one, scale)
        back = _back(one, scale)
        left, right, top = x - width / 2, x + width / 2, y + back / 2
        low = y + height
        front = (
            f"M{number(left)} {number(top)}H{number(right - back)}V{number(low)}H{number(left)}Z"
        )
        canvas.path(front, stroke=colour, width=1, fill=soft)
        if back:
            d = f"M{number(left)} {number(top)}L{number(left + back)} {number(y)}H{number(right)}"
            canvas.path(
                f"{d}L{number(right - back)} {number(top)}Z", stroke=colour, width=1, fill="paper"
            )
            d = f"M{number(right - back)} {number(top)}L{number(right)} {number(y)}"
            d += f"V{number(low - back / 2)}L{number(right - back)} {number(low)}Z"
            canvas.path(d, stroke=colour, width=1, fill=soft)
        y = low + 3


def _back(shape: Shape, scale: Scale) -> float:
    """Return how far the back edge is shifted: the map's other side, seen from above."""
    return scale.side * sqrt(shape[-2]) * SKEW if len(shape) > 2 else 0.0


def _one_size(shape: Shape, scale: Scale) -> tuple[float, float]:
    """Return width and height of one slab or bar."""
    if len(shape) < 2:
        return max(scale.bar * sqrt(shape[0]), 2.0), BAR
    back = _back(shape, scale)
    width = max(scale.side * sqrt(shape[-1]), 2.0) + back
    return width, 2.0 + scale.thick * sqrt(shape[0]) + back / 2
