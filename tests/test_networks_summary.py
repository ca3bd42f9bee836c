"""The table of a network: shapes, parameters, what is trainable."""

import numpy as np
import pytest
import torch
from torch import nn

from dlnotes import layers as L
from dlnotes import networks, specs
from oracles import refuses
from test_layers import CASES

RNG = np.random.default_rng(0)


def block():
    body = L.Sequential(L.Conv2d(2, 4, 3, padding=1, rng=RNG), L.BatchNorm2d(4))
    return L.Sequential(L.Parallel({"body": body, "cut": L.Identity()}, "concat"), L.Flatten())


@pytest.mark.parametrize("name", CASES)
def test_shapes_are_those_of_a_run(name):
    layer, module, shape = CASES[name]
    (row,) = networks.summary(layer, shape[1:]).rows
    assert row.output_shape == layer.eval()(RNG.standard_normal(shape)).shape[1:]
    assert row.parameters == sum(p.numel() for p in module.parameters())
    assert row.layer == repr(layer)


def test_rows_and_totals():
    network = block()
    network[0]["body"][0].freeze()
    table = networks.summary(network, (2, 5, 6))
    assert [(row.path, row.output_shape) for row in table.rows] == [
        ("0.body.0", (4, 5, 6)),
        ("0.body.1", (4, 5, 6)),
        ("0.cut", (2, 5, 6)),
        ("0", (6, 5, 6)),
        ("1", (6 * 5 * 6,)),
    ]
    convolution = 4 * 2 * 3 * 3 + 4
    assert [row.parameters for row in table.rows] == [convolution, 8, 0, 0, 0]
    assert (table.parameters, table.trainable) == (convolution + 8, 8)


def test_a_lenet_counts_like_pytorchs():
    other = nn.Sequential(nn.Conv2d(1, 6, 5), nn.Flatten(), nn.Linear(6 * 28 * 28, 10))
    sizes = [(1, 6, 5), (6 * 28 * 28, 10)]
    network = L.Sequential(L.Conv2d(*sizes[0], rng=RNG), L.Flatten(), L.Linear(*sizes[1], rng=RNG))
    table = networks.summary(network, (1, 32, 32))
    assert table.parameters == sum(p.numel() for p in other.parameters())
    last = other(torch.zeros(1, 1, 32, 32)).shape[1:]
    assert table.rows[-1].output_shape == tuple(last)


def test_the_table_is_aligned():
    text = str(networks.summary(block(), (2, 5, 6)))
    lines = text.splitlines()
    assert lines[1].split() == ["input", "2×5×6"]
    assert lines[2].split()[:2] == ["0.body.0", "Conv2d(2,"]
    assert lines[2].split()[-3:] == ["4×5×6", "76", "76"]
    assert lines[-1].split() == ["total", "84", "84"]
    column = lines[0].index("output")
    assert {line[column - 1] for line in lines} == {" "}
    assert len({len(line) for line in lines if line.split()[-1].isdigit()}) == 1


def test_a_tuple_of_outputs_and_integers_as_inputs():
    table = networks.summary(L.Parallel([L.Identity(), L.Flatten()], "tuple"), (2, 3))
    assert table.rows[-1].output_shape == ((2, 3), (6,))
    assert str(table).splitlines()[-2].split()[-4:] == ["2×3,", "6", "0", "0"]
    words = L.Sequential(L.Embedding(9, 4, rng=RNG), L.Flatten())
    assert networks.summary(words, 7).rows[-1].output_shape == (28,)


def test_a_network_is_left_as_it_was():
    network, seen = block(), []
    network[0].watch = seen.append
    before = network.state_dict()
    networks.summary(network, (2, 5, 6))
    assert network[0].watch == seen.append
    assert all(layer.training for _, layer in network.named_layers())
    for name, array in network.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    with pytest.raises(ValueError, match="conv2d: "):
        networks.summary(network, (3, 5, 6))
    assert network[1].watch is None


def test_refused():
    with refuses(TypeError, "summary: the network is a layer", "got type"):
        networks.summary(L.ReLU, (2,))
    with refuses(TypeError, "summary: input_shape is no int; got input_shape=2.0"):
        networks.summary(L.ReLU(), (2.0,))
    with refuses(ValueError, "linear: x has D=4 features but w expects 3"):
        networks.summary(L.Linear(3, 2, rng=RNG), 4)


@pytest.mark.parametrize("given", [None, "lenet5", 3.0, specs.Conv, np.ones(2)])
def test_what_is_no_description_is_told(given):
    kind = type(given).__name__
    with refuses(TypeError, "build: the network is a description; got", kind, "specs.get"):
        networks.build(given, rng=RNG)
    with refuses(TypeError, "build_part: the part is a layer's description; got", kind):
        networks.build_part(given, (1, 8, 8), rng=RNG)
