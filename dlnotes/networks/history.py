"""What a training did, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data.

    Attributes
    ----------
    number : int
        From 1.
    loss : float
        Mean over the rows, each measured before the step that learned from it.
    metrics : mapping of str to float
        Measured on the same outputs.
    validation : mapping of str to float
        What `evaluate` returned afterwards: ``"loss"`` and the metrics; empty without validation.
    """

    number: int
    loss: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    validation: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class History:
    """What `fit` returns, and what an error that ends it has as ``history``.

    Attributes
    ----------
    epochs : tuple of Epoch
    steps : tuple of float
        Loss of each step, before it.
    best : int or None
        Number of the epoch whose parameters were restored; None without early stopping.
    stopped_early : bool
        Whether patience ended before the epochs did.
    """

    epochs: tuple[Epoch, ...]
    steps: tuple[float, ...]
    best: int | None = None
    stopped_early: bool = False

    @property
    def loss(self) -> tuple[float, ...]:
        """Return the training loss of each epoch."""
        return tuple(epoch.loss for epoch in self.epochs)

    @property
    def validation_loss(self) -> tuple[float, ...]:
        """Return the validation loss of each epoch; empty without validation."""
        return tuple(e.validation["loss"] for e in self.epochs if e.validation)
