"""Runs of the ladder, from what is asked for to what is recorded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from dlnotes.data import Digits, cache_folder, load
from dlnotes.ladder import cluster, provenance, records, rungs
from dlnotes.ladder.record import Record

if TYPE_CHECKING:
    from dlnotes.ladder.board import Board

BOOK_RECORDS = Path(__file__).resolve().parents[2] / "book" / "results" / "ladder.jsonl"


@dataclass(frozen=True)
class Job:
    """One training: a rung and a recipe, with one seed or several at once.

    Parameters
    ----------
    rung, recipe : str
        What is trained, and how.
    seeds : tuple of int
        Seeds of networks that are trained side by side.
    data : str
        Name of the data, as `dlnotes.data.load` knows it.
    device : str
        As PyTorch names it.
    command : str
        What was typed, for the record.

    Examples
    --------
    >>> str(Job("4", "modern", (0, 1)))
    'rung 4, modern, seeds 0, 1'
    """

    rung: str
    recipe: str
    seeds: tuple[int, ...]
    data: str = "mnist"
    device: str = "cpu"
    command: str = "dlnotes"

    def key(self, seed: int) -> records.Key:
        """Return what makes the run of a seed itself and no other."""
        return self.rung, self.recipe, seed

    def __str__(self) -> str:
        """Say what is trained."""
        several = "s" if len(self.seeds) > 1 else ""
        return f"rung {self.rung}, {self.recipe}, seed{several} {', '.join(map(str, self.seeds))}"


def records_file(data: str) -> Path:
    """Return where runs are recorded by default.

    Parameters
    ----------
    data : str
        Name of the data.

    Returns
    -------
    Path
        The book's file for MNIST, in a checkout of the book; elsewhere, and for other data, a
        file in the user's cache.

    Examples
    --------
    >>> records_file("digits").name
    'digits.jsonl'
    """
    if data == "mnist" and BOOK_RECORDS.parent.is_dir():
        return BOOK_RECORDS
    return cache_folder("ladder") / f"{data}.jsonl"


def plan(
    names: Iterable[str],
    recipe: str,
    seeds: Sequence[int],
    done: frozenset[records.Key],
    *,
    together: int = 1,
    **more: str,
) -> list[Job]:
    """Return the jobs that are still to do.

    Parameters
    ----------
    names : iterable of str
        Names of rungs.
    recipe : str
        ``"faithful"`` or ``"modern"``.
    seeds : sequence of int
        Seeds of the runs.
    done : frozenset of (rung, recipe, seed)
        Runs that are recorded already.
    together : int
        How many seeds a job trains at once.
    **more : str
        Other fields of the jobs.

    Returns
    -------
    list of Job

    Examples
    --------
    >>> done = frozenset({("1", "modern", 1)})
    >>> [job.seeds for job in plan(["1"], "modern", range(4), done, together=2)]
    [(0, 2), (3,)]
    """
    jobs = []
    for rung in names:
        left = [seed for seed in seeds if (rung, recipe, seed) not in done]
        for start in range(0, len(left), together):
            jobs.append(Job(rung, recipe, tuple(left[start : start + together]), **more))
    return jobs


def do(
    job: Job, *, show: bool = False, path: Path | None = None, notes: Path | None = None
) -> tuple[Record, ...]:
    """Train what a job asks for, and return the records, one a seed; its state stays on disk.

    Parameters
    ----------
    job : Job
        What is asked for.
    show : bool
        Whether to show the progress, if there is a terminal.
    path : Path, optional
        A file of records: what another process has recorded there meanwhile is not trained again.
    notes : Path, optional
        A folder where to leave how far the training is, for the process that asked for it.

    Returns
    -------
    tuple of Record
        None if all runs of the job are recorded.

    Raises
    ------
    DataError, CheckpointError, TrainingError
        If the data cannot be had, the disk is full, or the training does not converge.
    """
    from dlnotes.ladder.train import Run

    if path is not None and {job.key(seed) for seed in job.seeds} <= records.keys(path):
        return ()
    commit = provenance.commit()  # before files can change under a long training
    digits = _loaded(job.data)
    run = Run(job.rung, job.recipe, job.seeds, digits, device=job.device)
    with _reported(str(job), show, notes) as line:
        run.train(line, waiting=partial(_say_waiting, job))
    return tuple(
        Record(
            **{name: getattr(outcome, name) for name in _OUTCOME},
            data=digits.name,
            data_sha256=digits.sha256,
            device=provenance.device_words(job.device),
            threads=run.threads,
            versions=provenance.versions(),
            commit=commit,
            command=job.command,
            date=provenance.today(),
        )
        for outcome in run.finish()
    )


@contextmanager
def _reported(words: str, show: bool, notes: Path | None) -> Iterator[Callable[..., None] | None]:
    """Return what is to be told of the progress: a line, a note, or nothing."""
    from dlnotes.ladder.board import Note
    from dlnotes.ladder.progress import shown

    if not show:
        note = Note(words, notes) if notes is not None else None
        try:
            yield note
        finally:
            if note is not None:
                note.path.unlink(missing_ok=True)
        return
    with shown(words) as line:
        yield line


def _say_waiting(job: Job) -> None:
    """Say that another process has the run."""
    print(f"dlnotes: {job}: another process trains it; waiting for that one", file=sys.stderr)


_OUTCOME = (
    *("rung", "recipe", "seed", "validation", "test", "test_images"),
    *("epoch", "epochs", "parameters", "seconds"),
)


def do_all(
    jobs: Sequence[Job],
    path: Path,
    *,
    processes: int = 1,
    scheduler: str | None = None,
    told: Callable[[Record], None] = lambda record: None,
) -> tuple[cluster.Failure[Job], ...]:
    """Do jobs side by side and record each run as soon as it is done.

    A state on disk goes when its run is recorded; on the machines of a cluster it stays.

    Parameters
    ----------
    jobs : sequence of Job
        What is asked for.
    path : Path
        The file of records.
    processes : int
        Processes on this machine.
    scheduler : str, optional
        Address of a Dask scheduler.
    told : callable
        Called with each record that was added.

    Returns
    -------
    tuple of Failure
        The jobs that were not done, with reasons.

    Raises
    ------
    DataError, ClusterError, RecordsError
        If the data cannot be had, the cluster cannot be used, or nothing can be recorded.
    """
    from dlnotes.ladder.board import painted

    for name in {job.data for job in jobs}:  # before anything begins: it concerns every job
        records.require_data(path, name, _loaded(name).sha256)
    here = scheduler is None
    with painted(sys.stderr, active=here and processes > 1) as board:
        work = do
        if here:  # the machines of a cluster may have another file of this name
            work = partial(do, show=processes == 1, path=path, notes=board.folder)
        keep = partial(_keep, path, board, told)
        return cluster.perform(jobs, work, keep, jobs=processes, scheduler=scheduler)


def _keep(
    path: Path,
    board: Board,
    told: Callable[[Record], None],
    job: Job,
    found: tuple[Record, ...],
) -> None:
    """Record what a job came to, let its state go, and tell."""
    from dlnotes.ladder.train import checkpoint_of

    added = records.append_all(path, found)
    if found:  # otherwise another process recorded the runs, and has seen to their states
        rung, digits = rungs.get(job.rung), _loaded(job.data)
        checkpoint_of(rung, job.recipe, job.seeds, digits, job.device).remove()
    with board.cleared():
        for record in added:
            told(record)


@lru_cache(maxsize=1)
def _loaded(name: str) -> Digits:
    """Return the data of a name; a process reads them once."""
    return load(name)
