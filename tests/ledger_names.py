"""The ledger's rule for names: what chapters import, and what they call it."""

import ast
import re
import sys
from collections.abc import Iterator, Sequence

from ledger_cells import syntax_trees
from ledger_checks import Chapter

PACKAGES = ("dlnotes", "matplotlib", "numpy", "sklearn", "torch")
CALLED = {"numpy": "np", "matplotlib.pyplot": "plt", "dlnotes.functional": "dl"}
"""What these modules are called in every chapter."""
OLD_NAME = re.compile(r"functional as F\b|(?<![\w.])F\.[a-z]")


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each imported name in full, with the name that the cell calls it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, alias.asname or alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield f"{node.module}.{alias.name}", alias.asname or alias.name


def import_problems(chapters: Sequence[Chapter]) -> list[str]:
    """Hold each chapter to the packages of the book and their names, PyTorch's written out."""
    problems = []
    for chapter in chapters:
        for full, name in (pair for tree in syntax_trees(chapter) for pair in imports(tree)):
            where, top = f"{chapter.name}: imports {full} as {name}", full.partition(".")[0]
            if top not in (*PACKAGES, *sys.stdlib_module_names):
                problems.append(f"{where}; a chapter has {', '.join(PACKAGES)}")
            if top in ("os", "pathlib", "glob"):
                problems.append(f"{where}; a downloaded notebook has no files: data.record(name)")
            if name != CALLED.get(full, name):
                problems.append(f"{where}; every chapter calls it {CALLED[full]}")
            if full.startswith("dlnotes.functional."):
                problems.append(f"{where}; from dlnotes import functional as dl, and dl.name")
            if full.startswith("torch.") or (top == "torch" and name != "torch"):
                problems.append(f"{where}; import torch, and write its names out")
    return problems
