"""Layers that LeNet-5 had and later networks left out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes._arguments import as_bool, require_room
from dlnotes.functional._options import as_dtype, as_rng
from dlnotes.layers._operation import Operation, starting
from dlnotes.layers._options import as_size, as_sizes
from dlnotes.layers.layer import Array, Layer
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
        self.bias = start if as_bool(name, "bias", bias) else None


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
