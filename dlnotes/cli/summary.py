"""`dlnotes summary` and `dlnotes list`: layer tables, and the networks that there are."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from dlnotes.cli.ladder import Format
from dlnotes.cli.refusing import refused, say

if TYPE_CHECKING:
    from dlnotes.counting import LayerTable
    from dlnotes.specs import Network

ConventionOption = Annotated[
    list[str] | None,
    typer.Option(help="What counts (dlnotes list --conventions); repeat it, or all."),
]


def add_to(main: typer.Typer) -> None:
    """Add the commands to `dlnotes`."""
    main.command("summary")(summary)
    main.command("list")(list_networks)


def summary(
    target: Annotated[
        str,
        typer.Argument(help="A name from dlnotes list, file.py:name, module:name."),
    ],
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input", help="Shape of one example: 3x224x224, 9:int64; repeat it for several."
        ),
    ] = None,
    depth: Annotated[int | None, typer.Option(help="Sum up what lies deeper.", min=1)] = None,
    convention: ConventionOption = None,
    output: Annotated[Format, typer.Option("--format", help="Form of the table.")] = Format.table,
    dtype: Annotated[str, typer.Option(help="Of the activations, for their memory.")] = "float32",
) -> None:
    """Show every layer: sizes, parameters, operations, memory, receptive field."""
    with refused():
        from dlnotes import specs
        from dlnotes.cli import sources

        wanted = _conventions(convention)
        inputs = [sources.read_input(text) for text in given or []]
        options = {"convention": wanted, "depth": depth, "dtype": dtype}
        with redirect_stdout(sys.stderr):  # what a stranger's program prints is no part of it
            found = sources.find(target)
            table = sources.table(found, target, inputs, **options)
        if isinstance(found, specs.Network) and table.input == found.input_shape:
            table = _with_published(table, found)
        _print(table, output)


def list_networks(
    totals: Annotated[
        bool, typer.Option("--totals", help="Count them, beside what is published or by hand.")
    ] = False,
    conventions: Annotated[
        bool, typer.Option("--conventions", help="List the ways of counting operations.")
    ] = False,
    output: Annotated[Format, typer.Option("--format", help="Form of the list.")] = Format.table,
) -> None:
    """List the networks that dlnotes describes."""
    with refused():
        from dlnotes import counting, specs
        from dlnotes.cli import lists

        if conventions:
            heads, lines = lists.conventions(counting.CONVENTIONS.values())
        else:
            networks = [specs.get(name) for name in specs.names()]
            heads, lines = lists.totals(networks) if totals else lists.plain(networks)
        say(lists.written(heads, lines, output.value))


def _conventions(names: list[str] | None) -> list[str]:
    """Return the conventions that are asked for."""
    from dlnotes import counting

    if names and "all" in names:
        return list(counting.CONVENTIONS)
    return names or ["mac"]


def _with_published(table: LayerTable, network: Network) -> LayerTable:
    """Add the published figure to the lines below a table."""
    from dlnotes import counting

    found = counting.compare(network)
    return table if found is None else replace(table, notes=(*table.notes, str(found)))


def _print(table: LayerTable, output: Format) -> None:
    """Print a table; a terminal gets rich's, everything else plain text."""
    if output is not Format.table:
        write = {"markdown": table.to_markdown, "csv": table.to_csv, "json": table.to_json}
        say(write[output.value]())
        return
    from rich.console import Console

    console = Console()
    if console.is_terminal:
        console.print(table)
    else:
        say(str(table))
