"""The command `dlnotes`: one module a group of commands.

A module of this package has a function ``add_to(app)``, which adds its commands; `make_app` names
them. What is heavy is imported inside the commands, so that help and lists come at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from dlnotes._extras import require

if TYPE_CHECKING:
    import typer


def make_app() -> typer.Typer:
    """Return the command with all its groups.

    Raises
    ------
    ImportError
        If typer is not installed.

    Examples
    --------
    >>> len(make_app().registered_groups)
    1
    """
    require("typer", extra="cli", feature="the command dlnotes")
    import typer

    from dlnotes.cli import ladder, shape, summary

    app = typer.Typer(
        name="dlnotes",
        help="Commands of the book's package: dlnotes COMMAND --help tells more.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing)
    for module in (summary, shape, ladder):
        module.add_to(app)
    return app


def _nothing() -> None:
    """Commands of the book's package: dlnotes COMMAND --help tells more."""


def main() -> None:
    """Run the command; this is what the program `dlnotes` calls."""
    try:
        app = make_app()
    except ImportError as error:
        print(f"dlnotes: {error}", file=sys.stderr)
        sys.exit(2)
    app(prog_name="dlnotes")
