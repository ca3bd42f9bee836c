"""How a network is trained, as data: batch, epochs, rate, start, penalty, order and dropout."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

Schedule = Literal["constant", "one-cycle"]
Start = Literal["origin", "fan-in", "wide"]
Drop = Literal["plain", "inverted"]
Order = Literal["file", "once", "epoch"]

_FIRST_SHARE = 0.2
"""The share of a one-cycle schedule in which the rate rises."""
_START_SHARE = 0.1
"""Where the rate of a one-cycle schedule begins, as a share of its peak."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    r"""How a network is trained.

    The step is that of PyTorch's SGD, :math:`v \leftarrow m v + (g + d\,w)`, with Nesterov's form
    of momentum; biases have no decay.

    Attributes
    ----------
    name : str
        ``"faithful"`` (the origin's), ``"modern"`` or ``"digits"``.
    batch, epochs : int
        Images a step; how often the training data are seen.
    rate : float
        Learning rate: at all times, or at the peak of the cycle.
    momentum : float
        The m above.
    schedule : {'constant', 'one-cycle'}
        One-cycle rises linearly for a fifth of the steps, then falls to 0 as a cosine.
    penalty : float
        The origin's λ. Its cost adds half λ times the sum of the squared weights over the number
        of mini-batches, so that d = λ / mini-batches: five times less with five times the data.
    decay : float
        The d above, as it is.
    start : {'origin', 'fan-in', 'wide'}
        Starting values: the origin's, those of Glorot (sigmoid) and He (ReLU), or Glorot's four
        times as wide before a sigmoid.
    drop : {'plain', 'inverted'}
        Dropout scales when it is used (the origin) or while it is trained (today).
    order : {'file', 'once', 'epoch'}
        As the data lie; mixed once (the origin's expanded data); mixed before each epoch.

    Examples
    --------
    >>> Recipe(name="faithful", batch=10, epochs=60, rate=0.03, penalty=0.1).decay_over(5000)
    2e-05
    """

    name: str
    batch: int
    epochs: int
    rate: float
    momentum: float = 0.0
    schedule: Schedule = "constant"
    penalty: float = 0.0
    decay: float = 0.0
    start: Start = "origin"
    drop: Drop = "plain"
    order: Order = "file"

    def decay_over(self, batches: int) -> float:
        """Return d, the factor of the weights in their gradient, for a number of mini-batches."""
        return self.decay + self.penalty / batches

    def rate_at(self, step: int, steps: int) -> float:
        """Return the learning rate of a step, counted from 0, of so many."""
        if self.schedule == "constant":
            return self.rate
        done, first = (step + 1) / steps, _FIRST_SHARE
        if done < first:
            return self.rate * (_START_SHARE + (1 - _START_SHARE) * done / first)
        return self.rate * (1 + math.cos(math.pi * (done - first) / (1 - first))) / 2


ORIGIN = Recipe(name="faithful", batch=10, epochs=60, rate=0.1)
"""The notes' recipe: plain SGD on mini-batches of 10, the images as they lie in the file."""

TODAY = Recipe(
    name="modern",
    batch=50,
    epochs=12,
    rate=0.05,
    momentum=0.9,
    schedule="one-cycle",
    start="fan-in",
    drop="inverted",
    order="epoch",
)
"""Today's: momentum, one cycle of the rate, larger batches, the images mixed, few epochs."""

DIGITS = replace(TODAY, name="digits", batch=10, epochs=5, rate=0.02, decay=5e-4)
"""For scikit-learn's digits, forty times fewer than MNIST's: small batches, seconds a rung."""
