"""Activations that let positive inputs through: ReLU, ReLU6, leaky ReLU and ELU."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_floats, as_number, quietly, upstream


@quietly
def relu(x: Array) -> Array:
    r"""Cut off what is negative: the rectified linear unit.

    .. math:: y = \max(x, 0)

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
    Concept activations. ``torch.nn.functional.relu``.

    Examples
    --------
    >>> relu(np.array([-2.0, 0.0, 3.0])).astype(int).tolist()
    [0, 0, 3]
    """
    (x,) = as_floats("relu", x=x)
    return np.maximum(x, 0)


@quietly
def relu_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `relu`: dy where x is positive, 0 elsewhere, at x = 0 too.

    .. math:: dx = dy\,[x > 0]

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x : ndarray
        As in `relu`; y would do as well, since y > 0 exactly where x > 0.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `relu`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> relu_backward(np.array([5.0, 6.0, 7.0]), np.array([-2.0, 0.0, 3.0])).astype(int).tolist()
    [0, 0, 7]
    """
    dy, x = upstream("relu_backward", dy, x)
    # not x > 0: PyTorch passes dy on where x is NaN. Bits instead of np.where, which takes ten
    # times as long on mixed signs, and instead of a product, which would make NaN of infinity
    bits = np.dtype(f"i{x.itemsize}")
    passing = np.asarray(x <= 0).astype(bits)
    passing -= 1  # all bits where dy passes, none where it does not
    return np.bitwise_and(dy.view(bits), passing, out=passing).view(x.dtype)


@quietly
def relu6(x: Array) -> Array:
    r"""Cut off what is negative and what is above 6.

    .. math:: y = \min(\max(x, 0), 6)

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
    Howard and others, MobileNets, arXiv:1704.04861. ``torch.nn.functional.relu6``.

    Examples
    --------
    >>> relu6(np.array([-2.0, 3.0, 8.0])).astype(int).tolist()
    [0, 3, 6]
    """
    (x,) = as_floats("relu6", x=x)
    return np.clip(x, 0, 6)


@quietly
def relu6_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `relu6`: dy between 0 and 6, 0 elsewhere, at 0 and 6 too.

    .. math:: dx = dy\,[0 < x < 6]

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x : ndarray
        As in `relu6`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `relu6`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> relu6_backward(np.ones(3), np.array([-2.0, 3.0, 8.0])).astype(int).tolist()
    [0, 1, 0]
    """
    dy, x = upstream("relu6_backward", dy, x)
    outside = (x <= 0) | (x >= 6)  # PyTorch passes dy on where x is NaN
    return np.where(outside, x.dtype.type(0), dy)


@quietly
def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    r"""Let negative inputs through with a small slope, so that no unit dies.

    .. math:: y = x \text{ where } x > 0, \quad \text{slope} \cdot x \text{ elsewhere}

    Parameters
    ----------
    x : ndarray, any shape
    negative_slope : float
        Slope below zero.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64, or the slope is no number.
    ValueError
        If the slope is not finite.

    References
    ----------
    Concept relu-family. Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network
    acoustic models", 2013. ``torch.nn.functional.leaky_relu``.

    Examples
    --------
    >>> leaky_relu(np.array([-200.0, 3.0])).astype(int).tolist()
    [-2, 3]
    """
    (x,) = as_floats("leaky_relu", x=x)
    slope = as_number("leaky_relu", "negative_slope", negative_slope, like=x)
    return np.where(x > 0, x, slope * x)


@quietly
def leaky_relu_backward(dy: Array, x: Array, *, negative_slope: float = 0.01) -> Array:
    r"""Return the gradient of `leaky_relu`; at x = 0 it is the slope's.

    .. math:: dx = dy \text{ where } x > 0, \quad \text{slope} \cdot dy \text{ elsewhere}

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, negative_slope
        As in `leaky_relu`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `leaky_relu`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> leaky_relu_backward(np.full(2, 100.0), np.array([-2.0, 3.0])).astype(int).tolist()
    [1, 100]
    """
    dy, x = upstream("leaky_relu_backward", dy, x)
    slope = as_number("leaky_relu_backward", "negative_slope", negative_slope, like=x)
    return np.where(x > 0, dy, slope * dy)


@quietly
def elu(x: Array, *, alpha: float = 1.0) -> Array:
    r"""Bend smoothly towards −alpha below zero: the exponential linear unit.

    .. math:: y = x \text{ where } x > 0, \quad \alpha\,(e^x - 1) \text{ elsewhere}

    Parameters
    ----------
    x : ndarray, any shape
    alpha : float
        What y tends to, with a minus sign, far below zero.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64, or alpha is no number.
    ValueError
        If alpha is not finite.

    References
    ----------
    Concept relu-family. Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.
    ``torch.nn.functional.elu``.

    Examples
    --------
    >>> elu(np.array([-1000.0, 3.0])).astype(int).tolist()
    [-1, 3]
    """
    (x,) = as_floats("elu", x=x)
    scale = as_number("elu", "alpha", alpha, like=x)
    return np.where(x > 0, x, scale * np.expm1(np.minimum(x, 0)))  # no overflow far above zero


@quietly
def elu_backward(dy: Array, x: Array, *, alpha: float = 1.0) -> Array:
    r"""Return the gradient of `elu`; at x = 0 it is alpha times dy.

    .. math:: dx = dy \text{ where } x > 0, \quad \alpha\,e^x\,dy \text{ elsewhere}

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, alpha
        As in `elu`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `elu`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> elu_backward(np.full(3, 7.0), np.array([-1000.0, 0.0, 3.0])).astype(int).tolist()
    [0, 7, 7]
    """
    dy, x = upstream("elu_backward", dy, x)
    scale = as_number("elu_backward", "alpha", alpha, like=x)
    return np.where(x > 0, dy, scale * np.exp(np.minimum(x, 0)) * dy)
