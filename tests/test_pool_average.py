"""Average pooling against PyTorch, differences and the adjoint."""

import numpy as np
import pytest
import torch
import torch.nn.functional as tF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from oracles import agrees, normal, refuses
from pool_inputs import finite, poolings

SHAPES = {1: (2, 11, 13), 2: (2, 13, 11, 7), 3: (2, 11, 5, 7, 6)}
CASES = [  # spatial axes, window, options
    (1, 2, {}),
    (1, 3, {"stride": 2, "padding": 1, "ceil_mode": True}),
    (1, 3, {"stride": 1, "padding": 1, "count_include_pad": False}),
    (2, 2, {}),
    (2, (3, 2), {"stride": (2, 3)}),
    (2, (2, 5), {"stride": 1, "padding": (1, 2), "count_include_pad": False}),
    (2, (3, 4), {"stride": 2, "padding": (1, 2), "ceil_mode": True}),
    (2, (3, 4), {"stride": 3, "padding": 1, "ceil_mode": True, "count_include_pad": False}),
    (2, (11, 7), {}),
    (3, (2, 3, 2), {}),
    (3, 3, {"stride": (1, 2, 3), "padding": 1, "ceil_mode": True}),
    (3, 3, {"stride": 2, "padding": (1, 0, 1), "count_include_pad": False, "ceil_mode": True}),
]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def ours(dims, ending=""):
    return getattr(F, f"avg_pool{dims}d{ending}")


def theirs(dims):
    return getattr(tF, f"avg_pool{dims}d")


@pytest.mark.parametrize(("dims", "window", "options"), CASES)
def test_three_oracles(rng, dims, window, options):
    pair = ours(dims), ours(dims, "_backward")
    x = normal(rng, SHAPES[dims])
    agrees(*pair, theirs(dims), x, window, options=options)
    agrees(*pair, theirs(dims), x[:1], window, options=options)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_empty_batch(dims):
    x = np.zeros((0, *SHAPES[dims][1:]), np.float32)
    y = ours(dims)(x, 2, padding=1)
    assert y.shape == tuple(theirs(dims)(torch.from_numpy(x), 2, padding=1).shape)
    dx = ours(dims, "_backward")(y, x, 2, padding=1)
    assert (y.dtype, dx.dtype, dx.shape) == (np.float32, np.float32, x.shape)


@settings(max_examples=100)
@given(st.data())
def test_values_and_gradients_are_pytorchs(data):
    dims = data.draw(st.sampled_from([1, 2, 3]))
    sizes, kernel, options = data.draw(poolings(dims, average=True))
    shape = (data.draw(st.integers(0, 2)), data.draw(st.sampled_from([2, 17])), *sizes)
    x = data.draw(finite(shape, data.draw(st.sampled_from([np.float32, np.float64]))))
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    want = theirs(dims)(tensor, kernel, **options)
    y = ours(dims)(x, kernel, **options)
    rtol = 1e-10 if x.dtype == np.float64 else 1e-4
    close = {"rtol": rtol, "atol": rtol / 10}
    assert y.dtype == x.dtype
    np.testing.assert_allclose(y, want.detach().numpy(), **close)
    dy = normal(np.random.default_rng(1), y.shape).astype(x.dtype)
    (dx,) = torch.autograd.grad(want, tensor, torch.from_numpy(dy), materialize_grads=True)
    got = ours(dims, "_backward")(dy, x, kernel, **options)
    np.testing.assert_allclose(got, dx.numpy(), **close)


# ---- what PyTorch has not: one padding a side


@pytest.mark.parametrize("pads", [((1, 0), (0, 2)), ((0, 1), (1, 1))])
@pytest.mark.parametrize("counted", [True, False])
def test_each_side_has_its_padding(rng, pads, counted):
    (top, bottom), (left, right) = pads

    def padded(tensor, kernel, stride):
        def sums(a):
            return tF.avg_pool2d(tF.pad(a, (left, right, top, bottom)), kernel, stride)

        return sums(tensor) if counted else sums(tensor) / sums(torch.ones_like(tensor))

    pair = F.avg_pool2d, F.avg_pool2d_backward
    options = {"stride": (2, 3), "padding": pads, "count_include_pad": counted}
    x = normal(rng, (2, 11, 9, 7))
    agrees(*pair, padded, x, (4, 5), options=options, torch_options={"stride": (2, 3)})


def test_a_window_that_sticks_out_counts_what_the_padding_holds():
    """Rows 1 to 5 with one zero after them: the last window has row 5 and the zero, not three."""
    x = np.arange(1.0, 6.0).reshape(1, 1, 5)
    options = {"stride": 2, "padding": ((0, 1),), "ceil_mode": True}
    assert F.avg_pool1d(x, 3, **options).tolist() == [[[2.0, 4.0, 2.5]]]
    assert F.avg_pool1d(x, 3, **options, count_include_pad=False).tolist() == [[[2.0, 4.0, 5.0]]]
    # without padding the window holds one row, and is divided by one
    assert F.avg_pool1d(x, 2, ceil_mode=True).tolist() == [[[1.5, 3.5, 5.0]]]


X = np.zeros((2, 3, 7, 6))


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: F.avg_pool2d(X[0], 2), ValueError, ["avg_pool2d: x has 3 axes", "(N,C,H,W)"]),
        (lambda: F.avg_pool2d(X.astype(int), 2), TypeError, ["x is int64"]),
        (lambda: F.avg_pool2d(X, 3, padding=2), ValueError, ["axis 0: padding 2", "3 // 2 = 1"]),
        (lambda: F.avg_pool2d(X, 2, count_include_pad=0), TypeError, ["is True or False; got"]),
        (
            lambda: F.avg_pool2d_backward(np.zeros((2, 3, 3, 2)), X, 2),
            ValueError,
            ["avg_pool2d_backward: dy has shape (2, 3, 3, 2)", "(N,C,P,Q)=(2, 3, 3, 3)"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()
