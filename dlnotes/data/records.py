"""Records: numbers that took too long, or depend too much on the machine, to be computed again.

``python -m benchmarks.experiments.<chapter> --record`` runs a chapter's experiments and writes
``book/results/<chapter>.json``. A chapter reads them with `record`, in a checkout and wherever the
package is installed. A record of experiments is sealed: a number that was typed into it, or a
line that was lost, is found out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlnotes._arguments import nearest
from dlnotes._files import book_file
from dlnotes.data.idx import DataError

SEAL = "sha256"
"""The key under which a record keeps the digest of the rest of it."""


def record(name: str) -> dict[str, Any]:
    """Return a record: that of a chapter's experiments, or of a benchmark.

    Parameters
    ----------
    name : str
        Name of a file of ``book/results`` without its ending, for example
        ``"02-backpropagation"`` or ``"conv_speed"``.

    Returns
    -------
    dict
        The record as it is written. That of a chapter has under ``"experiments"`` for each
        experiment its ``"numbers"`` and the ``"settings"``, ``"commit"`` and ``"versions"`` that
        they were made with, and under ``"command"`` what makes it anew.

    Raises
    ------
    ValueError
        If there is no such record; the message gives the nearest names.
    DataError
        If the record is damaged: no JSON, or not as it was written.

    Examples
    --------
    >>> sorted(record("conv_speed")["machine"])
    ['cores', 'instruction sets', 'processor', 'system']
    """
    path = book_file("results", f"{name}.json")
    if not path.is_file():
        known = sorted(file.stem for file in path.parent.glob("*.json"))
        near = ", ".join(nearest(name, known) or known) or "none"
        raise ValueError(f"record: there is no record {name!r} in book/results; nearest: {near}")
    return read_record(path)


def read_record(path: Path) -> dict[str, Any]:
    """Return the record in a file, once its seal is found whole.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    DataError
        As `record`.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _damaged(path, f"it is no JSON: {error}", "") from None
    if not isinstance(content, dict):
        raise _damaged(path, f"it holds a {type(content).__name__}, no object", "")
    if "experiments" in content and content.get(SEAL) != seal(content):
        again = f"; or make it anew: {content.get('command', 'no command is given')}"
        raise _damaged(path, "it is not as it was written", again)
    return content


def seal(content: Mapping[str, Any]) -> str:
    """Return the digest of a record, its own seal left out.

    Parameters
    ----------
    content : mapping
        Of what JSON can hold.

    Returns
    -------
    str
        64 hexadecimal digits, independent of the order of the keys.

    Examples
    --------
    >>> len(seal({"command": "python", "experiments": {}}))
    64
    """
    rest = {key: value for key, value in content.items() if key != SEAL}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _damaged(path: Path, flaw: str, again: str) -> DataError:
    """Return the error for a record that cannot be trusted."""
    name = f"book/results/{path.name}"
    back = f"'git checkout -- {name}' brings back the committed one"
    return DataError(f"record: {name} is damaged: {flaw}; {back}{again}")
