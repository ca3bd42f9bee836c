"""Average pooling over one, two and three axes, each beside its backward pass."""

from functools import reduce

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_bool
from dlnotes.functional.pool._windows import Windows, read_windows, require_upstream
from dlnotes.shapes import IntOrTuple, Padding


def avg_pool2d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    r"""Average each window of an image.

    .. math::
        y_{ncpq} = \frac{1}{|W_{pq}|} \sum_{r, s}
            x_{n,\,c,\;p\,s_H + r - p_H,\;q\,s_W + s - p_W}

    Zeros stand outside of the input. :math:`|W_{pq}|` counts the places of the window with the
    padding, or without it; places beyond the padding, where `ceil_mode` lets a window stick out,
    never count.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    kernel_size : int or (int, int)
        Size of the window.
    stride : int or (int, int), optional
        Step of the windows; the window's size when left out, so that they do not overlap.
    padding : int, (int, int), ((top, bottom), (left, right)), or str
        Zeros around the input, at most half the window; names as in `dlnotes.shapes.as_pads`.
    ceil_mode : bool
        Keep a last window that sticks out of the padded input.
    count_include_pad : bool
        Whether the zeros of the padding count in the average.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError
        If x is no array of float32 or float64, a number is no int, or a switch no bool.
    ValueError
        If x has not 4 axes, an axis other than N is empty, a number is too small, the padding
        exceeds half the window, or no window fits.

    References
    ----------
    Concept average-pool; ``torch.nn.functional.avg_pool2d``.

    Examples
    --------
    >>> x = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> avg_pool2d(x, 2).tolist()
    [[[[2.5, 4.5]]]]
    >>> avg_pool2d(x, 2, padding=1, count_include_pad=False)[0, 0, 0].tolist()
    [0.0, 1.5, 3.0]
    """
    w, counted = _read(
        "avg_pool2d", 2, x, kernel_size, stride, padding, ceil_mode, count_include_pad
    )
    total = _sums(w.padded(x), w)  # (N, C, P, Q)
    return total / _sums(counted, w)  # (P, Q): how many places of each window count


def _sums(x: Array, w: Windows) -> Array:
    """Add the rows of each window, H → P, and then its columns, W → Q."""
    for axis in range(len(w.axes)):
        x = reduce(np.add, [x[met] for met in w.along(axis)])
    return x


def avg_pool2d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    r"""Return the gradient of `avg_pool2d`: each window shares its gradient out equally.

    .. math:: dx_{nchw} = \sum_{p,q} \frac{dy_{ncpq}}{|W_{pq}|}\, [\,(h, w) \in W_{pq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, H, W)
        Input of the forward pass; its shape is what counts.
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `avg_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `avg_pool2d`, and if dy has not the output's shape and x's dtype.

    Examples
    --------
    >>> avg_pool2d_backward(np.array([[[[8.0, 4.0]]]]), np.zeros((1, 1, 2, 4)), 2).tolist()
    [[[[2.0, 2.0, 1.0, 1.0], [2.0, 2.0, 1.0, 1.0]]]]
    """
    caller = "avg_pool2d_backward"
    w, counted = _read(caller, 2, x, kernel_size, stride, padding, ceil_mode, count_include_pad)
    require_upstream(caller, dy, x, w.out)
    return _shared_out(dy, w, counted)


def _shared_out(dy: Array, w: Windows, counted: Array) -> Array:
    """Give each place of a window an equal share of the window's gradient: `_sums` backwards."""
    share = dy / _sums(counted, w)  # (N, C, P, Q)
    for axis, size in enumerate(counted.shape, start=2):  # P → H, and then Q → W
        dx = np.zeros((*share.shape[:axis], size, *share.shape[axis + 1 :]), dy.dtype)
        for met in w.along(axis - 2):
            dx[met] += share
        share = dx
    return w.cropped(share)


def avg_pool1d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """Average each window of a sequence: `avg_pool2d` over one axis.

    Returns
    -------
    ndarray, shape (N, C, Q)
        For x of shape (N, C, T).
    """
    w, counted = _read(
        "avg_pool1d", 1, x, kernel_size, stride, padding, ceil_mode, count_include_pad
    )
    return _sums(w.padded(x), w) / _sums(counted, w)


def avg_pool1d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """Return the gradient of `avg_pool1d`: `avg_pool2d_backward` over one axis.

    Returns
    -------
    ndarray, shape (N, C, T)
    """
    caller = "avg_pool1d_backward"
    w, counted = _read(caller, 1, x, kernel_size, stride, padding, ceil_mode, count_include_pad)
    require_upstream(caller, dy, x, w.out)
    return _shared_out(dy, w, counted)


def avg_pool3d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """Average each window of a volume: `avg_pool2d` over three axes.

    Returns
    -------
    ndarray, shape (N, C, O, P, Q)
        For x of shape (N, C, T, H, W).
    """
    w, counted = _read(
        "avg_pool3d", 3, x, kernel_size, stride, padding, ceil_mode, count_include_pad
    )
    return _sums(w.padded(x), w) / _sums(counted, w)


def avg_pool3d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """Return the gradient of `avg_pool3d`: `avg_pool2d_backward` over three axes.

    Returns
    -------
    ndarray, shape (N, C, T, H, W)
    """
    caller = "avg_pool3d_backward"
    w, counted = _read(caller, 3, x, kernel_size, stride, padding, ceil_mode, count_include_pad)
    require_upstream(caller, dy, x, w.out)
    return _shared_out(dy, w, counted)


def _read(
    caller: str,
    dims: int,
    x: Array,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    ceil_mode: bool,
    count_include_pad: bool,
) -> tuple[Windows, Array]:
    """Check the arguments; return the windows, and a 1 for each padded place that counts."""
    w = read_windows(caller, dims, x, kernel_size, stride, padding, 1, ceil_mode)
    with_padding = as_bool(caller, "count_include_pad", count_include_pad)
    counted = w.padded(np.ones(x.shape[2:], x.dtype), float(with_padding))
    for axis, a in enumerate(w.axes):
        np.moveaxis(counted, axis, 0)[a.padded :] = 0  # beyond the padding nothing counts
    return w, counted
