"""A fourth oracle for an operation: the same formula, written with autodiff; and autodiff forwards.

>>> def test_linear(rng):
...     x, w, b = (rng.standard_normal(shape) for shape in ((7, 3), (5, 3), (5,)))
...     agrees_with_autodiff(F.linear, F.linear_backward, lambda x, w, b: x @ w.T + b, x, w, b)
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from dlnotes import autodiff as ad
from dlnotes.autodiff.variable import order
from dlnotes.check.derivatives import is_floating, run_backward


def agrees_with_autodiff(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    program: Callable[..., Any],
    *inputs: Any,
    options: Mapping[str, Any] | None = None,
    rng: np.random.Generator | None = None,
    rtol: float = 1e-10,
) -> None:
    """Hold an operation and its backward pass to a program of autodiff, for a random dy.

    `program(*inputs)` receives a Variable for each floating input, the rest as it is; options
    that it needs it closes over.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    places = [i for i, a in enumerate(inputs) if is_floating(a)]

    def of_floats(*floats: Any) -> Any:
        given = list(inputs)
        for i, a in zip(places, floats, strict=True):
            given[i] = a
        return program(*given)

    y = forward(*inputs, **(options or {}))
    dy = np.asarray(rng.standard_normal(np.shape(y)))
    want_y, want = ad.vjp(of_floats, [inputs[i] for i in places], dy)
    np.testing.assert_allclose(y, want_y, rtol=rtol, atol=1e-12)
    got = run_backward("backward", backward, dy, inputs, options or {})
    for i, grad in zip(places, want, strict=True):
        np.testing.assert_allclose(got[i], grad, rtol=rtol, atol=1e-12, err_msg=f"input {i}")


def forward_of(f: Callable[..., Any]) -> Callable[[Sequence[Any], int, Any], Any]:
    """Return ``jvp(inputs, position, v)``: J v where the messages of forward mode end."""

    def jvp(inputs: Sequence[Any], position: int, v: Any) -> Any:
        leaves = [ad.Variable(a) for a in inputs]
        y, leaf = f(*leaves), leaves[position]
        if leaf not in order(y):
            return np.zeros(y.shape)
        return ad.forward_trace(y, leaf, v)[-1].total

    return jvp


def windows(x: Any, kernel: Any, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1) -> Any:
    """Gather the windows of (N, C, H, W), padded with zeros: (N, C, P, Q, R, S)."""
    x = padded(padded(x, 2, pair(padding)[0]), 3, pair(padding)[1])
    rows, columns = (
        np.arange(0, n - d * (k - 1), s)[:, None] + d * np.arange(k)
        for n, k, s, d in zip(x.shape[2:], pair(kernel), pair(stride), pair(dilation), strict=True)
    )
    return x[:, :, rows[:, None, :, None], columns[None, :, None, :]]


def padded(x: Any, axis: int, p: int) -> Any:
    """Put p zeros on both sides of an axis."""
    zeros = np.zeros([p if i == axis else n for i, n in enumerate(x.shape)])
    return ad.concatenate([zeros, x, zeros], axis=axis)


def pair(n: Any) -> tuple[int, int]:
    """Read an option that is one number or two."""
    return (n, n) if isinstance(n, int) else n
