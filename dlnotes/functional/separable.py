"""Depthwise and depthwise separable convolution, each beside its backward pass."""

from dlnotes.functional._arrays import Array, require_floats, require_shape
from dlnotes.functional._geometry import Geometry, read_conv, require_upstream
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import Gradients, convolve, input_gradient, weight_gradient
from dlnotes.shapes import IntOrTuple, Padding


@quietly
def depthwise_conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Convolve every channel on its own, with M kernels a channel.

    Output channel k reads input channel ⌊k/M⌋ alone:

    .. math::
        y_{nkpq} = b_k + \sum_{r,s} w_{k1rs}\;
            x_{n,\,\lfloor k/M \rfloor,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    It is `conv2d` with ``groups=C``. Mixing the channels is left to the pointwise convolution
    that follows in `separable_conv2d`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    w : ndarray, shape (C·M, 1, R, S)
        M is the depth multiplier, mostly 1.
    b : ndarray, shape (C·M,), optional
    stride, padding, dilation
        As in `conv2d`.

    Returns
    -------
    ndarray, shape (N, C·M, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`, and if the kernels have more than one channel.

    References
    ----------
    Concept depthwise-separable; Chollet, arXiv:1610.02357.

    Examples
    --------
    >>> import numpy as np
    >>> depthwise_conv2d(np.ones((2, 3, 7, 6)), np.ones((6, 1, 3, 2))).shape
    (2, 6, 5, 5)
    """
    g = _read("depthwise_conv2d", x, w, b, stride, padding, dilation)
    return convolve(x, w, b, g)


@quietly
def depthwise_conv2d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Gradients:
    """Return the gradients of `depthwise_conv2d`: those of `conv2d_backward`, channel by channel.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (C·M, 1, R, S)
    db : ndarray of shape (C·M,), or None
    """
    caller = "depthwise_conv2d_backward"
    g = _read(caller, x, w, b, stride, padding, dilation)
    require_upstream(caller, dy, x, g)
    dx, dw = input_gradient(dy, w, g), weight_gradient(dy, x, g)
    return dx, dw, None if b is None else dy.sum(axis=(0, 2, 3))


@quietly
def separable_conv2d(
    x: Array,
    depthwise: Array,
    pointwise: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Convolve each channel on its own, then mix the channels pixel by pixel.

    .. math:: y = pointwise \ast (depthwise \ast x) + b

    With one depthwise kernel a channel it needs C·R·S + C·K weights where `conv2d` needs C·R·S·K.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    depthwise : ndarray, shape (C·M, 1, R, S)
        Kernels of `depthwise_conv2d`.
    pointwise : ndarray, shape (K, C·M, 1, 1)
        Kernels of a 1×1 convolution.
    b : ndarray, shape (K,), optional
        Bias of the second step; the first has none.
    stride, padding, dilation
        Of the depthwise step, as in `conv2d`.

    Returns
    -------
    ndarray, shape (N, K, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `conv2d` and `depthwise_conv2d`, and if `pointwise` is not 1×1.

    References
    ----------
    Concept depthwise-separable; Chollet, arXiv:1610.02357.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.ones((2, 3, 7, 6))
    >>> separable_conv2d(x, np.ones((3, 1, 3, 2)), np.ones((5, 3, 1, 1))).shape
    (2, 5, 5, 5)
    """
    caller = "separable_conv2d"
    require_floats(caller, x=x, depthwise=depthwise, pointwise=pointwise, b=b)
    first = _read(caller, x, depthwise, None, stride, padding, dilation)
    middle = convolve(x, depthwise, None, first)
    return convolve(middle, pointwise, b, _read_pointwise(caller, middle, pointwise, b))


@quietly
def separable_conv2d_backward(
    dy: Array,
    x: Array,
    depthwise: Array,
    pointwise: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> tuple[Array, Array, Array, Array | None]:
    r"""Return the gradients of `separable_conv2d`.

    The chain rule through its two steps; what lies between them is computed anew:

    .. math::
        m = depthwise \ast x, \qquad
        dm = \frac{\partial y}{\partial m}^{\mathsf T} dy, \qquad
        dx = \frac{\partial m}{\partial x}^{\mathsf T} dm

    Parameters
    ----------
    dy : ndarray, shape (N, K, P, Q)
        Upstream gradient.
    x, depthwise, pointwise, b, stride, padding, dilation
        As in `separable_conv2d`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    d_depthwise : ndarray, shape (C·M, 1, R, S)
    d_pointwise : ndarray, shape (K, C·M, 1, 1)
    db : ndarray of shape (K,), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `separable_conv2d`, and if dy has not the output's shape.

    References
    ----------
    Concept depthwise-separable.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.ones((2, 3, 7, 6))
    >>> depthwise, pointwise = np.ones((3, 1, 3, 2)), np.ones((5, 3, 1, 1))
    >>> grads = separable_conv2d_backward(np.ones((2, 5, 5, 5)), x, depthwise, pointwise)
    >>> [grad.shape for grad in grads if grad is not None]
    [(2, 3, 7, 6), (3, 1, 3, 2), (5, 3, 1, 1)]
    """
    caller = "separable_conv2d_backward"
    require_floats(caller, x=x, depthwise=depthwise, pointwise=pointwise, b=b, dy=dy)
    first = _read(caller, x, depthwise, None, stride, padding, dilation)
    middle = convolve(x, depthwise, None, first)  # (N, C·M, P, Q)
    second = _read_pointwise(caller, middle, pointwise, b)
    require_upstream(caller, dy, middle, second)
    d_middle = input_gradient(dy, pointwise, second)
    dx = input_gradient(d_middle, depthwise, first)
    d_depthwise = weight_gradient(d_middle, x, first)
    d_pointwise = weight_gradient(dy, middle, second)
    return dx, d_depthwise, d_pointwise, None if b is None else dy.sum(axis=(0, 2, 3))


def _read(
    caller: str,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Check the arguments of a depthwise convolution: one channel a kernel, C groups."""
    require_floats(caller, x=x, w=w, b=b)
    if w.ndim == 4 and w.shape[1] != 1:
        raise ValueError(
            f"{caller}: a depthwise kernel sees 1 channel but these have {w.shape[1]}; got x "
            f"{x.shape}, depthwise kernels {w.shape}; give them the shape (C·M,1,R,S)"
        )
    groups = x.shape[1] if x.ndim == 4 else 1
    return read_conv(caller, 2, x, w, b, stride, padding, dilation, groups)


def _read_pointwise(caller: str, middle: Array, w: Array, b: Array | None) -> Geometry:
    """Check the arguments of the 1×1 convolution."""
    if w.ndim == 4:
        require_shape(caller, ("K", "C·M", "1", "1"), (*w.shape[:2], 1, 1), pointwise=w)
    return read_conv(caller, 2, middle, w, b, 1, 0, 1, 1)
