"""Every operation of autodiff against PyTorch, central differences and the adjoint identity."""

import contextlib
import io
import operator

import numpy as np
import pytest
import torch

from autodiff_oracle import forward_of
from dlnotes import autodiff as ad
from dlnotes import check
from oracles import agrees, apart, normal


def backward_of(f):
    """The backward pass that reverse mode gives, as ``backward(dy, *inputs)``."""
    return lambda dy, *inputs: ad.vjp(f, inputs, dy)[1]


def hold(f, torch_f, *inputs, **options):
    """All oracles, and the adjoint identity between the package's two modes."""
    agrees(f, backward_of(f), torch_f, *inputs, affine=False, **options)
    with contextlib.redirect_stdout(io.StringIO()):
        check.adjoint_check(f, backward_of(f), *inputs, jvp=forward_of(f))


UNARY = {
    "exp": (ad.exp, torch.exp),
    "log": (lambda x: ad.log(abs(x) + 0.1), lambda x: torch.log(x.abs() + 0.1)),
    "sqrt": (lambda x: ad.sqrt(abs(x) + 0.1), lambda x: torch.sqrt(x.abs() + 0.1)),
    "tanh": (ad.tanh, torch.tanh),
    "sigmoid": (ad.sigmoid, torch.sigmoid),
    "relu": (ad.relu, torch.relu),
    "absolute": (ad.absolute, torch.abs),
    "negative": (operator.neg, torch.neg),
    "reciprocal": (lambda x: 1 / x, torch.reciprocal),
    "scale": (lambda x: 3 * x, lambda x: 3 * x),
    "shift": (lambda x: 2.5 + x, lambda x: 2.5 + x),
    "from a constant": (lambda x: 2 - x, lambda x: 2 - x),
    "over a constant": (lambda x: x / 3, lambda x: x / 3),
    "square": (lambda x: x**2, lambda x: x**2),
    "cube": (lambda x: x**3, lambda x: x**3),
    "inverse square": (lambda x: x**-2, lambda x: x**-2),
    "root": (lambda x: (x * x) ** 0.75, lambda x: (x * x) ** 0.75),
    "power 0": (lambda x: x**0 * x, lambda x: x**0 * x),
    "to the x": (lambda x: 1.5**x, lambda x: 1.5**x),
    "clip": (lambda x: ad.clip(x, -0.1, 0.08), lambda x: x.clamp(-0.1, 0.08)),
    "clip below": (lambda x: ad.clip(x, low=-0.1), lambda x: x.clamp(min=-0.1)),
    "clip above": (lambda x: ad.clip(x, high=0.1), lambda x: x.clamp(max=0.1)),
    "softmax": (ad.softmax, lambda x: x.softmax(-1)),
    "softmax, axis 0": (lambda x: ad.softmax(x, 0), lambda x: x.softmax(0)),
    "log_softmax": (ad.log_softmax, lambda x: x.log_softmax(-1)),
    "used twice": (lambda x: x * ad.tanh(x) + x, lambda x: x * x.tanh() + x),
}


@pytest.mark.parametrize("name", UNARY)
def test_functions_of_one_operand(name):
    hold(*UNARY[name], apart(np.random.default_rng(0), (7, 5), gap=0.1))


@pytest.mark.parametrize("name", ["exp", "tanh", "sigmoid", "square", "reciprocal", "used twice"])
def test_functions_of_a_scalar(name):
    hold(*UNARY[name], np.array(0.7))


BINARY = {
    "add": (operator.add, operator.add),
    "subtract": (operator.sub, operator.sub),
    "multiply": (operator.mul, operator.mul),
    "divide": (lambda a, b: a / (1 + b * b), lambda a, b: a / (1 + b * b)),
    "power": (lambda a, b: (1 + a * a) ** b, lambda a, b: (1 + a * a) ** b),
    "maximum": (ad.maximum, torch.maximum),
    "minimum": (ad.minimum, torch.minimum),
    "where": (
        lambda a, b: ad.where(MASK, a, 2 * b),
        lambda a, b: torch.where(torch.from_numpy(MASK), a, 2 * b),
    ),
}
MASK = np.random.default_rng(5).random((2, 3, 5)) < 0.5
SHAPES = [
    ((2, 3, 5), (2, 3, 5)),
    ((2, 3, 5), (5,)),
    ((3, 1), (2, 1, 5)),
    ((), (2, 3, 5)),
    ((1, 1, 1, 1), (3, 5)),
    ((2, 3, 5), (2, 1, 1)),
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_functions_of_two_operands_broadcast(name, shapes):
    rng = np.random.default_rng(1)
    hold(*BINARY[name], *(np.asarray(normal(rng, shape)) for shape in shapes))


def test_an_empty_axis_broadcasts():
    f = lambda a, b: (a * b).sum(axis=0)  # noqa: E731
    hold(f, f, np.zeros((0, 3)), np.ones((1, 3)), float32=False)


MATRICES = [
    ((3, 5), (5, 2)),
    ((5,), (5,)),
    ((3, 5), (5,)),
    ((5,), (5, 2)),
    ((7, 3, 5), (7, 5, 2)),
    ((7, 3, 5), (5, 2)),
    ((3, 5), (7, 5, 2)),
    ((7, 3, 5), (5,)),
    ((5,), (7, 5, 2)),
    ((7, 1, 3, 5), (11, 5, 2)),
    ((1, 3, 5), (7, 5, 2)),
    ((0, 5), (5, 2)),
]


@pytest.mark.parametrize("shapes", MATRICES, ids=str)
def test_matmul(shapes):
    rng = np.random.default_rng(2)
    hold(operator.matmul, torch.matmul, *(normal(rng, shape) for shape in shapes))


def torch_axes(x, axis):
    return tuple(range(x.ndim)) if axis is None else axis


REDUCTIONS = {
    "sum": (ad.sum, lambda x, a, k: x.sum(torch_axes(x, a), keepdim=k)),
    "mean": (ad.mean, lambda x, a, k: x.mean(torch_axes(x, a), keepdim=k)),
    "max": (ad.max, lambda x, a, k: x.amax(torch_axes(x, a), keepdim=k)),
    "min": (ad.min, lambda x, a, k: x.amin(torch_axes(x, a), keepdim=k)),
    "logsumexp": (ad.logsumexp, lambda x, a, k: x.logsumexp(torch_axes(x, a), keepdim=k)),
}


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 1), (0, 1, 2)], ids=str)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions(name, axis, keepdims):
    ours, theirs = REDUCTIONS[name]
    hold(
        lambda x: ours(x, axis, keepdims=keepdims),
        lambda x: theirs(x, axis, keepdims),
        apart(np.random.default_rng(3), (2, 3, 5)),
    )


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_of_a_scalar(name):
    ours, theirs = REDUCTIONS[name]
    hold(lambda x: 2 * ours(x), lambda x: 2 * theirs(x, None, False), np.array(0.7))


ROWS, COLUMNS = np.array([[0, 1], [1, 0]]), np.array([2, 2])
CHOSEN = np.random.default_rng(6).random((3, 5)) < 0.4
INDICES = {
    "row": 1,
    "last": (-1, -1, -1),
    "slices": (slice(None), slice(1, None), slice(0, 5, 2)),
    "new axis": (Ellipsis, None, 2),
    "backward": (0, [2, 1, 0]),
    "repeated": (slice(None), [0, 2, 2, 2, 0]),
    "repeated pairs": (ROWS, COLUMNS),
    "apart": (ROWS, slice(None), COLUMNS),
    "mask": (0, CHOSEN),
    "nothing": slice(0, 0),
    "an empty list": [],
}


@pytest.mark.parametrize("name", INDICES)
def test_indexing(name):
    index = INDICES[name]
    x = normal(np.random.default_rng(4), (2, 3, 5))
    hold(lambda a: a[index], lambda a: a[tensors(index)], x)


def tensors(index):
    if isinstance(index, tuple):
        return tuple(map(tensors, index))
    return torch.from_numpy(index) if isinstance(index, np.ndarray) else index


def test_a_negative_step():
    x = normal(np.random.default_rng(4), (2, 3))
    hold(lambda a: a[:, ::-1], lambda a: a.flip(1), x)


SHAPING = {
    "reshape": (lambda x: x.reshape(5, -1), lambda x: x.reshape(5, -1)),
    "reshape to a tuple": (lambda x: x.reshape((6, 5)), lambda x: x.reshape(6, 5)),
    "flatten": (lambda x: ad.reshape(x, -1), lambda x: x.reshape(-1)),
    "T": (lambda x: x.T, lambda x: x.permute(2, 1, 0)),
    "transpose": (lambda x: ad.transpose(x, (2, 0, -2)), lambda x: x.permute(2, 0, 1)),
    "transpose to a tuple": (lambda x: x.transpose((1, 2, 0)), lambda x: x.permute(1, 2, 0)),
    "transposed again": (lambda x: x.transpose(1, 0, 2).T, lambda x: x.permute(2, 0, 1)),
    "broadcast": (
        lambda x: ad.broadcast_to(x[:, :1], (7, 2, 3, 5)),
        lambda x: x[:, :1].expand(7, 2, 3, 5),
    ),
    "iterate": (lambda x: sum(x), lambda x: sum(x)),
}


@pytest.mark.parametrize("name", SHAPING)
def test_shaping(name):
    hold(*SHAPING[name], normal(np.random.default_rng(7), (2, 3, 5)))


JOINING = {
    "concatenate": (lambda *t: ad.concatenate(t), torch.cat),
    "stack": (lambda *t: ad.stack(t), torch.stack),
    "stack last": (lambda *t: ad.stack(t, axis=-1), lambda t: torch.stack(t, -1)),
    "concatenate columns": (lambda *t: ad.concatenate(t, axis=-1), lambda t: torch.cat(t, -1)),
    "one twice": (
        lambda a, b, c: ad.stack([a, c * b, a]),
        lambda t: torch.stack([t[0], t[1] * t[2], t[0]]),
    ),
}


@pytest.mark.parametrize("name", JOINING)
def test_joining(name):
    ours, theirs = JOINING[name]
    rng = np.random.default_rng(8)
    hold(ours, lambda *t: theirs(t), *(normal(rng, (3, 5)) for _ in range(3)))


def test_joining_unequal_lengths():
    rng = np.random.default_rng(8)
    parts = [normal(rng, (3, n, 2)) for n in (5, 1, 0, 7)]
    hold(lambda *t: ad.concatenate(t, axis=1), lambda *t: torch.cat(t, 1), *parts)


# ---- corners: where a derivative is a matter of convention, it is PyTorch's ---------------------


def gradients(f, torch_f, *arrays):
    """Gradients of ⟨dy, f⟩ for a random dy: ours and PyTorch's."""
    leaves = [torch.from_numpy(np.array(a)).requires_grad_() for a in arrays]
    y = torch_f(*leaves)
    dy = np.random.default_rng(9).standard_normal(tuple(y.shape))
    y.backward(torch.from_numpy(np.asarray(dy)))
    return ad.vjp(f, [np.array(a) for a in arrays], dy)[1], [leaf.grad.numpy() for leaf in leaves]


TIED = [[1.0, 3.0, 3.0, 0.0], [2.0, 2.0, 2.0, 2.0], [-1.0, 0.0, 0.0, 0.0]]
CORNERS = {
    "max": (lambda x: x.max(axis=1), lambda x: x.amax(1), [TIED]),
    "max of all": (lambda x: x.max(), lambda x: x.amax(), [TIED]),
    "min": (lambda x: x.min(axis=(0, 1)), lambda x: x.amin((0, 1)), [TIED]),
    "maximum": (ad.maximum, torch.maximum, [TIED[0], TIED[1]]),
    "maximum of itself": (lambda x: ad.maximum(x, x), lambda x: torch.maximum(x, x), [TIED]),
    "minimum": (ad.minimum, torch.minimum, [TIED[0], TIED[2]]),
    "relu": (ad.relu, torch.relu, [[-1.0, 0.0, -0.0, 1.0]]),
    "absolute": (abs, torch.abs, [[-1.0, 0.0, 1.0]]),
    "clip": (lambda x: ad.clip(x, -1, 2), lambda x: x.clamp(-1, 2), [[-2.0, -1.0, 0.0, 2.0, 3.0]]),
    "square at 0": (lambda x: x**2, lambda x: x**2, [[0.0, -3.0]]),
    "power 0 at 0": (lambda x: x**0, lambda x: x**0, [[0.0, -3.0]]),
    "power 1 at 0": (lambda x: x**1, lambda x: x**1, [[0.0, -3.0]]),
    "0 to a power": (
        lambda p: np.zeros(3) ** p,
        lambda p: torch.zeros(3, dtype=p.dtype) ** p,
        [[0.0, 1.0, 2.5]],
    ),
    "far sigmoid": (ad.sigmoid, torch.sigmoid, [[-800.0, -30.0, 30.0, 800.0]]),
    "far tanh": (ad.tanh, torch.tanh, [[-800.0, 800.0]]),
    "far softmax": (ad.softmax, lambda x: x.softmax(-1), [[-1000.0, 0.0, 999.0, 1000.0]]),
    "far log_softmax": (
        ad.log_softmax,
        lambda x: x.log_softmax(-1),
        [[-1000.0, 0.0, 999.0, 1000.0]],
    ),
    "far logsumexp": (ad.logsumexp, lambda x: x.logsumexp(0), [[-1000.0, 999.0, 1000.0]]),
    "minus infinity": (ad.logsumexp, lambda x: x.logsumexp(0), [[-np.inf, 0.0, 1.0]]),
    "masked softmax": (ad.softmax, lambda x: x.softmax(-1), [[-np.inf, 0.0, 1.0]]),
}


@pytest.mark.parametrize("name", CORNERS)
def test_corners_are_pytorchs(name):
    ours, theirs, arrays = CORNERS[name]
    got, want = gradients(ours, theirs, *arrays)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)
        assert np.isfinite(b).all()  # the case says something
    np.testing.assert_allclose(
        ours(*map(np.array, arrays)),
        theirs(*(torch.tensor(a, dtype=torch.float64) for a in arrays)),
        rtol=1e-12,
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_dtype_is_kept(dtype):
    x = ad.Variable(np.linspace(-1, 1, 6, dtype=dtype).reshape(2, 3))
    scalar = ad.Variable(dtype(0.5))
    y = ad.relu(2 * x + 1.5) ** 2 / 3 + ad.sigmoid(x) * ad.log_softmax(x) - scalar
    y = ad.maximum(y, 0.25).mean(axis=0) @ np.ones((3, 2), dtype) + ad.clip(x, -0.5, 0.5).max()
    y = ad.concatenate([y, ad.logsumexp(x, 1)])
    loss = (y[[0, 0, 1]] * ad.where([True, False, True], y[1:], 1 / (1 + y[:3] ** 2))).sum()
    loss.backward()
    nodes = ad.trace(loss)
    assert len(nodes) > 20
    assert {node.value.dtype for node in nodes if isinstance(node.value, np.ndarray)} == {
        np.dtype(dtype)
    }
    assert (loss.dtype, x.grad.dtype, scalar.grad.dtype) == (dtype,) * 3


def test_a_gradient_has_its_leafs_dtype_when_the_graph_widens():
    x = ad.Variable(np.ones(3, np.float32))
    (x * np.full(3, 2.0)).sum().backward()
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_numpys_functions_are_the_graphs():
    f = lambda x, w: np.sum(np.tanh(np.matmul(x, w)) ** 2) + np.mean(np.maximum(x, 0.3))  # noqa: E731
    g = lambda x, w: ((x @ w).tanh() ** 2).sum() + torch.clamp(x, min=0.3).mean()  # noqa: E731
    rng = np.random.default_rng(10)
    hold(f, g, normal(rng, (7, 3)), normal(rng, (3, 5)))


def test_numpy_on_the_left_makes_a_variable():
    x = ad.Variable(np.array([1.0, 2.0, 3.0]))
    for y in (np.ones(3) + x, np.float64(2) * x, np.ones((2, 3)) @ x, [1.0, 1.0, 1.0] - x):
        assert type(y) is ad.Variable
    (np.arange(6.0).reshape(2, 3) @ x).sum().backward()
    assert x.grad.tolist() == [3.0, 5.0, 7.0]


def test_arrays_in_arrays_out():
    assert type(ad.tanh(np.ones(3))) is np.ndarray
    assert type(ad.sum([1.0, 2.0])) is np.float64
    assert not isinstance(ad.softmax([[1.0, 2.0]]), ad.Variable)


def test_an_operation_with_its_own_backward():
    rng = np.random.default_rng(11)

    def affine_backward(dy, x, w, b):
        return dy @ w.T, x.T @ dy, None if b is None else dy.sum(axis=0)

    affine = ad.operation(
        lambda x, w, b: x @ w if b is None else x @ w + b, affine_backward, name="affine"
    )
    x, w, b = normal(rng, (7, 3)), normal(rng, (3, 5)), normal(rng, (5,))
    f = lambda x, w, b: ad.tanh(affine(x, w, b))  # noqa: E731
    agrees(f, backward_of(f), lambda x, w, b: torch.tanh(x @ w + b), x, w, b, affine=False)
    g = lambda x, w: ad.tanh(affine(x, w, None))  # noqa: E731
    agrees(g, backward_of(g), lambda x, w: torch.tanh(x @ w), x, w, affine=False)
    assert affine(ad.Variable(x), w, b).op == "affine"
