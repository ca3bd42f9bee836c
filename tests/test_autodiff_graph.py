"""The graph: the catalogue's examples step by step, large graphs, and what is refused."""

import gc
import math
import operator
import weakref

import numpy as np
import pytest
import torch

from dlnotes import autodiff as ad
from dlnotes import check
from dlnotes.autodiff import Variable
from oracles import refuses


def catalogue_graph():
    """f(x, y) = x²y + y + 2 at (3, 4), with the nodes that the note numbers n1 to n7."""
    n1, n2 = Variable(3.0, "n1"), Variable(4.0, "n2")
    n3 = Variable(2.0, "n3", constant=True)
    n4 = (n1 * n1).named("n4")
    n5 = (n4 * n2).named("n5")
    n6 = (n2 + n3).named("n6")
    return [n1, n2, n3, n4, n5, n6, (n5 + n6).named("n7")]


def test_the_catalogues_polynomial():
    n1, n2, n3, n4, n5, n6, n7 = catalogue_graph()
    n7.backward()
    assert [float(n) for n in (n4, n5, n6, n7)] == [9, 36, 6, 42]
    assert [float(n.grad) for n in (n7, n6, n5, n4, n2, n1)] == [1, 1, 1, 4, 10, 24]
    assert n3.grad is None
    last = ad.trace(n7)[-1]
    check.shows(
        "reverse-autodiff",
        f=float(n7),
        df_dx=float(n1.grad),
        df_dy=float(n2.grad),
        dn7_dn5=last.local[0],
        df_dn4=float(n4.grad),
    )


def test_the_trace_of_the_polynomial():
    n7 = catalogue_graph()[-1]
    rows = ad.trace(n7)
    assert [row.name for row in rows] == ["n1", "n2", "n3", "n4", "n5", "n6", "n7"]
    assert [row.index for row in rows] == list(range(7))
    assert [row.op for row in rows[:3]] == ["leaf", "leaf", "constant"]
    assert [row.expression for row in rows[3:]] == ["n1 × n1", "n4 × n2", "n2 + n3", "n5 + n6"]
    assert [row.parents for row in rows] == [(), (), (), (0, 0), (3, 1), (1, 2), (4, 5)]
    assert [row.local for row in rows[3:]] == [(3, 3), (4, 9), (1, 1), (1, 1)]
    assert [row.grad for row in rows] == [None] * 7
    n7.backward()
    assert [row.grad for row in ad.trace(n7)] == [24, 10, None, 4, 1, 1, 1]
    assert all(type(row.value) is float for row in rows)


def test_the_messages_of_the_polynomial():
    """By hand: y is reached by two paths, 1 and 9, whose sum is 10 (erratum e-paths)."""
    n7 = catalogue_graph()[-1]
    sent = [
        (m.sender_name, m.receiver_name, m.operand, m.arriving, m.local, m.amount, m.total)
        for m in ad.backward_trace(n7)
    ]
    assert sent == [
        ("seed", "n7", None, 1, None, 1, 1),
        ("n7", "n5", 0, 1, 1, 1, 1),
        ("n7", "n6", 1, 1, 1, 1, 1),
        ("n6", "n2", 0, 1, 1, 1, 1),
        ("n5", "n4", 0, 1, 4, 4, 4),
        ("n5", "n2", 1, 1, 9, 9, 10),
        ("n4", "n1", 0, 4, 3, 12, 12),
        ("n4", "n1", 1, 4, 3, 12, 24),
    ]  # fmt: skip
    assert [(m.sender, m.receiver) for m in ad.backward_trace(n7)][:3] == [
        (None, 6),
        (6, 4),
        (6, 5),
    ]
    assert all(row.grad is None for row in ad.trace(n7))  # a trace leaves nothing behind


def sigmoid_circuit():
    w = [Variable(value, f"w{i}") for i, value in enumerate([2.0, -3.0, -3.0])]
    x = [Variable(value, f"x{i}") for i, value in enumerate([-1.0, -2.0])]
    z = w[0] * x[0] + w[1] * x[1] + w[2]
    return w, x, z


def test_the_sigmoid_circuit_gate_by_gate_and_as_one_gate():
    for gates, close_circuit in ((8, lambda z: 1 / (1 + ad.exp(-z))), (5, ad.sigmoid)):
        w, x, z = sigmoid_circuit()
        f = close_circuit(z)
        f.backward()
        rows = ad.trace(f)
        assert sum(row.op != "leaf" for row in rows) == gates
        got = [float(v.grad) for v in w + x]
        s = 1 / (1 + math.exp(-1))  # w·x = 1, by hand
        want = [s * (1 - s) * factor for factor in (-1, -2, 1, 2, -3)]
        np.testing.assert_allclose(got, want, rtol=1e-14)
        check.shows("sigmoid-circuit", f=float(f), df_dw=got[:3], df_dx=got[3:])


def test_the_words_of_the_sigmoid_circuit():
    *_, z = sigmoid_circuit()
    rows = ad.trace(1 / (1 + ad.exp(-z)))
    assert [row.expression for row in rows[5:]] == [
        "w0 × x0", "w1 × x1", "n6 + n7", "n8 + w2", "−n9", "exp(n10)", "1 + n11", "1 / n12",
    ]  # fmt: skip
    assert str(rows[-1]) == "n13 = 1 / n12 = 0.731059"
    assert str(rows[0]) == "w0 = 2"


def test_expressions_show_options_and_shapes():
    x = Variable(np.ones((2, 3)), "x")
    y = ad.concatenate([x[:, 1:], x.mean(axis=1, keepdims=True)], axis=1) * np.ones(3) + x.sum()
    words = [row.expression for row in ad.trace(y)][1:]
    assert words == [
        "x[:, 1:]", "mean(x, axis=1, keepdims=True)", "concatenate(n2, n3, axis=1)",
        "n4 × [3]", "sum(x)", "n5 + n6",
    ]  # fmt: skip


def test_records_are_plain_and_frozen():
    x = Variable(np.ones((2, 3)), "x")
    y = (2 * x).sum()
    message, row = ad.backward_trace(y)[-1], ad.trace(y)[1]
    with pytest.raises(AttributeError):
        message.amount = 0.0
    with pytest.raises(AttributeError):
        row.value = 0.0
    assert row.local == (None,)
    assert message.local is None
    assert message.amount.tolist() == [[2.0] * 3] * 2
    x.value[...] = 7
    assert row.value.tolist() == [[2.0] * 3] * 2
    with pytest.raises(ValueError, match="read-only"):
        row.value[0] = 1


def test_each_message_shows_the_total_of_its_moment():
    x = Variable(np.ones(2))
    totals = [m.total for m in ad.backward_trace((x * 2 + x * 3 + x * 5).sum()) if m.receiver == 0]
    assert [total.tolist() for total in totals] == [[5, 5], [8, 8], [10, 10]]


def test_a_seed_of_a_trace():
    x = Variable(np.array([1.0, 2.0]))
    messages = ad.backward_trace(x * x, seed=[1.0, 10.0])
    assert messages[0].amount.tolist() == [1.0, 10.0]
    assert messages[-1].total.tolist() == [2.0, 40.0]


# ---- size ------------------------------------------------------------------------------------


def test_a_chain_of_a_hundred_thousand_nodes():
    x = Variable(1.5)
    y = x
    for _ in range(50_000):
        y = y * 0.99999 + 1e-5
    watched = weakref.ref(y)
    y.backward()
    assert float(x.grad) == pytest.approx(0.99999**50_000, rel=1e-9)
    nodes = ad.trace(y)
    assert len(nodes) == 100_001
    del y, nodes
    gc.collect()
    assert watched() is None


def test_a_wide_graph_with_one_leaf_used_often():
    x = Variable(2.0)
    y = ad.stack([x * float(i) for i in range(20_000)]).sum()
    y.backward()
    assert float(x.grad) == sum(range(20_000))


def test_a_graph_with_exponentially_many_paths():
    x = Variable(1.0)
    y = x
    for _ in range(200):
        y = y + y
    y.backward()
    assert float(x.grad) == 2.0**200


# ---- gradients that are there already -----------------------------------------------------------


def test_a_second_backward_is_refused_and_changes_nothing():
    x = Variable(3.0, "x")
    f = x * x
    f.backward()
    with refuses(ValueError, "backward: gradients of an earlier backward", "2 such nodes",
                 "'x'", "zero_grad()", "accumulate=True"):  # fmt: skip
        f.backward()
    assert float(x.grad) == 6.0
    g = x * 5  # another graph on the same leaf
    with refuses(ValueError, "1 such nodes, the first 'x'"):
        g.backward()
    assert g.grad is None


def test_the_remedies_of_a_second_backward():
    x = Variable(3.0)
    f = (x * x) * 2
    f.backward()
    f.backward(accumulate=True)
    assert float(x.grad) == 24.0  # 12 + 12: the nodes between do not send their old share again
    f.zero_grad()
    assert [row.grad for row in ad.trace(f)] == [None] * 3
    f.backward()
    assert float(x.grad) == 12.0
    x.zero_grad()
    (x * 5).backward()
    assert float(x.grad) == 5.0


def test_accumulating_over_batches_is_the_gradient_of_the_sum():
    rng = np.random.default_rng(0)
    w = Variable(rng.standard_normal(3))
    batches = [rng.standard_normal((7, 3)) for _ in range(4)]
    for batch in batches:
        ad.tanh(batch @ w).sum().backward(accumulate=True)
    t = torch.from_numpy(w.value.copy()).requires_grad_()
    torch.tanh(torch.from_numpy(np.concatenate(batches)) @ t).sum().backward()
    np.testing.assert_allclose(w.grad, t.grad.numpy(), rtol=1e-12)


def test_no_two_gradients_share_memory():
    x, y = Variable(np.ones(3)), Variable(np.ones(3))
    z = x + y
    z.sum().backward()
    x.grad[:] = 7
    assert y.grad.tolist() == z.grad.tolist() == [1, 1, 1]


# ---- values that change ----------------------------------------------------------------------


def test_training_in_place():
    data, target = (np.array([[1.0, 2.0], [2.0, -1.0]]), np.array([5.0, 3.0]))
    w = Variable(np.zeros(2))
    same = w.value
    for _ in range(400):
        loss = ((data @ w - target) ** 2).mean()
        w.zero_grad()
        loss.backward()
        w.value -= 0.1 * w.grad
    assert w.value is same
    np.testing.assert_allclose(w.value, np.linalg.solve(data, target), atol=1e-6)


CHANGES = {
    "element": lambda x: operator.setitem(x.value, 0, 5.0),
    "all": lambda x: operator.setitem(x.value, ..., 5.0),
    "in place": lambda x: setattr(x, "value", operator.isub(x.value, 0.5)),
    "replaced": lambda x: setattr(x, "value", np.full(3, 5.0)),
    "swapped": lambda x: operator.setitem(x.value, [0, 1], x.value[[1, 0]]),
}


@pytest.mark.parametrize("build", [lambda x: x * x, lambda x: x[:2], lambda x: x.reshape(3, 1) + 1])
@pytest.mark.parametrize("name", CHANGES)
def test_a_value_changed_under_the_graph_is_found(name, build):
    x = Variable(np.array([1.0, 2.0, 3.0]), "x")
    y = build(x)
    before = y.value.copy()
    loss = y.sum()
    CHANGES[name](x)
    with refuses(ValueError, "backward: the value of 'x' was changed after", "(3,)", "compute the"):
        loss.backward()
    assert y.value.tolist() == before.tolist()
    assert x.grad is None
    build(x).sum().backward()  # the remedy
    assert x.grad.shape == (3,)


def test_a_changed_scalar_is_found():
    x = Variable(3.0, "x")
    f = x * x
    x.value -= 1
    with refuses(ValueError, "the value of 'x' was changed after an unnamed multiply"):
        f.backward()


def test_not_a_number_is_no_change():
    x = Variable(np.array([np.nan, 1.0]))
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_arrays_of_the_caller_may_change():
    data, rows, mask = (np.ones(3), np.array([0, 0, 1]), np.array([True, False, True]))
    x = Variable(np.ones(3))
    f = (data * x[rows]).sum() + ad.where(mask, x, 0.0).sum() + ad.clip(x, data * 0, data).sum()
    data[:], rows[:], mask[:] = 100, 2, False
    f.backward()
    assert x.grad.tolist() == [2 + 1 + 1, 1 + 0 + 1, 0 + 1 + 1]


def test_computed_values_are_read_only():
    y = Variable(np.ones(3), "x") * 2
    with pytest.raises(ValueError, match="read-only"):
        y.value[0] = 5
    with refuses(ValueError, "was computed, so it cannot be set", "(3,)", "change the leaves"):
        y.value = np.ones(3)
    with refuses(TypeError, "x[…] = … would change", "(3,)", "where"):
        y[0] = 5


# ---- functions, and what is printed ------------------------------------------------------------


def test_gradients_of_functions():
    value, (dx, dy) = ad.value_and_grad(lambda x, y: x**2 * y + y + 2, 3.0, 4.0)
    assert (float(value), float(dx), float(dy)) == (42, 24, 10)
    only = ad.grad(lambda w, unused: (w * w).sum(), np.ones((2, 3)), np.ones(5, np.float32))
    assert only[0].tolist() == [[2] * 3] * 2
    assert (only[1].tolist(), only[1].dtype) == ([0] * 5, np.float32)
    assert ad.grad(lambda x: Variable(1.0, constant=True) * 2, np.ones(3)).tolist() == [0, 0, 0]


def test_arguments_of_grad_are_left_alone():
    w = np.ones(3)
    ad.grad(lambda v: (v * v).sum(), w)
    assert w.tolist() == [1, 1, 1]
    w += 1  # still the caller's, and writable
    outer = Variable(2.0)
    assert float(ad.grad(lambda x: x * outer, 3.0)) == 2.0
    assert outer.grad is None


def test_what_a_variable_prints():
    x = Variable(3.0, "x")
    assert repr(x) == "Variable(3., op='leaf', name='x')"
    assert repr(x * np.ones(2)) == "Variable([3., 3.], op='multiply')"
    assert repr(Variable(1.0, constant=True)) == "Variable(1., op='constant')"


def test_outputs_of_one_element_need_no_seed():
    x = Variable(np.full((1, 1), 3.0))
    (x * x).backward()
    assert x.grad.tolist() == [[6.0]]
    assert len(x) == 1
    assert [float(row[0]) for row in x] == [3.0]
