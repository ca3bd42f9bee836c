"""What several families of networks are made of: a convolution with what follows it."""

from typing import Any

from dlnotes.specs.layers import Activation, BatchNorm, Conv, Dropout, Linear
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
