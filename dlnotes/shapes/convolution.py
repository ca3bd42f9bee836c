"""Sizes of convolution: how many windows fit, which rows they read, what to do when uneven."""

from collections.abc import Sequence
from dataclasses import dataclass

from dlnotes.shapes.arguments import IntOrTuple, Padding, as_int
from dlnotes.shapes.axis import Axis, read_axes, read_axis


def effective_kernel(k: int, dilation: int = 1) -> int:
    r"""Return how many rows a dilated kernel covers from its first entry to its last.

    .. math:: k_e = k + (k - 1)(d - 1) = d\,(k - 1) + 1

    Parameters
    ----------
    k : int
        Kernel size: the number of weights.
    dilation : int
        Distance between neighbouring weights; 1 is dense.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is below 1.

    References
    ----------
    Dumoulin and Visin, arXiv:1603.07285, section 5.1; concept dilated.

    Examples
    --------
    >>> effective_kernel(3, dilation=2)
    5
    """
    k = as_int(k, "k", caller="effective_kernel")
    return as_int(dilation, "dilation", caller="effective_kernel") * (k - 1) + 1


def conv_out(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: Padding = 0,
    dilation: int = 1,
    strict: bool = False,
) -> int:
    r"""Return the output size of a convolution along one axis.

    .. math:: o = \left\lfloor \frac{n + p_b + p_a - d\,(k-1) - 1}{s} \right\rfloor + 1

    Parameters
    ----------
    n : int
        Input size.
    k : int
        Kernel size.
    stride : int
        Step from one window to the next.
    padding : int, (before, after), or str
        Rows of padding on both sides, on each side, or a name: 'valid', 'same', 'half', 'full'
        (see `as_pads`).
    dilation : int
        Distance between neighbouring weights; 1 is dense.
    strict : bool
        Refuse a division that leaves a remainder, that is, rows which no window reaches.

    Returns
    -------
    int
        Number of windows.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is too small, the kernel is larger than the padded input, or (strict) the
        windows leave rows over; the message gives the sizes, paddings and strides that fit.

    References
    ----------
    Concepts conv-output-size, full-same-valid; Dumoulin and Visin, arXiv:1603.07285.

    Examples
    --------
    >>> conv_out(32, 5, stride=2, padding=2)
    16
    >>> conv_out(2, 3, padding="full")
    4
    """
    axis = read_axis("conv_out", n, k, stride, padding, dilation)
    if strict and axis.room % axis.stride:
        raise ValueError(_uneven(axis))
    return axis.count


def conv_out_nd(
    sizes: Sequence[int],
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    caller: str = "conv_out_nd",
) -> tuple[int, ...]:
    """Return the output sizes of a convolution over several axes.

    `conv_out` with one number an axis, or one for all; `sizes` are those of the input, such as
    (H, W). Messages name `caller`.

    Returns
    -------
    tuple of int
        Output sizes, for example (P, Q).

    Examples
    --------
    >>> conv_out_nd((7, 6), (3, 2), stride=(2, 1))
    (3, 5)
    """
    axes = read_axes(caller, sizes, kernel, stride, padding, dilation)
    return tuple(axis.count for axis in axes)


def conv_windows(
    n: int, k: int, *, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> tuple[range, ...]:
    """Return the input positions that each window of a convolution reads.

    Arguments and errors are those of `conv_out`.

    Returns
    -------
    tuple of range
        One range an output. Positions below 0, and from n on, lie on the padding.

    Examples
    --------
    >>> conv_windows(5, 3, stride=2, padding=1)
    (range(-1, 2), range(1, 4), range(3, 6))
    """
    axis = read_axis("conv_windows", n, k, stride, padding, dilation)
    return axis.windows(axis.count)


def input_uses(
    n: int, k: int, *, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> tuple[int, ...]:
    """Return how many windows read each input row.

    A narrow convolution (no padding) reads the border less often than the middle; a wide one
    (padding k - 1 at stride 1) reads every row k times.

    Arguments and errors are those of `conv_out`.

    Returns
    -------
    tuple of int
        `n` counts, padding rows left out.

    References
    ----------
    Concept narrow-wide; Kalchbrenner, Grefenstette and Blunsom, arXiv:1404.2188, section 2.1.

    Examples
    --------
    >>> input_uses(6, 3)
    (1, 2, 3, 3, 2, 1)
    >>> input_uses(6, 3, padding="full")
    (3, 3, 3, 3, 3, 3)
    """
    axis = read_axis("input_uses", n, k, stride, padding, dilation)
    return axis.uses()


def unused_rows(
    n: int, k: int, *, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> tuple[int, ...]:
    """Return the input rows that no window reads.

    Rows are lost at the end when the windows do not come out even, and between the windows when
    the stride is larger than the kernel.

    Arguments and errors are those of `conv_out`.

    Returns
    -------
    tuple of int
        Positions, counted from 0.

    Examples
    --------
    >>> unused_rows(10, 3, stride=4)
    (3, 7, 8, 9)
    """
    uses = read_axis("unused_rows", n, k, stride, padding, dilation).uses()
    return tuple(row for row, count in enumerate(uses) if count == 0)


def remainder(n: int, k: int, *, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> int:
    r"""Return how many rows at the end of the padded input lie behind the last window.

    .. math:: a = (n + p_b + p_a - k_e) \bmod s

    Arguments and errors are those of `conv_out`.

    Returns
    -------
    int
        From 0 (even) to stride - 1. It is the `output_padding` that makes the transposed
        convolution give back the size n.

    References
    ----------
    Dumoulin and Visin, arXiv:1603.07285, relationship 14; concept relationships-1-6.

    Examples
    --------
    >>> remainder(6, 3, stride=2, padding=1)
    1
    """
    axis = read_axis("remainder", n, k, stride, padding, dilation)
    return axis.room % axis.stride


def conv_inputs(
    out: int, k: int, *, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> tuple[int, ...]:
    r"""Return all input sizes from which a convolution gives `out`.

    .. math:: s\,(o-1) + k_e - p_b - p_a \le n < s\,o + k_e - p_b - p_a

    Parameters
    ----------
    out : int
        Output size.
    k, stride, padding, dilation
        As in `conv_out`.

    Returns
    -------
    tuple of int
        `stride` sizes, fewer where they would be below 1.

    Raises
    ------
    TypeError, ValueError
        As `conv_out`; also if no input size gives `out`, because the padding alone gives more.

    References
    ----------
    Concepts relationships-1-6, transposed-ambiguity.

    Examples
    --------
    >>> conv_inputs(3, 3, stride=2, padding=1)
    (5, 6)
    """
    out = as_int(out, "out", caller="conv_inputs")
    axis = read_axis("conv_inputs", 1, k, stride, padding, dilation, fits=False)
    least = axis.stride * (out - 1) + axis.reach - axis.before - axis.after
    sizes = tuple(range(max(least, 1), least + axis.stride))
    if not sizes:
        smallest = axis.count
        raise ValueError(
            f"conv_inputs: no input gives out={out}, even a single row gives {smallest}; got "
            f"out={out}, k={axis.k}, stride={axis.stride}, padding=({axis.before}, {axis.after}), "
            f"dilation={axis.dilation}; use out >= {smallest} or less padding"
        )
    return sizes


@dataclass(frozen=True)
class WholeSize:
    """What to change so that the windows come out even; each field alone is enough.

    Attributes
    ----------
    floor : int
        The output size when the rows left over are simply not read.
    sizes : tuple of int
        The nearest input sizes below and above that fit (the size itself when it fits).
    padding : tuple of int
        The smallest (before, after) that contains the given padding and fits.
    strides : tuple of int
        All strides up to the first window's room to move that fit.
    """

    floor: int
    sizes: tuple[int, ...]
    padding: tuple[int, int]
    strides: tuple[int, ...]


def whole_size(
    n: int, k: int, *, stride: int = 1, padding: Padding = 0, dilation: int = 1
) -> WholeSize:
    """Return what would make the output size a whole number without rounding.

    Arguments and errors are those of `conv_out`.

    Returns
    -------
    WholeSize
        The floor result, and the input sizes, padding and strides that fit.

    References
    ----------
    Concept conv-output-size (an uneven size: round, pad, crop or refuse).

    Examples
    --------
    >>> whole_size(10, 3, stride=2)
    WholeSize(floor=4, sizes=(9, 11), padding=(0, 1), strides=(1, 7))
    """
    return _whole_size(read_axis("whole_size", n, k, stride, padding, dilation))


def _whole_size(axis: Axis) -> WholeSize:
    """Find the changes that make the room a multiple of the stride."""
    over = axis.room % axis.stride
    short = -axis.room % axis.stride
    sizes = (axis.n - over, axis.n + short) if over else (axis.n,)
    divisors = tuple(s for s in range(1, axis.room + 1) if axis.room % s == 0)
    return WholeSize(
        floor=axis.count,
        sizes=tuple(size for size in sizes if size > 0),
        padding=(axis.before + short // 2, axis.after + short - short // 2),
        strides=divisors or (axis.stride,),
    )


def _uneven(axis: Axis) -> str:
    """Write the message for windows that do not come out even, with the remedies."""
    fit = _whole_size(axis)
    strides = " or ".join(map(str, _nearest(fit.strides, axis.stride)))
    return (
        f"conv_out: {axis.padded} padded rows - {axis.reach} kernel rows = {axis.room} is not a "
        f"multiple of stride={axis.stride}, {axis.room % axis.stride} over; got {axis}; take the "
        f"floor {fit.floor} (strict=False), an input of {' or '.join(map(str, fit.sizes))}, "
        f"padding={fit.padding} or stride={strides}"
    )


def _nearest(candidates: Sequence[int], value: int) -> list[int]:
    """Return the largest candidate below `value` and the smallest above, where there are such."""
    below = [c for c in candidates if c < value]
    above = [c for c in candidates if c > value]
    return below[-1:] + above[:1]
