"""Dropout: PyTorch's own masks, the three oracles, both scalings, bad input."""

import numpy as np
import pytest
import torch
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import SHAPES, VALUES, anything, gradients_or_refusal, mostly, nearly
from bad_input import pytorch_or_refusal as pytorch
from dlnotes import check
from oracles import agrees, normal, refuses

SCALINGS = ["inverted", "classic"]


def drawn_by_pytorch(shape, p, seed):
    """Return the mask of PyTorch's dropout, seen on an input of ones, to be drawn again."""
    torch.manual_seed(seed)
    return TF.dropout(torch.ones(shape, dtype=torch.float64), p).numpy() > 0


def torch_dropout(x, mask=None, p=0.5, training=True, scaling="inverted"):
    """The definition on tensors, for the oracles that need one for both scalings."""
    keep = 1 - p
    if not training:
        return x.clone() if scaling == "inverted" else x * keep
    masked = x * mask.to(x.dtype)
    return masked / keep if scaling == "inverted" and keep else masked


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("shape", [(), (7,), (1, 5), (0, 3), (2, 3, 4)])
def test_dropout_with_the_masks_that_pytorch_drew(shape, p):
    rng = np.random.default_rng(60)
    x, dy = np.asarray(normal(rng, shape)), np.asarray(normal(rng, shape))
    options = {"mask": drawn_by_pytorch(shape, p, 61), "p": p}
    tensor = torch.tensor(x, requires_grad=True)
    torch.manual_seed(61)
    y = TF.dropout(tensor, p)
    (want,) = torch.autograd.grad(y, tensor, torch.tensor(dy))
    check.close(F.dropout(x, **options), y.detach().numpy())
    check.close(F.dropout_backward(dy, x, **options), want.numpy())
    check.close(F.dropout(x, p=p, training=False), TF.dropout(tensor, p, False))


@pytest.mark.parametrize("scaling", SCALINGS)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(7,), (1, 5), (0, 3), (2, 3, 4)])
def test_oracles(shape, p, training, scaling):
    rng = np.random.default_rng(62)
    mask = F.dropout_mask(rng, shape, p)
    options = {"p": p, "training": training, "scaling": scaling}
    agrees(
        lambda x: F.dropout(x, mask, **options),
        lambda dy, x: F.dropout_backward(dy, x, mask, **options),
        lambda x: torch_dropout(x, torch.tensor(mask), **options),
        normal(rng, shape),
    )


@np.errstate(all="ignore")
def test_special_values_are_pytorchs():
    for p in (0.5, 1.0):
        mask = drawn_by_pytorch(VALUES.shape, p, 63)
        torch.manual_seed(63)
        want = TF.dropout(torch.tensor(VALUES), p).numpy()
        np.testing.assert_allclose(F.dropout(VALUES, mask, p=p), want)


@pytest.mark.parametrize("p", [0.0, 0.2, 0.5, 1.0])
def test_masks_keep_the_share_asked_for(p):
    mask = F.dropout_mask(np.random.default_rng(65), (200, 300), p)
    assert mask.shape == (200, 300)
    spread = np.sqrt(p * (1 - p) / mask.size)
    assert abs((1 - mask.mean()) - p) <= 5 * spread


@pytest.mark.parametrize("scaling", SCALINGS)
def test_the_expected_output_of_training_is_the_output_in_use(scaling):
    rng, x, p = np.random.default_rng(66), np.array([1.0, -2.0, 3.0]), 0.3
    draws = [F.dropout(x, F.dropout_mask(rng, 3, p), p=p, scaling=scaling) for _ in range(4000)]
    used = F.dropout(x, p=p, training=False, scaling=scaling)
    noise = np.std(draws, axis=0) / np.sqrt(len(draws))
    assert (abs(np.mean(draws, axis=0) - used) < 5 * noise).all()


def test_the_output_in_use_is_a_new_array():
    x = np.ones(3)
    assert F.dropout(x, training=False) is not x
    assert not np.shares_memory(F.dropout(x, training=False), x)


X, MASK = np.ones((2, 3)), np.ones((2, 3), bool)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: F.dropout(X), TypeError, ["dropout: training needs a mask", "dropout_mask(rng"]),
        (lambda: F.dropout(X, MASK[:1]), ValueError, ["dropout: mask has shape (1, 3)", "(2, 3)"]),
        (
            lambda: F.dropout(X, 2.0 * MASK),
            TypeError,
            ["dropout: mask is no array of bool; got mask of float64", "unscaled"],
        ),
        (lambda: F.dropout(X, [True]), TypeError, ["mask is no array of bool; got mask of list"]),
        (
            lambda: F.dropout(X, MASK[0], training=False),
            ValueError,
            ["dropout: mask has shape (3,)", "(2, 3)"],
        ),
        (
            lambda: F.dropout(X, MASK, p=1.5),
            ValueError,
            ["dropout: p must be between 0 and 1; got p=1.5"],
        ),
        (
            lambda: F.dropout(X, MASK, scaling="keras"),
            ValueError,
            ["dropout: scaling='keras'", "'inverted', 'classic'"],
        ),
        (
            lambda: F.dropout_backward(X[:1], X, MASK),
            ValueError,
            ["dropout_backward: dy has shape (1, 3)", "(2, 3)"],
        ),
        (
            lambda: F.dropout_mask(np.random.RandomState(0), 3),
            TypeError,
            ["dropout_mask: rng is no random generator; got rng of type RandomState"],
        ),
        (
            lambda: F.dropout_mask(np.random.default_rng(0), (2, 1.5)),
            TypeError,
            ["dropout_mask: shape[1] is no int"],
        ),
    ],
)
def test_refused(call, error, parts):
    with refuses(error, *parts):
        call()


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_bad_input(data):
    x = data.draw(anything(SHAPES))
    drawn = data.draw(mostly(nearly(x), SHAPES))
    mask = data.draw(
        st.one_of(st.integers(0, 99).map(lambda seed: seeded_mask(seed, drawn)), anything(SHAPES))
    )
    dy = data.draw(anything(nearly(x)))
    options = {
        "p": data.draw(mostly(st.floats(0, 1), st.sampled_from([-0.1, 1.1, np.nan, None, "0.5"]))),
        "scaling": data.draw(mostly(st.sampled_from(SCALINGS), st.sampled_from(["", None, 1]))),
        "training": data.draw(st.booleans()),
    }
    pytorch(F.dropout, torch_dropout, x, mask, options=options)
    gradients_or_refusal(F.dropout_backward, torch_dropout, dy, x, mask, options=options)


def seeded_mask(seed, shape):
    return np.random.default_rng(seed).random(shape) < 0.5
