"""Layers that lay values out anew: flattening, reshaping, up-sampling, cropping."""

from math import prod
from typing import Any

import dlnotes.functional as F
from dlnotes._arguments import as_bool
from dlnotes.functional._arrays import described, require_floats, require_shape
from dlnotes.functional._options import as_choice
from dlnotes.layers._operation import Operation
from dlnotes.layers._options import as_size
from dlnotes.layers.layer import Array, Layer
from dlnotes.shapes import IntOrTuple, as_int

MODES = ("nearest", "linear", "bilinear", "trilinear")


class Flatten(Layer):
    """All axes from `start_dim` to `end_dim` as one: (N, C, H, W) to (N, C·H·W).

    Parameters
    ----------
    start_dim, end_dim : int
        First and last axis that are joined.

    Raises
    ------
    TypeError, ValueError
        If an axis is no int; in the forward pass if x has no such axes.

    References
    ----------
    ``torch.nn.Flatten``.

    Examples
    --------
    >>> import numpy as np
    >>> Flatten()(np.ones((2, 3, 7, 6))).shape
    (2, 126)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = as_int(start_dim, "start_dim", least=-(2**31), caller="Flatten")
        self.end_dim = as_int(end_dim, "end_dim", least=-(2**31), caller="Flatten")

    def forward(self, x: Array) -> Array:
        """Join the axes, as `Layer.forward` says."""
        self._kept = None
        require_floats("Flatten", x=x)
        axes = x.ndim
        if not (-axes <= self.start_dim < axes and -axes <= self.end_dim < axes):
            raise ValueError(
                f"Flatten: start_dim={self.start_dim} and end_dim={self.end_dim} are not both axes "
                f"of x; got {described(x=x)}; give x a batch axis and at least one more"
            )
        first, last = self.start_dim % axes, self.end_dim % axes
        if first > last:
            raise ValueError(
                f"Flatten: start_dim stands after end_dim; got {first} and {last} for "
                f"{described(x=x)}; exchange them"
            )
        joined = prod(x.shape[first : last + 1])
        y = x.reshape(*x.shape[:first], joined, *x.shape[last + 1 :])
        self.keep(x, y.shape)
        return y

    def backward(self, dy: Array) -> Array:
        """Give dy the input's shape, as `Layer.backward` says."""
        dx = _returned("Flatten", dy, *self.kept())
        self._kept = None
        return dx


class Reshape(Layer):
    """The same values in another shape: (N, ...) to ``(N, *shape)``.

    Parameters
    ----------
    shape : int or sequence of int
        Without the batch; -1 for one size that follows from the others.

    Raises
    ------
    TypeError, ValueError
        If a size is no int, or out of range; in the forward pass if the values do not fit.

    References
    ----------
    ``torch.nn.Unflatten``.

    Examples
    --------
    >>> import numpy as np
    >>> Reshape((3, 7, 6))(np.ones((2, 126))).shape
    (2, 3, 7, 6)
    """

    def __init__(self, shape: int | tuple[int, ...]) -> None:
        super().__init__()
        given = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
        self.shape = tuple(as_size("Reshape", "shape", n, least=-1) for n in given)
        if self.shape.count(-1) > 1:
            raise ValueError(
                f"Reshape: one size at most may follow from the others; got shape={self.shape}; "
                "give the rest as numbers"
            )

    def forward(self, x: Array) -> Array:
        """Give x another shape, as `Layer.forward` says."""
        self._kept = None
        require_floats("Reshape", x=x)
        inner, known = prod(x.shape[1:]), prod(n for n in self.shape if n != -1)
        fits = inner == known if -1 not in self.shape else known > 0 and inner % known == 0
        if not x.ndim or not fits:
            raise ValueError(
                f"Reshape: {inner} values each do not fill the shape (N,"
                f"{','.join(map(str, self.shape))}); got {described(x=x)}; make the products equal"
            )
        y = x.reshape(len(x), *[inner // known if n == -1 else n for n in self.shape])
        self.keep(x, y.shape)
        return y

    def backward(self, dy: Array) -> Array:
        """Give dy the input's shape, as `Layer.backward` says."""
        dx = _returned("Reshape", dy, *self.kept())
        self._kept = None
        return dx


class Upsample(Operation):
    """Enlarged images: (N, C, H, W) to (N, C, P, Q).

    Parameters
    ----------
    size : int or tuple of int, optional
        Output size of each axis.
    scale_factor : int or tuple of int, optional
        How many times larger the output is; one of the two is needed.
    mode : {"nearest", "linear", "bilinear", "trilinear"}
        As in `dlnotes.functional.interpolate`.
    align_corners : bool
        Put the outermost outputs on the outermost inputs; not for "nearest".

    Raises
    ------
    TypeError, ValueError
        If both or neither of the two are given, or an argument is of another type or unknown; in
        the forward pass as `dlnotes.functional.interpolate`.

    References
    ----------
    Concept upsampling2d; ``torch.nn.Upsample``.

    Examples
    --------
    >>> import numpy as np
    >>> Upsample(scale_factor=2)(np.ones((2, 3, 7, 6))).shape
    (2, 3, 14, 12)
    """

    option_names = ("size", "scale_factor", "mode", "align_corners")
    function = staticmethod(F.interpolate)
    function_backward = staticmethod(F.interpolate_backward)

    def __init__(
        self,
        size: IntOrTuple | None = None,
        scale_factor: IntOrTuple | None = None,
        mode: str = "nearest",
        align_corners: bool = False,
    ) -> None:
        super().__init__()
        if (size is None) == (scale_factor is None):
            raise ValueError(
                f"Upsample: one of size and scale_factor decides; got size={size!r}, "
                f"scale_factor={scale_factor!r}; give exactly one"
            )
        self.size, self.scale_factor = _sizes("size", size), _sizes("scale_factor", scale_factor)
        self.mode = as_choice("Upsample", "mode", mode, MODES)
        self.align_corners = as_bool("Upsample", "align_corners", align_corners)


class CenterCrop(Operation):
    """`dlnotes.functional.center_crop` as a layer: (N, C, H, W) to (N, C, P, Q).

    Parameters
    ----------
    size : int or tuple of int
        Rows to keep.

    Raises
    ------
    TypeError, ValueError
        As the function, in the forward pass.

    References
    ----------
    Concept fcn.

    Examples
    --------
    >>> import numpy as np
    >>> CenterCrop(4)(np.ones((2, 3, 9, 8))).shape
    (2, 3, 4, 4)
    """

    argument_names = ("size",)
    function = staticmethod(F.center_crop)
    function_backward = staticmethod(F.center_crop_backward)

    def __init__(self, size: IntOrTuple) -> None:
        super().__init__()
        given = size if isinstance(size, tuple | list) else (size,)
        read = tuple(as_size("CenterCrop", "size", n) for n in given)
        self.size: IntOrTuple = read if isinstance(size, tuple | list) else read[0]


class SwapAxes(Layer):
    """Exchange the last two axes: (N, T, D) to (N, D, T), from words to channels.

    References
    ----------
    Concept cv-vs-nlp.

    Examples
    --------
    >>> import numpy as np
    >>> SwapAxes()(np.ones((2, 7, 5))).shape
    (2, 5, 7)
    """

    def forward(self, x: Array) -> Array:
        """Exchange the axes, as `Layer.forward` says."""
        self._kept = None
        require_floats("SwapAxes", x=x)
        if x.ndim < 2:
            raise ValueError(
                f"SwapAxes: x has {x.ndim} axes but needs at least 2; got x {x.shape}; give x axes "
                "of time and of features"
            )
        self.keep(x)
        return x.swapaxes(-1, -2)

    def backward(self, dy: Array) -> Array:
        """Exchange them back, as `Layer.backward` says."""
        (x,) = self.kept()
        require_floats("SwapAxes", x=x, dy=dy)
        require_shape("SwapAxes", "…DT", x.swapaxes(-1, -2).shape, dy=dy, x=x)
        self._kept = None
        return dy.swapaxes(-1, -2)


def _returned(caller: str, dy: Array, x: Array, shape: tuple[int, ...]) -> Array:
    """Give an upstream gradient of the output's shape the input's shape."""
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, "N…", shape, dy=dy, x=x)
    return dy.reshape(x.shape)


def _sizes(name: str, value: Any) -> IntOrTuple | None:
    """Read sizes or factors."""
    if name == "scale_factor" and isinstance(value, float):
        raise TypeError(
            f"Upsample: scale_factor is no int; got scale_factor={value!r}; give a whole factor, "
            "or any size of the output as size="
        )
    if isinstance(value, list | tuple):
        return tuple(as_size("Upsample", name, n) for n in value)
    return None if value is None else as_size("Upsample", name, value)
