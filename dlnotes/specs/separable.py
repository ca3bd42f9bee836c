"""Networks of depthwise separable convolutions: Xception and MobileNet."""

from dlnotes.specs.blocks import keras_norm
from dlnotes.specs.layers import (
    Activation,
    Conv,
    DepthwiseConv,
    Dropout,
    GlobalAvgPool,
    Linear,
    MaxPool,
)
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Parallel, Part

CHOLLET = (
    "Chollet, Xception: deep learning with depthwise separable convolutions, CVPR 2017 "
    "(arXiv:1610.02357)"
)
HOWARD = (
    "Howard and others, MobileNets: efficient convolutional neural networks for mobile vision "
    "applications, 2017 (arXiv:1704.04861)"
)


def separable(channels: int) -> tuple[Part, ...]:
    """Return a depthwise 3x3 and a pointwise 1x1 convolution, normalized after both.

    Parameters
    ----------
    channels : int
        Of the pointwise convolution.

    Returns
    -------
    tuple of Part
        Nothing stands between the two, as in Xception.

    References
    ----------
    Chollet (2017); concept depthwise-separable.

    Examples
    --------
    >>> len(separable(128))
    3
    """
    depthwise = DepthwiseConv(3, padding="same", bias=False)
    return (depthwise, Conv(channels, 1, bias=False), keras_norm())


def conv_norm(
    channels: int, kernel: int, stride: int = 1, padding: str = "valid"
) -> tuple[Part, ...]:
    """Return a convolution without bias, and its normalization.

    Parameters
    ----------
    channels, kernel, stride : int
        As in `Conv`.
    padding : {'valid', 'same'}
        TensorFlow's.

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> len(conv_norm(32, 3, 2))
    2
    """
    conv = Conv(channels, kernel, stride, padding=padding, bias=False)  # type: ignore[arg-type]
    return (conv, keras_norm())


def halving(first: int, second: int, name: str, *, starts_with_relu: bool = True) -> Parallel:
    """Return Xception's block of the entry and exit flow: two separable layers, sizes halved.

    Parameters
    ----------
    first, second : int
        Widths of the two.
    name : str
        Of the block.
    starts_with_relu : bool
        The first block follows a rectifier already.

    Returns
    -------
    Parallel

    Examples
    --------
    >>> halving(128, 128, "block2").join
    'add'
    """
    relu = Activation("relu")
    start = (relu,) if starts_with_relu else ()
    layers = (*start, *separable(first), relu, *separable(second))
    body = Chain(*layers, MaxPool(3, 2, padding="same"), name="body")
    shortcut = Chain(*conv_norm(second, 1, 2, "same"), name="shortcut")
    return Parallel(body, shortcut, join="add", name=name)


def middle(name: str) -> Parallel:
    """Return a block of Xception's middle flow: three separable layers of 728 channels.

    Parameters
    ----------
    name : str
        Of the block.

    Returns
    -------
    Parallel

    Examples
    --------
    >>> middle("block5").branches[1].name
    'shortcut'
    """
    layers = [part for _ in range(3) for part in (Activation("relu"), *separable(728))]
    return Parallel(Chain(*layers, name="body"), Chain(name="shortcut"), join="add", name=name)


@network("xception")
def xception() -> Network:
    """Xception as Keras has it: entry, middle and exit flow (Chollet 2017, figure 5)."""
    relu = Activation("relu")
    body = Chain(
        *(*conv_norm(32, 3, 2), relu, *conv_norm(64, 3), relu),
        halving(128, 128, "block2", starts_with_relu=False),
        *(halving(width, width, f"block{j}") for j, width in enumerate((256, 728), start=3)),
        *(middle(f"block{j}") for j in range(5, 13)),
        halving(728, 1024, "block13"),
        *(*separable(1536), relu, *separable(2048), relu),
        *(GlobalAvgPool(), Linear(1000)),
    )
    published = Published(22_910_480, "Keras Applications, total in summary()", 54_528)
    return Network("xception", "Xception", (3, 299, 299), body, 2016, CHOLLET, published=published)


# stride of the depthwise convolution, channels of the pointwise one (table 1 of the paper)
MOBILE_ROWS = (
    (1, 64),
    (2, 128),
    (1, 128),
    (2, 256),
    (1, 256),
    (2, 512),
    *((1, 512),) * 5,
    (2, 1024),
    (1, 1024),
)


def mobile(stride: int, channels: int) -> tuple[Part, ...]:
    """Return a MobileNet layer: depthwise and pointwise, each normalized and rectified.

    Parameters
    ----------
    stride : int
        Of the depthwise convolution.
    channels : int
        Of the pointwise one.

    Returns
    -------
    tuple of Part

    References
    ----------
    Howard and others (2017), figure 3.

    Examples
    --------
    >>> len(mobile(2, 128))
    6
    """
    relu = Activation("relu6")
    depthwise = DepthwiseConv(3, stride, padding="same", bias=False)
    return (depthwise, keras_norm(), relu, *conv_norm(channels, 1), relu)


@network("mobilenet")
def mobilenet() -> Network:
    """MobileNet of width 1 as Keras has it (Howard and others 2017, table 1)."""
    rows = (part for stride, channels in MOBILE_ROWS for part in mobile(stride, channels))
    body = Chain(
        *conv_norm(32, 3, 2, "same"),
        Activation("relu6"),
        *rows,
        *(GlobalAvgPool(), Dropout(1e-3), Linear(1000)),
    )
    published = Published(4_253_864, "Keras Applications, total in summary()", 21_888)
    return Network("mobilenet", "MobileNet", (3, 224, 224), body, 2017, HOWARD, published=published)
