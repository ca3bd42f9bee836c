"""What every part of dlnotes reads alike: numbers, shapes of arrays, and names."""

import math
from collections.abc import Iterable, Sequence
from numbers import Real
from typing import Any

MAX_AXES = 64
"""How many axes an array of NumPy can have."""

MOST = 2**31
"""No array is made that has as many values: 16 GiB in float64."""


def require_numbers(caller: str, **numbers: Any) -> None:
    """Refuse what is no real number, or beyond all floats; arrays and bools are no numbers.

    Parameters
    ----------
    caller : str
        What messages name.
    **numbers : float
        By name.

    Raises
    ------
    TypeError
        If one is no number.
    ValueError
        If one is an int beyond the largest float.

    Examples
    --------
    >>> require_numbers("SGD", lr=0.1, momentum=0)
    """
    for name, value in numbers.items():
        bits = value.bit_length() if isinstance(value, int) else 0
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(
                f"{caller}: {name} is no number; got {name} of type {type(value).__name__}; "
                "give a float"
            )
        if bits and math.isinf(as_float(value)):
            raise ValueError(
                f"{caller}: {name} is beyond the largest float, 1.8e308; got an int of "
                f"{bits} bits; give a float"
            )


def as_bool(caller: str, name: str, value: object) -> bool:
    """Return a switch as a plain bool: True or False, NumPy's included.

    Parameters
    ----------
    caller, name : str
        The function and the argument that messages name.
    value : bool

    Returns
    -------
    bool

    Raises
    ------
    TypeError
        If it is anything else; 1 and 0 are no switches here.

    Examples
    --------
    >>> as_bool("max_pool2d", "ceil_mode", True)
    True
    """
    kind = type(value)
    if kind is bool or (kind.__module__ == "numpy" and kind.__name__ in ("bool", "bool_")):
        return bool(value)
    raise TypeError(
        f"{caller}: {name} is True or False; got {name}={str(value)[:60]} of type "
        f"{kind.__name__}; give a bool"
    )


def as_float(number: Any) -> float:
    """Return a real number as a float, infinite where it is an int beyond the largest float.

    Parameters
    ----------
    number : int, float or another real number

    Returns
    -------
    float

    Examples
    --------
    >>> as_float(-(10**400)), as_float(1)
    (-inf, 1.0)
    """
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def require_room(caller: str, shape: Sequence[int]) -> None:
    """Refuse to make an array that no memory holds, before the machine stands still.

    Parameters
    ----------
    caller : str
        What messages name.
    shape : sequence of int
        Sizes from 0.

    Raises
    ------
    ValueError
        If there are more than `MAX_AXES` axes, or `MOST` values or more.

    Examples
    --------
    >>> require_room("zeros", (3, 5))
    """
    if len(shape) > MAX_AXES:
        raise ValueError(
            f"{caller}: an array has at most {MAX_AXES} axes; got {len(shape)} sizes; give fewer"
        )
    if math.prod(n for n in shape if n) >= MOST:  # NumPy counts an empty array's other axes, too
        raise ValueError(
            f"{caller}: an array would have {MOST} values or more; got shape {tuple(shape)}; look "
            "for a slip in a size"
        )


def nearest(name: object, known: Iterable[str]) -> tuple[str, ...]:
    """Return which of the known names, three at most, are nearest to one that does not exist.

    Parameters
    ----------
    name : object
        What was given.
    known : iterable of str

    Returns
    -------
    tuple of str
        The nearest first; empty where none is near.

    Examples
    --------
    >>> nearest("chanels", ["channels", "kernel", "stride"])
    ('channels',)
    """
    import difflib  # here, for it takes longer to load than the rest, and is seldom needed

    return tuple(difflib.get_close_matches(str(name), list(known), n=3, cutoff=0.5))


def suggestion(name: object, known: Iterable[str], otherwise: str) -> str:
    """Write the nearest names as a question, or what else to say where none is near.

    Parameters
    ----------
    name : object
        What was given.
    known : iterable of str
    otherwise : str

    Returns
    -------
    str

    Examples
    --------
    >>> suggestion("chanels", ["channels", "kernel"], "there are two")
    'did you mean channels?'
    >>> suggestion("width", ["channels", "kernel"], "there are two")
    'there are two'
    """
    near = nearest(name, known)
    return f"did you mean {' or '.join(near)}?" if near else otherwise
