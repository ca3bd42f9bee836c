"""Windows of an array as a view, gathered into columns and scattered back.

A convolution is a matrix product once each window of the input is written down as a column. The
columns repeat every input value R·S times, so they are never built whole: `tiles` cuts the output
into boxes whose columns fit the processor's cache.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
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
    (`by_rows`), they make R matrices with C·S rows: kernel row r reads what row 0 reads, only r
    rows further down, so that all R are views into one block and a third of the copying is left
    for a 3×3 kernel. The latter needs stride 1 along the first axis.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Any number of spatial axes.
    g : Geometry
    by_rows : bool

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_conv
    >>> x, w = np.zeros((2, 3, 7, 6)), np.zeros((4, 3, 3, 2))
    >>> g = read_conv("conv2d", 2, x, w, None, 1, 0, 1, 1)
    >>> columns = Columns(x, g, by_rows=True)
    >>> [[cols.shape for cols in columns.matrices(tile)] for tile in columns.tiles()]
    [[(1, 6, 50), (1, 6, 50), (1, 6, 50)]]
    """

    def __init__(self, x: Array, g: Geometry, *, by_rows: bool) -> None:
        self._g = g
        self._steps = [r * g.dilation[0] for r in range(g.kernel[0])] if by_rows else [0]
        gathered = g
        if by_rows:  # one kernel row, seen from every row of the input
            gathered = replace(g, kernel=(1, *g.kernel[1:]), out=(g.padded[0], *g.out[1:]))
        self._windows = windows(pad(x, g.pads), gathered)  # (C, R, S, P, N, Q), (C, 1, S, H, N, Q)
        rows = g.channels // g.groups * gathered.taps
        self.shape = (len(self._steps), g.groups, g.filters // g.groups, rows)
        self._width = tile_width(g.groups * rows, g.filters, x.itemsize)

    def tiles(self) -> Iterator[Tile]:
        """Cut the output into tiles whose columns fit the cache."""
        return tiles(self._g, self._width)

    def matrices(self, tile: Tile) -> list[Array]:
        """Gather a tile's windows: (G, C/G·R·S, p·n·q), or R times (G, C/G·S, p·n·q)."""
        first, *rest = tile
        wanted = first.stop - first.start
        reach = slice(first.start, first.stop + self._steps[-1])
        index: list[Any] = [..., reach, *rest]
        block = self._windows[tuple(index)]  # (C, R, S, p + halo, n, q)
        flat = block.reshape(self._g.groups, self.shape[-1], -1)
        row = flat.shape[-1] // (reach.stop - reach.start)
        return [flat[..., step * row : (step + wanted) * row] for step in self._steps]

    def split_kernel(self, w: Array) -> Array:
        """Lay a kernel out as the matrices that multiply the columns: (R, G, K/G, rows)."""
        if len(self._steps) > 1:
            w = np.moveaxis(w, 2, 0)
        return np.ascontiguousarray(w).reshape(self.shape)

    def join_kernel(self, parts: Array) -> Array:
        """Undo `split_kernel`."""
        g = self._g
        if len(self._steps) == 1:
            return parts.reshape(g.filters, g.channels // g.groups, *g.kernel)
        parts = parts.reshape(-1, g.filters, g.channels // g.groups, *g.kernel[1:])
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
