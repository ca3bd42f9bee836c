"""The shapes of a network: what goes into each layer, and what comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any

from dlnotes import shapes
from dlnotes.specs import layers as L
from dlnotes.specs.parts import Chain, Layer, Parallel, Part, SideOutput, children

Shape = tuple[int, ...]
Shapes = Shape | tuple[Shape, ...]
"""Of one value, or of several kept apart (``join='tuple'``)."""


@dataclass(frozen=True)
class Step:
    """A layer at work.

    Attributes
    ----------
    path : str
        Where it stands, such as ``'stage2.body.conv1'``.
    layer : Layer
        What it is.
    input, output : tuple of int
        Shapes without the batch.
    """

    path: str
    layer: Layer
    input: Shapes
    output: Shapes


def trace(part: Part, input_shape: Shapes, path: str = "") -> tuple[Step, ...]:
    """Return every layer with the shapes of its input and output, in the order in which they run.

    Parameters
    ----------
    part : Part
        A network's body or any part of it.
    input_shape : tuple of int
        Without the batch: (C, H, W), (C, L), (T, D), (D,).
    path : str
        What stands before the names.

    Returns
    -------
    tuple of Step

    Raises
    ------
    TypeError
        If `part` or `input_shape` is of another kind.
    ValueError
        If something does not fit; the message names the path, the rule and the numbers.

    Examples
    --------
    >>> from dlnotes.specs import Chain, Conv, Flatten, Linear
    >>> trace(Chain(Conv(4, 3), Flatten(), Linear(10)), (1, 8, 8))[-1].input
    (144,)
    """
    steps: list[Step] = []
    _run(part, require_input("trace", input_shape), path, steps)
    return tuple(steps)


def output_shape(part: Part, input_shape: Shapes, path: str = "") -> Shapes:
    """Return the shape that comes out of `part`.

    Parameters
    ----------
    part : Part
        A layer, or layers joined.
    input_shape : tuple of int
        Without the batch.
    path : str
        What messages call it.

    Returns
    -------
    tuple of int, or tuple of tuples for a join of kind 'tuple'

    Raises
    ------
    TypeError
        If `part` or `input_shape` is of another kind.
    ValueError
        If something does not fit.

    Examples
    --------
    >>> from dlnotes.specs import Conv
    >>> output_shape(Conv(64, 7, stride=2, padding=3), (3, 224, 224))
    (64, 112, 112)
    """
    return _run(part, require_input("output_shape", input_shape), path, [])


def require_input(caller: str, shape: Any) -> Shapes:
    """Return an input's shape (or several) if it is one: sizes from 1, in a tuple."""
    inside = shape if isinstance(shape, tuple) else ()
    single = all(isinstance(size, int) and not isinstance(size, bool) for size in inside)
    if inside and not single and all(isinstance(one, tuple) for one in inside):
        return tuple(_single(require_input(caller, one), caller) for one in inside)
    if not inside or not single:
        raise TypeError(
            f"{caller}: input_shape is no tuple of whole numbers; got {shape!r}; give the sizes "
            "without the batch, such as (3, 224, 224)"
        )
    if min(inside) < 1:
        raise ValueError(
            f"{caller}: input_shape has the size {min(inside)}; got {shape}; give sizes from 1"
        )
    return inside


def _run(part: Part, shape: Shapes, path: str, steps: list[Step]) -> Shapes:
    """Return what comes out of a part, and note its layers' steps on the way."""
    if isinstance(part, Layer):
        name = path or part.name or part.kind
        steps.append(Step(name, part, shape, _layer_shape(part, shape, name)))
        return steps[-1].output
    below = _below(part, path)
    if isinstance(part, Chain):
        for name, child in below:
            shape = _run(child, shape, name, steps)
        return shape
    found = [_run(child, shape, name, steps) for name, child in below]
    return shape if isinstance(part, SideOutput) else joined_shape(as_parallel(part), found, path)


def _below(part: Part, path: str) -> list[tuple[str, Part]]:
    """Return the parts inside with their whole paths."""
    return [(f"{path}.{name}" if path else name, child) for name, child in children(part)]


def as_parallel(part: Part) -> Parallel:
    """Return `part`, which is a Parallel, or say what it is."""
    if isinstance(part, Parallel):
        return part
    raise TypeError(
        f"trace: {part!r} ({type(part).__name__}) is no part of a network; give layers, Chain, "
        "Parallel or SideOutput"
    )


def joined_shape(part: Parallel, found: list[Shapes], path: str) -> Shapes:
    """Return the shape of the joined branches."""
    where = path or part.name or "parallel"
    if part.join == "tuple":
        return tuple(_single(shape, where) for shape in found)
    shapes_ = [_single(shape, where) for shape in found]
    start = 0 if part.join == "add" else 1
    if len({shape[start:] for shape in shapes_}) != 1:
        rule = "one shape" if start == 0 else "one size on every axis after the channels"
        raise ValueError(
            f"{where}: branches to {part.join} need {rule}; got {', '.join(map(str, shapes_))}; "
            "change strides, padding or channels of a branch"
        )
    first = shapes_[0]
    return first if start == 0 else (sum(shape[0] for shape in shapes_), *first[1:])


def _single(shape: Shapes, where: str) -> Shape:
    """Return the shape of one value."""
    if any(isinstance(size, tuple) for size in shape):
        raise ValueError(
            f"{where}: takes one value but got several of shapes {shape}; join them first"
        )
    return tuple(size for size in shape if isinstance(size, int))


def _layer_shape(layer: Layer, shape: Shapes, path: str) -> Shape:
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
        return rule(layer, _single(shape, where))
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


def _transposed(layer: L.ConvTranspose, shape: Shape) -> Shape:
    c, sizes = _axes(shape)
    _groups(layer, c)
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
    c, sizes = _axes(shape)
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
        L.LocalConv: _conv,
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
