"""Batch norm against PyTorch, Keras's record, differences and the adjoint."""

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as tF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from dlnotes import check
from oracles import agrees, normal, refuses, scatter_in_memory

SHAPES = [(5, 3), (2, 3, 7), (5, 3, 7, 2), (2, 5, 3, 2, 7), (1, 3, 2, 2), (3, 71)]
ROLES = ["gamma and beta", "gamma", "beta", "neither"]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def ours(x, gamma=None, beta=None, **options):
    return F.batch_norm(x, gamma, beta, **options).y


def torchs(x, gamma=None, beta=None, **options):
    return tF.batch_norm(x, None, None, gamma, beta, **options)


def averages_of(x):
    """Running averages that differ from channel to channel."""
    channels = np.arange(x.shape[1])
    return np.cos(channels), 0.5 + np.sin(channels) ** 2


def learned(rng, channels, role):
    gamma, beta = normal(rng, (channels,)), normal(rng, (channels,))
    return gamma if "gamma" in role else None, beta if "beta" in role else None


# ---- three oracles


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_three_oracles_in_training(rng, shape, role):
    x = 3 + 2 * normal(rng, shape)
    options = {"training": True, "eps": 1e-3}
    inputs = (x, *learned(rng, shape[1], role))
    agrees(ours, F.batch_norm_backward, torchs, *inputs, options=options, affine=False)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("shape", [(1, 3), (5, 3, 7, 2), (2, 5, 3, 2, 7)])
def test_three_oracles_in_use(rng, shape, role):
    x = 3 + 2 * normal(rng, shape)
    inputs = (x, *learned(rng, shape[1], role))
    mean, var = averages_of(x)

    def used(function):
        """Give the running averages in x's dtype."""

        def call(*arrays):
            dtype = arrays[0].dtype
            averages = {"running_mean": mean.astype(dtype), "running_var": var.astype(dtype)}
            return function(*arrays, **averages)

        return call

    def torch_in_use(x, *learned):
        averages = [torch.from_numpy(a).to(x.dtype) for a in (mean, var)]
        return tF.batch_norm(x, *averages, *learned)

    agrees(used(ours), used(F.batch_norm_backward), torch_in_use, *inputs)


def test_a_mean_far_from_zero(rng):
    x = 1000 + normal(rng, (7, 23, 150, 31))
    gamma, beta = learned(rng, 23, "gamma and beta")
    check.against_torch(
        ours,
        F.batch_norm_backward,
        torchs,
        *(x, gamma, beta),
        options={"training": True},
        rtol=1e-8,  # the mean is a thousand deviations away: three digits are lost
        atol=1e-9,
    )


def test_float32_sums_many_values_well(rng):
    """A mean far from zero, and a hundred thousand values: as good as PyTorch's double sums."""
    x = (50 + normal(rng, (100_000, 3))).astype(np.float32)
    exact = x.astype(np.float64)
    want = (exact - exact.mean(axis=0)) / np.sqrt(exact.var(axis=0) + 1e-5)
    assert np.abs(ours(x, training=True) - want).max() < 1e-4


# ---- running averages


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("momentum", [None, 0.0, 0.3, 1.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_running_averages_are_pytorchs(rng, shape, momentum, dtype):
    batches = (2 + 3 * normal(rng, (3, *shape))).astype(dtype)
    mean, var = (a.astype(dtype) for a in averages_of(batches[0]))
    want = torch.from_numpy(mean.copy()), torch.from_numpy(var.copy())
    options = {} if momentum is None else {"momentum": momentum}
    rtol = 1e-10 if dtype == np.float64 else 1e-4
    for x in batches:
        before = mean.copy(), var.copy(), x.copy()
        y, *after = F.batch_norm(
            x, running_mean=mean, running_var=var, training=True, momentum=momentum
        )
        for old, kept in zip((mean, var, x), before, strict=True):
            assert np.array_equal(old, kept)  # nothing given is changed
        want_y = tF.batch_norm(torch.from_numpy(x), *want, training=True, **options)
        check.close(y, want_y, rtol=rtol, atol=rtol)
        for got, other in zip(after, want, strict=True):
            assert got.dtype == dtype
            check.close(got, other, rtol=rtol, atol=rtol)
        mean, var = after
    y = F.batch_norm(batches[0], running_mean=mean, running_var=var)
    check.close(y.y, tF.batch_norm(torch.from_numpy(batches[0]), *want), rtol=rtol, atol=rtol)
    assert y.running_mean is mean  # in use they stay what they are
    assert y.running_var is var


def keras_cases(root):
    path = root / "tests" / "golden" / "keras_batch_norm.json"
    return json.loads(path.read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_keras_convention_is_what_keras_recorded(root, number):
    case = keras_cases(root)[number]
    batches, gamma, beta = (np.array(case[key]) for key in ("x", "gamma", "beta"))
    options = {"convention": "keras", "momentum": case["options"].get("momentum")}
    options["eps"] = case["options"].get("epsilon")
    mean, var = np.zeros_like(gamma), np.ones_like(gamma)
    assert len(case["training"]) == len(batches) == 2
    for x, want in zip(batches, case["training"], strict=True):
        y, mean, var = F.batch_norm(
            x, gamma, beta, running_mean=mean, running_var=var, training=True, **options
        )
        for got, key in ((y, "y"), (mean, "mean"), (var, "var")):
            check.close(got, np.array(want[key]), rtol=1e-9, atol=1e-9)
    y = F.batch_norm(batches[0], gamma, beta, running_mean=mean, running_var=var, **options).y
    check.close(y, np.array(case["use"]), rtol=1e-9, atol=1e-9)


def test_the_conventions_are_each_other_with_the_momentum_turned_round(rng):
    """Keras's 0.99 is PyTorch's 0.01, and M/(M − 1) lies between their variances."""
    x, mean, var = normal(rng, (5, 3, 2)), np.zeros(3), np.ones(3)
    given = {"running_mean": mean, "running_var": var, "training": True}
    keras = F.batch_norm(x, convention="keras", momentum=0.99, **given)
    pytorch = F.batch_norm(x, momentum=0.01, **given)
    check.close(keras.running_mean, pytorch.running_mean)
    check.close((pytorch.running_var - 0.99) / (keras.running_var - 0.99), [10 / 9] * 3)


def test_defaults_of_the_conventions(rng):
    """0.1 and 1e-5 are PyTorch's, 0.99 and 1e-3 Keras's."""
    x = normal(rng, (5, 3))
    given = {"running_mean": np.zeros(3), "running_var": np.ones(3), "training": True}
    for convention, momentum, eps in (("pytorch", 0.1, 1e-5), ("keras", 0.99, 1e-3)):
        short = F.batch_norm(x, convention=convention, **given)
        long = F.batch_norm(x, convention=convention, momentum=momentum, eps=eps, **given)
        for a, b in zip(short, long, strict=True):
            assert np.array_equal(a, b)


def test_without_running_averages_training_returns_none(rng):
    y, mean, var = F.batch_norm(normal(rng, (5, 3)), training=True)
    assert mean is None
    assert var is None
    assert y.shape == (5, 3)


def test_catalogue_batch_norm():
    """Two numbers a channel are learned, two estimated."""
    channels = 7
    layer = torch.nn.BatchNorm2d(channels)
    learned = sum(p.numel() for p in layer.parameters()) // channels
    result = F.batch_norm(
        np.zeros((2, channels, 3)),
        running_mean=np.zeros(channels),
        running_var=np.ones(channels),
        training=True,
    )
    estimated = sum(a.size for a in result[1:]) // channels
    check.shows("batch-norm", parameters=learned + estimated, learned=learned, estimated=estimated)


# ---- edges


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 7, 2)])
def test_empty_batch(shape, training):
    """Nothing to normalize: the running averages stay, and the gradients are zero."""
    x, ones = np.zeros(shape, np.float32), np.ones(3, np.float32)
    given = {"running_mean": 2 * ones, "running_var": 3 * ones, "training": training}
    y, mean, var = F.batch_norm(x, ones, ones, **given)
    assert (y.shape, y.dtype) == (shape, np.float32)
    assert (mean.tolist(), var.tolist()) == ([2.0] * 3, [3.0] * 3)
    dx, dgamma, dbeta = F.batch_norm_backward(y, x, ones, ones, **given)
    assert (dx.shape, dgamma.tolist(), dbeta.tolist()) == (shape, [0.0] * 3, [0.0] * 3)
    assert {a.dtype for a in (dx, dgamma, dbeta)} == {np.dtype(np.float32)}


@settings(max_examples=100)
@given(st.data())
def test_nan_and_infinity_are_pytorchs(data):
    shape = data.draw(st.sampled_from([(4, 3), (2, 3, 5), (2, 3, 2, 2)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    x, dy, training = normal(rng, shape), normal(rng, shape), data.draw(st.booleans())
    mean, var = averages_of(x)
    for array in (x, mean, var):
        for value in data.draw(st.lists(st.sampled_from([np.nan, np.inf, -np.inf]))):
            array[rng.random(array.shape) < 0.1] = value
    tensors = [torch.from_numpy(a.copy()) for a in (x, mean, var)]
    gamma = normal(rng, (3,))
    leaves = [tensors[0].requires_grad_(), torch.from_numpy(gamma.copy()).requires_grad_()]
    want = tF.batch_norm(*tensors, leaves[1], training=training)
    given = {"running_mean": mean, "running_var": var, "training": training}
    y, *after = F.batch_norm(scatter_in_memory(x), gamma, **given)
    np.testing.assert_allclose(y, want.detach().numpy(), rtol=1e-9, atol=1e-9)
    for got, other in zip(after, tensors[1:], strict=True):
        np.testing.assert_allclose(got, other.numpy(), rtol=1e-9, atol=1e-9)
    wants = torch.autograd.grad(want, leaves, torch.from_numpy(dy))
    gots = F.batch_norm_backward(dy, x, gamma, **given)
    for got, other in zip(gots[:2], wants, strict=True):
        np.testing.assert_allclose(got, other.numpy(), rtol=1e-9, atol=1e-9)


X, C = np.zeros((2, 3, 7)), np.ones(3)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: F.batch_norm(X.astype(int), training=True), TypeError, ["x is int64"]),
        (lambda: F.batch_norm(None), TypeError, ["batch_norm: x is missing"]),
        (
            lambda: F.batch_norm(X[0, 0], training=True),
            ValueError,
            ["x needs a batch axis", "(7,)"],
        ),
        (
            lambda: F.batch_norm(X[:, :0], training=True),
            ValueError,
            ["no empty axis but the batch"],
        ),
        (
            lambda: F.batch_norm(X, training=1),
            TypeError,
            ["training is True or False", "training=1"],
        ),
        (
            lambda: F.batch_norm(X, np.ones(7), training=True),
            ValueError,
            ["batch_norm: gamma has shape (7,)", "(C)=(3,)", "x float64 (2, 3, 7)"],
        ),
        (
            lambda: F.batch_norm(X, C, np.ones(1), training=True),
            ValueError,
            ["beta has shape (1,)"],
        ),
        (
            lambda: F.batch_norm(X, C.astype(np.float32), training=True),
            TypeError,
            ["gamma is float32 but x is float64"],
        ),
        (
            lambda: F.batch_norm(X),
            ValueError,
            ["in use (training=False) there is nothing to normalize by", "training=True"],
        ),
        (
            lambda: F.batch_norm(X, running_mean=C),
            ValueError,
            ["one running average comes without the other", "running_var=None"],
        ),
        (
            lambda: F.batch_norm(X[:1, :, :1], training=True),
            ValueError,
            ["in training a channel needs more than 1 value", "(1, 3, 1)"],
        ),
        (lambda: F.batch_norm(X, training=True, eps=0), ValueError, ["eps is 0"]),
        (lambda: F.batch_norm(X, training=True, eps=-1.0), ValueError, ["eps must be at least 0"]),
        (lambda: F.batch_norm(X, training=True, eps="1"), TypeError, ["eps is no number"]),
        (
            lambda: F.batch_norm(X, training=True, momentum=1.5),
            ValueError,
            ["momentum must be between 0 and 1", "momentum=1.5"],
        ),
        (
            lambda: F.batch_norm(X, training=True, convention="tensorflow"),
            ValueError,
            ["convention='tensorflow'", "'pytorch', 'keras'"],
        ),
        (
            lambda: F.batch_norm_backward(X[:1], X, training=True),
            ValueError,
            ["batch_norm_backward: dy has shape (1, 3, 7)", "(2, 3, 7)"],
        ),
        (
            lambda: F.batch_norm_backward(X.astype(np.float32), X, training=True),
            TypeError,
            ["dy is float32 but x is float64"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()
