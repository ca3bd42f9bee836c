"""The VGG networks: stacks of 3x3 convolutions (Simonyan, Zisserman 2014, table 1)."""

from dlnotes.specs.blocks import conv_relu, dense_relu_dropout
from dlnotes.specs.layers import Flatten, GlobalAvgPool, Linear, MaxPool
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Part

SOURCE = (
    "Simonyan, Zisserman, Very deep convolutional networks for large-scale image recognition, "
    "ICLR 2015 (arXiv:1409.1556)"
)
WIDTHS = (64, 128, 256, 512, 512)
# depth: convolutions in each of the five stages (columns A, B, D, E of the table)
STAGES = {
    11: (1, 1, 2, 2, 2),
    13: (2, 2, 2, 2, 2),
    16: (2, 2, 3, 3, 3),
    19: (2, 2, 4, 4, 4),
}
TOTALS = {11: 132_863_336, 13: 133_047_848, 16: 138_357_544, 19: 143_667_240}


def stage(width: int, count: int, *, ceil_mode: bool = False) -> tuple[Part, ...]:
    """Return `count` convolutions of one width, and pooling.

    Parameters
    ----------
    width, count : int
        Channels of each convolution, and how many there are.
    ceil_mode : bool
        Whether pooling keeps an odd row at the end.

    Returns
    -------
    tuple of Part
        Sizes are halved.

    Examples
    --------
    >>> len(stage(64, 2))
    5
    """
    convolutions = [part for _ in range(count) for part in conv_relu(width, 3, padding=1)]
    return (*convolutions, MaxPool(2, ceil_mode=ceil_mode))


def features(depth: int) -> tuple[Chain, ...]:
    """Return the five stages of the VGG network with `depth` layers.

    Parameters
    ----------
    depth : int
        11, 13, 16 or 19.

    Returns
    -------
    tuple of Chain
        From (3, 224, 224) to (512, 7, 7).

    Raises
    ------
    ValueError
        For another depth.

    Examples
    --------
    >>> len(features(16))
    5
    """
    if depth not in STAGES:
        known = ", ".join(map(str, STAGES))
        raise ValueError(f"vgg: there is no depth {depth!r}; the paper has {known}; take one")
    rows = zip(WIDTHS, STAGES[depth], strict=True)
    return tuple(Chain(*stage(*row), name=f"stage{j}") for j, row in enumerate(rows, start=1))


def vgg(depth: int) -> Network:
    """Return a VGG network with its three dense layers.

    Parameters
    ----------
    depth : int
        Layers with weights: 11, 13, 16 or 19.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        For another depth.

    References
    ----------
    Simonyan, Zisserman (2014); concept vgg.

    Examples
    --------
    >>> vgg(16).input_shape
    (3, 224, 224)
    """
    dense = (*dense_relu_dropout(4096), *dense_relu_dropout(4096))
    body = Chain(*features(depth), Flatten(), *dense, Linear(1000))
    published = Published(TOTALS[depth], "torchvision's table of models")
    return Network(
        f"vgg{depth}", f"VGG-{depth}", (3, 224, 224), body, 2014, SOURCE, published=published
    )


@network("vgg11")
def vgg11() -> Network:
    """VGG, column A (Simonyan, Zisserman 2014)."""
    return vgg(11)


@network("vgg13")
def vgg13() -> Network:
    """VGG, column B (Simonyan, Zisserman 2014)."""
    return vgg(13)


@network("vgg16")
def vgg16() -> Network:
    """VGG, column D (Simonyan, Zisserman 2014)."""
    return vgg(16)


@network("vgg19")
def vgg19() -> Network:
    """VGG, column E (Simonyan, Zisserman 2014)."""
    return vgg(19)


def with_head(name: str, title: str, head: Part, total: int) -> Network:
    """Return VGG-16's convolutions with a head of 20 classes.

    Parameters
    ----------
    name, title : str
        Of the network.
    head : Part
        Turns maps into a vector.
    total : int
        Parameters of convolutions and head.

    Returns
    -------
    Network

    Examples
    --------
    >>> with_head("mine", "Mine", GlobalAvgPool(), 14_724_948).name
    'mine'
    """
    body = Chain(*features(16), head, Linear(20))
    published = Published(total, "note 003, section 1.4 (concept gap)", by_hand=True)
    source = f"{SOURCE}; note 003, section 1.4"
    return Network(name, title, (3, 224, 224), body, 2014, source, published=published)


@network("vgg16-flatten20")
def vgg16_flatten20() -> Network:
    """VGG-16's convolutions, flattened into a dense layer of 20 classes (note 003)."""
    return with_head("vgg16-flatten20", "VGG-16, flatten", Flatten(), total=14_714_688 + 501_780)


@network("vgg16-gap20")
def vgg16_gap20() -> Network:
    """VGG-16's convolutions, averaged into a dense layer of 20 classes (note 003)."""
    return with_head(
        "vgg16-gap20", "VGG-16, global average pooling", GlobalAvgPool(), total=14_714_688 + 10_260
    )
