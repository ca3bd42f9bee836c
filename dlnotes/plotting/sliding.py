"""The kernel sliding over an image, position by position."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlnotes.plotting.controls import steps
from dlnotes.plotting.explorer import Explorer, explore
from dlnotes.plotting.grids import Grid, Look, plain, signed, written

CELL = 32.0


def sliding_window(
    x: Any,
    w: Any,
    y: Any,
    *,
    stride: int = 1,
    padding: int = 0,
    names: tuple[str, str] = ("image", "output"),
    look: Look = plain,
    out_look: Look = signed,
) -> Explorer:
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
    names : tuple of str
        What stands above the image and above the output.
    look, out_look : callable
        How the cells of the image and of the output are coloured.

    Returns
    -------
    Explorer
        One step for each output, at first one in the middle; a click on an output shows its window.

    Raises
    ------
    ValueError
        If ``y`` is not what the kernel gives at some position.

    Examples
    --------
    >>> sliding_window([[1, 2], [3, 4]], [[1, 1]], [[3], [7]])
    <a figure to handle: step, in 2 states>
    """
    image, kernel, output = (np.asarray(part, dtype=float) for part in (x, w, y))
    image = np.pad(image, padding)
    rows, columns = kernel.shape
    order = np.arange(output.size).reshape(output.shape)

    def draw(step: int) -> list[Grid | str]:
        p, q = divmod(step, output.shape[1])
        i, j = stride * p, stride * q
        filled = np.where(order <= step, output, np.nan)
        return [
            Grid(image, names[0], look, CELL, mark=(i, j, rows, columns)),
            Grid(kernel, "kernel", signed, CELL),
            Grid(filled, names[1], out_look, CELL, mark=(p, q, 1, 1), pick="step"),
            _sum(image[i : i + rows, j : j + columns], kernel, output[p, q]),
        ]

    return explore(draw, step=steps(output.size, start=(output.size - 1) // 2))


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
