"""A line that says how far a training is and how long it still takes; on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TextIO

from dlnotes.ladder.outcome import Progress

_EVERY = 0.2
CLEAR = "\r\x1b[K"
"""Takes a terminal to the beginning of a line and empties it."""


class Line:
    """Shows the progress of a training in one line, which is written over.

    Parameters
    ----------
    words : str
        What is trained.
    stream : file
        Where it is shown; nothing is written if it is no terminal.

    Examples
    --------
    >>> import io
    >>> out = io.StringIO()
    >>> Line("rung 4", out)(Progress(50, 100, 0, 12, 25.0, 0.0))
    >>> len(out.getvalue())
    0
    """

    def __init__(self, words: str, stream: TextIO) -> None:
        self.words, self.stream, self.shown = words, stream, 0.0
        self.terminal = stream.isatty()

    def __call__(self, progress: Progress) -> None:
        """Show how far it is, a few times a second."""
        if self.terminal and monotonic() - self.shown >= _EVERY:
            self.shown = monotonic()
            self.stream.write(CLEAR + describe(self.words, progress))
            self.stream.flush()

    def clear(self) -> None:
        """Leave the line empty."""
        if self.terminal:
            self.stream.write(CLEAR)
            self.stream.flush()


@contextmanager
def shown(words: str, stream: TextIO | None = None) -> Iterator[Line]:
    """Return a `Line` for the time of a training, on the error output by default.

    Examples
    --------
    >>> with shown("rung 4") as line:
    ...     line.words
    'rung 4'
    """
    line = Line(words, sys.stderr if stream is None else stream)
    try:
        yield line
    finally:
        line.clear()


def describe(words: str, progress: Progress) -> str:
    """Return the text of the line.

    Examples
    --------
    >>> describe("rung 4", Progress(50, 100, 5, 12, 25.0, 0.9912))
    'rung 4   50%  epoch 6/12  best validation 99.12%  0:02 left'
    """
    epoch = min(progress.epoch + 1, progress.epochs)
    best = f"best validation {progress.validation:.2%}  " if progress.validation else ""
    share = 100 * progress.step // progress.steps
    left = f"{_clock(progress.seconds_left)} left"
    return f"{words}  {share:3}%  epoch {epoch}/{progress.epochs}  {best}{left}"


def _clock(seconds: float) -> str:
    """Return a time as minutes and seconds, or as hours, minutes and seconds."""
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
