"""Interpolation, shuffles and Kronecker products against PyTorch, differences and the adjoint."""

import itertools

import numpy as np
import pytest
import torch

import dlnotes.functional as F
from dlnotes import check, reference
from oracles import agrees, normal, refuses

RESIZE = (F.interpolate, F.interpolate_backward, torch.nn.functional.interpolate)
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
SHAPES = {1: (2, 3, 7), 2: (2, 3, 7, 5), 3: (2, 3, 5, 3, 2)}
SIZES = {1: [(13,), (5,), (7,), (1,)], 2: [(13, 11), (3, 11), (7, 2), 6], 3: [(7, 5, 3), (2, 3, 5)]}
FACTORS = {1: [3, (2,)], 2: [2, (3, 1)], 3: [2, (1, 3, 2)]}
TARGETS = [
    *(("size", size, dims) for dims in SIZES for size in SIZES[dims]),
    *(("scale_factor", factor, dims) for dims in FACTORS for factor in FACTORS[dims]),
]


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize(("option", "target", "dims"), TARGETS)
@pytest.mark.parametrize("align_corners", [None, False, True])
def test_interpolate_agrees_with_the_three_oracles(rng, option, target, dims, align_corners):
    options = {option: target}
    if align_corners is not None:  # None is PyTorch's word for 'nearest'
        options |= {"mode": LINEAR[dims], "align_corners": align_corners}
    agrees(*RESIZE, normal(rng, SHAPES[dims]), options=options)


def nearest_of_both(n, out, dtype):
    """Which of n inputs each output takes, here and in PyTorch."""
    x = np.arange(n, dtype=dtype)[None, None]
    theirs = torch.nn.functional.interpolate(torch.from_numpy(x), size=out)
    return F.interpolate(x, size=out)[0, 0], theirs.numpy()[0, 0]


def test_nearest_picks_the_same_input_as_pytorch_for_every_size():
    for n, out in itertools.product(range(1, 24), range(1, 60)):
        ours, theirs = nearest_of_both(n, out, np.float64)
        assert np.array_equal(ours, theirs), (n, out)


def test_in_float32_pytorch_rounds_and_may_take_the_input_before():
    late = {}
    for n, out in itertools.product(range(1, 24), range(1, 60)):
        ours, theirs = nearest_of_both(n, out, np.float32)
        assert np.array_equal(ours, np.arange(out) * n // out)
        late |= {(n, out, int(p)): ours[p] - theirs[p] for p in np.flatnonzero(ours != theirs)}
    assert (14, 46, 23) in late
    assert all(p * n % out == 0 and gap == 1 for (n, out, p), gap in late.items())


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(13, 11), (3, 11), (7, 5), (1, 1)])
@pytest.mark.parametrize("align_corners", [False, True])
def test_the_loop_version_resizes_the_same(rng, mode, size, align_corners):
    options = {"size": size, "mode": mode, "align_corners": align_corners and mode == "bilinear"}
    x = normal(rng, SHAPES[2])
    check.close(F.interpolate(x, **options), reference.interpolate(x, **options))


def test_nearest_backward_sums_each_block(rng):
    dy = normal(rng, (2, 3, 14, 15))
    dx = F.interpolate_backward(dy, np.ones((2, 3, 7, 5)), scale_factor=(2, 3))
    for h, w in np.ndindex(7, 5):
        block = dy[:, :, 2 * h : 2 * h + 2, 3 * w : 3 * w + 3]
        check.close(dx[:, :, h, w], block.sum(axis=(2, 3)))


def test_aligned_corners_lie_on_corners(rng):
    x = normal(rng, (2, 3, 7, 5))
    y = F.interpolate(x, size=(11, 13), mode="bilinear", align_corners=True)
    corners = np.ix_([0, 1], [0, 1, 2], [0, -1], [0, -1])
    check.close(y[corners], x[corners])


# ---- sub-pixel shuffles and Kronecker products


@pytest.mark.parametrize("r", [1, 2, 3])
def test_a_shuffle_agrees_with_the_three_oracles(rng, r):
    x = normal(rng, (2, 3 * r**2, 5, 7))
    agrees(F.pixel_shuffle, F.pixel_shuffle_backward, torch.pixel_shuffle, x, r)


@pytest.mark.parametrize("block", [(1, 1), (2, 2), (3, 2)])
def test_kronecker_agrees_with_the_three_oracles(rng, block):
    inputs = normal(rng, (2, 3, 5, 7)), normal(rng, block)
    agrees(F.kronecker, F.kronecker_backward, torch.kron, *inputs)


def test_kronecker_is_numpys(rng):
    x, block = normal(rng, (2, 3, 5, 7)), normal(rng, (3, 2))
    check.close(F.kronecker(x, block), np.kron(x, block))


def test_a_block_of_ones_is_the_nearest_pixel(rng):
    x, ones = normal(rng, (2, 3, 5, 7)), np.ones((2, 2))
    y = F.kronecker(x, ones)
    assert np.array_equal(y, F.interpolate(x, scale_factor=2))
    dy = normal(rng, y.shape)
    dx, _ = F.kronecker_backward(dy, x, ones)
    check.close(dx, F.interpolate_backward(dy, x, scale_factor=2))


# ---- empty batches, new arrays, refusals


def test_an_empty_batch_stays_empty():
    x, block = np.ones((0, 4, 6, 10)), np.ones((2, 3))
    assert F.interpolate(x, size=(5, 7), mode="bilinear").shape == (0, 4, 5, 7)
    assert F.interpolate_backward(np.ones((0, 4, 5, 7)), x, size=(5, 7)).shape == x.shape
    assert F.pixel_shuffle(x, 2).shape == (0, 1, 12, 20)
    assert F.kronecker(x, block).shape == (0, 4, 12, 30)
    dx, dblock = F.kronecker_backward(np.ones((0, 4, 12, 30)), x, block)
    assert dx.shape == x.shape
    assert np.array_equal(dblock, np.zeros((2, 3)))


def test_the_result_is_a_new_array_even_where_nothing_moves():
    x = np.ones((2, 3, 5, 7))
    results = [
        F.interpolate(x, scale_factor=1),
        F.interpolate_backward(x, x, scale_factor=1),
        F.pixel_shuffle(x, 1),
        F.pixel_shuffle_backward(x, x, 1),
        F.kronecker(x, np.ones((1, 1))),
    ]
    assert not any(np.shares_memory(result, x) for result in results)


REFUSALS = [
    ({}, ValueError, ("exactly one", "size=None, scale_factor=None")),
    ({"size": 3, "scale_factor": 2}, ValueError, ("exactly one", "size=3, scale_factor=2")),
    ({"size": (3, 2, 1)}, ValueError, ("size has 3 entries but there are 2",)),
    ({"size": 0}, ValueError, ("size is 0, below",)),
    ({"scale_factor": 1.5}, TypeError, ("scale_factor is no int", "1.5", "size=")),
    ({"scale_factor": (2, 0.5)}, TypeError, ("scale_factor is no int", "(2, 0.5)", "size=")),
    ({"size": 3, "mode": "linear"}, ValueError, ("'linear' does not fit 2", "'bilinear'")),
    ({"size": 3, "mode": "bicubic"}, ValueError, ("'bicubic'", "'trilinear'")),
    ({"size": 3, "align_corners": True}, ValueError, ("align_corners", "mode='nearest'")),
    (
        {"size": 3, "align_corners": 1},
        TypeError,
        ("align_corners is True or False", "align_corners=1"),
    ),
]


@pytest.mark.parametrize(("options", "error", "parts"), REFUSALS)
def test_interpolate_refuses(options, error, parts):
    x = np.ones((2, 3, 7, 5))
    with refuses(error, "interpolate: ", *parts):
        F.interpolate(x, **options)
    with refuses(error, "interpolate_backward: ", *parts):
        F.interpolate_backward(x, x, **options)


def test_interpolate_refuses_arrays_that_do_not_fit():
    x = np.ones((2, 3, 7, 5))
    with refuses(ValueError, "interpolate", "3 to 5 axes", "(7, 5)", "x[None, None]"):
        F.interpolate(x[0, 0], size=3)
    with refuses(ValueError, "interpolate", "none but N empty", "(2, 0, 7, 5)"):
        F.interpolate(x[:, :0], size=3)
    with refuses(ValueError, "interpolate_backward", "dy has shape (2, 3, 7, 5)", "(2, 3, 4, 4)"):
        F.interpolate_backward(x, x, size=4)
    with refuses(TypeError, "interpolate_backward", "dy is float32 but x is float64"):
        F.interpolate_backward(x.astype(np.float32), x, size=(7, 5))


def test_shuffles_and_blocks_refuse_with_the_numbers():
    x = np.ones((2, 3, 7, 5))
    with refuses(ValueError, "pixel_shuffle", "C=3", "2²=4"):
        F.pixel_shuffle(x, 2)
    with refuses(ValueError, "pixel_shuffle_backward", "C=3", "2²=4"):
        F.pixel_shuffle_backward(x, x, 2)
    with refuses(ValueError, "pixel_shuffle", "upscale_factor is 0"):
        F.pixel_shuffle(x, 0)
    with refuses(TypeError, "pixel_shuffle", "upscale_factor is no int", "1.0"):
        F.pixel_shuffle(x, 1.0)
    with refuses(ValueError, "kronecker", "block has 3 axes but needs 2"):
        F.kronecker(x, x[0])
    with refuses(ValueError, "kronecker_backward", "(2, 3, 7, 5)", "(2, 3, 14, 15)"):
        F.kronecker_backward(x, x, np.ones((2, 3)))
    with refuses(TypeError, "kronecker", "block is missing"):
        F.kronecker(x, None)
