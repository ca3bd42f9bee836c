"""What the parts of `dlnotes.autodiff` read alike: axes, shapes, arrays, functions and seeds."""

from collections.abc import Callable, Iterable, Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlnotes._arguments import as_float
from dlnotes.autodiff.rules import Array, quietly


def is_sequence(value: object) -> bool:
    """Say whether a value has entries: a list, a tuple, an array or Variable with axes."""
    if isinstance(value, Sequence):
        return not isinstance(value, str | bytes)
    return bool(getattr(value, "ndim", 0)) and hasattr(value, "__len__")


def _read_axis(caller: str, name: str, axis: Any) -> int | tuple[int, ...] | None:
    """Return an axis as an int, a tuple of ints, or None where every axis may be meant."""
    if axis is None and caller not in ("concatenate", "stack"):
        return None
    return _read_int(caller, name, axis) if _is_int(axis) else _read_sizes(caller, name, axis)


def _read_sizes(caller: str, name: str, sizes: Any) -> tuple[int, ...] | None:
    """Return a shape, or the order of axes, as a tuple of ints."""
    if sizes is None and name == "axes":
        return None
    if _is_int(sizes):
        return (_read_int(caller, name, sizes),)
    if not is_sequence(sizes):
        raise TypeError(
            f"{caller}: {name} is an int or a sequence of ints; got {str(sizes)[:60]!r} "
            f"({type(sizes).__name__}); give for example {name}=0 or {name}=(0, 1)"
        )
    return tuple(_read_int(caller, name, n) for n in sizes)


def _is_int(n: object) -> bool:
    return isinstance(n, int | np.integer) and not isinstance(n, bool)


def _read_int(caller: str, name: str, n: Any) -> int:
    """Return a size or the number of an axis."""
    if not _is_int(n):
        raise TypeError(
            f"{caller}: {name} has an entry that is no int; got {str(n)[:60]!r} "
            f"({type(n).__name__}); divide sizes by //"
        )
    return int(n)


def _read_flag(caller: str, name: str, flag: Any) -> bool:
    """Return a switch."""
    if not isinstance(flag, bool | np.bool):
        raise TypeError(
            f"{caller}: {name} is True or False; got {str(flag)[:60]!r} ({type(flag).__name__}); "
            "give a bool"
        )
    return bool(flag)


READERS: dict[str, Callable[[str, str, Any], Any]] = {
    "axis": _read_axis,
    "axes": _read_sizes,
    "shape": _read_sizes,
    "keepdims": _read_flag,
}
"""How the options of this package's own operations are read, by name."""


def as_array(caller: str, value: Any) -> Array:
    """Return what NumPy makes of a value; lists of unequal lengths make no array."""
    if hasattr(value, "filled"):
        raise TypeError(
            f"{caller}: a masked array would lose its mask; got {type(value).__name__} of shape "
            f"{value.shape}; give x.filled(…), or x.data and where(…)"
        )
    try:
        return np.asarray(None if hasattr(value, "detach") else value)  # None: a torch tensor
    except ValueError:
        raise TypeError(
            f"{caller}: lists of unequal lengths are no array; got {str(value)[:60]!r}; give rows "
            "of one length"
        ) from None


def as_numbers(caller: str, name: str, value: Any) -> Array:
    """Return what stands beside the graph, a seed or a bound, as an array of numbers."""
    array = as_array(caller, value)
    if array.dtype.kind not in "fiub":
        require_float_range(caller, value)
        raise TypeError(
            f"{caller}: {name} is a number or an array of numbers; got {type(value).__name__} of "
            f"{array.dtype}; give for example 1.0"
        )
    return array


def require_float_range(caller: str, value: object) -> None:
    """Refuse an int that no float can stand for; NumPy makes an object of it, or overflows."""
    if isinstance(value, int) and not isfinite(as_float(value)):
        raise ValueError(
            f"{caller}: an int is beyond the largest float, 1.8e308; got one of "
            f"{value.bit_length()} bits; give a float, or math.inf"
        )


def as_floating(caller: str, value: Any) -> Array:
    """Return a value as a floating array, or a NumPy scalar."""
    array = as_array(caller, value)
    if array.dtype.kind != "f":
        what = "" if array.dtype == object else f" of {array.dtype}"
        raise TypeError(
            f"{caller}: a value must be floating to have a derivative; got {type(value).__name__}"
            f"{what}, {str(value)[:60]!r}; write 3.0 for 3, or give an array with .astype(float)"
        )
    return array[()] if array.ndim == 0 else array


def require_callable(caller: str, **functions: object) -> None:
    """Refuse what cannot be called."""
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(
                f"{caller}: {name} is a function; got {type(function).__name__}; give for example "
                "lambda x: x * x"
            )


@quietly
def read_seed(caller: str, output: Any, seed: ArrayLike | None) -> Array:
    """Read the output's own adjoint, 1 for an output of one element.

    Parameters
    ----------
    caller : str
        The function that messages name.
    output : Variable
    seed : array or None
        Of the output's shape.

    Returns
    -------
    ndarray or NumPy scalar
        Of the output's shape and dtype.

    Raises
    ------
    ValueError
        If the output is constant, or the seed is missing or has another shape.
    TypeError
        If the seed is a Variable.

    Examples
    --------
    >>> from dlnotes.autodiff import Variable
    >>> read_seed("backward", Variable([[5.0]]), None).tolist()
    [[1.0]]
    """
    if output.constant:
        raise ValueError(
            f"{caller}: nothing to differentiate, for {label(output)} depends on constants alone; "
            f"got shape {output.shape}; make a Variable of what it should be differentiated by"
        )
    if hasattr(seed, "backward"):
        raise TypeError(
            f"{caller}: a seed is a plain array, no part of a graph; got a "
            f"{type(seed).__name__}; pass its .value"
        )
    if seed is None and output.size != 1:
        raise ValueError(
            f"{caller}: only one element has a gradient without a seed; got {label(output)} of "
            f"shape {output.shape} and no seed; reduce it first, as y.sum().backward() does, or "
            f"give seed=∂L/∂y of shape {output.shape}"
        )
    array = np.ones(output.shape) if seed is None else as_numbers(caller, "a seed", seed)
    if array.shape != output.shape:
        raise ValueError(
            f"{caller}: a seed has its output's shape; got seed of shape {array.shape} for "
            f"{label(output)} of shape {output.shape}; give ∂L/∂y, element by element"
        )
    return array.astype(output.dtype)[()]


def require_fresh(nodes: Iterable[Any]) -> None:
    """Refuse a graph in which an earlier backward has left gradients."""
    held = [node for node in nodes if node.grad is not None]
    if held:
        raise ValueError(
            "backward: gradients of an earlier backward are still there, and adding to them "
            f"would be silent; got {len(held)} such nodes, the first {label(held[0])}; call "
            "zero_grad() on the output or the leaf first, or say backward(accumulate=True)"
        )


def require_unchanged(nodes: Iterable[Any]) -> None:
    """Refuse to pass adjoints through values that are no longer what was computed with."""
    for node in nodes:
        for parent, kept in zip(node.operands, node.inputs, strict=True):
            if getattr(parent, "rule", node) is None and not same(parent.value, kept):
                raise ValueError(
                    f"backward: the value of {label(parent)} was changed after {label(node)} was "
                    f"computed from it; got shape {parent.shape}; compute the output again first"
                )


def label(node: Any) -> str:
    """Name a node in a message: by its name, or by what made it.

    Parameters
    ----------
    node : Variable

    Returns
    -------
    str

    Examples
    --------
    >>> from dlnotes.autodiff import Variable
    >>> label(Variable(1.0, "x")), label(Variable(1.0))
    ("'x'", 'an unnamed leaf')
    """
    return f"{node.name!r}" if node.name else f"an unnamed {node.op}"


def same(a: Array, b: Array) -> bool:
    """Say whether two values are equal, NaN included.

    Parameters
    ----------
    a, b : ndarray or NumPy scalar
        Of any shapes.

    Returns
    -------
    bool

    Examples
    --------
    >>> same(np.float64("nan"), np.float64("nan"))
    True
    """
    return a is b or np.array_equal(a, b) or np.array_equal(a, b, equal_nan=True)
