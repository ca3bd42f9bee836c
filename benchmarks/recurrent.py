"""LSTM, GRU and the simple layer, forward and backward, beside PyTorch's modules with autograd.

python -m benchmarks.recurrent                 print the table
python -m benchmarks.recurrent --record        … and write book/results/recurrent_speed.json
python -m benchmarks.recurrent --seconds 10    measure each case for longer (default 3)

The promise is about OpenBLAS's own choice of kernels, which the record tells: held to those for
AVX2 by OPENBLAS_CORETYPE, as no benchmark here is, its products alone take longer than PyTorch's
LSTM where that has AVX-512.
"""

import argparse
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import torch

import dlnotes.functional as F
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.timing import CLOCK, best_times

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "recurrent_speed.json"
RATIO_AT_MOST = {"lstm": 2.0, "gru": 2.0}
CLIFF_ABOVE = {"lstm": 3.0, "gru": 1.5, "rnn": 1.5}
HELD_AT_MOST = {"lstm": 2.5, "gru": 1.5}  # with kernels that the processor could do better than
GROWTH_AT_MOST = 1.6  # time for a step in sequences of 200, over one in sequences of 50
OWN_CHOICE = "OpenBLAS's own choice"

Pair = list[Callable[[], object]]


@dataclass(frozen=True)
class Case:
    """A layer over N sequences of T steps, from D features to H units."""

    op: str
    steps: int = 50
    batch: int = 32
    features: int = 64
    units: int = 128


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


LISTED = [Case("lstm"), Case("gru")]
NEARBY = [  # other lengths, batches and widths: no cliff beside the listed ones
    Case(op, **other)
    for op in ("lstm", "gru", "rnn")
    for other in (
        {"steps": 10},
        {"steps": 200},
        {"batch": 1},
        {"batch": 33},
        {"units": 100},
        {"features": 200},
        {"steps": 49, "batch": 31, "features": 63, "units": 127},
    )
]
CASES = {"listed": LISTED, "nearby": NEARBY}


def measure(case: Case, seconds: float) -> Row:
    """Time forward plus backward of both, on the same values, in the same rounds."""
    torch.manual_seed(0)
    module = getattr(torch.nn, case.op.upper())(case.features, case.units)
    mine, other = (1000 * time for time in best_times(_pair(case, module), seconds=seconds))
    return Row(case, round(mine, 3), round(other, 3))


def _pair(case: Case, module: torch.nn.RNNBase) -> Pair:
    """Return the calls here and in PyTorch, with the same weights and all their gradients."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((case.steps, case.batch, case.features), dtype=np.float32)
    dy = rng.standard_normal((case.steps, case.batch, case.units), dtype=np.float32)
    forward, backward = getattr(F, case.op), getattr(F, f"{case.op}_backward")
    weights = [p.detach().numpy().copy() for p in module.parameters()]
    tensor, upstream = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)
    leaves = [tensor, *module.parameters()]

    def ours() -> None:
        result = forward(x, *weights)
        backward(dy, x, *weights, saved=result.saved)

    def theirs() -> None:
        torch.autograd.grad(module(tensor)[0], leaves, upstream)

    return [ours, theirs]


def growth(rows: Iterable[Row], op: str) -> float:
    """Return the time for a step in sequences of 200, over one in sequences of 50."""
    times = {row.case: row.dlnotes_ms for row in rows}
    return times[Case(op, steps=200)] / times[Case(op)] / 4


def chosen_by() -> str:
    """Say who chose OpenBLAS's kernels."""
    asked = os.environ.get("OPENBLAS_CORETYPE")
    return f"OPENBLAS_CORETYPE={asked}" if asked else OWN_CHOICE


def table(title: str, rows: Iterable[Row]) -> str:
    """Write rows as a table."""
    lines = [title, "layer   T   N   D   H   dlnotes    PyTorch  ratio"]
    for row in rows:
        case = row.case
        sizes = f"{case.steps:4}{case.batch:4}{case.features:4}{case.units:4}"
        times = f"{row.dlnotes_ms:7.2f} ms {row.torch_ms:7.2f} ms{row.ratio:7.2f}"
        lines.append(f"{case.op:5}{sizes}{times}")
    return "\n".join(lines)


def summary(rows: list[Row], bounds: dict[str, float]) -> str:
    """Write the worst ratio of each layer, and whether it keeps its bound."""
    parts = []
    for op, bound in bounds.items():
        worst = max(row.ratio for row in rows if row.case.op == op)
        verdict = "kept" if worst <= bound else "MISSED"
        parts.append(f"{op} {worst:.2f} (at most {bound:g}: {verdict})")
    return ", ".join(parts)


def write_record(path: Path, rows: dict[str, list[Row]], seconds: float) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": "LSTM, GRU and the simple layer, forward and backward through time, float32, one "
        "thread, beside PyTorch eager",
        "how": f"shortest {CLOCK} of alternating runs, {seconds:g} s a case",
        "date": date.today().isoformat(),
        "kernels": chosen_by(),
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


def _row(entry: dict[str, Any]) -> Row:
    return Row(Case(**entry["case"]), entry["dlnotes_ms"], entry["torch_ms"])


def main() -> None:
    """Measure, print the table, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each case")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    torch.set_num_threads(1)
    print(f"kernels: {chosen_by()}; PyTorch: {torch.backends.cpu.get_cpu_capability()}")
    rows = {}
    for kind, cases in CASES.items():
        rows[kind] = [measure(case, options.seconds) for case in cases]
        print(table(kind, rows[kind]), flush=True)
    print("listed:", summary(rows["listed"], RATIO_AT_MOST))
    print("nearby:", summary(rows["nearby"], CLIFF_ABOVE))
    for op in RATIO_AT_MOST:
        times = growth(rows["listed"] + rows["nearby"], op)
        print(f"{op}: a step takes {times:.2f} times as long in 200 steps as in 50")
    if options.record:
        write_record(RECORD, rows, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
