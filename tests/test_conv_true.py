"""Convolution in the strict sense, against SciPy, NumPy and its own laws."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

import dlnotes.functional as F
from dlnotes import check
from oracles import agrees, normal, refuses, scatter_in_memory


def torch_true(x, w, mode="full"):
    """Slide the turned kernel over the image, padded as the mode says."""
    (r, s), turned = w.shape, w.flip(0, 1)[None, None]
    left = {"full": (s - 1, r - 1), "same": (s // 2, r // 2), "valid": (0, 0)}[mode]
    right = {"full": (s - 1, r - 1), "same": ((s - 1) // 2, (r - 1) // 2), "valid": (0, 0)}[mode]
    padded = torch.nn.functional.pad(x[None, None], (left[0], right[0], left[1], right[1]))
    return torch.nn.functional.conv2d(padded, turned)[0, 0]


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("kernel", [(3, 2), (1, 4), (5, 5)])
def test_the_gradients_are_pytorchs(kernel, mode):
    rng = np.random.default_rng(3)
    arrays, options = (normal(rng, (7, 5)), normal(rng, kernel)), {"mode": mode}
    agrees(F.convolve2d, F.convolve2d_backward, torch_true, *arrays, options=options)


def test_a_wrong_upstream_gradient_is_told():
    x = np.ones((7, 5))
    with refuses(ValueError, "convolve2d_backward: dy has shape (7, 5)", "(P,Q)=(9, 6)"):
        F.convolve2d_backward(x, x, x[:3, :2])


@given(
    st.tuples(*[st.integers(1, 7)] * 2),
    st.tuples(*[st.integers(1, 5)] * 2),
    st.sampled_from(["full", "same"]),
    st.integers(0, 2**16),
)
def test_full_and_same_are_scipys(size, kernel, mode, seed):
    rng = np.random.default_rng(seed)
    x, w = normal(rng, size), normal(rng, kernel)
    check.close(F.convolve2d(x, w, mode), signal.convolve2d(x, w, mode))


@given(
    st.tuples(*[st.integers(0, 5)] * 2), st.tuples(*[st.integers(1, 5)] * 2), st.integers(0, 2**16)
)
def test_valid_is_scipys(more, kernel, seed):
    rng = np.random.default_rng(seed)
    x = normal(rng, (kernel[0] + more[0], kernel[1] + more[1]))
    w = normal(rng, kernel)
    check.close(F.convolve2d(x, w, "valid"), signal.convolve2d(x, w, "valid"))


def test_rows_are_numpys_convolve():
    x, w = np.arange(1.0, 6.0), np.array([1.0, 0.0, -2.0])
    for mode in ("full", "same", "valid"):
        got = F.convolve2d(x[None], w[None], mode)
        check.close(got[0], np.convolve(x, w, mode))


def test_it_is_commutative_and_associative_and_cross_correlation_is_not():
    rng = np.random.default_rng(1)
    a, b, c = normal(rng, (5, 7)), normal(rng, (3, 2)), normal(rng, (2, 4))
    check.close(F.convolve2d(a, b), F.convolve2d(b, a))
    check.close(F.convolve2d(F.convolve2d(a, b), c), F.convolve2d(a, F.convolve2d(b, c)))

    def correlate(x, w):
        return F.conv2d(x[None, None], w[None, None], padding="full")[0, 0]

    assert np.abs(correlate(a, b) - correlate(b, a)).max() > 0.1
    check.close(correlate(a, b), correlate(b, a)[::-1, ::-1])


def test_the_catalogues_example_with_and_without_the_turn():
    x = np.arange(1.0, 10.0).reshape(3, 3)
    w = np.array([[-1.0, -2.0, -1.0], [0.0, 0.0, 0.0], [1.0, 2.0, 1.0]])
    same = F.convolve2d(x, w, "same")
    plain = F.conv2d(x[None, None], w[None, None], padding="same")[0, 0]
    check.shows("true-convolution", same=same, cross_correlation=plain)


def test_one_pixel_spreads_the_kernel_as_it_is():
    x = np.zeros((3, 4))
    x[1, 2] = 1
    w = np.arange(1.0, 7.0).reshape(2, 3)
    assert F.convolve2d(x, w)[1:3, 2:5].tolist() == w.tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_memory_order(dtype):
    rng = np.random.default_rng(1)
    x, w = normal(rng, (5, 7)).astype(dtype), normal(rng, (3, 2)).astype(dtype)
    y = F.convolve2d(x, w)
    assert y.dtype == dtype
    check.close(F.convolve2d(scatter_in_memory(x), scatter_in_memory(w)), y, rtol=1e-5, atol=1e-6)


def test_refusals_carry_the_numbers():
    x, w = np.zeros((3, 4)), np.zeros((2, 5))
    with refuses(ValueError, "convolve2d: mode='wide' is none of the 3", "'full', 'same', 'valid'"):
        F.convolve2d(x, w, "wide")
    with refuses(ValueError, "convolve2d, axis W", "covers 5 rows", "input has 4"):
        F.convolve2d(x, w, "valid")
    with refuses(ValueError, "convolve2d: x has 4 axes but needs 2, (H,W)"):
        F.convolve2d(x[None, None], w)
    with refuses(ValueError, "convolve2d: w has 1 axes but needs 2, (R,S)"):
        F.convolve2d(x, w[0])
    with refuses(ValueError, "convolve2d: an array is empty", "(0, 4)"):
        F.convolve2d(x[:0], w)
    with refuses(TypeError, "convolve2d: x is int64", "x.astype(np.float64)"):
        F.convolve2d(x.astype(int), w)
