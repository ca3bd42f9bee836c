"""Lists of networks, in words and as data."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence

from dlnotes import counting
from dlnotes.specs import Network

Line = tuple[object, ...]
Lines = tuple[tuple[str, ...], list[Line]]


def plain(networks: Iterable[Network]) -> Lines:
    """Return what a list of networks says of each."""
    heads = ("name", "network", "year", "input")
    return heads, [(n.name, n.title, n.year or None, _shape(n)) for n in networks]


def totals(networks: Iterable[Network]) -> Lines:
    """Return parameters beside what is published or summed by hand, and multiply-adds.

    Examples
    --------
    >>> from dlnotes import specs
    >>> totals([specs.get("mnist-dense")])[1][0][3:7]
    (79510, None, 79510, 'equal')
    """
    heads = ("name", "year", "input", "counted", "published", "by hand", "", "mac (MAC)", "source")
    lines: list[Line] = []
    for network in networks:
        found = counting.compare(network)
        counted = counting.count(network).trainable if found is None else found.ours
        published = by_hand = None
        if found is not None and found.figure.by_hand:
            by_hand = found.figure.parameters
        elif found is not None:
            published = found.figure.parameters
        verdict = None if found is None else "equal" if found.agrees else "NOT EQUAL"
        source = None if found is None else found.figure.source
        mac = counting.table(network).count("mac")
        year, shape = network.year or None, _shape(network)
        figures = (counted, published, by_hand, verdict, mac)
        lines.append((network.name, year, shape, *figures, source))
    return heads, lines


def conventions(rules: Iterable[counting.Convention]) -> Lines:
    """Return what each convention counts, and who uses it."""
    heads = ("convention", "unit", "counts", "used by")
    return heads, [(rule.name, rule.unit, rule.says, rule.used_by) for rule in rules]


def written(heads: Sequence[str], lines: Iterable[Line], output: str) -> str:
    """Return a list as a table, Markdown, CSV or JSON.

    Examples
    --------
    >>> written(("name", "year"), [("a", 1998)], "csv").splitlines()
    ['name,year', 'a,1998']
    """
    lines = list(lines)
    if output == "json":
        names = [head or "verdict" for head in heads]
        rows = [dict(zip(names, line, strict=True)) for line in lines]
        return json.dumps(rows, indent=1, ensure_ascii=False)
    if output == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([head or "verdict" for head in heads])
        writer.writerows(lines)
        return out.getvalue().rstrip("\n")
    words = [list(heads), *([_word(cell) for cell in line] for line in lines)]
    number = [all(isinstance(line[j], int | None) for line in lines) for j in range(len(heads))]
    if output == "markdown":
        words.insert(1, ["--:" if right else ":--" for right in number])
        return "\n".join("| " + " | ".join(line) + " |" for line in words)
    widths = [max(map(len, column)) for column in zip(*words, strict=True)]
    return "\n".join(
        "  ".join(
            f"{cell:>{w}}" if right else f"{cell:<{w}}"
            for cell, w, right in zip(line, widths, number, strict=True)
        ).rstrip()
        for line in words
    )


def _word(cell: object) -> str:
    """Return a cell in words; years have no comma."""
    if isinstance(cell, int):
        return f"{cell:,}" if cell >= 10_000 else str(cell)
    return "" if cell is None else str(cell)


def _shape(network: Network) -> str:
    return "x".join(map(str, network.input_shape))
