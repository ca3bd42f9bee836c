"""Layers of LeNet-5, AlexNet, FCN and the variational autoencoder that few others have."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes._arguments import require_room
from dlnotes.functional._arrays import require_floats, require_shape
from dlnotes.functional._options import as_dtype, as_number, as_rng
from dlnotes.layers._operation import Operation, starting
from dlnotes.layers._options import as_flag, as_size, as_sizes
from dlnotes.layers.containers import Container
from dlnotes.layers.layer import Array, Layer, require_alike
from dlnotes.shapes import IntOrTuple, as_int


class ScaledTanh(Operation):
    """`dlnotes.functional.scaled_tanh` as a layer: any shape.

    References
    ----------
    Concept lenet5.

    Examples
    --------
    >>> ScaledTanh()(np.ones((2, 3))).shape
    (2, 3)
    """

    function = staticmethod(F.scaled_tanh)
    function_backward = staticmethod(F.scaled_tanh_backward)


class ScaledAvgPool2d(Operation):
    """Average pooling with a learned factor and bias: (N, C, H, W) to (N, C, H/R, W/S).

    Parameters
    ----------
    num_features : int
        C.
    kernel_size : int or (int, int)
        Size of the windows, and their stride.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight, bias : ndarray, shape (C,)
        Ones and zeros at the start.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    LeNet-5's S2 and S4; concept lenet5.

    Examples
    --------
    >>> ScaledAvgPool2d(3, 2)(np.ones((2, 3, 8, 6))).shape
    (2, 3, 4, 3)
    """

    parameter_names = ("weight", "bias")
    argument_names = ("kernel_size",)
    function = staticmethod(F.scaled_avg_pool2d)
    function_backward = staticmethod(F.scaled_avg_pool2d_backward)

    def __init__(
        self, num_features: int, kernel_size: IntOrTuple, *, dtype: DTypeLike = np.float64
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.num_features = as_size(name, "num_features", num_features)
        self.kernel_size = as_sizes(name, "kernel_size", kernel_size, 2)
        self.weight = np.ones(self.num_features, as_dtype(name, dtype))
        self.bias = np.zeros_like(self.weight)


class TableConv2d(Operation):
    """A convolution whose output maps read chosen input maps: (N, C, H, W) to (N, K, P, Q).

    Parameters
    ----------
    table : sequence of sequences of int
        For each of the K output maps the input maps that it reads, counted from 0.
    kernel_size : int or (int, int)
        R and S.
    bias : bool
        Whether there is one.
    rng : numpy Generator
        Draws the starting values: uniform on ±1/√(R S times the entries a row, on average).
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight : ndarray, shape (J, R, S)
        One kernel an entry of the table.
    bias : ndarray of shape (K,), or None

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range, or the table is empty.

    References
    ----------
    LeNet-5's C3; concept lenet5.

    Examples
    --------
    >>> layer = TableConv2d([[0, 1], [2]], 5, rng=np.random.default_rng(0))
    >>> layer(np.ones((2, 3, 7, 6))).shape
    (2, 2, 3, 2)
    """

    parameter_names = ("weight", "bias")
    option_names = ("table",)
    function = staticmethod(F.table_conv2d)
    function_backward = staticmethod(F.table_conv2d_backward)

    def __init__(
        self,
        table: Sequence[Sequence[int]],
        kernel_size: IntOrTuple,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.table = _read_table(name, table)
        self.kernel_size = as_sizes(name, "kernel_size", kernel_size, 2)
        entries = sum(map(len, self.table))
        if not entries:
            raise ValueError(f"{name}: the table has no entry; got {table!r}; name the input maps")
        rows = len(self.table)
        shape, mean = (entries, *self.kernel_size), -(-entries // rows)
        fan = (rows, mean, *self.kernel_size)
        self.weight, start = starting(name, shape, rng, dtype, fan_shape=fan, like=(rows,))
        self.bias = start if as_flag(name, "bias", bias) else None


class RadialBasis(Layer):
    """Squared distances to fixed points of -1 and 1: (N, D) to (N, U).

    Parameters
    ----------
    in_features, out_features : int
        D and U.
    rng : numpy Generator
        Draws the points; LeNet-5's were pictures of the ten digits.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    centers : ndarray, shape (U, D)
        Not learned.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    LeNet-5's output; concept lenet5.

    Examples
    --------
    >>> RadialBasis(84, 10, rng=np.random.default_rng(0))(np.ones((2, 84))).shape
    (2, 10)
    """

    buffer_names = ("centers",)

    def __init__(
        self,
        in_features: int,
        out_features: int,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        self.in_features = as_size("RadialBasis", "in_features", in_features)
        self.out_features = as_size("RadialBasis", "out_features", out_features)
        shape = (self.out_features, self.in_features)
        require_room("RadialBasis", shape)
        signs = as_rng("RadialBasis", rng).choice([-1, 1], shape)
        self.centers: Array = signs.astype(as_dtype("RadialBasis", dtype))

    def forward(self, x: Array) -> Array:
        """Return one distance a point, as `Layer.forward` says."""
        self._kept = None
        y = F.radial_basis(x, self.centers)
        self.keep(x)
        return y

    def backward(self, dy: Array) -> Array:
        """Return the gradient of the input, as `Layer.backward` says."""
        (x,) = self.kept()
        dx, _ = F.radial_basis_backward(dy, x, self.centers)
        self._kept = None
        return dx


class LocalResponseNorm(Operation):
    """`dlnotes.functional.local_response_norm` as a layer: (N, C, ...), the shape stays.

    Parameters
    ----------
    size : int
        Channels in a window.
    alpha, beta, k : float
        As in the function.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    Concept alexnet; ``torch.nn.LocalResponseNorm``.

    Examples
    --------
    >>> LocalResponseNorm(5)(np.ones((2, 7, 3, 3))).shape
    (2, 7, 3, 3)
    """

    argument_names = ("size",)
    option_names = ("alpha", "beta", "k")
    function = staticmethod(F.local_response_norm)
    function_backward = staticmethod(F.local_response_norm_backward)

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = as_size("LocalResponseNorm", "size", size)
        self.alpha = as_number("LocalResponseNorm", "alpha", alpha, low=0.0)
        self.beta = as_number("LocalResponseNorm", "beta", beta)
        self.k = as_number("LocalResponseNorm", "k", k, low=0.0)


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


class SampleNormal(Layer):
    """Draw around a mean in training, return the mean in use: a pair (N, D) to (N, D).

    Parameters
    ----------
    rng : numpy Generator
        Draws the noise, anew for each forward pass in training.

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.functional.sample_normal`, in the forward pass.

    References
    ----------
    Concept vae-shapes.

    Examples
    --------
    >>> layer = SampleNormal(rng=np.random.default_rng(0))
    >>> layer((np.ones((2, 32)), np.zeros((2, 32)))).shape
    (2, 32)
    """

    def __init__(self, *, rng: np.random.Generator) -> None:
        super().__init__()
        self.rng = as_rng("SampleNormal", rng)

    def forward(self, x: tuple[Array, Array]) -> Array:
        """Take (mean, log variance), as `Layer.forward` says."""
        self._kept = None
        if not isinstance(x, tuple | list) or len(x) != 2:
            raise TypeError(
                f"SampleNormal: x is a pair of arrays, (mean, log variance); got {str(x)[:60]!r} "
                f'({type(x).__name__}); give what a Parallel of two heads and join="tuple" returns'
            )
        mean, log_variance = x
        require_floats("SampleNormal", mean=mean, log_variance=log_variance)
        noise = np.zeros_like(mean)
        if self.training:
            noise[...] = self.rng.standard_normal(mean.shape)
        y = F.sample_normal(mean, log_variance, noise)
        self.keep(mean, log_variance, noise)
        return y

    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return the gradients of the pair, as `Layer.backward` says."""
        dmean, dlog_variance, _ = F.sample_normal_backward(dy, *self.kept())
        self._kept = None
        return dmean, dlog_variance


class SideOutput(Container):
    """A head that reads what passes, when it is asked to: the input goes on unchanged.

    Parameters
    ----------
    head : Layer
        Such as an auxiliary classifier.

    Attributes
    ----------
    collecting : bool
        Whether the forward pass runs the head; False at the start.
    output : ndarray or None
        What the head returned in the last forward pass.
    upstream : ndarray or None
        Gradient at that output; set it before the backward pass for the head to learn.

    References
    ----------
    Szegedy and others (2015), section 5; concept googlenet.

    Examples
    --------
    >>> from dlnotes.layers import GlobalAvgPool
    >>> side = SideOutput(GlobalAvgPool())
    >>> side.collecting = True
    >>> side(np.ones((2, 3, 8, 8))).shape, side.output.shape
    ((2, 3, 8, 8), (2, 3))
    """

    def __init__(self, head: Layer) -> None:
        super().__init__({"head": head})
        self.collecting = False
        self.output: Array | None = None
        self.upstream: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x; run the head on it if it is asked for."""
        self.keep(x)
        self.output = self["head"](x) if self.collecting else None
        return x

    def backward(self, dy: Array) -> Array:
        """Return dy and, if the head learns, its gradient added."""
        (x,) = self.kept()
        require_alike("SideOutput", dy, x)
        dx: Array = dy
        if self.upstream is not None and self.output is not None:
            dx = dy + self["head"].backward(self.upstream)
            self.output = self.upstream = None
        self._kept = None
        return dx


def _read_table(name: str, table: object) -> tuple[tuple[int, ...], ...]:
    """Read which input maps each output map sees."""
    rows: Sequence[Any] = table if isinstance(table, Sequence) else (None,)
    if not all(isinstance(row, Sequence) and not isinstance(row, str) for row in rows):
        raise TypeError(
            f"{name}: the table has a row of input maps for each output map; got "
            f"{str(table)[:60]!r} ({type(table).__name__}); give for example ((0, 1), (1, 2))"
        )
    return tuple(
        tuple(as_int(entry, "table", least=0, caller=name) for entry in row) for row in rows
    )
