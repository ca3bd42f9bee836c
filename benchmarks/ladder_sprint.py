"""How soon a network of the ladder names 99 % of MNIST's test images rightly, on two cores.

Network and data are those of rung 5, seen once. Batch, epochs and rate were chosen on the
validation images, by runs with other seeds; the test labels are loaded when a run has ended, once
each.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter

from benchmarks.machine import describe_machine, describe_versions
from dlnotes.data import Digits, load
from dlnotes.ladder import rungs
from dlnotes.ladder._engine.train import Run

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "ladder_sprint.json"
GOAL = 0.99
THREADS = 2
SEEDS = range(5)
RUNG = replace(
    rungs.get("5"),
    name="sprint",
    modern=replace(rungs.get("5").modern, epochs=1, batch=100, rate=0.15),
)


@dataclass(frozen=True)
class Sprint:
    """One run: wall time from the first random number to the accuracy, and what it reached."""

    seed: int
    seconds: float
    validation: float
    test: float


def sprint(seed: int, data: Digits, rung: rungs.Rung = RUNG) -> Sprint:
    """Train with one seed; imports and the reading of the images are not timed."""
    start = perf_counter()
    run = Run(rung, "modern", [seed], data, threads=THREADS)
    run.train()
    (outcome,) = run.finish()
    seconds = perf_counter() - start
    return Sprint(seed, round(seconds, 2), outcome.validation, outcome.test)


def summary(runs: Sequence[Sprint]) -> str:
    """Say how long the runs took and which reached the goal."""
    reached = sum(run.test >= GOAL for run in runs)
    times = sorted(run.seconds for run in runs)
    return (
        f"{reached} of {len(runs)} runs reached {GOAL:.0%} on the test images; median "
        f"{times[len(times) // 2]:.1f} s, from {times[0]:.1f} to {times[-1]:.1f} s"
    )


def write_record(path: Path, runs: Sequence[Sprint]) -> None:
    """Write the runs with recipe and machine."""
    record = {
        "what": f"wall time to {GOAL:.0%} of MNIST's test images, rung 5, one epoch",
        "how": "recipe chosen on the validation images; the test labels are loaded once a run",
        "date": date.today().isoformat(),
        "machine": describe_machine() | {"cores": f"{THREADS}, both used"},
        "versions": describe_versions(),
        "recipe": asdict(RUNG.modern),
        "runs": [asdict(run) for run in runs],
    }
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_record(path: Path = RECORD) -> list[Sprint]:
    """Read the runs of a record."""
    return [Sprint(**run) for run in json.loads(path.read_text(encoding="utf-8"))["runs"]]


def main(*, record: bool) -> None:
    """Run, print, and write the record where it is asked for."""
    data, runs = load("mnist"), []
    for seed in SEEDS:
        runs.append(sprint(seed, data))
        one = runs[-1]
        print(
            f"seed {seed}: {one.seconds:.1f} s, validation {one.validation:.2%}, "
            f"test {one.test:.2%}",
            flush=True,
        )
    print(summary(runs))
    if record:
        write_record(RECORD, runs)
        print(f"written: {RECORD.name}")
