"""The table of operations: what each computes, and its local derivative.

The conventions where a function has a corner are PyTorch's: relu and abs have derivative 0 at 0,
a tie in maximum or minimum is split in halves, a tie in max or min in equal shares (as ``amax``
does), and clip passes the gradient at its bounds. Where a choice was made, the adjoint follows it
or is 0, even if it is infinite; NaN is on no side, so that it stops nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlnotes.autodiff.rules import (
    Array,
    Elementwise,
    Join,
    Linear,
    MatrixProduct,
    Reduction,
    unbroadcast,
)


def _power_by_base(change: Array, y: Array, x: Array, p: Array) -> Array:
    """Multiply by p x^(p-1), which is 0 for p = 0 even where x = 0."""
    return np.where(p == 0, 0, change * (p * x ** (p - 1)))


def _power_by_exponent(change: Array, y: Array, x: Array, p: Array) -> Array:
    """Multiply by x^p log x, with its limit 0 where x = 0 and p is not negative."""
    return change * np.where((x == 0) & (p >= 0), 0, y * np.log(x))


def _through(change: Array, held: Any) -> Array:
    """Return a change, and 0 where it is held back."""
    return np.where(held, 0, change)


def _sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(x))
    return (np.where(x >= 0, 1, small) / (1 + small)).astype(x.dtype)


def _clip(x: Array, *, low: Array | None, high: Array | None) -> Array:
    """Return x within bounds, of x's dtype."""
    return np.clip(x, low, high).astype(x.dtype, copy=False)


def _clipped(change: Array, y: Array, x: Array, *, low: Array | None, high: Array | None) -> Array:
    """Return a change where x lies within its bounds, these included, else 0."""
    above = True if low is None else x >= low
    within = np.logical_and(above, True if high is None else x <= high)
    return _through(change, np.logical_not(within))


def _share(change: Array, a: Array, b: Array) -> Array:
    """Return a change where a > b, half of it where they are equal, 0 where a < b."""
    return _through(np.where(a == b, 0.5, 1).astype(a.dtype) * change, a < b)


def _sign(x: Array) -> Array:
    """Return 1, 0 or -1, and 0 for NaN."""
    return np.subtract(x > 0, x < 0, dtype=x.dtype)


ADD = Elementwise("add", np.add, "{} + {}", partials=(lambda y, a, b: 1, lambda y, a, b: 1))
SUBTRACT = Elementwise(
    "subtract", np.subtract, "{} − {}", partials=(lambda y, a, b: 1, lambda y, a, b: -1)
)
MULTIPLY = Elementwise(
    "multiply", np.multiply, "{} × {}", partials=(lambda y, a, b: b, lambda y, a, b: a)
)
DIVIDE = Elementwise(
    "divide",
    np.divide,
    "{} / {}",
    passes=(lambda d, y, a, b: d / b, lambda d, y, a, b: -d * (y / b)),
)
POWER = Elementwise("power", np.power, "{} ^ {}", passes=(_power_by_base, _power_by_exponent))
NEGATIVE = Elementwise("negative", np.negative, "−{}", partials=(lambda y, x: -1,))
EXP = Elementwise("exp", np.exp, partials=(lambda y, x: y,))
LOG = Elementwise("log", np.log, passes=(lambda d, y, x: d / x,))
SQRT = Elementwise("sqrt", np.sqrt, passes=(lambda d, y, x: d / (2 * y),))
TANH = Elementwise("tanh", np.tanh, partials=(lambda y, x: 1 - y * y,))
SIGMOID = Elementwise("sigmoid", _sigmoid, partials=(lambda y, x: y * (1 - y),))
RELU = Elementwise(
    "relu", lambda x: np.maximum(x, 0), passes=(lambda d, y, x: _through(d, y <= 0),)
)
ABSOLUTE = Elementwise("absolute", np.absolute, "|{}|", partials=(lambda y, x: _sign(x),))
MAXIMUM = Elementwise(
    "maximum",
    np.maximum,
    passes=(lambda d, y, a, b: _share(d, a, b), lambda d, y, a, b: _share(d, b, a)),
)
MINIMUM = Elementwise(
    "minimum",
    np.minimum,
    passes=(lambda d, y, a, b: _share(d, -a, -b), lambda d, y, a, b: _share(d, -b, -a)),
)
CLIP = Elementwise("clip", _clip, passes=(_clipped,))
WHERE = Elementwise(
    "where",
    lambda a, b, *, condition: np.where(condition, a, b),
    passes=(
        lambda d, y, a, b, *, condition: _through(d, np.logical_not(condition)),
        lambda d, y, a, b, *, condition: _through(d, condition),
    ),
)


def _equal_shares(y: Array, x: Array, axis: Any) -> Array:
    """Return 1 at the extreme element, 1/n at each of n that tie."""
    hit = x == y
    return (hit / np.sum(hit, axis=axis, keepdims=True)).astype(x.dtype)


def _logsumexp(x: Array, *, axis: Any, keepdims: bool) -> Array:
    """Return log sum exp(x), shifted by the maximum so that nothing overflows."""
    top = (np.max if x.size else np.sum)(x, axis=axis, keepdims=True)  # nothing has no maximum
    top = np.where(np.isfinite(top), top, 0).astype(x.dtype)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


def _mean(x: Array, *, axis: Any, keepdims: bool) -> Array:
    """Return the mean, NaN where nothing is folded, as PyTorch."""
    if x.size:
        y: Array = np.mean(x, axis=axis, keepdims=keepdims)
        return y
    return np.sum(x, axis=axis, keepdims=keepdims) / (x.dtype.type(0))  # NumPy's mean would warn


SUM = Reduction("sum", np.sum)
MEAN = Reduction("mean", _mean, weights=lambda y, x, axis: y.size / max(x.size, 1))
MAX = Reduction("max", np.max, weights=_equal_shares)
MIN = Reduction("min", np.min, weights=_equal_shares)
LOGSUMEXP = Reduction("logsumexp", _logsumexp, weights=lambda y, x, axis: np.exp(x - y))


def _scatter(dy: Array, x: Array, *, index: Any) -> Array:
    """Add each adjoint where its value came from; one taken twice receives twice."""
    dx = np.zeros(x.shape, dy.dtype)
    np.add.at(dx, index, dy)
    return dx


def _concatenate(*inputs: Array, axis: int) -> Array:
    return np.concatenate(inputs, axis=axis)


def _taken_apart(dy: Array, *inputs: Array, axis: int) -> list[Array]:
    """Cut out the part that each input brought."""
    ends = np.cumsum([x.shape[axis] for x in inputs])
    return np.split(dy, ends[:-1], axis=axis)


def _stack(*inputs: Array, axis: int) -> Array:
    return np.stack(inputs, axis=axis)


def _transpose(x: Array, *, axes: Sequence[int] | None) -> Array:
    return np.transpose(x, axes)


def _transpose_back(dy: Array, x: Array, *, axes: Sequence[int] | None) -> Array:
    """Undo a permutation of axes."""
    return np.transpose(dy, None if axes is None else np.argsort(np.asarray(axes) % x.ndim))


def _matmul(a: Array, b: Array) -> Array:
    """Multiply matrices, stacks of matrices and vectors."""
    if not (a.ndim and b.ndim):
        raise ValueError("a number is no matrix")
    columns, rows = a.shape[-1], b.shape[-2 if b.ndim > 1 else 0]
    if columns != rows:
        raise ValueError(f"a has {columns} columns but b has {rows} rows")
    return np.matmul(a, b)


MATMUL = MatrixProduct("matmul", _matmul, "{} @ {}")
RESHAPE = Linear(
    "reshape",
    lambda x, *, shape: np.reshape(x, shape),
    remedy="make the product of the new sizes the number of elements; one of them may be -1",
    adjoint=lambda dy, x, *, shape: np.reshape(dy, x.shape),
)
TRANSPOSE = Linear(
    "transpose", _transpose, remedy="name each axis of x once", adjoint=_transpose_back
)
GETITEM = Linear(
    "getitem",
    lambda x, *, index: x[index],
    "{}[{index}]",
    remedy="index with integers, slices, None, ..., integer or boolean arrays that fit x",
    adjoint=_scatter,
)
BROADCAST_TO = Linear(
    "broadcast_to",
    lambda x, *, shape: np.broadcast_to(x, shape),
    remedy="make each axis of x equal to the new one or 1, counted from the last",
    adjoint=lambda dy, x, *, shape: unbroadcast(dy, x.shape),
)
CONCATENATE = Join(
    "concatenate", _concatenate, remedy="make all axes but the joined one equal", parts=_taken_apart
)
STACK = Join(
    "stack",
    _stack,
    remedy="make all shapes equal",
    parts=lambda dy, *inputs, axis: np.moveaxis(dy, axis, 0),
)
