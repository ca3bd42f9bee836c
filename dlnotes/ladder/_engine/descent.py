"""The optimiser of the recipes: gradient descent with Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

Group = dict[str, Any]


class Descent:
    r"""Gradient descent, with Nesterov's momentum if there is any.

    .. math:: g \leftarrow g + d\,w, \quad v \leftarrow m v + g, \quad
              w \leftarrow w - \eta\,(g + m v)

    It is PyTorch's SGD with less around it: with batches of ten the step of a small
    network costs no more than what surrounds it.

    Parameters
    ----------
    weights, biases : sequence of Tensor
        What is trained; biases have no decay.
    momentum : float
        The m above.
    decay : float
        The d above.

    Examples
    --------
    >>> w = torch.ones(3, requires_grad=True)
    >>> descent = Descent([w], [], momentum=0.0, decay=0.0)
    >>> w.sum().backward()
    >>> descent.step(2.0)
    >>> w.tolist()
    [-1.0, -1.0, -1.0]
    """

    def __init__(
        self,
        weights: Sequence[Tensor],
        biases: Sequence[Tensor],
        *,
        momentum: float,
        decay: float,
    ) -> None:
        self.momentum = momentum
        self.groups: list[Group] = [
            {"params": list(values), "decay": of_group, "v": None}
            for values, of_group in ((weights, decay), (biases, 0.0))
            if values
        ]

    def zero_grad(self) -> None:
        """Forget the gradients."""
        for group in self.groups:
            for value in group["params"]:
                value.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Take a step of η = `rate` against the gradients, which are used up."""
        for group in self.groups:
            grads = [value.grad for value in group["params"]]
            if self.momentum:
                self._fused(group, grads, rate)
                continue
            if group["decay"]:
                torch._foreach_add_(grads, group["params"], alpha=group["decay"])
            torch._foreach_add_(group["params"], grads, alpha=-rate)

    def _fused(self, group: Group, grads: list[Tensor], rate: float) -> None:
        """Take a step with momentum, by the one call that PyTorch's SGD makes of it."""
        first = group["v"] is None
        if first:
            group["v"] = [torch.empty_like(grad) for grad in grads]
        torch._fused_sgd_(
            group["params"],
            grads,
            group["v"],
            weight_decay=group["decay"],
            momentum=self.momentum,
            lr=rate,
            dampening=0.0,
            nesterov=True,
            maximize=False,
            is_first_step=first,
        )

    def state_dict(self) -> dict[str, Any]:
        """Return what the next step hangs on: each group's v."""
        return {"v": [group["v"] for group in self.groups]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        for group, v in zip(self.groups, state["v"], strict=True):
            pairs = zip(v, group["params"], strict=True) if v is not None else None
            group["v"] = pairs and [one.to(value.device) for one, value in pairs]
