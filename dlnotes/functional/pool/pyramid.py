"""Spatial pyramid pooling: images of any size to vectors of one length."""

from collections.abc import Iterable

import numpy as np

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import as_choice, as_floats, quietly
from dlnotes.functional.pool._largest import maxima, pass_back
from dlnotes.functional.pool._reading import require_images
from dlnotes.functional.pool._sums import averages, spread
from dlnotes.functional.pool._windows import Windows, adaptive, fixed
from dlnotes.shapes import as_int, pyramid_window


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
    pyramid = _read("spatial_pyramid_pool", x, levels, mode, rule)
    pools = [maxima(x, w) if mode == "max" else averages(x, w) for w in pyramid]
    flat = [y.reshape(len(x), x.shape[1] * y.shape[2] * y.shape[3]) for y in pools]  # (N, C·b²)
    return np.concatenate(flat, axis=1)


@quietly
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

    References
    ----------
    Concept spp.

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> dy = np.array([[1.0, 1.0, 1.0, 1.0, 10.0]])
    >>> spatial_pyramid_pool_backward(dy, x, (2, 1)).tolist()
    [[[[1.0, 1.0], [1.0, 11.0]]]]
    """
    caller = "spatial_pyramid_pool_backward"
    pyramid = _read(caller, x, levels, mode, rule)
    bins = [(w[0].out, w[1].out) for w in pyramid]
    ends = np.cumsum([0, *(x.shape[1] * p * q for p, q in bins)])
    _, a = as_floats(caller, x=x, dy=dy)
    require_shape(caller, "ND", (len(x), int(ends[-1])), dy=a, x=x)
    dx = np.zeros(x.shape, x.dtype)
    for w, (p, q), first, last in zip(pyramid, bins, ends, ends[1:], strict=False):
        part = a[:, first:last].reshape(*x.shape[:2], p, q)  # (N, C, b, b)
        dx += pass_back(caller, part, x, w, None) if mode == "max" else spread(part, w)
    return dx


def _read(
    caller: str, x: Array, levels: Iterable[int], mode: str, rule: str
) -> list[tuple[Windows, ...]]:
    """Check the arguments, and return the windows of each level."""
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
    if rule == "strided":
        return [_strided(caller, x, b) for b in bins]
    return [adaptive(caller, x.shape[2:], b) for b in bins]


def _strided(caller: str, x: Array, bins: int) -> tuple[Windows, ...]:
    """Return the paper's windows of one level."""
    sizes = x.shape[2:]
    made = [pyramid_window(n, bins) if n >= bins else None for n in sizes]
    if any(w is None or w.out != bins for w in made):
        counts = " and ".join("none" if w is None else str(w.out) for w in made)
        raise ValueError(
            f"{caller}: the strided rule makes {counts} windows along H and W, not {bins}; "
            f"got {described(x=x)}, a level of {bins} bins; use rule='adaptive' or another level"
        )
    kernel, stride = [-(-n // bins) for n in sizes], [n // bins for n in sizes]
    return fixed(caller, sizes, kernel, stride, 0, 1, False)
