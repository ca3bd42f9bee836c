"""Tasks sent to the cores of this machine, or to a Dask cluster, through joblib."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from dlnotes._extras import require

Task = TypeVar("Task")
Result = TypeVar("Result")
CONNECT_SECONDS = 5
WORKER_SECONDS = 10
WATCH_SECONDS = 5.0


class ClusterError(RuntimeError):
    """A scheduler or workers that cannot be used; the message says what to do."""


@dataclass(frozen=True)
class Failure(Generic[Task]):
    """A task without a result, and the reason."""

    task: Task
    reason: str


def perform(
    tasks: Sequence[Task],
    work: Callable[[Task], Result],
    keep: Callable[[Task, Result], None],
    *,
    jobs: int = 1,
    scheduler: str | None = None,
) -> tuple[Failure[Task], ...]:
    """Do tasks side by side, and keep each result as soon as it is there.

    A task that fails leaves the others alone. One whose worker dies is done by another worker of
    the cluster; its result is kept once, by this process, whoever else has begun it.

    Parameters
    ----------
    tasks : sequence
        What `work` is given, one at a time; they must be picklable.
    work : callable
        Turns a task into its result; it must be importable where it runs.
    keep : callable
        Called in this process with each task and its result, one at a time, as they come.
    jobs : int
        Processes on this machine; 1 does the tasks in this process. Ignored with a scheduler.
    scheduler : str, optional
        Address of a Dask scheduler, ``"tcp://host:8786"``.

    Returns
    -------
    tuple of Failure
        The tasks without a result; empty if all went well.

    Raises
    ------
    ValueError
        If jobs is not positive.
    ClusterError
        If the scheduler is not there or has no workers, or a process of this machine was killed.
        An error of `keep` stops everything and is passed on.

    Examples
    --------
    >>> found = {}
    >>> len(perform([3, 4], float, found.__setitem__))
    0
    >>> int(found[4])
    4
    """
    if jobs < 1:
        raise ValueError(f"perform: jobs must be positive; got jobs={jobs}; pass jobs=1 or more")
    if not tasks:
        return ()
    left, reasons = dict(enumerate(tasks)), dict[int, str]()
    lost = "it was lost with the workers that had it"
    interrupts: list[int] = []
    try:
        with _ended_by_ctrl_c(interrupts), _sent(tasks, work, jobs, scheduler) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    lost = f"{type(outcome).__name__}: {outcome}"
                    continue
                number, result, reasons[number] = outcome
                if not reasons[number]:
                    keep(left.pop(number), result)
    except BrokenExecutor as error:
        if interrupts:
            raise KeyboardInterrupt from None
        raise ClusterError(
            f"perform: a process of this machine was killed, and its task with it; got jobs={jobs}:"
            f" {error}; what was kept stands: do the same again, with fewer jobs if memory is short"
        ) from error
    return tuple(Failure(task, reasons.get(number) or lost) for number, task in left.items())


def _attempt(work: Callable[[Task], Result], number: int, task: Task) -> tuple[int, Any, str]:
    """Do a task where it was sent; an error comes back as text, which always can be sent."""
    try:
        return number, work(task), ""
    except Exception as error:
        return number, None, f"{type(error).__name__}: {error}"


@contextmanager
def _sent(
    tasks: Sequence[Task], work: Callable[[Task], Result], jobs: int, scheduler: str | None
) -> Iterator[Iterator[Any]]:
    """Send the tasks, and give their outcomes in the order in which they come back."""
    joblib = require("joblib", extra="ladder", feature="dlnotes.ladder._engine.cluster")
    calls = [joblib.delayed(_attempt)(work, number, task) for number, task in enumerate(tasks)]
    options: dict[str, Any] = {"return_as": "generator_unordered", "batch_size": 1}
    with ExitStack() as stack:
        if scheduler is None:
            if jobs > 1:
                options |= {"initializer": _depend_on, "initargs": (os.getpid(),)}
            parallel = joblib.Parallel(n_jobs=jobs, backend="loky", **options)
        else:
            backend = _dask_backend(stack.enter_context(_client(scheduler)))
            parallel = joblib.Parallel(backend=backend, pre_dispatch="all", **options)
        # where tasks are given up, the error says so; joblib would warn of it as well
        stack.enter_context(warnings.catch_warnings())
        warnings.filterwarnings("ignore", message=r"\d+ tasks (which were|have been) ")
        yield stack.enter_context(closing(parallel(calls)))


@contextmanager
def _ended_by_ctrl_c(interrupts: list[int]) -> Iterator[None]:
    """End the processes of this machine on Ctrl-C, and note it in `interrupts`.

    A KeyboardInterrupt alone may get lost inside joblib, which then waits for the tasks.
    """

    def end(number: int, frame: Any) -> None:
        interrupts.append(number)
        for child in multiprocessing.active_children():
            child.terminate()
        signal.default_int_handler(number, frame)

    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _depend_on(parent: int) -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the parent, and end when it ends.

    A parent that is killed cannot end us: without this a training would go on for nobody, and hold
    the run against the next command.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.getppid() == parent:
        threading.Thread(target=_end_without, args=(parent,), daemon=True).start()


def _end_without(parent: int) -> None:
    """End this process when its parent has died; what is on disk bears it, as it bears a kill."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


_WORKER = "dask worker ADDRESS --nthreads 1"
_START = f"dask scheduler, and on each machine: {_WORKER}"


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """Connect with a scheduler that has workers."""
    distributed = require("distributed", extra="cluster", feature="dlnotes.ladder._engine.cluster")
    # first a question with a time limit: a client that does not connect may wait for ever
    with ThreadPoolExecutor(1) as thread:  # which has no event loop, as a notebook has
        problem = thread.submit(asyncio.run, _answers(address)).exception()
    if problem is not None:
        said = str(problem) or type(problem).__name__
        raise ClusterError(
            f"perform: no Dask scheduler answers within {CONNECT_SECONDS} s; got "
            f"scheduler={address!r}: {said}; start one ({_START}), or work without"
        )
    options = {"timeout": CONNECT_SECONDS, "set_as_default": False}
    with _quiet("distributed.client"), distributed.Client(address, **options) as client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError as error:
            raise ClusterError(
                f"perform: the scheduler has no workers after {WORKER_SECONDS} s; got "
                f"scheduler={address!r}; start them ({_START})"
            ) from error
        with _watched(client):
            yield client


@contextmanager
def _watched(client: Any) -> Iterator[None]:
    """Say when no worker is left: the tasks then wait for one, for ever if none comes."""
    ended = threading.Event()

    def watch() -> None:
        there = True
        while not ended.wait(WATCH_SECONDS):
            try:
                now = bool(client.nthreads())
            except Exception:  # without its scheduler there is nothing to say: the tasks say it
                return
            if there and not now:
                words = f"dlnotes: no Dask worker is left; waiting for one: {_WORKER}"
                print(words, file=sys.stderr, flush=True)
            there = now

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(CONNECT_SECONDS)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keep what a logger tells of a broken connection off the screen: the tasks say it shorter."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


async def _answers(address: str) -> None:
    """Ask who is there; raise if nobody says in time that it is a scheduler."""
    core = require("distributed.core", extra="cluster", feature="dlnotes.ladder._engine.cluster")
    async with asyncio.timeout(CONNECT_SECONDS), core.rpc(address) as there:
        kind = (await there.identity())["type"]
    if kind != "Scheduler":
        raise ValueError(f"there is a {kind}, and no scheduler")


def _dask_backend(client: Any) -> Any:
    """Return joblib's backend for Dask without two of its habits.

    It calls back for results alone, and would wait for ever for a task that killed its workers;
    here such a task comes back as the exception that Dask has for it. And it leaves a cluster with
    a single thread alone and does all tasks in this process.
    """
    from joblib._dask import DaskDistributedBackend  # registered by name, and public nowhere

    class Backend(DaskDistributedBackend):
        def submit(self, func: Any, callback: Any = None) -> Any:
            future = super().submit(func, callback)
            future.add_done_callback(lambda done: done.exception() and callback(done.exception()))
            return future

        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, super().effective_n_jobs(n_jobs))

        def retrieve_result_callback(self, out: Any) -> Any:
            lost = isinstance(out, BaseException)
            return [out] if lost else super().retrieve_result_callback(out)

    return Backend(client=client)
