"""The squared error."""

from dlnotes.functional._arrays import Array, require_shape
from dlnotes.functional._options import as_floats, quietly
from dlnotes.functional.loss._reduction import as_reduction, reduced, spread


@quietly
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
    x, target = as_floats("mse_loss", x=x, target=target)
    require_shape("mse_loss", "…", x.shape, target=target, x=x)
    return reduced((x - target) ** 2, as_reduction("mse_loss", reduction))


@quietly
def mse_loss_backward(dy: Array, x: Array, target: Array, *, reduction: str = "mean") -> Array:
    r"""Return the gradient of `mse_loss` to x (to the target it is the negative).

    .. math:: dx_i = 2\,(x_i - t_i)\,dy_i, \qquad
        \text{with } dy_i = dy / n \text{ under the mean over } n \text{ elements}

    Parameters
    ----------
    dy : float or ndarray of the loss's shape
        Upstream gradient.
    x, target, reduction
        As in `mse_loss`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `mse_loss`, and if dy has not the shape of the loss.

    Examples
    --------
    >>> import numpy as np
    >>> mse_loss_backward(1.0, np.array([1.0, 5.0]), np.ones(2)).astype(int).tolist()
    [0, 4]
    """
    x, target, dy = as_floats("mse_loss_backward", x=x, target=target, dy=dy)
    require_shape("mse_loss_backward", "…", x.shape, target=target, x=x)
    reduction = as_reduction("mse_loss_backward", reduction)
    # twice at the end: where it stands first, a difference can overflow whose gradient does not
    return (x - target) * spread("mse_loss_backward", dy, reduction, x.shape) * 2
