"""Totals of the classic networks: by hand from the papers' tables, published, and in PyTorch."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from dlnotes import counting, networks, specs, torch_models
from dlnotes.specs.inception import ROWS


def conv(inputs, outputs, kernel, groups=1, bias=1):
    return outputs * (inputs // groups * kernel * kernel + bias)


def dense(inputs, outputs):
    return (inputs + 1) * outputs


def norm(channels):
    return 2 * channels


def chain(widths, count=dense):
    return sum(count(a, b) for a, b in pairwise(widths))


def vgg(*stages):
    widths = [3]
    for width, count in zip((64, 128, 256, 512, 512), stages, strict=True):
        widths += [width] * count
    return chain(widths, lambda a, b: conv(a, b, 3))


def resnet(counts, expansion, bias=0):
    """Return the convolutions, their normalizations and the classifier of a residual network."""
    total, inputs = conv(3, 64, 7, bias=bias) + norm(64), 64
    for width, count in zip((64, 128, 256, 512), counts, strict=True):
        out = width * expansion
        sizes = ((1, 3, 1), (width, width, out)) if expansion > 1 else ((3, 3), (width, width))
        for block in range(count):
            a = inputs
            for kernel, b in zip(*sizes, strict=True):
                total += conv(a, b, kernel, bias=bias) + norm(b)
                a = b
            if block == 0 and inputs != out:
                total += conv(inputs, out, 1, bias=bias) + norm(out)
            inputs = out
    return total + dense(inputs, 1000)


def inception(inputs, row):
    one, before3, three, before5, five, pool = row
    short = sum(conv(inputs, width, 1) for width in (one, before3, before5, pool))
    return short + conv(before3, three, 3) + conv(before5, five, 5)


def googlenet():
    total, inputs = conv(3, 64, 7) + conv(64, 64, 1) + conv(64, 192, 3), 192
    for row in ROWS.values():
        total += inception(inputs, row)
        inputs = row[0] + row[2] + row[4] + row[5]
    return total + dense(inputs, 1000)


def separable(inputs, outputs):
    return 9 * inputs + conv(inputs, outputs, 1, bias=0) + norm(outputs)


def xception():
    total = conv(3, 32, 3, bias=0) + norm(32) + conv(32, 64, 3, bias=0) + norm(64)
    for a, b, c in ((64, 128, 128), (128, 256, 256), (256, 728, 728), (728, 728, 1024)):
        total += separable(a, b) + separable(b, c) + conv(a, c, 1, bias=0) + norm(c)
    exit_flow = separable(1024, 1536) + separable(1536, 2048) + dense(2048, 1000)
    return total + 8 * 3 * separable(728, 728) + exit_flow


def mobilenet():
    widths = (32, 64, 128, 128, 256, 256, *(512,) * 6, 1024, 1024)
    rows = chain(widths, lambda a, b: separable(a, b) + norm(a))
    return conv(3, 32, 3, bias=0) + norm(32) + rows + dense(1024, 1000)


def recurrent(gates, biases):
    return gates * 256 * (4096 + 256 + biases)


def nin():
    blocks = ((5, (3, 192, 160, 96)), (5, (96, 192, 192, 192)), (3, (192, 192, 192, 10)))
    return sum(conv(widths[0], widths[1], kernel) + chain(widths[1:]) for kernel, widths in blocks)


def fcn(*skips):
    """Return FCN: VGG's layers, and scores; the kernels of its interpolation are not trained."""
    deep = vgg(2, 2, 3, 3, 3) + conv(512, 4096, 7) + dense(4096, 4096) + dense(4096, 21)
    return deep + sum(dense(c, 21) for c in skips)


LENET_START = conv(1, 6, 5) + chain((120, 84))
ALEX_DENSE = chain((6 * 6 * 256, 4096, 4096, 1000))
VGG_DENSE = chain((7 * 7 * 512, 4096, 4096, 1000))
SIDE = chain((4 * 4 * 128, 1024, 1000))
VAE_ENCODER = chain((3, 32, 64, 128, 256), lambda a, b: conv(a, b, 4)) + 2 * dense(1024, 32)
VAE_DECODER = sum(
    (dense(32, 1024), conv(1024, 128, 5), conv(128, 64, 5), conv(64, 32, 6), conv(32, 3, 6))
)
BY_HAND = {
    "mnist-notes": conv(1, 32, 5) + conv(32, 32, 3) + chain((800, 256, 10)),
    # C3 has 6 maps of 3 inputs, 9 of 4, 1 of 6; pooling trains two numbers a map
    "lenet5-1998": LENET_START + 2 * 6 + (6 * 3 + 9 * 4 + 6) * 25 + 16 + 2 * 16 + conv(16, 120, 5),
    "lenet5": LENET_START + conv(6, 16, 5) + conv(16, 120, 5) + dense(84, 10),
    "alexnet": conv(3, 96, 11)
    + conv(96, 256, 5, 2)
    + conv(256, 384, 3)
    + conv(384, 384, 3, 2)
    + conv(384, 256, 3, 2)
    + ALEX_DENSE,
    "alexnet-one-tower": conv(3, 96, 11)
    + conv(96, 256, 5)
    + chain((256, 384, 384, 256), lambda a, b: conv(a, b, 3))
    + ALEX_DENSE,
    "alexnet-torchvision": conv(3, 64, 11)
    + conv(64, 192, 5)
    + chain((192, 384, 256, 256), lambda a, b: conv(a, b, 3))
    + ALEX_DENSE,
    "nin": nin(),
    "vgg11": vgg(1, 1, 2, 2, 2) + VGG_DENSE,
    "vgg13": vgg(2, 2, 2, 2, 2) + VGG_DENSE,
    "vgg16": vgg(2, 2, 3, 3, 3) + VGG_DENSE,
    "vgg19": vgg(2, 2, 4, 4, 4) + VGG_DENSE,
    "vgg16-flatten20": vgg(2, 2, 3, 3, 3) + dense(7 * 7 * 512, 20),
    "vgg16-gap20": vgg(2, 2, 3, 3, 3) + dense(512, 20),
    "googlenet": googlenet(),
    "googlenet-sides": googlenet() + conv(512, 128, 1) + conv(528, 128, 1) + 2 * SIDE,
    "inception-3a": inception(192, ROWS["3a"]),
    "inception-3a-naive": conv(192, 64, 1) + conv(192, 128, 3) + conv(192, 32, 5),
    "resnet18": resnet((2, 2, 2, 2), 1),
    "resnet34": resnet((3, 4, 6, 3), 1),
    "resnet50": resnet((3, 4, 6, 3), 4),
    "resnet101": resnet((3, 4, 23, 3), 4),
    "resnet152": resnet((3, 8, 36, 3), 4),
    "resnet50-keras": resnet((3, 4, 6, 3), 4, bias=1),
    "resnet152-keras": resnet((3, 8, 36, 3), 4, bias=1),
    "plain18": resnet((2, 2, 2, 2), 1)
    - sum(conv(a, 2 * a, 1, bias=0) + norm(2 * a) for a in (64, 128, 256)),
    "plain34": resnet((3, 4, 6, 3), 1)
    - sum(conv(a, 2 * a, 1, bias=0) + norm(2 * a) for a in (64, 128, 256)),
    "xception": xception(),
    "mobilenet": mobilenet(),
    "dqn": conv(4, 32, 8) + conv(32, 64, 4) + conv(64, 64, 3) + chain((1600, 512, 2)),
    "vae": VAE_ENCODER + VAE_DECODER,
    "vae-encoder": VAE_ENCODER,
    "vae-decoder": VAE_DECODER,
    # unshared kernels: one set and one bias at each of 55x55, 25x25 and 21x21 places
    "deepface": conv(3, 32, 11)
    + conv(32, 16, 9)
    + 55**2 * conv(16, 16, 9)
    + 25**2 * conv(16, 16, 7)
    + 21**2 * conv(16, 16, 5)
    + chain((21 * 21 * 16, 4096, 4030)),
    "fcn-32s": fcn(),
    "fcn-16s": fcn(512),
    "fcn-8s": fcn(512, 256),
    "spp-head": chain(((16 + 4 + 1) * 256, 4096, 4096, 1000)),
    "text-cnn": 18_765 * 300 + sum(dense(300 * h, 100) for h in (3, 4, 5)) + dense(300, 2),
    "rnn": recurrent(1, 2),
    "lstm": recurrent(4, 2),
    "lstm-keras": recurrent(4, 1),
    "gru": recurrent(3, 1),
    "gru-reset-after": recurrent(3, 2),
}
# sources: the fields `source` of Published; concepts.yml; torchvision; Keras Applications
PUBLISHED = {
    "mnist-notes": 217_706,
    "lenet5-1998": 60_000,
    "lenet5": 61_706,
    "alexnet": 60_965_224,
    "alexnet-torchvision": 61_100_840,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "vgg16-flatten20": 14_714_688 + 501_780,
    "vgg16-gap20": 14_714_688 + 10_260,
    "googlenet": 6_998_552,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "dqn": 898_722,
    "vae": 4_348_547,
    "deepface": 118_923_774,
    "lstm": 4_458_496,
    "lstm-keras": 4_457_472,
    "gru": 3_343_104,
    "gru-reset-after": 3_343_872,
}
# Keras prints what is not trained with the total
WITH_STATISTICS = {
    "resnet50-keras": (25_636_712, 53_120),
    "resnet152-keras": (60_419_944, 151_424),
    "xception": (22_910_480, 54_528),
    "mobilenet": (4_253_864, 21_888),
}
LADDER = [name for name in specs.names() if name.startswith("mnist-") and name != "mnist-notes"]


@pytest.mark.parametrize("name", BY_HAND)
def test_total_by_hand(name):
    assert counting.count(specs.get(name)).trainable == BY_HAND[name]


def test_every_network_has_a_total():
    # the naive GoogLeNet stands in test_specs_shapes: its widths are what matters
    missing = (set(specs.names()) - set(LADDER) - {"googlenet-naive"}) ^ set(BY_HAND)
    assert not missing, f"BY_HAND counts each network from its paper; look at {missing}"
    published = {n for n in specs.names() if n not in LADDER and specs.get(n).published}
    missing = published ^ {*PUBLISHED, *WITH_STATISTICS}
    assert not missing, f"PUBLISHED has each published total once more; look at {missing}"


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_total(name):
    network = specs.get(name)
    assert counting.count(network).trainable == PUBLISHED[name] == network.published.parameters
    assert network.published.not_trainable == 0
    assert network.published.source


@pytest.mark.parametrize("name", WITH_STATISTICS)
def test_published_total_with_statistics(name):
    network, (total, fixed) = specs.get(name), WITH_STATISTICS[name]
    found = counting.count(network)
    assert (found.total, found.fixed) == (total, fixed)
    assert (network.published.parameters, network.published.not_trainable) == (total, fixed)


@pytest.mark.parametrize("name", [*BY_HAND, "googlenet-naive"])
def test_pytorch_holds_as_much(name):
    network = specs.get(name)
    small = BY_HAND.get(name, 10**9) < 10**5  # costs nothing, and random signs on `meta` do
    with torch.device("cpu" if small else "meta"):
        model = torch_models.build(network)
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert trained == counting.count(network).trainable


@pytest.mark.parametrize("name", specs.names())
def test_facts(name):
    network = specs.get(name)
    assert network.name == name
    assert network.title
    assert 1985 < network.year < 2020 or (network.year, name) == (0, "mnist-notes")
    assert "," in network.source or "concept" in network.source


@pytest.mark.parametrize(
    ("name", "total"),
    [("fcn-32s", 134_346_581), ("fcn-16s", 134_357_354), ("fcn-8s", 134_362_751)],
)
def test_fcn_trains_what_the_published_networks_train(name, total):
    found = counting.count(specs.get(name))
    assert found.trainable == total
    last = 2 * 32 // 2 ** {"fcn-32s": 0, "fcn-16s": 1, "fcn-8s": 2}[name]
    doublings = {"fcn-32s": 0, "fcn-16s": 1, "fcn-8s": 2}[name] * conv(21, 21, 4, bias=0)
    assert found.fixed == doublings + conv(21, 21, last, bias=0)


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize(("kernel", "stride"), [(4, 2), (5, 3), (8, 4)])
def test_a_bilinear_layer_interpolates_and_learns_nothing(dims, kernel, stride):
    options = {"bias": False, "bilinear": True}
    layer = specs.ConvTranspose(2, kernel, stride, (kernel - stride) // 2, **options)
    shape = (2, 7, 5, 6)[: dims + 1]
    x = np.random.default_rng(0).standard_normal((3, *shape))
    module = torch_models.build_part(layer, shape).double()
    own = networks.build_part(layer, shape, rng=np.random.default_rng(0))
    y, mode = module(torch.from_numpy(x)), ("linear", "bilinear", "trilinear")[dims - 1]
    near = {"rtol": 1e-6, "atol": 1e-6}  # PyTorch's kernels were made as float32: thirds are near
    np.testing.assert_allclose(own(x), y.numpy(), **near)
    want = torch.nn.functional.interpolate(torch.from_numpy(x), scale_factor=stride, mode=mode)
    inside = (..., *(slice(stride, -stride) for _ in range(dims)))  # at the edge it sees zeros
    torch.testing.assert_close(y[inside], want[inside], **near)
    assert not any(p.requires_grad for p in module.parameters())
    own.backward(own(x))
    assert not own.grads


@pytest.mark.parametrize("layer", [{"channels": 3, "bias": False}, {"channels": 2}], ids=str)
def test_a_bilinear_layer_has_as_many_channels_as_come_in_and_no_bias(layer):
    with pytest.raises(ValueError, match=r"bilinear enlarges each channel by itself; got C=2, ch"):
        counting.output_shape(specs.ConvTranspose(kernel=4, bilinear=True, **layer), (2, 5, 5))


def test_lenet_output_is_not_trained():
    assert counting.count(specs.get("lenet5-1998")).fixed == 84 * 10


def test_deepface_weights():
    # concept deepface: 118,850,144 weights, 99.96 % of the numbers in local and dense layers
    network = specs.get("deepface")
    steps = counting.trace(network.body, network.input_shape)
    held = {s.path: counting.parameters(s.layer, s.input).trainable for s in steps}
    positions = (55**2 + 25**2 + 21**2) * 16
    assert sum(held.values()) - (32 + 16 + positions + 4096 + 4030) == 118_850_144
    shared = held["c1"] + held["c3"]
    assert round(100 * (1 - shared / sum(held.values())), 2) == 99.96
