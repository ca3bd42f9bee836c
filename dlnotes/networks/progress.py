"""One line that tells how far a training is, on a terminal and nowhere else."""

import sys
from time import perf_counter


class Progress:
    """A line that is written over and over, ten times a second at most.

    Where the standard output is no terminal (a file, a notebook, a pipe), nothing is written.
    """

    def __init__(self, wanted: bool) -> None:
        self._writes = wanted and sys.stdout.isatty()
        self._width, self._next = 0, 0.0

    def __enter__(self) -> "Progress":
        """Begin; nothing is written yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the line, if one was begun."""
        if self._width:
            sys.stdout.write("\n")
            sys.stdout.flush()

    def show(self, text: str, *, now: bool = False) -> None:
        """Write the text over the last one."""
        if not self._writes or (perf_counter() < self._next and not now):
            return
        sys.stdout.write(f"\r{text:<{self._width}}")  # spaces cover what was longer
        sys.stdout.flush()
        self._width, self._next = len(text), perf_counter() + 0.1
