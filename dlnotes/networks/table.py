"""A network as a table: layers, shapes, parameters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dlnotes._arguments import require_room
from dlnotes.layers import Embedding, Layer, Sequential
from dlnotes.networks.running import mode, require_network
from dlnotes.shapes import as_int

Shape = tuple[Any, ...]


@dataclass(frozen=True)
class Row:
    """A layer of a network.

    Attributes
    ----------
    path : str
        Its name, as in the names of its parameters.
    layer : str
        The call that makes it.
    output_shape : tuple of int, or tuple of such
        Shape of one output, without the batch.
    parameters : int
        How many numbers the layer itself learns or has learned.
    trainable : int
        How many of them are learned now.
    """

    path: str
    layer: str
    output_shape: Shape
    parameters: int
    trainable: int


@dataclass(frozen=True)
class Summary:
    """What `summary` returns; printed, it is a table.

    Attributes
    ----------
    input_shape : tuple of int
        Shape of one input, without the batch.
    rows : tuple of Row
        In the order in which the layers finish.
    """

    input_shape: Shape
    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """Return the number of parameters, summed over the rows."""
        return sum(row.parameters for row in self.rows)

    @property
    def trainable(self) -> int:
        """Return how many of them are learned."""
        return sum(row.trainable for row in self.rows)

    def __str__(self) -> str:
        """Write the table."""
        head = ["", "layer", "output", "parameters", "trainable"]
        lines = [head, ["", "input", _written(self.input_shape), "", ""]]
        for row in self.rows:
            counts = [f"{row.parameters:,}", f"{row.trainable:,}"]
            lines.append([row.path, row.layer, _written(row.output_shape), *counts])
        lines.append(["", "total", "", f"{self.parameters:,}", f"{self.trainable:,}"])
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if j > 2 else cell.ljust(width)
                for j, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )


def summary(
    network: Layer, input_shape: int | Sequence[int], *, dtype: DTypeLike | None = None
) -> Summary:
    """Return a table of a network's layers with their output shapes and parameters.

    The shapes are not computed by formulas: an empty batch runs through the network.

    Parameters
    ----------
    network : Layer
        It is left as it was.
    input_shape : int or sequence of int
        Shape of one input, without the batch: (C, H, W).
    dtype : dtype, optional
        Of the input; that of the parameters, or int64 for a network that begins with an
        `Embedding`, when left out.

    Returns
    -------
    Summary
        Containers in series have no row; a `Parallel` has one, below its branches.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type, or as the layers if the shape does not fit.

    References
    ----------
    Concept param-count.

    Examples
    --------
    >>> from dlnotes.layers import Conv2d, Flatten, Linear, Sequential
    >>> rng = np.random.default_rng(0)
    >>> network = Sequential(Conv2d(1, 4, 3, rng=rng), Flatten(), Linear(144, 10, rng=rng))
    >>> print(summary(network, (1, 8, 8)))
       layer            output  parameters  trainable
       input            1×8×8
    0  Conv2d(1, 4, 3)  4×6×6           40         40
    1  Flatten()        144              0          0
    2  Linear(144, 10)  10           1,450      1,450
       total                         1,490      1,490
    """
    require_network("summary", network)
    given = input_shape if isinstance(input_shape, list | tuple) else (input_shape,)
    shape = tuple(as_int(n, "input_shape", caller="summary") for n in given)
    require_room("summary", (1, *shape))
    kind = _input_dtype(network) if dtype is None else np.dtype(dtype)
    rows: list[Row] = []
    before = [(layer, layer.watch) for _, layer in network.named_layers()]
    try:
        for path, layer in network.named_layers():
            if not isinstance(layer, Sequential):
                layer.watch = _recorder(rows, path, layer)
        with mode(network, False):
            network(np.zeros((0, *shape), kind))
    finally:
        for layer, watch in before:
            layer.watch = watch
        network.forget()
    return Summary(shape, tuple(rows))


def _recorder(rows: list[Row], path: str, layer: Layer) -> Callable[[Any], None]:
    """Return what notes a layer's output down."""
    from dlnotes.layers._writing import written

    arrays = [getattr(layer, name) for name in layer.parameter_names]
    count = sum(a.size for a in arrays if a is not None)

    def record(y: Any) -> None:
        shape = tuple(_inner(part) for part in y) if isinstance(y, tuple) else _inner(y)
        call = written(layer, inside=False)
        rows.append(Row(path, call, shape, count, count if layer.trainable else 0))

    return record


def _inner(y: Any) -> Shape:
    """Return an output's shape without the batch."""
    return tuple(np.shape(y)[1:])


def _input_dtype(network: Layer) -> np.dtype[Any]:
    """Return the dtype that the first layer takes."""
    leaves = (layer for _, layer in network.named_layers() if not layer.children())
    if isinstance(next(leaves, None), Embedding):
        return np.dtype(np.int64)
    first = next((array.dtype for _, array in network.named_parameters()), None)
    return np.dtype(np.float64) if first is None else first


def _written(shape: Shape) -> str:
    """Write a shape, or a tuple of shapes."""
    if any(isinstance(n, tuple) for n in shape):
        return ", ".join(map(_written, shape))
    return "×".join(map(str, shape)) or "1"
