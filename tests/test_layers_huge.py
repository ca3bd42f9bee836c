"""Sizes that no array can have end in the house's words, not in NumPy's."""

import numpy as np
import pytest

from dlnotes import initializers, networks
from dlnotes import layers as L
from oracles import refuses

RNG = np.random.default_rng(0)
X = np.ones((1, 1, 5, 5))
SLIP = 10**20
CALLS = {
    "Linear": [lambda n: L.Linear(n, 2, rng=RNG), lambda n: L.Linear(2, n, rng=RNG)],
    "Embedding": [lambda n: L.Embedding(n, 2, rng=RNG), lambda n: L.Embedding(2, n, rng=RNG)],
    "Conv2d": [
        lambda n: L.Conv2d(n, 2, 3, rng=RNG),
        lambda n: L.Conv2d(1, n, 3, rng=RNG),
        lambda n: L.Conv2d(1, 2, (3, n), rng=RNG),
        lambda n: L.Conv2d(1, 2, 3, stride=n, rng=RNG),
        lambda n: L.Conv2d(1, 2, 3, padding=n, rng=RNG),
        lambda n: L.Conv2d(1, 2, 3, padding=((0, n), (1, 1)), rng=RNG),
        lambda n: L.Conv2d(1, 2, 3, dilation=n, rng=RNG),
    ],
    "ConvTranspose2d": [
        lambda n: L.ConvTranspose2d(1, 2, 3, stride=n, rng=RNG),
        lambda n: L.ConvTranspose2d(1, 2, 3, padding=n, rng=RNG),
        lambda n: L.ConvTranspose2d(1, 2, 3, output_padding=n, rng=RNG),
    ],
    "DepthwiseConv2d": [lambda n: L.DepthwiseConv2d(n, 3, rng=RNG)],
    "LocalConv2d": [lambda n: L.LocalConv2d(1, 2, (n, n), 3, rng=RNG)],
    "TableConv2d": [lambda n: L.TableConv2d([[0]], n, rng=RNG)],
    "BatchNorm2d": [L.BatchNorm2d],
    "MaxPool2d": [L.MaxPool2d, lambda n: L.MaxPool2d(3, dilation=n)],
    "AvgPool2d": [lambda n: L.AvgPool2d(3, stride=n)],
    "AdaptiveAvgPool2d": [L.AdaptiveAvgPool2d],
    "SpatialPyramidPool": [lambda n: L.SpatialPyramidPool([1, n])],
    "ScaledAvgPool2d": [lambda n: L.ScaledAvgPool2d(n, 2)],
    "RadialBasis": [lambda n: L.RadialBasis(n, 3, rng=RNG)],
    "LSTM": [lambda n: L.LSTM(n, 3, rng=RNG), lambda n: L.LSTM(3, n, rng=RNG)],
    "CenterCrop": [L.CenterCrop, lambda n: L.CenterCrop((2, n))],
    "Upsample": [lambda n: L.Upsample(scale_factor=n), lambda n: L.Upsample(size=(n, 2))],
    "Reshape": [lambda n: L.Reshape((n, 2))],
    "LocalResponseNorm": [L.LocalResponseNorm],
}


@pytest.mark.parametrize("n", [SLIP, 2**31])
@pytest.mark.parametrize("name", CALLS)
def test_a_layer_refuses_a_size_above_the_largest(name, n):
    for call in CALLS[name]:
        words = f" is {n}, above the largest allowed, {2**31 - 1}; got "
        with refuses(ValueError, f"{name}: ", words, "look for a slip"):
            call(n)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("Linear", lambda n: L.Linear(n, n, rng=RNG)),
        ("Embedding", lambda n: L.Embedding(n, n, rng=RNG)),
        ("RadialBasis", lambda n: L.RadialBasis(n, n, rng=RNG)),
        ("Conv2d", lambda n: L.Conv2d(n, n, 3, rng=RNG)),
        ("ConvTranspose1d", lambda n: L.ConvTranspose1d(n, n, 3, rng=RNG)),
        ("LocalConv2d", lambda n: L.LocalConv2d(1, 2, (n, n), 3, rng=RNG)),
        ("GRU", lambda n: L.GRU(n, n, rng=RNG)),
    ],
)
def test_sizes_whose_product_is_too_large(name, call):
    with refuses(ValueError, f"{name}: an array would have", "values or more; got shape ("):
        call(2**16)


def test_large_strides_and_sizes_of_batches_are_no_slip():
    assert L.MaxPool2d(3, stride=2**31 - 1)(X).shape == (1, 1, 1, 1)
    network = L.Linear(2, 2, rng=RNG)
    assert networks.predict(network, np.ones((3, 2)), batch_size=SLIP).shape == (3, 2)


@pytest.mark.parametrize("shape", [SLIP, (3, SLIP), (0, SLIP), (2**31, 2**31), (1,) * 65])
def test_an_initializer_refuses_a_shape_that_no_array_has(shape):
    for call in (
        lambda: initializers.zeros(shape),
        lambda: initializers.constant(shape, 1.0),
        lambda: initializers.uniform(shape, rng=RNG),
        lambda: initializers.normal(shape, rng=RNG),
    ):
        with refuses(ValueError, "array ", "; got ", "; "):
            call()


def test_fans_of_a_shape_that_no_array_has():
    for rule in (initializers.he_normal, initializers.xavier_uniform):
        with refuses(ValueError, "fans: an array would have", f"(3, {SLIP})"):
            rule((3, SLIP), rng=RNG)


def test_a_summary_of_an_impossible_input():
    with refuses(ValueError, "summary: an array would have", f"(1, 2, {SLIP})"):
        networks.summary(L.Linear(2, 2, rng=RNG), (2, SLIP))
