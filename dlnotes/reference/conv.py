"""Convolution, its gradients and its columns, entry by entry."""

import numpy as np

from dlnotes.reference._types import Array, Index
from dlnotes.shapes import IntOrTuple, Padding, as_pads, as_tuple, conv_out_nd


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
    r"""Slide kernels over images and sum the products, one product at a time.

    .. math::
        y_{nkpq} = b_k + \sum_{c,r,s}
            w_{kcrs}\; x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    w : ndarray, shape (K, C/groups, R, S)
    b : ndarray, shape (K,), optional
    stride, padding, dilation, groups
        As in `dlnotes.functional.conv2d`.

    Returns
    -------
    ndarray, shape (N, K, P, Q)

    Raises
    ------
    TypeError, ValueError
        If a number is no int, or the sizes do not fit.

    References
    ----------
    Concept conv-by-hand.

    Examples
    --------
    >>> conv2d(np.ones((2, 3, 7, 6)), np.ones((4, 3, 3, 2)), stride=2).shape
    (2, 4, 3, 3)
    """
    y = np.zeros(_out_shape("conv2d", x, w, stride, padding, dilation, groups), x.dtype)
    (s_h, s_w), (d_h, d_w), (top, left) = _numbers(w.shape, stride, padding, dilation)
    depth, share = w.shape[1], w.shape[0] // groups  # channels of a kernel, kernels of a group
    for n, k, p, q in np.ndindex(y.shape):
        for c, r, s in np.ndindex(w.shape[1:]):
            h, j = p * s_h + r * d_h - top, q * s_w + s * d_w - left
            if 0 <= h < x.shape[2] and 0 <= j < x.shape[3]:  # all else is padding
                y[n, k, p, q] += w[k, c, r, s] * x[n, k // share * depth + c, h, j]
    return y if b is None else y + b[:, None, None]


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
) -> tuple[Array, Array, Array | None]:
    r"""Return the gradients of `conv2d`: the same products, each with its two factors exchanged.

    Where the forward pass adds x·w to y, the chain rule adds dy·w to dx and dy·x to dw.

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
    shape = _out_shape("conv2d_backward", x, w, stride, padding, dilation, groups)
    if dy.shape != shape:
        raise ValueError(
            f"conv2d_backward: dy has shape {dy.shape} but the output has {shape}; got x "
            f"{x.shape}, w {w.shape}; pass the gradient of the output, with the same options"
        )
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    (s_h, s_w), (d_h, d_w), (top, left) = _numbers(w.shape, stride, padding, dilation)
    depth, share = w.shape[1], w.shape[0] // groups  # channels of a kernel, kernels of a group
    for n, k, p, q in np.ndindex(shape):
        for c, r, s in np.ndindex(w.shape[1:]):
            h, j = p * s_h + r * d_h - top, q * s_w + s * d_w - left
            if 0 <= h < x.shape[2] and 0 <= j < x.shape[3]:  # all else is padding
                at = n, k // share * depth + c, h, j
                dx[at] += dy[n, k, p, q] * w[k, c, r, s]
                dw[k, c, r, s] += dy[n, k, p, q] * x[at]
    return dx, dw, None if b is None else dy.sum(axis=(0, 2, 3))


def convolve2d(x: Array, w: Array) -> Array:
    r"""Convolve in the strict sense: every pixel throws the whole kernel onto the output.

    .. math:: y_{h+r,\,w+s} \mathrel{+}= x_{hw}\, w_{rs}

    Parameters
    ----------
    x : ndarray, shape (H, W)
    w : ndarray, shape (R, S)

    Returns
    -------
    ndarray, shape (H + R - 1, W + S - 1)
        The mode 'full' of `dlnotes.functional.convolve2d`.

    References
    ----------
    Concept true-convolution.

    Examples
    --------
    >>> convolve2d(np.ones((3, 3)), np.ones((2, 2)))[1].tolist()
    [2.0, 4.0, 4.0, 2.0]
    """
    y = np.zeros((x.shape[0] + w.shape[0] - 1, x.shape[1] + w.shape[1] - 1), x.dtype)
    for h, j in np.ndindex(x.shape):
        for r, s in np.ndindex(w.shape):
            y[h + r, j + s] += x[h, j] * w[r, s]
    return y


def im2col(
    x: Array,
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Write every window of the images as a column, one value at a time.

    .. math:: cols_{n,\,(c,r,s),\,(p,q)} = x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    kernel : int or (int, int)
        Size of the windows, (R, S).
    stride, padding, dilation
        As in `conv2d`.

    Returns
    -------
    ndarray, shape (N, C·R·S, P·Q)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.

    References
    ----------
    Concept conv-backward.

    Examples
    --------
    >>> im2col(np.ones((2, 3, 7, 6)), (3, 2)).shape
    (2, 18, 25)
    """
    window = (1, x.shape[1], *as_tuple(kernel, 2, "kernel", caller="im2col"))
    batch, _, *out = _out_shape("im2col", x, np.empty(window), stride, padding, dilation, 1)
    (s_h, s_w), (d_h, d_w), (top, left) = _numbers(window, stride, padding, dilation)
    cols = np.zeros((batch, *window[1:], *out), x.dtype)  # (N, C, R, S, P, Q)
    for n, c, r, s, p, q in np.ndindex(cols.shape):
        h, j = p * s_h + r * d_h - top, q * s_w + s * d_w - left
        if 0 <= h < x.shape[2] and 0 <= j < x.shape[3]:  # all else is padding
            cols[n, c, r, s, p, q] = x[n, c, h, j]
    return cols.reshape(batch, window[1] * window[2] * window[3], out[0] * out[1])


def _numbers(
    w_shape: Index, stride: IntOrTuple, padding: Padding, dilation: IntOrTuple
) -> tuple[Index, Index, Index]:
    """Return strides, dilations, and the zeros before the first row and column."""
    strides, dilations = as_tuple(stride, 2, "stride"), as_tuple(dilation, 2, "dilation")
    (top, _), (left, _) = as_pads(padding, w_shape[2:], strides, dilations, 2)
    return strides, dilations, (top, left)


def _out_shape(
    caller: str,
    x: Array,
    w: Array,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    groups: int,
) -> Index:
    """Return (N, K, P, Q), having made sure that channels and kernels fit the groups."""
    if x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        raise ValueError(
            f"{caller}: C={x.shape[1]} channels and K={w.shape[0]} kernels of {w.shape[1]} do not "
            f"fit groups={groups}; got x {x.shape}, w {w.shape}; make x.shape[1] == "
            "w.shape[1]*groups and w.shape[0] a multiple of groups"
        )
    out = conv_out_nd(
        x.shape[2:], w.shape[2:], stride=stride, padding=padding, dilation=dilation, caller=caller
    )
    return (x.shape[0], w.shape[0], *out)
