"""Convolution over any number of axes, forward and backward, with the algorithm chosen by shape.

Every algorithm is a matrix product; they differ in how the windows get into a matrix:

pointwise   a 1×1 kernel: the input is that matrix already, nothing is copied
columns     the windows of one tile are gathered into columns (im2col), whole or by kernel rows
scatter     gradient of the input: columns of gradients are added back into place (col2im)
full        gradient of the input: a convolution of dy, padded fully, with the turned kernel;
            not for infinite or undefined weights, which would meet zeros of the padding
"""

from math import prod

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._columns import (
    Columns,
    add_windows,
    batch_inside,
    crop,
    tile_width,
    tiles,
)
from dlnotes.functional._geometry import Geometry
from dlnotes.functional._phases import phases, turn
from dlnotes.functional._stacks import stack, stacks, unstack

# ---- the choice


def is_pointwise(g: Geometry) -> bool:
    """Say whether the windows are single pixels, and images large enough to stand alone."""
    plain = g.taps == 1 and set(g.stride) == {1} and not any(map(any, g.pads))
    return plain and g.groups == 1 and prod(g.out) >= 128


def splits_rows(g: Geometry) -> bool:
    """Say whether windows are gathered by kernel rows, which copies less.

    The matrices must stay tall enough for a fast product (or be single rows, as in depthwise
    convolution), and there must be positions enough to pay for laying the kernels out anew.
    """
    possible = len(g.kernel) > 1 and g.kernel[0] > 1 and g.stride[0] == 1
    tall = g.channels // g.groups * g.taps // g.kernel[0] >= 24 or g.filters == g.groups
    many = g.batch * prod(g.out) >= 4 * g.filters
    return possible and tall and many


def prefers_full(g: Geometry) -> bool:
    """Say whether `full` is cheaper than `scatter` for the gradient of the input.

    Both need one matrix product for each kernel entry and position, of the input in `full`, of
    the output in `scatter`. Beside it, `full` copies K values (or their share of a kernel row)
    and turns the kernels once; `scatter` adds C values. Counted in multiply-adds of the product,
    a copy costs about 15, an addition 40, turning 100 a weight, and a further phase five million.
    """
    parts = phases(g)
    if is_pointwise(g) or not parts:
        return bool(parts)
    product = g.channels * g.filters // g.groups
    full = 100 * product * g.taps + 5e6 * (len(parts) - 1)
    for part in (part.geometry for part in parts):
        copies = g.filters / (part.kernel[0] if splits_rows(part) else 1)
        full += g.batch * prod(part.out) * part.taps * (product + 15 * copies)
    return full < g.batch * prod(g.out) * g.taps * (product + 40 * g.channels)


def forward(x: Array, w: Array, b: Array | None, g: Geometry) -> Array:
    """Convolve: (N, C, H, W) and (K, C/groups, R, S) to (N, K, P, Q)."""
    if not (parts := stacks(g)):
        return (_pointwise if is_pointwise(g) else _columns)(x, w, b, g)
    y = np.empty((g.batch, g.filters, *g.out), x.dtype)
    for images, part in parts:
        y[images] = unstack(forward(stack(x[images]), w[..., None], b, part))
    return y


def input_gradient(dy: Array, w: Array, g: Geometry) -> Array:
    """Return dx, shape (N, C, H, W), from dy, shape (N, K, P, Q)."""
    if not (parts := stacks(g)):
        return (_full if prefers_full(g) else _scatter)(dy, w, g)
    dx = np.empty((g.batch, g.channels, *g.sizes), dy.dtype)
    for images, part in parts:
        dx[images] = unstack(input_gradient(stack(dy[images]), w[..., None], part))
    return dx


def weight_gradient(dy: Array, x: Array, g: Geometry) -> Array:
    """Return dw, shape (K, C/groups, R, S), from dy, shape (N, K, P, Q)."""
    if not (parts := stacks(g)):
        return (_pointwise_weights if is_pointwise(g) else _columns_weights)(dy, x, g)
    dw = np.zeros((g.filters, g.channels // g.groups, *g.kernel), x.dtype)
    for images, part in parts:
        dw += weight_gradient(stack(dy[images]), stack(x[images]), part)[..., 0]
    return dw


# ---- pointwise


def _pointwise(x: Array, w: Array, b: Array | None, g: Geometry) -> Array:
    """Multiply every pixel's channels by one matrix."""
    flat = x.reshape(g.batch, g.channels, prod(g.sizes))  # (N, C, H·W)
    y = np.matmul(w.reshape(g.filters, g.channels), flat)  # (N, K, H·W)
    if b is not None:
        y += b[:, None]
    return y.reshape(g.batch, g.filters, *g.out)


def _pointwise_weights(dy: Array, x: Array, g: Geometry) -> Array:
    """Sum the products of gradients and inputs over all pixels."""
    dw = np.zeros((g.filters, g.channels), x.dtype)
    for dy_n, x_n in zip(dy, x, strict=True):
        dw += _outer(dy_n.reshape(g.filters, -1), x_n.reshape(g.channels, -1))
    return dw.reshape(g.filters, g.channels, *g.kernel)


# ---- columns


def _columns(x: Array, w: Array, b: Array | None, g: Geometry) -> Array:
    """Multiply the kernels by columns that hold one window each."""
    y = np.empty((g.batch, g.filters, *g.out), x.dtype)
    out, columns = batch_inside(y), Columns(x, g, by_rows=splits_rows(g))  # (K, P, N, Q)
    matrices = columns.split_kernel(w)  # (R, G, K/G, C/G·S), or (1, G, K/G, C/G·R·S)
    for tile in columns.tiles():
        first, *rest = zip(matrices, columns.matrices(tile), strict=True)
        sums = first[0] @ first[1]  # (G, K/G, p·n·q)
        for matrix, cols in rest:
            sums += matrix @ cols
        part = out[(slice(None), *tile)]
        sums = sums.reshape(g.filters, -1)
        if b is not None:
            sums += b[:, None]
        part[...] = sums.reshape(part.shape)
    return y


def _columns_weights(dy: Array, x: Array, g: Geometry) -> Array:
    """Multiply gradients by the columns of the same windows, and sum."""
    columns, upstream = Columns(x, g, by_rows=splits_rows(g)), batch_inside(dy)
    dw = np.zeros(columns.shape, x.dtype)
    for tile in columns.tiles():
        rows = upstream[(slice(None), *tile)].reshape(g.groups, g.filters // g.groups, -1)
        for total, cols in zip(dw, columns.matrices(tile), strict=True):
            total += _outer(rows, cols)
    return columns.join_kernel(dw)


def _scatter(dy: Array, w: Array, g: Geometry) -> Array:
    """Give each window its share of the gradients, and add where windows overlap."""
    dx = np.zeros((g.batch, g.channels, *g.padded), dy.dtype)
    upstream = batch_inside(dy)
    matrix = w.reshape(g.groups, g.filters // g.groups, -1).swapaxes(1, 2)  # (G, C/G·R·S, K/G)
    for tile in tiles(g, tile_width(g.channels * g.taps, g.filters, dy.itemsize)):
        part = upstream[(slice(None), *tile)]  # (K, p, n, q)
        cols = matrix @ part.reshape(g.groups, matrix.shape[2], -1)  # (G, C/G·R·S, p·n·q)
        add_windows(dx, cols.reshape(g.channels, *g.kernel, *part.shape[1:]), tile, g)
    return np.ascontiguousarray(crop(dx, g.pads))


# ---- full


def _full(dy: Array, w: Array, g: Geometry) -> Array:
    """Convolve dy, padded, with the turned kernels: one phase of the input after the other."""
    parts = phases(g)
    if set(g.stride) == {1}:
        return forward(dy, turn(w, g.groups), None, parts[0].geometry)
    dx = np.zeros((g.batch, g.channels, *g.sizes), dy.dtype)
    for part in parts:
        kernels = turn(w[(slice(None), slice(None), *part.taps)], g.groups)
        places = (slice(None), slice(None), *part.places)
        dx[places] = forward(dy, kernels, None, part.geometry)
    return dx


# ---- shared


def _finite(w: Array) -> bool:
    """Say whether no weight is infinite or undefined; the sum tells it sooner than each entry."""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(w.sum()))


def _outer(a: Array, b: Array) -> Array:
    """Return a @ b.T, taller operand first: BLAS is a fifth faster that way for few rows."""
    if a.shape[-2] < 128:
        return (b @ a.swapaxes(-1, -2)).swapaxes(-1, -2)
    return a @ b.swapaxes(-1, -2)
