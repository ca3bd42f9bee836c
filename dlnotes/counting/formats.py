"""A layer table as text, Markdown, HTML, CSV, JSON, and for rich."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from dlnotes.counting.rules import Shapes

if TYPE_CHECKING:
    from dlnotes.counting.rows import LayerTable, Row

FORMAT = "dlnotes layer table 1"
WORDS = 4  # columns that hold words: path, kind, input, output

STYLE = (
    "<style>.dln-counts-frame{overflow-x:auto}.dln-counts th{white-space:nowrap}"
    ".dln-counts{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".dln-counts caption{text-align:left;font-weight:600;padding:.3em 0}"
    ".dln-counts :is(th,td){text-align:left;padding:.2em .6em;background:none;color:inherit;"
    "border-top:1px solid color-mix(in srgb,currentColor 20%,transparent)}"
    ".dln-counts :is(th,td).dln-number{text-align:right}"
    ".dln-counts tfoot{font-weight:600}</style>"
)
"""Colours follow the page, light or dark."""


@dataclass(frozen=True)
class Cells:
    """A table in words: its head, its rows, its sums, and the lines below."""

    head: list[str]
    rows: list[list[str]]
    total: list[str]
    below: list[str]


def shape_text(shape: Shapes, times: str = "×") -> str:
    """Return a shape in words.

    Parameters
    ----------
    shape : tuple of int, or of tuples
        (64, 56, 56) is 64×56×56; several equal ones are '2 of 64×56×56'; where only the
        channels differ, 64+128×28×28.
    times : str
        What stands between the sizes.

    Returns
    -------
    str

    Examples
    --------
    >>> shape_text(((64, 28, 28), (128, 28, 28)), "x")
    '64+128x28x28'
    """
    several = [part for part in shape if isinstance(part, tuple)]
    if not several:
        return times.join(map(str, shape))
    if len(set(several)) == 1:
        return f"{len(several)} of {shape_text(several[0], times)}"
    if len({part[1:] for part in several}) == 1:
        channels = "+".join(str(part[0]) for part in several)
        return times.join([channels, *map(str, several[0][1:])])
    return ", ".join(shape_text(part, times) for part in several)


def cells(table: LayerTable) -> Cells:
    """Return a table in words, as all readable formats print it."""
    some_fixed = table.parameters.fixed > 0
    head = ["layer", "kind", "input", "output", "parameters"]
    head += ["not trained"] if some_fixed else []
    head += [f"{rule.name} ({rule.unit})" for rule in table.conventions]
    head += ["memory (kB)", "field"]
    rows = []
    for row in table.rows:
        words = [row.path, row.kind, shape_text(row.input), shape_text(row.output)]
        rows.append([*words, *_numbers(table, row, some_fixed), _field(row)])
    held = table.parameters
    sums = [held.trainable, held.fixed] if some_fixed else [held.trainable]
    sums += [table.count(rule) for rule in table.conventions]
    total = ["total", "", "", "", *map("{:,}".format, sums), _kilobytes(table.memory), ""]
    return Cells(head, rows, total, below(table))


def below(table: LayerTable) -> list[str]:
    """Return the lines that say what the totals count."""
    held, lines = table.parameters, []
    if held.fixed:
        lines.append(
            f"Parameters: {held.trainable:,} trained and {held.fixed:,} not trained, "
            f"{held.total:,} together."
        )
    for rule in table.conventions:
        text = f"{rule.name}: {table.count(rule):,} {rule.unit}"
        lines.append(text + (f", {rule.says}." if rule.says else "."))
    lines.append(f"Memory: every output of one example is kept, as {table.dtype}.")
    return [*lines, *table.notes]


def to_text(table: LayerTable) -> str:
    """Return plain text in columns."""
    found = cells(table)
    lines = [found.head, *found.rows, found.total]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    text = [_line(line, widths) for line in lines]
    return "\n".join([_title(table), text[0], rule, *text[1:-1], rule, text[-1], *found.below])


def to_markdown(table: LayerTable) -> str:
    """Return a Markdown table with a title above and the conventions below."""
    found = cells(table)
    bars = [":--" if j < WORDS else "--:" for j in range(len(found.head))]
    total = [f"**{cell}**" if cell else "" for cell in found.total]
    lines = [found.head, bars, *found.rows, total]
    text = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join([f"**{_title(table)}**", "", *text, "", *(f"- {x}" for x in found.below)])


def to_html(table: LayerTable) -> str:
    """Return an HTML table that follows the page's colours."""
    found = cells(table)
    body = "".join(_html_line(line, "td") for line in found.rows)
    title = escape(_title(table))
    frame = f'<div class="dln-counts-frame" role="region" tabindex="0" aria-label="{title}">'
    return (
        f'<div>{STYLE}{frame}<table class="dln-counts"><caption>{title}</caption>'
        f"<thead>{_html_line(found.head, 'th')}</thead><tbody>{body}</tbody>"
        f"<tfoot>{_html_line(found.total, 'td')}</tfoot></table></div>"
        + "".join(f"<p>{escape(line)}</p>" for line in found.below)
        + "</div>"
    )


def to_csv(table: LayerTable) -> str:
    """Return the rows as comma-separated values."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [rule.name for rule in table.conventions]
    head = ["path", "kind", "input", "output", "trainable", "fixed", *names, "bytes", "field"]
    writer.writerow(head)
    for row in table.rows:
        shapes = [shape_text(row.input, "x"), shape_text(row.output, "x")]
        counts = [rule.count(row.operations) for rule in table.conventions]
        held = [row.parameters.trainable, row.parameters.fixed]
        field = _field(row, "x")
        writer.writerow([row.path, row.kind, *shapes, *held, *counts, table.bytes(row), field])
    return out.getvalue().rstrip("\n")


def to_json(table: LayerTable) -> str:
    """Return everything as JSON, totals by the names of their conventions."""
    held = table.parameters
    totals = {"trainable": held.trainable, "fixed": held.fixed, "bytes": table.memory}
    record: dict[str, Any] = {
        "format": FORMAT,
        "title": table.title,
        "input": table.input,
        "dtype": table.dtype,
        "conventions": [
            {
                "name": rule.name,
                "unit": rule.unit,
                "worth": dict(rule.worth),
                "says": rule.says,
                "used_by": rule.used_by,
            }
            for rule in table.conventions
        ],
        "rows": [_record(table, row) for row in table.rows],
        "groups": [_record(table, row) for row in table.groups],
        "totals": totals | {rule.name: table.count(rule) for rule in table.conventions},
        "notes": table.notes,
    }
    return _written(record)


def to_rich(table: LayerTable, width: int) -> list[object]:
    """Return a table and lines that rich prints; a narrow terminal gets fewer columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    found = cells(table)
    keep = _columns_that_fit(found, width)
    drawn = Table(
        title=_title(table),
        title_justify="left",
        show_footer=True,
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
    )
    for j in keep:
        justify: Literal["left", "right"] = "right" if j >= WORDS else "left"
        drawn.add_column(
            found.head[j], found.total[j], justify=justify, overflow="fold", no_wrap=j > 0
        )
    for line in found.rows:
        drawn.add_row(*(Text(line[j]) for j in keep))
    return [drawn, *map(Text, found.below)]


def _columns_that_fit(found: Cells, width: int) -> list[int]:
    """Return the columns to print: input, kind, field and memory are left out in turn."""
    lines = [found.head, *found.rows, found.total]
    widths = [max(map(len, column)) + 2 for column in zip(*lines, strict=True)]
    keep = list(range(len(widths)))
    for column in (2, 1, keep[-1], keep[-2]):
        if sum(widths[j] for j in keep) > width - 2:  # the edges
            keep.remove(column)
    return keep


def _written(record: dict[str, Any]) -> str:
    """Return JSON with a line for each entry of a list."""
    parts = []
    for name, value in record.items():
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list) and value:
            lines = ",\n  ".join(json.dumps(entry, ensure_ascii=False) for entry in value)
            text = f"[\n  {lines}\n ]"
        parts.append(f" {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}"


def _record(table: LayerTable, row: Row) -> dict[str, Any]:
    """Return a row as plain data; what is empty is left out."""
    record = {
        "path": row.path,
        "kind": row.kind,
        "input": row.input,
        "output": row.output,
        "trainable": row.parameters.trainable,
        "fixed": row.parameters.fixed,
        "operations": row.operations.amounts(),
        "counts": {rule.name: rule.count(row.operations) for rule in table.conventions},
        "values": row.values,
        "field": row.receptive,
    }
    return {name: value for name, value in record.items() if value not in (0, {}, None)}


def _numbers(table: LayerTable, row: Row, some_fixed: bool) -> list[str]:
    """Return the cells of a row that hold numbers."""
    counts = [rule.count(row.operations) for rule in table.conventions]
    held = [row.parameters.trainable] + ([row.parameters.fixed] if some_fixed else [])
    return [*map("{:,}".format, held + counts), _kilobytes(table.bytes(row))]


def _kilobytes(count: int) -> str:
    """Return bytes in thousands."""
    return f"{count / 1000:,.1f}"


def _field(row: Row, times: str = "×") -> str:
    """Return a receptive field in words; blank where there is none."""
    return "" if row.receptive is None else shape_text(row.receptive, times)


def _title(table: LayerTable) -> str:
    return f"{table.title}, input {shape_text(table.input)}"


def _line(line: list[str], widths: list[int]) -> str:
    """Return one line of plain text: words to the left, numbers to the right."""
    pairs = enumerate(zip(line, widths, strict=True))
    text = [f"{cell:<{w}}" if j < WORDS else f"{cell:>{w}}" for j, (cell, w) in pairs]
    return "  ".join(text).rstrip()


def _html_line(line: list[str], tag: str) -> str:
    """Return one line of an HTML table."""
    kinds = ["" if j < WORDS else ' class="dln-number"' for j in range(len(line))]
    scope = ' scope="col"' if tag == "th" else ""
    inside = zip(line, kinds, strict=True)
    return (
        "<tr>" + "".join(f"<{tag}{scope}{k}>{escape(cell)}</{tag}>" for cell, k in inside) + "</tr>"
    )
