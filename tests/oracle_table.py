"""The table of the three oracles: every public operation, and its largest differences.

python tests/oracle_table.py              print the table as Markdown
python tests/oracle_table.py conv2d tanh  … of these operations alone
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

import dlnotes.functional as F
from oracle_cases import CASES, Case
from oracles import forward_mode

TOLERANCES = {"forward": 1e-10, "backward": 1e-10, "differences": 1e-6, "adjoint": 1e-10}
"""The house's tolerances, one for each column, all relative."""

STEP, DIRECTIONS = 1e-5, 3

MAKERS = {
    "dropout_mask": "draws at random",
    "rrelu_slopes": "draws at random",
    "conv1d_matrix": "makes a matrix, which is compared with conv1d",
    "conv2d_matrix": "makes a matrix, which is compared with conv2d",
    "SparseMatrix": "a class",
    "BatchNorm": "a class, what batch_norm returns",
    "RecurrentResult": "a class, what recurrent layers return",
    "RecurrentGradients": "a class, what their backward passes return",
}
"""What is public and has no row, because nothing is differentiated, and why."""


@dataclass(frozen=True)
class Row:
    """The largest differences of one operation, each relative to the largest value compared.

    `forward` and `backward` are against PyTorch, `differences` against central ones; `adjoint` is
    how far <dy, J v> and <J' dy, v> lie apart.
    """

    name: str
    gradients: int
    forward: float
    backward: float
    differences: float
    adjoint: float


def measured() -> list[str]:
    """Return the operations that the table must hold: all but backward passes and `MAKERS`."""
    return sorted(n for n in F.__all__ if not n.endswith("_backward") and n not in MAKERS)


def measure(case: Case) -> Row:
    """Run one case beside the three oracles, in float64, under a random upstream gradient."""
    rng = np.random.default_rng(1)
    y = np.asarray(case.forward(*case.arrays))
    dy = rng.standard_normal(y.shape)
    found = case.backward(dy, *case.arrays)
    grads = found if isinstance(found, tuple) else (found,)
    tensors = [torch.from_numpy(a.copy()).requires_grad_() for a in case.arrays]
    want = case.pytorch(*tensors)
    wanted = torch.autograd.grad(want, tensors, torch.from_numpy(dy), materialize_grads=True)
    pairs = zip(grads, wanted, strict=True)
    return Row(
        case.name,
        len(grads),
        gap(y, want.detach().numpy()),
        largest(gap(got, one.numpy()) for got, one in pairs),
        largest(by_differences(case, i, grad, dy, rng) for i, grad in enumerate(grads)),
        largest(by_adjoint(case, i, grad, dy, rng) for i, grad in enumerate(grads)),
    )


def gap(got: np.ndarray, want: np.ndarray) -> float:
    """Return the largest difference relative to the largest value; no broadcasting."""
    got, want = np.asarray(got), np.asarray(want)
    if (got.shape, got.dtype) != (want.shape, want.dtype):
        return float("inf")
    size = np.abs(want).max(initial=0.0)
    return float(np.abs(got - want).max(initial=0.0) / (size or 1.0))


def by_differences(case: Case, i: int, grad: np.ndarray, dy: np.ndarray, rng) -> float:
    """Compare one gradient with central differences along random directions."""
    found = []
    for _ in range(DIRECTIONS):
        v = rng.standard_normal(grad.shape)
        ahead, behind = (run(case, i, sign * STEP * v) for sign in (1, -1))
        want = float((dy * (ahead - behind)).sum()) / (2 * STEP)
        found.append(apart_by(float((grad * v).sum()), want, np.abs(grad * v).sum()))
    return largest(found)


def by_adjoint(case: Case, i: int, grad: np.ndarray, dy: np.ndarray, rng) -> float:
    """Compare <dy, J v> with <J' dy, v>; what is not affine takes J v from PyTorch."""
    v = rng.standard_normal(grad.shape)
    if case.affine:
        tangent = run(case, i, v) - run(case, i, 0 * v)
    else:
        tangent = forward_mode(case.pytorch)(case.arrays, i, v)
    size = np.abs(dy * tangent).sum() + np.abs(grad * v).sum()
    return apart_by(float((grad * v).sum()), float((dy * tangent).sum()), size)


def run(case: Case, i: int, change: np.ndarray) -> np.ndarray:
    """Run the operation with one of its arrays changed."""
    arrays = [a + change if j == i else a for j, a in enumerate(case.arrays)]
    return np.asarray(case.forward(*arrays))


def apart_by(got: float, want: float, size: float) -> float:
    """Return how far two sums lie apart, relative to the size of their terms."""
    return abs(got - want) / (float(size) or 1.0)


def largest(numbers: Iterable[float]) -> float:
    """Return the largest number, or NaN if there is one, which `max` would lose."""
    return float(np.max(list(numbers)))


def table(rows: Iterable[Row]) -> str:
    """Write rows as Markdown."""
    lines = [
        "| operation | gradients | PyTorch, forward | PyTorch, backward | differences | adjoint |",
        "|:--|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        numbers = (f"{getattr(row, column):.1e}" for column in TOLERANCES)
        lines.append(f"| `{row.name}` | {row.gradients} | {' | '.join(numbers)} |")
    limits = (f"{limit:.0e}" for limit in TOLERANCES.values())
    return "\n".join([*lines, f"| *allowed* | | {' | '.join(limits)} |"])


def main(names: list[str]) -> None:
    """Print the table."""
    print(table(measure(CASES[name]) for name in names or measured()))


if __name__ == "__main__":
    main(sys.argv[1:])
