"""The ladder as a table: the notes' figure of each rung beside ours, with its uncertainty.

The notes' figure is the test accuracy at the epoch that is best on validation, of the best of
three runs by validation, as their source says in a footnote. Ours is a mean over seeds with its
interval; beside it stands our figure picked in the notes' way, `Row.picked`. The figures of note
002 (rungs 0a and 0b) have no decimals.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dlnotes.ladder import rungs
from dlnotes.ladder.records import Record, is_current
from dlnotes.ladder.statistics import Interval, mean_interval, sampling_interval

HEADS = (
    "rung",
    "network",
    "recipe",
    "notes",
    "picked",
    "test",
    "± seeds",
    "± images",
    "validation",
    "± seeds",
    "runs",
    "epochs",
    "time",
    "device",
)
"""Heads of the table's columns; accuracies are in percent, intervals have 95 %, time is a run's."""


@dataclass(frozen=True)
class Row:
    """All runs of a rung with one recipe.

    Parameters
    ----------
    rung, title, network, recipe : str
        What was trained, and how.
    published : float
        The notes' test accuracy, between 0 and 1.
    picked : float
        Test accuracy of the run that is best on validation; of equal ones the first.
    test, validation : Interval
        Mean over the seeds and its 95 % t interval; NaN as ends for a single seed.
    sampling : Interval
        95 % Wilson interval of the mean test accuracy, for the number of test images.
    seeds : tuple of int
        Seeds of the runs.
    epochs, parameters, test_images : int
        As in the records.
    seconds : float
        Mean time of a run.
    device : str
        In words; several with a semicolon between them.
    """

    rung: str
    title: str
    network: str
    recipe: str
    published: float
    picked: float
    test: Interval
    validation: Interval
    sampling: Interval
    seeds: tuple[int, ...]
    epochs: int
    parameters: int
    test_images: int
    seconds: float
    device: str


def rows(records: Iterable[Record]) -> tuple[Row, ...]:
    """Return a row for each rung and recipe that was recorded, in the order of the ladder.

    Parameters
    ----------
    records : iterable of Record
        Runs on the same data. Those whose recipe has changed since do not count.

    Returns
    -------
    tuple of Row

    Examples
    --------
    >>> len(rows([]))
    0
    """
    groups: dict[tuple[str, str], list[Record]] = {}
    for record in filter(is_current, records):
        groups.setdefault((record.rung, record.recipe), []).append(record)
    order = {name: place for place, name in enumerate(rungs.names())}
    keys = sorted(groups, key=lambda key: (order[key[0]], key[1]))
    return tuple(_row(groups[key]) for key in keys)


def _row(records: Sequence[Record]) -> Row:
    """Return the row of one rung and recipe."""
    first = records[0]
    rung = rungs.get(first.rung)
    test = mean_interval([record.test for record in records])
    return Row(
        rung=rung.name,
        title=rung.title,
        network=rung.spec.name,
        recipe=first.recipe,
        published=rung.published,
        picked=max(records, key=lambda one: (one.validation, -one.seed)).test,
        test=test,
        validation=mean_interval([record.validation for record in records]),
        sampling=sampling_interval(test.value, first.test_images),
        seeds=tuple(sorted(record.seed for record in records)),
        epochs=max(record.epochs for record in records),
        parameters=first.parameters,
        test_images=first.test_images,
        seconds=math.fsum(record.seconds for record in records) / len(records),
        device="; ".join(dict.fromkeys(name for one in records for name in one.devices)),
    )


def cells(row: Row) -> tuple[str, ...]:
    """Return the texts of a row, one for each of `HEADS`.

    Examples
    --------
    >>> one = Interval(0.5, 0.4, 0.6)
    >>> row = Row("1", "dense", "net", "modern", 0.5, 0.6, one, one, one, (0,), 5, 9, 99, 61.0, "a")
    >>> cells(row)[3:8]
    ('97.80', '60.00', '50.00', '10.00', '10.00')
    """
    return (
        row.rung,
        row.title,
        row.recipe,
        published(row.rung),
        _percent(row.picked),
        _percent(row.test.value),
        _percent(row.test.half_width),
        _percent(row.sampling.half_width),
        _percent(row.validation.value),
        _percent(row.validation.half_width),
        str(len(row.seeds)),
        str(row.epochs),
        duration(row.seconds),
        row.device,
    )


SHORT_HEADS = (
    "rung",
    "network",
    "notes",
    "picked",
    "test ±seeds ±images",
    "validation",
    "runs",
    "time",
)
"""Heads of the columns of a table for a terminal, one for each recipe."""


def short_cells(row: Row) -> tuple[str, ...]:
    """Return the texts of a row, one for each of `SHORT_HEADS`.

    Examples
    --------
    >>> one = Interval(0.5, 0.4, 0.6)
    >>> row = Row("1", "dense", "net", "modern", 0.5, 0.6, one, one, one, (0,), 5, 9, 99, 61.0, "a")
    >>> short_cells(row)[4]
    '50.00 ±10.00 ±10.00'
    """
    rung, title, _, notes, picked, test, seeds, images, *others = cells(row)
    validation, spread, runs, _, time, _ = others
    tested, validated = f"{test} ±{seeds} ±{images}", f"{validation} ±{spread}"
    return rung, title, notes, picked, tested, validated, runs, time


def published(rung: str) -> str:
    """Return the notes' figure of a rung in percent, with the decimals that it has there.

    Examples
    --------
    >>> published("0a"), published("8")
    ('97', '99.67')
    """
    one = rungs.get(rung)
    return f"{100 * one.published:.{one.decimals}f}"


def _percent(share: float) -> str:
    """Return a share in percent with two decimals, or a dash for NaN."""
    return "–" if math.isnan(share) else f"{100 * share:.2f}"


def duration(seconds: float) -> str:
    """Return a time in seconds, minutes or hours.

    Examples
    --------
    >>> duration(61)
    '1 min 1 s'
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if hours else f"{minutes} min {rest} s"


def values(row: Row) -> dict[str, object]:
    """Return the numbers of a row by name, unrounded; None where nothing can be said.

    Examples
    --------
    >>> one = Interval(0.5, math.nan, math.nan)
    >>> row = Row("1", "dense", "net", "modern", 0.5, 0.6, one, one, one, (0,), 5, 9, 99, 61.0, "a")
    >>> len(values(row))
    21
    """
    found: dict[str, object] = {"rung": row.rung, "title": row.title, "network": row.network}
    found |= {"recipe": row.recipe, "published": row.published, "picked": row.picked}
    for name in ("test", "validation", "sampling"):
        interval: Interval = getattr(row, name)
        ends = {"low": interval.low, "high": interval.high}
        if name != "sampling":  # whose value is the test accuracy
            ends = {"mean": interval.value, **ends}
        found |= {f"{name}_{end}": None if math.isnan(x) else x for end, x in ends.items()}
    found |= {"seeds": list(row.seeds), "epochs": row.epochs, "parameters": row.parameters}
    found |= {"test_images": row.test_images, "seconds": row.seconds, "device": row.device}
    return found | {"runs": len(row.seeds)}


def to_markdown(table: Sequence[Row]) -> str:
    """Return a table in Markdown.

    Examples
    --------
    >>> to_markdown([]).count("|")
    30
    """
    lines = [HEADS, tuple("---" for _ in HEADS), *(cells(row) for row in table)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def to_json(table: Sequence[Row]) -> str:
    """Return the rows as a JSON list of objects.

    Examples
    --------
    >>> to_json([])
    '[]'
    """
    return json.dumps([values(row) for row in table], ensure_ascii=False, indent=1)


def to_csv(table: Sequence[Row]) -> str:
    """Return the rows as comma-separated values with a head; seeds have spaces between them.

    Examples
    --------
    >>> to_csv([])
    ''
    """
    out = io.StringIO()
    for number, row in enumerate(table):
        found = values(row) | {"seeds": " ".join(map(str, row.seeds))}
        writer = csv.DictWriter(out, list(found), lineterminator="\n")
        if number == 0:
            writer.writeheader()
        writer.writerow(found)
    return out.getvalue().rstrip("\n")
