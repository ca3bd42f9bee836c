"""Global pooling: one number for each channel, whatever the size of the image."""

from math import prod

import numpy as np

from dlnotes.functional._arrays import Array, described, require_floats, require_shape
from dlnotes.functional.pool._windows import require_images


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
    flat = _flat("global_avg_pool", x)  # (N, C, H·W)
    return flat.mean(axis=2)  # (N, C)


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

    Examples
    --------
    >>> global_avg_pool_backward(np.array([[6.0]]), np.zeros((1, 1, 1, 3))).tolist()
    [[[[2.0, 2.0, 2.0]]]]
    """
    flat = _flat("global_avg_pool_backward", x)  # (N, C, H·W)
    _require_upstream("global_avg_pool_backward", dy, x)
    dx = np.zeros(flat.shape, x.dtype)
    dx += dy[..., None] / flat.shape[2]  # (N, C, 1)
    return dx.reshape(x.shape)


def global_max_pool(x: Array) -> Array:
    r"""Keep the largest value of each channel, where `global_avg_pool` keeps the mean.

    .. math:: y_{nc} = \max_{h, w} x_{nchw}

    Returns
    -------
    ndarray, shape (N, C)

    References
    ----------
    Concept gap. ``torch.nn.functional.adaptive_max_pool2d(x, 1)`` keeps the axes, with size 1.

    Examples
    --------
    >>> global_max_pool(np.arange(6.0).reshape(1, 2, 1, 3)).tolist()
    [[2.0, 5.0]]
    """
    flat = _flat("global_max_pool", x)  # (N, C, H·W)
    return flat.max(axis=2)  # (N, C)


def global_max_pool_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `global_max_pool`: the place of the maximum has it all.

    .. math:: dx_{nchw} = dy_{nc}\, [\,(h, w) = \operatorname{argmax} x_{nc}\,]

    Of equal values the first has it, as in `max_pool2d`.

    Returns
    -------
    ndarray, x's shape

    Examples
    --------
    >>> x = np.array([[[[1.0, 3.0, 3.0]]]])
    >>> global_max_pool_backward(np.array([[6.0]]), x).tolist()
    [[[[0.0, 6.0, 0.0]]]]
    """
    flat = _flat("global_max_pool_backward", x)  # (N, C, H·W)
    _require_upstream("global_max_pool_backward", dy, x)
    at = flat.argmax(axis=2)  # (N, C)
    dx = np.zeros(flat.shape, x.dtype)
    np.put_along_axis(dx, at[..., None], dy[..., None], axis=2)
    return dx.reshape(x.shape)


def _flat(caller: str, x: Array) -> Array:
    """Check the input, and take its spatial axes as one: (N, C, H·W)."""
    require_floats(caller, x=x)
    if x.ndim not in (3, 4, 5):
        raise ValueError(
            f"{caller}: x has {x.ndim} axes but needs 3, 4 or 5, (N,C,T), (N,C,H,W) or "
            f"(N,C,T,H,W); got {described(x=x)}; reshape x to one of these"
        )
    require_images(caller, x.ndim - 2, x)
    return x.reshape(*x.shape[:2], prod(x.shape[2:]))


def _require_upstream(caller: str, dy: Array, x: Array) -> None:
    """Hold the upstream gradient to one number for each channel."""
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, "NC", x.shape[:2], dy=dy, x=x)
