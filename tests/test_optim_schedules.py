"""Schedules and clipping against PyTorch."""

import math

import numpy as np
import pytest
import torch

from dlnotes import optim
from oracles import refuses

schedulers = torch.optim.lr_scheduler


def torch_rates(make, steps):
    """The rate that PyTorch's scheduler sets before each step."""
    p = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([p], lr=0.3)
    scheduler = make(optimizer)
    found = []
    for t in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
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
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_pytorchs(name):
    ours, theirs = SCHEDULES[name]
    got = [ours(t) for t in range(100)]
    np.testing.assert_allclose(got, torch_rates(theirs, 100), rtol=1e-10, atol=1e-13)
    assert all(type(rate) is float for rate in got)


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
    "half a step": (lambda: optim.step_decay(0.5, 0.1, step_size=3), TypeError, ["t=0.5"]),
    "bound": (lambda: optim.clip_by_norm([G], -1.0), ValueError, ["max_norm=-1.0"]),
    "norm": (lambda: optim.clip_by_norm([G], 1.0, norm_type=0), ValueError, ["norm_type=0"]),
    "NaN": (
        lambda: optim.clip_by_norm([G, G * np.nan], 1.0),
        ValueError,
        ["clip_by_norm: the norm of the gradients must be finite", "nan from 2"],
    ),
    "one array": (lambda: optim.clip_by_norm(G, 1.0), TypeError, ["shape (3,)", "[w]"]),
    "integers": (
        lambda: optim.clip_by_norm([np.arange(3)], 1.0),
        TypeError,
        ["clip_by_norm: ", "int64 as gradient 0"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_and_why(name):
    call, error, parts = REFUSED[name]
    with refuses(error, *parts):
        call()
