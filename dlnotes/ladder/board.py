"""How far trainings in several processes are, in one line on a terminal."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TextIO

from dlnotes.ladder.outcome import Progress
from dlnotes.ladder.progress import CLEAR, describe

_EVERY = 0.5


class Note:
    """Leaves how far a training is in a folder, where another process reads it.

    Parameters
    ----------
    words : str
        What is trained.
    folder : Path
        One file for each process lies there.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     Note("rung 4", Path(folder))(Progress(50, 100, 5, 12, 25.0, 0.9912))
    ...     len(read(Path(folder)))
    1
    """

    def __init__(self, words: str, folder: Path) -> None:
        self.words, self.left = words, -_EVERY
        self.path = folder / f"{os.getpid()}.json"

    def __call__(self, progress: Progress) -> None:
        """Leave a note, a few times in a second at most."""
        if monotonic() - self.left < _EVERY:
            return
        self.left = monotonic()
        with suppress(OSError):  # a training does not end for its notes
            new = self.path.with_suffix(".new")
            new.write_text(json.dumps([self.words, asdict(progress)]), encoding="utf-8")
            new.replace(self.path)


def read(folder: Path) -> list[str]:
    """Return what the notes of a folder say, one text for each process.

    Examples
    --------
    >>> len(read(Path("no-such-folder")))
    0
    """
    said = []
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValueError, TypeError):
            words, progress = json.loads(path.read_text(encoding="utf-8"))
            said.append(describe(words, Progress(**progress)))
    return said


class Board:
    """One line on a terminal with all notes of a folder, painted again and again.

    Parameters
    ----------
    folder : Path, optional
        Where the notes are; without one nothing is painted.
    stream : file
        The terminal.

    Examples
    --------
    >>> import io
    >>> out = io.StringIO()
    >>> with Board(None, out).cleared():
    ...     len(out.getvalue())
    0
    """

    def __init__(self, folder: Path | None, stream: TextIO) -> None:
        self.folder, self.stream = folder, stream
        self.ended, self.turn = threading.Event(), threading.Lock()

    def paint(self, folder: Path) -> None:
        """Write the line until the end."""
        while not self.ended.wait(_EVERY):
            text = "  |  ".join(read(folder))
            with self.turn:
                self._write(CLEAR + text[: shutil.get_terminal_size().columns - 1])

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """Leave the line empty for what is printed meanwhile."""
        with self.turn:
            if self.folder is not None:
                self._write(CLEAR)
            yield

    def _write(self, text: str) -> None:
        self.stream.write(text)
        self.stream.flush()


@contextmanager
def painted(stream: TextIO, *, active: bool = True) -> Iterator[Board]:
    """Paint a board for the time of several trainings, if there is a terminal.

    Parameters
    ----------
    stream : file
        The terminal, if it is one.
    active : bool
        Whether to paint at all.

    Examples
    --------
    >>> import io
    >>> with painted(io.StringIO()) as board:
    ...     board.folder is None
    True
    """
    if not active or not stream.isatty():
        yield Board(None, stream)
        return
    with tempfile.TemporaryDirectory(prefix="dlnotes-") as name:
        board = Board(Path(name), stream)
        thread = threading.Thread(target=board.paint, args=(Path(name),), daemon=True)
        thread.start()
        try:
            yield board
        finally:
            board.ended.set()
            thread.join()
            with board.cleared():
                pass
