"""The exponentials behind softmax, log-softmax and cross-entropy: stable, and few passes.

Scores are (N, C, D) here, with the classes in the middle: what lies before their axis is one axis,
and what lies after it another.
"""

from math import prod

import numpy as np

from dlnotes.functional._arrays import Array

_SMALL, _LEAST, _MOST = 30.0, 1e-13, 1e13  # the last two are about exp(±30)


def as_ncd(x: Array, axis: int) -> Array:
    """Return x as (N, C, D), contiguous, with the classes in the middle.

    Parameters
    ----------
    x : ndarray, with at least one axis
    axis : int
        The axis of the classes, counted from the front.

    Returns
    -------
    ndarray, shape (N, C, D)

    Examples
    --------
    >>> as_ncd(np.zeros((2, 3, 4, 5)), 1).shape
    (2, 3, 20)
    """
    shape = (prod(x.shape[:axis]), x.shape[axis], prod(x.shape[axis + 1 :]))
    return np.ascontiguousarray(x.reshape(shape))


def exponentials(x: Array) -> tuple[Array, Array, Array | None]:
    r"""Return :math:`e^{x - m}` and its sums, with an m for which no sum over- or underflows.

    Mostly m = 0 serves, which saves the passes for the maximum and the difference: it is tried
    where the first example's scores are small, and the sums tell whether it was right.

    Parameters
    ----------
    x : ndarray, shape (N, C, D)
        Scores.

    Returns
    -------
    e : ndarray, shape (N, C, D)
        Newly made.
    total : ndarray, shape (N, D)
        The sums of e over the classes.
    m : ndarray, shape (N, D), or None
        The maxima over the classes; None where 0 serves.

    Examples
    --------
    >>> e, total, m = exponentials(np.array([[[0.0], [1000.0]]]))
    >>> e.astype(int).tolist(), total.astype(int).tolist(), m.astype(int).tolist()
    ([[[0], [1]]], [[1]], [[1000]])
    """
    if x.size and x[:1].max() < _SMALL:
        e = np.exp(x)
        total = sums(e)
        if total.min() > _LEAST and total.max() < _MOST:  # False where x holds NaN
            return e, total, None
    m = x.max(axis=1, initial=-np.inf)
    e = x - m[:, None]
    np.exp(e, out=e)
    return e, sums(e), m


def sums(e: Array) -> Array:
    """Return the sums over the classes, as products with ones: several times as fast as e.sum.

    Parameters
    ----------
    e : ndarray, shape (N, C, D)

    Returns
    -------
    ndarray, shape (N, D)

    Examples
    --------
    >>> sums(np.ones((2, 3, 1))).astype(int).tolist()
    [[3], [3]]
    """
    ones = np.ones(e.shape[1], e.dtype)
    total: Array = ones @ e if e.shape[2] != 1 else (e[:, :, 0] @ ones)[:, None]
    return total


def probabilities(x: Array) -> Array:
    """Return the softmax of scores.

    Parameters
    ----------
    x : ndarray, shape (N, C, D)

    Returns
    -------
    ndarray, shape (N, C, D)

    Examples
    --------
    >>> probabilities(np.array([[[1000.0], [1000.0]]])).tolist()
    [[[0.5], [0.5]]]
    """
    e, total, _ = exponentials(x)
    e /= total[:, None]
    return e


def log_probabilities(x: Array) -> Array:
    """Return the log-softmax of scores.

    Parameters
    ----------
    x : ndarray, shape (N, C, D)

    Returns
    -------
    ndarray, shape (N, C, D)

    Examples
    --------
    >>> log_probabilities(np.array([[[0.0], [1000.0]]])).astype(int).tolist()
    [[[-1000], [0]]]
    """
    shifted = x - x.max(axis=1, keepdims=True, initial=-np.inf)
    shifted -= np.log(sums(np.exp(shifted)))[:, None]
    return shifted
