"""A layer beside PyTorch's module: the same weights by name, the same numbers both ways."""

from typing import Any

import numpy as np
import torch

from dlnotes.layers import Layer

RTOL = {np.dtype(np.float64): 1e-10, np.dtype(np.float32): 1e-4}


def same_weights(layer: Layer, module: torch.nn.Module) -> None:
    """Give PyTorch's module the layer's arrays, by name; no name may be left on either side."""
    state = {name: torch.from_numpy(array) for name, array in layer.state_dict().items()}
    module.load_state_dict(state, strict=True)


def agrees_with_torch(
    layer: Layer, module: torch.nn.Module, x: np.ndarray, *, passes: int = 1
) -> None:
    """Compare outputs, gradients and buffers after forward and backward passes in one mode."""
    rng = np.random.default_rng(3)
    dtype = np.float64 if x.dtype.kind != "f" else x.dtype
    module.to(torch.float32 if dtype == np.float32 else torch.float64)
    same_weights(layer, module)
    module.train(layer.training)
    tensor = torch.from_numpy(x.copy()).requires_grad_(x.dtype.kind == "f")
    close = Close(RTOL[np.dtype(dtype)])
    found = []
    for _ in range(passes):
        want = module(tensor)
        y = layer(x)
        close(y, want)
        dy = rng.standard_normal(y.shape).astype(dtype)
        found.append(layer.backward(dy))
        want.backward(torch.from_numpy(dy.copy()))
    assert (found[0] is None) is (tensor.grad is None)
    if tensor.grad is not None:
        close(sum(found), tensor.grad)  # PyTorch adds the input's gradient up as well
    compare_arrays(layer, module, close)


def compare_arrays(layer: Layer, module: torch.nn.Module, close: Any) -> None:
    """Compare the gradients of all parameters, and the buffers, by name."""
    wanted = {name: p.grad for name, p in module.named_parameters()}
    names = [name for name, _ in layer.named_parameters()]
    assert set(names) == set(wanted)
    for name, gradient in zip(names, layer.gradients(), strict=True):
        close(gradient, wanted[name])
    buffers = dict(module.named_buffers())
    for name, buffer in layer.named_buffers():
        close(buffer, buffers[name])


class Close:
    """Hold arrays to tensors: shape, dtype, values."""

    def __init__(self, rtol: float) -> None:
        self.rtol = rtol

    def __call__(self, got: Any, want: torch.Tensor) -> None:
        """Compare."""
        expected = want.detach().numpy()
        assert got.shape == expected.shape
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=self.rtol, atol=self.rtol)
