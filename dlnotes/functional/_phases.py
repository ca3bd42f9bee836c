"""The gradient of a convolution's input as convolutions of stride 1 of the upstream gradient."""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._geometry import Geometry


@dataclass(frozen=True, slots=True)
class Phase:
    """The input positions that meet the same kernel entries; with stride 1 there is one phase.

    Attributes
    ----------
    taps, places : tuple of slice
        Which kernel entries, the last one first, and which positions of the input, one slice an
        axis.
    entries : tuple of slice
        The entries of a window of dy that these taps are multiplied by, one slice an axis.
    """

    taps: tuple[slice, ...]
    places: tuple[slice, ...]
    entries: tuple[slice, ...]


@dataclass(frozen=True, slots=True)
class _AxisPhase:
    """A phase along one axis; its positions read dy from `lowest` to `highest` places ahead."""

    taps: slice
    places: slice
    kernel: int
    size: int
    lowest: int
    highest: int


@lru_cache(maxsize=256)
def phases(g: Geometry) -> tuple[Geometry, tuple[Phase, ...]]:
    r"""Split the gradient of the input into convolutions of stride 1.

    Position h meets kernel entry r at the output p where :math:`h + p_H = p\,s_H + r\,d_H`. So the
    positions for which :math:`h + p_H` leaves the rest a by the stride see the entries a, a + s,
    a + 2s, … alone, one output after the other, as a convolution with stride 1 sees them. Its
    windows overlap with those of the other phases, so all of them look through one larger window.

    Parameters
    ----------
    g : Geometry

    Returns
    -------
    windows : Geometry
        The convolution of dy whose windows all phases share.
    parts : tuple of Phase
        Positions that no window reads are in none of them. Empty where this way is closed:
        strides together with dilation, or more padding than the kernel reaches over.

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> windows, parts = phases(read_shapes("conv1d", 1, (2, 3, 8), (4, 3, 3), 2, 1, 1, 1))
    >>> windows.kernel, windows.pads
    ((2,), ((0, 1),))
    >>> for part in parts:
    ...     print(part.taps[0], part.places[0], part.entries[0])
    slice(2, None, -2) slice(1, None, 2) slice(0, 2, None)
    slice(1, None, -2) slice(0, None, 2) slice(0, 1, None)
    """
    if max(g.stride) > 1 and max(g.dilation) > 1:
        return g, ()
    axes = [_along(g, axis) for axis in range(len(g.sizes))]
    if not all(axes):
        return g, ()
    windows = _shared(g, axes)
    if min(map(min, windows.pads)) < 0:
        return g, ()
    return windows, tuple(_combined(windows, parts) for parts in product(*axes))


def taps_first(w: Array) -> Array:
    """Lay kernels out so that the weights of one tap lie together.

    Parameters
    ----------
    w : ndarray, shape (K, C/groups, R, S)

    Returns
    -------
    ndarray, shape (R, S, K, C/groups)

    Examples
    --------
    >>> taps_first(np.zeros((6, 2, 3, 5))).shape
    (3, 5, 6, 2)
    """
    return np.ascontiguousarray(np.moveaxis(w, (0, 1), (-2, -1)))


def _along(g: Geometry, axis: int) -> list[_AxisPhase]:
    """Split one axis: one phase for each rest by the stride."""
    n, k = g.sizes[axis], g.kernel[axis]
    stride, dilation, before = g.stride[axis], g.dilation[axis], g.pads[axis][0]
    found = []
    for rest in range(min(stride, k)):
        first = (rest - before) % stride  # the first position of this phase …
        highest = (first + before - rest) // stride  # … meets its first kernel entry here
        kernel, size = len(range(rest, k, stride)), len(range(first, n, stride))
        taps = slice(rest + (kernel - 1) * stride, None, -stride)
        lowest = highest - dilation * (kernel - 1)
        if size:
            places = slice(first, None, stride)
            found.append(_AxisPhase(taps, places, kernel, size, lowest, highest))
    return found


def _shared(g: Geometry, axes: list[list[_AxisPhase]]) -> Geometry:
    """Describe windows of dy in which every phase finds what it reads."""
    lowest = [min(part.lowest for part in axis) for axis in axes]
    highest = [max(part.highest for part in axis) for axis in axes]
    out = tuple(max(part.size for part in axis) for axis in axes)
    reach = zip(lowest, highest, g.dilation, strict=True)
    ends = zip(lowest, highest, out, g.out, strict=True)
    return replace(
        g,
        channels=g.filters,
        filters=g.channels,
        sizes=g.out,
        kernel=tuple((high - low) // d + 1 for low, high, d in reach),
        stride=(1,) * len(axes),
        pads=tuple((-low, size + high - n) for low, high, size, n in ends),
        out=out,
    )


def _combined(windows: Geometry, parts: tuple[_AxisPhase, ...]) -> Phase:
    """Put the axes of a phase together."""
    first = [
        (part.lowest + before) // d
        for part, (before, _), d in zip(parts, windows.pads, windows.dilation, strict=True)
    ]
    entries = (slice(n, n + part.kernel) for n, part in zip(first, parts, strict=True))
    return Phase(
        tuple(part.taps for part in parts), tuple(part.places for part in parts), tuple(entries)
    )
