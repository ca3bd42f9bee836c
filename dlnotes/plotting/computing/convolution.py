"""The explorer of convolutions: small tables whose every number the reader can change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlnotes import shapes
from dlnotes.plotting.computing.figure import Live
from dlnotes.plotting.grids import Grid, plain, signed, written
from dlnotes.plotting.svg import Canvas

INPUT, KERNEL, DEPTH, DIGIT = 6, 4, 3, 9
"""The longest sides of input and kernel, the most channels, and the largest number."""
CELL = 26
LIMITS = {"stride": (1, 3), "padding": (0, 3), "dilation": (1, 3), "output_padding": (0, 2)}


def convolution_explorer(
    x: Any,
    w: Any,
    *,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    output_padding: int = 0,
    transposed: bool = False,
    at: tuple[int, int] = (0, 0),
    names: Sequence[str] = (),
    settings: bool = True,
) -> Live:
    """Return a convolution of small tables in which the reader changes every number.

    The window of the chosen output is shown and its sum written out, beside the sizes that
    PyTorch, TensorFlow and Keras make of the same settings. It starts by PyTorch's rules.

    Parameters
    ----------
    x : array_like, shape (H, W) or (C, H, W)
        The input, whole numbers from -9 to 9; at most six rows, six columns, three channels.
    w : array_like, shape (R, S) or (C, R, S), or mapping of str to such
        The kernel, as deep as the input; at most four rows and columns. Of several with names the
        reader chooses; the first is seen first.
    stride, padding, dilation, output_padding : int
        As in `conv2d` and `conv_transpose2d`, the same along both axes, up to 3, 3, 3 and 2.
    transposed : bool
        Whether it starts with the transposed convolution.
    at : tuple of int
        Row and column of the output that is chosen at the start.
    names : sequence of str
        What stands above the channels, where there are several.
    settings : bool
        Whether stride, padding and the libraries' rules are unfolded at the start.

    Returns
    -------
    Live

    Raises
    ------
    ValueError
        If a table has the wrong shape or too large numbers, a setting is out of range, or there is
        no such output.

    Examples
    --------
    >>> convolution_explorer([[1, 2], [3, 4]], [[1, 1]])
    <a figure that computes in the page: convolution>
    """
    image = _table("x", x, INPUT)
    named = isinstance(w, Mapping)
    kernels = {
        name: _table(f"w {name!r}", one, KERNEL) for name, one in (w if named else {"": w}).items()
    }
    kernel = next(iter(kernels.values()))
    for name, one in kernels.items():
        if len(one) != len(image) or one.shape != kernel.shape:
            raise ValueError(
                f"convolution_explorer: w {name} has shape {one.shape} and x has {image.shape}; "
                "all kernels are of one shape, with as many channels as x"
            )
    given = {
        "stride": stride, "padding": padding, "dilation": dilation,
        "output_padding": output_padding,
    }  # fmt: skip
    for name, (least, most) in LIMITS.items():
        if shapes.as_int(given[name], name, least=least, caller="convolution_explorer") > most:
            raise ValueError(
                f"convolution_explorer: {name}={given[name]} is above {most}; the page shows small "
                f"tables alone; use {name} <= {most}"
            )
    still, value = _still(image, kernel, given, transposed, at, names)
    facts = {
        "kind": "transposed" if transposed else "convolution",
        "x": image.tolist(), "w": kernel.tolist(), "at": list(at), "names": list(names),
        "s": stride, "p": padding, "d": dilation, "e": output_padding,
        "settings": settings,
        "kernels": {name: one.tolist() for name, one in kernels.items()} if named else {},
    }  # fmt: skip
    sentence = f"y[{at[0]}, {at[1]}] = {written(value)}."
    return Live("convolution", still, sentence, facts, needs=("sizes",))


def _table(name: str, values: Any, most: int) -> np.ndarray:
    """Check a table of numbers and return it with its axis of channels."""
    table = np.asarray(values)
    table = table[None] if table.ndim == 2 else table
    if table.ndim != 3 or not table.size or max(table.shape[1:]) > most or len(table) > DEPTH:
        raise ValueError(
            f"convolution_explorer: {name} has shape {np.shape(values)}; give at most {most} rows "
            f"and columns, and at most {DEPTH} channels before them"
        )
    if not (table == np.clip(np.round(table), -DIGIT, DIGIT)).all():
        raise ValueError(
            f"convolution_explorer: {name} holds numbers from {table.min()} to {table.max()}; "
            f"give whole numbers from -{DIGIT} to {DIGIT}, which are multiplied in the head"
        )
    return table.astype(int)


def _still(
    x: np.ndarray, w: np.ndarray, given: dict[str, int], transposed: bool, at: tuple[int, int],
    names: Sequence[str],
) -> tuple[list[Canvas], int]:  # fmt: skip
    """Draw the tables as they start, and return the chosen output."""
    s, p, d, e = (given[name] for name in LIMITS)
    out = _size(x.shape[1:], w.shape[1:], given, transposed)
    if not (0 <= at[0] < out[0] and 0 <= at[1] < out[1]):
        raise ValueError(
            f"convolution_explorer: at={at} is no place of the output, which has {out[0]} rows and "
            f"{out[1]} columns; choose one of these, counted from 0"
        )
    rows, columns = (shapes.effective_kernel(k, d) for k in w.shape[1:])
    several = len(x) > 1
    grids = []
    for c, (channel, part) in enumerate(zip(x, w, strict=True)):
        name = (names[c] if c < len(names) else f"channel {c}") if several else "input"
        if transposed:
            grids.append(Grid(channel, name, plain, CELL))
        else:
            mark = (at[0] * s, at[1] * s, rows, columns)
            grids.append(Grid(np.pad(channel, p), name, plain, CELL, mark=mark))
        grids.append(Grid(part, "slice" if several else "kernel", signed, CELL))
    if transposed:
        y, frame, shift = _stamped(x, w, s, d, e), (p, p, out[0], out[1]), p
    else:
        y, frame, shift = _slid(np.pad(x, ((0, 0), (p, p), (p, p))), w, s, d), (*at, 1, 1), 0
    grids.append(Grid(y, f"output, {out[0]} × {out[1]}", signed, CELL, mark=frame))
    return [grid.canvas() for grid in grids], int(y[at[0] + shift, at[1] + shift])


def _size(
    sizes: Sequence[int], kernel: tuple[int, ...], given: dict[str, int], transposed: bool
) -> tuple[int, ...]:
    """Return rows and columns of the output."""
    s, p, d, e = (given[name] for name in LIMITS)
    caller = "convolution_explorer"
    if transposed:
        return shapes.conv_transpose_out_nd(
            sizes, kernel, stride=s, padding=p, output_padding=e, dilation=d, caller=caller
        )
    return shapes.conv_out_nd(sizes, kernel, stride=s, padding=p, dilation=d, caller=caller)


def _slid(x: np.ndarray, w: np.ndarray, s: int, d: int) -> np.ndarray:
    """Lay the kernel on every place where it fits: (P, Q)."""
    reach = tuple(shapes.effective_kernel(k, d) for k in w.shape[1:])
    windows = np.lib.stride_tricks.sliding_window_view(x, reach, axis=(1, 2))
    return np.asarray((windows[:, ::s, ::s, ::d, ::d] * w[:, None, None]).sum(axis=(0, 3, 4)))


def _stamped(x: np.ndarray, w: np.ndarray, s: int, d: int, e: int) -> np.ndarray:
    """Press the kernel onto a sheet once for each input; the sheet ends where the output does."""
    reach = [shapes.effective_kernel(k, d) for k in w.shape[1:]]
    sheet = np.zeros([s * (n - 1) + r + e for n, r in zip(x.shape[1:], reach, strict=True)], int)
    for c, i, j in np.ndindex(*x.shape):
        sheet[s * i : s * i + reach[0] : d, s * j : s * j + reach[1] : d] += x[c, i, j] * w[c]
    return sheet
