"""Runs sent to the cores of this machine, or to a Dask cluster, through joblib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from dlnotes._extras import require
from dlnotes.ladder.record import Record
from dlnotes.ladder.records import append

Run = TypeVar("Run")
CONNECT_SECONDS = 5
WORKER_SECONDS = 10


class ClusterError(RuntimeError):
    """A scheduler or workers that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Failure(Generic[Run]):
    """A run without a record, and the reason."""

    run: Run
    reason: str


def perform(
    runs: Sequence[Run],
    work: Callable[[Run], Record],
    path: str | Path,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    told: Callable[[Run, Record], None] = lambda run, record: None,
) -> tuple[Failure[Run], ...]:
    """Do runs side by side and record each as soon as it is done.

    A run that fails leaves the others alone. Records are added by this process alone, one run at
    most once, so that a run that a dead worker's successor does again is recorded once.

    Parameters
    ----------
    runs : sequence
        What `work` is given, one at a time; it must be picklable.
    work : callable
        Turns a run into its `Record`; it must be importable where it runs.
    path : str or Path
        The file of records.
    jobs : int
        Processes on this machine; 1 does the runs in this process. Ignored with a scheduler.
    scheduler : str, optional
        Address of a Dask scheduler, ``"tcp://host:8786"``.
    told : callable
        Called with each run and its record, after it was recorded.

    Returns
    -------
    tuple of Failure
        The runs without a record; empty if all went well.

    Raises
    ------
    ValueError
        If jobs is not positive.
    ClusterError
        If the scheduler is not there, has no workers, or the processes of this machine were
        killed.
    RecordsError
        If the records cannot be written.

    Examples
    --------
    >>> len(perform([], Record, "no-such-file.jsonl"))
    0
    """
    if jobs < 1:
        raise ValueError(f"perform: jobs must be positive; got jobs={jobs}; pass jobs=1 or more")
    left, reasons = dict(enumerate(runs)), dict[int, str]()
    lost = "it was lost with the workers that had it"
    try:
        with _sent(runs, work, jobs, scheduler) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    lost = f"{type(outcome).__name__}: {outcome}"
                    continue
                number, record, reasons[number] = outcome
                if record is not None:
                    append(path, record)
                    told(left.pop(number), record)
    except BrokenExecutor as error:
        raise ClusterError(
            f"perform: a process of this machine was killed, and its run with it; got jobs={jobs}: "
            f"{error}; what is recorded stands: run the same again, with a smaller --jobs if "
            "memory is short"
        ) from error
    return tuple(Failure(run, reasons.get(number) or lost) for number, run in left.items())


def _attempt(work: Callable[[Run], Record], number: int, run: Run) -> tuple[int, Any, str]:
    """Do a run where it was sent; an error comes back as text, which always can be sent."""
    try:
        return number, work(run), ""
    except Exception as error:
        return number, None, f"{type(error).__name__}: {error}"


@contextmanager
def _sent(
    runs: Sequence[Run], work: Callable[[Run], Record], jobs: int, scheduler: str | None
) -> Iterator[Iterator[Any]]:
    """Send the runs, and give their outcomes in the order in which they come back."""
    joblib = require("joblib", extra="ladder", feature="dlnotes.ladder.cluster")
    calls = [joblib.delayed(_attempt)(work, number, run) for number, run in enumerate(runs)]
    options: dict[str, Any] = {"return_as": "generator_unordered", "batch_size": 1}
    if scheduler is None:
        yield joblib.Parallel(n_jobs=jobs, backend="loky", **options)(calls)
        return
    with _client(scheduler) as client:
        backend = _dask_backend(client)
        yield joblib.Parallel(backend=backend, pre_dispatch="all", **options)(calls)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """Connect with a scheduler that has workers."""
    distributed = require("distributed", extra="cluster", feature="dlnotes.ladder.cluster")
    start = "dask scheduler, and on each machine: dask worker ADDRESS --nthreads 1"
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(
            f"perform: no Dask scheduler answers within {CONNECT_SECONDS} s; got "
            f"scheduler={address!r}: {error}; start one ({start}), or leave --scheduler out"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as error:
            raise ClusterError(
                f"perform: the scheduler has no workers after {WORKER_SECONDS} s; got "
                f"scheduler={address!r}; start them ({start})"
            ) from error
        yield client


def _dask_backend(client: Any) -> Any:
    """Return joblib's backend for Dask, which here tells of runs that were lost as well.

    joblib 1.6 calls back for results alone, and would wait for ever for a run that killed its
    workers. Here such a run comes back as the exception that Dask has for it.
    """
    from joblib._dask import DaskDistributedBackend  # registered by name, and public nowhere

    class Backend(DaskDistributedBackend):  # type: ignore[misc]
        def submit(self, func: Any, callback: Any = None) -> Any:
            future = super().submit(func, callback)
            future.add_done_callback(lambda done: done.exception() and callback(done.exception()))
            return future

        def retrieve_result_callback(self, out: Any) -> Any:
            lost = isinstance(out, BaseException)
            return [out] if lost else super().retrieve_result_callback(out)

    return Backend(client=client)
