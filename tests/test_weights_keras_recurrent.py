"""Recurrent layers with the same weights in Keras 3 and here: all states, and the way back."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import pytest
import torch

import dlnotes.functional as F
from dlnotes.weights import from_keras, to_keras

# Keras's own Variable.numpy() is older than NumPy 2's copy keyword
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
RNG = np.random.default_rng(5)
SINGLE = {"rtol": 5e-6, "atol": 5e-6}
"""Keras computes matrix products in float32, even in a float64 layer."""
N, T, D, H = 3, 6, 5, 4
KINDS = {
    "rnn": ("SimpleRNN", F.rnn, {}),
    "lstm": ("LSTM", F.lstm, {}),
    "gru": ("GRU", F.gru, {"reset_after": True}),
    "gru, reset before": ("GRU", F.gru, {"reset_after": False}),
}


def weighted(name, **options):
    """A Keras layer with random weights."""
    layer = getattr(keras.layers, name)(
        H, return_sequences=True, return_state=True, dtype="float64", **options
    )
    layer.build((None, T, D))
    layer.set_weights([RNG.normal(0, 0.5, w.shape) for w in layer.get_weights()])
    return layer


def arguments(state):
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return [state[name] for name in names]


def numbers(tensor):
    return keras.ops.convert_to_numpy(tensor)


@pytest.mark.parametrize("kind", KINDS)
def test_same_weights_same_states(kind):
    name, function, options = KINDS[kind]
    layer = weighted(name, **options)
    weights = layer.get_weights()
    state = from_keras(kind.partition(",")[0], weights)
    x = RNG.standard_normal((N, T, D))
    h0, c0 = RNG.standard_normal((2, N, H))
    initial = [h0, c0] if kind == "lstm" else [h0]
    y, *last = layer(torch.from_numpy(x), initial_state=[torch.from_numpy(s) for s in initial])
    got = function(x, *arguments(state), *initial, **options, batch_first=True)
    np.testing.assert_allclose(got.y, numbers(y), **SINGLE)
    np.testing.assert_allclose(got.h, numbers(last[0]), **SINGLE)
    if kind == "lstm":
        np.testing.assert_allclose(got.c, numbers(last[1]), **SINGLE)
    back = to_keras(kind.partition(",")[0], state, **options)
    for ours, theirs in zip(back, weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", ["rnn", "lstm", "gru"])
def test_no_bias(kind):
    name, function, options = KINDS[kind]
    layer = weighted(name, use_bias=False, **options)
    state = from_keras(kind, layer.get_weights())
    x = RNG.standard_normal((N, T, D))
    y, *_ = layer(torch.from_numpy(x))
    got = function(x, *arguments(state), **options, batch_first=True)
    np.testing.assert_allclose(got.y, numbers(y), **SINGLE)


def test_the_sum_of_pytorchs_two_biases():
    """What PyTorch learned as two biases is one in Keras, and gives the same states."""
    module = torch.nn.LSTM(D, H, batch_first=True).double()
    state = {name: value.detach().numpy() for name, value in module.state_dict().items()}
    layer = weighted("LSTM")
    layer.set_weights(to_keras("lstm", state))
    x = torch.from_numpy(RNG.standard_normal((N, T, D)))
    y, *_ = layer(x)
    np.testing.assert_allclose(numbers(y), module(x)[0].detach().numpy(), **SINGLE)
