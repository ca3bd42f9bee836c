"""The operators and methods of a Variable, and the one way into an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from dlnotes.autodiff import table
from dlnotes.autodiff._reading import READERS, as_array, require_float_range
from dlnotes.autodiff.rules import Array, Function, Rule, quietly

_ARITHMETIC = ("add", "subtract", "multiply", "divide", "power", "negative", "matmul")

Axis = int | Sequence[int] | None


FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""What stands for NumPy's functions, by name; `dlnotes.autodiff.functions` enters its own."""


class Operand:
    """Arithmetic, methods and NumPy's protocols: the half of `Variable` that only calls `apply`."""

    __slots__ = ()
    value: Array

    @classmethod
    def from_rule(
        cls, rule: Rule, y: Array, operands: tuple[Any, ...], inputs: tuple[Any, ...], options: dict
    ) -> Self:
        """Wrap the result `y` of an operation on `operands`, whose arrays are `inputs`."""
        raise NotImplementedError

    def keep(self) -> Array:
        """Return the value in an array that does not change."""
        return self.value

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the axes."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self.value.dtype

    def __add__(self, other: ArrayLike | Self) -> Self:
        return apply(table.ADD, self, other)

    def __radd__(self, other: ArrayLike) -> Self:
        return apply(table.ADD, other, self)

    def __sub__(self, other: ArrayLike | Self) -> Self:
        return apply(table.SUBTRACT, self, other)

    def __rsub__(self, other: ArrayLike) -> Self:
        return apply(table.SUBTRACT, other, self)

    def __mul__(self, other: ArrayLike | Self) -> Self:
        return apply(table.MULTIPLY, self, other)

    def __rmul__(self, other: ArrayLike) -> Self:
        return apply(table.MULTIPLY, other, self)

    def __truediv__(self, other: ArrayLike | Self) -> Self:
        return apply(table.DIVIDE, self, other)

    def __rtruediv__(self, other: ArrayLike) -> Self:
        return apply(table.DIVIDE, other, self)

    def __pow__(self, other: ArrayLike | Self) -> Self:
        return apply(table.POWER, self, other)

    def __rpow__(self, other: ArrayLike) -> Self:
        return apply(table.POWER, other, self)

    def __matmul__(self, other: ArrayLike | Self) -> Self:
        return apply(table.MATMUL, self, other)

    def __rmatmul__(self, other: ArrayLike) -> Self:
        return apply(table.MATMUL, other, self)

    def __neg__(self) -> Self:
        return apply(table.NEGATIVE, self)

    def __abs__(self) -> Self:
        return apply(table.ABSOLUTE, self)

    def __getitem__(self, index: Any) -> Self:
        return apply(table.GETITEM, self, index=_own_index(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError(
            f"{type(self).__name__}: x[…] = … would change a value that the graph stands on; got "
            f"x of shape {self.shape}, index {index!r}; build a new value, as with where(…)"
        )

    def __len__(self) -> int:
        if not self.ndim:
            raise TypeError(
                f"{type(self).__name__}: one number has no length and no entries; got shape (); "
                "reshape it to (1,)"
            )
        return len(self.value)

    def __iter__(self) -> Iterator[Self]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        if self.size != 1:
            raise ValueError(
                f"{type(self).__name__}: only one element is true or false; got shape "
                f"{self.shape}; ask x.value.any() or x.value.all()"
            )
        return bool(self.value.item())

    def __contains__(self, item: object) -> bool:
        raise TypeError(
            f"{type(self).__name__}: == asks for the same node, so nothing is in it; got an item "
            f"of {type(item).__name__}; ask whether it is in x.value"
        )

    def __float__(self) -> float:
        if self.size != 1:
            raise TypeError(
                f"{type(self).__name__}: only one element makes a float; got shape {self.shape}; "
                "reduce it first, as .sum() does"
            )
        return float(self.value.item())

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Return the sum over axes (all of them by default)."""
        return apply(table.SUM, self, axis=axis, keepdims=keepdims)

    def mean(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Return the mean over axes (all of them by default)."""
        return apply(table.MEAN, self, axis=axis, keepdims=keepdims)

    def max(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Return the maximum over axes; ties share the gradient equally."""
        return apply(table.MAX, self, axis=axis, keepdims=keepdims)

    def min(self, axis: Axis = None, *, keepdims: bool = False) -> Self:
        """Return the minimum over axes; ties share the gradient equally."""
        return apply(table.MIN, self, axis=axis, keepdims=keepdims)

    def reshape(self, *shape: int | Sequence[int]) -> Self:
        """Return the elements in another shape: ``x.reshape(2, -1)`` or ``x.reshape((2, -1))``."""
        return apply(table.RESHAPE, self, shape=_spread(shape))

    def transpose(self, *axes: int | Sequence[int]) -> Self:
        """Return the axes in another order, reversed without arguments."""
        return apply(table.TRANSPOSE, self, axes=_spread(axes) if axes else None)

    @property
    def T(self) -> Self:
        """The axes reversed, as in NumPy."""
        return self.transpose()

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        """Let ``np.exp(x)`` and ``array * x`` come here."""
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return _as_numpy(name, inputs, options)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, options: Any
    ) -> Any:
        """Let ``np.sum(x, axis=0)`` and ``np.concatenate([x, y])`` come here."""
        return _as_numpy(function.__name__, args, options)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        raise TypeError(
            f"{type(self).__name__}: an array made of it would lose the gradient; got one of "
            f"shape {self.shape}; take x.value, or stay with the functions of dlnotes.autodiff"
        )


@quietly
def apply(rule: Rule, *operands: Any, **options: Any) -> Any:
    """Apply an operation, and record it when an operand is a Variable.

    Parameters
    ----------
    rule : Rule
        The operation.
    *operands : Variable, array or number
        What it acts on. A Python number takes the type of the other operands, as in NumPy.
    **options
        Passed to the rule.

    Returns
    -------
    Variable or ndarray
        An array when no Variable came in.

    Raises
    ------
    TypeError
        If the rule is none, or an operand is no number, such as a tensor of another library.
    ValueError, IndexError
        If the operation refuses its operands; the message names it, the shapes and a remedy.

    Examples
    --------
    >>> from dlnotes.autodiff import Elementwise
    >>> cube = Elementwise("cube", lambda x: x**3, partials=(lambda y, x: 3 * x**2,))
    >>> apply(cube, 2.0).item()
    8.0
    """
    if not isinstance(rule, Rule):
        raise TypeError(
            f"apply: a rule is an operation with its derivative; got {type(rule).__name__}; give "
            "for example Elementwise(…), or make a function of the graph with autodiff.operation"
        )
    inputs = _arrays(rule, operands)
    if options and not isinstance(rule, Function):
        options = {
            key: READERS[key](rule.name, key, value) if key in READERS else value
            for key, value in options.items()
        }
    try:
        y = rule.function(*inputs, **options)
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        if isinstance(rule, Function):
            raise  # it has messages of its own
        raise _explained(error, rule, inputs, options) from None
    y = np.asarray(y)[()]
    kind = next((type(a) for a in operands if isinstance(a, Operand)), None)
    return kind.from_rule(rule, y, operands, inputs, options) if kind else y


def _spread(sizes: tuple[Any, ...]) -> tuple[int, ...]:
    """Read ``(2, 3)`` and ``((2, 3),)`` alike."""
    return tuple(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], Sequence) else sizes


def _own_index(index: Any) -> Any:
    """Copy the arrays of an index, so that it cannot change under the graph."""
    if isinstance(index, tuple):
        return tuple(_own_index(part) for part in index)
    if isinstance(index, Operand):
        raise TypeError(
            f"getitem: an index has no derivative; got a {type(index).__name__} of shape "
            f"{index.shape} as index; give integers, for example x.value.argmax()"
        )
    if isinstance(index, list) and not index:
        return np.zeros(0, np.intp)
    return np.array(index) if isinstance(index, list | np.ndarray) else index


def _arrays(rule: Rule, operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the operands' values; Python numbers take the others' type."""
    typed = [_array(rule, a) for a in operands]
    dtypes = {a.dtype for a in typed if isinstance(a, np.ndarray | np.generic)}
    known = (*dtypes, *(a for a in typed if isinstance(a, int | float)))
    common = np.result_type(*known) if known else np.dtype(float)
    return tuple(
        common.type(a) if isinstance(a, int | float) and not isinstance(a, np.generic) else a
        for a in typed
    )


def _array(rule: Rule, operand: Any) -> Any:
    """Return an operand's value: an array, a NumPy scalar, a Python number or None."""
    if isinstance(operand, Operand):
        return operand.keep()
    if operand is None and isinstance(rule, Function):
        return operand
    if isinstance(operand, int | float | np.number | np.bool):
        require_float_range(rule.name, operand)
        big = isinstance(operand, int) and abs(operand) >= 2**63
        return float(operand) if big else operand
    foreign = hasattr(operand, "detach")  # a torch tensor, without importing torch
    array = as_array(rule.name, operand)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"{rule.name}: an operand is neither a number nor an array of numbers; got "
            f"{type(operand).__name__}; give a Variable, an array or a number"
            + (" (tensor.numpy() makes an array of a tensor)" if foreign else "")
        )
    return array[()]


def _explained(
    error: Exception, rule: Rule, inputs: tuple[Any, ...], options: dict[str, Any]
) -> Exception:
    """Say in the house's form what NumPy refused."""
    kind = IndexError if type(error) is IndexError else ValueError
    shapes = ", ".join(str(np.shape(x)) for x in inputs)
    given = "".join(f", {key}={str(value)[:60]}" for key, value in options.items())
    reason = str(error).partition("\n")[0].rstrip(" .")
    return (TypeError if isinstance(error, TypeError) else kind)(
        f"{rule.name}: {reason}; got operands of shapes {shapes}{given}; {rule.remedy}"
    )


def _as_numpy(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Call the function that stands for NumPy's, with arguments that it has."""
    found = _numpy_function(name)
    try:
        signature(found).bind(*args, **options)
    except TypeError as error:
        given = ", ".join([type(a).__name__ for a in args] + [f"{key}=…" for key in options])
        place = "; for z += x write z = z + x" if "out" in options else ""
        raise TypeError(
            f"np.{name}: {error}; got {given}; give what autodiff.{name} takes, for a graph writes "
            f"into no array{place}"
        ) from None
    return found(*args, **options)


def _arithmetic(rule: Rule) -> Callable[..., Any]:
    """Return an operator as a function of one operand or two, without options."""
    if rule is table.NEGATIVE:
        return lambda x, /: apply(rule, x)
    return lambda a, b, /: apply(rule, a, b)


def _numpy_function(name: str) -> Callable[..., Any]:
    """Return the function that stands for NumPy's of the same name."""
    if name in _ARITHMETIC:
        return _arithmetic(getattr(table, name.upper()))
    if name not in FUNCTIONS:
        raise TypeError(
            f"np.{name}: no rule to differentiate it; got a Variable; write it with "
            f"{', '.join(FUNCTIONS)}, or give its backward pass to autodiff.operation"
        )
    return FUNCTIONS[name]
