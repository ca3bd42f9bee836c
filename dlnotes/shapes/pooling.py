"""Sizes of pooling: fixed windows with floor or ceil, adaptive windows, the spatial pyramid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dlnotes.shapes.arguments import IntOrTuple, Padding, as_int
from dlnotes.shapes.axis import Axis, read_axes, read_axis


def pool_out(
    n: int,
    k: int,
    *,
    stride: int | None = None,
    padding: Padding = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    r"""Return the output size of a pooling along one axis, by PyTorch's rules.

    .. math:: o = \left\lfloor \frac{n + p_b + p_a - k_e}{s} \right\rfloor + 1

    With `ceil_mode` the division is rounded up, so that a last window may stick out; it is dropped
    again when it would start behind the input, on the padding after it.

    Parameters
    ----------
    n, k : int
        Input size and window size.
    stride : int, optional
        Step; the window size when left out, so that windows do not overlap.
    padding : int, (before, after), or str
        As in `conv_out`; at most k // 2 on each side.
    dilation : int
        Distance between neighbouring entries of the window.
    ceil_mode : bool
        Round up instead of down.

    Returns
    -------
    int
        Number of windows.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is too small, the padding exceeds k // 2, or no window fits.

    References
    ----------
    ``torch.nn.MaxPool1d``; concept pool-output-size. TensorFlow's rule is `pool_out_tf`.

    Examples
    --------
    >>> pool_out(28, 2), pool_out(13, 3, stride=2)
    (14, 6)
    >>> pool_out(5, 2), pool_out(5, 2, ceil_mode=True)
    (2, 3)
    """
    return _count(_read("pool_out", n, k, stride, padding, dilation), ceil_mode, "pool_out")


def pool_out_nd(
    sizes: Sequence[int],
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple | None = None,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    ceil_mode: bool = False,
    caller: str = "pool_out_nd",
) -> tuple[int, ...]:
    """Return the output sizes of a pooling over several axes.

    `pool_out` with one number an axis, or one for all; `sizes` are those of the input, such as
    (H, W). Messages name `caller`.

    Returns
    -------
    tuple of int
        Output sizes, for example (P, Q).

    Examples
    --------
    >>> pool_out_nd((7, 6), (3, 2), stride=2)
    (3, 3)
    """
    stride = kernel if stride is None else stride
    axes = read_axes(caller, sizes, kernel, stride, padding, dilation, fits=False)
    names = (f"{caller}, axis {j}" for j in range(len(axes)))
    return tuple(
        _count(_half(axis, name), ceil_mode, name) for axis, name in zip(axes, names, strict=True)
    )


def pool_windows(
    n: int,
    k: int,
    *,
    stride: int | None = None,
    padding: Padding = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> tuple[range, ...]:
    """Return the input positions that each window of a pooling reads.

    Arguments and errors are those of `pool_out`.

    Returns
    -------
    tuple of range
        One range an output. Positions below 0, and from n on, lie outside the input.

    Examples
    --------
    >>> pool_windows(5, 2, ceil_mode=True)
    (range(0, 2), range(2, 4), range(4, 6))
    """
    axis = _read("pool_windows", n, k, stride, padding, dilation)
    return axis.windows(_count(axis, ceil_mode, "pool_windows"))


def adaptive_windows(n: int, out: int) -> tuple[range, ...]:
    r"""Return the input rows that each output of an adaptive pooling reads.

    .. math:: \lfloor j\,n / o \rfloor \;\ldots\; \lceil (j+1)\,n / o \rceil - 1,
        \qquad j = 0, \ldots, o - 1

    The windows cover every row, whatever `n` is; they may differ in size by one and overlap.

    Parameters
    ----------
    n : int
        Input size.
    out : int
        Output size asked for; it may exceed the input size.

    Returns
    -------
    tuple of range
        `out` ranges.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is below 1.

    References
    ----------
    ``torch.nn.AdaptiveAvgPool1d``; concepts spp, gap.

    Examples
    --------
    >>> adaptive_windows(14, 4)
    (range(0, 4), range(3, 7), range(7, 11), range(10, 14))
    """
    n = as_int(n, "n", caller="adaptive_windows")
    out = as_int(out, "out", caller="adaptive_windows")
    return tuple(range(j * n // out, -(-(j + 1) * n // out)) for j in range(out))


@dataclass(frozen=True)
class PyramidWindow:
    """One level of the spatial pyramid, made from an ordinary pooling.

    Attributes
    ----------
    size, stride : int
        Window ceil(n / bins) and step floor(n / bins).
    out : int
        How many windows that pooling really makes: at least the bins asked for, sometimes more.
    covered : int
        How many of the n rows the windows cover together; the rest is never read.
    """

    size: int
    stride: int
    out: int
    covered: int


def pyramid_window(n: int, bins: int) -> PyramidWindow:
    r"""Return the window and stride of spatial pyramid pooling for one level.

    .. math:: k = \lceil n / b \rceil, \qquad s = \lfloor n / b \rfloor

    Parameters
    ----------
    n : int
        Size of the feature map.
    bins : int
        Number of bins wanted along this axis.

    Returns
    -------
    PyramidWindow
        Window, stride, and what they do: the number of windows and of rows covered.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is below 1, or there are more bins than rows, which makes the stride 0.

    References
    ----------
    He, Zhang, Ren and Sun, arXiv:1406.4729, section 2.3; concept spp. `adaptive_windows` covers
    every row.

    Examples
    --------
    >>> pyramid_window(13, 3)
    PyramidWindow(size=5, stride=4, out=3, covered=13)
    >>> pyramid_window(14, 4)
    PyramidWindow(size=4, stride=3, out=4, covered=13)
    """
    n = as_int(n, "n", caller="pyramid_window")
    bins = as_int(bins, "bins", caller="pyramid_window")
    size, stride = -(-n // bins), n // bins
    if stride < 1:
        raise ValueError(
            f"pyramid_window: {bins} bins on {n} rows make the stride {n} // {bins} = 0; "
            f"got n={n}, bins={bins}; use bins <= {n}, or "
            f"shapes.adaptive_windows, which reuses rows"
        )
    out = (n - size) // stride + 1
    return PyramidWindow(size, stride, out, covered=(out - 1) * stride + size)


def pyramid_length(levels: Iterable[int], *, channels: int = 1) -> int:
    r"""Return the length of the vector that spatial pyramid pooling makes of any input.

    .. math:: C \sum_b b^2

    Parameters
    ----------
    levels : iterable of int
        Bins along one axis for each level, for example (1, 2, 4).
    channels : int
        Feature maps.

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
    He, Zhang, Ren and Sun, arXiv:1406.4729; concept spp.

    Examples
    --------
    >>> pyramid_length((1, 2, 4)), pyramid_length((1, 2, 4), channels=256)
    (21, 5376)
    """
    channels = as_int(channels, "channels", caller="pyramid_length")
    bins = (as_int(b, f"levels[{j}]", caller="pyramid_length") for j, b in enumerate(levels))
    return channels * sum(b**2 for b in bins)


def _read(caller: str, n: int, k: int, stride: int | None, padding: Padding, dilation: int) -> Axis:
    """Check the arguments of a pooling on one axis."""
    stride = k if stride is None else stride
    return _half(read_axis(caller, n, k, stride, padding, dilation, fits=False), caller)


def _half(axis: Axis, caller: str) -> Axis:
    """Refuse a padding of more than half the window (its entries, whatever the dilation)."""
    if max(axis.before, axis.after) > axis.k // 2:
        raise ValueError(
            f"{caller}: padding {max(axis.before, axis.after)} is more than half the window, "
            f"{axis.k} // 2 = {axis.k // 2}; got {axis}; "
            f"use padding <= {axis.k // 2} or pad the input first"
        )
    return axis


def _count(axis: Axis, ceil_mode: bool, caller: str) -> int:
    """Return the number of windows; in ceil mode the last has to start before the padding after."""
    count = axis.count
    if ceil_mode:
        count = -(-axis.room // axis.stride) + 1
        if (count - 1) * axis.stride >= axis.n + axis.before:
            count -= 1
    if count < 1:
        raise ValueError(
            f"{caller}: the window covers {axis.reach} rows but the padded input has "
            f"{axis.padded}; got {axis}, ceil_mode={ceil_mode}; "
            f"use a window that covers at most {axis.padded}"
        )
    return count
