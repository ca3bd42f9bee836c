"""Activations: the three oracles, corners, extremes, and the notes' claims."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import dlnotes.functional as F
from bad_input import VALUES
from dlnotes import check
from oracles import agrees, apart, normal, refuses

SHAPES = [(), (7,), (1, 5), (0, 3), (2, 3, 4), (2, 3, 4, 5)]


def torch_step(x, at_zero=1.0):
    """The values of heaviside with the gradient of sign: PyTorch gives heaviside none."""
    value = torch.heaviside(x.detach(), torch.tensor(at_zero, dtype=x.dtype))
    return value + torch.sign(x) - torch.sign(x).detach()


def torch_elu(x, alpha=1.0):
    """ELU with no remainder of PyTorch's vector loop: at NaN its gradient is dy there, else NaN."""
    flat = x.reshape(-1)
    whole = torch.cat([flat, torch.zeros(-flat.numel() % 64, dtype=x.dtype)])
    return TF.elu(whole, alpha=alpha)[: flat.numel()].reshape(x.shape)


def torch_softmax(x, axis=-1):
    return TF.softmax(x, dim=axis)


def torch_log_softmax(x, axis=-1):
    return TF.log_softmax(x, dim=axis)


ELEMENTWISE = [
    (F.step, F.step_backward, torch_step, {}),
    (F.step, F.step_backward, torch_step, {"at_zero": 0.5}),
    (F.sigmoid, F.sigmoid_backward, torch.sigmoid, {}),
    (F.tanh, F.tanh_backward, torch.tanh, {}),
    (F.relu, F.relu_backward, TF.relu, {}),
    (F.leaky_relu, F.leaky_relu_backward, TF.leaky_relu, {}),
    (F.leaky_relu, F.leaky_relu_backward, TF.leaky_relu, {"negative_slope": 0.3}),
    (F.leaky_relu, F.leaky_relu_backward, TF.leaky_relu, {"negative_slope": 0}),
    (F.rrelu, F.rrelu_backward, TF.rrelu, {}),
    (F.rrelu, F.rrelu_backward, TF.rrelu, {"lower": 0.1, "upper": 0.7}),
    (F.elu, F.elu_backward, torch_elu, {}),
    (F.elu, F.elu_backward, torch_elu, {"alpha": 0.3}),
]


def named(case):
    return case.__name__ if callable(case) else "-".join(f"{k}={v}" for k, v in case.items())


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("forward", "backward", "pytorch", "options"), ELEMENTWISE, ids=named)
def test_elementwise(forward, backward, pytorch, options, shape):
    x = apart(np.random.default_rng(2), shape)
    agrees(forward, backward, pytorch, np.asarray(x), options=options, affine=False)


def test_relu6():
    """Apart from the others: PyTorch's own gradient at NaN depends on the dtype."""
    x = np.array([-1000.0, -1.0, -0.0, 0.0, 0.5, 5.5, 6.0, 6.5, 1000.0, np.inf, -np.inf])
    tensor = torch.tensor(x, requires_grad=True)
    TF.relu6(tensor).backward(torch.arange(1.0, 12.0, dtype=torch.float64))
    np.testing.assert_array_equal(F.relu6(x), TF.relu6(tensor).detach().numpy())
    np.testing.assert_array_equal(F.relu6_backward(np.arange(1.0, 12.0), x), tensor.grad.numpy())
    assert np.isnan(F.relu6(np.array([np.nan]))).all()
    agrees(
        F.relu6,
        F.relu6_backward,
        TF.relu6,
        3 * apart(np.random.default_rng(2), (5, 3), 0.5),
        affine=False,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("forward", "backward", "pytorch", "options"), ELEMENTWISE, ids=named)
@np.errstate(all="ignore")
def test_corners_and_extremes_are_pytorchs(forward, backward, pytorch, options, dtype):
    """Zero, minus zero, ±1000 and infinity, with an upstream gradient that is not one; NaN too.

    But for relu at NaN: PyTorch hands dy on there, and dy [x > 0] does not.
    """
    x = (VALUES[1:] if forward is F.relu else VALUES).astype(dtype)
    dy = np.arange(1, len(x) + 1).astype(dtype)
    tensor = torch.tensor(x, requires_grad=True)
    y = pytorch(tensor, **options)
    (want,) = torch.autograd.grad(y, tensor, torch.tensor(dy))
    rtol = 1e-6 if dtype == np.float32 else 1e-12
    for got, expected in (
        (forward(x, **options), y.detach().numpy()),
        (backward(dy, x, **options), want.numpy()),
    ):
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
@pytest.mark.parametrize("shape", [(2, 3, 4), (5, 1, 2), (0, 3, 2), (3, 0, 2), (1, 1, 7)])
def test_softmax_and_its_logarithm(shape, axis):
    x, options = normal(np.random.default_rng(3), shape), {"axis": axis}
    agrees(F.softmax, F.softmax_backward, torch_softmax, x, options=options, affine=False)
    agrees(
        F.log_softmax, F.log_softmax_backward, torch_log_softmax, x, options=options, affine=False
    )


@pytest.mark.parametrize("spread", [1.0, 29.0, 100.0, 1000.0])
@pytest.mark.parametrize("offset", [0.0, 28.0, -1000.0, 1000.0])
def test_softmax_at_extremes(spread, offset):
    """On both sides of where the maximum is subtracted, in one array and in neighbours."""
    rng = np.random.default_rng(4)
    x = offset + rng.uniform(-spread, spread, (6, 5))
    x[0] = rng.standard_normal(5)
    x[3] = [1000.0, -1000.0, 0.0, 1000.0, 5.0]
    for dtype, tolerance in ((np.float64, {}), (np.float32, {"rtol": 1e-4, "atol": 1e-6})):
        a = x.astype(dtype)
        for forward, backward, pytorch in (
            (F.softmax, F.softmax_backward, torch_softmax),
            (F.log_softmax, F.log_softmax_backward, torch_log_softmax),
        ):
            check.against_torch(forward, backward, pytorch, a, **tolerance)
            assert np.isfinite(forward(a)).all()


@np.errstate(all="ignore")
def test_softmax_of_one_wide_example_behind_narrow_ones():
    for wide in ([1000.0, 0.0], [-1000.0, -1001.0], [90.0, 90.0], [np.inf, 0.0], [np.nan, 0.0]):
        x = np.array([[0.1, 0.2], [0.3, -0.1], wide])
        for dtype, rtol in ((np.float32, 1e-6), (np.float64, 1e-12)):
            want = TF.softmax(torch.tensor(x.astype(dtype)), dim=1).numpy()
            np.testing.assert_allclose(F.softmax(x.astype(dtype)), want, rtol=rtol, atol=1e-30)


def test_softmax_sums_to_one_and_ignores_a_constant():
    x = normal(np.random.default_rng(5), (4, 6))
    check.close(F.softmax(x).sum(axis=-1), np.ones(4))
    check.close(F.softmax(x + 500.0), F.softmax(x), rtol=1e-9)
    check.close(F.softmax_backward(np.full((4, 6), 3.0), x), np.zeros((4, 6)))


def test_derivative_of_the_sigmoid_is_a_quarter_at_most():
    x = np.linspace(-8, 8, 161)
    slope = F.sigmoid_backward(np.ones_like(x), x)
    assert slope.max() == slope[80] == 0.25
    assert x[80] == 0


def test_scalars_come_as_numbers_too():
    assert F.sigmoid(0.0) == 0.5
    assert F.relu(np.float32(-3)).dtype == np.float32
    assert F.softmax(np.ones(4, np.float32)).tolist() == [0.25] * 4


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: F.relu(np.arange(3)), TypeError, ["relu: x is int64, neither float32 nor"]),
        (lambda: F.relu(np.ones(2, complex)), TypeError, ["x is complex128", "x.real or abs(x)"]),
        (lambda: F.relu([1.0]), TypeError, ["relu: x is no NumPy array", "list"]),
        (lambda: F.tanh(None), TypeError, ["tanh: x is missing"]),
        (
            lambda: F.relu_backward(np.ones((2, 1)), np.ones((2, 3))),
            ValueError,
            ["relu_backward: dy has shape (2, 1)", "(2, 3)"],
        ),
        (
            lambda: F.relu_backward(np.ones(2, np.float32), np.ones(2)),
            TypeError,
            ["relu_backward: dy is float32 but x is float64"],
        ),
        (
            lambda: F.softmax(np.ones((2, 3)), axis=2),
            ValueError,
            ["softmax: axis 2 does not exist in 2 dimensions", "-2 <= axis < 2"],
        ),
        (lambda: F.softmax(np.ones(()), axis=0), ValueError, ["softmax: axis 0", "0 dimensions"]),
        (lambda: F.softmax(np.ones(2), axis=1.0), TypeError, ["softmax: axis is no int"]),
        (lambda: F.softmax(np.ones(2), axis=None), TypeError, ["softmax: axis is no int"]),
        (
            lambda: F.elu(np.ones(2), alpha=np.inf),
            ValueError,
            ["elu: alpha must be finite; got alpha=inf"],
        ),
        (
            lambda: F.leaky_relu(np.ones(2), negative_slope="0.1"),
            TypeError,
            ["leaky_relu: negative_slope is no number", "str"],
        ),
        (
            lambda: F.leaky_relu(np.ones(2), negative_slope=10**400),
            ValueError,
            ["leaky_relu: negative_slope is beyond the largest float", "give a float"],
        ),
        (
            lambda: F.leaky_relu(np.ones(2), negative_slope=np.inf),
            ValueError,
            ["leaky_relu: negative_slope must be finite", "got negative_slope=inf"],
        ),
        (lambda: F.step(np.ones(2), at_zero=True), TypeError, ["step: at_zero is no number"]),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()
