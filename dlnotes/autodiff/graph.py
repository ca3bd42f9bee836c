"""The graph behind a Variable: its order, and the sweep of adjoints from the end to the start."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from dlnotes.autodiff._reading import as_numbers
from dlnotes.autodiff.rules import Array, quietly

if TYPE_CHECKING:
    from dlnotes.autodiff.variable import Variable

Watch = Callable[["Variable", int, Array, Array], None]


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
    >>> from dlnotes.autodiff import Variable
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
def sweep(output: Variable, seed: Array, watch: Watch | None = None) -> dict[Variable, Array]:
    """Return the adjoint of every node that is not constant: reverse mode itself.

    Children come before their parents, so that a node's adjoint is complete when it is passed on.

    Parameters
    ----------
    output : Variable
    seed : ndarray or NumPy scalar
        The output's own adjoint.
    watch : callable, optional
        Called as ``watch(child, i, amount, total)`` after the child has added an amount to the
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
    >>> from dlnotes.autodiff import Variable
    >>> x = Variable(3.0)
    >>> sweep(x * x, np.float64(1.0))[x].item()
    6.0
    """
    adjoints = {output: np.copy(seed)[()]}
    for node in reversed(order(output)):
        if node.constant:
            continue
        _require_unchanged(node)
        for i, amount in contributions(node, adjoints[node]):
            parent = node.operands[i]
            if parent in adjoints:
                adjoints[parent] += amount
            else:
                adjoints[parent] = np.copy(amount)[()]
            if watch is not None:
                watch(node, i, amount, adjoints[parent])
    return adjoints


@quietly
def contributions(node: Variable, adjoint: Array) -> list[tuple[int, Array]]:
    """Return what a node hands back to each operand that is not constant.

    Parameters
    ----------
    node : Variable
        A leaf hands back nothing.
    adjoint : ndarray or NumPy scalar
        Its own, of its shape.

    Returns
    -------
    list of (int, ndarray)
        The operand's position, and an amount of its shape and dtype.

    Examples
    --------
    >>> from dlnotes.autodiff import Variable
    >>> [(i, float(amount)) for i, amount in contributions(Variable(3.0) * 5, np.float64(2.0))]
    [(0, 10.0)]
    """
    if node.rule is None:
        return []
    wanted = [i for i, a in enumerate(node.operands) if not getattr(a, "constant", True)]
    found = node.rule.pulls(wanted, adjoint, node.value, *node.inputs, **node.options)
    return list(zip(wanted, found, strict=True))


@quietly
def read_seed(caller: str, output: Variable, seed: ArrayLike | None) -> Array:
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


def require_fresh(output: Variable) -> None:
    """Refuse a graph in which an earlier backward has left gradients.

    Parameters
    ----------
    output : Variable

    Raises
    ------
    ValueError
        If a node holds a gradient.

    Examples
    --------
    >>> from dlnotes.autodiff import Variable
    >>> require_fresh(Variable(1.0) * 2)
    """
    held = [node for node in order(output) if node.grad is not None]
    if held:
        raise ValueError(
            "backward: gradients of an earlier backward are still there, and adding to them "
            f"would be silent; got {len(held)} such nodes, the first {label(held[0])}; call "
            "zero_grad() on the output or the leaf first, or say backward(accumulate=True)"
        )


def label(node: Variable) -> str:
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


def _require_unchanged(node: Variable) -> None:
    """Refuse to pass adjoints through values that are no longer what was computed with."""
    for parent, kept in zip(node.operands, node.inputs, strict=True):
        if getattr(parent, "rule", node) is None and not same(parent.value, kept):
            raise ValueError(
                f"backward: the value of {label(parent)} was changed after {label(node)} was "
                f"computed from it; got shape {parent.shape}; compute the output again first"
            )
