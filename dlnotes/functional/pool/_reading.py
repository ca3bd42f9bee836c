"""Checks that all kinds of pooling share."""

from collections.abc import Sequence

import numpy as np

from dlnotes.functional._arrays import Array, described, is_plain, require_axes, require_shape
from dlnotes.functional._options import as_floats
from dlnotes.functional.pool._windows import Windows

AXES = {1: "NCT", 2: "NCHW", 3: "NCTHW"}
OUT_AXES = {1: "NCQ", 2: "NCPQ", 3: "NCOPQ"}


def require_images(caller: str, dims: int, x: object, axes: str = "") -> None:
    """Hold an input to float32 or float64 and to its axes, of which the batch alone may be empty.

    Parameters
    ----------
    caller : str
        The function that messages name.
    dims : int
        Number of spatial axes: 1, 2 or 3.
    x : ndarray, shape (N, C, T), (N, C, H, W) or (N, C, T, H, W)
    axes : str
        Letters of the axes for messages, where they are not an image's.

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64.
    ValueError
        If it has more or fewer axes, or an empty one.

    Examples
    --------
    >>> require_images("max_pool2d", 2, np.zeros((0, 3, 7, 6)))
    """
    axes = axes or AXES[dims]
    (a,) = as_floats(caller, x=x)
    require_axes(caller, axes, x=a)
    for letter, size in zip(axes[1:], a.shape[1:], strict=True):
        if size == 0:
            raise ValueError(
                f"{caller}: x has {letter}=0; got {described(x=a)}; "
                f"only the batch axis N may be empty"
            )


def require_upstream(caller: str, dy: object, x: Array, windows: Sequence[Windows]) -> None:
    """Hold an upstream gradient to the output's shape and to x's dtype.

    Parameters
    ----------
    caller : str
        The function that messages name.
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, H, W)
    windows : sequence of Windows

    Raises
    ------
    TypeError
        If dy is no array of x's dtype.
    ValueError
        If it has another shape.

    Examples
    --------
    >>> from dlnotes.functional.pool._windows import adaptive
    >>> dy, x = np.zeros((2, 3, 2, 2)), np.zeros((2, 3, 7, 6))
    >>> require_upstream("max_pool2d_backward", dy, x, adaptive("…", (7, 6), 2))
    """
    x, a = as_floats(caller, x=x, dy=dy)
    shape = (*x.shape[:2], *(w.out for w in windows))
    require_shape(caller, OUT_AXES[len(windows)], shape, dy=a, x=x)


def require_indices(
    caller: str, indices: object, shape: tuple[int, ...], sizes: tuple[int, ...]
) -> None:
    """Hold indices to int64, a shape, and the places of an image.

    Parameters
    ----------
    caller : str
        The function that messages name.
    indices : ndarray of int64
        Flat places, one an output of the pooling.
    shape : tuple of int
        What their shape must be.
    sizes : tuple of int
        Spatial sizes of the image that they point into.

    Raises
    ------
    TypeError
        If they are no array of int64.
    ValueError
        If their shape differs, or a place lies outside the image.

    Examples
    --------
    >>> require_indices("max_unpool1d", np.array([[[1, 3]]]), (1, 1, 2), (4,))
    """
    if not is_plain(indices) or indices.dtype != np.int64:
        kind = indices.dtype if is_plain(indices) else type(indices).__name__
        raise TypeError(
            f"{caller}: indices are {kind}, not an array of int64; got indices of type "
            f"{type(indices).__name__}; give what max_pool2d_with_indices returned"
        )
    require_shape(caller, OUT_AXES[len(sizes)], shape, indices=indices)
    places = int(np.prod(sizes))
    low, high = (indices.min(), indices.max()) if indices.size else (0, 0)
    if low < 0 or high >= places:
        raise ValueError(
            f"{caller}: indices run from {low} to {high}, but an image of {sizes} has the places "
            f"0 to {places - 1}; got {described(indices=indices)}; give indices of the same "
            f"pooling, and the size of the image that it took them from"
        )
