"""What autodiff refuses, and that its messages say what was wrong and what to do."""

import math

import numpy as np
import pytest
import torch

from dlnotes import autodiff as ad
from dlnotes.autodiff import Variable
from oracles import refuses

X = np.ones((2, 3))
X0 = Variable(1.0)
V = lambda shape=(2, 3): Variable(np.ones(shape), "x")  # noqa: E731
REFUSED = {
    "integer": (
        lambda: Variable(3),
        TypeError,
        ["Variable: a value must be floating", "int64", "'3'", "3.0 for 3"],
    ),
    "integer list": (lambda: Variable([1, 2]), TypeError, ["list of int64", ".astype(float)"]),
    "complex": (lambda: Variable(1j), TypeError, ["complex128"]),
    "tensor": (lambda: Variable(torch.ones(3)), TypeError, ["Tensor"]),
    "text": (lambda: Variable("a"), TypeError, ["'a'"]),
    "no seed": (
        lambda: V().backward(),
        ValueError,
        ["backward: only one element", "'x' of shape (2, 3)", "y.sum().backward()"],
    ),
    "seed shape": (lambda: V().backward(np.ones(3)), ValueError, ["seed of shape (3,)", "(2, 3)"]),
    "seed of a scalar": (
        lambda: Variable(1.0).backward([1.0]),
        ValueError,
        ["seed of shape (1,)", "shape ()"],
    ),
    "seed in a graph": (
        lambda: V(()).backward(V(())),
        TypeError,
        ["a seed is a plain array", "Variable", ".value"],
    ),
    "constants": (
        lambda: (2 * Variable(1.0, constant=True)).backward(),
        ValueError,
        ["backward: nothing to differentiate", "constants alone"],
    ),
    "new shape": (
        lambda: setattr(V(), "value", np.ones(3)),
        ValueError,
        ["(3,) float64 for (2, 3) float64"],
    ),
    "new dtype": (lambda: setattr(V(), "value", X.astype(np.float32)), ValueError, ["float32"]),
    "tensor operand": (
        lambda: V() * torch.ones(3),
        TypeError,
        ["multiply: an operand", "Tensor", "tensor.numpy()"],
    ),
    "tensor on the left": (
        lambda: torch.ones(3) * V(),
        TypeError,
        ["multiply: an operand", "Tensor"],
    ),
    "text operand": (
        lambda: V() + "a",
        TypeError,
        ["add: an operand is neither a number nor an array", "str"],
    ),
    "shapes": (
        lambda: V() + np.ones(4),
        ValueError,
        ["add: ", "(2, 3), (4,)", "each axis equal or 1"],
    ),
    "matrices": (
        lambda: V() @ X,
        ValueError,
        ["matmul: a has 3 columns but b has 2 rows", "(2, 3), (2, 3)", "make the last axis"],
    ),
    "vector": (lambda: V() @ np.ones(2), ValueError, ["3 columns but b has 2 rows", "(2,)"]),
    "number as matrix": (lambda: V() @ 2.0, ValueError, ["matmul: a number is no matrix"]),
    "axis": (
        lambda: V().sum(axis=5),
        ValueError,
        ["sum: axis 5 is out of bounds", "(2, 3)", "axis=5"],
    ),
    "axis twice": (
        lambda: ad.logsumexp(V(), (0, -2)),
        ValueError,
        ["logsumexp: duplicate", "(0, -2)"],
    ),
    "empty maximum": (
        lambda: V((0, 3)).max(axis=0),
        ValueError,
        ["max: ", "(0, 3)", "none of them empty"],
    ),
    "size": (
        lambda: V().reshape(4, 2),
        ValueError,
        ["reshape: ", "(2, 3)", "shape=(4, 2)", "product"],
    ),
    "axes": (
        lambda: V().transpose(0, 0),
        ValueError,
        ["transpose: ", "axes=(0, 0)", "each axis of x once"],
    ),
    "index": (lambda: V()[2], IndexError, ["getitem: index 2 is out of bounds", "index=2"]),
    "index of a graph": (
        lambda: V()[V(())],
        TypeError,
        ["an index has no derivative", "x.value.argmax()"],
    ),
    "bound of a graph": (
        lambda: ad.clip(V(), V()),
        TypeError,
        ["have no derivative", "(2, 3)", ".value"],
    ),
    "joined": (
        lambda: ad.concatenate([V(), np.ones((3, 4))]),
        ValueError,
        ["concatenate: ", "(2, 3), (3, 4)", "axis=0"],
    ),
    "stacked": (
        lambda: ad.stack([V(), np.ones(3)]),
        ValueError,
        ["stack: ", "(2, 3), (3,)", "shapes equal"],
    ),
    "sine": (lambda: np.sin(V()), TypeError, ["np.sin: no rule", "tanh", "autodiff.operation"]),
    "cumsum": (lambda: np.cumsum(V()), TypeError, ["np.cumsum: no rule"]),
    "reduce": (lambda: np.add.reduce(V()), TypeError, ["np.add.reduce: no rule"]),
    "array": (lambda: np.asarray(V()), TypeError, ["would lose the gradient", "(2, 3)", "x.value"]),
    "math": (lambda: math.exp(V()), TypeError, [""]),
    "no rule": (
        lambda: ad.apply(np.exp, V()),
        TypeError,
        ["apply: a rule is an operation with its derivative; got ufunc", "autodiff.operation"],
    ),
    "no rule, a number": (lambda: ad.apply(None, 2.0), TypeError, ["apply: ", "got NoneType"]),
    "no derivative": (
        lambda: ad.apply(ad.Elementwise("cube", lambda x: x**3), V(())).backward(),
        ValueError,
        ["cube: each input needs a local derivative; got 0 for 1 inputs", "partials"],
    ),
    "no way back": (
        lambda: ad.apply(ad.Rule("cube", lambda x: x**3), V(())).backward(),
        NotImplementedError,
        ["cube: no way back is known", "defines pull"],
    ),
    "no way forward": (
        lambda: ad.forward_trace(ad.apply(ad.Rule("cube", lambda x: x**3), X0), X0),
        NotImplementedError,
        ["cube: no way forward is known", "input 0", "defines push"],
    ),
    "huge": (
        lambda: V() * 10**400,
        ValueError,
        ["multiply: an int is beyond the largest float", f"{(10**400).bit_length()} bits"],
    ),
    "huge seed": (lambda: V(()).backward(10**400), ValueError, ["backward: an int is beyond"]),
    "keepdims": (
        lambda: ad.sum(X, keepdims=1),
        TypeError,
        ["sum: keepdims is True or False; got '1' (int)"],
    ),
    "constant": (
        lambda: Variable(1.0, constant=X),
        TypeError,
        ["Variable: constant is True or False; got ndarray"],
    ),
    "name": (lambda: Variable(1.0, 3), TypeError, ["Variable: a name is a word; got int"]),
    "a name later": (lambda: V().named(X), TypeError, ["a name is a word; got ndarray"]),
    "float": (
        lambda: float(V()),
        TypeError,
        ["Variable: only one element makes a float; got shape (2, 3)"],
    ),
    "length": (lambda: len(V(())), TypeError, ["Variable: one number has no length"]),
    "entries": (lambda: list(V(())), TypeError, ["Variable: one number has no length"]),
    "truth": (
        lambda: bool(V()),
        ValueError,
        ["Variable: only one element is true or false; got shape (2, 3)", "x.value.any()"],
    ),
    "membership": (lambda: 1.0 in V(), TypeError, ["Variable: == asks for the same node", "float"]),
    "out": (
        lambda: np.add(V(), 1.0, out=np.zeros((2, 3))),
        TypeError,
        ["np.add: ", "'out'", "got Variable, float, out=…; ", "writes into no array"],
    ),
    "where": (lambda: np.exp(V(), where=X > 0), TypeError, ["np.exp: ", "'where'", "autodiff.exp"]),
    "dtype": (lambda: np.sum(V(), dtype=float), TypeError, ["np.sum: ", "'dtype'", "dtype=…"]),
    "one too many": (
        lambda: np.sum(V(), 0, None),
        TypeError,
        ["np.sum: too many", "int, NoneType"],
    ),
    "mask": (
        lambda: Variable(np.ma.masked_greater(X, 0.5)),
        TypeError,
        ["Variable: a masked array would lose its mask", "(2, 3)", "filled"],
    ),
    "masked operand": (
        lambda: ad.exp(np.ma.masked_greater(X, 0.5)),
        TypeError,
        ["exp: a masked array would lose its mask"],
    ),
    "trace by a number": (
        lambda: ad.forward_trace(V(()) * 2, X),
        TypeError,
        ["forward_trace: by is a Variable of the graph; got ndarray"],
    ),
    "trace": (
        lambda: ad.trace(3.0),
        TypeError,
        ["trace: only a Variable has a graph", "float", "3.0"],
    ),
    "grad of integers": (
        lambda: ad.grad(lambda x: x, 3),
        TypeError,
        ["grad: only floating arguments", "int64", "argument 0"],
    ),
    "grad of labels": (
        lambda: ad.grad(lambda x, t: x, X, np.arange(3)),
        TypeError,
        ["argument 1", "lambda w: loss(w, labels)"],
    ),
    "grad of a Variable": (
        lambda: ad.grad(lambda x: x, V(())),
        TypeError,
        ["Variable as argument 0", ".value"],
    ),
    "grad of no graph": (
        lambda: ad.grad(lambda x: 3.0, 1.0),
        TypeError,
        ["f must return a Variable", "float", "3.0"],
    ),
    "grad of an array": (
        lambda: ad.grad(lambda x: 2 * x, X),
        ValueError,
        ["only one element", "(2, 3)"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_say_what_and_why(name):
    call, error, parts = REFUSED[name]
    with refuses(error, *parts):
        call()


def test_an_operation_speaks_for_itself():
    def strict(x):
        raise ValueError("strict: no")

    with pytest.raises(ValueError, match=r"^strict: no$"):
        ad.operation(strict, lambda dy, x: dy)(V())


def test_a_wrong_backward_is_named():
    bad = ad.operation(lambda x: x * 2, lambda dy, x: dy.sum(axis=0), name="bad")
    with refuses(ValueError, "bad: backward must return one gradient", "[(3,)]", "[(2, 3)]"):
        bad(V()).sum().backward()


def test_adding_in_place_leaves_the_array_as_it_was():
    """`z += x` would write into z, and the graph's value would be z itself."""
    z = data = np.zeros(3)
    with refuses(TypeError, "np.add: ", "write z = z + x"):
        z += Variable(np.ones(3))
    assert data.tolist() == [0, 0, 0]


@pytest.mark.parametrize("value", [0.0, 2.5, [[1.0]], [0.0]])
def test_one_element_is_true_or_false_as_in_pytorch(value):
    assert bool(Variable(value)) is bool(torch.tensor(value))
