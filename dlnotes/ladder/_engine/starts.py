"""Starting values of weights and biases: the origin's, and today's."""

from __future__ import annotations

import math
from typing import cast

import torch
from torch import Tensor

from dlnotes import specs
from dlnotes.counting import Shape, trace
from dlnotes.ladder.recipes import Start

Values = dict[str, Tensor]

FUNCTIONS = {"relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}
"""The activations that the networks of the ladder may have."""


def start_values(network: specs.Network, start: Start, generator: torch.Generator) -> Values:
    r"""Return the weights and biases that a network of the ladder begins with.

    ``"origin"`` is Nielsen's: normal weights of variance :math:`1/n_{out}`, where a convolution
    followed by pooling has :math:`n_{out} = K R S / \text{pool}`, normal biases of variance 1, and
    zeros in the softmax layer. ``"fan-in"`` is He's variance :math:`2/n_{in}` before a ReLU and
    Glorot's :math:`2/(n_{in} + n_{out})` elsewhere, with zero biases. ``"wide"`` differs from it
    before a sigmoid: there the values are four times as large, for its slope is at most 1/4, and
    without the factor each layer passes on a quarter of what differs.

    Parameters
    ----------
    network : specs.Network
        A chain of convolutions, max-pooling, activations, dropout and dense layers.
    start : {'origin', 'fan-in', 'wide'}
        The rule.
    generator : torch.Generator
        Where the values are drawn.

    Returns
    -------
    dict of str to Tensor
        ``conv1_weight`` (K, C, R, S), ``conv1_bias`` (K,), ``linear1_weight`` (K, D), …

    Raises
    ------
    ValueError
        If the network has a layer of another kind.

    References
    ----------
    Nielsen, network3.py; concepts xavier, he-init.

    Examples
    --------
    >>> values = start_values(specs.get("mnist-conv"), "origin", torch.Generator())
    >>> values["conv1_weight"].shape
    torch.Size([20, 1, 5, 5])
    """
    steps = trace(network.body, network.input_shape)
    values: Values = {}
    for place, step in enumerate(steps):
        _require_simple(step.layer)
        if isinstance(step.layer, specs.Conv | specs.Linear):
            after = [later.layer for later in steps[place + 1 :]]
            shape = _shape(step.layer, cast(Shape, step.input))
            weight, bias = _draw(shape, after, start, generator)
            values[f"{step.path}_weight"], values[f"{step.path}_bias"] = weight, bias
    return values


def _require_simple(layer: specs.Layer) -> None:
    """Refuse what the ladder has not: it needs no strides, padding or groups."""
    if isinstance(layer, specs.Conv):
        fine = layer == specs.Conv(layer.channels, layer.kernel, name=layer.name)
    elif isinstance(layer, specs.MaxPool):
        fine = layer == specs.MaxPool(layer.kernel, name=layer.name)
    elif isinstance(layer, specs.Linear):
        fine = layer.bias
    elif isinstance(layer, specs.Activation):
        fine = layer.function in FUNCTIONS
    else:
        fine = isinstance(layer, specs.Dropout | specs.Flatten)
    if not fine:
        raise ValueError(
            "start_values: the ladder has convolutions without stride, padding or groups, "
            f"max-pooling with windows side by side, {', '.join(FUNCTIONS)}, dropout, and dense "
            f"layers with a bias; got {layer}; use dlnotes.torch_models for other networks"
        )


def _shape(layer: specs.Conv | specs.Linear, size: Shape) -> tuple[int, ...]:
    """Return the shape of a layer's weights, for an input (C, H, W) or (D,)."""
    if isinstance(layer, specs.Linear):
        return layer.units, size[0]
    return layer.channels, size[0], *_both(layer.kernel)


def _both(kernel: int | tuple[int, ...]) -> tuple[int, ...]:
    """Return height and width of a kernel."""
    return kernel if isinstance(kernel, tuple) else (kernel, kernel)


def _draw(
    shape: tuple[int, ...], after: list[specs.Layer], start: Start, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return weights and biases of a layer that has these layers after it."""
    kernel = math.prod(shape[2:])
    fan_in, fan_out = shape[1] * kernel, shape[0] * kernel
    normal = torch.randn(shape, generator=generator)
    if start != "origin":
        active = next((one.function for one in after if isinstance(one, specs.Activation)), "")
        variance = 2 / fan_in if active == "relu" else 2 / (fan_in + fan_out)
        if start == "wide" and active == "sigmoid":
            variance *= 16
        return normal * math.sqrt(variance), torch.zeros(shape[0])
    if not after:  # the softmax layer
        return torch.zeros(shape), torch.zeros(shape[0])
    pool = math.prod(_both(after[0].kernel)) if isinstance(after[0], specs.MaxPool) else 1
    biases = torch.randn(shape[0], generator=generator)
    return normal * math.sqrt(pool / fan_out), biases
