"""Leaky rectifiers whose slopes are drawn at random (RReLU) or learned (PReLU)."""

import numpy as np
from numpy.typing import DTypeLike

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import (
    as_bool,
    as_dtype,
    as_floats,
    as_number,
    as_rng,
    as_shape,
    quietly,
    upstream,
)


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

    Raises
    ------
    TypeError
        If `rng` is no generator, or a number or the dtype is of another kind.
    ValueError
        If ``lower > upper``, a size is negative, or there would be 2³¹ values or more.

    Examples
    --------
    >>> rrelu_slopes(np.random.default_rng(0), (2, 3)).shape
    (2, 3)
    """
    low, high = _bounds("rrelu_slopes", lower, upper)
    rng, sizes = as_rng("rrelu_slopes", rng), as_shape("rrelu_slopes", shape)
    return np.asarray(rng.uniform(low, high, sizes), as_dtype("rrelu_slopes", dtype))


@quietly
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
    (x,) = as_floats("rrelu", x=x)
    return x * _factor("rrelu", x, slopes, lower, upper, training)


@quietly
def rrelu_backward(
    dy: Array,
    x: Array,
    slopes: Array | None = None,
    *,
    lower: float = 1 / 8,
    upper: float = 1 / 3,
    training: bool = False,
) -> Array:
    r"""Return the gradient of `rrelu` to x, with the slopes of the forward pass.

    .. math:: dx = dy \text{ where } x > 0, \quad a\,dy \text{ elsewhere}

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, slopes, lower, upper, training
        As in `rrelu`. The slopes are drawn, not learned, and get no gradient.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `rrelu`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> dy, x = np.full(2, 48.0), np.array([-1.0, 3.0])
    >>> rrelu_backward(dy, x).astype(int).tolist()
    [11, 48]
    """
    dy, x = upstream("rrelu_backward", dy, x)
    return dy * _factor("rrelu_backward", x, slopes, lower, upper, training)


@quietly
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
    x, w = as_floats("prelu", x=x, w=w)
    return np.where(x > 0, x, _over_channels("prelu", x, w) * x)


@quietly
def prelu_backward(dy: Array, x: Array, w: Array) -> tuple[Array, Array]:
    r"""Return the gradients of `prelu` to the input and to the slopes; at x = 0 the slope's.

    .. math:: dx = dy \text{ where } x > 0, \quad w_c\,dy \text{ elsewhere}, \qquad
        dw_c = \sum_{x_{nc\ldots} \le 0} dy_{nc\ldots}\, x_{nc\ldots}

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, w : ndarray
        As in `prelu`.

    Returns
    -------
    dx : ndarray, shape of x
    dw : ndarray, shape of w

    Raises
    ------
    TypeError, ValueError
        As `prelu`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> x, w = np.array([[-8.0, -8.0], [3.0, -4.0]]), np.array([0.25, 0.5])
    >>> prelu_backward(np.ones((2, 2)), x, w)[1].astype(int).tolist()
    [-8, -12]
    """
    x, w, dy = as_floats("prelu_backward", x=x, w=w, dy=dy)
    require_shape("prelu_backward", "…", x.shape, dy=dy, x=x, w=w)
    dx = np.where(x > 0, dy, _over_channels("prelu_backward", x, w) * dy)
    each = np.where(x > 0, 0, dy * x)  # what each element asks of its slope
    shared = tuple(axis for axis in range(x.ndim) if w.size == 1 or axis != 1)
    return dx, each.sum(axis=shared).reshape(w.shape)


def _factor(
    caller: str, x: Array, slopes: Array | None, lower: float, upper: float, training: bool
) -> Array:
    """Return what each element of x is multiplied by, with PyTorch's choice for NaN."""
    low, high = _bounds(caller, lower, upper)
    training = as_bool(caller, "training", training)
    if slopes is not None:
        x, drawn = as_floats(caller, x=x, slopes=slopes)
        require_shape(caller, "…", x.shape, slopes=drawn, x=x)
        if training:
            return np.where(x <= 0, drawn, 1)
    elif training:
        raise TypeError(
            f"{caller}: training needs slopes; got slopes=None, {described(x=x)}; "
            f"give slopes=rrelu_slopes(rng, x.shape, dtype=x.dtype)"
        )
    return np.where(x > 0, 1, x.dtype.type((low + high) / 2))


def _bounds(caller: str, lower: object, upper: object) -> tuple[float, float]:
    """Read the bounds of random slopes."""
    low, high = as_number(caller, "lower", lower), as_number(caller, "upper", upper)
    if low > high:
        raise ValueError(
            f"{caller}: lower={low:g} is above upper={high:g}; got lower={low:g}, upper={high:g}; "
            f"make lower <= upper"
        )
    return low, high


def _over_channels(caller: str, x: Array, w: Array) -> Array:
    """Return the slopes so that they broadcast over x's channels, axis 1."""
    channels = x.shape[1] if x.ndim > 1 else 1
    if w.ndim > 1 or w.size not in (1, channels):
        raise ValueError(
            f"{caller}: w has shape {w.shape} but x has C={channels} channels; "
            f"got {described(x=x, w=w)}; give w the shape (1,) or ({channels},)"
        )
    return w.reshape(()) if w.size == 1 else w.reshape(-1, *[1] * (x.ndim - 2))  # (C,1,…)
