"""Convolution as a sparse matrix: it does what conv2d does, and its transpose what dx needs."""

import numpy as np
import pytest

import dlnotes.functional as F
from dlnotes import check
from oracles import normal, refuses

CASES = [
    # x, w, options
    ((2, 3, 7, 5), (4, 3, 3, 2), {}),
    ((2, 3, 7, 5), (4, 3, 2, 3), {"stride": (3, 2), "padding": (1, 2)}),
    ((3, 4, 7, 5), (6, 2, 3, 2), {"groups": 2, "dilation": (2, 1), "padding": "same"}),
    ((2, 3, 5, 4), (6, 1, 2, 3), {"groups": 3, "padding": ((0, 2), (1, 0))}),
    ((1, 2, 3, 3), (2, 2, 2, 2), {"padding": 3, "stride": 2}),
]


@pytest.mark.parametrize(("x_shape", "w_shape", "options"), CASES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_matrix_and_transpose_are_conv2d_forward_and_backward(x_shape, w_shape, options, dtype):
    rng = np.random.default_rng(5)
    x, w = normal(rng, x_shape).astype(dtype), normal(rng, w_shape).astype(dtype)
    y = F.conv2d(x, w, **options)
    dy = normal(rng, y.shape).astype(dtype)
    dx, _, _ = F.conv2d_backward(dy, x, w, **options)
    m = F.conv2d_matrix(w, x_shape[1:], **options)
    assert m.shape == (y[0].size, x[0].size)
    near = {"rtol": 1e-10} if dtype == np.float64 else {"rtol": 1e-4, "atol": 1e-5}
    flat, upstream = x.reshape(len(x), -1).T, dy.reshape(len(dy), -1).T
    check.close((m @ flat).T.reshape(y.shape), y, **near)
    check.close((m.T @ upstream).T.reshape(x.shape), dx, **near)
    check.close(m @ flat[:, 0], y[0].ravel(), **near)
    check.close(m.dense() @ flat, m @ flat, **near)
    check.close(m.T.dense(), m.dense().T, rtol=0, atol=0)
    assert (m @ flat).dtype == dtype


def test_only_products_inside_the_image_are_stored():
    w = np.ones((2, 3, 3, 3))
    m = F.conv2d_matrix(w, (3, 5, 4), padding=1)
    inside = sum(
        0 <= p + r - 1 < 5 and 0 <= q + s - 1 < 4
        for p, q, r, s in np.ndindex(5, 4, 3, 3)
    )  # fmt: skip
    assert len(m.values) == len(m.rows) == len(m.columns) == 2 * 3 * inside
    places = set(zip(m.rows.tolist(), m.columns.tolist(), strict=True))
    assert len(places) == len(m.values)


def test_one_channel_is_a_band_of_equal_diagonals():
    m = F.conv1d_matrix(np.array([[[2.0, 3.0, 5.0]]]), (1, 5)).dense()
    assert m.tolist() == [[2, 3, 5, 0, 0], [0, 2, 3, 5, 0], [0, 0, 2, 3, 5]]
    strided = F.conv1d_matrix(np.array([[[2.0, 3.0, 5.0]]]), (1, 5), stride=2).dense()
    assert strided.tolist() == [m.tolist()[0], m.tolist()[2]]


def test_conv1d_matrix_is_conv1d():
    rng = np.random.default_rng(5)
    x, w = normal(rng, (2, 4, 11)), normal(rng, (6, 2, 3))
    options = {"stride": 2, "padding": ((2, 1),), "dilation": 2, "groups": 2}
    y = F.conv1d(x, w, **options)
    m = F.conv1d_matrix(w, (4, 11), **options)
    check.close((m @ x.reshape(2, -1).T).T.reshape(y.shape), y)


def test_refusals_carry_the_numbers():
    w = np.zeros((4, 3, 3, 2))
    m = F.conv2d_matrix(w, (3, 7, 6))
    with refuses(ValueError, "conv2d_matrix: x has C=2 channels but w expects 3"):
        F.conv2d_matrix(w, (2, 7, 6))
    with refuses(ValueError, "conv2d_matrix: x has 3 axes but needs 4"):
        F.conv2d_matrix(w, (7, 6))
    with refuses(TypeError, "conv2d_matrix: w is int64"):
        F.conv2d_matrix(w.astype(int), (3, 7, 6))
    with refuses(ValueError, "v must have 126 rows; got matrix (100, 126)", "(2, 126)"):
        m @ np.zeros((2, 126))
    with refuses(ValueError, "v must have 126 rows", "(126, 1, 1)"):
        m @ np.zeros((126, 1, 1))
    with refuses(TypeError, "SparseMatrix: v is float32 but values is float64", "(126,)"):
        m @ np.zeros(126, np.float32)
