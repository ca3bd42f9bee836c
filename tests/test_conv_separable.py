"""Depthwise and separable convolution, against PyTorch's groups and the other oracles."""

import numpy as np
import pytest
import torch

import dlnotes.functional as F
from dlnotes import check
from oracles import agrees, normal, refuses

OPTIONS = [
    {},
    {"stride": (2, 3), "padding": 1},
    {"dilation": (1, 2), "padding": (2, 1)},
]


@pytest.fixture
def rng():
    return np.random.default_rng(13)


def torch_depthwise(x, w, b=None, **options):
    return torch.nn.functional.conv2d(x, w, b, **options, groups=x.shape[1])


def torch_separable(x, depthwise, pointwise, b=None, **options):
    return torch.nn.functional.conv2d(torch_depthwise(x, depthwise, **options), pointwise, b)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("bias", [True, False])
def test_depthwise_agrees(rng, options, multiplier, bias):
    x, w = normal(rng, (2, 5, 11, 7)), normal(rng, (5 * multiplier, 1, 3, 2))
    b = normal(rng, (5 * multiplier,)) if bias else None
    pair = F.depthwise_conv2d, F.depthwise_conv2d_backward
    agrees(*pair, torch_depthwise, x, w, b, options=options)


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("bias", [True, False])
def test_separable_agrees(rng, options, multiplier, bias):
    x, depthwise = normal(rng, (2, 5, 11, 7)), normal(rng, (5 * multiplier, 1, 3, 2))
    pointwise = normal(rng, (3, 5 * multiplier, 1, 1))
    b = normal(rng, (3,)) if bias else None
    pair = F.separable_conv2d, F.separable_conv2d_backward
    agrees(*pair, torch_separable, x, depthwise, pointwise, b, options=options)


def test_separable_is_one_convolution_with_a_kernel_of_low_rank(rng):
    x, depthwise = normal(rng, (2, 5, 11, 7)), normal(rng, (5, 1, 3, 2))
    pointwise = normal(rng, (3, 5, 1, 1))
    w = pointwise * depthwise[:, 0]  # (K, C, 1, 1) times (C, R, S)
    check.close(F.separable_conv2d(x, depthwise, pointwise), F.conv2d(x, w))


def test_same_and_per_side_padding(rng):
    x, depthwise = normal(rng, (2, 3, 5, 7)), normal(rng, (3, 1, 4, 3))
    pointwise = normal(rng, (2, 3, 1, 1))
    y = F.separable_conv2d(x, depthwise, pointwise, padding="same")
    assert y.shape == (2, 2, 5, 7)
    sides = ((1, 2), (1, 1))
    check.close(F.separable_conv2d(x, depthwise, pointwise, padding=sides), y)
    check.close(
        F.depthwise_conv2d(x, depthwise, padding="same"),
        F.conv2d(x, depthwise, padding="same", groups=3),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_empty_batch(dtype):
    x, depthwise = np.zeros((0, 3, 5, 7), dtype), np.ones((3, 1, 3, 2), dtype)
    pointwise, b = np.ones((2, 3, 1, 1), dtype), np.ones(2, dtype)
    y = F.separable_conv2d(x, depthwise, pointwise, b)
    assert (y.shape, y.dtype) == ((0, 2, 3, 6), dtype)
    grads = F.separable_conv2d_backward(y, x, depthwise, pointwise, b)
    for grad, a in zip(grads, (x, depthwise, pointwise, b), strict=True):
        assert (grad.shape, grad.dtype, grad.any()) == (a.shape, a.dtype, False)


def test_refusals_carry_the_numbers():
    x, depthwise, pointwise = np.zeros((2, 3, 7, 6)), np.zeros((3, 1, 3, 2)), np.zeros((5, 3, 1, 1))
    both = [
        (F.depthwise_conv2d, (x,), ()),
        (F.separable_conv2d, (x,), (pointwise,)),
        (F.separable_conv2d_backward, (np.zeros((2, 5, 5, 5)), x), (pointwise,)),
    ]
    for function, before, after in both:
        name = function.__name__
        with refuses(ValueError, f"{name}: a depthwise kernel sees 1 channel but these have 3"):
            function(*before, np.zeros((3, 3, 3, 2)), *after)
        with refuses(ValueError, f"{name}: K=4 kernels cannot be shared out to 3 groups"):
            function(*before, np.zeros((4, 1, 3, 2)), *after)
        with refuses(TypeError, f"{name}: ", " is float32 but x is float64"):
            function(*before, depthwise.astype(np.float32), *after)


def test_refusals_of_the_second_step_carry_the_numbers():
    x, depthwise, pointwise = np.zeros((2, 3, 7, 6)), np.zeros((3, 1, 3, 2)), np.zeros((5, 3, 1, 1))
    with refuses(ValueError, "separable_conv2d: x has C=3 channels but w expects 4"):
        F.separable_conv2d(x, depthwise, np.zeros((5, 4, 1, 1)))
    with refuses(ValueError, "pointwise has shape (5, 3, 3, 1)", "(K,C·M,1,1)=(5, 3, 1, 1)"):
        F.separable_conv2d(x, depthwise, np.zeros((5, 3, 3, 1)))
    with refuses(ValueError, "separable_conv2d: w has 2 axes but needs 4", "(5,3)"):
        F.separable_conv2d(x, depthwise, np.zeros((5, 3)))
    with refuses(ValueError, "separable_conv2d: x has 3 axes but needs 4", "x[None]"):
        F.separable_conv2d(x[0], depthwise, pointwise)
    with refuses(ValueError, "separable_conv2d_backward: dy must have the output's shape",
                 "(2,5,5,5)", "dy (2,5,5,4)"):  # fmt: skip
        F.separable_conv2d_backward(np.zeros((2, 5, 5, 4)), x, depthwise, pointwise)
