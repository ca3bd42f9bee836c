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
from dlnotes.functional._geometry import Geometry, read_shapes
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import canvas
from dlnotes.shapes import IntOrTuple, Padding, as_tuple

_X = {1: "NCT", 2: "NCHW", 3: "NCTHW"}
_COLUMNS = ("N", "C·R·S", "P·Q")


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
        If the sizes do not fit each other, or an array would have 2³¹ values or more.

    References
    ----------
    Concept conv-backward; ``torch.nn.functional.unfold``.

    Examples
    --------
    >>> im2col(np.ones((2, 3, 7, 6)), (3, 2)).shape
    (2, 18, 25)
    """
    return _gather(x, _read_images("im2col", x, kernel, stride, padding, dilation))


@quietly
def im2col_backward(
    dy: Array,
    x: Array,
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    """Return the gradient of `im2col`, which is `col2im` of dy: (N, C·R·S, P·Q) to (N, C, H, W).

    Returns
    -------
    ndarray, shape of x
    """
    caller = "im2col_backward"
    g = _read_images(caller, x, kernel, stride, padding, dilation)
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, _COLUMNS, _columns_shape(g), dy=dy, x=x)
    return _scatter(dy, g)


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
    return _scatter(cols, _read_columns("col2im", cols, sizes, kernel, stride, padding, dilation))


def col2im_backward(
    dy: Array,
    cols: Array,
    sizes: Sequence[int],
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
) -> Array:
    """Return the gradient of `col2im`, which is `im2col` of dy: (N, C, H, W) to (N, C·R·S, P·Q).

    Returns
    -------
    ndarray, shape of cols
    """
    caller = "col2im_backward"
    g = _read_columns(caller, cols, sizes, kernel, stride, padding, dilation)
    require_floats(caller, cols=cols, dy=dy)
    require_shape(caller, _X[len(g.sizes)], (g.batch, g.channels, *g.sizes), dy=dy, cols=cols)
    return _gather(dy, g)


def _gather(x: Array, g: Geometry) -> Array:
    """Write the windows of (N, C, H, W) as columns: (N, C·R·S, P·Q)."""
    windows, images = canvas(g, 0, x.dtype)  # (N, C, R, S, P, Q)
    images[...] = x
    return windows.reshape(_columns_shape(g))


def _scatter(cols: Array, g: Geometry) -> Array:
    """Add columns back into images: (N, C·R·S, P·Q) to (N, C, H, W)."""
    windows, images = canvas(g, 0, cols.dtype)  # (N, C, R, S, P, Q)
    columns = cols.reshape(windows.shape)
    for entry in np.ndindex(g.kernel):
        windows[:, :, *entry] += columns[:, :, *entry]  # (N, C, P, Q)
    return np.ascontiguousarray(images)


def _columns_shape(g: Geometry) -> tuple[int, ...]:
    """Return the shape of the columns."""
    return g.batch, g.channels * prod(g.kernel), prod(g.out)


def _read_images(
    caller: str,
    x: Array,
    kernel: IntOrTuple,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Check images and the numbers of their windows."""
    require_floats(caller, x=x)
    if x.ndim - 2 not in _X:
        raise ValueError(
            f"{caller}: x has {x.ndim} axes but needs 4, or 3 or 5; got {described(x=x)}; "
            "give x the shape (N,C,H,W), (N,C,T) or (N,C,T,H,W)"
        )
    g = _read(caller, x.shape, kernel, stride, padding, dilation)
    require_room(caller, _columns_shape(g), kernel=kernel, padding=padding)
    return g


def _read_columns(
    caller: str,
    cols: Array,
    sizes: Sequence[int],
    kernel: IntOrTuple,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
) -> Geometry:
    """Check columns and the numbers of the images that they belong to."""
    require_floats(caller, cols=cols)
    require_axes(caller, _COLUMNS, cols=cols)
    if not isinstance(sizes, list | tuple) or len(sizes) not in _X:
        raise ValueError(
            f"{caller}: sizes must name one, two or three axes; got sizes={sizes!r}; "
            "give (H, W), (T,) or (T, H, W)"
        )
    space = as_tuple(sizes, len(sizes), "sizes", caller=caller)
    taps = prod(as_tuple(kernel, len(sizes), "kernel", caller=caller))
    channels = max(1, cols.shape[1] // taps)
    g = _read(caller, (len(cols), channels, *space), kernel, stride, padding, dilation)
    require_shape(caller, _COLUMNS, _columns_shape(g), cols=cols)
    return g


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
