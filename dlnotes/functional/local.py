"""The locally connected layer: convolution without weight sharing, beside its backward pass."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_axes, require_floats, require_shape
from dlnotes.functional._geometry import Geometry, read_shapes, require_upstream
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import Gradients, canvas
from dlnotes.shapes import IntOrTuple, Padding


@quietly
def local_conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Slide over images with another kernel at every place.

    .. math::
        y_{nkpq} = b_{kpq} + \sum_{c,r,s}
            w_{kpqcrs}\; x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    With kernels that are the same everywhere it is `conv2d`.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    w : ndarray, shape (K, P, Q, C, R, S)
        A kernel for each output channel and place.
    b : ndarray, shape (K, P, Q), optional
        A bias for each as well.
    stride, padding, dilation
        As in `conv2d`.

    Returns
    -------
    ndarray, shape (N, K, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64, or a number is no int.
    ValueError
        If shapes or options do not fit each other, or an array would have 2³¹ values or more.

    References
    ----------
    Concepts local-conv, deepface; Taigman and others, DeepFace, CVPR 2014.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 3, 5, 3, 3, 2))
    >>> local_conv2d(x, w, stride=(2, 1)).shape
    (2, 4, 3, 5)
    """
    g = _read("local_conv2d", x, w, b, stride, padding, dilation)
    windows, images = canvas(g, 0, x.dtype)  # (N, C, R, S, P, Q)
    images[...] = x
    y = np.empty((g.batch, g.filters, *g.out), x.dtype)
    for p, q in np.ndindex(g.out):
        window = windows[..., p, q].reshape(g.batch, w[0, 0, 0].size)  # (N, C·R·S)
        y[:, :, p, q] = window @ w[:, p, q].reshape(g.filters, -1).T  # (N, K)
    return y if b is None else y + b


@quietly
def local_conv2d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Gradients:
    r"""Return the gradients of `local_conv2d`.

    Each weight is used at one place only, so its gradient is summed over the images alone:

    .. math::
        dw_{kpqcrs} = \sum_n dy_{nkpq}\;
            x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W},
        \qquad db_{kpq} = \sum_n dy_{nkpq}

    Parameters
    ----------
    dy : ndarray, shape (N, K, P, Q)
        Upstream gradient.
    x, w, b, stride, padding, dilation
        As in `local_conv2d`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (K, P, Q, C, R, S)
    db : ndarray of shape (K, P, Q), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `local_conv2d`, and if dy has not the output's shape.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 5, 5, 3, 3, 2))
    >>> dx, dw, db = local_conv2d_backward(np.ones((2, 4, 5, 5)), x, w)
    >>> dx.shape, dw.shape, db is None
    ((2, 3, 7, 6), (4, 5, 5, 3, 3, 2), True)
    """
    g = _read("local_conv2d_backward", x, w, b, stride, padding, dilation)
    require_upstream("local_conv2d_backward", dy, x, g)
    windows, images = canvas(g, 0, x.dtype)  # (N, C, R, S, P, Q)
    images[...] = x
    gradients, dx = canvas(g, 0, x.dtype)
    dw = np.empty(w.shape, w.dtype)
    for p, q in np.ndindex(g.out):
        part = dy[:, :, p, q]  # (N, K)
        dw[:, p, q] = np.tensordot(part, windows[..., p, q], (0, 0))  # (K, C, R, S)
        gradients[..., p, q] += np.tensordot(part, w[:, p, q], 1)  # (N, C, R, S)
    return np.ascontiguousarray(dx), dw, None if b is None else dy.sum(axis=0)


def _read(
    caller: str,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Check the arguments, whose kernels have an axis more for each axis of the output."""
    require_floats(caller, x=x, w=w, b=b)
    require_axes(caller, "KPQCRS", w=w)
    filters, places, rest = w.shape[0], w.shape[1:3], w.shape[3:]
    g = read_shapes(caller, 2, x.shape, (filters, *rest), stride, padding, dilation, 1)
    if places != g.out:
        raise ValueError(
            f"{caller}: w has kernels for (P,Q)={places} places but the output has {g.out}; got "
            f"{described(x=x, w=w, stride=stride, padding=padding, dilation=dilation)}"
            f"; give w the shape {(filters, *g.out, *rest)}"
        )
    if b is not None:
        require_shape(caller, "KPQ", (filters, *g.out), b=b, w=w)
    return g
