"""One axis of a sliding window: the checked numbers that every size formula starts from."""

from collections.abc import Sequence
from dataclasses import dataclass

from dlnotes.shapes.arguments import IntOrTuple, Padding, as_int, as_pads, as_tuple


@dataclass(frozen=True)
class Axis:
    """A window sliding along one axis; all numbers are checked.

    Attributes
    ----------
    n, k, stride, dilation : int
        Input size, kernel size, step, distance between kernel entries.
    before, after : int
        Rows of padding on the two sides.
    """

    n: int
    k: int
    stride: int
    before: int
    after: int
    dilation: int

    @property
    def reach(self) -> int:
        """Rows from the kernel's first entry to its last: the effective kernel size."""
        return self.dilation * (self.k - 1) + 1

    @property
    def padded(self) -> int:
        """Rows of the padded input."""
        return self.n + self.before + self.after

    @property
    def room(self) -> int:
        """Rows by which the first window can still move; negative when the kernel is too large."""
        return self.padded - self.reach

    @property
    def count(self) -> int:
        """Number of windows, the output size of a convolution."""
        return self.room // self.stride + 1

    def windows(self, count: int) -> tuple[range, ...]:
        """Return the positions read by the first `count` windows; the input starts at 0."""
        firsts = (j * self.stride - self.before for j in range(count))
        return tuple(range(first, first + self.reach, self.dilation) for first in firsts)

    def uses(self) -> tuple[int, ...]:
        """Return how many windows read each row of the input."""
        counts = [0] * self.n
        for window in self.windows(self.count):
            for row in window:
                if 0 <= row < self.n:
                    counts[row] += 1
        return tuple(counts)

    def __str__(self) -> str:
        """Write the numbers as a message shows them."""
        return (
            f"n={self.n}, k={self.k}, stride={self.stride}, "
            f"padding=({self.before}, {self.after}), dilation={self.dilation}"
        )


def read_axis(
    caller: str, n: int, k: int, stride: int, padding: Padding, dilation: int, *, fits: bool = True
) -> Axis:
    """Check the arguments of a sliding window on one axis.

    Parameters
    ----------
    caller : str
        The function that messages name.
    n, k, stride, dilation : int
        Input size, kernel size, step, distance between kernel entries; each at least 1.
    padding : int, (before, after), or str
        As in `as_pads`; on one axis a plain pair means (before, after).
    fits : bool
        Whether the kernel has to fit into the padded input.

    Returns
    -------
    Axis

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is too small, the padding is unknown, or the kernel does not fit.

    Examples
    --------
    >>> read_axis("conv_out", 7, 3, 2, (0, 1), 1).room
    5
    """
    n, k = as_int(n, "n", caller=caller), as_int(k, "k", caller=caller)
    stride = as_int(stride, "stride", caller=caller)
    dilation = as_int(dilation, "dilation", caller=caller)
    if isinstance(padding, list | tuple) and len(padding) == 2:
        padding = (padding,)  # type: ignore[assignment]  # one axis: the pair is (before, after)
    ((before, after),) = as_pads(padding, k, stride, dilation, 1, caller=caller)
    axis = Axis(n, k, stride, before, after, dilation)
    if fits and axis.room < 0:
        raise ValueError(
            f"{caller}: the kernel covers {axis.reach} rows but the padded input has "
            f"{axis.padded}; got {axis}; use {-axis.room} more rows of padding or of input, "
            f"or a kernel that covers at most {axis.padded}"
        )
    return axis


def read_axes(
    caller: str,
    sizes: Sequence[int],
    kernel: IntOrTuple,
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    *,
    fits: bool = True,
) -> tuple[Axis, ...]:
    """Check the arguments of a sliding window on several axes; messages name the axis.

    Parameters
    ----------
    caller : str
        The function that messages name.
    sizes : sequence of int
        Input sizes of the spatial axes.
    kernel, stride, padding, dilation
        As in `conv_out_nd`.
    fits : bool
        Whether the kernel has to fit into the padded input.

    Returns
    -------
    tuple of Axis

    Raises
    ------
    TypeError, ValueError
        As `conv_out` and `as_pads`.

    Examples
    --------
    >>> [axis.reach for axis in read_axes("conv2d", (7, 6), (3, 2), 1, 0, (2, 1))]
    [5, 2]
    """
    dims = len(sizes)
    kernels = as_tuple(kernel, dims, "kernel", caller=caller)
    strides = as_tuple(stride, dims, "stride", caller=caller)
    dilations = as_tuple(dilation, dims, "dilation", caller=caller)
    pads = as_pads(padding, kernels, strides, dilations, dims, caller=caller)
    rows = zip(sizes, kernels, strides, pads, dilations, strict=True)
    return tuple(read_axis(f"{caller}, axis {j}", *row, fits=fits) for j, row in enumerate(rows))
