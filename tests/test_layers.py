"""Layers beside PyTorch's modules: weights exchanged by name, outputs, gradients, buffers."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dlnotes import layers as L
from dlnotes import specs as S
from dlnotes.torch_models import modules as M
from layer_oracle import agrees_with_torch
from oracles import apart, refuses

RNG = np.random.default_rng(0)
G = {"rng": np.random.default_rng(1)}
TABLE = ((0, 1), (2,), (0, 2), (0, 1, 2))

# the layer, PyTorch's module, the input's shape
CASES = {
    "linear": (L.Linear(5, 3, **G), nn.Linear(5, 3), (2, 4, 5)),
    "linear without bias": (L.Linear(5, 3, False, **G), nn.Linear(5, 3, bias=False), (2, 5)),
    "conv1d": (L.Conv1d(4, 6, 3, 2, 1, 2, 2, **G), nn.Conv1d(4, 6, 3, 2, 1, 2, 2), (2, 4, 9)),
    "conv2d": (
        L.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), 1, 2, **G),
        nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0), 1, 2),
        (2, 4, 7, 6),
    ),
    "conv2d same": (
        L.Conv2d(3, 4, (5, 3), padding="same", bias=False, **G),
        nn.Conv2d(3, 4, (5, 3), padding="same", bias=False),
        (2, 3, 7, 6),
    ),
    "conv3d": (L.Conv3d(2, 3, (2, 3, 1), **G), nn.Conv3d(2, 3, (2, 3, 1)), (2, 2, 3, 5, 4)),
    "depthwise": (
        L.DepthwiseConv2d(3, 3, 2, 1, depth_multiplier=2, **G),
        nn.Conv2d(3, 6, 3, 2, 1, groups=3),
        (2, 3, 7, 6),
    ),
    "transposed 1": (
        L.ConvTranspose1d(4, 6, 3, 2, 1, 1, 2, **G),
        nn.ConvTranspose1d(4, 6, 3, 2, 1, 1, 2),
        (2, 4, 5),
    ),
    "transposed 2": (
        L.ConvTranspose2d(4, 6, 3, (2, 3), 1, 1, 2, False, 2, **G),
        nn.ConvTranspose2d(4, 6, 3, (2, 3), 1, 1, 2, False, 2),
        (2, 4, 5, 3),
    ),
    "transposed 3": (
        L.ConvTranspose3d(2, 3, 2, **G),
        nn.ConvTranspose3d(2, 3, 2),
        (2, 2, 3, 2, 4),
    ),
    "local": (
        L.LocalConv2d(3, 4, (7, 6), (3, 2), 2, 1, **G),
        M.LocalConv(S.LocalConv(4, (3, 2), 2, 1), (3, 7, 6)),
        (2, 3, 7, 6),
    ),
    "table": (
        L.TableConv2d(TABLE, (3, 2), **G),
        M.TableConv(S.TableConv(TABLE, (3, 2)), (3, 7, 6)),
        (2, 3, 7, 6),
    ),
    "max 1": (L.MaxPool1d(3, 2, 1), nn.MaxPool1d(3, 2, 1), (2, 3, 8)),
    "max 2": (L.MaxPool2d((3, 2), 2, 1), nn.MaxPool2d((3, 2), 2, 1), (2, 3, 7, 6)),
    "max 2 ceil": (
        L.MaxPool2d(2, None, 0, 2, True),
        nn.MaxPool2d(2, None, 0, 2, ceil_mode=True),
        (2, 3, 7, 6),
    ),
    "max 3": (L.MaxPool3d(2), nn.MaxPool3d(2), (2, 3, 4, 5, 6)),
    "avg 1": (L.AvgPool1d(3, 2, 1), nn.AvgPool1d(3, 2, 1), (2, 3, 8)),
    "avg 2": (
        L.AvgPool2d(3, 2, 1, True, False),
        nn.AvgPool2d(3, 2, 1, True, False),
        (2, 3, 7, 6),
    ),
    "avg 3": (L.AvgPool3d(2), nn.AvgPool3d(2), (2, 3, 4, 5, 6)),
    "scaled avg": (
        L.ScaledAvgPool2d(3, 2),
        M.ScaledAvgPool(S.ScaledAvgPool(2), (3, 8, 6)),
        (2, 3, 8, 6),
    ),
    "pyramid": (
        L.SpatialPyramidPool((2, 1)),
        M.SpatialPyramid(S.SpatialPyramid((2, 1))),
        (2, 3, 7, 6),
    ),
    "global avg": (
        L.GlobalAvgPool(),
        nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
        (2, 3, 7, 6),
    ),
    "global max": (
        L.GlobalMaxPool(),
        nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten()),
        (2, 3, 7, 6),
    ),
    "adaptive avg 1": (L.AdaptiveAvgPool1d(3), nn.AdaptiveAvgPool1d(3), (2, 3, 8)),
    "adaptive avg 2": (
        L.AdaptiveAvgPool2d((3, None)),
        nn.AdaptiveAvgPool2d((3, None)),
        (2, 3, 7, 6),
    ),
    "batch norm 1": (L.BatchNorm1d(3), nn.BatchNorm1d(3), (5, 3)),
    "batch norm 1 over time": (
        L.BatchNorm1d(3, 1e-3, 0.3),
        nn.BatchNorm1d(3, 1e-3, 0.3),
        (5, 3, 4),
    ),
    "batch norm 2": (L.BatchNorm2d(3), nn.BatchNorm2d(3), (2, 3, 4, 5)),
    "batch norm 2 plain": (
        L.BatchNorm2d(3, affine=False, track_running_stats=False),
        nn.BatchNorm2d(3, affine=False, track_running_stats=False),
        (2, 3, 4, 5),
    ),
    "batch norm 3": (L.BatchNorm3d(3), nn.BatchNorm3d(3), (2, 3, 4, 5, 2)),
    "response norm": (
        L.LocalResponseNorm(3, 0.5, 0.7, 2.0),
        nn.LocalResponseNorm(3, 0.5, 0.7, 2.0),
        (2, 5, 3, 4),
    ),
    "radial basis": (
        L.RadialBasis(5, 4, **G),
        M.RadialBasis(S.RadialBasis(4), (5,)),
        (3, 5),
    ),
    "relu": (L.ReLU(), nn.ReLU(), (5, 7)),
    "relu6": (L.ReLU6(), nn.ReLU6(), (40, 40)),
    "leaky relu": (L.LeakyReLU(0.2), nn.LeakyReLU(0.2), (5, 7)),
    "elu": (L.ELU(0.7), nn.ELU(0.7), (5, 7)),
    "sigmoid": (L.Sigmoid(), nn.Sigmoid(), (5, 7)),
    "tanh": (L.Tanh(), nn.Tanh(), (5, 7)),
    "scaled tanh": (L.ScaledTanh(), M.ScaledTanh(), (5, 7)),
    "softmax": (L.Softmax(1), nn.Softmax(1), (2, 3, 5)),
    "log softmax": (L.LogSoftmax(), nn.LogSoftmax(-1), (2, 3, 5)),
    "flatten": (L.Flatten(), nn.Flatten(), (2, 3, 5)),
    "flatten some": (L.Flatten(-3, 2), nn.Flatten(-3, 2), (2, 3, 5, 4)),
    "reshape": (L.Reshape((3, -1, 2)), nn.Unflatten(1, (3, 5, 2)), (4, 30)),
    "swap axes": (L.SwapAxes(), M.Transpose(), (2, 7, 5)),
    "crop": (L.CenterCrop((3, 4)), M.Crop(S.Crop((3, 4))), (2, 3, 8, 7)),
    "upsample": (L.Upsample(scale_factor=2), nn.Upsample(scale_factor=2), (2, 3, 4, 5)),
    "upsample bilinear": (
        L.Upsample((7, 9), mode="bilinear", align_corners=True),
        nn.Upsample((7, 9), mode="bilinear", align_corners=True),
        (2, 3, 4, 5),
    ),
    "dropout of nothing": (L.Dropout(0.0, **G), nn.Dropout(0.0), (5, 7)),
    "identity": (L.Identity(), nn.Identity(), (5, 7)),
}

# layers that do not fit above, and the file that tests them
APART = {
    **dict.fromkeys(["Embedding", "SampleNormal"], "test_layers.py"),  # read indices; a pair
    **dict.fromkeys(["RNN", "GRU", "LSTM"], "test_layers_recurrent.py"),
    **dict.fromkeys(["Parallel", "Sequential", "SideOutput"], "test_layers_containers.py"),
    "Layer": "test_layers_passes.py",  # a base, as the next
    "Container": "test_layers_bad_input.py",
}


def test_every_layer_has_a_case():
    table, folder = {type(layer).__name__ for layer, *_ in CASES.values()}, Path(__file__).parent
    missing = sorted(set(L.__all__) - table - set(APART))
    assert not missing, f"tests/test_layers.py: give CASES a line for {', '.join(missing)}"
    assert set(APART) <= set(L.__all__) - table, "APART names layers that are gone, or have a case"
    for name, file in APART.items():
        said = re.search(rf'\bL\.{name}\b|KINDS = .*"{name}"', (folder / file).read_text("utf-8"))
        assert said, f"tests/{file} does not test {name}, as APART says"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("training", [True, False])
def test_layer(name, training):
    layer, module, shape = CASES[name]
    layer.zero_grad().train(training)
    module.zero_grad()
    agrees_with_torch(layer, module, apart(RNG, shape), passes=2)


@pytest.mark.parametrize("name", ["linear", "conv2d", "batch norm 2"])
def test_float32(name):
    layer, module, shape = CASES[name]
    kind = type(layer)
    options = {} if name == "batch norm 2" else {"rng": np.random.default_rng(2)}
    given = {"linear": (5, 3), "conv2d": (4, 6, (3, 2), (2, 1), (1, 0), 1, 2)}.get(name, (3,))
    single = kind(*given, **options, dtype=np.float32)
    assert {array.dtype.name for _, array in single.named_parameters()} == {"float32"}
    agrees_with_torch(single, type(module)(*given), apart(RNG, shape).astype(np.float32))


def test_embedding():
    x = np.array([[1, 4, 1], [0, 9, 4]])
    layer, module = L.Embedding(10, 3, **G), nn.Embedding(10, 3)
    agrees_with_torch(layer, module, x, passes=2)


def test_local_conv_with_shared_kernels_is_a_convolution():
    local = L.LocalConv2d(3, 4, (7, 6), (3, 2), 2, 1, **G)
    module = nn.Conv2d(3, 4, (3, 2), 2, 1).double()
    kernel, bias = (p.detach().numpy() for p in module.parameters())
    local.weight[...] = kernel[:, None, None]
    local.bias[...] = bias[:, None, None]
    x = apart(RNG, (2, 3, 7, 6))
    tensor = torch.from_numpy(x).requires_grad_()
    want = module(tensor)
    y = local(x)
    np.testing.assert_allclose(y, want.detach(), rtol=1e-10, atol=1e-12)
    dy = RNG.standard_normal(y.shape)
    want.backward(torch.from_numpy(dy))
    np.testing.assert_allclose(local.backward(dy), tensor.grad, rtol=1e-10, atol=1e-12)
    shared = local.grads["weight"].sum(axis=(1, 2))
    np.testing.assert_allclose(shared, module.weight.grad, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", ["Linear", "Conv2d", "ConvTranspose2d"])
def test_weights_start_like_pytorchs(kind):
    """Uniform on ±1/√fan_in: the same bound as PyTorch's layers keep, and nearly reached."""
    sizes = (40, 30) if kind == "Linear" else (40, 30, 3)
    layer, module = getattr(L, kind)(*sizes, **G), getattr(nn, kind)(*sizes)
    for name, parameter in module.named_parameters():
        mine = abs(getattr(layer, name))
        assert mine.shape == tuple(parameter.shape)
        if name == "weight":
            assert mine.max() == pytest.approx(parameter.abs().max().item(), rel=0.01)
    fan_in = module.weight[0].numel()
    assert abs(layer.bias).max() <= fan_in**-0.5 < 1.3 * abs(layer.bias).max()


def test_dropout_in_training():
    layer = L.Dropout(0.25, rng=np.random.default_rng(0))
    x = np.ones((100, 100))
    y = layer(x)
    assert set(np.unique(y)) == {0.0, 1 / 0.75}
    assert abs((y == 0).mean() - 0.25) < 0.02
    dy = RNG.standard_normal(x.shape)
    np.testing.assert_allclose(layer.backward(dy), y * dy)
    assert (layer(x) != y).any(), "each pass draws a mask of its own"


def test_a_sample_is_drawn_in_training_alone():
    layer = L.SampleNormal(rng=np.random.default_rng(0))
    pair = mean, log_variance = RNG.standard_normal((2, 5, 7))
    noise, dy = np.random.default_rng(0).standard_normal((5, 7)), RNG.standard_normal((5, 7))
    tensors = [torch.from_numpy(a).requires_grad_() for a in pair]
    want = tensors[0] + torch.exp(tensors[1] / 2) * torch.from_numpy(noise)
    want.backward(torch.from_numpy(dy))
    np.testing.assert_allclose(layer((mean, log_variance)), want.detach(), rtol=1e-12)
    for got, tensor in zip(layer.backward(dy), tensors, strict=True):
        np.testing.assert_allclose(got, tensor.grad, rtol=1e-12)
    np.testing.assert_array_equal(layer.eval()((mean, log_variance)), mean)


def test_a_batch_norm_in_use_keeps_its_averages_for_the_way_back():
    layer = L.BatchNorm1d(3)
    x, dy = RNG.standard_normal((2, 5, 3))
    want = layer.eval()(x), layer.backward(dy)
    layer(x)
    layer.running_var *= 4.0
    np.testing.assert_array_equal(layer.backward(dy), want[1])


def test_batch_norm_with_a_shift_alone():
    layer = L.BatchNorm2d(3, scale=False)
    assert layer.weight is None
    x = RNG.standard_normal((2, 3, 4, 5))
    want = layer(x)
    dy = RNG.standard_normal(x.shape)
    layer.backward(dy)
    np.testing.assert_allclose(want, L.BatchNorm2d(3)(x))
    np.testing.assert_allclose(layer.grads["bias"], dy.sum((0, 2, 3)))


def test_indices_of_an_embedding():
    layer = L.Embedding(10, 3, **G)
    with refuses(TypeError, "Embedding: x holds indices", "float64"):
        layer(np.ones(3))
    with refuses(ValueError, "Embedding: indices must be from 0 to 9; got -1 to 10"):
        layer(np.array([-1, 10]))
