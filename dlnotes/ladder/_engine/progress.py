"""How far a training is: a line in a log after each epoch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime

from dlnotes.ladder._engine.outcome import Progress

Report = Callable[[Progress], None]
Shown = Callable[[str], AbstractContextManager[Report]]
"""Takes words for a training, and gives what to call with its progress."""


@contextmanager
def logged(words: str) -> Iterator[Report]:
    """Write a line to the error output after each epoch of a training.

    Parameters
    ----------
    words : str
        What is trained.

    Examples
    --------
    >>> with logged("rung 4") as report:
    ...     report(Progress(50, 100, 0, 12, 25.0, 0.0))
    """
    told = 0

    def report(progress: Progress) -> None:
        nonlocal told
        if progress.epoch > told:
            told = progress.epoch
            line = f"{datetime.now(UTC):%H:%M:%S} {words}: {describe(progress)}"
            print(line, file=sys.stderr, flush=True)

    yield report


def describe(progress: Progress) -> str:
    """Return in words how far a training is.

    Examples
    --------
    >>> describe(Progress(50, 100, 6, 12, 25.0, 0.9912))
    'epoch 6 of 12, best validation 99.12%, 0:02 left'
    """
    best = f"best validation {progress.validation:.2%}, " if progress.validation else ""
    left = f"{_clock(progress.seconds_left)} left"
    return f"epoch {progress.epoch} of {progress.epochs}, {best}{left}"


def _clock(seconds: float) -> str:
    """Return a time as minutes and seconds, or as hours, minutes and seconds."""
    if seconds == float("inf"):
        return "?"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
