"""What the parts of `dlnotes.optim` read alike: sequences of arrays."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np


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


def is_plain(a: object) -> bool:
    """Say whether a value is an array, and none with an arithmetic of its own.

    A matrix would multiply where a rule squares, and a masked array would leave entries out.

    Parameters
    ----------
    a : object

    Returns
    -------
    bool

    Examples
    --------
    >>> is_plain(np.ones(2)), is_plain(np.ma.ones(2)), is_plain([1.0])
    (True, False, False)
    """
    return type(a) in (np.ndarray, np.memmap)
