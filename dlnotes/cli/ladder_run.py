"""What `dlnotes ladder run` does; here, because it needs PyTorch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from dlnotes.ladder import records, running
from dlnotes.ladder._engine.progress import Report, describe
from dlnotes.ladder.record import Record
from dlnotes.ladder.table import duration


@dataclass(frozen=True)
class Wanted:
    """What is to be trained: rungs, a recipe, seeds from 0, how, and on what."""

    rungs: tuple[str, ...]
    recipe: str
    seeds: int
    together: int
    device: str
    data: str

    @property
    def command(self) -> str:
        """The command that asks for it, for the records: without files and addresses."""
        words = f"dlnotes ladder run --rungs {','.join(self.rungs)} --recipe {self.recipe}"
        words += f" --seeds {self.seeds} --together {self.together} --device {self.device}"
        return words if self.data == "mnist" else f"{words} --data {self.data}"


def require_device(device: str, *, local: bool) -> None:
    """Refuse a device that is none, or that this machine has not.

    Raises
    ------
    ValueError
        With the devices that there are.
    """
    import torch

    try:
        kind, index = torch.device(device).type, torch.device(device).index or 0
    except RuntimeError:
        kind, index = "unknown", 0
    there = {
        "cpu": 1,
        "cuda": torch.cuda.device_count() if torch.cuda.is_available() else 0,
        "mps": int(torch.backends.mps.is_available()),
    }
    if kind not in there or (local and index >= there[kind]):
        names = [(name, f"{name}:{i}") for name, count in there.items() for i in range(count)]
        here = ", ".join(full if there[name] > 1 else name for name, full in names)
        raise ValueError(f"there is no such device here; got {device!r}; here are: {here}")


def run(
    wanted: Wanted, path: Path, *, jobs: int, scheduler: str | None, states: Path | None
) -> int:
    """Train what is not recorded, say what comes in, and return how many runs are left over."""
    done = records.done(path)
    plan = running.plan(
        wanted.rungs,
        wanted.recipe,
        range(wanted.seeds),
        done,
        together=wanted.together,
        data=wanted.data,
        device=wanted.device,
        command=wanted.command,
    )
    to_do = {job.key(seed) for job in plan for seed in job.seeds}
    asked = {(rung, wanted.recipe, seed) for rung in wanted.rungs for seed in range(wanted.seeds)}
    total = len(asked | to_do)
    typer.echo(f"{path}: {total - len(to_do)} of {total} runs are recorded, {len(to_do)} to do")
    failures = running.do_all(
        plan,
        path,
        processes=jobs,
        scheduler=scheduler,
        states=states,
        shown=_bar if sys.stderr.isatty() else None,
        told=_tell,
    )
    for failure in failures:
        typer.echo(f"dlnotes: {failure.task}: {failure.reason}", err=True)
    left = sum(len(failure.task.seeds) for failure in failures)
    if left:
        words = f"dlnotes: {left} of {len(to_do)} runs are not done; all others stand"
        typer.echo(words, err=True)
    return left


@contextmanager
def _bar(words: str) -> Iterator[Report]:
    """Show the progress of a training on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    texts = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[far]}")
    console = Console(stderr=True)
    with Progress(*texts, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(words, far="")
        yield lambda now: bar.update(task, total=now.steps, completed=now.step, far=describe(now))


def _tell(record: Record) -> None:
    """Say what a run came to."""
    typer.echo(
        f"rung {record.rung}, {record.recipe}, seed {record.seed}: "
        f"validation {record.validation:.2%}, test {record.test:.2%}, "
        f"epoch {record.epoch} of {record.epochs}, {duration(record.seconds)}"
    )
