"""Which epoch is kept: the one that is best on the validation images."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dlnotes.ladder._engine.members import Members

CHUNK = 250
"""Images at a time where nothing is trained: what they make still fits the processor's cache."""
MOST = 20 * CHUNK
"""Images times networks at a time; a hundred networks would fill an accelerator's memory."""


class Choice:
    """The best epoch of each network so far, with its parameters and its answers.

    Parameters
    ----------
    net : Members
        The networks, one a run.

    Attributes
    ----------
    accuracy : list of float
        Best validation accuracy of each run; -1 before the first.
    epoch : list of int
        Its epoch, counted from 1; 0 before the first.
    history : list of list of float
        Accuracies after each epoch, one a run.
    classes : list of Tensor of uint8, shape (N,)
        What each run's best epoch answers on the validation images.
    """

    def __init__(self, net: Members) -> None:
        self.net = net
        self.accuracy, self.epoch = [-1.0] * net.count, [0] * net.count
        self.history: list[list[float]] = []
        self.classes = [torch.empty(0, dtype=torch.uint8)] * net.count
        self.best = {name: value.clone() for name, value in net.state_dict().items()}

    def offer(self, classes: Tensor, labels: Tensor) -> None:
        """Keep the networks that are at least as good as they ever were.

        Parameters
        ----------
        classes : Tensor of uint8, shape (M, N)
            What each network answers on the validation images.
        labels : Tensor of int64, shape (N,)
            What is right.
        """
        right = (classes == labels).sum(1).tolist()
        self.history.append([count / len(labels) for count in right])
        for run, accuracy in enumerate(self.history[-1]):
            if accuracy < self.accuracy[run]:
                continue
            self.accuracy[run], self.epoch[run] = accuracy, len(self.history)
            self.classes[run] = classes[run].clone()
            for name, value in self.net.state_dict().items():
                rows = len(value) // self.net.count
                part = slice(run * rows, (run + 1) * rows)
                self.best[name][part] = value[part]

    def restore(self) -> None:
        """Give the networks the parameters that were kept."""
        self.net.load_state_dict(self.best)

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint holds of it."""
        names = ("accuracy", "epoch", "history", "classes", "best")
        return {name: getattr(self, name) for name in names}

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.accuracy, self.epoch = list(state["accuracy"]), list(state["epoch"])
        self.history = [list(accuracies) for accuracies in state["history"]]
        self.classes = list(state["classes"])
        for name, value in state["best"].items():
            self.best[name].copy_(value)


def logits(net: Members, images: Tensor) -> Tensor:
    """Return what the networks make of images, a part of them at a time.

    Parameters
    ----------
    net : Members
        The networks.
    images : Tensor, shape (N, C, H, W)
        On any device.

    Returns
    -------
    Tensor, shape (M, N, 10)
        On the processor.
    """
    net.eval()
    found = []
    with torch.inference_mode():
        for part in images.split(max(1, min(CHUNK, MOST // net.count))):
            x = part.to(next(net.parameters()).device).expand(net.count, *part.shape)
            found.append(net(x).cpu())
    return torch.cat(found, 1)


def classes_of(values: Tensor) -> Tensor:
    """Return the class that each (..., 10) names, as bytes."""
    return values.argmax(-1).to(torch.uint8)
