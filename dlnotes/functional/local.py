"""Locally connected layers: convolution without weight sharing, beside its backward pass."""

from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, described, require_axes, require_floats, require_shape
from dlnotes.functional._columns import add_windows, crop, pad, windows
from dlnotes.functional._geometry import Geometry, read_shapes, require_upstream
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import Gradients
from dlnotes.shapes import IntOrTuple, Padding

_OUT = {1: "Q", 2: "PQ", 3: "OPQ"}
_KERNEL = {1: "S", 2: "RS", 3: "URS"}


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
    >>> import numpy as np
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 3, 5, 3, 3, 2))
    >>> local_conv2d(x, w, stride=(2, 1)).shape
    (2, 4, 3, 5)
    """
    return _forward("local_conv2d", 2, x, w, b, stride, padding, dilation)


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
    >>> import numpy as np
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 5, 5, 3, 3, 2))
    >>> dx, dw, db = local_conv2d_backward(np.ones((2, 4, 5, 5)), x, w)
    >>> dx.shape, dw.shape, db is None
    ((2, 3, 7, 6), (4, 5, 5, 3, 3, 2), True)
    """
    return _backward("local_conv2d_backward", 2, dy, x, w, b, stride, padding, dilation)


@quietly
def local_conv1d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Slide along sequences with another kernel at every place: `local_conv2d` with one axis.

    .. math::
        y_{nkq} = b_{kq} + \sum_{c,s} w_{kqcs}\; x_{n,\,c,\;q\,s_T + s\,d_T - p_T}

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
    w : ndarray, shape (K, Q, C, S)
    b : ndarray, shape (K, Q), optional
    stride, padding, dilation
        As in `local_conv2d`, for one axis.

    Returns
    -------
    ndarray, shape (N, K, Q)

    Raises
    ------
    TypeError, ValueError
        As `local_conv2d`.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((2, 3, 7)), np.ones((4, 3, 3, 2))
    >>> local_conv1d(x, w, stride=2).shape
    (2, 4, 3)
    """
    return _forward("local_conv1d", 1, x, w, b, stride, padding, dilation)


@quietly
def local_conv1d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Gradients:
    r"""Return the gradients of `local_conv1d`.

    .. math::
        dw_{kqcs} = \sum_n dy_{nkq}\; x_{n,\,c,\;q\,s_T + s\,d_T - p_T},
        \qquad db_{kq} = \sum_n dy_{nkq}

    Parameters
    ----------
    dy : ndarray, shape (N, K, Q)
        Upstream gradient.
    x, w, b, stride, padding, dilation
        As in `local_conv1d`.

    Returns
    -------
    dx : ndarray, shape (N, C, T)
    dw : ndarray, shape (K, Q, C, S)
    db : ndarray of shape (K, Q), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `local_conv1d`, and if dy has not the output's shape.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((2, 3, 7)), np.ones((4, 6, 3, 2))
    >>> dx, dw, db = local_conv1d_backward(np.ones((2, 4, 6)), x, w)
    >>> dx.shape, dw.shape, db is None
    ((2, 3, 7), (4, 6, 3, 2), True)
    """
    return _backward("local_conv1d_backward", 1, dy, x, w, b, stride, padding, dilation)


@quietly
def local_conv3d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Slide through volumes with another kernel at every place: `local_conv2d` with a third axis.

    .. math::
        y_{nkopq} = b_{kopq} + \sum_{c,u,r,s} w_{kopqcurs}\;
            x_{n,\,c,\;o\,s_T + u\,d_T - p_T,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, T, H, W)
    w : ndarray, shape (K, O, P, Q, C, U, R, S)
    b : ndarray, shape (K, O, P, Q), optional
    stride, padding, dilation
        As in `local_conv2d`, for three axes.

    Returns
    -------
    ndarray, shape (N, K, O, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `local_conv2d`.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((2, 3, 2, 7, 6)), np.ones((4, 2, 3, 5, 3, 1, 3, 2))
    >>> local_conv3d(x, w, stride=(1, 2, 1)).shape
    (2, 4, 2, 3, 5)
    """
    return _forward("local_conv3d", 3, x, w, b, stride, padding, dilation)


@quietly
def local_conv3d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Gradients:
    r"""Return the gradients of `local_conv3d`.

    .. math::
        dw_{kopqcurs} = \sum_n dy_{nkopq}\;
            x_{n,\,c,\;o\,s_T + u\,d_T - p_T,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W},
        \qquad db_{kopq} = \sum_n dy_{nkopq}

    Parameters
    ----------
    dy : ndarray, shape (N, K, O, P, Q)
        Upstream gradient.
    x, w, b, stride, padding, dilation
        As in `local_conv3d`.

    Returns
    -------
    dx : ndarray, shape (N, C, T, H, W)
    dw : ndarray, shape (K, O, P, Q, C, U, R, S)
    db : ndarray of shape (K, O, P, Q), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `local_conv3d`, and if dy has not the output's shape.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((2, 3, 2, 7, 6)), np.ones((4, 2, 5, 5, 3, 1, 3, 2))
    >>> dx, dw, db = local_conv3d_backward(np.ones((2, 4, 2, 5, 5)), x, w)
    >>> dx.shape, dw.shape, db is None
    ((2, 3, 2, 7, 6), (4, 2, 5, 5, 3, 1, 3, 2), True)
    """
    return _backward("local_conv3d_backward", 3, dy, x, w, b, stride, padding, dilation)


def _forward(caller: str, dims: int, x: Array, w: Array, b: Array | None, *options: Any) -> Array:
    """Multiply the window of every place by its kernels, over any number of axes."""
    g = _read(caller, dims, x, w, b, *options)
    y = _kernels(w, dims) @ _columns(x, g)  # (P, Q, K, N)
    y = np.ascontiguousarray(np.moveaxis(y, (-1, -2), (0, 1)))  # (N, K, P, Q)
    if b is not None:
        y += b
    return y


def _backward(
    caller: str, dims: int, dy: Array, x: Array, w: Array, b: Array | None, *options: Any
) -> Gradients:
    """Return the three gradients, over any number of axes."""
    g = _read(caller, dims, x, w, b, *options)
    require_upstream(caller, dy, x, g)
    upstream = np.moveaxis(dy, (0, 1), (-1, -2))  # (P, Q, K, N)
    dw = upstream @ _columns(x, g).swapaxes(-1, -2)  # (P, Q, K, C·R·S)
    dw = np.ascontiguousarray(np.moveaxis(dw, -2, 0)).reshape(w.shape)
    parts = _kernels(w, dims).swapaxes(-1, -2) @ upstream  # (P, Q, C·R·S, N)
    parts = parts.reshape(*g.out, g.channels, *g.kernel, g.batch)
    dx = np.zeros((g.batch, g.channels, *g.padded), x.dtype)
    *rows, last = (slice(0, n) for n in g.out)
    parts = parts.transpose(np.argsort(_places_first(dims)))  # (C, R, S, P, N, Q)
    add_windows(dx, parts, (*rows, slice(0, g.batch), last), g)
    return np.ascontiguousarray(crop(dx, g.pads)), dw, None if b is None else dy.sum(axis=0)


def _columns(x: Array, g: Geometry) -> Array:
    """Return the window of every place as columns, one an image: (P, Q, C·R·S, N)."""
    view = windows(pad(x, g.pads), g)  # (C, R, S, P, N, Q)
    view = view.transpose(_places_first(len(g.out)))  # (P, Q, C, R, S, N)
    return view.reshape(*g.out, g.channels * g.taps, g.batch)


def _places_first(dims: int) -> list[int]:
    """Return the order that leads from (C, R, S, P, N, Q) to (P, Q, C, R, S, N)."""
    window, places, images = range(dims + 1), range(dims + 1, 2 * dims), 2 * dims
    return [*places, images + 1, *window, images]


def _kernels(w: Array, dims: int) -> Array:
    """Return the kernels of every place as a matrix: (P, Q, K, C·R·S)."""
    return np.moveaxis(w, 0, dims).reshape(*w.shape[1 : dims + 1], w.shape[0], -1)


def _read(
    caller: str,
    dims: int,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Check the arguments, whose kernels have an axis more for each axis of the output."""
    require_floats(caller, x=x, w=w, b=b)
    out = _OUT[dims]
    require_axes(caller, f"K{out}C{_KERNEL[dims]}", w=w)
    filters, places, rest = w.shape[0], w.shape[1 : dims + 1], w.shape[dims + 1 :]
    g = read_shapes(caller, dims, x.shape, (filters, *rest), stride, padding, dilation, 1)
    if places != g.out:
        raise ValueError(
            f"{caller}: w has kernels for ({','.join(out)})={places} places but the output has "
            f"{g.out}; got {described(x=x, w=w, stride=stride, padding=padding, dilation=dilation)}"
            f"; give w the shape {(filters, *g.out, *rest)}"
        )
    if b is not None:
        require_shape(caller, f"K{out}", (filters, *g.out), b=b, w=w)
    return g
