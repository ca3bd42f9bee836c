"""Convolutions over one, two and three axes, depthwise and separable, and the unshared one."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes._arguments import as_bool
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import parameter_gradients
from dlnotes.layers._operation import Operation, starting
from dlnotes.layers._options import as_padding, as_size, as_sizes, require_groups
from dlnotes.layers.layer import Array
from dlnotes.shapes import IntOrTuple, Padding, conv_out_nd


class _Conv(Operation):
    """A convolution over `dims` axes."""

    dims: ClassVar[int]
    parameter_names = ("weight", "bias")
    option_names = ("stride", "padding", "dilation", "groups")

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrTuple,
        stride: IntOrTuple = 1,
        padding: Padding = 0,
        dilation: IntOrTuple = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.in_channels = as_size(name, "in_channels", in_channels)
        self.out_channels = as_size(name, "out_channels", out_channels)
        self.kernel_size = as_sizes(name, "kernel_size", kernel_size, self.dims)
        self.stride = as_sizes(name, "stride", stride, self.dims)
        self.dilation = as_sizes(name, "dilation", dilation, self.dims)
        self.padding = as_padding(name, padding, self)
        self.groups = as_size(name, "groups", groups)
        require_groups(name, self.in_channels, self.out_channels, self.groups)
        shape = (self.out_channels, self.in_channels // self.groups, *self.kernel_size)
        self.weight, start = starting(name, shape, rng, dtype)
        self.bias = start if as_bool(name, "bias", bias) else None

    @quietly
    def backward_parameters(self, dy: Array) -> None:
        """Leave the gradient of the input out, as `Layer.backward_parameters` says."""
        arguments, options = self.kept()
        gradients = parameter_gradients(self.dims, dy, *arguments, **options)
        self._kept = None
        self.accumulate(gradients)


class Conv2d(_Conv):
    """A convolution of images: (N, C, H, W) to (N, K, P, Q).

    Parameters
    ----------
    in_channels, out_channels : int
        C and K.
    kernel_size, stride, padding, dilation, groups
        As in `dlnotes.functional.conv2d`.
    bias : bool
        Whether there is one.
    rng : numpy Generator
        Draws the starting values, PyTorch's: uniform on ±1/√fan_in.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight : ndarray, shape (K, C/groups, R, S)
    bias : ndarray of shape (K,), or None

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    Concept conv-layers; ``torch.nn.Conv2d``.

    Examples
    --------
    >>> layer = Conv2d(3, 4, (3, 2), stride=2, rng=np.random.default_rng(0))
    >>> layer(np.ones((2, 3, 7, 6))).shape
    (2, 4, 3, 3)
    """

    dims = 2
    function = staticmethod(F.conv2d)
    function_backward = staticmethod(F.conv2d_backward)


class Conv1d(_Conv):
    """Sequences, (N, C, T) to (N, K, Q): `Conv2d` over one axis.

    Attributes
    ----------
    weight : ndarray, shape (K, C/groups, S)
    bias : ndarray of shape (K,), or None

    Examples
    --------
    >>> Conv1d(3, 4, 2, rng=np.random.default_rng(0))(np.ones((2, 3, 7))).shape
    (2, 4, 6)
    """

    dims = 1
    function = staticmethod(F.conv1d)
    function_backward = staticmethod(F.conv1d_backward)


class Conv3d(_Conv):
    """Volumes or clips, (N, C, T, H, W) to (N, K, O, P, Q): `Conv2d` over three axes.

    Attributes
    ----------
    weight : ndarray, shape (K, C/groups, U, R, S)
    bias : ndarray of shape (K,), or None

    Examples
    --------
    >>> Conv3d(3, 4, 2, rng=np.random.default_rng(0))(np.ones((2, 3, 5, 7, 6))).shape
    (2, 4, 4, 6, 5)
    """

    dims = 3
    function = staticmethod(F.conv3d)
    function_backward = staticmethod(F.conv3d_backward)


class DepthwiseConv2d(Operation):
    """A convolution of each channel on its own: (N, C, H, W) to (N, C·M, P, Q).

    Parameters
    ----------
    in_channels : int
        C.
    kernel_size, stride, padding, dilation, bias, rng, dtype
        As in `Conv2d`.
    depth_multiplier : int
        The M: kernels a channel.

    Attributes
    ----------
    weight : ndarray, shape (C·M, 1, R, S)
    bias : ndarray of shape (C·M,), or None

    Raises
    ------
    TypeError, ValueError
        As `Conv2d`.

    References
    ----------
    Concept depthwise-separable; ``torch.nn.Conv2d`` with ``groups=in_channels``.

    Examples
    --------
    >>> layer = DepthwiseConv2d(3, 3, depth_multiplier=2, rng=np.random.default_rng(0))
    >>> layer(np.ones((2, 3, 7, 6))).shape
    (2, 6, 5, 4)
    """

    parameter_names = ("weight", "bias")
    option_names = ("stride", "padding", "dilation")
    function = staticmethod(F.depthwise_conv2d)
    function_backward = staticmethod(F.depthwise_conv2d_backward)

    def __init__(
        self,
        in_channels: int,
        kernel_size: IntOrTuple,
        stride: IntOrTuple = 1,
        padding: Padding = 0,
        dilation: IntOrTuple = 1,
        depth_multiplier: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.in_channels = as_size(name, "in_channels", in_channels)
        self.depth_multiplier = as_size(name, "depth_multiplier", depth_multiplier)
        self.kernel_size = as_sizes(name, "kernel_size", kernel_size, 2)
        self.stride = as_sizes(name, "stride", stride, 2)
        self.dilation = as_sizes(name, "dilation", dilation, 2)
        self.padding = as_padding(name, padding, self)
        shape = (self.in_channels * self.depth_multiplier, 1, *self.kernel_size)
        self.weight, start = starting(name, shape, rng, dtype)
        self.bias = start if as_bool(name, "bias", bias) else None


class LocalConv2d(Operation):
    """A convolution with kernels of its own at every place: (N, C, H, W) to (N, K, P, Q).

    Parameters
    ----------
    in_channels, out_channels : int
        C and K.
    input_size : int or (int, int)
        H and W, which have to be known: there is a kernel for each place.
    kernel_size, stride, padding, dilation, bias, rng, dtype
        As in `Conv2d`.

    Attributes
    ----------
    weight : ndarray, shape (K, P, Q, C, R, S)
    bias : ndarray of shape (K, P, Q), or None

    Raises
    ------
    TypeError, ValueError
        As `Conv2d`.

    References
    ----------
    Concept local-conv.

    Examples
    --------
    >>> layer = LocalConv2d(3, 4, (7, 6), 3, rng=np.random.default_rng(0))
    >>> layer(np.ones((2, 3, 7, 6))).shape, layer.weight.shape
    ((2, 4, 5, 4), (4, 5, 4, 3, 3, 3))
    """

    parameter_names = ("weight", "bias")
    option_names = ("stride", "padding", "dilation")
    function = staticmethod(F.local_conv2d)
    function_backward = staticmethod(F.local_conv2d_backward)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        input_size: IntOrTuple,
        kernel_size: IntOrTuple,
        stride: IntOrTuple = 1,
        padding: Padding = 0,
        dilation: IntOrTuple = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.in_channels = as_size(name, "in_channels", in_channels)
        self.out_channels = as_size(name, "out_channels", out_channels)
        self.input_size = as_sizes(name, "input_size", input_size, 2)
        self.kernel_size = as_sizes(name, "kernel_size", kernel_size, 2)
        self.stride = as_sizes(name, "stride", stride, 2)
        self.dilation = as_sizes(name, "dilation", dilation, 2)
        self.padding = as_padding(name, padding, self)
        options: dict[str, Any] = {name: getattr(self, name) for name in self.option_names}
        places = conv_out_nd(self.input_size, self.kernel_size, **options, caller=name)
        kernel = (self.in_channels, *self.kernel_size)
        self.weight, start = starting(
            name,
            (self.out_channels, *places, *kernel),
            rng,
            dtype,
            fan_shape=(self.out_channels, *kernel),
            like=(self.out_channels, *places),
        )
        self.bias = start if as_bool(name, "bias", bias) else None
