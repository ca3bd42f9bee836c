"""Every network as a module of PyTorch and as a graph of this package: one description, one answer.

The networks are an eighth as wide as they are, and look at small pictures where their layers
allow it; full size is counted on PyTorch's `meta` device.
"""

import numpy as np
import pytest
import torch

from dlnotes import counting, networks, specs, torch_models, weights
from dlnotes.specs import Chain, Conv, Embedding, MaxPool, Network, Parallel, SideOutput
from narrow_networks import narrow
from oracles import refuses

SIZES = (64, 96, 128)
"""Pictures to try in place of 224 rows: the first that every layer of a network can take."""
FOLDED = ("resnet101", "resnet152", "resnet152-keras", "vgg13", "vgg19", "googlenet-naive")
"""Run forward only: they are longer forms of others that go backward too."""


def small(name):
    """A thin copy of a network's body, and the shape of a small input."""
    network = specs.get(name)
    body, shape = narrow(network.body, 8), network.input_shape
    if len(shape) == 3 and shape[1] > 152:
        for size in SIZES:
            try:
                counting.trace(body, (shape[0], size, size))
            except ValueError:
                continue
            return body, (shape[0], size, size)
    return body, shape


def pair(body, shape, seed=0):
    """The two forms with the same random weights and statistics, in use, in float64."""
    torch.manual_seed(seed)
    theirs = torch_models.build_part(body, shape).double().eval()
    rng = np.random.default_rng(seed)
    state = weights.from_pytorch(theirs)
    for name, values in state.items():
        if name.endswith("running_var"):
            state[name] = rng.uniform(0.5, 2, values.shape)
        elif values.dtype == np.float64 and values.ndim == 1:
            state[name] = values + rng.normal(0, 0.1, values.shape)
    weights.to_pytorch(state, theirs)
    ours = networks.build_part(body, shape, rng=rng).eval()
    return ours.load_state_dict(state), theirs


def draw(body, shape, rng):
    """An input: words where there is a vocabulary, normal values elsewhere."""
    tables = [layer for _, layer in specs.walk(body) if isinstance(layer, Embedding)]
    if tables:
        return rng.integers(0, tables[0].entries, (2, *shape))
    return rng.standard_normal((2, *shape))


def close(got, want):
    want = want.detach().numpy()
    scale = np.abs(want).max(initial=0)
    np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10 * scale)


def same_gradients(ours, theirs):
    gradients = dict(theirs.named_parameters())
    own = {
        f"{path}.{kind}" if path else kind: gradient
        for path, layer in ours.named_layers()
        for kind, gradient in layer.grads.items()
    }
    assert own.keys() <= gradients.keys()
    for path, parameter in gradients.items():
        # None where the answer does not depend on it: a VAE's variance in use, a side head
        want = torch.zeros(parameter.shape) if parameter.grad is None else parameter.grad
        close(own.get(path, np.zeros(parameter.shape)), want)


def flat(value):
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("name", specs.names())
def test_same_weights_same_answer(name):
    body, shape = small(name)
    ours, theirs = pair(body, shape)
    rng = np.random.default_rng(1)
    x = draw(body, shape, rng)
    inputs = torch.from_numpy(x).requires_grad_(x.dtype == np.float64)
    y, want = flat(ours(x)), flat(theirs(inputs))
    for got, expected in zip(y, want, strict=True):
        assert np.abs(got).max() > 0
        close(got, expected)
    if name in FOLDED:
        return
    dy = tuple(rng.standard_normal(part.shape) for part in y)
    torch.autograd.backward(want, [torch.from_numpy(part) for part in dy])
    dx = ours.backward(dy if len(dy) > 1 else dy[0])
    if inputs.requires_grad:
        close(dx, inputs.grad)
    same_gradients(ours, theirs)


@pytest.mark.parametrize("name", specs.names())
def test_full_size_on_the_meta_device(name):
    network = specs.get(name)
    with torch.device("meta"):
        model = torch_models.build(network)
    learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
    counted = counting.count(network)
    assert learned == counted.trainable
    fixed = [b for n, b in model.named_buffers() if not n.endswith("num_batches_tracked")]
    fixed += [p for p in model.parameters() if not p.requires_grad]
    assert sum(b.numel() for b in fixed if b.dtype.is_floating_point) == counted.fixed
    assert {path for path, _ in specs.walk(network.body)} <= {
        path for path, _ in model.named_modules()
    }


def test_side_outputs():
    body, shape = narrow(specs.get("googlenet-sides").body, 16), (3, 128, 128)
    ours, theirs = pair(body, shape)
    x = np.random.default_rng(2).standard_normal((1, *shape))
    want, heads = torch_models.with_side_outputs(theirs, torch.from_numpy(x))
    sides = {path: layer for path, layer in ours.named_layers() if hasattr(layer, "collecting")}
    assert len(sides) == len(heads) == 2
    for side in sides.values():
        side.collecting = True
    close(ours(x), want)
    for path, side in sides.items():
        close(side.output, heads[path])


def test_side_outputs_learn():
    head = SideOutput(Chain(Conv(2, 3, name="reader")), name="side")
    body, shape = Chain(Conv(3, 3, name="first"), head, Conv(4, 3, name="last")), (1, 9, 8)
    ours, theirs = pair(body, shape)
    rng = np.random.default_rng(3)
    x = rng.standard_normal((2, *shape))
    ours["side"].collecting = True
    y = ours(x)
    want, heads = torch_models.with_side_outputs(theirs, torch.from_numpy(x))
    dy, ds = rng.standard_normal(y.shape), rng.standard_normal(ours["side"].output.shape)
    ours["side"].upstream = ds
    ours.backward(dy)
    torch.autograd.backward([want, heads["side"]], [torch.from_numpy(dy), torch.from_numpy(ds)])
    for path in ("first", "side.head.reader", "last"):
        layer = dict(ours.named_layers())[path]
        close(layer.grads["weight"], dict(theirs.named_modules())[path].weight.grad)


@pytest.mark.parametrize("build", [torch_models.build, None])
def test_what_does_not_fit_is_refused(build):
    def make(body):
        network = Network("mine", "Mine", (3, 8, 8), body)
        if build is not None:
            return build(network)
        return networks.build(network, rng=np.random.default_rng(0))

    with refuses(ValueError, "parallel1", "one shape", "(4, 8, 8)", "(3, 8, 8)"):
        make(Chain(Parallel(Conv(4, 3, padding=1), Chain(), join="add")))
    with refuses(ValueError, "maxpool1", "9 rows"):
        make(Chain(MaxPool(9)))
    with refuses(ValueError, "conv1", "groups=2"):
        make(Chain(Conv(4, 3, groups=2)))
