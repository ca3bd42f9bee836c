"""Max-unpooling over one, two and three axes: maxima back to where they stood."""

from collections.abc import Sequence
from math import prod

import numpy as np

from dlnotes.functional._arrays import Array, described, require_room, require_shape
from dlnotes.functional._options import as_floats
from dlnotes.functional.pool._reading import AXES, OUT_AXES, require_images, require_indices
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

    Where windows overlapped, an index can occur twice; the last value stays, as in PyTorch.

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
    sizes = _read("max_unpool2d", 2, x, indices, kernel_size, stride, padding, output_size)
    return _place(x, indices, sizes)


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

    References
    ----------
    Concept unpooling.

    Examples
    --------
    >>> x, indices = np.array([[[[5.0, 2.0]]]]), np.array([[[[1, 6]]]])
    >>> dy = np.arange(8.0).reshape(1, 1, 2, 4)
    >>> max_unpool2d_backward(dy, x, indices, 2).tolist()
    [[[[1.0, 6.0]]]]
    """
    sizes = _read("max_unpool2d_backward", 2, x, indices, kernel_size, stride, padding, output_size)
    return _collect("max_unpool2d_backward", dy, x, indices, sizes)


def max_unpool1d(
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    output_size: Sequence[int] | None = None,
) -> Array:
    r"""Put the maxima of a sequence back where they stood, among zeros.

    .. math:: y_{nc,\,\text{indices}_{ncq}} = x_{ncq}, \qquad 0 \text{ elsewhere}

    Parameters
    ----------
    x : ndarray, shape (N, C, Q)
        Pooled sequences; N may be 0.
    indices : ndarray of int64, shape (N, C, Q)
        Where each value goes, as `max_pool1d_with_indices` returned it.
    kernel_size, stride, padding, output_size
        As in `max_unpool2d`.

    Returns
    -------
    ndarray, shape (N, C, T)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `max_unpool2d`.

    References
    ----------
    ``torch.nn.functional.max_unpool1d``.

    Examples
    --------
    >>> max_unpool1d(np.array([[[5.0, 2.0]]]), np.array([[[1, 2]]]), 2).tolist()
    [[[0.0, 5.0, 2.0, 0.0]]]
    """
    sizes = _read("max_unpool1d", 1, x, indices, kernel_size, stride, padding, output_size)
    return _place(x, indices, sizes)


def max_unpool1d_backward(
    dy: Array,
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    output_size: Sequence[int] | None = None,
) -> Array:
    r"""Return the gradient of `max_unpool1d` to x: what arrives where each value went.

    .. math:: dx_{ncq} = dy_{nc,\,\text{indices}_{ncq}}

    Parameters
    ----------
    dy : ndarray, shape (N, C, T)
        Upstream gradient.
    x, indices, kernel_size, stride, padding, output_size
        As in `max_unpool1d`.

    Returns
    -------
    ndarray, shape (N, C, Q)

    Raises
    ------
    TypeError, ValueError
        As `max_unpool1d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept unpooling.

    Examples
    --------
    >>> x, indices, dy = np.zeros((1, 1, 2)), np.array([[[1, 2]]]), np.arange(4.0)
    >>> max_unpool1d_backward(dy.reshape(1, 1, 4), x, indices, 2).tolist()
    [[[1.0, 2.0]]]
    """
    sizes = _read("max_unpool1d_backward", 1, x, indices, kernel_size, stride, padding, output_size)
    return _collect("max_unpool1d_backward", dy, x, indices, sizes)


def max_unpool3d(
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    output_size: Sequence[int] | None = None,
) -> Array:
    r"""Put the maxima of a volume back where they stood, among zeros.

    .. math:: y_{nc,\,\text{indices}_{ncopq}} = x_{ncopq}, \qquad 0 \text{ elsewhere}

    Parameters
    ----------
    x : ndarray, shape (N, C, O, P, Q)
        Pooled volumes; N may be 0.
    indices : ndarray of int64, shape (N, C, O, P, Q)
        Where each value goes, as `max_pool3d_with_indices` returned it.
    kernel_size, stride, padding, output_size
        As in `max_unpool2d`.

    Returns
    -------
    ndarray, shape (N, C, T, H, W)
        A new array of x's dtype.

    Raises
    ------
    TypeError, ValueError
        As `max_unpool2d`.

    References
    ----------
    ``torch.nn.functional.max_unpool3d``.

    Examples
    --------
    >>> x, indices = np.ones((1, 1, 1, 1, 2)), np.array([[[[[1, 2]]]]])
    >>> max_unpool3d(x, indices, 2).shape
    (1, 1, 2, 2, 4)
    """
    sizes = _read("max_unpool3d", 3, x, indices, kernel_size, stride, padding, output_size)
    return _place(x, indices, sizes)


def max_unpool3d_backward(
    dy: Array,
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    output_size: Sequence[int] | None = None,
) -> Array:
    r"""Return the gradient of `max_unpool3d` to x: what arrives where each value went.

    .. math:: dx_{ncopq} = dy_{nc,\,\text{indices}_{ncopq}}

    Parameters
    ----------
    dy : ndarray, shape (N, C, T, H, W)
        Upstream gradient.
    x, indices, kernel_size, stride, padding, output_size
        As in `max_unpool3d`.

    Returns
    -------
    ndarray, shape (N, C, O, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `max_unpool3d`, and if dy has not the output's shape and x's dtype.

    References
    ----------
    Concept unpooling.

    Examples
    --------
    >>> x, indices = np.ones((1, 1, 1, 1, 2)), np.array([[[[[1, 2]]]]])
    >>> max_unpool3d_backward(np.ones((1, 1, 2, 2, 4)), x, indices, 2).shape
    (1, 1, 1, 1, 2)
    """
    sizes = _read("max_unpool3d_backward", 3, x, indices, kernel_size, stride, padding, output_size)
    return _collect("max_unpool3d_backward", dy, x, indices, sizes)


def _read(
    caller: str,
    dims: int,
    x: Array,
    indices: Array,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    output_size: Sequence[int] | None,
) -> tuple[int, ...]:
    """Check the arguments of an unpooling, and return the spatial sizes of its output."""
    require_images(caller, dims, x, axes=OUT_AXES[dims])
    kernel = as_tuple(kernel_size, dims, "kernel_size", caller=caller)
    steps = kernel if stride is None else as_tuple(stride, dims, "stride", caller=caller)
    pads = as_pads(padding, kernel, steps, 1, dims, caller=caller)
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
    dims, asked = x.ndim - 2, output_size
    if isinstance(asked, list | tuple) and len(asked) == dims + 2:
        if tuple(asked[:2]) != x.shape[:2]:
            raise ValueError(
                f"{caller}: output_size begins with N, C = {tuple(asked[:2])}, but x has "
                f"{x.shape[:2]}; got output_size={asked!r}, {described(x=x)}; "
                f"give the spatial sizes alone"
            )
        asked = asked[2:]
    return as_tuple(asked, dims, "output_size", caller=caller)


def _flat(a: Array) -> Array:
    """Take the places of each plane as one axis: (N·C, P·Q)."""
    return a.reshape(prod(a.shape[:2]), prod(a.shape[2:]))


def _place(x: Array, indices: Array, sizes: tuple[int, ...]) -> Array:
    """Put values at their places among zeros."""
    y = np.zeros((prod(x.shape[:2]), prod(sizes)), x.dtype)
    np.put_along_axis(y, _flat(indices), _flat(x), axis=1)
    return y.reshape(*x.shape[:2], *sizes)


def _collect(caller: str, dy: Array, x: Array, indices: Array, sizes: tuple[int, ...]) -> Array:
    """Take what stands at the places of the values."""
    _, a = as_floats(caller, x=x, dy=dy)
    require_shape(caller, AXES[len(sizes)], (*x.shape[:2], *sizes), dy=a, x=x)
    return np.take_along_axis(_flat(a), _flat(indices), axis=1).reshape(x.shape)
