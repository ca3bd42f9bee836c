"""Reading the arguments of a convolution: every check and every message in one place."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from dlnotes.functional._arrays import Array, require_floats, require_room, require_small
from dlnotes.shapes import IntOrTuple, Padding, Pads, as_int, as_pads, as_tuple
from dlnotes.shapes.axis import Axis, read_axis

_X = {1: "N,C,T", 2: "N,C,H,W", 3: "N,C,T,H,W"}
_W = {1: "K,C,S", 2: "K,C,R,S", 3: "K,C,U,R,S"}
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

    @property
    def taps(self) -> int:
        """Number of kernel entries in one channel: R·S."""
        return prod(self.kernel)

    @property
    def padded(self) -> tuple[int, ...]:
        """Sizes of the padded input."""
        pairs = zip(self.sizes, self.pads, strict=True)
        return tuple(n + before + after for n, (before, after) in pairs)


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
    """Check the arguments of a convolution.

    Parameters
    ----------
    caller : str
        The function that messages name.
    dims : int
        Number of spatial axes: 1, 2 or 3.
    x, w, b : ndarray
        Shapes (N, C, H, W), (K, C/groups, R, S) and (K,), for two axes.
    stride, padding, dilation, groups
        As in `conv2d`.

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
    >>> import numpy as np
    >>> x, w = np.zeros((2, 3, 7, 6)), np.zeros((4, 3, 3, 2))
    >>> read_conv("conv2d", 2, x, w, None, 2, 0, 1, 1).out
    (3, 3)
    """
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
    x_shape: Sequence[int],
    w_shape: Sequence[int],
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    groups: int,
) -> Geometry:
    """Check the shapes and numbers of a convolution.

    Parameters
    ----------
    caller, dims, stride, padding, dilation, groups
        As in `read_conv`.
    x_shape, w_shape : sequence of int
        (N, C, H, W) and (K, C/groups, R, S), for two axes.

    Returns
    -------
    Geometry

    Raises
    ------
    TypeError, ValueError
        As `read_conv`.

    Examples
    --------
    >>> read_shapes("conv2d", 2, (2, 3, 7, 6), (4, 3, 3, 2), 1, "same", 1, 1).pads
    ((1, 1), (0, 1))
    """
    _require_axes(caller, "x", x_shape, _X[dims])
    _require_axes(caller, "w", w_shape, _W[dims])
    groups = as_int(groups, "groups", caller=caller)
    _require_channels(caller, dims, x_shape, w_shape, groups)
    sizes, kernel = tuple(x_shape[2:]), tuple(w_shape[2:])
    strides = as_tuple(stride, dims, "stride", caller=caller)
    dilations = as_tuple(dilation, dims, "dilation", caller=caller)
    pads = as_pads(padding, kernel, strides, dilations, dims, caller=caller)
    rows = zip(sizes, kernel, strides, pads, dilations, strict=True)
    require_small(caller, stride=strides, dilation=dilations)
    axes = [Axis(n, k, s, before, after, d) for n, k, s, (before, after), d in rows]
    for letter, axis, pair in zip(_X[dims].split(",")[2:], axes, pads, strict=True):
        if axis.room < 0:  # read_axis will say so
            read_axis(f"{caller}, axis {letter}", axis.n, axis.k, axis.stride, pair, axis.dilation)
    out = tuple(axis.count for axis in axes)
    batch, channels, filters = x_shape[0], x_shape[1], w_shape[0]
    g = Geometry(batch, channels, filters, groups, sizes, kernel, strides, dilations, pads, out)
    require_room(caller, (batch, channels, *g.padded), padding=padding)
    require_room(caller, (batch, filters, *out), padding=padding)
    return g


def require_upstream(caller: str, dy: Array, x: Array, g: Geometry) -> None:
    """Require an upstream gradient of the output's shape and the input's dtype.

    Parameters
    ----------
    caller : str
        The function that messages name.
    dy, x : ndarray
        Upstream gradient, shape (N, K, P, Q), and input.
    g : Geometry
        The convolution.

    Raises
    ------
    TypeError, ValueError
        If the dtype or the shape differs.

    Examples
    --------
    >>> import numpy as np
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


def _require_channels(
    caller: str, dims: int, x: Sequence[int], w: Sequence[int], groups: int
) -> None:
    """Require that channels and filters fit the groups."""
    received = f"got x ({_X[dims]})={_tuple(x)}, w ({_W[dims]})={_tuple(w)}"
    received += f", groups={groups}" if groups > 1 else ""
    if x[1] != w[1] * groups:
        raise ValueError(
            f"{caller}: x has C={x[1]} channels but w expects {w[1] * groups}; {received}; "
            "make x.shape[1] == w.shape[1]*groups"
        )
    if w[0] % groups:
        raise ValueError(
            f"{caller}: K={w[0]} kernels cannot be shared out to {groups} groups; {received}; "
            "make w.shape[0] a multiple of groups"
        )


def _tuple(shape: Sequence[int]) -> str:
    """Write a shape without spaces: (2,3,7,6)."""
    return f"({','.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
