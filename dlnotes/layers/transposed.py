"""Transposed convolutions over one, two and three axes."""

from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes._arguments import as_bool
from dlnotes.layers._operation import Operation, starting
from dlnotes.layers._options import as_size, as_sizes, require_groups
from dlnotes.shapes import IntOrTuple


class _ConvTranspose(Operation):
    """A transposed convolution over `dims` axes."""

    dims: ClassVar[int]
    parameter_names = ("weight", "bias")
    option_names = ("stride", "padding", "output_padding", "groups", "dilation")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrTuple,
        stride: IntOrTuple = 1,
        padding: IntOrTuple = 0,
        output_padding: IntOrTuple = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: IntOrTuple = 1,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        name, dims = type(self).__name__, self.dims
        self.in_channels = as_size(name, "in_channels", in_channels)
        self.out_channels = as_size(name, "out_channels", out_channels)
        self.kernel_size = as_sizes(name, "kernel_size", kernel_size, dims)
        self.stride = as_sizes(name, "stride", stride, dims)
        self.padding = as_sizes(name, "padding", padding, dims, least=0)
        added = as_sizes(name, "output_padding", output_padding, dims, least=0)
        self.output_padding = added
        self.dilation = as_sizes(name, "dilation", dilation, dims)
        self.groups = as_size(name, "groups", groups)
        require_groups(name, self.in_channels, self.out_channels, self.groups)
        shape = (self.in_channels, self.out_channels // self.groups, *self.kernel_size)
        self.weight, start = starting(name, shape, rng, dtype, like=(self.out_channels,))
        self.bias = start if as_bool(name, "bias", bias) else None


class ConvTranspose2d(_ConvTranspose):
    """A transposed convolution of images: (N, C, H, W) to (N, K, P, Q).

    Parameters
    ----------
    in_channels, out_channels : int
        C and K.
    kernel_size, stride, padding, output_padding, groups, dilation
        As in `dlnotes.functional.conv_transpose2d`.
    bias : bool
        Whether there is one.
    rng : numpy Generator
        Draws the starting values, PyTorch's: uniform on ±1/√(K/groups·R·S).
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight : ndarray, shape (C, K/groups, R, S)
    bias : ndarray of shape (K,), or None

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    Concept transposed-size; ``torch.nn.ConvTranspose2d``.

    Examples
    --------
    >>> layer = ConvTranspose2d(3, 4, 3, stride=2, rng=np.random.default_rng(0))
    >>> layer(np.ones((2, 3, 7, 6))).shape
    (2, 4, 15, 13)
    """

    dims = 2
    function = staticmethod(F.conv_transpose2d)
    function_backward = staticmethod(F.conv_transpose2d_backward)


class ConvTranspose1d(_ConvTranspose):
    """Sequences, (N, C, T) to (N, K, Q): `ConvTranspose2d` over one axis.

    Attributes
    ----------
    weight : ndarray, shape (C, K/groups, S)
    bias : ndarray of shape (K,), or None

    Examples
    --------
    >>> ConvTranspose1d(3, 4, 2, rng=np.random.default_rng(0))(np.ones((2, 3, 7))).shape
    (2, 4, 8)
    """

    dims = 1
    function = staticmethod(F.conv_transpose1d)
    function_backward = staticmethod(F.conv_transpose1d_backward)


class ConvTranspose3d(_ConvTranspose):
    """Volumes, (N, C, T, H, W) to (N, K, O, P, Q): `ConvTranspose2d` over three axes.

    Attributes
    ----------
    weight : ndarray, shape (C, K/groups, U, R, S)
    bias : ndarray of shape (K,), or None

    Examples
    --------
    >>> ConvTranspose3d(3, 4, 2, rng=np.random.default_rng(0))(np.ones((2, 3, 5, 7, 6))).shape
    (2, 4, 6, 8, 7)
    """

    dims = 3
    function = staticmethod(F.conv_transpose3d)
    function_backward = staticmethod(F.conv_transpose3d_backward)
