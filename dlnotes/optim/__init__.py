"""Optimisers, a schedule of the learning rate, and clipping, with PyTorch's formulas and defaults.

An optimiser holds the arrays that it trains and **changes them in place** at each `step`; the
gradients are given to `step` and left as they are. A schedule is a function of the step's number:

>>> import numpy as np
>>> from dlnotes import optim
>>> w = np.array([5.0, -3.0])
>>> optimizer = optim.SGD([w], lr=0.1, momentum=0.9)
>>> for t in range(300):
...     optimizer.lr = optim.step_decay(t, 0.1, step_size=100)
...     optimizer.step([2 * w])  # the gradient of w·w
>>> bool(abs(w).max() < 1e-3)
True
"""

from dlnotes.optim.adaptive import Adam, AdamW
from dlnotes.optim.clipping import clip_by_norm
from dlnotes.optim.descent import SGD
from dlnotes.optim.optimizer import Optimizer
from dlnotes.optim.schedules import step_decay

__all__ = [
    "SGD",
    "Adam",
    "AdamW",
    "Optimizer",
    "clip_by_norm",
    "step_decay",
]
