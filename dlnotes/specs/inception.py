"""GoogLeNet: nine inception modules, with and without reductions, and its side heads."""

from dlnotes.specs.blocks import conv_relu
from dlnotes.specs.layers import (
    Activation,
    AvgPool,
    Dropout,
    Flatten,
    GlobalAvgPool,
    Linear,
    LocalResponseNorm,
    MaxPool,
)
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain, Parallel, Part, SideOutput

SOURCE = "Szegedy and others, Going deeper with convolutions, CVPR 2015 (arXiv:1409.4842)"
Row = tuple[int, int, int, int, int, int]
# module: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection (table 1 of the paper)
ROWS: dict[str, Row] = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
SIDES = ("4a", "4d")
POOLED = ("3b", "4e")


def inception(row: Row, *, reductions: bool = True, name: str = "") -> Parallel:
    """Return an inception module: 1x1, 3x3, 5x5 and pooling side by side.

    Parameters
    ----------
    row : tuple of six int
        Widths as in the paper's table: 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool projection.
    reductions : bool
        Without them (the naive form) no 1x1 convolution stands before 3x3 and 5x5, nor after the
        pooling, so that its output is at least as deep as its input.
    name : str
        Of the module.

    Returns
    -------
    Parallel

    References
    ----------
    Szegedy and others (2014), figure 2; concept inception-3a.

    Examples
    --------
    >>> len(inception(ROWS["3a"]).branches)
    4
    """
    one, before_three, three, before_five, five, projection = row

    def reduced(width: int) -> tuple[Part, ...]:
        return conv_relu(width, 1) if reductions else ()

    return Parallel(
        Chain(*conv_relu(one, 1), name="one"),
        Chain(*reduced(before_three), *conv_relu(three, 3, padding=1), name="three"),
        Chain(*reduced(before_five), *conv_relu(five, 5, padding=2), name="five"),
        Chain(MaxPool(3, 1, padding=1), *reduced(projection), name="pool"),
        join="concat",
        name=name,
    )


def side(module: str) -> SideOutput:
    """Return an auxiliary classifier: it reads what a module returns, while training.

    Parameters
    ----------
    module : str
        After which one: '4a' or '4d'.

    Returns
    -------
    SideOutput

    Examples
    --------
    >>> side("4a").name
    'side_4a'
    """
    dense = (Linear(1024), Activation("relu"), Dropout(0.7), Linear(1000))
    head = Chain(AvgPool(5, 3), *conv_relu(128, 1), Flatten(), *dense)
    return SideOutput(head, name=f"side_{module}")


def modules(*, reductions: bool, sides: bool) -> tuple[Part, ...]:
    """Return the nine modules with the poolings between them.

    Parameters
    ----------
    reductions, sides : bool
        With 1x1 reductions; with auxiliary classifiers.

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> len(modules(reductions=True, sides=True))
    13
    """
    parts: list[Part] = []
    for module, row in ROWS.items():
        parts.append(inception(row, reductions=reductions, name=f"inception_{module}"))
        parts += [side(module)] if sides and module in SIDES else []
        parts += [MaxPool(3, 2, ceil_mode=True)] if module in POOLED else []
    return tuple(parts)


def googlenet_body(*, reductions: bool = True, sides: bool = False) -> Chain:
    """Return GoogLeNet as a part.

    Parameters
    ----------
    reductions, sides : bool
        With 1x1 reductions; with auxiliary classifiers.

    Returns
    -------
    Chain
        From (3, 224, 224) to (1000,).

    Examples
    --------
    >>> googlenet_body().parts[-1].units
    1000
    """
    # PyTorch divides alpha by the size: 5e-4 is the paper's 1e-4
    norm, pool = LocalResponseNorm(5, alpha=5e-4), MaxPool(3, 2, ceil_mode=True)
    return Chain(
        *(*conv_relu(64, 7, stride=2, padding=3), pool, norm),
        *(*conv_relu(64, 1), *conv_relu(192, 3, padding=1), norm, pool),
        *modules(reductions=reductions, sides=sides),
        *(GlobalAvgPool(), Dropout(0.4), Linear(1000)),
    )


@network("googlenet")
def googlenet() -> Network:
    """GoogLeNet as it is used, without auxiliary heads (Szegedy and others 2014)."""
    published = Published(6_998_552, "concepts.yml (googlenet), the paper's table", by_hand=True)
    body = googlenet_body()
    return Network("googlenet", "GoogLeNet", (3, 224, 224), body, 2014, SOURCE, published=published)


@network("googlenet-sides")
def googlenet_sides() -> Network:
    """GoogLeNet as it is trained, with two auxiliary heads (Szegedy and others 2014)."""
    body = googlenet_body(sides=True)
    title = "GoogLeNet with auxiliary heads"
    return Network("googlenet-sides", title, (3, 224, 224), body, 2014, SOURCE)


@network("googlenet-naive")
def googlenet_naive() -> Network:
    """GoogLeNet's modules in their naive form, without reductions (Szegedy and others 2014)."""
    body = googlenet_body(reductions=False)
    title = "GoogLeNet without reductions"
    return Network("googlenet-naive", title, (3, 224, 224), body, 2014, SOURCE)


@network("inception-3a")
def inception_3a() -> Network:
    """GoogLeNet's first module alone (Szegedy and others 2014)."""
    body = inception(ROWS["3a"])
    return Network("inception-3a", "Inception 3a", (192, 28, 28), body, 2014, SOURCE)


@network("inception-3a-naive")
def inception_3a_naive() -> Network:
    """GoogLeNet's first module without reductions: 416 channels (Szegedy and others 2014)."""
    body = inception(ROWS["3a"], reductions=False)
    return Network("inception-3a-naive", "Inception 3a, naive", (192, 28, 28), body, 2014, SOURCE)
