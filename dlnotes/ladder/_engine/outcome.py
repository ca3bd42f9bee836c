"""What a training tells: how far it is, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from dlnotes.ladder.answers import Answers


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
class Votes:
    """What a network answered after each of E epochs, for a committee to count.

    Attributes
    ----------
    classes : Tensor of uint8, shape (E, V+T)
        Of the validation images, then of the test images.
    probabilities : Tensor of float16, shape (E, V+T, 10)
        For votes that are tied.
    """

    classes: Tensor
    probabilities: Tensor


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes
    ----------
    seed : int
        Seed of the run.
    group : tuple of int
        Seeds that were trained at once.
    validation, test : float
        Accuracies of the chosen epoch, between 0 and 1.
    epoch, epochs : int
        The epoch chosen on validation, counted from 1, and how many were trained.
    history, losses : tuple of float
        Validation accuracy after each epoch, and the mean loss of its steps.
    parameters : int
        Weights and biases.
    seconds : float
        Time of the training, evaluations included. With one thread it is the processor's, so that
        what else the machine does does not count; otherwise the clock's. Runs trained at once
        share it equally.
    commits, devices : tuple of str
        All that had a part in it, in their order.
    answers : Answers
        What the chosen epoch answers.
    network : dict of str to Tensor
        Parameters of the chosen epoch, as `dlnotes.torch_models` names them.
    votes : Votes or None
        Of a rung that a committee asks.
    """

    seed: int
    group: tuple[int, ...]
    validation: float
    test: float
    epoch: int
    epochs: int
    history: tuple[float, ...]
    losses: tuple[float, ...]
    parameters: int
    seconds: float
    commits: tuple[str, ...]
    devices: tuple[str, ...]
    answers: Answers
    network: dict[str, Tensor]
    votes: Votes | None
