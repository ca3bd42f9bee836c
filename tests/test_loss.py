"""Squared error and binary cross-entropy: the three oracles, extremes, reductions, bad input."""

import numpy as np
import pytest
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import SHAPES, anything, gradients_or_refusal, nearly, pytorch_or_refusal, tame
from dlnotes import check
from loss_oracles import agrees_beside
from oracles import normal, refuses

MANY = settings(max_examples=120, deadline=None)
REDUCTIONS = ["none", "mean", "sum"]
WORDS = st.sampled_from([*REDUCTIONS, "mean", "none", "batchmean", None, 1])
ARRAY_SHAPES = [(), (6,), (1, 3), (4, 3), (2, 3, 4, 5)]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", ARRAY_SHAPES)
def test_mse_loss(shape, reduction):
    rng = np.random.default_rng(20)
    x, target = (np.asarray(normal(rng, shape)), np.asarray(normal(rng, shape)))
    agrees_beside(F.mse_loss, F.mse_loss_backward, TF.mse_loss, x, target, reduction=reduction)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("shape", ARRAY_SHAPES)
def test_binary_cross_entropy_with_logits(shape, positive, weighted, reduction):
    rng = np.random.default_rng(22)
    agrees_beside(
        F.binary_cross_entropy_with_logits,
        F.binary_cross_entropy_with_logits_backward,
        TF.binary_cross_entropy_with_logits,
        np.asarray(normal(rng, shape)),
        np.asarray(rng.uniform(0, 1, shape)),
        weight=np.asarray(rng.uniform(0.5, 2, shape)) if weighted else None,
        pos_weight=rng.uniform(0.5, 2, shape[-1:]) if positive else None,
        reduction=reduction,
    )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_logits_at_extremes_are_exact(dtype):
    z = np.array([1000, -1000, 1000, -1000, 0, 40, -40], dtype)
    target = np.array([0, 1, 1, 0, 0.5, 1, 1], dtype)
    got = F.binary_cross_entropy_with_logits(z, target, reduction="none")
    want = [1000, 1000, 0, 0, np.log(2), np.log1p(np.exp(-40)), 40 + np.log1p(np.exp(-40))]
    check.close(got.astype(float), want, rtol=1e-6, atol=0)
    dz = F.binary_cross_entropy_with_logits_backward(np.ones(7, dtype), z, target, reduction="none")
    check.close(dz.astype(float), [1, -1, 0, 0, 0, 0, -1], rtol=0, atol=1e-6)


def test_pos_weight_repeats_the_positive_examples():
    z, y = np.array([0.3, -1.2, 0.7]), np.array([1.0, 0.0, 1.0])
    thrice = F.binary_cross_entropy_with_logits(
        np.r_[z, z[[0, 2]], z[[0, 2]]], np.r_[y, np.ones(4)], reduction="sum"
    )
    got = F.binary_cross_entropy_with_logits(z, y, pos_weight=3.0, reduction="sum")
    check.close(got, thrice)


@pytest.mark.parametrize(
    ("forward", "backward", "pytorch"),
    [
        (F.mse_loss, F.mse_loss_backward, TF.mse_loss),
        (
            F.binary_cross_entropy_with_logits,
            F.binary_cross_entropy_with_logits_backward,
            TF.binary_cross_entropy_with_logits,
        ),
    ],
)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_empty_batch_is_pytorchs(forward, backward, pytorch, reduction):
    x, options = np.ones((0, 3), np.float32), {"reduction": reduction}
    dy = np.ones((0, 3) if reduction == "none" else (), np.float32)
    assert pytorch_or_refusal(forward, pytorch, x, x, options=options)
    assert gradients_or_refusal(backward, pytorch, dy, x, x, options=options)
    assert np.isnan(forward(x, x, reduction="mean"))


LOGITS = F.binary_cross_entropy_with_logits


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: F.mse_loss(np.ones(4), np.ones((4, 1))),
            ValueError,
            ["mse_loss: target has shape (4, 1)", "(4,)"],
        ),
        (
            lambda: F.mse_loss(np.ones((4, 1)), np.ones(4)),
            ValueError,
            ["mse_loss: target has shape (4,)", "(4, 1)"],
        ),
        (
            lambda: F.mse_loss(np.ones(4), np.ones(4), reduction="average"),
            ValueError,
            ["mse_loss: reduction='average'", "'none', 'mean', 'sum'"],
        ),
        (
            lambda: F.mse_loss_backward(np.ones(4), np.ones(4), np.ones(4)),
            ValueError,
            ["mse_loss_backward: dy has shape (4,) but the loss has ()", "reduction='mean'"],
        ),
        (
            lambda: F.mse_loss_backward(1.0, np.ones(4), np.ones(4), reduction="none"),
            ValueError,
            ["mse_loss_backward: dy has shape () but the loss has (4,)"],
        ),
        (
            lambda: LOGITS(np.ones(2), np.ones(2, int)),
            TypeError,
            ["binary_cross_entropy_with_logits: target is int64", "astype"],
        ),
        (
            lambda: LOGITS(np.ones(3), np.ones(3), weight=np.ones((3, 1))),
            ValueError,
            ["weight has shape (3, 1), which does not broadcast to (3,)"],
        ),
        (
            lambda: LOGITS(np.ones((2, 3)), np.ones((2, 3)), pos_weight=np.ones(2)),
            ValueError,
            ["pos_weight has shape (2,), which does not broadcast to (2, 3)"],
        ),
        (
            lambda: LOGITS(np.ones(3), np.ones(3), weight=np.ones(3, np.float32)),
            TypeError,
            ["weight is float32 but x is float64"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()


@st.composite
def losses(draw):
    """Draw what the network gives, a target, an upstream gradient and a reduction."""
    x = draw(anything(SHAPES))
    target = draw(anything(nearly(x)))
    reduction = draw(WORDS)
    dy = draw(st.one_of(st.just(1.0), anything(nearly(x if reduction == "none" else 1.0))))
    return x, target, dy, {"reduction": reduction}


@MANY
@given(losses())
def test_bad_input_mse_loss(drawn):
    x, target, dy, options = drawn
    pytorch_or_refusal(F.mse_loss, TF.mse_loss, x, target, options=options)
    gradients_or_refusal(F.mse_loss_backward, TF.mse_loss, dy, x, target, options=options)


@MANY
@given(losses(), st.data())
def test_bad_input_binary_cross_entropy_with_logits(drawn, data):
    z, target, dy, options = drawn
    options["weight"] = data.draw(st.one_of(st.none(), anything(nearly(z))))
    options["pos_weight"] = data.draw(st.one_of(st.none(), anything(nearly(z))))
    z, target, dy = tame(z), tame(target), tame(dy)
    options = {name: tame(value) for name, value in options.items()}
    pytorch = TF.binary_cross_entropy_with_logits
    pytorch_or_refusal(F.binary_cross_entropy_with_logits, pytorch, z, target, options=options)
    backward = F.binary_cross_entropy_with_logits_backward
    gradients_or_refusal(backward, pytorch, dy, z, target, options=options)
