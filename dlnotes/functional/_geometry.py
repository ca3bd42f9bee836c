"""Reading the arguments of a convolution: every check and every message in one place.

What is right is seen at a look; what is wrong goes to a function below that tells it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import NoReturn

import numpy as np

from dlnotes.functional._arrays import MOST, Array, require_floats, require_room, require_small
from dlnotes.shapes.arguments import IntOrTuple, Padding, Pads, as_int, as_pads, as_tuple
from dlnotes.shapes.axis import read_axis

_X = {1: "N,C,T", 2: "N,C,H,W", 3: "N,C,T,H,W"}
_W = {1: "K,C,S", 2: "K,C,R,S", 3: "K,C,U,R,S"}
_FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
_Y = {1: "N,K,Q", 2: "N,K,P,Q", 3: "N,K,O,P,Q"}


@dataclass(frozen=True, slots=True)
class Geometry:
    """The checked numbers of one convolution, over any number of spatial axes.

    Attributes
    ----------
    batch, channels, filters, groups : int
        N, C, K, and the number of groups that share neither channels nor filters.
    sizes, kernel, out : tuple of int
        Input, kernel and output size of each spatial axis: (H, W), (R, S), (P, Q).
    stride, dilation : tuple of int
        One an axis.
    pads : tuple of (int, int)
        Zeros before and after, one pair an axis.
    """

    batch: int
    channels: int
    filters: int
    groups: int
    sizes: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pads: Pads
    out: tuple[int, ...]


def read_conv(
    caller: str,
    dims: int,
    x: Array,
    w: Array,
    b: Array | None,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    groups: int,
) -> Geometry:
    """Check the arguments of a convolution over `dims` axes, on behalf of `caller`.

    Returns
    -------
    Geometry

    Raises
    ------
    TypeError
        If an array is none, or not float32 or float64 like the others, or a number is no int.
    ValueError
        If a shape or a number does not fit; the message gives the numbers and the remedy.

    Examples
    --------
    >>> x, w = np.zeros((2, 3, 7, 6)), np.zeros((4, 3, 3, 2))
    >>> read_conv("conv2d", 2, x, w, None, 2, 0, 1, 1).out
    (3, 3)
    """
    plain = type(x) is type(w) is np.ndarray and x.dtype == w.dtype and x.dtype in _FLOATS
    if not plain or not (b is None or (type(b) is np.ndarray and b.dtype == x.dtype)):
        require_floats(caller, x=x, w=w, b=b)
    g = read_shapes(caller, dims, x.shape, w.shape, stride, padding, dilation, groups)
    if b is not None and b.shape != (g.filters,):
        raise ValueError(
            f"{caller}: b has shape {_tuple(b.shape)} but w has K={g.filters} kernels; got "
            f"w ({_W[dims]})={_tuple(w.shape)}; give b the shape ({g.filters},) or leave it out"
        )
    return g


def read_shapes(
    caller: str,
    dims: int,
    x: Sequence[int],
    w: Sequence[int],
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    groups: int,
) -> Geometry:
    """Check a convolution as `read_conv` does, by the shapes of x and w alone.

    Returns
    -------
    Geometry

    Examples
    --------
    >>> read_shapes("conv2d", 2, (2, 3, 7, 6), (4, 3, 3, 2), 1, "same", 1, 1).pads
    ((1, 1), (0, 1))
    """
    if not (len(x) == len(w) == dims + 2 and all(x[1:]) and all(w)):
        _require_axes(caller, "x", x, _X[dims])
        _require_axes(caller, "w", w, _W[dims])
    groups = as_int(groups, "groups", caller=caller)
    if x[1] != w[1] * groups or w[0] % groups:
        _refuse_channels(caller, dims, x, w, groups)
    sizes, kernel = tuple(x[2:]), tuple(w[2:])
    strides = as_tuple(stride, dims, "stride", caller=caller)
    dilations = as_tuple(dilation, dims, "dilation", caller=caller)
    pads = as_pads(padding, kernel, strides, dilations, dims, caller=caller)
    rows = list(zip(sizes, kernel, strides, pads, dilations, strict=True))
    out = tuple((n + sum(zeros) - d * (k - 1) - 1) // s + 1 for n, k, s, zeros, d in rows)
    if min(out) < 1:
        _refuse_kernel(caller, dims, rows)
    padded = [n + sum(zeros) for n, zeros in zip(sizes, pads, strict=True)]
    shapes = (max(x[0], 1), x[1], *padded), (max(x[0], 1), w[0], *out)
    if max(*strides, *dilations, *map(prod, shapes)) >= MOST:
        require_small(caller, stride=strides, dilation=dilations)
        for shape in shapes:
            require_room(caller, shape, padding=padding)
    return Geometry(x[0], x[1], w[0], groups, sizes, kernel, strides, dilations, pads, out)


def require_upstream(caller: str, dy: Array, x: Array, g: Geometry) -> None:
    """Require an upstream gradient of the output's shape and the input's dtype.

    Raises
    ------
    TypeError, ValueError
        If the dtype or the shape differs.

    Examples
    --------
    >>> x, w = np.zeros((2, 3, 7, 6)), np.zeros((4, 3, 3, 2))
    >>> g = read_conv("conv2d", 2, x, w, None, 2, 0, 1, 1)
    >>> require_upstream("conv2d_backward", np.zeros((2, 4, 3, 3)), x, g)
    """
    require_floats(caller, x=x, dy=dy)
    want = (g.batch, g.filters, *g.out)
    if dy.shape != want:
        letters = _Y[len(g.out)]
        raise ValueError(
            f"{caller}: dy must have the output's shape ({letters})={_tuple(want)}; got "
            f"dy {_tuple(dy.shape)}, x {_tuple(x.shape)}, kernel {_tuple(g.kernel)}; pass the "
            "gradient of the forward call's output, with the same options"
        )


def _require_axes(caller: str, name: str, shape: Sequence[int], letters: str) -> None:
    """Require one axis for each letter, none but the batch empty."""
    axes = letters.split(",")
    if len(shape) != len(axes):
        hint = " (one example: x[None])" if name == "x" and len(shape) == len(axes) - 1 else ""
        raise ValueError(
            f"{caller}: {name} has {len(shape)} axes but needs {len(axes)}; got {name} "
            f"{_tuple(shape)}; give {name} the shape ({letters}){hint}"
        )
    for axis, size in zip(axes, shape, strict=True):
        if size == 0 and axis != "N":
            raise ValueError(
                f"{caller}: {name} has {axis}=0; got {name} ({letters})={_tuple(shape)}; "
                "only the batch axis N may be empty"
            )


def _refuse_channels(
    caller: str, dims: int, x: Sequence[int], w: Sequence[int], groups: int
) -> NoReturn:
    """Tell that channels and filters do not fit the groups."""
    received = f"got x ({_X[dims]})={_tuple(x)}, w ({_W[dims]})={_tuple(w)}"
    received += f", groups={groups}" if groups > 1 else ""
    if x[1] != w[1] * groups:
        first = (0, dims + 1, *range(1, dims + 1))
        last = f"; channels stand last in x? give x.transpose{first}" if dims > 1 else ""
        raise ValueError(
            f"{caller}: x has C={x[1]} channels but w expects {w[1] * groups}; {received}; "
            f"make x.shape[1] == w.shape[1]*groups{last if x[-1] == w[1] * groups else ''}"
        )
    raise ValueError(
        f"{caller}: K={w[0]} kernels cannot be shared out to {groups} groups; {received}; "
        "make w.shape[0] a multiple of groups"
    )


def _refuse_kernel(
    caller: str, dims: int, rows: Sequence[tuple[int, int, int, tuple[int, int], int]]
) -> None:
    """Tell on which axis the kernel is larger than the padded input."""
    exchanged = all(k >= n for n, k, *_ in rows)
    hint = ", or exchange x and w, for x comes first" if exchanged else ""
    for letter, (n, k, stride, zeros, dilation) in zip(_X[dims].split(",")[2:], rows, strict=True):
        try:
            read_axis(f"{caller}, axis {letter}", n, k, stride, zeros, dilation)
        except ValueError as error:
            raise ValueError(f"{error}{hint}") from None


def _tuple(shape: Sequence[int]) -> str:
    """Write a shape without spaces: (2,3,7,6)."""
    return f"({','.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
