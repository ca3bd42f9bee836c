"""The gradient of a convolution's input as convolutions of stride 1 of the upstream gradient."""

from dataclasses import dataclass, replace
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
        Which kernel entries, and which positions of the input, one slice an axis.
    geometry : Geometry
        The convolution that leads from dy to these positions.
    """

    taps: tuple[slice, ...]
    places: tuple[slice, ...]
    geometry: Geometry


@dataclass(frozen=True, slots=True)
class _AxisPhase:
    """A phase along one axis: sizes of the small kernel and of its share of the input, zeros."""

    taps: slice
    places: slice
    kernel: int
    size: int
    pads: tuple[int, int]


def phases(g: Geometry) -> list[Phase]:
    r"""Split the gradient of the input into convolutions of stride 1.

    Position h meets kernel entry r at the output p where :math:`h + p_H = p\,s_H + r\,d_H`. So the
    positions for which :math:`h + p_H` leaves the rest a by the stride see the entries a, a + s,
    a + 2s, … alone, one output after the other, as a convolution with stride 1 sees them.

    Parameters
    ----------
    g : Geometry

    Returns
    -------
    list of Phase
        Positions that no window reads are in none of them. Empty where this way is closed:
        strides together with dilation, or more padding than the kernel reaches over.

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> for phase in phases(read_shapes("conv1d", 1, (2, 3, 8), (4, 3, 3), 2, 1, 1, 1)):
    ...     print(phase.taps[0], phase.places[0], phase.geometry.pads)
    slice(0, None, 2) slice(1, None, 2) ((0, 1),)
    slice(1, None, 2) slice(0, None, 2) ((0, 0),)
    """
    if max(g.stride) > 1 and max(g.dilation) > 1:
        return []
    axes = [_along(g, axis) for axis in range(len(g.sizes))]
    if any(min(part.pads) < 0 for axis in axes for part in axis):
        return []
    return [_combined(g, parts) for parts in product(*axes)]


def turn(w: Array, groups: int) -> Array:
    """Turn each kernel by 180° and exchange filters and channels within each group.

    Parameters
    ----------
    w : ndarray, shape (K, C/groups, R, S)
    groups : int

    Returns
    -------
    ndarray, shape (C, K/groups, R, S)

    Examples
    --------
    >>> turn(np.zeros((6, 2, 3, 5)), groups=3).shape
    (6, 2, 3, 5)
    >>> turn(np.arange(3.0).reshape(1, 1, 3), groups=1).ravel().tolist()
    [2.0, 1.0, 0.0]
    """
    flipped = np.flip(w, axis=tuple(range(2, w.ndim)))
    split = flipped.reshape(groups, len(w) // groups, *w.shape[1:]).swapaxes(1, 2)
    return split.reshape(groups * w.shape[1], len(w) // groups, *w.shape[2:])


def _along(g: Geometry, axis: int) -> list[_AxisPhase]:
    """Split one axis: one phase for each rest by the stride."""
    n, k, out = g.sizes[axis], g.kernel[axis], g.out[axis]
    stride, dilation, before = g.stride[axis], g.dilation[axis], g.pads[axis][0]
    found = []
    for rest in range(min(stride, k)):
        first = (rest - before) % stride  # the first position of this phase …
        start = (first + before - rest) // stride  # … meets its first kernel entry at this output
        kernel, size = len(range(rest, k, stride)), len(range(first, n, stride))
        pads = (dilation * (kernel - 1) - start, start + size - out)
        taps, places = slice(rest, None, stride), slice(first, None, stride)
        if size:
            found.append(_AxisPhase(taps, places, kernel, size, pads))
    return found


def _combined(g: Geometry, parts: tuple[_AxisPhase, ...]) -> Phase:
    """Put the axes of a phase together."""
    geometry = replace(
        g,
        channels=g.filters,
        filters=g.channels,
        sizes=g.out,
        kernel=tuple(part.kernel for part in parts),
        stride=(1,) * len(parts),
        pads=tuple(part.pads for part in parts),
        out=tuple(part.size for part in parts),
    )
    taps, places = tuple(part.taps for part in parts), tuple(part.places for part in parts)
    return Phase(taps, places, geometry)
