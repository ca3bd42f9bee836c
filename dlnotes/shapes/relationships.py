"""The first six relationships of Dumoulin and Visin's guide, each with its conditions checked.

They take i, k, s, p: input, kernel, stride, padding on both sides; and return the output size o.
"""

from dlnotes.shapes.arguments import as_int
from dlnotes.shapes.axis import read_axis


def relationship_1(i: int, k: int, s: int = 1, p: int = 0) -> int:
    r"""Return the output size: no padding, unit stride.

    .. math:: o = (i - k) + 1

    Parameters
    ----------
    i, k, s : int
        Input size, kernel size, stride.
    p : int
        Padding on both sides.

    Returns
    -------
    int
        Output size.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is no size, the kernel does not fit, or one of the conditions fails:
        s = 1, p = 0.

    References
    ----------
    Dumoulin and Visin, arXiv:1603.07285, relationship 1; concept relationships-1-6.

    Examples
    --------
    >>> relationship_1(4, 3)
    2
    """
    i, k, s, p = _read(1, i, k, s, p)
    _hold(1, (i, k, s, p), {"s = 1": s == 1, "p = 0": p == 0})
    return (i - k) + 1


def relationship_2(i: int, k: int, s: int = 1, p: int = 0) -> int:
    r"""Return the output size: padding, unit stride.

    .. math:: o = (i - k) + 2p + 1

    As `relationship_1`, where s = 1.

    Examples
    --------
    >>> relationship_2(5, 4, p=2)
    6
    """
    i, k, s, p = _read(2, i, k, s, p)
    _hold(2, (i, k, s, p), {"s = 1": s == 1})
    return (i - k) + 2 * p + 1


def relationship_3(i: int, k: int, s: int = 1, p: int | None = None) -> int:
    r"""Return the output size: half padding, unit stride, odd kernel.

    .. math:: o = i + 2 \lfloor k/2 \rfloor - (k - 1) = i

    As `relationship_1`, where k odd, s = 1, p = floor(k/2); p may be left out.

    Examples
    --------
    >>> relationship_3(5, 3)
    5
    """
    i, k, s, p = _read(3, i, k, s, p, "half")
    _hold(3, (i, k, s, p), {"k odd": k % 2 == 1, "s = 1": s == 1, "p = floor(k/2)": p == k // 2})
    return i + 2 * (k // 2) - (k - 1)


def relationship_4(i: int, k: int, s: int = 1, p: int | None = None) -> int:
    r"""Return the output size: full padding, unit stride.

    .. math:: o = i + 2(k - 1) - (k - 1) = i + (k - 1)

    As `relationship_1`, where s = 1, p = k - 1; p may be left out.

    Examples
    --------
    >>> relationship_4(5, 3)
    7
    """
    i, k, s, p = _read(4, i, k, s, p, "full")
    _hold(4, (i, k, s, p), {"s = 1": s == 1, "p = k - 1": p == k - 1})
    return i + (k - 1)


def relationship_5(i: int, k: int, s: int, p: int = 0) -> int:
    r"""Return the output size: no padding, any stride.

    .. math:: o = \lfloor (i - k) / s \rfloor + 1

    As `relationship_1`, where p = 0.

    Examples
    --------
    >>> relationship_5(5, 3, 2)
    2
    """
    i, k, s, p = _read(5, i, k, s, p)
    _hold(5, (i, k, s, p), {"p = 0": p == 0})
    return (i - k) // s + 1


def relationship_6(i: int, k: int, s: int, p: int) -> int:
    r"""Return the output size: padding, any stride: the general case.

    .. math:: o = \lfloor (i + 2p - k) / s \rfloor + 1

    As `relationship_1`, without a condition.

    Examples
    --------
    >>> relationship_6(5, 3, 2, 1), relationship_6(6, 3, 2, 1)
    (3, 3)
    """
    i, k, s, p = _read(6, i, k, s, p)
    return (i + 2 * p - k) // s + 1


def _read(
    number: int, i: int, k: int, s: int, p: int | None, default: str | None = None
) -> tuple[int, int, int, int]:
    """Check the numbers; a padding left out is the one named by default."""
    caller = f"relationship_{number}"
    i, k, s = (
        as_int(value, name, caller=caller) for name, value in {"i": i, "k": k, "s": s}.items()
    )
    padding = default if p is None and default else as_int(p, "p", least=0, caller=caller)
    axis = read_axis(caller, i, k, s, padding, 1)
    return i, k, s, axis.before


def _hold(number: int, iksp: tuple[int, int, int, int], conditions: dict[str, bool]) -> None:
    """Refuse numbers for which a relationship does not hold; name the one that always does."""
    broken = [condition for condition, holds in conditions.items() if not holds]
    if broken:
        i, k, s, p = iksp
        raise ValueError(
            f"relationship_{number}: it holds for {' and '.join(broken)} only; "
            f"got i={i}, k={k}, s={s}, p={p}; use relationship_6, which holds more widely"
        )
