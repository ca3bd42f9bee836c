"""Locally connected layers: convolution without weight sharing, beside its backward pass."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_axes, require_floats, require_shape
from dlnotes.functional._columns import add_windows, crop, pad, windows
from dlnotes.functional._geometry import Geometry, read_shapes, require_upstream
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import Gradients
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
        If shapes or options do not fit each other.

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
    y = _kernels(w) @ _columns(x, g)  # (P, Q, K, N)
    y = np.ascontiguousarray(y.transpose(3, 2, 0, 1))  # (N, K, P, Q)
    if b is not None:
        y += b
    return y


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
    upstream = dy.transpose(2, 3, 1, 0)  # (P, Q, K, N)
    dw = upstream @ _columns(x, g).swapaxes(2, 3)  # (P, Q, K, C·R·S)
    dw = np.ascontiguousarray(dw.transpose(2, 0, 1, 3)).reshape(w.shape)
    parts = _kernels(w).swapaxes(2, 3) @ upstream  # (P, Q, C·R·S, N)
    parts = parts.reshape(*g.out, g.channels, *g.kernel, g.batch).transpose(2, 3, 4, 0, 5, 1)
    dx = np.zeros((g.batch, g.channels, *g.padded), x.dtype)
    add_windows(dx, parts, (slice(0, g.out[0]), slice(0, g.batch), slice(0, g.out[1])), g)
    return np.ascontiguousarray(crop(dx, g.pads)), dw, None if b is None else dy.sum(axis=0)


def _columns(x: Array, g: Geometry) -> Array:
    """Return the window of every place as columns, one an image: (P, Q, C·R·S, N)."""
    view = windows(pad(x, g.pads), g)  # (C, R, S, P, N, Q)
    return view.transpose(3, 5, 0, 1, 2, 4).reshape(*g.out, g.channels * g.taps, g.batch)


def _kernels(w: Array) -> Array:
    """Return the kernels of every place as a matrix: (P, Q, K, C·R·S)."""
    return w.transpose(1, 2, 0, 3, 4, 5).reshape(*w.shape[1:3], w.shape[0], -1)


def _read(
    caller: str,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Check the arguments, whose kernels have two axes more than those of a convolution."""
    require_floats(caller, x=x, w=w, b=b)
    require_axes(caller, "KPQCRS", w=w)
    shared = (w.shape[0], *w.shape[3:])
    g = read_shapes(caller, 2, x.shape, shared, stride, padding, dilation, 1)
    if w.shape[1:3] != g.out:
        raise ValueError(
            f"{caller}: w has kernels for (P,Q)={w.shape[1:3]} places but the output has {g.out}; "
            f"got {described(x=x, w=w, stride=stride, padding=padding, dilation=dilation)}; "
            f"give w the shape {(w.shape[0], *g.out, *w.shape[3:])}"
        )
    if b is not None:
        require_shape(caller, "KPQ", (g.filters, *g.out), b=b, w=w)
    return g
