"""Drawing from a normal distribution that a network gives, so that the network learns from it."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_floats


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
    _require_alike("sample_normal", mean=mean, log_variance=log_variance, noise=noise)
    deviation = np.exp(log_variance / 2)
    z: Array = mean + deviation * noise
    return z


def sample_normal_backward(
    dy: Array, mean: Array, log_variance: Array, noise: Array
) -> tuple[Array, Array, Array]:
    r"""Return the gradients of `sample_normal`.

    .. math:: d\mu = dz, \qquad d\ell = \tfrac12\, dz\, e^{\ell/2}\,\varepsilon, \qquad
        d\varepsilon = dz\, e^{\ell/2}

    Returns
    -------
    dmean, dlog_variance, dnoise : ndarray, the same shape

    Examples
    --------
    >>> a = np.ones((2, 32))
    >>> [int(g.sum()) for g in sample_normal_backward(a, a, 0 * a, a)]
    [64, 32, 64]
    """
    _require_alike(
        "sample_normal_backward", mean=mean, log_variance=log_variance, noise=noise, dy=dy
    )
    deviation = np.exp(log_variance / 2)
    dmean = np.array(dy)
    return dmean, dy * deviation * noise / 2, dy * deviation


def _require_alike(caller: str, **arrays: Array) -> None:
    """Hold arrays to one dtype and one shape."""
    require_floats(caller, "", **arrays)
    if len({a.shape for a in arrays.values()}) > 1:
        raise ValueError(
            f"{caller}: all arrays must have one shape; got {described(**arrays)}; nothing is "
            "broadcast: give arrays of mean.shape"
        )
