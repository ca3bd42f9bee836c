"""The gradient by a convolution's input as one convolution more, where the stride is 1."""

from math import prod

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._geometry import Geometry


def turned(w: Array, g: Geometry) -> tuple[Array, Geometry] | None:
    r"""Return the kernels and the geometry with which dy is convolved to dx, if that is faster.

    .. math:: dx_{nchw} = \sum_{k,r,s} w_{kcrs}\; dy_{n,\,k,\;h + p_H - r\,d_H,\;w + p_W - s\,d_W}

    The kernels are turned by 180 degrees and their two channel axes exchanged; dy is padded with
    d·(k - 1) - p zeros. Copying K values for a pixel then replaces adding C values for a window,
    which takes about twice as long.

    Returns
    -------
    w : ndarray, shape (C, K/groups, R, S)
    g : Geometry
        None instead of both where the stride is above 1, where the padding is wider than the
        kernel reaches, where a weight is not finite, for it would meet zeros, or where adding is
        faster.

    Examples
    --------
    >>> from dlnotes.functional._geometry import read_shapes
    >>> w = np.ones((4, 3, 3, 2))
    >>> w, g = turned(w, read_shapes("conv2d", 2, (2, 3, 7, 6), w.shape, 1, 1, 1, 1))
    >>> w.shape, g.pads, g.out
    ((3, 4, 3, 2), ((1, 1), (0, 0)), (7, 6))
    """
    reach = [d * (k - 1) for k, d in zip(g.kernel, g.dilation, strict=True)]
    before = [span - zeros for span, (zeros, _) in zip(reach, g.pads, strict=True)]
    rows = zip(g.sizes, reach, g.out, before, strict=True)
    pads = tuple((first, n + span - q - first) for n, span, q, first in rows)
    dearer = g.filters * prod(g.sizes) > 2 * g.channels * prod(g.out)
    if max(g.stride) > 1 or min(map(min, pads)) < 0 or dearer or not np.isfinite(w).all():
        return None
    share = g.filters // g.groups
    w = np.flip(w, tuple(range(2, w.ndim)))
    w = w.reshape(g.groups, share, *w.shape[1:])  # (G, K/G, C/G, R, S)
    w = w.swapaxes(1, 2).reshape(g.channels, share, *g.kernel)  # (C, K/G, R, S)
    sizes = g.batch, g.filters, g.channels, g.groups, g.out, g.kernel
    return w, Geometry(*sizes, g.stride, g.dilation, pads, g.sizes)
