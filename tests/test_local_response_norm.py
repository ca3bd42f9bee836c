"""Normalization across neighbouring channels: three oracles and bad input."""

import numpy as np
import pytest
import torch.nn.functional as TF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import anything, gradients_or_refusal, nearly, pytorch_or_refusal, tame
from oracles import agrees, normal, refuses


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 12])
def test_response(rng, size):
    options = {"size": size, "alpha": 0.7, "beta": 0.75, "k": 2.0}
    pair = F.local_response_norm, F.local_response_norm_backward
    x = normal(rng, (2, 7, 3, 2))
    agrees(*pair, TF.local_response_norm, x, options=options, affine=False)


@pytest.mark.parametrize(
    ("shape", "size", "k", "parts"),
    [
        ((2, 3, 7), 5, 0, ["k must be positive"]),
        ((2, 3, 7), 0, 1, ["size is 0"]),
        ((3,), 5, 1, ["x has 1 axes"]),
    ],
)
def test_refused(shape, size, k, parts):
    with refuses(ValueError, *parts):
        F.local_response_norm(np.ones(shape), size, k=k)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_bad_input(data):
    shapes = st.sampled_from([(2, 5, 3, 4), (1, 2, 3)])  # PyTorch wants an image with pixels
    x = data.draw(anything(shapes).map(tame))
    dy = data.draw(anything(nearly(x)).map(tame))
    options = {"size": data.draw(st.sampled_from([1, 2, 3, 5, 0, -1, 1.5, None]))}
    pytorch_or_refusal(F.local_response_norm, TF.local_response_norm, x, options=options)
    pair = F.local_response_norm_backward, TF.local_response_norm
    gradients_or_refusal(*pair, dy, x, options=options)
