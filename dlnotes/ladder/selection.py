"""Rungs as they are named on a command line."""

from __future__ import annotations

from dlnotes.ladder import rungs


def select(text: str) -> tuple[str, ...]:
    """Return the rungs that a text names, in the order of the ladder.

    Parameters
    ----------
    text : str
        Names and ranges with commas between them: ``"1-5"``, ``"0a,7"``; ``"6"`` stands for 6a,
        6b and 6c, ``"all"`` for every rung.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If a name is not known, a range runs backwards, or nothing is named.

    Examples
    --------
    >>> len(select("1-8"))
    10
    """
    known = rungs.names()
    if text.strip() == "all":
        return known
    chosen = {name for part in text.split(",") for name in _part(part.strip(), known)}
    return tuple(name for name in known if name in chosen)


def _part(part: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rungs of one name or range."""
    first, dash, last = part.partition("-")
    start = known.index(_family(first.strip(), known)[0])
    end = known.index(_family(last.strip() if dash else first.strip(), known)[-1])
    if start > end:
        raise ValueError(
            f"ladder: a range of rungs must not run backwards; got {part!r}; "
            f"write {last.strip()}-{first.strip()}"
        )
    return known[start : end + 1]


def _family(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rung of a name, or those that are the name and a letter."""
    if name in known:
        return (name,)
    family = tuple(one for one in known if name.isdigit() and one[:-1] == name)
    return family or (rungs.get(name).name,)
