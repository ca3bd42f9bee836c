"""Max-unpooling: maxima back to where they stood."""

from collections.abc import Sequence
from math import prod

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    require_floats,
    require_room,
    require_shape,
)
from dlnotes.functional.pool._windows import AXES, OUT_AXES, require_images, require_indices
from dlnotes.shapes import IntOrTuple, Padding, as_pads, as_tuple


def max_unpool2d(
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    output_size: Sequence[int] | None = None,
) -> Array:
    r"""Put the maxima of an image back where they stood, among zeros.

    .. math:: y_{nc,\,\text{indices}_{ncpq}} = x_{ncpq}, \qquad 0 \text{ elsewhere}

    Where windows overlapped, an index can occur twice; the last value, row by row, stays.

    Parameters
    ----------
    x : ndarray, shape (N, C, P, Q)
        Pooled images; N may be 0.
    indices : ndarray of int64, shape (N, C, P, Q)
        Where each value goes, as `max_pool2d_with_indices` returned it.
    kernel_size, stride, padding
        As in the pooling; they decide the output's size.
    output_size : (H, W) or a whole shape (N, C, H, W), optional
        Size of the image that was pooled, less than one stride from the smallest that fits,
        :math:`(P - 1)\, s_H + R - p_{top} - p_{bottom}`, which it is when left out.

    Returns
    -------
    ndarray, shape (N, C, H, W)
        A new array of x's dtype.

    Raises
    ------
    TypeError
        If x is no array of float32 or float64, the indices none of int64, or a number no int.
    ValueError
        If shapes differ, an index lies outside the output, or no pooling of an image of
        `output_size` gives x's size.

    References
    ----------
    Noh, Hong and Han, arXiv:1505.04366; concept unpooling; ``torch.nn.functional.max_unpool2d``.

    Examples
    --------
    >>> x, indices = np.array([[[[5.0, 2.0]]]]), np.array([[[[1, 6]]]])
    >>> max_unpool2d(x, indices, 2).tolist()
    [[[[0.0, 5.0, 0.0, 0.0], [0.0, 0.0, 2.0, 0.0]]]]
    >>> max_unpool2d(x, indices, 2, output_size=(3, 5)).shape
    (1, 1, 3, 5)
    """
    sizes = _read("max_unpool2d", x, indices, kernel_size, stride, padding, output_size)
    y = np.zeros((prod(x.shape[:2]), prod(sizes)), x.dtype)  # (N·C, H·W)
    np.put_along_axis(y, _flat(indices), _flat(x), axis=1)  # one after the other: the last stays
    return y.reshape(*x.shape[:2], *sizes)


def max_unpool2d_backward(
    dy: Array,
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    output_size: Sequence[int] | None = None,
) -> Array:
    r"""Return the gradient of `max_unpool2d` to x: what arrives where each value went.

    .. math:: dx_{ncpq} = dy_{nc,\,\text{indices}_{ncpq}}

    Where an index occurs twice both values receive the gradient, as in PyTorch, although only the
    last one stands in the output.

    Parameters
    ----------
    dy : ndarray, shape (N, C, H, W)
        Upstream gradient.
    x, indices, kernel_size, stride, padding, output_size
        As in `max_unpool2d`.

    Returns
    -------
    ndarray, shape (N, C, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `max_unpool2d`, and if dy has not the output's shape and x's dtype.

    Examples
    --------
    >>> x, indices = np.array([[[[5.0, 2.0]]]]), np.array([[[[1, 6]]]])
    >>> dy = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> max_unpool2d_backward(dy, x, indices, 2).tolist()
    [[[[1.0, 6.0]]]]
    """
    caller = "max_unpool2d_backward"
    sizes = _read(caller, x, indices, kernel_size, stride, padding, output_size)
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, AXES[2], (*x.shape[:2], *sizes), dy=dy, x=x)
    return np.take_along_axis(_flat(dy), _flat(indices), axis=1).reshape(x.shape)


def _read(
    caller: str,
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    output_size: Sequence[int] | None,
) -> tuple[int, ...]:
    """Check the arguments of an unpooling, and return the spatial sizes of its output."""
    require_images(caller, 2, x, axes=OUT_AXES[2])
    kernel = as_tuple(kernel_size, 2, "kernel_size", caller=caller)
    steps = kernel if stride is None else as_tuple(stride, 2, "stride", caller=caller)
    pads = as_pads(padding, kernel, steps, 1, 2, caller=caller)
    rows = zip(x.shape[2:], kernel, steps, pads, strict=True)
    smallest = tuple((p - 1) * s + k - sum(pad) for p, k, s, pad in rows)
    sizes = smallest if output_size is None else _asked(caller, x, output_size)
    pairs = zip(sizes, smallest, steps, strict=True)
    if any(n < 1 or abs(n - least) >= step for n, least, step in pairs):
        raise ValueError(
            f"{caller}: output_size is {sizes}, but x comes from an image of {smallest}, give or "
            f"take less than a stride of {steps}; got {described(x=x)}, kernel_size={kernel}, "
            f"padding={pads}; give the spatial size of the image that was pooled"
        )
    require_room(caller, (*x.shape[:2], *sizes), kernel_size=kernel, stride=steps)
    require_indices(caller, indices, x.shape, sizes)
    return sizes


def _asked(caller: str, x: Array, output_size: Sequence[int]) -> tuple[int, ...]:
    """Read an output size: spatial sizes, or a whole shape that begins with N and C."""
    asked = output_size
    if isinstance(asked, list | tuple) and len(asked) == 4:
        if tuple(asked[:2]) != x.shape[:2]:
            raise ValueError(
                f"{caller}: output_size begins with N, C = {tuple(asked[:2])}, but x has "
                f"{x.shape[:2]}; got output_size={asked!r}, {described(x=x)}; "
                f"give the spatial sizes alone"
            )
        asked = asked[2:]
    return as_tuple(asked, 2, "output_size", caller=caller)


def _flat(a: Array) -> Array:
    """Take the places of each plane as one axis, in their own order: (N·C, P·Q)."""
    return np.ascontiguousarray(a.reshape(prod(a.shape[:2]), prod(a.shape[2:])))
