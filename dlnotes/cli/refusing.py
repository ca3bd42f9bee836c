"""One line for the reader whatever was asked for wrongly, and the shapes of options."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from dlnotes.cli.ending import MISUSED, end

PLAIN = str.maketrans({"×": "x", "→": "->", "−": "-", "·": "*", "⌊": "floor(", "⌋": ")"})


@contextmanager
def refused() -> Iterator[None]:
    """Turn a refusal into one line on the error output and exit code 2.

    Raises
    ------
    typer.Exit
        In place of ValueError, TypeError, ImportError and OSError.

    Examples
    --------
    >>> with refused():
    ...     pass
    """
    try:
        yield
    except (ValueError, TypeError, ImportError, OSError) as error:
        raise end(one_line(error), MISUSED) from None


def one_line(error: BaseException) -> str:
    """Return what an error says, in one line.

    Examples
    --------
    >>> one_line(ValueError("two", "lines"))
    "('two', 'lines')"
    """
    return " ".join(str(error).split()) or type(error).__name__


def say(text: str) -> None:
    """Print text; an output that lacks our signs gets plainer ones.

    Examples
    --------
    >>> say("done")
    done
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(PLAIN).encode(encoding, "replace").decode(encoding)
    typer.echo(text)


def sizes(text: str, option: str) -> tuple[int, ...]:
    """Read sizes such as 224, 3x224x224 or 3,224,224.

    Parameters
    ----------
    text : str
        Whole numbers with x, × or commas between.
    option : str
        What messages call it.

    Returns
    -------
    tuple of int

    Raises
    ------
    ValueError
        If it is something else.

    Examples
    --------
    >>> sizes("3x224x224", "--input")
    (3, 224, 224)
    """
    plain = text.strip().lower().strip("()")
    if not re.fullmatch(r"\d+([x×,]\s*\d+)*", plain):
        raise ValueError(
            f"{option} needs whole numbers with x between them; got {text!r}; write 224 or "
            "3x224x224"
        )
    return tuple(map(int, re.findall(r"\d+", plain)))
