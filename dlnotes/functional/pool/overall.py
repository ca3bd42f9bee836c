"""Global pooling: one number for each channel, whatever the size of the image."""

from math import prod

import numpy as np

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import as_floats, quietly
from dlnotes.functional.pool._reading import require_images


@quietly
def global_avg_pool(x: Array) -> Array:
    r"""Average each channel over all of its places.

    .. math:: y_{nc} = \frac{1}{HW} \sum_{h, w} x_{nchw}

    It replaces the first dense layer of a network: any input size will do, and there is nothing
    to learn.

    Parameters
    ----------
    x : ndarray, shape (N, C, T), (N, C, H, W) or (N, C, T, H, W)
        Sequences, images or volumes; N may be 0.

    Returns
    -------
    ndarray, shape (N, C)
        A new array of x's dtype.

    Raises
    ------
    TypeError
        If x is no array of float32 or float64.
    ValueError
        If x has fewer than 3 or more than 5 axes, or an axis other than N is empty.

    References
    ----------
    Concept gap. ``torch.nn.functional.adaptive_avg_pool2d(x, 1)`` keeps the axes, with size 1.

    Examples
    --------
    >>> global_avg_pool(np.arange(6.0).reshape(1, 2, 1, 3)).tolist()
    [[1.0, 4.0]]
    """
    return _flat("global_avg_pool", x).mean(axis=2)  # (N, C, H·W) → (N, C)


@quietly
def global_avg_pool_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `global_avg_pool`: every place has the same share.

    .. math:: dx_{nchw} = \frac{dy_{nc}}{HW}

    Parameters
    ----------
    dy : ndarray, shape (N, C)
        Upstream gradient.
    x : ndarray, shape (N, C, H, W) or with another number of spatial axes
        Input of the forward pass; its shape is what counts.

    Returns
    -------
    ndarray, x's shape

    Raises
    ------
    TypeError, ValueError
        As `global_avg_pool`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept gap.

    Examples
    --------
    >>> global_avg_pool_backward(np.array([[6.0]]), np.zeros((1, 1, 1, 3))).tolist()
    [[[[2.0, 2.0, 2.0]]]]
    """
    flat = _flat("global_avg_pool_backward", x)
    _require_upstream("global_avg_pool_backward", dy, x)
    share = dy[..., None] / flat.dtype.type(flat.shape[2])  # (N, C, 1)
    return np.broadcast_to(share, flat.shape).copy().reshape(x.shape)


def global_max_pool(x: Array) -> Array:
    r"""Keep the largest value of each channel.

    .. math:: y_{nc} = \max_{h, w} x_{nchw}

    Parameters
    ----------
    x : ndarray, shape (N, C, T), (N, C, H, W) or (N, C, T, H, W)
        Sequences, images or volumes; N may be 0.

    Returns
    -------
    ndarray, shape (N, C)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `global_avg_pool`.

    References
    ----------
    Concept gap. ``torch.nn.functional.adaptive_max_pool2d(x, 1)`` keeps the axes, with size 1.

    Examples
    --------
    >>> global_max_pool(np.arange(6.0).reshape(1, 2, 1, 3)).tolist()
    [[2.0, 5.0]]
    """
    return _flat("global_max_pool", x).max(axis=2)  # (N, C, H·W) → (N, C)


def global_max_pool_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `global_max_pool`: the place of the maximum has it all.

    .. math:: dx_{nchw} = dy_{nc}\, [\,(h, w) = \operatorname{argmax} x_{nc}\,]

    Of equal values the first has it, of several NaNs the last, as in `max_pool2d`.

    Parameters
    ----------
    dy : ndarray, shape (N, C)
        Upstream gradient.
    x : ndarray, shape (N, C, H, W) or with another number of spatial axes

    Returns
    -------
    ndarray, x's shape

    Raises
    ------
    TypeError, ValueError
        As `global_avg_pool`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept gap.

    Examples
    --------
    >>> x = np.array([[[[1.0, 3.0, 3.0]]]])
    >>> global_max_pool_backward(np.array([[6.0]]), x).tolist()
    [[[[0.0, 6.0, 0.0]]]]
    """
    flat = _flat("global_max_pool_backward", x)
    _require_upstream("global_max_pool_backward", dy, x)
    at = flat.argmax(axis=2)  # (N, C), the first NaN where there is one
    nan = np.isnan(flat.max(axis=2))
    at[nan] = flat.shape[2] - 1 - np.isnan(flat[nan])[:, ::-1].argmax(axis=1)
    dx = np.zeros(flat.shape, x.dtype)
    np.put_along_axis(dx, at[..., None], dy[..., None], axis=2)
    return dx.reshape(x.shape)


def _flat(caller: str, x: object) -> Array:
    """Check the input, and take its spatial axes as one: (N, C, H·W)."""
    (a,) = as_floats(caller, x=x)
    if a.ndim not in (3, 4, 5):
        raise ValueError(
            f"{caller}: x has {a.ndim} axes but needs 3, 4 or 5, (N,C,T), (N,C,H,W) or "
            f"(N,C,T,H,W); got {described(x=a)}; reshape x to one of these"
        )
    require_images(caller, a.ndim - 2, a)
    return a.reshape(*a.shape[:2], prod(a.shape[2:]))


def _require_upstream(caller: str, dy: object, x: Array) -> None:
    """Hold the upstream gradient to one number for each channel."""
    _, a = as_floats(caller, x=x, dy=dy)
    require_shape(caller, "NC", x.shape[:2], dy=a, x=x)
