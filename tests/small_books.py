"""Sphinx for the small books that tests build; run as a program, it builds on request.

To load Sphinx and the book's extensions takes four times as long as such a book: so one process
loads them, and each build is a copy of it that nothing else has touched.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

EXTENSION = Path(__file__).resolve().parents[1] / "book" / "_ext"
LOADED = ("myst_nb.sphinx_ext", "sphinx_exercise", "sphinxcontrib.bibtex", "dlnotes_book")


def sphinx(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ``python -m sphinx`` in a folder; return its exit status and what it wrote."""
    command = [str(word) for word in words]
    if not hasattr(os, "fork"):
        module = [sys.executable, "-m", "sphinx", *command]
        return subprocess.run(module, cwd=folder, capture_output=True, text=True, check=False)
    files = [folder / f"said-{name}" for name in ("out", "err")]
    server().stdin.write(json.dumps([str(folder), command, list(map(str, files))]) + "\n")
    server().stdin.flush()
    status = int(server().stdout.readline())
    said = [path.read_text(encoding="utf-8") for path in files]
    for path in files:
        path.unlink()
    return subprocess.CompletedProcess(command, status, *said)


@cache
def server() -> subprocess.Popen[str]:
    """Start the process that is copied."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, __file__], **pipes)
    atexit.register(process.communicate)  # its input ends, and so does it
    return process


def serve() -> None:
    """Load Sphinx, then build what each line of the input asks for, and answer with its status."""
    sys.path.insert(0, str(EXTENSION))
    from sphinx.application import builtin_extensions

    for name in (*builtin_extensions, *LOADED):
        importlib.import_module(name)
    for line in sys.stdin:
        folder, words, files = json.loads(line)
        child = os.fork()
        if not child:
            build(folder, words, files)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def build(folder: str, words: Sequence[str], files: Sequence[str]) -> None:
    """Build, with standard output and error going to files, and end the process."""
    for number, file in enumerate(files, 1):
        os.dup2(os.open(file, os.O_CREAT | os.O_WRONLY), number)
    os.chdir(folder)
    from sphinx.cmd.build import main

    sys.exit(main(words))


if __name__ == "__main__":
    serve()
