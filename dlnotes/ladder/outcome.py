"""What a training tells: how far it is, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes
    ----------
    step, steps : int
        Steps done, and all of them.
    epoch, epochs : int
        Epochs finished, and all of them.
    rate : float
        Steps a second since the training began or went on.
    validation : float
        Best validation accuracy so far, the mean over runs trained at once; 0 before the first.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    rate: float
    validation: float

    @property
    def seconds_left(self) -> float:
        """How long the rest takes at this rate."""
        return (self.steps - self.step) / self.rate if self.rate else float("inf")


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes
    ----------
    rung, recipe : str
        What was trained, and how.
    seed : int
        Seed of the run.
    validation, test : float
        Accuracies of the chosen epoch, between 0 and 1.
    test_images : int
        How many images `test` is of.
    epoch, epochs : int
        The epoch chosen on validation, counted from 1, and how many were trained.
    parameters : int
        Weights and biases, of all networks that vote.
    seconds : float
        Time of the training, evaluations included. With one thread it is the processor's, so that
        what else the machine does does not count; otherwise the clock's. Runs trained at once
        share it equally.
    history : tuple of float
        Validation accuracy after each epoch.
    """

    rung: str
    recipe: str
    seed: int
    validation: float
    test: float
    test_images: int
    epoch: int
    epochs: int
    parameters: int
    seconds: float
    history: tuple[float, ...]
