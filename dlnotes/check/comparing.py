"""Comparing two arrays: shape, kind and values."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
_KINDS = {"b": "bool", "i": "integer", "u": "integer", "f": "floating", "c": "complex"}


class Mismatch(AssertionError):
    """Two things that should agree do not; the message says where and by how much."""


def close(
    got: ArrayLike,
    want: ArrayLike,
    *,
    rtol: float = 1e-10,
    atol: float = 1e-12,
    label: str = "",
) -> None:
    r"""Compare two arrays in shape, kind and values, and print one line.

    Floating values agree where

    .. math:: |got - want| \le atol + rtol\,|want|

    and integers where they are equal. NaN agrees with nothing; equal infinities agree.

    Parameters
    ----------
    got, want : array, torch tensor, list or number
        Values of any shape. The kinds (integer, floating, …) are compared where both sides
        carry one, as arrays and tensors do; lists and plain numbers take the other's kind.
    rtol, atol : float
        Relative and absolute tolerance.
    label : str
        What is compared; it opens the line and the message.

    Raises
    ------
    Mismatch
        If shape, kind or a value differs; the message names the largest difference, its index
        and both values.
    TypeError
        If one side holds something else than numbers.
    ValueError
        If a list is ragged.

    Examples
    --------
    >>> close([0.1 + 0.2], [0.3], label="sum")
    ✓ sum: agree to 1e-10, shape (1,)
    >>> close(2 + 2, 4)
    ✓ equal, shape ()
    """
    require_close(got, want, rtol=rtol, atol=atol, label=label)
    a, b = as_array(got), as_array(want)
    verdict = "equal" if _exact(a, b) else f"agree to {tolerance(rtol, atol)}"
    if a.size:
        passed(f"{_prefix(label)}{verdict}, shape {a.shape}")
    else:
        print(f"{_prefix(label)}nothing to compare, shape {a.shape}")


def passed(line: str) -> None:
    """Print the line of a check that has passed; the book counts what begins with ✓.

    Parameters
    ----------
    line : str

    Examples
    --------
    >>> passed("sum: equal, shape ()")
    ✓ sum: equal, shape ()
    """
    print(f"✓ {line}")


def require_close(
    got: ArrayLike, want: ArrayLike, *, rtol: float, atol: float, label: str = ""
) -> None:
    """Do what `close` does, without a line.

    Parameters
    ----------
    got, want, rtol, atol, label
        As in `close`.

    Raises
    ------
    Mismatch, TypeError, ValueError
        As `close`.

    Examples
    --------
    >>> require_close([1.0, 2.0], [1.0, 2.0], rtol=1e-10, atol=0.0)
    """
    a, b = as_array(got), as_array(want)
    where = _prefix(label)
    if a.shape != b.shape:
        raise Mismatch(f"{where}shapes differ; got {a.shape}, want {b.shape}")
    if _typed(got) and _typed(want) and _KINDS[a.dtype.kind] != _KINDS[b.dtype.kind]:
        raise Mismatch(f"{where}kinds differ; got {a.dtype}, want {b.dtype}")
    with np.errstate(invalid="ignore", over="ignore"):  # inf - inf is NaN, and handled below
        gap = np.abs(np.subtract(a, b, dtype=np.result_type(a, b, 0.0)))
        near = np.isfinite(gap) & (gap <= atol + rtol * np.abs(b))
    wrong = (a != b) if _exact(a, b) else ~((a == b) | near)
    if wrong.any():
        raise Mismatch(where + _difference(a, b, gap, wrong, rtol, atol))


def as_array(value: ArrayLike) -> Array:
    """Return an array, a torch tensor, a list or a number as an array of numbers.

    Parameters
    ----------
    value : array, torch tensor, list or number

    Returns
    -------
    ndarray
        Of any shape; kind bool, integer, floating or complex.

    Raises
    ------
    TypeError
        If `value` holds something else than numbers.
    ValueError
        If `value` is a ragged list.

    Examples
    --------
    >>> as_array([[1, 2, 3]]).shape
    (1, 3)
    """
    if hasattr(value, "detach"):  # a torch tensor, without importing torch
        value = value.detach().cpu().numpy()
    array = np.asarray(value)
    if array.dtype.kind not in _KINDS:
        raise TypeError(
            f"close: values are {array.dtype}, not numbers; got {type(value).__name__} "
            f"{str(value)[:60]!r}; give an array, a tensor, a list of numbers or a number"
        )
    return array


def tolerance(rtol: float, atol: float = 0.0) -> str:
    """Write a tolerance shortly: the relative one, or the absolute one where that is zero.

    Parameters
    ----------
    rtol, atol : float

    Returns
    -------
    str

    Examples
    --------
    >>> tolerance(1e-6)
    '1e-6'
    """
    text = f"{rtol or atol:g}"
    return text.replace("e-0", "e-") + ("" if rtol else " absolute")


def _prefix(label: str) -> str:
    """Open a line with the label, if there is one."""
    return f"{label}: " if label else ""


def _typed(value: object) -> bool:
    """Say whether a value carries a kind of its own."""
    return hasattr(value, "dtype")


def _exact(a: Array, b: Array) -> bool:
    """Say whether both sides hold integers or bools, which are compared exactly."""
    return a.dtype.kind in "biu" and b.dtype.kind in "biu"


def _difference(a: Array, b: Array, gap: Array, wrong: Array, rtol: float, atol: float) -> str:
    """Describe the largest difference: how many, where, both values."""
    worst = np.where(wrong, np.where(np.isnan(gap), np.inf, gap), -1.0)
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(worst)), a.shape))
    beyond = "" if _exact(a, b) else f" by more than rtol={rtol:g}, atol={atol:g}"
    text = (
        f"{int(wrong.sum())} of {a.size} values differ{beyond}; "
        f"the largest difference is {gap[index]:.3g} at index {index}: "
        f"got {a[index].item()!r}, want {b[index].item()!r}"
    )
    if "float32" in (a.dtype.name, b.dtype.name) and rtol < 1e-6:
        text += "; float32 carries about 7 digits, so ask for rtol=1e-5 or compute in float64"
    return text
