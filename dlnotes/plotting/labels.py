"""Words and colours of layers in drawings, and how wide words are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from dlnotes import shapes
from dlnotes.counting import Shape, Shapes
from dlnotes.specs import layers as L
from dlnotes.specs.parts import Layer

FOLLOWERS = (L.BatchNorm, L.LocalResponseNorm, L.Activation, L.Dropout)
"""Layers that keep the shape and are named behind the layer before them."""

COLOURS: Mapping[str, str] = MappingProxyType(
    {"filter": "accent", "pool": "warm", "dense": "violet", "join": "green", "other": "muted"}
)
"""For each family of layers its colour in the palette."""

_FILTERS = (L.Conv, L.DepthwiseConv, L.ConvTranspose, L.LocalConv, L.TableConv)
_POOLS = (L.MaxPool, L.AvgPool, L.ScaledAvgPool, L.AdaptiveAvgPool, L.GlobalAvgPool)
_DENSE = (L.Linear, L.RadialBasis, L.Recurrent, L.Embedding)
_NARROW, _WIDE = "iljIft.,:;'()[]| -", "mwMW×→%@"
NARROWEST, WIDEST = 280.0, 10_000.0
"""Pixels; no phone is narrower, and no page wider."""

_BOUND = re.compile(r"\b(stride|dilation|batch|response) ")
_UNITS = ((10**9, "G"), (10**6, "M"), (10**3, "k"))


def family(layer: Layer) -> str:
    """Return what kind of work a layer does: filter, pool, dense or other.

    Examples
    --------
    >>> family(L.MaxPool(2))
    'pool'
    """
    if isinstance(layer, _FILTERS):
        return "filter"
    if isinstance(layer, (*_POOLS, L.SpatialPyramid)):
        return "pool"
    return "dense" if isinstance(layer, _DENSE) else "other"


def label(layer: Layer, output: Shape) -> str:
    """Return a layer in words, with its kernel, and its stride where one would not expect it.

    Examples
    --------
    >>> label(L.Conv(64, 7, stride=2), (64, 112, 112))
    'conv 7×7, stride 2'
    >>> label(L.MaxPool(2), (64, 112, 112))
    'max-pool 2×2'
    """
    rule = _LABELS.get(type(layer))
    if rule is None:
        return layer.kind.lower().replace("_", " ")
    return rule(layer, max(len(output) - 1, 1))


def size_words(size: Any, axes: int) -> str:
    """Return one size an axis, such as 5×5.

    Examples
    --------
    >>> size_words(5, 2), size_words((3, 1), 2)
    ('5×5', '3×1')
    """
    return "×".join(map(str, shapes.as_tuple(size, axes, "size")))


def shape_words(shape: Shapes) -> str:
    """Return a shape, or several of them, in words.

    Examples
    --------
    >>> shape_words((64, 112, 112)), shape_words(((32,), (32,)))
    ('64×112×112', '32 and 32')
    """
    if any(isinstance(size, tuple) for size in shape):
        return " and ".join(shape_words(one) for one in shape if isinstance(one, tuple))
    return "×".join(map(str, shape))


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """Return how many pixels a line of text takes at most, in any font of the book.

    Examples
    --------
    >>> text_width("iii", 10) < text_width("mmm", 10)
    True
    """
    ems = sum(0.4 if one in _NARROW else 0.97 if one in _WIDE else 0.65 for one in words)
    return ems * size * (1.1 if bold else 1)


def wrapped(words: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Return words in lines no wider than `width`; a word that is too long alone is cut.

    Examples
    --------
    >>> wrapped("conv 3×3, relu", 12, 70)
    ['conv 3×3,', 'relu']
    >>> wrapped("a_name_without_end", 12, 70)
    ['a_name_…']
    """
    lines: list[str] = []
    for full in _BOUND.sub("\\1\N{NO-BREAK SPACE}", words).split(" "):
        word = one_line(full, size, width, bold=bold)
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def one_line(words: str, size: float, width: float, *, bold: bool = True) -> str:
    """Return words, cut where they are wider than `width`.

    Examples
    --------
    >>> one_line("block2 to block36 ×35", 12, 90)
    'block2 to b…'
    """
    while len(words) > 2 and text_width(words, size, bold=bold) > width:
        words = f"{words.removesuffix('…')[:-1].rstrip()}…"
    return words


def as_width(width: object, *, caller: str) -> float:
    """Return a width in pixels that leaves room for words.

    Examples
    --------
    >>> as_width(312, caller="architecture")
    312.0
    """
    if isinstance(width, bool) or not isinstance(width, int | float):
        raise TypeError(
            f"{caller}: width is no number; got {width!r} ({type(width).__name__}); give pixels, "
            "such as 312"
        )
    if not NARROWEST <= width <= WIDEST:
        raise ValueError(
            f"{caller}: needs a width from {NARROWEST:g} to {WIDEST:g} pixels; got "
            f"width={width!r}; a phone has 284"
        )
    return float(width)


def _window(word: str) -> Callable[[Any, int], str]:
    """Return the rule for layers with a kernel; pooling steps by its kernel if not told."""

    def rule(layer: Any, axes: int) -> str:
        words = f"{word} {size_words(layer.kernel, axes)}"
        usual = layer.kernel if isinstance(layer, L.MaxPool | L.AvgPool) else 1
        stride = getattr(layer, "stride", None)
        if stride is not None and stride != usual:
            words += f", stride {stride if isinstance(stride, int) else size_words(stride, axes)}"
        dilation, groups = getattr(layer, "dilation", 1), getattr(layer, "groups", 1)
        words += f", dilation {dilation}" if dilation != 1 else ""
        return words + (f", {groups} groups" if groups > 1 else "")

    return rule


_LABELS: Mapping[type[Layer], Callable[[Any, int], str]] = MappingProxyType(
    {
        L.Conv: _window("conv"),
        L.DepthwiseConv: _window("depthwise"),
        L.ConvTranspose: _window("transposed"),
        L.LocalConv: _window("local"),
        L.TableConv: _window("conv by table"),
        L.MaxPool: _window("max-pool"),
        L.AvgPool: _window("mean-pool"),
        L.ScaledAvgPool: _window("trained pool"),
        L.AdaptiveAvgPool: lambda layer, axes: f"mean-pool to {size_words(layer.size, axes)}",
        L.GlobalAvgPool: lambda layer, axes: "global mean",
        L.SpatialPyramid: lambda layer, axes: f"pyramid {', '.join(map(str, layer.bins))}",
        L.Upsample: lambda layer, axes: f"enlarge {size_words(layer.scale, axes)}",
        L.Crop: lambda layer, axes: f"crop to {size_words(layer.size, axes)}",
        L.Linear: lambda layer, axes: "dense",
        L.RadialBasis: lambda layer, axes: "distances",
        L.BatchNorm: lambda layer, axes: "batch norm",
        L.LocalResponseNorm: lambda layer, axes: "response norm",
        L.Recurrent: lambda layer, axes: layer.cell.upper(),
    }
)
