"""Wrong calls of `fit` and `predict` end in the house's words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import SHAPES, anything, assert_in_house_style
from dlnotes import layers as L
from dlnotes import networks, optim
from oracles import refuses

X, Y = np.random.default_rng(0).standard_normal((6, 2)), np.array([0, 1, 1, 0, 1, 0])


def call(**changes):
    """Fit a linear layer, with some of the arguments changed."""
    network = L.Linear(2, 2, rng=np.random.default_rng(0))
    arguments = {
        "network": network,
        "x": X,
        "y": Y,
        "optimizer": optim.SGD(network.parameters(), lr=0.1),
        "rng": np.random.default_rng(0),
        "epochs": 1,
    } | changes
    return networks.fit(**arguments)


@pytest.mark.parametrize(
    ("changes", "error", "parts"),
    [
        ({"network": "LeNet"}, TypeError, ["the network is a layer", "got str"]),
        ({"x": [[1.0]]}, TypeError, ["x is no NumPy array; got list"]),
        ({"y": Y[:4]}, ValueError, ["x and y need one row", "x (6, 2), y (4,)"]),
        ({"x": X[:0], "y": Y[:0]}, ValueError, ["at least 1; got x (0, 2), y (0,)"]),
        ({"x": np.ones(()), "y": np.ones(())}, ValueError, ["got x (), y ()"]),
        ({"optimizer": "sgd"}, TypeError, ["optimizer is none of dlnotes.optim; got str"]),
        (
            {"optimizer": optim.SGD([np.ones(2)], lr=1)},
            ValueError,
            ["the optimizer must hold the network's parameters", "got 1 arrays", "2"],
        ),
        (
            {"optimizer": optim.SGD([np.ones((2, 2)), np.ones(2)], lr=1)},
            ValueError,
            ["the optimizer must hold the network's parameters", "got 2 arrays"],
        ),
        ({"rng": 0}, TypeError, ["rng is no random generator; got rng of type int"]),
        ({"loss": "hinge"}, ValueError, ["no loss has this name; got loss='hinge'; use one of"]),
        ({"loss": (lambda z, y: z, min)}, TypeError, ["a loss returns one number; got ndarray"]),
        ({"loss": abs}, TypeError, ["a loss is a name or a pair of functions"]),
        ({"epochs": 0}, ValueError, ["epochs is 0, below the smallest allowed, 1"]),
        ({"batch_size": 2.0}, TypeError, ["batch_size is no int; got batch_size=2.0"]),
        ({"patience": 3}, ValueError, ["patience looks at the validation loss", "patience=3"]),
        ({"validation": X}, TypeError, ["validation is a pair of arrays; got ndarray"]),
        ({"validation": (X, Y[:2])}, ValueError, ["validation_x (6, 2), validation_y (2,)"]),
        ({"validation": (X, Y), "patience": 0}, ValueError, ["patience is 0, below"]),
        ({"schedule": 3}, TypeError, ["a schedule is a function of the step's number; got int"]),
        ({"loss": (lambda z, y: np.array("1"), min)}, TypeError, ["a loss returns one number"]),
        ({"max_norm": "1"}, TypeError, ["max_norm is no number; got max_norm of type str"]),
        ({"progress": 1}, TypeError, ["progress is True or False; got progress=1"]),
    ],
)
def test_refused(changes, error, parts):
    with refuses(error, "fit: ", *parts):
        call(**changes)


def test_shapes_that_do_not_fit_are_told_by_the_layer_and_by_the_loss():
    with refuses(ValueError, "linear: x has D=3 features but w expects 2"):
        call(x=np.ones((6, 3)))
    with refuses(ValueError, "cross_entropy: ", "; got "):
        call(y=np.array([0, 1, 2, 0, 0, 0]))


ANY = st.sampled_from([None, 3, -1, 0, 2.5, True, "x", (), (X, Y), [X], X, Y, abs, {"a": abs}, 1j])
NAMES = ("loss", "epochs", "batch_size", "validation", "patience", "max_norm", "progress")


@settings(max_examples=150)
@given(data=st.data())
def test_random_options(data):
    """Something is learned, or the house says what is wrong."""
    names = data.draw(st.lists(st.sampled_from(NAMES), max_size=2))
    changes = {name: data.draw(ANY) for name in names}
    try:
        history = call(**changes)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, "fit")
    else:
        assert len(history.epochs) <= (changes.get("epochs") or 1)


@settings(max_examples=150)
@given(data=st.data())
def test_random_data(data):
    x = data.draw(anything(st.one_of(SHAPES, st.just((6, 2)))))
    y = data.draw(st.one_of(st.just(Y), anything(st.one_of(SHAPES, st.just((6, 2))))))
    try:
        history = call(x=x, y=y)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, "(fit|linear|cross_entropy)")
    else:
        assert np.isfinite(history.steps).all()


def test_predict_refuses():
    with refuses(TypeError, "predict: the network is a layer"):
        networks.predict(np.tanh, X)
    with refuses(TypeError, "predict: x is no NumPy array; got int"):
        networks.predict(L.ReLU(), 3)
    with refuses(ValueError, "predict: batch_size is 0"):
        networks.predict(L.ReLU(), X, batch_size=0)


def test_accuracy_refuses():
    with refuses(TypeError, "accuracy: outputs and targets are arrays; got list and ndarray"):
        networks.accuracy([1], Y)
    with refuses(TypeError, "accuracy: outputs and targets are numbers; got float64 and <U1"):
        networks.accuracy(X, np.array(list("aabbab")))
    with refuses(ValueError, "accuracy: outputs are (N,K)", "got (6,) and (6,)"):
        networks.accuracy(Y, Y)
    with refuses(ValueError, "accuracy: outputs are (N,K)", "got (0, 2) and (0,)"):
        networks.accuracy(X[:0], Y[:0])


def test_a_prediction_has_a_row_for_each_input():
    with refuses(ValueError, "predict: a network returns a row for each input", "(8,) for 4"):
        networks.predict(Everything(), X, batch_size=4)


def test_predictions_of_tuples_in_tuples():
    inner = L.Parallel([L.Identity(), L.Tanh()], "tuple")
    (a, b), c = networks.predict(L.Parallel([inner, L.ReLU()], "tuple"), X, batch_size=4)
    for got, want in zip((a, b, c), (X, np.tanh(X), np.maximum(X, 0)), strict=True):
        np.testing.assert_array_equal(got, want)


class Everything(L.Layer):
    """A layer that mixes the batch into the features."""

    def forward(self, x):
        """Return all numbers in one row."""
        return x.reshape(-1)
