"""Max-unpooling against PyTorch, differences, the adjoint, and as the way back of max pooling."""

import numpy as np
import pytest
import torch
import torch.nn.functional as tF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from oracles import agrees, apart, normal, refuses, scatter_in_memory

CASES = [  # sizes of the image, window, options of pooling and unpooling
    ((13, 5), 3, {"stride": 2, "padding": 1}),
    ((10, 6), 2, {}),
    ((11, 7), (3, 2), {"stride": (2, 3)}),
    ((11, 7), (3, 2), {"stride": 4, "padding": (1, 0)}),
]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def pooled(rng, sizes, window, options):
    """An image, its maxima, and where PyTorch found them."""
    x = apart(rng, (2, 3, *sizes))
    y, at = tF.max_pool2d(torch.from_numpy(x), window, **options, return_indices=True)
    return x, y.numpy(), at.numpy()


def overlap(window, options):
    """Say whether windows share places, so that an index can occur twice."""
    stride = options.get("stride", window)
    return bool(np.any(np.asarray(stride) < np.asarray(window)))


@pytest.mark.parametrize(("sizes", "window", "options"), CASES)
def test_three_oracles(rng, sizes, window, options):
    _, y, at = pooled(rng, sizes, window, options)
    if overlap(window, options):  # where an index occurs twice the last value hides the others
        places = [rng.choice(np.prod(sizes), at[0, 0].size, replace=False) for _ in range(6)]
        at = np.reshape(places, at.shape)
    pair = F.max_unpool2d, F.max_unpool2d_backward
    options = options | {"output_size": sizes}
    values = normal(rng, y.shape)
    agrees(*pair, tF.max_unpool2d, values, at, window, options=options)


@settings(max_examples=80)
@given(st.data())
def test_is_pytorchs_with_indices_that_occur_twice(data):
    """Any indices inside of the image: the last value stays, and both have the gradient."""
    small = st.tuples(*[st.integers(1, 4)] * 2)
    pooled_size, kernel, stride = data.draw(small), data.draw(small), data.draw(small)
    rows = list(zip(pooled_size, kernel, stride, strict=True))
    smallest = [(p - 1) * s + k for p, k, s in rows]
    sizes = tuple(
        data.draw(st.integers(max(1, n - s + 1), n + s - 1))
        for n, (_, _, s) in zip(smallest, rows, strict=True)
    )
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    shape = (data.draw(st.integers(0, 2)), 2, *pooled_size)
    x, at = normal(rng, shape), rng.integers(0, np.prod(sizes), shape)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    y = F.max_unpool2d(x, at, kernel, stride=stride, output_size=sizes)
    assert y.shape == (*shape[:2], *sizes)
    if not len(x):  # PyTorch has no image to look at
        return
    want = tF.max_unpool2d(tensor, torch.from_numpy(at), kernel, stride, output_size=sizes)
    np.testing.assert_array_equal(y, want.detach().numpy())
    dy = normal(rng, y.shape)
    (dx,) = torch.autograd.grad(want, tensor, torch.from_numpy(dy))
    got = F.max_unpool2d_backward(dy, x, at, kernel, stride=stride, output_size=sizes)
    np.testing.assert_array_equal(got, dx.numpy())


def test_the_last_stays_wherever_the_values_lie_in_memory():
    """Two values for one place: the second stays, also where both arrays run backwards."""
    x, at = np.array([[[[1.0, 2.0]]]]), np.array([[[[0, 0]]]])
    backwards = x[..., ::-1].copy()[..., ::-1], at[..., ::-1].copy()[..., ::-1]
    for values, places in ((x, at), backwards):
        assert F.max_unpool2d(values, places, 1, padding=0).tolist() == [[[[2.0, 0.0]]]]
    rng = np.random.default_rng(0)
    values, places = rng.standard_normal((2, 3, 4, 5)), rng.integers(0, 48, (2, 3, 4, 5))
    want = F.max_unpool2d(values, places, 2, stride=2, output_size=(8, 10))
    lying = scatter_in_memory(values), scatter_in_memory(places)
    assert np.array_equal(F.max_unpool2d(*lying, 2, stride=2, output_size=(8, 10)), want)


@pytest.mark.parametrize(("sizes", "window", "options"), CASES)
def test_the_way_back_keeps_the_maxima_alone(rng, sizes, window, options):
    """Pooling, then unpooling: every maximum stands where it stood, the rest is zero."""
    x, y, at = pooled(rng, sizes, window, options)
    back = F.max_unpool2d(y, at, window, **options, output_size=sizes)
    kept = back != 0
    assert np.array_equal(back[kept], x[kept])
    assert np.array_equal(np.unique(back[kept]), np.unique(y))
    assert not back[~kept].any()


def test_size_that_is_left_out_is_the_smallest(rng):
    _, y, at = pooled(rng, (10, 6), 2, {})
    want = tF.max_unpool2d(torch.from_numpy(y), torch.from_numpy(at), 2)
    got = F.max_unpool2d(y.astype(np.float32), at, 2)
    assert got.dtype == np.float32
    assert got.shape == tuple(want.shape) == (2, 3, 10, 6)
    whole = F.max_unpool2d(y, at, 2, output_size=(2, 3, 10, 6))
    assert np.array_equal(whole, want.numpy())


def test_each_side_has_its_padding(rng):
    """One row on top and none below, as the pooling had it."""
    x = apart(rng, (1, 1, 5, 6))
    pads = ((1, 0), (0, 0))
    y, at = F.max_pool2d_with_indices(x, 2, padding=pads)
    back = F.max_unpool2d(y, at, 2, padding=pads)
    assert back.shape == x.shape
    assert np.count_nonzero(back) == y.size


X, AT = np.zeros((2, 3, 4, 3)), np.zeros((2, 3, 4, 3), np.int64)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: F.max_unpool2d(X[0], AT[0], 2), ValueError, ["max_unpool2d: x has 3", "N,C,P,Q"]),
        (lambda: F.max_unpool2d(X.astype(int), AT, 2), TypeError, ["x is int64"]),
        (lambda: F.max_unpool2d(X, AT.astype(np.int32), 2), TypeError, ["int32", "int64"]),
        (lambda: F.max_unpool2d(X, AT.tolist(), 2), TypeError, ["indices are list"]),
        (lambda: F.max_unpool2d(X, AT[:1], 2), ValueError, ["indices has shape (1, 3, 4, 3)"]),
        (lambda: F.max_unpool2d(X, AT + 48, 2), ValueError, ["run from 48 to 48", "0 to 47"]),
        (lambda: F.max_unpool2d(X, AT - 1, 2), ValueError, ["indices run from -1"]),
        (
            lambda: F.max_unpool2d(X, AT, 2, output_size=(10, 6)),
            ValueError,
            [
                "output_size is (10, 6)",
                "image of (8, 6)",
                "less than a stride of (2, 2)",
            ],
        ),
        (lambda: F.max_unpool2d(X, AT, 2, output_size=(6, 6)), ValueError, ["is (6, 6)"]),
        (lambda: F.max_unpool2d(X, AT, 2, output_size=8), ValueError, ["is (8, 8)"]),
        (lambda: F.max_unpool2d(X, AT, 2, output_size=(8, 6, 1)), ValueError, ["3 entries"]),
        (
            lambda: F.max_unpool2d(X, AT, 2, output_size=(2, 2, 8, 6)),
            ValueError,
            ["output_size begins with N, C = (2, 2), but x has (2, 3)"],
        ),
        (
            lambda: F.max_unpool2d(X[:, :, :1, :1], AT[:, :, :1, :1], 1, padding=(2, 0)),
            ValueError,
            ["max_unpool2d: output_size is (-3, 1)"],
        ),
        (
            lambda: F.max_unpool2d_backward(X, X, AT, 2),
            ValueError,
            ["max_unpool2d_backward: dy has shape (2, 3, 4, 3)", "(N,C,H,W)=(2, 3, 8, 6)"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()
