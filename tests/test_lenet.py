"""What LeNet-5 had beside the usual: three oracles, values, bad input."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import anything, gradients_or_refusal, nearly, pytorch_or_refusal, tame
from oracles import agrees, normal, refuses

TABLE = ((0, 2), (1,), (0, 1, 2), ())


def torch_scaled_tanh(x):
    return 1.7159 * torch.tanh(2 / 3 * x)


def pool(x, w, b, kernel_size):
    return TF.avg_pool2d(x, kernel_size) * w[:, None, None] + b[:, None, None]


def torch_table(x, w, b=None, table=TABLE):
    """Convolve each output map's inputs on their own."""
    found, start = [], 0
    for k, maps in enumerate(table):
        y = x.new_zeros(len(x), 1, x.shape[2] - w.shape[1] + 1, x.shape[3] - w.shape[2] + 1)
        for j, c in enumerate(maps, start):
            y = y + TF.conv2d(x[:, c : c + 1], w[j][None, None])
        start += len(maps)
        found.append(y if b is None else y + b[k])
    return torch.cat(found, 1)


def torch_radial(x, centers):
    return ((x[:, None] - centers[None]) ** 2).sum(-1)


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_scaled_tanh(rng):
    agrees(
        F.scaled_tanh, F.scaled_tanh_backward, torch_scaled_tanh, normal(rng, (5, 3)), affine=False
    )


@pytest.mark.parametrize("kernel", [2, (3, 2)])
def test_scaled_pool(rng, kernel):
    arrays = normal(rng, (2, 3, 7, 8)), normal(rng, (3,)), normal(rng, (3,))
    pair = F.scaled_avg_pool2d, F.scaled_avg_pool2d_backward
    options = {"kernel_size": kernel}
    agrees(*pair, pool, *arrays, options=options)


@pytest.mark.parametrize("bias", [True, False])
def test_table(rng, bias):
    arrays = normal(rng, (2, 3, 7, 6)), normal(rng, (6, 3, 2)), normal(rng, (4,)) if bias else None
    options = {"table": TABLE}
    agrees(F.table_conv2d, F.table_conv2d_backward, torch_table, *arrays, options=options)


def test_a_full_table_is_a_convolution(rng):
    x, w = normal(rng, (2, 3, 7, 6)), normal(rng, (4, 3, 3, 2))
    y = F.table_conv2d(x, w.reshape(12, 3, 2), table=[range(3)] * 4)
    np.testing.assert_allclose(y, F.conv2d(x, w), rtol=1e-12)


def test_radial(rng):
    arrays = normal(rng, (4, 5)), normal(rng, (3, 5))
    agrees(F.radial_basis, F.radial_basis_backward, torch_radial, *arrays, affine=False)


X = np.ones((2, 3, 7, 6))
REFUSALS = {
    "scale": (
        lambda: F.scaled_avg_pool2d(X, np.ones(2), np.ones(3), 2),
        ["w has shape (2,)", "C=3"],
    ),
    "map": (lambda: F.table_conv2d(X, np.ones((1, 3, 3)), table=[[3]]), ["row 0", "0 to 2", "[3]"]),
    "bias": (lambda: F.table_conv2d(X, np.ones((1, 3, 3)), np.ones(2), table=[[0]]), ["(2,)"]),
    "twice": (lambda: F.table_conv2d(X, np.ones((2, 3, 3)), table=[[1, 1]]), ["at most once"]),
    "kernels": (
        lambda: F.table_conv2d(X, np.ones((2, 3, 3)), table=[[0]]),
        ["1 entries", "2 kernels"],
    ),
    "width": (lambda: F.radial_basis(np.ones((2, 4)), np.ones((3, 5))), ["D=4", "have 5"]),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refused(case):
    call, parts = REFUSALS[case]
    with refuses(ValueError, *parts):
        call()


def finite(shapes):
    """What `anything` draws, without infinity and NaN."""
    return anything(shapes).map(tame)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_bad_input(data):
    shapes = st.sampled_from([(2, 5, 3, 4), (1, 2, 3), (0, 3, 2, 2), (2, 4), (3,), ()])
    x = data.draw(finite(shapes))
    dy = data.draw(finite(nearly(x)))
    pytorch_or_refusal(F.scaled_tanh, torch_scaled_tanh, x)
    gradients_or_refusal(F.scaled_tanh_backward, torch_scaled_tanh, dy, x)
    centers = data.draw(finite(st.sampled_from([(3, 4), (4,), (2, 3), (0, 4)])))
    pytorch_or_refusal(F.radial_basis, torch_radial, x, centers)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_bad_input_of_maps(data):
    x = data.draw(finite(st.sampled_from([(2, 3, 7, 6), (1, 3, 4, 4), (2, 2, 7, 6), (3, 7, 6)])))
    w = data.draw(finite(nearly(np.ones((6, 3, 2)))))
    b = data.draw(st.one_of(st.none(), finite(nearly(np.ones(4)))))
    pytorch_or_refusal(F.table_conv2d, torch_table, x, w, b, options={"table": TABLE})
    scale, shift = (data.draw(finite(nearly(np.ones(3)))) for _ in range(2))
    kernel = data.draw(st.sampled_from([1, 2, (3, 2), 0, -1, 9]))
    options = {"kernel_size": kernel}
    pair = F.scaled_avg_pool2d, pool
    pytorch_or_refusal(*pair, x, scale, shift, options=options)
