"""Gradients of a function without a word about Variables."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlnotes.autodiff._reading import as_array, is_sequence, read_seed, require_callable
from dlnotes.autodiff.operand import Operand
from dlnotes.autodiff.rules import Array
from dlnotes.autodiff.variable import Variable, sweep


def vjp(
    f: Callable[..., Any], args: Sequence[ArrayLike], seed: ArrayLike | None = None
) -> tuple[Array, tuple[Array, ...]]:
    r"""Return f and the gradient of ⟨seed, f⟩, Jᵀ seed, by one backward pass.

    .. math:: (J^T \bar y)_i = \sum_j \bar y_j\, \frac{\partial y_j}{\partial a_i}

    Parameters
    ----------
    f : callable
        ``y = f(*args)``, computed with the operations of this package or the NumPy functions
        that they stand for.
    args : sequence of float or floating array
        Where; of any shapes.
    seed : array, optional
        Of y's shape; a y of one number needs none.

    Returns
    -------
    value : ndarray or NumPy scalar
        Of y's shape.
    grads : tuple of ndarray
        One for each argument, of its shape and dtype; zero where y does not depend on it.

    Raises
    ------
    ValueError
        If the seed is missing or has another shape.
    TypeError
        If an argument is not floating or is a Variable, or f returns something else.

    Examples
    --------
    >>> value, (dx,) = vjp(lambda x: x * x, [np.array([1.0, 2.0])], seed=[1.0, 10.0])
    >>> value.tolist(), dx.tolist()
    ([1.0, 4.0], [2.0, 40.0])
    """
    require_callable("grad", f=f)
    if not is_sequence(args):
        raise TypeError(
            f"vjp: args is a sequence; got {type(args).__name__}; give [x] for one argument x"
        )
    leaves = [_leaf(a, place) for place, a in enumerate(args)]
    y = f(*leaves)
    if not isinstance(y, Variable):
        raise TypeError(
            f"grad: f must return a Variable; got {type(y).__name__} {str(y)[:60]!r}; compute it "
            "from the arguments, without .value and float()"
        )
    found = {} if y.constant else sweep(y, read_seed("grad", y, seed))
    zeros = [np.zeros_like(leaf.value)[()] for leaf in leaves]
    return y.value, tuple(found.get(leaf, zero) for leaf, zero in zip(leaves, zeros, strict=True))


def value_and_grad(f: Callable[..., Any], *args: ArrayLike) -> tuple[Array, Any]:
    """Return a scalar function's value and its gradient by every argument.

    One pass forward and one backward, however many numbers the arguments hold.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns one number, computed with the operations of this package or the
        NumPy functions that they stand for.
    *args : float or floating array
        Where; of any shapes.

    Returns
    -------
    value : NumPy scalar
    grad : ndarray or tuple of ndarray
        One gradient for each argument, of its shape and dtype, zero where f does not depend on
        it; the gradient alone for one argument.

    Raises
    ------
    ValueError
        If f returns more than one number.
    TypeError
        As `vjp`.

    Examples
    --------
    >>> value, (dx, dy) = value_and_grad(lambda x, y: x * x * y + y + 2, 3.0, 4.0)
    >>> float(value), float(dx), float(dy)
    (42.0, 24.0, 10.0)
    """
    value, grads = vjp(f, args)
    return value, grads[0] if len(grads) == 1 else grads


def grad(f: Callable[..., Any], *args: ArrayLike) -> Any:
    """Return the gradient of a scalar function by every argument.

    Parameters
    ----------
    f, *args
        As in `value_and_grad`.

    Returns
    -------
    ndarray or tuple of ndarray
        One gradient for each argument, of its shape and dtype; the gradient alone for one.

    Raises
    ------
    TypeError, ValueError
        As `value_and_grad`.

    Examples
    --------
    >>> grad(lambda w: np.sum(np.tanh(w) ** 2), np.zeros((2, 3))).shape
    (2, 3)
    """
    return value_and_grad(f, *args)[1]


def _leaf(a: ArrayLike, place: int) -> Variable:
    """Make a leaf of an argument."""
    if isinstance(a, Operand):
        raise TypeError(
            f"grad: arguments are plain arrays, for gradients here have no graph of their own; got "
            f"a {type(a).__name__} as argument {place}; pass its .value"
        )
    if as_array("grad", a).dtype.kind != "f":
        raise TypeError(
            f"grad: only floating arguments have a gradient; got {np.asarray(a).dtype} of shape "
            f"{np.shape(a)} as argument {place}; use floats, or keep it out of the arguments: "
            "grad(lambda w: loss(w, labels), w)"
        )
    return Variable(a)
