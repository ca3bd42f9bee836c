"""Run notebooks again in place, or compare only: ``execute.py [--check] [NOTEBOOK ...]``.

Without names it takes every notebook of the book. A file is written only when its bytes change.
With ``--check`` nothing is written, and the exit status is 1 when something would have been.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import notebooks
from shell import Stop, pages

WORKERS = 2


def refresh(path: Path, *, check: bool) -> str:
    """Run one notebook and return "same", "changed", or "failed: " and the reason."""
    try:
        done = notebooks.execute(path)
    except Stop as stop:
        return f"failed: {stop}"
    if check:
        stored = path.read_text(encoding="utf-8")
        return "same" if stored == notebooks.text_of(done) else "changed"
    return "changed" if notebooks.write(path, done) else "same"


def main(words: Sequence[str]) -> int:
    """Run the notebooks that ``words`` name, or all."""
    parser = argparse.ArgumentParser(prog="execute.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare with the files, write none")
    parser.add_argument("notebook", nargs="*", type=Path)
    given = parser.parse_args(words)
    paths = [path.resolve() for path in given.notebook] or pages()
    results = []
    with ProcessPoolExecutor(max_workers=min(WORKERS, max(1, len(paths)))) as pool:
        for path, result in zip(
            paths, pool.map(partial(refresh, check=given.check), paths), strict=True
        ):
            first, _, rest = result.partition(": ")
            verb = "would change" if given.check and first == "changed" else first
            print(rest if first == "failed" else f"{notebooks.shown(path)}: {verb}", flush=True)
            results.append(first)
    return int("failed" in results or (given.check and "changed" in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
