"""How large the package is, and how far a call of `conv2d` goes; nothing here is timed.

python -m benchmarks.size            this checkout
python -m benchmarks.size FOLDER     another one, such as a worktree of an earlier commit
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CALL = """import sys
from pathlib import Path
import numpy as np
import dlnotes
from dlnotes.functional import conv2d
x, w, b = np.ones((32, 1, 28, 28)), np.ones((20, 1, 5, 5)), np.ones(20)
home, seen = str(Path(dlnotes.__file__).parent), set()
def note(frame, event, _):
    if event == "call" and frame.f_code.co_filename.startswith(home):
        seen.add((frame.f_code.co_filename, frame.f_code.co_firstlineno, frame.f_code.co_name))
sys.setprofile(note)
conv2d(x, w, b)
sys.setprofile(None)
named = [one for one in seen if not one[2].startswith("<")]
print(len(named), len({file for file, *_ in named}))
"""
"""Functions and files of the package that a call enters; comprehensions are none."""


def code_lines(path: Path) -> tuple[int, dict[str, int]]:
    """Return the lines of a module, and of each of its functions by name and place.

    Docstrings and blank lines do not count. A function's signature counts as one line, since
    options stand one below the other.
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


def public_names(name: str, files: list[Path], root: Path) -> int:
    """Count what a part offers: its `__all__`, or else what its public modules define."""
    code = f"import dlnotes.{name} as part; print(len(getattr(part, '__all__', ())))"
    if listed := int(fresh(code, root)):
        return listed
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [path for path in files if not path.stem.startswith("_")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in public]
    nodes = [node for tree in trees for node in tree.body if isinstance(node, kinds)]
    return sum(not node.name.startswith("_") for node in nodes)


def fresh(code: str, root: Path) -> str:
    """Return what a program prints that imports the package of a checkout."""
    command = [sys.executable, "-c", f"import sys; sys.path[0] = {str(root)!r}; {code}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


def measure(root: Path) -> dict[str, Counter[str]]:
    """Return files, code lines, docstring lines and public names of each part of the package."""
    parts: dict[str, list[Path]] = {}
    for path in sorted((root / "dlnotes").rglob("*.py")):
        name = path.relative_to(root / "dlnotes").parts[0].removesuffix(".py")
        parts.setdefault(name, []).append(path)
    found = {}
    for name, files in parts.items():
        docs = [set(docstring_lines(ast.parse(path.read_text("utf-8")))) for path in files]
        found[name] = Counter(
            files=len(files),
            code=sum(code_lines(path)[0] for path in files),
            docstrings=sum(map(len, docs)),
            public=0 if name.startswith("_") else public_names(name, files, root),
        )
    return found


def conv2d_call(root: Path) -> tuple[int, int]:
    """Return how many functions of the package, in how many files, one 5×5 `conv2d` enters."""
    functions, files = map(int, fresh(CALL, root).split())
    return functions, files


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="a checkout")
    root = parser.parse_args().folder.resolve()
    found = measure(root)
    columns = ("files", "code", "docstrings", "public")
    print(f"{'part':16}" + "".join(f"{name:>12}" for name in columns))
    for name, counts in [*found.items(), ("together", sum(found.values(), Counter()))]:
        print(f"{name:16}" + "".join(f"{counts[column]:12,}" for column in columns))
    functions, files = conv2d_call(root)
    print(f"one call of conv2d enters {functions} functions in {files} files")


if __name__ == "__main__":
    main()
