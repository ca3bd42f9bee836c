"""RReLU with given slopes and PReLU with learned ones: PyTorch's own draws, the three oracles."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import dlnotes.functional as F
from bad_input import VALUES
from dlnotes import check
from oracles import FLOAT32, agrees, apart, normal, refuses


def drawn_by_pytorch(x, seed, **bounds):
    """Run RReLU in PyTorch's training mode on `x`; return its output and the slopes it drew."""
    noise = torch.zeros_like(x)
    torch.manual_seed(seed)
    y = torch.ops.aten.rrelu_with_noise(x, noise, bounds["lower"], bounds["upper"], True)
    return y, noise


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(), (7,), (1, 5), (0, 3), (2, 3, 4)])
def test_rrelu_in_training_with_the_slopes_that_pytorch_drew(shape, dtype):
    rng, bounds = np.random.default_rng(6), {"lower": 0.1, "upper": 0.6}
    x = np.asarray(apart(rng, shape)).astype(dtype)
    dy = np.asarray(normal(rng, shape)).astype(dtype)
    tensor = torch.tensor(x, requires_grad=True)
    y, slopes = drawn_by_pytorch(tensor, 7, **bounds)
    (want,) = torch.autograd.grad(y, tensor, torch.tensor(dy))
    options = {"slopes": slopes.numpy(), "training": True, **bounds}
    tolerance = FLOAT32 if dtype == np.float32 else {}
    check.close(F.rrelu(x, **options), y.detach().numpy(), **tolerance)
    check.close(F.rrelu_backward(dy, x, **options), want.numpy(), **tolerance)


def test_rrelu_in_training_at_corners_and_extremes():
    """Finite and infinite ones; at NaN the gradient is the slope's here, dy in PyTorch."""
    bounds = {"lower": 0.25, "upper": 0.25}  # PyTorch cannot be given slopes, but these are known
    tensor = torch.tensor(VALUES[1:], requires_grad=True)
    y, _ = drawn_by_pytorch(tensor, 0, **bounds)
    options = {"slopes": np.full_like(VALUES[1:], 0.25), "training": True, **bounds}
    np.testing.assert_allclose(F.rrelu(VALUES[1:], **options), y.detach().numpy())
    got = F.rrelu_backward(np.ones_like(VALUES[1:]), VALUES[1:], **options)
    assert got.tolist() == [1 if v > 0 else 0.25 for v in VALUES[1:]]


def test_rrelu_in_training_by_differences_and_adjoint():
    rng = np.random.default_rng(8)
    x, slopes = apart(rng, (3, 5)), F.rrelu_slopes(rng, (3, 5))
    options = {"slopes": slopes, "training": True}
    check.gradient_check(F.rrelu, F.rrelu_backward, x, options=options, elements=None)

    def jvp(inputs, position, v):
        return np.where(inputs[0] > 0, 1, slopes) * v

    check.adjoint_check(F.rrelu, F.rrelu_backward, x, options=options, jvp=jvp)


def test_rrelu_slopes_fill_their_range_evenly():
    slopes = F.rrelu_slopes(np.random.default_rng(9), (100, 200), lower=0.2, upper=0.6)
    assert slopes.shape == (100, 200)
    assert 0.2 <= slopes.min() < 0.201
    assert 0.599 < slopes.max() <= 0.6
    assert abs(slopes.mean() - 0.4) < 5 * 0.4 / np.sqrt(12 * slopes.size)
    single = F.rrelu_slopes(np.random.default_rng(9), 3, dtype=np.float32)
    assert (single.shape, single.dtype) == ((3,), np.float32)


def test_rrelu_outside_training_is_leaky_relu_with_the_mean_slope():
    x = normal(np.random.default_rng(10), (4, 5))
    mean = (1 / 8 + 1 / 3) / 2
    check.close(F.rrelu(x), F.leaky_relu(x, negative_slope=mean))
    check.close(F.rrelu(x, np.zeros_like(x)), F.rrelu(x))


@pytest.mark.parametrize(
    ("x", "w"),
    [
        ((), (1,)),
        ((7,), (1,)),
        ((4, 3), (3,)),
        ((4, 3), (1,)),
        ((4, 3), ()),
        ((1, 3, 2), (3,)),
        ((2, 3, 4, 5), (3,)),
        ((2, 1, 4), (1,)),
        ((0, 3, 2), (3,)),
        ((2, 0, 3), (0,)),
    ],
)
def test_prelu(x, w):
    rng = np.random.default_rng(11)
    x, w = np.asarray(apart(rng, x)), np.asarray(normal(rng, w))
    agrees(F.prelu, F.prelu_backward, TF.prelu, x, w, affine=False)


def test_prelu_at_corners_and_extremes():
    tensor = torch.tensor(VALUES, requires_grad=True)
    w = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
    dy = np.arange(1.0, len(VALUES) + 1)
    y = TF.prelu(tensor, w)
    want_x, want_w = torch.autograd.grad(y, (tensor, w), torch.tensor(dy))
    np.testing.assert_allclose(F.prelu(VALUES, np.array([0.25])), y.detach().numpy())
    dx, dw = F.prelu_backward(dy, VALUES, np.array([0.25]))
    np.testing.assert_allclose(dx, want_x.numpy())
    np.testing.assert_allclose(dw, want_w.numpy())


def test_prelu_learns_its_slope():
    """Erratum e-prelu of the note: the slope is a parameter, and descent finds the true one."""
    x = normal(np.random.default_rng(12), (50, 2))
    target = np.where(x > 0, x, np.array([0.1, 0.7]) * x)
    w = np.full(2, 0.25)
    for _ in range(200):
        error = F.prelu(x, w) - target
        w = w - 0.02 * F.prelu_backward(error, x, w)[1]
    check.close(w, [0.1, 0.7], rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: F.prelu(np.ones((2, 3)), np.ones(2)),
            ValueError,
            ["prelu: w has shape (2,) but x has C=3 channels", "(1,) or (3,)"],
        ),
        (lambda: F.prelu(np.ones((2, 3)), np.ones((1, 3))), ValueError, ["w has shape (1, 3)"]),
        (lambda: F.prelu(np.ones(3), np.ones(3)), ValueError, ["x has C=1 channels"]),
        (
            lambda: F.prelu_backward(np.ones((1, 3)), np.ones((2, 3)), np.ones(3)),
            ValueError,
            ["prelu_backward: dy has shape (1, 3)", "(2, 3)"],
        ),
        (
            lambda: F.rrelu(np.ones((2, 3)), training=True),
            TypeError,
            ["rrelu: training needs slopes", "rrelu_slopes(rng, x.shape"],
        ),
        (
            lambda: F.rrelu(np.ones((2, 3)), np.ones((2, 1)), training=True),
            ValueError,
            ["rrelu: slopes has shape (2, 1)", "(2, 3)"],
        ),
        (
            lambda: F.rrelu(np.ones((2, 3)), np.ones(3)),
            ValueError,
            ["rrelu: slopes has shape (3,)", "(2, 3)"],
        ),
        (
            lambda: F.rrelu(np.ones(2), lower=0.5, upper=0.25),
            ValueError,
            ["rrelu: lower=0.5 is above upper=0.25"],
        ),
        (lambda: F.rrelu_slopes(0, 3), TypeError, ["rng is no random generator", "int"]),
        (
            lambda: F.rrelu_slopes(np.random.default_rng(0), (2, -1)),
            ValueError,
            ["rrelu_slopes: shape[1] is -1"],
        ),
        (
            lambda: F.rrelu_slopes(np.random.default_rng(0), 3, dtype=np.float16),
            TypeError,
            ["rrelu_slopes: dtype is neither float32 nor float64", "float16"],
        ),
        (
            lambda: F.rrelu_slopes(np.random.default_rng(0), 3, dtype="nonsense"),
            TypeError,
            ["rrelu_slopes: dtype is neither"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()
