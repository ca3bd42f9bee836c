"""Chapter 08: what batch normalization changes, over starts, learning rates and groups.

Dense networks in float64 on scikit-learn's digits: some of the first 1,000 to learn from, the
next 400 to choose a rate by, 397 for the end. Pixels are shifted and scaled to mean square one.
Plain descent on batches of 50 unless said. All networks that differ in seed and rate are trained
at once: an array has an axis of networks before the others.
"""

import sys
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.experiments import main

RATES = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
GAINS = [0.1, 0.3, 1.0, 3.0, 10.0]
SETTINGS: dict[str, dict[str, Any]] = {
    "towers": {"seeds": [0, 1, 2], "rates": RATES, "gains": GAINS, "epochs": 30},
    "he": {"seeds": [0, 1, 2], "rates": RATES, "gain": 1.41421, "epochs": 30},
    "mild": {"seeds": list(range(20)), "rates": RATES[1:], "images": 300, "epochs": 60},
    "averages": {"seeds": list(range(10)), "rates": {"50": 0.3, "10": 0.1}, "epochs": 20},
}
TINY: dict[str, dict[str, Any]] = {
    "towers": {"seeds": [0], "rates": [0.1], "gains": [1.0], "epochs": 1},
    "he": {"seeds": [0], "rates": [0.1], "epochs": 1},
    "mild": {"seeds": [0], "rates": [0.1], "images": 100, "epochs": 1},
    "averages": {"seeds": [0], "epochs": 1},
}
LEARN, CHOOSE, END = slice(0, 1000), slice(1000, 1400), slice(1400, None)
BATCH, EPS = 50, 1e-5
SHARES = [0.1, 0.01, 0.001, 0.99]
ARMS: dict[str, dict[str, Any]] = {
    "none": {"place": "none"},
    "groups of 50": {"group": 50},
    "groups of 10": {"group": 10},
    "groups of 5": {"group": 5},
    "after ReLU": {"place": "after"},
    "outputs too": {"outputs": True},
}


def towers(seeds, rates, gains, epochs, units=("logistic", "ReLU")):
    """Train eight hidden layers of 64 from weights of ``gains`` times Xavier's size.

    Shares read rightly, a block a gain, a row a rate, an entry a seed.
    """
    X, labels = pictures()
    found: dict[str, Any] = {}
    for unit in units:
        for place in ("none", "before"):
            parts: dict[str, list[Any]] = {"choose": [], "end": []}
            for gain in gains:
                net = Networks([64] * 9 + [10], seeds, rates, gain, unit=unit, place=place)
                net.learn(X[LEARN], labels[LEARN], epochs)
                parts["choose"].append(net.right(X[CHOOSE], labels[CHOOSE]))
                parts["end"].append(net.right(X[END], labels[END]))
            found[f"{unit}, {place}"] = parts
    return found


def he(seeds, rates, gain, epochs):
    """Train the ReLU towers from He's size too, √2 times Xavier's, which is not on the grid."""
    return towers(seeds, rates, [gain], epochs, units=["ReLU"])


def mild(seeds, rates, images, epochs):
    """Train two hidden layers of 64 ReLUs on few images, with statistics of several groups.

    A row a rate, an entry a seed: shares read rightly and losses, in use.
    """
    X, labels = pictures()
    found = {}
    for name, options in ARMS.items():
        net = Networks([64, 64, 64, 10], seeds, rates, 2**0.5, unit="ReLU", **options)
        net.learn(X[:images], labels[:images], epochs)
        found[name] = {
            "loss": net.loss(X[:images], labels[:images]),
            "choose": net.right(X[CHOOSE], labels[CHOOSE]),
            "end": net.right(X[END], labels[END]),
            "end loss": net.loss(X[END], labels[END]),
        }
    return found


def averages(seeds, rates, epochs):
    """Judge trainings on batches of 50 and of 10 by several averages, on all 797 other images.

    Shares read rightly, an entry a seed; the weights are the same in each column.
    """
    X, labels = pictures()
    found: dict[str, Any] = {}
    for batch, rate in rates.items():
        net = Networks([64, 64, 64, 10], seeds, [rate], 2**0.5, unit="ReLU")
        net.learn(X[LEARN], labels[LEARN], epochs, int(batch))
        judge = X[1000:], labels[1000:]
        found[batch] = {str(share): net.right(*judge, i)[0] for i, share in enumerate(SHARES)}
        net.average(X[LEARN])
        found[batch]["whole set"] = net.right(*judge)[0]
        net.reset()
        found[batch]["unmoved"] = net.right(*judge)[0]
    return found


def pictures():
    """Return the pictures, with mean 0 and mean square 1 over all pixels, and their labels."""
    digits = load_digits()
    X = digits.data
    return (X - X[LEARN].mean()) / X[LEARN].std(), digits.target


class Networks:
    """Networks of one architecture, one for each rate and seed, (R, …) with the rates slowest."""

    def __init__(
        self, widths, seeds, rates, gain, *, unit, place="before", group=None, outputs=False
    ):
        self.shape, self.seeds = (len(rates), len(seeds)), list(seeds)
        self.rates = np.repeat(rates, len(seeds))[:, None, None]
        self.unit, self.place, self.group, self.outputs = unit, place, group, outputs
        starts = []
        for seed in seeds:
            rng = np.random.default_rng(seed)
            starts.append([gain * rng.normal(size=(n, m)) * np.sqrt(2 / (n + m))
                           for n, m in pairwise(widths)])  # fmt: skip
        self.W = [np.stack(layer * len(rates)) for layer in map_lists(starts)]
        ones = [np.ones((len(self.rates), 1, m)) for m in widths[1:]]
        self.scale, self.shift = ones, [0 * one for one in ones]
        self.reset()

    def reset(self):
        """Put the running averages back to mean 0 and variance 1, a row a share."""
        self.running = [
            [np.zeros((len(SHARES), *one.shape)), np.ones((len(SHARES), *one.shape))]
            for one in self.scale
        ]

    def normal(self, layer):
        """Say whether a layer is normalised."""
        return self.outputs if layer == len(self.W) - 1 else self.place != "none"

    def forward(self, X, how):
        """Return the scores and what the backward pass needs; ``how`` normalises a layer."""
        kept = []
        for i, W in enumerate(self.W):
            z, last = X @ W, i == len(self.W) - 1
            late = self.place == "after" and not last
            on = f(self.unit, z) if late else z
            hat, s = how(i, on) if self.normal(i) else (on, None)
            y = hat * self.scale[i] + self.shift[i] if self.normal(i) else hat + self.shift[i]
            out = y if late or last else f(self.unit, y)
            kept.append((X, z, hat, s, y))
            X = out
        return X, kept

    def by_batch(self, i, z, shares=SHARES):
        """Normalise by the groups' own statistics, and move the averages."""
        v = z.reshape(len(z), -1, self.group or z.shape[1], z.shape[2])
        mean = v.mean(axis=2, keepdims=True)
        centred = v - mean
        var = (centred**2).mean(axis=2, keepdims=True)
        s = np.sqrt(var + EPS)
        unbiased = var * (v.shape[2] / (v.shape[2] - 1))
        for kind, new in enumerate((mean.mean(axis=1), unbiased.mean(axis=1))):
            old = self.running[i][kind]
            for row, share in enumerate(shares):
                old[row] += share * (new - old[row])
        return (centred / s).reshape(z.shape), s

    def average(self, X):
        """Let all averages be the statistics of X, under the weights as they are."""
        group, self.group = self.group, None
        X = np.broadcast_to(X, (len(self.rates), *X.shape[-2:]))
        self.forward(X, lambda i, z: self.by_batch(i, z, shares=[1.0] * len(SHARES)))
        self.group = group

    def learn(self, X, labels, epochs, size=BATCH):
        """Train by plain descent on batches of one size."""
        rngs = [np.random.default_rng(seed + 1000) for seed in self.seeds]
        with np.errstate(all="ignore"):  # rates that are too large diverge
            for _ in range(epochs):
                orders = np.stack([rng.permutation(len(X)) for rng in rngs] * self.shape[0])
                for start in range(0, len(X), size):
                    batch = orders[:, start : start + size]
                    self.step(X[batch], labels[batch])

    def step(self, X, labels):
        """Move everything that is learned once."""
        scores, kept = self.forward(X, self.by_batch)
        d = (softmax(scores) - (labels[..., None] == np.arange(10))) / X.shape[1]
        for i in reversed(range(len(self.W))):
            X, z, hat, s, y = kept[i]
            last, normal = i == len(self.W) - 1, self.normal(i)
            late = self.place == "after" and not last
            if not late and not last:
                d = d * slope(self.unit, y)
            dshift = d.sum(axis=1, keepdims=True)
            dscale = (d * hat).sum(axis=1, keepdims=True)
            if normal:
                d = self.backward(d * self.scale[i], hat, s)
            if late:
                d = d * slope(self.unit, z)
            dW = X.swapaxes(1, 2) @ d
            if i:
                d = d @ self.W[i].swapaxes(1, 2)
            self.W[i] = self.W[i] - self.rates * dW
            self.shift[i] = self.shift[i] - self.rates * dshift
            if normal:
                self.scale[i] = self.scale[i] - self.rates * dscale

    def backward(self, d, hat, s):
        """Go back through the normalisation."""
        g, h = (a.reshape(len(a), -1, self.group or a.shape[1], a.shape[2]) for a in (d, hat))
        g = g - g.mean(axis=2, keepdims=True) - h * (g * h).mean(axis=2, keepdims=True)
        return (g / s).reshape(d.shape)

    def scores(self, X, row=0):
        """Return the scores in use, by the running averages of one share."""

        def how(i, z):
            mean, var = (part[row] for part in self.running[i])
            return (z - mean) / np.sqrt(var + EPS), None

        with np.errstate(all="ignore"):
            return self.forward(X, how)[0]

    def right(self, X, labels, row=0):
        """Return the shares read rightly, a row a rate."""
        right = self.scores(X, row).argmax(axis=2) == labels
        return right.mean(axis=1).reshape(self.shape)

    def loss(self, X, labels):
        """Return the losses, a row a rate."""
        p = softmax(self.scores(X))[:, np.arange(len(X)), labels]
        return -np.log(np.maximum(p, 1e-300)).mean(axis=1).reshape(self.shape)


def map_lists(rows):
    """Turn a list of rows into a list of columns."""
    return [list(column) for column in zip(*rows, strict=True)]


def softmax(scores):
    """Return probabilities along the last axis."""
    p = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


def f(unit, z):
    """Return the unit's values."""
    return np.maximum(z, 0) if unit == "ReLU" else 1 / (1 + np.exp(-z))


def slope(unit, z):
    """Return the unit's slopes."""
    if unit == "ReLU":
        return z > 0
    y = f(unit, z)
    return y * (1 - y)


if __name__ == "__main__":
    main(sys.modules[__name__])
