"""Transposed convolution, forward and backward, beside PyTorch's eager mode with autograd.

python -m benchmarks.transposed                 print the table
python -m benchmarks.transposed --record        … and write book/results/transposed_speed.json
python -m benchmarks.transposed --seconds 10    measure each shape for longer (default 3)
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from math import exp, fsum, log
from pathlib import Path

import numpy as np
import torch

import dlnotes.functional as F
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.timing import CLOCK, best_times

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "transposed_speed.json"
MEAN_AT_MOST = 1.6  # geometric means of the listed and of the nearby shapes
NONE_ABOVE = 2.5  # a shape must not fall off beside the others
GROWTH_AT_MOST = 1.5  # time for an image in the larger batch, over one in the smaller


@dataclass(frozen=True)
class Shape:
    """One measurement: N images of C channels and H × H pixels, kernels of k × k for K channels."""

    N: int
    C: int
    H: int
    K: int
    k: int
    stride: int
    pad: int


@dataclass(frozen=True)
class Row:
    """A shape and the shortest times of both, in milliseconds."""

    shape: Shape
    dlnotes_ms: float
    torch_ms: float

    @property
    def ratio(self) -> float:
        """How many times longer dlnotes takes."""
        return self.dlnotes_ms / self.torch_ms


LISTED = [
    Shape(32, 40, 12, 20, 4, 2, 1),
    Shape(8, 64, 28, 64, 4, 2, 1),
    Shape(8, 64, 28, 32, 3, 2, 1),
    Shape(16, 128, 8, 64, 4, 2, 1),
    Shape(8, 64, 28, 64, 3, 1, 1),
    Shape(8, 128, 14, 64, 2, 2, 0),
]
NEARBY = [  # other batches, odd sizes, other kernels and strides: no cliff beside the listed ones
    Shape(128, 40, 12, 20, 4, 2, 1),
    Shape(1, 64, 28, 64, 4, 2, 1),
    Shape(7, 63, 27, 65, 4, 2, 1),
    Shape(32, 64, 28, 32, 3, 2, 1),
    Shape(13, 128, 8, 64, 4, 2, 1),
    Shape(64, 256, 4, 128, 4, 2, 1),
    Shape(8, 64, 28, 32, 5, 2, 2),
    Shape(8, 64, 14, 64, 3, 3, 0),
    Shape(8, 32, 14, 32, 5, 3, 1),
    Shape(8, 32, 32, 3, 4, 2, 1),
    Shape(32, 64, 28, 64, 3, 1, 1),
    Shape(8, 20, 8, 40, 5, 1, 0),
    Shape(1, 128, 14, 64, 2, 2, 0),
]


def measure(shape: Shape, seconds: float) -> Row:
    """Time forward plus backward of both, on the same values, in the same rounds."""
    rng = np.random.default_rng(0)

    def draw(*sizes: int) -> np.ndarray:
        return rng.standard_normal(sizes, dtype=np.float32)

    options = {"stride": shape.stride, "padding": shape.pad}
    arrays = [
        draw(shape.N, shape.C, shape.H, shape.H),
        draw(shape.C, shape.K, shape.k, shape.k),
        draw(shape.K),
    ]
    tensors = [torch.from_numpy(a).requires_grad_() for a in arrays]
    dy = draw(*F.conv_transpose2d(*arrays, **options).shape)
    upstream = torch.from_numpy(dy)

    def ours() -> None:
        F.conv_transpose2d(*arrays, **options)
        F.conv_transpose2d_backward(dy, *arrays, **options)

    def theirs() -> None:
        y = torch.nn.functional.conv_transpose2d(*tensors, **options)
        torch.autograd.grad(y, tensors, upstream)

    mine, other = (1000 * time for time in best_times([ours, theirs], seconds=seconds))
    return Row(shape, round(mine, 3), round(other, 3))


def geometric_mean(rows: Iterable[Row]) -> float:
    """Return the geometric mean of the ratios."""
    logs = [log(row.ratio) for row in rows]
    return exp(fsum(logs) / len(logs))


def growths(rows: Iterable[Row]) -> list[float]:
    """Return, for shapes equal up to the batch, the time for an image in four times the batch."""
    times = {row.shape: row.dlnotes_ms for row in rows}
    larger = {shape: replace(shape, N=4 * shape.N) for shape in times}
    return [times[large] / times[small] / 4 for small, large in larger.items() if large in times]


def table(title: str, rows: Iterable[Row]) -> str:
    """Write rows as a table."""
    lines = [title, "    N    C    H    K  k stride pad   dlnotes   PyTorch  ratio"]
    for row in rows:
        s = row.shape
        sizes = f"{s.N:5}{s.C:5}{s.H:5}{s.K:5}{s.k:3}{s.stride:7}{s.pad:4}"
        lines.append(f"{sizes}{row.dlnotes_ms:7.2f} ms{row.torch_ms:7.2f} ms{row.ratio:7.2f}")
    return "\n".join(lines)


def summary(rows: list[Row]) -> str:
    """Write the geometric mean and the worst ratio, and whether they keep their bounds."""
    got = {"geometric mean": geometric_mean(rows), "worst": max(row.ratio for row in rows)}
    parts = []
    for (name, ratio), bound in zip(got.items(), (MEAN_AT_MOST, NONE_ABOVE), strict=True):
        kept = "kept" if ratio <= bound else "MISSED"
        parts.append(f"{name} {ratio:.2f} (at most {bound:g}: {kept})")
    return ", ".join(parts)


def write_record(path: Path, listed: list[Row], nearby: list[Row], seconds: float) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": "conv_transpose2d forward and backward, float32, one thread, beside PyTorch eager",
        "how": f"shortest {CLOCK} of alternating runs, {seconds:g} s a shape",
        "date": date.today().isoformat(),
        "machine": describe_machine(),
        "versions": describe_versions(),
        "listed": [asdict(row) for row in listed],
        "nearby": [asdict(row) for row in nearby],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_record(path: Path = RECORD) -> tuple[list[Row], list[Row]]:
    """Read the listed and the nearby rows of a record."""
    record = json.loads(path.read_text(encoding="utf-8"))
    both = (record["listed"], record["nearby"])
    listed, nearby = ([Row(**row | {"shape": Shape(**row["shape"])}) for row in r] for r in both)
    return listed, nearby


def main() -> None:
    """Measure, print the table, and write the record where it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="time for each shape")
    parser.add_argument("--record", action="store_true", help=f"write {RECORD.name}")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found = []
    for title, shapes in (("listed", LISTED), ("nearby", NEARBY)):
        found.append([measure(shape, options.seconds) for shape in shapes])
        print(table(title, found[-1]))
        print(summary(found[-1]), flush=True)
    for grown in growths(found[0] + found[1]):
        print(f"an image takes {grown:.2f} times as long in a batch four times as large")
    if options.record:
        write_record(RECORD, *found, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
