"""The ledger's rule for cells that fold away: what a proof says ✓ to has been compared."""

import ast
from collections.abc import Iterator, Sequence

from book_proofs import PROOF, SETUP, proof_faults
from ledger_checks import Cell, Chapter, source
from ledger_prose import output_texts

DEFINES = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While)


def tags(cell: Cell) -> set[str]:
    """Return the tags of a cell."""
    return set(cell["metadata"].get("tags", ()))


def faults(cell: Cell) -> Iterator[str]:
    """Yield what is wrong with a cell that proves or prepares."""
    text = source(cell)
    nodes = list(ast.walk(ast.parse(text)))
    if PROOF in tags(cell):
        printed = [line for out in output_texts(cell) for line in out.splitlines() if line]
        yield from proof_faults(text, printed)
    elif any(isinstance(node, ast.Assert) for node in nodes):
        yield "has an assert: check.close(got, want) says what agrees"
    elif "✓" in text:
        yield "writes ✓ itself, which is for check.… to say"
    if SETUP in tags(cell) and (cell["outputs"] or any(isinstance(n, DEFINES) for n in nodes)):
        yield "is the set-up, and does more than to prepare"


def fold_problems(chapters: Sequence[Chapter]) -> list[str]:
    """Hold the cells that fold to their rules, and the first cell of a chapter to be its set-up."""
    problems = []
    for chapter in chapters:
        code = [cell for cell in chapter.cells if cell["cell_type"] == "code"]
        if code and SETUP not in tags(code[0]):
            problems.append(f"{chapter.name}: the first code cell imports and carries 'setup'")
        for cell in code:
            problems += [f"{chapter.name}: cell {cell.get('id')} {fault}" for fault in faults(cell)]
    return problems
