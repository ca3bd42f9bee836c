"""Penalties on weights and on outputs: the three oracles, Keras's and PyTorch's conventions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import (
    SHAPES,
    VALUES,
    anything,
    gradients_or_refusal,
    nearly,
    pytorch_or_refusal,
    tame,
)
from dlnotes import check
from oracles import agrees, apart, normal, refuses


def torch_l1(w, strength=0.01):
    return strength * w.abs().sum()


def torch_l2(w, strength=0.01):
    return strength * (w**2).sum()


def torch_activity(y, l1=0.0, l2=0.0):
    return (l1 * y.abs().sum() + l2 * (y**2).sum()) / len(y)


PENALTIES = [
    (F.l1_penalty, F.l1_penalty_backward, torch_l1, {}),
    (F.l1_penalty, F.l1_penalty_backward, torch_l1, {"strength": 0.7}),
    (F.l2_penalty, F.l2_penalty_backward, torch_l2, {}),
    (F.l2_penalty, F.l2_penalty_backward, torch_l2, {"strength": 0.7}),
    (F.activity_penalty, F.activity_penalty_backward, torch_activity, {}),
    (F.activity_penalty, F.activity_penalty_backward, torch_activity, {"l1": 0.3}),
    (F.activity_penalty, F.activity_penalty_backward, torch_activity, {"l2": 0.7}),
    (F.activity_penalty, F.activity_penalty_backward, torch_activity, {"l1": 0.3, "l2": 0.7}),
]


@pytest.mark.parametrize("shape", [(6,), (1, 3), (4, 3, 2)])
@pytest.mark.parametrize(("forward", "backward", "pytorch", "options"), PENALTIES)
def test_penalties(forward, backward, pytorch, options, shape):
    w = apart(np.random.default_rng(30), shape)
    agrees(forward, backward, pytorch, w, options=options, affine=False)


@pytest.mark.parametrize(("forward", "backward", "pytorch", "options"), PENALTIES)
def test_corners_extremes_and_nothing_are_pytorchs(forward, backward, pytorch, options):
    for w in (VALUES[3:4], VALUES[3:], np.ones((0, 3)), VALUES[3:].astype(np.float32)):
        assert pytorch_or_refusal(forward, pytorch, w, options=options)
        dy = np.asarray(3.0, w.dtype)
        assert gradients_or_refusal(backward, pytorch, dy, w, options=options)


def test_l2_is_pytorchs_weight_decay_of_twice_the_strength():
    w = normal(np.random.default_rng(31), (3, 4))
    parameter = torch.nn.Parameter(torch.tensor(w))
    optimizer = torch.optim.SGD([parameter], lr=0.1, weight_decay=0.02)
    (parameter.sum() * 0).backward()
    optimizer.step()
    got = w - 0.1 * F.l2_penalty_backward(1.0, w, strength=0.01)
    check.close(got, parameter.detach().numpy())
    check.close(got, w * (1 - 0.1 * 0.02))


def test_l1_makes_zeros_and_l2_does_not():
    """Descend on (w - a)^2 / 2 plus a penalty: L1 cuts what is below its strength to nearly 0."""
    a = np.array([0.05, 0.5, -0.02, -2.0])
    lasso, ridge = a.copy(), a.copy()
    for _ in range(3000):
        lasso -= 0.001 * (lasso - a + F.l1_penalty_backward(1.0, lasso, strength=0.1))
        ridge -= 0.001 * (ridge - a + F.l2_penalty_backward(1.0, ridge, strength=0.1))
    assert (abs(lasso) < 0.0002).tolist() == [True, False, True, False]
    assert (abs(ridge) > 0.01).all()


def test_activity_is_averaged_over_the_batch_by_hand():
    y = np.array([[1.0, -2.0], [3.0, 0.0], [0.0, -4.0]])
    assert F.activity_penalty(y, l1=3) == 3 * (1 + 2 + 3 + 4) / 3
    assert F.activity_penalty(y, l2=3) == 3 * (1 + 4 + 9 + 16) / 3


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: F.l1_penalty(np.ones(2), strength=-1),
            ValueError,
            ["l1_penalty: strength must be at least 0; got strength=-1.0"],
        ),
        (lambda: F.l2_penalty(np.ones(2, int)), TypeError, ["l2_penalty: w is int64"]),
        (
            lambda: F.l2_penalty_backward(np.ones(2), np.ones(2)),
            ValueError,
            ["l2_penalty_backward: dy has shape (2,) but the loss has ()"],
        ),
        (
            lambda: F.activity_penalty(np.ones(()), l1=1),
            ValueError,
            ["activity_penalty: y has no axis"],
        ),
        (
            lambda: F.activity_penalty(np.ones(2), l2=np.nan),
            ValueError,
            ["activity_penalty: l2 must be at least 0; got l2=nan"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()


@pytest.mark.parametrize(("forward", "backward", "pytorch", "options"), PENALTIES[1::2])
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_bad_input(forward, backward, pytorch, options, data):
    w = tame(data.draw(anything(SHAPES)))
    dy = tame(data.draw(anything(nearly(1.0))))
    pytorch_or_refusal(forward, pytorch, w, options=options)
    gradients_or_refusal(backward, pytorch, dy, w, options=options)
