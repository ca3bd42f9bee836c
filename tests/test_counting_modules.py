"""Layer tables of PyTorch's modules: numel, FlopCounterMode, and the same network as a spec."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from dlnotes import counting, specs, torch_models


class Mixed(nn.Module):
    """Modules, functions, shared and unused weights, a number of its own."""

    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8)
        self.scale = nn.Parameter(torch.ones(8, 1, 1))
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.twice = nn.Linear(8, 8)
        self.lstm = nn.LSTM(8, 5, 2, batch_first=True, bidirectional=True)
        self.body = nn.Sequential(nn.Linear(10, 4), nn.GELU())
        self.spare = nn.Linear(3, 3)
        self.conv.weight.requires_grad_(False)

    def forward(self, x):
        x = (self.bn(self.conv(x)) * self.scale).flatten(2).transpose(1, 2)
        x = self.twice(self.twice(self.attention(x, x, x)[0]))
        x = x @ x.transpose(1, 2) @ x
        return self.body(self.lstm(x)[0])


SHAPE = (3, 9, 9)


def flop(model, shape):
    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        model.to("meta").eval()(torch.zeros(1, *shape, device="meta"))
    return counter.get_total_flops()


def test_everything_is_counted_once():
    model = Mixed()
    found = counting.table_of_module(model, SHAPE)
    learned = sum(p.numel() for p in model.parameters() if p.requires_grad)
    frozen = model.conv.weight.numel() + 2 * 8
    assert found.parameters == counting.Parameters(learned, frozen)
    assert found.count("flop") == flop(model, SHAPE)
    rows = {row.path: row for row in found.rows}
    assert rows["Mixed"].parameters.trainable == 8
    assert rows["unused"].parameters.trainable == 12
    assert rows["functions"].operations.products == 2 * 49 * 49 * 8
    assert [row.path for row in found.rows].count("twice") == 2
    assert sum(r.parameters.trainable for r in found.rows if r.path == "twice") == 72
    assert found.notes[0] == "Of MultiheadAttention only products are counted."
    assert found.grouped(1).parameters == found.parameters
    assert counting.from_json(found.to_json()) == found


def test_the_module_is_left_as_it_was():
    model = Mixed()
    model.bn.eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    counting.table_of_module(model, SHAPE)
    assert model.training
    assert not model.bn.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    with pytest.raises(ValueError, match="Mixed does not run on an input of shape"):
        counting.table_of_module(model, (5, 9, 9))
    assert model.training
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


@pytest.mark.parametrize("name", ["mnist-conv", "resnet18", "googlenet"])
def test_as_the_description_of_the_same_network(name):
    network = specs.get(name)
    with torch.device("meta"):
        model = torch_models.build(network)
    got = counting.table_of_module(model, network.input_shape)
    want = counting.table(network)
    assert got.parameters == want.parameters
    for rule in ("mac", "mac-bias", "flop", "torchinfo"):
        assert got.count(rule) == want.count(rule), rule
    layers = {row.path: row for row in want.rows}
    same = [row for row in got.rows if row.path in layers]
    assert len(same) >= len(want.rows) * 0.7
    assert all(row.output == layers[row.path].output for row in same)


@pytest.mark.parametrize(
    ("module", "shape", "amount", "want"),
    [
        (nn.ConvTranspose2d(4, 6, 4, stride=2, groups=2), (4, 5, 7), "products", 35 * 4 * 3 * 16),
        (nn.Conv1d(4, 6, 3), (4, 9), "biases", 6 * 7),
        (nn.MaxPool2d(3, 2), (4, 9, 9), "windows", 4 * 16 * 9),
        (nn.AdaptiveAvgPool2d(1), (4, 9, 9), "averaged", 4 * 81),
        (nn.BatchNorm1d(4, affine=False), (4, 9), "normalized", 36),
        (nn.Upsample(scale_factor=2, mode="bilinear"), (4, 5, 6), "bilinear", 480),
        (nn.PReLU(), (4, 5), "rectified", 20),
        (nn.SiLU(), (4, 5), "rectified", 20),
        (nn.Hardswish(), (4, 5), "squashed", 20),
        (nn.GRU(3, 5, batch_first=True), (7, 3), "products", 7 * 15 * 8),
        (nn.RNN(3, 5, bidirectional=True, batch_first=True), (7, 3), "biases", 7 * 2 * 10),
        (nn.Embedding(50, 6), (9,), "stored", 300),
    ],
    ids=str,
)
def test_amounts_by_hand(module, shape, amount, want):
    (row,) = counting.table_of_module(module, shape).rows
    assert getattr(row.operations, amount) == want


class Folded(nn.Module):
    """Windows of the input become examples, as some recurrent networks have it."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)

    def forward(self, x):
        return self.conv(x.reshape(6, 1, 5, 5))


def test_examples_that_a_module_makes_are_counted():
    (row,) = counting.table_of_module(Folded(), (6, 5, 5)).rows
    assert (row.output, row.operations.products) == ((4, 3, 3), 6 * 9 * 4 * 9)
    assert row.values == 6 * 36


def test_no_module():
    with pytest.raises(TypeError, match=r"needs a torch.nn.Module; got 3 \(int\)"):
        counting.table_of_module(3, (3,))
    with pytest.raises(ValueError, match="input_shape must hold whole numbers"):
        counting.table_of_module(nn.Linear(3, 3), "3")
