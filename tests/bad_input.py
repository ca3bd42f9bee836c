"""Bad input, at random: an operation gives what PyTorch gives, or refuses in the house's words.

>>> @given(st.data())
... def test_relu(data):
...     x = data.draw(anything(SHAPES))
...     pytorch_or_refusal(F.relu, torch.relu, x)
...     dy = data.draw(anything(nearly(x)))
...     gradients_or_refusal(F.relu_backward, torch.relu, dy, x)
"""

import re
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

SHAPES = st.lists(st.integers(0, 4), max_size=4).map(tuple)
VALUES = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 0.3, 1000.0, -1000.0])
WRONG_DTYPES = ("int64", "int32", "uint8", "bool", "complex128", "float16", "longdouble", "O", "U4")
NO_ARRAYS = (None, 3, True, "x", [0.5, 1.0], (1.0,), 1j, torch.ones(2), {"x": 1.0})


@st.composite
def mostly(draw, good, bad):
    """Draw from one strategy, and now and then from the other."""
    return draw(bad if draw(st.integers(0, 11)) == 5 else good)


@st.composite
def floats(draw, shape, dtype=np.float64):
    """An array of the shape: normal values with a few of NaN, infinity, zero and ±1000."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    a = rng.standard_normal(shape)
    special = rng.random(shape) < draw(st.sampled_from([0.0, 0.0, 0.2]))
    return np.where(special, rng.choice(VALUES, shape), a).astype(dtype)


@st.composite
def anything(draw, shapes, dtype=np.float64):
    """Mostly a floating array of a drawn shape, sometimes another dtype or no array at all."""
    kind = draw(st.sampled_from(["float"] * 8 + ["float32", "wrong", "no array"]))
    if kind == "no array":
        return draw(st.sampled_from(NO_ARRAYS))
    shape = draw(shapes)
    if kind == "wrong":
        name = draw(st.sampled_from(WRONG_DTYPES))
        return np.ones(shape).astype(name)
    return draw(floats(shape, np.float32 if kind == "float32" else dtype))


def tame(a: Any) -> Any:
    """Replace what is not finite, where there are floats."""
    floating = isinstance(a, np.ndarray) and a.dtype.kind == "f"
    return np.where(np.isfinite(a), a, a.dtype.type(-1000)) if floating else a


@st.composite
def nearly(draw, like: Any):
    """Mostly the shape of `like`, sometimes one that broadcasts with it, or any other."""
    shape = np.shape(like) if isinstance(like, np.ndarray) else ()
    kind = draw(st.sampled_from(["same"] * 4 + ["ones", "shorter", "longer", "reversed", "any"]))
    if kind == "ones" and shape:
        axis = draw(st.integers(0, len(shape) - 1))
        return (*shape[:axis], 1, *shape[axis + 1 :])
    if kind == "longer":
        return (*shape, 1)
    others = {"shorter": shape[1:], "reversed": shape[::-1], "any": draw(SHAPES)}
    return others.get(kind, shape)


@np.errstate(all="ignore")
def pytorch_or_refusal(
    function: Callable[..., Any],
    torch_function: Callable[..., Any],
    *args: Any,
    options: Mapping[str, Any] | None = None,
    torch_options: Mapping[str, Any] | None = None,
) -> bool:
    """Hold a call to PyTorch's result, or to a refusal; say whether there was a result."""
    options = options or {}
    try:
        got = function(*args, **options)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, function.__name__)
        return False
    used = options if torch_options is None else torch_options
    want = torch_function(*map(to_tensor, args), **{k: to_tensor(v) for k, v in used.items()})
    assert_same(got, want, args)
    return True


@np.errstate(all="ignore")
def gradients_or_refusal(
    backward: Callable[..., Any],
    torch_function: Callable[..., Any],
    dy: Any,
    *args: Any,
    options: Mapping[str, Any] | None = None,
    torch_options: Mapping[str, Any] | None = None,
    wanted: tuple[int, ...] = (0,),
) -> bool:
    """Hold a backward pass to autograd's gradients of the arguments wanted, or to a refusal."""
    options = options or {}
    try:
        got = backward(dy, *args, **options)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, backward.__name__)
        return False
    used = options if torch_options is None else torch_options
    tensors = [to_tensor(a) for a in args]
    leaves = [tensors[i].requires_grad_() for i in wanted if tensors[i] is not None]
    y = torch_function(*tensors, **{k: to_tensor(v) for k, v in used.items()})
    upstream = torch.as_tensor(np.asarray(dy)).to(y.dtype)
    want = torch.autograd.grad(y, leaves, upstream, materialize_grads=True)
    gots = [g for g in (got if isinstance(got, tuple) else (got,)) if g is not None]
    assert len(gots) == len(want)
    for g, w in zip(gots, want, strict=True):
        assert_same(g, w, args)
    return True


def to_tensor(a: Any) -> Any:
    """Turn arrays into tensors, labels into PyTorch's int64, and leave the rest."""
    if isinstance(a, np.generic):
        a = np.asarray(a)
    if not isinstance(a, np.ndarray):
        return a
    return torch.from_numpy(a.astype(np.int64) if a.dtype.kind in "iu" else a.copy(order="C"))


def assert_same(got: Any, want: torch.Tensor, args: Any) -> None:
    """Compare shape, dtype and values, where NaN equals NaN."""
    got, expected = np.asarray(got), want.detach().numpy()
    assert got.shape == expected.shape, (got.shape, expected.shape, args)
    assert got.dtype == expected.dtype, (got.dtype, expected.dtype, args)
    rtol = 1e-10 if got.dtype == np.float64 else 1e-4
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol / 10, err_msg=repr(args))


def assert_in_house_style(error: Exception, name: str) -> None:
    """Hold an error to the house's message, raised by the house and not inside NumPy."""
    assert type(error) in (TypeError, ValueError)
    assert re.match(rf"{name}(, axis \w+)?: .+; got .+; .+", str(error), re.DOTALL), repr(error)
    raised_in = traceback.extract_tb(error.__traceback__)[-1].filename
    assert "dlnotes" in raised_in.replace("\\", "/").split("/"), raised_in
