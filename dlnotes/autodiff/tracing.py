"""Forward values and adjoints of a graph, step by step."""

import numpy as np
from numpy.typing import ArrayLike

from dlnotes.autodiff._reading import label, read_seed
from dlnotes.autodiff.records import Contribution, Node, Number, brief, plain
from dlnotes.autodiff.rules import Array, quietly
from dlnotes.autodiff.variable import Variable, order, sweep


@quietly
def trace(output: Variable) -> list[Node]:
    """Return the nodes that an output was computed from, in the order of computation.

    Parameters
    ----------
    output : Variable

    Returns
    -------
    list of Node
        Parents before children, the output last.

    Raises
    ------
    TypeError
        If the output is no Variable.

    References
    ----------
    Concept reverse-autodiff.

    Examples
    --------
    >>> x, y = Variable(3.0), Variable(4.0)
    >>> for node in trace(x * x * y):
    ...     print(node)
    n1 = 3
    n2 = 4
    n3 = n1 × n1 = 9
    n4 = n3 × n2 = 36
    """
    found = _Numbered("trace", output)
    return [found.record(node) for node in found.nodes]


@quietly
def backward_trace(output: Variable, seed: ArrayLike | None = None) -> list[Contribution]:
    """Return the messages of reverse mode: which child sends how much to which parent.

    One sweep over the graph; no ``grad`` is read or changed.

    Parameters
    ----------
    output : Variable
    seed : array, optional
        As in `Variable.backward`.

    Returns
    -------
    list of Contribution
        The seed, then one record an edge, children before parents. For scalars each record but
        the seed costs one multiplication.

    Raises
    ------
    TypeError, ValueError
        As `Variable.backward`.

    References
    ----------
    Concept reverse-autodiff.

    Examples
    --------
    >>> x = Variable(3.0)
    >>> [message.total for message in backward_trace(x * x)]
    [1.0, 3.0, 6.0]
    """
    found = _Numbered("backward_trace", output)
    first = read_seed("backward_trace", output, seed)
    messages, adjoints = [found.seed(output, first)], {output: plain(first)}

    def watch(child: Variable, i: int, amount: Array, total: Array) -> None:
        parent = child.operands[i]
        adjoints[parent] = plain(total)
        messages.append(
            found.message(child, parent, (child, i), adjoints[child], amount, adjoints[parent])
        )

    sweep(output, first, watch)
    return messages


@quietly
def forward_trace(
    output: Variable, by: Variable, tangent: ArrayLike | None = None
) -> list[Contribution]:
    """Return the messages of forward mode: how a change of one leaf travels to the output.

    One pass over the same graph, from one leaf; the gradient by n numbers takes n passes.

    Parameters
    ----------
    output : Variable
    by : Variable
        The node whose change is followed.
    tangent : array, optional
        The change, of its shape; a node of one element needs none: it is 1.

    Returns
    -------
    list of Contribution
        The seed, then one record for each edge that the change travels, parents before
        children. For scalars each record but the seed costs one multiplication.

    Raises
    ------
    TypeError
        If an operation was given with a backward pass alone (`operation`).
    ValueError
        If the tangent is missing or has another shape, or `by` is not in the output's graph.

    Examples
    --------
    >>> x, y = Variable(3.0, "x"), Variable(4.0, "y")
    >>> f = x * y + y
    >>> [len(forward_trace(f, by)) for by in (x, y)]
    [3, 4]
    """
    found = _Numbered("forward_trace", output)
    if not isinstance(by, Variable):
        raise TypeError(
            f"forward_trace: by is a Variable of the graph; got {type(by).__name__}; give a leaf "
            "that the output was computed from"
        )
    if by not in found.places:
        raise ValueError(
            f"forward_trace: {label(by)} is not in the graph of {label(output)}; got "
            f"a graph of {len(found.nodes)} nodes; compute the output from it first"
        )
    first = read_seed("forward_trace", by, tangent)
    messages, tangents = [found.seed(by, first)], {by: first}
    for node in found.nodes:
        for i, parent in enumerate(node.operands):
            if node.rule is None or not isinstance(parent, Variable) or parent not in tangents:
                continue
            amount = node.rule.pushed(i, tangents[parent], node.value, *node.inputs, **node.options)
            tangents[node] = tangents[node] + amount if node in tangents else amount
            arriving, total = plain(tangents[parent]), plain(tangents[node])
            messages.append(found.message(parent, node, (node, i), arriving, amount, total))
    return messages


class _Numbered:
    """A graph whose nodes have places and names, and the records made with them."""

    def __init__(self, caller: str, output: Variable) -> None:
        if not isinstance(output, Variable):
            raise TypeError(
                f"{caller}: only a Variable has a graph; got {type(output).__name__} "
                f"{str(output)[:60]!r}; compute it from Variables"
            )
        self.nodes = order(output)
        self.places = {node: place for place, node in enumerate(self.nodes)}
        self.names = {node: node.name or f"n{place + 1}" for node, place in self.places.items()}

    def record(self, node: Variable) -> Node:
        """Describe a node."""
        edges = [i for i, a in enumerate(node.operands) if isinstance(a, Variable)]
        return Node(
            index=self.places[node],
            name=self.names[node],
            op=node.op,
            expression=self.expression(node),
            value=plain(node.value),
            grad=None if node.grad is None else plain(node.grad),
            parents=tuple(self.places[node.operands[i]] for i in edges),
            local=tuple(_local(node, i) for i in edges),
        )

    def expression(self, node: Variable) -> str:
        """Write the operation of a node on the names of its operands."""
        if node.rule is None:
            return ""
        inputs = [self.names[a] if isinstance(a, Variable) else brief(a) for a in node.operands]
        return node.rule.write(inputs, {key: brief(v) for key, v in node.options.items()})

    def seed(self, receiver: Variable, amount: Array) -> Contribution:
        """Record what the walk starts with."""
        start, place = plain(amount), self.places[receiver]
        name = self.names[receiver]
        return Contribution(None, place, "seed", name, None, start, None, start, start)

    def message(
        self,
        sender: Variable,
        receiver: Variable,
        edge: tuple[Variable, int],
        arriving: Number,
        amount: Array,
        total: Number,
    ) -> Contribution:
        """Record what travels an edge, which is operand i of a node."""
        return Contribution(
            sender=self.places[sender],
            receiver=self.places[receiver],
            sender_name=self.names[sender],
            receiver_name=self.names[receiver],
            operand=edge[1],
            arriving=arriving,
            local=_local(*edge),
            amount=plain(amount),
            total=total,
        )


def _local(node: Variable, i: int) -> float | None:
    """Return the derivative of a node by its i-th operand, where both are scalars."""
    if node.rule is None or node.ndim or node.operands[i].ndim:
        return None
    (slope,) = node.rule.pulls(
        [i], np.ones_like(node.value), node.value, *node.inputs, **node.options
    )
    return float(slope)
