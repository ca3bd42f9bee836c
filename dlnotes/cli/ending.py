"""How a command ends: messages go to the error output, and the exit code says what happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

FAILED = 1
"""Exit code: it did not work."""
MISUSED = 2
"""Exit code: it was asked for wrongly."""
STOPPED = 130
"""Exit code: it was stopped with Ctrl-C."""


def end(message: str, code: int) -> typer.Exit:
    """Say why the command ends, and return what to raise.

    Examples
    --------
    >>> end("", FAILED).exit_code
    1
    """
    if message:
        typer.echo(f"dlnotes: {message}", err=True)
    return typer.Exit(code)


@contextmanager
def explained(stopped: str = "stopped") -> Iterator[None]:
    """Turn errors that have a message for the reader into that message and an exit code.

    Parameters
    ----------
    stopped : str
        What to say after Ctrl-C.

    Raises
    ------
    typer.Exit
        In place of the error. Errors of the program itself pass.

    Examples
    --------
    >>> try:
    ...     with explained():
    ...         raise OSError("the disk is full")
    ... except typer.Exit as exit:
    ...     exit.exit_code
    1
    """
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("", err=True)  # behind the ^C of the terminal
        raise end(stopped, STOPPED) from None
    except BrokenPipeError:
        raise
    except (OSError, ImportError) as error:
        raise end(str(error), FAILED) from None
    except (ValueError, RuntimeError) as error:
        if not type(error).__module__.startswith("dlnotes."):
            raise
        raise end(str(error), FAILED) from None


@contextmanager
def asked_for(option: str) -> Iterator[None]:
    """Turn a value that an option cannot have into the message of a usage error.

    Examples
    --------
    >>> with asked_for("--rungs"):
    ...     pass
    """
    try:
        yield
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
