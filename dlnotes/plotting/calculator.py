"""A calculator of sizes for the page, and the picture that follows."""

from __future__ import annotations

from dlnotes import shapes
from dlnotes.plotting.controls import slider, toggle
from dlnotes.plotting.explorer import Explorer, explore
from dlnotes.plotting.svg import Canvas
from dlnotes.plotting.windows import axis_windows

KERNELS, STRIDES = range(1, 6), range(1, 5)
FEWEST = 130.0
"""Height of the drawing at least, so that the page below rarely moves."""
MOST = 9
"""Cells of the longest input: with padding on both sides, a phone shows no more."""


def size_sentence(n: int, k: int, s: int, p: int, d: int) -> str:
    """Return the output size worked out in one line, as the calculator writes it.

    Examples
    --------
    >>> size_sentence(7, 3, 2, 1, 1)
    '⌊(7 + 2·1 − 3) / 2⌋ + 1 = 4'
    >>> size_sentence(2, 3, 1, 0, 2)
    'The kernel covers 5 cells, and there are only 2: no place.'
    """
    reach = shapes.effective_kernel(k, d)
    if reach > n + 2 * p:
        return f"The kernel covers {reach} cells, and there are only {n + 2 * p}: no place."
    out = shapes.conv_out(n, k, stride=s, padding=p, dilation=d)
    return f"⌊({n} + 2·{p} − {reach}) / {s}⌋ + 1 = {out}"


def size_calculator(n: int = 7, k: int = 3, s: int = 1) -> Explorer:
    """Return a calculator for an axis of `n` cells: kernel and stride, padding 1, dilation 2.

    Parameters
    ----------
    n : int
        Cells of the axis, at most nine.
    k, s : int
        Kernel and stride at the start, up to five and four.

    Returns
    -------
    Explorer

    Raises
    ------
    ValueError
        If n, k or s is out of range.

    Examples
    --------
    >>> size_calculator(7, k=3, s=2)
    <a figure to handle: kernel, stride, padding, dilation, in 80 states>
    """
    if not 1 <= n <= MOST:
        raise ValueError(f"size_calculator: n is from 1 to {MOST}; got {n}; a phone shows no more")

    def draw(kernel: int, stride: int, padding: bool, dilation: bool) -> list[Canvas | str]:
        p, d = int(padding), 1 + dilation
        if shapes.effective_kernel(kernel, d) > n + 2 * p:
            drawing, windows = axis_windows(n, 1, stride=n + 2, padding=p), 1
        else:
            drawing = axis_windows(n, kernel, stride=stride, padding=p, dilation=d)
            windows = shapes.conv_out(n, kernel, stride=stride, padding=p, dilation=d)
        drawing.height = max(drawing.height, FEWEST)
        for _ in range(windows, n + 2):  # as many groups in every state: fewer bytes
            with drawing.group():
                pass
        return [drawing, size_sentence(n, kernel, stride, p, d)]

    return explore(
        draw,
        kernel=slider(KERNELS, "kernel k", start=k),
        stride=slider(STRIDES, "stride s", start=s),
        padding=toggle("padding p = 1"),
        dilation=toggle("dilation d = 2"),
    )
