"""Activation functions, each beside its backward pass.

All of them keep the shape and the dtype, and work element by element (softmax and log-softmax:
along one axis). A backward pass takes the upstream gradient and then what the forward pass took:
x, not y. Where a function has a corner, its gradient there is PyTorch's.
"""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import (
    as_axis,
    as_bool,
    as_dtype,
    as_floats,
    as_number,
    as_rng,
    as_shape,
    quietly,
    upstream,
)

__all__ = [
    "elu",
    "elu_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "log_softmax",
    "log_softmax_backward",
    "prelu",
    "prelu_backward",
    "relu",
    "relu6",
    "relu6_backward",
    "relu_backward",
    "rrelu",
    "rrelu_backward",
    "rrelu_slopes",
    "sigmoid",
    "sigmoid_backward",
    "softmax",
    "softmax_backward",
    "step",
    "step_backward",
    "tanh",
    "tanh_backward",
]

# ---- activations that saturate


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
    at_zero = as_number("step", "at_zero", at_zero, like=x)
    return np.where(x == 0, at_zero, x > 0).astype(x.dtype)


def step_backward(dy: Array, x: Array, *, at_zero: float = 1.0) -> Array:
    r"""Return the gradient of `step`, zero everywhere: nothing can be learned through a step.

    .. math:: dx = 0

    At the jump itself there is no derivative; it is taken as zero, as PyTorch does for sign.

    Returns
    -------
    dx : ndarray, shape of x
    """
    dy, x = upstream("step_backward", dy, x)
    as_number("step_backward", "at_zero", at_zero, like=x)
    return np.zeros(x.shape, x.dtype)


@quietly  # far below zero the exponential overflows to infinity, and y is 0, which is right
def sigmoid(x: Array) -> Array:
    r"""Squash x into 0 to 1: the logistic function.

    .. math:: \sigma(x) = \frac{1}{1 + e^{-x}}

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
    Concept activations. ``torch.sigmoid``.

    Examples
    --------
    >>> sigmoid(np.zeros((2, 3))).shape
    (2, 3)
    """
    (x,) = as_floats("sigmoid", x=x)
    return 1 / (1 + np.exp(-x))


def sigmoid_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `sigmoid`; it needs x and computes y again.

    .. math:: dx = dy\,y\,(1 - y), \qquad y\,(1 - y) \le \tfrac14

    Concept sigmoid-derivative.

    Returns
    -------
    dx : ndarray, shape of x

    Examples
    --------
    >>> int(1 / sigmoid_backward(np.ones(1), np.zeros(1))[0])
    4
    """
    dy, x = upstream("sigmoid_backward", dy, x)
    y = sigmoid(x)
    return dy * y * (1 - y)


def tanh(x: Array) -> Array:
    r"""Squash x into −1 to 1: the hyperbolic tangent, a `sigmoid` symmetric about zero.

    .. math:: \tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2\,\sigma(2x) - 1

    Concept activations. ``torch.tanh``.

    Returns
    -------
    ndarray, shape of x
    """
    (x,) = as_floats("tanh", x=x)
    return np.tanh(x)


def tanh_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `tanh`; it needs x and computes y again.

    .. math:: dx = dy\,(1 - y^2)

    Returns
    -------
    dx : ndarray, shape of x
    """
    dy, x = upstream("tanh_backward", dy, x)
    y = np.tanh(x)
    return dy * (1 - y**2)


# ---- activations that let positive inputs through


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


def relu_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `relu`: dy where x is positive, 0 elsewhere, at x = 0 too.

    .. math:: dx = dy\,[x > 0]

    Instead of x its y does as well, since y > 0 exactly where x > 0.

    Returns
    -------
    dx : ndarray, shape of x

    Examples
    --------
    >>> relu_backward(np.array([5.0, 6.0, 7.0]), np.array([-2.0, 0.0, 3.0])).astype(int).tolist()
    [0, 0, 7]
    """
    dy, x = upstream("relu_backward", dy, x)
    return dy * (x > 0)


def relu6(x: Array) -> Array:
    r"""Cut off what is negative, as `relu` does, and what is above 6.

    .. math:: y = \min(\max(x, 0), 6)

    Howard and others, MobileNets, arXiv:1704.04861. ``torch.nn.functional.relu6``.

    Returns
    -------
    ndarray, shape of x
    """
    (x,) = as_floats("relu6", x=x)
    return np.minimum(np.maximum(x, 0), 6)


def relu6_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `relu6`: dy between 0 and 6, 0 elsewhere, at 0 and 6 too.

    .. math:: dx = dy\,[0 < x < 6]

    Returns
    -------
    dx : ndarray, shape of x
    """
    dy, x = upstream("relu6_backward", dy, x)
    return dy * ((x > 0) & (x < 6))


def leaky_relu(x: Array, *, negative_slope: float = 0.01) -> Array:
    r"""Let negative inputs through with a small slope, where `relu` has none: no unit dies.

    .. math:: y = x \text{ where } x > 0, \quad \text{slope} \cdot x \text{ elsewhere}

    Concept relu-family. Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network
    acoustic models", 2013. ``torch.nn.functional.leaky_relu``.

    Parameters
    ----------
    x : ndarray, any shape
    negative_slope : float
        Slope below zero, finite.

    Returns
    -------
    ndarray, shape of x
    """
    (x,) = as_floats("leaky_relu", x=x)
    slope = as_number("leaky_relu", "negative_slope", negative_slope, like=x)
    return np.where(x > 0, x, slope * x)


def leaky_relu_backward(dy: Array, x: Array, *, negative_slope: float = 0.01) -> Array:
    r"""Return the gradient of `leaky_relu`; at x = 0 it is the slope's.

    .. math:: dx = dy \text{ where } x > 0, \quad \text{slope} \cdot dy \text{ elsewhere}

    Returns
    -------
    dx : ndarray, shape of x
    """
    dy, x = upstream("leaky_relu_backward", dy, x)
    slope = as_number("leaky_relu_backward", "negative_slope", negative_slope, like=x)
    return np.where(x > 0, dy, slope * dy)


def elu(x: Array, *, alpha: float = 1.0) -> Array:
    r"""Bend smoothly towards −alpha below zero, where `relu` has a corner: exponential linear.

    .. math:: y = x \text{ where } x > 0, \quad \alpha\,(e^x - 1) \text{ elsewhere}

    Concept relu-family. Clevert, Unterthiner and Hochreiter, arXiv:1511.07289.
    ``torch.nn.functional.elu``.

    Parameters
    ----------
    x : ndarray, any shape
    alpha : float
        What y tends to, with a minus sign, far below zero; finite.

    Returns
    -------
    ndarray, shape of x
    """
    (x,) = as_floats("elu", x=x)
    alpha = as_number("elu", "alpha", alpha, like=x)
    below = np.minimum(x, 0)  # so that the exponential does not overflow far above zero
    return np.where(x > 0, x, alpha * np.expm1(below))  # expm1(x) = exp(x) - 1


def elu_backward(dy: Array, x: Array, *, alpha: float = 1.0) -> Array:
    r"""Return the gradient of `elu`; at x = 0 it is alpha times dy.

    .. math:: dx = dy \text{ where } x > 0, \quad \alpha\,e^x\,dy \text{ elsewhere}

    Returns
    -------
    dx : ndarray, shape of x
    """
    dy, x = upstream("elu_backward", dy, x)
    alpha = as_number("elu_backward", "alpha", alpha, like=x)
    below = np.minimum(x, 0)
    return np.where(x > 0, dy, alpha * np.exp(below) * dy)


# ---- leaky rectifiers whose slopes are learned, or drawn at random


def prelu(x: Array, w: Array) -> Array:
    r"""Leak with a slope that is learned, one for all channels or one a channel.

    .. math:: y_{nc\ldots} = x_{nc\ldots} \text{ where } x > 0,
        \quad w_c\,x_{nc\ldots} \text{ elsewhere}

    Parameters
    ----------
    x : ndarray, any shape; (N, C, ...) for one slope a channel
    w : ndarray, shape (1,) or (C,)
        The slopes, parameters of the network (PyTorch starts them at 0.25).

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64.
    ValueError
        If w has neither one entry nor one a channel.

    References
    ----------
    Concept relu-family. He, Zhang, Ren and Sun, arXiv:1502.01852.
    ``torch.nn.functional.prelu``.

    Examples
    --------
    >>> prelu(np.array([[-8.0, -8.0], [3.0, -4.0]]), np.array([0.25, 0.5])).astype(int).tolist()
    [[-2, -4], [3, -2]]
    """
    x, slope = _read_prelu("prelu", x=x, w=w)  # slope: (C, 1, …), over axis 1 of x
    return np.where(x > 0, x, slope * x)


def prelu_backward(dy: Array, x: Array, w: Array) -> tuple[Array, Array]:
    r"""Return the gradients of `prelu` to the input and to the slopes; at x = 0 the slope's.

    .. math:: dx = dy \text{ where } x > 0, \quad w_c\,dy \text{ elsewhere}, \qquad
        dw_c = \sum_{x_{nc\ldots} \le 0} dy_{nc\ldots}\, x_{nc\ldots}

    Returns
    -------
    dx : ndarray, shape of x
    dw : ndarray, shape of w
    """
    x, slope, dy = _read_prelu("prelu_backward", x=x, w=w, dy=dy)  # slope: (C, 1, …)
    dx = np.where(x > 0, dy, slope * dy)
    each = np.where(x > 0, 0, dy * x)  # what each element asks of its slope
    shared = tuple(axis for axis in range(x.ndim) if axis != 1 or slope.size == 1)
    return dx, each.sum(axis=shared).reshape(np.shape(w))


def _read_prelu(caller: str, **arrays: Array) -> tuple[Array, ...]:
    """Read x, the slopes w so that they broadcast over the channels, and perhaps dy."""
    x, w, *dy = as_floats(caller, **arrays)
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.ndim > 1 or w.size not in (1, channels):
        raise ValueError(
            f"{caller}: w has shape {w.shape} but x has C={channels} channels; "
            f"got {described(x=x, w=w)}; give w the shape (1,) or ({channels},)"
        )
    if dy:
        require_shape(caller, "…", x.shape, dy=dy[0], x=x, w=w)
    return x, w.reshape(() if w.size == 1 else (-1, *[1] * (x.ndim - 2))), *dy


def rrelu_slopes(
    rng: np.random.Generator,
    shape: int | tuple[int, ...],
    *,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    dtype: DTypeLike = np.float64,
) -> Array:
    r"""Draw one slope an element, evenly between two bounds, for a training step of `rrelu`.

    .. math:: a_i \sim U(\text{lower}, \text{upper})

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : int or tuple of int
        Shape of the input that the slopes are for.
    lower, upper : float
        Bounds of the slopes.
    dtype : dtype
        float32 or float64, the input's.

    Returns
    -------
    ndarray of the given shape
    """
    caller = "rrelu_slopes"
    lower, upper = _read_bounds(caller, lower, upper)
    rng, shape, kind = as_rng(caller, rng), as_shape(caller, shape), as_dtype(caller, dtype)
    return np.asarray(rng.uniform(lower, upper, shape), kind)


def rrelu(
    x: Array,
    slopes: Array | None = None,
    *,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
) -> Array:
    r"""Leak with a random slope in training and with the mean slope afterwards.

    .. math::

        y = x \text{ where } x > 0, \quad a\,x \text{ elsewhere}, \qquad
        a = \begin{cases} \text{slopes} & \text{in training} \\
        (\text{lower} + \text{upper})/2 & \text{in use} \end{cases}

    Parameters
    ----------
    x : ndarray, any shape
    slopes : ndarray, shape of x
        From `rrelu_slopes`, drawn anew for each training step; of no effect outside training.
    lower, upper : float
        Bounds of the slopes.
    training : bool
        Whether to use the slopes given.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64, or slopes are missing in training.
    ValueError
        If slopes have not x's shape, or ``lower > upper``.

    References
    ----------
    Concept relu-family. Xu, Wang, Chen and Li, arXiv:1505.00853. ``torch.nn.functional.rrelu``.

    Examples
    --------
    >>> rrelu(np.array([-48.0, 3.0])).astype(int).tolist()
    [-11, 3]
    >>> rrelu(np.array([-48.0, 3.0]), np.full(2, 0.25), training=True).astype(int).tolist()
    [-12, 3]
    """
    x, a = _read_rrelu("rrelu", slopes, lower, upper, training, x=x)
    return np.where(x > 0, x, a * x)


def rrelu_backward(
    dy: Array,
    x: Array,
    slopes: Array | None = None,
    *,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
) -> Array:
    r"""Return the gradient of `rrelu` to x; the slopes are drawn, not learned, and get none.

    .. math:: dx = dy \text{ where } x > 0, \quad a\,dy \text{ elsewhere}

    Returns
    -------
    dx : ndarray, shape of x
    """
    x, dy, a = _read_rrelu("rrelu_backward", slopes, lower, upper, training, x=x, dy=dy)
    return np.where(x > 0, dy, a * dy)


def _read_rrelu(
    caller: str, slopes: Any, lower: float, upper: float, training: bool, **arrays: Array
) -> tuple[Any, ...]:
    """Read x, perhaps dy, and the slopes a: those given in training, one mean slope in use."""
    lower, upper = _read_bounds(caller, lower, upper)
    training = as_bool(caller, "training", training)
    if training and slopes is None:
        raise TypeError(
            f"{caller}: training needs slopes; got slopes=None; "
            f"give slopes=rrelu_slopes(rng, x.shape, dtype=x.dtype)"
        )
    x, *dy, a = as_floats(caller, "slopes", **arrays, slopes=slopes)
    if dy:
        require_shape(caller, "…", x.shape, dy=dy[0], x=x)
    if a is not None:
        require_shape(caller, "…", x.shape, slopes=a, x=x)
    return x, *dy, a if training else (lower + upper) / 2


def _read_bounds(caller: str, lower: object, upper: object) -> tuple[float, float]:
    """Read the bounds of random slopes."""
    low, high = as_number(caller, "lower", lower), as_number(caller, "upper", upper)
    if low > high:
        raise ValueError(
            f"{caller}: lower={low:g} is above upper={high:g}; got lower={low:g}, upper={high:g}; "
            f"make lower <= upper"
        )
    return low, high


# ---- scores along an axis become a distribution


def softmax(x: Array, *, axis: int = -1) -> Array:
    r"""Turn scores into probabilities that are positive and sum to one along an axis.

    .. math:: p_c = \frac{e^{x_c}}{\sum_j e^{x_j}}
        = \frac{e^{x_c - m}}{\sum_j e^{x_j - m}}, \qquad m = \max_j x_j

    Adding a constant to all scores changes nothing; subtracting their maximum keeps the
    exponentials from overflowing.

    Parameters
    ----------
    x : ndarray, any shape with at least one axis
        Scores (logits), for classes that exclude each other.
    axis : int
        The axis of the classes: the last, or 1 for (N, C, H, W).

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64, or `axis` is no int.
    ValueError
        If x has no such axis.

    References
    ----------
    Concept softmax. ``torch.nn.functional.softmax``, where the axis is called dim.

    Examples
    --------
    >>> softmax(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """
    (x,) = as_floats("softmax", x=x)
    axis = as_axis("softmax", axis, x)
    m = x.max(axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(x - m)
    return e / e.sum(axis=axis, keepdims=True)


def softmax_backward(dy: Array, x: Array, *, axis: int = -1) -> Array:
    r"""Return the gradient of `softmax`; it needs x and computes p again.

    .. math:: dx_c = p_c \Bigl(dy_c - \sum_j dy_j\, p_j\Bigr)

    An upstream gradient that is the same for all classes gives zero.

    Returns
    -------
    dx : ndarray, shape of x
    """
    dy, x = upstream("softmax_backward", dy, x)
    axis = as_axis("softmax_backward", axis, x)
    p = softmax(x, axis=axis)
    return p * (dy - (dy * p).sum(axis=axis, keepdims=True))


@quietly  # log(0), where there are no classes
def log_softmax(x: Array, *, axis: int = -1) -> Array:
    r"""Return the logarithm of `softmax`, which stays finite where a probability underflows.

    .. math:: \log p_c = (x_c - m) - \log \sum_j e^{x_j - m}, \qquad m = \max_j x_j

    Concept softmax. ``torch.nn.functional.log_softmax``.

    Returns
    -------
    ndarray, shape of x

    Examples
    --------
    >>> log_softmax(np.array([0.0, 1000.0])).astype(int).tolist()
    [-1000, 0]
    """
    (x,) = as_floats("log_softmax", x=x)
    axis = as_axis("log_softmax", axis, x)
    shifted = x - x.max(axis=axis, keepdims=True, initial=-np.inf)  # x - m
    return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))


def log_softmax_backward(dy: Array, x: Array, *, axis: int = -1) -> Array:
    r"""Return the gradient of `log_softmax`; it needs x and computes p again.

    .. math:: dx_c = dy_c - p_c \sum_j dy_j

    Returns
    -------
    dx : ndarray, shape of x
    """
    dy, x = upstream("log_softmax_backward", dy, x)
    axis = as_axis("log_softmax_backward", axis, x)
    return dy - softmax(x, axis=axis) * dy.sum(axis=axis, keepdims=True)
