"""The kinds of layers, as data. Names and defaults are PyTorch's.

A layer says what it does and never what comes in: input channels and sizes follow from the
network's input shape (`dlnotes.counting.trace`). How many axes an image has follows from there,
too, so that `Conv` serves signals (C, L), images (C, H, W) and clips (C, D, H, W).
"""

from dataclasses import dataclass
from typing import Literal

from dlnotes.specs.parts import Layer

Size = int | tuple[int, ...]
Padding = int | tuple[int, ...] | tuple[tuple[int, int], ...] | Literal["valid", "same"]
"""Rows on each side; one int an axis; (before, after) an axis; or TensorFlow's valid and same."""


@dataclass(frozen=True)
class Conv(Layer):
    """A convolution: (C, H, W) to (channels, P, Q).

    Attributes
    ----------
    channels : int
        Output channels K, the number of kernels.
    kernel, stride, dilation : int or tuple of int
        One int for all axes or one an axis.
    padding : int, tuple, 'valid' or 'same'
        'same' is TensorFlow's, with the odd row after and with any stride.
    groups : int
        Groups of channels that do not see each other.
    bias : bool
        Whether each output channel has one.
    """

    channels: int
    kernel: Size
    stride: Size = 1
    padding: Padding = 0
    dilation: Size = 1
    groups: int = 1
    bias: bool = True


@dataclass(frozen=True)
class DepthwiseConv(Layer):
    """One kernel (or `multiplier` kernels) a channel: (C, H, W) to (C*multiplier, P, Q)."""

    kernel: Size
    stride: Size = 1
    padding: Padding = 0
    dilation: Size = 1
    multiplier: int = 1
    bias: bool = True


@dataclass(frozen=True)
class ConvTranspose(Layer):
    """A transposed convolution: (C, H, W) to (channels, s(H-1)+k-2p+output_padding, ...).

    Attributes
    ----------
    channels, kernel, stride, padding, output_padding, dilation, groups, bias
        As for `Conv`; padding takes rows away.
    bilinear : bool
        Each channel is enlarged by bilinear interpolation, with kernels that are not trained; as
        many channels as come in, no bias.
    """

    channels: int
    kernel: Size
    stride: Size = 1
    padding: Size = 0
    output_padding: Size = 0
    dilation: Size = 1
    groups: int = 1
    bias: bool = True
    bilinear: bool = False


@dataclass(frozen=True)
class LocalConv(Layer):
    """A locally connected layer on (C, H, W): a kernel and a bias of its own at every position."""

    channels: int
    kernel: Size
    stride: Size = 1
    padding: Padding = 0
    bias: bool = True


@dataclass(frozen=True)
class TableConv(Layer):
    """A convolution whose output maps read chosen input maps only, as LeNet-5's C3.

    Attributes
    ----------
    table : tuple of tuple of int
        For each output map the input maps that it reads, counted from 0.
    kernel : int or tuple of int
        Kernel size.
    bias : bool
        Whether each output map has one.
    """

    table: tuple[tuple[int, ...], ...]
    kernel: Size
    bias: bool = True


@dataclass(frozen=True)
class MaxPool(Layer):
    """Max-pooling; without a stride the windows lie side by side."""

    kernel: Size
    stride: Size | None = None
    padding: Padding = 0
    ceil_mode: bool = False


@dataclass(frozen=True)
class AvgPool(Layer):
    """Average pooling; `count_include_pad` counts the zeros of the padding in the mean."""

    kernel: Size
    stride: Size | None = None
    padding: Padding = 0
    ceil_mode: bool = False
    count_include_pad: bool = True


@dataclass(frozen=True)
class ScaledAvgPool(Layer):
    """LeNet-5's sub-sampling: the windows' mean times a learned factor plus a learned bias."""

    kernel: Size


@dataclass(frozen=True)
class AdaptiveAvgPool(Layer):
    """Average pooling of a signal or an image to a fixed output size, whatever comes in."""

    size: Size


@dataclass(frozen=True)
class GlobalAvgPool(Layer):
    """The mean of each channel: (C, H, W) to (C,)."""


@dataclass(frozen=True)
class SpatialPyramid(Layer):
    """Spatial pyramid max-pooling: n*n adaptive windows for each n of `bins`; output flat."""

    bins: tuple[int, ...]


@dataclass(frozen=True)
class Upsample(Layer):
    """Enlarge each axis `scale` times."""

    scale: Size
    mode: Literal["nearest", "bilinear"] = "nearest"


@dataclass(frozen=True)
class Crop(Layer):
    """Cut the middle out so that every spatial axis has `size` rows."""

    size: Size


@dataclass(frozen=True)
class Linear(Layer):
    """A dense layer on the last axis: (..., D) to (..., units)."""

    units: int
    bias: bool = True


@dataclass(frozen=True)
class RadialBasis(Layer):
    """Squared distances to `units` points, LeNet-5's output: (D,) to (units,); not trained."""

    units: int


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch normalization of each channel: gamma and beta are trained, mean and variance are not.

    Attributes
    ----------
    eps : float
        Added to the variance.
    momentum : float
        PyTorch's: the share of the new batch in the running averages.
    scale : bool
        Whether there is a gamma (Keras's Inception networks have none).
    """

    eps: float = 1e-5
    momentum: float = 0.1
    scale: bool = True


@dataclass(frozen=True)
class LocalResponseNorm(Layer):
    """Krizhevsky's normalization across `size` neighbouring channels."""

    size: int
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 1.0


@dataclass(frozen=True)
class Activation(Layer):
    """A function of each value, or softmax along the channels.

    Attributes
    ----------
    function : str
        Such as 'relu', 'sigmoid', 'tanh', 'scaled_tanh' (LeNet's 1.7159 tanh(2x/3)), 'softmax'.
    """

    function: str

    @property
    def kind(self) -> str:
        """The function's name."""
        return self.function


@dataclass(frozen=True)
class Dropout(Layer):
    """Set values to zero with probability `p` while training."""

    p: float = 0.5


@dataclass(frozen=True)
class Flatten(Layer):
    """All axes in a row: (C, H, W) to (C*H*W,)."""


@dataclass(frozen=True)
class Reshape(Layer):
    """The same values in another shape."""

    shape: tuple[int, ...]


@dataclass(frozen=True)
class Embedding(Layer):
    """A table of vectors: (T,) integers to (T, width).

    Attributes
    ----------
    entries : int
        Size of the vocabulary.
    width : int
        Numbers a vector.
    """

    entries: int
    width: int


@dataclass(frozen=True)
class Transpose(Layer):
    """Exchange the two axes: (T, D) to (D, T), from words to channels."""


@dataclass(frozen=True)
class Recurrent(Layer):
    """A recurrent layer: (T, D) to (T, hidden), or to (hidden,) when only the last is returned.

    Attributes
    ----------
    cell : {'rnn', 'lstm', 'gru'}
        The kind of cell.
    hidden : int
        Width of the state.
    biases : {1, 2}
        Bias vectors a gate: Keras has one, PyTorch two; Keras's GRU with reset_after two.
    sequence : bool
        Return all states, or the last one.
    bidirectional : bool
        A second layer reads backwards, and the results are concatenated.
    reset_after : bool
        GRU: apply the reset gate after the matrix product, as PyTorch does.
    """

    cell: Literal["rnn", "lstm", "gru"]
    hidden: int
    biases: Literal[1, 2] = 2
    sequence: bool = False
    bidirectional: bool = False
    reset_after: bool = True


@dataclass(frozen=True)
class Sample(Layer):
    """Draw from a normal distribution: (mean, log variance) to one value each, as a VAE does."""
