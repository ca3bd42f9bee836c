"""Categorical losses: indices, probabilities, weights, ignored and smoothed targets, reductions."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF

import dlnotes.functional as F
from bad_input import VALUES, assert_same, gradients_or_refusal, pytorch_or_refusal
from dlnotes import check
from loss_oracles import agrees_beside, beside
from oracles import normal

REDUCTIONS = ["none", "mean", "sum"]
SHAPES = [(5,), (4, 5), (1, 5), (7, 2), (2, 5, 3), (2, 5, 3, 4), (2, 3, 2, 1, 2)]


def labels_for(rng, shape, ignored=None):
    """Draw class indices for scores of the shape, a third of them ignored if asked."""
    classes, rest = (shape[0], ()) if len(shape) == 1 else (shape[1], shape[:1] + shape[2:])
    labels = np.asarray(rng.integers(0, classes, rest))
    return labels if ignored is None else np.where(rng.random(rest) < 1 / 3, ignored, labels)


def class_weights(rng, shape, weighted):
    return rng.uniform(0.2, 3, shape[len(shape) > 1]) if weighted else None


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy_of_labels(shape, weighted, smoothing, reduction):
    rng = np.random.default_rng(40)
    agrees_beside(
        F.cross_entropy,
        F.cross_entropy_backward,
        TF.cross_entropy,
        normal(rng, shape),
        labels_for(rng, shape),
        weight=class_weights(rng, shape, weighted),
        label_smoothing=smoothing,
        reduction=reduction,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_cross_entropy_of_probabilities(shape, weighted, smoothing, reduction):
    rng = np.random.default_rng(41)
    agrees_beside(
        F.cross_entropy,
        F.cross_entropy_backward,
        TF.cross_entropy,
        normal(rng, shape),
        rng.uniform(0, 1, shape),  # that they sum to one is not asked for
        weight=class_weights(rng, shape, weighted),
        label_smoothing=smoothing,
        reduction=reduction,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignored", [-100, -1, 2, 255])
def test_cross_entropy_with_ignored_labels(ignored, weighted, smoothing, reduction):
    rng, shape = np.random.default_rng(42), (3, 4, 5)
    labels = labels_for(rng, shape, ignored)
    assert 0 < (labels == ignored).sum() < labels.size
    agrees_beside(
        F.cross_entropy,
        F.cross_entropy_backward,
        TF.cross_entropy,
        normal(rng, shape),
        labels,
        weight=class_weights(rng, shape, weighted),
        ignore_index=ignored,
        label_smoothing=smoothing,
        reduction=reduction,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_one_class_alone_costs_nothing(reduction):
    z, labels = normal(np.random.default_rng(43), (3, 1)), np.zeros(3, int)
    for target in (labels, np.ones((3, 1))):
        options = {"reduction": reduction}
        losses = F.cross_entropy(z, target, **options)
        check.close(losses, np.zeros_like(losses))
        dz = F.cross_entropy_backward(np.full_like(losses, 2.0), z, target, **options)
        check.close(dz, np.zeros_like(z))


def test_cross_entropy_of_three_examples_by_hand():
    """Scores log 1, log 2, log 5 are probabilities 1/8, 2/8, 5/8."""
    z = np.log([[1.0, 2.0, 5.0], [5.0, 1.0, 2.0], [2.0, 5.0, 1.0]])
    labels, weight = np.array([2, 1, 0]), np.array([1.0, 2.0, 4.0])
    each = np.log([8 / 5, 8 / 1, 8 / 2])
    check.close(F.cross_entropy(z, labels, reduction="none"), each)
    check.close(F.cross_entropy(z, labels), each.sum() / 3)
    weighted = (4 * each[0] + 2 * each[1] + 1 * each[2]) / (4 + 2 + 1)
    check.close(F.cross_entropy(z, labels, weight=weight), weighted)
    ignoring = (each[0] + each[2]) / 2
    check.close(F.cross_entropy(z, labels, ignore_index=1), ignoring)


def test_gradient_is_p_minus_y():
    rng = np.random.default_rng(45)
    z, labels = normal(rng, (6, 4)), rng.integers(0, 4, 6)
    p, y = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True), np.eye(4)[labels])
    check.close(F.cross_entropy_backward(1.0, z, labels), (p - y) / 6)
    check.close(F.cross_entropy_backward(1.0, z, y), (p - y) / 6)


@pytest.mark.parametrize("offset", [0.0, 1000.0, -1000.0])
@pytest.mark.parametrize("spread", [1.0, 25.0, 200.0, 1000.0])
def test_cross_entropy_at_extremes(spread, offset):
    rng = np.random.default_rng(46)
    z, labels = (offset + rng.uniform(-spread, spread, (40, 5)), rng.integers(0, 5, 40))
    for dtype, tolerance in ((np.float64, {}), (np.float32, {"rtol": 1e-4, "atol": 1e-4})):
        check.against_torch(
            lambda z: F.cross_entropy(z, labels),
            lambda dy, z: F.cross_entropy_backward(dy, z, labels),
            lambda z: TF.cross_entropy(z, torch.tensor(labels)),
            z.astype(dtype),
            **tolerance,
        )


@pytest.mark.parametrize("wide", [0.0, 50.0, -90.0])
def test_small_losses_keep_their_digits_in_float32(wide):
    """A confident right answer costs log(1 + e^-gap), which a difference of logs would lose."""
    gaps = np.array([1.0, 5.0, 10.0, 13.0], np.float32)
    z = np.stack([gaps + 20, np.full_like(gaps, 20)], axis=1)
    z = np.concatenate([z, np.array([[0, wide]], np.float32)])
    got = F.cross_entropy(z, np.zeros(5, int), reduction="none")
    want = np.r_[np.log1p(np.exp(-gaps.astype(float))), np.logaddexp(0, wide)]
    assert got.dtype == np.float32
    check.close(got.astype(float), want, rtol=1e-5, atol=2e-7)


@pytest.mark.parametrize("shape", [(0, 4), (0, 4, 3), (2, 4, 0), (3, 4)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_empty_and_all_ignored_are_pytorchs(shape, weighted, reduction):
    z, options = np.ones(shape), {"reduction": reduction}
    labels = np.full(shape[:1] + shape[2:], -100)
    dy = np.full(labels.shape if reduction == "none" else (), 3.0)
    options["weight"] = np.array([1.0, 2.0, 0.5, 3.0]) if weighted else None
    backward, pytorch = F.cross_entropy_backward, TF.cross_entropy
    assert pytorch_or_refusal(F.cross_entropy, pytorch, z, labels, options=options)
    assert gradients_or_refusal(backward, pytorch, dy, z, labels, options=options)
    assert np.isnan(F.cross_entropy(z, labels, reduction="mean"))


def test_extremes_side_by_side_are_pytorchs():
    z = np.random.default_rng(47).choice(VALUES[3:], (300, 3))
    labels = labels_for(np.random.default_rng(48), z.shape, -100)
    one_hot = np.eye(3)[np.where(labels < 0, 0, labels)]
    for target in (labels, one_hot, 0.8 * one_hot + 0.1):
        for smoothing in (0.0, 0.3):
            options = {"reduction": "none", "label_smoothing": smoothing}
            assert pytorch_or_refusal(F.cross_entropy, TF.cross_entropy, z, target, options=options)
            dy = np.arange(1.0, 301.0)
            assert gradients_or_refusal(
                F.cross_entropy_backward, TF.cross_entropy, dy, z, target, options=options
            )


@pytest.mark.parametrize("kind", [np.int64, np.int32, np.int8, np.uint8, np.uint64])
def test_labels_of_every_integer_kind(kind):
    z, labels = (normal(np.random.default_rng(49), (4, 5)), np.array([0, 4, 2, 1]))
    assert_same(
        F.cross_entropy(z, labels.astype(kind)),
        TF.cross_entropy(torch.tensor(z), torch.tensor(labels)),
        (kind,),
    )


def test_one_label_may_be_a_plain_int():
    z = normal(np.random.default_rng(50), (5,))
    want = TF.cross_entropy(torch.tensor(z), torch.tensor(3))
    for label in (3, np.int64(3), np.array(3)):
        assert_same(F.cross_entropy(z, label), want, (label,))


def test_targets_are_not_changed_and_weights_neither():
    rng = np.random.default_rng(51)
    z, q, weight = (normal(rng, (4, 5)), rng.uniform(0, 1, (4, 5)), rng.uniform(0, 1, 5))
    labels = np.array([0, -100, 2, 1])
    before = [a.copy() for a in (z, q, weight, labels)]
    for target in (q, labels):
        options = {"weight": weight, "label_smoothing": 0.1}
        F.cross_entropy(z, target, **options)
        F.cross_entropy_backward(1.0, z, target, **options)
    for a, b in zip((z, q, weight, labels), before, strict=True):
        np.testing.assert_array_equal(a, b)
    assert beside(z, labels) is labels
