"""Learning rates as functions of the step's number, which counts from 0.

They keep nothing in mind: ``optimizer.lr = cosine(t, 0.1, t_max=100)`` before each step.
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
    _require("step_decay", 0, t=t)
    _require("step_decay", 1, step_size=step_size)
    return _decayed("step_decay", t // step_size, *_floats("step_decay", lr=lr, gamma=gamma))


def cosine(t: int, lr: float, *, t_max: int, eta_min: float = 0.0) -> float:
    r"""Lower the rate along half a wave of the cosine; after it the wave goes up again.

    .. math:: \eta_t = \eta_{min} + \frac{\eta_0 - \eta_{min}}{2}
              \left(1 + \cos\frac{\pi t}{T}\right)

    Parameters
    ----------
    t, lr
        As in `step_decay`.
    t_max : int
        The T of the formula: at that step the rate is lowest.
    eta_min : float
        That lowest rate.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As `step_decay`.

    References
    ----------
    Loshchilov and Hutter, arXiv:1608.03983.

    Examples
    --------
    >>> [round(cosine(t, 1.0, t_max=4), 3) for t in range(5)]
    [1.0, 0.854, 0.5, 0.146, 0.0]
    """
    _require("cosine", 0, t=t)
    _require("cosine", 1, t_max=t_max)
    start, end = _floats("cosine", lr=lr, eta_min=eta_min)
    return end + (start - end) / 2 * (1 + math.cos(math.pi * (t / t_max)))


def _require(caller: str, least: int, **numbers: Any) -> None:
    """Hold numbers to integers from a least one on."""
    for name, n in numbers.items():
        if isinstance(n, bool) or not isinstance(n, Integral):
            raise TypeError(
                f"{caller}: {name} must be an integer; got {name}={n!r}; count steps from 0"
            )
        if not least <= int(n) <= maxsize:
            end = "" if int(n) < least else f" and at most {maxsize}"
            raise ValueError(
                f"{caller}: {name} must be at least {least}{end}; got {name}={n}; count steps "
                "from 0"
            )


def _floats(caller: str, **numbers: object) -> tuple[float, ...]:
    """Hold numbers to finite ones."""
    require_numbers(caller, **numbers)
    found = tuple(map(as_float, numbers.values()))
    for name, number in zip(numbers, found, strict=True):
        if not math.isfinite(number):
            raise ValueError(
                f"{caller}: {name} must be finite; got {name}={number!r}; give a float that is "
                "neither NaN nor infinite"
            )
    return found


def _decayed(caller: str, times: int, lr: float, gamma: float) -> float:
    """Multiply a rate by a factor so many times."""
    try:
        rate = lr * gamma ** int(times)
    except OverflowError:
        rate = math.inf
    if not math.isfinite(rate):
        raise ValueError(
            f"{caller}: the rate is beyond the largest float; got lr={lr!r} multiplied by "
            f"gamma={gamma!r} {times} times; give a gamma of at most 1"
        )
    return rate
