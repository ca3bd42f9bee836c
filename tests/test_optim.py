"""Optimisers against PyTorch: the whole path of 100 steps, in float64, to 1e-10."""

import numpy as np
import pytest
import torch

from dlnotes import autodiff as ad
from dlnotes import check, optim
from oracles import refuses

STEPS = 100
CONFIGS = {
    "SGD": (optim.SGD, torch.optim.SGD, {"lr": 0.1}),
    "SGD, defaults": (optim.SGD, torch.optim.SGD, {}),
    "momentum": (optim.SGD, torch.optim.SGD, {"lr": 0.02, "momentum": 0.9}),
    "dampening": (optim.SGD, torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "dampening": 0.5}),
    "Nesterov": (optim.SGD, torch.optim.SGD, {"lr": 0.02, "momentum": 0.9, "nesterov": True}),
    "SGD, decay": (optim.SGD, torch.optim.SGD, {"lr": 0.1, "weight_decay": 0.05}),
    "Nesterov, decay": (
        optim.SGD,
        torch.optim.SGD,
        {"lr": 0.02, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
    ),
    "Adam": (optim.Adam, torch.optim.Adam, {"lr": 0.05}),
    "Adam, defaults": (optim.Adam, torch.optim.Adam, {}),
    "Adam, all options": (
        optim.Adam,
        torch.optim.Adam,
        {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.1},
    ),
    "AdamW": (optim.AdamW, torch.optim.AdamW, {"lr": 0.05}),
    "AdamW, all options": (
        optim.AdamW,
        torch.optim.AdamW,
        {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-5, "weight_decay": 0.3},
    ),
}


def start(dtype=np.float64):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in ((3, 5), (5,), ())]


def batch(t, dtype=np.float64):
    rng = np.random.default_rng(1000 + t)
    return rng.standard_normal((7, 3)).astype(dtype), rng.standard_normal((7, 5)).astype(dtype)


def our_grads(params, t):
    x, target = batch(t, params[0].dtype)
    loss = lambda w, b, s: ((ad.tanh(x @ w + b) * s - target) ** 2).mean()  # noqa: E731
    return [np.asarray(g) for g in ad.grad(loss, *params)]


def torch_loss(params, t):
    x, target = map(torch.from_numpy, batch(t, params[0].detach().numpy().dtype))
    w, b, s = params
    return ((torch.tanh(x @ w + b) * s - target) ** 2).mean()


def torch_path(make, options, dtype=np.float64, skip=()):
    """PyTorch's parameters after every step; `skip` are steps without a gradient for b."""
    params = [torch.from_numpy(p).requires_grad_() for p in start(dtype)]
    optimizer = make(params, **options)
    for t in range(STEPS):
        optimizer.zero_grad()
        torch_loss(params, t).backward()
        if t in skip:
            params[1].grad = None
        optimizer.step()
        yield [p.detach().numpy().copy() for p in params]


def our_path(make, options, dtype=np.float64, skip=()):
    params = start(dtype)
    optimizer = make(params, **options)
    for t in range(STEPS):
        grads = our_grads(params, t)
        before = [g.copy() for g in grads]
        optimizer.step([None if i == 1 and t in skip else g for i, g in enumerate(grads)])
        for g, same in zip(grads, before, strict=True):
            np.testing.assert_array_equal(g, same)
        yield [p.copy() for p in params]


def hold(ours, theirs, rtol=1e-10, moved=1e-4):
    first = start()
    for got, want in zip(ours, theirs, strict=True):
        for p, q in zip(got, want, strict=True):
            assert (p.shape, p.dtype) == (q.shape, q.dtype)
            np.testing.assert_allclose(p, q, rtol=rtol, atol=rtol)
    for p, q in zip(got, first, strict=True):
        assert np.abs(p - q).max() > moved  # the path leads somewhere


@pytest.mark.parametrize("name", CONFIGS)
def test_paths_are_pytorchs(name):
    ours, theirs, options = CONFIGS[name]
    hold(our_path(ours, options), torch_path(theirs, options))


@pytest.mark.parametrize("name", CONFIGS)
def test_a_parameter_without_a_gradient_rests(name):
    ours, theirs, options = CONFIGS[name]
    skip = {0, 1, 40, 41, 99}
    hold(our_path(ours, options, skip=skip), torch_path(theirs, options, skip=skip))


@pytest.mark.parametrize("name", CONFIGS)
def test_float32_stays_float32(name):
    ours, theirs, options = CONFIGS[name]
    single = {"dtype": np.float32}
    hold(our_path(ours, options, **single), torch_path(theirs, options, **single), rtol=1e-3)
    optimizer = ours(start(np.float32), **options)
    optimizer.step(our_grads(optimizer.params, 0))
    remembered = [a for state in optimizer.state for a in state.values() if not isinstance(a, int)]
    assert {a.dtype for a in remembered} <= {np.dtype(np.float32)}


def test_decoupled_decay_shrinks_then_steps():
    """Shrinking by hand before each step without decay; what Adam does with decay differs."""
    by_hand, options = start(), {"lr": 0.05, "weight_decay": 0.2}
    plain = optim.Adam(by_hand, lr=0.05)
    *_, other = our_path(optim.Adam, options)
    for t, got in enumerate(our_path(optim.AdamW, options)):
        grads = our_grads(by_hand, t)
        for p in by_hand:
            p *= 1 - 0.05 * 0.2
        plain.step(grads)
        for p, q in zip(got, by_hand, strict=True):
            np.testing.assert_allclose(p, q, rtol=1e-12)
    assert max(np.abs(p - q).max() for p, q in zip(got, other, strict=True)) > 0.01


def test_parameters_are_changed_in_place():
    params = start()
    ids = [id(p) for p in params]
    views = [p.reshape(-1) for p in params]
    optimizer = optim.Adam(params)
    optimizer.step(our_grads(params, 0))
    assert [id(p) for p in optimizer.params] == ids
    for p, view in zip(params, views, strict=True):
        np.testing.assert_array_equal(p.reshape(-1), view)
    assert not np.array_equal(params[0], start()[0])


def test_a_step_that_is_refused_changes_nothing():
    params = start()
    optimizer = optim.SGD(params, lr=0.1)
    with refuses(ValueError, "SGD.step: gradient 2", "(1,) for ()"):
        optimizer.step([params[0], params[1], np.ones(1)])
    for p, q in zip(params, start(), strict=True):
        np.testing.assert_array_equal(p, q)


def test_two_optimisers_share_nothing():
    params = [start(), start()]
    first, second = (optim.Adam(p, lr=0.1) for p in params)
    for t in range(5):
        first.step(our_grads(params[0], t))
    second.step(our_grads(params[1], 0))
    alone = start()
    optim.Adam(alone, lr=0.1).step(our_grads(alone, 0))
    np.testing.assert_array_equal(params[1][0], alone[0])


def test_variables_are_trained_by_an_optimiser():
    rng = np.random.default_rng(0)
    x, w_true = rng.standard_normal((50, 3)), np.array([1.0, -2.0, 0.5])
    w = ad.Variable(np.zeros(3))
    optimizer = optim.Adam([w.value], lr=0.05)
    for _ in range(500):
        w.zero_grad()
        ((x @ w - x @ w_true) ** 2).mean().backward()
        optimizer.step([w.grad])
    np.testing.assert_allclose(w.value, w_true, atol=1e-6)


def test_the_catalogues_momentum():
    """Ten times the plain step on a constant gradient, and the erratum's count on a quadratic."""
    one = np.ones(1)
    p = np.zeros(1)
    optimizer = optim.SGD([p], lr=1.0, momentum=0.9)
    for _ in range(400):
        before = p.copy()
        optimizer.step([one])
    ratio = float(before[0] - p[0])
    assert ratio == pytest.approx(10)

    def steps_needed(momentum):
        p, last = np.ones(1), 0
        optimizer = optim.SGD([p], lr=0.1, momentum=momentum)
        for t in range(1, 1000):
            optimizer.step([p.copy()])  # the gradient of p²/2: curvature 1
            last = t if abs(p[0]) >= 1e-6 else last
        return last + 1

    check.shows(
        "gradient-descent-momentum",
        terminal_ratio=round(ratio),
        plain_steps=steps_needed(0.0),
        momentum_steps=steps_needed(0.9),
    )


W = np.ones((2, 3))
G = np.ones((2, 3))
FROZEN = np.ones(3)
FROZEN.flags.writeable = False
REFUSED = {
    "no parameters": (lambda: optim.SGD([]), ValueError, ["SGD: nothing to train"]),
    "one array": (lambda: optim.SGD(W), TypeError, ["sequence of arrays", "ndarray", "[w]"]),
    "a dict": (lambda: optim.Adam({"w": W}), TypeError, ["dict", "list(d.values())"]),
    "integers": (lambda: optim.SGD([np.arange(3)]), TypeError, ["int64 as parameter 0"]),
    "a number": (lambda: optim.SGD([W, 1.0]), TypeError, ["float as parameter 1"]),
    "a Variable": (lambda: optim.SGD([ad.Variable(W)]), TypeError, ["Variable as parameter 0"]),
    "twice": (lambda: optim.SGD([W, W]), ValueError, ["(2, 3) as parameter 1", "name each once"]),
    "a view": (lambda: optim.SGD([W, W[0]]), ValueError, ["shared array of shape (3,)"]),
    "read-only": (lambda: optim.Adam([FROZEN]), ValueError, ["read-only", "(3,)"]),
    "lr": (lambda: optim.SGD([W], lr=-0.1), ValueError, ["SGD: lr must be", "lr=-0.1"]),
    "lr is NaN": (lambda: optim.Adam([W], lr=np.nan), ValueError, ["Adam: lr", "nan"]),
    "infinite lr": (lambda: optim.Adam([W], lr=np.inf), ValueError, ["Adam: lr", "inf"]),
    "decay": (lambda: optim.AdamW([W], weight_decay=-1), ValueError, ["weight_decay=-1"]),
    "momentum": (lambda: optim.SGD([W], momentum=-0.9), ValueError, ["momentum=-0.9"]),
    "Nesterov": (lambda: optim.SGD([W], nesterov=True), ValueError, ["momentum=0.0", "0.9"]),
    "Nesterov, dampened": (
        lambda: optim.SGD([W], nesterov=True, momentum=0.9, dampening=0.1),
        ValueError,
        ["dampening=0.1"],
    ),
    "betas": (lambda: optim.Adam([W], betas=(0.9, 1.0)), ValueError, ["below 1", "beta2=1.0"]),
    "eps": (lambda: optim.Adam([W], eps=-1.0), ValueError, ["Adam: eps", "-1.0"]),
    "count": (lambda: optim.SGD([W]).step([]), ValueError, ["got 0 for 1 parameters", "None"]),
    "shape": (lambda: optim.SGD([W]).step([G.T]), ValueError, ["gradient 0", "(3, 2) for (2, 3)"]),
    "dtype": (
        lambda: optim.SGD([W]).step([G.astype(np.float32)]),
        TypeError,
        ["float32 for float64"],
    ),
    "list": (lambda: optim.SGD([W]).step([G.tolist()]), TypeError, ["list for float64"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_and_why(name):
    call, error, parts = REFUSED[name]
    with refuses(error, *parts):
        call()


def test_a_rate_that_turned_negative_is_refused():
    optimizer = optim.SGD([np.ones(3)])
    optimizer.lr = -1.0
    with refuses(ValueError, "SGD: lr must be", "lr=-1.0"):
        optimizer.step([np.ones(3)])


def test_a_rule_of_ones_own():
    class SignDescent(optim.Optimizer):
        def update(self, p, g, state):
            p -= self.lr * np.sign(g)

    p = np.array([1.0, -1.0])
    SignDescent([p], lr=0.25).step([np.array([7.0, -0.1])])
    assert p.tolist() == [0.75, -0.75]
    with refuses(NotImplementedError, "Optimizer: a rule defines update"):
        optim.Optimizer([p], lr=0.1).step([p.copy()])
