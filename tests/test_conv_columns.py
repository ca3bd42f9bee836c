"""im2col and col2im: against PyTorch's unfold and fold, and as each other's adjoint."""

import numpy as np
import pytest
import torch

import dlnotes.functional as F
from dlnotes import check
from oracles import agrees, normal, refuses, scatter_in_memory

CASES = [
    # sizes, kernel, options
    ((7, 5), (3, 2), {}),
    ((7, 11), (2, 3), {"stride": (3, 2)}),
    ((7, 5), (3, 2), {"dilation": (2, 3), "padding": (1, 2)}),
    ((7, 5), 3, {"stride": 2, "padding": 1}),
    ((7, 5), (7, 5), {}),
]


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def torch_names(kernel, options):
    return {"kernel_size": kernel, **options}


@pytest.mark.parametrize(("sizes", "kernel", "options"), CASES)
def test_both_agree_with_pytorch_and_are_adjoint(rng, sizes, kernel, options):
    """The backward pass of each is the other."""

    def im2col(x):
        return F.im2col(x, kernel, **options)

    def col2im(cols):
        return F.col2im(cols, sizes, kernel, **options)

    def unfold(x):
        return torch.nn.functional.unfold(x, **torch_names(kernel, options))

    def fold(cols):
        return torch.nn.functional.fold(cols, sizes, **torch_names(kernel, options))

    x = normal(rng, (2, 3, *sizes))
    agrees(im2col, lambda dy, x: col2im(dy), unfold, x)
    agrees(col2im, lambda dy, cols: im2col(dy), fold, normal(rng, im2col(x).shape))


@pytest.mark.parametrize(("sizes", "kernel", "options"), CASES)
def test_the_gradients_are_pytorchs(rng, sizes, kernel, options):
    x = normal(rng, (2, 3, *sizes))
    unfold, fold = torch.nn.functional.unfold, torch.nn.functional.fold
    agrees(F.im2col, F.im2col_backward, unfold, x, kernel, options=options)
    cols = normal(rng, F.im2col(x, kernel, **options).shape)
    agrees(F.col2im, F.col2im_backward, fold, cols, sizes, kernel, options=options)


def test_a_wrong_upstream_gradient_is_told(rng):
    x, cols = normal(rng, (2, 3, 7, 5)), normal(rng, (2, 18, 20))
    with refuses(ValueError, "im2col_backward: dy has shape (2, 3, 7, 5)", "(2, 18, 20)"):
        F.im2col_backward(x, x, (3, 2))
    with refuses(ValueError, "col2im_backward: dy has shape (2, 18, 20)", "(2, 3, 7, 5)"):
        F.col2im_backward(cols, cols, (7, 5), (3, 2))
    with refuses(TypeError, "im2col_backward: dy is float32"):
        F.im2col_backward(cols.astype(np.float32), x, (3, 2))


@pytest.mark.parametrize("dims", [1, 3])
def test_other_dimensions_are_adjoint_too(rng, dims):
    sizes, kernel = (5, 7, 6)[-dims:], (2, 3, 2)[-dims:]
    options = {"stride": (1, 2, 1)[-dims:], "padding": (1, 0, 2)[-dims:]}
    x = normal(rng, (2, 3, *sizes))
    pair = F.im2col, lambda dy, x: F.col2im(dy, sizes, kernel, **options)
    check.adjoint_check(pair[0], lambda dy, x, kernel, **_: pair[1](dy, x), x, kernel,
                        options=options)  # fmt: skip
    cols = F.im2col(x, kernel, **options)
    w = normal(rng, (4, 3, *kernel))
    y = (F.conv1d if dims == 1 else F.conv3d)(x, w, **options)
    check.close((w.reshape(4, -1) @ cols).reshape(y.shape), y)


def test_convolution_is_a_matrix_product_with_the_columns(rng):
    x, w = normal(rng, (2, 3, 7, 5)), normal(rng, (4, 3, 3, 2))
    y = w.reshape(4, -1) @ F.im2col(x, (3, 2), stride=2)
    check.close(y.reshape(2, 4, 3, 2), F.conv2d(x, w, stride=2))


def test_per_side_padding_and_names(rng):
    x = normal(rng, (2, 3, 7, 5))
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (0, 1)))
    want = F.im2col(padded, (3, 2))
    check.close(F.im2col(x, (3, 2), padding="same"), want, rtol=0, atol=0)
    check.close(F.im2col(x, (3, 2), padding=((1, 1), (0, 1))), want, rtol=0, atol=0)


def test_columns_are_a_copy_in_any_memory_order(rng):
    x = normal(rng, (2, 3, 1, 5))
    cols = F.im2col(x, (1, 5))  # the same values in the same order
    assert not np.shares_memory(cols, x)
    assert cols.flags.writeable
    check.close(F.im2col(scatter_in_memory(x), (1, 2)), F.im2col(x, (1, 2)), rtol=0, atol=0)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_empty_batch(dtype):
    cols = F.im2col(np.zeros((0, 3, 7, 5), dtype), (3, 2))
    assert (cols.shape, cols.dtype) == ((0, 18, 20), dtype)
    x = F.col2im(cols, (7, 5), (3, 2))
    assert (x.shape, x.dtype) == ((0, 3, 7, 5), dtype)


def test_refusals_carry_the_numbers():
    x, cols = np.zeros((2, 3, 7, 5)), np.zeros((2, 18, 20))
    with refuses(TypeError, "im2col: x is int64"):
        F.im2col(x.astype(int), 2)
    with refuses(ValueError, "im2col: x has 2 axes but needs 4", "(7, 5)"):
        F.im2col(x[0, 0], 2)
    with refuses(ValueError, "im2col, axis H", "covers 9 rows", "has 7"):
        F.im2col(x, 9)
    with refuses(ValueError, "im2col: kernel has 3 entries but there are 2"):
        F.im2col(x, (1, 2, 3))
    with refuses(ValueError, "cols has shape (2, 18, 20)", "(N,C·R·S,P·Q)=(2, 18, 25)"):
        F.col2im(cols, (7, 5), (3, 2), padding=((0, 0), (0, 1)))
    with refuses(ValueError, "cols has shape (2, 18, 20)", "(2, 16, 24)"):
        F.col2im(cols, (7, 5), 2)
    with refuses(ValueError, "cols has shape (2, 1, 24)", "(2, 4, 24)"):
        F.col2im(np.zeros((2, 1, 24)), (7, 5), 2)
    with refuses(ValueError, "cols has 2 axes but needs 3, (N,C·R·S,P·Q)"):
        F.col2im(cols[0], (7, 5), (3, 2))
    with refuses(ValueError, "sizes must name one, two or three axes; got sizes=7"):
        F.col2im(cols, 7, (3, 2))
    with refuses(TypeError, "col2im: sizes[1] is no int"):
        F.col2im(cols, (7, 5.0), (3, 2))
