"""How long a module and its functions are, docstrings and blank lines not counted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def code_lines(path: Path) -> tuple[int, dict[str, int]]:
    """Return the lines of a module, and of each of its functions by name and place.

    A function's signature counts as one line, since options stand one below the other.
    """
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    empty = {n for n, line in enumerate(source.splitlines(), 1) if not line.strip()}
    skipped = empty | set(docstring_lines(tree))
    functions = {
        f"{node.name} (line {node.lineno})": 1
        + _count(node.body[0].lineno, node.end_lineno, skipped)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return _count(1, len(source.splitlines()), skipped), functions


def _count(first: int, last: int | None, skipped: set[int]) -> int:
    return sum(n not in skipped for n in range(first, (last or first) + 1))


def docstring_lines(tree: ast.AST) -> Iterator[int]:
    """Yield the lines of all docstrings, those of attributes too."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant(value=str())):
                yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)
