"""Reading the arguments that pointwise operations and losses share: numbers, axes, words, rng."""

from math import isfinite
from typing import Any

import numpy as np

from dlnotes._arguments import as_bool as as_bool  # the operations take it from here
from dlnotes._arguments import as_float, require_numbers
from dlnotes.functional._arrays import Array, described, require_floats, require_room, require_shape
from dlnotes.shapes.arguments import as_int

# PyTorch carries NaN and infinity along without a word; what this decorates does too.
quietly = np.errstate(all="ignore")

_LARGEST = float(np.finfo(np.float32).max)
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def as_floats(caller: str, optional: str = "", /, **arrays: Any) -> tuple[Any, ...]:
    """Return array arguments as they came, and lone floats as arrays without axes.

    Parameters
    ----------
    caller : str
        The function that messages name.
    optional : str
        The one argument that may be None; None is passed on.
    **arrays : ndarray, float or None
        Arguments by name, the deciding one first. NumPy's floating scalars keep their dtype, a
        plain float takes the dtype of the first array.

    Returns
    -------
    tuple of ndarray or None
        In the order given, all float32 or all float64; not copied.

    Raises
    ------
    TypeError
        As `require_floats`: no array, another dtype, or a mixture.

    Examples
    --------
    >>> x, dy = as_floats("mse_loss_backward", x=np.zeros((2, 3), np.float32), dy=1.0)
    >>> x.shape, dy.shape, dy.dtype.name
    ((2, 3), (), 'float32')
    """
    given = [a.dtype for a in arrays.values() if isinstance(a, np.ndarray)]
    dtype = next((kind for kind in given if kind in _FLOATS), np.dtype(np.float64))
    wrapped = {
        name: np.asarray(a, dtype)
        if type(a) is float
        else np.asarray(a)
        if isinstance(a, np.generic)
        else a
        for name, a in arrays.items()
    }
    require_floats(caller, optional, **wrapped)
    return tuple(wrapped.values())


def upstream(caller: str, dy: object, x: object) -> tuple[Array, Array]:
    """Read the upstream gradient and the input of an operation that keeps the shape.

    Parameters
    ----------
    caller : str
        The backward pass that messages name.
    dy : ndarray
        Upstream gradient, x's shape and dtype.
    x : ndarray
        Input of the forward pass, any shape.

    Returns
    -------
    tuple of ndarray
        dy and x.

    Raises
    ------
    TypeError
        As `as_floats`.
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> dy, x = upstream("relu_backward", np.ones(3), np.zeros(3))
    >>> dy.shape
    (3,)
    """
    read_x, read_dy = as_floats(caller, x=x, dy=dy)
    require_shape(caller, "…", read_x.shape, dy=read_dy, x=read_x)
    return read_dy, read_x


def as_number(
    caller: str,
    name: str,
    value: object,
    *,
    low: float = float("-inf"),
    high: float = float("inf"),
    like: Array | None = None,
) -> float:
    """Return a finite real number between `low` and `high`, both included.

    Parameters
    ----------
    caller, name : str
        The operation and the argument that messages name.
    value : float or int
        The number; bools and arrays are refused.
    low, high : float
        The range.
    like : ndarray, optional
        An array of the dtype that the number must fit into.

    Returns
    -------
    float
        A plain float, so that it changes no array's dtype.

    Raises
    ------
    TypeError
        If `value` is no real number.
    ValueError
        If it is NaN, infinite or out of range.

    Examples
    --------
    >>> as_number("elu", "alpha", 1)
    1.0
    """
    require_numbers(caller, **{name: value})
    number = as_float(value)
    if like is not None and like.dtype == np.float32:
        low, high = max(low, -_LARGEST), min(high, _LARGEST)
    if not (isfinite(number) and low <= number <= high):
        bounds = "finite" if not isfinite(low) else f"at least {low:g}"
        if isfinite(low) and isfinite(high):
            bounds = f"between {low:g} and {high:g}"
        raise ValueError(
            f"{caller}: {name} must be {bounds}; got {name}={number!r}; give a {name} in that range"
        )
    return number


def as_axis(caller: str, axis: object, x: Array) -> int:
    """Return an axis of x counted from the front.

    Parameters
    ----------
    caller : str
        The operation that messages name.
    axis : int
        From ``-x.ndim`` to ``x.ndim - 1``.
    x : ndarray
        The array that has the axis.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If `axis` is no int.
    ValueError
        If x has no such axis.

    Examples
    --------
    >>> as_axis("softmax", -1, np.zeros((2, 3)))
    1
    """
    number = as_int(axis, "axis", least=-(2**31), caller=caller)
    if not -x.ndim <= number < x.ndim:
        raise ValueError(
            f"{caller}: axis {number} does not exist in {x.ndim} dimensions; "
            f"got axis={number}, {described(x=x)}; give {-x.ndim} <= axis < {x.ndim}"
        )
    return number % x.ndim


def as_choice(caller: str, name: str, value: object, allowed: tuple[str, ...]) -> str:
    """Return a word that is one of the allowed ones.

    Parameters
    ----------
    caller, name : str
        The operation and the argument that messages name.
    value : str
        The word.
    allowed : tuple of str
        The words to choose from.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the word is none of them.

    Examples
    --------
    >>> as_choice("mse_loss", "reduction", "sum", ("none", "mean", "sum"))
    'sum'
    """
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(
            f"{caller}: {name}={value!r} is none of the {len(allowed)} words known; "
            f"got {name}={value!r}; use one of {', '.join(map(repr, allowed))}"
        )
    return value


def as_rng(caller: str, rng: object) -> np.random.Generator:
    """Return a NumPy random generator, and refuse seeds and the old global state.

    Parameters
    ----------
    caller : str
        The operation that messages name.
    rng : numpy.random.Generator

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    TypeError
        If it is anything else.

    Examples
    --------
    >>> as_rng("dropout_mask", np.random.default_rng(0)).integers(1)
    np.int64(0)
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"{caller}: rng is no random generator; got rng of type {type(rng).__name__}; "
            f"give rng=np.random.default_rng(seed)"
        )
    return rng


def as_shape(caller: str, shape: object) -> tuple[int, ...]:
    """Return the shape of an array that is to be made.

    Parameters
    ----------
    caller : str
        The operation that messages name.
    shape : int or sequence of int
        Sizes of the axes, none of them negative.

    Returns
    -------
    tuple of int

    Raises
    ------
    TypeError
        If a size is no int.
    ValueError
        If a size is negative, or the array would have 2³¹ values or more.

    Examples
    --------
    >>> as_shape("dropout_mask", 3), as_shape("dropout_mask", [2, 3])
    ((3,), (2, 3))
    """
    sizes = shape if isinstance(shape, list | tuple) else (shape,)
    read = tuple(as_int(n, f"shape[{i}]", least=0, caller=caller) for i, n in enumerate(sizes))
    require_room(caller, read, size=shape)
    return read


def as_dtype(caller: str, dtype: object) -> np.dtype[Any]:
    """Return float32 or float64, the dtype of an array that is to be made.

    Parameters
    ----------
    caller : str
        The operation that messages name.
    dtype : dtype, type or str
        Anything that NumPy reads as one of the two.

    Returns
    -------
    numpy.dtype

    Raises
    ------
    TypeError
        If it is anything else.

    Examples
    --------
    >>> as_dtype("rrelu_slopes", "float32").itemsize
    4
    """
    try:
        found = np.dtype(dtype)  # type: ignore[call-overload]
    except TypeError:
        found = None
    if found not in (np.float32, np.float64):
        raise TypeError(
            f"{caller}: dtype is neither float32 nor float64; got dtype={dtype!r}; "
            f"give np.float32 or np.float64"
        )
    return found
