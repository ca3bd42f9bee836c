"""Initializers against torch.nn.init: the parameters of each distribution, and what is drawn."""

import math

import numpy as np
import pytest
import torch

from dlnotes import check
from dlnotes import initializers as init
from oracles import refuses

SHAPES = [(100, 300), (7, 1), (16, 8, 5), (32, 12, 3, 5), (4, 6, 2, 3, 5)]


class Recorder(np.random.Generator):
    """A generator that notes what it was asked for."""

    def __init__(self):
        super().__init__(np.random.PCG64(0))
        self.asked = []

    def uniform(self, low, high, size):
        self.asked.append(("uniform", low, high))
        return super().uniform(low, high, size)

    def normal(self, mean, std, size):
        self.asked.append(("normal", mean, std))
        return super().normal(mean, std, size)


def asked_of_torch(monkeypatch, call, shape):
    """The distribution that an initializer of PyTorch asks for, and its parameters."""
    asked = []
    with monkeypatch.context() as patch:
        for name in ("uniform", "normal"):
            patch.setattr(
                torch.Tensor,
                f"{name}_",
                lambda self, a, b, generator=None, name=name: asked.append((name, a, b)) or self,
            )
        call(torch.empty(shape))
    return asked


RULES = {
    "xavier_uniform": (init.xavier_uniform, torch.nn.init.xavier_uniform_, {}, {}),
    "xavier_normal": (init.xavier_normal, torch.nn.init.xavier_normal_, {}, {}),
    "xavier_uniform, ReLU": (
        init.xavier_uniform,
        torch.nn.init.xavier_uniform_,
        {"gain": init.gain("relu")},
        {"gain": math.sqrt(2)},
    ),
    "xavier_normal, tanh": (
        init.xavier_normal,
        torch.nn.init.xavier_normal_,
        {"gain": init.gain("tanh")},
        {"gain": 5 / 3},
    ),
    "he_uniform": (init.he_uniform, torch.nn.init.kaiming_uniform_, {}, {}),
    "he_normal": (init.he_normal, torch.nn.init.kaiming_normal_, {}, {}),
    "he_uniform back": (
        init.he_uniform,
        torch.nn.init.kaiming_uniform_,
        {"mode": "fan_out"},
        {"mode": "fan_out"},
    ),
    "he_normal, leaky": (
        init.he_normal,
        torch.nn.init.kaiming_normal_,
        {"negative_slope": 0.2, "mode": "fan_out"},
        {"a": 0.2, "mode": "fan_out"},
    ),
    "PyTorch's layers": (
        init.he_uniform,
        torch.nn.init.kaiming_uniform_,
        {"negative_slope": math.sqrt(5)},
        {"a": math.sqrt(5)},
    ),
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", RULES)
def test_rules_ask_for_what_pytorch_asks_for(monkeypatch, name, shape):
    ours, theirs, options, torch_options = RULES[name]
    rng = Recorder()
    w = ours(shape, rng=rng, **options)
    ((kind, a, b),) = asked_of_torch(monkeypatch, lambda t: theirs(t, **torch_options), shape)
    assert [asked[0] for asked in rng.asked] == [kind]
    np.testing.assert_allclose(rng.asked[0][1:], (a, b), rtol=1e-15)
    assert w.shape == shape


@pytest.mark.parametrize("name", RULES)
def test_what_is_drawn_is_distributed_as_pytorchs(name):
    """Two samples of 60,000: the largest gap between their distribution functions.

    The gap would exceed 0.0113 by chance once in a thousand (Kolmogorov and Smirnov); a deviation
    that is 5 % off makes it larger.
    """
    ours, theirs, options, torch_options = RULES[name]
    shape = (200, 300)
    mine = np.sort(ours(shape, rng=np.random.default_rng(1), **options).ravel())
    generator = torch.Generator().manual_seed(1)
    tensor = theirs(torch.empty(shape, dtype=torch.float64), generator=generator, **torch_options)
    other = np.sort(tensor.numpy().ravel())

    def largest_gap(a, b):
        at = np.concatenate([a, b])
        return np.abs(
            np.searchsorted(a, at, "right") / a.size - np.searchsorted(b, at, "right") / b.size
        ).max()

    assert largest_gap(mine, other) < 0.0113
    assert largest_gap(1.05 * mine, other) > 0.0113
    if "uniform" in name:
        assert abs(mine).max() <= math.sqrt(3) * mine.std() * 1.01


def test_uniform_and_normal_draw_what_was_asked():
    a = init.uniform((300, 200), -0.5, 2.0, rng=np.random.default_rng(2))
    assert -0.5 <= a.min() < -0.499
    assert 1.999 < a.max() <= 2.0
    b = init.normal((300, 200), 3.0, 0.5, rng=np.random.default_rng(3))
    assert abs(b.mean() - 3.0) < 4 * 0.5 / math.sqrt(b.size)
    assert abs(b.std() - 0.5) < 4 * 0.5 / math.sqrt(2 * b.size)


def test_constants():
    assert init.zeros((2, 3)).tolist() == [[0.0] * 3] * 2
    assert init.constant(3, 0.1, dtype=np.float32).tolist() == [np.float32(0.1)] * 3
    assert init.zeros(()).shape == ()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_fans_are_pytorchs(shape):
    want = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert init.fans(shape) == want


def test_fans_of_a_layer_by_counting():
    """A convolution of 6 channels to 4 with 3×5 kernels: count the weights of a unit."""
    layer = torch.nn.Conv2d(6, 4, (3, 5))
    fan_in, fan_out = init.fans(tuple(layer.weight.shape))
    assert fan_in == layer.weight[0].numel()
    assert fan_out == layer.weight[:, 0].numel()


@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains_are_pytorchs(name):
    assert init.gain(name) == pytest.approx(torch.nn.init.calculate_gain(name), rel=1e-15)
    if name == "leaky_relu":
        want = torch.nn.init.calculate_gain(name, 0.3)
        assert init.gain(name, negative_slope=0.3) == pytest.approx(want, rel=1e-15)
    else:
        assert init.gain(name, negative_slope=0.3) == init.gain(name)


def test_the_catalogues_numbers():
    rng = Recorder()
    init.xavier_uniform((100, 300), rng=rng)
    init.xavier_normal((100, 300), rng=rng)
    (_, _, r), (_, _, sigma) = rng.asked
    assert r == pytest.approx(math.sqrt(6 / 400))
    check.shows("xavier", r=r, sigma=sigma, relu_gain=init.gain("relu"), r_over_sigma=r / sigma)


@pytest.mark.parametrize("name", RULES)
def test_no_hidden_state(name):
    ours, _, options, _ = RULES[name]
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    rng = np.random.default_rng(7)
    first, second = (ours((3, 5), rng=rng, **options) for _ in range(2))
    np.testing.assert_array_equal(first, ours((3, 5), rng=np.random.default_rng(7), **options))
    assert not np.array_equal(first, second)
    single = ours((3, 5), rng=np.random.default_rng(7), dtype=np.float32, **options)
    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, first.astype(np.float32))
    assert np.array_equal(state, np.random.get_state()[1])  # noqa: NPY002


RNG = np.random.default_rng(0)
REFUSED = {
    "biases": (
        lambda: init.he_normal((3,), rng=RNG),
        ValueError,
        ["fans: ", "shape (3,)", "zeros"],
    ),
    "empty": (lambda: init.xavier_normal((0, 3), rng=RNG), ValueError, ["fans: ", "(0, 3)"]),
    "seed": (
        lambda: init.he_uniform((2, 3), rng=5),
        TypeError,
        ["rng must be", "int 5", "default_rng"],
    ),
    "no generator": (lambda: init.normal(3, rng=None), TypeError, ["normal: ", "NoneType"]),
    "module": (lambda: init.uniform(3, rng=np.random), TypeError, ["uniform: ", "module"]),
    "mode": (lambda: init.he_normal((2, 3), rng=RNG, mode="fan"), ValueError, ["'fan'", "fan_in"]),
    "gain": (lambda: init.gain("swish"), ValueError, ["gain: ", "'swish'", "relu"]),
    "float size": (
        lambda: init.zeros((2, 3 / 1)),
        TypeError,
        ["sizes must be integers", "3.0", "//"],
    ),
    "negative": (lambda: init.zeros((2, -1)), ValueError, ["(2, -1)"]),
    "integers": (lambda: init.zeros(3, dtype=int), TypeError, ["dtype int64", "np.float64"]),
    "bounds": (lambda: init.uniform(3, 2, 1, rng=RNG), ValueError, ["low=2, high=1"]),
    "infinite": (lambda: init.uniform(3, 0, np.inf, rng=RNG), ValueError, ["high=inf"]),
    "deviation": (lambda: init.normal(3, 0, -1, rng=RNG), ValueError, ["std=-1"]),
    "no shape": (
        lambda: init.zeros(None),
        TypeError,
        ["shape is an int or a sequence", "NoneType"],
    ),
    "no dtype": (lambda: init.zeros(3, dtype="big"), TypeError, ["no dtype", "'big'"]),
    "text": (lambda: init.uniform(3, "0", 1, rng=RNG), TypeError, ["uniform: low is no number"]),
    "a value": (lambda: init.constant(3, [1.0]), TypeError, ["constant: value is no number"]),
    "slope": (
        lambda: init.he_normal((2, 3), rng=RNG, negative_slope=None),
        TypeError,
        ["gain: negative_slope is no number", "NoneType"],
    ),
    "huge": (
        lambda: init.constant(3, 10**400),
        ValueError,
        ["constant: value is beyond the largest float"],
    ),
    "beyond float16": (
        lambda: init.constant(3, 1e300, dtype=np.float16),
        ValueError,
        ["constant: a value is beyond the largest of float16, 6.55e+04; got 1e+300"],
    ),
    "beyond float32": (
        lambda: init.uniform(3, 1e299, 1e300, rng=RNG, dtype=np.float32),
        ValueError,
        ["uniform: a value is beyond the largest of float32, 3.4e+38; got "],
    ),
    "huge slope": (
        lambda: init.he_normal((2, 3), rng=RNG, negative_slope=-(10**400)),
        ValueError,
        ["gain: negative_slope is beyond the largest float"],
    ),
    "nan": (lambda: init.normal(3, np.nan, 1, rng=RNG), ValueError, ["mean=nan"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_and_why(name):
    call, error, parts = REFUSED[name]
    with refuses(error, *parts):
        call()


def test_a_slope_whose_square_overflows_leaves_nothing():
    assert init.he_normal((2, 3), rng=RNG, negative_slope=1e300).tolist() == [[0] * 3] * 2


def test_a_constant_may_be_infinite():
    assert init.constant(2, -np.inf, dtype=np.float16).tolist() == [-np.inf] * 2
