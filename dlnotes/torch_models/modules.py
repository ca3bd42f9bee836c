"""Modules that PyTorch does not have, each a few lines over `torch.nn.functional`."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlnotes import counting
from dlnotes.specs import layers as L


class Branches(nn.Module):
    """Modules that share one input; their results are added, concatenated or kept apart."""

    def __init__(self, branches: Mapping[str, nn.Module], join: str) -> None:
        super().__init__()
        self.join = join
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Run every branch on `x`."""
        found = [branch(x) for branch in self.children()]
        if self.join == "tuple":
            return tuple(found)
        if self.join == "concat":
            return torch.cat(found, 1)
        total: Tensor = sum(found[1:], start=found[0])
        return total


class Side(nn.Module):
    """A head that reads what passes; `with_side_outputs` runs it, a plain call does not."""

    def __init__(self, head: nn.Module) -> None:
        super().__init__()
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        """Return the input."""
        return x


class Padded(nn.Module):
    """A convolution or pooling after zeros (or -inf) that PyTorch's own argument cannot express.

    TensorFlow's 'same' depends on the input's size and may put one row more after than before.
    """

    def __init__(self, layer: Any, module: nn.Module, value: float = 0.0) -> None:
        super().__init__()
        self.layer, self.inner, self.value = layer, module, value

    def forward(self, x: Tensor) -> Tensor:
        """Pad, then run the module."""
        return self.inner(_pad(x, self.layer, self.value))


class PaddedConv(nn.Module):
    """Mixed into PyTorch's convolutions: pads as the layer says, so that names stay short."""

    layer: Any

    def forward(self, x: Tensor) -> Tensor:
        """Pad, then convolve."""
        return super().forward(_pad(x, self.layer, 0.0))


class PaddedConv1d(PaddedConv, nn.Conv1d):
    """A one-dimensional convolution with any padding."""


class PaddedConv2d(PaddedConv, nn.Conv2d):
    """A two-dimensional convolution with any padding."""


class PaddedConv3d(PaddedConv, nn.Conv3d):
    """A three-dimensional convolution with any padding."""


class AvgPoolInside(nn.Module):
    """Average pooling after any padding; each mean is over the values inside the picture."""

    def __init__(self, layer: L.AvgPool, module: nn.Module) -> None:
        super().__init__()
        self.layer, self.inner = layer, module

    def forward(self, x: Tensor) -> Tensor:
        """Return sums over counts."""
        ones = torch.ones_like(x[:1, :1])
        share: Tensor = self.inner(_pad(ones, self.layer, 0.0))
        return self.inner(_pad(x, self.layer, 0.0)) / share


class LocalConv(nn.Module):
    """A kernel of its own at every place: weight (K, P, Q, C, R, S), bias (K, P, Q)."""

    def __init__(self, layer: L.LocalConv, shape: Sequence[int]) -> None:
        super().__init__()
        self.layer = layer
        out: Any = counting.output_shape(layer, tuple(shape))
        kernel = _sizes(layer.kernel, 2)
        bound = (shape[0] * torch.Size(kernel).numel()) ** -0.5
        self.weight = nn.Parameter(torch.empty(*out, shape[0], *kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(out)) if layer.bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Multiply each window with its kernels."""
        windows = _pad(x, self.layer, 0.0)
        strides = _sizes(self.layer.stride, 2)
        for axis, (size, step) in enumerate(zip(self.weight.shape[4:], strides, strict=True)):
            windows = windows.unfold(2 + axis, size, step)  # (N, C, P, Q, R, S)
        y = torch.einsum("ncpqrs,kpqcrs->nkpq", windows, self.weight)
        return y if self.bias is None else y + self.bias


class TableConv(nn.Module):
    """A convolution of chosen input maps: weight (connections, R, S), bias (K,)."""

    place: Tensor

    def __init__(self, layer: L.TableConv, shape: Sequence[int]) -> None:
        super().__init__()
        self.channels, self.inputs = len(layer.table), shape[0]
        pairs = [k * shape[0] + c for k, maps in enumerate(layer.table) for c in maps]
        self.register_buffer("place", torch.tensor(pairs), persistent=False)
        kernel = _sizes(layer.kernel, len(shape) - 1)
        bound = (len(pairs) / self.channels * torch.Size(kernel).numel()) ** -0.5
        self.weight = nn.Parameter(torch.empty(len(pairs), *kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.zeros(self.channels)) if layer.bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Put the kernels where the table says, zeros elsewhere, and convolve."""
        size = self.weight.shape[1:]
        w = self.weight.new_zeros(self.channels * self.inputs, *size)
        w = w.index_copy(0, self.place, self.weight).view(self.channels, self.inputs, *size)
        return F.conv2d(x, w, self.bias)


class ScaledAvgPool(nn.Module):
    """LeNet-5's sub-sampling: mean times a factor plus a bias, one of each a channel."""

    def __init__(self, layer: L.ScaledAvgPool, shape: Sequence[int]) -> None:
        super().__init__()
        self.kernel = _sizes(layer.kernel, len(shape) - 1)
        self.weight = nn.Parameter(torch.ones(shape[0]))
        self.bias = nn.Parameter(torch.zeros(shape[0]))

    def forward(self, x: Tensor) -> Tensor:
        """Pool, scale, shift."""
        return F.avg_pool2d(x, self.kernel) * self.weight[:, None, None] + self.bias[:, None, None]


class GlobalAvgPool(nn.Module):
    """The mean of each channel: (N, C, ...) to (N, C)."""

    def forward(self, x: Tensor) -> Tensor:
        """Average over space."""
        return x.flatten(2).mean(2)


class SpatialPyramid(nn.Module):
    """Spatial pyramid max-pooling with adaptive windows: (N, C, H, W) to (N, C*sum(n*n))."""

    def __init__(self, layer: L.SpatialPyramid) -> None:
        super().__init__()
        self.bins = layer.bins

    def forward(self, x: Tensor) -> Tensor:
        """Pool at each level, in rows."""
        return torch.cat([F.adaptive_max_pool2d(x, n).flatten(1) for n in self.bins], 1)


class Crop(nn.Module):
    """The middle of each spatial axis; an odd row too many is cut off at the end."""

    def __init__(self, layer: L.Crop) -> None:
        super().__init__()
        self.size = layer.size

    def forward(self, x: Tensor) -> Tensor:
        """Cut."""
        for axis, size in enumerate(_sizes(self.size, x.ndim - 2), start=2):
            x = x.narrow(axis, (x.shape[axis] - size) // 2, size)
        return x


class RadialBasis(nn.Module):
    """Squared distances to fixed points of -1 and 1: (N, D) to (N, units)."""

    centers: Tensor

    def __init__(self, layer: L.RadialBasis, shape: Sequence[int]) -> None:
        super().__init__()
        signs = torch.randint(0, 2, (layer.units, shape[-1])) * 2 - 1
        self.register_buffer("centers", signs.to(torch.get_default_dtype()))

    def forward(self, x: Tensor) -> Tensor:
        """Return one distance a point."""
        return (x[:, None] - self.centers).square().sum(-1)


class Reshape(nn.Module):
    """The same values in another shape, each example for itself."""

    def __init__(self, layer: L.Reshape) -> None:
        super().__init__()
        self.shape = layer.shape

    def forward(self, x: Tensor) -> Tensor:
        """Reshape."""
        return x.reshape(len(x), *self.shape)


class Transpose(nn.Module):
    """(N, T, D) to (N, D, T)."""

    def forward(self, x: Tensor) -> Tensor:
        """Exchange the two axes."""
        return x.transpose(1, 2)


class Sample(nn.Module):
    """Draw around the mean while training; return the mean otherwise."""

    def forward(self, found: tuple[Tensor, Tensor]) -> Tensor:
        """Take (mean, log variance)."""
        mean, log_variance = found
        if not self.training:
            return mean
        return mean + torch.exp(log_variance / 2) * torch.randn_like(mean)


class ScaledTanh(nn.Module):
    """LeCun's 1.7159 tanh(2x/3), which sends 1 to 1 and -1 to -1."""

    def forward(self, x: Tensor) -> Tensor:
        """Squash."""
        return 1.7159 * torch.tanh(2 / 3 * x)


def _pad(x: Tensor, layer: Any, value: float) -> Tensor:
    """Pad the spatial axes as `layer` says for the size of `x`."""
    pads = counting.pads(layer, tuple(x.shape[2:]))
    flat = [rows for pair in reversed(pads) for rows in pair]
    return F.pad(x, flat, value=value) if any(flat) else x


def _sizes(size: L.Size, dims: int) -> tuple[int, ...]:
    """Return one number an axis."""
    return (size,) * dims if isinstance(size, int) else tuple(size)
