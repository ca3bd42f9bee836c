"""A network's description as a module of PyTorch, with the same names."""

from collections import OrderedDict
from typing import Any

import torch
from torch import nn

from dlnotes import counting
from dlnotes.specs.network import Network
from dlnotes.specs.parts import Chain, Parallel, Part, SideOutput, children
from dlnotes.torch_models.makers import MAKERS
from dlnotes.torch_models.modules import Branches, Side


def build(network: Network) -> nn.Module:
    """Return a network as a module of PyTorch.

    Parameters
    ----------
    network : Network
        From `dlnotes.specs`, or your own.

    Returns
    -------
    torch.nn.Module
        Its modules are called after the paths of `specs.walk`; it takes a batch of inputs, the
        batch's axis first. Under ``with torch.device("meta")`` it holds no numbers, only shapes,
        whatever its size.

    Raises
    ------
    TypeError
        If a kind of layer has no module.
    ValueError
        If the parts do not fit together; the message names the path and the numbers.

    Examples
    --------
    >>> from dlnotes import specs
    >>> sum(p.numel() for p in build(specs.get("mnist-dense")).parameters())
    79510
    """
    return build_part(network.body, network.input_shape)


def build_part(part: Part, input_shape: counting.Shapes, path: str = "") -> nn.Module:
    """Return a part of a network as a module.

    Parameters
    ----------
    part : Part
        A layer, or layers joined.
    input_shape : tuple of int
        What goes in, without the batch.
    path : str
        What messages call it.

    Returns
    -------
    torch.nn.Module

    Raises
    ------
    TypeError, ValueError
        As `build`.

    Examples
    --------
    >>> from dlnotes.specs import Conv
    >>> build_part(Conv(4, 3), (1, 8, 8))
    Conv2d(1, 4, kernel_size=(3, 3), stride=(1, 1))
    """
    below = {name: (f"{path}.{name}" if path else name, child) for name, child in children(part)}
    if isinstance(part, Chain):
        modules: OrderedDict[str, nn.Module] = OrderedDict()
        for name, (where, child) in below.items():
            modules[name] = build_part(child, input_shape, where)
            input_shape = counting.output_shape(child, input_shape, where)
        return nn.Sequential(modules)
    if isinstance(part, Parallel):
        counting.output_shape(part, input_shape, path)  # refuses branches that do not fit
        found = {name: build_part(c, input_shape, where) for name, (where, c) in below.items()}
        return Branches(found, part.join)
    if isinstance(part, SideOutput):
        return Side(build_part(part.head, input_shape, below["head"][0]))
    counting.output_shape(part, input_shape, path)  # refuses what does not fit
    return _make(part, input_shape, path)


def with_side_outputs(
    model: nn.Module, x: torch.Tensor
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Run a model and its side heads, such as GoogLeNet's auxiliary classifiers.

    Parameters
    ----------
    model : torch.nn.Module
        From `build`.
    x : Tensor
        Inputs, the batch's axis first.

    Returns
    -------
    (Tensor, dict of str to Tensor)
        What the network returns, and what each side head returns, by its path.

    Examples
    --------
    >>> from dlnotes.specs import Chain, Conv, GlobalAvgPool, Linear, SideOutput
    >>> early = SideOutput(Chain(GlobalAvgPool(), Linear(5)), name="early")
    >>> model = build_part(Chain(Conv(4, 3), early, GlobalAvgPool(), Linear(5)), (1, 8, 8))
    >>> y, sides = with_side_outputs(model, torch.zeros(2, 1, 8, 8))
    >>> y.shape, sides["early"].shape
    (torch.Size([2, 5]), torch.Size([2, 5]))
    """
    found: dict[str, torch.Tensor] = {}
    hooks = []
    for name, module in model.named_modules():
        if isinstance(module, Side):

            def read(side: Any, args: tuple[torch.Tensor, ...], name: str = name) -> None:
                found[name] = side.head(args[0])

            hooks.append(module.register_forward_pre_hook(read))
    try:
        return model(x), found
    finally:
        for hook in hooks:
            hook.remove()


def _make(part: Part, shape: counting.Shapes, path: str) -> nn.Module:
    """Return a layer's module."""
    if type(part) not in MAKERS:
        known = ", ".join(kind.__name__ for kind in MAKERS)
        raise TypeError(
            f"torch_models.build: no module for {type(part).__name__} at {path!r}; there are "
            f"modules for {known}"
        )
    return MAKERS[type(part)](part, shape)
