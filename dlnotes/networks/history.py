"""What a training did, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """One pass over the training data.

    Attributes
    ----------
    number : int
        From 1.
    loss : float
        Mean over the rows, each measured before the step that learned from it.
    validation_loss : float or None
        Mean over the rows of the validation, measured afterwards; None without validation.
    """

    number: int
    loss: float
    validation_loss: float | None = None


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
        return tuple(e.validation_loss for e in self.epochs if e.validation_loss is not None)
