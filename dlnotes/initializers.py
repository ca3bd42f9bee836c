r"""Starting values of weights: constants, plain random values, and the rules of Xavier and He.

Every rule of the second kind is one formula, a standard deviation that undoes the number of terms
that a unit sums,

.. math:: \sigma = \frac{g}{\sqrt{n}}, \qquad r = \sqrt{3}\,\sigma

with the gain g of the activation and a fan n; a uniform distribution on [-r, r] has the same
deviation as a normal one. Each function takes its random generator as an argument and returns a
new array.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dlnotes._arguments import require_numbers, require_room

Array = NDArray[Any]
Shape = int | Sequence[int]

_GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,
    "relu": math.sqrt(2),
    "leaky_relu": math.sqrt(2),
    "selu": 3 / 4,
}
_MODES = ("fan_in", "fan_out", "fan_avg")


def fans(shape: Sequence[int]) -> tuple[int, int]:
    """Return how many inputs a unit sums, and how many units an input reaches.

    Parameters
    ----------
    shape : sequence of int
        Of weights: (K, D) of a dense layer, (K, C/groups, R, S) of a convolution.

    Returns
    -------
    fan_in, fan_out : int
        Second and first size, each times the kernel's elements, as PyTorch counts them: groups
        and stride do not enter fan_out.

    Raises
    ------
    ValueError
        If there are fewer than two axes, or a fan is 0.
    TypeError
        If a size is no integer.

    References
    ----------
    Concept xavier.

    Examples
    --------
    >>> fans((100, 300)), fans((64, 32, 3, 3))
    ((300, 100), (288, 576))
    """
    sizes = _sizes("fans", shape)
    if len(sizes) < 2 or 0 in sizes:
        raise ValueError(
            f"fans: weights need an output and an input axis, none of them empty; got shape "
            f"{sizes}; for biases use zeros, constant, uniform or normal"
        )
    kernel = math.prod(sizes[2:])
    return sizes[1] * kernel, sizes[0] * kernel


def gain(activation: str, *, negative_slope: float = 0.01) -> float:
    r"""Return the factor that makes up for what an activation takes from the deviation.

    Parameters
    ----------
    activation : str
        ``"linear"`` or ``"sigmoid"`` (1), ``"tanh"`` (5/3), ``"relu"`` (√2), ``"leaky_relu"``
        (:math:`\sqrt{2 / (1 + a^2)}`) or ``"selu"`` (3/4), as in PyTorch.
    negative_slope : float
        The a of ``"leaky_relu"``.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the activation is none of these.

    References
    ----------
    Concepts xavier, he-init.

    Examples
    --------
    >>> gain("relu") ** 2 == gain("leaky_relu", negative_slope=0) ** 2
    True
    """
    if not isinstance(activation, str) or activation not in _GAINS:
        raise ValueError(
            f"gain: no gain is known for this activation; got {activation!r}; use one of "
            f"{', '.join(_GAINS)}, or give a number as gain"
        )
    require_numbers("gain", negative_slope=negative_slope)
    leak = negative_slope if activation == "leaky_relu" else 0.0
    return _GAINS[activation] / math.sqrt(1 + leak * leak)


def deviation(shape: Sequence[int], *, gain: float = 1.0, mode: str = "fan_avg") -> float:
    r"""Return the standard deviation that a rule gives to weights.

    .. math:: \sigma = \frac{g}{\sqrt{n}}

    Parameters
    ----------
    shape : sequence of int
        Of the weights, as in `fans`.
    gain : float
        The g of the formula.
    mode : str
        Which n: ``"fan_in"`` keeps the variance on the way forward, ``"fan_out"`` on the way
        back, ``"fan_avg"``, the mean of both, is Xavier's compromise.

    Returns
    -------
    float
        A uniform distribution with this deviation reaches to √3 times it.

    Raises
    ------
    ValueError
        If the mode is unknown, or as `fans`.

    References
    ----------
    Concepts xavier, he-init.

    Examples
    --------
    >>> round(deviation((100, 300)), 4), round(math.sqrt(3) * deviation((100, 300)), 4)
    (0.0707, 0.1225)
    """
    require_numbers("deviation", gain=gain)
    if not isinstance(mode, str) or mode not in _MODES:
        raise ValueError(
            f"deviation: mode must be one of {', '.join(_MODES)}; got {mode!r}; Xavier's rule "
            "takes 'fan_avg', He's 'fan_in'"
        )
    fan_in, fan_out = fans(shape)
    fan = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    return gain / math.sqrt(fan)


def zeros(shape: Shape, *, dtype: DTypeLike = np.float64) -> Array:
    """Return zeros, the usual start of biases: `constant` with the value 0."""
    return constant(shape, 0.0, dtype=dtype)


def constant(shape: Shape, value: float, *, dtype: DTypeLike = np.float64) -> Array:
    """Return one value everywhere. Weights that start equal stay equal: use it for biases.

    Parameters
    ----------
    shape : int or sequence of int
    value : float
    dtype : dtype
        A floating one.

    Returns
    -------
    ndarray
        Of that shape and dtype.

    Examples
    --------
    >>> constant((1, 3), 0.5).tolist()
    [[0.5, 0.5, 0.5]]
    """
    require_numbers("constant", value=value)
    sizes, kind = _sizes("constant", shape), _floating("constant", dtype)
    return np.full(sizes, _cast("constant", np.array(value, np.float64), kind))


def uniform(
    shape: Shape,
    low: float = 0.0,
    high: float = 1.0,
    *,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Return independent values, each equally likely to lie anywhere from low to high.

    Parameters
    ----------
    shape : int or sequence of int
    low, high : float
        Bounds.
    rng : numpy Generator
        Draws in float64, whatever the dtype: a seed gives the same values in each.
    dtype : dtype
        A floating one.

    Returns
    -------
    ndarray
        Of that shape and dtype.

    Raises
    ------
    ValueError
        If low exceeds high or one is not finite.
    TypeError
        If rng is no generator, or the dtype not floating.

    Examples
    --------
    >>> uniform((2, 3), -1, 1, rng=np.random.default_rng(0)).shape
    (2, 3)
    """
    require_numbers("uniform", low=low, high=high)
    if not (low <= high and math.isfinite(high - low)):
        raise ValueError(
            f"uniform: low must not exceed high, and both be finite; got low={low!r}, "
            f"high={high!r}; give the smaller bound first"
        )
    return _draw("uniform", shape, rng, dtype, lambda g, s: g.uniform(low, high, s))


def normal(
    shape: Shape,
    mean: float = 0.0,
    std: float = 1.0,
    *,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float64,
) -> Array:
    """Return independent, normally distributed values.

    Parameters
    ----------
    shape : int or sequence of int
    mean, std : float
        Mean and standard deviation.
    rng, dtype
        As in `uniform`.

    Returns
    -------
    ndarray
        Of that shape and dtype.

    Raises
    ------
    ValueError
        If std is negative or one is not finite.
    TypeError
        As `uniform`.

    Examples
    --------
    >>> normal(5, std=0.01, rng=np.random.default_rng(0)).shape
    (5,)
    """
    require_numbers("normal", mean=mean, std=std)
    if not (std >= 0 and math.isfinite(std) and math.isfinite(mean)):
        raise ValueError(
            f"normal: std must not be negative, and both be finite; got mean={mean!r}, "
            f"std={std!r}; give a deviation, not a variance with a sign"
        )
    return _draw("normal", shape, rng, dtype, lambda g, s: g.normal(mean, std, s))


def xavier_uniform(
    shape: Sequence[int],
    *,
    rng: np.random.Generator,
    gain: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> Array:
    r"""Return weights by the rule of Xavier Glorot, uniform on [-r, r].

    .. math:: r = g \sqrt{\frac{6}{n_{in} + n_{out}}}

    Parameters
    ----------
    shape : sequence of int
        Of the weights, as in `fans`.
    rng, dtype
        As in `uniform`.
    gain : float
        The g of the formula; √2 for ReLU units.

    Returns
    -------
    ndarray
        Of that shape and dtype.

    Raises
    ------
    ValueError
        As `fans`.
    TypeError
        As `uniform`.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", AISTATS 2010; concept xavier.

    Examples
    --------
    >>> xavier_uniform((100, 300), rng=np.random.default_rng(0)).shape
    (100, 300)
    """
    r = math.sqrt(3) * deviation(shape, gain=gain, mode="fan_avg")
    return uniform(shape, -r, r, rng=rng, dtype=dtype)


def xavier_normal(
    shape: Sequence[int],
    *,
    rng: np.random.Generator,
    gain: float = 1.0,
    dtype: DTypeLike = np.float64,
) -> Array:
    r"""Return weights by the rule of `xavier_uniform`, normally distributed.

    .. math:: \sigma = g \sqrt{\frac{2}{n_{in} + n_{out}}}
    """
    sigma = deviation(shape, gain=gain, mode="fan_avg")
    return normal(shape, 0.0, sigma, rng=rng, dtype=dtype)


def he_uniform(
    shape: Sequence[int],
    *,
    rng: np.random.Generator,
    negative_slope: float = 0.0,
    mode: str = "fan_in",
    dtype: DTypeLike = np.float64,
) -> Array:
    r"""Return weights by the rule of Kaiming He, uniform on [-r, r].

    .. math:: r = \sqrt{\frac{6}{(1 + a^2)\, n}}

    Parameters
    ----------
    shape : sequence of int
        Of the weights, as in `fans`.
    rng, dtype
        As in `uniform`.
    negative_slope : float
        The a of the formula: 0 for ReLU. PyTorch's layers start with √5, that is r = 1/√n.
    mode : str
        Which n, as in `deviation`.

    Returns
    -------
    ndarray
        Of that shape and dtype.

    Raises
    ------
    ValueError
        As `deviation`.
    TypeError
        As `uniform`.

    References
    ----------
    He, Zhang, Ren and Sun, arXiv:1502.01852; concept he-init.

    Examples
    --------
    >>> he_uniform((100, 300), rng=np.random.default_rng(0)).shape
    (100, 300)
    """
    factor = gain("leaky_relu", negative_slope=negative_slope)
    r = math.sqrt(3) * deviation(shape, gain=factor, mode=mode)
    return uniform(shape, -r, r, rng=rng, dtype=dtype)


def he_normal(
    shape: Sequence[int],
    *,
    rng: np.random.Generator,
    negative_slope: float = 0.0,
    mode: str = "fan_in",
    dtype: DTypeLike = np.float64,
) -> Array:
    r"""Return weights by the rule of `he_uniform`, normally distributed.

    .. math:: \sigma = \sqrt{\frac{2}{(1 + a^2)\, n}}
    """
    sigma = deviation(shape, gain=gain("leaky_relu", negative_slope=negative_slope), mode=mode)
    return normal(shape, 0.0, sigma, rng=rng, dtype=dtype)


def _draw(
    caller: str, shape: Shape, rng: np.random.Generator, dtype: DTypeLike, draw: Any
) -> Array:
    """Draw values in float64 and give them their dtype."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{caller}: rng must be a NumPy generator; got {type(rng).__name__} {rng!r}; "
            "make one with np.random.default_rng(seed)"
        )
    kind = _floating(caller, dtype)
    return _cast(caller, draw(rng, _sizes(caller, shape)), kind)


def _cast(caller: str, values: Array, kind: np.dtype[Any]) -> Array:
    """Give values their dtype, which must have room for them."""
    try:
        with np.errstate(over="raise"):
            return values.astype(kind, copy=False)
    except FloatingPointError:
        raise ValueError(
            f"{caller}: a value is beyond the largest of {kind}, {np.finfo(kind).max:.3g}; got "
            f"{np.abs(values).max():.3g}; give smaller numbers, or dtype=np.float64"
        ) from None


def _sizes(caller: str, shape: Shape) -> tuple[int, ...]:
    """Read a shape."""
    sizes = (shape,) if isinstance(shape, int | np.integer) else shape
    if not isinstance(sizes, Sequence) or isinstance(sizes, str | bytes):
        raise TypeError(
            f"{caller}: shape is an int or a sequence of ints; got {type(shape).__name__}; give "
            "for example (3, 5)"
        )
    if any(isinstance(n, bool) or not isinstance(n, int | np.integer) for n in sizes):
        raise TypeError(
            f"{caller}: sizes must be integers; got shape {sizes!r}; use // to divide them"
        )
    if min(sizes, default=0) < 0:
        raise ValueError(
            f"{caller}: sizes must not be negative; got shape {sizes!r}; name every size"
        )
    require_room(caller, sizes)
    return tuple(int(n) for n in sizes)


def _floating(caller: str, dtype: DTypeLike) -> np.dtype[Any]:
    """Read a dtype, which must be floating."""
    try:
        kind = np.dtype(dtype)
    except (TypeError, ValueError):
        raise TypeError(
            f"{caller}: this is no dtype; got {str(dtype)[:60]!r}; use np.float64 or np.float32"
        ) from None
    if kind.kind != "f":
        raise TypeError(
            f"{caller}: weights are floating; got dtype {kind}; use np.float64 or np.float32"
        )
    return kind
