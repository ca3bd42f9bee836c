"""The faithful recipe beside the origin's formulas, written out (Nielsen, network3.py)."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from dlnotes.ladder import rungs
from dlnotes.ladder._engine.descent import Descent
from dlnotes.ladder._engine.masks import BLOCK
from dlnotes.ladder._engine.members import Members
from dlnotes.ladder._engine.starts import start_values
from dlnotes.ladder._engine.streams import stream
from dlnotes.ladder._engine.train import Run
from dlnotes.specs import Activation, Chain, Conv, Dropout, Flatten, Linear, MaxPool, Network
from ladder_cases import small_data, small_rung

DATA = small_data()
ETA, LAMBDA, BATCH = 0.03, 0.1, 10


def written_out(values, images, labels, steps, batches):
    """Take steps as network3.py does, in float64, with the penalty in the cost."""
    params = {name: value.double().clone().requires_grad_() for name, value in values.items()}
    for step in range(steps):
        x = torch.from_numpy(images[step * BATCH : (step + 1) * BATCH]).double()
        y = torch.from_numpy(labels[step * BATCH : (step + 1) * BATCH])
        for name in ("conv1", "conv2"):
            x = F.conv2d(x, params[f"{name}_weight"], params[f"{name}_bias"])
            x = torch.clamp(F.max_pool2d(x, 2), min=0)
        x = x.flatten(1) @ params["linear1_weight"].T + params["linear1_bias"]
        x = torch.clamp(x, min=0) @ params["linear2_weight"].T + params["linear2_bias"]
        output = torch.softmax(x, 1)
        log_likelihood = -torch.log(output[torch.arange(len(y)), y]).mean()
        l2_norm_squared = sum((w**2).sum() for name, w in params.items() if "weight" in name)
        cost = log_likelihood + 0.5 * LAMBDA * l2_norm_squared / batches
        grads = torch.autograd.grad(cost, list(params.values()))
        with torch.no_grad():
            for param, grad in zip(params.values(), grads, strict=True):
                param -= ETA * grad
    return params


def test_steps_are_those_of_the_origin_with_its_penalty():
    rung = small_rung(dropout=False, epochs=1, batch=BATCH, penalty=LAMBDA, rate=ETA)
    run = Run(rung, "faithful", [0], DATA)
    before = {name: value.clone() for name, value in run.net.state_dict().items()}
    assert run.epoch_steps == 20  # of 203 images; the last three are left out, as in the origin
    run.train()
    images, labels = DATA.train_images, DATA.train_labels
    before = {n: v[0] if n.startswith("linear") else v for n, v in before.items()}
    expected = written_out(before, images, labels, 20, 20)
    without = written_out(before, images, labels, 20, 20_000_000)
    for name, value in run.net.state_dict().items():
        found = (value[0] if name.startswith("linear") else value).double()
        torch.testing.assert_close(found, expected[name], rtol=1e-4, atol=1e-5)
        if name == "conv2_weight":
            assert not torch.allclose(found, without[name], rtol=1e-4, atol=1e-5)


def test_the_decay_is_lambda_over_the_mini_batches_and_spares_biases():
    for expanded, batches in ((False, 20), (True, 101)):
        rung = small_rung(expanded=expanded, batch=10)
        run = Run(rung, "faithful", [0], DATA)
        weights, biases = run.optimizer.groups
        assert weights["decay"] == pytest.approx(0.1 / batches)
        assert biases["decay"] == 0
        assert {value.shape[-1] for value in biases["params"]} == {3, 4, 11, 10}


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_steps_are_those_of_the_optimiser_of_pytorch(momentum):
    torch.manual_seed(0)
    start = [torch.randn(7, 5), torch.randn(5)]
    ours, theirs = ([value.clone().requires_grad_() for value in start] for _ in range(2))
    descent = Descent(ours[:1], ours[1:], momentum=momentum, decay=0.01)
    groups = [{"params": theirs[:1], "weight_decay": 0.01}, {"params": theirs[1:]}]
    sgd = torch.optim.SGD(groups, momentum=momentum, nesterov=momentum > 0)
    for rate in (0.1, 0.3, 0.2):
        gradients = [torch.randn_like(value) for value in start]
        for values in (ours, theirs):
            for value, gradient in zip(values, gradients, strict=True):
                value.grad = gradient.clone()
        for group in sgd.param_groups:
            group["lr"] = rate
        again = Descent(ours[:1], ours[1:], momentum=momentum, decay=0.01)
        again.load_state_dict(descent.state_dict())
        descent = again
        descent.step(rate)
        sgd.step()
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("seeds", [[4], [4, 5]])
def test_dense_weights_take_the_same_steps_without_their_gradients(seeds):
    network = rungs.get("2").spec
    nets = [Members(network, seeds, outer=outer) for outer in (False, True)]
    images = torch.rand(len(seeds), 10, 1, 28, 28)
    labels = torch.arange(10).repeat(len(seeds))
    start = {name: value.clone() for name, value in nets[0].state_dict().items()}
    for net in nets:
        descent = Descent(net.weights(), net.biases(), momentum=0.0, decay=0.03)
        for step in range(3):
            descent.zero_grad()
            F.cross_entropy(net(images, step).flatten(0, 1), labels).backward()
            descent.step(0.5)
            net.descend(0.5, 0.03)
            assert not net.factors
    assert [len(net.weights()) for net in nets] == [3, 1]
    for name, value in nets[0].state_dict().items():
        torch.testing.assert_close(nets[1].state_dict()[name], value, rtol=1e-5, atol=1e-6)
        assert not torch.equal(start[name], value)


# ---- dropout


def dropped(drop, p, *, training):
    """Return what a dropout before a dense layer that copies its input makes of ones."""
    body = Chain(Flatten(), Dropout(p), Linear(50))
    net = Members(Network("copy", "Copy", (1, 5, 10), body), [11], drop=drop)
    with torch.no_grad():
        net.linear1_weight.copy_(torch.eye(50))
        net.linear1_bias.zero_()
        return net.train(training)(torch.ones(1, 400, 1, 5, 10))[0]


@pytest.mark.parametrize(("drop", "kept"), [("plain", 1.0), ("inverted", 4 / 3)])
def test_dropout_keeps_what_it_keeps_as_it_is_or_scaled_up(drop, kept):
    found = dropped(drop, 0.25, training=True)
    assert found.unique().tolist() == pytest.approx([0, kept])
    share = (found == 0).double().mean().item()
    assert share == pytest.approx(0.25, abs=5 * np.sqrt(0.25 * 0.75 / found.numel()))
    assert 0.1 < (found == 0).double().mean(0).min() < (found == 0).double().mean(1).max() < 0.6


@pytest.mark.parametrize(("drop", "factor"), [("plain", 0.75), ("inverted", 1.0)])
def test_the_origin_scales_when_the_network_is_used(drop, factor):
    assert dropped(drop, 0.25, training=False).unique().tolist() == [factor]


def test_each_step_draws_another_mask():
    body = Chain(Flatten(), Dropout(0.5), Linear(10))
    net = Members(Network("drop", "Drop", (1, 5, 10), body), [1, 2]).train()
    x = torch.ones(2, 30, 1, 5, 10)
    with torch.no_grad():
        first, second, next_block = (net(x, step) for step in (0, 1, BLOCK))
    assert not torch.equal(first, second)
    assert torch.equal(net(x, 0), first), "a mask hangs on the step, not on what was drawn"
    assert not torch.equal(first, next_block)
    assert not torch.equal(first[0], first[1])


# ---- starting values


def values_of(name, start="origin", seed=0):
    return start_values(rungs.get(name).spec, start, stream(seed, "weights"))


@pytest.mark.parametrize(
    ("rung", "name", "variance"),
    [
        # n_out = kernels * 5 * 5 / (2 * 2) of a convolution, units of a dense layer
        ("4", "conv1_weight", 4 / (20 * 25)),
        ("4", "conv2_weight", 4 / (40 * 25)),
        ("4", "linear1_weight", 1 / 100),
        ("7", "linear2_weight", 1 / 1000),
        ("6b", "linear1_bias", 1.0),
    ],
)
def test_starting_values_are_normal_with_the_variance_of_the_origin(rung, name, variance):
    drawn = torch.cat([values_of(rung, seed=seed)[name].flatten() for seed in range(20)]).double()
    found = (drawn**2).mean().item() / variance
    assert found == pytest.approx(1, abs=5 * np.sqrt(2 / len(drawn)))
    assert drawn.mean().item() == pytest.approx(0, abs=5 * np.sqrt(variance / len(drawn)))
    normal = ((drawn / np.sqrt(variance)).abs() < 1).double().mean().item()
    assert normal == pytest.approx(0.6827, abs=3 / np.sqrt(len(drawn)))


@pytest.mark.parametrize("rung", ["1", "4", "7"])
def test_the_softmax_layer_of_the_origin_begins_with_zeros(rung):
    values = values_of(rung)
    last = max(name for name in values if name.startswith("linear")).removesuffix("_weight")
    assert not values[f"{last}_weight"].any()
    assert not values[f"{last}_bias"].any()


def test_starting_values_of_today_are_those_of_he_and_glorot_without_biases():
    relu, sigmoid = values_of("6b", "fan-in"), values_of("1", "fan-in")
    for values, name, variance in [
        (relu, "linear1_weight", 2 / 640),
        (relu, "linear2_weight", 2 / 1010),
        (sigmoid, "linear1_weight", 2 / 884),
    ]:
        drawn = values[name].double().flatten()
        limit = 5 * np.sqrt(2 / len(drawn))
        assert (drawn**2).mean().item() / variance == pytest.approx(1, abs=limit)
    assert not any(
        values[name].any() for values in (relu, sigmoid) for name in values if "bias" in name
    )


def test_wide_values_are_four_times_those_of_glorot_before_a_sigmoid_alone():
    for rung in ("3", "4"):
        usual, wide = values_of(rung, "fan-in"), values_of(rung, "wide")
        for name, value in usual.items():
            factor = 4 if rung == "3" and name != "linear2_weight" else 1
            torch.testing.assert_close(wide[name], factor * value)


@pytest.mark.parametrize(
    "layer",
    [
        Conv(3, 5, stride=2),
        MaxPool(3, 2),
        Linear(4, bias=False),
        Conv(3, 5, padding=1),
        Activation("elu"),
    ],
)
def test_layers_that_the_ladder_has_not_are_refused(layer):
    parts = (layer, Activation("relu")) if isinstance(layer, Linear) else (layer, Flatten())
    body = Chain(*([Flatten()] if isinstance(layer, Linear) else []), *parts, Linear(10))
    with pytest.raises(ValueError, match="the ladder has convolutions without stride"):
        Members(Network("other", "Other", (1, 28, 28), body), [0])
