"""Average pooling over one, two and three axes, each beside its backward pass."""

import numpy as np

from dlnotes.functional._arrays import Array, described
from dlnotes.functional._options import as_bool
from dlnotes.functional.pool._reading import require_images, require_upstream
from dlnotes.functional.pool._sums import averages, counts, spread
from dlnotes.functional.pool._windows import Windows, fixed
from dlnotes.shapes import IntOrTuple, Padding, as_int, as_tuple


def avg_pool2d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
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
    divisor_override : int, optional
        Divide by this number, whatever the windows hold.

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
    Concept average-pool; ``torch.nn.functional.avg_pool2d``. The loop version is
    `dlnotes.reference.avg_pool2d`.

    Examples
    --------
    >>> x = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> avg_pool2d(x, 2).tolist()
    [[[[2.5, 4.5]]]]
    >>> avg_pool2d(x, 2, padding=1, count_include_pad=False)[0, 0, 0].tolist()
    [0.0, 1.5, 3.0]
    """
    windows = _read("avg_pool2d", 2, x, kernel_size, stride, padding, ceil_mode)
    divisor = _divisor("avg_pool2d", windows, count_include_pad, divisor_override)
    return averages(x, windows, divisor)


def avg_pool2d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    r"""Return the gradient of `avg_pool2d`: each window shares its gradient out equally.

    .. math:: dx_{nchw} = \sum_{p,q} \frac{dy_{ncpq}}{|W_{pq}|}\, [\,(h, w) \in W_{pq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, H, W)
        Input of the forward pass; its shape is what counts.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As in `avg_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `avg_pool2d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept average-pool.

    Examples
    --------
    >>> dy, x = np.array([[[[4.0, 8.0]]]]), np.zeros((1, 1, 2, 4))
    >>> avg_pool2d_backward(dy, x, 2).tolist()
    [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    """
    windows = _read("avg_pool2d_backward", 2, x, kernel_size, stride, padding, ceil_mode)
    divisor = _divisor("avg_pool2d_backward", windows, count_include_pad, divisor_override)
    require_upstream("avg_pool2d_backward", dy, x, windows)
    return spread(dy, windows, divisor)


def avg_pool1d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    r"""Average each window of a sequence: `avg_pool2d` with one axis.

    .. math:: y_{ncq} = \frac{1}{|W_q|} \sum_s x_{n,\,c,\;q\,s_T + s - p_T}

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
        Sequences; N may be 0.
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `avg_pool2d`: an int, or a tuple of one.

    Returns
    -------
    ndarray, shape (N, C, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `avg_pool2d`.

    References
    ----------
    ``torch.nn.functional.avg_pool1d``.

    Examples
    --------
    >>> avg_pool1d(np.array([[[4.0, 1.0, 3.0, 2.0]]]), 2, stride=1).tolist()
    [[[2.5, 2.0, 2.5]]]
    """
    windows = _read("avg_pool1d", 1, x, kernel_size, stride, padding, ceil_mode)
    divisor = _divisor("avg_pool1d", windows, count_include_pad, None)
    return averages(x, windows, divisor)


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
    r"""Return the gradient of `avg_pool1d`: each window shares its gradient out equally.

    .. math:: dx_{nct} = \sum_q \frac{dy_{ncq}}{|W_q|}\, [\,t \in W_q\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, T)
        Input of the forward pass; its shape is what counts.
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `avg_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, T)

    Raises
    ------
    TypeError, ValueError
        As `avg_pool1d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept average-pool.

    Examples
    --------
    >>> dy, x = np.array([[[2.0, 4.0, 6.0]]]), np.zeros((1, 1, 4))
    >>> avg_pool1d_backward(dy, x, 2, stride=1).tolist()
    [[[1.0, 3.0, 5.0, 3.0]]]
    """
    windows = _read("avg_pool1d_backward", 1, x, kernel_size, stride, padding, ceil_mode)
    divisor = _divisor("avg_pool1d_backward", windows, count_include_pad, None)
    require_upstream("avg_pool1d_backward", dy, x, windows)
    return spread(dy, windows, divisor)


def avg_pool3d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    r"""Average each window of a volume: `avg_pool2d` with three axes.

    .. math::
        y_{ncopq} = \frac{1}{|W_{opq}|} \sum_{u, r, s} x_{n,\,c,\;o\,s_T + u - p_T,\;
            p\,s_H + r - p_H,\;q\,s_W + s - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, T, H, W)
        Volumes; N may be 0.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As in `avg_pool2d`: an int, or three, one an axis.

    Returns
    -------
    ndarray, shape (N, C, O, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `avg_pool2d`; and, as in PyTorch, if the window is larger than the volume without its
        padding.

    References
    ----------
    ``torch.nn.functional.avg_pool3d``.

    Examples
    --------
    >>> avg_pool3d(np.zeros((2, 3, 5, 7, 11)), (1, 2, 3)).shape
    (2, 3, 5, 3, 3)
    """
    windows = _read("avg_pool3d", 3, x, kernel_size, stride, padding, ceil_mode)
    divisor = _divisor("avg_pool3d", windows, count_include_pad, divisor_override)
    return averages(x, windows, divisor)


def avg_pool3d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    r"""Return the gradient of `avg_pool3d`: each window shares its gradient out equally.

    .. math:: dx_{ncthw} = \sum_{o,p,q} \frac{dy_{ncopq}}{|W_{opq}|}\, [\,(t, h, w) \in W_{opq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, O, P, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, T, H, W)
        Input of the forward pass; its shape is what counts.
    kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
        As in `avg_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, T, H, W)

    Raises
    ------
    TypeError, ValueError
        As `avg_pool3d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept average-pool.

    Examples
    --------
    >>> x = np.zeros((2, 3, 5, 7, 11))
    >>> avg_pool3d_backward(np.ones((2, 3, 5, 3, 3)), x, (1, 2, 3)).shape
    (2, 3, 5, 7, 11)
    """
    windows = _read("avg_pool3d_backward", 3, x, kernel_size, stride, padding, ceil_mode)
    divisor = _divisor("avg_pool3d_backward", windows, count_include_pad, divisor_override)
    require_upstream("avg_pool3d_backward", dy, x, windows)
    return spread(dy, windows, divisor)


def _read(
    caller: str,
    dims: int,
    x: Array,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    ceil_mode: bool,
) -> tuple[Windows, ...]:
    """Check the arguments of an average pooling, and return its windows."""
    require_images(caller, dims, x)
    windows = fixed(caller, x.shape[2:], kernel_size, stride, padding, 1, ceil_mode)
    kernel = as_tuple(kernel_size, dims, "kernel_size", caller=caller)
    if dims == 3 and any(k > n for k, n in zip(kernel, x.shape[2:], strict=True)):
        raise ValueError(
            f"{caller}: the window {kernel} is larger than the volume {x.shape[2:]} without its "
            f"padding, which PyTorch refuses for three axes; got {described(x=x)}; "
            f"use a smaller window or pad the input first"
        )
    return windows


def _divisor(
    caller: str, windows: tuple[Windows, ...], count_include_pad: bool, override: int | None
) -> Array:
    """Return what each window's sum is divided by, shape (P, Q), or one number for all."""
    with_padding = as_bool(caller, "count_include_pad", count_include_pad)
    if override is not None:
        return np.array(as_int(override, "divisor_override", caller=caller))
    return counts([w.padded if with_padding else w.inside for w in windows])
