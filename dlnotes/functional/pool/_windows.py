"""Windows of one axis as pairs of slices, so that pooling is a few operations on whole arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, require_small
from dlnotes.functional._options import as_bool
from dlnotes.shapes import IntOrTuple, Padding, adaptive_windows, as_tuple, pool_out_nd
from dlnotes.shapes.axis import Axis, read_axes

Tap = tuple[slice, slice]

FINEST = 2**16
"""Adaptive windows that an axis may have: each of them is a pair of slices."""


@dataclass(frozen=True)
class Windows:
    """The windows of one axis.

    Attributes
    ----------
    n, out : int
        Input and output size.
    taps : tuple of (slice, slice)
        Outputs, and the input that each of them reads. Every output meets its inputs in
        ascending order when the taps are taken in turn.
    starts : tuple of (slice, slice)
        Every output once, and the first input that it reads.
    inside, padded : ndarray of int, shape (out,)
        How many places of the input each window holds, and how many with the padding.
    """

    n: int
    out: int
    taps: tuple[Tap, ...]
    starts: tuple[Tap, ...]
    inside: Array
    padded: Array

    @property
    def rest(self) -> tuple[Tap, ...]:
        """The taps that `starts` leaves."""
        return tuple(tap for tap in self.taps if tap not in self.starts)


def fixed(
    caller: str,
    sizes: Sequence[int],
    kernel: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    dilation: IntOrTuple,
    ceil_mode: bool,
) -> tuple[Windows, ...]:
    """Return the windows of a pooling with one size and one stride an axis.

    Parameters
    ----------
    caller : str
        The function that messages name.
    sizes : sequence of int
        Input size of each spatial axis.
    kernel, stride, padding, dilation, ceil_mode
        As in `max_pool2d`.

    Returns
    -------
    tuple of Windows
        One an axis.

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.shapes.pool_out_nd`; if ceil_mode is no bool; if a dilated window holds
        nothing but padding.

    Examples
    --------
    >>> [w.taps for w in fixed("max_pool1d", [5], 2, None, 0, 1, True)]
    [((slice(0, 3, None), slice(0, 5, 2)), (slice(0, 2, None), slice(1, 4, 2)))]
    """
    given: Any = (tuple(sizes), kernel, stride, padding, dilation)
    read = _read if all(map(_is_plain, given)) else _read.__wrapped__
    return read(caller, *given, as_bool(caller, "ceil_mode", ceil_mode))


@lru_cache(maxsize=256)
def _read(
    caller: str,
    sizes: Sequence[int],
    kernel: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    dilation: IntOrTuple,
    ceil_mode: bool,
) -> tuple[Windows, ...]:
    """Read the windows; a network asks for the same ones at every step."""
    stride = kernel if stride is None else stride
    out = pool_out_nd(
        sizes,
        kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        caller=caller,
    )
    axes = read_axes(caller, sizes, kernel, stride, padding, dilation, fits=False)
    require_small(caller, kernel_size=[a.k for a in axes], stride=[a.stride for a in axes])
    require_small(caller, dilation=[a.dilation for a in axes])
    return tuple(_sliding(caller, axis, count) for axis, count in zip(axes, out, strict=True))


def _is_plain(value: object) -> bool:
    """Say whether equal values are equally good arguments, which True, 1 and 1.0 are not."""
    entries = value if isinstance(value, tuple) else (value,)
    return all(type(entry) in (int, str, type(None)) for entry in entries)


def _sliding(caller: str, axis: Axis, out: int) -> Windows:
    """Return windows that move by one stride."""
    s, d = axis.stride, axis.dilation
    begin = np.arange(out) * s - axis.before
    skipped = -(np.minimum(begin, 0) // d)  # entries of the window before the input
    inside = np.minimum(axis.k, (axis.n - 1 - begin) // d + 1) - skipped
    if inside.min() < 1:
        raise ValueError(
            f"{caller}: a window steps over all {axis.n} rows and holds nothing but padding; "
            f"got {axis}; use a dilation of at most {axis.n} or no padding"
        )
    taps = []
    unseen = max(0, -(-(axis.before - (out - 1) * s) // d))  # entries that no window has inside
    for offset in range(unseen * d - axis.before, min(axis.reach - axis.before, axis.n), d):
        low, high = max(0, -(offset // s)), min(out, (axis.n - 1 - offset) // s + 1)
        if low < high:
            inputs = slice(low * s + offset, (high - 1) * s + offset + 1, s)
            taps.append((slice(low, high), inputs))
    starts = [_single(j, begin[j] + d * skipped[j]) for j in range(taps[0][0].start)]
    padded = np.minimum(axis.k, axis.n + axis.after - begin)
    return Windows(axis.n, out, tuple(taps), (taps[0], *starts), inside, padded)


def _single(output: int, row: int) -> Tap:
    """Return the tap of one output and one input."""
    return slice(output, output + 1), slice(int(row), int(row) + 1)


def adaptive(
    caller: str, sizes: Sequence[int], output_size: IntOrTuple | Sequence[int | None] | None
) -> tuple[Windows, ...]:
    """Return the windows that give a fixed number of outputs, whatever the input size.

    They repeat after out/g windows and n/g rows, with g the greatest common divisor, so that a
    slice takes one window in each period.

    Parameters
    ----------
    caller : str
        The function that messages name.
    sizes : sequence of int
        Input size of each spatial axis.
    output_size : int or sequence of int or None
        As in `adaptive_avg_pool2d`.

    Returns
    -------
    tuple of Windows
        One an axis.

    Raises
    ------
    TypeError, ValueError
        If an output size is no int, below 1, above `FINEST`, or there is not one an axis.

    Examples
    --------
    >>> [w.inside.tolist() for w in adaptive("adaptive_avg_pool1d", [14], 4)]
    [[4, 4, 4, 4]]
    """
    wanted = output_size
    if isinstance(wanted, list | tuple) and len(wanted) == len(sizes):
        wanted = [n if o is None else o for n, o in zip(sizes, wanted, strict=True)]
    out = as_tuple(wanted, len(sizes), "output_size", caller=caller)  # type: ignore[arg-type]
    if max(out) > FINEST:
        raise ValueError(
            f"{caller}: output_size asks for {max(out)} windows, beyond {FINEST}; "
            f"got output_size={output_size!r}; use a smaller output_size"
        )
    return tuple(_periodic(n, o) for n, o in zip(sizes, out, strict=True))


def _periodic(n: int, out: int) -> Windows:
    """Return adaptive windows of one axis."""
    g = gcd(n, out)
    windows = adaptive_windows(n, out)
    phases = [
        [(slice(j, None, out // g), slice(row, n - n // g + row + 1, n // g)) for row in window]
        for j, window in enumerate(windows[: out // g])
    ]
    inside = np.array([len(window) for window in windows])
    taps = tuple(tap for phase in phases for tap in phase)
    return Windows(n, out, taps, tuple(phase[0] for phase in phases), inside, inside)
