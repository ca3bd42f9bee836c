"""Max pooling against PyTorch, differences, the adjoint and hand-made windows."""

import numpy as np
import pytest
import torch
import torch.nn.functional as tF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from dlnotes import check
from oracles import agrees, apart, normal, refuses, scatter_in_memory
from pool_inputs import poolings, tied

SHAPES = {1: (2, 11, 13), 2: (2, 13, 11, 7), 3: (2, 11, 5, 7, 6)}
CASES = [  # spatial axes, window, options
    (1, 2, {}),
    (1, 3, {"stride": 2, "padding": 1}),
    (1, 3, {"stride": 1, "dilation": 2, "ceil_mode": True}),
    (2, 2, {}),
    (2, (3, 2), {"stride": (2, 3)}),
    (2, (2, 3), {"stride": 1, "padding": (1, 1), "dilation": (3, 2)}),
    (2, (3, 3), {"stride": 2, "padding": 1, "ceil_mode": True}),
    (2, (11, 7), {}),
    (2, (1, 1), {}),
    (3, (2, 3, 2), {}),
    (3, 3, {"stride": (1, 2, 3), "padding": 1, "ceil_mode": True}),
    (3, (2, 2, 3), {"stride": 2, "padding": (1, 0, 1), "dilation": (1, 3, 1)}),
]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def ours(dims, ending=""):
    return getattr(F, f"max_pool{dims}d{ending}")


def theirs(dims):
    return getattr(tF, f"max_pool{dims}d")


@pytest.mark.parametrize(("dims", "window", "options"), CASES)
def test_three_oracles(rng, dims, window, options):
    pair = ours(dims), ours(dims, "_backward")
    x = apart(rng, SHAPES[dims])
    agrees(*pair, theirs(dims), x, window, options=options, affine=False)
    agrees(*pair, theirs(dims), x[:1], window, options=options, affine=False)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_empty_batch(dims):
    x = np.zeros((0, *SHAPES[dims][1:]), np.float32)
    y = ours(dims)(x, 2, padding=1)
    want = theirs(dims)(torch.from_numpy(x), 2, padding=1).shape
    assert (y.shape, y.dtype) == (tuple(want), np.float32)
    dx = ours(dims, "_backward")(y, x, 2, padding=1)
    assert (dx.shape, dx.dtype) == (x.shape, np.float32)


def test_indices_of_an_empty_batch():
    y, indices = F.max_pool2d_with_indices(np.zeros((0, *SHAPES[2][1:])), 2)
    assert y.shape == indices.shape
    assert indices.dtype == np.int64


# ---- where the maxima stand


@settings(max_examples=100)
@given(st.data())
def test_values_indices_and_gradients_are_pytorchs(data):
    dims = data.draw(st.sampled_from([1, 2, 3]))
    sizes, kernel, options = data.draw(poolings(dims))
    planes = data.draw(st.integers(0, 2)), data.draw(st.sampled_from([2, 17]))
    x = data.draw(tied((*planes, *sizes)))
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    want, at = theirs(dims)(tensor, kernel, **options, return_indices=True)
    y = ours(dims)(scatter_in_memory(x), kernel, **options)
    np.testing.assert_array_equal(y, want.detach().numpy())
    assert y.dtype == x.dtype
    if dims == 2:
        found, indices = F.max_pool2d_with_indices(scatter_in_memory(x), kernel, **options)
        np.testing.assert_array_equal(found, y)
        np.testing.assert_array_equal(indices, at.numpy())
        assert (found.dtype, indices.dtype) == (x.dtype, np.int64)
    dy = normal(np.random.default_rng(1), y.shape).astype(x.dtype)
    (dx,) = torch.autograd.grad(want, tensor, torch.from_numpy(dy), materialize_grads=True)
    got = ours(dims, "_backward")(dy, x, kernel, **options)
    np.testing.assert_allclose(got, dx.numpy(), rtol=1e-5, atol=1e-6)


def test_the_first_of_equal_values_by_hand():
    x = np.array([[[[1.0, 3.0], [3.0, 3.0]], [[7.0, 5.0], [7.0, 7.0]]]])
    y, indices = F.max_pool2d_with_indices(x, 2)
    assert indices.tolist() == [[[[1]], [[0]]]]
    dx = F.max_pool2d_backward(np.array([[[[2.0]], [[5.0]]]]), x, 2)
    assert dx.tolist() == [[[[0, 2], [0, 0]], [[5, 0], [0, 0]]]]
    assert y.tolist() == [[[[3.0]], [[7.0]]]]


def test_padding_never_wins():
    x = np.full((1, 1, 3, 2), -1e30)
    y, indices = F.max_pool2d_with_indices(x, 3, stride=1, padding=1)
    assert (y == -1e30).all()
    assert indices.tolist() == [[[[0, 0], [0, 0], [2, 2]]]]


def test_what_is_not_finite():
    """NaN wins and passes nothing back; a window without any place of the input gives −∞."""
    x = np.array([[[np.nan, 1.0, 2.0, 3.0]]])
    np.testing.assert_array_equal(F.max_pool1d(x, 2), [[[np.nan, 3.0]]])
    assert F.max_pool1d_backward(np.ones((1, 1, 2)), x, 2).tolist() == [[[0.0, 0.0, 0.0, 1.0]]]
    assert F.max_pool1d(np.ones((1, 1, 1)), 2, padding=1, dilation=2).tolist() == [[[-np.inf]]]


def test_overlapping_windows_add_their_gradients():
    x = np.array([[[0.0, 9.0, 1.0, 2.0]]])
    assert F.max_pool1d_backward(np.array([[[1.0, 10.0, 100.0]]]), x, 2, stride=1).tolist() == [
        [[0.0, 11.0, 0.0, 100.0]]
    ]


# ---- what PyTorch has not: one padding a side, names


PER_SIDE = [((1, 0), (0, 2)), ((0, 1), (1, 1)), ((2, 2), (0, 2))]


@pytest.mark.parametrize("pads", PER_SIDE)
@pytest.mark.parametrize("options", [{}, {"stride": (2, 3)}, {"stride": 1, "dilation": (1, 2)}])
def test_each_side_has_its_padding(rng, pads, options):
    x = apart(rng, (2, 11, 9, 7))
    (top, bottom), (left, right) = pads

    def padded(tensor, kernel, **options):
        sides = (left, right, top, bottom)
        return tF.max_pool2d(tF.pad(tensor, sides, value=-torch.inf), kernel, **options)

    pair = F.max_pool2d, F.max_pool2d_backward
    both = {"options": {**options, "padding": pads}, "torch_options": options}
    agrees(*pair, padded, x, (4, 5), **both, affine=False)
    y, indices = F.max_pool2d_with_indices(x, (4, 5), padding=pads, **options)
    found = np.take_along_axis(x.reshape(22, 63), indices.reshape(22, -1), axis=1)
    assert np.array_equal(found, y.reshape(22, -1))


def test_same_keeps_the_size(rng):
    x = apart(rng, (1, 2, 7, 5))
    y = F.max_pool2d(x, (3, 2), stride=1, padding="same")
    want = tF.max_pool2d(tF.pad(torch.from_numpy(x), (0, 1, 1, 1), value=-torch.inf), (3, 2), 1)
    check.close(y, want)
    assert y.shape == x.shape


# ---- the catalogue


def test_catalogue_pool1d():
    """A sentence of four words with three numbers each, window 2, stride 1; and ten of them."""
    words = np.array([[0.7, -0.2, 0.1], [0.8, -0.3, 0.2], [0.2, -0.1, 0.4], [0.4, -0.4, 0.8]])
    check.shows("pool1d", output=F.max_pool1d(words.T[None], 2, stride=1)[0].T)
    many = F.max_pool1d(np.zeros((10, 10, 4)), 2, stride=1)  # channels first
    check.shows("pool1d", shape=many.swapaxes(1, 2).shape)


def test_catalogue_pooling():
    x = np.arange(64.0).reshape(1, 1, 8, 8)
    y = F.max_pool2d(x, 2)
    check.shows("pooling", kept=y.size / x.size, dropped_percent=100 * (1 - y.size / x.size))
    check.shows("pool-output-size", size_28=F.max_pool1d(np.zeros((1, 1, 28)), 2).shape[2])


# ---- refusals

X = np.zeros((2, 3, 7, 6))


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: F.max_pool2d(X[0], 2), ValueError, ["max_pool2d: x has 3 axes", "4, (N,C,H,W)"]),
        (lambda: F.max_pool1d(X, 2), ValueError, ["max_pool1d: x has 4 axes", "3, (N,C,T)"]),
        (lambda: F.max_pool2d(X.astype(int), 2), TypeError, ["x is int64", "astype(np.float64)"]),
        (lambda: F.max_pool2d(None, 2), TypeError, ["max_pool2d: x is missing"]),
        (lambda: F.max_pool2d(X[:, :0], 2), ValueError, ["x has C=0", "only the batch axis"]),
        (lambda: F.max_pool2d(X[..., :0], 2), ValueError, ["x has W=0", "(2, 3, 7, 0)"]),
        (lambda: F.max_pool2d(X, 0), ValueError, ["max_pool2d: kernel is 0", "kernel >= 1"]),
        (lambda: F.max_pool2d(X, 2, stride=-1), ValueError, ["stride is -1"]),
        (lambda: F.max_pool2d(X, 2, stride=0), ValueError, ["stride is 0"]),
        (lambda: F.max_pool2d(X, 2.0), TypeError, ["kernel is no int"]),
        (lambda: F.max_pool2d(X, (2, 2, 2)), ValueError, ["kernel has 3 entries", "2 spatial"]),
        (
            lambda: F.max_pool2d(X, 3, padding=2),
            ValueError,
            ["max_pool2d, axis 0: padding 2 is more than half the window, 3 // 2 = 1", "got n=7"],
        ),
        (
            lambda: F.max_pool2d(X, (2, 3), padding=((0, 0), (1, 2))),
            ValueError,
            ["axis 1: padding 2", "padding <= 1"],
        ),
        (lambda: F.max_pool2d(X, 8), ValueError, ["axis 0: the window covers 8 rows", "has 7"]),
        (lambda: F.max_pool2d(X, 2, ceil_mode=1), TypeError, ["ceil_mode is True or False", "1"]),
        (
            lambda: F.max_pool2d_backward(np.zeros((2, 3, 3, 1)), X, 2),
            ValueError,
            ["max_pool2d_backward: dy has shape (2, 3, 3, 1)", "(N,C,P,Q)=(2, 3, 3, 3)"],
        ),
        (
            lambda: F.max_pool2d_backward(np.zeros((2, 3, 3, 3), np.float32), X, 2),
            TypeError,
            ["max_pool2d_backward: dy is float32 but x is float64"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()
