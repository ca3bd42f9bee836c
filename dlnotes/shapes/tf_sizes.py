"""TensorFlow's and Keras's SAME and VALID: sizes that depend on the input, and where zeros go."""

from collections.abc import Sequence
from dataclasses import dataclass

from dlnotes.shapes.arguments import IntOrTuple, Pads
from dlnotes.shapes.axis import Axis, read_axes, read_axis


@dataclass(frozen=True)
class SamePadding:
    """TensorFlow's SAME on one axis.

    Attributes
    ----------
    before, after : int
        Rows of zeros on the two sides; an odd one goes after.
    out : int
        Output size, ceil(n / stride).
    """

    before: int
    after: int
    out: int


def same_padding_tf(n: int, k: int, stride: int = 1, dilation: int = 1) -> SamePadding:
    r"""Return TensorFlow's SAME padding along one axis.

    .. math:: o = \lceil n / s \rceil, \qquad
        p = \max\bigl(s\,(o-1) + k_e - n,\ 0\bigr), \qquad
        p_b = \lfloor p / 2 \rfloor, \quad p_a = p - p_b

    Parameters
    ----------
    n, k : int
        Input size and kernel size.
    stride, dilation : int
        Step, and distance between neighbouring weights.

    Returns
    -------
    SamePadding
        Zeros before and after, and the output size.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is below 1.

    References
    ----------
    ``tf.nn``, notes on padding; concept tf-valid-same.

    Examples
    --------
    >>> same_padding_tf(13, 6, stride=5)
    SamePadding(before=1, after=2, out=3)
    """
    axis = read_axis("same_padding_tf", n, k, stride, 0, dilation, fits=False)
    return _same(axis)


def same_pads_tf(
    sizes: Sequence[int], kernel: IntOrTuple, stride: IntOrTuple = 1, dilation: IntOrTuple = 1
) -> Pads:
    """Return TensorFlow's SAME padding over several axes, as `conv2d` and its kin take it.

    Parameters
    ----------
    sizes : sequence of int
        Input sizes of the spatial axes, for example (H, W).
    kernel, stride, dilation : int or sequence of int
        One int for all axes or one an axis.

    Returns
    -------
    tuple of (int, int)
        Zeros (before, after) for each axis.

    Raises
    ------
    TypeError, ValueError
        As `same_padding_tf` and `as_tuple`.

    References
    ----------
    Concept tf-valid-same.

    Examples
    --------
    >>> same_pads_tf((5, 32), 3, stride=2)
    ((1, 1), (0, 1))
    """
    axes = read_axes("same_pads_tf", sizes, kernel, stride, 0, dilation, fits=False)
    return tuple((pads.before, pads.after) for pads in map(_same, axes))


def conv_out_tf(
    n: int, k: int, *, stride: int = 1, padding: str = "valid", dilation: int = 1
) -> int:
    r"""Return the output size of a TensorFlow or Keras convolution along one axis.

    .. math:: o_\text{VALID} = \lceil (n - k_e + 1) / s \rceil, \qquad
        o_\text{SAME} = \lceil n / s \rceil

    Parameters
    ----------
    n, k, stride, dilation : int
        Input size, kernel size, step, distance between neighbouring weights.
    padding : {'valid', 'same'}
        In small or capital letters.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is below 1, the padding has another name, or the kernel is larger than the
        input under VALID.

    References
    ----------
    ``tf.nn``, notes on padding; concept tf-valid-same.

    Examples
    --------
    >>> conv_out_tf(13, 6, stride=5, padding="same"), conv_out_tf(13, 6, stride=5)
    (3, 2)
    """
    return _out("conv_out_tf", n, k, stride, padding, dilation)


def pool_out_tf(n: int, k: int, *, stride: int | None = None, padding: str = "valid") -> int:
    """Return the output size of a TensorFlow or Keras pooling along one axis.

    Parameters
    ----------
    n, k : int
        Input size and window size.
    stride : int, optional
        Step; the window size when left out, as in Keras.
    padding : {'valid', 'same'}
        In small or capital letters.

    Returns
    -------
    int
        The sizes of `conv_out_tf`.

    Raises
    ------
    TypeError, ValueError
        As `conv_out_tf`.

    References
    ----------
    Concepts pool-output-size, tf-valid-same.

    Examples
    --------
    >>> pool_out_tf(28, 2), pool_out_tf(5, 2, padding="same")
    (14, 3)
    """
    return _out("pool_out_tf", n, k, k if stride is None else stride, padding, 1)


def is_same(padding: str, caller: str) -> bool:
    """Return whether a TensorFlow padding is SAME; anything but SAME and VALID is an error."""
    if not isinstance(padding, str) or padding.lower() not in ("same", "valid"):
        raise ValueError(
            f"{caller}: padding is neither of the 2 that TensorFlow knows; got "
            f"padding={padding!r}; use 'same' or 'valid' (zeros by number: shapes.conv_out)"
        )
    return padding.lower() == "same"


def _same(axis: Axis) -> SamePadding:
    """Work out SAME for one axis."""
    out = -(-axis.n // axis.stride)
    total = max(axis.stride * (out - 1) + axis.reach - axis.n, 0)
    return SamePadding(before=total // 2, after=total - total // 2, out=out)


def _out(caller: str, n: int, k: int, stride: int, padding: str, dilation: int) -> int:
    """Return the number of windows under SAME or VALID."""
    same = is_same(padding, caller)
    axis = read_axis(caller, n, k, stride, 0, dilation, fits=not same)
    if same:
        return _same(axis).out
    return -(-(axis.n - axis.reach + 1) // axis.stride)
