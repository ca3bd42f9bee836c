"""Images as planes, batch and channels as one axis, in blocks that fit into the cache.

NumPy works fast along memory. Where the rows of a pooled image are short, many planes are laid
side by side: (M, H, W) becomes (H, W, M), and every step runs along M.
"""

from collections.abc import Iterator
from math import prod

import numpy as np

from dlnotes.functional._arrays import Array

BLOCK = 2**19
"""Bytes that are worked on at a time, so that they stay in the processor's cache."""
MANY, SHORT = 16, 10
"""How many planes are worth the turning, and which rows of outputs are (measured)."""


def as_planes(x: Array) -> Array:
    """Take batch and channels as one axis.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W) or with another number of spatial axes

    Returns
    -------
    ndarray, shape (N·C, H, W)
        A view where memory allows.

    Examples
    --------
    >>> as_planes(np.zeros((2, 3, 7, 6))).shape
    (6, 7, 6)
    """
    return x.reshape(prod(x.shape[:2]), *x.shape[2:])


def blocks(planes: Array) -> Iterator[slice]:
    """Cut the first axis into slices that fit into the cache.

    Parameters
    ----------
    planes : ndarray, shape (M, H, W)

    Yields
    ------
    slice
        Of the first axis; one plane at least.

    Examples
    --------
    >>> [len(range(20)[part]) for part in blocks(np.zeros((20, 64, 64), np.float32))]
    [20]
    """
    step = max(1, BLOCK // max(1, planes[:1].nbytes))
    for first in range(0, len(planes), step):
        yield slice(first, first + step)


def turned(planes: Array, row: int) -> tuple[Array, int]:
    """Lay many planes with short rows side by side.

    Parameters
    ----------
    planes : ndarray, shape (M, H, W)
    row : int
        Length of a row of outputs.

    Returns
    -------
    values : ndarray, shape (H, W, M), or (M, H, W) if M is small or rows are long
    first : int
        The first spatial axis of `values`: 0 or 1.

    Examples
    --------
    >>> values, first = turned(np.zeros((100, 7, 6)), row=3)
    >>> values.shape, first
    ((7, 6, 100), 0)
    """
    if len(planes) < MANY or row >= SHORT:
        return planes, 1
    return np.ascontiguousarray(np.moveaxis(planes, 0, -1)), 0


def turned_back(values: Array, first: int) -> Array:
    """Undo `turned`: the planes' axis first again, as a view.

    Parameters
    ----------
    values : ndarray, shape (P, Q, M) or (M, P, Q)
    first : int
        As `turned` gave it.

    Returns
    -------
    ndarray, shape (M, P, Q)

    Examples
    --------
    >>> turned_back(np.zeros((3, 2, 100)), 0).shape
    (100, 3, 2)
    """
    return values if first else np.moveaxis(values, -1, 0)


def beside(image: Array, first: int) -> Array:
    """Give one image's values the axes that they need beside turned planes.

    Parameters
    ----------
    image : ndarray, shape (P, Q) or without axes
    first : int
        As `turned` gave it.

    Returns
    -------
    ndarray, shape (P, Q, 1) or (P, Q)

    Examples
    --------
    >>> beside(np.zeros((3, 2)), 0).shape
    (3, 2, 1)
    """
    return image if first else image[..., None]


def along(axis: int, where: slice) -> tuple[slice, ...]:
    """Return the index of a view that takes part of one axis and all of the others.

    Parameters
    ----------
    axis : int
        The axis, counted from the front.
    where : slice
        The part to take.

    Returns
    -------
    tuple of slice

    Examples
    --------
    >>> np.zeros((2, 3, 7))[along(2, slice(0, 7, 2))].shape
    (2, 3, 4)
    """
    return (*(slice(None),) * axis, where)
