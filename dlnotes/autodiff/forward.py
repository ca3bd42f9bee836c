"""Forward mode: numbers that carry their own derivative."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from dlnotes.autodiff._reading import as_floating, as_numbers, is_sequence, require_callable
from dlnotes.autodiff.operand import Operand
from dlnotes.autodiff.rules import Array, Rule, quietly


class Dual(Operand):
    r"""A dual number or array: a value, and how fast it changes.

    .. math:: f(a + \varepsilon\,\dot a) = f(a) + \varepsilon\, f'(a)\,\dot a,
              \qquad \varepsilon^2 = 0

    No graph is kept: each operation hands on the value and the tangent together. One pass gives
    the derivative in one direction.

    Parameters
    ----------
    value : float or floating array
        Of any shape.
    tangent : float or array
        Of the value's shape; 0 by default, a constant.

    Raises
    ------
    TypeError
        If the value is not floating.
    ValueError
        If the tangent has another shape.

    References
    ----------
    Concept reverse-autodiff.

    Examples
    --------
    >>> x = Dual(3.0, 1.0)
    >>> f = x * x * 4.0 + 6.0
    >>> float(f.value), float(f.tangent)
    (42.0, 24.0)
    """

    __slots__ = ("tangent", "value")

    @quietly
    def __init__(self, value: ArrayLike, tangent: ArrayLike | None = None) -> None:
        self.value: Array = as_floating("Dual", value)
        given = (
            np.zeros_like(self.value)
            if tangent is None
            else as_numbers("Dual", "a tangent", tangent)
        )
        if given.shape != self.value.shape:
            raise ValueError(
                f"Dual: a tangent has its value's shape; got tangent of shape {given.shape} for "
                f"value of shape {self.value.shape}; give one change for each element"
            )
        self.tangent: Array = given.astype(self.value.dtype)[()]

    @classmethod
    def from_rule(
        cls, rule: Rule, y: Array, operands: tuple[Any, ...], inputs: tuple[Any, ...], options: dict
    ) -> Self:
        """Wrap the result of an operation with its tangent."""
        tangents = [a.tangent if isinstance(a, Dual) else None for a in operands]
        return cls(y, rule.pushed(tangents, y, *inputs, **options))

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, tangent={self.tangent!r})"


def jvp(
    f: Callable[..., Any], args: Sequence[ArrayLike], tangents: Sequence[ArrayLike]
) -> tuple[Array, Array]:
    r"""Return f and its derivative in one direction, J v, by one forward pass.

    .. math:: J v = \sum_i \frac{\partial f}{\partial a_i}\, v_i

    Parameters
    ----------
    f : callable
        ``f(*args)``, written with the operations of this package.
    args : sequence of float or array
        Where; of any shapes.
    tangents : sequence of float or array
        The direction v, of the same shapes.

    Returns
    -------
    value, tangent : ndarray or NumPy scalar
        Of f's shape.

    Raises
    ------
    ValueError
        If there are not as many tangents as arguments, or shapes differ.
    TypeError
        If f returns something else than a Dual or an array.

    Examples
    --------
    >>> value, tangent = jvp(lambda x, y: x * x * y + y + 2, (3.0, 4.0), (1.0, 0.0))
    >>> float(value), float(tangent)
    (42.0, 24.0)
    """
    require_callable("jvp", f=f)
    for name, given in (("args", args), ("tangents", tangents)):
        if not is_sequence(given):
            raise TypeError(
                f"jvp: {name} is a sequence; got {type(given).__name__}; give [x] for one argument"
            )
    if len(args) != len(tangents):
        raise ValueError(
            f"jvp: each argument has a tangent; got {len(args)} arguments and {len(tangents)} "
            "tangents; give zeros for an argument that does not change"
        )
    y = f(*(Dual(a, v) for a, v in zip(args, tangents, strict=True)))
    if not isinstance(y, Dual):
        y = Dual(y)  # does not depend on the arguments
    return y.value, y.tangent


def forward_grad(f: Callable[..., Any], *args: ArrayLike) -> Any:
    """Return the gradient of a scalar function by forward mode: one pass for each number.

    Parameters
    ----------
    f : callable
        ``f(*args)`` returns one number.
    *args : float or array
        Where; of any shapes.

    Returns
    -------
    ndarray or tuple of ndarray
        One gradient for each argument, of its shape; the gradient alone for one argument.

    Raises
    ------
    ValueError
        If f returns more than one number.

    Examples
    --------
    >>> passes = []
    >>> def f(x):
    ...     passes.append(x)
    ...     return (x * x).sum()
    >>> forward_grad(f, np.array([1.0, 2.0, 3.0])).tolist(), len(passes)
    ([2.0, 4.0, 6.0], 3)
    """
    for a in args:
        as_floating("forward_grad", a)
    grads = [np.reshape(_slopes(f, args, place), np.shape(a))[()] for place, a in enumerate(args)]
    return grads[0] if len(grads) == 1 else tuple(grads)


def _slopes(f: Callable[..., Any], args: Sequence[ArrayLike], place: int) -> Array:
    """Return the derivatives by the elements of one argument, one pass each."""
    slopes = np.zeros(np.shape(args[place]), np.asarray(args[place]).dtype)
    for index in np.ndindex(slopes.shape):
        tangents = [np.zeros(np.shape(a)) for a in args]
        tangents[place][index] = 1
        y, slope = jvp(f, args, tangents)
        if y.size != 1:
            raise ValueError(
                f"forward_grad: f must return one number; got shape {y.shape}; reduce it, as "
                "with .sum(), or take jvp for one direction"
            )
        slopes[index] = slope.item()
    return slopes
