"""Recurrent layers beside PyTorch's modules: weights by name, all states and the last ones."""

import numpy as np
import pytest
import torch
from torch import nn

from bad_input import assert_in_house_style
from dlnotes import layers as L
from dlnotes import networks, optim
from layer_oracle import agrees_with_torch
from oracles import refuses

RNG = np.random.default_rng(0)
KINDS = ("RNN", "LSTM", "GRU")


class States(nn.Module):
    """A module of PyTorch without its second result; all states, or the last of each direction."""

    def __init__(self, module, sequence=True):
        super().__init__()
        for name, parameter in module.named_parameters():
            self.register_parameter(name, parameter)
        self.run, self.sequence = [module], sequence  # in a list it adds no names

    def forward(self, x):
        y, last = self.run[0].double()(x)
        last = last[0] if isinstance(last, tuple) else last  # (directions, N, H)
        return y if self.sequence else torch.cat(list(last), -1)


def draw(kind, *sizes, **options):
    return getattr(L, kind)(*sizes, rng=np.random.default_rng(1), **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("sequence", [False, True])
@pytest.mark.parametrize("bias", [False, True])
def test_like_pytorchs(kind, bidirectional, sequence, bias):
    options = {"bias": bias, "batch_first": True, "bidirectional": bidirectional}
    layer = draw(kind, 3, 4, **options, sequence=sequence)
    module = States(getattr(nn, kind)(3, 4, **options).double(), sequence)
    agrees_with_torch(layer, module, RNG.standard_normal((5, 6, 3)), passes=2)


def test_the_other_options():
    x = RNG.standard_normal((6, 5, 3))
    module = States(nn.RNN(3, 4, nonlinearity="relu"))
    agrees_with_torch(draw("RNN", 3, 4, nonlinearity="relu"), module, x)
    late, early = draw("GRU", 3, 4), draw("GRU", 3, 4, reset_after=False)
    assert not np.allclose(late(x), early(x))
    assert early.backward(np.ones((6, 5, 4))).shape == x.shape


def test_one_bias_a_gate_is_kerass_form():
    one, two = draw("LSTM", 3, 4, biases=1), draw("LSTM", 3, 4)
    assert [name for name, _ in one.named_parameters()] == [
        "weight_ih_l0",
        "weight_hh_l0",
        "bias_ih_l0",
    ]
    count = sum(a.size for _, a in one.named_parameters())
    assert count == 4 * 4 * (3 + 4 + 1) == sum(a.size for _, a in two.named_parameters()) - 16


@pytest.mark.parametrize("kind", KINDS)
def test_lengths(kind):
    """What stands behind a sequence's end plays no part, and the last state is the one there."""
    layer = draw(kind, 3, 4, batch_first=True, sequence=False)
    x, dy = RNG.standard_normal((2, 6, 3)), RNG.standard_normal((2, 4))
    y = layer(x, lengths=[6, 2])
    dx = layer.backward(dy)
    np.testing.assert_allclose(y[1:], layer(x[1:, :2]))
    np.testing.assert_allclose(dx[1:, :2], layer.backward(dy[1:]))
    assert not dx[1, 2:].any()


def test_a_network_reads_sequences():
    """Which of two words came first: a layer that forgets cannot know, an LSTM learns it."""
    rng = np.random.default_rng(0)
    words = np.stack([rng.permutation(2) for _ in range(120)])
    x, y = np.insert(words, 1, 2, axis=1), words[:, 0]
    network = L.Sequential(
        L.Embedding(3, 4, rng=rng),
        draw("LSTM", 4, 6, batch_first=True, sequence=False),
        L.Linear(6, 2, rng=rng),
    )
    assert [r.output_shape for r in networks.summary(network, 3).rows] == [(3, 4), (6,), (2,)]
    optimizer = optim.Adam(network.parameters(), lr=0.05)
    networks.fit(network, x, y, optimizer=optimizer, rng=rng, epochs=6)
    assert networks.accuracy(networks.predict(network, x), y) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_refused(kind):
    with refuses(TypeError, f"{kind}: input_size is no int"):
        draw(kind, 2.0, 3)
    with refuses(ValueError, f"{kind}: a gate has one bias or two; got biases=3"):
        draw(kind, 2, 3, biases=3)
    with refuses(ValueError, f"{kind}: layers are stacked in a Sequential; got num_layers=2"):
        draw(kind, 2, 3, 2)  # as torch.nn's third argument
    with refuses(TypeError, f"{kind}: sequence is True or False; got sequence=1"):
        draw(kind, 2, 3, sequence=1)
    layer = draw(kind, 2, 3, bidirectional=True, sequence=False)
    with refuses(ValueError, f"{kind}: each backward pass needs a forward pass"):
        layer.backward(np.ones((4, 6)))
    layer(np.ones((5, 4, 2)))
    with refuses(ValueError, f"{kind}: dy must have the shape of the last states, (N,6)", "(4, 3)"):
        layer.backward(np.ones((4, 3)))
    assert layer.backward(np.ones((4, 6))).shape == (5, 4, 2)
    with pytest.raises(ValueError, match=kind.lower()) as caught:
        layer(np.ones((5, 4, 3)))
    assert_in_house_style(caught.value, kind.lower())
