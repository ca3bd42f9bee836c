"""The fifteen relationships of Dumoulin and Visin's guide, each with its conditions checked.

All describe the forward convolution by i, k, s, p: input, kernel, stride, padding on both sides.
1 to 7 and 15 return its output size o. 8 to 14 return its transpose as a convolution with stride
1 (`AsConv`): the transpose takes i' = o rows and gives o' = i rows back.
"""

from dlnotes.shapes.arguments import as_int
from dlnotes.shapes.axis import read_axis
from dlnotes.shapes.transposed import AsConv, conv_transpose_as_conv


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


def relationship_7(i: int, k: int, s: int, p: int = 0) -> int:
    r"""Return the output size of pooling without padding.

    .. math:: o = \lfloor (i - k) / s \rfloor + 1

    As `relationship_1`, where p = 0 (concept pool-output-size).

    Examples
    --------
    >>> relationship_7(28, 2, 2)
    14
    """
    i, k, s, p = _read(7, i, k, s, p)
    _hold(7, (i, k, s, p), {"p = 0": p == 0})
    return (i - k) // s + 1


def relationship_8(i: int, k: int, s: int = 1, p: int = 0) -> AsConv:
    r"""Describe the transpose: no padding, unit stride.

    .. math:: p' = k - 1, \qquad o' = i' + (k - 1)

    Parameters
    ----------
    i, k, s : int
        Input size, kernel size, stride.
    p : int
        Padding on both sides.

    Returns
    -------
    AsConv
        The equal convolution with stride 1, with the sizes i' and o'.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is no size, the kernel does not fit, or one of the conditions fails:
        s = 1, p = 0.

    References
    ----------
    Dumoulin and Visin, arXiv:1603.07285, relationship 8; concept transposed-size.

    Examples
    --------
    >>> relationship_8(4, 3).out
    4
    """
    i, k, s, p = _read(8, i, k, s, p)
    _hold(8, (i, k, s, p), {"s = 1": s == 1, "p = 0": p == 0})
    return _transpose(i, k, s, p)


def relationship_9(i: int, k: int, s: int = 1, p: int = 0) -> AsConv:
    r"""Describe the transpose: padding, unit stride.

    .. math:: p' = k - p - 1, \qquad o' = i' + (k - 1) - 2p

    As `relationship_8`, where s = 1, p <= k - 1.

    Examples
    --------
    >>> relationship_9(5, 4, p=2).out
    5
    """
    i, k, s, p = _read(9, i, k, s, p)
    _hold(9, (i, k, s, p), {"s = 1": s == 1, "p <= k - 1": p <= k - 1})
    return _transpose(i, k, s, p)


def relationship_10(i: int, k: int, s: int = 1, p: int | None = None) -> AsConv:
    r"""Describe the transpose: half padding, odd kernel.

    .. math:: p' = p, \qquad o' = i' + (k - 1) - 2p = i'

    As `relationship_8`, where k odd, s = 1, p = floor(k/2); p may be left out.

    Examples
    --------
    >>> relationship_10(5, 3).out
    5
    """
    i, k, s, p = _read(10, i, k, s, p, "half")
    _hold(10, (i, k, s, p), {"k odd": k % 2 == 1, "s = 1": s == 1, "p = floor(k/2)": p == k // 2})
    return _transpose(i, k, s, p)


def relationship_11(i: int, k: int, s: int = 1, p: int | None = None) -> AsConv:
    r"""Describe the transpose: full padding.

    .. math:: p' = 0, \qquad o' = i' + (k - 1) - 2p = i' - (k - 1)

    As `relationship_8`, where s = 1, p = k - 1; p may be left out.

    Examples
    --------
    >>> relationship_11(5, 3).out
    5
    """
    i, k, s, p = _read(11, i, k, s, p, "full")
    _hold(11, (i, k, s, p), {"s = 1": s == 1, "p = k - 1": p == k - 1})
    return _transpose(i, k, s, p)


def relationship_12(i: int, k: int, s: int, p: int = 0) -> AsConv:
    r"""Describe the transpose: no padding, any stride that fits.

    .. math:: \tilde\imath' = i' + (i' - 1)(s - 1), \quad p' = k - 1, \quad
        o' = s(i' - 1) + k

    As `relationship_8`, where p = 0, i + 2p - k a multiple of s (concept stride-as-gaps).

    Examples
    --------
    >>> relationship_12(5, 3, 2).out
    5
    """
    i, k, s, p = _read(12, i, k, s, p)
    _hold(
        12, (i, k, s, p), {"p = 0": p == 0, "i + 2p - k a multiple of s": (i + 2 * p - k) % s == 0}
    )
    return _transpose(i, k, s, p)


def relationship_13(i: int, k: int, s: int, p: int) -> AsConv:
    r"""Describe the transpose: padding, any stride that fits.

    .. math:: \tilde\imath' = i' + (i' - 1)(s - 1), \quad p' = k - p - 1, \quad
        o' = s(i' - 1) + k - 2p

    As `relationship_8`, where p <= k - 1, i + 2p - k a multiple of s (concept stride-as-gaps).

    Examples
    --------
    >>> relationship_13(5, 3, 2, 1).out
    5
    """
    i, k, s, p = _read(13, i, k, s, p)
    _hold(
        13,
        (i, k, s, p),
        {"p <= k - 1": p <= k - 1, "i + 2p - k a multiple of s": (i + 2 * p - k) % s == 0},
    )
    return _transpose(i, k, s, p)


def relationship_14(i: int, k: int, s: int, p: int) -> AsConv:
    r"""Describe the transpose: padding, any stride: the general case.

    .. math:: a = (i + 2p - k) \bmod s, \quad p' = k - p - 1, \quad o' = s(i' - 1) + a + k - 2p

    As `relationship_8`, where p <= k - 1 (concept stride-as-gaps).

    Examples
    --------
    >>> relationship_14(6, 3, 2, 1)
    AsConv(n=3, gap=1, stretched=5, before=1, after=2, extra=1, out=6)
    """
    i, k, s, p = _read(14, i, k, s, p)
    _hold(14, (i, k, s, p), {"p <= k - 1": p <= k - 1})
    return _transpose(i, k, s, p)


def relationship_15(i: int, k: int, s: int, p: int, d: int) -> int:
    r"""Return the output size with dilation: d - 1 rows left out between the kernel's entries.

    .. math:: o = \lfloor (i + 2p - k - (k - 1)(d - 1)) / s \rfloor + 1

    Parameters
    ----------
    i, k, s : int
        Input size, kernel size, stride.
    p : int
        Padding on both sides.
    d : int
        Distance between neighbouring weights; 1 is dense.

    Returns
    -------
    int
        Output size.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is no size, or the kernel does not fit.

    References
    ----------
    Dumoulin and Visin, arXiv:1603.07285, relationship 15; concept dilated.

    Examples
    --------
    >>> relationship_15(7, 3, 1, 0, 2)
    3
    """
    i, k, s, p = _read(15, i, k, s, p, d=d)
    return (i + 2 * p - k - (k - 1) * (int(d) - 1)) // s + 1


def _read(
    number: int, i: int, k: int, s: int, p: int | None, default: str | None = None, d: int = 1
) -> tuple[int, int, int, int]:
    """Check the numbers; a padding left out is the one named by default."""
    caller = f"relationship_{number}"
    i, k, s, d = (
        as_int(value, name, caller=caller)
        for name, value in {"i": i, "k": k, "s": s, "d": d}.items()
    )
    padding = default if p is None and default else as_int(p, "p", least=0, caller=caller)
    axis = read_axis(caller, i, k, s, padding, d)
    return i, k, s, axis.before


def _hold(number: int, iksp: tuple[int, int, int, int], conditions: dict[str, bool]) -> None:
    """Refuse numbers for which a relationship does not hold; name the one that does."""
    broken = [condition for condition, holds in conditions.items() if not holds]
    if broken:
        i, k, s, p = iksp
        wider = 6 if number < 8 else 14
        use = f"use relationship_{wider}, which holds more widely"
        if "p <= k - 1" in broken:
            use = f"use p <= {k - 1}"
        raise ValueError(
            f"relationship_{number}: it holds for {' and '.join(broken)} only; "
            f"got i={i}, k={k}, s={s}, p={p}; {use}"
        )


def _transpose(i: int, k: int, s: int, p: int) -> AsConv:
    """Describe the transpose: a convolution: its input is the convolution's output."""
    room = i + 2 * p - k
    n = room // s + 1
    return conv_transpose_as_conv(n, k, stride=s, padding=p, output_padding=room % s)
