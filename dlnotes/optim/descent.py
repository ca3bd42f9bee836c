"""Gradient descent: plain, with momentum, with Nesterov's momentum."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlnotes._arguments import as_bool
from dlnotes.optim.optimizer import Array, Optimizer


class SGD(Optimizer):
    r"""Gradient descent, with momentum.

    .. math:: b_t = \mu\, b_{t-1} + (1 - \tau)\, g_t, \qquad b_1 = g_1

    .. math:: p \leftarrow p - \eta\, b_t
              \qquad\text{or, Nesterov's,}\qquad p \leftarrow p - \eta\,(g_t + \mu\, b_t)

    On a constant gradient b grows to g / (1 − μ): ten times the plain step for μ = 0.9.

    Parameters
    ----------
    params, weight_decay
        As in `Optimizer`.
    lr : float
        The η of the formula.
    momentum : float
        The μ; 0 is plain descent. The attribute may be changed between steps.
    dampening : float
        The τ.
    nesterov : bool
        Step from where the momentum is about to lead.

    Raises
    ------
    TypeError
        As `Optimizer`.
    ValueError
        As `Optimizer`, or if Nesterov's rule is asked for without momentum or with dampening.

    References
    ----------
    Concept gradient-descent-momentum; Sutskever et al., "On the importance of initialization and
    momentum in deep learning", ICML 2013.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> SGD([w], lr=0.5).step([np.array([1.0, -1.0])])
    >>> w.tolist()
    [0.5, 2.5]
    """

    option_names = (*Optimizer.option_names, "momentum", "dampening")

    def __init__(
        self,
        params: Sequence[Array],
        *,
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay)
        self.momentum, self.dampening, self.nesterov = momentum, dampening, nesterov
        self.read_options()
        as_bool("SGD", "nesterov", nesterov)
        if nesterov and (momentum == 0 or dampening != 0):
            raise ValueError(
                "SGD: Nesterov's rule needs momentum and no dampening; got "
                f"momentum={momentum!r}, dampening={dampening!r}; set momentum=0.9, dampening=0"
            )

    def update(self, p: Array, g: Array, state: dict[str, Any]) -> None:
        """Change one parameter, as `Optimizer.update` says."""
        if not self.momentum:
            p -= self.lr * g
            return
        if "momentum" in state:
            buffer = state["momentum"]
            buffer *= self.momentum
            buffer += (1 - self.dampening) * g
        else:
            buffer = state["momentum"] = np.copy(g)
        p -= self.lr * (g + self.momentum * buffer if self.nesterov else buffer)
