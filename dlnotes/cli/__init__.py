"""The command `dlnotes`: one module a group of commands.

A module of this package has a function ``add_to(app)``, which adds its commands; it stands in
`MODULES`. What is heavy is imported inside the commands, so that help and lists come at once.
"""

from __future__ import annotations

from dlnotes._extras import require

require("typer", extra="cli", feature="dlnotes.cli")

import typer  # noqa: E402

from dlnotes.cli import ladder, shape, summary  # noqa: E402

MODULES = (summary, shape, ladder)


def make_app() -> typer.Typer:
    """Return the command with all its groups.

    Examples
    --------
    >>> len(make_app().registered_groups)
    1
    """
    app = typer.Typer(
        name="dlnotes",
        help="Commands of the book's package: dlnotes COMMAND --help tells more.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing)
    for module in MODULES:
        module.add_to(app)
    return app


def _nothing() -> None:
    """Commands of the book's package: dlnotes COMMAND --help tells more."""


def main() -> None:
    """Run the command; this is what the program `dlnotes` calls."""
    make_app()(prog_name="dlnotes")
