"""The loop versions against the fast ones, and against values worked out by hand."""

import numpy as np
import pytest

import dlnotes.functional as F
from dlnotes import check, reference
from oracles import normal, refuses

CASES = [
    # x, w, options
    ((2, 3, 5, 7), (4, 3, 3, 2), {}),
    ((2, 3, 7, 5), (4, 3, 2, 3), {"stride": (2, 3), "padding": (1, 2)}),
    ((1, 4, 7, 5), (6, 2, 3, 2), {"groups": 2, "dilation": (2, 1), "padding": "same"}),
    ((2, 3, 5, 4), (6, 1, 2, 3), {"groups": 3, "padding": ((0, 2), (1, 0))}),
    ((0, 3, 5, 4), (2, 3, 2, 3), {}),
]


@pytest.mark.parametrize(("x_shape", "w_shape", "options"), CASES)
@pytest.mark.parametrize("bias", [True, False])
def test_conv2d_is_the_fast_one(x_shape, w_shape, options, bias):
    rng = np.random.default_rng(2)
    x, w = normal(rng, x_shape), normal(rng, w_shape)
    b = normal(rng, w_shape[:1]) if bias else None
    y = reference.conv2d(x, w, b, **options)
    check.close(F.conv2d(x, w, b, **options), y)
    dy = normal(rng, y.shape)
    fast = F.conv2d_backward(dy, x, w, b, **options)
    slow = reference.conv2d_backward(dy, x, w, b, **options)
    for name, got, want in zip("xwb", fast, slow, strict=True):
        if want is None:
            assert got is None
        else:
            check.close(got, want, label=f"d{name}")


def test_reference_passes_the_oracles_itself():
    rng = np.random.default_rng(2)
    inputs = [normal(rng, (2, 2, 4, 3)), normal(rng, (3, 2, 2, 2)), normal(rng, (3,))]
    pair = reference.conv2d, reference.conv2d_backward
    check.gradient_check(*pair, *inputs, options={"stride": (1, 2)}, elements=8)
    check.adjoint_check(*pair, *inputs, options={"stride": (1, 2)})


def test_convolve2d_is_the_fast_one():
    rng = np.random.default_rng(2)
    x, w = normal(rng, (5, 4)), normal(rng, (2, 3))
    check.close(F.convolve2d(x, w), reference.convolve2d(x, w))


@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1}, {"dilation": (2, 1)}])
def test_im2col_is_the_fast_one(options):
    x = normal(np.random.default_rng(2), (2, 3, 7, 5))
    want = reference.im2col(x, (3, 2), **options)
    check.close(F.im2col(x, (3, 2), **options), want, rtol=0, atol=0)


def test_a_window_by_hand():
    x = np.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    w = np.array([[[[1.0, 0.0], [0.0, 10.0]]]])
    assert reference.conv2d(x, w)[0, 0].tolist() == [[51, 62], [84, 95]]
    dy = np.array([[[[1.0, 0.0], [0.0, 2.0]]]])
    dx, dw, db = reference.conv2d_backward(dy, x, w, np.zeros(1))
    assert dx[0, 0].tolist() == [[1, 0, 0], [0, 12, 0], [0, 0, 20]]
    assert dw[0, 0].tolist() == [[11, 14], [20, 23]]
    assert db.tolist() == [3]


def test_keeps_float32():
    x, w = np.ones((1, 2, 3, 3), np.float32), np.ones((2, 2, 2, 2), np.float32)
    y = reference.conv2d(x, w, np.ones(2, np.float32))
    assert {a.dtype for a in (y, *reference.conv2d_backward(y, x, w, w[:, 0, 0, 0]))} == {y.dtype}
    assert y.dtype == np.float32


def test_messages_carry_the_numbers():
    x, w = np.zeros((2, 3, 7, 6)), np.zeros((4, 1, 3, 2))
    with refuses(ValueError, "conv2d: C=3 channels and K=4 kernels of 1", "groups=1"):
        reference.conv2d(x, w)
    with refuses(ValueError, "conv2d: C=3 channels and K=4", "groups=3"):
        reference.conv2d(x, w, groups=3)
    with refuses(ValueError, "dy has shape (2, 4, 5, 4)", "output has (2, 4, 5, 5)"):
        reference.conv2d_backward(np.zeros((2, 4, 5, 4)), x, np.zeros((4, 3, 3, 2)))
    with refuses(ValueError, "conv2d, axis 1", "covers 7 rows", "input has 6"):
        reference.conv2d(x, np.zeros((4, 3, 3, 7)))
