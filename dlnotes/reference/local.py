"""Locally connected layers, place by place."""

import numpy as np

from dlnotes.reference._types import Array
from dlnotes.shapes import IntOrTuple, Padding, as_pads, as_tuple


def local_conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Multiply the window at every place by that place's own kernels.

    .. math::
        y_{nkpq} = b_{kpq} + \sum_{c,r,s}
            w_{kpqcrs}\; x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    w : ndarray, shape (K, P, Q, C, R, S)
    b : ndarray, shape (K, P, Q), optional
    stride, padding, dilation
        As in `conv2d`.

    Returns
    -------
    ndarray, shape (N, K, P, Q)

    Raises
    ------
    TypeError, ValueError
        If a number is no int, or out of range.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> w = np.arange(3.0).reshape(1, 1, 3, 1, 1, 1)  # kernels 0, 1 and 2
    >>> local_conv2d(np.full((1, 1, 1, 3), 5.0), w)[0, 0].tolist()
    [[0.0, 5.0, 10.0]]
    """
    return _place_by_place(2, x, w, b, stride, padding, dilation)


def local_conv1d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Multiply the window at every place by that place's own kernels: one axis.

    .. math::
        y_{nkq} = b_{kq} + \sum_{c,s} w_{kqcs}\; x_{n,\,c,\;q\,s_T + s\,d_T - p_T}

    Parameters
    ----------
    x : ndarray, shape (N, C, T)
    w : ndarray, shape (K, Q, C, S)
    b : ndarray, shape (K, Q), optional
    stride, padding, dilation
        As in `conv1d`.

    Returns
    -------
    ndarray, shape (N, K, Q)

    Raises
    ------
    TypeError, ValueError
        If a number is no int, or out of range.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> w = np.arange(3.0).reshape(1, 3, 1, 1)  # kernels 0, 1 and 2
    >>> local_conv1d(np.full((1, 1, 3), 5.0), w)[0, 0].tolist()
    [0.0, 5.0, 10.0]
    """
    return _place_by_place(1, x, w, b, stride, padding, dilation)


def local_conv3d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Multiply the window at every place by that place's own kernels: three axes.

    .. math::
        y_{nkopq} = b_{kopq} + \sum_{c,u,r,s} w_{kopqcurs}\;
            x_{n,\,c,\;o\,s_T + u\,d_T - p_T,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, T, H, W)
    w : ndarray, shape (K, O, P, Q, C, U, R, S)
    b : ndarray, shape (K, O, P, Q), optional
    stride, padding, dilation
        As in `conv3d`.

    Returns
    -------
    ndarray, shape (N, K, O, P, Q)

    Raises
    ------
    TypeError, ValueError
        If a number is no int, or out of range.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> w = np.arange(3.0).reshape(1, 1, 1, 3, 1, 1, 1, 1)  # kernels 0, 1 and 2
    >>> local_conv3d(np.full((1, 1, 1, 1, 3), 5.0), w)[0, 0].tolist()
    [[[0.0, 5.0, 10.0]]]
    """
    return _place_by_place(3, x, w, b, stride, padding, dilation)


def _place_by_place(
    dims: int,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Array:
    """Do it over any number of axes."""
    strides, dilations = as_tuple(stride, dims, "stride"), as_tuple(dilation, dims, "dilation")
    kernel = w.shape[-dims:]
    x = np.pad(x, ((0, 0), (0, 0), *as_pads(padding, kernel, strides, dilations, dims)))
    y = np.zeros((x.shape[0], *w.shape[: dims + 1]), x.dtype)
    for n, k, *place in np.ndindex(y.shape):
        rows = zip(place, kernel, strides, dilations, strict=True)
        window = tuple(slice(p * s, p * s + d * (r - 1) + 1, d) for p, r, s, d in rows)
        y[(n, k, *place)] = (w[(k, *place)] * x[(n, slice(None), *window)]).sum()
    return y if b is None else y + b
