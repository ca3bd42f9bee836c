"""Transposed convolution over one, two and three axes, each beside its backward pass.

It is the gradient of a convolution by its input, used as a layer: every input stamps a scaled copy
of the kernel onto the output, and where stamps overlap they add up. With g the convolution that
leads from y back to x, the forward pass is g's `input_gradient`: wᵀ·x, placed in the windows of y.
The backward pass is g itself: dx is w times the columns of dy.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    require_axes,
    require_floats,
    require_room,
    require_shape,
    require_small,
)
from dlnotes.functional._geometry import Geometry
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import Gradients, batch_axis, canvas, input_gradient, tiles
from dlnotes.shapes import (
    IntOrTuple,
    Padding,
    as_int,
    as_pads,
    as_tuple,
    conv_transpose_out_nd,
    tf_conv_transpose_legal,
    tf_conv_transpose_pads,
)

_X = {1: "NCT", 2: "NCHW", 3: "NCTHW"}
_W = {1: "CKS", 2: "CKRS", 3: "CKURS"}
_Y = {1: "NKQ", 2: "NKPQ", 3: "NKOPQ"}


@quietly
def conv_transpose2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    groups: int = 1,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Stamp a scaled copy of the kernels for every input, and add up the stamps.

    .. math::
        y_{nkpq} = b_k + \sum_{c,h,w,r,s} x_{nchw}\, w_{ckrs}\,
            [p = h\,s_H + r\,d_H - p_H]\,[q = w\,s_W + s\,d_W - p_W]

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        N may be 0.
    w : ndarray, shape (C, K/groups, R, S)
        PyTorch's arrangement: the axis of the *inputs* comes first.
    b : ndarray, shape (K,), optional
    stride : int or (int, int)
        Distance between the stamps of neighbouring inputs.
    padding : int, (int, int), ((top, bottom), (left, right)), or str
        Rows and columns cut off the sides of the result, as `dlnotes.shapes.as_pads` reads them.
    output_padding : int or (int, int)
        Rows and columns added at the end, which only stamps that `padding` cut off can reach; below
        the larger of stride and dilation. It decides between the sizes that one convolution maps
        to the same output.
    groups : int
        Groups of channels that are stamped on their own.
    dilation : int or (int, int)
        Distance between kernel entries; 1 is dense.

    Returns
    -------
    ndarray, shape (N, K, P, Q)
        A new array of x's dtype; sizes as `dlnotes.shapes.conv_transpose_out` gives them.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64, or a number is no int.
    ValueError
        If shapes or options do not fit each other, nothing would be left, or an array would have
        2³¹ values or more.

    References
    ----------
    Concepts transposed-size, stride-as-gaps; ``torch.nn.functional.conv_transpose2d``; Dumoulin and
    Visin, arXiv:1603.07285, chapter 4. The loop version is `dlnotes.reference.conv_transpose2d`.

    Examples
    --------
    >>> conv_transpose2d(np.ones((2, 4, 2, 2)), np.ones((4, 3, 4, 4)), stride=3).shape
    (2, 3, 7, 7)
    """
    options = (stride, padding, output_padding, groups, dilation)
    g = _read("conv_transpose2d", 2, x, w, b, *options)
    y = input_gradient(x, w, g)  # (N, K, P, Q)
    return y if b is None else y + b[:, None, None]


@quietly
def conv_transpose2d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    groups: int = 1,
    dilation: IntOrTuple = 1,
) -> Gradients:
    r"""Return the gradients of `conv_transpose2d`.

    The gradient by the input is the convolution of dy with the same kernels, which is where the
    name comes from; each weight collects the products of the inputs it was scaled by and the
    gradients it was stamped on; db sums dy over everything but the channel.

    .. math:: dx = \operatorname{conv}(dy, w), \qquad db_k = \sum dy_{nk\cdots}

    Parameters
    ----------
    dy : ndarray, shape (N, K, P, Q)
        Upstream gradient.
    x, w, b, stride, padding, output_padding, groups, dilation
        As in `conv_transpose2d`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (C, K/groups, R, S)
    db : ndarray of shape (K,), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose2d`, and if dy has not the output's shape.

    References
    ----------
    Concept transposed-not-inverse.

    Examples
    --------
    >>> x, w = np.ones((2, 4, 5, 2)), np.ones((4, 3, 3, 2))
    >>> dx, dw, db = conv_transpose2d_backward(np.ones((2, 3, 7, 3)), x, w)
    >>> [dx.shape, dw.shape], db is None
    ([(2, 4, 5, 2), (4, 3, 3, 2)], True)
    """
    options = (stride, padding, output_padding, groups, dilation)
    g = _read_backward("conv_transpose2d_backward", 2, dy, x, w, b, *options)
    db = None if b is None else dy.sum(axis=(0, 2, 3))
    return *_gradients(dy, x, w, g), db


@quietly
def conv_transpose1d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    groups: int = 1,
    dilation: IntOrTuple = 1,
) -> Array:
    """Stamp kernels along sequences: `conv_transpose2d` over one axis.

    x is (N, C, T), w (C, K/groups, S).

    Returns
    -------
    ndarray, shape (N, K, Q)

    Examples
    --------
    >>> conv_transpose1d(np.ones((2, 4, 5)), np.ones((4, 3, 3)), stride=2).shape
    (2, 3, 11)
    """
    options = (stride, padding, output_padding, groups, dilation)
    g = _read("conv_transpose1d", 1, x, w, b, *options)
    y = input_gradient(x, w, g)  # (N, K, Q)
    return y if b is None else y + b[:, None]


@quietly
def conv_transpose1d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    groups: int = 1,
    dilation: IntOrTuple = 1,
) -> Gradients:
    """Return the gradients of `conv_transpose1d`, as `conv_transpose2d_backward` over one axis.

    Returns
    -------
    dx : ndarray, shape (N, C, T)
    dw : ndarray, shape (C, K/groups, S)
    db : ndarray of shape (K,), or None
    """
    options = (stride, padding, output_padding, groups, dilation)
    g = _read_backward("conv_transpose1d_backward", 1, dy, x, w, b, *options)
    db = None if b is None else dy.sum(axis=(0, 2))
    return *_gradients(dy, x, w, g), db


@quietly
def conv_transpose3d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    groups: int = 1,
    dilation: IntOrTuple = 1,
) -> Array:
    """Stamp kernels into volumes: `conv_transpose2d` with a third axis, T, in front.

    x is (N, C, T, H, W), w (C, K/groups, U, R, S).

    Returns
    -------
    ndarray, shape (N, K, O, P, Q)

    Examples
    --------
    >>> x, w = np.ones((2, 4, 2, 2, 2)), np.ones((4, 3, 3, 2, 2))
    >>> conv_transpose3d(x, w, padding=(1, 0, 0)).shape
    (2, 3, 2, 3, 3)
    """
    options = (stride, padding, output_padding, groups, dilation)
    g = _read("conv_transpose3d", 3, x, w, b, *options)
    y = input_gradient(x, w, g)  # (N, K, O, P, Q)
    return y if b is None else y + b[:, None, None, None]


@quietly
def conv_transpose3d_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    groups: int = 1,
    dilation: IntOrTuple = 1,
) -> Gradients:
    """Return the gradients of `conv_transpose3d`, as `conv_transpose2d_backward` over three axes.

    Returns
    -------
    dx : ndarray, shape (N, C, T, H, W)
    dw : ndarray, shape (C, K/groups, U, R, S)
    db : ndarray of shape (K,), or None
    """
    options = (stride, padding, output_padding, groups, dilation)
    g = _read_backward("conv_transpose3d_backward", 3, dy, x, w, b, *options)
    db = None if b is None else dy.sum(axis=(0, 2, 3, 4))
    return *_gradients(dy, x, w, g), db


@quietly
def conv_transpose2d_tf(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: str = "SAME",
    output_shape: tuple[int, int] | None = None,
    dilation: IntOrTuple = 1,
) -> Array:
    r"""Do what TensorFlow's ``conv2d_transpose`` does, on PyTorch's arrangement of the axes.

    .. math::
        y = \frac{\partial \langle x, \operatorname{conv}(z, w) \rangle}{\partial z} + b, \qquad
            z \in \mathbb{R}^{N \times K \times P \times Q}

    TensorFlow asks for the size of the result and finds the padding itself: the one with which a
    SAME or VALID convolution of that size would give the input's.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    w : ndarray, shape (C, K, R, S)
    b : ndarray, shape (K,), optional
    stride, dilation : int or (int, int)
        As in `conv_transpose2d`.
    padding : {'SAME', 'VALID'}
        In small or capital letters.
    output_shape : (int, int), optional
        Height and width of the result, one of `dlnotes.shapes.tf_conv_transpose_legal` on each
        axis. By default what Keras takes: the largest legal size for SAME, the smallest for VALID
        that no row of the kernel is cut off from.

    Returns
    -------
    ndarray, shape (N, K, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose2d`; also for a size that is not legal: the message gives those that are.

    References
    ----------
    Concept transposed-ambiguity; ``tf.nn.conv2d_transpose``.

    Examples
    --------
    >>> x = np.array([[[[1.0, 1.0], [2.0, 2.0]]]])
    >>> ones = np.ones((1, 1, 3, 3))
    >>> conv_transpose2d_tf(x, ones, stride=2, output_shape=(4, 4))[0, 0].astype(int).tolist()
    [[1, 1, 2, 1], [1, 1, 2, 1], [3, 3, 6, 3], [2, 2, 4, 2]]
    """
    g = _read_tf("conv_transpose2d_tf", x, w, b, stride, padding, output_shape, dilation)
    y = input_gradient(x, w, g)  # (N, K, P, Q)
    return y if b is None else y + b[:, None, None]


@quietly
def conv_transpose2d_tf_backward(
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: str = "SAME",
    output_shape: tuple[int, int] | None = None,
    dilation: IntOrTuple = 1,
) -> Gradients:
    """Return the gradients of `conv_transpose2d_tf`, as `conv_transpose2d_backward` does.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (C, K, R, S)
    db : ndarray of shape (K,), or None
    """
    caller = "conv_transpose2d_tf_backward"
    g = _read_tf(caller, x, w, b, stride, padding, output_shape, dilation)
    _require_upstream(caller, dy, x, w, g)
    db = None if b is None else dy.sum(axis=(0, 2, 3))
    return *_gradients(dy, x, w, g), db


def _gradients(dy: Array, x: Array, w: Array, g: Geometry) -> tuple[Array, Array]:
    """Return dx and dw, both from the columns of dy: dx = w·columns, and dw = x·columnsᵀ."""
    axis = batch_axis(g)
    windows, images = canvas(g, axis, dy.dtype)
    images[...] = dy
    kernels = w.reshape(g.groups, w.shape[0] // g.groups, -1)  # (G, C/G, K/G·R·S)
    dx, dw = np.empty(x.shape, x.dtype), np.zeros(kernels.shape, x.dtype)
    x, places = np.moveaxis(x, 0, axis), np.moveaxis(dx, 0, axis)  # (C, N, H, W)
    for tile in tiles(g, axis, dy.itemsize):
        columns = windows[tile].reshape(g.groups, kernels.shape[2], -1)  # (G, K/G·R·S, n·h·w)
        places[tile] = (kernels @ columns).reshape(places[tile].shape)
        inputs = x[tile].reshape(g.groups, kernels.shape[1], -1)  # (G, C/G, n·h·w)
        dw += inputs @ columns.swapaxes(1, 2)
    return dx, dw.reshape(w.shape)


def _read(
    caller: str,
    dims: int,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    output_padding: IntOrTuple,
    groups: int,
    dilation: IntOrTuple,
) -> Geometry:
    """Check the arguments; return the convolution that leads from the output back to x."""
    require_floats(caller, x=x, w=w, b=b)
    groups = as_int(groups, "groups", caller=caller)
    _require_shapes(caller, dims, x, w, b, groups)
    kernel, sizes = w.shape[2:], x.shape[2:]
    strides = as_tuple(stride, dims, "stride", caller=caller)
    dilations = as_tuple(dilation, dims, "dilation", caller=caller)
    pads = as_pads(padding, kernel, strides, dilations, dims, caller=caller)
    extras = as_tuple(output_padding, dims, "output_padding", least=0, caller=caller)
    require_small(caller, stride=strides, output_padding=extras, dilation=dilations)
    options = {"stride": strides, "dilation": dilations, "output_padding": extras}
    out = conv_transpose_out_nd(sizes, kernel, padding=pads, caller=caller, **options)
    whole = [n + sum(zeros) for n, zeros in zip(out, pads, strict=True)]  # what is stamped on
    batch, filters, channels = len(x), len(w), w.shape[1] * groups
    shape = (batch, channels, *whole)
    require_room(caller, shape, stride=stride, dilation=dilation, output_padding=output_padding)
    numbers = out, kernel, strides, dilations, pads, sizes
    return Geometry(batch, channels, filters, groups, *numbers)


def _read_backward(
    caller: str, dims: int, dy: Array, x: Array, w: Array, b: Array | None, *options: Any
) -> Geometry:
    """Check the arguments of a backward pass."""
    g = _read(caller, dims, x, w, b, *options)
    _require_upstream(caller, dy, x, w, g)
    return g


def _read_tf(
    caller: str,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: str,
    output_shape: tuple[int, int] | None,
    dilation: IntOrTuple,
) -> Geometry:
    """Check the arguments and find the padding that gives the size asked for."""
    g = _read(caller, 2, x, w, b, stride, 0, 0, 1, dilation)
    sizes = _tf_sizes(caller, g, padding) if output_shape is None else output_shape
    sizes = as_tuple(sizes, 2, "output_shape", caller=caller)
    rows = zip(g.out, g.kernel, sizes, g.stride, g.dilation, strict=True)
    found = [
        tf_conv_transpose_pads(n, k, out, stride=s, padding=padding, dilation=d, caller=caller)
        for n, k, out, s, d in rows
    ]
    return replace(g, sizes=sizes, pads=tuple((one.before, one.after) for one in found))


def _tf_sizes(caller: str, g: Geometry, padding: str) -> tuple[int, ...]:
    """Return the sizes that Keras's layer takes when none is asked for."""
    sizes = []
    for n, k, s, d in zip(g.out, g.kernel, g.stride, g.dilation, strict=True):
        legal = tf_conv_transpose_legal(n, k, stride=s, padding=padding, dilation=d, caller=caller)
        if padding.lower() == "same":
            sizes.append(legal[-1])
        else:
            sizes.append(s * (n - 1) + max(d * (k - 1) + 1, s))
    return tuple(sizes)


def _require_upstream(caller: str, dy: Array, x: Array, w: Array, g: Geometry) -> None:
    """Hold dy to the output's shape and the input's dtype."""
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, _Y[len(g.out)], (g.batch, g.channels, *g.sizes), dy=dy, x=x, w=w)


def _require_shapes(
    caller: str, dims: int, x: Array, w: Array, b: Array | None, groups: int
) -> None:
    """Hold the shapes of x, w and b to each other."""
    require_axes(caller, _X[dims], x=x)
    require_axes(caller, _W[dims], w=w)
    received = f"got {described(x=x, w=w, groups=groups)}"
    for name, sizes in (("x", x.shape[1:]), ("w", w.shape)):
        if 0 in sizes:
            raise ValueError(
                f"{caller}: {name} has an empty axis; {received}; "
                "only the batch axis N may be empty"
            )
    if x.shape[1] != w.shape[0]:
        raise ValueError(
            f"{caller}: x has C={x.shape[1]} channels but w expects {w.shape[0]}; {received}; "
            "make x.shape[1] == w.shape[0]"
        )
    if w.shape[0] % groups:
        raise ValueError(
            f"{caller}: C={w.shape[0]} channels cannot be shared out to {groups} groups; "
            f"{received}; make w.shape[0] a multiple of groups"
        )
    if b is not None and b.shape != (w.shape[1] * groups,):
        raise ValueError(
            f"{caller}: b has shape {b.shape} but w makes K={w.shape[1] * groups} channels; "
            f"{received}; give b the shape ({w.shape[1] * groups},) or leave it out"
        )
