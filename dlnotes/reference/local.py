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
    (down, right), (far, wide) = as_tuple(stride, 2, "stride"), as_tuple(dilation, 2, "dilation")
    kernel = w.shape[4:]
    pads = as_pads(padding, kernel, stride, dilation, 2)
    x = np.pad(x, ((0, 0), (0, 0), *pads))
    y = np.zeros((x.shape[0], *w.shape[:3]), x.dtype)
    for n, k, p, q in np.ndindex(y.shape):
        rows = slice(p * down, p * down + far * (kernel[0] - 1) + 1, far)
        columns = slice(q * right, q * right + wide * (kernel[1] - 1) + 1, wide)
        y[n, k, p, q] = (w[k, p, q] * x[n, :, rows, columns]).sum()
    return y if b is None else y + b
