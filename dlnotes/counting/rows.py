"""Rows of a layer table, and the table that sums them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from types import MappingProxyType
from typing import Any

from dlnotes import shapes
from dlnotes._arguments import nearest
from dlnotes.counting import formats
from dlnotes.counting.conventions import Chosen, Convention, chosen
from dlnotes.counting.operations import NOTHING, Operations
from dlnotes.counting.parameters import Parameters
from dlnotes.counting.rules import Shape, Shapes

BYTES: Mapping[str, int] = MappingProxyType(
    {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
)
"""Bytes of one number."""

NONE = Parameters()


@dataclass(frozen=True)
class Row:
    """One line of a layer table: a layer, a join of branches, or a part summed up.

    Attributes
    ----------
    path : str
        Where it stands, such as ``'stage2.block1.body.conv1'``.
    kind : str
        Kind of layer; 'add' and 'concat' for joins.
    input, output : tuple of int
        Shapes without the batch; a tuple of shapes where several values go in.
    parameters : Parameters
        Trained and fixed numbers.
    operations : Operations
        Work for one example, in amounts that conventions weigh.
    values : int
        Numbers that it makes; views such as Flatten make none.
    receptive : tuple of int, or None
        Rows and columns of the input that one output value depends on, padding included.
    """

    path: str
    kind: str
    input: Shapes
    output: Shapes
    parameters: Parameters = NONE
    operations: Operations = NOTHING
    values: int = 0
    receptive: Shape | None = None


@dataclass(frozen=True)
class LayerTable:
    """A network's layers with what each holds and computes. Totals are sums of the rows.

    Attributes
    ----------
    title : str
        What is counted.
    input : tuple of int
        Shape of one example.
    rows : tuple of Row
        In the order in which they run.
    groups : tuple of Row
        The parts that contain rows, with shapes alone; `grouped` fills them.
    conventions : tuple of Convention
        What the columns of operations count.
    dtype : str
        Of the activations: float64, float32, float16, bfloat16, int8.
    notes : tuple of str
        What is not counted, or published figures; printed below.

    Examples
    --------
    >>> from dlnotes import specs
    >>> from dlnotes.counting import table
    >>> found = table(specs.get("mnist-conv"))
    >>> found.parameters.total, found.count("mac"), found.count("flop")
    (289630, 577000, 1154000)
    """

    title: str
    input: Shapes
    rows: tuple[Row, ...]
    groups: tuple[Row, ...] = field(default=(), repr=False)
    conventions: tuple[Convention, ...] = ()
    dtype: str = "float32"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a dtype of unknown size."""
        if self.dtype not in BYTES:
            near = nearest(self.dtype, BYTES)
            hint = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(BYTES)}"
            raise ValueError(f"counting.table: no size is known of dtype {self.dtype!r}; {hint}")

    @property
    def parameters(self) -> Parameters:
        """Trained and fixed numbers of all rows."""
        return sum((row.parameters for row in self.rows), NONE)

    @property
    def operations(self) -> Operations:
        """Amounts of work of all rows."""
        return sum((row.operations for row in self.rows), NOTHING)

    @property
    def memory(self) -> int:
        """Bytes of all activations of one example, as training keeps them."""
        return sum(map(self.bytes, self.rows))

    def bytes(self, row: Row) -> int:
        """Return the bytes of what a row makes."""
        return row.values * BYTES[self.dtype]

    def count(self, convention: str | Convention) -> int:
        """Return the operations of all rows under a convention.

        Parameters
        ----------
        convention : str or Convention
            Such as 'mac'; `counting.CONVENTIONS` has all.

        Returns
        -------
        int

        Raises
        ------
        ValueError, TypeError
            If there is no such convention.
        """
        (rule,) = chosen((convention,))
        return sum(rule.count(row.operations) for row in self.rows)

    def under(self, convention: Chosen) -> LayerTable:
        """Return the same table with columns for other conventions.

        Parameters
        ----------
        convention : str, Convention, or several
            One column each.

        Returns
        -------
        LayerTable
        """
        return replace(self, conventions=chosen(convention))

    def grouped(self, depth: int) -> LayerTable:
        """Return a table with one row for each part at `depth`, summed over what is inside.

        Parameters
        ----------
        depth : int
            1 keeps the top-level parts, 2 the parts in those too.

        Returns
        -------
        LayerTable

        Raises
        ------
        TypeError
            If `depth` is no integer.
        ValueError
            If it is below 1.
        """
        depth = shapes.as_int(depth, "depth", caller="LayerTable.grouped")
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(".".join(row.path.split(".")[:depth]), []).append(row)
        known = {group.path: group for group in self.groups}
        rows = tuple(_summed(known.get(path), inside) for path, inside in found.items())
        groups = tuple(group for group in self.groups if group.path.count(".") + 1 < depth)
        return replace(self, rows=rows, groups=groups)

    def __str__(self) -> str:
        """Write the table in plain text."""
        return formats.to_text(self)

    def __rich_console__(self, console: object, options: Any) -> Iterator[object]:
        """Yield the table as rich prints it, in the width that there is."""
        yield from formats.to_rich(self, options.max_width)

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        return formats.to_html(self)

    def to_markdown(self) -> str:
        """Return the table in Markdown, with what the totals count below."""
        return formats.to_markdown(self)

    def to_csv(self) -> str:
        """Return the rows as comma-separated values: whole numbers, no totals."""
        return formats.to_csv(self)

    def to_json(self) -> str:
        """Return everything as JSON; `counting.from_json` reads it back."""
        return formats.to_json(self)


def _summed(group: Row | None, rows: list[Row]) -> Row:
    """Return one row for many; a layer or a join that stands alone is its own."""
    if group is None or [row.path for row in rows] == [group.path]:
        return rows[0]
    return replace(
        group,
        parameters=sum((row.parameters for row in rows), Parameters()),
        operations=sum((row.operations for row in rows), NOTHING),
        values=sum(row.values for row in rows),
    )


def values_of(output: Shapes) -> int:
    """Return how many numbers a shape holds."""
    return prod(size for size in output if isinstance(size, int))
