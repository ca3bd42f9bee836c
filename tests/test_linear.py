"""The dense layer: the three oracles, parameter counts, bad input."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import SHAPES, anything, gradients_or_refusal, nearly, pytorch_or_refusal
from oracles import agrees, normal, refuses

SHAPE_CASES = [
    ((4, 5), (3, 5)),
    ((1, 5), (3, 5)),
    ((5,), (3, 5)),
    ((2, 4, 7), (3, 7)),
    ((2, 3, 4, 5), (1, 5)),
    ((0, 5), (3, 5)),
    ((2, 0, 5), (3, 5)),
    ((4, 0), (3, 0)),
    ((4, 5), (0, 5)),
]


@pytest.mark.parametrize(("x", "w"), SHAPE_CASES)
@pytest.mark.parametrize("bias", [True, False])
def test_linear(x, w, bias):
    rng = np.random.default_rng(1)
    b = normal(rng, w[:1]) if bias else None
    agrees(F.linear, F.linear_backward, TF.linear, normal(rng, x), normal(rng, w), b)


def test_rows_are_outputs_summed_by_hand():
    x, w, b = (np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]]), np.array([10.0, 20.0]))
    assert F.linear(x, w, b).tolist() == [[1 * 3 + 2 * 4 + 10, 1 * 5 + 2 * 6 + 20]]
    dx, dw, db = F.linear_backward(np.array([[1.0, 10.0]]), x, w, b)
    assert dx.tolist() == [[3 + 50, 4 + 60]]
    assert dw.tolist() == [[1, 2], [10, 20]]
    assert db.tolist() == [1, 10]


@pytest.mark.parametrize(("n_in", "n_out"), [(32 * 5 * 5, 256), (256, 10)])
def test_catalogue_dense_params(n_in, n_out):
    """One gradient entry a parameter: (n_in + 1) n_out, as many as PyTorch's layer has."""
    x, w, b = np.ones((2, n_in)), np.ones((n_out, n_in)), np.ones(n_out)
    _, dw, db = F.linear_backward(np.ones((2, n_out)), x, w, b)
    layer = torch.nn.Linear(n_in, n_out)
    assert dw.size + db.size == (n_in + 1) * n_out == sum(p.numel() for p in layer.parameters())


@pytest.mark.parametrize(
    ("shapes", "parts"),
    [
        (((2, 4), (3, 5)), ["linear: x has D=4 features but w expects 5", "(2, 4)", "(3, 5)"]),
        (((2, 5), (5,)), ["linear: w has 1 axes but needs 2"]),
        (((), (3, 5)), ["linear: x has no axis"]),
        (((2, 5), (3, 5), (1,)), ["linear: b has shape (1,) but w has K=3 outputs"]),
        (((2, 5), (3, 5), (3, 1)), ["linear: b has shape (3, 1)"]),
    ],
)
def test_refused(shapes, parts):
    arrays = [np.ones(shape) for shape in shapes]
    with refuses(ValueError, *parts):
        F.linear(*arrays)
    parts[0] = parts[0].replace("linear", "linear_backward")
    with refuses(ValueError, *parts):
        F.linear_backward(np.ones((2, 3)), *arrays)


def test_backward_refuses_a_gradient_that_would_broadcast():
    with refuses(ValueError, "linear_backward: dy has shape (1, 3)", "(2, 3)"):
        F.linear_backward(np.ones((1, 3)), np.ones((2, 5)), np.ones((3, 5)))


def test_dtypes_refused():
    x, w = np.ones((2, 5)), np.ones((3, 5))
    with refuses(TypeError, "linear: x is int64, neither float32 nor float64"):
        F.linear(x.astype(int), w)
    with refuses(TypeError, "linear: w is float32 but x is float64"):
        F.linear(x, w.astype(np.float32))
    with refuses(TypeError, "linear: x is missing"):
        F.linear(None, w)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_bad_input(data):
    k, d = data.draw(st.integers(0, 3)), data.draw(st.integers(0, 4))
    x = data.draw(anything(st.one_of(SHAPES, SHAPES.map(lambda s: (*s, d)))))
    w = data.draw(anything(nearly(np.ones((k, d)))))
    b = data.draw(st.one_of(st.none(), anything(nearly(np.ones(k)))))
    lead = x.shape[:-1] if isinstance(x, np.ndarray) else (2,)
    dy = data.draw(anything(nearly(np.ones((*lead, k)))))
    wanted = (0, 1) if b is None else (0, 1, 2)
    pytorch_or_refusal(F.linear, TF.linear, x, w, b)
    gradients_or_refusal(F.linear_backward, TF.linear, dy, x, w, b, wanted=wanted)
