"""Small images stacked along one more axis, so that what lies side by side in memory is long.

Copying a row of seven values costs as much as copying a row of fifty. A stack of images is one
image with an axis more, over which the kernel has one entry: the algorithms need not know.
"""

from dataclasses import replace
from math import prod

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._geometry import Geometry

SMALL, FEW, WIDE, VALUES = 64, 8, 800, 2**16
"""Pixels of a small output, images that are too few, pixels of a stack, its values in and out.

With few channels a stack may be wider than `WIDE`: it stays in the processor's cache.
"""


def stacks(g: Geometry) -> list[tuple[slice, Geometry]]:
    """Divide a batch of small images into stacks.

    Parameters
    ----------
    g : Geometry

    Returns
    -------
    list of (slice, Geometry)
        The images of each stack, and its convolution; empty where stacking would not pay.

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> g = read_shapes("conv2d", 2, (20, 64, 7, 7), (64, 64, 3, 3), 1, "same", 1, 1)
    >>> [(images.start, images.stop, part.out) for images, part in stacks(g)]
    [(0, 10, (7, 7, 10)), (10, 20, (7, 7, 10))]
    """
    if prod(g.out) > SMALL or g.batch < FEW or g.taps == 1:
        return []
    wide = max(WIDE, VALUES // (g.channels + g.filters))
    pieces = -(-g.batch * prod(g.out) // wide)
    height = -(-g.batch // pieces)
    starts = range(0, g.batch, height)
    return [_stack(g, start, min(start + height, g.batch)) for start in starts]


def stack(x: Array) -> Array:
    """Stack images: (n, C, H, W) to (1, C, H, W, n).

    Parameters
    ----------
    x : ndarray, shape (n, C, H, W)

    Returns
    -------
    ndarray, shape (1, C, H, W, n)

    Examples
    --------
    >>> stack(np.zeros((10, 3, 7, 5))).shape
    (1, 3, 7, 5, 10)
    """
    return np.ascontiguousarray(np.moveaxis(x, 0, -1))[None]


def unstack(y: Array) -> Array:
    """Undo `stack`, as a view.

    Parameters
    ----------
    y : ndarray, shape (1, C, H, W, n)

    Returns
    -------
    ndarray, shape (n, C, H, W)

    Examples
    --------
    >>> unstack(np.zeros((1, 3, 7, 5, 10))).shape
    (10, 3, 7, 5)
    """
    return np.moveaxis(y[0], -1, 0)


def _stack(g: Geometry, start: int, stop: int) -> tuple[slice, Geometry]:
    """Describe the convolution of one stack."""
    height = stop - start
    part = replace(
        g,
        batch=1,
        sizes=(*g.sizes, height),
        kernel=(*g.kernel, 1),
        stride=(*g.stride, 1),
        dilation=(*g.dilation, 1),
        pads=(*g.pads, (0, 0)),
        out=(*g.out, height),
    )
    return slice(start, stop), part
