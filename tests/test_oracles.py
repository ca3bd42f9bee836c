"""The oracles' own helpers do what they say, and `agrees` fails on what is wrong."""

import numpy as np
import pytest
import torch

from dlnotes.check import Mismatch
from oracles import agrees, apart, as_float32, normal, refuses, scatter_in_memory


def tanh_backward(dy, x):
    return dy * (1 - np.tanh(x) ** 2)


def scale(x, w):
    return x * w


def scale_backward(dy, x, w):
    return dy * w, (dy * x).sum(axis=0)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_agrees_passes(rng):
    agrees(np.tanh, tanh_backward, torch.tanh, normal(rng, (5, 3)), affine=False)
    agrees(scale, scale_backward, torch.mul, normal(rng, (5, 3)), normal(rng, (3,)))


def test_agrees_fails_on_a_wrong_gradient(rng):
    x, w = normal(rng, (5, 3)), normal(rng, (3,))
    with pytest.raises(Mismatch):
        agrees(scale, lambda dy, x, w: (dy, (dy * x).sum(axis=0)), torch.mul, x, w)


def test_agrees_fails_where_only_the_memory_order_matters(rng):
    def flat(x):  # reads memory, not the array
        return np.ravel(x, order="K").reshape(x.shape)

    with pytest.raises(Mismatch, match="output"):
        agrees(flat, lambda dy, x: dy, torch.clone, normal(rng, (5, 3)))


def test_agrees_fails_where_only_float32_is_lost(rng):
    def widening(dy, x):
        return dy * np.ones(1)

    with pytest.raises(Mismatch, match=r"float64, but the input has .* float32"):
        agrees(np.copy, widening, torch.clone, normal(rng, (3,)))


def test_agrees_wants_to_know_what_is_not_affine(rng):
    with refuses(ValueError, "adjoint_check: tanh is not affine in input 0"):
        agrees(np.tanh, tanh_backward, torch.tanh, normal(rng, (5, 3)))


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 5, 7), (0, 3), (1, 1)])
def test_scattered_arrays_are_equal_and_lie_otherwise(rng, shape):
    a = normal(rng, shape)
    b = scatter_in_memory(a)
    assert np.array_equal(a, b)
    if a.size > 1:
        assert not b.flags.c_contiguous
        assert all(s < 0 for s, n in zip(b.strides, shape, strict=True) if n > 1)
    assert scatter_in_memory(None) is None


def test_apart_has_no_ties_and_no_zero(rng):
    values = np.sort(apart(rng, (5, 7), gap=0.01), axis=None)
    assert np.diff(values).min() > 0.0199
    assert np.abs(values).min() > 0.0049


def test_as_float32_touches_floats_alone():
    assert as_float32(np.zeros(2)).dtype == np.float32
    assert as_float32(np.zeros(2, int)).dtype == int
    assert as_float32(None) is None


def test_refuses_reads_the_message_in_order():
    with refuses(ValueError, "C=3", "(2,3)"):
        raise ValueError("x has C=3 channels; got x (2,3)")
    with pytest.raises(AssertionError), refuses(ValueError, "(2,3)", "C=3"):
        raise ValueError("x has C=3 channels; got x (2,3)")
    with pytest.raises(AssertionError), refuses(ValueError):
        raise UnicodeError("a kind of ValueError")
