"""Forward mode: dual numbers, the messages of one pass, and what it costs beside reverse mode."""

import numpy as np
import pytest
import torch

from dlnotes import autodiff as ad
from dlnotes.autodiff import Dual, Variable
from oracles import forward_mode, refuses


def polynomial(x, y):
    return x**2 * y + y + 2


def test_a_dual_number_carries_its_derivative():
    assert [float(v) for v in ad.jvp(polynomial, (3.0, 4.0), (1.0, 0.0))] == [42, 24]
    assert [float(v) for v in ad.jvp(polynomial, (3.0, 4.0), (0.0, 1.0))] == [42, 10]
    assert [float(v) for v in ad.jvp(polynomial, (3.0, 4.0), (2.0, -1.0))] == [42, 38]


def test_a_dual_without_tangent_is_constant():
    y = Dual(3.0) * Dual(4.0, 1.0)
    assert (float(y.value), float(y.tangent)) == (12, 3)
    assert repr(Dual(3.0)) == "Dual(np.float64(3.0), tangent=np.float64(0.0))"


def test_a_layer_in_forward_mode_is_pytorchs():
    rng = np.random.default_rng(0)
    x, w, b = (rng.standard_normal(shape) for shape in ((7, 3), (3, 5), (5,)))
    ours = lambda x, w, b: ad.log_softmax(ad.tanh(x @ w + b))  # noqa: E731
    theirs = forward_mode(lambda x, w, b: torch.log_softmax(torch.tanh(x @ w + b), -1))
    for place, a in enumerate((x, w, b)):
        v = rng.standard_normal(a.shape)
        tangents = [v if i == place else np.zeros_like(c) for i, c in enumerate((x, w, b))]
        got = ad.jvp(ours, (x, w, b), tangents)[1]
        np.testing.assert_allclose(got, theirs([x, w, b], place, v), rtol=1e-11, atol=1e-13)


def test_forward_and_reverse_gradients_are_equal():
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((4, 3)), rng.standard_normal(3).astype(np.float32)
    f = lambda x, w: ad.logsumexp(x @ w) + ad.max(x, 0).sum()  # noqa: E731
    forward, reverse = ad.forward_grad(f, x, w), ad.grad(f, x, w)
    for a, b in zip(forward, reverse, strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(a, b, rtol=1e-6 if a.dtype == np.float32 else 1e-12)


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


def test_forward_mode_takes_a_pass_for_each_number():
    passes = []

    def f(w, b):
        passes.append(1)
        return (w * w).sum() + b

    grads = ad.forward_grad(f, np.arange(6.0).reshape(2, 3), 1.0)
    assert len(passes) == 7
    assert grads[0].tolist() == [[0, 2, 4], [6, 8, 10]]
    assert float(grads[1]) == 1


X = Variable(np.ones(3))
DOUBLE = ad.operation(lambda x: 2 * x, lambda dy, x: 2 * dy, name="double")
REFUSED = {
    "integer": (
        lambda: Dual(3),
        TypeError,
        ["Dual: a value must be floating", "int64", "3.0 for 3"],
    ),
    "tangent": (lambda: Dual([1.0, 2.0], 1.0), ValueError, ["tangent of shape ()", "(2,)"]),
    "tangents": (
        lambda: ad.jvp(polynomial, (1.0, 2.0), (1.0,)),
        ValueError,
        ["2 arguments and 1 tangents"],
    ),
    "array": (
        lambda: ad.forward_grad(lambda x: 2 * x, np.ones(3)),
        ValueError,
        ["f must return one number", "(3,)"],
    ),
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
        lambda: ad.jvp(DOUBLE, (np.ones(3),), (np.ones(3),)),
        TypeError,
        ["double: no forward mode"],
    ),
    "set": (lambda: Dual([1.0]).__setitem__(0, 1.0), TypeError, ["Dual: x[…] = …"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_and_why(name):
    call, error, parts = REFUSED[name]
    with refuses(error, *parts):
        call()
