"""Forward mode: the messages of one pass, and what it costs beside reverse mode."""

import numpy as np
import pytest
import torch

from autodiff_oracle import forward_of
from dlnotes import autodiff as ad
from dlnotes.autodiff import Variable
from oracles import forward_mode, refuses


def test_a_layer_in_forward_mode_is_pytorchs():
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(shape) for shape in ((7, 3), (3, 5), (5,))]
    ours = forward_of(lambda x, w, b: ad.log_softmax(ad.tanh(x @ w + b)))
    theirs = forward_mode(lambda x, w, b: torch.log_softmax(torch.tanh(x @ w + b), -1))
    for place, a in enumerate(inputs):
        v = rng.standard_normal(a.shape)
        np.testing.assert_allclose(
            ours(inputs, place, v), theirs(inputs, place, v), rtol=1e-11, atol=1e-13
        )


def test_the_messages_of_a_forward_pass():
    x, y = Variable(3.0, "x"), Variable(4.0, "y")
    f = (x * x * y + (y + 2)).named("f")
    sent = [
        (m.sender_name, m.receiver_name, m.arriving, m.local, m.amount, m.total)
        for m in ad.forward_trace(f, y)
    ]
    assert sent == [
        ("seed", "y", 1, None, 1, 1),
        ("y", "n4", 1, 9, 9, 9),
        ("y", "n5", 1, 1, 1, 1),
        ("n4", "f", 9, 1, 9, 9),
        ("n5", "f", 1, 1, 1, 10),
    ]  # fmt: skip
    assert ad.forward_trace(f, x)[-1].total == 24


def test_a_forward_trace_along_a_direction():
    x = Variable(np.array([1.0, 2.0, 3.0]))
    last = ad.forward_trace((x * x).sum(), x, tangent=[1.0, 0.0, 10.0])[-1]
    assert last.total == 2 * 1 + 6 * 10
    assert last.local is None


@pytest.mark.parametrize("n", [1, 2, 5, 16])
def test_reverse_mode_needs_one_pass_and_forward_mode_n(n):
    """A neuron of n inputs, counted by hand.

    Edges: n products of two operands, n - 1 sums of two, tanh: 2n + 2(n - 1) + 1. One weight
    reaches the output through its product, the sums after it, and tanh.
    """
    w = [Variable(0.1 * i) for i in range(1, n + 1)]
    x = [Variable(1.0 / i) for i in range(1, n + 1)]
    z = w[0] * x[0]
    for a, b in zip(w[1:], x[1:], strict=True):
        z = z + a * b
    f = ad.tanh(z)
    reverse = len(ad.backward_trace(f)) - 1
    assert reverse == 2 * n + 2 * (n - 1) + 1
    forward = [len(ad.forward_trace(f, leaf)) - 1 for leaf in w]
    assert forward == [1 + (n - 1) + 1, *(1 + (n - i) + 1 for i in range(1, n))]
    f.backward()
    slopes = [ad.forward_trace(f, leaf)[-1].total for leaf in w + x]
    np.testing.assert_allclose(slopes, [float(leaf.grad) for leaf in w + x], rtol=1e-13)


X = Variable(np.ones(3))
DOUBLE = ad.operation(lambda x: 2 * x, lambda dy, x: 2 * dy, name="double")
REFUSED = {
    "elsewhere": (
        lambda: ad.forward_trace(Variable(1.0) * 2, Variable(2.0, "y")),
        ValueError,
        ["'y' is not in the graph", "2 nodes"],
    ),
    "no direction": (
        lambda: ad.forward_trace(X.sum(), X),
        ValueError,
        ["forward_trace: only one element", "(3,)"],
    ),
    "reverse only": (
        lambda: ad.forward_trace(DOUBLE(X), X, np.ones(3)),
        TypeError,
        ["double: no forward mode"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_and_why(name):
    call, error, parts = REFUSED[name]
    with refuses(error, *parts):
        call()
