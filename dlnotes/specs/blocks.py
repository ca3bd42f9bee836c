"""What several families of networks are made of: a convolution with what follows it."""

from itertools import product
from math import prod
from typing import Any

from dlnotes.specs.layers import Activation, BatchNorm, Conv, ConvTranspose, Dropout, Linear
from dlnotes.specs.parts import Part


def conv_relu(channels: int, kernel: int, **options: Any) -> tuple[Part, ...]:
    """Return a convolution and its rectifier.

    Parameters
    ----------
    channels, kernel : int
        As in `Conv`.
    **options : Any
        Of `Conv`: stride, padding, groups, name.

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> len(conv_relu(64, 3, padding=1))
    2
    """
    return (Conv(channels, kernel, **options), Activation("relu"))


def dense_relu_dropout(units: int, p: float = 0.5) -> tuple[Part, ...]:
    """Return a dense layer, its rectifier and dropout, as AlexNet and VGG end.

    Parameters
    ----------
    units : int
        Width.
    p : float
        Share of the values that is dropped.

    Returns
    -------
    tuple of Part

    Examples
    --------
    >>> len(dense_relu_dropout(4096))
    3
    """
    return (Linear(units), Activation("relu"), Dropout(p))


def keras_norm() -> BatchNorm:
    """Return batch normalization with the defaults of Keras: eps 0.001, momentum 0.99.

    Keras's momentum is the share of the old average, PyTorch's that of the new batch.

    Returns
    -------
    BatchNorm

    Examples
    --------
    >>> keras_norm().eps
    0.001
    """
    return BatchNorm(eps=1e-3, momentum=0.01)


def bilinear_kernel(layer: ConvTranspose, axes: int) -> tuple[float, ...]:
    """Return the kernel of a transposed convolution that interpolates, row by row.

    A value reaches its neighbours at a distance of d outputs with the share 1 - d/s, and 0 beyond.

    Parameters
    ----------
    layer : ConvTranspose
        Its kernel k and stride s count.
    axes : int
        Axes of space; the kernel is the product of one row an axis.

    Returns
    -------
    tuple of float

    References
    ----------
    Long, Shelhamer, Darrell (2015), section 3.3; concept full-conv-upsampling.

    Examples
    --------
    >>> bilinear_kernel(ConvTranspose(1, 4, stride=2), axes=1)
    (0.25, 0.75, 0.75, 0.25)
    """
    sizes = (v if isinstance(v, tuple) else (v,) * axes for v in (layer.kernel, layer.stride))
    rows = [
        [max(0.0, 1 - abs(i - (k - 1) / 2) / s) for i in range(k)]
        for k, s in zip(*sizes, strict=True)
    ]
    return tuple(map(prod, product(*rows)))
