"""Transposed convolution, stamp by stamp."""

import numpy as np

from dlnotes.reference._types import Array
from dlnotes.shapes import IntOrTuple, Padding, as_pads, as_tuple, conv_transpose_out_nd


def conv_transpose2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    groups: int = 1,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Stamp a scaled copy of the kernels for every input, one stamp after the other.

    .. math::
        y_{nkpq} = b_k + \sum_{c,h,w,r,s} x_{nchw}\, w_{ckrs}\,
            [p = h\,s_H + r\,d_H - p_H]\,[q = w\,s_W + s\,d_W - p_W]

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    w : ndarray, shape (C, K/groups, R, S)
    b : ndarray, shape (K,), optional
    stride, padding, output_padding, groups, dilation
        As in `dlnotes.functional.conv_transpose2d`.

    Returns
    -------
    ndarray, shape (N, K, P, Q)

    Raises
    ------
    TypeError, ValueError
        If a number is no int, or nothing would be left.

    References
    ----------
    Concepts transposed-size, stride-as-gaps.

    Examples
    --------
    >>> conv_transpose2d(np.ones((1, 1, 2, 2)), np.ones((1, 1, 4, 4)), stride=3)[0, 0, 3].tolist()
    [2.0, 2.0, 2.0, 4.0, 2.0, 2.0, 2.0]
    """
    strides, dilations = as_tuple(stride, 2, "stride"), as_tuple(dilation, 2, "dilation")
    kernel, inputs, share = w.shape[2:], x.shape[1] // groups, w.shape[1]
    pads = as_pads(padding, kernel, strides, dilations, 2)
    out = conv_transpose_out_nd(
        x.shape[2:],
        kernel,
        stride=strides,
        padding=pads,
        output_padding=output_padding,
        dilation=dilations,
    )
    y = np.zeros((x.shape[0], share * groups, *out), x.dtype)
    for n, c, h, i in np.ndindex(x.shape):
        for k, r, s in np.ndindex(w.shape[1:]):
            p = h * strides[0] + r * dilations[0] - pads[0][0]
            q = i * strides[1] + s * dilations[1] - pads[1][0]
            if 0 <= p < out[0] and 0 <= q < out[1]:
                y[n, c // inputs * share + k, p, q] += x[n, c, h, i] * w[c, k, r, s]
    return y if b is None else y + b[:, None, None]
