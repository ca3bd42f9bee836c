"""The layer table: rows, their sums, and every form in which they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from dlnotes import shapes
from dlnotes._arguments import nearest
from dlnotes.counting import formats
from dlnotes.counting.conventions import Chosen, Convention, chosen
from dlnotes.counting.formats import Cells, shape_text
from dlnotes.counting.operations import NOTHING, Operations
from dlnotes.counting.parameters import Parameters
from dlnotes.counting.rows import NONE, Row
from dlnotes.counting.rules import Shapes

BYTES: Mapping[str, int] = MappingProxyType(
    {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
)
"""Bytes of one number."""


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

    def _cells(self) -> Cells:
        """Return the table in words, as all readable forms print it."""
        title = f"{self.title}, input {shape_text(self.input)}"
        held, fixed = self.parameters, self.parameters.fixed > 0
        head = ["layer", "kind", "input", "output", "parameters"]
        head += ["not trained"] * fixed
        head += [f"{rule.name} ({rule.unit})" for rule in self.conventions]
        head += ["memory (kB)", "field"]
        rows = []
        for row in self.rows:
            words = [row.path, row.kind, shape_text(row.input), shape_text(row.output)]
            counts = [rule.count(row.operations) for rule in self.conventions]
            numbers = [row.parameters.trainable, *[row.parameters.fixed] * fixed, *counts]
            memory = f"{self.bytes(row) / 1000:,.1f}"
            rows.append([*words, *map("{:,}".format, numbers), memory, _field(row)])
        sums = [held.trainable, *[held.fixed] * fixed, *map(self.count, self.conventions)]
        memory = f"{self.memory / 1000:,.1f}"
        total = ["total", "", "", "", *map("{:,}".format, sums), memory, ""]
        return Cells(title, head, rows, total, self._below())

    def _below(self) -> list[str]:
        """Return the lines that say what the totals count."""
        held, lines = self.parameters, []
        if held.fixed:
            lines.append(
                f"Parameters: {held.trainable:,} trained and {held.fixed:,} not trained, "
                f"{held.total:,} together."
            )
        for rule in self.conventions:
            text = f"{rule.name}: {self.count(rule):,} {rule.unit}"
            lines.append(text + (f", {rule.says}." if rule.says else "."))
        lines.append(f"Memory: every output of one example is kept, as {self.dtype}.")
        return [*lines, *self.notes]

    def __str__(self) -> str:
        """Write the table in plain text."""
        return formats.to_text(self._cells())

    def __rich_console__(self, console: object, options: Any) -> Iterator[object]:
        """Yield the table as rich prints it, in the width that there is."""
        yield from formats.to_rich(self._cells(), options.max_width)

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        return formats.to_html(self._cells())

    def to_markdown(self) -> str:
        """Return the table in Markdown, with what the totals count below."""
        return formats.to_markdown(self._cells())

    def to_csv(self) -> str:
        """Return the rows as comma-separated values: whole numbers, no totals."""
        names = [rule.name for rule in self.conventions]
        head = ["path", "kind", "input", "output", "trainable", "fixed", *names, "bytes", "field"]
        rows = []
        for row in self.rows:
            words = [row.path, row.kind, shape_text(row.input, "x"), shape_text(row.output, "x")]
            counts = [rule.count(row.operations) for rule in self.conventions]
            numbers = [row.parameters.trainable, row.parameters.fixed, *counts, self.bytes(row)]
            rows.append([*words, *numbers, _field(row, "x")])
        return formats.to_csv(head, rows)

    def to_json(self) -> str:
        """Return rows, totals and conventions as JSON."""
        held = self.parameters
        totals = {"trainable": held.trainable, "fixed": held.fixed, "bytes": self.memory}
        record = {
            "title": self.title,
            "input": self.input,
            "dtype": self.dtype,
            "conventions": {rule.name: f"{rule.unit}: {rule.says}" for rule in self.conventions},
            "totals": totals | {rule.name: self.count(rule) for rule in self.conventions},
            "notes": self.notes,
        }
        return formats.to_json(record, map(self._record, self.rows))

    def _record(self, row: Row) -> dict[str, Any]:
        """Return a row as plain data."""
        return {
            "path": row.path,
            "kind": row.kind,
            "input": row.input,
            "output": row.output,
            "trainable": row.parameters.trainable,
            "fixed": row.parameters.fixed,
            **{rule.name: rule.count(row.operations) for rule in self.conventions},
            "bytes": self.bytes(row),
            "field": row.receptive,
        }


def _field(row: Row, times: str = "×") -> str:
    """Return a receptive field in words; blank where there is none."""
    return "" if row.receptive is None else shape_text(row.receptive, times)


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
