"""Chapter 06: how many steps to the same loss, with momentum and without, over the rate.

64 inputs, 32 tanh units, 10 scores, softmax and cross-entropy, in float64. The images are
scikit-learn's digits, standardised as a whole: 1,000 to learn from, 797 to test on. For one seed
all runs start from the same weights and see the same batches. A run ends when the loss on all
1,000 images is below the target for the first time, and is given up at the limit.
"""

import sys
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.experiments import main
from dlnotes import functional as dl

SETTINGS: dict[str, dict[str, Any]] = {
    "ten": {
        "seeds": [0, 1, 2, 3, 4],
        "rates": [2.0**k for k in range(-8, 1)],
        "batch": 10,
        "limit": 6000,
        "every": 10,
    },
    "whole": {
        "seeds": [0, 1, 2, 3, 4],
        "rates": [2.0**k for k in range(-6, 3)],
        "batch": 1000,
        "limit": 1200,
        "every": 1,
    },
}
TINY: dict[str, dict[str, Any]] = {
    "ten": {"seeds": [0], "rates": [0.125], "limit": 20},
    "whole": {"seeds": [0], "rates": [0.5], "limit": 3},
}
MOMENTA = [0.0, 0.9]
TARGET = 0.02
WIDTHS = [64, 32, 10]


def ten(seeds, rates, batch, limit, every):
    """Small batches: the gradient is noisy."""
    return compare(seeds, rates, batch, limit, every)


def whole(seeds, rates, batch, limit, every):
    """The whole training set in each step: no noise."""
    return compare(seeds, rates, batch, limit, every)


def compare(seeds, rates, batch, limit, every):
    """Return, by momentum, [rate][seed]: the steps (0 for never) and the test errors then."""
    found = {}
    for momentum in MOMENTA:
        runs = [[run(s, r, momentum, batch, limit, every) for s in seeds] for r in rates]
        found[f"{momentum}"] = {
            "steps": [[steps for steps, _ in row] for row in runs],
            "errors": [[errors for _, errors in row] for row in runs],
        }
    return found


def run(seed, rate, momentum, batch, limit, every):
    """Train until the loss is below the target; the steps, and the test errors at that moment."""
    images, labels = load_digits(return_X_y=True)
    images = (images - images[:1000].mean()) / images[:1000].std()
    rng = np.random.default_rng(seed)
    net = []
    for n, m in pairwise(WIDTHS):
        net += [rng.normal(size=(n, m)) / np.sqrt(n), np.zeros(m)]
    velocity = [np.zeros_like(w) for w in net]
    order = np.arange(1000)
    for step in range(1, limit + 1):
        if batch < 1000 and (step - 1) * batch % 1000 == 0:
            order = rng.permutation(1000)
        rows = order[(step - 1) * batch % 1000 :][:batch]
        for w, v, dw in zip(net, velocity, gradient(net, images[rows], labels[rows]), strict=True):
            v *= momentum
            v += dw
            w -= rate * v
        if step % every == 0:
            loss = dl.cross_entropy(scores(net, images[:1000])[1], labels[:1000])
            if loss < TARGET:
                guess = scores(net, images[1000:])[1].argmax(axis=1)
                return step, int((guess != labels[1000:]).sum())
            if not loss < 100:
                break
    return 0, -1


def scores(net, x):
    """Return the hidden values and the scores."""
    hidden = np.tanh(x @ net[0] + net[1])
    return hidden, hidden @ net[2] + net[3]


def gradient(net, x, labels):
    """Return the loss's derivative by the four parameters."""
    hidden, z = scores(net, x)
    dz = dl.cross_entropy_backward(1.0, z, labels)
    dh = (dz @ net[2].T) * (1 - hidden**2)
    return [x.T @ dh, dh.sum(axis=0), hidden.T @ dz, dz.sum(axis=0)]


if __name__ == "__main__":
    main(sys.modules[__name__])
