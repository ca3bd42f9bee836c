"""Max pooling over one, two and three axes, each beside its backward pass."""

from math import prod

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional.pool._windows import Windows, read_windows, require_upstream
from dlnotes.shapes import IntOrTuple, Padding


def max_pool2d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    r"""Keep the largest value of each window of an image.

    .. math::
        y_{ncpq} = \max_{r, s}\; x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Outside of the input stands −∞, which never wins; a dilated window that steps over the whole
    input gives −∞.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    kernel_size : int or (int, int)
        Size of the window.
    stride : int or (int, int), optional
        Step of the windows; the window's size when left out, so that they do not overlap.
    padding : int, (int, int), ((top, bottom), (left, right)), or str
        Rows of −∞ around the input, at most half the window; names as in `dlnotes.shapes.as_pads`.
    dilation : int or (int, int)
        Distance between the entries of a window; 1 is dense.
    ceil_mode : bool
        Keep a last window that sticks out of the padded input.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array of x's dtype; P and Q as `dlnotes.shapes.pool_out` gives them.

    Raises
    ------
    TypeError
        If x is no array of float32 or float64, a number is no int, or ceil_mode no bool.
    ValueError
        If x has not 4 axes, an axis other than N is empty, a number is too small, the padding
        exceeds half the window, or no window fits.

    References
    ----------
    Concepts pooling, overlapping-pooling; ``torch.nn.functional.max_pool2d``.

    Examples
    --------
    >>> x = np.arange(24.0).reshape(1, 1, 4, 6)
    >>> max_pool2d(x, 2).tolist()
    [[[[7.0, 9.0, 11.0], [19.0, 21.0, 23.0]]]]
    >>> max_pool2d(x, 3, stride=2, padding=((1, 0), (0, 1))).shape
    (1, 1, 2, 3)
    """
    w = read_windows("max_pool2d", 2, x, kernel_size, stride, padding, dilation, ceil_mode)
    return _largest(x, w)


def _largest(x: Array, w: Windows) -> Array:
    """Keep the largest of what the window's entries meet, one entry after the other."""
    padded = w.padded(x, -np.inf)  # (N, C, pad + H + pad, pad + W + pad)
    y = np.full((*x.shape[:2], *w.out), -np.inf, x.dtype)  # (N, C, P, Q)
    for met in w.entries():  # where entry (r, s) of every window lies: a slice in steps of s
        np.maximum(y, padded[met], out=y)
    return y


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
    r"""Return the gradient of `max_pool2d`: what each maximum passes back to its place.

    .. math::
        dx_{nchw} = \sum_{p,q} dy_{ncpq}\, [\,(h, w) \text{ is where } y_{ncpq} \text{ stands}\,]

    Of equal values in a window the first, row by row, has the gradient, as in PyTorch. A window
    that holds NaN passes nothing back.

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d`, and if dy has not the output's shape and x's dtype.

    Examples
    --------
    >>> x = np.array([[[[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 2.0]]]])
    >>> max_pool2d_backward(np.array([[[[10.0, 20.0]]]]), x, 2).tolist()
    [[[[0.0, 10.0, 20.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]]
    """
    caller = "max_pool2d_backward"
    w = read_windows(caller, 2, x, kernel_size, stride, padding, dilation, ceil_mode)
    require_upstream(caller, dy, x, w.out)
    return _back_to_the_largest(dy, x, w)


def _back_to_the_largest(dy: Array, x: Array, w: Windows) -> Array:
    """Give each window's gradient to the first entry that meets the window's maximum."""
    padded, y = w.padded(x, -np.inf), _largest(x, w)
    dx = np.zeros(padded.shape, x.dtype)
    waiting = np.ones(y.shape, bool)  # windows whose maximum was not met yet
    for met in w.entries():
        here = waiting & (padded[met] == y)  # (N, C, P, Q)
        dx[met] += here * dy
        waiting &= ~here
    return w.cropped(dx)


def max_pool2d_with_indices(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Array]:
    r"""Return what `max_pool2d` does, and where each maximum stands.

    .. math::
        \text{indices}_{ncpq} = hW + w \text{ for } (h, w) = \operatorname{argmax}_{W_{pq}} x_{nchw}

    Returns
    -------
    y : ndarray, shape (N, C, P, Q)
    indices : ndarray of int64, shape (N, C, P, Q)
        Places in the input without its padding, counted as h·W + w; of equal values the first.

    References
    ----------
    Concept unpooling; ``torch.nn.functional.max_pool2d_with_indices``.

    Examples
    --------
    >>> x = np.array([[[[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 2.0]]]])
    >>> y, indices = max_pool2d_with_indices(x, 2)
    >>> y.tolist(), indices.tolist()
    ([[[[5.0, 2.0]]]], [[[[1, 2]]]])
    """
    caller = "max_pool2d_with_indices"
    w = read_windows(caller, 2, x, kernel_size, stride, padding, dilation, ceil_mode)
    places = np.arange(prod(x.shape[2:])).reshape(x.shape[2:])  # h·W + w at (h, w)
    padded, places = w.padded(x, -np.inf), w.padded(places)
    y = np.full((*x.shape[:2], *w.out), -np.inf, x.dtype)  # (N, C, P, Q)
    at = np.zeros(y.shape, np.int64)
    for met in w.entries():
        larger = padded[met] > y
        y = np.where(larger, padded[met], y)
        at = np.where(larger, places[met], at)
    return y, at


def max_pool1d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    """Keep the largest value of each window of a sequence: `max_pool2d` over one axis.

    Returns
    -------
    ndarray, shape (N, C, Q)
        For x of shape (N, C, T).

    References
    ----------
    Concept pool1d; ``torch.nn.functional.max_pool1d``.

    Examples
    --------
    >>> max_pool1d(np.array([[[4.0, 1.0, 3.0, 2.0]]]), 2, stride=1).tolist()
    [[[4.0, 3.0, 3.0]]]
    """
    w = read_windows("max_pool1d", 1, x, kernel_size, stride, padding, dilation, ceil_mode)
    return _largest(x, w)


def max_pool1d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    """Return the gradient of `max_pool1d`: `max_pool2d_backward` over one axis.

    Returns
    -------
    ndarray, shape (N, C, T)
    """
    caller = "max_pool1d_backward"
    w = read_windows(caller, 1, x, kernel_size, stride, padding, dilation, ceil_mode)
    require_upstream(caller, dy, x, w.out)
    return _back_to_the_largest(dy, x, w)


def max_pool3d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    """Keep the largest value of each window of a volume: `max_pool2d` over three axes.

    Returns
    -------
    ndarray, shape (N, C, O, P, Q)
        For x of shape (N, C, T, H, W).
    """
    w = read_windows("max_pool3d", 3, x, kernel_size, stride, padding, dilation, ceil_mode)
    return _largest(x, w)


def max_pool3d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    """Return the gradient of `max_pool3d`: `max_pool2d_backward` over three axes.

    Returns
    -------
    ndarray, shape (N, C, T, H, W)
    """
    caller = "max_pool3d_backward"
    w = read_windows(caller, 3, x, kernel_size, stride, padding, dilation, ceil_mode)
    require_upstream(caller, dy, x, w.out)
    return _back_to_the_largest(dy, x, w)
