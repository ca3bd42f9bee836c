"""Several networks of one architecture as one: grouped convolutions and batched products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from dlnotes import specs
from dlnotes.ladder._engine.masks import Masks
from dlnotes.ladder._engine.products import convolve
from dlnotes.ladder._engine.starts import FUNCTIONS, start_values
from dlnotes.ladder._engine.streams import stream
from dlnotes.ladder.recipes import Drop, Start


class Members(nn.Module):
    """Networks of one spec that are trained side by side and know nothing of each other.

    Dense layers run as batched products, convolutions as groups with the channels innermost on the
    processor and as batched products elsewhere, so that M small networks cost the calls of one.
    Parameters carry the spec's paths; the first axis holds the members.

    Parameters
    ----------
    network : specs.Network
        A chain of convolutions, max-pooling, activations, dropout and dense layers.
    seeds : sequence of int
        One a member, for weights and dropout.
    start : {'origin', 'fan-in', 'wide'}
        Starting values.
    drop : {'plain', 'inverted'}
        Form of dropout.
    device : str or torch.device
        Where the networks are.

    outer : bool
        Whether the steps of dense weights are `descend`'s. Their gradient is a product (dy)ᵀ x of
        two narrow matrices; it is written into the weights without being made.

    Raises
    ------
    ValueError
        If no seed is given, or the spec has a layer of another kind.

    Examples
    --------
    >>> sum(p.numel() for p in Members(specs.get("mnist-dense"), [0]).parameters())
    79510
    """

    def __init__(
        self,
        network: specs.Network,
        seeds: Sequence[int],
        *,
        start: Start = "fan-in",
        drop: Drop = "inverted",
        device: str | torch.device = "cpu",
        outer: bool = False,
    ) -> None:
        super().__init__()
        if not seeds:
            raise ValueError("Members: no seed was given; give one for each member")
        self.count, self.drop = len(seeds), drop
        self.on_processor = torch.device(device).type == "cpu"
        self.layers = [(path.replace(".", "_"), layer) for path, layer in specs.walk(network.body)]
        values = [start_values(network, start, stream(seed, "weights")) for seed in seeds]
        for name in values[0]:
            value = torch.cat if name.startswith("conv") else torch.stack
            stacked = value([one[name] for one in values]).to(device)
            if stacked.ndim == 4 and self.on_processor:
                stacked = _channels_last(stacked)
            self.register_parameter(name, nn.Parameter(stacked))
        self.masks = Masks(seeds, device)
        self.outer = outer
        self.factors: dict[str, tuple[Tensor, Tensor]] = {}

    def forward(self, x: Tensor, step: int = 0) -> Tensor:
        """Return the logits.

        Parameters
        ----------
        x : Tensor, shape (M, N, C, H, W)
            A batch for each member.
        step : int
            Of the training; dropout draws another mask for each.

        Returns
        -------
        Tensor, shape (M, N, 10)
        """
        if isinstance(self.layers[0][1], specs.Conv):
            x = self._side_by_side(x)
        for name, layer in self.layers:
            x = self._layer(name, layer, x, step)
        return x

    def _side_by_side(self, x: Tensor) -> Tensor:
        """Return (M, N, C, H, W) as a convolution takes it; see `_layer`."""
        if not self.on_processor:
            return x.flatten(0, 1)
        members, batch, channels, *size = x.shape
        x = x.transpose(0, 1).reshape(batch, members * channels, *size)
        return x.contiguous(memory_format=torch.channels_last)

    def _layer(self, name: str, layer: specs.Layer, x: Tensor, step: int) -> Tensor:
        """Return what a layer makes of x, which is (M, N, D) from `Flatten` on.

        Before, it is (N, M*C, H, W) on the processor and (M*N, C, H, W) elsewhere.
        """
        if isinstance(layer, specs.Conv):
            weight, bias = getattr(self, f"{name}_weight"), getattr(self, f"{name}_bias")
            if self.on_processor or self.count == 1:
                return F.conv2d(x, weight, bias, groups=self.count)
            return convolve(x, weight, bias, self.count)
        if isinstance(layer, specs.MaxPool):
            return F.max_pool2d(x, layer.kernel, layer.stride)
        if isinstance(layer, specs.Activation):
            return FUNCTIONS[layer.function](x)
        if isinstance(layer, specs.Flatten):
            if x.ndim == 5:
                return x.flatten(2)
            if not self.on_processor:
                return x.unflatten(0, (self.count, -1)).flatten(2)  # (M, N, C*H*W)
            return x.unflatten(1, (self.count, -1)).transpose(0, 1).flatten(2)  # (M, N, C*H*W)
        if isinstance(layer, specs.Dropout):
            return self._drop(name, layer.p, x, step)
        return self._linear(f"{name}_weight", getattr(self, f"{name}_bias"), x)

    def _linear(self, name: str, bias: Tensor, x: Tensor) -> Tensor:
        """Return x wᵀ + b of each member; (M, N, D) to (M, N, K)."""
        weight = getattr(self, name)
        outer = self.outer and self.training
        if outer:
            weight = weight.detach()
        if self.count == 1:  # squeeze: the gradient of weight[0] would be a copy into zeros
            y = F.linear(x.squeeze(0), weight.squeeze(0), bias.squeeze(0))[None]
        else:
            y = torch.baddbmm(bias[:, None], x, weight.transpose(1, 2))
        if outer:
            y.retain_grad()
            self.factors[name] = x.detach(), y
        return y

    def _drop(self, name: str, p: float, x: Tensor, step: int) -> Tensor:
        """Return x (M, N, D) with values dropped, each member by its own stream.

        The plain form drops while it trains and multiplies by 1 - p when it is used; the inverted
        form divides by 1 - p while it trains.
        """
        if not self.training:
            return x * (1 - p) if self.drop == "plain" else x
        _, batch, units = x.shape
        kept = x * self.masks.at(name, step, batch=batch, units=units, keep=1 - p)
        return kept if self.drop == "plain" else kept / (1 - p)

    @torch.no_grad()
    def descend(self, rate: float, decay: float) -> None:
        r"""Take a step of plain descent with the dense weights, after the way back.

        .. math:: w \leftarrow (1 - \eta d)\,w - \eta\,(dy)^T x
        """
        for name, (x, y) in self.factors.items():
            dy = cast(Tensor, y.grad).transpose(1, 2)  # (M, K, N)
            getattr(self, name).baddbmm_(dy, x, beta=1 - rate * decay, alpha=-rate)
        self.factors.clear()

    def weights(self) -> list[Tensor]:
        """Return the parameters that are no biases, and not `descend`'s."""
        return [
            value
            for name, value in self.named_parameters()
            if name.endswith("weight") and not (self.outer and name.startswith("linear"))
        ]

    def biases(self) -> list[Tensor]:
        """Return the biases."""
        return [value for name, value in self.named_parameters() if name.endswith("bias")]

    def member(self, index: int) -> dict[str, Tensor]:
        """Return the parameters of one member, as `dlnotes.torch_models` names them."""
        found = {}
        for name, value in self.state_dict().items():
            one = value.unflatten(0, (self.count, -1))[index] if name.startswith("conv") else None
            path, _, kind = name.rpartition("_")
            found[f"{path}.{kind}"] = (value[index] if one is None else one).contiguous().clone()
        return found


def _channels_last(x: Tensor) -> Tensor:
    """Return a copy of x (N, C, H, W) with the channels innermost in memory.

    PyTorch takes an image of one channel for channels last as it lies, but its convolution goes by
    the strides, and would answer channels first.
    """
    return torch.empty_like(x, memory_format=torch.channels_last).copy_(x)
