"""Convolution over one, two and three axes, each beside its backward pass.

As everywhere in deep learning, the kernel is not turned: this is a cross-correlation. Convolution
in the strict sense is `convolve2d`.
"""

from math import prod

import numpy as np

from dlnotes.functional import _core
from dlnotes.functional._arrays import Array
from dlnotes.functional._geometry import read_conv, require_upstream
from dlnotes.functional._options import quietly
from dlnotes.shapes import IntOrTuple, Padding

Gradients = tuple[Array, Array, Array | None]


@quietly
def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> Array:
    r"""Slide kernels over images and sum the products.

    With strides s, dilations d, zeros p before the input, and one group,

    .. math::
        y_{nkpq} = b_k + \sum_{c,r,s}
            w_{kcrs}\; x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    w : ndarray, shape (K, C/groups, R, S)
        K kernels.
    b : ndarray, shape (K,), optional
        Bias.
    stride, dilation : int or (int, int)
        Step of the windows, and distance between kernel entries (1 is dense).
    padding : int, (int, int), ((top, bottom), (left, right)), or str
        Zeros around the images; or 'valid' (none), 'same' (keeps the size, stride 1), 'full',
        'half', as in `dlnotes.shapes.as_pads`.
    groups : int
        The channels and the kernels are split into this many groups; each group of kernels sees
        its own channels only. ``groups=C`` is a depthwise convolution.

    Returns
    -------
    ndarray, shape (N, K, P, Q)
        A new array of x's dtype; P and Q as `dlnotes.shapes.conv_out` gives them.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64, or a number is no int.
    ValueError
        If shapes or options do not fit each other, or an array would have 2³¹ values or more.

    References
    ----------
    Concepts conv-by-hand, multi-channel; ``torch.nn.functional.conv2d``. The loop version is
    `dlnotes.reference.conv2d`.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 3, 3, 2))
    >>> conv2d(x, w, stride=2, padding=((0, 1), (1, 1))).shape
    (2, 4, 3, 4)
    """
    g = read_conv("conv2d", 2, x, w, b, stride, padding, dilation, groups)
    return _core.forward(x, w, b, g)


@quietly
def conv2d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> Gradients:
    r"""Return the gradients of `conv2d`.

    Every product of the forward pass passes its upstream gradient to both of its factors:

    .. math::
        dx_{nchw} = \sum_{k,p,q,r,s} dy_{nkpq}\, w_{kcrs}\,
            [h = p\,s_H + r\,d_H - p_H]\,[w = q\,s_W + s\,d_W - p_W]

    .. math::
        dw_{kcrs} = \sum_{n,p,q} dy_{nkpq}\;
            x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W},
        \qquad db_k = \sum_{n,p,q} dy_{nkpq}

    Parameters
    ----------
    dy : ndarray, shape (N, K, P, Q)
        Upstream gradient.
    x, w, b, stride, padding, dilation, groups
        As in `conv2d`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (K, C/groups, R, S)
    db : ndarray of shape (K,), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `conv2d`, and if dy has not the output's shape.

    References
    ----------
    Concept conv-backward.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 3, 3, 2))
    >>> dx, dw, db = conv2d_backward(np.ones((2, 4, 5, 5)), x, w)
    >>> dx.shape, dw.shape, db is None
    ((2, 3, 7, 6), (4, 3, 3, 2), True)
    """
    return _backward("conv2d_backward", 2, dy, x, w, b, stride, padding, dilation, groups)


@quietly
def conv1d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> Array:
    r"""Slide kernels along sequences: `conv2d` with one axis.

    .. math:: y_{nkq} = b_k + \sum_{c,s} w_{kcs}\; x_{n,\,c,\;q\,s_T + s\,d_T - p_T}

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
        Sequences; N may be 0.
    w : ndarray, shape (K, C/groups, S)
    b : ndarray, shape (K,), optional
    stride, padding, dilation, groups
        As in `conv2d`, for one axis; ``padding=((before, after),)`` for unequal sides.

    Returns
    -------
    ndarray, shape (N, K, Q)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.

    References
    ----------
    Concept conv-2d-3d; ``torch.nn.functional.conv1d``.

    Examples
    --------
    >>> conv1d(np.ones((2, 3, 7)), np.ones((4, 3, 2)), dilation=2).shape
    (2, 4, 5)
    """
    g = read_conv("conv1d", 1, x, w, b, stride, padding, dilation, groups)
    return _core.forward(x, w, b, g)


@quietly
def conv1d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> Gradients:
    r"""Return the gradients of `conv1d`.

    .. math::
        dx_{nct} = \sum_{k,q,s} dy_{nkq}\, w_{kcs}\, [t = q\,s_T + s\,d_T - p_T], \qquad
        dw_{kcs} = \sum_{n,q} dy_{nkq}\; x_{n,\,c,\;q\,s_T + s\,d_T - p_T}

    Parameters
    ----------
    dy : ndarray, shape (N, K, Q)
        Upstream gradient.
    x, w, b, stride, padding, dilation, groups
        As in `conv1d`.

    Returns
    -------
    dx : ndarray, shape (N, C, T)
    dw : ndarray, shape (K, C/groups, S)
    db : ndarray of shape (K,), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `conv1d`, and if dy has not the output's shape.

    References
    ----------
    Concept conv-backward.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7)), np.ones((4, 3, 2))
    >>> [grad.shape for grad in conv1d_backward(np.ones((2, 4, 6)), x, w, np.ones(4))]
    [(2, 3, 7), (4, 3, 2), (4,)]
    """
    return _backward("conv1d_backward", 1, dy, x, w, b, stride, padding, dilation, groups)


@quietly
def conv3d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> Array:
    r"""Slide kernels through volumes or clips: `conv2d` with a third axis, T, in front.

    .. math::
        y_{nkopq} = b_k + \sum_{c,u,r,s} w_{kcurs}\;
            x_{n,\,c,\;o\,s_T + u\,d_T - p_T,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, T, H, W)
        For example clips of T frames; N may be 0.
    w : ndarray, shape (K, C/groups, U, R, S)
    b : ndarray, shape (K,), optional
    stride, padding, dilation, groups
        As in `conv2d`, for three axes.

    Returns
    -------
    ndarray, shape (N, K, O, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.

    References
    ----------
    Concept conv-2d-3d; ``torch.nn.functional.conv3d``.

    Examples
    --------
    >>> conv3d(np.ones((2, 3, 5, 7, 6)), np.ones((4, 3, 3, 3, 2)), padding=(1, 0, 0)).shape
    (2, 4, 5, 5, 5)
    """
    g = read_conv("conv3d", 3, x, w, b, stride, padding, dilation, groups)
    return _core.forward(x, w, b, g)


@quietly
def conv3d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> Gradients:
    r"""Return the gradients of `conv3d`.

    The equations of `conv2d_backward` with a third axis: each product of the forward pass gives
    its upstream gradient, times the other factor, to x and to w;

    .. math:: db_k = \sum_{n,o,p,q} dy_{nkopq}

    Parameters
    ----------
    dy : ndarray, shape (N, K, O, P, Q)
        Upstream gradient.
    x, w, b, stride, padding, dilation, groups
        As in `conv3d`.

    Returns
    -------
    dx : ndarray, shape (N, C, T, H, W)
    dw : ndarray, shape (K, C/groups, U, R, S)
    db : ndarray of shape (K,), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `conv3d`, and if dy has not the output's shape.

    References
    ----------
    Concept conv-backward.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 5, 7, 6)), np.ones((4, 3, 3, 3, 2))
    >>> dx, dw, db = conv3d_backward(np.ones((2, 4, 3, 5, 5)), x, w)
    >>> dx.shape, dw.shape, db is None
    ((2, 3, 5, 7, 6), (4, 3, 3, 3, 2), True)
    """
    return _backward("conv3d_backward", 3, dy, x, w, b, stride, padding, dilation, groups)


def _backward(
    caller: str,
    dims: int,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    groups: int,
) -> Gradients:
    """Check the arguments and return the three gradients, over any number of axes."""
    g = read_conv(caller, dims, x, w, b, stride, padding, dilation, groups)
    require_upstream(caller, dy, x, g)
    dx, dw = _core.input_gradient(dy, w, g), _core.weight_gradient(dy, x, g)
    return dx, dw, None if b is None else bias_gradient(dy)


def bias_gradient(dy: Array) -> Array:
    """Return db, the sum of dy over images and positions.

    Parameters
    ----------
    dy : ndarray, shape (N, K, P, Q)
        Upstream gradient, over any number of spatial axes.

    Returns
    -------
    ndarray, shape (K,)

    Examples
    --------
    >>> bias_gradient(np.ones((2, 4, 5, 5))).tolist()
    [50.0, 50.0, 50.0, 50.0]
    """
    flat = dy.reshape(*dy.shape[:2], prod(dy.shape[2:]))  # (N, K, P·Q)
    return np.einsum("nkp->k", flat)
