"""Variable: a value in the graph of a computation, and the way back through it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from dlnotes.autodiff._reading import (
    as_floating,
    label,
    read_seed,
    require_fresh,
    require_unchanged,
    same,
)
from dlnotes.autodiff.operand import Operand
from dlnotes.autodiff.rules import Array, Rule, quietly

_births = count()


class Variable(Operand):
    r"""A scalar or an array that remembers what it was computed from.

    Arithmetic on Variables builds a graph. From an output L, `backward` walks that graph from the
    end to the beginning and leaves in every node v its adjoint

    .. math:: \bar v = \frac{\partial L}{\partial v}
              = \sum_{c\ \text{computed from}\ v} \bar c\, \frac{\partial c}{\partial v}

    as ``v.grad``, of v's shape and dtype.

    Parameters
    ----------
    value : float or floating array
        Of any shape. An array is not copied: ``x.value -= rate * x.grad`` changes it in place,
        for the next graph; `backward` refuses one that was built before the change.
    name : str, optional
        Name in traces and messages.
    constant : bool
        A constant takes part in the graph but receives no gradient. Plain numbers and arrays in
        a formula are constants as well, and no nodes.

    Attributes
    ----------
    value : ndarray or NumPy scalar
        Read-only where the Variable was computed.
    grad : ndarray, NumPy scalar or None
        What `backward` left, of the value's shape and dtype.
    op : str
        ``"leaf"``, ``"constant"``, or the name of the operation.
    operands : tuple
        What the operation acted on: Variables, arrays and numbers.
    parents : tuple of Variable
        The operands that are Variables.

    Raises
    ------
    TypeError
        If the value is not floating: integers have no derivative.

    Notes
    -----
    Variables have the operators ``+ - * / ** @``, ``abs``, indexing, ``len`` and iteration, for one
    element ``float`` and ``bool``, the properties ``shape``, ``ndim``, ``size``, ``dtype`` and
    ``T``, and the methods ``sum``, ``mean``, ``max``, ``min`` (of ``axis`` and ``keepdims``),
    ``reshape`` and ``transpose``. The other functions stand in this package; ``np.exp(x)`` and its
    like lead there. ``==`` asks whether two names stand for one node.

    References
    ----------
    Concept reverse-autodiff.

    Examples
    --------
    >>> x, y = Variable(3.0), Variable(4.0)
    >>> f = x * x * y + y + 2
    >>> f.backward()
    >>> float(f), float(x.grad), float(y.grad)
    (42.0, 24.0, 10.0)
    """

    __slots__ = (
        "__weakref__",
        "_kept",
        "_value",
        "birth",
        "constant",
        "grad",
        "inputs",
        "name",
        "operands",
        "options",
        "parents",
        "rule",
    )

    def __init__(
        self, value: ArrayLike, name: str | None = None, *, constant: bool = False
    ) -> None:
        self._value = as_floating("Variable", value)
        if not isinstance(constant, bool):
            raise TypeError(
                f"Variable: constant is True or False; got {type(constant).__name__}; give a bool"
            )
        self._kept: Array | None = None
        self.grad: Array | None = None
        self.name = _name(name)
        self.constant = constant
        self.rule: Rule | None = None
        self.operands: tuple[Any, ...] = ()
        self.parents: tuple[Variable, ...] = ()
        self.inputs: tuple[Any, ...] = ()
        self.options: dict[str, Any] = {}
        self.birth = next(_births)

    @classmethod
    def from_rule(
        cls, rule: Rule, y: Array, operands: tuple[Any, ...], inputs: tuple[Any, ...], options: dict
    ) -> Self:
        """Make the node of an operation; it keeps copies of arrays that could change."""
        node = cls(y)
        node._value = node._kept = _frozen(y)
        node.rule, node.operands, node.options = rule, operands, options
        node.inputs = tuple(
            _frozen(np.copy(x)) if _mutable(x) and not isinstance(a, Variable) else x
            for a, x in zip(operands, inputs, strict=True)
        )
        node.parents = tuple(a for a in operands if isinstance(a, Variable))
        node.constant = all(parent.constant for parent in node.parents)
        return node

    @property
    def value(self) -> Array:
        """The value; that of a leaf may be changed, for the next graph."""
        return self._value

    @value.setter
    def value(self, new: ArrayLike) -> None:
        if self.rule is not None:
            raise ValueError(
                f"Variable: the value of {label(self)} was computed, so it cannot be set; "
                f"got a value of shape {np.shape(new)}; change the leaves and compute it again"
            )
        array = as_floating("Variable", new)
        if (array.shape, array.dtype) != (self.shape, self.dtype):
            raise ValueError(
                f"Variable: a new value must have the old one's shape and dtype; got {array.shape} "
                f"{array.dtype} for {self.shape} {self.dtype}; make a new Variable instead"
            )
        self._value = array

    @property
    def op(self) -> str:
        """The operation's name, ``"leaf"`` or ``"constant"``."""
        if self.rule is None:
            return "constant" if self.constant else "leaf"
        return self.rule.name

    def named(self, name: str) -> Self:
        """Set the name and return the Variable: ``n4 = (x * x).named("n4")``."""
        self.name = _name(name)
        return self

    def keep(self) -> Array:
        """Return the value as it is now, in an array that never changes."""
        if self._kept is None or not same(self._kept, self._value):
            self._kept = _frozen(np.copy(self._value)) if _mutable(self._value) else self._value
        return self._kept

    @quietly
    def backward(self, seed: ArrayLike | None = None, *, accumulate: bool = False) -> None:
        """Leave in every node of the graph the gradient of this output.

        Parameters
        ----------
        seed : array, optional
            ∂L/∂self, of this Variable's shape. An output of one element needs none: it is 1.
        accumulate : bool
            Add to gradients that are there already; without it, finding one is an error.

        Raises
        ------
        ValueError
            If a seed is missing or has another shape, if a gradient of an earlier `backward` is
            still there, if a value was changed since it was used, or if all leaves are constant.
        TypeError
            If the seed is a Variable.

        Examples
        --------
        >>> x = Variable([1.0, 2.0, 3.0])
        >>> (x * x).backward(seed=[1.0, 0.0, 10.0])
        >>> x.grad.tolist()
        [2.0, 0.0, 60.0]
        """
        first = read_seed("backward", self, seed)
        if not accumulate:
            require_fresh(order(self))
        for node, adjoint in sweep(self, first).items():
            node.grad = adjoint if node.grad is None else node.grad + adjoint

    def zero_grad(self) -> None:
        """Forget the gradients of this Variable and of all that it was computed from."""
        for node in order(self):
            node.grad = None

    def __repr__(self) -> str:
        value = np.array2string(
            self.value, precision=6, separator=", ", threshold=12, prefix=" " * 9
        )
        name = f", name={self.name!r}" if self.name else ""
        return f"Variable({value}, op={self.op!r}{name})"


# ---- reverse mode


def order(output: Variable) -> list[Variable]:
    """Return the graph of an output in the order of computation, without recursion.

    Parameters
    ----------
    output : Variable

    Returns
    -------
    list of Variable
        Every Variable that the output was computed from, and the output last. Parents stand
        before their children, because they were made before them.

    Examples
    --------
    >>> x = Variable(2.0)
    >>> [node.op for node in order(1 / (x * x))]
    ['leaf', 'multiply', 'divide']
    """
    found, waiting = {output}, [output]
    while waiting:
        for parent in waiting.pop().parents:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return sorted(found, key=lambda node: node.birth)


@quietly
def sweep(
    output: Variable,
    seed: Array,
    watch: Callable[[Variable, int, Array, Array], None] | None = None,
) -> dict[Variable, Array]:
    r"""Return the adjoint of every node that is not constant: reverse mode itself.

    Each node v, its adjoint complete, hands every operand u the amount that the chain rule says,

    .. math:: \bar u \leftarrow \bar u + \bar v\, \frac{\partial v}{\partial u}

    and the rule of v's operation computes that product.

    Parameters
    ----------
    output : Variable
    seed : ndarray or NumPy scalar
        The output's own adjoint.
    watch : callable, optional
        Called as ``watch(node, i, amount, total)`` after the node has added an amount to the
        adjoint of its i-th operand, which is now the total.

    Returns
    -------
    dict of Variable to ndarray
        Adjoints of the nodes' shapes and dtypes; no two share memory.

    Raises
    ------
    ValueError
        If a value was changed after it was used.

    Examples
    --------
    >>> x = Variable(3.0)
    >>> sweep(x * x, np.float64(1.0))[x].item()
    6.0
    """
    nodes = [node for node in order(output) if not node.constant]
    require_unchanged(nodes)

    adjoints = {output: np.copy(seed)[()]}
    for node in reversed(nodes):  # children before parents: nothing is added to node any more
        if node.rule is None:
            continue  # a leaf was computed from nothing
        wanted = [i for i, u in enumerate(node.operands) if not getattr(u, "constant", True)]
        amounts = node.rule.pulls(wanted, adjoints[node], node.value, *node.inputs, **node.options)
        for i, amount in zip(wanted, amounts, strict=True):
            parent = node.operands[i]
            adjoints[parent] = adjoints.get(parent, 0) + amount
            if watch is not None:
                watch(node, i, amount, adjoints[parent])
    return adjoints


# ---- values that do not change under the graph


def _name(name: str | None) -> str | None:
    """Read a name, which traces and messages write."""
    if not isinstance(name, str | None):
        raise TypeError(
            f"Variable: a name is a word; got {type(name).__name__}; give for example 'x'"
        )
    return name


def _mutable(x: Any) -> bool:
    return isinstance(x, np.ndarray)


def _frozen(x: Array) -> Array:
    """Return a read-only view of an array; a NumPy scalar is so by itself."""
    if _mutable(x):
        x = x.view()
        x.flags.writeable = False
    return x
