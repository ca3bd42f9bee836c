"""Pooling and batch norm, forward and backward, beside PyTorch's eager mode with autograd.

python -m benchmarks.pool_norm                 print the table
python -m benchmarks.pool_norm --record        … and write book/results/pool_norm_speed.json
python -m benchmarks.pool_norm --seconds 10    measure each case for longer (default 3)
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

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "pool_norm_speed.json"
RATIO_AT_MOST = {"max_pool2d": 2.0, "avg_pool2d": 2.0, "batch_norm": 2.0}
CLIFF_ABOVE = dict.fromkeys(RATIO_AT_MOST, 3.0)
GROWTH_AT_MOST = 1.5  # time for an image in a batch of 128, over one of 32

Pair = list[Callable[[], object]]


@dataclass(frozen=True)
class Case:
    """An operation on an input of a shape; a pooling has a window, a stride and a padding."""

    op: str
    shape: tuple[int, ...]
    kernel: int = 2
    stride: int = 2
    pad: int = 0


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


LISTED = [
    Case("max_pool2d", (32, 20, 24, 24)),
    Case("avg_pool2d", (32, 20, 24, 24)),
    Case("batch_norm", (32, 64, 28, 28)),
]
NEARBY = [  # other batches, odd sizes, overlapping windows: no cliff beside the listed ones
    Case("max_pool2d", (128, 20, 24, 24)),
    Case("max_pool2d", (32, 20, 23, 23)),
    Case("max_pool2d", (32, 20, 24, 24), 3, 2, 1),
    Case("max_pool2d", (32, 20, 24, 24), 3, 1, 1),
    Case("max_pool2d", (8, 96, 55, 55), 3, 2),
    Case("max_pool2d", (8, 64, 112, 112), 3, 2, 1),
    Case("max_pool2d", (8, 256, 13, 13), 5, 4),
    Case("avg_pool2d", (128, 20, 24, 24)),
    Case("avg_pool2d", (32, 20, 24, 24), 3, 2, 1),
    Case("avg_pool2d", (8, 256, 14, 14), 7, 7),
    Case("batch_norm", (8, 64, 28, 28)),
    Case("batch_norm", (128, 64, 28, 28)),
    Case("batch_norm", (32, 256, 7, 7)),
    Case("batch_norm", (1, 64, 112, 112)),
    Case("batch_norm", (32, 20, 23, 23)),
    Case("batch_norm", (256, 512)),
]
SMALL = [  # reading the arguments is most of the time: no promise
    Case("max_pool2d", (1, 20, 24, 24)),
    Case("batch_norm", (64, 100)),
]

CASES = {"listed": LISTED, "nearby": NEARBY, "small": SMALL}


def measure(case: Case, seconds: float) -> Row:
    """Time forward plus backward of both, on the same values, in the same rounds."""
    x = np.random.default_rng(0).standard_normal(case.shape, dtype=np.float32)
    pair = _batch_norm(x) if case.op == "batch_norm" else _pooling(case, x)
    mine, other = (1000 * time for time in best_times(pair, seconds=seconds))
    return Row(case, round(mine, 3), round(other, 3))


def _pooling(case: Case, x: np.ndarray) -> Pair:
    """Return the calls of a pooling, here and in PyTorch."""
    forward, backward = getattr(F, case.op), getattr(F, f"{case.op}_backward")
    torch_forward = getattr(torch.nn.functional, case.op)
    options = {"stride": case.stride, "padding": case.pad}
    dy = np.random.default_rng(1).standard_normal(forward(x, case.kernel, **options).shape)
    dy = dy.astype(np.float32)
    tensor, upstream = torch.from_numpy(x).requires_grad_(), torch.from_numpy(dy)

    def ours() -> None:
        forward(x, case.kernel, **options)
        backward(dy, x, case.kernel, **options)

    def theirs() -> None:
        torch.autograd.grad(torch_forward(tensor, case.kernel, **options), tensor, upstream)

    return [ours, theirs]


def _batch_norm(x: np.ndarray) -> Pair:
    """Return the calls of batch norm in training, here and in PyTorch."""
    gamma, beta, mean, var = (np.full(x.shape[1], v, np.float32) for v in (1.5, 0.5, 0, 1))
    dy = np.random.default_rng(1).standard_normal(x.shape, dtype=np.float32)
    leaves = [torch.from_numpy(a.copy()).requires_grad_() for a in (x, gamma, beta)]
    averages, upstream = [torch.zeros(x.shape[1]), torch.ones(x.shape[1])], torch.from_numpy(dy)

    def ours() -> None:
        F.batch_norm(x, gamma, beta, running_mean=mean, running_var=var, training=True)
        F.batch_norm_backward(dy, x, gamma, beta, training=True)

    def theirs() -> None:
        y = torch.nn.functional.batch_norm(leaves[0], *averages, *leaves[1:], training=True)
        torch.autograd.grad(y, leaves, upstream)

    return [ours, theirs]


def growth(rows: Iterable[Row], op: str) -> float:
    """Return the time for an image in a batch of 128, over one of 32."""
    times = {row.case.shape[0]: row.dlnotes_ms for row in rows if _plain(row.case, op)}
    return times[128] / times[32] / 4


def _plain(case: Case, op: str) -> bool:
    """Say whether a case is a listed one, up to the batch."""
    return any(
        case == Case(op, (case.shape[0], *listed.shape[1:])) for listed in LISTED if listed.op == op
    )


def table(title: str, rows: Iterable[Row]) -> str:
    """Write rows as a table."""
    lines = [title, "operation   shape               window stride pad   dlnotes   PyTorch  ratio"]
    for row in rows:
        case = row.case
        window = f"{case.kernel:6}{case.stride:7}{case.pad:4}"
        window = window if "pool" in case.op else " " * len(window)
        times = f"{row.dlnotes_ms:7.2f} ms{row.torch_ms:7.2f} ms{row.ratio:7.2f}"
        lines.append(f"{case.op:11} {case.shape!s:20}{window}{times}")
    return "\n".join(lines)


def summary(rows: list[Row], bounds: dict[str, float]) -> str:
    """Write the worst ratio of each operation, and whether it keeps its bound."""
    parts = []
    for op, bound in bounds.items():
        worst = max(row.ratio for row in rows if row.case.op == op)
        verdict = "kept" if worst <= bound else "MISSED"
        parts.append(f"{op} {worst:.2f} (at most {bound:g}: {verdict})")
    return ", ".join(parts)


def write_record(path: Path, rows: dict[str, list[Row]], seconds: float) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": "pooling and batch norm in training, forward and backward, float32, one thread, "
        "beside PyTorch eager",
        "how": f"shortest {CLOCK} of alternating runs, {seconds:g} s a case",
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions(),
    }
    record |= {kind: [asdict(row) for row in part] for kind, part in rows.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_record(path: Path = RECORD) -> dict[str, list[Row]]:
    """Read the listed, the nearby and the small rows of a record."""
    record = json.loads(path.read_text(encoding="utf-8"))
    return {kind: [_row(entry) for entry in record[kind]] for kind in CASES}


def _row(entry: dict) -> Row:
    case = entry["case"] | {"shape": tuple(entry["case"]["shape"])}
    return Row(Case(**case), entry["dlnotes_ms"], entry["torch_ms"])


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
    for op in RATIO_AT_MOST:
        times = growth(rows["listed"] + rows["nearby"], op)
        print(f"{op}: an image takes {times:.2f} times as long in a batch of 128 as in one of 32")
    if options.record:
        write_record(RECORD, rows, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
