"""Where a run came from: the device in words, versions, commit, day."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from dlnotes._extras import require

_PACKAGE = Path(__file__).resolve().parents[1]


def device_words(device: str = "cpu") -> str:
    """Return the processor or accelerator in words, as ``"…, 2 cores"``.

    Parameters
    ----------
    device : str
        A device as PyTorch names it: ``"cpu"``, ``"cuda"``, ``"cuda:1"``, ``"mps"``.

    Returns
    -------
    str

    Examples
    --------
    >>> device_words().rpartition(" ")[2] in ("core", "cores")
    True
    """
    if device.startswith("cuda"):
        torch = require("torch", extra="torch", feature="dlnotes.ladder")
        return str(torch.cuda.get_device_name(device))
    name = _processor()
    cores = os.cpu_count() or 1
    words = f"{name}, {cores} core{'s' if cores > 1 else ''}"
    return words if device == "cpu" else f"{words}, its {device}"


def _processor() -> str:
    """Return the processor's name; Linux tells it in a file."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Return the versions of Python, NumPy and PyTorch.

    Examples
    --------
    >>> sorted(versions())
    ['numpy', 'python', 'torch']
    """
    torch = require("torch", extra="torch", feature="dlnotes.ladder")
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": str(torch.__version__),
    }


@cache
def commit() -> str:
    """Return the commit of the code, ``+changes`` behind it if dlnotes differs from it.

    Returns
    -------
    str
        40 hexadecimal digits; ``"unknown"`` for a package that was installed from elsewhere.

    Examples
    --------
    >>> len(commit().removesuffix("+changes")) in (40, len("unknown"))
    True
    """
    head = _git("rev-parse", "HEAD")
    if not head:
        return "unknown"
    return head + ("+changes" if _git("status", "--porcelain", "--", ".") else "")


def _git(*words: str) -> str:
    """Return what git says in the folder of the package; nothing if it has nothing to say."""
    # without locks: to look must not stop a commit that somebody makes meanwhile
    command = ["git", "--no-optional-locks", "-c", "safe.directory=*", *words]
    try:
        done = subprocess.run(command, cwd=_PACKAGE, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def today() -> str:
    """Return the day in UTC.

    Examples
    --------
    >>> len(today())
    10
    """
    return f"{datetime.now(UTC):%Y-%m-%d}"
