"""LeNet-5 in two forms, AlexNet in three, Network in Network, and the network of note 000."""

from dlnotes.specs.blocks import conv_relu, dense_relu_dropout
from dlnotes.specs.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    Conv,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Linear,
    LocalResponseNorm,
    MaxPool,
    RadialBasis,
    ScaledAvgPool,
    TableConv,
)
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Part

LECUN = (
    "LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition, "
    "Proceedings of the IEEE 86 (1998)"
)
KRIZHEVSKY = (
    "Krizhevsky, Sutskever, Hinton, ImageNet classification with deep convolutional neural "
    "networks, NIPS 2012"
)
CLASSES = 1000

C3_TABLE = (
    *(tuple(sorted((k + j) % 6 for j in range(3))) for k in range(6)),  # three neighbours
    *(tuple(sorted((k + j) % 6 for j in range(4))) for k in range(6)),  # four neighbours
    *(tuple(sorted((k + j) % 6 for j in (0, 1, 3, 4))) for k in range(3)),  # two and two
    tuple(range(6)),  # all
)
"""LeNet-5's C3: the maps of S2 that each of the 16 maps reads (table I of the paper)."""


@network("mnist-notes")
def mnist_notes() -> Network:
    """Note 000's worked count of parameters: two convolutions and two dense layers."""
    body = Chain(
        *conv_relu(32, 5),
        MaxPool(2),
        *conv_relu(32, 3),
        MaxPool(2),
        Flatten(),
        Linear(256),
        Activation("relu"),
        Linear(10),
    )
    published = Published(217_706, "note 000, its table of parameters")
    source = "note 000; concept param-count"
    return Network(
        "mnist-notes",
        "The MNIST network of the notes",
        (1, 28, 28),
        body,
        source=source,
        published=published,
    )


@network("lenet5-1998")
def lenet5_1998() -> Network:
    """LeNet-5 as published: connection table, trained pooling, distances as output (1998)."""
    squash = Activation("scaled_tanh")
    body = Chain(
        *(Conv(6, 5, name="c1"), squash, ScaledAvgPool(2, name="s2"), squash),
        *(TableConv(C3_TABLE, 5, name="c3"), squash, ScaledAvgPool(2, name="s4"), squash),
        *(Conv(120, 5, name="c5"), squash, Flatten()),
        *(Linear(84, name="f6"), squash, RadialBasis(10, name="output")),
    )
    published = Published(60_000, "LeCun et al. 1998, section II.B: trainable parameters")
    return Network(
        "lenet5-1998", "LeNet-5 (1998)", (1, 32, 32), body, 1998, LECUN, published=published
    )


@network("lenet5")
def lenet5() -> Network:
    """LeNet-5 as it is built today: whole convolutions, max-pooling, ReLU, ten logits."""
    relu = Activation("relu")
    body = Chain(
        *(Conv(6, 5, padding=2, name="c1"), relu, MaxPool(2, name="s2")),
        *(Conv(16, 5, name="c3"), relu, MaxPool(2, name="s4")),
        *(Conv(120, 5, name="c5"), relu, Flatten()),
        *(Linear(84, name="f6"), relu, Linear(10, name="output")),
    )
    published = Published(61_706, "concepts.yml (lenet5)", by_hand=True)
    return Network("lenet5", "LeNet-5", (1, 28, 28), body, 1998, LECUN, published=published)


# (channels, kernel, options, whether pooling follows) a row
ALEX_ROWS = (
    (96, 11, {"stride": 4}, True),
    (256, 5, {"padding": 2, "groups": 2}, True),
    (384, 3, {"padding": 1}, False),
    (384, 3, {"padding": 1, "groups": 2}, False),
    (256, 3, {"padding": 1, "groups": 2}, True),
)
ONE_WEIRD_TRICK_ROWS = (
    (64, 11, {"stride": 4, "padding": 2}, True),
    (192, 5, {"padding": 2}, True),
    (384, 3, {"padding": 1}, False),
    (256, 3, {"padding": 1}, False),
    (256, 3, {"padding": 1}, True),
)


def alexnet_features(*, groups: bool) -> tuple[Part, ...]:
    """Return AlexNet's convolutions, on two graphics cards (groups) or on one.

    Parameters
    ----------
    groups : bool
        Whether the second, fourth and fifth convolution see half of the channels each.

    Returns
    -------
    tuple of Part
        From (3, 227, 227) to (256, 6, 6).

    Examples
    --------
    >>> len(alexnet_features(groups=True))
    15
    """
    parts: list[Part] = []
    for row, (channels, kernel, options, pooled) in enumerate(ALEX_ROWS):
        kept = {name: value for name, value in options.items() if groups or name != "groups"}
        parts += conv_relu(channels, kernel, **kept)
        # PyTorch divides alpha by the size: 5e-4 is the paper's 1e-4
        parts += [LocalResponseNorm(5, alpha=5e-4, k=2.0)] if row < 2 else []
        parts += [MaxPool(3, 2)] if pooled else []
    return tuple(parts)


def alexnet_classifier() -> tuple[Part, ...]:
    """Return AlexNet's three dense layers.

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> alexnet_classifier()[-1].units
    1000
    """
    dense = (*dense_relu_dropout(4096), *dense_relu_dropout(4096))
    return (Flatten(), *dense, Linear(CLASSES))


@network("alexnet")
def alexnet() -> Network:
    """AlexNet as published, with two groups (Krizhevsky, Sutskever, Hinton 2012)."""
    body = Chain(*alexnet_features(groups=True), *alexnet_classifier())
    published = Published(60_965_224, "Caffe's bvlc_alexnet (concept alexnet)", by_hand=True)
    return Network("alexnet", "AlexNet", (3, 227, 227), body, 2012, KRIZHEVSKY, published=published)


@network("alexnet-one-tower")
def alexnet_one_tower() -> Network:
    """AlexNet's layers without groups (Krizhevsky, Sutskever, Hinton 2012)."""
    body = Chain(*alexnet_features(groups=False), *alexnet_classifier())
    return Network("alexnet-one-tower", "AlexNet, one tower", (3, 227, 227), body, 2012, KRIZHEVSKY)


@network("alexnet-torchvision")
def alexnet_torchvision() -> Network:
    """AlexNet's narrower single tower of 2014, which torchvision has (Krizhevsky 2014)."""
    parts: list[Part] = []
    for channels, kernel, options, pooled in ONE_WEIRD_TRICK_ROWS:
        parts += conv_relu(channels, kernel, **options)
        parts += [MaxPool(3, 2)] if pooled else []
    dense = (Dropout(0.5), Linear(4096), Activation("relu"))
    body = Chain(*parts, AdaptiveAvgPool(6), Flatten(), *dense, *dense, Linear(CLASSES))
    source = "Krizhevsky, One weird trick for parallelizing convolutional networks, 2014"
    return Network(
        "alexnet-torchvision",
        "AlexNet of torchvision",
        (3, 224, 224),
        body,
        2014,
        source,
        published=Published(61_100_840, "torchvision's table of models"),
    )


# kernel and padding of the first convolution, then the widths of the block
NIN_ROWS = ((5, 2, (192, 160, 96)), (5, 2, (192, 192, 192)), (3, 1, (192, 192, 10)))


@network("nin")
def nin() -> Network:
    """Network in Network for CIFAR-10: no dense layer, one map a class (Lin, Chen, Yan 2013)."""
    pools = (MaxPool(3, 2, ceil_mode=True), AvgPool(3, 2, ceil_mode=True))
    parts: list[Part] = []
    for row, (kernel, padding, (first, *others)) in enumerate(NIN_ROWS):
        parts += conv_relu(first, kernel, padding=padding)
        parts += [part for width in others for part in conv_relu(width, 1)]
        parts += [pools[row], Dropout()] if row < len(pools) else []
    source = "Lin, Chen, Yan, Network in network, ICLR 2014 (arXiv:1312.4400)"
    body = Chain(*parts, GlobalAvgPool())
    return Network("nin", "Network in Network", (3, 32, 32), body, 2013, source)
