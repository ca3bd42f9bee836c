"""Running a network over data: in batches, without learning."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from dlnotes.layers import Layer
from dlnotes.layers.layer import Array
from dlnotes.networks.losses import Loss
from dlnotes.shapes import as_int


@contextmanager
def mode(network: Layer, training: bool) -> Iterator[None]:
    """Put a network into a mode, and every layer back into its own afterwards."""
    before = [(layer, layer.training) for _, layer in network.named_layers()]
    network.train(training)
    try:
        yield
    finally:
        for layer, training_before in before:
            layer.training = training_before


def predict(network: Layer, x: Array, *, batch_size: int = 256) -> Any:
    """Return a network's outputs as in use: no dropout, running averages, nothing kept.

    Parameters
    ----------
    network : Layer
    x : ndarray, shape (N, ...)
        Inputs; N may be 0.
    batch_size : int
        How many inputs run at a time.

    Returns
    -------
    ndarray, shape (N, ...)
        Or a tuple of them, where the network returns tuples.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range, or as the layers.
    ValueError
        If the network returns something else than a row for each input.

    Examples
    --------
    >>> from dlnotes.layers import Linear
    >>> predict(Linear(5, 3, rng=np.random.default_rng(0)), np.ones((7, 5)), batch_size=2).shape
    (7, 3)
    """
    require_network("predict", network)
    size = as_int(batch_size, "batch_size", caller="predict")
    require_rows("predict", x=x)
    with mode(network, False):
        taken = [x[rows] for rows in batches(len(x), size)] or [x]
        parts = [network(rows) for rows in taken]
    network.forget()
    return _joined(parts, [len(rows) for rows in taken])


def _joined(parts: Sequence[Any], rows: Sequence[int]) -> Any:
    """Put the outputs of batches one after another, each with as many rows as its batch."""
    if isinstance(parts[0], tuple):
        return tuple(_joined(column, rows) for column in zip(*parts, strict=True))
    for part, n in zip(parts, rows, strict=True):
        if np.shape(part)[:1] != (n,):
            raise ValueError(
                f"predict: a network returns a row for each input; got an output of shape "
                f"{np.shape(part)} for {n} inputs; keep the first axis, the batch's"
            )
    return np.concatenate(parts)


@np.errstate(all="ignore")
def measure(network: Layer, x: Array, y: Array, loss: Loss, batch_size: int) -> float:
    """Return the loss of a network in use, as the mean over the rows."""
    mean = Mean()
    with mode(network, False):
        for rows in batches(len(x), batch_size):
            target = y[rows]
            mean.add(len(target), float(loss.forward(network(x[rows]), target)))
    network.forget()
    return mean.value


class Mean:
    """A mean over rows that come in batches.

    Of losses that are no plain means over the rows (class weights, ignored rows) the batches'
    values are averaged.
    """

    def __init__(self) -> None:
        self._sum, self._rows = 0.0, 0

    def add(self, rows: int, value: float) -> None:
        """Take the mean of a batch in."""
        self._sum += rows * value
        self._rows += rows

    @property
    def value(self) -> float:
        """Return the mean over all rows so far."""
        return self._sum / self._rows


def batches(n: int, size: int) -> list[slice]:
    """Divide n rows into batches; the last one may be smaller."""
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


def require_network(caller: str, network: object) -> None:
    """Hold an argument to a layer."""
    if not isinstance(network, Layer):
        raise TypeError(
            f"{caller}: the network is a layer of dlnotes; got {type(network).__name__}; give for "
            "example a Sequential"
        )


def require_rows(caller: str, *, least: int = 0, **arrays: object) -> None:
    """Hold arrays to one number of rows."""
    for name, a in arrays.items():
        if not isinstance(a, np.ndarray):
            raise TypeError(
                f"{caller}: {name} is no NumPy array; got {type(a).__name__}; "
                f"use np.asarray({name})"
            )
    shapes = {name: a.shape for name, a in arrays.items() if isinstance(a, np.ndarray)}
    rows = {shape[0] if shape else -1 for shape in shapes.values()}
    if len(rows) != 1 or min(rows) < least:
        got = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(
            f"{caller}: {' and '.join(shapes)} need one row for each example, at least {least}; "
            f"got {got}; make the first sizes equal"
        )
