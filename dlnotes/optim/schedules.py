"""The learning rate as a function of the step's number, which counts from 0.

It keeps nothing in mind: ``optimizer.lr = step_decay(t, 0.1, step_size=30)`` before each step.
"""

import math
from numbers import Integral
from sys import maxsize
from typing import Any

from dlnotes._arguments import as_float, require_numbers


def step_decay(t: int, lr: float, *, step_size: int, gamma: float = 0.1) -> float:
    r"""Multiply the rate by a factor every so many steps.

    .. math:: \eta_t = \eta_0\, \gamma^{\lfloor t / s \rfloor}

    Parameters
    ----------
    t : int
        Number of the step (or epoch), from 0.
    lr : float
        The rate η₀ at the start.
    step_size : int
        The s of the formula.
    gamma : float
        The factor γ, as 0.1 or 0.5; above 1 it would raise the rate.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        If t or step_size is no integer.
    ValueError
        If t is negative, or step_size below 1.

    References
    ----------
    Concept training-vocabulary.

    Examples
    --------
    >>> [step_decay(t, 1.0, step_size=2, gamma=0.5) for t in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    _require(0, t=t)
    _require(1, step_size=step_size)
    start, factor = _floats(lr=lr, gamma=gamma)
    times = int(t // step_size)
    try:
        rate = start * factor**times
    except OverflowError:
        rate = math.inf
    if not math.isfinite(rate):
        raise ValueError(
            f"step_decay: the rate is beyond the largest float; got lr={start!r} multiplied by "
            f"gamma={factor!r} {times} times; give a gamma of at most 1"
        )
    return rate


def _require(least: int, **numbers: Any) -> None:
    """Hold numbers to integers from a least one on."""
    for name, n in numbers.items():
        if isinstance(n, bool) or not isinstance(n, Integral):
            raise TypeError(
                f"step_decay: {name} must be an integer; got {name}={n!r}; count steps from 0"
            )
        if not least <= int(n) <= maxsize:
            end = "" if int(n) < least else f" and at most {maxsize}"
            raise ValueError(
                f"step_decay: {name} must be at least {least}{end}; got {name}={n}; count steps "
                "from 0"
            )


def _floats(**numbers: object) -> tuple[float, ...]:
    """Hold numbers to finite ones."""
    require_numbers("step_decay", **numbers)
    found = tuple(map(as_float, numbers.values()))
    for name, number in zip(numbers, found, strict=True):
        if not math.isfinite(number):
            raise ValueError(
                f"step_decay: {name} must be finite; got {name}={number!r}; give a float that is "
                "neither NaN nor infinite"
            )
    return found
