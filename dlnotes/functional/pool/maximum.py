"""Max pooling over one, two and three axes, each beside its backward pass."""

from dlnotes.functional._arrays import Array
from dlnotes.functional.pool._largest import argmaxima, maxima, pass_back
from dlnotes.functional.pool._reading import require_images
from dlnotes.functional.pool._windows import Windows, fixed
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

    Outside of the input stands −∞, which never wins. A NaN wins always.

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
    Concepts pooling, overlapping-pooling; ``torch.nn.functional.max_pool2d``. The loop version
    is `dlnotes.reference.max_pool2d`.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.arange(24.0).reshape(1, 1, 4, 6)
    >>> max_pool2d(x, 2).tolist()
    [[[[7.0, 9.0, 11.0], [19.0, 21.0, 23.0]]]]
    >>> max_pool2d(x, 3, stride=2, padding=((1, 0), (0, 1))).shape
    (1, 1, 2, 3)
    """
    return maxima(x, _read("max_pool2d", 2, x, kernel_size, stride, padding, dilation, ceil_mode))


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

    PyTorch's choice: of equal values the first, in the order of rows; of several NaNs the last; if
    all values of a window are −∞ its first place inside the input.

    Parameters
    ----------
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool2d`.

    Returns
    -------
    y : ndarray, shape (N, C, P, Q)
    indices : ndarray of int64, shape (N, C, P, Q)
        Places in the input without its padding, counted as h·W + w.

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d`.

    References
    ----------
    Concept unpooling; ``torch.nn.functional.max_pool2d_with_indices``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 2.0]]]])
    >>> y, indices = max_pool2d_with_indices(x, 2)
    >>> y.tolist(), indices.tolist()
    ([[[[5.0, 2.0]]]], [[[[1, 2]]]])
    """
    return argmaxima(
        x, _read("max_pool2d_with_indices", 2, x, kernel_size, stride, padding, dilation, ceil_mode)
    )


def max_pool2d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
    indices: Array | None = None,
) -> Array:
    r"""Return the gradient of `max_pool2d`: what each maximum passes back to its place.

    .. math::
        dx_{nchw} = \sum_{p,q} dy_{ncpq}\, [\,(h, w) \text{ is where } y_{ncpq} \text{ stands}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool2d`.
    indices : ndarray of int64, shape (N, C, P, Q), optional
        What `max_pool2d_with_indices` returned, if it was kept; found again when left out.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d`, and if dy or the indices do not fit the output.

    References
    ----------
    Concept pooling.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[[1.0, 5.0, 2.0, 2.0], [3.0, 4.0, 2.0, 2.0]]]])
    >>> max_pool2d_backward(np.array([[[[10.0, 20.0]]]]), x, 2).tolist()
    [[[[0.0, 10.0, 20.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]]
    """
    windows = _read("max_pool2d_backward", 2, x, kernel_size, stride, padding, dilation, ceil_mode)
    return pass_back("max_pool2d_backward", dy, x, windows, indices)


def max_pool1d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    r"""Keep the largest value of each window of a sequence: `max_pool2d` with one axis.

    .. math:: y_{ncq} = \max_s\; x_{n,\,c,\;q\,s_T + s\,d_T - p_T}

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
        Sequences; N may be 0.
    kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool2d`: an int, or a tuple of one.

    Returns
    -------
    ndarray, shape (N, C, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d`.

    References
    ----------
    Concept pool1d; ``torch.nn.functional.max_pool1d``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[4.0, 1.0, 3.0, 2.0]]])
    >>> max_pool1d(x, 2, stride=1).tolist()
    [[[4.0, 3.0, 3.0]]]
    """
    return maxima(x, _read("max_pool1d", 1, x, kernel_size, stride, padding, dilation, ceil_mode))


def max_pool1d_with_indices(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Array]:
    r"""Return what `max_pool1d` does, and where each maximum stands.

    .. math:: \text{indices}_{ncq} = \operatorname{argmax}_{t \in W_q} x_{nct}

    Parameters
    ----------
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool1d`.

    Returns
    -------
    y : ndarray, shape (N, C, Q)
    indices : ndarray of int64, shape (N, C, Q)
        Places in the input without its padding, counted as t.

    Raises
    ------
    TypeError, ValueError
        As `max_pool1d`.

    References
    ----------
    Concept unpooling; ``torch.nn.functional.max_pool1d_with_indices``.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[[4.0, 1.0, 3.0, 2.0]]])
    >>> y, indices = max_pool1d_with_indices(x, 2, stride=1)
    >>> indices.tolist()
    [[[0, 2, 2]]]
    """
    return argmaxima(
        x, _read("max_pool1d_with_indices", 1, x, kernel_size, stride, padding, dilation, ceil_mode)
    )


def max_pool1d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
    indices: Array | None = None,
) -> Array:
    r"""Return the gradient of `max_pool1d`: what each maximum passes back to its place.

    .. math:: dx_{nct} = \sum_q dy_{ncq}\, [\,t = \text{indices}_{ncq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, Q)
        Upstream gradient.
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool1d`.
    indices : ndarray of int64, shape (N, C, Q), optional
        What `max_pool1d_with_indices` returned, if it was kept; found again when left out.

    Returns
    -------
    ndarray, shape (N, C, T)

    Raises
    ------
    TypeError, ValueError
        As `max_pool1d`, and if dy or the indices do not fit the output.

    References
    ----------
    Concept pooling.

    Examples
    --------
    >>> import numpy as np
    >>> x, dy = np.array([[[4.0, 1.0, 3.0, 2.0]]]), np.array([[[1.0, 10.0, 100.0]]])
    >>> max_pool1d_backward(dy, x, 2, stride=1).tolist()
    [[[1.0, 0.0, 110.0, 0.0]]]
    """
    windows = _read("max_pool1d_backward", 1, x, kernel_size, stride, padding, dilation, ceil_mode)
    return pass_back("max_pool1d_backward", dy, x, windows, indices)


def max_pool3d(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> Array:
    r"""Keep the largest value of each window of a volume: `max_pool2d` with three axes.

    .. math::
        y_{ncopq} = \max_{u, r, s}\; x_{n,\,c,\;o\,s_T + u\,d_T - p_T,\;
            p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, T, H, W)
        Volumes; N may be 0.
    kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool2d`: an int, or three, one an axis.

    Returns
    -------
    ndarray, shape (N, C, O, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d`.

    References
    ----------
    ``torch.nn.functional.max_pool3d``.

    Examples
    --------
    >>> import numpy as np
    >>> max_pool3d(np.zeros((2, 3, 5, 7, 11)), (1, 2, 3)).shape
    (2, 3, 5, 3, 3)
    """
    return maxima(x, _read("max_pool3d", 3, x, kernel_size, stride, padding, dilation, ceil_mode))


def max_pool3d_with_indices(
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
) -> tuple[Array, Array]:
    r"""Return what `max_pool3d` does, and where each maximum stands.

    .. math:: \text{indices}_{ncopq} = (tH + h)W + w
        \text{ for } (t, h, w) = \operatorname{argmax}_{W_{opq}} x_{ncthw}

    Parameters
    ----------
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool3d`.

    Returns
    -------
    y : ndarray, shape (N, C, O, P, Q)
    indices : ndarray of int64, shape (N, C, O, P, Q)
        Places in the input without its padding, counted as (t·H + h)·W + w.

    Raises
    ------
    TypeError, ValueError
        As `max_pool3d`.

    References
    ----------
    Concept unpooling; ``torch.nn.functional.max_pool3d_with_indices``.

    Examples
    --------
    >>> import numpy as np
    >>> y, indices = max_pool3d_with_indices(np.zeros((2, 3, 5, 7, 11)), (1, 2, 3))
    >>> indices[0, 0, 1, 0].tolist()
    [77, 80, 83]
    """
    return argmaxima(
        x, _read("max_pool3d_with_indices", 3, x, kernel_size, stride, padding, dilation, ceil_mode)
    )


def max_pool3d_backward(
    dy: Array,
    x: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
    indices: Array | None = None,
) -> Array:
    r"""Return the gradient of `max_pool3d`: what each maximum passes back to its place.

    .. math:: dx_{ncthw} = \sum_{o,p,q} dy_{ncopq}\, [\,(tH + h)W + w = \text{indices}_{ncopq}\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, O, P, Q)
        Upstream gradient.
    x, kernel_size, stride, padding, dilation, ceil_mode
        As in `max_pool3d`.
    indices : ndarray of int64, shape (N, C, O, P, Q), optional
        What `max_pool3d_with_indices` returned, if it was kept; found again when left out.

    Returns
    -------
    ndarray, shape (N, C, T, H, W)

    Raises
    ------
    TypeError, ValueError
        As `max_pool3d`, and if dy or the indices do not fit the output.

    References
    ----------
    Concept pooling.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.zeros((2, 3, 5, 7, 11))
    >>> max_pool3d_backward(np.ones((2, 3, 5, 3, 3)), x, (1, 2, 3)).shape
    (2, 3, 5, 7, 11)
    """
    windows = _read("max_pool3d_backward", 3, x, kernel_size, stride, padding, dilation, ceil_mode)
    return pass_back("max_pool3d_backward", dy, x, windows, indices)


def _read(
    caller: str,
    dims: int,
    x: Array,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    dilation: IntOrTuple,
    ceil_mode: bool,
) -> tuple[Windows, ...]:
    """Check the arguments of a max pooling, and return its windows."""
    require_images(caller, dims, x)
    return fixed(caller, x.shape[2:], kernel_size, stride, padding, dilation, ceil_mode)
