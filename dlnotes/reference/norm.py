"""Batch normalization, channel by channel."""

import numpy as np

from dlnotes.reference._types import Array


def batch_norm(
    x: Array,
    gamma: Array,
    beta: Array,
    *,
    eps: float = 1e-5,
) -> Array:
    r"""Normalize each channel by its own batch, as the equations stand.

    .. math::
        \mu_c = \frac{1}{M} \sum x, \qquad
        \sigma_c^2 = \frac{1}{M} \sum (x - \mu_c)^2, \qquad
        y = \gamma_c\, \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}} + \beta_c

    Parameters
    ----------
    x : ndarray, shape (N, C) or (N, C, …)
    gamma, beta : ndarray, shape (C,)
    eps : float

    Returns
    -------
    ndarray, x's shape

    References
    ----------
    Concept batch-norm. Training mode of `dlnotes.functional.batch_norm`.

    Examples
    --------
    >>> batch_norm(np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1)).round(3).tolist()
    [[-1.0], [1.0]]
    """
    y = np.zeros_like(x)
    for c in range(x.shape[1]):
        values = x[:, c]  # (N, …)
        mean = values.sum() / values.size
        var = ((values - mean) ** 2).sum() / values.size
        y[:, c] = gamma[c] * (values - mean) / np.sqrt(var + eps) + beta[c]
    return y


def batch_norm_backward(
    dy: Array, x: Array, gamma: Array, beta: Array, *, eps: float = 1e-5
) -> tuple[Array, Array, Array]:
    r"""Return the gradients of `batch_norm`, back through its steps one by one.

    .. math::
        d\hat x = \gamma_c\, dy, \qquad
        d\sigma_c^2 = -\frac{1}{2} (\sigma_c^2 + \epsilon)^{-3/2} \sum d\hat x\,(x - \mu_c)

    .. math::
        d\mu_c = -\frac{\sum d\hat x}{\sqrt{\sigma_c^2 + \epsilon}}, \qquad
        dx = \frac{d\hat x}{\sqrt{\sigma_c^2 + \epsilon}}
            + \frac{2}{M} d\sigma_c^2\,(x - \mu_c) + \frac{d\mu_c}{M}

    The term of μ inside σ² is left out: it is a sum of deviations, which is 0.

    Parameters
    ----------
    dy : ndarray, x's shape
        Upstream gradient.
    x, gamma, beta, eps
        As in `batch_norm`.

    Returns
    -------
    dx : ndarray, x's shape
    dgamma, dbeta : ndarray, shape (C,)

    References
    ----------
    Ioffe and Szegedy, arXiv:1502.03167, section 3; concept batch-norm.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> dy, x = rng.standard_normal((2, 5, 3))
    >>> dx, dgamma, dbeta = batch_norm_backward(dy, x, np.ones(3), np.zeros(3))
    >>> dx.shape, dgamma.shape, dbeta.shape
    ((5, 3), (3,), (3,))
    """
    dx, dgamma, dbeta = np.zeros_like(x), np.zeros_like(gamma), np.zeros_like(beta)
    for c in range(x.shape[1]):
        count = x[:, c].size
        centred = x[:, c] - x[:, c].mean()  # (N, …)
        spread = np.sqrt((centred**2).mean() + eps)
        dbeta[c] = dy[:, c].sum()
        dgamma[c] = (dy[:, c] * centred / spread).sum()
        dhat = gamma[c] * dy[:, c]
        dvar = -(dhat * centred).sum() / (2 * spread**3)
        dmean = -dhat.sum() / spread
        dx[:, c] = dhat / spread + 2 * dvar * centred / count + dmean / count
    return dx, dgamma, dbeta
