"""Random programs, run by autodiff and by PyTorch: values and all gradients agree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff_oracle import forward_of
from dlnotes import autodiff as ad

SIZES = (1, 2, 3, 5)
LEAVES = [(), (5,), (3, 5), (2, 3, 5), (1, 5), (3, 1), (2, 1, 1), (5, 2), (2, 5, 3)]


@dataclass(frozen=True)
class Step:
    """One line of a program: an operation on earlier values, in both languages."""

    name: str
    places: tuple[int, ...]
    ours: Any
    theirs: Any
    note: str = ""

    def __repr__(self):
        return f"{self.name}{self.places}{self.note}"


UNARY = {  # bounded, so that long programs stay finite
    "tanh": (ad.tanh, torch.tanh),
    "sigmoid": (ad.sigmoid, torch.sigmoid),
    "relu": (ad.relu, torch.relu),
    "abs": (abs, torch.abs),
    "negative": (lambda x: -x, lambda x: -x),
    "scale": (lambda x: 0.5 * x, lambda x: 0.5 * x),
    "shift": (lambda x: 1.5 - x, lambda x: 1.5 - x),
    "exp": (lambda x: ad.exp(ad.tanh(x)), lambda x: x.tanh().exp()),
    "log": (lambda x: ad.log(1 + x * x), lambda x: (1 + x * x).log()),
    "sqrt": (lambda x: ad.sqrt(1 + x**2), lambda x: (1 + x**2).sqrt()),
    "power": (lambda x: (1 + x * x) ** -0.7, lambda x: (1 + x * x) ** -0.7),
    "reciprocal": (lambda x: 1 / (2 + ad.sigmoid(x)), lambda x: 1 / (2 + x.sigmoid())),
    "clip": (lambda x: ad.clip(x, -0.6, 0.9), lambda x: x.clamp(-0.6, 0.9)),
}
BINARY = {
    "add": (lambda a, b: a + b, lambda a, b: a + b),
    "subtract": (lambda a, b: a - b, lambda a, b: a - b),
    "multiply": (lambda a, b: a * b, lambda a, b: a * b),
    "divide": (lambda a, b: a / (1 + b * b), lambda a, b: a / (1 + b * b)),
    "maximum": (ad.maximum, torch.maximum),
    "minimum": (ad.minimum, torch.minimum),
    "power": (lambda a, b: (1 + a * a) ** ad.tanh(b), lambda a, b: (1 + a * a) ** b.tanh()),
}


def unary(draw, place, value):
    name = draw(st.sampled_from(sorted(UNARY)))
    return Step(name, (place,), *UNARY[name])


def reduction(draw, place, value):
    name = draw(st.sampled_from(["sum", "mean", "max", "min", "logsumexp"]))
    axes = tuple(draw(st.sets(st.integers(0, value.ndim - 1)))) or tuple(range(value.ndim))
    keep = draw(st.booleans())
    theirs = getattr(torch, {"max": "amax", "min": "amin"}.get(name, name))
    return Step(
        name,
        (place,),
        lambda x: getattr(ad, name)(x, axes, keepdims=keep),
        lambda x: theirs(x, axes, keepdim=keep),
        f"{axes} {keep}",
    )


def softmax(draw, place, value):
    axis, log = draw(st.integers(-value.ndim, value.ndim - 1)), draw(st.booleans())
    ours, theirs = (ad.log_softmax, torch.log_softmax) if log else (ad.softmax, torch.softmax)
    return Step(
        "softmax", (place,), lambda x: ours(x, axis), lambda x: theirs(x, axis), f"{axis} {log}"
    )


def take(draw, place, value):
    axis = draw(st.integers(0, value.ndim - 1))
    rows = draw(
        st.lists(st.integers(-value.shape[axis], value.shape[axis] - 1), min_size=1, max_size=4)
    )
    index = (slice(None),) * axis + (rows,)
    return Step("take", (place,), lambda x: x[index], lambda x: x[index], f"{axis} {rows}")


def cut(draw, place, value):
    index = tuple(
        draw(st.one_of(st.integers(-n, n - 1), st.just(slice(None)), st.just(slice(n // 2, None))))
        for n in value.shape
    )
    return Step("cut", (place,), lambda x: x[index], lambda x: x[index], f"{index}")


def reorder(draw, place, value):
    axes = tuple(draw(st.permutations(range(value.ndim))))
    return Step(
        "transpose", (place,), lambda x: x.transpose(axes), lambda x: x.permute(axes), f"{axes}"
    )


def flatten(draw, place, value):
    return Step("reshape", (place,), lambda x: x.reshape(-1), lambda x: x.reshape(-1))


def binary(draw, place, value, other, second):
    np.broadcast_shapes(value.shape, second.shape)  # ValueError: not this pair
    name = draw(st.sampled_from(sorted(BINARY)))
    return Step(name, (place, other), *BINARY[name])


def product(draw, place, value, other, second):
    np.matmul(value, second)
    return Step("matmul", (place, other), lambda a, b: a @ b, lambda a, b: a @ b)


def join(draw, place, value, other, second):
    if 0 in (value.ndim, second.ndim) or value.shape[1:] != second.shape[1:]:
        raise ValueError
    return Step(
        "concatenate", (place, other, place), lambda *t: ad.concatenate(t), lambda *t: torch.cat(t)
    )


def pile(draw, place, value, other, second):
    if value.shape != second.shape:
        raise ValueError
    return Step("stack", (place, other), lambda *t: ad.stack(t, -1), lambda *t: torch.stack(t, -1))


ON_AXES = (reduction, softmax, take, cut, reorder, flatten)
ON_TWO = (binary, binary, product, join, pile)


@st.composite
def programs(draw):
    """Leaves and steps; plain NumPy (arrays in, arrays out) tells which steps fit."""
    shapes = draw(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    leaves = [np.asarray(rng.standard_normal(shape)) for shape in shapes]
    values, steps = list(leaves), []
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(values) - 1))
        one = [unary, *(ON_AXES if values[place].ndim else ())]
        make = draw(st.sampled_from([*one, *ON_TWO]))
        if make in ON_TWO:
            other = draw(st.integers(0, len(values) - 1))
            try:
                step = make(draw, place, values[place], other, values[other])
            except ValueError:
                step = unary(draw, place, values[place])
        else:
            step = make(draw, place, values[place])
        values.append(np.asarray(step.ours(*(values[i] for i in step.places))))
        steps.append(step)
    return leaves, steps, rng.standard_normal(values[-1].shape)


def run(leaves, steps, language):
    values = list(leaves)
    for step in steps:
        values.append(getattr(step, language)(*(values[i] for i in step.places)))
    return values[-1]


@settings(max_examples=400)
@given(programs())
def test_random_programs_have_pytorchs_values_and_gradients(program):
    leaves, steps, dy = program
    tensors = [torch.from_numpy(leaf.copy()).requires_grad_() for leaf in leaves]
    want = run(tensors, steps, "theirs")
    want.backward(torch.from_numpy(np.asarray(dy)))
    variables = [ad.Variable(leaf) for leaf in leaves]
    got = run(variables, steps, "ours")
    got.backward(dy)
    np.testing.assert_allclose(got.value, want.detach().numpy(), rtol=1e-10, atol=1e-12)
    for ours, theirs in zip(variables, tensors, strict=True):
        assert (ours.grad is None) == (theirs.grad is None)
        if theirs.grad is not None:
            assert ours.grad.shape == ours.value.shape
            np.testing.assert_allclose(ours.grad, theirs.grad.numpy(), rtol=1e-10, atol=1e-11)


@settings(max_examples=150)
@given(programs())
def test_forward_and_reverse_mode_are_adjoint(program):
    leaves, steps, dy = program
    rng = np.random.default_rng(len(steps))
    v = [rng.standard_normal(leaf.shape) for leaf in leaves]
    f = lambda *a: run(a, steps, "ours")  # noqa: E731
    _, grads = ad.vjp(f, leaves, dy)
    tangent = sum(forward_of(f)(leaves, i, change) for i, change in enumerate(v))
    left, right = np.sum(dy * tangent), sum(np.sum(g * t) for g, t in zip(grads, v, strict=True))
    size = np.sum(np.abs(dy * tangent)) + sum(
        np.sum(np.abs(g * t)) for g, t in zip(grads, v, strict=True)
    )
    assert abs(left - right) <= 1e-10 * size
