"""The windows of images as columns of a matrix, and back: im2col and col2im."""

from collections.abc import Sequence
from math import prod

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    require_axes,
    require_floats,
    require_room,
    require_shape,
)
from dlnotes.functional._columns import add_windows, crop, pad, windows
from dlnotes.functional._geometry import Geometry, read_shapes
from dlnotes.functional._options import quietly
from dlnotes.shapes import IntOrTuple, Padding, as_tuple


def im2col(
    x: Array,
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Write every window of the images as a column, so that convolution is a matrix product.

    .. math:: cols_{n,\,(c,r,s),\,(p,q)} = x_{n,\,c,\;p\,s_H + r\,d_H - p_H,\;q\,s_W + s\,d_W - p_W}

    Then ``conv2d(x, w)`` is ``w.reshape(K, -1) @ im2col(x, (R, S))``, but for the shape.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; also sequences (N, C, T) or volumes (N, C, T, H, W).
    kernel : int or (int, int)
        Size of the windows, (R, S).
    stride, padding, dilation
        As in `conv2d`.

    Returns
    -------
    ndarray, shape (N, C·R·S, P·Q)
        A copy, about R·S times as large as x.

    Raises
    ------
    TypeError
        If x is not float32 or float64, or a number is no int.
    ValueError
        If the sizes do not fit each other.

    References
    ----------
    Concept conv-backward; ``torch.nn.functional.unfold``.

    Examples
    --------
    >>> im2col(np.ones((2, 3, 7, 6)), (3, 2)).shape
    (2, 18, 25)
    """
    require_floats("im2col", x=x)
    if x.ndim not in (3, 4, 5):
        raise ValueError(
            f"im2col: x has {x.ndim} axes but needs 4, or 3 or 5; got {described(x=x)}; "
            "give x the shape (N,C,H,W), (N,C,T) or (N,C,T,H,W)"
        )
    g = _read("im2col", x.shape, kernel, stride, padding, dilation)
    require_room("im2col", (g.batch, g.channels, *g.kernel, *g.out), kernel=kernel, padding=padding)
    view = windows(pad(x, g.pads), g)  # (C, R, S, P, N, Q)
    cols = np.moveaxis(view, -2, 0).copy()  # (N, C, R, S, P, Q)
    return cols.reshape(g.batch, g.channels * g.taps, prod(g.out))


@quietly
def col2im(
    cols: Array,
    sizes: Sequence[int],
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Add columns back into images where they came from: the adjoint of `im2col`.

    .. math:: x_{nchw} = \sum_{r,s,p,q} cols_{n,\,(c,r,s),\,(p,q)}\,
        [h = p\,s_H + r\,d_H - p_H]\,[w = q\,s_W + s\,d_W - p_W]

    It is no inverse: what lies in several windows is added up several times.

    Parameters
    ----------
    cols : ndarray, shape (N, C·R·S, P·Q)
    sizes : (int, int)
        Sizes of the images, (H, W); or (T,) or (T, H, W).
    kernel, stride, padding, dilation
        As in `im2col`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `im2col`, and if cols has another shape than `im2col` would give.

    References
    ----------
    Concept conv-backward; ``torch.nn.functional.fold``.

    Examples
    --------
    >>> col2im(np.ones((2, 18, 25)), (7, 6), (3, 2)).shape
    (2, 3, 7, 6)
    >>> col2im(np.ones((1, 2, 3)), (4,), (2,))[0, 0].tolist()
    [1.0, 2.0, 2.0, 1.0]
    """
    require_floats("col2im", cols=cols)
    require_axes("col2im", ("N", "C·R·S", "P·Q"), cols=cols)
    if not isinstance(sizes, list | tuple) or len(sizes) not in (1, 2, 3):
        raise ValueError(
            f"col2im: sizes must name one, two or three axes; got sizes={sizes!r}; "
            "give (H, W), (T,) or (T, H, W)"
        )
    space = as_tuple(sizes, len(sizes), "sizes", caller="col2im")
    taps = prod(as_tuple(kernel, len(sizes), "kernel", caller="col2im"))
    channels = max(1, cols.shape[1] // taps)
    g = _read("col2im", (len(cols), channels, *space), kernel, stride, padding, dilation)
    shape = (g.batch, g.channels * g.taps, prod(g.out))
    require_shape("col2im", ("N", "C·R·S", "P·Q"), shape, cols=cols)
    split = cols.reshape(g.batch, g.channels, *g.kernel, *g.out)  # (N, C, R, S, P, Q)
    x = np.zeros((g.batch, g.channels, *g.padded), cols.dtype)
    whole = [slice(0, n) for n in (*g.out[:-1], g.batch, g.out[-1])]
    add_windows(x, np.moveaxis(split, 0, -2), tuple(whole), g)
    return np.ascontiguousarray(crop(x, g.pads))


def _read(
    caller: str,
    shape: tuple[int, ...],
    kernel: IntOrTuple,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Check the numbers, as for a convolution with one kernel of this size."""
    dims = len(shape) - 2
    one = (1, shape[1], *as_tuple(kernel, dims, "kernel", caller=caller))
    return read_shapes(caller, dims, shape, one, stride, padding, dilation, 1)
