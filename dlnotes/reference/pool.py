"""Pooling, window by window."""

from itertools import product

import numpy as np

from dlnotes.reference._types import Array
from dlnotes.shapes import IntOrTuple, Padding, adaptive_windows, as_pads, as_tuple, pool_windows


def max_pool2d_with_indices(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Array]:
    r"""Walk through each window row by row, and keep the largest value and its place.

    .. math::
        y_{ncpq} = \max_{r, s}\; x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel_size, stride, padding, dilation, ceil_mode
        As in `dlnotes.functional.max_pool2d`.

    Returns
    -------
    y : ndarray, shape (N, C, P, Q)
    indices : ndarray of int64, shape (N, C, P, Q)
        Places in the input without its padding, counted as h·W + w.

    Raises
    ------
    TypeError, ValueError
        If a number is no int, or the sizes do not fit.

    References
    ----------
    Concept pooling.

    Examples
    --------
    >>> y, indices = max_pool2d_with_indices(np.array([[[[1.0, 5.0], [3.0, 4.0]]]]), 2)
    >>> y.tolist(), indices.tolist()
    ([[[[5.0]]]], [[[[1]]]])
    """
    tall, wide = _pool_windows(x, kernel_size, stride, padding, dilation, ceil_mode)
    y = np.zeros((*x.shape[:2], len(tall), len(wide)), x.dtype)
    indices = np.zeros(y.shape, np.int64)
    for n, c, p, q in np.ndindex(y.shape):
        best, at = -np.inf, -1
        for h, j in product(tall[p], wide[q]):
            if at < 0 or x[n, c, h, j] > best or np.isnan(x[n, c, h, j]):
                best, at = x[n, c, h, j], h * x.shape[3] + j
        y[n, c, p, q], indices[n, c, p, q] = best, at
    return y, indices


def max_pool2d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    """Return the largest value of each window: `max_pool2d_with_indices` without the indices.

    Parameters
    ----------
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool2d_with_indices`.

    Returns
    -------
    ndarray, shape (N, C, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d_with_indices`.

    References
    ----------
    Concept pooling.

    Examples
    --------
    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).tolist()
    [[[[5.0, 7.0], [13.0, 15.0]]]]
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
    return max_pool2d_with_indices(x, kernel_size, **options)[0]  # type: ignore[arg-type]


def max_pool2d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    """Return the gradient of `max_pool2d`: each upstream gradient to its maximum's place.

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool2d_with_indices`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d_with_indices`.

    References
    ----------
    Concept pooling.

    Examples
    --------
    >>> x = np.array([[[[1.0, 5.0], [3.0, 4.0]]]])
    >>> max_pool2d_backward(np.array([[[[7.0]]]]), x, 2).tolist()
    [[[[0.0, 7.0], [0.0, 0.0]]]]
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil_mode}
    _, indices = max_pool2d_with_indices(x, kernel_size, **options)  # type: ignore[arg-type]
    dx = np.zeros_like(x)
    for n, c, p, q in np.ndindex(dy.shape):
        h, j = divmod(indices[n, c, p, q], x.shape[3])
        dx[n, c, h, j] += dy[n, c, p, q]
    return dx


def avg_pool2d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    r"""Sum each window value by value, and divide by how many places it has.

    .. math::
        y_{ncpq} = \frac{1}{|W_{pq}|} \sum_{r, s} x_{n,\,c,\;p\,s_H + r - p_H,\;q\,s_W + s - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `dlnotes.functional.avg_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, P, Q)

    Raises
    ------
    TypeError, ValueError
        If a number is no int, or the sizes do not fit.

    References
    ----------
    Concept average-pool.

    Examples
    --------
    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).tolist()
    [[[[2.5, 4.5], [10.5, 12.5]]]]
    """
    pads = as_pads(padding, kernel_size, 1, 1, 2) if count_include_pad else ((0, 0), (0, 0))
    tall, wide = _pool_windows(x, kernel_size, stride, padding, 1, ceil_mode)
    high, broad = _pool_windows(x, kernel_size, stride, padding, 1, ceil_mode, beyond=pads)
    y = np.zeros((*x.shape[:2], len(tall), len(wide)), x.dtype)
    for n, c, p, q in np.ndindex(y.shape):
        for h, j in product(tall[p], wide[q]):
            y[n, c, p, q] += x[n, c, h, j]
        y[n, c, p, q] /= len(high[p]) * len(broad[q])
    return y


def adaptive_avg_pool2d(x: Array, output_size: IntOrTuple) -> Array:
    r"""Average windows from the floor of p·H/P to the ceiling of (p+1)·H/P.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    output_size : int or (int, int)
        P and Q.

    Returns
    -------
    ndarray, shape (N, C, P, Q)

    Raises
    ------
    TypeError, ValueError
        If a size is no int or below 1.

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> adaptive_avg_pool2d(np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]]), (1, 2)).tolist()
    [[[[2.0, 3.0]]]]
    """
    out = as_tuple(output_size, 2, "output_size", caller="adaptive_avg_pool2d")
    tall, wide = (adaptive_windows(n, o) for n, o in zip(x.shape[2:], out, strict=True))
    y = np.zeros((*x.shape[:2], *out), x.dtype)
    for n, c, p, q in np.ndindex(y.shape):
        for h, j in product(tall[p], wide[q]):
            y[n, c, p, q] += x[n, c, h, j] / (len(tall[p]) * len(wide[q]))
    return y


def _pool_windows(
    x: Array,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    dilation: IntOrTuple,
    ceil_mode: bool,
    beyond: tuple[tuple[int, int], ...] = ((0, 0), (0, 0)),
) -> list[list[list[int]]]:
    """Return the rows, and the columns, of each window that lie in the image and `beyond` it."""
    kernel = as_tuple(kernel_size, 2, "kernel_size", caller="pooling")
    steps = kernel if stride is None else as_tuple(stride, 2, "stride", caller="pooling")
    pads = as_pads(padding, kernel, steps, dilation, 2, caller="pooling")
    gaps = as_tuple(dilation, 2, "dilation", caller="pooling")
    axes = zip(x.shape[2:], kernel, steps, pads, gaps, beyond, strict=True)
    return [
        [
            [place for place in window if -before <= place < size + after]
            for window in pool_windows(
                size, k, stride=s, padding=pad, dilation=d, ceil_mode=ceil_mode
            )
        ]
        for size, k, s, pad, d, (before, after) in axes
    ]
