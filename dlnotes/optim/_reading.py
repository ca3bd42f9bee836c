"""What the parts of `dlnotes.optim` read alike: numbers, switches, and sequences of arrays."""

from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np


def require_numbers(caller: str, **numbers: object) -> None:
    """Refuse what is no real number; arrays and bools are none.

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

    Examples
    --------
    >>> require_numbers("SGD", lr=0.1, momentum=0)
    """
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, Real):
            raise TypeError(
                f"{caller}: {name} is no number; got {name} of type {type(value).__name__}; "
                "give a float"
            )


def require_flags(caller: str, **flags: object) -> None:
    """Refuse what is neither True nor False.

    Parameters
    ----------
    caller : str
        What messages name.
    **flags : bool
        By name.

    Raises
    ------
    TypeError
        If one is no bool.

    Examples
    --------
    >>> require_flags("SGD", nesterov=True)
    """
    for name, value in flags.items():
        if not isinstance(value, bool | np.bool):
            raise TypeError(
                f"{caller}: {name} is True or False; got {name} of type {type(value).__name__}; "
                "give a bool"
            )


def as_sequence(caller: str, name: str, arrays: object) -> tuple[Any, ...]:
    """Return a sequence of arrays as a tuple; one array alone is no sequence here.

    Parameters
    ----------
    caller, name : str
        What messages name.
    arrays : sequence

    Returns
    -------
    tuple

    Raises
    ------
    TypeError
        If it is one array, a mapping or no sequence.

    Examples
    --------
    >>> len(as_sequence("SGD", "params", [np.ones(3), np.ones(2)]))
    2
    """
    if isinstance(arrays, np.ndarray | Mapping | str) or not isinstance(arrays, Iterable):
        shape = f" of shape {arrays.shape}" if isinstance(arrays, np.ndarray) else ""
        raise TypeError(
            f"{caller}: {name} is a sequence of arrays; got one {type(arrays).__name__}{shape}; "
            "give [w] for an array w, list(d.values()) for a dict d"
        )
    return tuple(arrays)
