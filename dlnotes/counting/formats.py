"""A table in words as text, Markdown, HTML, CSV, JSON, and for rich."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from dlnotes.counting.rules import Shapes

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
    """A table in words: its title, its head, its rows, its sums, and the lines below."""

    title: str
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


def to_text(found: Cells) -> str:
    """Return plain text in columns."""
    lines = [found.head, *found.rows, found.total]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = "-" * (sum(widths) + 2 * len(widths) - 2)
    text = [_line(line, widths) for line in lines]
    return "\n".join([found.title, text[0], rule, *text[1:-1], rule, text[-1], *found.below])


def to_markdown(found: Cells) -> str:
    """Return a Markdown table with a title above and the conventions below."""
    bars = [":--" if j < WORDS else "--:" for j in range(len(found.head))]
    total = [f"**{cell}**" if cell else "" for cell in found.total]
    lines = [found.head, bars, *found.rows, total]
    text = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    return "\n".join([f"**{found.title}**", "", *text, "", *(f"- {x}" for x in found.below)])


def to_html(found: Cells) -> str:
    """Return an HTML table that follows the page's colours."""
    body = "".join(_html_line(line, "td") for line in found.rows)
    title = escape(found.title)
    frame = f'<div class="dln-counts-frame" role="region" tabindex="0" aria-label="{title}">'
    return (
        f'<div>{STYLE}{frame}<table class="dln-counts"><caption>{title}</caption>'
        f"<thead>{_html_line(found.head, 'th')}</thead><tbody>{body}</tbody>"
        f"<tfoot>{_html_line(found.total, 'td')}</tfoot></table></div>"
        + "".join(f"<p>{escape(line)}</p>" for line in found.below)
        + "</div>"
    )


def to_csv(head: list[str], rows: Iterable[list[Any]]) -> str:
    """Return rows as comma-separated values."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([head, *rows])
    return out.getvalue().rstrip("\n")


def to_json(record: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a record and its rows as JSON, a row a line."""
    parts = [f" {json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in record.items()]
    lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return "{\n" + ",\n".join([*parts, f' "rows": [\n  {lines}\n ]']) + "\n}"


def to_rich(found: Cells, width: int) -> list[object]:
    """Return a table and lines that rich prints; a narrow terminal gets fewer columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    keep = _columns_that_fit(found, width)
    drawn = Table(
        title=found.title,
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
