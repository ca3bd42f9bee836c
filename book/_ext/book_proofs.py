"""Cells that prove or prepare fold into one line; what a proof's line says, its cells have printed.

A code cell with the tag ``proof`` only checks: it calls ``check.…`` and prints nothing else. Each
run of such cells becomes one block that the reader may open, under a line like "✓ 5 comparisons
agree, 3 numbers as in the catalogue". The cell that imports carries the tag ``setup`` and folds
likewise. In JupyterLab both are plain cells.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from book_blocks import disclosure, disclosure_title

logger = logging.getLogger(__name__)

PROOF, SETUP = "proof", "setup"
TICK = "✓ "
SETUP_LINE = "Set-up: imports"
_CATALOGUE = re.compile(r": as in the catalogue: (.+)$")


def tally(printed: Iterable[str]) -> tuple[int, int]:
    """Return how many comparisons printed lines tell of, and how many numbers of the catalogue.

    Examples
    --------
    >>> tally(["✓ y: agree to 1e-10, shape (2,)", "✓ sum: as in the catalogue: f, df_dx", "y"])
    (1, 2)
    """
    passed = [line for line in printed if line.startswith(TICK)]
    shown = [match[1] for line in passed if (match := _CATALOGUE.search(line))]
    return len(passed) - len(shown), sum(len(s.split(", ")) for s in shown)


def verdict(printed: Iterable[str]) -> str:
    """Return the line of a folded proof, counted from the lines that its cells have printed.

    Examples
    --------
    >>> verdict(["✓ y: agree to 1e-10, shape (2,)", "✓ sum: as in the catalogue: f, df_dx"])
    '✓ 1 comparison agrees, 2 numbers as in the catalogue'
    """
    comparisons, numbers = tally(printed)
    parts = []
    if comparisons:
        parts.append(f"{comparisons} comparison" + ("s agree" if comparisons > 1 else " agrees"))
    if numbers:
        parts.append(f"{numbers} number{'s' * (numbers > 1)} as in the catalogue")
    return TICK + ", ".join(parts) if parts else ""


def proof_faults(source: str, printed: list[str]) -> list[str]:
    """Say why a cell cannot stand behind a tick; nothing if it can.

    Parameters
    ----------
    source : str
        The cell's code.
    printed : list of str
        The lines of its output.

    Examples
    --------
    >>> proof_faults("check.close(1, 1)", ["✓ equal, shape ()"])
    []
    >>> proof_faults("assert y == 1", [])
    ['has an assert, which no line counts: check.close(got, want)', 'checks nothing by check.…']
    """
    tree = ast.parse(source)
    walk = list(ast.walk(tree))
    calls = [node for node in walk if is_check(node)]
    ticks = [line for line in printed if line.startswith(TICK)]
    found = []
    if any(isinstance(node, ast.Assert) for node in walk):
        found.append("has an assert, which no line counts: check.close(got, want)")
    if any(isinstance(node, ast.Try) for node in walk):
        found.append("has a try, which could swallow a mismatch; show such a cell")
    if not calls:
        found.append("checks nothing by check.…")
    if len(ticks) < len(calls):
        found.append(f"calls {len(calls)} checks and prints {len(ticks)} of their lines")
    if others := [line for line in printed if not line.startswith(TICK)]:
        found.append(f"prints more than its checks: {others[0]!r}; show such a cell")
    if TICK.strip() in source:
        found.append("writes ✓ itself, which is for check.… to say")
    return found


def is_check(node: ast.AST) -> bool:
    """Tell whether a node of code is a call of ``check.…``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "check"
    )


class Proofs(SphinxPostTransform):
    """Fold the cells that prove or prepare."""

    default_priority = 210  # after solutions have taken their cells in
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Fold the cells of one page."""
        for tag in (PROOF, SETUP):
            for cells in list(runs(self.document, tag)):
                line = SETUP_LINE if tag == SETUP else self.proven(cells)
                block = disclosure(classes=[f"dln-{tag}"])
                block += disclosure_title("", line or "This proves nothing.")
                cells[0].parent.insert(cells[0].parent.index(cells[0]), block)
                for cell in cells:
                    cell.parent.remove(cell)
                    block += cell

    def proven(self, cells: list[nodes.Element]) -> str:
        """Return the line of a run, and warn about each cell that cannot stand behind it."""
        printed = [lines_of(cell) for cell in cells]
        faults = [
            (cell, fault)
            for cell, lines in zip(cells, printed, strict=True)
            for fault in proof_faults(source_of(cell), lines)
        ]
        for cell, fault in faults:
            logger.warning("a proof %s", fault, location=cell, type="dlnotes")
        return "" if faults else verdict(itertools.chain(*printed))


def runs(document: nodes.document, tag: str) -> Iterator[list[nodes.Element]]:
    """Yield each run of neighbouring cells that carry a tag."""
    tagged = f"tag_{tag}"
    for cell in document.findall(nodes.container):
        if tagged not in cell["classes"]:
            continue
        place, around = cell.parent.index(cell), cell.parent.children
        if place and is_tagged(around[place - 1], tagged):
            continue
        yield list(itertools.takewhile(lambda node: is_tagged(node, tagged), around[place:]))


def is_tagged(node: nodes.Node, name: str) -> bool:
    """Tell whether a node is a cell of that class."""
    return isinstance(node, nodes.container) and name in node["classes"]


def source_of(cell: nodes.Element) -> str:
    """Return the code of a cell."""
    inputs = (part for part in cell.findall(nodes.container) if "cell_input" in part["classes"])
    return "\n".join(part.astext() for part in inputs)


def lines_of(cell: nodes.Element) -> list[str]:
    """Return the lines of a cell's output."""
    outputs = (part for part in cell.findall(nodes.container) if "cell_output" in part["classes"])
    return [line for part in outputs for line in part.astext().splitlines() if line.strip()]
