"""Stacks of layers as the builder's rows, drawn at random, and what `dlnotes` says of them."""

import contextlib
import io
import random
from typing import Any

from dlnotes import counting
from dlnotes.plotting.computing.table import FUNCTIONS, KINDS
from dlnotes.specs import Chain, Layer

CLASSES = {word: kind for kind, (word, _) in KINDS.items()}
SPACE = ("conv", "conv", "conv", "max-pool", "mean-pool", "batch norm", "activation", "dropout")
ANY = (*SPACE, "flatten", "global mean", "dense", "response norm")

Rows = list[dict[str, Any]]


def window(rng: random.Random, kind: str) -> dict[str, Any]:
    """Return kernel, stride and padding; now and then more padding than a pooling may have."""
    kernel = rng.choice((1, 2, 3, 3, 5, 7))
    most = kernel // 2 if kind != "conv" and rng.random() < 0.9 else 3
    return {"kernel": kernel, "stride": rng.choice((1, 1, 2, 3)), "padding": rng.randint(0, most)}


def settings(rng: random.Random, kind: str) -> dict[str, Any]:
    """Return what is set in a row of this kind."""
    if kind == "conv":
        some = {"channels": rng.choice((1, 4, 6, 8, 12)), "bias": rng.random() < 0.7}
        rest = {"dilation": rng.choice((1, 1, 1, 2)), "groups": rng.choice((1, 1, 1, 1, 2))}
        return {**some, **window(rng, kind), **rest}
    if kind in ("max-pool", "mean-pool"):
        return window(rng, kind)
    if kind == "dense":
        return {"units": rng.randint(1, 40), "bias": rng.random() < 0.7}
    if kind == "response norm":
        return {"size": rng.randint(1, 7), "alpha": 1e-4, "beta": 0.75, "k": 1.0}
    if kind == "activation":
        return {"function": rng.choice(FUNCTIONS)}
    return {"p": rng.choice((0.1, 0.5))} if kind == "dropout" else {}


def stack(rng: random.Random, *, wild: bool = True) -> tuple[list[int], Rows]:
    """Return an input and rows: first on maps, then flat; if `wild`, a few anywhere besides."""
    maps = [rng.choice(SPACE) for _ in range(rng.randint(1, 9))]
    flat = [rng.choice(("dense", "dense", "activation", "batch norm", "dropout")) for _ in "abc"]
    kinds = [*maps, rng.choice(("flatten", "flatten", "global mean")), *flat]
    if wild and rng.random() < 0.5:
        kinds.insert(rng.randrange(len(kinds)), rng.choice(ANY))
    if wild and rng.random() < 0.2:
        kinds.remove(next(kind for kind in kinds if kind in ("flatten", "global mean")))
    size = [rng.choice((1, 2, 3, 4)), rng.randint(5, 40), rng.randint(5, 40)]
    return size, [{"kind": kind, **settings(rng, kind)} for kind in kinds]


def layer(row: dict[str, Any]) -> Layer:
    """Return the layer that a row stands for."""
    return CLASSES[row["kind"]](**{key: value for key, value in row.items() if key != "kind"})


def expected(size: list[int], rows: Rows) -> dict[str, Any]:
    """Return what `counting` says, row by row, up to the first that cannot follow.

    The builder is stricter in one thing: a dense layer on maps, which would be applied to each
    of their lines, is refused.
    """
    shape: Any = tuple(size)
    wrong = None
    for at, row in enumerate(rows):
        if row["kind"] == "dense" and len(shape) == 3:
            wrong = at
            break
        try:
            shape = counting.output_shape(layer(row), shape)
        except ValueError:
            wrong = at
            break
    good = Chain(*map(layer, rows[:wrong]))
    found = counting.table(good, tuple(size))
    return {"wrong": wrong, "output": list(shape), "rows": [_row(row) for row in found.rows]}


def _row(row: counting.Row) -> dict[str, Any]:
    """Return a counted row as the script has it."""
    return {
        "input": list(row.input),
        "output": list(row.output),
        "trainable": row.parameters.trainable,
        "fixed": row.parameters.fixed,
        "products": row.operations.products,
        "values": row.values,
        "field": list(row.receptive) if row.receptive else None,
    }


def totals(wanted: dict) -> tuple[int, int]:
    """Return the parameters and the multiply-adds of a stack."""
    return tuple(sum(row[key] for row in wanted["rows"]) for key in ("trainable", "products"))


def run(program: str) -> tuple[object, str]:
    """Run a program; return its model and what it has printed."""
    space, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(program, space)
    return space["model"], printed.getvalue()
