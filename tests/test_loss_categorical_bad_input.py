"""Categorical losses under random input: PyTorch's result, or a refusal in the house's words."""

import numpy as np
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import (
    SHAPES,
    anything,
    gradients_or_refusal,
    mostly,
    nearly,
    pytorch_or_refusal,
    tame,
)

MANY = settings(max_examples=150, deadline=None)


@st.composite
def labels(draw, scores):
    """Class indices for the scores: mostly in range and in shape, sometimes not."""
    shape = scores.shape if isinstance(scores, np.ndarray) else ()
    classes = shape[len(shape) > 1] if shape else 3
    rest = np.ones(shape[:1] + shape[2:] if len(shape) > 1 else ())
    beyond = st.sampled_from([(-1, classes), (0, classes + 1)])
    low, high = draw(mostly(st.just((0, classes)), beyond))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    drawn = rng.integers(low, max(high, low + 1), draw(nearly(rest)))
    ignored = rng.random(drawn.shape) < draw(st.sampled_from([0, 0.3]))
    drawn = np.where(ignored, draw(st.sampled_from([-100, -100, -1, 0])), drawn)
    return drawn.astype(draw(st.sampled_from([np.int64, np.int32, np.int16])))


@st.composite
def calls(draw):
    """Draw scores, a target, an upstream gradient and options."""
    shape = st.tuples(st.integers(0, 3), st.integers(1, 4))
    z = draw(anything(st.one_of(shape, shape, st.tuples(shape, SHAPES).map(sum_of), SHAPES)))
    target = draw(st.one_of(labels(z), labels(z), anything(nearly(z))))
    classes = np.ones(z.shape[z.ndim > 1] if isinstance(z, np.ndarray) and z.ndim else 3)
    options = {
        "reduction": draw(mostly(st.sampled_from(["none", "mean", "sum"]), st.just("Mean"))),
        "ignore_index": draw(
            mostly(st.sampled_from([-100, -100, -1]), st.sampled_from([0, 2, 1.5, None]))
        ),
        "weight": draw(st.one_of(st.none(), anything(nearly(classes)))),
    }
    rest = np.ones(z.shape[:1] + z.shape[2:] if isinstance(z, np.ndarray) and z.ndim > 1 else ())
    each = rest if options["reduction"] == "none" else 1.0
    options["weight"] = tame(options["weight"])
    return tame(z), tame(target), tame(draw(anything(nearly(each)))), options


def sum_of(parts):
    return sum(parts, ())


@MANY
@given(calls(), st.sampled_from([0.0, 0.0, 0.1, 1, 2, -0.1, np.nan, "0.1", None]))
def test_cross_entropy(drawn, smoothing):
    z, target, dy, options = drawn
    options["label_smoothing"] = smoothing
    pytorch_or_refusal(F.cross_entropy, TF.cross_entropy, z, target, options=options)
    backward = F.cross_entropy_backward
    gradients_or_refusal(backward, TF.cross_entropy, dy, z, target, options=options)


def test_most_of_what_is_drawn_is_answered():
    """Bad input that is refused every time would prove nothing."""
    answered = []

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(calls())
    def count(drawn):
        z, target, _, options = drawn
        answered.append(
            pytorch_or_refusal(F.cross_entropy, TF.cross_entropy, z, target, options=options)
        )

    count()
    assert 50 < sum(answered) < 150
