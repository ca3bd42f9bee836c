"""Strided convolution of small images without gathering windows: each product reads a shifted view.

With stride s the input is sorted into s×s phases, those rows and columns that leave the same rest
by s, and laid out as a matrix: one row for a phase's channel, one column for a place of an image,
with the images of a batch side by side at every place. What one kernel entry reads, for all
outputs at once, is then a range of that matrix: the phase tells its rows and the rest its first
column. Nothing is copied, and entries that read the same columns of neighbouring phases share one
matrix product. The price is the columns at the end of each row of an image, which belong to no
output: they are computed and left out, or meet zeros.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._geometry import Geometry

ALL = slice(None)

WIDE, WASTE, DEEP = 1200, 1.15, 32
"""Columns of a matrix, columns computed for each that is needed, and rows that make it worth it."""


@dataclass(frozen=True, slots=True)
class Run:
    """Kernel entries that read the same columns of neighbouring phases.

    Attributes
    ----------
    shift : int
        Places of an image before the first that is read.
    first : int
        The first phase.
    taps : tuple of tuple of int
        One kernel entry a phase.
    """

    shift: int
    first: int
    taps: tuple[tuple[int, ...], ...]


def extent(g: Geometry) -> tuple[int, ...]:
    """Return the sizes of a phase: those of the output and what the kernel reaches beyond it.

    Parameters
    ----------
    g : Geometry

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> extent(read_shapes("conv2d", 2, (2, 3, 16, 16), (4, 3, 4, 4), 2, 1, 1, 1))
    (9, 9)
    """
    axes = zip(g.out, g.kernel, g.dilation, g.stride, strict=True)
    return tuple(size + (k - 1) * d // s for size, k, d, s in axes)


def width(g: Geometry) -> int:
    """Return the number of places from the first output of an image to its last.

    Parameters
    ----------
    g : Geometry

    Returns
    -------
    int

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> width(read_shapes("conv2d", 2, (2, 3, 16, 16), (4, 3, 4, 4), 2, 1, 1, 1))  # 7·9 + 8
    71
    """
    last = 0
    for size, reach in zip(g.out, extent(g), strict=True):
        last = last * reach + size - 1
    return last + 1


def prefers_shifts(g: Geometry) -> bool:
    """Say whether the matrices are deep enough and few of their columns are computed in vain.

    Parameters
    ----------
    g : Geometry

    Returns
    -------
    bool

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> prefers_shifts(read_shapes("conv2d", 2, (16, 64, 16, 16), (128, 64, 4, 4), 2, 1, 1, 1))
    True
    """
    strided = g.groups == 1 and max(g.stride) > 1
    deep = min(g.channels * prod(g.stride), g.filters) >= DEEP
    return strided and deep and width(g) <= WASTE * prod(g.out)


@lru_cache(maxsize=256)
def runs(g: Geometry) -> tuple[Run, ...]:
    """Sort the kernel's entries by what they read.

    Parameters
    ----------
    g : Geometry

    Returns
    -------
    tuple of Run

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> for run in runs(read_shapes("conv1d", 1, (2, 3, 8), (4, 3, 3), 2, 1, 1, 1)):
    ...     print(run)
    Run(shift=0, first=0, taps=((0,), (1,)))
    Run(shift=1, first=0, taps=((2,),))
    """
    found: dict[int, dict[int, tuple[int, ...]]] = {}
    for tap in product(*map(range, g.kernel)):
        shift = phase = 0
        axes = zip(tap, g.dilation, g.stride, extent(g), strict=True)
        for entry, d, s, reach in axes:
            places, rest = divmod(entry * d, s)
            shift, phase = shift * reach + places, phase * s + rest
        found.setdefault(shift, {})[phase] = tap
    return tuple(run for shift, taps in found.items() for run in _neighbours(shift, taps))


def _neighbours(shift: int, taps: dict[int, tuple[int, ...]]) -> list[Run]:
    """Join the entries of neighbouring phases."""
    joined: list[Run] = []
    for phase in sorted(taps):
        if joined and joined[-1].first + len(joined[-1].taps) == phase:
            before = joined.pop()
            joined.append(Run(shift, before.first, (*before.taps, taps[phase])))
        else:
            joined.append(Run(shift, phase, (taps[phase],)))
    return joined


class Shifts:
    """One convolution by shifted views: its four passes over a batch.

    Parameters
    ----------
    g : Geometry
        Without groups.

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> g = read_shapes("conv2d", 2, (5, 2, 6, 6), (3, 2, 4, 4), 2, 1, 1, 1)
    >>> y, dw = Shifts(g).both(np.ones((5, 2, 6, 6)), np.ones((3, 2, 4, 4)), np.ones((5, 3, 3, 3)))
    >>> y[0, 0].astype(int).tolist()
    [[18, 24, 18], [24, 32, 24], [18, 24, 18]]
    >>> dw.shape
    (3, 2, 4, 4)
    """

    def __init__(self, g: Geometry) -> None:
        self._g, self._runs, self._extent, self._width = g, runs(g), extent(g), width(g)
        self._phases = prod(g.stride)

    def forward(self, x: Array, w: Array, b: Array | None) -> Array:
        """Return y, shape (N, K, P, Q)."""
        y = np.empty((self._g.batch, self._g.filters, *self._g.out), x.dtype)
        kernels = self._split_kernel(w)
        for part in self._chunks():
            self._sum(kernels, self._split(x[part]), y[part])
        if b is not None:
            y += b.reshape(-1, *(1,) * len(self._g.out))
        return y

    def input_gradient(self, dy: Array, w: Array) -> Array:
        """Return dx, shape (N, C, H, W); the weights must be finite, for they meet zeros."""
        dx = np.zeros((self._g.batch, self._g.channels, *self._g.sizes), dy.dtype)
        kernels = self._split_kernel(w)
        for part in self._chunks():
            upstream, images = self._spread(dy[part]), len(dy[part])
            matrix = self._matrix(images, dy.dtype)
            for run, kernel in zip(self._runs, kernels, strict=True):
                self._read(matrix, run, images)[...] += kernel.T @ upstream
            self._join(matrix, dx[part])
        return dx

    def weight_gradient(self, dy: Array, x: Array) -> Array:
        """Return dw, shape (K, C, R, S); the input must be finite, for it meets zeros."""
        parts = self._no_weights(x.dtype)
        for part in self._chunks():
            self._add_weights(parts, self._split(x[part]), dy[part])
        return self._join_kernel(parts)

    def both(self, x: Array, w: Array, dy: Array) -> tuple[Array, Array]:
        """Return y and dw, which read the same matrix."""
        y = np.empty((self._g.batch, self._g.filters, *self._g.out), x.dtype)
        kernels, parts = self._split_kernel(w), self._no_weights(x.dtype)
        for part in self._chunks():
            matrix = self._split(x[part])
            self._sum(kernels, matrix, y[part])
            self._add_weights(parts, matrix, dy[part])
        return y, self._join_kernel(parts)

    def _chunks(self) -> Iterator[slice]:
        """Divide the batch so that the matrices have about `WIDE` columns."""
        pieces = max(1, -(-self._g.batch * self._width // WIDE))
        height = max(1, -(-self._g.batch // pieces))
        return (slice(start, start + height) for start in range(0, self._g.batch, height))

    def _sum(self, kernels: list[Array], matrix: Array, y: Array) -> None:
        """Multiply every run's view by its kernels and write the sums to y."""
        images = len(y)
        rows = np.empty((len(kernels[0]), self._g.out[0], *self._extent[1:], images), y.dtype)
        sums = rows.reshape(len(rows), -1)[:, : self._width * images]
        pairs = zip(self._runs, kernels, strict=True)
        run, kernel = next(pairs)
        np.matmul(kernel, self._read(matrix, run, images), out=sums)
        for run, kernel in pairs:
            sums += kernel @ self._read(matrix, run, images)
        np.moveaxis(y, 0, -1)[...] = rows[self._needed()]

    def _add_weights(self, parts: list[Array], matrix: Array, dy: Array) -> None:
        """Add the products of the inputs that each run reads and the gradients they meet."""
        upstream = self._spread(dy)
        for run, total in zip(self._runs, parts, strict=True):
            total += self._read(matrix, run, len(dy)) @ upstream.T

    def _read(self, matrix: Array, run: Run, images: int) -> Array:
        """Return what a run reads: (phases·C, places·n), a view."""
        rows = slice(run.first * self._g.channels, None)
        columns = slice(run.shift * images, (run.shift + self._width) * images)
        return matrix[rows][: len(run.taps) * self._g.channels, columns]

    def _matrix(self, images: int, dtype: np.dtype[Any]) -> Array:
        """Return zeros for the phases of some images."""
        return np.zeros((self._phases * self._g.channels, prod(self._extent) * images), dtype)

    def _split(self, x: Array) -> Array:
        """Sort images into phases: (n, C, H, W) to (phases·C, places·n)."""
        matrix, images = self._matrix(len(x), x.dtype), np.moveaxis(x, 0, -1)
        for phase, inside, places in self._views(matrix, len(x)):
            phase[inside] = images[places]
        return matrix

    def _join(self, matrix: Array, x: Array) -> None:
        """Undo `_split`."""
        images = np.moveaxis(x, 0, -1)
        for phase, inside, places in self._views(matrix, len(x)):
            images[places] = phase[inside]

    def _views(self, matrix: Array, images: int) -> Iterator[tuple[Array, Any, Any]]:
        """Return each phase, the part of it inside the padding, and its places in the images."""
        g = self._g
        phases = matrix.reshape(*g.stride, g.channels, *self._extent, images)
        sides = zip(g.sizes, g.stride, g.pads, self._extent, strict=True)
        axes = [[_span(*side, rest) for rest in range(side[1])] for side in sides]
        for phase in product(*map(range, g.stride)):
            spans = [axis[rest] for axis, rest in zip(axes, phase, strict=True)]
            yield phases[phase], (ALL, *(s for s, _ in spans)), (ALL, *(s for _, s in spans))

    def _spread(self, dy: Array) -> Array:
        """Lay gradients out as the outputs' places: (n, K, P, Q) to (K, places·n)."""
        rows = np.zeros((dy.shape[1], self._g.out[0], *self._extent[1:], len(dy)), dy.dtype)
        rows[self._needed()] = np.moveaxis(dy, 0, -1)
        return rows.reshape(len(rows), -1)[:, : self._width * len(dy)]

    def _needed(self) -> tuple[slice, ...]:
        """Return the index of the places that belong to an output."""
        return (ALL, ALL, *map(slice, self._g.out[1:]))

    def _split_kernel(self, w: Array) -> list[Array]:
        """Lay the kernels out as one matrix a run: (K, phases·C)."""
        taps = np.ascontiguousarray(np.moveaxis(w, (0, 1), (-2, -1)))  # (R, S, K, C)
        return [np.concatenate([taps[tap] for tap in run.taps], axis=1) for run in self._runs]

    def _no_weights(self, dtype: np.dtype[Any]) -> list[Array]:
        """Return zeros for the gradients of each run's kernels, transposed: (phases·C, K)."""
        sizes = (len(run.taps) * self._g.channels for run in self._runs)
        return [np.zeros((rows, self._g.filters), dtype) for rows in sizes]

    def _join_kernel(self, parts: list[Array]) -> Array:
        """Put the gradients of the runs' kernels together: (K, C, R, S)."""
        g = self._g
        taps = np.empty((*g.kernel, g.channels, g.filters), parts[0].dtype)
        for run, part in zip(self._runs, parts, strict=True):
            for tap, one in zip(run.taps, part.reshape(-1, g.channels, g.filters), strict=True):
                taps[tap] = one
        return np.ascontiguousarray(np.moveaxis(taps, (-1, -2), (0, 1)))


def _span(
    size: int, stride: int, pads: tuple[int, int], reach: int, rest: int
) -> tuple[slice, ...]:
    """Return where a phase's places lie in the phase, and where in the image, along one axis."""
    first = max(0, -(-(pads[0] - rest) // stride))  # the first place behind the padding
    start = first * stride + rest - pads[0]
    count = max(0, min(len(range(start, size, stride)), reach - first))
    stop = start + stride * count - stride + 1 if count else start
    return slice(first, first + count), slice(start, stop, stride)
