"""The squared error."""

from dlnotes.functional._arrays import Array
from dlnotes.functional.loss._checks import read_pair, reduced


def mse_loss(x: Array, target: Array, *, reduction: str = "mean") -> Array:
    r"""Return the squared error, the loss of regression.

    .. math:: L_i = (x_i - t_i)^2

    Parameters
    ----------
    x : ndarray, any shape
        What the network gives.
    target : ndarray, shape of x
        What it should give.
    reduction : {"mean", "sum", "none"}
        The mean is over all elements.

    Returns
    -------
    ndarray
        One number, or of x's shape for ``"none"``.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64.
    ValueError
        If the shapes differ, (N, 1) and (N,) included, or the reduction is unknown.

    References
    ----------
    ``torch.nn.functional.mse_loss``, which broadcasts with a warning.

    Examples
    --------
    >>> import numpy as np
    >>> int(mse_loss(np.array([1.0, 5.0]), np.array([1.0, 1.0])))
    8
    """
    x, target = read_pair("mse_loss", reduction, target, x=x)
    return reduced((x - target) ** 2, reduction)


def mse_loss_backward(dy: Array, x: Array, target: Array, *, reduction: str = "mean") -> Array:
    r"""Return the gradient of `mse_loss` to x (to the target it is the negative).

    .. math:: dx_i = 2\,(x_i - t_i)\,dy_i, \qquad
        \text{with } dy_i = dy / n \text{ under the mean over } n \text{ elements}

    Returns
    -------
    dx : ndarray, shape of x
    """
    x, target, dy = read_pair("mse_loss_backward", reduction, target, x=x, dy=dy)  # dy: each loss's
    return 2 * dy * (x - target)
