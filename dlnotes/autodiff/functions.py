"""The functions of a graph, under NumPy's and PyTorch's names.

Each takes Variables, arrays or numbers, and returns what came in: arrays stay arrays, so the same
formula can be computed and differentiated. Elementwise functions of one argument keep its shape, as
`exp` says for all of them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dlnotes.autodiff import table
from dlnotes.autodiff._reading import as_numbers, is_sequence, require_callable
from dlnotes.autodiff.operand import FUNCTIONS, Axis, Operand, apply
from dlnotes.autodiff.rules import Array, Function

__all__ = [
    "absolute",
    "broadcast_to",
    "clip",
    "concatenate",
    "exp",
    "log",
    "log_softmax",
    "logsumexp",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "operation",
    "relu",
    "reshape",
    "sigmoid",
    "softmax",
    "sqrt",
    "stack",
    "sum",
    "tanh",
    "transpose",
    "where",
]

Term = Operand | ArrayLike


def exp(x: Term) -> Any:
    r"""Return the exponential of each element.

    .. math:: y = e^x, \qquad \frac{dy}{dx} = y

    Parameters
    ----------
    x : Variable or array
        Of any shape.

    Returns
    -------
    Variable or ndarray
        Of x's shape.

    References
    ----------
    Concept local-derivatives.

    Examples
    --------
    >>> exp(0.0).item()
    1.0
    """
    return apply(table.EXP, x)


def log(x: Term) -> Any:
    r"""Return the natural logarithm of each element.

    .. math:: y = \ln x, \qquad \frac{dy}{dx} = \frac{1}{x}
    """
    return apply(table.LOG, x)


def sqrt(x: Term) -> Any:
    r"""Return the square root of each element.

    .. math:: y = \sqrt{x}, \qquad \frac{dy}{dx} = \frac{1}{2y}
    """
    return apply(table.SQRT, x)


def tanh(x: Term) -> Any:
    r"""Return the hyperbolic tangent of each element.

    .. math:: y = \tanh x, \qquad \frac{dy}{dx} = 1 - y^2

    Concept activations.
    """
    return apply(table.TANH, x)


def sigmoid(x: Term) -> Any:
    r"""Return the logistic function of each element.

    .. math:: y = \frac{1}{1 + e^{-x}}, \qquad \frac{dy}{dx} = y\,(1 - y)

    Concept sigmoid-derivative.
    """
    return apply(table.SIGMOID, x)


def relu(x: Term) -> Any:
    r"""Return the positive part of each element.

    .. math:: y = \max(x, 0), \qquad \frac{dy}{dx} = [x > 0]

    Concept activations.
    """
    return apply(table.RELU, x)


def absolute(x: Term) -> Any:
    r"""Return the absolute value of each element.

    .. math:: y = |x|, \qquad \frac{dy}{dx} = \operatorname{sign} x
    """
    return apply(table.ABSOLUTE, x)


def maximum(a: Term, b: Term) -> Any:
    """Return the larger of two values, element by element.

    The gradient is routed to the larger one; a tie splits it in halves, as in PyTorch.

    Parameters
    ----------
    a, b : Variable or array
        Of shapes that broadcast.

    Returns
    -------
    Variable or ndarray
        Of the common shape.

    References
    ----------
    Concept local-derivatives.

    Examples
    --------
    >>> maximum([1.0, 5.0], 2.0).tolist()
    [2.0, 5.0]
    """
    return apply(table.MAXIMUM, a, b)


def minimum(a: Term, b: Term) -> Any:
    """Return the smaller of two values, element by element: `maximum` the other way round."""
    return apply(table.MINIMUM, a, b)


def clip(x: Term, low: ArrayLike | None = None, high: ArrayLike | None = None) -> Any:
    """Return x held within bounds; the gradient passes where x lies within them.

    Parameters
    ----------
    x : Variable or array
        Of any shape.
    low, high : float, array or None
        Bounds that broadcast to x's shape; a value that equals one passes the gradient. None is
        no bound.

    Returns
    -------
    Variable or ndarray
        Of x's shape.

    Examples
    --------
    >>> clip([-3.0, 0.5, 3.0], -1, 1).tolist()
    [-1.0, 0.5, 1.0]
    """
    return apply(table.CLIP, x, low=_own("clip", low), high=_own("clip", high))


def where(condition: ArrayLike, a: Term, b: Term) -> Any:
    """Return a where a condition holds and b elsewhere; the gradient follows the choice.

    Parameters
    ----------
    condition : bool array
        A plain array: a choice has no derivative.
    a, b : Variable or array
        Of shapes that broadcast with the condition's.

    Returns
    -------
    Variable or ndarray
        Of the common shape.

    Examples
    --------
    >>> where([True, False], [1.0, 2.0], 0.0).tolist()
    [1.0, 0.0]
    """
    return apply(table.WHERE, a, b, condition=_own("where", condition))


def sum(x: Term, axis: Axis = None, *, keepdims: bool = False) -> Any:
    r"""Return the sum over axes.

    .. math:: y = \sum_i x_i, \qquad \frac{\partial y}{\partial x_i} = 1

    Parameters
    ----------
    x : Variable or array
        Of any shape.
    axis : int, sequence of int or None
        The axes that are folded; None means all.
    keepdims : bool
        Keep the folded axes, of size 1.

    Returns
    -------
    Variable or ndarray
        Of x's shape without the folded axes.

    Examples
    --------
    >>> sum([1.0, 2.0]).item()
    3.0
    """
    return apply(table.SUM, x, axis=axis, keepdims=keepdims)


def mean(x: Term, axis: Axis = None, *, keepdims: bool = False) -> Any:
    r"""Return the mean over axes, which `sum` describes.

    .. math:: y = \frac{1}{n} \sum_i x_i, \qquad \frac{\partial y}{\partial x_i} = \frac{1}{n}
    """
    return apply(table.MEAN, x, axis=axis, keepdims=keepdims)


def max(x: Term, axis: Axis = None, *, keepdims: bool = False) -> Any:
    r"""Return the maximum over axes, which `sum` describes.

    .. math:: y = \max_i x_i, \qquad
              \frac{\partial y}{\partial x_i} = \frac{[x_i = y]}{\#\{j : x_j = y\}}

    Elements that tie share the gradient equally, as in ``torch.amax``.
    """
    return apply(table.MAX, x, axis=axis, keepdims=keepdims)


def min(x: Term, axis: Axis = None, *, keepdims: bool = False) -> Any:
    r"""Return the minimum over axes, which `sum` describes.

    .. math:: y = \min_i x_i, \qquad
              \frac{\partial y}{\partial x_i} = \frac{[x_i = y]}{\#\{j : x_j = y\}}

    Elements that tie share the gradient equally, as in ``torch.amin``.
    """
    return apply(table.MIN, x, axis=axis, keepdims=keepdims)


def logsumexp(x: Term, axis: Axis = None, *, keepdims: bool = False) -> Any:
    r"""Return the logarithm of the sum of exponentials over axes, which `sum` describes.

    .. math:: y = \ln \sum_i e^{x_i}, \qquad \frac{\partial y}{\partial x_i} = e^{x_i - y}

    The largest element is subtracted first, so that nothing overflows.
    """
    return apply(table.LOGSUMEXP, x, axis=axis, keepdims=keepdims)


def log_softmax(x: Term, axis: int = -1) -> Any:
    r"""Return the logarithm of `softmax` along an axis, without overflow.

    .. math:: y_i = x_i - \ln \sum_j e^{x_j}

    Concept softmax.
    """
    z = _shifted(x, axis)
    return apply(table.SUBTRACT, z, logsumexp(z, axis, keepdims=True))


def softmax(x: Term, axis: int = -1) -> Any:
    r"""Return the softmax along an axis, without overflow.

    .. math:: y_i = \frac{e^{x_i}}{\sum_j e^{x_j}}

    Parameters
    ----------
    x : Variable or array
        Logits of any shape.
    axis : int
        The axis of the classes.

    Returns
    -------
    Variable or ndarray
        Probabilities, of x's shape.

    References
    ----------
    Concept softmax.

    Examples
    --------
    >>> softmax([[1000.0, 1000.0]]).tolist()
    [[0.5, 0.5]]
    """
    e = exp(_shifted(x, axis))
    return apply(table.DIVIDE, e, sum(e, axis, keepdims=True))


def reshape(x: Term, shape: int | Sequence[int]) -> Any:
    """Return the elements, in order, in another shape.

    Parameters
    ----------
    x : Variable or array
        Of any shape.
    shape : int or sequence of int
        One size may be -1, which is then computed.

    Returns
    -------
    Variable or ndarray
        Of the new shape.

    Examples
    --------
    >>> reshape(np.zeros((2, 3, 5)), (6, -1)).shape
    (6, 5)
    """
    return apply(table.RESHAPE, x, shape=shape)


def transpose(x: Term, axes: Sequence[int] | None = None) -> Any:
    """Return the axes in another order.

    Parameters
    ----------
    x : Variable or array
        Of any shape.
    axes : sequence of int or None
        The old axis that stands at each new place; None reverses them.

    Returns
    -------
    Variable or ndarray
        Of the shape so ordered.

    Examples
    --------
    >>> transpose(np.zeros((2, 3, 5)), (1, 0, 2)).shape
    (3, 2, 5)
    """
    return apply(table.TRANSPOSE, x, axes=axes)


def broadcast_to(x: Term, shape: Sequence[int]) -> Any:
    """Return x repeated to a shape; the gradient sums over the repetitions.

    Parameters
    ----------
    x : Variable or array
        Of a shape that broadcasts to the new one.
    shape : sequence of int
        The new shape.

    Returns
    -------
    Variable or ndarray
        Of that shape.

    Examples
    --------
    >>> broadcast_to(np.zeros((3, 1)), (2, 3, 5)).shape
    (2, 3, 5)
    """
    return apply(table.BROADCAST_TO, x, shape=shape)


def concatenate(terms: Sequence[Term], axis: int = 0) -> Any:
    """Join values along an axis that they have.

    Parameters
    ----------
    terms : sequence of Variable or array
        Of equal shapes but for that axis.
    axis : int
        The axis joined.

    Returns
    -------
    Variable or ndarray
        As long on that axis as all together.

    Examples
    --------
    >>> concatenate([np.zeros((2, 3)), np.zeros((2, 5))], axis=1).shape
    (2, 8)
    """
    return apply(table.CONCATENATE, *_terms("concatenate", terms), axis=axis)


def stack(terms: Sequence[Term], axis: int = 0) -> Any:
    """Join values along a new axis.

    Parameters
    ----------
    terms : sequence of Variable or array
        Of one shape.
    axis : int
        Where the new axis stands.

    Returns
    -------
    Variable or ndarray
        Of one axis more.

    Examples
    --------
    >>> stack([np.zeros(3), np.zeros(3)], axis=1).shape
    (3, 2)
    """
    return apply(table.STACK, *_terms("stack", terms), axis=axis)


def operation(
    forward: Callable[..., Array], backward: Callable[..., Any], *, name: str | None = None
) -> Callable[..., Any]:
    """Make an operation of the graph from a function and its backward pass.

    Parameters
    ----------
    forward : callable
        ``y = forward(*inputs, **options)``, arrays in and one array out.
    backward : callable
        ``backward(dy, *inputs, **options)``: one gradient for each floating input, in order, or
        the gradient alone when there is one; as in `dlnotes.functional`.
    name : str, optional
        Name in traces and messages; the default is the function's own.

    Returns
    -------
    callable
        ``f(*operands, **options)`` for Variables and arrays; in reverse mode only.

    Examples
    --------
    >>> from dlnotes.autodiff import Variable
    >>> cube = operation(lambda x: x**3, lambda dy, x: dy * 3 * x**2, name="cube")
    >>> x = Variable([1.0, 2.0])
    >>> cube(x).backward(seed=[1.0, 1.0])
    >>> x.grad.tolist()
    [3.0, 12.0]
    """
    require_callable("operation", forward=forward, backward=backward)
    if not isinstance(name, str | None):
        raise TypeError(
            f"operation: name is a word; got {type(name).__name__}; give for example 'cube'"
        )
    rule = Function(name or forward.__name__, forward, backward=backward)

    def apply_operation(*operands: Any, **options: Any) -> Any:
        return apply(rule, *operands, **options)

    apply_operation.__name__ = rule.name
    return apply_operation


def _shifted(x: Term, axis: int) -> Any:
    """Subtract the maximum, as a constant: the softmax and its gradient stay the same."""
    value = x.value if isinstance(x, Operand) else x
    if not getattr(value, "size", 1):
        return apply(table.SUBTRACT, x, 0.0)  # nothing has no maximum
    return apply(table.SUBTRACT, x, apply(table.MAX, value, axis=axis, keepdims=True))


def _terms(caller: str, terms: Any) -> tuple[Any, ...]:
    """Read the values that are joined."""
    if not is_sequence(terms) or not len(terms):
        raise TypeError(
            f"{caller}: terms is a sequence of values, one or more; got {str(terms)[:60]!r} "
            f"({type(terms).__name__}); give for example [x, y]"
        )
    return tuple(terms)


def _own(caller: str, option: ArrayLike | None) -> Array | None:
    """Copy an array-like option, so that it cannot change under the graph."""
    if isinstance(option, Operand):
        raise TypeError(
            f"{caller}: bounds and conditions have no derivative; got a {type(option).__name__} "
            f"of shape {option.shape}; pass its .value"
        )
    if option is None:
        return None
    own: Array = np.copy(as_numbers(caller, "a bound or a condition", option))[()]
    return own


FUNCTIONS.update({name: globals()[name] for name in __all__})
