"""The ladder's engine beside the plain training loop, same recipe and same results, on two cores.

python -m benchmarks.ladder                    print the table
python -m benchmarks.ladder --record           … and write book/results/ladder_speed.json
python -m benchmarks.ladder sprint --record    time to 99 % on the test images, ladder_sprint.json
"""

import argparse
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
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
from dlnotes.ladder.settings import steady
from dlnotes.ladder.train import Run

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "ladder_speed.json"
RATIO_AT_LEAST = 2.0
CORES = 2
WHAT = (
    "time for an image of one network, forward, backward and step, of the plain loop (DataLoader, "
    "eager, contiguous) and of the engine: on one thread each; and on two cores, the plain loop "
    "with two threads, the engine as two processes of one thread"
)


@dataclass(frozen=True)
class Case:
    """A rung and a recipe; the engine trains so many seeds at once in each process."""

    rung: str
    recipe: str
    members: int = 1
    steps: int = 40


@dataclass(frozen=True)
class Row:
    """A case, and the shortest times for an image of one network, in microseconds.

    The first two are processor time of one thread, the others wall time on two cores.
    """

    case: Case
    plain_thread_us: float
    engine_thread_us: float
    plain_cores_us: float
    engine_cores_us: float

    @property
    def ratio(self) -> float:
        """How many times faster the engine is on two cores."""
        return self.plain_cores_us / self.engine_cores_us

    @property
    def thread_ratio(self) -> float:
        """How many times faster the engine is on one thread."""
        return self.plain_thread_us / self.engine_thread_us


LISTED = [
    Case("4", "modern"),
    Case("4", "faithful", members=5, steps=60),
]
NEARBY = [  # no promise of 2, but no loss either
    Case("1", "modern", steps=100),
    Case("1", "faithful", members=5, steps=100),
    Case("2", "modern"),
    Case("3", "modern"),
    Case("3", "faithful", members=5, steps=60),
    Case("4", "faithful", steps=60),
]
CASES = {"listed": LISTED, "nearby": NEARBY}


def noise(images: int = 50_000) -> Digits:
    """Return as many random images as MNIST has: how long a step takes hangs on no pixel."""
    rng = np.random.default_rng(0)
    pixels = rng.random((images + 10, 1, 28, 28), np.float32)
    labels = rng.integers(0, 10, images + 10)
    train, rest = slice(images), slice(images, None)
    return Digits(
        "noise", pixels[train], labels[train], pixels[rest], labels[rest], pixels[rest], "0" * 64
    )


def worker(pipe: Connection, case: Case, plain_threads: int) -> None:
    """Take steps whenever the other end says so, and answer with their processor time.

    Without threads for the plain loop it is the engine that takes them.
    """
    if plain_threads:
        torch.set_num_threads(plain_threads)
        loop = Plain(case.rung, case.recipe, 0, noise())
    else:
        loop = Run(case.rung, case.recipe, range(case.members), noise())
    settings = nullcontext() if plain_threads else steady(torch.device("cpu"))
    with settings:
        while pipe.recv():
            start = process_time()
            loop.advance(case.steps)
            pipe.send(process_time() - start)


def measure(case: Case, seconds: float) -> Row:
    """Time the loops in turn; the shortest rounds of each count."""
    with workers(case, 1, 2, 0, 0) as (one_thread, two_threads, first, second):
        best = [float("inf")] * 4
        end, rounds = perf_counter() + seconds, 0
        while rounds < 3 or perf_counter() < end:
            cpu = [turn(one_thread)[0], turn(first)[0]]
            wall = [turn(two_threads)[1], turn(first, second)[1]]
            best = [min(pair) for pair in zip(best, cpu + wall, strict=True)]
            rounds += 1
    images = case.steps * rungs.get(case.rung).recipe(case.recipe).batch
    engine = images * case.members
    counts = (images, engine, images, CORES * engine)
    return Row(case, *(round(1e6 * t / n, 2) for t, n in zip(best, counts, strict=True)))


@contextmanager
def workers(case: Case, *plain_threads: int) -> Iterator[list[Connection]]:
    """Start processes that wait for a word, one for each number."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for threads in plain_threads:
        here, there = context.Pipe()
        processes.append(context.Process(target=worker, args=(there, case, threads), daemon=True))
        processes[-1].start()
        pipes.append(here)
        turn(here)  # warm: memory, code paths
    yield pipes
    for pipe, process in zip(pipes, processes, strict=True):
        pipe.send(False)
        process.join()


def turn(*pipes: Connection) -> tuple[float, float]:
    """Let processes take their steps at once; return their processor time and the wall time."""
    start = perf_counter()
    for pipe in pipes:
        pipe.send(True)
    spent = sum(pipe.recv() for pipe in pipes)
    return spent, perf_counter() - start


def table(title: str, rows: Sequence[Row]) -> str:
    """Write rows as a table."""
    lines = [
        title,
        "rung recipe   seeds  one thread: plain  engine ratio  two cores: plain  engine ratio",
    ]
    for row in rows:
        case = row.case
        thread = f"{row.plain_thread_us:18.1f}{row.engine_thread_us:8.1f}{row.thread_ratio:6.2f}"
        cores = f"{row.plain_cores_us:18.1f}{row.engine_cores_us:8.1f}{row.ratio:6.2f}"
        lines.append(f"{case.rung:4} {case.recipe:9}{case.members:5} {thread}{cores}")
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
    worst = min(min(row.ratio, row.thread_ratio) for row in rows["listed"])
    verdict = "kept" if worst >= RATIO_AT_LEAST else "MISSED"
    print(f"listed: {worst:.2f} times faster at least (promised {RATIO_AT_LEAST:g}: {verdict})")
    if options.record:
        write_record(RECORD, rows, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
