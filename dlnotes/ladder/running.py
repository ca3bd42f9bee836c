"""Runs of the ladder, from what is asked for to what is recorded."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dlnotes._files import book_file
from dlnotes.data import Digits, cache_folder, load, load_test_labels
from dlnotes.ladder import records, rungs
from dlnotes.ladder._engine import cluster, provenance
from dlnotes.ladder.answers import Answers, right, sha256
from dlnotes.ladder.record import Record

if TYPE_CHECKING:
    from dlnotes.ladder._engine.checkpoint import Checkpoint
    from dlnotes.ladder._engine.outcome import Outcome, Votes
    from dlnotes.ladder._engine.progress import Shown

BOOK_RECORDS = book_file("results", "ladder.jsonl")


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
    checkout = BOOK_RECORDS.parents[1].name == "book"  # and no installed copy, which only is read
    if data == "mnist" and checkout and BOOK_RECORDS.parent.is_dir():
        return BOOK_RECORDS
    return cache_folder("ladder") / f"{data}.jsonl"


@dataclass(frozen=True, eq=False)
class Finished:
    """A run that is done: what is recorded of it, and what is kept with the states.

    Parameters
    ----------
    record : Record
        Its line.
    answers : Answers
        Of the chosen epoch.
    kept : dict
        ``"network"``, the parameters of the chosen epoch by name; ``"classes"`` and
        ``"probabilities"`` of each epoch where a committee asks for them.
    """

    record: Record
    answers: Answers
    kept: dict[str, Any]


def plan(
    names: Iterable[str],
    recipe: str,
    seeds: Sequence[int],
    done: frozenset[records.Key],
    *,
    together: int = 1,
    **more: str,
) -> list[Job]:
    """Return the jobs that are still to do, in the order of the ladder.

    A committee brings the runs of its voters with it.

    Parameters
    ----------
    names : iterable of str
        Names of rungs.
    recipe : str
        Such as ``"modern"``.
    seeds : sequence of int
        Seeds of the runs, numbers of the committees.
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
    wanted = {(name, seed) for name in names for seed in seeds if (name, recipe, seed) not in done}
    for name, seed in sorted(wanted):
        rung = rungs.get(name)
        voters = {(rung.voters_of, voter) for voter in rung.voter_seeds(seed)}
        wanted |= {one for one in voters if (one[0], recipe, one[1]) not in done}
    jobs = []
    for rung in rungs.RUNGS:
        left = sorted(seed for name, seed in wanted if name == rung.name)
        size = 1 if rung.voters_of else together
        for start in range(0, len(left), size):
            jobs.append(Job(rung.name, recipe, tuple(left[start : start + size]), **more))
    return jobs


def do(
    job: Job,
    *,
    path: Path | None = None,
    states: Path | None = None,
    shown: Shown | None = None,
) -> tuple[Finished, ...]:
    """Train what a job asks for, and return what it came to, one a seed; nothing is recorded.

    Parameters
    ----------
    job : Job
        What is asked for; no committee.
    path : Path, optional
        A file of records: what another process has recorded there meanwhile is not trained again.
    states : Path, optional
        Folder of the states, from which a training that was stopped goes on; it stays there.
    shown : callable, optional
        Shows the progress.

    Returns
    -------
    tuple of Finished
        None if all runs of the job are recorded.

    Raises
    ------
    DataError, CheckpointError, TrainingError
        If the data cannot be had, the disk is full, or the training does not converge.

    Examples
    --------
    >>> (one,) = do(Job("1", "digits", (0,), data="digits"))
    >>> one.record.validation > 0.9
    True
    """
    from dlnotes.ladder._engine.train import Run

    if path is not None and {job.key(seed) for seed in job.seeds} <= records.done(path):
        return ()
    digits = _loaded(job.data)
    run = Run(job.rung, job.recipe, job.seeds, digits, device=job.device, folder=states)
    with nullcontext() if shown is None else shown(str(job)) as report:
        run.train(report, waiting=partial(_say_waiting, job))
    return tuple(_finished(job, digits, run.threads, outcome) for outcome in run.finish())


def _do(job: Job, *, shown: Shown) -> tuple[Finished, ...]:
    """Do a job with its states in the cache of the machine where it is done."""
    return do(job, states=cache_folder("ladder"), shown=shown)


def _finished(job: Job, digits: Digits, threads: int, outcome: Outcome) -> Finished:
    """Return what is recorded and kept of an outcome."""
    record = Record(
        rung=job.rung,
        recipe=job.recipe,
        digest=rungs.digest(rungs.get(job.rung), job.recipe),
        validation_images=len(digits.validation_labels),
        test_images=len(digits.test_images),
        answers=sha256(outcome.answers.pack()),
        data=digits.name,
        data_sha256=digits.sha256,
        threads=threads,
        versions=provenance.versions(),
        command=job.command,
        date=provenance.today(),
        **{name: getattr(outcome, name) for name in _OUTCOME},
    )
    kept: dict[str, Any] = {"network": outcome.network}
    if outcome.votes is not None:
        kept |= vars(outcome.votes)
    return Finished(record, outcome.answers, kept)


_OUTCOME = (
    *("seed", "group", "validation", "test", "epoch", "epochs", "history", "losses"),
    *("parameters", "seconds", "commits", "devices"),
)


def _say_waiting(job: Job) -> None:
    """Say that another process has the run."""
    print(f"dlnotes: {job}: another process trains it; waiting for that one", file=sys.stderr)


def kept_of(record: Record, states: Path) -> Checkpoint:
    """Return where the network of a recorded run is kept, and its votes; see `Finished`.

    Parameters
    ----------
    record : Record
        A run.
    states : Path
        Folder of the states.

    Returns
    -------
    Checkpoint
    """
    from dlnotes.ladder._engine.checkpoint import Checkpoint

    name = f"{record.rung}-{record.recipe}-{record.seed}-{record.answers[:16]}.kept.pt"
    return Checkpoint(states / name)


def vote(job: Job, path: Path, states: Path) -> Finished:
    """Count the votes of a committee, whose networks are recorded and kept.

    The epoch is one for all networks, the best on validation; of equal ones the later.

    Parameters
    ----------
    job : Job
        A rung whose networks vote, and the number of the committee.
    path : Path
        The file of records.
    states : Path
        Folder of the states.

    Returns
    -------
    Finished

    Raises
    ------
    RecordsError, CheckpointError
        If a network is not recorded there, or what it answered is not kept there.
    """
    from dlnotes.ladder._engine import committee

    rung, digits = rungs.get(job.rung), _loaded(job.data)
    voters = _voters(rung, job, path)
    labels = _labels(digits)
    named = committee.count([_votes(voter, states) for voter in voters]).numpy()
    images = len(labels.validation)
    history = tuple(right(one[:images], labels.validation) for one in named)
    epoch = max(range(len(history)), key=lambda one: (history[one], one))
    answers = Answers(named[epoch, :images], named[epoch, images:])
    record = replace(
        voters[0],
        rung=job.rung,
        seed=job.seeds[0],
        digest=rungs.digest(rung, job.recipe),
        group=tuple(voter.seed for voter in voters),
        validation=history[epoch],
        test=right(answers.test, labels.test),
        epoch=epoch + 1,
        history=history,
        losses=tuple(map(_mean, zip(*(voter.losses for voter in voters), strict=True))),
        answers=sha256(answers.pack()),
        parameters=sum(voter.parameters for voter in voters),
        seconds=math.fsum(voter.seconds for voter in voters),
        devices=_united(voter.devices for voter in voters),
        commits=_united([*(voter.commits for voter in voters), (provenance.commit(),)]),
        command=job.command,
        date=provenance.today(),
    )
    return Finished(record, answers, {})


def _voters(rung: rungs.Rung, job: Job, path: Path) -> list[Record]:
    """Return the recorded runs of a committee's networks."""
    there = {record.key: record for record in records.read(path) if records.is_current(record)}
    keys = [(rung.voters_of, job.recipe, seed) for seed in rung.voter_seeds(job.seeds[0])]
    missing = ", ".join(str(key[2]) for key in keys if key not in there)
    if missing:
        raise records.RecordsError(
            f"vote: the networks of {job} must be recorded; got none of rung {rung.voters_of} "
            f"with seed {missing}; train them first"
        )
    return [there[key] for key in keys]


def _votes(voter: Record, states: Path) -> Votes:
    """Return what a network answered after each epoch."""
    from dlnotes.ladder._engine.outcome import Votes

    kept = kept_of(voter, states).read()
    if kept is None:
        raise records.RecordsError(
            f"vote: the votes of {voter} must be where the states are; got no file "
            f"{kept_of(voter, states).path}; name their folder with --states, or take the run out "
            "of the records to train it again"
        )
    return Votes(kept["classes"], kept["probabilities"])


def _labels(digits: Digits) -> Answers:
    """Return what is right on the validation and test images, once runs have ended."""
    both = digits.validation_labels, load_test_labels(digits.name)
    return Answers(*(one.astype(np.uint8) for one in both))


def _united(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return all texts, each once, in their order."""
    return tuple(dict.fromkeys(text for texts in lists for text in texts))


def _mean(values: Sequence[float]) -> float:
    """Return a mean loss as it is recorded."""
    return float(f"{math.fsum(values) / len(values):.6g}")


def do_all(
    jobs: Sequence[Job],
    path: Path,
    *,
    processes: int = 1,
    scheduler: str | None = None,
    states: Path | None = None,
    shown: Shown | None = None,
    told: Callable[[Record], None] = lambda record: None,
) -> tuple[cluster.Failure[Job], ...]:
    """Do jobs side by side and record each run as soon as it is done; then committees vote.

    A state on disk goes when its run is recorded, and the network of the chosen epoch is kept in
    its place; on the machines of a cluster states stay.

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
    states : Path, optional
        Folder of the states; the user's cache by default.
    shown : callable, optional
        Shows the progress of a training in this process; else lines are logged.
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
    for name in {job.data for job in jobs}:  # before anything begins: it concerns every job
        records.require_data(path, name, _loaded(name).sha256)
    from dlnotes.ladder._engine.checkpoint import CheckpointError
    from dlnotes.ladder._engine.progress import logged

    if scheduler is None:
        states = states or cache_folder("ladder")
        in_sight = shown if processes == 1 and shown is not None else logged
        work = partial(do, states=states, shown=in_sight, path=path)
    else:  # whose machines have their own caches, and perhaps another file of this name
        work = partial(do, states=states, shown=logged) if states else partial(_do, shown=logged)
        states = states or cache_folder("ladder")
    keep = partial(_keep, path, states, told)
    votes = [job for job in jobs if rungs.get(job.rung).voters_of]
    trained = [job for job in jobs if job not in votes]
    failures = cluster.perform(trained, work, keep, jobs=processes, scheduler=scheduler)
    for job in votes:
        try:
            keep(job, (vote(job, path, states),))
        except (records.RecordsError, CheckpointError) as error:
            failures += (cluster.Failure(job, str(error)),)
    return failures


def _keep(
    path: Path,
    states: Path,
    told: Callable[[Record], None],
    job: Job,
    found: tuple[Finished, ...],
) -> None:
    """Keep what a job came to, record it, let its state go, and tell."""
    from dlnotes.ladder._engine.train import checkpoint_of

    if not found:  # another process recorded the runs, and has seen to their states
        return
    digits = _loaded(job.data)
    for one in found:
        if one.kept:
            kept_of(one.record, states).write(one.kept)
    added = records.append(path, [(one.record, one.answers) for one in found], _labels(digits))
    rung = rungs.get(job.rung)
    checkpoint_of(rung, job.recipe, job.seeds, digits, states, job.device).remove()
    for record in added:
        told(record)


@lru_cache(maxsize=1)
def _loaded(name: str) -> Digits:
    """Return the data of a name; a process reads them once.

    The test labels are fetched and their checksum is looked at, so that nothing is trained for
    labels that cannot be had; they are read again when a run has ended.
    """
    digits = load(name)
    load_test_labels(name)
    return digits
