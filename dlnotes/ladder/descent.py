"""The optimisers of the recipes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from dlnotes.ladder.recipes import Recipe


class Descent:
    r"""Gradient descent without momentum, :math:`w \leftarrow w - \eta\,(g + d\,w)`.

    It does what PyTorch's SGD does with less around it: at batches of ten the step of a small
    network costs as much as what surrounds it.

    Parameters
    ----------
    weights, biases : sequence of Tensor
        What is trained; biases have no decay.
    decay : float
        The d above.

    Examples
    --------
    >>> w = torch.ones(3, requires_grad=True)
    >>> descent = Descent([w], [], decay=0.0)
    >>> w.sum().backward()
    >>> descent.param_groups[0]["lr"] = 2.0
    >>> descent.step()
    >>> w.tolist()
    [-1.0, -1.0, -1.0]
    """

    def __init__(self, weights: Sequence[Tensor], biases: Sequence[Tensor], decay: float) -> None:
        self.param_groups: list[dict[str, Any]] = [
            {"params": list(weights), "weight_decay": decay, "lr": 0.0},
            {"params": list(biases), "weight_decay": 0.0, "lr": 0.0},
        ]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.param_groups:
            for value in group["params"]:
                value.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Take a step against the gradients, which are used up."""
        for group in self.param_groups:
            grads = [value.grad for value in group["params"]]
            if not grads:
                continue
            if group["weight_decay"]:
                torch._foreach_add_(grads, group["params"], alpha=group["weight_decay"])
            torch._foreach_add_(group["params"], grads, alpha=-group["lr"])

    def state_dict(self) -> dict[str, Any]:
        """Return nothing: one step knows nothing of another."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take nothing."""


def optimizer(
    weights: Sequence[Tensor], biases: Sequence[Tensor], recipe: Recipe, batches: int
) -> Descent | torch.optim.SGD:
    """Return the optimiser of a recipe; biases have no decay.

    Parameters
    ----------
    weights, biases : sequence of Tensor
        What is trained.
    recipe : Recipe
        Momentum and decay; the rate is set before each step.
    batches : int
        Mini-batches an epoch, over which the origin's penalty is spread.

    Returns
    -------
    Descent or torch.optim.SGD

    Examples
    --------
    >>> from dlnotes.ladder.recipes import TODAY
    >>> optimizer([torch.ones(2)], [torch.ones(1)], TODAY, 10).param_groups[1]["weight_decay"]
    0.0
    """
    decay = recipe.decay_over(batches)
    if not recipe.momentum:
        return Descent(weights, biases, decay)
    groups = [
        {"params": weights, "weight_decay": decay},
        {"params": biases, "weight_decay": 0.0},
    ]
    momentum = recipe.momentum
    return torch.optim.SGD(groups, recipe.rate, momentum, nesterov=True, fused=True)
