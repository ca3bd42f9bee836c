"""`dlnotes ladder`: the experiments of the notes, listed, run, shown and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from dlnotes.cli.ending import FAILED, MISUSED, asked_for, end, explained

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from dlnotes.ladder.table import Row

app = typer.Typer(
    name="ladder",
    help="The MNIST ladder of the notes: train its experiments again and compare.",
    no_args_is_help=True,
)


class Recipe(StrEnum):
    """How a rung is trained."""

    faithful = "faithful"
    modern = "modern"
    digits = "digits"


class Data(StrEnum):
    """What is learned."""

    mnist = "mnist"
    digits = "digits"


class Format(StrEnum):
    """How a table is written."""

    table = "table"
    markdown = "markdown"
    csv = "csv"
    json = "json"


RecordsOption = Annotated[
    Path | None,
    typer.Option("--records", help="File of records.", show_default="the book's", dir_okay=False),
]
StatesOption = Annotated[
    Path | None,
    typer.Option(
        help="Folder of states and kept networks.", show_default="the cache", file_okay=False
    ),
]
DataOption = Annotated[
    Data, typer.Option("--data", help="What is learned; digits need no network.")
]


def add_to(main: typer.Typer) -> None:
    """Add the group to the command `dlnotes`."""
    main.add_typer(app)


@app.command("list")
def list_rungs() -> None:
    """List the rungs: what each adds, its network and the notes' figure."""
    with explained():
        from dlnotes.ladder import rungs
        from dlnotes.ladder.table import published

        lines = [
            (rung.name, rung.title, rung.spec.name, published(rung.name)) for rung in rungs.RUNGS
        ]
        _print_table(("rung", "what it adds", "network", "the notes, %"), lines)


@app.command()
def run(
    rungs: Annotated[str, typer.Option(help="Names and ranges: 1-5, 0a,7, 6 (6a to 6c), all.")],
    recipe: Annotated[
        Recipe | None,
        typer.Option(
            help="The origin's, today's, or that for the digits.",
            show_default="modern; digits with --data digits",
        ),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Runs a rung, seeds 0, 1, …", min=1)] = 5,
    jobs: Annotated[int, typer.Option(help="Processes on this machine.", min=1)] = 1,
    together: Annotated[
        int, typer.Option(help="Seeds that one process trains side by side.", min=1)
    ] = 1,
    device: Annotated[str, typer.Option(help="cpu, cuda, cuda:1, mps.")] = "cpu",
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, tcp://host:8786.")
    ] = None,
    states: StatesOption = None,
    data: DataOption = Data.mnist,
    records: RecordsOption = None,
) -> None:
    """Train what is not recorded yet; what is stopped or killed goes on with the same command."""
    stopped = "stopped; what is recorded stands, and the same command goes on where this one was"
    with explained(stopped):
        from dlnotes.cli import ladder_run
        from dlnotes.ladder.rungs import select

        with asked_for("--rungs"):
            names = select(rungs)
        path = _records_file(records, data)
        how = _recipe(recipe, data)
        wanted = ladder_run.Wanted(names, how, seeds, together, device, data)
        with asked_for("--device"):
            ladder_run.require_device(device, local=scheduler is None)
        left = ladder_run.run(wanted, path, jobs=jobs, scheduler=scheduler, states=states)
        if left:
            raise end("", FAILED)


@app.command()
def show(
    recipe: Annotated[Recipe | None, typer.Option(help="Show this recipe alone.")] = None,
    output: Annotated[Format, typer.Option("--format", help="Form of the table.")] = Format.table,
    data: DataOption = Data.mnist,
    records: RecordsOption = None,
) -> None:
    """Show the notes' figures beside ours, with intervals over seeds and over images."""
    with explained():
        from dlnotes.ladder import table

        rows = _rows(records, data, recipe)
        if output is Format.table:
            _show_tables(rows)
            if data is not Data.mnist:
                typer.echo(f"The notes' figures are of MNIST, these runs of {data}.")
            return
        write = {"markdown": table.to_markdown, "csv": table.to_csv, "json": table.to_json}
        typer.echo(write[output.value](rows))


def _show_tables(rows: Sequence[Row]) -> None:
    """Print a table for each recipe, with the devices of its runs, and what the columns are."""
    from dlnotes.ladder import table

    for recipe in dict.fromkeys(row.recipe for row in rows):
        some = [row for row in rows if row.recipe == recipe]
        devices = "; ".join(dict.fromkeys(row.device for row in some))
        typer.echo(f"{recipe}, {_hours(some):.1f} hours on {devices}")
        _print_table(table.SHORT_HEADS, [table.short_cells(row) for row in some])
    typer.echo(_LEGEND if rows else "no runs are recorded; dlnotes ladder run makes some")


def _hours(rows: Sequence[Row]) -> float:
    """Return how long the trainings took; a committee's networks are those of another rung."""
    from dlnotes.ladder import rungs

    trained = [row for row in rows if not rungs.get(row.rung).voters_of]
    return sum(row.seconds * len(row.seeds) for row in trained) / 3600


_LEGEND = """\
Accuracies in percent; test and validation are means over seeds.
notes: test accuracy at the epoch best on validation, of the best of three runs
by validation; picked: ours in that way, of all our runs;
± seeds: 95 % t interval of the mean, also behind the validation accuracy;
± images: half of the 95 % Wilson interval of the test images;
time: a run's, of the processor or accelerator."""


@app.command()
def plot(
    file: Annotated[Path, typer.Argument(help="SVG file to write.", dir_okay=False)],
    recipe: Annotated[
        Recipe | None,
        typer.Option(
            help="Whose runs are drawn.", show_default="modern; digits with --data digits"
        ),
    ] = None,
    data: DataOption = Data.mnist,
    records: RecordsOption = None,
) -> None:
    """Draw the notes' figures beside ours, with intervals, as SVG."""
    with explained():
        if file.suffix != ".svg":
            raise end(f"plot writes SVG; got {file}; name a file that ends in .svg", MISUSED)
        how = _recipe(recipe, data)
        rows = _rows(records, data, how)
        if not rows:
            raise end(
                f"no runs with the recipe {how} are recorded; dlnotes ladder run makes some",
                FAILED,
            )
        file.write_text(_drawn(rows), encoding="utf-8")
        typer.echo(f"{file}: {len(rows)} rungs")


@app.command("export")
def export_network(
    file: Annotated[Path, typer.Argument(help="File .npz to write.", dir_okay=False)],
    rung: Annotated[str, typer.Option(help="Whose network.")] = "5",
    recipe: Annotated[
        Recipe | None,
        typer.Option(help="How it was trained.", show_default="modern; digits with --data digits"),
    ] = None,
    states: StatesOption = None,
    data: DataOption = Data.mnist,
    records: RecordsOption = None,
) -> None:
    """Write the network that is best on validation, with its logits of the first test images."""
    with explained():
        if file.suffix != ".npz":
            raise end(f"export writes .npz; got {file}; name a file that ends in .npz", MISUSED)
        from dlnotes.data import cache_folder
        from dlnotes.ladder import export

        record = export.best(_records_file(records, data), rung, _recipe(recipe, data))
        export.write(file, record, states or cache_folder("ladder"))
        typer.echo(f"{file}: {record}, validation {record.validation:.2%}, test {record.test:.2%}")


@app.command()
def repair(data: DataOption = Data.mnist, records: RecordsOption = None) -> None:
    """Move damaged lines of the records into a file of their own."""
    with explained():
        from dlnotes.ladder.records import repair as repair_records

        path = _records_file(records, data)
        aside = repair_records(path)
        typer.echo(f"{path}: damaged lines are now in {aside}" if aside else f"{path}: all is well")


def _recipe(given: Recipe | None, data: Data) -> Recipe:
    """Return the recipe that is asked for; each kind of data has its usual one."""
    usual = Recipe.digits if data is Data.digits else Recipe.modern
    return usual if given is None else given


def _records_file(given: Path | None, data: Data) -> Path:
    """Return the file of records; the book's own is for MNIST alone."""
    from dlnotes.ladder.running import BOOK_RECORDS, records_file

    if given is None:
        return records_file(data.value)
    if data is not Data.mnist and given.resolve().is_relative_to(BOOK_RECORDS.parent):
        message = f"the book's records are of MNIST alone; got --data {data}; name another file"
        raise end(message, MISUSED)
    return given


def _rows(given: Path | None, data: Data, recipe: Recipe | None) -> tuple[Row, ...]:
    """Return the rows of the table that is asked for."""
    from dlnotes.ladder.records import outdated, read
    from dlnotes.ladder.table import rows

    found = [one for one in read(_records_file(given, data)) if recipe in (None, one.recipe)]
    for record in found:
        if reason := outdated(record):
            typer.echo(f"dlnotes: {record} does not count: {reason}", err=True)
    return rows(found)


def _drawn(rows: tuple[Row, ...]) -> str:
    """Return the chart as SVG text."""
    from dlnotes import plotting

    plotting.use_book_style()
    points = [
        plotting.LadderPoint(
            f"{row.rung}  {row.title}",
            row.published,
            row.test.value,
            row.test.low,
            row.test.high,
            row.sampling.low,
            row.sampling.high,
        )
        for row in rows
    ]
    return plotting.figure_svg(cast("Figure", plotting.accuracy_ladder(points).figure))


def _print_table(heads: tuple[str, ...], lines: Sequence[tuple[str, ...]]) -> None:
    """Print a table that fits a terminal, where its second column gives way."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for number, head in enumerate(heads):
        table.add_column(head, no_wrap=number != 1)
    for line in lines:
        table.add_row(*line)
    console = Console()
    console.print(table) if console.is_terminal else Console(width=10**4).print(table)
