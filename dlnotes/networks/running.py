"""Running a network over data: in batches, without learning."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from dlnotes.layers import Layer
from dlnotes.layers.layer import Array
from dlnotes.networks.losses import Loss, Metric, as_loss, as_metrics
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


def evaluate(
    network: Layer,
    x: Array,
    y: Array,
    *,
    loss: object = "cross_entropy",
    metrics: Mapping[str, Metric] | None = None,
    batch_size: int = 256,
) -> dict[str, float]:
    """Return the loss and the metrics of a network in use, as means over the rows.

    Parameters
    ----------
    network : Layer
    x : ndarray, shape (N, ...)
        Inputs; N is not 0.
    y : ndarray, shape (N, ...)
        Targets of the loss.
    loss : str or (callable, callable)
        As in `fit`.
    metrics : mapping of str to callable, optional
        As in `fit`.
    batch_size : int
        How many inputs run at a time. Of losses and metrics that are no plain means over the rows
        (class weights, ignored rows) the batches' values are averaged.

    Returns
    -------
    dict of float
        ``"loss"`` and the metrics by name.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range, or as the layers and the loss.

    Examples
    --------
    >>> from dlnotes.layers import Linear
    >>> from dlnotes.networks import accuracy
    >>> network = Linear(5, 3, rng=np.random.default_rng(0))
    >>> found = evaluate(network, np.ones((7, 5)), np.zeros(7, int), metrics={"hits": accuracy})
    >>> sorted(found)
    ['hits', 'loss']
    """
    require_network("evaluate", network)
    size = as_int(batch_size, "batch_size", caller="evaluate")
    require_rows("evaluate", least=1, x=x, y=y)
    wanted = as_metrics("evaluate", metrics)
    return measure(network, x, y, as_loss("evaluate", loss), wanted, size)


@np.errstate(all="ignore")
def measure(
    network: Layer,
    x: Array,
    y: Array,
    loss: Loss,
    metrics: Mapping[str, Metric],
    batch_size: int,
) -> dict[str, float]:
    """Return what `evaluate` returns, from arguments that were checked."""
    means = Means()
    with mode(network, False):
        for rows in batches(len(x), batch_size):
            output, target = network(x[rows]), y[rows]
            values = {name: metric(output, target) for name, metric in metrics.items()}
            means.add(len(target), {"loss": float(loss.forward(output, target)), **values})
    network.forget()
    return means.values()


class Means:
    """Means over rows that come in batches."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self._rows = 0

    def add(self, rows: int, values: Mapping[str, float]) -> None:
        """Take the means of a batch in."""
        self._rows += rows
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + rows * float(value)

    def values(self) -> dict[str, float]:
        """Return the means over all rows."""
        return {name: value / self._rows for name, value in self._sums.items()}


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
