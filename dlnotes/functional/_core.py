"""Convolution over any number of axes, forward and backward, with the algorithm chosen by shape.

Every algorithm is a matrix product; they differ in how the windows get into a matrix:

pointwise   a 1×1 kernel: the input is that matrix already, nothing is copied
shifts      windows of small images with a stride are read as shifted views of a sorted copy;
            not for infinite or undefined values, which would meet zeros that are no padding
columns     the windows of one tile are gathered into columns (im2col), whole or by kernel rows
scatter     gradient of the input: columns of gradients are added back into place (col2im)
full        gradient of the input: a convolution of dy, padded fully, with the turned kernel;
            not for infinite or undefined weights, which would meet zeros of the padding
"""

from collections.abc import Iterable
from dataclasses import replace
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
from dlnotes.functional._phases import phases, taps_first
from dlnotes.functional._shifts import Shifts, prefers_shifts
from dlnotes.functional._stacks import stack, stacks, unstack

ALL = slice(None)

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
    possible = len(g.kernel) > 1 and 1 in (g.stride[0], g.dilation[0])
    saving = g.kernel[0] > g.stride[0]
    tall = g.channels // g.groups * g.taps // g.kernel[0] >= 24 or g.filters == g.groups
    many = g.batch * prod(g.out) >= 4 * g.filters
    return possible and saving and tall and many


def full_splits_rows(g: Geometry, windows: Geometry) -> bool:
    """Say the same of the windows of `full`, where splitting rows also tells the phases apart."""
    return splits_rows(windows) or (max(g.stride) > 1 and len(g.kernel) > 1)


def prefers_full(g: Geometry) -> bool:
    """Say whether `full` is cheaper than `scatter` for the gradient of the input.

    Both need one matrix product for each kernel entry and position, of the input in `full`, of
    the output in `scatter`. Beside it, `full` gathers windows of K values, lays the kernels out
    anew and calls more products; `scatter` adds C values for each kernel entry and position.
    Counted in multiply-adds, a copied value costs 120, an added one 150, a call a million and an
    addition's call a third of it.
    """
    windows, parts = phases(g)
    if not parts:
        return False
    split = windows.kernel[0] if full_splits_rows(g, windows) else 1
    weights = g.channels // g.groups * g.filters * g.taps
    copies = weights + g.batch * prod(windows.out) * windows.taps // split * g.filters
    full = g.batch * prod(windows.out) * weights + 120 * copies + 1e6 * (len(parts) * split + 2)
    additions = g.batch * prod(g.out) * g.taps * g.channels
    scatter = g.batch * prod(g.out) * weights + 150 * additions + 3e5 * g.taps
    return full < scatter


def forward(x: Array, w: Array, b: Array | None, g: Geometry) -> Array:
    """Convolve: (N, C, H, W) and (K, C/groups, R, S) to (N, K, P, Q)."""
    if not (parts := stacks(g)):
        return (_pointwise if is_pointwise(g) else _columns)(x, w, b, g)
    if prefers_shifts(g):
        return Shifts(g).forward(x, w, b)
    y = np.empty((g.batch, g.filters, *g.out), x.dtype)
    for images, part in parts:
        y[images] = unstack(forward(stack(x[images]), w[..., None], b, part))
    return y


def input_gradient(dy: Array, w: Array, g: Geometry) -> Array:
    """Return dx, shape (N, C, H, W), from dy, shape (N, K, P, Q)."""
    if is_pointwise(g):
        return _pointwise(
            dy, w.swapaxes(0, 1), None, replace(g, filters=g.channels, channels=g.filters)
        )
    if not (parts := stacks(g)):
        return (_full if prefers_full(g) and _finite(w) else _scatter)(dy, w, g)
    if prefers_shifts(g) and _finite(w):
        return Shifts(g).input_gradient(dy, w)
    dx = np.empty((g.batch, g.channels, *g.sizes), dy.dtype)
    for images, part in parts:
        dx[images] = unstack(input_gradient(stack(dy[images]), w[..., None], part))
    return dx


def weight_gradient(dy: Array, x: Array, g: Geometry) -> Array:
    """Return dw, shape (K, C/groups, R, S), from dy, shape (N, K, P, Q)."""
    if not (parts := stacks(g)):
        return (_pointwise_weights if is_pointwise(g) else _columns_weights)(dy, x, g)
    if prefers_shifts(g) and _finite(x):
        return Shifts(g).weight_gradient(dy, x)
    dw = np.zeros((g.filters, g.channels // g.groups, *g.kernel), x.dtype)
    for images, part in parts:
        dw += weight_gradient(stack(dy[images]), stack(x[images]), part)[..., 0]
    return dw


def forward_and_weights(x: Array, w: Array, dy: Array, g: Geometry) -> tuple[Array, Array]:
    """Return what `forward` and `weight_gradient` return: together they gather columns once."""
    if is_pointwise(g):
        return forward(x, w, None, g), weight_gradient(dy, x, g)
    if not (parts := stacks(g)):
        return _columns_both(x, w, dy, g)
    if prefers_shifts(g) and _finite(x):
        return Shifts(g).both(x, w, dy)
    y, dw = np.empty((g.batch, g.filters, *g.out), x.dtype), np.zeros(w.shape, w.dtype)
    for images, part in parts:
        both = forward_and_weights(stack(x[images]), w[..., None], stack(dy[images]), part)
        y[images] = unstack(both[0])
        dw += both[1][..., 0]
    return y, dw


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
        sums = _summed(matrices, columns.matrices(tile)).reshape(g.filters, -1)
        if b is not None:
            sums += b[:, None]
        part = out[(ALL, *tile)]
        part[...] = sums.reshape(part.shape)
    return y


def _columns_weights(dy: Array, x: Array, g: Geometry) -> Array:
    """Multiply gradients by the columns of the same windows, and sum."""
    columns, upstream = Columns(x, g, by_rows=splits_rows(g)), batch_inside(dy)
    dw = np.zeros(columns.kernel_shape, x.dtype)
    for tile in columns.tiles():
        rows = upstream[(ALL, *tile)].reshape(g.groups, g.filters // g.groups, -1)
        for total, cols in zip(dw, columns.matrices(tile), strict=True):
            total += _outer(rows, cols)
    return columns.join_kernel(dw)


def _columns_both(x: Array, w: Array, dy: Array, g: Geometry) -> tuple[Array, Array]:
    """Do what `_columns` and `_columns_weights` do with columns that are gathered once."""
    y = np.empty((g.batch, g.filters, *g.out), x.dtype)
    columns, out, upstream = (
        Columns(x, g, by_rows=splits_rows(g)),
        batch_inside(y),
        batch_inside(dy),
    )
    matrices, dw = columns.split_kernel(w), np.zeros(columns.kernel_shape, x.dtype)
    for tile in columns.tiles():
        at, cols = (ALL, *tile), columns.matrices(tile)
        out[at] = _summed(matrices, cols).reshape(out[at].shape)
        rows = upstream[at].reshape(g.groups, g.filters // g.groups, -1)
        for total, one in zip(dw, cols, strict=True):
            total += _outer(rows, one)
    return y, columns.join_kernel(dw)


def _scatter(dy: Array, w: Array, g: Geometry) -> Array:
    """Give each window its share of the gradients, and add where windows overlap."""
    dx = np.zeros((g.batch, g.channels, *g.padded), dy.dtype)
    upstream = batch_inside(dy)
    matrix = w.reshape(g.groups, g.filters // g.groups, -1).swapaxes(1, 2)  # (G, C/G·R·S, K/G)
    for tile in tiles(g, tile_width(g.channels * g.taps, g.filters, dy.itemsize)):
        part = upstream[(ALL, *tile)]  # (K, p, n, q)
        cols = matrix @ part.reshape(g.groups, matrix.shape[2], -1)  # (G, C/G·R·S, p·n·q)
        add_windows(dx, cols.reshape(g.channels, *g.kernel, *part.shape[1:]), tile, g)
    return np.ascontiguousarray(crop(dx, g.pads))


# ---- full


def _full(dy: Array, w: Array, g: Geometry) -> Array:
    """Convolve dy, padded, with the turned kernels; strides write every phase to its places."""
    windows, parts = phases(g)
    covered = all(k >= s for k, s in zip(g.kernel, g.stride, strict=True))
    dx = (np.empty if covered else np.zeros)((g.batch, g.channels, *g.sizes), dy.dtype)
    columns = Columns(dy, windows, by_rows=full_splits_rows(g, windows), taps_first=True)
    w = taps_first(w)
    kernels = [columns.split_taps(w[part.taps]) for part in parts]
    targets = [batch_inside(dx[(ALL, ALL, *part.places)]) for part in parts]  # (C, P, N, Q)
    for tile in columns.tiles():
        blocks, sizes = columns.blocks(tile), [span.stop - span.start for span in tile]
        for part, matrices, target in zip(parts, kernels, targets, strict=True):
            sums = _summed(matrices, columns.entries(blocks, part.entries))
            places = target[(ALL, *tile)]  # fewer at the end of a shorter phase
            inside = tuple(map(slice, places.shape))
            places[...] = sums.reshape(g.channels, *sizes)[inside]
    return dx


# ---- shared


def _summed(matrices: Iterable[Array], columns: Iterable[Array]) -> Array:
    """Multiply each matrix by its columns and add the products: (G, K/G, p·n·q)."""
    first, *rest = zip(matrices, columns, strict=True)
    sums = first[0] @ first[1]
    for matrix, cols in rest:
        sums += matrix @ cols
    return sums


def _finite(values: Array) -> bool:
    """Say whether no value is infinite or undefined; the sum tells it sooner than each entry."""
    with np.errstate(all="ignore"):
        return bool(np.isfinite(values.sum()))


def _outer(a: Array, b: Array) -> Array:
    """Return a @ b.T, taller operand first: BLAS is a fifth faster that way for few rows."""
    if a.shape[-2] < 128:
        return (b @ a.swapaxes(-1, -2)).swapaxes(-1, -2)
    return a @ b.swapaxes(-1, -2)
