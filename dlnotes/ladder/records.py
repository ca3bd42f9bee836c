"""The file of records: one line a run, added whole or not at all, never lost or doubled."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dlnotes._extras import require
from dlnotes.ladder.record import Key, Record, RecordsError, from_line, to_line

__all__ = [
    *("Key", "Record", "RecordsError"),
    *("append", "append_all", "keys", "read", "repair", "require_data"),
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

    Raises
    ------
    RecordsError
        If a line is cut or damaged, or two lines are of the same run. The message has the line's
        number and the remedy.

    Examples
    --------
    >>> len(read("no-such-file.jsonl"))
    0
    """
    return _parse(Path(path), _bytes(Path(path)))


def keys(path: str | Path) -> frozenset[Key]:
    """Return (rung, recipe, seed) of every run that stands in a file.

    Examples
    --------
    >>> len(keys("no-such-file.jsonl"))
    0
    """
    return frozenset(record.key for record in read(path))


def append(path: str | Path, record: Record) -> bool:
    """Add ``record`` to a file, unless its run stands there already.

    The file is written anew beside the old one and takes its place in one step, under a lock: a
    process killed at any moment, or a full disk, leaves the earlier lines as they were.

    Parameters
    ----------
    path : str or Path
        The file; it is made if it is not there, as are its folders.
    record : Record
        What to add.

    Returns
    -------
    bool
        True if the record was added; False if (rung, recipe, seed) stood there already.

    Raises
    ------
    RecordsError
        If the file is damaged, holds records of other data, or cannot be written.

    Examples
    --------
    >>> append("ladder.jsonl", "no record")
    Traceback (most recent call last):
    TypeError: append: record must be a Record; got str; make a dlnotes.ladder.records.Record
    """
    return bool(append_all(path, [record]))


def append_all(path: str | Path, together: Iterable[Record]) -> tuple[Record, ...]:
    """Add records in one step, as `append` adds one: after a kill all stand there or none.

    Parameters
    ----------
    path : str or Path
        The file.
    together : iterable of Record
        What to add.

    Returns
    -------
    tuple of Record
        Those that were added; the others stood there already.

    Raises
    ------
    TypeError
        If something is no record.
    RecordsError
        As `append`.

    Examples
    --------
    >>> len(append_all("ladder.jsonl", []))
    0
    """
    path, together = Path(path).resolve(), list(together)
    for record in together:
        if not isinstance(record, Record):
            raise TypeError(
                f"append: record must be a Record; got {type(record).__name__}; "
                "make a dlnotes.ladder.records.Record"
            )
    if not together:
        return ()
    with _locked(path):
        before = _bytes(path)
        present = list(_parse(path, before))
        added = []
        for record in together:
            if record.key not in {other.key for other in present}:
                _require_data(path, present, record.data, record.data_sha256)
                present.append(record)
                added.append(record)
        if added:
            _replace(path, before + b"".join(map(to_line, added)))
    return tuple(added)


def repair(path: str | Path) -> Path | None:
    """Move lines that cannot be read out of a file, into a file beside it.

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
        whole, broken = _parted(before)
        aside = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}.broken")
        if broken:
            _replace(aside, broken)
        if whole != before:
            _replace(path, whole)
    return aside if broken else None


def _parted(text: bytes) -> tuple[bytes, bytes]:
    """Return the lines that are records of runs not seen before, and all others."""
    whole, broken, seen = b"", b"", set[Key]()
    for line in text.splitlines(keepends=True):
        try:
            key = from_line(line).key
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


def _parse(path: Path, text: bytes) -> tuple[Record, ...]:
    """Return the records of ``text``, or say which line is broken."""
    found: dict[Key, tuple[int, Record]] = {}
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        try:
            record = from_line(line)
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
        found[record.key] = number, record
    return tuple(record for _, record in found.values())


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
        if path.exists() and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        with new.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, new)
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
