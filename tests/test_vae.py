"""Drawing around a mean: three oracles, mean and variance, bad input."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import anything, nearly, pytorch_or_refusal, tame
from oracles import agrees, normal, refuses


def torch_sample(mean, log_variance, noise):
    return mean + torch.exp(0.5 * log_variance) * noise


@pytest.fixture
def rng():
    return np.random.default_rng(4)


def test_sample(rng):
    arrays = [normal(rng, (4, 5)) for _ in range(3)]
    agrees(F.sample_normal, F.sample_normal_backward, torch_sample, *arrays, affine=False)


def test_sample_has_the_mean_and_the_variance(rng):
    noise = normal(rng, (200_000,))
    z = F.sample_normal(np.full(200_000, 3.0), np.full(200_000, np.log(4.0)), noise)
    assert abs(z.mean() - 3) < 0.02
    assert abs(z.std() - 2) < 0.02


def test_nothing_is_broadcast():
    mean = np.ones((2, 3))
    with refuses(ValueError, "sample_normal: all arrays must have one shape", "(1, 3)"):
        F.sample_normal(mean, mean[:1], mean)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_bad_input(data):
    x = data.draw(anything(st.sampled_from([(2, 5), (1, 3, 4), (3,)])).map(tame))
    y = data.draw(anything(nearly(x)).map(tame))
    y = y.clip(-9, 9) if isinstance(y, np.ndarray) and y.dtype.kind == "f" else y
    pytorch_or_refusal(F.sample_normal, torch_sample, x, y, y)
