"""Values from files, held to the types that options are annotated with."""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from dlnotes._arguments import suggestion


def convert(value: object, hint: Any, place: str, *, least: int = 1) -> Any:
    """Return a value as the type that an option has, lists as tuples.

    Parameters
    ----------
    value : object
        From a file.
    hint : type
        What the option is annotated with.
    place : str
        What messages call it.
    least : int
        The smallest whole number allowed.

    Returns
    -------
    object

    Raises
    ------
    ValueError
        If the value is something else.

    Examples
    --------
    >>> convert([3, 3], tuple[int, ...] | int, "kernel")
    (3, 3)
    """
    found = _fitted(value, hint, least)
    if found is _MISFIT:
        raise ValueError(f"{place}: must be {_words(hint, least)}; got {value!r}")
    return found


_MISFIT = object()
_NAMES = {float: "a number", bool: "true or false", str: "a word", NoneType: "null"}


def _fitted(value: object, hint: Any, least: int) -> Any:
    """Return the value as `hint` asks, or `_MISFIT`."""
    if get_origin(hint) in (Union, UnionType):
        tried = (_fitted(value, each, least) for each in get_args(hint))
        return next((found for found in tried if found is not _MISFIT), _MISFIT)
    if get_origin(hint) is tuple:
        return _fitted_tuple(value, get_args(hint), least)
    if get_origin(hint) is Literal:
        return (
            value
            if any(value == one and type(value) is type(one) for one in get_args(hint))
            else _MISFIT
        )
    if hint is int:
        return value if type(value) is int and value >= least else _MISFIT
    if hint is float:
        return value if type(value) in (int, float) else _MISFIT
    return value if type(value) is hint else _MISFIT


def _fitted_tuple(value: object, kinds: tuple[Any, ...], least: int) -> Any:
    """Return a list as a tuple of the kinds, or `_MISFIT`."""
    if not isinstance(value, list) or not value:
        return _MISFIT
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        return _MISFIT
    found = tuple(_fitted(entry, kind, least) for entry, kind in zip(value, kinds, strict=True))
    return _MISFIT if any(entry is _MISFIT for entry in found) else found


def _words(hint: Any, least: int) -> str:
    """Return a type in words."""
    if get_origin(hint) in (Union, UnionType):
        return " or ".join(dict.fromkeys(_words(each, least) for each in get_args(hint)))
    if get_origin(hint) is tuple:
        inside = get_args(hint)
        if get_origin(inside[0]) is tuple:
            return "a list of lists of whole numbers"
        return "a list of whole numbers" if least == 0 else f"a list of whole numbers from {least}"
    if get_origin(hint) is Literal:
        return " or ".join(map(repr, get_args(hint)))
    return f"a whole number from {least}" if hint is int else _NAMES[hint]


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint with the names nearest to one that does not exist.

    Examples
    --------
    >>> nearest("chanels", ["channels", "kernel"])
    'did you mean channels?'
    """
    known = tuple(known)
    return suggestion(name, known, f"there are {', '.join(known)}")
