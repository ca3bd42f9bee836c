"""The ladder's engine beside the plain training loop, same recipe and same results, on two cores.

python -m benchmarks.ladder                    print the table
python -m benchmarks.ladder --record           … and write book/results/ladder_speed.json
python -m benchmarks.ladder sprint --record    time to 99 % on the test images, ladder_sprint.json
"""

import argparse
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import torch

from benchmarks import ladder_sprint
from benchmarks.ladder_plain import Plain
from benchmarks.machine import describe_machine, describe_versions
from dlnotes.data import Digits
from dlnotes.ladder import rungs
from dlnotes.ladder._engine.settings import keep_freed_memory
from dlnotes.ladder._engine.train import Run

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "ladder_speed.json"
RATIO_AT_LEAST = 2.0
CORES = 2
WHAT = {
    "wall": "time for an image of one network, forward, backward and step, with both cores at "
    "work: the plain loop (DataLoader, eager, contiguous) with PyTorch's threads on both cores, "
    "the engine as two runs of one thread side by side",
    "thread": "processor time for an image of one network, each loop as two processes of one "
    "thread",
}


@dataclass(frozen=True)
class Case:
    """A rung and a recipe; the engine trains so many seeds at once in each process."""

    rung: str
    recipe: str
    members: int = 1
    steps: int = 10


@dataclass(frozen=True)
class Row:
    """A case, and the shortest times for an image of one network, in microseconds.

    `..._wall_us`: with both cores at work; `..._thread_us`: of one thread's processor time.
    """

    case: Case
    plain_wall_us: float
    engine_wall_us: float
    plain_thread_us: float
    engine_thread_us: float

    @property
    def ratio(self) -> float:
        """How many times faster the engine is with both cores."""
        return self.plain_wall_us / self.engine_wall_us

    @property
    def thread_ratio(self) -> float:
        """How many times faster a thread of the engine is."""
        return self.plain_thread_us / self.engine_thread_us


LISTED = [
    Case("4", "modern"),
    Case("4", "faithful", members=5),
]
NEARBY = [  # no promise of 2, but no loss either
    Case("1", "modern", steps=50),
    Case("1", "faithful", members=5, steps=50),
    Case("3", "modern"),
    Case("4", "faithful", steps=25),
]
CASES = {"listed": LISTED, "nearby": NEARBY}


def noise(images: int = 10_000) -> Digits:
    """Return random images, more than a cache holds; the time of a step hangs on no pixel."""
    rng = np.random.default_rng(0)
    pixels = rng.random((images + 10, 1, 28, 28), np.float32)
    labels = rng.integers(0, 10, images + 10)
    train, rest = slice(images), slice(images, None)
    return Digits(
        "noise", pixels[train], labels[train], pixels[rest], labels[rest], pixels[rest], "0" * 64
    )


def worker(pipe: Connection, case: Case, plain: bool, threads: int) -> None:
    """Take steps whenever the other end says so, and answer with their processor time."""
    torch.set_num_threads(threads)
    if plain:
        loop = Plain(case.rung, case.recipe, 0, noise())
    else:
        keep_freed_memory()
        loop = Run(case.rung, case.recipe, range(case.members), noise())
    while pipe.recv():
        start, goal = process_time(), loop.step + case.steps
        while loop.step < goal:  # the engine stops at the end of an epoch
            loop.advance(goal - loop.step)
        pipe.send(process_time() - start)


def measure(case: Case, seconds: float) -> Row:
    """Time the loops in turn; the shortest round of each counts."""
    with (
        workers(case, plain=True, threads=CORES) as wide,
        workers(case, plain=True) as plain,
        workers(case, plain=False) as engine,
    ):
        loops = wide, plain, engine
        best = [(float("inf"), float("inf"))] * len(loops)
        end, rounds = perf_counter() + seconds, 0
        while rounds < 3 or perf_counter() < end:
            for j, pipes in enumerate(loops):
                found = turn(pipes)
                best[j] = min(best[j][0], found[0]), min(best[j][1], found[1])
            rounds += 1
    images = case.steps * rungs.get(case.rung).recipe(case.recipe).batch
    of_engine = images * case.members
    shares = (
        best[0][0] / images,
        best[2][0] / (of_engine * CORES),
        best[1][1] / images,
        best[2][1] / of_engine,
    )
    return Row(case, *(round(1e6 * share, 2) for share in shares))


@contextmanager
def workers(case: Case, *, plain: bool, threads: int = 1) -> Iterator[list[Connection]]:
    """Start processes for all cores, which wait for a word."""
    context = multiprocessing.get_context("forkserver")
    # PyTorch is loaded once for all processes
    context.set_forkserver_preload(["benchmarks.ladder_plain", "dlnotes.ladder._engine.train"])
    pairs = [context.Pipe() for _ in range(CORES // threads)]
    processes = [
        context.Process(target=worker, args=(there, case, plain, threads), daemon=True)
        for _, there in pairs
    ]
    for process in processes:
        process.start()
    pipes = [here for here, _ in pairs]
    turn(pipes)  # warm: memory, code paths
    yield pipes
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.send(False)
        process.join()


def turn(pipes: Sequence[Connection]) -> tuple[float, float]:
    """Let all processes take their steps at once; return wall time and least processor time."""
    start = perf_counter()
    for pipe in pipes:
        pipe.send(True)
    processor = min([pipe.recv() for pipe in pipes])
    return perf_counter() - start, processor


def table(title: str, rows: Sequence[Row]) -> str:
    """Write rows as a table."""
    lines = [
        f"{title:28}  both cores, wall time           one thread",
        "rung  recipe    seeds at once    plain   engine  ratio    plain   engine  ratio",
    ]
    for row in rows:
        case = row.case
        wall = f"{row.plain_wall_us:6.1f} us{row.engine_wall_us:6.1f} us{row.ratio:7.2f}"
        one = f"{row.plain_thread_us:6.1f} us{row.engine_thread_us:6.1f} us{row.thread_ratio:7.2f}"
        lines.append(f"{case.rung:5} {case.recipe:9}{case.members:14}{wall}{one}")
    return "\n".join(lines)


def write_record(path: Path, rows: dict[str, list[Row]], seconds: float) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": WHAT,
        "how": f"shortest of alternating rounds, {seconds:g} s a case",
        "date": date.today().isoformat(),
        "machine": describe_machine() | {"cores": f"{CORES}, both used"},
        "versions": describe_versions(),
    }
    record |= {kind: [asdict(row) for row in part] for kind, part in rows.items()}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_record(path: Path = RECORD) -> dict[str, list[Row]]:
    """Read the rows of a record."""
    record = json.loads(path.read_text(encoding="utf-8"))
    return {
        kind: [Row(**(row | {"case": Case(**row["case"])})) for row in record[kind]]
        for kind in CASES
    }


def main() -> None:
    """Measure, print the table, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", nargs="?", choices=["speed", "sprint"], default="speed")
    parser.add_argument("--seconds", type=float, default=10.0, help="time for each case")
    parser.add_argument("--record", action="store_true", help="write the record")
    options = parser.parse_args()
    if options.what == "sprint":
        ladder_sprint.main(record=options.record)
        return
    rows = {}
    for kind, cases in CASES.items():
        rows[kind] = [measure(case, options.seconds) for case in cases]
        print(table(kind, rows[kind]), flush=True)
    worst = min(row.ratio for row in rows["listed"])
    verdict = "kept" if worst >= RATIO_AT_LEAST else "MISSED"
    promise = f"promised {RATIO_AT_LEAST:g}: {verdict}"
    print(f"listed: with both cores {worst:.2f} times faster at least ({promise})")
    if options.record:
        write_record(RECORD, rows, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
