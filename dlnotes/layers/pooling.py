"""Pooling layers. Equations and references stand in `dlnotes.functional`."""

from typing import ClassVar

import dlnotes.functional as F
from dlnotes.layers._operation import Operation
from dlnotes.layers._options import as_flag, as_padding, as_sizes
from dlnotes.layers.layer import Array
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
        self.ceil_mode = as_flag(name, "ceil_mode", ceil_mode)


class _MaxPool(_Pool):
    """Max-pooling, which keeps the places of the maxima for the way back."""

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

    def forward(self, x: Array) -> Array:
        """Find the maxima and their places, as `Layer.forward` says."""
        self._kept = None
        options = {name: getattr(self, name) for name in self.option_names}
        y, indices = self.function(x, self.kernel_size, **options)
        self.keep((x, self.kernel_size), {**options, "indices": indices})
        found: Array = y
        return found


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
    function = staticmethod(F.max_pool2d_with_indices)
    function_backward = staticmethod(F.max_pool2d_backward)


class MaxPool1d(_MaxPool):
    """Max-pooling of sequences: (N, C, T) to (N, C, Q).

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode
        As in `MaxPool2d`, over one axis.

    Raises
    ------
    TypeError, ValueError
        As `MaxPool2d`.

    References
    ----------
    Concept pool1d; ``torch.nn.MaxPool1d``.

    Examples
    --------
    >>> import numpy as np
    >>> MaxPool1d(2)(np.ones((2, 3, 7))).shape
    (2, 3, 3)
    """

    dims = 1
    function = staticmethod(F.max_pool1d_with_indices)
    function_backward = staticmethod(F.max_pool1d_backward)


class MaxPool3d(_MaxPool):
    """Max-pooling of volumes: (N, C, T, H, W) to (N, C, O, P, Q).

    Parameters
    ----------
    kernel_size, stride, padding, dilation, ceil_mode
        As in `MaxPool2d`, over three axes.

    Raises
    ------
    TypeError, ValueError
        As `MaxPool2d`.

    References
    ----------
    Concept pooling; ``torch.nn.MaxPool3d``.

    Examples
    --------
    >>> import numpy as np
    >>> MaxPool3d(2)(np.ones((2, 3, 5, 7, 6))).shape
    (2, 3, 2, 3, 3)
    """

    dims = 3
    function = staticmethod(F.max_pool3d_with_indices)
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
        self.count_include_pad = as_flag(name, "count_include_pad", count_include_pad)


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
    """Average pooling of sequences: (N, C, T) to (N, C, Q).

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `AvgPool2d`, over one axis.

    Raises
    ------
    TypeError, ValueError
        As `AvgPool2d`.

    References
    ----------
    Concept average-pool; ``torch.nn.AvgPool1d``.

    Examples
    --------
    >>> import numpy as np
    >>> AvgPool1d(2)(np.ones((2, 3, 7))).shape
    (2, 3, 3)
    """

    dims = 1
    function = staticmethod(F.avg_pool1d)
    function_backward = staticmethod(F.avg_pool1d_backward)


class AvgPool3d(_AvgPool):
    """Average pooling of volumes: (N, C, T, H, W) to (N, C, O, P, Q).

    Parameters
    ----------
    kernel_size, stride, padding, ceil_mode, count_include_pad
        As in `AvgPool2d`, over three axes.

    Raises
    ------
    TypeError, ValueError
        As `AvgPool2d`.

    References
    ----------
    Concept average-pool; ``torch.nn.AvgPool3d``.

    Examples
    --------
    >>> import numpy as np
    >>> AvgPool3d(2)(np.ones((2, 3, 5, 7, 6))).shape
    (2, 3, 2, 3, 3)
    """

    dims = 3
    function = staticmethod(F.avg_pool3d)
    function_backward = staticmethod(F.avg_pool3d_backward)
