"""The training loop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from numbers import Real
from typing import Any

import numpy as np

from dlnotes._arguments import as_float
from dlnotes.functional._options import as_number, as_rng
from dlnotes.layers import Layer
from dlnotes.layers.layer import Array
from dlnotes.networks.history import Epoch, History
from dlnotes.networks.losses import Loss, Metric, as_loss, as_metrics
from dlnotes.networks.progress import Progress
from dlnotes.networks.running import (
    Means,
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
    min_delta: float = 0.0,
    metrics: Mapping[str, Metric] | None = None,
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
    min_delta : float
        By how much a loss must be better.
    metrics : mapping of str to callable, optional
        Each gets the outputs and the targets of a batch and returns a mean, as `accuracy`.
    schedule : callable, optional
        Returns the learning rate of a step by its number from 0, as those of `dlnotes.optim`:
        one number, finite and not negative.
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
    require_network("fit", network)
    require_rows("fit", least=1, x=x, y=y)
    _require_validation(validation, patience)
    stopping = EarlyStopping(network, patience, min_delta)
    goal = _Goal(as_loss("fit", loss), as_metrics("fit", metrics))
    steps = _Steps(
        network, _optimizer(network, optimizer), goal, _schedule(schedule), _norm(max_norm)
    )
    loop = _Loop(steps, as_rng("fit", rng), _count(epochs=epochs), _count(batch_size=batch_size))
    with Progress(_flag(progress)) as line, mode(network, True):
        return loop.run(x, y, validation, stopping, line)


@dataclass(frozen=True)
class _Goal:
    """What is made small, and what is measured beside it."""

    loss: Loss
    metrics: Mapping[str, Metric]


@dataclass
class _Steps:
    """What a step does, and the losses of the steps so far."""

    network: Layer
    optimizer: Optimizer
    goal: _Goal
    schedule: Callable[[int], float] | None
    max_norm: float | None

    def __post_init__(self) -> None:
        """Begin at the first step."""
        self.losses: list[float] = []

    def take(self, x: Array, y: Array, epoch: int) -> dict[str, float]:
        """Learn from one batch; return its loss and metrics."""
        if self.schedule is not None:
            self.optimizer.lr = _rate(self.schedule, len(self.losses))
        output = self.network(x)
        loss = float(self.goal.loss.forward(output, y))
        self.require_finite(loss, f"epoch {epoch}, step {len(self.losses)}")
        self.network.zero_grad()
        self.network.backward_parameters(self.goal.loss.backward(1.0, output, y))
        grads: Any = self.network.gradients()
        if self.max_norm is not None:
            grads, _ = clip_by_norm(grads, self.max_norm)
        self.optimizer.step(grads)
        self.losses.append(loss)
        metrics = self.goal.metrics.items()
        return {"loss": loss, **{name: metric(output, y) for name, metric in metrics}}

    def require_finite(self, loss: float, where: str) -> None:
        """Stop a training that has gone astray."""
        if not isfinite(loss):
            raise ValueError(
                f"fit: the loss is no finite number; got {loss} in {where}, learning rate "
                f"{self.optimizer.lr:g}; lower the learning rate, clip the gradients "
                "(max_norm=1.0), or look for NaN in the data"
            )


@dataclass(frozen=True)
class _Loop:
    """Epochs of steps."""

    steps: _Steps
    rng: np.random.Generator
    epochs: int
    batch_size: int

    @np.errstate(all="ignore")  # where it goes astray, the loss tells
    def run(
        self,
        x: Array,
        y: Array,
        validation: tuple[Array, Array] | None,
        stopping: EarlyStopping,
        line: Progress,
    ) -> History:
        """Train until the epochs or the patience end."""
        done: list[Epoch] = []
        try:
            for number in range(1, self.epochs + 1):
                means = self._epoch(x, y, number, line)
                checked = {} if validation is None else self._validate(validation, number)
                epoch = Epoch(number, means.pop("loss"), means, checked)
                line.show(_told(epoch, self.epochs), now=True)
                ends = stopping.ends(number, checked.get("loss"))
                done.append(epoch)
                if ends:
                    break
        except BaseException as error:  # Ctrl-C as well
            self._leave(error, done, stopping)
            raise
        if stopping.best is not None:
            stopping.restore()
        self.steps.network.forget()
        return self._history(done, stopping, early=len(done) < self.epochs)

    def _history(self, done: list[Epoch], stopping: EarlyStopping, *, early: bool) -> History:
        """Return what was done so far."""
        return History(tuple(done), tuple(self.steps.losses), stopping.best, early)

    def _leave(self, error: BaseException, done: list[Epoch], stopping: EarlyStopping) -> None:
        """Leave a network of one piece behind, and say in the error what it is."""
        stopping.restore()
        self.steps.network.forget()
        kind = "the last one that ended" if stopping.best is None else "the best one so far"
        held = f"of epoch {stopping.held}, {kind}" if stopping.held else "from before the training"
        error.history = self._history(done, stopping, early=False)  # type: ignore[attr-defined]
        error.add_note(
            f"fit: the network holds the parameters and running averages {held}; the {len(done)} "
            f"whole epochs and {len(self.steps.losses)} steps so far are this error's .history"
        )

    def _epoch(self, x: Array, y: Array, number: int, line: Progress) -> dict[str, float]:
        """Go once through the shuffled rows."""
        order, means = self.rng.permutation(len(x)), Means()
        for rows in batches(len(x), self.batch_size):
            chosen = order[rows]
            values = self.steps.take(x[chosen], y[chosen], number)
            means.add(len(chosen), values)
            seen = f"epoch {number}/{self.epochs}  {rows.stop}/{len(x)} rows"
            line.show(f"{seen}  loss {values['loss']:.4g}")
        return means.values()

    def _validate(self, validation: tuple[Array, Array], number: int) -> dict[str, float]:
        """Measure what is not learned."""
        goal = self.steps.goal
        found = measure(self.steps.network, *validation, goal.loss, goal.metrics, self.batch_size)
        self.steps.require_finite(found["loss"], f"the validation after epoch {number}")
        return found


def _told(epoch: Epoch, epochs: int) -> str:
    """Write an epoch in one line."""
    values = {"loss": epoch.loss, **epoch.metrics}
    values |= {f"validation {name}": value for name, value in epoch.validation.items()}
    parts = (f"{name} {value:.4g}" for name, value in values.items())
    return "  ".join([f"epoch {epoch.number}/{epochs}", *parts])


def _require_validation(validation: object, patience: int | None) -> None:
    """Hold the validation to two arrays, and patience to a validation."""
    if validation is None and patience is not None:
        raise ValueError(
            f"fit: patience looks at the validation loss; got patience={patience!r} and no "
            "validation; give validation=(x, y)"
        )
    if validation is None:
        return
    if not isinstance(validation, tuple) or len(validation) != 2:
        raise TypeError(
            f"fit: validation is a pair of arrays; got {type(validation).__name__}; give (x, y)"
        )
    require_rows("fit", least=1, validation_x=validation[0], validation_y=validation[1])


def _optimizer(network: Layer, optimizer: object) -> Optimizer:
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
    return optimizer


def _schedule(schedule: Any) -> Callable[[int], float] | None:
    """Read the function that gives the learning rates."""
    if schedule is not None and not callable(schedule):
        raise TypeError(
            f"fit: a schedule is a function of the step's number; got {type(schedule).__name__}; "
            "give for example lambda t: optim.cosine(t, 0.1, t_max=1000)"
        )
    return schedule


def _rate(schedule: Callable[[int], object], step: int) -> float:
    """Return the learning rate that a schedule gives to a step."""
    rate = schedule(step)
    if isinstance(rate, bool) or not isinstance(rate, Real):
        raise TypeError(
            f"fit: a schedule returns a number; got {str(rate)[:60]!r} ({type(rate).__name__}) for "
            f"step {step}; return a float, as optim.cosine does"
        )
    found = as_float(rate)
    if not 0 <= found < inf:
        raise ValueError(
            f"fit: a learning rate is finite and not negative; got {str(rate)[:60]} from the "
            f"schedule for step {step}; return a rate from 0, as optim.cosine does"
        )
    return found


def _norm(max_norm: float | None) -> float | None:
    """Read the norm that gradients are clipped to."""
    return None if max_norm is None else as_number("fit", "max_norm", max_norm, low=0.0)


def _count(**count: int) -> int:
    """Read a count from 1."""
    ((name, value),) = count.items()
    return as_int(value, name, caller="fit")


def _flag(progress: object) -> bool:
    """Read the switch of the progress line."""
    if not isinstance(progress, bool):
        raise TypeError(f"fit: progress is True or False; got progress={progress!r}; give a bool")
    return progress
