"""Spatial pyramid pooling: images of any size to vectors of one length."""

from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from dlnotes.functional._arrays import Array, described, require_floats, require_room, require_shape
from dlnotes.functional._options import as_choice
from dlnotes.functional.pool._windows import require_images
from dlnotes.functional.pool.adaptive import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    adaptive_max_pool2d,
    adaptive_max_pool2d_backward,
)
from dlnotes.functional.pool.average import avg_pool2d, avg_pool2d_backward
from dlnotes.functional.pool.maximum import max_pool2d, max_pool2d_backward
from dlnotes.shapes import as_int, pyramid_window

Pair = tuple[Callable[..., Array], Callable[..., Array]]
POOLINGS: dict[tuple[str, str], Pair] = {
    ("adaptive", "max"): (adaptive_max_pool2d, adaptive_max_pool2d_backward),
    ("adaptive", "avg"): (adaptive_avg_pool2d, adaptive_avg_pool2d_backward),
    ("strided", "max"): (max_pool2d, max_pool2d_backward),
    ("strided", "avg"): (avg_pool2d, avg_pool2d_backward),
}


def spatial_pyramid_pool(
    x: Array, levels: Iterable[int], *, mode: str = "max", rule: str = "adaptive"
) -> Array:
    r"""Pool an image into b×b bins for each level b, and string all bins together.

    With n the size of the image along an axis, bin j of that axis reads the rows

    .. math::
        \text{adaptive:} \quad \Big\lfloor \frac{j n}{b} \Big\rfloor \ldots
            \Big\lceil \frac{(j + 1) n}{b} \Big\rceil - 1
        \qquad
        \text{strided:} \quad j \Big\lfloor \frac{n}{b} \Big\rfloor \ldots
            j \Big\lfloor \frac{n}{b} \Big\rfloor + \Big\lceil \frac{n}{b} \Big\rceil - 1

    Strided is the paper's rule, an ordinary pooling. Where b does not divide n it can leave the
    last rows unread (n = 14, b = 4), or make more than b windows (n = 7, b = 4), which is refused
    here, since the length would change.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    levels : iterable of int
        Bins along one axis for each level, for example (4, 2, 1).
    mode : 'max' or 'avg'
        What a bin keeps.
    rule : 'adaptive' or 'strided'
        How the windows lie.

    Returns
    -------
    ndarray, shape (N, C·Σb²)
        Level after level as given; within a level channel after channel, within a channel row
        after row.

    Raises
    ------
    TypeError
        If x is no array of float32 or float64, or a level no int.
    ValueError
        If x has not 4 axes, an axis other than N is empty, there is no level, a level is below 1,
        a word is unknown, or the strided rule does not make b windows.

    References
    ----------
    He, Zhang, Ren and Sun, arXiv:1406.4729, section 2.3; concept spp. The length is
    `dlnotes.shapes.pyramid_length`, the strided windows `dlnotes.shapes.pyramid_window`.

    Examples
    --------
    >>> small, large = np.ones((2, 3, 10, 13)), np.ones((2, 3, 20, 17))
    >>> [spatial_pyramid_pool(x, (4, 2, 1)).shape for x in (small, large)]
    [(2, 63), (2, 63)]
    """
    bins = _read("spatial_pyramid_pool", x, levels, mode, rule)
    parts = []
    for b in bins:
        pool, _ = _pooling(x, b, mode, rule)
        parts.append(pool(x).reshape(len(x), x.shape[1] * b**2))  # (N, C, b, b) → (N, C·b²)
    return np.concatenate(parts, axis=1)


def spatial_pyramid_pool_backward(
    dy: Array, x: Array, levels: Iterable[int], *, mode: str = "max", rule: str = "adaptive"
) -> Array:
    r"""Return the gradient of `spatial_pyramid_pool`: the sum of what its levels pass back.

    .. math::
        dx_{nchw} = \sum_b \sum_{p,q} dy_{n,(b,c,p,q)}\,
            \frac{\partial y_{n,(b,c,p,q)}}{\partial x_{nchw}}

    Parameters
    ----------
    dy : ndarray, shape (N, C·Σb²)
        Upstream gradient.
    x, levels, mode, rule
        As in `spatial_pyramid_pool`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `spatial_pyramid_pool`, and if dy has not the output's shape and x's dtype.

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> dy = np.array([[1.0, 1.0, 1.0, 1.0, 10.0]])
    >>> spatial_pyramid_pool_backward(dy, x, (2, 1)).tolist()
    [[[[1.0, 1.0], [1.0, 11.0]]]]
    """
    caller = "spatial_pyramid_pool_backward"
    bins = _read(caller, x, levels, mode, rule)
    lengths = [x.shape[1] * b**2 for b in bins]
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, "ND", (len(x), sum(lengths)), dy=dy, x=x)
    dx = np.zeros(x.shape, x.dtype)
    for b, part in zip(bins, np.split(dy, np.cumsum(lengths)[:-1], axis=1), strict=True):
        _, backward = _pooling(x, b, mode, rule)
        dx += backward(part.reshape(*x.shape[:2], b, b), x)  # (N, C·b²) → (N, C, b, b)
    return dx


def _pooling(x: Array, bins: int, mode: str, rule: str) -> Pair:
    """Return the pooling of one level, and its backward pass."""
    forward, backward = POOLINGS[rule, mode]
    if rule == "adaptive":
        return partial(forward, output_size=bins), partial(backward, output_size=bins)
    kernel, stride = [-(-n // bins) for n in x.shape[2:]], [n // bins for n in x.shape[2:]]
    windows = {"kernel_size": kernel, "stride": stride}
    return partial(forward, **windows), partial(backward, **windows)


def _read(caller: str, x: Array, levels: Iterable[int], mode: str, rule: str) -> list[int]:
    """Check the arguments, and return the bins of each level."""
    require_images(caller, 2, x)
    as_choice(caller, "mode", mode, ("max", "avg"))
    as_choice(caller, "rule", rule, ("adaptive", "strided"))
    try:
        given = list(levels)
    except TypeError:
        raise TypeError(
            f"{caller}: levels are no sequence; got levels={levels!r}; "
            f"give the bins of each level, for example (4, 2, 1)"
        ) from None
    bins = [as_int(b, f"levels[{j}]", caller=caller) for j, b in enumerate(given)]
    if not bins:
        raise ValueError(
            f"{caller}: there are 0 levels, so nothing to return; got levels={bins!r}; "
            f"give the bins of at least one level, for example (4, 2, 1)"
        )
    for b in bins:
        require_room(caller, (*x.shape[:2], b, b), levels=bins)
        if rule == "strided":
            _require_as_many(caller, x, b)
    return bins


def _require_as_many(caller: str, x: Array, bins: int) -> None:
    """Refuse a level for which the paper's rule does not make as many windows as it has bins."""
    made = [pyramid_window(n, bins).out if n >= bins else "none" for n in x.shape[2:]]
    if made != [bins, bins]:
        raise ValueError(
            f"{caller}: the strided rule makes {made[0]} and {made[1]} windows along H and W, not "
            f"{bins}; got {described(x=x)}, a level of {bins} bins; use rule='adaptive' or another "
            f"level"
        )
