"""Receptive fields through a network: which part of the input one value depends on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dlnotes import shapes
from dlnotes.counting.rules import Shape, Shapes, pads
from dlnotes.shapes import Receptive
from dlnotes.specs import layers as L
from dlnotes.specs.parts import Layer

Field = tuple[Receptive, ...] | None
"""One field an axis of space; None where there is no single one."""

WINDOWS = (L.Conv, L.DepthwiseConv, L.LocalConv, L.TableConv, L.MaxPool, L.AvgPool, L.ScaledAvgPool)
UNCHANGED = (L.BatchNorm, L.LocalResponseNorm, L.Activation, L.Dropout)
Window = tuple[int, int, tuple[int, int], int]


def first_field(shape: Shapes) -> Field:
    """Return the field of the input itself: (C, H, W) has two axes, (D,) has none."""
    single = all(isinstance(size, int) for size in shape)
    return (Receptive(1, 1, 0),) * (len(shape) - 1) if single and len(shape) > 1 else None


def through(layer: Layer, x: Shapes, y: Shapes, field: Field) -> Field:
    """Return the field of a layer's outputs from that of its inputs.

    Parameters
    ----------
    layer : Layer
        Any kind.
    x, y : tuple of int
        Shapes of its input and output.
    field : tuple of Receptive, or None
        Of its input.

    Returns
    -------
    tuple of Receptive, or None
        None after layers whose outputs do not share one field: flattening, dense layers on
        what was flattened, up-sampling, recurrent layers, and all that follows those.

    References
    ----------
    Concept receptive-field.

    Examples
    --------
    >>> field = through(L.Conv(8, 3), (1, 9, 9), (8, 7, 7), first_field((1, 9, 9)))
    >>> through(L.MaxPool(2), (8, 7, 7), (8, 3, 3), field)[0].size
    4
    """
    if field is None or isinstance(layer, UNCHANGED):
        return field
    if isinstance(layer, L.Crop):
        return _crop(_sizes(x), _sizes(y), field)
    if isinstance(layer, L.Linear) and len(x) == 1:  # after global pooling
        return field
    windows = _windows(layer, _sizes(x), _sizes(y))
    if windows is None:
        return None
    return tuple(_then(a, _one(*b)) for a, b in zip(field, windows, strict=True))


def joined(fields: Sequence[Field], join: str) -> Field:
    """Return the field after branches are joined: the smallest that holds all of them.

    Parameters
    ----------
    fields : sequence of (tuple of Receptive, or None)
        One a branch.
    join : str
        'add' and 'concat' put values of one place together; 'tuple' does not.

    Returns
    -------
    tuple of Receptive, or None

    Examples
    --------
    >>> small, large = (Receptive(1, 1, 0),), (Receptive(3, 1, -1),)
    >>> joined([small, large], "concat")
    (Receptive(size=3, jump=1, start=-1),)
    """
    known = [field for field in fields if field is not None]
    if join == "tuple" or len(known) < len(fields):
        return None
    found = []
    for axis in zip(*known, strict=True):
        if len({field.jump for field in axis}) > 1:
            return None
        start = min(field.start for field in axis)
        end = max(field.start + field.size for field in axis)
        found.append(Receptive(end - start, axis[0].jump, start))
    return tuple(found)


def _windows(layer: Layer, x: Shape, y: Shape) -> list[Window] | None:
    """Return kernel, stride, padding and dilation an axis of a layer that slides a window."""
    if isinstance(layer, WINDOWS):
        return _sliding(layer, x)
    if isinstance(layer, L.GlobalAvgPool):
        return [(n, n, (0, 0), 1) for n in x]
    if isinstance(layer, L.AdaptiveAvgPool) and all(n % m == 0 for n, m in zip(x, y, strict=True)):
        return [(n // m, n // m, (0, 0), 1) for n, m in zip(x, y, strict=True)]
    return None


def _sliding(layer: Any, x: Shape) -> list[Window]:
    """Read the window of a convolution or pooling; pooling steps by its kernel if not told."""
    pool = isinstance(layer, L.MaxPool | L.AvgPool | L.ScaledAvgPool)
    stride = getattr(layer, "stride", None) or (layer.kernel if pool else 1)
    options = [layer.kernel, stride, getattr(layer, "dilation", 1)]
    k, s, d = (shapes.as_tuple(option, len(x), "option") for option in options)
    p = pads(layer, x) if hasattr(layer, "padding") else ((0, 0),) * len(x)
    return list(zip(k, s, p, d, strict=True))


def _then(a: Receptive, b: Receptive) -> Receptive:
    """Put a layer with the field `b` on values with the field `a`."""
    return Receptive(a.size + (b.size - 1) * a.jump, a.jump * b.jump, a.start + b.start * a.jump)


@lru_cache(maxsize=1024)
def _one(k: int, s: int, p: tuple[int, int], d: int) -> Receptive:
    """Return the field of one layer alone."""
    return shapes.receptive_field([shapes.Layer(k, s, p, d)])


def _crop(x: Shape, y: Shape, field: tuple[Receptive, ...]) -> Field:
    """Move the start behind what is cut off."""
    rows = zip(field, x, y, strict=True)
    return tuple(Receptive(f.size, f.jump, f.start + (n - m) // 2 * f.jump) for f, n, m in rows)


def _sizes(shape: Shapes) -> Shape:
    """Return the sizes of space."""
    return tuple(size for size in shape[1:] if isinstance(size, int))
