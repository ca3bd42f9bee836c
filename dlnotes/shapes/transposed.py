"""Sizes of transposed convolution: PyTorch, Keras, TensorFlow, and the view as a convolution."""

from collections.abc import Sequence
from dataclasses import dataclass

from dlnotes.shapes.arguments import IntOrTuple, Padding, as_int, as_tuple
from dlnotes.shapes.axis import Axis, read_axes, read_axis
from dlnotes.shapes.convolution import conv_inputs
from dlnotes.shapes.tf_sizes import is_same, same_padding_tf


def conv_transpose_out(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: Padding = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> int:
    r"""Return the output size of a transposed convolution along one axis, by PyTorch's rules.

    .. math:: o = s\,(n - 1) + d\,(k - 1) + 1 - p_b - p_a + p_\text{out}

    Parameters
    ----------
    n, k : int
        Input size and kernel size.
    stride : int
        Distance between the stamps of neighbouring inputs.
    padding : int, (before, after), or str
        Rows cut off on each side: the padding of the convolution that is transposed.
    output_padding : int
        Rows added at the end, below the larger of stride and dilation. They choose among the
        sizes (`conv_inputs`) from which that convolution gives n.
    dilation : int
        Distance between neighbouring weights.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is too small, `output_padding` is too large, or nothing is left.

    References
    ----------
    ``torch.nn.ConvTranspose1d``; Dumoulin and Visin, arXiv:1603.07285, chapter 4; concept
    transposed-size.

    Examples
    --------
    >>> conv_transpose_out(2, 4, stride=3)
    7
    >>> conv_transpose_out(2, 3, stride=2, padding=1, output_padding=1)
    4
    """
    caller = "conv_transpose_out"
    axis = read_axis(caller, n, k, stride, padding, dilation, fits=False)
    return _out(axis, as_int(output_padding, "output_padding", least=0, caller=caller), caller)


def conv_transpose_out_nd(
    sizes: Sequence[int],
    kernel: IntOrTuple,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    output_padding: IntOrTuple = 0,
    dilation: IntOrTuple = 1,
    caller: str = "conv_transpose_out_nd",
) -> tuple[int, ...]:
    """Return the output sizes of a transposed convolution over several axes.

    `conv_transpose_out` with one number an axis, or one for all; `sizes` are those of the input,
    such as (H, W). Messages name `caller`.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> conv_transpose_out_nd((2, 3), (4, 3), stride=(3, 2), output_padding=(0, 1))
    (7, 8)
    """
    axes = read_axes(caller, sizes, kernel, stride, padding, dilation, fits=False)
    extras = as_tuple(output_padding, len(axes), "output_padding", least=0, caller=caller)
    pairs = zip(axes, extras, strict=True)
    return tuple(_out(axis, extra, f"{caller}, axis {j}") for j, (axis, extra) in enumerate(pairs))


def output_uses(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: Padding = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> tuple[int, ...]:
    """Return how many inputs reach each output row of a transposed convolution.

    Uneven counts in the middle are the checkerboard: they appear when the stride does not divide
    the kernel size.

    Arguments and errors are those of `conv_transpose_out`.

    Returns
    -------
    tuple of int
        One count an output row.

    References
    ----------
    Odena, Dumoulin and Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016; concept
    checkerboard.

    Examples
    --------
    >>> output_uses(4, 3, stride=2)
    (1, 1, 2, 1, 2, 1, 2, 1, 1)
    >>> output_uses(4, 4, stride=2)
    (1, 1, 2, 2, 2, 2, 2, 2, 1, 1)
    """
    caller = "output_uses"
    axis = read_axis(caller, n, k, stride, padding, dilation, fits=False)
    out = _out(axis, as_int(output_padding, "output_padding", least=0, caller=caller), caller)
    uses = [0] * out
    for window in axis.windows(axis.n):
        for row in window:
            if 0 <= row < out:
                uses[row] += 1
    return tuple(uses)


@dataclass(frozen=True)
class AsConv:
    """A transposed convolution seen as a convolution with stride 1 over a stretched input.

    Attributes
    ----------
    n : int
        Size of the transposed convolution's input.
    gap : int
        Zeros put between neighbouring input rows: stride - 1.
    stretched : int
        Input size with these zeros: n + (n - 1) * gap.
    before, after : int
        Rows of zeros around the stretched input, k - 1 - p of the forward convolution; `after`
        has the `extra` in it.
    extra : int
        Rows of zeros at the end that stand for rows which the forward convolution left over.
    out : int
        Output size.
    """

    n: int
    gap: int
    stretched: int
    before: int
    after: int
    extra: int
    out: int


def conv_transpose_as_conv(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: Padding = 0,
    output_padding: int = 0,
    dilation: int = 1,
) -> AsConv:
    r"""Return the stride-1 convolution that equals a transposed convolution.

    Put s - 1 zeros between the inputs, :math:`d\,(k-1) - p` around them, `output_padding` more at
    the end, and slide the flipped kernel by single steps.

    Parameters
    ----------
    n, k, stride, padding, output_padding, dilation
        As in `conv_transpose_out`.

    Returns
    -------
    AsConv

    Raises
    ------
    TypeError, ValueError
        As `conv_transpose_out`; also if the padding exceeds d (k - 1), where rows would have to be
        cut off the stretched input.

    References
    ----------
    Dumoulin and Visin, arXiv:1603.07285, chapter 4; concept stride-as-gaps.

    Examples
    --------
    >>> conv_transpose_as_conv(2, 3, stride=2)
    AsConv(n=2, gap=1, stretched=3, before=2, after=2, extra=0, out=5)
    """
    caller = "conv_transpose_as_conv"
    axis = read_axis(caller, n, k, stride, padding, dilation, fits=False)
    extra = as_int(output_padding, "output_padding", least=0, caller=caller)
    out = _out(axis, extra, caller)
    if max(axis.before, axis.after) > axis.reach - 1:
        raise ValueError(
            f"{caller}: padding {max(axis.before, axis.after)} is larger than the kernel's reach "
            f"less one, {axis.reach - 1}, so zeros around the input would be fewer than none; "
            f"got {axis}; use padding <= {axis.reach - 1}"
        )
    gap = axis.stride - 1
    before, after = axis.reach - 1 - axis.before, axis.reach - 1 - axis.after + extra
    return AsConv(axis.n, gap, axis.n + (axis.n - 1) * gap, before, after, extra, out)


def keras_conv_transpose_out(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: str = "valid",
    output_padding: int | None = None,
    dilation: int = 1,
) -> int:
    r"""Return the output size of Keras's Conv2DTranspose along one axis.

    .. math:: o = s\,(n - 1) + k_e - 2 p + p_\text{out}, \qquad
        p = 0 \text{ (valid)}, \quad \lfloor k_e / 2 \rfloor \text{ (same)}

    With `output_padding` left out Keras takes :math:`s\,n` for 'same' and
    :math:`s\,n + \max(k_e - s, 0)` for 'valid'.

    Parameters
    ----------
    n, k, stride, dilation : int
        Input size, kernel size, stride, distance between neighbouring weights.
    padding : {'valid', 'same'}
        In small or capital letters.
    output_padding : int, optional
        Rows added at the end, below the stride. Left out (None) is not the same as 0. An even
        kernel with 'same' and 0 gives s (n - 1), which `tf_conv_transpose_legal` does not hold.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is too small, the padding has another name, `output_padding` is not below the
        stride, stride and dilation are both above 1, or nothing is left.

    References
    ----------
    ``keras.layers.Conv2DTranspose`` (Keras 2 and 3); concept keras-output-padding.

    Examples
    --------
    >>> keras_conv_transpose_out(2, 3, stride=2, padding="same")
    4
    >>> keras_conv_transpose_out(2, 3, stride=2, padding="same", output_padding=0)
    3
    """
    caller = "keras_conv_transpose_out"
    same = is_same(padding, caller)
    axis = read_axis(caller, n, k, stride, 0, dilation, fits=False)
    if axis.stride > 1 and axis.dilation > 1:
        raise ValueError(
            f"{caller}: Keras refuses stride={axis.stride} with dilation={axis.dilation}, one has "
            f"to be 1; got {axis}; set stride=1 or dilation=1"
        )
    if output_padding is None:
        return axis.stride * axis.n + (0 if same else max(axis.reach - axis.stride, 0))
    extra = as_int(output_padding, "output_padding", least=0, caller=caller)
    if extra >= axis.stride:
        raise ValueError(_too_much(axis, extra, caller, "stride", axis.stride))
    pad = axis.reach // 2 if same else 0
    out = axis.stride * (axis.n - 1) + axis.reach - 2 * pad + extra
    return _some(out, axis, extra, caller)


def tf_conv_transpose_legal(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: str = "same",
    dilation: int = 1,
    caller: str = "tf_conv_transpose_legal",
) -> tuple[int, ...]:
    """Return the sizes that TensorFlow's conv2d_transpose accepts as output_shape on one axis.

    They are the sizes from which the forward convolution gives n: `stride` many.

    Parameters
    ----------
    n, k, stride, dilation : int
        Size of the transposed convolution's input, kernel size, stride, distance between
        neighbouring weights.
    padding : {'same', 'valid'}
        In small or capital letters.
    caller : str
        The function that messages name.

    Returns
    -------
    tuple of int
        In ascending order.

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is below 1 or the padding has another name.

    References
    ----------
    ``tf.nn.conv2d_transpose``; concept transposed-ambiguity.

    Examples
    --------
    >>> tf_conv_transpose_legal(2, 3, stride=2, padding="SAME")
    (3, 4)
    >>> tf_conv_transpose_legal(2, 3, stride=2, padding="VALID")
    (5, 6)
    """
    axis = read_axis(caller, n, k, stride, 0, dilation, fits=False)
    return _legal(axis, is_same(padding, caller))


@dataclass(frozen=True)
class TransposedPads:
    """PyTorch's numbers for a transposed convolution of TensorFlow's.

    Attributes
    ----------
    before, after : int
        Rows cut off on the two sides, PyTorch's padding (equal sides only there).
    output_padding : int
        Rows of zeros added at the end.
    """

    before: int
    after: int
    output_padding: int


def tf_conv_transpose_pads(
    n: int,
    k: int,
    out: int,
    *,
    stride: int = 1,
    padding: str = "same",
    dilation: int = 1,
    caller: str = "tf_conv_transpose_pads",
) -> TransposedPads:
    """Return what TensorFlow's conv2d_transpose cuts off and adds to reach an output size.

    Parameters
    ----------
    n, k : int
        Size of the transposed convolution's input, and kernel size.
    out : int
        The output size asked for, one of `tf_conv_transpose_legal`.
    stride, padding, dilation, caller
        As in `tf_conv_transpose_legal`.

    Returns
    -------
    TransposedPads
        With these `conv_transpose_out` gives `out`.

    Raises
    ------
    TypeError, ValueError
        As `tf_conv_transpose_legal`; also if `out` is not legal; the message gives those that are.

    References
    ----------
    ``tf.nn.conv2d_transpose``; concept transposed-ambiguity.

    Examples
    --------
    >>> tf_conv_transpose_pads(2, 3, 4, stride=2, padding="SAME")
    TransposedPads(before=0, after=1, output_padding=0)
    """
    out, same = as_int(out, "out", caller=caller), is_same(padding, caller)
    axis = read_axis(caller, n, k, stride, 0, dilation, fits=False)
    legal = _legal(axis, same)
    if out not in legal:
        raise ValueError(
            f"{caller}: a {padding} convolution of {out} rows does not give {axis.n}; got n="
            f"{axis.n}, k={axis.k}, out={out}, stride={axis.stride}, padding={padding!r}, "
            f"dilation={axis.dilation}; use out in {legal}"
        )
    pads = same_padding_tf(out, axis.k, axis.stride, axis.dilation)
    before, after = (pads.before, pads.after) if same else (0, 0)
    whole = axis.stride * (axis.n - 1) + axis.reach
    return TransposedPads(before, after, output_padding=out - (whole - before - after))


def keras_conv_transpose_pads(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: str = "valid",
    output_padding: int | None = None,
    dilation: int = 1,
) -> TransposedPads:
    """Return what Keras's Conv2DTranspose cuts off and adds to reach its output size.

    Arguments and errors are those of `keras_conv_transpose_out`.

    Returns
    -------
    TransposedPads
        With these `conv_transpose_out` gives Keras's size; of an odd number of rows to cut the
        larger half comes off at the end.

    References
    ----------
    ``keras.layers.Conv2DTranspose`` (Keras 3); concept keras-output-padding.

    Examples
    --------
    >>> keras_conv_transpose_pads(2, 3, stride=2, padding="same")
    TransposedPads(before=0, after=1, output_padding=0)
    """
    out = keras_conv_transpose_out(
        n, k, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )
    axis = read_axis("keras_conv_transpose_pads", n, k, stride, 0, dilation, fits=False)
    cut = axis.stride * (axis.n - 1) + axis.reach - out
    before = max(cut // 2, 0)
    return TransposedPads(before, max(cut - before, 0), output_padding=max(-cut, 0))


def _legal(axis: Axis, same: bool) -> tuple[int, ...]:
    """Return the sizes from which a SAME or VALID convolution gives n."""
    if same:
        return tuple(range(axis.stride * (axis.n - 1) + 1, axis.stride * axis.n + 1))
    return conv_inputs(axis.n, axis.k, stride=axis.stride, dilation=axis.dilation)


def _out(axis: Axis, extra: int, caller: str) -> int:
    """Return PyTorch's output size after checking output_padding."""
    if extra >= max(axis.stride, axis.dilation):
        limit = max(axis.stride, axis.dilation)
        raise ValueError(_too_much(axis, extra, caller, "max(stride, dilation)", limit))
    out = axis.stride * (axis.n - 1) + axis.reach - axis.before - axis.after + extra
    return _some(out, axis, extra, caller)


def _some(out: int, axis: Axis, extra: int, caller: str) -> int:
    """Refuse an output without rows."""
    if out < 1:
        raise ValueError(
            f"{caller}: the output would have {out} rows; got {axis}, output_padding={extra}; "
            f"use {1 - out} rows less of padding, or a larger kernel or output_padding"
        )
    return out


def _too_much(axis: Axis, extra: int, caller: str, rule: str, limit: int) -> str:
    """Write the message for an output_padding that the stride does not leave room for."""
    return (
        f"{caller}: output_padding={extra} is not below {rule} = {limit}; got {axis}, "
        f"output_padding={extra}; use output_padding <= {limit - 1} (it chooses among the sizes "
        f"that the forward convolution maps to n={axis.n})"
    )
