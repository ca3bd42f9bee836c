"""What an operation knows about itself: its value, and how a change passes through it both ways.

Four kinds cover the table of operations: elementwise, reduction, linear map and matrix product.
A fifth wraps a function and its backward pass, such as those of `dlnotes.functional`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

# PyTorch carries NaN and infinity along without a word; what this decorates does too.
quietly = np.errstate(all="ignore")


@dataclass(frozen=True, eq=False)
class Rule:
    """An operation: a function of arrays, and how a change passes through it both ways.

    Parameters
    ----------
    name : str
        Name in traces and messages, for example ``"multiply"``.
    function : callable
        ``y = function(*inputs, **options)``, arrays in and one array out.
    text : str
        How the operation is written, for example ``"{} × {}"``; empty means ``name(…)``.
    remedy : str
        What a message advises when the function refuses its inputs.
    """

    name: str
    function: Callable[..., Any]
    text: str = ""
    remedy: str = "give inputs and options that NumPy accepts"

    def pull(self, i: int, dy: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Return what the output's adjoint `dy` contributes to input i (before un-broadcasting)."""
        raise NotImplementedError(
            f"{self.name}: no way back is known; got a change of the output; a rule of one's own "
            "defines pull, or is an Elementwise, a Reduction or a Linear"
        )

    def push(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Return what a change `dx` of input i does to the output."""
        raise NotImplementedError(
            f"{self.name}: no way forward is known; got a change of input {i}; a rule of one's own "
            "defines push, or is an Elementwise, a Reduction or a Linear"
        )

    def pulls(
        self, wanted: Sequence[int], dy: Array, y: Array, *inputs: Array, **options: Any
    ) -> list[Array]:
        """Return the contributions to the wanted inputs, shaped and typed as the inputs are."""
        found = [self.pull(i, dy, y, *inputs, **options) for i in wanted]
        return [
            unbroadcast(dx, inputs[i].shape).astype(inputs[i].dtype, copy=False)
            for i, dx in zip(wanted, found, strict=True)
        ]

    def pushed(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Return what a change of input i does to the output, shaped and typed as the output is."""
        change = np.zeros_like(y) + self.push(i, dx, y, *inputs, **options)
        return change.astype(y.dtype, copy=False)

    def write(self, inputs: Sequence[str], options: Mapping[str, str]) -> str:
        """Write the operation on inputs and options that are given as text."""
        if self.text:
            return self.text.format(*inputs, **options)
        said = [f"{key}={v}" for key, v in options.items() if v not in ("None", "False")]
        return f"{self.name}({', '.join([*inputs, *said])})"


@dataclass(frozen=True, eq=False)
class Elementwise(Rule):
    """An operation on each element, with one local derivative for each input.

    Parameters
    ----------
    partials : tuple of callable
        ``partials[i](y, *inputs, **options)`` is ∂y/∂input i, of a shape that broadcasts to y's.
        The adjoint is multiplied by it.
    passes : tuple of callable
        In their place where a product would make NaN of 0 × ∞:
        ``passes[i](change, y, *inputs, **options)`` is the change times ∂y/∂input i.

    Examples
    --------
    >>> square = Elementwise("square", lambda x: x * x, partials=(lambda y, x: 2 * x,))
    >>> square.pull(0, np.float64(1.0), np.float64(9.0), np.float64(3.0)).item()
    6.0
    """

    remedy: str = "make each axis equal or 1, counted from the last"
    partials: tuple[Callable[..., Any], ...] = ()
    passes: tuple[Callable[..., Any], ...] = ()

    def pull(self, i: int, dy: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Multiply the adjoint by the local derivative."""
        return self._scaled(i, dy, y, *inputs, **options)

    def push(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Multiply the change by the local derivative."""
        return self._scaled(i, dx, y, *inputs, **options)

    def _scaled(self, i: int, change: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Multiply a change, of either way, by the local derivative."""
        slopes = self.passes or self.partials
        if i >= len(slopes):
            raise ValueError(
                f"{self.name}: each input needs a local derivative; got {len(slopes)} for "
                f"{len(inputs)} inputs; give the rule as many partials"
            )
        if self.passes:
            return np.asarray(slopes[i](change, y, *inputs, **options))
        return np.multiply(change, slopes[i](y, *inputs, **options))


@dataclass(frozen=True, eq=False)
class Reduction(Rule):
    """An operation that folds axes of one input, with options ``axis`` and ``keepdims``.

    Parameters
    ----------
    weights : callable
        ``weights(y, x, axis)`` with y's folded axes kept as 1 is ∂y/∂x, of a shape that
        broadcasts to x's.
    """

    remedy: str = "name axes that x has, each once, and none of them empty"
    weights: Callable[..., Any] = lambda y, x, axis: 1.0

    def pull(self, i: int, dy: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Hand the adjoint back to every element, in its share."""
        (x,), axis = inputs, options.get("axis")
        share = np.multiply(keep_axes(dy, x, axis), self.weights(keep_axes(y, x, axis), x, axis))
        return np.broadcast_to(share, x.shape)

    def push(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Fold the changes, each in its share."""
        (x,), axis = inputs, options.get("axis")
        change = np.multiply(dx, self.weights(keep_axes(y, x, axis), x, axis))
        total: Array = np.sum(change, axis=axis, keepdims=options.get("keepdims", False))
        return total


@dataclass(frozen=True, eq=False)
class Linear(Rule):
    """A linear map of one input, which a change passes through as a value does.

    Parameters
    ----------
    adjoint : callable
        ``dx = adjoint(dy, x, **options)`` is the transposed map.

    Examples
    --------
    >>> flip = Linear("flip", np.flip, adjoint=lambda dy, x: np.flip(dy))
    >>> flip.pull(0, np.array([1, 2, 3]), np.zeros(3), np.zeros(3)).tolist()
    [3, 2, 1]
    """

    adjoint: Callable[..., Any] = lambda dy, x, **options: dy

    def pull(self, i: int, dy: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Map the adjoint back."""
        back: Array = self.adjoint(dy, *inputs, **options)
        return back

    def push(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Map the change as a value."""
        change: Array = self.function(dx, **options)
        return change


@dataclass(frozen=True, eq=False)
class Join(Rule):
    """Several inputs put together, unchanged.

    Parameters
    ----------
    parts : callable
        ``parts(dy, *inputs, **options)`` takes the adjoint apart again, one part for each input.
    """

    parts: Callable[..., Any] = lambda dy, *inputs, **options: dy

    def pulls(
        self, wanted: Sequence[int], dy: Array, y: Array, *inputs: Array, **options: Any
    ) -> list[Array]:
        """Take the adjoint apart once, and pick the wanted parts."""
        parts = self.parts(dy, *inputs, **options)
        return [parts[i].astype(inputs[i].dtype, copy=False)[()] for i in wanted]

    def push(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Put the change together with zeros, for the other inputs stay."""
        changes = [dx if j == i else np.zeros_like(x) for j, x in enumerate(inputs)]
        change: Array = self.function(*changes, **options)
        return change


@dataclass(frozen=True, eq=False)
class MatrixProduct(Rule):
    """The product of matrices, stacks of matrices and vectors, as ``@`` has it."""

    remedy: str = "make the last axis of a as long as the last but one of b (a vector's only one)"

    def pull(self, i: int, dy: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Return dy bᵀ for a, aᵀ dy for b, with vectors as matrices of one row or column."""
        a, b = inputs
        row, column = a.ndim == 1, b.ndim == 1
        dy = dy[..., np.newaxis] if column else dy  # (…, n, m), m = 1 for a vector b
        dy = dy[..., np.newaxis, :] if row else dy
        if i == 0:
            back = dy @ np.swapaxes(b[:, np.newaxis] if column else b, -1, -2)
            return back[..., 0, :] if row else back
        back = np.swapaxes(a[np.newaxis] if row else a, -1, -2) @ dy
        return back[..., 0] if column else back

    def push(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Put the change in the place of its factor."""
        a, b = inputs
        change: Array = dx @ b if i == 0 else a @ dx
        return change


@dataclass(frozen=True, eq=False)
class Function(Rule):
    """A function with a backward pass that returns all gradients at once; reverse mode only.

    Parameters
    ----------
    backward : callable
        ``backward(dy, *inputs, **options)``: one gradient for each floating input, in order,
        or the gradient alone when there is one, as in `dlnotes.functional`. None may stand for
        an input without one.
    """

    backward: Callable[..., Any] = lambda dy, *inputs, **options: dy

    def pulls(
        self, wanted: Sequence[int], dy: Array, y: Array, *inputs: Array, **options: Any
    ) -> list[Array]:
        """Run the backward pass once and pick the wanted gradients."""
        result = self.backward(dy, *inputs, **options)
        results = result if isinstance(result, tuple | list) else (result,)
        grads = [grad for grad in results if grad is not None]
        floating = [i for i, x in enumerate(inputs) if x is not None and x.dtype.kind == "f"]
        shapes = [np.shape(grad) for grad in grads]
        if shapes != [inputs[i].shape for i in floating]:
            raise ValueError(
                f"{self.name}: backward must return one gradient of each floating input's shape; "
                f"got shapes {shapes} for inputs {[inputs[i].shape for i in floating]}; mend it"
            )
        found = dict(zip(floating, grads, strict=True))
        return [np.asarray(found[i], inputs[i].dtype)[()] for i in wanted]

    def push(self, i: int, dx: Array, y: Array, *inputs: Array, **options: Any) -> Array:
        """Refuse: a backward pass alone says nothing of forward mode."""
        raise TypeError(
            f"{self.name}: no forward mode, for the operation was given with a backward pass "
            f"alone; got a change of input {i}; write it with the operations of dlnotes.autodiff"
        )


def unbroadcast(dy: Array, shape: tuple[int, ...]) -> Array:
    """Sum an array back to the shape that was broadcast to its own.

    An element that was used many times receives the sum of what its uses contribute.

    Parameters
    ----------
    dy : ndarray
        Of any shape that `shape` broadcasts to.
    shape : tuple of int

    Returns
    -------
    ndarray
        Of shape `shape`.

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3, 5)), (3, 1)).tolist()
    [[10.0], [10.0], [10.0]]
    """
    if dy.shape == shape:
        return dy
    lead = dy.ndim - len(shape)
    ones = tuple(lead + i for i, n in enumerate(shape) if n == 1 and dy.shape[lead + i] != 1)
    total: Array = np.sum(dy, axis=(*range(lead), *ones), keepdims=True)
    return total.reshape(shape)[()]


def keep_axes(y: Array, x: Array, axis: int | Sequence[int] | None) -> Array:
    """Reshape a reduction's result so that the axes of x that it folded stand as 1.

    Parameters
    ----------
    y : ndarray
        The result, with or without ``keepdims``.
    x : ndarray
        What was reduced.
    axis : int, sequence of int or None
        The axes folded; None means all.

    Returns
    -------
    ndarray
        Of x.ndim axes.

    Examples
    --------
    >>> keep_axes(np.zeros(5), np.zeros((2, 5, 3)), (0, -1)).shape
    (1, 5, 1)
    """
    axes = range(x.ndim) if axis is None else np.atleast_1d(axis) % max(x.ndim, 1)
    return np.reshape(y, [1 if i in axes else n for i, n in enumerate(x.shape)])
