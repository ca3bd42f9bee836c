"""Chapter 05: which starting weights let a deep network learn to read digits, and at which rates.

Dense layers in float64, softmax with cross-entropy, plain descent (or Adam) on scikit-learn's
digits, standardised as a whole: 1,000 to learn from, 300 for validation, 497 for the test. A
training whose numbers leave the finite counts as guessing, that is 0.1.
"""

import sys
from itertools import pairwise

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.experiments import main

COMMON = {
    "seeds": [0, 1, 2, 3, 4],
    "width": 64,
    "epochs": 30,
    "batch": 50,
}
SETTINGS = {
    "eight": COMMON | {"depth": 8, "rates": [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]},
    "adam": COMMON | {"depth": 8, "rates": [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03]},
    "deeper": COMMON | {"depths": [4, 8, 16, 32], "rates": [0.003, 0.01, 0.03, 0.1, 0.3]},
}
_SMALL = {"seeds": [0], "epochs": 1, "rates": [0.1]}
TINY = {"eight": _SMALL, "adam": _SMALL, "deeper": _SMALL | {"depths": [4]}}
CASES = {
    "logistic, default": ("logistic", "default"),
    "logistic, Xavier": ("logistic", 1.0),
    "logistic, fourfold": ("logistic", 4.0),
    "logistic − ½, fourfold": ("centred", 4.0),
    "ReLU, default": ("relu", "default"),
    "ReLU, Xavier": ("relu", 1.0),
    "ReLU, He": ("relu", np.sqrt(2)),
}
FIRST, SECOND = 1000, 1300  # where learning ends, and validation


def eight(rates, seeds, depth, **settings):
    """Return accuracies on validation and test images: a row for each rate, a number a seed."""
    return {
        name: table(rates, seeds, activation=act, start=start, depth=depth, **settings)
        for name, (act, start) in CASES.items()
    }


def adam(rates, seeds, depth, **settings):
    """The same for Adam and the logistic network with default weights."""
    start = {"activation": "logistic", "start": "default"}
    return table(rates, seeds, **start, depth=depth, adaptive=True, **settings)


def deeper(rates, seeds, depths, **settings):
    """The same for starts that keep the signal's size, a table for each depth."""
    cases = {
        "ReLU, He": ("relu", np.sqrt(2)),
        "leaky ½, He": ("leaky", np.sqrt(2 / (1 + 0.5**2))),
        "tanh, Xavier": ("tanh", 1.0),
    }
    return {
        name: [table(rates, seeds, activation=a, start=s, depth=d, **settings) for d in depths]
        for name, (a, s) in cases.items()
    }


def table(rates, seeds, **settings):
    """Train at each rate from each seed."""
    shares = [[learn(rate=rate, seed=seed, **settings) for seed in seeds] for rate in rates]
    validation, test = np.moveaxis(np.array(shares), 2, 0)
    return {"validation": validation, "test": test}


def learn(activation, start, rate, seed, depth, width, epochs, batch, adaptive=False):
    """Train one network; return its share of right answers on validation and test images."""
    rng = np.random.default_rng(seed)
    X, labels = digits()
    net = layers(rng, [X.shape[1], *[width] * depth, 10], start)
    params = [array for layer in net for array in layer]
    memory = [(np.zeros_like(p), np.zeros_like(p)) for p in params]
    step = 0
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            order = rng.permutation(FIRST)
            for at in range(0, FIRST, batch):
                rows = order[at : at + batch]
                grads = gradients(net, X[rows], labels[rows], activation)
                step += 1
                for p, grad, kept in zip(params, grads, memory, strict=True):
                    p -= rate * (adam_step(grad, kept, step) if adaptive else grad)
            if not all(np.isfinite(p).all() for p in params):
                return 0.1, 0.1
        right = forward(net, X, activation)[-1].argmax(1) == labels
    return right[FIRST:SECOND].mean(), right[SECOND:].mean()


def digits():
    """Return pixels of mean square one and labels."""
    source = load_digits()
    X = source.data
    return (X - X[:FIRST].mean()) / X[:FIRST].std(), source.target


def layers(rng, sizes, start):
    """Return weights and biases: PyTorch's defaults, or Xavier's deviation times a gain.

    The gains of He's rule lie between one and two, and that rule takes the fan-in alone.
    """
    net = []
    for D, K in pairwise(sizes):
        if start == "default":
            r = 1 / np.sqrt(D)
            net.append((rng.uniform(-r, r, (D, K)), rng.uniform(-r, r, K)))
        else:
            fan = D if 1 < start < 2 else (D + K) / 2
            net.append((rng.normal(size=(D, K)) * start / np.sqrt(fan), np.zeros(K)))
    return net


def forward(net, X, activation):
    """Return the values of all layers, the input's first; the last layer has no activation."""
    values = [X]
    for at, (W, b) in enumerate(net, 1):
        Z = values[-1] @ W + b  # (N, K)
        values.append(Z if at == len(net) else ACTIVATIONS[activation][0](Z))
    return values


def gradients(net, X, labels, activation):
    """Return the gradients of the mean cross-entropy, weights and biases in turn."""
    values = forward(net, X, activation)
    logits = values[-1] - values[-1].max(1, keepdims=True)
    dZ = np.exp(logits)  # (N, K)
    dZ /= dZ.sum(1, keepdims=True)
    dZ[np.arange(len(X)), labels] -= 1
    dZ /= len(X)
    grads = []
    for (W, _), below in zip(net[::-1], values[-2::-1], strict=True):
        grads += [dZ.sum(0), below.T @ dZ]
        dZ = dZ @ W.T * ACTIVATIONS[activation][1](below)
    return grads[::-1]


def adam_step(grad, kept, step):
    """Return Adam's direction; its two averages are kept."""
    mean, square = kept
    mean += 0.1 * (grad - mean)
    square += 0.001 * (grad * grad - square)
    return mean / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)


ACTIVATIONS = {  # each with its slope, which the value tells
    "logistic": (lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
    "centred": (lambda z: 1 / (1 + np.exp(-z)) - 0.5, lambda h: (0.5 + h) * (0.5 - h)),
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(float)),
    "leaky": (lambda z: np.maximum(z, z / 2), lambda h: np.where(h > 0, 1.0, 0.5)),
    "tanh": (np.tanh, lambda h: 1 - h * h),
}

if __name__ == "__main__":
    main(sys.modules[__name__])
