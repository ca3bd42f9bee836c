"""Cutting out the middle of pictures, and drawing from a distribution that a network gives."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import as_floats, quietly
from dlnotes.shapes import IntOrTuple, as_tuple


@quietly
def center_crop(x: Array, size: IntOrTuple) -> Array:
    r"""Cut the middle out of the spatial axes.

    .. math:: y_{ncpq} = x_{n,\,c,\,\lfloor (H - P)/2 \rfloor + p,\,\lfloor (W - Q)/2 \rfloor + q}

    Of an odd number of rows to cut, the larger half comes off at the end.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Pictures, signals or clips.
    size : int or tuple of int
        Rows to keep: one int for all spatial axes or one an axis.

    Returns
    -------
    ndarray, shape ``(N, C, *size)``

    Raises
    ------
    TypeError
        If x is no float array or a size no int.
    ValueError
        If there is no spatial axis, or more rows are asked for than there are.

    References
    ----------
    Long, Shelhamer, Darrell (2015), section 4.2; concept fcn.

    Examples
    --------
    >>> center_crop(np.ones((2, 3, 9, 8)), 4).shape
    (2, 3, 4, 4)
    """
    (x,) = as_floats("center_crop", x=x)
    return np.array(x[_middle("center_crop", x, size)], order="C")


@quietly
def center_crop_backward(dy: Array, x: Array, size: IntOrTuple) -> Array:
    r"""Return the gradient of `center_crop`: dy in the middle, zeros around it.

    .. math::
        dx_{n,\,c,\,\lfloor (H - P)/2 \rfloor + p,\,\lfloor (W - Q)/2 \rfloor + q} = dy_{ncpq},
            \qquad 0 \text{ elsewhere}

    Parameters
    ----------
    dy : ndarray, shape ``(N, C, *size)``
        Upstream gradient.
    x, size
        As in `center_crop`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `center_crop`, and if dy has not the output's shape.

    Examples
    --------
    >>> int(center_crop_backward(np.ones((1, 1, 2)), np.ones((1, 1, 5)), 2)[0, 0, 1])
    1
    """
    x, dy = as_floats("center_crop_backward", x=x, dy=dy)
    middle = _middle("center_crop_backward", x, size)
    shape = x[middle].shape
    axes = ["N", "C", *(f"size[{j}]" for j in range(x.ndim - 2))]
    require_shape("center_crop_backward", axes, shape, dy=dy, x=x)
    dx = np.zeros(x.shape, x.dtype)
    dx[middle] = dy
    return dx


@quietly
def sample_normal(mean: Array, log_variance: Array, noise: Array) -> Array:
    r"""Draw from normal distributions so that the draw has gradients.

    .. math:: z = \mu + e^{\ell/2}\,\varepsilon

    Parameters
    ----------
    mean, log_variance : ndarray, one shape
        The mean and the logarithm of the variance.
    noise : ndarray, the same shape
        Standard normal values, such as ``rng.standard_normal(mean.shape)``.

    Returns
    -------
    ndarray, the same shape

    Raises
    ------
    TypeError, ValueError
        If the arrays are not floats of one kind and shape.

    References
    ----------
    Kingma and Welling (2014), section 2.4; concept vae-shapes.

    Examples
    --------
    >>> sample_normal(np.zeros((2, 32)), np.zeros((2, 32)), np.ones((2, 32))).shape
    (2, 32)
    """
    arrays = {"mean": mean, "log_variance": log_variance, "noise": noise}
    mean, log_variance, noise = as_floats("sample_normal", **arrays)
    _require_alike("sample_normal", mean=mean, log_variance=log_variance, noise=noise)
    z: Array = mean + np.exp(log_variance / 2) * noise
    return z


@quietly
def sample_normal_backward(
    dy: Array, mean: Array, log_variance: Array, noise: Array
) -> tuple[Array, Array, Array]:
    r"""Return the gradients of `sample_normal`.

    .. math:: d\mu = dz, \qquad d\ell = \tfrac12\, dz\, e^{\ell/2}\,\varepsilon, \qquad
        d\varepsilon = dz\, e^{\ell/2}

    Parameters
    ----------
    dy, mean, log_variance, noise : ndarray, one shape
        Upstream gradient, and the arguments of `sample_normal`.

    Returns
    -------
    dmean, dlog_variance, dnoise : ndarray, the same shape

    Raises
    ------
    TypeError, ValueError
        As `sample_normal`.

    Examples
    --------
    >>> a = np.ones((2, 32))
    >>> [int(g.sum()) for g in sample_normal_backward(a, a, 0 * a, a)]
    [64, 32, 64]
    """
    caller = "sample_normal_backward"
    arrays = {"mean": mean, "log_variance": log_variance, "noise": noise, "dy": dy}
    mean, log_variance, noise, dy = as_floats(caller, **arrays)
    _require_alike(caller, mean=mean, log_variance=log_variance, noise=noise, dy=dy)
    spread = dy * np.exp(log_variance / 2)
    return np.array(dy), spread * noise / 2, spread


def _middle(caller: str, x: Array, size: IntOrTuple) -> tuple[slice, ...]:
    """Return what to keep of each axis."""
    if x.ndim < 3:
        raise ValueError(
            f"{caller}: x has {x.ndim} axes but needs at least 3, (N,C,...); got {described(x=x)}; "
            "put axes for the pictures and the channels first"
        )
    wanted = as_tuple(size, x.ndim - 2, "size", caller=caller)
    for n, rows in zip(x.shape[2:], wanted, strict=True):
        if rows > n:
            raise ValueError(
                f"{caller}: cannot cut {rows} rows out of {n}; got {described(x=x)}, size={size}; "
                f"use size <= {n}"
            )
    starts = [(n - rows) // 2 for n, rows in zip(x.shape[2:], wanted, strict=True)]
    kept = [slice(start, start + rows) for start, rows in zip(starts, wanted, strict=True)]
    return (slice(None), slice(None), *kept)


def _require_alike(caller: str, **arrays: Array) -> None:
    """Hold arrays to one shape."""
    if len({a.shape for a in arrays.values()}) > 1:
        raise ValueError(
            f"{caller}: all arrays must have one shape; got {described(**arrays)}; nothing is "
            "broadcast: give arrays of mean.shape"
        )
