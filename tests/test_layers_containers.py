"""Containers: series, parallel branches and their gradients, names, and what is refused."""

import numpy as np
import pytest
import torch
from torch import nn

from dlnotes import layers as L
from layer_oracle import agrees_with_torch
from oracles import refuses

RNG = np.random.default_rng(0)


def conv(*args, **options):
    return L.Conv2d(*args, rng=RNG, **options)


class Joined(nn.Module):
    """PyTorch's branches, as attributes of the layer's names."""

    def __init__(self, branches, join, axis=1):
        super().__init__()
        self.names, self.join, self.axis = list(branches), join, axis
        for name, branch in branches.items():
            self.add_module(name, branch)

    def forward(self, x):
        outputs = [self.get_submodule(name)(x) for name in self.names]
        return sum(outputs) if self.join == "add" else torch.cat(outputs, self.axis)


def test_a_residual_block():
    body = L.Sequential(conv(3, 5, 3, padding=1), L.ReLU(), conv(5, 3, 3, padding=1))
    layer = L.Parallel({"body": body, "cut": L.Identity()})
    other = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1), nn.ReLU(), nn.Conv2d(5, 3, 3, padding=1))
    module = Joined({"body": other, "cut": nn.Identity()}, "add")
    agrees_with_torch(layer, module, RNG.standard_normal((2, 3, 6, 5)), passes=2)


@pytest.mark.parametrize("axis", [1, 3])
def test_branches_side_by_side(axis):
    kernels = [(4, (1, 1)), (5, (1, 1)), (6, (1, 1))] if axis == 1 else [(4, (1, 2)), (4, (1, 4))]
    layer = L.Parallel([conv(3, *sizes) for sizes in kernels], "concat", axis=axis)
    branches = {str(j): nn.Conv2d(3, *sizes) for j, sizes in enumerate(kernels)}
    agrees_with_torch(layer, Joined(branches, "concat", axis), RNG.standard_normal((2, 3, 6, 5)))


def test_three_branches_add_their_gradients():
    layer = L.Parallel([L.Identity(), L.Tanh(), L.Sequential()])
    x, dy = RNG.standard_normal((2, 4, 3))
    np.testing.assert_allclose(layer(x), 2 * x + np.tanh(x))
    before = dy.copy()
    np.testing.assert_allclose(layer.backward(dy), dy * (2 + 1 - np.tanh(x) ** 2))
    np.testing.assert_array_equal(dy, before)


def test_a_tuple_of_outputs_takes_a_tuple_of_gradients():
    layer = L.Parallel([L.Tanh(), L.Linear(3, 2, rng=RNG)], "tuple")
    x = RNG.standard_normal((4, 3))
    first, second = layer(x)
    dys = RNG.standard_normal(first.shape), RNG.standard_normal(second.shape)
    want = dys[0] * (1 - first**2) + dys[1] @ layer[1].weight
    np.testing.assert_allclose(layer.backward(dys), want)
    layer(x)
    with refuses(ValueError, "Parallel: a tuple of outputs needs a tuple", "ndarray for 2"):
        layer.backward(dys[0])
    assert layer.backward_parameters(dys) is None
    np.testing.assert_allclose(layer[1].grads["bias"], 2 * dys[1].sum(0))


def test_integers_get_no_gradient():
    tables = [L.Embedding(7, 3, rng=RNG), L.Embedding(7, 3, rng=RNG)]
    network = L.Sequential(L.Parallel(tables), L.Linear(3, 2, rng=RNG))
    y = network(np.array([[1, 6, 1]]))
    assert network.backward(np.ones_like(y)) is None
    assert (tables[0].grads["weight"] == tables[1].grads["weight"]).all()
    assert tables[0].grads["weight"][1].any()


def test_a_branch_is_named_where_outputs_do_not_fit():
    x = RNG.standard_normal((2, 3, 6, 5))
    parts = ["0 (2, 3, 6, 5), 1 (2, 4, 6, 5)"]
    with refuses(ValueError, "Parallel: join='add' needs outputs of one shape", *parts):
        L.Parallel([L.Identity(), conv(3, 4, 1)])(x)
    with refuses(ValueError, "Parallel: join='concat' needs", "but for axis 1", "(2, 4, 5, 4)"):
        L.Parallel([L.Identity(), conv(3, 4, 2)], "concat")(x)
    with refuses(ValueError, "Parallel: join='concat' needs", "but for axis 4"):
        L.Parallel([L.Identity(), L.Identity()], "concat", axis=4)(x)
    layer = L.Parallel([L.Identity(), conv(3, 4, 1)], "concat")
    layer(x)
    with refuses(
        ValueError, "Parallel: dy must have 3 + 4 = 7 entries along axis 1", "(2, 6, 6, 5)"
    ):
        layer.backward(RNG.standard_normal((2, 6, 6, 5)))


def test_an_error_says_at_which_layer():
    body = L.Sequential(L.Flatten(), L.Linear(90, 4, rng=RNG), L.ReLU(), L.Linear(5, 2, rng=RNG))
    network = L.Sequential({"body": L.Parallel([body]), "act": L.ReLU()})
    with pytest.raises(ValueError, match="linear: x has D=4 features but w expects 5") as caught:
        network(np.ones((2, 3, 6, 5)))
    assert caught.value.__notes__ == [
        "in Sequential, layer '3', Linear",
        "in Parallel, layer '0', Sequential",
        "in Sequential, layer 'body', Parallel",
    ]


def test_layers_are_found_by_number_and_by_name():
    network = L.Sequential({"conv1": conv(3, 4, 1), "act": L.ReLU()})
    assert network[0] is network["conv1"]
    assert network[-1] is network["act"]
    assert len(network) == len(list(network)) == 2
    with pytest.raises(KeyError, match=r"no layer 'conv2'; got str for 2 .* conv1, act"):
        network["conv2"]
    with pytest.raises(IndexError, match=r"no layer '2'; got int for 2 .* conv1, act"):
        network[2]


@pytest.mark.parametrize(
    ("make", "error", "parts"),
    [
        (lambda: L.Sequential(L.ReLU), TypeError, ["Sequential: '0' is no layer; got type"]),
        (lambda: L.Sequential(L.ReLU(), np.tanh), TypeError, ["'1' is no layer; got ufunc"]),
        (lambda: L.Sequential({"a.b": L.ReLU()}), ValueError, ["Sequential: a layer's name"]),
        (lambda: L.Sequential({"": L.ReLU()}), ValueError, ["Sequential: a layer's name"]),
        (lambda: L.Sequential({3: L.ReLU()}), TypeError, ["a layer's name is a word; got 3"]),
        (lambda: L.Parallel([]), ValueError, ["Parallel: it needs branches", "got 0 branches"]),
        (lambda: L.Parallel([L.ReLU()], "mul"), ValueError, ["add, concat, tuple", "join='mul'"]),
        (lambda: L.Parallel(L.ReLU()), TypeError, ["Parallel: layers are a sequence", "got ReLU"]),
        (
            lambda: L.Parallel([L.ReLU()], axis=-1),
            ValueError,
            ["Parallel: axis is -1, below the smallest allowed, 0"],
        ),
        (lambda: L.Parallel([L.ReLU()], axis=True), TypeError, ["Parallel: axis is no int"]),
    ],
)
def test_refused(make, error, parts):
    with refuses(error, *parts):
        make()


def test_one_layer_at_two_places_is_refused():
    relu = L.ReLU()
    with refuses(ValueError, "Sequential: each place needs a layer", "ReLU as '0' and as '1.0'"):
        L.Sequential(relu, L.Sequential(relu))


def test_an_empty_series_returns_its_input():
    x = RNG.standard_normal((2, 3))
    layer = L.Sequential()
    assert layer(x) is x
    assert layer.backward(x) is x
    assert (layer.parameters(), layer.gradients(), layer.state_dict()) == ([], [], {})


def made_of_others():
    rng = np.random.default_rng(0)
    side = L.SideOutput(L.Linear(3, 2, rng=rng))
    side.collecting = True
    return {
        "Sequential": L.Sequential(L.ReLU(), L.Linear(3, 2, rng=rng)),
        "Parallel": L.Parallel([L.Linear(3, 2, rng=rng), L.Linear(3, 2, rng=rng)], "add"),
        "concat": L.Parallel([L.Linear(3, 2, rng=rng), L.Linear(3, 4, rng=rng)], "concat"),
        "SideOutput": side,
    }


@pytest.mark.parametrize("name", made_of_others())
@pytest.mark.parametrize("method", ["backward", "backward_parameters"])
def test_a_refused_gradient_may_be_given_anew(name, method):
    """A slip in the shape of dy costs no second forward pass."""
    x = np.random.default_rng(1).standard_normal((5, 3))
    network, other = made_of_others()[name], made_of_others()[name]
    dy = np.ones(network(x).shape)
    other(x)
    if name == "SideOutput":
        network.upstream = other.upstream = np.ones((5, 2))
    with pytest.raises(ValueError, match="dy "):
        getattr(network, method)(np.ones((5, 7)))
    getattr(network, method)(dy)
    getattr(other, method)(dy)
    for a, b in zip(network.gradients(), other.gradients(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="each backward pass needs a forward pass"):
        getattr(network, method)(dy)
