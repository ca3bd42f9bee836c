"""AlexNet's normalization across neighbouring channels, beside its backward pass."""

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    require_floats,
    require_shape,
    require_small,
)
from dlnotes.functional._options import as_number
from dlnotes.shapes import as_int


def local_response_norm(
    x: Array, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    r"""Divide each value by a power of the mean square of its neighbours in the channels.

    .. math:: y_{nc} = x_{nc}\, d_{nc}^{-\beta}, \qquad
        d_{nc} = k + \frac{\alpha}{n}
        \sum_{c'=c-\lfloor n/2 \rfloor}^{c+\lceil n/2 \rceil-1} x_{nc'}^2

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Values; channels beyond the ends count as zeros.
    size : int
        The n: channels in a window.
    alpha, beta, k : float
        As in the equation; PyTorch's, whose alpha is n times the paper's.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        If x has no channels or is no float array, or a number is no number; if k is not positive.

    References
    ----------
    Krizhevsky, Sutskever, Hinton (2012), section 3.3; concept alexnet.
    ``torch.nn.functional.local_response_norm``.

    Examples
    --------
    >>> local_response_norm(np.ones((2, 7, 3, 3)), 5).shape
    (2, 7, 3, 3)
    """
    size, alpha, beta, k = _read("local_response_norm", x, size, alpha, beta, k)
    d = k + alpha / size * _window_sums(x**2, size, before=size // 2)
    y: Array = x * d**-beta
    return y


def local_response_norm_backward(
    dy: Array, x: Array, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    r"""Return the gradient of `local_response_norm`.

    .. math:: dx_{nc} = dy_{nc}\, d_{nc}^{-\beta} - \frac{2\alpha\beta}{n}\, x_{nc}
        \sum_{c' : c \in \text{window}(c')} dy_{nc'}\, x_{nc'}\, d_{nc'}^{-\beta-1}

    Returns
    -------
    ndarray, shape of x
    """
    caller = "local_response_norm_backward"
    size, alpha, beta, k = _read(caller, x, size, alpha, beta, k)
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, "NC…", x.shape, dy=dy, x=x)
    d = k + alpha / size * _window_sums(x**2, size, before=size // 2)
    shares = _window_sums(dy * x * d ** (-beta - 1), size, before=(size - 1) // 2)
    dx: Array = dy * d**-beta - 2 * alpha * beta / size * x * shares
    return dx


def _read(
    caller: str, x: Array, size: int, alpha: float, beta: float, k: float
) -> tuple[int, float, float, float]:
    """Check the arguments, and return size, alpha, beta and k as plain numbers."""
    require_floats(caller, x=x)
    size = as_int(size, "size", caller=caller)
    require_small(caller, size=(size,))
    alpha = as_number(caller, "alpha", alpha, low=0.0, like=x)
    beta = as_number(caller, "beta", beta, like=x)
    k = as_number(caller, "k", k, low=0.0, like=x)
    if x.ndim < 2:
        raise ValueError(
            f"{caller}: x has {x.ndim} axes but needs channels, (N,C,...); got {described(x=x)}; "
            "put an axis of channels second"
        )
    if k <= 0:
        raise ValueError(
            f"{caller}: k must be positive, or zeros would divide zeros; got k={k}; use k=1.0"
        )
    return size, alpha, beta, k


def _window_sums(x: Array, size: int, *, before: int) -> Array:
    """Add each channel's `before` predecessors, itself and its successors, `size` in all."""
    before, after = (min(n, x.shape[1]) for n in (before, size - 1 - before))  # beyond are zeros
    size = before + 1 + after
    padded = np.zeros((len(x), x.shape[1] + size - 1, *x.shape[2:]), x.dtype)
    padded[:, before : before + x.shape[1]] = x
    total = np.zeros(x.shape, x.dtype)
    for j in range(size):
        total += padded[:, j : j + x.shape[1]]
    return total
