"""A network's description as a graph of this package's layers, with the same names."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dlnotes import counting, layers
from dlnotes.specs import layers as L
from dlnotes.specs.blocks import bilinear_kernel
from dlnotes.specs.network import Network
from dlnotes.specs.parts import Chain, Parallel, Part, SideOutput, children


def build(
    network: Network, *, rng: np.random.Generator, dtype: DTypeLike = np.float64
) -> layers.Layer:
    """Return a network as layers of this package.

    Parameters
    ----------
    network : Network
        From `dlnotes.specs`, or your own.
    rng : numpy Generator
        Draws the starting values and, in training, dropout's masks.
    dtype : dtype
        float64 or float32.

    Returns
    -------
    Layer
        It takes a batch of inputs, the batch's axis first. Names of layers are the paths of
        `specs.walk`, and those of parameters the ones of `dlnotes.torch_models.build`, so that
        weights go over by name (`dlnotes.weights`). Branches are `Parallel` layers.

    Raises
    ------
    TypeError
        If a kind of layer has no counterpart here.
    ValueError
        If the parts do not fit together; the message names the path and the numbers.

    Examples
    --------
    >>> from dlnotes import specs
    >>> network = build(specs.get("mnist-dense"), rng=np.random.default_rng(0))
    >>> network(np.zeros((2, 1, 28, 28))).shape
    (2, 10)
    """
    if not isinstance(network, Network):
        raise TypeError(
            f"build: the network is a description; got {type(network).__name__}; give for example "
            'specs.get("mnist-dense")'
        )
    return build_part(network.body, network.input_shape, rng=rng, dtype=dtype)


def build_part(
    part: Part,
    input_shape: counting.Shapes,
    path: str = "",
    *,
    rng: np.random.Generator,
    dtype: DTypeLike = np.float64,
) -> layers.Layer:
    """Return a part of a network as layers of this package.

    Parameters
    ----------
    part : Part
        A layer, or layers joined.
    input_shape : tuple of int
        What goes in, without the batch.
    path : str
        What messages call it.
    rng, dtype
        As in `build`.

    Returns
    -------
    Layer

    Raises
    ------
    TypeError, ValueError
        As `build`.

    Examples
    --------
    >>> from dlnotes.specs import Conv
    >>> build_part(Conv(4, 3), (1, 8, 8), rng=np.random.default_rng(0)).weight.shape
    (4, 1, 3, 3)
    """
    if not isinstance(part, Part):
        raise TypeError(
            f"build_part: the part is a layer's description; got {type(part).__name__}; give for "
            "example specs.Conv(4, 3)"
        )
    own: dict[str, Any] = {"rng": rng, "dtype": dtype}
    below = {name: (f"{path}.{name}" if path else name, child) for name, child in children(part)}
    if isinstance(part, Chain):
        found = {}
        for name, (where, child) in below.items():
            found[name] = build_part(child, input_shape, where, **own)
            input_shape = counting.output_shape(child, input_shape, where)
        return layers.Sequential(found)
    counting.output_shape(part, input_shape, path)  # refuses what does not fit
    if isinstance(part, Parallel):
        branches = {n: build_part(c, input_shape, where, **own) for n, (where, c) in below.items()}
        return layers.Parallel(branches, join=part.join)
    if isinstance(part, SideOutput):
        return layers.SideOutput(build_part(part.head, input_shape, below["head"][0], **own))
    return _make(part, input_shape, path, own)


def _make(part: Part, shape: Any, path: str, own: dict[str, Any]) -> layers.Layer:
    """Return a layer's counterpart."""
    if type(part) not in MAKERS:
        known = ", ".join(kind.__name__ for kind in MAKERS)
        raise TypeError(
            f"networks.build: no layer for {type(part).__name__} at {path!r}; there are layers "
            f"for {known}; dlnotes.torch_models may have one"
        )
    return MAKERS[type(part)](part, shape, own)


def _kind(name: str, shape: Any) -> Any:
    """Return the class for the number of spatial axes, such as Conv2d."""
    return getattr(layers, f"{name}{len(shape) - 1}d")


def _conv(layer: L.Conv, shape: Any, own: dict[str, Any]) -> layers.Layer:
    made: layers.Layer = _kind("Conv", shape)(
        shape[0],
        layer.channels,
        layer.kernel,
        layer.stride,
        counting.pads(layer, shape[1:]),
        layer.dilation,
        layer.groups,
        layer.bias,
        **own,
    )
    return made


def _depthwise(layer: L.DepthwiseConv, shape: Any, own: dict[str, Any]) -> layers.Layer:
    if len(shape) != 3:  # signals and clips: a convolution of one channel a group
        grouped = L.Conv(
            shape[0] * layer.multiplier,
            layer.kernel,
            layer.stride,
            layer.padding,
            layer.dilation,
            shape[0],
            layer.bias,
        )
        return _conv(grouped, shape, own)
    made: layers.Layer = layers.DepthwiseConv2d(
        shape[0],
        layer.kernel,
        layer.stride,
        counting.pads(layer, shape[1:]),
        layer.dilation,
        layer.multiplier,
        layer.bias,
        **own,
    )
    return made


def _transposed(layer: L.ConvTranspose, shape: Any, own: dict[str, Any]) -> layers.Layer:
    names = ("stride", "padding", "output_padding", "groups", "bias", "dilation")
    options = {name: getattr(layer, name) for name in names}
    kind = _kind("ConvTranspose", shape)
    made: layers.Layer = kind(shape[0], layer.channels, layer.kernel, **options, **own)
    if layer.bilinear:
        w, each = np.zeros_like(made.state_dict()["weight"]), np.arange(shape[0])
        w[each, each] = np.reshape(bilinear_kernel(layer, len(shape) - 1), w.shape[2:])
        made.load_state_dict({"weight": w})
        made.freeze()
    return made


def _local(layer: L.LocalConv, shape: Any, own: dict[str, Any]) -> layers.Layer:
    made: layers.Layer = layers.LocalConv2d(
        shape[0],
        layer.channels,
        shape[1:],
        layer.kernel,
        layer.stride,
        counting.pads(layer, shape[1:]),
        bias=layer.bias,
        **own,
    )
    return made


def _pool(name: str) -> Callable[..., layers.Layer]:
    def make(layer: Any, shape: Any, own: dict[str, Any]) -> layers.Layer:
        options = {"ceil_mode": layer.ceil_mode}
        if name == "AvgPool":  # TensorFlow's 'same' never counts the padding
            options["count_include_pad"] = layer.count_include_pad and layer.padding != "same"
        pads = counting.pads(layer, shape[1:])
        made: layers.Layer = _kind(name, shape)(layer.kernel, layer.stride, pads, **options)
        return made

    return make


def _adaptive(layer: L.AdaptiveAvgPool, shape: Any, own: dict[str, Any]) -> layers.Layer:
    made: layers.Layer = _kind("AdaptiveAvgPool", shape)(layer.size)
    return made


def _batch_norm(layer: L.BatchNorm, shape: Any, own: dict[str, Any]) -> layers.Layer:
    kind = layers.BatchNorm1d if len(shape) < 3 else _kind("BatchNorm", shape)
    made: layers.Layer = kind(
        shape[0], eps=layer.eps, momentum=layer.momentum, scale=layer.scale, dtype=own["dtype"]
    )
    return made


def _upsample(layer: L.Upsample, shape: Any, own: dict[str, Any]) -> layers.Layer:
    return layers.Upsample(scale_factor=layer.scale, mode=layer.mode)


def _activation(layer: L.Activation, shape: Any, own: dict[str, Any]) -> layers.Layer:
    if layer.function not in ACTIVATIONS:
        raise ValueError(
            f"networks.build: there is no activation {layer.function!r}; there are "
            f"{', '.join(ACTIVATIONS)}"
        )
    return ACTIVATIONS[layer.function]()


def _recurrent(layer: L.Recurrent, shape: Any, own: dict[str, Any]) -> layers.Layer:
    options = {name: getattr(layer, name) for name in ("biases", "sequence", "bidirectional")}
    if layer.cell == "gru":
        options["reset_after"] = layer.reset_after
    kind: Any = {"rnn": layers.RNN, "lstm": layers.LSTM, "gru": layers.GRU}[layer.cell]
    made: layers.Layer = kind(shape[-1], layer.hidden, batch_first=True, **options, **own)
    return made


ACTIVATIONS: Mapping[str, Callable[[], layers.Layer]] = MappingProxyType(
    {
        "identity": layers.Identity,
        "relu": layers.ReLU,
        "relu6": layers.ReLU6,
        "leaky_relu": layers.LeakyReLU,
        "elu": layers.ELU,
        "sigmoid": layers.Sigmoid,
        "tanh": layers.Tanh,
        "scaled_tanh": layers.ScaledTanh,
        "softmax": lambda: layers.Softmax(1),
        "log_softmax": lambda: layers.LogSoftmax(1),
    }
)

MAKERS: Mapping[type[Part], Callable[..., layers.Layer]] = MappingProxyType(
    {
        L.Conv: _conv,
        L.DepthwiseConv: _depthwise,
        L.ConvTranspose: _transposed,
        L.LocalConv: _local,
        L.TableConv: lambda layer, shape, own: layers.TableConv2d(
            layer.table, layer.kernel, layer.bias, **own
        ),
        L.MaxPool: _pool("MaxPool"),
        L.AvgPool: _pool("AvgPool"),
        L.ScaledAvgPool: lambda layer, shape, own: layers.ScaledAvgPool2d(
            shape[0], layer.kernel, dtype=own["dtype"]
        ),
        L.AdaptiveAvgPool: _adaptive,
        L.GlobalAvgPool: lambda layer, shape, own: layers.GlobalAvgPool(),
        L.SpatialPyramid: lambda layer, shape, own: layers.SpatialPyramidPool(layer.bins),
        L.Upsample: _upsample,
        L.Crop: lambda layer, shape, own: layers.CenterCrop(layer.size),
        L.Linear: lambda layer, shape, own: layers.Linear(
            shape[-1], layer.units, layer.bias, **own
        ),
        L.RadialBasis: lambda layer, shape, own: layers.RadialBasis(shape[-1], layer.units, **own),
        L.BatchNorm: _batch_norm,
        L.LocalResponseNorm: lambda layer, shape, own: layers.LocalResponseNorm(
            layer.size, layer.alpha, layer.beta, layer.k
        ),
        L.Activation: _activation,
        L.Dropout: lambda layer, shape, own: layers.Dropout(layer.p, rng=own["rng"]),
        L.Flatten: lambda layer, shape, own: layers.Flatten(),
        L.Reshape: lambda layer, shape, own: layers.Reshape(layer.shape),
        L.Embedding: lambda layer, shape, own: layers.Embedding(layer.entries, layer.width, **own),
        L.Transpose: lambda layer, shape, own: layers.SwapAxes(),
        L.Recurrent: _recurrent,
        L.Sample: lambda layer, shape, own: layers.SampleNormal(rng=own["rng"]),
    }
)
"""For each kind of layer what makes its counterpart from it, the input's shape, rng and dtype."""
