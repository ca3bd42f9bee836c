"""autodiff at 0, NaN and the infinities: PyTorch's values and gradients, without a warning."""

import itertools
import operator

import numpy as np
import pytest
import torch

from autodiff_oracle import forward_of
from dlnotes import autodiff as ad

EDGES = (0.0, -0.0, np.inf, -np.inf, np.nan, 1e-310, -1e-310, 1e308, -1e308)
VALUES = np.array([*EDGES, 1.0, -1.0, 2.0, -2.5, 0.5, 3.0, 800.0, -800.0])
UPSTREAM = (1.5, 0.0, -2e-5, 1e300, np.inf, np.nan)
UNARY = {
    "exp": (ad.exp, torch.exp),
    "log": (ad.log, torch.log),
    "sqrt": (ad.sqrt, torch.sqrt),
    "tanh": (ad.tanh, torch.tanh),
    "sigmoid": (ad.sigmoid, torch.sigmoid),
    "relu": (ad.relu, torch.relu),
    "absolute": (ad.absolute, torch.abs),
    "negative": (operator.neg, operator.neg),
    "clip": (lambda x: ad.clip(x, -1, 1), lambda x: x.clamp(-1, 1)),
    "clip below": (lambda x: ad.clip(x, low=0.0), lambda x: x.clamp(min=0.0)),
    "clip crossed": (lambda x: ad.clip(x, 2.0, -1.0), lambda x: x.clamp(2.0, -1.0)),
    "clip at NaN": (lambda x: ad.clip(x, np.nan, 1.0), lambda x: x.clamp(np.nan, 1.0)),
}
for _n in (0.0, 1.0, 2.0, -2.0, np.inf, np.nan):  # at ±½ PyTorch's tensors and numbers disagree
    UNARY[f"x^{_n}"] = (lambda x, n=_n: x**n,) * 2
    UNARY[f"{_n}^x"] = (lambda x, n=_n: n**x,) * 2
    UNARY[f"{_n}/x"] = (lambda x, n=_n: n / x, lambda x, n=_n: torch.full_like(x, n) / x)
    UNARY[f"x/{_n}"] = (lambda x, n=_n: x / n,) * 2
CHOICE = np.random.default_rng(0).random((len(VALUES), len(VALUES))) > 0.5
BINARY = {
    "add": (operator.add,) * 2,
    "subtract": (operator.sub,) * 2,
    "multiply": (operator.mul,) * 2,
    "divide": (operator.truediv,) * 2,
    "power": (operator.pow,) * 2,
    "maximum": (ad.maximum, torch.maximum),
    "minimum": (ad.minimum, torch.minimum),
    "where": (
        lambda a, b: ad.where(CHOICE, a, b),
        lambda a, b: torch.where(torch.tensor(CHOICE), a, b),
    ),
}
ROWS = np.array(list(itertools.product((0.0, -1.0, 2.0, np.inf, -np.inf, np.nan), repeat=3)))
FOLDS = {
    "sum": (ad.sum, torch.sum),
    "mean": (ad.mean, torch.mean),
    "max": (ad.max, torch.amax),
    "min": (ad.min, torch.amin),
    "logsumexp": (ad.logsumexp, torch.logsumexp),
    "softmax": (ad.softmax, torch.softmax),
    "log_softmax": (ad.log_softmax, torch.log_softmax),
}


def as_pytorch(f, torch_f, inputs, upstream, atol=0.0):
    """Hold values and gradients to PyTorch's; a NumPy warning is an error here."""
    tensors = [torch.tensor(a, requires_grad=True) for a in inputs]
    y = torch_f(*tensors)
    dy = np.full(y.shape, upstream)
    want = torch.autograd.grad(y, tensors, torch.tensor(dy), materialize_grads=True)
    got_y, got = ad.vjp(f, inputs, dy)
    for a, b in zip((got_y, *got), (y.detach(), *want), strict=True):
        np.testing.assert_allclose(a, b.numpy(), rtol=1e-10, atol=atol)


@pytest.mark.parametrize("upstream", UPSTREAM)
@pytest.mark.parametrize("name", UNARY)
def test_one_operand(name, upstream):
    as_pytorch(*UNARY[name], [VALUES], upstream)


@pytest.mark.parametrize("upstream", UPSTREAM)
@pytest.mark.parametrize("name", BINARY)
def test_two_operands(name, upstream):
    a, b = (np.ascontiguousarray(grid) for grid in np.meshgrid(VALUES, VALUES))
    as_pytorch(*BINARY[name], [a, b], upstream)


@pytest.mark.parametrize("upstream", [1.5, 0.0, np.inf, np.nan])
@pytest.mark.parametrize("name", FOLDS)
def test_rows(name, upstream):
    f, torch_f = FOLDS[name]  # softmax's gradient is a difference: it leaves a rounding of dy
    as_pytorch(lambda x: f(x, 1), lambda x: torch_f(x, 1), [ROWS], upstream, atol=1e-15)


@pytest.mark.parametrize("name", UNARY)
def test_forward_mode_has_the_same_slopes(name):
    """An operation on each element is its own adjoint."""
    f, torch_f = UNARY[name]
    x = torch.tensor(VALUES, requires_grad=True)
    (want,) = torch.autograd.grad(torch_f(x).sum(), x)
    with np.errstate(all="raise"):  # what the caller has set does not matter either
        slopes = forward_of(f)([VALUES], 0, np.ones_like(VALUES))
    np.testing.assert_allclose(slopes, want, rtol=1e-10)


def test_everything_around_the_rules_is_quiet():
    """Sums of adjoints, casts to float32, products of matrices, and the traces."""
    x = ad.Variable(np.float32(-1.0), "x")
    y = ad.log(x) * 1e300 + ad.sqrt(x) / 0.0
    messages = ad.backward_trace(y, 1e300)
    assert np.isnan(messages[-1].total)
    assert np.isnan(ad.forward_trace(y, x)[-1].total)
    y.backward(seed=1e300)
    y.backward(seed=-1e300, accumulate=True)
    assert np.isnan(x.grad)
    assert np.isnan(ad.trace(y)[-1].value)
    assert ad.forward_trace(x * 1.0, x, 1e300)[0].total == np.inf  # beyond float32
    infinite = ad.Variable(np.full((2, 2), np.inf))
    (infinite @ np.zeros((2, 2))).sum().backward()
    assert np.isnan((infinite @ infinite.grad).value).all()


def test_an_operation_of_ones_own_is_quiet():
    log = ad.operation(np.log, lambda dy, x: dy / x, name="log")
    x = ad.Variable([0.0, -1.0])
    log(x).backward(seed=[1.0, 1.0])
    assert x.grad.tolist() == [np.inf, -1.0]


@pytest.mark.parametrize(("shape", "axis"), [((0, 3), 0), ((0, 3), 1), ((0,), 0), ((2, 0), (0, 1))])
def test_the_mean_of_nothing(shape, axis):
    as_pytorch(lambda x: ad.mean(x, axis), lambda x: x.mean(axis), [np.ones(shape)], 1.0)
    assert ad.mean(np.ones(shape), axis, keepdims=True).ndim == len(shape)


def test_one_element_is_a_float():
    assert float(ad.Variable([[2.5]])) == float(torch.tensor([[2.5]]))


@pytest.mark.parametrize("name", ["sum", "logsumexp", "softmax", "log_softmax"])
@pytest.mark.parametrize(("shape", "axis"), [((0, 3), 0), ((0, 3), 1), ((2, 0), -1), ((0,), 0)])
def test_folds_of_nothing(name, shape, axis):
    f, torch_f = FOLDS[name]
    as_pytorch(lambda x: f(x, axis), lambda x: torch_f(x, axis), [np.ones(shape)], 1.0)
