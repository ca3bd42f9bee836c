"""For each kind of layer of `dlnotes.specs` the module of PyTorch that does its work."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from dlnotes.specs import layers as L
from dlnotes.specs.blocks import bilinear_kernel
from dlnotes.specs.parts import Part
from dlnotes.torch_models import modules as M
from dlnotes.torch_models.recurrent import PLAIN, OneBias

CONVS: tuple[Any, ...] = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
PADDED: tuple[Any, ...] = (M.PaddedConv1d, M.PaddedConv2d, M.PaddedConv3d)
TRANSPOSED: tuple[Any, ...] = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
MAX_POOLS: tuple[Any, ...] = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)
AVG_POOLS: tuple[Any, ...] = (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
ADAPTIVE: tuple[Any, ...] = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)
NORMS: tuple[Any, ...] = (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def simple(padding: L.Padding) -> bool:
    """Say whether PyTorch's own padding can express it."""
    if padding == "valid" or isinstance(padding, int):
        return True
    return padding != "same" and all(isinstance(rows, int) for rows in padding)


def own_padding(padding: L.Padding) -> Any:
    """Return a simple padding as PyTorch takes it."""
    return 0 if padding == "valid" else padding


def conv(layer: Any, shape: Any) -> nn.Module:
    """Return a convolution; a depthwise one has as many groups as channels."""
    depthwise = isinstance(layer, L.DepthwiseConv)
    channels = shape[0] * layer.multiplier if depthwise else layer.channels
    groups = shape[0] if depthwise else layer.groups
    options = {name: getattr(layer, name) for name in ("stride", "dilation", "bias")}
    plain = simple(layer.padding)
    options["padding"] = own_padding(layer.padding) if plain else 0
    kinds = CONVS if plain else PADDED
    module: nn.Module = kinds[len(shape) - 2](
        shape[0], channels, layer.kernel, groups=groups, **options
    )
    if not plain:
        module.layer = layer
    return module


def conv_transpose(layer: L.ConvTranspose, shape: Any) -> nn.Module:
    """Return a transposed convolution."""
    names = ("stride", "padding", "output_padding", "dilation", "groups", "bias")
    options = {name: getattr(layer, name) for name in names}
    kind = TRANSPOSED[len(shape) - 2]
    module: nn.Module = kind(shape[0], layer.channels, layer.kernel, **options)
    if layer.bilinear:
        w, each = torch.zeros(module.get_parameter("weight").shape), torch.arange(shape[0])
        w[each, each] = torch.tensor(bilinear_kernel(layer, len(shape) - 1)).view(w.shape[2:])
        module.weight = nn.Parameter(w, requires_grad=False)
    return module


def max_pool(layer: L.MaxPool, shape: Any) -> nn.Module:
    """Return max-pooling; rows that PyTorch cannot add itself are -inf."""
    options = {"stride": layer.stride, "ceil_mode": layer.ceil_mode}
    kind = MAX_POOLS[len(shape) - 2]
    if simple(layer.padding):
        module: nn.Module = kind(layer.kernel, padding=own_padding(layer.padding), **options)
        return module
    return M.Padded(layer, kind(layer.kernel, **options), float("-inf"))


def avg_pool(layer: L.AvgPool, shape: Any) -> nn.Module:
    """Return average pooling; TensorFlow's 'same' never counts the padding."""
    options = {"stride": layer.stride, "ceil_mode": layer.ceil_mode}
    kind = AVG_POOLS[len(shape) - 2]
    if simple(layer.padding):
        counted = layer.count_include_pad
        module: nn.Module = kind(
            layer.kernel,
            padding=own_padding(layer.padding),
            count_include_pad=counted,
            **options,
        )
        return module
    inner: nn.Module = kind(layer.kernel, **options)
    inside = layer.padding == "same" or not layer.count_include_pad
    return M.AvgPoolInside(layer, inner) if inside else M.Padded(layer, inner)


def batch_norm(layer: L.BatchNorm, shape: Any) -> nn.Module:
    """Return batch normalization; without a scale gamma is one and stays one."""
    module: nn.Module = NORMS[len(shape) - 1](shape[0], eps=layer.eps, momentum=layer.momentum)
    if not layer.scale:
        del module.weight
        module.register_parameter("weight", None)
    return module


def recurrent(layer: L.Recurrent, shape: Any) -> nn.Module:
    """Return a recurrent layer, PyTorch's own where the form is its own."""
    own = layer.biases == 2 and layer.reset_after
    return PLAIN[layer.cell](layer, shape[-1]) if own else OneBias(layer, shape[-1])


def adaptive(layer: L.AdaptiveAvgPool, shape: Any) -> nn.Module:
    """Return average pooling to a fixed size."""
    module: nn.Module = ADAPTIVE[len(shape) - 2](layer.size)
    return module


def response_norm(layer: L.LocalResponseNorm, shape: Any) -> nn.Module:
    """Return normalization across neighbouring channels."""
    return nn.LocalResponseNorm(layer.size, alpha=layer.alpha, beta=layer.beta, k=layer.k)


def upsample(layer: L.Upsample, shape: Any) -> nn.Module:
    """Return up-sampling."""
    return nn.Upsample(scale_factor=layer.scale, mode=layer.mode)


def activation(layer: L.Activation, shape: Any) -> nn.Module:
    """Return an activation function."""
    if layer.function not in ACTIVATIONS:
        raise ValueError(
            f"torch_models.build: there is no activation {layer.function!r}; "
            f"there are {', '.join(ACTIVATIONS)}"
        )
    return ACTIVATIONS[layer.function]()


ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {
        "identity": nn.Identity,
        "relu": nn.ReLU,
        "relu6": nn.ReLU6,
        "leaky_relu": nn.LeakyReLU,
        "elu": nn.ELU,
        "sigmoid": nn.Sigmoid,
        "tanh": nn.Tanh,
        "scaled_tanh": M.ScaledTanh,
        "softmax": lambda: nn.Softmax(1),
        "log_softmax": lambda: nn.LogSoftmax(1),
    }
)

MAKERS: Mapping[type[Part], Callable[..., nn.Module]] = MappingProxyType(
    {
        L.Conv: conv,
        L.DepthwiseConv: conv,
        L.ConvTranspose: conv_transpose,
        L.LocalConv: M.LocalConv,
        L.TableConv: M.TableConv,
        L.MaxPool: max_pool,
        L.AvgPool: avg_pool,
        L.ScaledAvgPool: M.ScaledAvgPool,
        L.AdaptiveAvgPool: adaptive,
        L.GlobalAvgPool: lambda layer, shape: M.GlobalAvgPool(),
        L.SpatialPyramid: lambda layer, shape: M.SpatialPyramid(layer),
        L.Upsample: upsample,
        L.Crop: lambda layer, shape: M.Crop(layer),
        L.Linear: lambda layer, shape: nn.Linear(shape[-1], layer.units, bias=layer.bias),
        L.RadialBasis: M.RadialBasis,
        L.BatchNorm: batch_norm,
        L.LocalResponseNorm: response_norm,
        L.Activation: activation,
        L.Dropout: lambda layer, shape: nn.Dropout(layer.p),
        L.Flatten: lambda layer, shape: nn.Flatten(),
        L.Reshape: lambda layer, shape: M.Reshape(layer),
        L.Embedding: lambda layer, shape: nn.Embedding(layer.entries, layer.width),
        L.Transpose: lambda layer, shape: M.Transpose(),
        L.Recurrent: recurrent,
        L.Sample: lambda layer, shape: M.Sample(),
    }
)
"""For each kind of layer what makes its module from the layer and the input's shape."""
