"""The unshared convolution against PyTorch's unfold, differences, the adjoint and conv2d."""

import numpy as np
import pytest
import torch

import dlnotes.functional as F
from dlnotes import check, shapes
from oracles import agrees, normal, refuses


def torch_local(x, w, b=None, *, stride=1, padding=0, dilation=1):
    """Unfold the windows row by row and column by column, and multiply each by its kernels."""
    strides, dilations = shapes.as_tuple(stride, 2, "stride"), shapes.as_tuple(dilation, 2, "d")
    kernel = tuple(w.shape[-2:])
    pads = shapes.as_pads(padding, kernel, strides, dilations, 2)
    x = torch.nn.functional.pad(x, [zeros for pair in reversed(pads) for zeros in pair])
    for axis, (k, s, d) in enumerate(zip(kernel, strides, dilations, strict=True), 2):
        x = x.unfold(axis, d * (k - 1) + 1, s)[..., ::d]  # (N, C, P, Q, R, S) in the end
    y = torch.einsum("kpqcrs,ncpqrs->nkpq", w, x)
    return y if b is None else y + b


CASES = {
    # name: x, K, (R, S), (P, Q), options; sizes are distinct primes, so that swapped axes show
    "plain": ((2, 3, 7, 11), 5, (3, 2), (5, 10), {}),
    "one-image": ((1, 3, 5, 7), 2, (2, 3), (4, 5), {}),
    "stride-remainder": ((2, 3, 11, 7), 5, (2, 3), (4, 3), {"stride": (3, 2)}),
    "stride-above-kernel": ((2, 3, 7, 11), 2, (2, 1), (2, 3), {"stride": (4, 5)}),
    "sides": ((2, 3, 7, 5), 2, (3, 2), (4, 3), {"stride": 2, "padding": ((0, 2), (1, 0))}),
    "dilation": ((2, 3, 11, 13), 2, (3, 2), (7, 10), {"dilation": (2, 3)}),
    "same": ((2, 3, 5, 7), 2, (4, 3), (5, 7), {"padding": "same"}),
    "whole-image": ((2, 3, 5, 7), 11, (5, 7), (1, 1), {}),
    "pointwise": ((2, 3, 5, 7), 2, (1, 1), (5, 7), {}),
}


def draw(case):
    rng = np.random.default_rng(4)
    x_shape, filters, kernel, out, options = CASES[case]
    w = normal(rng, (filters, *out, x_shape[1], *kernel))
    return normal(rng, x_shape), w, normal(rng, (filters, *out)), options


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "plain"])
@pytest.mark.parametrize("case", CASES)
def test_three_oracles(case, bias):
    x, w, b, options = draw(case)
    arrays = (x, w, b if bias else None)
    agrees(F.local_conv2d, F.local_conv2d_backward, torch_local, *arrays, options=options)


@pytest.mark.parametrize("case", CASES)
def test_kernels_that_are_all_the_same_convolve(case):
    x, w, b, options = draw(case)
    kernel, bias, out = w[:, 0, 0], b[:, 0, 0], CASES[case][3]  # (K, C, R, S), (K,)
    w = np.tile(kernel[:, None, None], (1, *out, 1, 1, 1))
    b = np.tile(bias[:, None, None], (1, *out))
    y = F.local_conv2d(x, w, b, **options)
    check.close(y, F.conv2d(x, kernel, bias, **options))
    dy = normal(np.random.default_rng(5), y.shape)
    dx, dw, db = F.local_conv2d_backward(dy, x, w, b, **options)
    shared = F.conv2d_backward(dy, x, kernel, bias, **options)
    found = dx, dw.sum(axis=(1, 2)), db.sum(axis=(1, 2))
    for got, want in zip(found, shared, strict=True):
        check.close(got, want)


def test_an_empty_batch_stays_empty():
    x, w, b = np.ones((0, 3, 7, 5)), np.ones((2, 5, 4, 3, 3, 2)), np.ones((2, 5, 4))
    y = F.local_conv2d(x, w, b)
    assert y.shape == (0, 2, 5, 4)
    dx, dw, db = F.local_conv2d_backward(y, x, w, b)
    assert dx.shape == x.shape
    assert np.array_equal(dw, np.zeros_like(w))
    assert np.array_equal(db, np.zeros_like(b))


def test_refusals_carry_the_numbers():
    x, w, b = np.ones((2, 3, 7, 5)), np.ones((2, 5, 4, 3, 3, 2)), np.ones((2, 5, 4))
    with refuses(ValueError, "local_conv2d", "(P,Q)=(5, 4)", "(3, 2)", "(2, 3, 2, 3, 3, 2)"):
        F.local_conv2d(x, w, stride=2)
    with refuses(ValueError, "local_conv2d", "w has 4 axes but needs 6"):
        F.local_conv2d(x, w[:, 0, 0])
    with refuses(ValueError, "local_conv2d", "C=2 channels but w expects 3"):
        F.local_conv2d(x[:, :2], w)
    with refuses(ValueError, "local_conv2d", "b has shape (2,)", "(2, 5, 4)"):
        F.local_conv2d(x, w, b[:, 0, 0])
    with refuses(ValueError, "local_conv2d", "S=0"):
        F.local_conv2d(x, w[..., :0])
    with refuses(TypeError, "local_conv2d", "w is float32 but x is float64"):
        F.local_conv2d(x, w.astype(np.float32))
    with refuses(TypeError, "local_conv2d", "stride is no int", "2.0"):
        F.local_conv2d(x, w, stride=2.0)
    with refuses(ValueError, "local_conv2d_backward", "(N,K,P,Q)=(2,2,5,4)", "(2,2,5,5)"):
        F.local_conv2d_backward(np.ones((2, 2, 5, 5)), x, w, b)
