"""The sum of each window, one axis after the other, and its transpose."""

from collections.abc import Sequence
from functools import reduce

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import quietly
from dlnotes.functional.pool._planes import (
    along,
    as_planes,
    beside,
    blocks,
    turned,
    turned_back,
)
from dlnotes.functional.pool._windows import Windows


@quietly
def averages(x: Array, windows: Sequence[Windows], divisor: Array | None = None) -> Array:
    """Return the sum of each window over its divisor.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W) or with another number of spatial axes
    windows : sequence of Windows
        One a spatial axis.
    divisor : ndarray, shape (P, Q) or without axes, optional
        When left out, how many places of the input each window holds.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array.

    Examples
    --------
    >>> from dlnotes.functional.pool._windows import adaptive
    >>> averages(np.ones((2, 3, 7, 6)), adaptive("averages", (7, 6), 2)).max()
    np.float64(1.0)
    """
    planes, by = as_planes(x), _divisor(windows, divisor, x)
    y = np.empty((len(planes), *(w.out for w in windows)), x.dtype)
    for part in blocks(planes):
        values, first = turned(planes[part], windows[-1].out)  # (H, W, M) or (M, H, W)
        for axis, w in reversed(list(enumerate(windows, start=first))):
            values = _sum_along(values, axis, w)  # this axis: n → out
        y[part] = turned_back(values / beside(by, first), first)
    return y.reshape(*x.shape[:2], *y.shape[1:])


@quietly
def spread(dy: Array, windows: Sequence[Windows], divisor: Array | None = None) -> Array:
    """Return what `averages` passes back: each window's share, added where windows overlap.

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    windows, divisor
        As in `averages`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Examples
    --------
    >>> from dlnotes.functional.pool._windows import adaptive
    >>> spread(np.ones((1, 1, 2)), adaptive("spread", (5,), 2))[0, 0, 2]
    np.float64(0.6666666666666666)
    """
    planes, by = as_planes(dy), _divisor(windows, divisor, dy)
    dx = np.empty((len(planes), *(w.n for w in windows)), dy.dtype)
    for part in blocks(dx):
        values, first = turned(planes[part], windows[-1].out)  # (P, Q, M) or (M, P, Q)
        values = values / beside(by, first)
        for axis, w in enumerate(windows, start=first):
            values = _spread_along(values, axis, w)  # this axis: out → n
        dx[part] = turned_back(values, first)
    return dx.reshape(*dy.shape[:2], *dx.shape[1:])


def counts(sizes: Sequence[Array]) -> Array:
    """Multiply the windows' sizes along each axis: how many places each window holds.

    Parameters
    ----------
    sizes : sequence of ndarray of int
        One array a spatial axis, shapes (P,) and (Q,).

    Returns
    -------
    ndarray of int, shape (P, Q)

    Examples
    --------
    >>> counts([np.array([1, 2]), np.array([3, 3, 1])]).tolist()
    [[3, 3, 1], [6, 6, 2]]
    """
    return reduce(np.multiply.outer, sizes)


def _divisor(windows: Sequence[Windows], divisor: Array | None, like: Array) -> Array:
    """Return the divisor in the dtype of the values."""
    by = counts([w.inside for w in windows]) if divisor is None else divisor
    return by.astype(like.dtype)


def _sum_along(x: Array, axis: int, w: Windows) -> Array:
    """Shrink one axis to the sums of its windows."""
    total = np.zeros((*x.shape[:axis], w.out, *x.shape[axis + 1 :]), x.dtype)
    for outputs, inputs in w.taps:
        total[along(axis, outputs)] += x[along(axis, inputs)]
    return total


def _spread_along(dy: Array, axis: int, w: Windows) -> Array:
    """Stretch one axis: each input takes the gradients of all windows that hold it."""
    dx = np.zeros((*dy.shape[:axis], w.n, *dy.shape[axis + 1 :]), dy.dtype)
    for outputs, inputs in w.taps:
        dx[along(axis, inputs)] += dy[along(axis, outputs)]
    return dx
