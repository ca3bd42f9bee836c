"""Windows of an array as a view, gathered into columns and scattered back.

A convolution is a matrix product once each window of the input is written down as a column. The
columns repeat every input value R·S times, so they are never built whole: `tiles` cuts the output
into boxes whose columns fit the processor's cache.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dlnotes.functional._arrays import Array
from dlnotes.functional._geometry import Geometry
from dlnotes.shapes import Pads

Tile = tuple[slice, ...]

CACHE = 2**20
"""Bytes to work on at a time, about half of a core's second-level cache."""

NARROWEST, WIDEST = 192, 1536
"""Columns of a matrix: below, matrix products are slow; above, nothing is gained."""


def pad(x: Array, pads: Pads) -> Array:
    """Surround the spatial axes with zeros.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Any number of spatial axes.
    pads : tuple of (int, int)
        Zeros before and after, one pair a spatial axis.

    Returns
    -------
    ndarray, shape (N, C, H + before + after, W + before + after)
        `x` itself when there is nothing to add.

    Examples
    --------
    >>> pad(np.ones((2, 3, 7, 6)), ((1, 1), (0, 2))).shape
    (2, 3, 9, 8)
    """
    if not any(map(any, pads)):
        return x
    sizes = [n + before + after for n, (before, after) in zip(x.shape[2:], pads, strict=True)]
    padded = np.zeros((*x.shape[:2], *sizes), x.dtype)
    crop(padded, pads)[...] = x
    return padded


def crop(x: Array, pads: Pads) -> Array:
    """Return the view that leaves out `pads` again.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Any number of spatial axes.
    pads : tuple of (int, int)
        Rows to leave out before and after, one pair a spatial axis.

    Returns
    -------
    ndarray, shape (N, C, H - before - after, W - before - after)

    Examples
    --------
    >>> crop(np.ones((2, 3, 9, 8)), ((1, 1), (0, 2))).shape
    (2, 3, 7, 6)
    """
    index: list[Any] = [
        ...,
        *(slice(p, n - q) for n, (p, q) in zip(x.shape[2:], pads, strict=True)),
    ]
    return x[tuple(index)]


def windows(x: Array, g: Geometry) -> Array:
    """Return all windows of a padded input, without copying.

    Parameters
    ----------
    x : ndarray, shape (N, C, *g.padded)
    g : Geometry

    Returns
    -------
    ndarray, shape (C, R, S, P, N, Q)
        A read-only view: entry [c, r, s, p, n, q] is x[n, c, p·stride + r·dilation, …]. The
        batch stands before the last axis: then neighbouring rows of one output stay together,
        and what lies side by side in memory stays last.

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_conv
    >>> x, w = np.zeros((2, 3, 7, 6)), np.zeros((4, 3, 3, 2))
    >>> windows(x, read_conv("conv2d", 2, x, w, None, 2, 0, 1, 1)).shape
    (3, 3, 2, 3, 2, 3)
    """
    batch, channel, *space = x.strides
    along_kernel = [step * d for step, d in zip(space, g.dilation, strict=True)]
    along_output = [step * s for step, s in zip(space, g.stride, strict=True)]
    shape = (g.channels, *g.kernel, *g.out[:-1], g.batch, g.out[-1])
    strides = (channel, *along_kernel, *along_output[:-1], batch, along_output[-1])
    return as_strided(x, shape, strides, writeable=False)


def batch_inside(y: Array) -> Array:
    """Return the view of (N, K, P, Q) whose axes stand as those of `windows`: (K, P, N, Q).

    Parameters
    ----------
    y : ndarray, shape (N, K, P, Q)
        Any number of spatial axes.

    Returns
    -------
    ndarray, shape (K, P, N, Q)

    Examples
    --------
    >>> batch_inside(np.zeros((2, 4, 5, 3))).shape
    (4, 5, 2, 3)
    """
    return np.moveaxis(y, 0, -2)


def add_windows(x: Array, parts: Array, tile: Tile, g: Geometry) -> None:
    """Add to each window of a padded array: the adjoint of reading `windows`.

    Parameters
    ----------
    x : ndarray, shape (N, C, *g.padded)
        Changed in place.
    parts : ndarray, shape (C, R, S, p, n, q)
        What to add to the windows of `tile`.
    tile : tuple of slice
        Which output positions and images `parts` belongs to.
    g : Geometry

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_conv
    >>> x, w = np.zeros((1, 1, 4)), np.zeros((1, 1, 2))
    >>> g = read_conv("conv1d", 1, x, w, None, 1, 0, 1, 1)
    >>> add_windows(x, np.ones((1, 2, 1, 3)), (slice(0, 1), slice(0, 3)), g)
    >>> x[0, 0].tolist()
    [1.0, 2.0, 2.0, 1.0]
    """
    *before, images, last = tile
    target = batch_inside(x)  # (C, H, N, W)
    for entry in np.ndindex(g.kernel):
        *rows, columns = (
            slice(k * d + span.start * s, k * d + (span.stop - 1) * s + 1, s)
            for k, d, s, span in zip(entry, g.dilation, g.stride, (*before, last), strict=True)
        )
        target[(slice(None), *rows, images, columns)] += parts[(slice(None), *entry)]


def tiles(g: Geometry, width: int) -> Iterator[Tile]:
    """Cut the output into boxes of about `width` positions: whole rows and images if they fit.

    Parameters
    ----------
    g : Geometry
    width : int
        Positions wanted in a tile.

    Yields
    ------
    tuple of slice
        One slice for each of P, N, Q, in this order; together they cover every position once.

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_conv
    >>> x, w = np.zeros((2, 1, 8)), np.zeros((1, 1, 3))
    >>> g = read_conv("conv1d", 1, x, w, None, 1, 0, 1, 1)
    >>> [[(s.start, s.stop) for s in tile] for tile in tiles(g, 4)]
    [[(0, 1), (0, 3)], [(0, 1), (3, 6)], [(1, 2), (0, 3)], [(1, 2), (3, 6)]]
    """
    *rows, last = range(len(g.out))
    left, spans = width, {}
    for axis in (last, *rows, -1):  # -1 is the batch
        n = g.batch if axis < 0 else g.out[axis]
        pieces = -(-n // max(1, min(n, left))) if n else 0
        size = -(-n // pieces) if n else 1
        spans[axis] = [slice(start, min(start + size, n)) for start in range(0, n, size)]
        left //= size
    yield from product(*(spans[axis] for axis in (*rows, -1, last)))


class Columns:
    """The windows of an input, handed out as matrices for one tile of the output at a time.

    Gathered whole, the windows of a tile make one matrix with C·R·S rows. Gathered by kernel rows
    (`by_rows`), they make R matrices with C·S rows: with stride s, kernel row r + s reads what row
    r reads, only one row of windows further down, so that all R are views into s blocks, and a
    third of the copying is left for a 3×3 kernel with stride 1. The latter does not go with stride
    and dilation along the first axis at once.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Any number of spatial axes.
    g : Geometry
    by_rows : bool
    taps_first : bool
        Order of a column's entries: (R, S, C/G), so that `entries` can cut windows out of larger
        ones, instead of (C/G, R, S).

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_conv
    >>> x, w = np.zeros((2, 3, 7, 6)), np.zeros((4, 3, 3, 2))
    >>> g = read_conv("conv2d", 2, x, w, None, 1, 0, 1, 1)
    >>> columns = Columns(x, g, by_rows=True)
    >>> [[cols.shape for cols in columns.matrices(tile)] for tile in columns.tiles()]
    [[(1, 6, 50), (1, 6, 50), (1, 6, 50)]]
    """

    def __init__(self, x: Array, g: Geometry, *, by_rows: bool, taps_first: bool = False) -> None:
        self._g, self._by_rows, self._taps_first = g, by_rows, taps_first
        rows = range(0, g.kernel[0] * g.dilation[0], g.dilation[0]) if by_rows else range(1)
        self._steps = [divmod(row, g.stride[0]) for row in rows]  # windows further down, block
        self._halos = {first: down for down, first in self._steps}
        gathered = replace(g, kernel=(1, *g.kernel[1:])) if by_rows else g
        padded = pad(x, g.pads)
        self._views = {
            first: self._view(padded[:, :, first:], gathered, halo)
            for first, halo in self._halos.items()
        }
        depth = g.channels // g.groups * gathered.taps
        self.kernel_shape = (len(self._steps), g.groups, g.filters // g.groups, depth)
        entries = g.groups * depth * len(self._halos)
        self._width = tile_width(entries, g.filters, x.itemsize)

    def _view(self, x: Array, g: Geometry, halo: int) -> Array:
        """Return the windows of some more rows, groups first: (G, C/G, R, S, P + halo, N, Q)."""
        view = windows(x, replace(g, out=(g.out[0] + halo, *g.out[1:])))  # (C, R, S, …)
        view = view.reshape(g.groups, g.channels // g.groups, *view.shape[1:])
        return np.moveaxis(view, 1, len(g.kernel) + 1) if self._taps_first else view

    def tiles(self) -> Iterator[Tile]:
        """Cut the output into tiles whose columns fit the cache."""
        return tiles(self._g, self._width)

    def matrices(self, tile: Tile) -> list[Array]:
        """Gather a tile's windows: (G, C/G·R·S, p·n·q), or R times (G, C/G·S, p·n·q)."""
        _, groups, _, depth = self.kernel_shape
        return [cols.reshape(groups, depth, cols.shape[-1]) for cols in self.blocks(tile)]

    def blocks(self, tile: Tile) -> list[Array]:
        """Gather a tile's windows: (G, C/G, R, S, p·n·q), or R times (G, C/G, 1, S, p·n·q)."""
        first, *rest = tile
        width = prod(span.stop - span.start for span in tile)
        row = width // (first.stop - first.start)
        flat = {}
        for step, halo in self._halos.items():
            index: list[Any] = [..., slice(first.start, first.stop + halo), *rest]
            block = np.ascontiguousarray(self._views[step][tuple(index)])
            flat[step] = block.reshape(*block.shape[: -len(tile)], width + halo * row)
        return [flat[step][..., down * row : down * row + width] for down, step in self._steps]

    def split_kernel(self, w: Array) -> Array:
        """Lay a kernel out as the matrices that multiply the columns: (R, G, K/G, rows)."""
        w = np.moveaxis(w, 2, 0) if self._by_rows else w
        return np.ascontiguousarray(w).reshape(self.kernel_shape)

    def split_taps(self, taps: Array) -> Array:
        """Lay out some entries of a kernel, (R, S, C, K/G), for columns with `taps_first`."""
        g, rows = self._g, len(taps) if self._by_rows else 1
        split = taps.reshape(rows, -1, g.groups, g.channels // g.groups, g.filters // g.groups)
        flat = split.swapaxes(1, 2).reshape(rows, g.groups, -1, g.filters // g.groups)
        return flat.swapaxes(2, 3)  # (R, G, K/G, S·C/G)

    def entries(self, blocks: list[Array], entries: tuple[slice, ...]) -> list[Array]:
        """Return the columns of some entries of the windows alone, to multiply `split_taps`."""
        if self._by_rows:
            blocks, entries = blocks[entries[0]], (slice(None), *entries[1:])
        cut = (block[(slice(None), *entries)] for block in blocks)
        return [one.reshape(self._g.groups, -1, one.shape[-1]) for one in cut]

    def join_kernel(self, parts: Array) -> Array:
        """Undo `split_kernel`."""
        g = self._g
        if not self._by_rows:
            return parts.reshape(g.filters, g.channels // g.groups, *g.kernel)
        parts = parts.reshape(g.kernel[0], g.filters, g.channels // g.groups, *g.kernel[1:])
        return np.ascontiguousarray(np.moveaxis(parts, 0, 2))


def tile_width(rows: int, filters: int, itemsize: int) -> int:
    """Return how many columns to build at a time, so that they and their products fit the cache.

    Parameters
    ----------
    rows : int
        Entries of a column, C·R·S.
    filters : int
        Entries of a product, K; there are two, the new one and the sum.
    itemsize : int
        Bytes of an entry.

    Returns
    -------
    int
        From `NARROWEST` to `WIDEST`.

    Examples
    --------
    >>> tile_width(64 * 3, 64, 4)
    819
    """
    return min(max(CACHE // ((rows + 2 * filters) * itemsize), NARROWEST), WIDEST)
