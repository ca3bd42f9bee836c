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
    for rule in ("mac", "mac-bias", "flop", "per-position"):
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
        (nn.Conv3d(4, 6, 3, groups=2), (4, 5, 6, 7), "weights", 6 * 2 * 27),
        (nn.Linear(5, 3), (4, 5), "biases", 12),
        (nn.MaxPool2d(3, 2), (4, 9, 9), "products", 0),
        (nn.BatchNorm1d(4), (4, 9), "biases", 0),
        (nn.GRU(3, 5, batch_first=True), (7, 3), "products", 7 * 15 * 8),
        (nn.RNN(3, 5, bidirectional=True, batch_first=True), (7, 3), "biases", 7 * 2 * 10),
        (nn.Embedding(50, 6), (9,), "products", 0),
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


class Adapter(nn.Linear):
    """A dense layer with a correction of rank 2 beside it."""

    def __init__(self):
        super().__init__(8, 8)
        self.a, self.b = nn.Parameter(torch.ones(2, 8)), nn.Parameter(torch.ones(8, 2))

    def forward(self, x):
        return super().forward(x) + x @ self.a.T @ self.b.T


class Skipped(nn.Linear):
    """A dense layer that does nothing."""

    def forward(self, x):
        return x


class Centred(nn.Conv2d):
    """A convolution whose `forward` is PyTorch's and whose product is not."""

    def _conv_forward(self, x, weight, bias):
        return super()._conv_forward(x, weight - weight.mean(), bias)


class Renamed(nn.Linear):
    """A dense layer by another name."""


class Backwards(nn.GRU):
    """A recurrent layer that does less than its weights could."""

    def forward(self, x):
        return super().forward(x[:, :2])


@pytest.mark.parametrize(
    ("module", "shape", "products", "biases"),
    [
        (Adapter(), (8,), 64 + 16 + 16, 0),
        (Skipped(8, 8), (8,), 0, 0),
        (Centred(3, 4, 3), (3, 5, 5), 9 * 4 * 27, 0),
        (Renamed(8, 8), (8,), 64, 8),
        (Backwards(3, 5, batch_first=True), (7, 3), 2 * 15 * 8, 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_class_made_from_pytorchs_counts_as_what_it_does(module, shape, products, biases):
    found = counting.table_of_module(module, shape)
    (row,) = found.rows
    assert (row.operations.products, row.operations.biases) == (products, biases)
    told = any("only products are counted" in note for note in found.notes)
    assert told == (products > 0 and not biases)


def test_a_forward_put_on_one_module_counts_as_what_it_does():
    module = nn.Linear(8, 8)
    module.forward = lambda x: x
    assert counting.table_of_module(module, (8,)).count("mac") == 0


class Two(nn.Module):
    """Numbers and words."""

    def __init__(self):
        super().__init__()
        self.dense, self.words = nn.Linear(3, 4), nn.Embedding(7, 4)

    def forward(self, x, words):
        return self.dense(x) + self.words(words).mean(1)


class Coloured(nn.Module):
    """An image network whose first child is an embedding."""

    def __init__(self):
        super().__init__()
        self.colours, self.conv = nn.Embedding(7, 4), nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return self.conv(x) + self.colours.weight[0, :, None, None]


@pytest.mark.parametrize(
    ("module", "shape", "mac"),
    [
        (nn.Sequential(nn.Dropout(), nn.Embedding(9, 4), nn.Linear(4, 2)), (5,), 5 * 8),
        (nn.Sequential(nn.EmbeddingBag(9, 4), nn.Linear(4, 2)), (5,), 8),
        (Coloured(), (3, 5, 5), 9 * 4 * 27),
        (nn.Linear(3, 4), torch.zeros(6, 3), 12),  # of a batch the first example
        (Two(), ((3,), torch.zeros(1, 6, dtype=torch.long)), 12),
        (nn.Bilinear(3, 4, 5), [(3,), (4,)], 0),  # PyTorch's counter counts nothing here
    ],
    ids=lambda value: type(value).__name__,
)
def test_floats_or_whole_numbers_go_in_one_or_several(module, shape, mac):
    assert counting.table_of_module(module, shape).count("mac") == mac


def test_several_inputs_stand_in_the_title():
    table = counting.table_of_module(Two(), [(3,), torch.zeros(1, 6, dtype=torch.int32)])
    assert table.input == ((3,), (6,))
    assert str(table).startswith("Two, input 3+6\n")


def test_what_goes_in_and_does_not_fit_is_told_for_every_dtype_tried():
    want = r"Coloured does not .* \(1, 4, 5, 5\): as torch.float32: .*; as torch.int64: .*; give"
    with pytest.raises(ValueError, match=want):
        counting.table_of_module(Coloured(), (4, 5, 5))
    with pytest.raises(ValueError, match=r"Two does not run on an input of shape \(1, 3\)"):
        counting.table_of_module(Two(), (3,))


@pytest.mark.parametrize(
    "make",
    [
        torch.jit.script,
        lambda module: torch.jit.trace(module, torch.zeros(1, 3)),
        lambda module: nn.Sequential(torch.jit.script(module)),
    ],
    ids=["scripted", "traced", "inside"],
)
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_scripted_module_is_refused_in_a_line(make):
    module = make(nn.Linear(3, 4))
    with pytest.raises(TypeError, match=r"scripted or traced .*; give the module that it was made"):
        counting.table_of_module(module, (3,))


def test_no_module():
    with pytest.raises(TypeError, match=r"needs a torch.nn.Module; got 3 \(int\)"):
        counting.table_of_module(3, (3,))
    with pytest.raises(TypeError, match="table_of_module: input_shape is no tuple of whole"):
        counting.table_of_module(nn.Linear(3, 3), "3")
