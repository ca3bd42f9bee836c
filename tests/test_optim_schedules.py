"""Schedules and clipping against PyTorch."""

import math

import numpy as np
import pytest
import torch

from dlnotes import optim
from oracles import refuses

schedulers = torch.optim.lr_scheduler


def torch_rates(make, steps, lr=0.3, momentum=0.9):
    """The rate and the momentum that PyTorch's scheduler sets before each step."""
    p = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=lr, momentum=momentum)
    scheduler = make(optimizer)
    found = []
    for t in range(steps):
        group = optimizer.param_groups[0]
        found.append((group["lr"], group["momentum"]))
        optimizer.step()
        if t < steps - 1:
            scheduler.step()
    return np.array(found)


SCHEDULES = {
    "step": (
        lambda t: optim.step_decay(t, 0.3, step_size=7, gamma=0.5),
        lambda o: schedulers.StepLR(o, 7, gamma=0.5),
    ),
    "step, defaults": (
        lambda t: optim.step_decay(t, 0.3, step_size=30),
        lambda o: schedulers.StepLR(o, 30),
    ),
    "exponential": (
        lambda t: optim.exponential_decay(t, 0.3, gamma=0.97),
        lambda o: schedulers.ExponentialLR(o, 0.97),
    ),
    "cosine": (
        lambda t: optim.cosine(t, 0.3, t_max=99),
        lambda o: schedulers.CosineAnnealingLR(o, 99),
    ),
    "cosine to a floor, and up again": (
        lambda t: optim.cosine(t, 0.3, t_max=40, eta_min=0.02),
        lambda o: schedulers.CosineAnnealingLR(o, 40, eta_min=0.02),
    ),
    "one cycle": (
        lambda t: optim.one_cycle(t, 0.3, total_steps=100),
        lambda o: schedulers.OneCycleLR(o, 0.3, 100),
    ),
    "one cycle, all options": (
        lambda t: optim.one_cycle(
            t,
            0.5,
            total_steps=117,
            pct_start=0.45,
            anneal_strategy="linear",
            div_factor=10.0,
            final_div_factor=50.0,
        ),
        lambda o: schedulers.OneCycleLR(
            o,
            0.5,
            117,
            pct_start=0.45,
            anneal_strategy="linear",
            div_factor=10.0,
            final_div_factor=50.0,
        ),
    ),
    "one cycle, all upward": (
        lambda t: optim.one_cycle(t, 0.5, total_steps=100, pct_start=1.0),
        lambda o: schedulers.OneCycleLR(o, 0.5, 100, pct_start=1.0),
    ),
    "one cycle, all downward": (
        lambda t: optim.one_cycle(t, 0.5, total_steps=100, pct_start=0.0),
        lambda o: schedulers.OneCycleLR(o, 0.5, 100, pct_start=0.0),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_pytorchs(name):
    ours, theirs = SCHEDULES[name]
    got = [ours(t) for t in range(100)]
    np.testing.assert_allclose(got, torch_rates(theirs, 100)[:, 0], rtol=1e-10, atol=1e-13)
    assert all(type(rate) is float for rate in got)


@pytest.mark.parametrize("strategy", ["cos", "linear"])
@pytest.mark.parametrize("total", [100, 117])
def test_the_cycle_of_momentum_is_pytorchs(strategy, total):
    options = {"pct_start": 0.25, "base_momentum": 0.8, "max_momentum": 0.99}
    options["anneal_strategy"] = strategy
    got = [optim.one_cycle_momentum(t, total_steps=total, **options) for t in range(total)]
    want = torch_rates(lambda o: schedulers.OneCycleLR(o, 1.0, total, **options), total)
    np.testing.assert_allclose(got, want[:, 1], rtol=1e-12)


def test_a_way_up_of_one_step():
    """PyTorch divides by zero where pct_start times total_steps is 1; here the top is the start."""
    assert optim.one_cycle(0, 0.5, total_steps=10, pct_start=0.1) == 0.5
    assert optim.one_cycle(0, 0.5, total_steps=1) == pytest.approx(0.5 / 25 / 1e4)


def test_the_ends_of_a_cosine():
    assert optim.cosine(0, 0.3, t_max=10) == pytest.approx(0.3, rel=1e-15)
    assert optim.cosine(10, 0.3, t_max=10, eta_min=0.1) == pytest.approx(0.1, rel=1e-15)


def tensors(grads):
    """Parameters with these gradients; an empty one has no largest value in PyTorch."""
    arrays = [g for g in grads if g is not None and g.size]
    params = [torch.zeros(g.shape, dtype=torch.float64) for g in arrays]
    for p, g in zip(params, arrays, strict=True):
        p.grad = torch.from_numpy(np.array(g))
    return params


def gradients():
    rng = np.random.default_rng(0)
    return [
        rng.standard_normal((3, 5)),
        None,
        rng.standard_normal(7),
        np.array(0.5),
        np.ones((0, 2)),
    ]


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.5, math.inf])
@pytest.mark.parametrize("max_norm", [0.0, 0.3, 2.0, 1000.0])
def test_clipping_by_norm_is_pytorchs(norm_type, max_norm):
    grads, params = gradients(), tensors(gradients())
    want_norm = torch.nn.utils.clip_grad_norm_(params, max_norm, norm_type)
    clipped, norm = optim.clip_by_norm(grads, max_norm, norm_type=norm_type)
    assert norm == pytest.approx(want_norm.item(), rel=1e-13)
    hold(clipped, params, grads)


@pytest.mark.parametrize("clip_value", [0.0, 0.4, 100.0])
def test_clipping_by_value_is_pytorchs(clip_value):
    grads, params = gradients(), tensors(gradients())
    torch.nn.utils.clip_grad_value_(params, clip_value)
    hold(optim.clip_by_value(grads, clip_value), params, grads)


def hold(clipped, params, grads):
    """Equal to PyTorch's, new, and the arguments as they were."""
    assert clipped[1] is None
    assert clipped[-1].shape == grads[-1].shape
    for got, want in zip([g for g in clipped if g is not None and g.size], params, strict=True):
        np.testing.assert_allclose(got, want.grad.numpy(), rtol=1e-13)
    for g, c, before in zip(grads, clipped, gradients(), strict=True):
        if g is not None:
            assert isinstance(c, np.ndarray)
            assert not np.shares_memory(g, c)
            np.testing.assert_array_equal(g, before)


def test_clipping_keeps_float32():
    g = np.full(3, 10, np.float32)
    assert optim.clip_by_norm([g], 1.0)[0][0].dtype == np.float32
    assert optim.clip_by_value([g], 1.0)[0].dtype == np.float32


def test_nothing_to_clip():
    assert optim.clip_by_norm([], 1.0) == ([], 0.0)
    assert optim.clip_by_norm([None], 1.0) == ([None], 0.0)


G = np.ones(3)
REFUSED = {
    "negative step": (
        lambda: optim.step_decay(-1, 0.1, step_size=3),
        ValueError,
        ["step_decay: t must be at least 0", "t=-1"],
    ),
    "step size": (
        lambda: optim.step_decay(1, 0.1, step_size=0),
        ValueError,
        ["step_size must be at least 1", "step_size=0"],
    ),
    "half a step": (lambda: optim.exponential_decay(0.5, 0.1, gamma=1), TypeError, ["t=0.5"]),
    "no length": (lambda: optim.cosine(0, 0.1, t_max=0), ValueError, ["cosine: t_max", "t_max=0"]),
    "past the end": (
        lambda: optim.one_cycle(10, 0.1, total_steps=10),
        ValueError,
        ["one_cycle: ", "t=10, total_steps=10"],
    ),
    "part": (
        lambda: optim.one_cycle(0, 0.1, total_steps=10, pct_start=30),
        ValueError,
        ["pct_start=30"],
    ),
    "strategy": (
        lambda: optim.one_cycle_momentum(0, total_steps=10, anneal_strategy="cosine"),
        ValueError,
        ["one_cycle_momentum: ", "anneal_strategy='cosine'"],
    ),
    "bound": (lambda: optim.clip_by_norm([G], -1.0), ValueError, ["max_norm=-1.0"]),
    "norm": (lambda: optim.clip_by_norm([G], 1.0, norm_type=0), ValueError, ["norm_type=0"]),
    "NaN": (
        lambda: optim.clip_by_norm([G, G * np.nan], 1.0),
        ValueError,
        ["clip_by_norm: the norm of the gradients must be finite", "nan from 2"],
    ),
    "one array": (lambda: optim.clip_by_norm(G, 1.0), TypeError, ["shape (3,)", "[w]"]),
    "value": (lambda: optim.clip_by_value([G], -1.0), ValueError, ["-1.0"]),
    "integers": (
        lambda: optim.clip_by_value([np.arange(3)], 1.0),
        TypeError,
        ["clip_by_value: ", "int64 as gradient 0"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_and_why(name):
    call, error, parts = REFUSED[name]
    with refuses(error, *parts):
        call()
