"""A training step of a LeNet on a batch of 64, beside PyTorch's eager mode.

python -m benchmarks.lenet                 print the table
python -m benchmarks.lenet --record        … and write book/results/lenet_speed.json
python -m benchmarks.lenet --seconds 10    measure each case for longer (default 3)
"""

import argparse
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
import torch

import dlnotes.functional as F
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.timing import CLOCK, best_times
from dlnotes import layers, optim

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "lenet_speed.json"
RATIO_AT_MOST = 1.6
CLIFF_ABOVE = 3.0
BATCH = 64

Step = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class Case:
    """A LeNet: pixels of a side, padding that keeps the size or none, activation, pooling."""

    side: int
    padding: int
    activation: str = "Tanh"
    pool: str = "MaxPool2d"
    kernel: int = 5

    @property
    def features(self) -> int:
        """Numbers that the dense layers get."""
        side = self.side
        for _ in range(2):
            side = (side + 2 * self.padding - self.kernel + 1) // 2
        return 16 * side * side


@dataclass(frozen=True)
class Row:
    """A case and the shortest times of both, in milliseconds."""

    case: Case
    dlnotes_ms: float
    torch_ms: float

    @property
    def ratio(self) -> float:
        """How many times longer dlnotes takes."""
        return self.dlnotes_ms / self.torch_ms


DIGITS = Case(8, 2)
LISTED = [DIGITS]
NEARBY = [
    Case(8, 2, pool="AvgPool2d"),
    Case(8, 2, activation="ReLU"),
    Case(8, 1, kernel=3),
    Case(28, 0),
    Case(32, 0, pool="AvgPool2d"),
    Case(32, 0),
    Case(32, 0, activation="ReLU"),
]
CASES = {"listed": LISTED, "nearby": NEARBY}


def parts(case: Case, kind: object, **options: object) -> list:
    """Return the layers, from `dlnotes.layers` or from ``torch.nn``, whose names are the same."""
    activation, pool = getattr(kind, case.activation), getattr(kind, case.pool)
    around = {"padding": case.padding, **options}
    return [
        kind.Conv2d(1, 6, case.kernel, **around),
        activation(),
        pool(2),
        kind.Conv2d(6, 16, case.kernel, **around),
        activation(),
        pool(2),
        kind.Flatten(),
        kind.Linear(case.features, 120, **options),
        activation(),
        kind.Linear(120, 84, **options),
        activation(),
        kind.Linear(84, 10, **options),
    ]


def steps(case: Case, dtype: type = np.float32, lr: float = 0.01) -> tuple[Step, Step]:
    """Return a training step of both, from the same weights; each returns its loss."""
    rng = np.random.default_rng(0)
    network = layers.Sequential(*parts(case, layers, rng=rng, dtype=dtype))
    kind = torch.float32 if dtype is np.float32 else torch.float64
    other = torch.nn.Sequential(*parts(case, torch.nn, dtype=kind))
    other.load_state_dict({n: torch.from_numpy(a) for n, a in network.state_dict().items()})
    descent = optim.SGD(network.parameters(), lr=lr, momentum=0.9)
    other_descent = torch.optim.SGD(other.parameters(), lr=lr, momentum=0.9)

    def ours(x: np.ndarray, y: np.ndarray) -> float:
        z = network(x)
        loss = F.cross_entropy(z, y)
        network.zero_grad().backward_parameters(F.cross_entropy_backward(1.0, z, y))
        descent.step(network.gradients())
        return float(loss)

    def theirs(x: np.ndarray, y: np.ndarray) -> float:
        loss = torch.nn.functional.cross_entropy(other(torch.from_numpy(x)), torch.from_numpy(y))
        other_descent.zero_grad()
        loss.backward()
        other_descent.step()
        return loss.item()

    return ours, theirs


def measure(case: Case, seconds: float) -> Row:
    """Time a step of both, on the same values, in the same rounds."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((BATCH, 1, case.side, case.side), dtype=np.float32)
    y = rng.integers(0, 10, BATCH)
    ours, theirs = steps(case)
    pair = [lambda: ours(x, y), lambda: theirs(x, y)]
    mine, other = (1000 * time for time in best_times(pair, seconds=seconds))
    return Row(case, round(mine, 3), round(other, 3))


def table(title: str, rows: Iterable[Row]) -> str:
    """Write rows as a table."""
    lines = [title, "side  kernel pad  activation pooling      dlnotes    PyTorch  ratio"]
    for row in rows:
        case = row.case
        what = f"{case.side:4}{case.kernel:8}{case.padding:4}  {case.activation:10} {case.pool:10}"
        lines.append(f"{what}{row.dlnotes_ms:8.2f} ms{row.torch_ms:8.2f} ms{row.ratio:7.2f}")
    return "\n".join(lines)


def summary(rows: Iterable[Row], bound: float) -> str:
    """Write the worst ratio, and whether it keeps its bound."""
    worst = max(row.ratio for row in rows)
    return f"{worst:.2f} (at most {bound:g}: {'kept' if worst <= bound else 'MISSED'})"


def write_record(path: Path, rows: dict[str, list[Row]], seconds: float) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": f"a training step of a LeNet on a batch of {BATCH}, with momentum, float32, one "
        "thread, beside PyTorch eager",
        "how": f"shortest {CLOCK} of alternating runs, {seconds:g} s a case",
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions(),
    }
    record |= {kind: [asdict(row) for row in part] for kind, part in rows.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_record(path: Path = RECORD) -> dict[str, list[Row]]:
    """Read the listed and the nearby rows of a record."""
    record = json.loads(path.read_text(encoding="utf-8"))
    return {kind: [_row(entry) for entry in record[kind]] for kind in CASES}


def _row(entry: dict) -> Row:
    return Row(Case(**entry["case"]), entry["dlnotes_ms"], entry["torch_ms"])


def main() -> None:
    """Measure, print the table, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each case")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = {}
    for kind, cases in CASES.items():
        rows[kind] = [measure(case, options.seconds) for case in cases]
        print(table(kind, rows[kind]), flush=True)
    print("listed:", summary(rows["listed"], RATIO_AT_MOST))
    print("nearby:", summary(rows["nearby"], CLIFF_ABOVE))
    if options.record:
        write_record(RECORD, rows, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
