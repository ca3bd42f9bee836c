"""Computation graphs: values on the way up, adjoints on the way down, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlnotes.plotting.player import Player, from_step, only_step, span
from dlnotes.plotting.svg import Canvas

WIDE, HIGH = 92.0, 64.0
COLUMN, ROW = 104.0, 104.0
MARGIN = 8.0
LEGEND = 24.0

Place = tuple[float, float]


def graph_player(
    nodes: Sequence[Any],
    messages: Sequence[Any] = (),
    places: Mapping[str, Place] | None = None,
    *,
    digits: int = 4,
    still: int | None = None,
) -> Player:
    """Show a graph of scalars being computed, and then differentiated, node by node.

    Inputs stand at the bottom and the output on top. Each node gets its value; then every
    message of the backward pass lights its edge, and the adjoint below the value grows.

    Parameters
    ----------
    nodes : sequence of dlnotes.autodiff.Node
        What `dlnotes.autodiff.trace` returns.
    messages : sequence of dlnotes.autodiff.Contribution
        What `dlnotes.autodiff.backward_trace` returns; without them only the values are shown.
    places : mapping of str to (column, row), optional
        Where a node stands, rows counted from the top; by default in layers.
    digits : int
        Decimals of the numbers.
    still : int, optional
        The step shown in print, by default the last.

    Returns
    -------
    Player
        One step for each node, then one for each message.

    Raises
    ------
    ValueError
        If a value is no scalar, or a node has no place.
    """
    drawing = _Drawing(nodes, messages, places or layers(nodes), digits)
    last = len(nodes) + len(messages) - 1
    still = last if still is None else still
    canvas = drawing.canvas()
    drawing.draw_legend(canvas)
    for node in nodes:
        drawing.draw_edges(canvas, node, still)
    for step, message in enumerate(messages, start=len(nodes)):
        drawing.draw_message(canvas, message, step, still)
    for node in nodes:
        drawing.draw_node(canvas, node, still)
    notes = [drawing.note(record) for record in (*nodes, *messages)]
    return Player(canvas, notes, still, pace=1800)


def layers(nodes: Sequence[Any]) -> dict[str, Place]:
    """Place each node one row above the highest of its parents, the leaves at the bottom.

    Examples
    --------
    >>> from types import SimpleNamespace as Node
    >>> layers([Node(name="x", parents=()), Node(name="y", parents=(0,))])
    {'x': (0.0, 1), 'y': (0.0, 0)}
    """
    depth: list[int] = []
    for node in nodes:
        depth.append(1 + max((depth[parent] for parent in node.parents), default=-1))
    rows: dict[int, list[str]] = {}
    for node, level in zip(nodes, depth, strict=True):
        rows.setdefault(level, []).append(node.name)
    widest, top = max(map(len, rows.values())), max(rows)
    return {
        name: (column + (widest - len(names)) / 2, top - level)
        for level, names in rows.items()
        for column, name in enumerate(names)
    }


@dataclass(frozen=True)
class _Drawing:
    """The parts of a graph's picture, drawn one by one."""

    nodes: Sequence[Any]
    messages: Sequence[Any]
    places: Mapping[str, Place]
    digits: int

    def __post_init__(self) -> None:
        for node in self.nodes:
            if node.name not in self.places:
                known = ", ".join(self.places)
                raise ValueError(
                    f"graph_player: node {node.name!r} has no place; got places for {known}; "
                    f"add {node.name!r}: (column, row)"
                )
            if not isinstance(node.value, int | float):
                raise ValueError(
                    f"graph_player: node {node.name!r} holds an array of shape "
                    f"{node.value.shape}; only graphs of scalars are drawn"
                )

    def canvas(self) -> Canvas:
        """Return an empty canvas that has room for all places."""
        columns, rows = zip(*self.places.values(), strict=True)
        width = (max(columns) * COLUMN) + WIDE + 2 * MARGIN
        return Canvas(width, max(rows) * ROW + HIGH + LEGEND + 2 * MARGIN)

    def corner(self, name: str) -> Place:
        """Return the upper left corner of a node."""
        column, row = self.places[name]
        return MARGIN + column * COLUMN, MARGIN + LEGEND + row * ROW

    def number(self, value: float) -> str:
        """Write a number with the wanted decimals."""
        short = f"{round(value, self.digits) + 0.0:.{self.digits}f}"
        return short.rstrip("0").rstrip(".").replace("-", "−")

    def note(self, record: Any) -> str:
        """Say in words what a node's or a message's step does."""
        if hasattr(record, "expression"):
            formula = f" = {record.expression}" if record.expression else ""
            return f"{record.name}{formula} = {self.number(record.value)}"
        if record.sender is None:
            return f"the adjoint of {record.receiver_name} is set to {self.number(record.total)}"
        product = f"{self.number(record.arriving)} × {self.number(record.local)}"
        return (
            f"{record.sender_name} sends {product} = {self.number(record.amount)} "
            f"to {record.receiver_name}, which then has {self.number(record.total)}"
        )

    def draw_legend(self, canvas: Canvas) -> None:
        """Say which of a node's two numbers is which."""
        canvas.text(MARGIN, 12, "value", size=12.5, fill="accent", anchor="start", weight=600)
        if self.messages:
            canvas.text(
                MARGIN + 46, 12, "adjoint", size=12.5, fill="warm", anchor="start", weight=600
            )

    def ends(self, child: Any, operand: int) -> tuple[Place, Place]:
        """Return where an edge leaves its parent and where it enters its child."""
        parents = child.parents
        parent = self.nodes[parents[operand]]
        (px, py), (cx, cy) = self.corner(parent.name), self.corner(child.name)
        shift = (operand - (len(parents) - 1) / 2) * min(30.0, 60.0 / len(parents))
        twice = shift if parents.count(parents[operand]) > 1 else 0.0
        return (px + WIDE / 2 + twice, py), (cx + WIDE / 2 + shift, cy + HIGH)

    def draw_edges(self, canvas: Canvas, child: Any, still: int) -> None:
        """Draw the edges into a node, darker from the step on in which it is computed."""
        ends = [self.ends(child, operand) for operand in range(len(child.parents))]
        for (x0, y0), (x1, y1) in ends:
            canvas.arrow(x0, y0, x1, y1, stroke="rule")
        with canvas.group(**from_step(child.index, still)):
            for (x0, y0), (x1, y1) in ends:
                canvas.arrow(x0, y0, x1, y1, stroke="muted")

    def draw_message(self, canvas: Canvas, message: Any, step: int, still: int) -> None:
        """Light the edge of a message, with its local derivative."""
        if message.sender is None:
            return
        sender = self.nodes[message.sender]
        edges = [at for at, parent in enumerate(sender.parents) if parent == message.receiver]
        edge = edges[min(message.operand, len(edges) - 1)]  # constants count as operands too
        (x0, y0), (x1, y1) = self.ends(sender, edge)
        with canvas.group(**only_step(step, still)):
            canvas.path(f"M{x1:.2f} {y1:.2f}L{x0:.2f} {y0:.2f}", stroke="warm", width=4)
            canvas.arrow(x1, y1, x0, y0, stroke="warm")
            words = f"{self.number(message.arriving)} × {self.number(message.local)}"
            middle = ((x0 + x1) / 2, (y0 + y1) / 2)
            wide = 12 + 7.5 * len(words)
            canvas.rect(
                middle[0] - wide / 2, middle[1] - 11, wide, 22,
                fill="paper", stroke="warm", radius=6,
            )  # fmt: skip
            canvas.text(*middle, words, size=12.5, fill="warm", weight=600)

    def draw_node(self, canvas: Canvas, node: Any, still: int) -> None:
        """Draw a node: its formula, its value from its step on, its adjoint as it grows."""
        x, y = self.corner(node.name)
        canvas.rect(x, y, WIDE, HIGH, fill="paper", stroke="rule", radius=6)
        formula = f"{node.name} = {node.expression}" if node.expression else node.name
        size = min(11.5, (WIDE - 8) / (0.56 * len(formula)))
        canvas.text(x + WIDE / 2, y + 14, formula, size=size, fill="muted")
        middle = x + WIDE / 2
        with canvas.group(**from_step(node.index, still)):
            value = self.number(node.value)
            canvas.text(middle, y + 34, value, size=14, fill="accent", weight=600)
        first = len(self.nodes)
        growth = [
            (first + at, message.total)
            for at, message in enumerate(self.messages)
            if message.receiver == node.index
        ]
        ends = [step for step, _ in growth[1:]] + [None]
        for (step, total), until in zip(growth, ends, strict=True):
            with canvas.group(**span(step, until, still)):
                adjoint = self.number(total)
                canvas.text(middle, y + 52, adjoint, size=14, fill="warm", weight=600)
