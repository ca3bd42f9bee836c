"""Pooling to a fixed number of outputs: adaptive windows, one number a channel, the pyramid."""

import numpy as np
import pytest
import torch
import torch.nn.functional as tF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from dlnotes import check, shapes
from oracles import agrees, apart, normal, refuses

SHAPES = {1: (2, 11, 13), 2: (2, 13, 11, 7), 3: (2, 11, 5, 7, 6)}
SIZES = {1: (1, 4, 17), 2: (1, (4, 3), (11, 7), (3, None), (13, 2))}  # of the output
ADAPTIVE = [("avg", 1), ("avg", 2), ("max", 2)]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def ours(kind, dims, ending=""):
    return getattr(F, f"adaptive_{kind}_pool{dims}d{ending}")


def theirs(kind, dims):
    return getattr(tF, f"adaptive_{kind}_pool{dims}d")


# ---- adaptive


@pytest.mark.parametrize(
    ("kind", "dims", "size"), [(*one, size) for one in ADAPTIVE for size in SIZES[one[1]]]
)
def test_adaptive_three_oracles(rng, kind, dims, size):
    pair = ours(kind, dims), ours(kind, dims, "_backward")
    x = apart(rng, SHAPES[dims])
    agrees(*pair, theirs(kind, dims), x, size, affine=kind == "avg")
    agrees(*pair, theirs(kind, dims), x[:1], size, affine=kind == "avg")


@pytest.mark.parametrize(("kind", "dims"), ADAPTIVE)
def test_adaptive_empty_batch(kind, dims):
    x = np.zeros((0, *SHAPES[dims][1:]), np.float32)
    y = ours(kind, dims)(x, 4)
    assert (y.shape, y.dtype) == ((*x.shape[:2], *[4] * dims), np.float32)
    assert ours(kind, dims, "_backward")(y, x, 4).shape == x.shape


@settings(max_examples=160)
@given(st.data())
def test_adaptive_is_pytorchs(data):
    """Values and gradients, with ties."""
    kind, dims = data.draw(st.sampled_from(ADAPTIVE))
    sizes, out = (data.draw(st.tuples(*[st.integers(1, 9)] * dims)) for _ in range(2))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    x = rng.integers(-2, 3, (2, 3, *sizes)).astype(float)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    want = theirs(kind, dims)(tensor, out)
    y = ours(kind, dims)(x, out)
    np.testing.assert_allclose(y, want.detach().numpy(), rtol=1e-10, atol=1e-12)
    dy = normal(rng, y.shape)
    (dx,) = torch.autograd.grad(want, tensor, torch.from_numpy(dy))
    got = ours(kind, dims, "_backward")(dy, x, out)
    np.testing.assert_allclose(got, dx.numpy(), rtol=1e-10, atol=1e-12)


def test_adaptive_windows_that_divide_the_size_are_an_ordinary_pooling(rng):
    x = normal(rng, (2, 3, 12, 6))
    check.close(F.adaptive_max_pool2d(x, (4, 3)), F.max_pool2d(x, (3, 2)))
    check.close(F.adaptive_avg_pool2d(x, (4, 3)), F.avg_pool2d(x, (3, 2)))


# ---- one number a channel


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("kind", ["avg", "max"])
def test_global_three_oracles(rng, kind, dims):
    pair = getattr(F, f"global_{kind}_pool"), getattr(F, f"global_{kind}_pool_backward")
    x = apart(rng, SHAPES[dims])

    def torchs(tensor):
        return theirs(kind, dims)(tensor, 1).flatten(1)

    agrees(*pair, torchs, x, affine=kind == "avg")
    agrees(*pair, torchs, x[:1], affine=kind == "avg")


@pytest.mark.parametrize("kind", ["avg", "max"])
def test_global_empty_batch(kind):
    x = np.zeros((0, 3, 7, 6), np.float32)
    y = getattr(F, f"global_{kind}_pool")(x)
    assert (y.shape, y.dtype) == ((0, 3), np.float32)
    assert getattr(F, f"global_{kind}_pool_backward")(y, x).shape == x.shape


def test_of_equal_values_the_first_has_the_gradient_of_the_global_maximum():
    x = np.array([[[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]])
    dx = F.global_max_pool_backward(np.array([[5.0, 7.0]]), x)
    assert dx.tolist() == [[[0, 5, 0], [7, 0, 0]]]


def test_global_average_forgets_where(rng):
    """Any order of the pixels gives the same averages."""
    x = normal(rng, (2, 3, 5, 7))
    turned = rng.permuted(x.reshape(2, 3, 35), axis=2).reshape(2, 3, 7, 5)
    check.close(F.global_avg_pool(turned), F.global_avg_pool(x))


# ---- the pyramid


def torch_pyramid(x, levels, mode="max", rule="adaptive"):
    """The same pyramid by PyTorch's poolings."""
    parts = []
    for b in levels:
        if rule == "adaptive":
            part = theirs(mode, 2)(x, b)
        else:
            kernel = [-(-n // b) for n in x.shape[2:]]
            part = getattr(tF, f"{mode}_pool2d")(x, kernel, [n // b for n in x.shape[2:]])
        parts.append(part.flatten(1))
    return torch.cat(parts, dim=1)


@pytest.mark.parametrize("levels", [(1,), (4, 2, 1), (1, 3, 3)])
@pytest.mark.parametrize("mode", ["max", "avg"])
@pytest.mark.parametrize(
    ("rule", "sizes"), [("adaptive", (11, 7)), ("adaptive", (3, 5)), ("strided", (13, 14))]
)
def test_pyramid_three_oracles(rng, levels, mode, rule, sizes):
    pair = F.spatial_pyramid_pool, F.spatial_pyramid_pool_backward
    options = {"mode": mode, "rule": rule}
    x = apart(rng, (2, 11, *sizes))
    agrees(*pair, torch_pyramid, x, levels, options=options, affine=mode == "avg")


def test_pyramid_of_an_empty_batch():
    x = np.zeros((0, 3, 7, 6), np.float32)
    y = F.spatial_pyramid_pool(x, (2, 1))
    assert (y.shape, y.dtype) == ((0, 15), np.float32)
    assert F.spatial_pyramid_pool_backward(y, x, (2, 1)).shape == x.shape


@given(st.integers(4, 30), st.integers(4, 30), st.integers(1, 3))
def test_pyramid_has_one_length_whatever_the_image(h, w, channels):
    y = F.spatial_pyramid_pool(np.zeros((2, channels, h, w)), (4, 2, 1))
    assert y.shape == (2, shapes.pyramid_length((4, 2, 1), channels=channels))


def test_catalogue_spp():
    """At 13 both rules agree with their windows; at 14 the strided one forgets the last row."""
    for n, bins in ((13, 3), (13, 2), (13, 1), (14, 4)):
        x = np.zeros((1, 1, n, n))
        x[..., -1, -1] = 1.0
        seen = F.spatial_pyramid_pool(x, [bins], rule="strided").max()
        assert seen == (shapes.pyramid_window(n, bins).covered == n)
        assert F.spatial_pyramid_pool(x, [bins]).max() == 1.0
    dx = F.spatial_pyramid_pool_backward(
        np.ones((1, 16)), np.zeros((1, 1, 14, 14)), [4], mode="avg", rule="strided"
    )
    rows = np.flatnonzero(dx[0, 0].any(axis=1))
    check.shows("spp", covered_14_4=len(rows))
    assert F.spatial_pyramid_pool(np.zeros((1, 256, 13, 13)), (4, 2, 1)).shape == (1, 21 * 256)


# ---- refusals

X = np.zeros((2, 3, 7, 6))


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: F.adaptive_avg_pool2d(X, 0),
            ValueError,
            ["adaptive_avg_pool2d: output_size is 0", "output_size >= 1"],
        ),
        (lambda: F.adaptive_avg_pool2d(X, None), TypeError, ["output_size is no int"]),
        (
            lambda: F.adaptive_max_pool2d(X, 2.5),
            TypeError,
            ["output_size is no int", "output_size=2.5"],
        ),
        (lambda: F.adaptive_max_pool2d(X, (2, 2, 2)), ValueError, ["output_size has 3 entries"]),
        (lambda: F.adaptive_avg_pool1d(X, 2), ValueError, ["x has 4 axes", "3, (N,C,T)"]),
        (
            lambda: F.adaptive_max_pool2d_backward(np.zeros((2, 3, 2, 3)), X, 2),
            ValueError,
            ["adaptive_max_pool2d_backward: dy has shape (2, 3, 2, 3)", "(2, 3, 2, 2)"],
        ),
        (
            lambda: F.global_avg_pool(np.zeros((2, 3))),
            ValueError,
            ["global_avg_pool: x has 2 axes", "(N,C,H,W)"],
        ),
        (lambda: F.global_max_pool(X[:, :, :0]), ValueError, ["global_max_pool: x has H=0"]),
        (
            lambda: F.global_avg_pool_backward(np.zeros((2, 3, 1, 1)), X),
            ValueError,
            ["dy has shape (2, 3, 1, 1)", "(N,C)=(2, 3)"],
        ),
        (lambda: F.spatial_pyramid_pool(X, ()), ValueError, ["there are 0 levels"]),
        (lambda: F.spatial_pyramid_pool(X, 4), TypeError, ["levels are no sequence", "levels=4"]),
        (lambda: F.spatial_pyramid_pool(X, (2, 0)), ValueError, ["levels[1] is 0"]),
        (lambda: F.spatial_pyramid_pool(X, (2,), mode="mean"), ValueError, ["mode='mean'"]),
        (lambda: F.spatial_pyramid_pool(X, (2,), rule="he"), ValueError, ["rule='he'"]),
        (
            lambda: F.spatial_pyramid_pool(X, (4,), rule="strided"),
            ValueError,
            ["spatial_pyramid_pool: the strided rule makes 6 and 5 windows", "not 4", "adaptive"],
        ),
        (
            lambda: F.spatial_pyramid_pool(X, (7,), rule="strided"),
            ValueError,
            ["makes 7 and none windows"],
        ),
        (
            lambda: F.spatial_pyramid_pool_backward(np.zeros((2, 14)), X, (2, 1)),
            ValueError,
            ["spatial_pyramid_pool_backward: dy has shape (2, 14)", "(N,D)=(2, 15)"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()
