"""Softmax with cross-entropy, forward and backward, beside PyTorch's eager mode with autograd.

python -m benchmarks.losses                 print the table
python -m benchmarks.losses --record        … and write book/results/loss_speed.json
python -m benchmarks.losses --seconds 10    measure each shape for longer (default 3)
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch

import dlnotes.functional as F
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.timing import CLOCK, best_times

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "loss_speed.json"
RATIO_AT_MOST = 2.0


@dataclass(frozen=True)
class Case:
    """Logits of a shape, drawn with a standard deviation; wide ones need the stable form."""

    shape: tuple[int, ...]
    spread: float = 1.0


@dataclass(frozen=True)
class Row:
    """A case and the shortest times of both, in microseconds."""

    case: Case
    dlnotes_us: float
    torch_us: float

    @property
    def ratio(self) -> float:
        """How many times longer dlnotes takes."""
        return self.dlnotes_us / self.torch_us


LISTED = [
    Case((256, 1000)),
    Case((256, 1000), 100.0),
    Case((1024, 1000)),
    Case((256, 10)),
    Case((4096, 10)),
    Case((8, 21, 64, 64)),
]
SMALL = [Case((64, 10)), Case((32, 1000))]  # reading the arguments is half the time: no promise


def measure(case: Case, seconds: float) -> Row:
    """Time the loss and its gradient of both, on the same values, in the same rounds."""
    rng, shape = np.random.default_rng(0), case.shape
    z = (case.spread * rng.standard_normal(shape)).astype(np.float32)
    target = rng.integers(0, shape[1], shape[:1] + shape[2:])
    logits, labels = torch.from_numpy(z).requires_grad_(), torch.from_numpy(target)

    def ours() -> None:
        F.cross_entropy(z, target)
        F.cross_entropy_backward(np.float32(1), z, target)

    def theirs() -> None:
        torch.autograd.grad(torch.nn.functional.cross_entropy(logits, labels), logits)

    mine, other = (1e6 * time for time in best_times([ours, theirs], seconds=seconds))
    return Row(case, round(mine, 1), round(other, 1))


def table(rows: Iterable[Row]) -> str:
    """Write rows as a table."""
    lines = ["logits             spread    dlnotes    PyTorch  ratio"]
    for row in rows:
        name, spread = str(row.case.shape), row.case.spread
        times = f"{row.dlnotes_us:8.0f} µs{row.torch_us:8.0f} µs"
        lines.append(f"{name:18} {spread:6g}{times}{row.ratio:7.2f}")
    return "\n".join(lines)


def verdict(rows: Iterable[Row]) -> str:
    """Say whether the promise is kept by all rows."""
    worst = max(row.ratio for row in rows)
    kept = "kept" if worst <= RATIO_AT_MOST else "MISSED"
    return f"worst {worst:.2f} (at most {RATIO_AT_MOST}: {kept})"


def write_record(path: Path, listed: list[Row], small: list[Row], seconds: float) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": "cross_entropy and its backward pass, float32, one thread, beside PyTorch eager",
        "how": f"shortest {CLOCK} of alternating runs, {seconds:g} s a shape",
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions(),
        "listed": [asdict(row) for row in listed],
        "small": [asdict(row) for row in small],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_record(path: Path = RECORD) -> tuple[list[Row], list[Row]]:
    """Read the listed and the small rows of a record."""
    record = json.loads(path.read_text(encoding="utf-8"))
    listed, small = ([_row(entry) for entry in record[key]] for key in ("listed", "small"))
    return listed, small


def _row(entry: dict) -> Row:
    case = Case(tuple(entry["case"]["shape"]), entry["case"]["spread"])
    return Row(case, entry["dlnotes_us"], entry["torch_us"])


def main() -> None:
    """Measure, print the table, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each shape")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    torch.set_num_threads(1)
    listed = [measure(case, options.seconds) for case in LISTED]
    print(table(listed))
    print(verdict(listed), flush=True)
    small = [measure(case, options.seconds) for case in SMALL]
    print(table(small))
    if options.record:
        write_record(RECORD, listed, small, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
