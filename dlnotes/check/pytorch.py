"""Comparing an operation and its backward pass with PyTorch and its autograd."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dlnotes._extras import require
from dlnotes.check.comparing import Array, Mismatch, as_array, passed, require_close, tolerance
from dlnotes.check.derivatives import Operation, is_floating, name_of, run_backward


def against_torch(
    forward: Operation,
    backward: Operation | None,
    torch_function: Callable[..., Any],
    *inputs: Any,
    options: Mapping[str, Any] | None = None,
    torch_options: Mapping[str, Any] | None = None,
    rng: np.random.Generator | None = None,
    rtol: float = 1e-10,
    atol: float = 1e-12,
    label: str = "",
) -> None:
    """Run an operation here and in PyTorch, and compare outputs and all gradients.

    Both receive copies of the same inputs and the same random upstream gradient. Shape, dtype
    and values must agree, and the inputs must come out unchanged.

    Parameters
    ----------
    forward, backward, *inputs, options, rng, label
        As in `gradient_check`, but float32 inputs are welcome. Without a backward (None) the
        outputs alone are compared.
    torch_function : callable
        The same operation on tensors; its gradients come from autograd.
    torch_options : mapping
        Keyword arguments of `torch_function`, where they differ from `options`.
    rtol, atol : float
        Tolerances of `close`; float32 needs about ``rtol=1e-4, atol=1e-5``.

    Raises
    ------
    Mismatch
        If an output or a gradient differs, or an input was changed.
    TypeError
        If the gradients are not one a floating input.
    ImportError
        If PyTorch is missing.

    Examples
    --------
    >>> import torch
    >>> x = np.linspace(-1.0, 1.0, 6)
    >>> back = lambda dy, x: dy * (1 - np.tanh(x) ** 2)
    >>> against_torch(np.tanh, back, torch.tanh, x, label="tanh")
    ✓ tanh: output (6,) and 1 gradient agree with PyTorch to 1e-10
    """
    name, options = label or name_of(forward), dict(options or {})
    rng = np.random.default_rng(0) if rng is None else rng
    before = [a.copy() if isinstance(a, np.ndarray) else a for a in inputs]
    y = as_array(forward(*inputs, **options))
    dy = rng.standard_normal(y.shape).astype(y.dtype)
    grads = {} if backward is None else run_backward(name, backward, dy, inputs, options)
    _require_unchanged(name, inputs, before)

    used = options if torch_options is None else dict(torch_options)
    want_y, want_grads = _run_torch(torch_function, before, dy, used, list(grads))
    _compare(f"{name}: output", y, want_y, rtol, atol)
    for position, grad in grads.items():
        _compare(f"{name}: gradient of input {position}", grad, want_grads[position], rtol, atol)
    also = f" and {len(grads)} gradient{'s' * (len(grads) != 1)}" if backward else ""
    verb = "agree" if also else "agrees"
    passed(f"{name}: output {y.shape}{also} {verb} with PyTorch to {tolerance(rtol, atol)}")


def _run_torch(
    function: Callable[..., Any],
    inputs: list[Any],
    dy: Array,
    options: Mapping[str, Any],
    wanted: list[int],
) -> tuple[Array, dict[int, Array]]:
    """Run a torch function and autograd; return its output and the wanted gradients."""
    torch = require("torch", extra="torch", feature="dlnotes.check.against_torch")
    tensors = [
        torch.from_numpy(a.copy(order="C")) if isinstance(a, np.ndarray) else a for a in inputs
    ]
    leaves = [tensors[position].requires_grad_() for position in wanted]
    y = function(*tensors, **options)
    if tuple(y.shape) != dy.shape or not leaves:
        return as_array(y), {}  # the comparison of the outputs will tell
    found = torch.autograd.grad(y, leaves, torch.from_numpy(dy), materialize_grads=True)
    return as_array(y), dict(zip(wanted, map(as_array, found), strict=True))


def _compare(label: str, got: Array, want: Array, rtol: float, atol: float) -> None:
    """Compare shape, dtype and values."""
    if got.shape == want.shape and got.dtype != want.dtype:
        raise Mismatch(f"{label}: dtypes differ; got {got.dtype}, want {want.dtype}")
    require_close(got, want, rtol=rtol, atol=atol, label=label)


def _require_unchanged(name: str, inputs: tuple[Any, ...], before: list[Any]) -> None:
    """Refuse an operation that writes into its inputs."""
    for position, (a, b) in enumerate(zip(inputs, before, strict=True)):
        if is_floating(a) and not np.array_equal(a, b, equal_nan=True):
            raise Mismatch(f"{name}: input {position} was changed by the operation; copy it first")
