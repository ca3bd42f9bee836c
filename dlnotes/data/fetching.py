"""Published files: looked up in a folder of the reader, in the cache, and on mirrors."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dlnotes._extras import require
from dlnotes.data.idx import DataError

OWN_FOLDER = "DLNOTES_DATA"
"""The environment variable that names a folder with the files."""


@dataclass(frozen=True)
class PublishedFile:
    """A file that is known by its size and two checksums."""

    name: str
    size: int
    md5: str
    sha256: str


def cache_folder(*parts: str) -> Path:
    """Return the user's cache folder of dlnotes, or a folder in it; it need not be there yet.

    ``DLNOTES_CACHE`` names another one.

    Parameters
    ----------
    *parts : str
        Folders below it.

    Returns
    -------
    Path

    Examples
    --------
    >>> cache_folder("ladder").name
    'ladder'
    """
    own = os.environ.get("DLNOTES_CACHE")
    if own:
        return Path(own).joinpath(*parts)
    pooch = require("pooch", extra="data", feature="dlnotes.data.cache_folder")
    return Path(pooch.os_cache("dlnotes")).joinpath(*parts)


def fetch(file: PublishedFile, mirrors: tuple[str, ...], *, folder: str) -> bytes:
    """Return the content of a published file, after both of its checksums agree.

    It is read from the folder that ``DLNOTES_DATA`` names, else from the cache, else it comes from
    the first mirror that gives it whole. A download that broke off goes on where it stopped, and
    processes that want the same file wait for the one that fetches it.

    Parameters
    ----------
    file : PublishedFile
        What is wanted.
    mirrors : tuple of str
        Addresses before the file's name, tried in turn.
    folder : str
        Folder of the cache that keeps it.

    Returns
    -------
    bytes

    Raises
    ------
    DataError
        If the file of ``DLNOTES_DATA`` is missing or not the published one, if no mirror gives
        it, or if the cache cannot be read or written.
    """
    own = os.environ.get(OWN_FOLDER)
    if own:
        return _read_own(file, Path(own))
    place = cache_folder(folder) / file.name
    try:
        content = _read(place)
        if content is not None and not _flaw(file, content):
            return content
        with _locked(place):
            return _download(file, mirrors, place)
    except OSError as error:
        raise DataError(
            f"fetch: cannot write {place}; got {error}; free space there, or name a folder that "
            f"has the files with {OWN_FOLDER}, or another cache with DLNOTES_CACHE"
        ) from error


def _read_own(file: PublishedFile, folder: Path) -> bytes:
    """Return a file of the reader's own folder, which must be the published one."""
    content, flaw = None, "it is not there"
    try:
        content = _read(folder / file.name)
    except OSError as error:  # a folder that is a file, or one that nobody may read
        flaw = f"it cannot be read ({error.strerror})"
    if content is not None:
        flaw = _flaw(file, content)
    if content is None or flaw:
        raise DataError(
            f"fetch: {file.name} in the folder of {OWN_FOLDER} is not the published file: {flaw}; "
            f"got {OWN_FOLDER}={folder}; put the file there, or unset {OWN_FOLDER} to download it"
        )
    return content


def _read(path: Path) -> bytes | None:
    """Return what stands in ``path``, or None if it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _flaw(file: PublishedFile, content: bytes) -> str:
    """Say in what ``content`` differs from the published file; nothing if in nothing."""
    if len(content) != file.size:
        return f"its size must be {file.size} bytes and is {len(content)}"
    for name, wanted in (("md5", file.md5), ("sha256", file.sha256)):
        found = hashlib.new(name, content, usedforsecurity=False).hexdigest()
        if found != wanted:
            return f"its {name} must be {wanted} and is {found}"
    return ""


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Let one process at a time fetch ``place``."""
    filelock = require("filelock", extra="data", feature="dlnotes.data.fetch")
    place.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{place}.lock"):
        yield


def _download(file: PublishedFile, mirrors: tuple[str, ...], place: Path) -> bytes:
    """Return the file from the first mirror that has it, and keep it in the cache."""
    content = _read(place)  # another process may have fetched it meanwhile
    if content is not None and not _flaw(file, content):
        return content
    part, failures = place.with_name(f"{file.name}.part"), []
    for mirror in mirrors:
        failure, content = _attempt(file, mirror, part)
        if not failure:
            part.replace(place)
            return content
        failures.append(f"{mirror}: {failure}")
    raise DataError(
        f"fetch: no mirror gave {file.name}: {'; '.join(failures)}; got {len(mirrors)} mirrors; "
        f"go online, or name a folder that has the file with {OWN_FOLDER}, or use the digits that "
        'need no network: load("digits")'
    )


def _attempt(file: PublishedFile, mirror: str, part: Path) -> tuple[str, bytes]:
    """Fetch from one mirror into ``part``; return what went wrong, if anything, and the content.

    What broke off is kept, and the next attempt goes on behind it. A whole answer that is wrong
    is dropped; if it was the end of what another mirror began, this one gives everything again.
    """
    begun = part.exists() and part.stat().st_size > 0
    for _ in range(1 + begun):
        failure = _transfer(mirror + file.name, part, file.size)
        content = part.read_bytes()
        flaw = _flaw(file, content)
        if not flaw:
            return "", content
        if failure and len(content) < file.size:
            return failure, b""
        part.unlink()
    return failure or flaw, b""


def _transfer(address: str, part: Path, size: int) -> str:
    """Append what is missing of a file to ``part``; say what went wrong, if anything did."""
    pooch = require("pooch", extra="data", feature="dlnotes.data.fetch")
    from requests import RequestException  # pooch brings it

    with part.open("ab") as file:
        start = file.tell()
        # a range counts bytes as they travel: nothing may be packed on the way
        headers = {"Accept-Encoding": "identity"}
        headers |= {"Range": f"bytes={start}-"} if start else {}
        bar = _Bar(part.stem, start, size) if sys.stderr.isatty() else False
        load = pooch.HTTPDownloader(headers=headers, progressbar=bar, timeout=20)
        try:
            load(address, _Limited(file, size), None)
        except RequestException as error:
            return f"{type(error).__name__}: {_cause(error)}"
        except _TooMuchError:
            return f"more than {size} bytes came"
    return ""


def _cause(error: BaseException) -> str:
    """Return what the system said, without the objects that stood between it and us."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    said = str(error if reason is None else reason)
    return said.partition("): ")[2] or said


class _TooMuchError(Exception):
    """An answer that is longer than the file."""


class _Limited:
    """A file that takes no more than the published bytes, whatever a mirror sends."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size

    def write(self, chunk: bytes) -> int:
        written = self.file.write(chunk)
        if self.file.tell() > self.size:
            raise _TooMuchError
        return written

    def flush(self) -> None:
        self.file.flush()


class _Bar:
    """A line that says how much has come; pooch sets ``total`` and calls the rest."""

    def __init__(self, name: str, start: int, size: int) -> None:
        self.name, self.start, self.size, self.total, self.done = name, start, size, 0, 0

    def update(self, count: int) -> None:
        self.done = min(self.done + count, self.size - self.start)
        share = (self.start + self.done) / self.size
        blocks = "█" * int(30 * share)
        print(f"\r{self.name} {blocks:░<30} {share:4.0%}", end="", file=sys.stderr, flush=True)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        print(file=sys.stderr)
