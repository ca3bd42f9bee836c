"""Residual networks: torchvision's form, Keras's, and plain ones without shortcuts."""

from collections.abc import Callable
from dataclasses import dataclass

from dlnotes.specs.layers import Activation, BatchNorm, Conv, GlobalAvgPool, Linear, MaxPool
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Parallel, Part

SOURCE = "He, Zhang, Ren, Sun, Deep residual learning for image recognition, CVPR 2016"
# depth: whether blocks have a bottleneck, and the blocks in each of the four stages (table 1)
ROWS = {
    18: (False, (2, 2, 2, 2)),
    34: (False, (3, 4, 6, 3)),
    50: (True, (3, 4, 6, 3)),
    101: (True, (3, 4, 23, 3)),
    152: (True, (3, 8, 36, 3)),
}
WIDTHS = (64, 128, 256, 512)
EXPANSION = 4


@dataclass(frozen=True)
class Form:
    """What differs between published versions of the same network.

    Attributes
    ----------
    bias : bool
        Whether convolutions keep a bias in spite of the normalization after them (Keras).
    stride_first : bool
        A bottleneck's stride in its first 1x1 convolution (paper, Keras) or in the 3x3 one.
    shortcut : bool
        Plain networks have none.
    eps, momentum : float
        Of the normalization, in PyTorch's sense.
    """

    bias: bool = False
    stride_first: bool = False
    shortcut: bool = True
    eps: float = 1e-5
    momentum: float = 0.1


TORCHVISION = Form()
KERAS = Form(bias=True, stride_first=True, eps=1.001e-5, momentum=0.01)
PLAIN = Form(shortcut=False)


def conv_norm(
    channels: int, kernel: int, stride: int = 1, *, form: Form = TORCHVISION
) -> tuple[Part, ...]:
    """Return a convolution that keeps sizes (but for its stride), and its normalization.

    Parameters
    ----------
    channels, kernel, stride : int
        As in `Conv`.
    form : Form
        Whether it has a bias, and the normalization's constants.

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> conv_norm(64, 7, 2)[0].padding
    3
    """
    conv = Conv(channels, kernel, stride, padding=kernel // 2, bias=form.bias)
    return (conv, BatchNorm(eps=form.eps, momentum=form.momentum))


def basic(width: int, stride: int, form: Form) -> Chain:
    """Return what a block of two 3x3 convolutions adds to its input.

    Parameters
    ----------
    width, stride : int
        Of the first convolution.
    form : Form
        The version.

    Returns
    -------
    Chain

    Examples
    --------
    >>> len(basic(64, 1, TORCHVISION).parts)
    5
    """
    first = conv_norm(width, 3, stride, form=form)
    return Chain(*first, Activation("relu"), *conv_norm(width, 3, form=form), name="body")


def bottleneck(width: int, stride: int, form: Form) -> Chain:
    """Return what a block adds that goes down to `width` channels, 3x3, and up to four times.

    Parameters
    ----------
    width, stride : int
        Channels of the 3x3 convolution.
    form : Form
        The version; it says which convolution has the stride.

    Returns
    -------
    Chain

    Examples
    --------
    >>> bottleneck(64, 1, TORCHVISION).parts[-2].channels
    256
    """
    strides = (stride, 1) if form.stride_first else (1, stride)
    return Chain(
        *conv_norm(width, 1, strides[0], form=form),
        Activation("relu"),
        *conv_norm(width, 3, strides[1], form=form),
        Activation("relu"),
        *conv_norm(EXPANSION * width, 1, form=form),
        name="body",
    )


def block(body: Chain, shortcut: Chain, form: Form, name: str) -> Chain:
    """Return a block: body plus shortcut, rectified; a plain one has its body alone.

    Parameters
    ----------
    body, shortcut : Chain
        The two ways.
    form : Form
        Whether there is a shortcut.
    name : str
        Of the block.

    Returns
    -------
    Chain

    Examples
    --------
    >>> block(basic(8, 1, PLAIN), Chain(), PLAIN, "block1").parts[0].name
    'body'
    """
    joined = Parallel(body, shortcut, join="add", name="residual") if form.shortcut else body
    return Chain(joined, Activation("relu"), name=name)


def stages(depth: int, form: Form) -> tuple[Chain, ...]:
    """Return the four stages; each but the first halves the sizes in its first block.

    Parameters
    ----------
    depth : int
        18, 34, 50, 101 or 152.
    form : Form
        The version.

    Returns
    -------
    tuple of Chain

    Examples
    --------
    >>> [len(stage.parts) for stage in stages(152, TORCHVISION)]
    [3, 8, 36, 3]
    """
    deep, counts = ROWS[depth]
    make: Callable[[int, int, Form], Chain] = bottleneck if deep else basic
    found, inputs = [], WIDTHS[0]
    for j, (width, count) in enumerate(zip(WIDTHS, counts, strict=True), start=1):
        blocks = []
        for k in range(count):
            stride = 2 if j > 1 and k == 0 else 1
            out = width * (EXPANSION if deep else 1)
            changed = stride > 1 or inputs != out
            project = conv_norm(out, 1, stride, form=form) if changed else ()
            shortcut = Chain(*project, name="shortcut")
            blocks.append(block(make(width, stride, form), shortcut, form, f"block{k + 1}"))
            inputs = out
        found.append(Chain(*blocks, name=f"stage{j}"))
    return tuple(found)


def resnet(
    depth: int,
    form: Form = TORCHVISION,
    *,
    suffix: str = "",
    title: str = "",
    published: Published | None = None,
) -> Network:
    """Return a residual network of `depth` layers.

    Parameters
    ----------
    depth : int
        18, 34, 50, 101 or 152.
    form : Form
        TORCHVISION, KERAS or PLAIN.
    suffix, title : str
        What the name ends in, and how a text calls it.
    published : Published, optional
        Its total.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        For another depth.

    References
    ----------
    He, Zhang, Ren, Sun (2015), table 1; concept resnet.

    Examples
    --------
    >>> resnet(50).input_shape
    (3, 224, 224)
    """
    if depth not in ROWS:
        known = ", ".join(map(str, ROWS))
        raise ValueError(f"resnet: there is no depth {depth!r}; the paper has {known}; take one")
    stem = (*conv_norm(WIDTHS[0], 7, 2, form=form), Activation("relu"), MaxPool(3, 2, padding=1))
    body = Chain(*stem, *stages(depth, form), GlobalAvgPool(), Linear(1000))
    kind = "resnet" if form.shortcut else "plain"
    name = f"{kind}{depth}{suffix}"
    shown = title or f"ResNet-{depth}"
    return Network(name, shown, (3, 224, 224), body, 2015, SOURCE, published=published)


def torchvision(total: int) -> Published:
    """Return a total of torchvision's table; running statistics are not in it.

    Parameters
    ----------
    total : int
        Trained numbers.

    Returns
    -------
    Published

    Examples
    --------
    >>> torchvision(11_689_512).not_trainable
    0
    """
    return Published(total, "torchvision's table of models")


@network("resnet18")
def resnet18() -> Network:
    """ResNet-18 (He, Zhang, Ren, Sun 2015)."""
    return resnet(18, published=torchvision(11_689_512))


@network("resnet34")
def resnet34() -> Network:
    """ResNet-34 (He, Zhang, Ren, Sun 2015)."""
    return resnet(34, published=torchvision(21_797_672))


@network("resnet50")
def resnet50() -> Network:
    """ResNet-50 with its strides in the 3x3 convolutions (He, Zhang, Ren, Sun 2015)."""
    return resnet(50, published=torchvision(25_557_032))


@network("resnet101")
def resnet101() -> Network:
    """ResNet-101 (He, Zhang, Ren, Sun 2015)."""
    return resnet(101, published=torchvision(44_549_160))


@network("resnet152")
def resnet152() -> Network:
    """ResNet-152 (He, Zhang, Ren, Sun 2015)."""
    return resnet(152, published=torchvision(60_192_808))


def keras(depth: int, total: int, not_trainable: int) -> Network:
    """Return Keras's form: biases in the convolutions, and statistics in the total.

    Parameters
    ----------
    depth : int
        50, 101 or 152.
    total, not_trainable : int
        What Keras's summary prints.

    Returns
    -------
    Network

    Examples
    --------
    >>> keras(50, 25_636_712, 53_120).name
    'resnet50-keras'
    """
    published = Published(total, "Keras Applications, total in summary()", not_trainable)
    title = f"ResNet-{depth} of Keras"
    return resnet(depth, KERAS, suffix="-keras", title=title, published=published)


@network("resnet50-keras")
def resnet50_keras() -> Network:
    """ResNet-50 as in Keras (He, Zhang, Ren, Sun 2015)."""
    return keras(50, 25_636_712, 53_120)


@network("resnet152-keras")
def resnet152_keras() -> Network:
    """ResNet-152 as in Keras (He, Zhang, Ren, Sun 2015)."""
    return keras(152, 60_419_944, 151_424)


@network("plain18")
def plain18() -> Network:
    """ResNet-18 without shortcuts, the paper's comparison (He, Zhang, Ren, Sun 2015)."""
    return resnet(18, PLAIN, title="Plain network of 18 layers")


@network("plain34")
def plain34() -> Network:
    """ResNet-34 without shortcuts, the paper's comparison (He, Zhang, Ren, Sun 2015)."""
    return resnet(34, PLAIN, title="Plain network of 34 layers")
