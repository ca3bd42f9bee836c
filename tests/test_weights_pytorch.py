"""Weights to and from PyTorch: the same names, all or nothing."""

import numpy as np
import pytest
import torch

from dlnotes.weights import from_pytorch, to_pytorch


def small(seed):
    torch.manual_seed(seed)
    layers = (torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.LSTM(3, 4))
    return torch.nn.ModuleList(layers).double()


def test_there_and_back():
    one, other = small(0), small(1)
    state = from_pytorch(one)
    assert from_pytorch(one.state_dict()).keys() == state.keys()
    assert state.keys() == one.state_dict().keys()
    to_pytorch(state, other)
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name


def test_arrays_are_copies():
    module = small(0)
    before = module[0].weight.detach().clone()
    from_pytorch(module)["0.weight"][:] = 0
    assert torch.equal(before, module[0].weight)


def test_nothing_is_written_unless_all_fits():
    module = small(0)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = from_pytorch(small(1))
    del state["0.bias"]
    state["2.weight_hh_l0"] = np.zeros((16, 3))
    state["3.weight"] = np.zeros(2)
    rule = r"missing: 0\.bias; unknown: 3\.weight; .*: 2\.weight_hh_l0 \(16, 3\) for \(16, 4\)"
    with pytest.raises(ValueError, match=rule):
        to_pytorch(state, module)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_what_is_no_module_is_refused():
    with pytest.raises(TypeError, match=r"^from_pytorch: no module and no state_dict; got list"):
        from_pytorch([1.0])
    with pytest.raises(TypeError, match=r"^to_pytorch: it takes .*; got dict and list; give"):
        to_pytorch({}, [1.0])
    with pytest.raises(TypeError, match=r"^to_pytorch: it takes .*; got list and GRU; give"):
        to_pytorch([1.0], torch.nn.GRU(2, 3))


def test_nothing_is_written_unless_all_are_numbers():
    module = small(0)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = from_pytorch(small(1))
    last = list(state)[-1]
    state[last] = np.full(state[last].shape, "a")
    with pytest.raises(TypeError, match=rf"^to_pytorch: weights are numbers; got <U1 as {last}; "):
        to_pytorch(state, module)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
