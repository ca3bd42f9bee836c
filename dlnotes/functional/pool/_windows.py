"""What a pooling's windows see of the images, and the checks of its arguments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    is_plain,
    require_axes,
    require_floats,
    require_room,
    require_shape,
    require_small,
)
from dlnotes.functional._options import as_bool
from dlnotes.shapes import IntOrTuple, Padding, adaptive_windows, as_tuple, pool_out_nd
from dlnotes.shapes.axis import Axis, read_axes

AXES = {1: "NCT", 2: "NCHW", 3: "NCTHW"}
OUT_AXES = {1: "NCQ", 2: "NCPQ", 3: "NCOPQ"}

Sizes = int | Sequence[int | None]
Index = tuple[Any, ...]


@dataclass(frozen=True)
class Windows:
    """Windows of one size that move by one stride over padded images.

    Attributes
    ----------
    axes : tuple of Axis
        Size, kernel, stride, padding and dilation along H and W.
    out : tuple of int
        Number of windows along each axis, (P, Q).
    """

    axes: tuple[Axis, ...]
    out: tuple[int, ...]

    def rows(self, axis: int) -> list[slice]:
        """Return what each row r of the window meets along an axis: every s_H-th from r·d_H on."""
        a, out = self.axes[axis], self.out[axis]
        starts = range(0, a.reach, a.dilation)
        return [slice(first, first + (out - 1) * a.stride + 1, a.stride) for first in starts]

    def entries(self) -> Iterator[Index]:
        """Yield for each entry (r, s) of the window, row by row, what it meets: (N, C, P, Q)."""
        return ((..., *met) for met in product(*map(self.rows, range(len(self.axes)))))

    def along(self, axis: int) -> Iterator[Index]:
        """Yield for each row r of the window what it meets along one axis, the others whole."""
        others = (slice(None),) * (len(self.axes) - 1 - axis)
        return ((..., met, *others) for met in self.rows(axis))

    def padded(self, x: Array, value: float = 0.0) -> Array:
        """Put `value` around images (…, H, W), as far as the windows reach."""
        around = [(0, 0)] * (x.ndim - len(self.axes))
        for a, out in zip(self.axes, self.out, strict=True):
            end = (out - 1) * a.stride + a.reach  # where the last window ends, beyond n or not
            around.append((a.before, max(a.after, end - a.before - a.n)))
        return np.pad(x, around, constant_values=value) if any(map(any, around)) else x

    def cropped(self, dx: Array) -> Array:
        """Take the padding off again."""
        inside: Index = (..., *(slice(a.before, a.before + a.n) for a in self.axes))
        return dx[inside]


def read_windows(
    caller: str,
    dims: int,
    x: Array,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None,
    padding: Padding,
    dilation: IntOrTuple,
    ceil_mode: bool,
) -> Windows:
    """Check the arguments of `max_pool2d`, or of its kin over `dims` axes, and return the windows.

    Raises
    ------
    TypeError, ValueError
        As `max_pool2d`.
    """
    require_images(caller, dims, x)
    as_bool(caller, "ceil_mode", ceil_mode)
    stride = kernel_size if stride is None else stride
    options: Any = {"stride": stride, "padding": padding, "dilation": dilation}
    out = pool_out_nd(x.shape[2:], kernel_size, **options, ceil_mode=ceil_mode, caller=caller)
    axes = read_axes(caller, x.shape[2:], kernel_size, **options, fits=False)
    require_small(caller, kernel_size=[a.k for a in axes], stride=[a.stride for a in axes])
    require_small(caller, dilation=[a.dilation for a in axes])
    require_room(caller, (*x.shape[:2], *(a.padded for a in axes)), padding=padding)
    return Windows(axes, out)


def read_adaptive(caller: str, dims: int, x: Array, output_size: Sizes) -> tuple[int, ...]:
    """Check the arguments of `adaptive_avg_pool2d` or its kin, and return (P, Q).

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`.
    """
    require_images(caller, dims, x)
    wanted: Any = output_size
    if isinstance(wanted, list | tuple) and len(wanted) == dims:
        wanted = [n if o is None else o for n, o in zip(x.shape[2:], wanted, strict=True)]
    out = as_tuple(wanted, dims, "output_size", caller=caller)
    require_room(caller, (*x.shape[:2], *out), output_size=output_size)
    return out


def adaptive(x: Array, out: tuple[int, ...]) -> Iterator[tuple[Index, Index]]:
    """Yield for each output (p, q) its own place, and the rows and columns that it reads.

    They run from ⌊p·H/P⌋ to ⌈(p + 1)·H/P⌉, the end not included.
    """
    axes = [enumerate(adaptive_windows(n, o)) for n, o in zip(x.shape[2:], out, strict=True)]
    for (p, rows), (q, columns) in product(*axes):
        place = (..., slice(p, p + 1), slice(q, q + 1))
        yield place, (..., slice(rows.start, rows.stop), slice(columns.start, columns.stop))


def require_images(caller: str, dims: int, x: object, axes: str = "") -> None:
    """Hold an input to float32 or float64 and to its axes, of which the batch alone may be empty.

    Raises
    ------
    TypeError
        If `x` is no array of float32 or float64.
    ValueError
        If it has more or fewer axes, or an empty one.
    """
    axes = axes or AXES[dims]
    require_floats(caller, x=x)
    require_axes(caller, axes, x=x)  # type: ignore[arg-type]
    for letter, size in zip(axes[1:], x.shape[1:], strict=True):  # type: ignore[attr-defined]
        if size == 0:
            raise ValueError(
                f"{caller}: x has {letter}=0; got {described(x=x)}; "
                f"only the batch axis N may be empty"
            )


def require_upstream(caller: str, dy: Array, x: Array, out: tuple[int, ...]) -> None:
    """Hold an upstream gradient to the output's shape and to x's dtype.

    Raises
    ------
    TypeError, ValueError
        If dy has another dtype or another shape.
    """
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, OUT_AXES[len(out)], (*x.shape[:2], *out), dy=dy, x=x)


def require_indices(
    caller: str, indices: object, shape: tuple[int, ...], sizes: tuple[int, ...]
) -> None:
    """Hold indices to int64, a shape, and the places of an image of the spatial `sizes`.

    Raises
    ------
    TypeError
        If they are no array of int64.
    ValueError
        If their shape differs, or a place lies outside the image.
    """
    if not is_plain(indices) or indices.dtype != np.int64:
        kind = indices.dtype if is_plain(indices) else type(indices).__name__
        raise TypeError(
            f"{caller}: indices are {kind}, not an array of int64; got indices of type "
            f"{type(indices).__name__}; give what max_pool2d_with_indices returned"
        )
    require_shape(caller, OUT_AXES[len(sizes)], shape, indices=indices)
    low, high = (indices.min(), indices.max()) if indices.size else (0, 0)
    if low < 0 or high >= prod(sizes):
        raise ValueError(
            f"{caller}: indices run from {low} to {high}, but an image of {sizes} has the places "
            f"0 to {prod(sizes) - 1}; got {described(indices=indices)}; give indices of the same "
            f"pooling, and the size of the image that it took them from"
        )
