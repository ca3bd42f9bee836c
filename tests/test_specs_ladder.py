"""The ladder's networks: their totals by hand, by the shapes, and in PyTorch."""

import pytest
import torch

from dlnotes import counting, specs, torch_models

# (inputs + 1) * units for dense layers, (25 * maps + 1) * kernels for convolutions
BY_HAND = {
    "mnist-dense": (784 + 1) * 100 + (100 + 1) * 10,
    "mnist-conv": (25 + 1) * 20 + (20 * 12 * 12 + 1) * 100 + 101 * 10,
    "mnist-conv-conv": 26 * 20 + (25 * 20 + 1) * 40 + (40 * 4 * 4 + 1) * 100 + 101 * 10,
    "mnist-relu": 26 * 20 + 501 * 40 + 641 * 100 + 101 * 10,
    "mnist-relu-300": 26 * 20 + 501 * 40 + 641 * 300 + 301 * 10,
    "mnist-relu-1000": 26 * 20 + 501 * 40 + 641 * 1000 + 1001 * 10,
    "mnist-relu-100-100": 26 * 20 + 501 * 40 + 641 * 100 + 101 * 100 + 101 * 10,
    "mnist-dropout": 26 * 20 + 501 * 40 + 641 * 1000 + 1001 * 1000 + 1001 * 10,
    "mnist-dense-300": 785 * 300 + 301 * 10,
    "mnist-dense-150-150": 785 * 150 + 151 * 150 + 151 * 10,
}


@pytest.mark.parametrize("name", BY_HAND)
def test_parameters(name):
    network = specs.get(name)
    model = torch_models.build(network)
    assert sum(p.numel() for p in model.parameters()) == BY_HAND[name]
    if network.published:
        assert network.published.parameters == BY_HAND[name]
    assert model(torch.zeros(2, *network.input_shape)).shape == (2, 10)
    assert counting.output_shape(network.body, network.input_shape) == (10,)


@pytest.mark.parametrize("name", BY_HAND)
def test_modules_are_called_as_the_layers(name):
    network = specs.get(name)
    paths = [path for path, _ in specs.walk(network.body)]
    assert paths == [path for path, _ in torch_models.build(network).named_children()]
