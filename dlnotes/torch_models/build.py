"""A network's description as a module of PyTorch, with the same names."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import torch
from torch import nn

from dlnotes import counting
from dlnotes.specs import layers as L
from dlnotes.specs.network import Network
from dlnotes.specs.parts import Chain, Parallel, Part, SideOutput, children


class Branches(nn.Module):
    """Modules that share one input; their results are added, concatenated or kept apart."""

    def __init__(self, branches: Mapping[str, nn.Module], join: str) -> None:
        super().__init__()
        self.join = join
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """Run every branch on `x`."""
        found = [branch(x) for branch in self.children()]
        if self.join == "tuple":
            return tuple(found)
        return torch.cat(found, 1) if self.join == "concat" else torch.stack(found).sum(0)


def build(network: Network) -> nn.Module:
    """Return a network as a module of PyTorch.

    Parameters
    ----------
    network : Network
        From `dlnotes.specs`, or your own.

    Returns
    -------
    torch.nn.Module
        Its modules are called after the paths of `specs.walk`; it takes (N, *input_shape).

    Raises
    ------
    ValueError
        If the parts do not fit together.

    Examples
    --------
    >>> from dlnotes import specs
    >>> sum(p.numel() for p in build(specs.get("mnist-dense")).parameters())
    79510
    """
    return build_part(network.body, network.input_shape)


def build_part(part: Part, input_shape: counting.Shapes, path: str = "") -> nn.Module:
    """Return a part of a network as a module; `input_shape` is what goes in, without the batch."""
    if isinstance(part, Chain):
        modules: OrderedDict[str, nn.Module] = OrderedDict()
        for name, child in children(part):
            below = f"{path}.{name}" if path else name
            modules[name] = build_part(child, input_shape, below)
            input_shape = counting.output_shape(child, input_shape, below)
        return nn.Sequential(modules)
    if isinstance(part, Parallel):
        branches = {
            name: build_part(child, input_shape, f"{path}.{name}") for name, child in children(part)
        }
        return Branches(branches, part.join)
    if isinstance(part, SideOutput) or type(part) not in MAKERS:
        raise TypeError(f"torch_models.build: no module for {type(part).__name__} at {path!r}")
    counting.output_shape(part, input_shape, path)  # refuses what does not fit
    return MAKERS[type(part)](part, input_shape)


def _conv(layer: L.Conv, shape: Any) -> nn.Module:
    kind: Any = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[len(shape) - 2]
    module: nn.Module = kind(
        shape[0],
        layer.channels,
        layer.kernel,
        stride=layer.stride,
        padding=layer.padding,
        dilation=layer.dilation,
        groups=layer.groups,
        bias=layer.bias,
    )
    return module


def _max_pool(layer: L.MaxPool, shape: Any) -> nn.Module:
    kind: Any = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d)[len(shape) - 2]
    options = {"stride": layer.stride, "padding": layer.padding, "ceil_mode": layer.ceil_mode}
    module: nn.Module = kind(layer.kernel, **options)
    return module


def _linear(layer: L.Linear, shape: Any) -> nn.Module:
    return nn.Linear(shape[-1], layer.units, bias=layer.bias)


ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = MappingProxyType(
    {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}
)

MAKERS: Mapping[type[Part], Callable[..., nn.Module]] = MappingProxyType(
    {
        L.Conv: _conv,
        L.MaxPool: _max_pool,
        L.Linear: _linear,
        L.Activation: lambda layer, shape: ACTIVATIONS[layer.function](),
        L.Dropout: lambda layer, shape: nn.Dropout(layer.p),
        L.Flatten: lambda layer, shape: nn.Flatten(),
    }
)
"""For each kind of layer what makes its module from the layer and the input's shape."""
