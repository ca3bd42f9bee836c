"""The three oracles of an operation, in one call: PyTorch, central differences, the adjoint.

>>> def test_conv2d(rng):
...     x, w = normal(rng, (2, 3, 7, 5)), normal(rng, (4, 3, 3, 2))
...     agrees(F.conv2d, F.conv2d_backward, torch_conv2d, x, w, options={"stride": 2})

>>> def test_tanh(rng):  # not affine, so J v comes from PyTorch's forward mode
...     agrees(F.tanh, F.tanh_backward, torch.tanh, normal(rng, (5, 3)), affine=False)
"""

import contextlib
import io
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch.autograd import forward_ad

from dlnotes import check

Array = np.ndarray[Any, Any]
FLOAT32 = {"rtol": 1e-4, "atol": 1e-4}
"""Two ways of summing in float32 differ by far less, and a wrong formula by far more."""


def agrees(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    torch_function: Callable[..., Any],
    *inputs: Any,
    options: Mapping[str, Any] | None = None,
    torch_options: Mapping[str, Any] | None = None,
    affine: bool = True,
    float32: bool = True,
    elements: int | None = 24,
    rng: np.random.Generator | None = None,
) -> None:
    """Hold an operation and its backward pass to the three oracles, and to the house's rules.

    The inputs are float64 arrays (integers and None pass through). Beside the three oracles:
    float32 in gives float32 out and agrees with PyTorch; inputs that lie in memory in another
    order give the same; inputs are never changed. Every upstream gradient is random.

    `options` go to forward and backward, `torch_options` to `torch_function` (the same where they
    are left out). `affine` says that the operation is affine in each input on its own, as
    convolution is and softmax is not. `elements` is how many elements of each input are compared
    with central differences, beside three random directions (None: all).
    """
    rng = np.random.default_rng(0) if rng is None else rng
    torch_options = options if torch_options is None else torch_options
    jvp = None if affine else forward_mode(torch_function, torch_options)
    pair = {"options": options, "torch_options": torch_options, "rng": rng}
    with contextlib.redirect_stdout(io.StringIO()):
        check.against_torch(forward, backward, torch_function, *inputs, **pair)
        scattered = map(scatter_in_memory, inputs)
        check.against_torch(forward, backward, torch_function, *scattered, **pair)
        if float32:
            singles = map(as_float32, inputs)
            check.against_torch(forward, backward, torch_function, *singles, **pair, **FLOAT32)
        plain = {"options": options, "rng": rng}
        check.gradient_check(forward, backward, *inputs, **plain, elements=elements)
        check.adjoint_check(forward, backward, *inputs, **plain, jvp=jvp)


def forward_mode(
    function: Callable[..., Any], options: Mapping[str, Any] | None = None
) -> Callable[..., Array]:
    """Return ``jvp(inputs, position, v)`` by PyTorch's forward-mode differentiation."""

    def jvp(inputs: Any, position: int, v: Array) -> Array:
        tensors = [torch.from_numpy(a) if isinstance(a, np.ndarray) else a for a in inputs]
        with forward_ad.dual_level(), warnings.catch_warnings():
            # PyTorch's own first use of forward mode imports something that it has deprecated
            warnings.filterwarnings("ignore", r"`torch\.jit", DeprecationWarning)
            tensors[position] = forward_ad.make_dual(tensors[position], torch.from_numpy(v))
            y = function(*tensors, **(options or {}))
            tangent = forward_ad.unpack_dual(y).tangent
        return np.zeros(y.shape) if tangent is None else tangent.numpy()

    return jvp


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw standard normal values."""
    return rng.standard_normal(shape)


def apart(rng: np.random.Generator, shape: tuple[int, ...], gap: float = 0.01) -> Array:
    """Draw values that are all at least `gap` apart and from zero: no ties, no kinks."""
    size = int(np.prod(shape))
    values = gap * (2 * rng.permutation(size) - size + 0.5)
    return values.reshape(shape)


def scatter_in_memory(a: Any) -> Any:
    """Return an equal array that is neither C-contiguous nor ascending in memory."""
    if not isinstance(a, np.ndarray) or a.ndim == 0:
        return a
    wide = np.zeros((*a.shape[::-1], 2), a.dtype)
    view = wide[..., 1].T[(slice(None, None, -1),) * a.ndim]
    view[...] = a
    return view


def as_float32(a: Any) -> Any:
    """Turn float64 arrays to float32, and leave the rest."""
    floating = isinstance(a, np.ndarray) and a.dtype == np.float64
    return a.astype(np.float32) if floating else a


@contextlib.contextmanager
def refuses(error: type[Exception], *parts: str):
    """Expect exactly this kind of error, and every part, in this order, in its message."""
    with pytest.raises(error) as caught:
        yield
    assert type(caught.value) is error
    pattern = ".*".join(map(re.escape, parts))
    assert re.search(pattern, str(caught.value), re.DOTALL), str(caught.value)
