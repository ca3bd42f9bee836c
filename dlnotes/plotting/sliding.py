"""The kernel sliding over an image, position by position."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlnotes.plotting.grids import Grid, Look, plain, signed, written
from dlnotes.plotting.player import Player, from_step, moving
from dlnotes.plotting.svg import Canvas

CELL = 34.0
TOP = 28.0
GAP = 46.0


def sliding_window(
    x: Any,
    w: Any,
    y: Any,
    *,
    stride: int = 1,
    padding: int = 0,
    still: int | None = None,
    names: tuple[str, str] = ("image", "output"),
    look: Look = plain,
    out_look: Look = signed,
) -> Player:
    """Show how a kernel slides over an image and fills its output, number by number.

    Parameters
    ----------
    x : array_like, shape (H, W)
        The image, without padding.
    w : array_like, shape (R, S)
        The kernel as it is laid on the image (already flipped, for a true convolution).
    y : array_like, shape (P, Q)
        The output, as computed by the caller; the figure adds the products up again.
    stride, padding : int
        As in `dlnotes.functional.conv2d`, the same along both axes.
    still : int, optional
        The step shown in print, by default the last.
    names : tuple of str
        What stands above the image and above the output.
    look, out_look : callable
        How the cells of the image and of the output are coloured. The window is tinted on a plain
        image only, where no other colour means anything.

    Returns
    -------
    Player
        One step for each output.

    Raises
    ------
    ValueError
        If ``y`` is not what the kernel gives at some position.

    Examples
    --------
    >>> player = sliding_window([[1, 2], [3, 4]], [[1, 1]], [[3], [7]])
    >>> list(player.notes)
    ['1·1 + 2·1 = 3', '3·1 + 4·1 = 7']
    """
    image, kernel, output = (np.asarray(part, dtype=float) for part in (x, w, y))
    image = np.pad(image, padding)
    rows, columns = kernel.shape
    corners = [(stride * p, stride * q) for p, q in np.ndindex(*output.shape)]
    last = len(corners) - 1
    still = last if still is None else still
    sums = zip(corners, output.ravel(), strict=True)
    notes = [_sum(image[i : i + rows, j : j + columns], kernel, out) for (i, j), out in sums]

    left = Grid(image, names[0], look, CELL)
    right = Grid(output, names[1], out_look, CELL)
    canvas = Canvas(left.width + GAP + right.width + 6, TOP + max(left.height, right.height) + 4)
    shifts = [(CELL * j, CELL * i) for i, j in corners]
    _draw_image(canvas, left, kernel, shifts, still)
    _draw_output(canvas, right, left.width + GAP + 3, still)
    return Player(canvas, notes, still)


def _sum(window: np.ndarray, kernel: np.ndarray, out: float) -> str:
    """Return the sum of products in words, after checking that it gives ``out``."""
    total = (window * kernel).sum() if window.shape == kernel.shape else "nothing (it does not fit)"
    if isinstance(total, str) or not np.isclose(total, out):
        raise ValueError(
            f"sliding_window: the kernel gives {total} where y holds {out}; "
            "pass the y that belongs to this x, w, stride and padding"
        )
    pairs = zip(window.ravel(), kernel.ravel(), strict=True)
    products = [f"{written(a)}·{_bracketed(b)}" for a, b in pairs if b]
    return f"{' + '.join(products)} = {written(out)}"


def _bracketed(value: float) -> str:
    return written(value) if value >= 0 else f"({written(value)})"


def _draw_image(
    canvas: Canvas, grid: Grid, kernel: np.ndarray, shifts: list[tuple[float, float]], still: int
) -> None:
    """Draw the image, the window that moves over it, and the weight in each cell's corner."""
    rows, columns = kernel.shape
    grid.draw_ground(canvas, 3, TOP)
    with canvas.group(**moving(shifts, still)):
        if grid.look is plain:
            canvas.rect(3, TOP, columns * CELL, rows * CELL, fill="accent-soft")
        for i, j in np.ndindex(rows, columns):
            canvas.rect(3 + j * CELL, TOP + i * CELL, CELL, CELL, stroke="rule")
    grid.draw_numbers(canvas, 3 - 5, TOP - 5)
    with canvas.group(**moving(shifts, still)):
        for (i, j), weight in np.ndenumerate(kernel):
            corner = (3 + (j + 1) * CELL - 2.5, TOP + (i + 1) * CELL - 6.5)
            canvas.text(*corner, f"×{written(weight)}", size=10, fill="accent", anchor="end")
        canvas.rect(3, TOP, columns * CELL, rows * CELL, stroke="accent", width=2.5)


def _draw_output(canvas: Canvas, grid: Grid, x: float, still: int) -> None:
    """Draw the output, each of its cells from the step on in which it is computed."""
    blank = Grid(np.zeros_like(grid.array), grid.name, plain, CELL, numbers=False)
    blank.draw_ground(canvas, x, TOP)
    middle = TOP + grid.height / 2
    canvas.arrow(x - GAP + 12, middle, x - 12, middle)
    columns = grid.array.shape[1]
    shifts = [(CELL * (n % columns), CELL * (n // columns)) for n in range(grid.array.size)]
    for step, (value, shift) in enumerate(zip(grid.array.ravel(), shifts, strict=True)):
        with canvas.group(**from_step(step, still)):
            Grid([[value]], "", grid.look, CELL).draw(canvas, x + shift[0], TOP + shift[1])
    with canvas.group(**moving(shifts, still)):
        canvas.rect(x, TOP, CELL, CELL, stroke="accent", width=2.5)
