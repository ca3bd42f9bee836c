"""The largest value of each window, and where it stands: one axis after the other."""

from collections.abc import Iterator, Sequence
from math import prod

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import quietly
from dlnotes.functional.pool._planes import (
    along,
    as_planes,
    beside,
    blocks,
    turned,
    turned_back,
)
from dlnotes.functional.pool._reading import require_indices, require_upstream
from dlnotes.functional.pool._windows import Windows


def maxima(x: Array, windows: Sequence[Windows]) -> Array:
    """Return the largest value of each window; NaN counts as largest.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W) or with another number of spatial axes
    windows : sequence of Windows
        One a spatial axis.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array.

    Examples
    --------
    >>> from dlnotes.functional.pool._windows import adaptive
    >>> maxima(np.zeros((2, 3, 7, 6)), adaptive("maxima", (7, 6), 2)).shape
    (2, 3, 2, 2)
    """
    planes = as_planes(x)
    best = np.empty((len(planes), *(w.out for w in windows)), x.dtype)
    for part in blocks(planes):
        values, first = turned(planes[part], windows[-1].out)  # (H, W, M) or (M, H, W)
        for axis, w in reversed(list(enumerate(windows, start=first))):
            values = _largest_along(values, axis, w)  # this axis: n → out
        best[part] = turned_back(values, first)
    return best.reshape(*x.shape[:2], *best.shape[1:])


def argmaxima(x: Array, windows: Sequence[Windows]) -> tuple[Array, Array]:
    """Return the largest value of each window and its place in the image.

    PyTorch's choice: the first of equal values, in the order of rows; the last NaN if there is
    any; the first place of the window when all values are −∞. Taking the last axis first keeps
    the order of rows.

    Parameters
    ----------
    x, windows
        As in `maxima`.

    Returns
    -------
    best : ndarray, shape (N, C, P, Q)
    at : ndarray of int64, shape (N, C, P, Q)
        Flat places in the unpadded image, row·W + column.

    Examples
    --------
    >>> from dlnotes.functional.pool._windows import adaptive
    >>> argmaxima(np.ones((1, 1, 4, 4)), adaptive("argmaxima", (4, 4), 2))[1].tolist()
    [[[[0, 2], [8, 10]]]]
    """
    planes = as_planes(x)
    best = np.empty((len(planes), *(w.out for w in windows)), x.dtype)
    at = np.empty(best.shape, np.int64)
    for part, values, found in _search(planes, windows):
        best[part], at[part] = values, found
    shape = (*x.shape[:2], *best.shape[1:])
    return best.reshape(shape), at.reshape(shape)


@quietly
def pass_back(
    caller: str, dy: Array, x: Array, windows: Sequence[Windows], indices: Array | None
) -> Array:
    """Take each upstream gradient to the place of its maximum.

    Parameters
    ----------
    caller : str
        The backward pass that messages name.
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x, windows
        As in `maxima`.
    indices : ndarray of int64, shape (N, C, P, Q), or None
        Places of the maxima; None: to be found.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        If dy or the indices do not fit.

    Examples
    --------
    >>> from dlnotes.functional.pool._windows import adaptive
    >>> x = np.array([[[1.0, 3.0, 2.0]]])
    >>> pass_back("…", np.ones((1, 1, 1)), x, adaptive("…", (3,), 1), None).tolist()
    [[[0.0, 1.0, 0.0]]]
    """
    require_upstream(caller, dy, x, windows)
    planes, upstream = as_planes(x), as_planes(dy)
    dx = np.zeros(planes.shape, x.dtype)
    if indices is None:
        for part, _, found in _search(planes, windows):
            _scatter(dx[part], found, upstream[part])
    else:
        require_indices(caller, indices, dy.shape, x.shape[2:])
        at = as_planes(indices)
        for part in blocks(planes):
            _scatter(dx[part], at[part], upstream[part])
    return dx.reshape(x.shape)


def _search(planes: Array, windows: Sequence[Windows]) -> Iterator[tuple[slice, Array, Array]]:
    """Yield some of the planes, their windows' maxima, and the places of these."""
    places = _places(planes.shape[1:])
    for part in blocks(planes):
        values, first = turned(planes[part], windows[-1].out)  # (H, W, M) or (M, H, W)
        found = np.broadcast_to(beside(places, first), values.shape)
        nan = bool(np.isnan(values.max()))
        for axis, w in reversed(list(enumerate(windows, start=first))):
            values, found = _find_along(values, found, axis, w, nan)
        yield part, turned_back(values, first), turned_back(found, first)


def _scatter(planes: Array, at: Array, values: Array) -> None:
    """Add values at their places: (M, P, Q) into (M, H, W)."""
    flat = at.reshape(len(at), prod(at.shape[1:])).astype(np.intp)  # (M, P·Q)
    flat += prod(planes.shape[1:]) * np.arange(len(at))[:, None]
    np.add.at(planes.reshape(-1), flat.reshape(-1), values.reshape(-1))


def _places(sizes: tuple[int, ...]) -> Array:
    """Give each pixel of an image its number, in the smallest unsigned integers that do."""
    size = prod(sizes)
    return np.arange(size, dtype=np.min_scalar_type(size - 1)).reshape(sizes)


def _largest_along(x: Array, axis: int, w: Windows) -> Array:
    """Shrink one axis to the maxima of its windows."""
    best = _start(x, axis, w)
    for outputs, inputs in w.rest:
        held = best[along(axis, outputs)]
        np.maximum(held, x[along(axis, inputs)], out=held)
    return best


def _find_along(x: Array, at: Array, axis: int, w: Windows, nan: bool) -> tuple[Array, Array]:
    """Shrink one axis to the maxima of its windows, and take their places along."""
    best, found = _start(x, axis, w), _start(at, axis, w)
    for outputs, inputs in w.rest:
        held, new = best[along(axis, outputs)], x[along(axis, inputs)]
        better = new > held
        if nan:
            better |= np.isnan(new)
        np.maximum(held, new, out=held)
        place = found[along(axis, outputs)]
        # arithmetic is four times as fast as np.where; unsigned numbers wrap around and back
        place += (at[along(axis, inputs)] - place) * better
    return best, found


def _start(x: Array, axis: int, w: Windows) -> Array:
    """Take the first value of each window along one axis."""
    first = np.empty((*x.shape[:axis], w.out, *x.shape[axis + 1 :]), x.dtype)
    for outputs, inputs in w.starts:
        first[along(axis, outputs)] = x[along(axis, inputs)]
    return first
