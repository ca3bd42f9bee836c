"""The training loop."""

from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np

from dlnotes.functional._options import as_bool, as_number, as_rng
from dlnotes.layers import Layer
from dlnotes.layers.layer import Array
from dlnotes.networks.history import Epoch, History
from dlnotes.networks.losses import Loss, as_loss
from dlnotes.networks.progress import Progress
from dlnotes.networks.running import (
    Mean,
    batches,
    measure,
    mode,
    require_network,
    require_rows,
)
from dlnotes.networks.stopping import EarlyStopping
from dlnotes.optim import Optimizer, clip_by_norm
from dlnotes.shapes import as_int


def fit(
    network: Layer,
    x: Array,
    y: Array,
    *,
    optimizer: Optimizer,
    rng: np.random.Generator,
    loss: object = "cross_entropy",
    epochs: int = 10,
    batch_size: int = 32,
    validation: tuple[Array, Array] | None = None,
    patience: int | None = None,
    schedule: Callable[[int], float] | None = None,
    max_norm: float | None = None,
    progress: bool = True,
) -> History:
    r"""Train a network: in each epoch one step for every batch of the shuffled rows.

    .. math:: p \leftarrow p - \text{rule}\Big(\nabla_p \frac{1}{B} \sum_{n=1}^{B} L_n\Big)

    Parameters
    ----------
    network : Layer
        It is in training mode meanwhile, and in its own mode afterwards.
    x : ndarray, shape (N, ...)
        Inputs.
    y : ndarray, shape (N, ...)
        Targets, as the loss wants them.
    optimizer : Optimizer
        Over ``network.parameters()``.
    rng : numpy Generator
        Shuffles the rows, anew in each epoch.
    loss : str or (callable, callable)
        A loss of `dlnotes.functional` by name, or a loss and its backward pass.
    epochs, batch_size : int
        Passes over the data, and rows a step; the last batch of an epoch may be smaller.
    validation : (ndarray, ndarray), optional
        Inputs and targets that are measured after each epoch and not learned.
    patience : int, optional
        Stop after so many epochs without a better validation loss, and restore the best
        parameters and running averages, also when the epochs end first.
    schedule : callable, optional
        Returns the learning rate of a step by its number from 0, as `dlnotes.optim.step_decay`.
    max_norm : float, optional
        Gradients are clipped to this norm.
    progress : bool
        Whether to write one line about the state, if the output is a terminal.

    Returns
    -------
    History

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or does not fit the others; or as the layers, the loss
        and the optimizer.
    ValueError
        If a loss is not finite.

    Notes
    -----
    Whatever ends a training, an error or Ctrl-C, the network holds the parameters and running
    averages of a whole epoch afterwards: with `patience` those of the best one so far, else those
    of the last one that ended; before the first one ends, those from before the training. The error
    passes on. Its attribute ``history`` is the `History` so far, with the steps of the epoch that
    was cut short. The optimizer keeps what it remembers; after a loss that is not finite, make a
    new one to go on.

    References
    ----------
    Concepts training-vocabulary, early-stopping.

    Examples
    --------
    >>> from dlnotes import optim
    >>> from dlnotes.layers import Linear
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((50, 2))
    >>> network = Linear(2, 2, rng=rng)
    >>> optimizer = optim.SGD(network.parameters(), lr=0.5)
    >>> y = (x[:, 0] > 0).astype(int)
    >>> history = fit(network, x, y, optimizer=optimizer, rng=rng, epochs=3)
    >>> len(history.epochs), len(history.steps), history.loss[-1] < history.loss[0]
    (3, 6, True)
    """
    _require(network, x, y, optimizer, rng, validation, patience, schedule)
    goal = as_loss(loss)
    epochs = as_int(epochs, "epochs", caller="fit")
    size = as_int(batch_size, "batch_size", caller="fit")
    norm = None if max_norm is None else as_number("fit", "max_norm", max_norm, low=0.0)
    stopping = EarlyStopping(network, patience)
    done: list[Epoch] = []
    steps: list[float] = []
    with Progress(as_bool("fit", "progress", progress)) as line, mode(network, True):
        try:
            for number in range(1, epochs + 1):
                order, mean = rng.permutation(len(x)), Mean()
                for rows in batches(len(x), size):
                    inputs, targets = x[order[rows]], y[order[rows]]
                    if schedule is not None:
                        optimizer.lr = schedule(len(steps))
                    where = f"epoch {number}, step {len(steps)}"
                    value = _step(network, inputs, targets, goal, optimizer, norm, where)
                    steps.append(value)
                    mean.add(len(targets), value)
                    seen = f"epoch {number}/{epochs}  {rows.stop}/{len(x)} rows"
                    line.show(f"{seen}  loss {value:.4g}")
                checked = None
                if validation is not None:
                    checked = measure(network, *validation, goal, size)
                    _check_loss(checked, f"the validation after epoch {number}", optimizer)
                done.append(Epoch(number, mean.value, checked))
                line.show(_told(done[-1], epochs), now=True)
                if stopping.ends(number, checked):
                    break
        except BaseException as error:  # Ctrl-C as well
            _leave(error, network, stopping, History(tuple(done), tuple(steps), stopping.best))
            raise
    if stopping.best is not None:
        stopping.restore()
    network.forget()
    return History(tuple(done), tuple(steps), stopping.best, len(done) < epochs)


@np.errstate(all="ignore")  # where it goes astray, the loss tells
def _step(
    network: Layer,
    x: Array,
    y: Array,
    loss: Loss,
    optimizer: Optimizer,
    max_norm: float | None,
    where: str,
) -> float:
    """Learn from one batch; return the loss before the step."""
    output = network(x)
    value = float(loss.forward(output, y))
    _check_loss(value, where, optimizer)
    network.zero_grad()
    network.backward_parameters(loss.backward(1.0, output, y))
    grads: Any = network.gradients()
    if max_norm is not None:
        grads, _ = clip_by_norm(grads, max_norm)
    optimizer.step(grads)
    return value


def _check_loss(loss: float, where: str, optimizer: Optimizer) -> None:
    """Stop a training that has gone astray."""
    if not isfinite(loss):
        raise ValueError(
            f"fit: the loss is no finite number; got {loss} in {where}, learning rate "
            f"{optimizer.lr:g}; lower the learning rate, clip the gradients "
            "(max_norm=1.0), or look for NaN in the data"
        )


def _leave(error: BaseException, network: Layer, stopping: EarlyStopping, history: History) -> None:
    """Leave a network of one piece behind, and say in the error what it is."""
    stopping.restore()
    network.forget()
    kind = "the last one that ended" if stopping.best is None else "the best one so far"
    held = f"of epoch {stopping.held}, {kind}" if stopping.held else "from before the training"
    error.history = history  # type: ignore[attr-defined]
    error.add_note(
        f"fit: the network holds the parameters and running averages {held}; the "
        f"{len(history.epochs)} whole epochs and {len(history.steps)} steps so far are this "
        "error's .history"
    )


def _told(epoch: Epoch, epochs: int) -> str:
    """Write an epoch in one line."""
    told = f"epoch {epoch.number}/{epochs}  loss {epoch.loss:.4g}"
    held = epoch.validation_loss
    return told if held is None else f"{told}  validation loss {held:.4g}"


def _require(
    network: Layer,
    x: Array,
    y: Array,
    optimizer: object,
    rng: object,
    validation: object,
    patience: int | None,
    schedule: object,
) -> None:
    """Hold what is trained, and on what, to each other."""
    require_network("fit", network)
    require_rows("fit", least=1, x=x, y=y)
    _require_optimizer(network, optimizer)
    as_rng("fit", rng)
    if validation is None and patience is not None:
        raise ValueError(
            f"fit: patience looks at the validation loss; got patience={patience!r} and no "
            "validation; give validation=(x, y)"
        )
    if validation is not None and (not isinstance(validation, tuple) or len(validation) != 2):
        raise TypeError(
            f"fit: validation is a pair of arrays; got {type(validation).__name__}; give (x, y)"
        )
    if isinstance(validation, tuple):
        require_rows("fit", least=1, validation_x=validation[0], validation_y=validation[1])
    if schedule is not None and not callable(schedule):
        raise TypeError(
            f"fit: a schedule is a function of the step's number; got {type(schedule).__name__}; "
            "give for example lambda t: optim.step_decay(t, 0.1, step_size=1000)"
        )


def _require_optimizer(network: Layer, optimizer: object) -> None:
    """Hold the optimizer to the network's own arrays."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"fit: optimizer is none of dlnotes.optim; got {type(optimizer).__name__}; give for "
            "example optim.SGD(network.parameters(), lr=0.1)"
        )
    own = network.parameters()
    alike = len(own) == len(optimizer.params)
    if not alike or any(p is not q for p, q in zip(own, optimizer.params, strict=True)):
        raise ValueError(
            f"fit: the optimizer must hold the network's parameters, in their order; got "
            f"{len(optimizer.params)} arrays that are not all the network's {len(own)}; make it "
            "with network.parameters(), after freezing"
        )
