"""The file of records: one line a run, added whole or not at all, never lost or doubled.

Beside ``ladder.jsonl`` lies a folder ``ladder`` with the answers of each run and with the labels,
so that the accuracies of a line can be counted again, and runs compared image by image.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dlnotes._extras import require
from dlnotes.ladder import rungs
from dlnotes.ladder.answers import Answers, right, sha256
from dlnotes.ladder.record import Key, Record, RecordsError, from_line, to_line

__all__ = [
    *("Answers", "Key", "Record", "RecordsError"),
    *(
        "answers",
        "append",
        "done",
        "is_current",
        "labels",
        "outdated",
        "read",
        "repair",
        "require_data",
    ),
]

_REPAIR = "dlnotes ladder repair"


def read(path: str | Path) -> tuple[Record, ...]:
    """Return the records of a file, in the order in which they were added.

    Parameters
    ----------
    path : str or Path
        File with one JSON object a line; a file that is not there has no records.

    Returns
    -------
    tuple of Record
        Those of changed recipes among them; see `is_current`.

    Raises
    ------
    RecordsError
        If a line is cut or damaged or of another version, if two lines are of the same run, or if
        the answers of a run are not there or give other accuracies. The message has the line's
        number and the remedy.

    Examples
    --------
    >>> len(read("no-such-file.jsonl"))
    0
    """
    path = Path(path).resolve()  # answers lie beside the file, not beside a link to it
    return tuple(record for record, _ in _lines(path, _bytes(path)))


def outdated(record: Record) -> str:
    """Return why a run counts no more, or nothing if it would be trained in the same way today."""
    try:
        now = rungs.digest(rungs.get(record.rung), record.recipe)
    except ValueError as error:  # a rung or a recipe that is no more
        return str(error)
    changed = "its recipe has changed since; dlnotes ladder run trains it again"
    return "" if record.digest == now else changed


def is_current(record: Record) -> bool:
    """Say whether a run counts; if not, `outdated` says why."""
    return not outdated(record)


def done(path: str | Path) -> frozenset[Key]:
    """Return (rung, recipe, seed) of every run of a file that need not be trained again.

    Examples
    --------
    >>> len(done("no-such-file.jsonl"))
    0
    """
    return frozenset(record.key for record in read(path) if is_current(record))


def answers(path: str | Path, record: Record) -> Answers:
    """Return what a run answers on the validation and the test images.

    Parameters
    ----------
    path : str or Path
        The file of records.
    record : Record
        One of its records.

    Returns
    -------
    Answers

    Raises
    ------
    RecordsError
        If they are not there, or are damaged.
    """
    file = _answers_file(Path(path).resolve(), record)
    content = _bytes(file)
    if sha256(content) != record.answers:
        what = "is missing" if not content else "is not the one that was recorded"
        raise RecordsError(f"the file of its answers {file} {what}")
    return Answers.unpack(content)


def labels(path: str | Path) -> Answers:
    """Return what is right on the images that the runs of a file answered.

    Parameters
    ----------
    path : str or Path
        The file of records.

    Returns
    -------
    Answers

    Raises
    ------
    RecordsError
        If they are not there, or are damaged.
    """
    file = _folder(Path(path).resolve()) / "labels.npz"
    try:
        return Answers.unpack(_bytes(file))
    except ValueError as error:
        raise RecordsError(f"the file of labels {file} is missing or damaged ({error})") from None


def _folder(path: Path) -> Path:
    """Return where the answers of a file's runs lie."""
    return path.with_suffix("") if path.suffix else path.with_name(f"{path.name}-answers")


def _answers_file(path: Path, record: Record) -> Path:
    """Return the file of a run's answers; its name has a part of its digest."""
    name = f"{record.rung}-{record.recipe}-{record.seed}-{record.answers[:8]}.npz"
    return _folder(path) / name


def append(
    path: str | Path, together: Iterable[tuple[Record, Answers]], known: Answers
) -> tuple[Record, ...]:
    """Add records and their answers in one step, unless their runs stand there already.

    A run with another digest is replaced: its recipe was changed since. The file is written anew
    beside the old one and takes its place in one step, under a lock: a process killed at any
    moment, or a full disk, leaves the earlier lines as they were.

    Parameters
    ----------
    path : str or Path
        The file; it is made if it is not there, as are its folders.
    together : iterable of (Record, Answers)
        What to add.
    known : Answers
        The labels.

    Returns
    -------
    tuple of Record
        Those that were added; the others stood there already.

    Raises
    ------
    RecordsError
        If the file is damaged, holds records of other data, or cannot be written; or if the
        answers are not those of the record.

    Examples
    --------
    >>> import numpy as np
    >>> nothing = np.zeros(0, np.uint8)
    >>> append("ladder.jsonl", [], Answers(nothing, nothing))
    ()
    """
    path, together = Path(path).resolve(), list(together)
    if not together:
        return ()
    with _locked(path):
        before = _bytes(path)
        lines = {record.key: (record, line) for record, line in _lines(path, before)}
        added, gone = [], []
        if lines:  # one file of records, one set of labels
            known = labels(path)
        for record, given in together:
            earlier, _ = lines.get(record.key, (None, b""))
            if earlier is not None and earlier.digest == record.digest:
                continue
            others = [other for other, _ in lines.values()]
            _require_data(path, others, record.data, record.data_sha256)
            _require_figures(record, given, known)
            if earlier is not None:
                gone.append(_answers_file(path, lines.pop(record.key)[0]))
            _replace(_answers_file(path, record), given.pack())
            lines[record.key] = record, to_line(record)
            added.append(record)
        if added:
            _replace(_folder(path) / "labels.npz", known.pack())
            _replace(path, b"".join(line for _, line in lines.values()))
        for file in {*gone} - {_answers_file(path, record) for record in added}:
            file.unlink(missing_ok=True)
    return tuple(added)


def _require_figures(record: Record, given: Answers, known: Answers) -> None:
    """Refuse accuracies that are not those of the answers."""
    for name in ("validation", "test"):
        found, wanted = getattr(given, name), getattr(known, name)
        images = getattr(record, f"{name}_images")
        if not len(found) == len(wanted) == images:
            raise RecordsError(
                f"its {name}_images is {images}, and there are answers to {len(found)} and labels "
                f"of {len(wanted)}"
            )
        share = right(found, wanted)
        if share != getattr(record, name):
            raise RecordsError(
                f"its {name} is {getattr(record, name)}, and the share of its right answers is "
                f"{share}"
            )


def repair(path: str | Path) -> Path | None:
    """Move lines that cannot be read or counted again out of a file, into a file beside it.

    Parameters
    ----------
    path : str or Path
        The file of records.

    Returns
    -------
    Path or None
        Where the damaged lines are now, byte by byte; None if all lines are whole. Lines that
        are whole keep their bytes and their order; a last newline that is missing is added.

    Raises
    ------
    RecordsError
        If the file cannot be written.

    Examples
    --------
    >>> repair("no-such-file.jsonl") is None
    True
    """
    path = Path(path).resolve()
    if not path.exists():
        return None
    with _locked(path):
        before = _bytes(path)
        whole, broken = _parted(path, before)
        aside = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}.broken")
        if broken:
            _replace(aside, broken)
        if whole != before:
            _replace(path, whole)
    return aside if broken else None


def _parted(path: Path, text: bytes) -> tuple[bytes, bytes]:
    """Return the lines that are records of runs not seen before, and all others."""
    whole, broken, seen = b"", b"", set[Key]()
    for line in text.splitlines(keepends=True):
        try:
            key = _checked(path, line).key
        except RecordsError:
            broken += line
            continue
        if key in seen:
            broken += line
        else:
            seen.add(key)
            whole += line if line.endswith(b"\n") else line + b"\n"
    return whole, broken


def _bytes(path: Path) -> bytes:
    """Return what stands in ``path``; nothing if it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise RecordsError(_failed("read", path, error)) from error


def _lines(path: Path, text: bytes) -> list[tuple[Record, bytes]]:
    """Return the records of ``text`` with their lines, or say which line is broken."""
    found: dict[Key, tuple[int, Record, bytes]] = {}
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        try:
            record = _checked(path, line)
            if not line.endswith(b"\n"):
                raise RecordsError("no newline ends it")
        except RecordsError as error:
            raise RecordsError(
                f"read: line {number} of {path} is no record: {error}; got {line[-60:]!r} at its "
                f"end; nothing was changed; `{_REPAIR}` moves such lines into a file of their own"
            ) from None
        if record.key in found:
            raise RecordsError(
                f"read: lines {found[record.key][0]} and {number} of {path} are of one run; "
                f"got {record.key} twice; nothing was changed; `{_REPAIR}` moves the second away"
            )
        found[record.key] = number, record, line
    return [(record, line) for _, record, line in found.values()]


def _checked(path: Path, line: bytes) -> Record:
    """Return the record of a line, after its accuracies were counted again."""
    record = from_line(line)
    try:
        _require_figures(record, answers(path, record), labels(path))
    except ValueError as error:
        raise RecordsError(f"{record}: {error}") from None
    return record


def require_data(path: str | Path, data: str, sha256: str) -> None:
    """Refuse a file that holds records of other data, before runs are made that cannot enter it.

    Parameters
    ----------
    path : str or Path
        The file.
    data, sha256 : str
        Name and digest of the data, as `Record` has them.

    Raises
    ------
    RecordsError
        If the file is damaged, or holds records of other data.

    Examples
    --------
    >>> require_data("no-such-file.jsonl", "digits", "ab" * 32)
    """
    _require_data(Path(path), read(path), data, sha256)


def _require_data(path: Path, present: Iterable[Record], data: str, sha256: str) -> None:
    """Refuse other data than those of the records."""
    for other in present:
        if (other.data, other.data_sha256) != (data, sha256):
            raise RecordsError(
                f"append: {path} holds runs on {other.data} ({other.data_sha256[:12]}…), and runs "
                f"on other data do not belong there; got {data} ({sha256[:12]}…); name another "
                "file with --records"
            )


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time change ``path``."""
    filelock = require("filelock", extra="ladder", feature="dlnotes.ladder.records")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(f"{path}.lock", timeout=60)
        lock.acquire()
    except OSError as error:  # a lock held too long is a TimeoutError, and so an OSError
        raise RecordsError(_failed("lock", path, error)) from error
    try:
        yield
    finally:
        lock.release()


def _replace(path: Path, text: bytes) -> None:
    """Put ``text`` in the place of ``path`` in one step; on failure ``path`` is as it was."""
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise RecordsError(_failed("write", path, error)) from error


def _failed(doing: str, path: Path, error: OSError) -> str:
    """Return the message of an operation that the system refused."""
    return (
        f"records: cannot {doing} {path}, and its lines are as they were; got {error}; "
        "free space or name another file with --records"
    )
