"""What every tool needs: the project's folder, one clear line on failure, running a command."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = {"__pycache__", ".ipynb_checkpoints"}


class Stop(Exception):
    """Something that the person at the keyboard can mend; its text is one line saying how."""


def run(command: Sequence[str | Path]) -> int:
    """Run a command in the project's folder and return its exit status."""
    return subprocess.call([str(part) for part in command], cwd=ROOT)


def files_below(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files at and below ``paths``, in a fixed order, without caches."""
    for path in sorted(paths):
        if path.is_file():
            yield path
        elif path.is_dir() and path.name not in SKIPPED:
            yield from files_below(path.iterdir())


def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """Return a hash of the names and contents of ``paths`` and of some ``words``.

    Contents count and times do not, so that a fresh checkout of the same files is the same.
    """
    digest = hashlib.sha256("\0".join(words).encode())
    for path in files_below(paths):
        digest.update(f"\0{path.relative_to(ROOT).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def pages() -> list[Path]:
    """List the notebooks of the book in reading order."""
    found = [path for path in files_below([ROOT / "chapters"]) if path.suffix == ".ipynb"]
    order = {name: n for n, name in enumerate(("foundations", "convolution", "architectures"))}
    found.sort(key=lambda path: (order.get(path.parent.name, len(order)), path.name))
    return found


def chromium() -> str | None:
    """Return the path of Chromium, or None."""
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None)
