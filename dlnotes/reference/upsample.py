"""Interpolation, pixel by pixel."""

import numpy as np

from dlnotes.reference._types import Array


def interpolate(
    x: Array, *, size: tuple[int, int], mode: str = "nearest", align_corners: bool = False
) -> Array:
    r"""Resize images, pixel by pixel.

    An output pixel lies at :math:`u` on the axis of n inputs; 'nearest' takes the input at
    :math:`\lfloor u \rfloor`, 'bilinear' mixes its two neighbours, the nearer one more:

    .. math:: (1 - \{u\})\, x_{\lfloor u \rfloor} + \{u\}\, x_{\lfloor u \rfloor + 1},
        \qquad \{u\} = u - \lfloor u \rfloor

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    size : (int, int)
        Height and width of the result, (P, Q).
    mode : {'nearest', 'bilinear'}
    align_corners : bool
        Put the outermost outputs on the outermost inputs.

    Returns
    -------
    ndarray, shape (N, C, P, Q)

    References
    ----------
    Concept upsampling2d.

    Examples
    --------
    >>> x = np.array([[[[0.0, 4.0]]]])
    >>> interpolate(x, size=(1, 4), mode="bilinear")[0, 0].tolist()
    [[0.0, 1.0, 3.0, 4.0]]
    """
    y = np.zeros((*x.shape[:2], *size), x.dtype)
    for p, q in np.ndindex(size):
        at = zip((p, q), x.shape[2:], size, strict=True)
        rows, columns = (_neighbours(i, n, out, mode, align_corners) for i, n, out in at)
        for h, weight in rows:
            for i, other in columns:
                y[:, :, p, q] += weight * other * x[:, :, h, i]
    return y


def _neighbours(
    i: int, n: int, out: int, mode: str, align_corners: bool
) -> list[tuple[int, float]]:
    """Return the inputs, of n, that output i, of `out`, mixes, each with its weight."""
    if mode == "nearest":
        return [(i * n // out, 1.0)]
    if align_corners:
        at = i * (n - 1) / (out - 1) if out > 1 else 0.0
    else:
        at = min(max((i + 0.5) * n / out - 0.5, 0.0), n - 1.0)
    low = int(at)
    return [(low, 1 - (at - low)), (min(low + 1, n - 1), at - low)]
