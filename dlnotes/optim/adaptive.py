"""Rules that give every number a rate of its own: Adagrad, RMSProp, Adam, AdamW."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlnotes.optim._reading import require_flags
from dlnotes.optim.optimizer import Array, Optimizer, slot


class Adagrad(Optimizer):
    r"""Divide each step by the root of the sum of all squared gradients so far.

    .. math:: s_t = s_{t-1} + g_t^2, \qquad
              p \leftarrow p - \frac{\eta}{1 + (t-1)\,\delta}\, \frac{g_t}{\sqrt{s_t} + \epsilon}

    Parameters
    ----------
    params, weight_decay
        As in `Optimizer`.
    lr : float
        The η of the formula.
    lr_decay : float
        The δ.
    initial_accumulator_value : float
        The sum at the start.
    eps : float
        The ε.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer`.

    References
    ----------
    Duchi, Hazan and Singer, "Adaptive subgradient methods", JMLR 12 (2011).

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> Adagrad([w], lr=0.5, eps=0.0).step([np.array([100.0, -0.01])])
    >>> w.tolist()
    [0.5, 2.5]
    """

    option_names = (*Optimizer.option_names, "lr_decay", "initial_accumulator_value", "eps")

    def __init__(
        self,
        params: Sequence[Array],
        *,
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay)
        self.lr_decay, self.eps = lr_decay, eps
        self.initial_accumulator_value = initial_accumulator_value
        self.read_options()

    def update(self, p: Array, g: Array, state: dict[str, Any]) -> None:
        """Change one parameter, as `Optimizer.update` says."""
        squares = slot(state, "squares", p, self.initial_accumulator_value)
        squares += g * g
        rate = self.lr / (1 + (state["step"] - 1) * self.lr_decay)
        p -= rate * g / (np.sqrt(squares) + self.eps)


class RMSProp(Optimizer):
    r"""Divide each step by the root of a moving average of squared gradients.

    .. math:: s_t = \alpha\, s_{t-1} + (1 - \alpha)\, g_t^2, \qquad
              d_t = \frac{g_t}{\sqrt{s_t} + \epsilon}

    .. math:: b_t = \mu\, b_{t-1} + d_t, \qquad p \leftarrow p - \eta\, b_t

    Centred, the square of the moving average of the gradients is taken off s under the root.

    Parameters
    ----------
    params, weight_decay
        As in `Optimizer`.
    lr : float
        The η of the formulas.
    alpha : float
        How much of the average is kept.
    eps : float
        The ε, outside of the root.
    momentum : float
        The μ.
    centered : bool
        Divide by a deviation instead of a root mean square.

    Raises
    ------
    TypeError, ValueError
        As `Optimizer`.

    References
    ----------
    Tieleman and Hinton, "Lecture 6.5: rmsprop", Neural Networks for Machine Learning (2012).

    Examples
    --------
    >>> w = np.array([1.0, 2.0])
    >>> RMSProp([w], lr=0.5, alpha=0.75, eps=0.0).step([np.array([100.0, -0.01])])
    >>> w.tolist()
    [0.0, 3.0]
    """

    option_names = (*Optimizer.option_names, "alpha", "eps", "momentum")

    def __init__(
        self,
        params: Sequence[Array],
        *,
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay)
        require_flags("RMSProp", centered=centered)
        self.alpha, self.eps, self.momentum, self.centered = alpha, eps, momentum, centered
        self.read_options()

    def update(self, p: Array, g: Array, state: dict[str, Any]) -> None:
        """Change one parameter, as `Optimizer.update` says."""
        squares = slot(state, "squares", p)
        squares *= self.alpha
        squares += (1 - self.alpha) * (g * g)
        variance = squares
        if self.centered:
            mean = slot(state, "mean", p)
            mean += (1 - self.alpha) * (g - mean)
            variance = squares - mean * mean
        direction = g / (np.sqrt(variance) + self.eps)
        if self.momentum:
            buffer = slot(state, "momentum", p)
            buffer *= self.momentum
            buffer += direction
            direction = buffer
        p -= self.lr * direction


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
