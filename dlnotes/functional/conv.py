"""Convolution over one, two and three axes, each beside its backward pass.

As everywhere in deep learning, the kernel is not turned: this is a cross-correlation. Convolution
in the strict sense is `convolve2d`.

The method, over any number of axes, is `convolve`: the windows of the padded images are *cut* out
and written as the columns of a matrix, that matrix is *multiplied* by the kernels, and the products
are *placed* into the output. The columns repeat each value R·S times, so they are never built
whole, but for one tile of the output after the other.
"""

from collections.abc import Iterator
from math import prod
from types import EllipsisType

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dlnotes.functional._arrays import Array
from dlnotes.functional._fast.turned import turned
from dlnotes.functional._geometry import Geometry, read_conv, require_upstream
from dlnotes.functional._options import quietly
from dlnotes.shapes import IntOrTuple, Padding

Gradients = tuple[Array, Array, Array | None]
Tile = tuple[slice | EllipsisType, ...]

CACHE = 2**20
"""Bytes of columns and products to work on at a time, about half of a second-level cache."""

NARROWEST, WIDEST = 192, 1536
"""Columns of a tile: matrix products are slow below, and gain nothing above."""

SMALL = 256
"""Pixels of an image that is cut together with many others."""


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
    return convolve(x, w, b, g)  # the method, for any number of axes: below


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
    g = read_backward(2, dy, x, w, b, stride, padding, dilation, groups)
    db = None if b is None else dy.sum(axis=(0, 2, 3))
    return input_gradient(dy, w, g), weight_gradient(dy, x, g), db


# ---- the method, over any number of axes


def convolve(x: Array, w: Array, b: Array | None, g: Geometry) -> Array:
    """Cut, multiply, place: (N, C, H, W) and (K, C/groups, R, S) to (N, K, P, Q)."""
    axis = batch_axis(g)
    windows, images = canvas(g, axis, x.dtype)  # two views of one array of zeros
    images[...] = x  # which fills the windows, too; zeros stay around them
    kernels = w.reshape(g.groups, g.filters // g.groups, -1)  # (G, K/G, C/G·R·S)
    y = np.empty((g.batch, g.filters, *g.out), x.dtype)
    places = np.moveaxis(y, 0, axis)  # (K, N, P, Q)
    for tile in tiles(g, axis, x.itemsize):
        # cut: the windows of n images, p rows and q = Q columns, (G, C/G·R·S, n·p·q);
        # they overlap, so that this reshape copies them side by side
        columns = windows[tile].reshape(g.groups, kernels.shape[2], -1)
        # multiply: each kernel by each window, (K, n·p·q)
        sums = (kernels @ columns).reshape(g.filters, -1)
        if b is not None:
            sums += b[:, None]
        # place, (K, n, p, q)
        places[tile] = sums.reshape(places[tile].shape)
    return y


def input_gradient(dy: Array, w: Array, g: Geometry) -> Array:
    """Return dx, shape (N, C, H, W): every window gets wᵀ·dy, and where windows overlap, the sum.

    `_fast.turned` makes the same one convolution of dy, where the stride is 1.
    """
    if faster := turned(w, g):
        kernels, around = faster
        return convolve(dy, kernels, None, around)
    axis = batch_axis(g)
    windows, dx = canvas(g, axis, dy.dtype)
    kernels = w.reshape(g.groups, g.filters // g.groups, -1)  # (G, K/G, C/G·R·S)
    dy = np.moveaxis(dy, 0, axis)  # (K, N, P, Q)
    for tile in tiles(g, axis, dy.itemsize):
        upstream = dy[tile].reshape(g.groups, kernels.shape[1], -1)  # (G, K/G, n·p·q)
        columns = kernels.swapaxes(1, 2) @ upstream  # (G, C/G·R·S, n·p·q)
        places = windows[tile]  # (C, R, S, n, p, q)
        columns = columns.reshape(places.shape)
        for entry in np.ndindex(g.kernel):  # windows overlap, but not in one entry of theirs
            places[:, *entry] += columns[:, *entry]  # (C, n, p, q)
    return np.ascontiguousarray(dx)


def weight_gradient(dy: Array, x: Array, g: Geometry) -> Array:
    """Return dw, shape (K, C/groups, R, S): dy times the columns of x, summed over the tiles."""
    axis = batch_axis(g)
    windows, images = canvas(g, axis, x.dtype)
    images[...] = x
    dy = np.moveaxis(dy, 0, axis)  # (K, N, P, Q)
    depth = g.channels // g.groups * prod(g.kernel)
    dw = np.zeros((g.groups, depth, g.filters // g.groups), x.dtype)  # (G, C/G·R·S, K/G)
    for tile in tiles(g, axis, x.itemsize):
        columns = windows[tile].reshape(g.groups, depth, -1)  # (G, C/G·R·S, n·p·q)
        upstream = dy[tile].reshape(g.groups, dw.shape[2], -1)  # (G, K/G, n·p·q)
        dw += columns @ upstream.swapaxes(1, 2)  # this way round, for the longer side goes first
    dw = np.ascontiguousarray(dw.swapaxes(1, 2))  # (G, K/G, C/G·R·S)
    return dw.reshape(g.filters, g.channels // g.groups, *g.kernel)


def batch_axis(g: Geometry) -> int:
    """Return where the batch stands in the arrays to cut: (C, N, H, W), or (C, H, W, N) if small.

    The rows of small images are short, and short rows are slow to copy. With N last, one pixel of
    all images lies side by side. The axis is counted from the end.
    """
    small = max(prod(g.sizes), prod(g.out)) <= SMALL and prod(g.kernel) > 1
    return -1 if small and g.batch >= 8 else -1 - len(g.out)


def canvas(g: Geometry, axis: int, dtype: np.dtype) -> tuple[Array, Array]:
    """Return zeros for padded images, seen as windows, (C, R, S, N, P, Q), and as (N, C, H, W).

    Both are views of one array: [c, r, s, n, p, q] of the windows is the pixel that kernel entry
    (r, s) meets at place (p, q), and the images are what the padding surrounds. `axis` is where N
    stands among the axes of the windows; with 0, they are (N, C, R, S, P, Q).
    """
    dims = len(g.kernel)
    shape = [g.channels, *(n + sum(zeros) for n, zeros in zip(g.sizes, g.pads, strict=True))]
    shape.insert(axis % (dims + 2), g.batch)
    whole = np.moveaxis(np.zeros(shape, dtype), axis, 0)  # (N, C, H', W')
    inside = (slice(p, p + n) for n, (p, _) in zip(g.sizes, g.pads, strict=True))
    reach = [d * (k - 1) + 1 for k, d in zip(g.kernel, g.dilation, strict=True)]
    windows = sliding_window_view(whole, reach, tuple(range(2, dims + 2)), writeable=True)
    places = (slice(0, (q - 1) * s + 1, s) for q, s in zip(g.out, g.stride, strict=True))
    entries = (slice(None, None, d) for d in g.dilation)
    windows = windows[:, :, *places, *entries]  # (N, C, P, Q, R, S)
    windows = np.moveaxis(windows, range(-dims, 0), range(2, dims + 2))  # (N, C, R, S, P, Q)
    return np.moveaxis(windows, 0, axis), whole[:, :, *inside]


def tiles(g: Geometry, axis: int, itemsize: int) -> Iterator[Tile]:
    """Cut the output into boxes of n images and p whole rows; give their indices.

    The columns of a box fit the cache. All boxes are of about the same size.
    """
    if not g.batch:
        return
    width = CACHE // ((g.channels * prod(g.kernel) + 2 * g.filters) * itemsize)
    width = min(max(width, NARROWEST), WIDEST)
    (height, *rest), row = g.out, prod(g.out[1:])
    n = min(g.batch, 64) if axis == -1 else 1
    p = min(max(width // (n * row), 1), height)
    n = n if axis == -1 else min(max(width // (p * row), 1), g.batch)
    n = -(-g.batch // -(-g.batch // n))  # equal parts
    p = -(-height // -(-height // p))
    for first in range(0, g.batch, n):
        for top in range(0, height, p):
            box = [slice(first, first + n), slice(top, top + p), *(slice(None) for _ in rest)]
            yield (..., *(box[1:] + box[:1] if axis == -1 else box))


def read_backward(
    dims: int,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    groups: int,
) -> Geometry:
    """Check the arguments of a backward pass, as `read_conv` checks the others."""
    caller = f"conv{dims}d_backward"
    g = read_conv(caller, dims, x, w, b, stride, padding, dilation, groups)
    require_upstream(caller, dy, x, g)
    return g


def parameter_gradients(
    dims: int,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> tuple[Array, Array | None]:
    """Return dw and db alone, for a first layer, whose input needs no gradient."""
    g = read_backward(dims, dy, x, w, b, stride, padding, dilation, groups)
    db = None if b is None else dy.sum(axis=(0, *range(2, dy.ndim)))
    return weight_gradient(dy, x, g), db


# ---- its kin


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
    """Slide kernels along sequences: `conv2d` over one axis.

    x is (N, C, T), w (K, C/groups, S); unequal sides are ``padding=((before, after),)``.

    Returns
    -------
    ndarray, shape (N, K, Q)

    Examples
    --------
    >>> conv1d(np.ones((2, 3, 7)), np.ones((4, 3, 2)), dilation=2).shape
    (2, 4, 5)
    """
    g = read_conv("conv1d", 1, x, w, b, stride, padding, dilation, groups)
    return convolve(x, w, b, g)


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
    """Return the gradients of `conv1d`, as `conv2d_backward` over one axis.

    Returns
    -------
    dx : ndarray, shape (N, C, T)
    dw : ndarray, shape (K, C/groups, S)
    db : ndarray of shape (K,), or None
    """
    g = read_backward(1, dy, x, w, b, stride, padding, dilation, groups)
    db = None if b is None else dy.sum(axis=(0, 2))
    return input_gradient(dy, w, g), weight_gradient(dy, x, g), db


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
    """Slide kernels through volumes or clips: `conv2d` with a third axis, T, in front.

    x is (N, C, T, H, W), w (K, C/groups, U, R, S).

    Returns
    -------
    ndarray, shape (N, K, O, P, Q)

    Examples
    --------
    >>> conv3d(np.ones((2, 3, 5, 7, 6)), np.ones((4, 3, 3, 3, 2)), padding=(1, 0, 0)).shape
    (2, 4, 5, 5, 5)
    """
    g = read_conv("conv3d", 3, x, w, b, stride, padding, dilation, groups)
    return convolve(x, w, b, g)


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
    """Return the gradients of `conv3d`, as `conv2d_backward` over three axes.

    Returns
    -------
    dx : ndarray, shape (N, C, T, H, W)
    dw : ndarray, shape (K, C/groups, U, R, S)
    db : ndarray of shape (K,), or None
    """
    g = read_backward(3, dy, x, w, b, stride, padding, dilation, groups)
    db = None if b is None else dy.sum(axis=(0, 2, 3, 4))
    return input_gradient(dy, w, g), weight_gradient(dy, x, g), db
