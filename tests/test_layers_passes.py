"""What all layers share: two passes, gradients that add up, modes, frozen layers, states."""

from inspect import signature

import numpy as np
import pytest

from dlnotes import layers as L
from oracles import refuses
from test_layers import CASES

RNG = np.random.default_rng(0)
LAYERS = {name: case[::2] for name, case in CASES.items()}


def small():
    rng = np.random.default_rng(5)
    return L.Sequential(
        L.Conv2d(2, 3, 3, padding=1, rng=rng),
        L.BatchNorm2d(3),
        L.ReLU(),
        L.MaxPool2d(2),
        L.Flatten(),
        L.Dropout(0.5, rng=rng),
        L.Linear(12, 4, rng=rng),
    )


@pytest.mark.parametrize("name", LAYERS)
def test_each_backward_pass_needs_a_forward_pass(name):
    layer, shape = LAYERS[name]
    kind = type(layer).__name__
    layer.train().forget()
    with refuses(ValueError, f"{kind}: each backward pass needs a forward pass", "got backward"):
        layer.backward(np.ones(shape))
    y = layer(RNG.standard_normal(shape))
    layer.backward(np.ones_like(y))
    with refuses(ValueError, f"{kind}: each backward pass needs a forward pass of its own"):
        layer.backward(np.ones_like(y))


@pytest.mark.parametrize("name", LAYERS)
def test_a_refused_gradient_uses_nothing_up(name):
    """A gradient of another shape is refused in words, and the right one is taken afterwards."""
    layer, shape = LAYERS[name]
    if name == "identity":
        return
    y = layer.train()(RNG.standard_normal(shape))
    with pytest.raises(ValueError, match="dy"):
        layer.backward(np.ones((9, *y.shape)))
    assert layer.backward(np.ones_like(y)).shape == shape


@pytest.mark.parametrize("name", LAYERS)
def test_a_failed_forward_pass_leaves_nothing_behind(name):
    layer, shape = LAYERS[name]
    if name == "identity":
        return
    y = layer.train()(RNG.standard_normal(shape))
    with pytest.raises(TypeError):
        layer(None)
    with refuses(ValueError, "each backward pass needs a forward pass of its own"):
        layer.backward(np.ones_like(y))


def test_gradients_add_up_until_they_are_set_to_zero():
    layer = L.Linear(3, 2, rng=np.random.default_rng(0))
    x, dy = RNG.standard_normal((5, 3)), RNG.standard_normal((5, 2))
    for times in (1, 2, 3):
        layer(x)
        layer.backward(dy)
        np.testing.assert_allclose(layer.grads["weight"], times * dy.T @ x)
    assert layer.zero_grad() is layer
    assert layer.gradients() == [None, None]


def test_inputs_and_upstream_gradients_stay_as_they_are():
    network = small()
    x, dy = RNG.standard_normal((5, 2, 4, 4)), RNG.standard_normal((5, 4))
    before = x.copy(), dy.copy()
    for _ in range(2):
        network(x)
        network.backward(dy)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(dy, before[1])


def test_the_gradient_of_the_input_can_be_left_out():
    networks = small(), small()
    x, dy = RNG.standard_normal((5, 2, 4, 4)), RNG.standard_normal((5, 4))
    for network in networks:
        network(x)
    networks[0].backward(dy)
    assert networks[1].backward_parameters(dy) is None
    for a, b in zip(*(network.gradients() for network in networks), strict=True):
        np.testing.assert_array_equal(a, b)
    with refuses(ValueError, "Sequential: each backward pass needs a forward pass"):
        networks[1].backward_parameters(dy)


@pytest.mark.parametrize("name", [n for n, case in CASES.items() if case[0].parameters()])
def test_a_first_layer_learns_the_same(name):
    """The gradients of the parameters are those of a whole backward pass, frozen or not."""
    layer, shape = LAYERS[name]
    x = RNG.standard_normal(shape)
    y = layer.zero_grad().eval()(x)
    dy = RNG.standard_normal(y.shape)
    layer.backward(dy)
    want = layer.gradients()
    layer.zero_grad()(x)
    assert layer.backward_parameters(dy) is None
    for a, b in zip(layer.gradients(), want, strict=True):
        np.testing.assert_array_equal(a, b)
    with refuses(ValueError, "each backward pass needs a forward pass of its own"):
        layer.backward_parameters(dy)


def test_no_layer_before_the_first_that_learns_is_gone_through():
    network = small()
    network[0].freeze()
    x, dy = RNG.standard_normal((5, 2, 4, 4)), RNG.standard_normal((5, 4))
    network(x)
    network.backward(dy)
    want = [gradient.copy() for gradient in network.gradients()]
    other = small()
    other[0].freeze()
    other[0].backward = None  # it would be called in vain
    other(x)
    other.backward_parameters(dy)
    for a, b in zip(other.gradients(), want, strict=True):
        np.testing.assert_array_equal(a, b)
    with refuses(ValueError, "Conv2d: each backward pass"):
        other[0].kept()
    other.freeze()
    other(x)
    assert other.backward_parameters(dy) is None


def test_a_frozen_layer_learns_nothing_and_passes_gradients_on():
    network = small()
    names = dict(network.named_parameters())
    network[0].freeze()
    assert len(network.parameters()) == len(names) - 2
    network(RNG.standard_normal((5, 2, 4, 4)))
    assert abs(network.backward(RNG.standard_normal((5, 4)))).max() > 0
    assert network[0].grads == {}
    assert len(network.gradients()) == len(network.parameters())
    assert len(network.unfreeze().parameters()) == len(names)


def test_modes_reach_every_layer():
    network = L.Sequential(small(), L.Parallel([small(), L.Identity()], join="tuple"))
    assert all(layer.training for _, layer in network.named_layers())
    network.eval()
    assert not any(layer.training for _, layer in network.named_layers())
    assert network.train() is network
    assert all(layer.training for _, layer in network.named_layers())
    with refuses(TypeError, "Sequential: a mode is True or False; got mode=1"):
        network.train(1)


def test_a_state_is_a_copy_and_loads_in_place():
    network = small()
    arrays = dict(network.named_parameters()) | dict(network.named_buffers())
    state = network.state_dict()
    assert set(state) == set(arrays)
    for name, array in arrays.items():
        assert not np.shares_memory(state[name], array)
        array += 1
    assert network.load_state_dict(state) is network
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, state[name])


@pytest.mark.parametrize(
    ("change", "error", "parts"),
    [
        (lambda s: s.pop("6.bias"), ValueError, ["missing 6.bias", "got 8 arrays for 9"]),
        (lambda s: s.update(x=1), ValueError, ["unknown x", "got 10 arrays for 9"]),
        (lambda s: s.update({"6.bias": np.ones(3)}), ValueError, ["6.bias has shape (4,)", "(3,)"]),
        (
            lambda s: s.update({"6.bias": np.ones(4, np.float32)}),
            TypeError,
            ["6.bias has dtype float64", "float32"],
        ),
        (lambda s: s.update({"6.bias": [0.0] * 4}), TypeError, ["6.bias is no array", "list"]),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, error, parts):
    network, state = small(), small().state_dict()
    before = network.state_dict()
    for array in state.values():
        array += 1
    change(state)
    with refuses(error, "load_state_dict: ", *parts):
        network.load_state_dict(state)
    for name, array in network.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_state_is_a_mapping():
    with refuses(TypeError, "load_state_dict: a state is a mapping", "got list"):
        small().load_state_dict([1])


def test_layers_are_written_as_they_are_made_and_without_addresses():
    assert repr(L.Conv2d(3, 4, 5, padding=2, bias=False, rng=RNG)) == (
        "Conv2d(3, 4, 5, padding=2, bias=False)"
    )
    assert repr(L.Conv2d(3, 4, (3, 2), padding=((1, 0), (2, 2)), rng=RNG)) == (
        "Conv2d(3, 4, (3, 2), padding=((1, 0), (2, 2)))"
    )
    block = L.Parallel({"body": L.Sequential(L.ReLU()), "cut": L.Identity()}, "concat", axis=2)
    assert repr(block) == (
        "Parallel(\n  (body): Sequential(\n    (0): ReLU()\n  )\n  (cut): Identity()\n"
        "  join='concat'\n  axis=2\n)"
    )
    assert all("0x" not in repr(layer) for layer, _ in LAYERS.values())


@pytest.mark.parametrize("name", LAYERS)
def test_a_call_that_is_written_makes_the_layer(name):
    layer, shape = LAYERS[name]
    call = repr(layer)
    draws = "rng" in signature(type(layer)).parameters
    made = call[:-1] + (", rng=RNG)" if draws else ")")
    again = eval(f"L.{made.replace('(, ', '(')}")
    assert repr(again) == call
    x = RNG.standard_normal(shape)
    again.load_state_dict(layer.state_dict())
    np.testing.assert_array_equal(again.eval()(x), layer.eval()(x))


def test_a_watcher_sees_each_output():
    network, seen = small(), []
    network[3].watch = seen.append
    network(RNG.standard_normal((5, 2, 4, 4)))
    assert [y.shape for y in seen] == [(5, 3, 2, 2)]


def test_a_layer_of_ones_own():
    class Scale(L.Layer):
        parameter_names = ("factor",)

        def __init__(self):
            super().__init__()
            self.factor = np.array([2.0])

        def forward(self, x):
            self.keep(x)
            return x * self.factor

        def backward(self, dy):
            (x,) = self.kept()
            self._kept = None
            self.accumulate([np.array([(dy * x).sum()])])
            return dy * self.factor

    network = L.Sequential(Scale(), L.ReLU(), Scale())
    assert network(np.array([3.0])).tolist() == [12]
    assert network.backward(np.array([1.0])).tolist() == [4]
    assert [g.tolist() for g in network.gradients()] == [[6], [6]]
    with pytest.raises(NotImplementedError, match=r"Layer: a layer defines forward\(x\)"):
        L.Layer()(1)
    with pytest.raises(NotImplementedError, match=r"Layer: a layer defines backward\(dy\)"):
        L.Layer().backward(1)
