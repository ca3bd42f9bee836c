"""Records of a traced graph: plain data that can be read, printed and drawn."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dlnotes.autodiff.rules import Array

Number = float | Array


@dataclass(frozen=True, eq=False)
class Node:
    """One node of a graph, as plain data.

    Parameters
    ----------
    index : int
        Its place in the trace, from 0.
    name : str
        The user's name, or n1, n2, … by place.
    op : str
        ``"leaf"``, ``"constant"`` or the operation.
    expression : str
        The operation written on the parents' names, such as ``"n4 × n2"``; empty for a leaf.
    value : float or ndarray
        A float for a scalar.
    grad : float, ndarray or None
        What `Variable.backward` left there; None before it, and for constants.
    parents : tuple of int
        Places of the parents; one that is used twice stands twice.
    local : tuple of (float or None)
        ∂value/∂parent for each parent, where both are scalars.

    Examples
    --------
    >>> from dlnotes.autodiff import Variable, trace
    >>> print(trace(Variable(3.0, "x") * 5)[-1])
    n2 = x × 5 = 15
    """

    index: int
    name: str
    op: str
    expression: str
    value: Number
    grad: Number | None
    parents: tuple[int, ...]
    local: tuple[float | None, ...]

    def __str__(self) -> str:
        middle = f" = {self.expression}" if self.expression else ""
        return f"{self.name}{middle} = {brief(self.value)}"


@dataclass(frozen=True, eq=False)
class Contribution:
    """One message along one edge of a graph, as plain data.

    Parameters
    ----------
    sender, receiver : int or None, int
        Places in the trace; the first record, the seed, has no sender.
    sender_name, receiver_name : str
        Their names; ``"seed"`` for the seed.
    operand : int or None
        Which operand of the operation the edge is, from 0.
    arriving : float or ndarray
        What the sender has: its adjoint (backward) or its tangent (forward).
    local : float or None
        The local derivative, where both ends are scalars.
    amount : float or ndarray
        What is sent: for scalars, arriving × local.
    total : float or ndarray
        What the receiver has after adding it.

    Examples
    --------
    >>> from dlnotes.autodiff import Variable, backward_trace
    >>> x = Variable(3.0, "x")
    >>> for message in backward_trace((x * x).named("f")):
    ...     print(message)
    seed sends 1 to f, which has 1
    f sends 1 × 3 = 3 to x, which has 3
    f sends 1 × 3 = 3 to x, which has 6
    """

    sender: int | None
    receiver: int
    sender_name: str
    receiver_name: str
    operand: int | None
    arriving: Number
    local: float | None
    amount: Number
    total: Number

    def __str__(self) -> str:
        product = "" if self.local is None else f"{brief(self.arriving)} × {brief(self.local)} = "
        return (
            f"{self.sender_name} sends {product}{brief(self.amount)} to {self.receiver_name}, "
            f"which has {brief(self.total)}"
        )


def plain(value: Array) -> Number:
    """Return a float for a scalar, and a read-only copy of an array.

    Parameters
    ----------
    value : ndarray or NumPy scalar

    Returns
    -------
    float or ndarray
        An array of the same shape.

    Examples
    --------
    >>> plain(np.float32(0.5)), plain(np.zeros((2, 3))).shape
    (0.5, (2, 3))
    """
    if value.ndim == 0:
        return float(value)
    copy = value.copy()
    copy.flags.writeable = False
    return copy


def brief(value: Any) -> str:
    """Write a value for a diagram: a number with six digits, an array by its shape.

    Parameters
    ----------
    value : float, array, slice or tuple of these

    Returns
    -------
    str

    Examples
    --------
    >>> brief(2.0), brief(np.zeros((2, 3))), brief((slice(1, None), 0))
    ('2', '[2×3]', '1:, 0')
    """
    if isinstance(value, tuple):
        return ", ".join(brief(part) for part in value)
    if isinstance(value, slice):
        ends = [value.start, value.stop] + ([] if value.step is None else [value.step])
        return ":".join("" if end is None else str(end) for end in ends)
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return f"{value:.6g}"
    if np.ndim(value):
        return f"[{'×'.join(map(str, np.shape(value)))}]"
    return "…" if value is Ellipsis else str(value)
