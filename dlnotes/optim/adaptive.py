"""Rules that give every number a rate of its own: Adam, AdamW."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlnotes.optim.optimizer import Array, Optimizer, slot


class Adam(Optimizer):
    r"""Momentum divided by the root of averaged squares, both corrected for starting at 0.

    .. math:: m_t = \beta_1 m_{t-1} + (1 - \beta_1)\, g_t, \qquad
              v_t = \beta_2 v_{t-1} + (1 - \beta_2)\, g_t^2

    .. math:: \hat m = \frac{m_t}{1 - \beta_1^t}, \qquad \hat v = \frac{v_t}{1 - \beta_2^t},
              \qquad p \leftarrow p - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon}

    Parameters
    ----------
    params, weight_decay
        As in `Optimizer`; `AdamW` is this rule with decoupled decay.
    lr : float
        The η of the formulas.
    betas : (float, float)
        How much of each average is kept; each below 1.
    eps : float
        The ε.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer`.

    References
    ----------
    Kingma and Ba, arXiv:1412.6980.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> Adam([w], lr=0.5, eps=0.0).step([np.array([100.0, -0.01])])
    >>> w.round(12).tolist()
    [0.5, 2.5]
    """

    option_names = (*Optimizer.option_names, "eps")

    def __init__(
        self,
        params: Sequence[Array],
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay)
        self.betas, self.eps = betas, eps
        self.read_options()

    def read_options(self) -> None:
        """Read the options, as `Optimizer.read_options`, and the betas."""
        super().read_options()
        self.betas = self._read_betas(self.betas)

    def _read_betas(self, betas: object) -> tuple[float, float]:
        """Read the two shares that the running means keep."""
        if not isinstance(betas, tuple | list) or len(betas) != 2:
            raise TypeError(
                f"{type(self).__name__}: betas are two numbers; got {str(betas)[:60]!r} "
                f"({type(betas).__name__}); give (0.9, 0.999)"
            )
        self.require(below=1.0, beta1=betas[0], beta2=betas[1])
        return float(betas[0]), float(betas[1])

    def update(self, p: Array, g: Array, state: dict[str, Any]) -> None:
        """Change one parameter, as `Optimizer.update` says."""
        beta1, beta2 = self.betas
        mean, squares = slot(state, "mean", p), slot(state, "squares", p)
        mean += (1 - beta1) * (g - mean)
        squares *= beta2
        squares += (1 - beta2) * (g * g)
        seen1, seen2 = 1 - beta1 ** state["step"], 1 - beta2 ** state["step"]
        p -= self.lr / seen1 * mean / (np.sqrt(squares) / math.sqrt(seen2) + self.eps)


class AdamW(Adam):
    r"""Adam with decoupled weight decay: the weights shrink by themselves.

    .. math:: p \leftarrow (1 - \eta\lambda)\, p, \qquad\text{then as Adam}

    For plain descent this is the same as adding λp to the gradient, as `Optimizer` does; for a
    rule that rescales the gradient it is not.

    Parameters
    ----------
    params, lr, betas, eps
        As in `Adam`.
    weight_decay : float
        The λ of the formula.

    Raises
    ------
    TypeError, ValueError
        As `Adam`.

    References
    ----------
    Loshchilov and Hutter, arXiv:1711.05101; concept l1-l2.

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> AdamW([w], lr=0.5, weight_decay=0.5).step([np.zeros(2)])
    >>> w.tolist()
    [0.75, 1.5]
    """

    def __init__(
        self,
        params: Sequence[Array],
        *,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay)

    def decay(self, p: Array, g: Array) -> Array:
        """Shrink the parameter, and leave its gradient."""
        p *= 1 - self.lr * self.weight_decay
        return g
