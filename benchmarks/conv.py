"""Convolution, forward and backward, beside PyTorch's eager mode with autograd.

python -m benchmarks.conv                 print the table
python -m benchmarks.conv --record        … and write book/results/conv_speed.json
python -m benchmarks.conv --seconds 10    measure each shape for longer (default 3)

Chapter 12 prints the record: after a new one, run it again with
``make execute ARGS=chapters/convolution/12-convolution-by-hand.ipynb``.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from math import exp, fsum, log
from pathlib import Path
from typing import Any

import numpy as np
import torch

import dlnotes.functional as F
from benchmarks.machine import describe_machine, describe_versions
from benchmarks.timing import CLOCK, best_times

RECORD = Path(__file__).resolve().parents[1] / "book" / "results" / "conv_speed.json"
LISTED_MEAN_AT_MOST, NEARBY_MEAN_AT_MOST = 1.25, 1.6  # geometric means
NONE_ABOVE = 2.5  # a shape must not fall off beside the others


@dataclass(frozen=True)
class Shape:
    """One measurement: N images of C channels and H × H pixels, K kernels of k × k."""

    N: int
    C: int
    H: int
    K: int
    k: int
    pad: int
    stride: int = 1


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
    Shape(32, 1, 28, 20, 5, 0),
    Shape(32, 20, 12, 40, 5, 0),
    Shape(8, 64, 28, 64, 3, 1),
    Shape(8, 64, 56, 64, 3, 1),
    Shape(8, 256, 14, 256, 3, 1),
    Shape(8, 256, 28, 64, 1, 0),
    Shape(16, 3, 32, 32, 3, 1),
]
NEARBY = [  # other batches, odd sizes, stride 2: no cliff beside the listed ones
    Shape(1, 1, 28, 20, 5, 0),
    Shape(256, 1, 28, 20, 5, 0),
    Shape(1, 20, 12, 40, 5, 0),
    Shape(32, 20, 13, 40, 5, 0, 2),
    Shape(1, 64, 28, 64, 3, 1),
    Shape(8, 64, 28, 64, 3, 1, 2),
    Shape(8, 64, 27, 64, 3, 1, 2),
    Shape(8, 63, 29, 65, 3, 1),
    Shape(64, 64, 7, 64, 3, 1),
    Shape(1, 64, 56, 64, 3, 1),
    Shape(2, 64, 112, 64, 3, 1),
    Shape(1, 256, 14, 256, 3, 1),
    Shape(7, 256, 13, 255, 3, 1, 2),
    Shape(8, 512, 7, 512, 3, 1),
    Shape(8, 256, 28, 64, 1, 0, 2),
    Shape(32, 256, 7, 64, 1, 0),
    Shape(16, 3, 33, 32, 3, 1, 2),
    Shape(128, 3, 32, 32, 3, 1),
    Shape(8, 16, 28, 16, 3, 1),
    Shape(4, 3, 112, 32, 7, 3, 2),
]


def measure(shape: Shape, seconds: float) -> Row:
    """Time forward plus backward of both, on the same values, in the same rounds."""
    rng = np.random.default_rng(0)

    def draw(*sizes: int) -> np.ndarray:
        return rng.standard_normal(sizes, dtype=np.float32)

    options: dict[str, Any] = {
        "stride": shape.stride,
        "padding": shape.pad,
    }
    arrays = [
        draw(shape.N, shape.C, shape.H, shape.H),
        draw(shape.K, shape.C, shape.k, shape.k),
    ]
    arrays.append(draw(shape.K))
    tensors = [torch.from_numpy(a).requires_grad_() for a in arrays]
    dy = draw(*F.conv2d(*arrays, **options).shape)
    upstream = torch.from_numpy(dy)

    def ours() -> None:
        F.conv2d(*arrays, **options)
        F.conv2d_backward(dy, *arrays, **options)

    def theirs() -> None:
        x, w, b = tensors
        y = torch.nn.functional.conv2d(x, w, b, stride=shape.stride, padding=shape.pad)
        torch.autograd.grad(y, tensors, upstream)

    mine, other = (1000 * time for time in best_times([ours, theirs], seconds=seconds))
    return Row(shape, round(mine, 3), round(other, 3))


def geometric_mean(rows: Iterable[Row]) -> float:
    """Return the geometric mean of the ratios."""
    logs = [log(row.ratio) for row in rows]
    return exp(fsum(logs) / len(logs))


def table(title: str, rows: Iterable[Row]) -> str:
    """Write rows as a table."""
    lines = [
        title,
        "    N    C    H    K  k pad stride   dlnotes   PyTorch  ratio",
    ]
    for row in rows:
        s = row.shape
        sizes = f"{s.N:5}{s.C:5}{s.H:5}{s.K:5}{s.k:3}{s.pad:4}{s.stride:7}"
        lines.append(f"{sizes}{row.dlnotes_ms:7.2f} ms{row.torch_ms:7.2f} ms{row.ratio:7.2f}")
    return "\n".join(lines)


def summary(rows: list[Row], **bounds: float) -> str:
    """Write the geometric mean and the worst ratio, and whether they keep their bounds."""
    got = {"geometric mean": geometric_mean(rows), "worst": max(row.ratio for row in rows)}
    parts = []
    for name, ratio in got.items():
        bound = bounds.get(name.split()[-1])
        verdict = "" if bound is None else f" (at most {bound:g}: {_kept(ratio <= bound)})"
        parts.append(f"{name} {ratio:.2f}{verdict}")
    return ", ".join(parts)


def _kept(kept: bool) -> str:
    return "kept" if kept else "MISSED"


def write_record(path: Path, listed: list[Row], nearby: list[Row], seconds: float) -> None:
    """Write a measurement with the machine in words."""
    record = {
        "what": "conv2d forward and backward, float32, one thread, beside PyTorch eager",
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
    listed = [measure(shape, options.seconds) for shape in LISTED]
    print(table("listed", listed))
    print(summary(listed, mean=LISTED_MEAN_AT_MOST, worst=NONE_ABOVE), flush=True)
    nearby = [measure(shape, options.seconds) for shape in NEARBY]
    print(table("nearby", nearby))
    print(summary(nearby, mean=NEARBY_MEAN_AT_MOST, worst=NONE_ABOVE))
    if options.record:
        write_record(RECORD, listed, nearby, options.seconds)
        print(f"written: {RECORD.name}")


if __name__ == "__main__":
    main()
