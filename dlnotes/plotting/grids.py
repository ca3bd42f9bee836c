"""Grids of numbers: matrices, images and kernels drawn cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlnotes.plotting.svg import Canvas, Parts

Look = Callable[[float], tuple[str, str]]
"""From a cell's value to the colours of its ground and of its number."""


def plain(value: float) -> tuple[str, str]:
    """Cells on paper, whatever they hold."""
    return "paper", "ink"


def signed(value: float) -> tuple[str, str]:
    """Positive cells in the accent colour, negative ones in the warm colour, zero on paper."""
    if value == 0:
        return "paper", "muted"
    return ("accent-soft", "ink") if value > 0 else ("warm-soft", "ink")


def ones(value: float) -> tuple[str, str]:
    """Cells that hold something against cells that hold zero."""
    return ("accent-soft", "ink") if value else ("paper", "muted")


def gray(low: float, high: float) -> Look:
    """Cells as bright as their value: ``low`` is black and ``high`` is white.

    Examples
    --------
    >>> gray(0, 10)(10)
    ('#fafafa', '#000')
    """

    def look(value: float) -> tuple[str, str]:
        part = min(max((value - low) / (high - low), 0.0), 1.0)
        level = round(40 + 210 * part)
        return f"#{level:02x}{level:02x}{level:02x}", "#000" if level > 120 else "#fff"

    return look


def written(value: float, digits: int = 3) -> str:
    """Return a number as a figure shows it: a true minus sign, few significant digits.

    Examples
    --------
    >>> written(-3.0), written(0.125), written(2 / 3)
    ('−3', '0.125', '0.667')
    """
    short = f"{value:.0f}" if float(value).is_integer() else f"{value:.{digits}g}"
    return short.replace("-", "−")


@dataclass(frozen=True)
class Grid:
    """A matrix to be drawn: its values (H, W), a name above it, and how its cells look.

    ``mark`` is a rectangle (row, column, rows, columns) to be outlined. With ``numbers=False``
    only the colours are drawn. A value that is NaN is a cell that is still empty. In `explore`,
    a click on a cell of a grid with ``pick`` sets the control of that name: to its first value in
    the upper left cell, and on row by row.
    """

    values: Any
    name: str = ""
    look: Look = plain
    cell: float = 30
    mark: tuple[int, int, int, int] | None = None
    numbers: bool = True
    pick: str = ""

    @property
    def array(self) -> np.ndarray:
        """The values as a matrix (H, W)."""
        values = np.asarray(self.values, dtype=float)
        if values.ndim != 2 or not values.size:
            raise ValueError(
                f"Grid: values must be a matrix with at least one cell; got shape {values.shape}; "
                "pick one image and one channel, such as y[0, 0]"
            )
        return values

    @property
    def width(self) -> float:
        """Width in pixels."""
        return self.array.shape[1] * self.cell

    @property
    def height(self) -> float:
        """Height in pixels, the name not counted."""
        return self.array.shape[0] * self.cell

    def canvas(self) -> Canvas:
        """Draw the grid as a picture of its own; on plain cells, what is marked is tinted."""
        width = max(self.width + 4, 0.56 * 12.5 * len(self.name))
        top = 26 if self.name else 2
        canvas = Canvas(width, top + self.height + 2)
        left = (width - self.width) / 2
        self.draw_ground(canvas, left, top, tinted=self.mark)
        self.draw_numbers(canvas, left, top)
        row, column, rows, columns = (self.cell * part for part in self.mark or (0, 0, 0, 0))
        stroke = "accent" if self.mark else "none"
        canvas.rect(left + column, top + row, columns, rows, stroke=stroke, width=2.5)
        return canvas

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Draw the grid with its upper left corner at (x, y), its name above that."""
        self.draw_ground(canvas, x, y)
        self.draw_numbers(canvas, x, y)
        if self.mark:
            row, column, rows, columns = (self.cell * part for part in self.mark)
            canvas.rect(x + column, y + row, columns, rows, stroke="accent", width=2.5)

    def draw_ground(
        self, canvas: Canvas, x: float, y: float, *, tinted: tuple[int, int, int, int] | None = None
    ) -> None:
        """Draw the cells without their numbers, and the name."""
        row, column, rows, columns = tinted or (0, 0, 0, 0)
        for n, ((i, j), value) in enumerate(np.ndenumerate(self.array)):
            left, top = x + j * self.cell, y + i * self.cell
            ground = self.look(value)[0] if value == value else "wash"
            if self.look is plain and row <= i < row + rows and column <= j < column + columns:
                ground = "accent-soft"
            with canvas.group(data_pick=f"{self.pick} {n}") if self.pick else nullcontext():
                canvas.rect(left, top, self.cell, self.cell, fill=ground, stroke="rule")
        if self.name:
            canvas.text(x + self.width / 2, y - 12, self.name, size=12.5, fill="muted")

    def draw_numbers(self, canvas: Canvas, x: float, y: float) -> None:
        """Write the numbers into the cells."""
        if not self.numbers:
            return
        size = min(14.0, 0.46 * self.cell)
        for (i, j), value in np.ndenumerate(self.array):
            centre = (x + (j + 0.5) * self.cell, y + (i + 0.5) * self.cell)
            words, ink = (written(value), self.look(value)[1]) if value == value else ("", "ink")
            canvas.text(*centre, words, size=size, fill=ink)


def row(items: Sequence[Grid | str], *, gap: float = 12) -> Parts:
    """Draw grids beside each other, with signs such as ``"="`` between them.

    A page that is too narrow shows them below each other.

    Parameters
    ----------
    items : sequence of Grid or str
        From left to right. Words take the width that they need.
    gap : float
        Space between two items, in pixels.

    Returns
    -------
    Parts
        A Canvas, which a notebook shows.

    Examples
    --------
    >>> row([Grid([[1, 2]]), "=", Grid([[1, 2]])]).width  # 60 + 12 + 16 + 12 + 60 + 4
    164
    """
    widths = [item.width if isinstance(item, Grid) else 8 + 8 * len(item) for item in items]
    grids = [item for item in items if isinstance(item, Grid)]
    if not grids:
        raise ValueError("row: needs at least one Grid among its items; got none")
    top = 26 if any(grid.name for grid in grids) else 2
    tallest = max(grid.height for grid in grids)
    canvas = Parts(sum(widths) + gap * (len(items) - 1) + 4, top + tallest + 2)
    canvas.parts, canvas.gap = [_part(item, top) for item in items], gap
    x = 2.0
    for item, width in zip(items, widths, strict=True):
        if isinstance(item, Grid):
            item.draw(canvas, x, top + (tallest - item.height) / 2)
        else:
            canvas.text(x + width / 2, top + tallest / 2, item, size=17)
        x += width + gap
    return canvas


def _part(item: Grid | str, top: float) -> Canvas:
    """Return a grid, or a sign in the height of the grids' middle, as a picture of its own."""
    if isinstance(item, Grid):
        return item.canvas()
    canvas = Canvas(8 + 8 * len(item), 2 * top)
    canvas.text(canvas.width / 2, 1.5 * top - 1, item, size=17)
    return canvas
