"""Cutting out the middle of pictures, beside its backward pass."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_floats, require_shape
from dlnotes.shapes import IntOrTuple, as_tuple


def center_crop(x: Array, size: IntOrTuple) -> Array:
    r"""Cut the middle out of the spatial axes.

    .. math:: y_{ncpq} = x_{n,\,c,\,\lfloor (H - P)/2 \rfloor + p,\,\lfloor (W - Q)/2 \rfloor + q}

    Of an odd number of rows to cut, the larger half comes off at the end.

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Pictures, signals or clips.
    size : int or tuple of int
        Rows to keep: one int for all spatial axes or one an axis.

    Returns
    -------
    ndarray, shape ``(N, C, *size)``

    Raises
    ------
    TypeError
        If x is no float array or a size no int.
    ValueError
        If there is no spatial axis, or more rows are asked for than there are.

    References
    ----------
    Long, Shelhamer, Darrell (2015), section 4.2; concept fcn.

    Examples
    --------
    >>> center_crop(np.ones((2, 3, 9, 8)), 4).shape
    (2, 3, 4, 4)
    """
    middle = _middle("center_crop", x, size)
    return np.array(x[middle], order="C")


def center_crop_backward(dy: Array, x: Array, size: IntOrTuple) -> Array:
    r"""Return the gradient of `center_crop`: dy in the middle, zeros around it.

    .. math::
        dx_{n,\,c,\,\lfloor (H - P)/2 \rfloor + p,\,\lfloor (W - Q)/2 \rfloor + q} = dy_{ncpq},
            \qquad 0 \text{ elsewhere}

    Returns
    -------
    ndarray, shape of x

    Examples
    --------
    >>> center_crop_backward(np.ones((1, 1, 2)), np.ones((1, 1, 5)), 2).tolist()
    [[[0.0, 1.0, 1.0, 0.0, 0.0]]]
    """
    middle = _middle("center_crop_backward", x, size)
    _require_upstream("center_crop_backward", dy, x, x[middle].shape)
    dx = np.zeros(x.shape, x.dtype)
    dx[middle] = dy
    return dx


def _middle(caller: str, x: Array, size: IntOrTuple) -> tuple[slice, ...]:
    """Check the arguments, and return what to keep of each axis."""
    require_floats(caller, x=x)
    if x.ndim < 3:
        raise ValueError(
            f"{caller}: x has {x.ndim} axes but needs at least 3, (N,C,...); got {described(x=x)}; "
            "put axes for the pictures and the channels first"
        )
    wanted = as_tuple(size, x.ndim - 2, "size", caller=caller)
    for n, rows in zip(x.shape[2:], wanted, strict=True):
        if rows > n:
            raise ValueError(
                f"{caller}: cannot cut {rows} rows out of {n}; got {described(x=x)}, size={size}; "
                f"use size <= {n}"
            )
    starts = [(n - rows) // 2 for n, rows in zip(x.shape[2:], wanted, strict=True)]
    kept = [slice(start, start + rows) for start, rows in zip(starts, wanted, strict=True)]
    return (slice(None), slice(None), *kept)


def _require_upstream(caller: str, dy: Array, x: Array, shape: tuple[int, ...]) -> None:
    """Hold an upstream gradient to x's dtype and to the output's shape."""
    require_floats(caller, x=x, dy=dy)
    axes = ["N", "C", *(f"size[{j}]" for j in range(x.ndim - 2))]
    require_shape(caller, axes, shape, dy=dy, x=x)
