"""Checking a backward pass without another library: differences, and the adjoint identity."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlnotes.check.comparing import Array, Mismatch, as_array, passed, require_close, tolerance

Operation = Callable[..., Any]
Jvp = Callable[[Sequence[Any], int, Array], Array]


def gradient_check(
    forward: Operation,
    backward: Operation,
    *inputs: Any,
    options: Mapping[str, Any] | None = None,
    rng: np.random.Generator | None = None,
    elements: int | None = 64,
    directions: int = 3,
    step: float = 1e-5,
    rtol: float = 1e-6,
    label: str = "",
) -> None:
    r"""Compare a backward pass with central differences, under a random upstream gradient.

    With :math:`L(a) = \langle dy, f(a) \rangle` for a random dy, each gradient :math:`g` must
    satisfy, along single elements and along random directions :math:`v`,

    .. math:: \langle g, v \rangle \approx \frac{L(a + h v) - L(a - h v)}{2 h}

    Parameters
    ----------
    forward : callable
        ``y = forward(*inputs, **options)``, one array.
    backward : callable
        ``backward(dy, *inputs, **options)``: one gradient for each input, or the gradient alone
        when there is one. Inputs that are None or hold integers have none (or None).
    *inputs : float64 array, integer array or None
        Arguments of `forward`.
    options : mapping
        Keyword arguments for both.
    rng : numpy Generator
        Draws dy, the elements and the directions; the default is seeded with 0.
    elements : int or None
        How many elements of each input are checked on their own; None means all of them.
    directions : int
        How many random directions through each input are checked.
    step : float
        The h of the formula.
    rtol : float
        Tolerance relative to the largest gradient of the input.
    label : str
        Name in the line and the message; the default is the function's own.

    Raises
    ------
    Mismatch
        If a gradient differs in shape, dtype or value; the message names the input, the element
        and both values.
    TypeError
        If an input is floating but not float64, or the gradients are not one an input.

    Examples
    --------
    >>> x = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
    >>> gradient_check(np.tanh, lambda dy, x: dy * (1 - np.tanh(x) ** 2), x, label="tanh")
    ✓ tanh: gradient of 1 input agrees with central differences to 1e-6
    """
    name, options = label or name_of(forward), dict(options or {})
    rng = np.random.default_rng(0) if rng is None else rng
    _require_float64("gradient_check", inputs)
    y = as_array(forward(*inputs, **options))
    dy = rng.standard_normal(y.shape)
    grads = run_backward(name, backward, dy, inputs, options)
    floor = 8 * np.finfo(float).eps * float(np.abs(dy * y).sum()) / step  # rounding of L

    for position, grad in grads.items():

        def loss(a: Array, position: int = position) -> float:
            changed = [*inputs[:position], a, *inputs[position + 1 :]]
            return float((dy * as_array(forward(*changed, **options))).sum())

        a, size = inputs[position], float(np.abs(grad).max(initial=0.0))
        for where, v in _probes(a, elements, directions, rng):
            want = (loss(a + step * v) - loss(a - step * v)) / (2 * step)
            got = float((grad * v).sum())
            allowed = rtol * size + floor
            if not abs(got - want) <= allowed:
                raise Mismatch(
                    f"{name}: gradient of input {position} {where} is wrong: backward gives "
                    f"{got!r}, central differences {want!r}, {abs(got - want):.3g} apart; "
                    f"allowed {allowed:.3g}; shape {a.shape}"
                )
    passed(f"{name}: {_gradients(grads)} with central differences to {tolerance(rtol)}")


def adjoint_check(
    forward: Operation,
    backward: Operation,
    *inputs: Any,
    options: Mapping[str, Any] | None = None,
    jvp: Jvp | None = None,
    rng: np.random.Generator | None = None,
    rtol: float = 1e-10,
    label: str = "",
) -> None:
    r"""Check that a backward pass is the adjoint (the transpose) of the derivative.

    For a random upstream gradient dy and a random tangent v of each input,

    .. math:: \langle dy, J v \rangle = \langle J^{\mathsf T} dy, v \rangle

    where the right side comes from `backward`. The left side comes from `jvp`; without one,
    `forward` must be affine in each input, as convolution and average pooling are, and
    :math:`J v = f(a + v) - f(a)` exactly.

    Parameters
    ----------
    forward, backward, *inputs, options, rng, label
        As in `gradient_check`.
    jvp : callable
        ``jvp(inputs, position, v)`` returns J v for the input at `position`: forward-mode
        differentiation, needed for what is not affine.
    rtol : float
        Tolerance relative to the size of the terms that are summed.

    Raises
    ------
    Mismatch
        If the two sides differ; the message names the input and both values.
    TypeError
        As `gradient_check`.
    ValueError
        If `forward` is not affine in an input and `jvp` is missing.

    Examples
    --------
    >>> x = np.arange(6.0).reshape(2, 3)
    >>> adjoint_check(np.cumsum, lambda dy, x: dy[::-1].cumsum()[::-1].reshape(x.shape), x)
    ✓ cumsum: gradient of 1 input is the adjoint to 1e-10
    """
    name, options = label or name_of(forward), dict(options or {})
    rng = np.random.default_rng(0) if rng is None else rng
    _require_float64("adjoint_check", inputs)
    y = as_array(forward(*inputs, **options))
    dy = rng.standard_normal(y.shape)
    grads = run_backward(name, backward, dy, inputs, options)
    for position, grad in grads.items():
        v = rng.standard_normal(grad.shape)
        if jvp is None:
            tangent = _affine_jvp(name, forward, inputs, position, v, options)
        else:
            tangent = as_array(jvp(inputs, position, v))
        require_close(tangent.shape, y.shape, rtol=0, atol=0, label=f"{name}: shape of J v")
        left, right = float((dy * tangent).sum()), float((grad * v).sum())
        size = float(np.abs(dy * tangent).sum() + np.abs(grad * v).sum())
        if not abs(left - right) <= rtol * size:
            raise Mismatch(
                f"{name}: gradient of input {position} is not the adjoint: <dy, J v> = {left!r}, "
                f"<J' dy, v> = {right!r}, {abs(left - right):.3g} apart; shape {grad.shape}"
            )
    verb = "is" if len(grads) == 1 else "are"
    noun = _gradients(grads).rpartition(" ")[0]
    passed(f"{name}: {noun} {verb} the adjoint to {tolerance(rtol)}")


def run_backward(
    name: str, backward: Operation, dy: Array, inputs: Sequence[Any], options: Mapping[str, Any]
) -> dict[int, Array]:
    """Run a backward pass and hold each gradient's shape and dtype to its input's.

    Parameters
    ----------
    name : str
        The operation's name in messages.
    backward, inputs, options
        As in `gradient_check`.
    dy : ndarray
        Upstream gradient, of the output's shape.

    Returns
    -------
    dict of int to ndarray
        The gradient of each floating input, by its position.

    Raises
    ------
    Mismatch
        If a gradient's shape or dtype is not its input's.
    TypeError
        If the gradients are not one a floating input.

    Examples
    --------
    >>> run_backward("double", lambda dy, x: 2 * dy, np.ones(3), [np.zeros(3)], {})[0].shape
    (3,)
    """
    result = backward(dy, *inputs, **options)
    results = result if isinstance(result, tuple | list) else (result,)
    grads = [as_array(grad) for grad in results if grad is not None]
    wanted = [i for i, a in enumerate(inputs) if is_floating(a)]
    if len(grads) != len(wanted):
        raise TypeError(
            f"{name}: backward returned {len(grads)} gradients for {len(wanted)} floating inputs; "
            f"got {len(results)} results; return one gradient for each floating input, in order"
        )
    for position, grad in zip(wanted, grads, strict=True):
        a = inputs[position]
        if (grad.shape, grad.dtype) != (a.shape, a.dtype):
            raise Mismatch(
                f"{name}: gradient of input {position} has shape {grad.shape} {grad.dtype}, "
                f"but the input has {a.shape} {a.dtype}"
            )
    return dict(zip(wanted, grads, strict=True))


def is_floating(value: object) -> bool:
    """Say whether an argument is a floating array, so that it has a gradient.

    Parameters
    ----------
    value : object

    Returns
    -------
    bool

    Examples
    --------
    >>> is_floating(np.zeros(3)), is_floating(np.arange(3)), is_floating(None)
    (True, False, False)
    """
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def name_of(function: Operation) -> str:
    """Return a function's name, or "function" where it has none of use.

    Parameters
    ----------
    function : callable

    Returns
    -------
    str

    Examples
    --------
    >>> name_of(np.cumsum)
    'cumsum'
    """
    name = getattr(function, "__name__", "<")
    return "function" if name.startswith("<") else name


def _require_float64(caller: str, inputs: Sequence[Any]) -> None:
    """Refuse lower precision, in which differences say little."""
    for position, a in enumerate(inputs):
        if is_floating(a) and a.dtype != np.float64:
            raise TypeError(
                f"{caller}: input {position} is {a.dtype}, too coarse for this check; "
                f"got shape {a.shape}; use .astype(np.float64)"
            )


def _probes(
    a: Array, elements: int | None, directions: int, rng: np.random.Generator
) -> Iterator[tuple[str, Array]]:
    """Give the directions to check: single elements, then random ones through the whole array."""
    count = a.size if elements is None else min(elements, a.size)
    for flat in sorted(rng.choice(a.size, count, replace=False).tolist()) if count else []:
        v = np.zeros(a.shape)
        index = tuple(int(i) for i in np.unravel_index(flat, a.shape))
        v[index] = 1.0
        yield f"at {index}", v
    for _ in range(directions if a.size else 0):
        v = rng.standard_normal(a.shape)
        yield "along a random direction", v / np.linalg.norm(v)


def _affine_jvp(
    name: str,
    forward: Operation,
    inputs: Sequence[Any],
    position: int,
    v: Array,
    options: Mapping[str, Any],
) -> Array:
    """Return f(a + v) - f(a), having made sure that f(-v) - f(0) is its negative."""

    def at(a: Array) -> Array:
        changed = [*inputs[:position], a, *inputs[position + 1 :]]
        return as_array(forward(*changed, **options))

    a = inputs[position]
    tangent, other = at(a + v) - at(a), at(-v) - at(np.zeros_like(v))
    size = float(np.abs(tangent).max(initial=0.0))
    if not np.abs(tangent + other).max(initial=0.0) <= 1e-8 * size:
        raise ValueError(
            f"adjoint_check: {name} is not affine in input {position}, so J v is not "
            f"f(a + v) - f(a); got shape {a.shape}; give jvp=(inputs, position, v) -> J v"
        )
    return tangent


def _gradients(grads: Mapping[int, Array]) -> str:
    """Count gradients in words: "gradients of 3 inputs agree"."""
    few = len(grads) == 1
    return f"gradient{'' if few else 's'} of {len(grads)} input{' agrees' if few else 's agree'}"
