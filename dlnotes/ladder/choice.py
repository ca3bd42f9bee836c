"""Which epoch is kept: the one that is best on the validation images."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from dlnotes.ladder.members import Members

CHUNK = 250
"""Images at a time where nothing is trained: what they make still fits the processor's cache."""
MOST = 20 * CHUNK
"""Images times networks at a time; a hundred networks would fill an accelerator's memory."""


class Choice:
    """The best epoch of each run so far, and its parameters.

    Parameters
    ----------
    net : Members
        The networks; those of a run lie side by side.
    runs : int
        How many runs they are of.

    Attributes
    ----------
    accuracy : list of float
        Best validation accuracy of each run; -1 before the first.
    epoch : list of int
        Its epoch, counted from 1; 0 before the first.
    history : list of list of float
        Accuracies after each epoch, one a run.
    """

    def __init__(self, net: Members, runs: int) -> None:
        self.net, self.runs = net, runs
        self.accuracy, self.epoch = [-1.0] * runs, [0] * runs
        self.history: list[list[float]] = []
        self.best = {name: value.clone() for name, value in net.state_dict().items()}

    def offer(self, accuracies: list[float]) -> None:
        """Keep the networks of the runs that are at least as good as they ever were."""
        self.history.append(accuracies)
        for run, accuracy in enumerate(accuracies):
            if accuracy < self.accuracy[run]:
                continue
            self.accuracy[run], self.epoch[run] = accuracy, len(self.history)
            for name, value in self.net.state_dict().items():
                rows = len(value) // self.runs
                self.best[name][run * rows : (run + 1) * rows] = value[
                    run * rows : (run + 1) * rows
                ]

    def restore(self) -> None:
        """Give the networks the parameters that were kept."""
        self.net.load_state_dict(self.best)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint holds of it."""
        return {name: getattr(self, name) for name in ("accuracy", "epoch", "history", "best")}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.accuracy, self.epoch = list(state["accuracy"]), list(state["epoch"])
        self.history = [list(accuracies) for accuracies in state["history"]]
        for name, value in state["best"].items():
            self.best[name].copy_(value)


def predict(net: Members, images: Tensor, runs: int = 1) -> Tensor:
    """Return the classes that the networks of each run name together.

    Several networks vote; where votes are equal, their mean probabilities decide.

    Parameters
    ----------
    net : Members
        The networks; those of a run lie side by side.
    images : Tensor, shape (N, C, H, W)
        On any device.
    runs : int
        How many runs the networks are of.

    Returns
    -------
    Tensor of int64, shape (runs, N)
    """
    net.eval()
    found = []
    with torch.inference_mode():
        for part in images.split(max(1, min(CHUNK, MOST // net.count))):
            x = part.to(next(net.parameters()).device).expand(net.count, *part.shape)
            logits = net(x).unflatten(0, (runs, -1))  # (runs, voters, N, 10)
            votes = F.one_hot(logits.argmax(-1), logits.shape[-1]).sum(1)
            found.append((votes + logits.softmax(-1).mean(1)).argmax(-1))
    return torch.cat(found, 1)


def accuracies(net: Members, images: Tensor, labels: Tensor, runs: int = 1) -> list[float]:
    """Return the share of images that each run names rightly.

    Parameters
    ----------
    net, images, runs
        As in `predict`.
    labels : Tensor of int64, shape (N,)
        The classes.

    Returns
    -------
    list of float
        One a run.
    """
    right = predict(net, images, runs).cpu() == labels.cpu()
    return [count / len(labels) for count in right.sum(1).tolist()]
