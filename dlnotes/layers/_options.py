"""Reading the arguments of constructors."""

from typing import Protocol

from dlnotes.functional._options import as_number
from dlnotes.shapes import IntOrTuple, Padding, as_int, as_pads, as_tuple

LARGEST = 2**31 - 1
"""The largest size that a layer takes: products of two still fit into 64 bits."""


class _Windows(Protocol):
    """What decides how a padding is read."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]


def as_size(caller: str, name: str, value: object, least: int = 1) -> int:
    """Return a number of channels, features or units, of at most 2³¹ - 1."""
    return _small(caller, name, as_int(value, name, least=least, caller=caller))


def as_sizes(
    caller: str, name: str, value: IntOrTuple, dims: int, least: int = 1
) -> tuple[int, ...]:
    """Return one size for each axis of space, as `dlnotes.shapes.as_tuple`, of at most 2³¹ - 1."""
    sizes = as_tuple(value, dims, name, least=least, caller=caller)
    return tuple(_small(caller, name, n) for n in sizes)


def as_share(caller: str, name: str, value: object) -> float:
    """Return a probability or another share, from 0 to 1."""
    return as_number(caller, name, value, low=0, high=1)


def as_padding(caller: str, padding: Padding, layer: _Windows) -> Padding:
    """Return a padding that fits the layer's kernel, one number an axis where that says it all."""
    dims = len(layer.kernel_size)
    pads = as_pads(padding, layer.kernel_size, layer.stride, layer.dilation, dims, caller=caller)
    for pair in pads:
        _small(caller, "padding", max(pair))
    if isinstance(padding, str):
        return padding
    return tuple(a for a, _ in pads) if all(a == b for a, b in pads) else pads


def require_groups(caller: str, in_channels: int, out_channels: int, groups: int) -> None:
    """Hold both numbers of channels to multiples of the groups."""
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"{caller}: groups must divide the channels; got in_channels={in_channels}, "
            f"out_channels={out_channels}, groups={groups}; make both multiples of {groups}"
        )


def _small(caller: str, name: str, size: int) -> int:
    """Hold a size to what can be computed with."""
    if size > LARGEST:
        raise ValueError(
            f"{caller}: {name} is {size}, above the largest allowed, {LARGEST}; got "
            f"{name}={size}; look for a slip in it"
        )
    return size
