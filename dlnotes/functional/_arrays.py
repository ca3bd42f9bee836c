"""The checks of array arguments that all operations share, and the words of their messages."""

from collections.abc import Sequence
from math import prod
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from dlnotes._arguments import MOST

Array = NDArray[Any]
_KINDS = (np.dtype(np.float32), np.dtype(np.float64))


def require_floats(caller: str, optional: str = "b", /, **arrays: object) -> None:
    """Hold array arguments to plain ndarrays of one dtype, float32 or float64.

    Parameters
    ----------
    caller : str
        The function that messages name.
    optional : str
        The one argument that may be None; the bias if nothing is said.
    **arrays : ndarray or None
        Arguments by name, the deciding one first.

    Raises
    ------
    TypeError
        If one is missing or no ndarray, is neither float32 nor float64, or the dtypes differ.

    Examples
    --------
    >>> require_floats("linear", x=np.zeros((2, 3)), b=None)
    """
    given = {name: a for name, a in arrays.items() if a is not None or name != optional}
    for name, a in given.items():
        _require_array(caller, name, a)
    dtypes = {name: a.dtype for name, a in given.items() if isinstance(a, np.ndarray)}
    for name, dtype in dtypes.items():
        if dtype not in _KINDS:
            # a cast would drop the imaginary part without a word
            use = (
                f"{name}.real or abs({name})" if dtype.kind == "c" else f"{name}.astype(np.float64)"
            )
            raise TypeError(
                f"{caller}: {name} is {dtype}, neither float32 nor float64; "
                f"got {described(**given)}; use {use}"
            )
    for name, dtype in dtypes.items():
        first, wanted = next(iter(dtypes.items()))
        if dtype != wanted:
            raise TypeError(
                f"{caller}: {name} is {dtype} but {first} is {wanted}; "
                f"got {described(**given)}; use {name}.astype({first}.dtype)"
            )


def is_plain(a: object) -> TypeGuard[Array]:
    """Say whether something is an array and none of those that mean more, a masked one for example.

    Parameters
    ----------
    a : object

    Returns
    -------
    bool

    Examples
    --------
    >>> is_plain(np.ones(2)), is_plain(np.ma.ones(2))
    (True, False)
    """
    return type(a) in (np.ndarray, np.memmap)


def _require_array(caller: str, name: str, a: object) -> None:
    """Hold an argument to a plain ndarray."""
    if a is None:
        raise TypeError(
            f"{caller}: {name} is missing; got {name}=None; give an array of float32 or float64"
        )
    if not is_plain(a):
        raise TypeError(
            f"{caller}: {name} is no NumPy array; got {name}={str(a)[:60]!r} "
            f"({type(a).__name__}); give np.asarray({name}, dtype=np.float64)"
        )


def require_axes(caller: str, axes: Sequence[str], **array: Array) -> None:
    """Hold one array to a number of axes.

    Parameters
    ----------
    caller : str
        The function that messages name.
    axes : sequence of str
        One letter an axis, for example ``"NCHW"``, or one name, as in ``("N", "C·R·S")``.
    **array : ndarray
        The argument by name.

    Raises
    ------
    ValueError
        If the array has more or fewer axes.

    Examples
    --------
    >>> require_axes("conv2d", "NCHW", x=np.zeros((2, 3, 7, 6)))
    """
    ((name, a),) = array.items()
    if a.ndim != len(axes):
        letters = f"({','.join(axes)})"
        raise ValueError(
            f"{caller}: {name} has {a.ndim} axes but needs {len(axes)}, {letters}; "
            f"got {described(**array)}; reshape {name} to {letters}"
        )


def require_shape(
    caller: str, axes: Sequence[str], shape: tuple[int, ...], **arrays: Array
) -> None:
    """Hold an array to a shape that follows from other arguments.

    Parameters
    ----------
    caller : str
        The function that messages name.
    axes : sequence of str
        One letter or name an axis of `shape`, for example ``"NKPQ"``.
    shape : tuple of int
        What the first array's shape must be.
    **arrays : ndarray
        The argument by name, then those that `shape` was computed from.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> x = np.zeros((2, 3))
    >>> require_shape("relu_backward", "ND", x.shape, dy=np.ones((2, 3)), x=x)
    """
    name, a = next(iter(arrays.items()))
    if a.shape != shape:
        raise ValueError(
            f"{caller}: {name} has shape {a.shape} but must have ({','.join(axes)})={shape}; "
            f"got {described(**arrays)}; make {name}.shape == {shape}"
        )


def require_room(caller: str, shape: Sequence[int], **options: object) -> None:
    """Refuse to make an array that no memory holds, before the machine stands still.

    Parameters
    ----------
    caller : str
        The function that messages name.
    shape : sequence of int
        Shape of an array that is to be made.
    **options : object
        The arguments that `shape` follows from, for the message.

    Raises
    ------
    ValueError
        If the array would have `MOST` values or more.

    Examples
    --------
    >>> require_room("interpolate", (2, 3, 7, 6), scale_factor=1)
    """
    if prod(max(n, 1) for n in shape) >= MOST:  # an empty batch has rows, too
        names = " or ".join(options)
        raise ValueError(
            f"{caller}: an array of shape {tuple(shape)} would have {MOST} values or more; "
            f"got {described(**options)}; use a smaller {names}"
        )


def require_small(caller: str, **numbers: Sequence[int]) -> None:
    """Refuse numbers beyond what NumPy can compute with.

    Parameters
    ----------
    caller : str
        The function that messages name.
    **numbers : sequence of int
        Strides, for example, by name.

    Raises
    ------
    ValueError
        If one is `MOST` or more.

    Examples
    --------
    >>> require_small("conv2d", stride=(2, 1))
    """
    for name, values in numbers.items():
        if max(values) >= MOST:
            raise ValueError(
                f"{caller}: {name} is {max(values)}, beyond {MOST - 1}; got {name}={values}; "
                f"use a smaller {name}"
            )


def described(**arrays: object) -> str:
    """List arguments for a message: name, dtype and shape of arrays, the value of the rest.

    Parameters
    ----------
    **arrays : ndarray or object
        Arguments by name.

    Returns
    -------
    str

    Examples
    --------
    >>> described(x=np.zeros((2, 3)), stride=2)
    'x float64 (2, 3), stride=2'
    """
    return ", ".join(
        f"{name} {a.dtype} {a.shape}" if isinstance(a, np.ndarray) else f"{name}={a!r}"
        for name, a in arrays.items()
    )
