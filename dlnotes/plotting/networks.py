"""Small networks as circles and lines, lines as wide as what flows along them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from dlnotes.plotting.grids import written
from dlnotes.plotting.svg import Canvas

RADIUS = 22.0
COLUMN, ROW = 78.0, 92.0


def network(
    units: Sequence[Sequence[float]],
    edges: Sequence[Any],
    *,
    names: Sequence[str] = (),
    digits: int = 2,
) -> Canvas:
    """Draw layers of units, inputs at the bottom, with lines as wide as their numbers are large.

    Parameters
    ----------
    units : sequence of sequences of float
        The number in each unit, layer by layer from the inputs up.
    edges : sequence of array_like, shape (units below, units above)
        The number on each line between two layers; positive ones are drawn in the accent
        colour, negative ones in the warm colour.
    names : sequence of str
        A word to the right of each layer.
    digits : int
        Decimals of the units' numbers.

    Returns
    -------
    Canvas

    Raises
    ------
    ValueError
        If the shapes of the lines are not those between the layers.

    Examples
    --------
    >>> network([[1, 2], [3]], [[[0.5], [-1]]]).height
    140.0
    """
    lines = _checked(units, edges)
    widest = max(map(len, units))
    side = 78.0 if names else 0.0
    canvas = Canvas(widest * COLUMN + side, (len(units) - 1) * ROW + 2 * RADIUS + 4)
    places = [
        [
            (
                (at + 0.5 + (widest - len(layer)) / 2) * COLUMN,
                canvas.height - RADIUS - 2 - ROW * level,
            )
            for at in range(len(layer))
        ]
        for level, layer in enumerate(units)
    ]
    _draw_lines(canvas, places, lines)
    for layer, spots in zip(units, places, strict=True):
        _draw_units(canvas, layer, spots, digits)
    for name, spots in zip(names, places, strict=False):
        canvas.text(widest * COLUMN, spots[0][1], name, size=12.5, fill="muted", anchor="start")
    return canvas


def _checked(units: Sequence[Sequence[float]], edges: Sequence[Any]) -> list[np.ndarray]:
    """Return the lines as arrays, whose shapes fit the layers."""
    lines = [np.asarray(edge, dtype=float) for edge in edges]
    wanted = [(len(low), len(high)) for low, high in pairwise(units)]
    if [line.shape for line in lines] != wanted:
        raise ValueError(
            f"network: between layers of {[len(layer) for layer in units]} units the lines have "
            f"shapes {wanted}; got {[line.shape for line in lines]}; give (below, above)"
        )
    return lines


Places = list[tuple[float, float]]


def _draw_lines(canvas: Canvas, places: list[Places], lines: list[np.ndarray]) -> None:
    """Draw the lines between the layers, the largest number as the widest of them."""
    largest = max((np.abs(line).max() for line in lines), default=1.0) or 1.0
    for (low, high), line in zip(pairwise(places), lines, strict=True):
        for (i, j), value in np.ndenumerate(line):
            (x0, y0), (x1, y1) = low[i], high[j]
            colour = "accent" if value >= 0 else "warm"
            width = 0.6 + 7 * abs(value) / largest
            canvas.path(f"M{x0:g} {y0:g}L{x1:g} {y1:g}", stroke=colour, width=width)


def _draw_units(canvas: Canvas, layer: Sequence[float], places: Places, digits: int) -> None:
    """Draw one layer's circles with their numbers."""
    canvas.dots(places, RADIUS + 1, fill="rule")
    canvas.dots(places, RADIUS, fill="paper")
    for value, (x, y) in zip(layer, places, strict=True):
        canvas.text(x, y, written(round(value, digits) + 0.0, digits + 1), size=12.5)
