"""Pooling to an output size that does not depend on the input's."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

import dlnotes.functional as F
from dlnotes.functional._options import as_choice
from dlnotes.layers._operation import Operation
from dlnotes.layers._options import as_size

Sizes = int | Sequence[int | None]


class GlobalAvgPool(Operation):
    """The mean of each channel: (N, C, H, W) to (N, C).

    References
    ----------
    Concept gap; `dlnotes.functional.global_avg_pool`.

    Examples
    --------
    >>> import numpy as np
    >>> GlobalAvgPool()(np.ones((2, 3, 7, 6))).shape
    (2, 3)
    """

    function = staticmethod(F.global_avg_pool)
    function_backward = staticmethod(F.global_avg_pool_backward)


class GlobalMaxPool(Operation):
    """The largest value of each channel: (N, C, H, W) to (N, C).

    References
    ----------
    Concept gap; `dlnotes.functional.global_max_pool`.

    Examples
    --------
    >>> import numpy as np
    >>> GlobalMaxPool()(np.ones((2, 3, 7, 6))).shape
    (2, 3)
    """

    function = staticmethod(F.global_max_pool)
    function_backward = staticmethod(F.global_max_pool_backward)


class _Adaptive(Operation):
    """Pooling to a given size over `dims` axes."""

    dims: ClassVar[int]
    argument_names = ("output_size",)

    def __init__(self, output_size: Sizes) -> None:
        super().__init__()
        name = type(self).__name__
        given = output_size if isinstance(output_size, list | tuple) else [output_size] * self.dims
        if len(given) != self.dims:
            raise ValueError(
                f"{name}: output_size has {len(given)} entries for {self.dims} axes; got "
                f"{output_size!r}; give one size, or one an axis"
            )
        self.output_size = tuple(
            n if n is None and self.dims > 1 else as_size(name, "output_size", n) for n in given
        )


class AdaptiveAvgPool2d(_Adaptive):
    """Average pooling of images to a given size: (N, C, H, W) to (N, C, P, Q).

    Parameters
    ----------
    output_size : int or (int or None, int or None)
        P and Q; None keeps the input's.

    Raises
    ------
    TypeError, ValueError
        If a size is no int, or below 1.

    References
    ----------
    Concept spp; ``torch.nn.AdaptiveAvgPool2d``.

    Examples
    --------
    >>> import numpy as np
    >>> AdaptiveAvgPool2d((3, 2))(np.ones((2, 3, 7, 6))).shape
    (2, 3, 3, 2)
    """

    dims = 2
    function = staticmethod(F.adaptive_avg_pool2d)
    function_backward = staticmethod(F.adaptive_avg_pool2d_backward)


class AdaptiveAvgPool1d(_Adaptive):
    """`AdaptiveAvgPool2d` over one axis, of sequences: (N, C, T) to (N, C, Q)."""

    dims = 1
    function = staticmethod(F.adaptive_avg_pool1d)
    function_backward = staticmethod(F.adaptive_avg_pool1d_backward)


class SpatialPyramidPool(Operation):
    """Pooling into n×n windows for each n of the levels: (N, C, H, W) to (N, C·Σn²).

    Parameters
    ----------
    levels : iterable of int
        The n, at least one.
    mode : {"max", "avg"}
        Which pooling.
    rule : {"adaptive", "strided"}
        Where the windows lie, as in `dlnotes.functional.spatial_pyramid_pool`.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or unknown.

    References
    ----------
    Concept spp; He and others, arXiv:1406.4729.

    Examples
    --------
    >>> import numpy as np
    >>> SpatialPyramidPool((2, 1))(np.ones((2, 3, 7, 6))).shape
    (2, 15)
    """

    argument_names = ("levels",)
    option_names = ("mode", "rule")
    function = staticmethod(F.spatial_pyramid_pool)
    function_backward = staticmethod(F.spatial_pyramid_pool_backward)

    def __init__(self, levels: Iterable[int], mode: str = "max", rule: str = "adaptive") -> None:
        super().__init__()
        name = "SpatialPyramidPool"
        if not hasattr(levels, "__iter__") or not getattr(levels, "ndim", 1):
            raise TypeError(
                f"{name}: levels is a sequence of ints; got {levels!r}; give for example (4, 2, 1)"
            )
        self.levels = tuple(as_size(name, "levels", n) for n in levels)
        if not self.levels:
            raise ValueError(f"{name}: it needs levels; got none; give for example (4, 2, 1)")
        self.mode = as_choice(name, "mode", mode, ("max", "avg"))
        self.rule = as_choice(name, "rule", rule, ("adaptive", "strided"))
