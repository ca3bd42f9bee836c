"""Convolution as one large sparse matrix, built and applied."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, described, require_floats, require_room
from dlnotes.functional._geometry import read_shapes
from dlnotes.functional._options import quietly
from dlnotes.functional.conv import canvas
from dlnotes.shapes import IntOrTuple, Padding, as_int


@dataclass(frozen=True, eq=False)
class SparseMatrix:
    """A matrix of which only the entries that may differ from zero are stored.

    Attributes
    ----------
    rows, columns : ndarray of int, shape (E,)
        Where the E entries stand; no place twice.
    values : ndarray, shape (E,)
        The entries.
    shape : (int, int)
        Rows and columns of the matrix.

    Examples
    --------
    >>> m = SparseMatrix(np.array([0, 1]), np.array([2, 0]), np.array([5.0, 7.0]), (2, 3))
    >>> (m @ np.array([1.0, 2.0, 3.0])).tolist(), (m.T @ np.array([1.0, 1.0])).tolist()
    ([15.0, 7.0], [7.0, 0.0, 5.0])
    """

    rows: Array
    columns: Array
    values: Array
    shape: tuple[int, int]

    @quietly
    def __matmul__(self, v: Any) -> Array:
        """Multiply a vector, (columns,), or the columns of a matrix, (columns, N)."""
        require_floats("SparseMatrix", values=self.values, v=v)
        if v.ndim not in (1, 2) or len(v) != self.shape[1]:
            raise ValueError(
                f"SparseMatrix: v must have {self.shape[1]} rows; got matrix {self.shape}, "
                f"{described(v=v)}; flatten each image to a column, x.reshape(N, -1).T"
            )
        product = np.zeros((self.shape[0], *v.shape[1:]), v.dtype)
        np.add.at(product, self.rows, (self.values * v.T[..., self.columns]).T)
        return product

    @property
    def T(self) -> "SparseMatrix":
        """The transpose: rows and columns exchanged."""
        return SparseMatrix(self.columns, self.rows, self.values, self.shape[::-1])

    def dense(self) -> Array:
        """Return the matrix with its zeros, for looking at."""
        full = np.zeros(self.shape, self.values.dtype)
        full[self.rows, self.columns] = self.values
        return full


def conv1d_matrix(
    w: Array,
    input_shape: tuple[int, int],
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> SparseMatrix:
    """Return the matrix of a `conv1d`, as `conv2d_matrix` over one axis: a band of equal diagonals.

    w is (K, C/groups, S), input_shape (C, T).

    Returns
    -------
    SparseMatrix, shape (K·Q, C·T)

    Examples
    --------
    >>> conv1d_matrix(np.array([[[1.0, 2.0]]]), (1, 4)).dense().astype(int).tolist()
    [[1, 2, 0, 0], [0, 1, 2, 0], [0, 0, 1, 2]]
    """
    return _matrix("conv1d_matrix", 1, w, input_shape, stride, padding, dilation, groups)


def conv2d_matrix(
    w: Array,
    input_shape: tuple[int, int, int],
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> SparseMatrix:
    r"""Return the matrix M that does what `conv2d` does, to flattened images.

    .. math:: \mathrm{vec}(y_n) = M\,\mathrm{vec}(x_n), \qquad
        \mathrm{vec}(dx_n) = M^{\mathsf T}\,\mathrm{vec}(dy_n)

    Row (k, p, q) holds the kernel k, spread over the pixels of the window at (p, q). So most of
    M is zero, and its entries repeat: this is what local connections and shared weights mean.

    Parameters
    ----------
    w : ndarray, shape (K, C/groups, R, S)
        Kernels; a bias is no part of a matrix.
    input_shape : (int, int, int)
        Shape of one image, (C, H, W).
    stride, padding, dilation, groups
        As in `conv2d`.

    Returns
    -------
    SparseMatrix, shape (K·P·Q, C·H·W)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`.

    References
    ----------
    Concepts conv-backward, transposed-not-inverse; Dumoulin and Visin, arXiv:1603.07285, 4.1.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 3, 3, 2))
    >>> m = conv2d_matrix(w, (3, 7, 6))
    >>> m.shape, len(m.values)
    ((100, 126), 1800)
    >>> (m @ x.reshape(2, -1).T).T.reshape(2, 4, 5, 5).shape
    (2, 4, 5, 5)
    """
    return _matrix("conv2d_matrix", 2, w, input_shape, stride, padding, dilation, groups)


def _matrix(
    caller: str,
    dims: int,
    w: Array,
    input_shape: tuple[int, ...],
    stride: IntOrTuple,
    padding: Padding,
    dilation: IntOrTuple,
    groups: int,
) -> SparseMatrix:
    """Find for every product of the convolution its row, its column and its weight."""
    require_floats(caller, w=w)
    if not isinstance(input_shape, list | tuple):
        raise TypeError(
            f"{caller}: input_shape is no tuple; got input_shape={input_shape!r}; "
            f"give the shape of one input, {dims + 1} ints"
        )
    sizes = [as_int(n, f"input_shape[{j}]", caller=caller) for j, n in enumerate(input_shape)]
    g = read_shapes(caller, dims, (1, *sizes), w.shape, stride, padding, dilation, groups)
    entries = (g.filters, g.channels // g.groups, *g.kernel, *g.out)
    require_room(caller, entries, input_shape=input_shape, padding=padding)
    seen, pixels = canvas(g, 0, np.dtype(int))  # (1, C, R, S, P, Q), (1, C, H, W)
    pixels[...] = 1 + np.arange(prod(sizes)).reshape(sizes)  # 0 marks the padding
    seen = seen.reshape(g.groups, 1, -1, prod(g.out))  # (G, 1, C/G·R·S, P·Q)
    split = w.reshape(g.groups, g.filters // g.groups, -1, 1)  # (G, K/G, C/G·R·S, 1)
    outputs = np.arange(g.filters * prod(g.out)).reshape(*split.shape[:2], 1, -1)
    rows, columns, values = np.broadcast_arrays(outputs, seen - 1, split)
    inside = columns >= 0
    shape = (g.filters * prod(g.out), prod(sizes))
    return SparseMatrix(rows[inside], columns[inside], values[inside], shape)
