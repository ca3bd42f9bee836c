"""Tasks for the tests of the cluster, importable by its workers, and a cluster on loopback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """Leaves a trace in `folder` when it begins; then does what `kind` says."""

    name: int
    folder: str
    kind: str = "square"


def work(task: Task) -> int:
    trace(task, f"{task.name}")
    if task.kind == "fails":
        raise OSError(f"task {task.name} has no disk")
    if task.kind == "cannot be sent":
        raise Unpicklable(lambda: task)
    if task.kind == "kills":
        os.kill(os.getpid(), signal.SIGKILL)
    if task.kind == "slow":
        time.sleep(0.4)
    if task.kind == "waits":
        time.sleep(60)
    return task.name**2


class Unpicklable(Exception):
    """An error that no process can send to another."""


def trace(task: Task, word: str) -> None:
    Path(task.folder, f"{word}.{os.getpid()}.{time.monotonic_ns()}").touch()


def began(folder: Path) -> list[tuple[int, int]]:
    """(task, process) of every beginning."""
    parts = [path.name.split(".") for path in folder.iterdir()]
    return sorted((int(name), int(process)) for name, process, _ in parts)


def until(condition, seconds: float = 60.0) -> None:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


class Processes:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path, forgiven: int) -> None:
        self.folder, self.started, self.workers = folder, [], []
        deaths = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(forgiven)}
        self.scheduler = self.start("scheduler", "--port", "0", "--no-dashboard", **deaths)
        self.address = self.line("scheduler", "Scheduler at: ")

    def start(self, kind: str, *options: str, **settings: str) -> subprocess.Popen:
        """Start a scheduler or a worker that talks on loopback alone."""
        log = self.folder / f"{kind}{len(self.started)}.log"
        command = [sys.executable, "-m", "distributed.cli.dask_" + kind, "--host", "127.0.0.1"]
        path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        with log.open("w") as out:
            process = subprocess.Popen(
                [*command, *options],
                stdout=out,
                stderr=out,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": path, **settings},
            )
        self.started.append(process)
        return process

    def line(self, kind: str, mark: str) -> str:
        """The address that a log tells."""
        (log,) = self.folder.glob(f"{kind}*.log")
        until(lambda: mark in log.read_text())
        return log.read_text().partition(mark)[2].split()[0]

    def add_workers(self, count: int) -> None:
        """Start workers, and wait until the scheduler knows them."""
        for _ in range(count):
            options = "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"
            self.workers.append(self.start("worker", self.address, *options))
        log, known = self.folder / "scheduler0.log", "Register worker"
        until(lambda: log.read_text().count(known) >= len(self.workers))

    def stop(self) -> None:
        for process in self.started:
            process.kill()
        for process in self.started:
            process.wait()


@contextmanager
def cluster(folder: Path, workers: int, *, forgiven: int = 3) -> Iterator[Processes]:
    """A cluster until the block ends; a task may kill as many workers as are forgiven."""
    processes = Processes(folder, forgiven)
    try:
        processes.add_workers(workers)
        yield processes
    finally:
        processes.stop()
