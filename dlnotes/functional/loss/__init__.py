"""Losses and penalties, each beside its backward pass.

A loss compares what a network gives with a target and is reduced as in PyTorch: ``"none"`` keeps
one number an example, ``"mean"`` and ``"sum"`` give one number. A backward pass takes the
upstream gradient, of the loss's shape (for one number that is 1.0 at the end of a network), and
then what the forward pass took; it returns the gradient to the first of these. Targets and
weights are data and get none. Shapes must match: a target is never broadcast.
"""

from dlnotes.functional.loss.binary import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_backward,
)
from dlnotes.functional.loss.categorical import (
    cross_entropy,
    cross_entropy_backward,
)
from dlnotes.functional.loss.penalties import (
    activity_penalty,
    activity_penalty_backward,
    l1_penalty,
    l1_penalty_backward,
    l2_penalty,
    l2_penalty_backward,
)
from dlnotes.functional.loss.squared import mse_loss, mse_loss_backward

__all__ = [
    "activity_penalty",
    "activity_penalty_backward",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "l1_penalty",
    "l1_penalty_backward",
    "l2_penalty",
    "l2_penalty_backward",
    "mse_loss",
    "mse_loss_backward",
]
