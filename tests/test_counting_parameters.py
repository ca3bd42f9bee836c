"""Parameters of every kind of layer: by hand, and as PyTorch's modules hold them."""

import pytest

from dlnotes import counting, specs, torch_models
from dlnotes.specs import layers as L

LETTERS = ((0, 1), (1, 2, 3), (0, 2))
# layer, input, what training changes, what it does not; axes of unequal sizes throughout
CASES = [
    (L.Conv(8, 3), (4, 10, 11), (4 * 9 + 1) * 8, 0),
    (L.Conv(8, 3, bias=False), (4, 10, 11), 4 * 9 * 8, 0),
    (L.Conv(8, (3, 2), stride=2, padding="same"), (4, 10, 11), (4 * 6 + 1) * 8, 0),
    (L.Conv(8, 3, groups=2), (4, 10, 11), (4 // 2 * 9 + 1) * 8, 0),
    (L.Conv(8, 5), (4, 20), (4 * 5 + 1) * 8, 0),
    (L.Conv(8, (2, 3, 4)), (4, 5, 6, 7), (4 * 24 + 1) * 8, 0),
    (L.DepthwiseConv(3), (4, 10, 11), (9 + 1) * 4, 0),
    (L.DepthwiseConv(3, multiplier=2, bias=False), (4, 10, 11), 9 * 8, 0),
    (L.ConvTranspose(6, (4, 3), stride=2), (4, 5, 7), 4 * 6 * 12 + 6, 0),
    (L.ConvTranspose(6, 4, groups=2, bias=False), (4, 5, 7), 4 * 6 // 2 * 16, 0),
    (L.LocalConv(5, 3), (4, 6, 7), 5 * 4 * 5 * (4 * 9 + 1), 0),
    (L.LocalConv(5, 3, stride=2, bias=False), (4, 6, 7), 5 * 2 * 3 * 4 * 9, 0),
    (L.TableConv(LETTERS, 5), (4, 9, 10), (2 + 3 + 2) * 25 + 3, 0),
    (L.TableConv(LETTERS, 5, bias=False), (4, 9, 10), (2 + 3 + 2) * 25, 0),
    (L.ScaledAvgPool(2), (6, 8, 10), 2 * 6, 0),
    (L.Linear(7), (12,), (12 + 1) * 7, 0),
    (L.Linear(7, bias=False), (5, 12), 12 * 7, 0),
    (L.RadialBasis(10), (84,), 0, 840),
    (L.BatchNorm(), (8, 5, 6), 16, 16),
    (L.BatchNorm(scale=False), (8, 5, 6), 8, 16),
    (L.Embedding(50, 6), (9,), 300, 0),
    (L.Recurrent("rnn", 5), (7, 3), 5 * (3 + 5 + 2), 0),
    (L.Recurrent("lstm", 5, biases=1), (7, 3), 4 * 5 * (3 + 5 + 1), 0),
    (L.Recurrent("lstm", 5), (7, 3), 4 * 5 * (3 + 5 + 2), 0),
    (L.Recurrent("gru", 5, biases=1, reset_after=False), (7, 3), 3 * 5 * (3 + 5 + 1), 0),
    (L.Recurrent("gru", 5, sequence=True), (7, 3), 3 * 5 * (3 + 5 + 2), 0),
    (L.Recurrent("lstm", 5, bidirectional=True), (7, 3), 2 * 4 * 5 * (3 + 5 + 2), 0),
]
WITHOUT = [
    (L.MaxPool(2), (4, 6, 7)),
    (L.AvgPool(3, 2, 1), (4, 6, 7)),
    (L.AdaptiveAvgPool(3), (4, 6, 7)),
    (L.GlobalAvgPool(), (4, 6, 7)),
    (L.SpatialPyramid((1, 2)), (4, 6, 7)),
    (L.Upsample(2), (4, 6, 7)),
    (L.Crop(5), (4, 6, 7)),
    (L.LocalResponseNorm(5), (4, 6, 7)),
    (L.Activation("relu"), (4, 6, 7)),
    (L.Dropout(), (4, 6, 7)),
    (L.Flatten(), (4, 6, 7)),
    (L.Reshape((8, 21)), (4, 6, 7)),
    (L.Transpose(), (4, 6)),
    (L.Sample(), ((4,), (4,))),
]


def in_pytorch(layer, shape):
    """Parameters and buffers of the module; counters and indices hold no number of the layer."""
    module = torch_models.build_part(layer, shape)
    buffers = [b for b in module.buffers() if b.is_floating_point()]
    return sum(p.numel() for p in module.parameters()), sum(b.numel() for b in buffers)


@pytest.mark.parametrize(("layer", "shape", "trainable", "fixed"), CASES, ids=str)
def test_by_hand_and_in_pytorch(layer, shape, trainable, fixed):
    got = counting.parameters(layer, shape)
    assert (got.trainable, got.fixed) == (trainable, fixed) == in_pytorch(layer, shape)
    assert got.total == trainable + fixed


@pytest.mark.parametrize(("layer", "shape"), WITHOUT, ids=str)
def test_layers_without_parameters(layer, shape):
    assert counting.parameters(layer, shape) == counting.Parameters(0, 0)
    assert in_pytorch(layer, shape) == (0, 0)


def test_every_kind_of_layer_is_tried():
    kinds = {
        kind for kind in vars(L).values() if isinstance(kind, type) and issubclass(kind, L.Layer)
    }
    assert kinds - {L.Layer} == {type(case[0]) for case in CASES + WITHOUT}


def test_a_part_is_the_sum_of_its_layers():
    body = specs.Chain(L.Conv(3, 3, padding=1), L.BatchNorm())
    part = specs.Chain(L.Conv(3, 1), specs.Parallel(body, specs.Chain(), join="add"))
    by_hand = (2 + 1) * 3 + (3 * 9 + 1) * 3 + 6
    assert counting.count(part, (2, 5, 6)) == counting.Parameters(by_hand, 6)
    side = specs.SideOutput(specs.Chain(L.GlobalAvgPool(), L.Linear(4)))
    assert counting.count(specs.Chain(part, side), (2, 5, 6)).trainable == by_hand + 4 * 4


@pytest.mark.parametrize("name", specs.names())
def test_published_totals(name):
    network = specs.get(name)
    got = counting.count(network)
    if (figure := network.published) is not None and figure.not_trainable:
        assert (got.total, got.fixed) == (figure.parameters, figure.not_trainable)
    elif figure is not None:
        assert got.trainable == figure.parameters


def test_refusals():
    with pytest.raises(ValueError, match=r"groups=3 must divide input channels C=4"):
        counting.parameters(L.Conv(6, 3, groups=3), (4, 8, 8))
    with pytest.raises(TypeError, match=r"parameters: needs one layer; got Chain.*counting\.count"):
        counting.parameters(specs.Chain(), (4,))
    with pytest.raises(TypeError, match=r"count: a Chain alone .* got input_shape=None"):
        counting.count(specs.Chain())
    with pytest.raises(TypeError, match=r"count: needs a Network .* got 'lenet5' \(str\)"):
        counting.count("lenet5")
