"""One line of a layer table."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from dlnotes.counting.operations import NOTHING, Operations
from dlnotes.counting.parameters import Parameters
from dlnotes.counting.rules import Shape, Shapes

NONE = Parameters()


@dataclass(frozen=True)
class Row:
    """One line of a layer table: a layer, a join of branches, or a part summed up.

    Attributes
    ----------
    path : str
        Where it stands, such as ``'stage2.block1.body.conv1'``.
    kind : str
        Kind of layer; 'add' and 'concat' for joins.
    input, output : tuple of int
        Shapes without the batch; a tuple of shapes where several values go in.
    parameters : Parameters
        Trained and fixed numbers.
    operations : Operations
        Work for one example, in amounts that conventions weigh.
    values : int
        Numbers that it makes; views such as Flatten make none.
    receptive : tuple of int, or None
        Rows and columns of the input that one output value depends on, padding included.
    """

    path: str
    kind: str
    input: Shapes
    output: Shapes
    parameters: Parameters = NONE
    operations: Operations = NOTHING
    values: int = 0
    receptive: Shape | None = None


def values_of(output: Shapes) -> int:
    """Return how many numbers a shape holds."""
    return prod(size for size in output if isinstance(size, int))
