"""Reading the size arguments of an operation: one int, one an axis, or one a side."""

from collections.abc import Sequence
from operator import index
from typing import SupportsIndex, cast

IntOrTuple = SupportsIndex | Sequence[SupportsIndex]
Padding = IntOrTuple | str | Sequence[Sequence[SupportsIndex]]
Pads = tuple[tuple[int, int], ...]
_HINT = "give a whole number of type int (sizes are divided by //, never by /)"


def as_int(value: object, name: str, *, least: int = 1, caller: str = "as_int") -> int:
    """Return `value` as a plain int of at least `least`.

    Parameters
    ----------
    value : int
        Any integer, NumPy's included. Bools and floats are refused.
    name : str
        What the number is called in messages.
    least : int
        The smallest value allowed.
    caller : str
        The function that messages name.

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If `value` is a bool or no integer.
    ValueError
        If `value` is below `least`.

    Examples
    --------
    >>> as_int(3, "stride")
    3
    """
    whole = None if isinstance(value, bool | str) else _index(value)
    if whole is None:
        kind = type(value).__name__
        raise TypeError(f"{caller}: {name} is no int; got {name}={value!r} ({kind}); {_HINT}")
    if whole < least:
        raise ValueError(
            f"{caller}: {name} is {whole}, below the smallest allowed, {least}; "
            f"got {name}={whole}; make {name} >= {least}"
        )
    return whole


def as_tuple(
    value: IntOrTuple, dims: int, name: str, *, least: int = 1, caller: str = "as_tuple"
) -> tuple[int, ...]:
    """Return an int-or-tuple argument as a tuple with one int an axis.

    Parameters
    ----------
    value : int or sequence of int
        One int for all axes, or `dims` ints, one an axis.
    dims : int
        Number of spatial axes: 1, 2, 3.
    name : str
        What the argument is called in messages.
    least : int
        The smallest value allowed: 1 for sizes, strides and dilations, 0 for paddings.
    caller : str
        The function that messages name.

    Returns
    -------
    tuple of int
        `dims` ints.

    Raises
    ------
    TypeError
        If an entry is a bool or no integer.
    ValueError
        If the number of entries is not `dims`, or one is below `least`.

    Examples
    --------
    >>> as_tuple(3, 2, "stride")
    (3, 3)
    >>> as_tuple([3, 1], 2, "stride")
    (3, 1)
    """
    if not isinstance(value, list | tuple):
        return (as_int(value, name, least=least, caller=caller),) * dims
    if len(value) != dims:
        raise ValueError(
            f"{caller}: {name} has {len(value)} entries but there are {dims} spatial axes; "
            f"got {name}={value!r}; give one int for all axes or {dims} ints, one an axis"
        )
    return tuple(
        as_int(entry, f"{name}[{axis}]", least=least, caller=caller)
        for axis, entry in enumerate(value)
    )


def as_pads(
    padding: Padding,
    kernel: IntOrTuple,
    stride: IntOrTuple,
    dilation: IntOrTuple,
    dims: int,
    *,
    caller: str = "as_pads",
) -> Pads:
    r"""Return any way of writing a padding as (before, after) for each axis.

    With the effective kernel :math:`k_e = d\,(k-1) + 1` the names mean

    ========= ============================================ =======================
    name      zeros before, after                          output at stride 1
    ========= ============================================ =======================
    'valid'   0, 0                                         n - k_e + 1
    'same'    (k_e-1)//2, the rest of k_e-1 (the odd one)  n
    'half'    k_e//2, k_e//2                               n (k_e odd), n+1 (even)
    'full'    k_e-1, k_e-1                                 n + k_e - 1
    ========= ============================================ =======================

    Parameters
    ----------
    padding : int, str, sequence of int, or sequence of (before, after)
        One int for every side; one int an axis; one pair an axis; or a name of the table.
    kernel, stride, dilation : int or sequence of int
        As in the operation; they decide what a name means.
    dims : int
        Number of spatial axes.
    caller : str
        The function that messages name.

    Returns
    -------
    tuple of (int, int)
        `dims` pairs (zeros before, zeros after).

    Raises
    ------
    TypeError
        If a number is a bool or no integer.
    ValueError
        If a number is negative, the name is unknown, the lengths do not fit `dims`, or 'same' is
        asked for with a stride above 1 (PyTorch's rule; the size cannot be kept).

    References
    ----------
    'half' and 'full': Dumoulin and Visin, arXiv:1603.07285, section 2.2; concept full-same-valid.
    'same': ``torch.nn.functional.conv2d``. TensorFlow's SAME is `same_padding_tf`.

    Examples
    --------
    >>> as_pads((1, 2), 3, 1, 1, dims=2)
    ((1, 1), (2, 2))
    >>> as_pads("same", 4, 1, 1, dims=1)
    ((1, 2),)
    """
    kernels = as_tuple(kernel, dims, "kernel", caller=caller)
    strides = as_tuple(stride, dims, "stride", caller=caller)
    dilations = as_tuple(dilation, dims, "dilation", caller=caller)
    if isinstance(padding, str):
        if padding == "same" and max(strides) > 1:
            raise ValueError(
                f"{caller}: padding='same' keeps the size, so it needs stride 1; got "
                f"stride={stride!r}, kernel={kernel!r}; give the zeros as numbers, or take "
                f"TensorFlow's SAME from shapes.same_pads_tf"
            )
        spans = (d * (k - 1) for k, d in zip(kernels, dilations, strict=True))
        return tuple(_named(padding, span, caller) for span in spans)
    if isinstance(padding, list | tuple) and any(isinstance(p, list | tuple) for p in padding):
        return _pairs(padding, dims, caller)
    if isinstance(padding, list | tuple) and len(padding) == 2 * dims > 2:
        pairs = tuple(zip(padding[::2], padding[1::2], strict=True))
        raise ValueError(
            f"{caller}: padding has {len(padding)} entries but there are {dims} spatial axes; got "
            f"padding={padding!r}; give one int for all sides, one an axis, or pairs (before, "
            f"after), {pairs}"
        )
    sides = as_tuple(cast(IntOrTuple, padding), dims, "padding", least=0, caller=caller)
    return tuple((side, side) for side in sides)


def _index(value: object) -> int | None:
    """Return an integer of any kind as an int, anything else as None."""
    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _pairs(padding: Sequence[object], dims: int, caller: str) -> Pads:
    """Read one (before, after) an axis."""
    if len(padding) != dims:
        raise ValueError(
            f"{caller}: padding has {len(padding)} pairs but there are {dims} spatial axes; "
            f"got padding={padding!r}; give {dims} pairs (before, after), one an axis"
        )
    return tuple(_pair(pair, axis, caller) for axis, pair in enumerate(padding))


def _pair(pair: object, axis: int, caller: str) -> tuple[int, int]:
    """Read the (before, after) of one axis."""
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise ValueError(
            f"{caller}: padding mixes pairs with something else on axis {axis}; got "
            f"padding[{axis}]={pair!r}; give every axis a pair (before, after)"
        )
    before, after = (as_int(p, f"padding[{axis}]", least=0, caller=caller) for p in pair)
    return before, after


def _named(name: str, span: int, caller: str) -> tuple[int, int]:
    """Return the (before, after) that a padding's name means; span is d * (k - 1)."""
    pads = {
        "valid": (0, 0),
        "same": (span // 2, span - span // 2),
        "half": ((span + 1) // 2, (span + 1) // 2),
        "full": (span, span),
    }
    if name not in pads:
        raise ValueError(
            f"{caller}: padding={name!r} is none of the {len(pads)} names known; got "
            f"padding={name!r}; use one of {', '.join(map(repr, pads))} in small letters, or ints"
        )
    return pads[name]
