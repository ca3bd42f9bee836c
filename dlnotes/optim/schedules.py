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


def exponential_decay(t: int, lr: float, *, gamma: float) -> float:
    r"""Multiply the rate by a factor at every step.

    .. math:: \eta_t = \eta_0\, \gamma^t

    Parameters
    ----------
    t, lr
        As in `step_decay`.
    gamma : float
        The factor.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As `step_decay`.

    Examples
    --------
    >>> [exponential_decay(t, 1.0, gamma=0.5) for t in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """
    _require("exponential_decay", 0, t=t)
    return _decayed("exponential_decay", t, *_floats("exponential_decay", lr=lr, gamma=gamma))


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
    return _between(start, end, t / t_max, "cos")


def one_cycle(
    t: int,
    max_lr: float,
    *,
    total_steps: int,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    div_factor: float = 25.0,
    final_div_factor: float = 1e4,
) -> float:
    """Raise the rate to its maximum, then lower it far below the start.

    Parameters
    ----------
    t : int
        Number of the step, from 0 to total_steps - 1.
    max_lr : float
        The highest rate.
    total_steps : int
        Steps of the whole training.
    pct_start : float
        Which part of it the way up takes.
    anneal_strategy : str
        ``"cos"`` or ``"linear"``.
    div_factor : float
        The rate starts at ``max_lr / div_factor``.
    final_div_factor : float
        It ends that many times below the start.

    Returns
    -------
    float

    Raises
    ------
    TypeError
        If t or total_steps is no integer.
    ValueError
        If t is not among the steps, or an option is out of range.

    References
    ----------
    Smith and Topin, arXiv:1708.07120.

    Examples
    --------
    >>> [round(one_cycle(t, 1.0, total_steps=10), 3) for t in (0, 2, 9)]
    [0.04, 1.0, 0.0]
    """
    factors = {"div_factor": div_factor, "final_div_factor": final_div_factor}
    top, first, last = _floats("one_cycle", max_lr=max_lr, **factors)
    if not min(first, last) > 0:
        raise ValueError(
            f"one_cycle: div_factor and final_div_factor must be above 0; got {div_factor!r} and "
            f"{final_div_factor!r}; PyTorch's are 25 and 1e4"
        )
    start = top / first
    ends = (start, top, start / last)
    return _cycle("one_cycle", t, total_steps, pct_start, anneal_strategy, ends)


def one_cycle_momentum(
    t: int,
    *,
    total_steps: int,
    pct_start: float = 0.3,
    anneal_strategy: str = "cos",
    base_momentum: float = 0.85,
    max_momentum: float = 0.95,
) -> float:
    """Lower the momentum while `one_cycle` raises the rate, and raise it again.

    Parameters
    ----------
    t, total_steps, pct_start, anneal_strategy
        As in `one_cycle`.
    base_momentum, max_momentum : float
        Momentum at the highest rate, and at the start and the end.

    Returns
    -------
    float
        For ``SGD.momentum``, or the first of ``Adam.betas``.

    Raises
    ------
    TypeError, ValueError
        As `one_cycle`.

    Examples
    --------
    >>> [round(one_cycle_momentum(t, total_steps=10), 3) for t in (0, 2, 9)]
    [0.95, 0.85, 0.95]
    """
    options = {"base_momentum": base_momentum, "max_momentum": max_momentum}
    base, top = _floats("one_cycle_momentum", **options)
    ends = (top, base, top)
    return _cycle("one_cycle_momentum", t, total_steps, pct_start, anneal_strategy, ends)


def _cycle(
    caller: str,
    t: int,
    total_steps: int,
    pct_start: float,
    anneal_strategy: str,
    ends: tuple[float, float, float],
) -> float:
    """Go from the first of three values to the second, then to the third."""
    _require(caller, 0, t=t)
    _require(caller, 1, total_steps=total_steps)
    (pct_start,) = _floats(caller, pct_start=pct_start)
    known = isinstance(anneal_strategy, str) and anneal_strategy in ("cos", "linear")
    if t >= total_steps or not 0 <= pct_start <= 1 or not known:
        raise ValueError(
            f"{caller}: t must be below total_steps, pct_start from 0 to 1, anneal_strategy 'cos' "
            f"or 'linear'; got t={t}, total_steps={total_steps}, pct_start={pct_start!r}, "
            f"anneal_strategy={anneal_strategy!r}; plan as many steps as are taken"
        )
    top, last = pct_start * total_steps - 1, total_steps - 1
    if t <= top:
        return _between(ends[0], ends[1], t / top if top else 1.0, anneal_strategy)
    return _between(ends[1], ends[2], (t - top) / (last - top), anneal_strategy)


def _between(start: float, end: float, part: float, strategy: str) -> float:
    """Return the value that a part of the way leads to, from 0 to 1."""
    if strategy == "linear":
        return start + (end - start) * float(part)
    return end + (start - end) / 2 * (1 + math.cos(math.pi * part))


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
