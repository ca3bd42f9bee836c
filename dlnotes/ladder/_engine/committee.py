"""Networks of one rung that vote: nothing is trained, their kept votes are counted."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from dlnotes.ladder._engine.choice import classes_of
from dlnotes.ladder._engine.outcome import Votes


def count(votes: Sequence[Votes]) -> Tensor:
    """Return what networks name together after each epoch.

    The class with the most votes is named; where votes are equal, their mean probabilities decide.

    Parameters
    ----------
    votes : sequence of Votes
        One a network.

    Returns
    -------
    Tensor of uint8, shape (E, N)

    Examples
    --------
    >>> sure, unsure = torch.eye(3)[None, :1], torch.tensor([[[0.3, 0.4, 0.3]]])
    >>> one, other = (Votes(classes_of(p), p.half()) for p in (sure, unsure))
    >>> count([one, other]).tolist()
    [[0]]
    """
    many = torch.stack([one.classes for one in votes]).long()  # (voters, E, N)
    mean = torch.stack([one.probabilities.float() for one in votes]).mean(0)
    named = []
    for epoch in range(many.shape[1]):  # all at once would take gigabytes
        votes_of = F.one_hot(many[:, epoch], mean.shape[-1]).sum(0)  # (N, 10)
        named.append(classes_of(votes_of + mean[epoch]))
    return torch.stack(named)
