"""Chapter 04: one network, several activations, a range of learning rates.

64 inputs, twice 100 hidden units, 10 scores, softmax and cross-entropy, in float64. The images
are scikit-learn's digits: 1,000 to learn from, 400 to choose a rate by, 397 for the end. All
activations start from the same weights and see the same batches.
"""

import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.experiments import main
from dlnotes import functional as dl

RATES = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {"seeds": list(range(10)), "rates": RATES, "epochs": 6},
    "centred": {"seeds": list(range(10)), "rates": RATES, "epochs": 6},
    "constant": {"seeds": list(range(10)), "rates": RATES, "epochs": 6},
    "fates": {"seeds": list(range(10)), "rates": [1.0, 3.0], "epochs": 6},
    "patience": {"seeds": [0, 1, 2], "rate": 0.03, "epochs": [6, 20, 60]},
}
TINY: dict[str, dict[str, Any]] = {
    "plain": {"seeds": [0], "rates": [0.1], "epochs": 1},
    "centred": {"seeds": [0], "rates": [0.1], "epochs": 1},
    "constant": {"seeds": [0], "rates": [0.1], "epochs": 1},
    "fates": {"seeds": [0], "rates": [0.1], "epochs": 1},
    "patience": {"seeds": [0], "epochs": [1]},
}
LEARN, CHOOSE, END = slice(0, 1000), slice(1000, 1400), slice(1400, None)
WIDTHS = [64, 100, 100, 10]
BATCH = 10
ACTIVATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "logistic": (dl.sigmoid, dl.sigmoid_backward),
    "tanh": (dl.tanh, dl.tanh_backward),
    "ReLU": (dl.relu, dl.relu_backward),
    "leaky ReLU": (dl.leaky_relu, dl.leaky_relu_backward),
    "ELU": (dl.elu, dl.elu_backward),
}
STRETCHED: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "logistic − ½": (lambda x: dl.sigmoid(x) - 0.5, dl.sigmoid_backward),
    "4 logistic − 2": (
        lambda x: 4 * dl.sigmoid(x) - 2,
        lambda dy, x: 4 * dl.sigmoid_backward(dy, x),
    ),
}


def plain(seeds, rates, epochs):
    """Train on the pictures as they are, the logistic function also moved and stretched."""
    X, labels = pictures()
    return compare(ACTIVATIONS | STRETCHED, X, labels, seeds, rates, epochs)


def centred(seeds, rates, epochs):
    """Train after the mean picture has been subtracted."""
    X, labels = pictures()
    return compare(ACTIVATIONS, X - X[LEARN].mean(axis=0), labels, seeds, rates, epochs)


def constant(seeds, rates, epochs):
    """Train with slope 1 at zero and the constant kept, the cell that ``plain`` leaves out."""
    steep = (lambda x: 4 * dl.sigmoid(x), lambda dy, x: 4 * dl.sigmoid_backward(dy, x))
    return compare({"4 logistic": steep}, *pictures(), seeds, rates, epochs)


def fates(seeds, rates, epochs):
    """Say how the networks ended whose steps were too long, a row a rate, an entry a seed.

    ``diverged``: a weight is no number any more; ``below``: the share of units in each hidden
    layer that are nowhere above zero; ``largest``: the largest sum of a hidden unit, by size.
    Of a network that has diverged the other two are put at 0.
    """
    X, labels = pictures()
    found: dict[str, Any] = {}
    for kind, of in [("plain", X), ("centred", X - X[LEARN].mean(axis=0))]:
        found[kind] = {}
        for name in ("tanh", "ReLU", "leaky ReLU", "ELU"):
            rows = [[fate(name, of, labels, seed, r, epochs) for seed in seeds] for r in rates]
            found[kind][name] = {
                key: [[cell[key] for cell in row] for row in rows]
                for key in ("diverged", "below", "largest")
            }
    return found


def fate(name, X, labels, seed, rate, epochs):
    """Train one network; say how it ended."""
    f, f_backward = ACTIVATIONS[name]
    with np.errstate(all="ignore"):
        net = learn(f, f_backward, X[LEARN], labels[LEARN], seed, rate, epochs)
        if not all(np.isfinite(part).all() for layer in net for part in layer):
            return {"diverged": True, "below": np.zeros(2), "largest": 0.0}
        sums, _ = forward(f, net, X[LEARN])
    below = np.stack([(z <= 0).all(axis=0).mean() for z in sums])
    return {"diverged": False, "below": below, "largest": max(abs(z).max() for z in sums)}


def patience(seeds, rate, epochs):
    """Give the logistic function more rounds; shares read rightly, a row a seed."""
    X, labels = pictures()
    rows = [[judged(ACTIVATIONS["logistic"], X, labels, seed, rate, n)[1] for n in epochs]
            for seed in seeds]  # fmt: skip
    return {"end": rows}


def pictures():
    """Return the pictures, from 0 to 1, and their labels."""
    digits = load_digits()
    return digits.data / 16, digits.target


def compare(activations, X, labels, seeds, rates, epochs):
    """Return for each activation what became of the networks, a row a rate, an entry a seed.

    ``choose`` and ``end`` are the shares read rightly, ``stuck`` the share of units in each hidden
    layer whose slope stays below 1/1000 whichever image the network learned from is shown;
    ``units`` says it unit by unit for the first seed.
    """
    found = {}
    for name, pair in activations.items():
        rows = [[judged(pair, X, labels, seed, rate, epochs) for seed in seeds] for rate in rates]
        found[name] = {
            "choose": [[cell[0] for cell in row] for row in rows],
            "end": [[cell[1] for cell in row] for row in rows],
            "stuck": [[cell[2].mean(axis=1) for cell in row] for row in rows],
            "units": [row[0][2].astype(int) for row in rows],
        }
    return found


def judged(pair, X, labels, seed, rate, epochs):
    """Train one network; return two shares read rightly and which units are stuck, (2, M)."""
    f, f_backward = pair
    with np.errstate(all="ignore"):  # rates that are too large diverge
        net = learn(f, f_backward, X[LEARN], labels[LEARN], seed, rate, epochs)
        sums, scores = forward(f, net, X)
        slopes = [f_backward(np.ones_like(z[LEARN]), z[LEARN]) for z in sums]
    right = scores.argmax(axis=1) == labels
    stuck = np.stack([~(slope >= 1e-3).any(axis=0) for slope in slopes])
    return right[CHOOSE].mean(), right[END].mean(), stuck


def learn(f, f_backward, X, labels, seed, rate, epochs):
    """Train by plain descent on batches of ten; return the weights and biases."""
    rng = np.random.default_rng(seed)
    sizes = pairwise(WIDTHS)
    net = [[rng.normal(size=(n, m)) / np.sqrt(n), np.zeros(m)] for n, m in sizes]
    for _ in range(epochs):
        for batch in rng.permutation(len(X)).reshape(-1, BATCH):
            step(f, f_backward, net, X[batch], labels[batch], rate)
    return net


def forward(f, net, X):
    """Return the pre-activations of the hidden layers and the scores."""
    sums = []
    for W, b in net[:-1]:
        sums.append(X @ W + b)
        X = f(sums[-1])
    W, b = net[-1]
    return sums, X @ W + b


def step(f, f_backward, net, X, labels, rate):
    """Move all weights once, in place."""
    sums, scores = forward(f, net, X)
    dz = dl.cross_entropy_backward(1.0, scores, labels)
    values = [X, *map(f, sums)]
    for i in (2, 1, 0):
        W, b = net[i]
        dW, db = values[i].T @ dz, dz.sum(axis=0)
        if i:
            dz = f_backward(dz @ W.T, sums[i - 1])
        W -= rate * dW
        b -= rate * db


if __name__ == "__main__":
    main(sys.modules[__name__])
