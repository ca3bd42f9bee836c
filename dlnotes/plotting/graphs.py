"""Computation graphs: values on the way up, adjoints on the way down, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlnotes.plotting.controls import steps
from dlnotes.plotting.explorer import Explorer, explore
from dlnotes.plotting.svg import Canvas

WIDTH, HEIGHT = 340.0, 480.0
"""A graph fits a phone, and with its controls 600 pixels of height."""
PITCH, HIGH = 104.0, 64.0
MARGIN = 8.0
LEGEND = 30.0

Place = tuple[float, float]


def graph_player(
    nodes: Sequence[Any],
    messages: Sequence[Any] = (),
    places: Mapping[str, Place] | None = None,
    *,
    digits: int = 4,
) -> Explorer:
    """Show a graph of scalars being computed, and then differentiated, node by node.

    Each node gets its value; then every message of the backward pass lights its edge, and the
    adjoint below the value grows.

    Parameters
    ----------
    nodes, messages, places, digits
        As in `graph`.

    Returns
    -------
    Explorer
        One step for each node, then one for each message.

    Raises
    ------
    ValueError
        As `graph`.
    """
    drawing = _drawing(nodes, messages, places, digits)
    records = [*nodes, *messages]

    def draw(step: int) -> list[Canvas | str]:
        return [drawing.at(step), drawing.note(records[step])]

    return explore(draw, step=steps(len(records), pace=1800))


def graph(
    nodes: Sequence[Any],
    messages: Sequence[Any] = (),
    places: Mapping[str, Place] | None = None,
    *,
    digits: int = 4,
) -> Canvas:
    """Draw a graph of scalars with its values, and its adjoints after the last message.

    Parameters
    ----------
    nodes : sequence of dlnotes.autodiff.Node
        What `dlnotes.autodiff.trace` returns.
    messages : sequence of dlnotes.autodiff.Contribution
        What `dlnotes.autodiff.backward_trace` returns; without them only the values are shown.
    places : mapping of str to (column, row), optional
        Where a node stands, rows counted from the top; by default in layers, with the inputs at
        the bottom and the output on top. Four columns and five rows fit a phone.
    digits : int
        Decimals of the numbers.

    Returns
    -------
    Canvas

    Raises
    ------
    ValueError
        If a value is no scalar, or a node has no place.
    """
    return _drawing(nodes, messages, places, digits).at(len(nodes) + len(messages))


def _drawing(
    nodes: Sequence[Any], messages: Sequence[Any], places: Mapping[str, Place] | None, digits: int
) -> _Drawing:
    """Return the parts of a graph's picture."""
    return _Drawing(nodes, messages, places or layers(nodes), digits)


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
                    f"graph: node {node.name!r} has no place; got places for {known}; "
                    f"add {node.name!r}: (column, row)"
                )
            if not isinstance(node.value, int | float):
                raise ValueError(
                    f"graph: node {node.name!r} holds an array of shape "
                    f"{node.value.shape}; only graphs of scalars are drawn"
                )

    @property
    def pitch(self) -> Place:
        """From one column, and from one row, to the next."""
        columns, rows = zip(*self.places.values(), strict=True)
        across = (WIDTH - 2 * MARGIN + 12) / (max(columns) + 1)
        down = (HEIGHT - LEGEND - 2 * MARGIN - HIGH) / max(max(rows), 1)
        return min(PITCH, across), min(PITCH, max(down, HIGH + 24))

    @property
    def wide(self) -> float:
        """Width of a node."""
        return self.pitch[0] - 12

    def at(self, step: int) -> Canvas:
        """Draw the graph as it is at a step; after the last one nothing is lit."""
        columns, rows = zip(*self.places.values(), strict=True)
        across, down = self.pitch
        width = max(columns) * across + self.wide + 2 * MARGIN
        canvas = Canvas(width, max(rows) * down + HIGH + LEGEND + 2 * MARGIN)
        canvas.text(MARGIN, 10, "value", size=12.5, fill="accent", anchor="start", weight=600)
        if self.messages:
            place = (MARGIN + 46, 10)
            canvas.text(*place, "adjoint", size=12.5, fill="warm", anchor="start", weight=600)
        for node in self.nodes:
            self.draw_edges(canvas, node, step)
        for node in self.nodes:
            self.draw_node(canvas, node, step)
        with canvas.group():
            at = step - len(self.nodes)
            if 0 <= at < len(self.messages):
                self.draw_message(canvas, self.messages[at])
        return canvas

    def corner(self, name: str) -> Place:
        """Return the upper left corner of a node."""
        (column, row), (across, down) = self.places[name], self.pitch
        return MARGIN + column * across, MARGIN + LEGEND + row * down

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

    def ends(self, child: Any, operand: int) -> tuple[Place, Place]:
        """Return where an edge leaves its parent and where it enters its child."""
        parents = child.parents
        parent = self.nodes[parents[operand]]
        (px, py), (cx, cy) = self.corner(parent.name), self.corner(child.name)
        if py == cy:  # side by side
            ends = (px + self.wide, cx) if px < cx else (px, cx + self.wide)
            return (ends[0], py + HIGH / 2), (ends[1], cy + HIGH / 2)
        shift = (operand - (len(parents) - 1) / 2) * min(30.0, 60.0 / len(parents))
        twice = shift if parents.count(parents[operand]) > 1 else 0.0
        leave, enter = (py, cy + HIGH) if py > cy else (py + HIGH, cy)
        return (px + self.wide / 2 + twice, leave), (cx + self.wide / 2 + shift, enter)

    def draw_edges(self, canvas: Canvas, child: Any, step: int) -> None:
        """Draw the edges into a node, darker from the step on in which it is computed."""
        for operand in range(len(child.parents)):
            (x0, y0), (x1, y1) = self.ends(child, operand)
            canvas.arrow(x0, y0, x1, y1, stroke="ink" if step >= child.index else "muted")

    def draw_message(self, canvas: Canvas, message: Any) -> None:
        """Light the edge of a message, with its local derivative."""
        if message.sender is None:
            return
        sender = self.nodes[message.sender]
        edges = [at for at, parent in enumerate(sender.parents) if parent == message.receiver]
        edge = edges[min(message.operand, len(edges) - 1)]  # constants count as operands too
        (x0, y0), (x1, y1) = self.ends(sender, edge)
        canvas.path(f"M{x1:.2f} {y1:.2f}L{x0:.2f} {y0:.2f}", stroke="warm", width=4)
        canvas.arrow(x1, y1, x0, y0, stroke="warm")
        words = f"{self.number(message.arriving)} × {self.number(message.local)}"
        half = 6 + 3.75 * len(words)
        x = min(max((x0 + x1) / 2, half + 1), canvas.width - half - 1)
        y = (y0 + y1) / 2 if y0 != y1 else y0 - HIGH / 2 - 13
        canvas.rect(x - half, y - 11, 2 * half, 22, fill="paper", stroke="warm", radius=6)
        canvas.text(x, y, words, size=12.5, fill="warm", weight=600)

    def draw_node(self, canvas: Canvas, node: Any, step: int) -> None:
        """Draw a node: its formula, its value from its step on, its adjoint as it grows."""
        x, y = self.corner(node.name)
        on = step >= node.index
        canvas.rect(x, y, self.wide, HIGH, fill="paper", stroke="ink" if on else "muted", radius=6)
        formula = f"{node.name} = {node.expression}" if node.expression else node.name
        formula = formula.replace(" × ", "×") if self.wide < 80 else formula
        size = min(12.0, (self.wide - 6) / (0.5 * len(formula)))
        middle = x + self.wide / 2
        canvas.text(middle, y + 14, formula, size=size, fill="muted")
        value = self.number(node.value) if on else ""
        canvas.text(middle, y + 34, value, size=14, fill="accent", weight=600)
        received = self.messages[: max(0, step - len(self.nodes) + 1)]
        totals = [message.total for message in received if message.receiver == node.index]
        adjoint = self.number(totals[-1]) if totals else ""
        canvas.text(middle, y + 52, adjoint, size=14, fill="warm", weight=600)
