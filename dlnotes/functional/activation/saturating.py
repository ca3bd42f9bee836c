"""Activations that saturate: the step, the logistic function and tanh."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_floats, as_number, quietly, upstream


@quietly
def step(x: Array, *, at_zero: float = 1.0) -> Array:
    r"""Return 1 where x is positive and 0 where it is negative: the perceptron's neuron.

    .. math:: y = [x > 0], \qquad y(0) = \text{at\_zero}

    Parameters
    ----------
    x : ndarray, any shape
    at_zero : float
        Value where x is zero.

    Returns
    -------
    ndarray, shape of x
        NaN counts as not positive, as in ``torch.heaviside``.

    Raises
    ------
    TypeError
        If x is neither float32 nor float64, or `at_zero` is no number.
    ValueError
        If `at_zero` is not finite.

    References
    ----------
    Concept activations. ``torch.heaviside(x, at_zero)``.

    Examples
    --------
    >>> step(np.array([-0.5, 0.0, 2.0])).astype(int).tolist()
    [0, 1, 1]
    """
    (x,) = as_floats("step", x=x)
    corner = as_number("step", "at_zero", at_zero, like=x)
    return np.where(x == 0, x.dtype.type(corner), (x > 0).astype(x.dtype))


def step_backward(dy: Array, x: Array, *, at_zero: float = 1.0) -> Array:
    r"""Return the gradient of `step`, zero everywhere: nothing can be learned through a step.

    .. math:: dx = 0

    At the jump itself there is no derivative; it is taken as zero, as PyTorch does for sign.

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, at_zero
        As in `step`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `step`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> step_backward(np.ones(3), np.array([-0.5, 0.0, 2.0])).astype(int).tolist()
    [0, 0, 0]
    """
    dy, x = upstream("step_backward", dy, x)
    as_number("step_backward", "at_zero", at_zero, like=x)
    return np.zeros(x.shape, x.dtype)


@quietly
def sigmoid(x: Array) -> Array:
    r"""Squash x into 0 to 1: the logistic function.

    .. math:: \sigma(x) = \frac{1}{1 + e^{-x}}

    Far below zero the exponential overflows to infinity and the result is 0, which is right.

    Parameters
    ----------
    x : ndarray, any shape

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64.

    References
    ----------
    Concept activations. ``torch.sigmoid``. `logistic` is another name for it.

    Examples
    --------
    >>> sigmoid(np.zeros((2, 3))).shape
    (2, 3)
    """
    (x,) = as_floats("sigmoid", x=x)
    return 1 / (1 + np.exp(-x))


@quietly
def sigmoid_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `sigmoid`; it needs x and computes y again.

    .. math:: dx = dy\,(1 - y)\,y, \qquad (1 - y)\,y \le \tfrac14

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x : ndarray
        As in `sigmoid`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `sigmoid`, and if dy has not the shape and dtype of x.

    References
    ----------
    Concept sigmoid-derivative.

    Examples
    --------
    >>> int(1 / sigmoid_backward(np.ones(1), np.zeros(1))[0])
    4
    """
    dy, x = upstream("sigmoid_backward", dy, x)
    y = 1 / (1 + np.exp(-x))
    return dy * (1 - y) * y


logistic = sigmoid
logistic_backward = sigmoid_backward


@quietly
def tanh(x: Array) -> Array:
    r"""Squash x into −1 to 1, symmetrically: the hyperbolic tangent.

    .. math:: \tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\,\sigma(2x) - 1

    Parameters
    ----------
    x : ndarray, any shape

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64.

    References
    ----------
    Concept activations. ``torch.tanh``.

    Examples
    --------
    >>> tanh(np.array([-1000.0, 0.0, 1000.0])).astype(int).tolist()
    [-1, 0, 1]
    """
    (x,) = as_floats("tanh", x=x)
    return np.tanh(x)


@quietly
def tanh_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `tanh`; it needs x and computes y again.

    .. math:: dx = dy\,(1 - y^2)

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x : ndarray
        As in `tanh`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `tanh`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> int(tanh_backward(np.ones(1), np.zeros(1))[0])
    1
    """
    dy, x = upstream("tanh_backward", dy, x)
    return dy * (1 - np.tanh(x) ** 2)
