"""For each kind of layer the shape that comes out of it, and the padding that it needs."""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType
from typing import Any

from dlnotes import shapes
from dlnotes.specs import layers as L
from dlnotes.specs.parts import Layer

Shape = tuple[int, ...]
Shapes = Shape | tuple[Shape, ...]
"""Of one value, or of several kept apart (``join='tuple'``)."""


def single(shape: Shapes, where: str) -> Shape:
    """Return the shape of one value."""
    if any(isinstance(size, tuple) for size in shape):
        raise ValueError(
            f"{where}: takes one value but got several of shapes {shape}; join them first"
        )
    return tuple(size for size in shape if isinstance(size, int))


def layer_shape(layer: Layer, shape: Shapes, path: str) -> Shape:
    """Return what a layer makes of `shape`; what does not fit is told with its path."""
    where = path or layer.name or layer.kind
    rule = RULES.get(type(layer))
    if rule is None:
        raise TypeError(
            f"{where}: no rule for the shape of {type(layer).__name__}; the kinds of layers "
            f"are {', '.join(kind.__name__ for kind in RULES)}"
        )
    if isinstance(layer, L.Sample):
        return _sample(shape, where)
    try:
        return rule(layer, single(shape, where))
    except ValueError as error:
        raise ValueError(f"{where}, {layer.kind} on input {shape}: {error}") from None


def _axes(shape: Shape, dims: tuple[int, ...] = (1, 2, 3)) -> tuple[int, Shape]:
    """Return channels and sizes of a signal, an image or a clip."""
    if len(shape) - 1 not in dims:
        raise ValueError(
            f"needs channels and {' or '.join(map(str, dims))} axes of space; got shape {shape}; "
            "put Reshape before it"
        )
    return shape[0], shape[1:]


def pads(layer: Any, sizes: Shape) -> shapes.Pads:
    """Return the zeros (before, after) that a layer adds on each axis.

    Parameters
    ----------
    layer : Conv, DepthwiseConv, LocalConv, MaxPool or AvgPool
        Its `padding` may be a number, a tuple, 'valid' or TensorFlow's 'same'.
    sizes : tuple of int
        The input's spatial sizes.

    Returns
    -------
    tuple of (int, int)

    Examples
    --------
    >>> from dlnotes.specs import Conv
    >>> pads(Conv(32, 8, stride=4, padding="same"), (80, 80))
    ((2, 2), (2, 2))
    """
    stride, dilation = _stride(layer), getattr(layer, "dilation", 1)
    if layer.padding == "same":
        return shapes.same_pads_tf(sizes, layer.kernel, stride, dilation)
    return shapes.as_pads(
        layer.padding, layer.kernel, stride, dilation, len(sizes), caller=layer.kind
    )


def _stride(layer: Any) -> shapes.IntOrTuple:
    """Return the stride; pooling without one has its kernel's size."""
    stride = getattr(layer, "stride", None)
    return layer.kernel if stride is None else stride


def _windows(layer: Any, sizes: Shape) -> Shape:
    """Return the sizes after a convolution or pooling."""
    dilation = getattr(layer, "dilation", 1)
    options: dict[str, Any] = {
        "stride": _stride(layer),
        "padding": pads(layer, sizes),
        "dilation": dilation,
    }
    if getattr(layer, "ceil_mode", False):
        return shapes.pool_out_nd(sizes, layer.kernel, **options, ceil_mode=True)
    return shapes.conv_out_nd(sizes, layer.kernel, **options)


def _groups(layer: Any, c: int) -> None:
    """Refuse groups that do not divide the channels."""
    groups = getattr(layer, "groups", 1)
    if c % groups or layer.channels % groups:
        raise ValueError(
            f"groups={groups} must divide input channels C={c} and output channels "
            f"K={layer.channels}; change one of them"
        )


def _conv(layer: Any, shape: Shape) -> Shape:
    c, sizes = _axes(shape)
    _groups(layer, c)
    return (layer.channels, *_windows(layer, sizes))


def _depthwise(layer: L.DepthwiseConv, shape: Shape) -> Shape:
    c, sizes = _axes(shape)
    return (c * layer.multiplier, *_windows(layer, sizes))


def _local(layer: L.LocalConv, shape: Shape) -> Shape:
    _axes(shape, (2,))
    return _conv(layer, shape)


def _transposed(layer: L.ConvTranspose, shape: Shape) -> Shape:
    c, sizes = _axes(shape)
    _groups(layer, c)
    if layer.bilinear and (layer.channels, layer.groups, layer.bias) != (c, 1, False):
        raise ValueError(
            f"bilinear enlarges each channel by itself; got C={c}, channels={layer.channels}, "
            f"groups={layer.groups}, bias={layer.bias}; give channels={c}, bias=False"
        )
    out = shapes.conv_transpose_out_nd(
        sizes,
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        output_padding=layer.output_padding,
        dilation=layer.dilation,
    )
    return (layer.channels, *out)


def _table(layer: L.TableConv, shape: Shape) -> Shape:
    c, sizes = _axes(shape, (2,))
    highest = max(max(row) for row in layer.table)
    if highest >= c:
        raise ValueError(f"the table reads map {highest}, but there are {c} (0 to {c - 1})")
    return (len(layer.table), *shapes.conv_out_nd(sizes, layer.kernel))


def _pool(layer: Any, shape: Shape) -> Shape:
    c, sizes = _axes(shape)
    kernel = shapes.as_tuple(layer.kernel, len(sizes), "kernel")
    for axis, (n, rows) in enumerate(zip(kernel, pads(layer, sizes), strict=True)):
        if 2 * max(rows) > n:
            raise ValueError(
                f"axis {axis}: padding {rows} is more than half of the kernel's {n} rows, so that "
                "windows could lie outside the picture; pad less or take a larger kernel"
            )
    return (c, *_windows(layer, sizes))


def _scaled_pool(layer: L.ScaledAvgPool, shape: Shape) -> Shape:
    c, sizes = _axes(shape, (2,))
    return (c, *shapes.pool_out_nd(sizes, layer.kernel))


def _adaptive(layer: L.AdaptiveAvgPool, shape: Shape) -> Shape:
    c, sizes = _axes(shape, (1, 2))
    return (c, *shapes.as_tuple(layer.size, len(sizes), "size"))


def _pyramid(layer: L.SpatialPyramid, shape: Shape) -> Shape:
    c, sizes = _axes(shape, (2,))
    return (c * sum(n ** len(sizes) for n in layer.bins),)


def _upsample(layer: L.Upsample, shape: Shape) -> Shape:
    c, sizes = _axes(shape, (2,) if layer.mode == "bilinear" else (1, 2, 3))
    scales = shapes.as_tuple(layer.scale, len(sizes), "scale")
    return (c, *(n * s for n, s in zip(sizes, scales, strict=True)))


def _crop(layer: L.Crop, shape: Shape) -> Shape:
    c, sizes = _axes(shape)
    wanted = shapes.as_tuple(layer.size, len(sizes), "size")
    if any(w > n for w, n in zip(wanted, sizes, strict=True)):
        raise ValueError(f"cannot cut {wanted} out of {sizes}; ask for less")
    return (c, *wanted)


def _reshape(layer: L.Reshape, shape: Shape) -> Shape:
    if prod(layer.shape) != prod(shape):
        raise ValueError(f"{prod(shape)} values cannot take the shape {layer.shape}")
    return layer.shape


def _embedding(layer: L.Embedding, shape: Shape) -> Shape:
    return (*shape, layer.width)


def _transpose(layer: L.Transpose, shape: Shape) -> Shape:
    if len(shape) != 2:
        raise ValueError(f"needs two axes; got {len(shape)}")
    return shape[::-1]


def _recurrent(layer: L.Recurrent, shape: Shape) -> Shape:
    if len(shape) != 2:
        raise ValueError(f"needs two axes (T, D); got {len(shape)}; put Reshape before it")
    width = layer.hidden * (2 if layer.bidirectional else 1)
    return (shape[0], width) if layer.sequence else (width,)


def _sample(shape: Shapes, where: str) -> Shape:
    """Return the shape of one of the two equal inputs of Sample."""
    values = [size for size in shape if isinstance(size, tuple)]
    if len(values) != 2 or values[0] != values[1]:
        raise ValueError(
            f"{where}: takes a mean and a log variance of one shape; got {shape}; put a Parallel "
            "with two branches and join='tuple' before it"
        )
    return values[0]


def _same(layer: Layer, shape: Shape) -> Shape:
    return shape


def _batch_norm(layer: L.BatchNorm, shape: Shape) -> Shape:
    _axes(shape, (0, 1, 2, 3))
    return shape


def _radial_basis(layer: L.RadialBasis, shape: Shape) -> Shape:
    if len(shape) != 1:
        raise ValueError(f"needs one axis (D,); got {len(shape)}; put Flatten before it")
    return (layer.units,)


def _units(layer: Any, shape: Shape) -> Shape:
    return (*shape[:-1], layer.units)


RULES: Mapping[type[Layer], Callable[..., Shape]] = MappingProxyType(
    {
        L.Conv: _conv,
        L.DepthwiseConv: _depthwise,
        L.ConvTranspose: _transposed,
        L.LocalConv: _local,
        L.TableConv: _table,
        L.MaxPool: _pool,
        L.AvgPool: _pool,
        L.ScaledAvgPool: _scaled_pool,
        L.AdaptiveAvgPool: _adaptive,
        L.GlobalAvgPool: lambda layer, shape: (_axes(shape)[0],),
        L.SpatialPyramid: _pyramid,
        L.Upsample: _upsample,
        L.Crop: _crop,
        L.Linear: _units,
        L.RadialBasis: _radial_basis,
        L.BatchNorm: _batch_norm,
        L.LocalResponseNorm: lambda layer, shape: (_axes(shape)[0], *shape[1:]),
        L.Activation: _same,
        L.Dropout: _same,
        L.Flatten: lambda layer, shape: (prod(shape),),
        L.Reshape: _reshape,
        L.Embedding: _embedding,
        L.Transpose: _transpose,
        L.Recurrent: _recurrent,
        L.Sample: _same,
    }
)
"""For each kind of layer the rule that turns the input's shape into the output's."""
