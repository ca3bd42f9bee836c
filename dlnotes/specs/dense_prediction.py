"""Networks without a fixed input size: FCN, which labels every pixel, and a spatial pyramid head.

FCN is written in a clean form: padding keeps sizes, so that any multiple of 32 comes back whole.
The paper pads its picture by 100 on each side and crops the scores; layers and widths are its own.
"""

from dlnotes.specs.blocks import dense_relu_dropout
from dlnotes.specs.layers import (
    Activation,
    Conv,
    ConvTranspose,
    Dropout,
    Linear,
    SpatialPyramid,
)
from dlnotes.specs.network import Network, network
from dlnotes.specs.parts import Chain, Parallel, Part
from dlnotes.specs.vgg import features

LONG = (
    "Long, Shelhamer, Darrell, Fully convolutional networks for semantic segmentation, CVPR 2015 "
    "(arXiv:1411.4038)"
)
HE = (
    "He, Zhang, Ren, Sun, Spatial pyramid pooling in deep convolutional networks for visual "
    "recognition, ECCV 2014 (arXiv:1406.4729)"
)
CLASSES = 21


def score() -> Conv:
    """Return the 1x1 convolution that gives each place a score for each class.

    Returns
    -------
    Conv

    Examples
    --------
    >>> score().channels
    21
    """
    return Conv(CLASSES, 1, name="score")


def enlarge(factor: int) -> ConvTranspose:
    """Return the bilinear interpolation that enlarges scores exactly `factor` times.

    It is written as a transposed convolution whose kernels are not trained, as in the published
    networks.

    Parameters
    ----------
    factor : int
        Even; the kernel is twice as wide, as bilinear interpolation needs.

    Returns
    -------
    ConvTranspose
        :math:`s(h-1) + 2s - 2(s/2) = sh` rows.

    Examples
    --------
    >>> enlarge(32).kernel
    64
    """
    name = f"enlarge{factor}"
    size = {"kernel": 2 * factor, "stride": factor, "padding": factor // 2}
    return ConvTranspose(CLASSES, **size, bias=False, bilinear=True, name=name)


def dense_as_convolutions() -> tuple[Part, ...]:
    """Return VGG's dense layers as convolutions of 7x7 and 1x1.

    Returns
    -------
    tuple of Part

    References
    ----------
    Long, Shelhamer, Darrell (2014), section 3.1; concept fcn.

    Examples
    --------
    >>> dense_as_convolutions()[0].kernel
    7
    """
    rest = (Activation("relu"), Dropout())
    return (
        *(Conv(4096, 7, padding=3, name="fc6"), *rest),
        *(Conv(4096, 1, name="fc7"), *rest),
    )


def fcn(skips: int) -> Network:
    """Return FCN-32s, FCN-16s or FCN-8s on VGG-16.

    Parameters
    ----------
    skips : int
        0, 1 or 2 earlier stages whose scores are added to those from deeper in.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        For another number of skips.

    References
    ----------
    Long, Shelhamer, Darrell (2014), figure 3; concept fcn.

    Examples
    --------
    >>> fcn(2).name
    'fcn-8s'
    """
    if skips not in (0, 1, 2):
        raise ValueError(f"fcn: there are forms with 0, 1 and 2 skips; got {skips!r}; take one")
    stages = features(16)
    scores = Chain(stages[4], *dense_as_convolutions(), score(), name="deeper")
    for stage in stages[4 - skips : 4][::-1]:  # from the inside out: pool4 first
        deeper = Chain(*scores.parts, enlarge(2), name="deeper")
        added = Parallel(Chain(score(), name="skip"), deeper, join="add", name="scores")
        scores = Chain(stage, added, name="deeper")
    stride = 32 // 2**skips
    body = Chain(*stages[: 4 - skips], *scores.parts, enlarge(stride))
    return Network(f"fcn-{stride}s", f"FCN-{stride}s", (3, 224, 224), body, 2014, LONG)


@network("fcn-32s")
def fcn_32s() -> Network:
    """FCN without skips (Long, Shelhamer, Darrell 2014)."""
    return fcn(0)


@network("fcn-16s")
def fcn_16s() -> Network:
    """FCN with scores of the fourth stage (Long, Shelhamer, Darrell 2014)."""
    return fcn(1)


@network("fcn-8s")
def fcn_8s() -> Network:
    """FCN with scores of the fourth and the third stage (Long, Shelhamer, Darrell 2014)."""
    return fcn(2)


@network("spp-head")
def spp_head() -> Network:
    """Spatial pyramid of 21 bins and three dense layers (He, Zhang, Ren, Sun 2014)."""
    dense = (*dense_relu_dropout(4096), *dense_relu_dropout(4096), Linear(1000))
    body = Chain(SpatialPyramid((4, 2, 1)), *dense)
    return Network("spp-head", "Spatial pyramid head", (256, 13, 13), body, 2014, HE)
