"""Conventions by hand, and bad input."""

from math import prod

import pytest

from dlnotes import counting, specs
from dlnotes.specs import layers as L
from test_counting_table import SMALL

K, IN, OUT = 9, (3, 10, 12), (8, 10, 12)
CONV = specs.Chain(L.Conv(8, 3, padding=1))
CONV_MAC, CONV_BIASES = 8 * 120 * 3 * K, 8 * 120


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("mac", CONV_MAC),
        ("mac-bias", CONV_MAC + CONV_BIASES),
        ("per-position", 8 * 3 * K),
        ("flop", 2 * CONV_MAC),
    ],
)
def test_a_convolution_by_hand(name, want):
    assert counting.table(CONV, IN, convention=name).count(name) == want


def test_the_notes_forms():
    """3*3*256*256 against the bottleneck; 3 to 256 channels, separable (concepts.yml)."""
    plain = specs.Chain(L.Conv(256, 3, padding=1))
    narrow = specs.Chain(L.Conv(64, 1), L.Conv(64, 3, padding=1), L.Conv(256, 1))
    separable = specs.Chain(L.DepthwiseConv(3, bias=False), L.Conv(256, 1, bias=False))
    for part, shape, want in [
        (plain, (256, 14, 14), 589_824),
        (narrow, (256, 14, 14), 69_632),
        (separable, (3, 9, 9), 795),
    ]:
        assert counting.table(part, shape).count("per-position") == want


@pytest.mark.parametrize(
    ("layer", "shape", "amount", "want"),
    [
        (L.LocalConv(5, 3), (2, 6, 7), "products", 5 * 4 * 5 * 2 * 9),
        (L.LocalConv(5, 3), (2, 6, 7), "biases", 5 * 4 * 5),
        (L.TableConv(((0, 1), (1,)), 3), (2, 6, 7), "products", 3 * 9 * 4 * 5),
        (L.ConvTranspose(6, 4, stride=2, groups=2), (4, 5, 7), "products", 35 * 4 * 3 * 16),
        (L.ConvTranspose(6, 4, stride=2), (4, 5, 7), "biases", 6 * 12 * 16),
        (L.DepthwiseConv(3, multiplier=2), (4, 5, 7), "products", 8 * 3 * 5 * 9),
        (L.Linear(7), (5, 12), "products", 5 * 12 * 7),
        (L.RadialBasis(10), (84,), "products", 840),
        (L.Recurrent("gru", 5), (7, 3), "products", 7 * 3 * 5 * (3 + 5)),
        (L.Recurrent("lstm", 5, bidirectional=True), (7, 3), "biases", 7 * 2 * 4 * 5 * 2),
        (L.ScaledAvgPool(2), (6, 8, 10), "products", 6 * 4 * 5),
    ],
    ids=str,
)
def test_amounts_by_hand(layer, shape, amount, want):
    (step,) = counting.trace(layer, shape)
    assert getattr(counting.operations(step), amount) == want


@pytest.mark.parametrize(
    "layer",
    [L.Activation("tanh"), L.MaxPool(2), L.BatchNorm(), L.Upsample(2), L.Dropout(), L.Crop(2)],
    ids=str,
)
def test_layers_that_are_not_counted(layer):
    (step,) = counting.trace(layer, (3, 4, 5))
    assert counting.operations(step) == counting.Operations()


def test_columns_and_their_order():
    own = counting.Convention("own", "FLOP", {"products": 1, "weights": 0, "biases": 0})
    found = counting.table(SMALL, IN, convention=["flop", "MAC_BIAS", own, "flop"])
    assert [rule.name for rule in found.conventions] == ["flop", "mac-bias", "own"]
    assert found.count(own) == found.count("mac")
    assert [r.name for r in found.under("mac").conventions] == ["mac"]
    assert prod(OUT) == found.rows[0].values


def test_every_convention_says_what_it_counts_and_who_uses_it():
    for name, rule in counting.CONVENTIONS.items():
        assert name == rule.name
        assert rule.unit in ("MAC", "FLOP")
        assert rule.says
        assert rule.used_by
        assert (rule.unit == "FLOP") == (rule.worth.get("products") == 2)


def test_refusals():
    with pytest.raises(ValueError, match=r"no convention called 'flops'; did you mean flop"):
        counting.table(SMALL, IN, convention="flops")
    with pytest.raises(TypeError, match=r"needs a name or a Convention; got 2 \(int\)"):
        counting.table(SMALL, IN, convention=2)
    with pytest.raises(ValueError, match=r"no amount is called 'product'; did you mean 'products'"):
        counting.Convention("own", "MAC", {"product": 1})
    with pytest.raises(ValueError, match=r"'products' must count a whole number .* got 0.5"):
        counting.Convention("own", "MAC", {"products": 0.5})


# multiply-adds in millions, as printed; the last number says to how many millions
PRINTED = [
    # torchvision's table of weights, column GFLOPS
    *[("alexnet-torchvision", 710, 10), ("vgg11", 7610, 10), ("vgg13", 11310, 10)],
    *[("vgg16", 15470, 10), ("vgg19", 19630, 10), ("resnet18", 1810, 10), ("resnet34", 3660, 10)],
    *[("resnet50", 4090, 10), ("resnet101", 7800, 10), ("resnet152", 11510, 10)],
    # He et al. 2015, table 1 (FLOPs); the stride stands in the 1×1 convolution, as in Keras
    *[("resnet18", 1800, 100), ("resnet152-keras", 11300, 100)],
    # Howard et al. 2017, table 4 (Million Mult-Adds)
    ("mobilenet", 569, 1),
]


@pytest.mark.parametrize(("name", "millions", "to"), PRINTED)
def test_printed_multiply_adds(name, millions, to):
    assert abs(counting.table(specs.get(name)).count("mac") / 1e6 - millions) <= 0.51 * to
