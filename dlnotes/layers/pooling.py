"""Pooling layers. Equations and references stand in `dlnotes.functional`."""

from typing import ClassVar

import dlnotes.functional as F
from dlnotes._arguments import as_bool
from dlnotes.layers._operation import Operation
from dlnotes.layers._options import as_padding, as_sizes
from dlnotes.shapes import IntOrTuple, Padding


class _Pool(Operation):
    """Pooling over windows on `dims` axes."""

    dims: ClassVar[int]
    argument_names = ("kernel_size",)
    dilation: tuple[int, ...]

    def _set_windows(
        self, kernel_size: IntOrTuple, stride: IntOrTuple | None, padding: Padding, ceil_mode: bool
    ) -> None:
        """Read the windows; without a stride they lie side by side."""
        name = type(self).__name__
        self.kernel_size = as_sizes(name, "kernel_size", kernel_size, self.dims)
        steps = self.kernel_size if stride is None else stride
        self.stride = as_sizes(name, "stride", steps, self.dims)
        self.padding = as_padding(name, padding, self)
        self.ceil_mode = as_bool(name, "ceil_mode", ceil_mode)


class _MaxPool(_Pool):
    """Max-pooling."""

    option_names = ("stride", "padding", "dilation", "ceil_mode")

    def __init__(
        self,
        kernel_size: IntOrTuple,
        stride: IntOrTuple | None = None,
        padding: Padding = 0,
        dilation: IntOrTuple = 1,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.dilation = as_sizes(type(self).__name__, "dilation", dilation, self.dims)
        self._set_windows(kernel_size, stride, padding, ceil_mode)


class MaxPool2d(_MaxPool):
    """Max-pooling of images: (N, C, H, W) to (N, C, P, Q).

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode
        As in `dlnotes.functional.max_pool2d`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    Concept pooling; ``torch.nn.MaxPool2d``.

    Examples
    --------
    >>> import numpy as np
    >>> MaxPool2d(2)(np.ones((2, 3, 7, 6))).shape
    (2, 3, 3, 3)
    """

    dims = 2
    function = staticmethod(F.max_pool2d)
    function_backward = staticmethod(F.max_pool2d_backward)


class MaxPool1d(_MaxPool):
    """`MaxPool2d` over one axis, of sequences: (N, C, T) to (N, C, Q)."""

    dims = 1
    function = staticmethod(F.max_pool1d)
    function_backward = staticmethod(F.max_pool1d_backward)


class MaxPool3d(_MaxPool):
    """`MaxPool2d` over three axes, of volumes: (N, C, T, H, W) to (N, C, O, P, Q)."""

    dims = 3
    function = staticmethod(F.max_pool3d)
    function_backward = staticmethod(F.max_pool3d_backward)


class _AvgPool(_Pool):
    """Average pooling."""

    option_names = ("stride", "padding", "ceil_mode", "count_include_pad")

    def __init__(
        self,
        kernel_size: IntOrTuple,
        stride: IntOrTuple | None = None,
        padding: Padding = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.dilation = (1,) * self.dims
        self._set_windows(kernel_size, stride, padding, ceil_mode)
        name = type(self).__name__
        self.count_include_pad = as_bool(name, "count_include_pad", count_include_pad)


class AvgPool2d(_AvgPool):
    """Average pooling of images: (N, C, H, W) to (N, C, P, Q).

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `dlnotes.functional.avg_pool2d`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    Concept average-pool; ``torch.nn.AvgPool2d``.

    Examples
    --------
    >>> import numpy as np
    >>> AvgPool2d(2)(np.ones((2, 3, 7, 6))).shape
    (2, 3, 3, 3)
    """

    dims = 2
    function = staticmethod(F.avg_pool2d)
    function_backward = staticmethod(F.avg_pool2d_backward)


class AvgPool1d(_AvgPool):
    """`AvgPool2d` over one axis, of sequences: (N, C, T) to (N, C, Q)."""

    dims = 1
    function = staticmethod(F.avg_pool1d)
    function_backward = staticmethod(F.avg_pool1d_backward)


class AvgPool3d(_AvgPool):
    """`AvgPool2d` over three axes, of volumes: (N, C, T, H, W) to (N, C, O, P, Q)."""

    dims = 3
    function = staticmethod(F.avg_pool3d)
    function_backward = staticmethod(F.avg_pool3d_backward)
