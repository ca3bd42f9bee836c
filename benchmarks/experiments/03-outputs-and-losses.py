"""Chapter 03: one small network, four ways from its last scores to a loss, at several rates.

64 inputs, 32 logistic units, 10 scores, in float64; each step sees all 1,200 images, as in the
chapter. The images are scikit-learn's digits, the last 597 are unseen.
"""

import sys

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.experiments import main
from dlnotes import functional as dl

SETTINGS = {
    "outputs": {
        "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        "rates": [0.3, 1.0, 3.0, 10.0],
        "steps": 1000,
    },
    "rash": {
        "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        "rates": [0.3, 1.0, 3.0],
        "steps": 100,
        "scale": 4.0,
    },
    "patience": {
        "seeds": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        "rate": 1.0,
        "steps": [2000, 4000, 8000],
    },
}
TINY = {
    "outputs": {"seeds": [0], "rates": [1.0], "steps": 3},
    "rash": {"seeds": [0], "rates": [1.0], "steps": 3},
    "patience": {"seeds": [0], "steps": [2, 3]},
}
SEEN = 1200


def outputs(seeds, rates, steps):
    """Return for each output and rate, a number a seed, what became of the unseen images.

    ``right`` is the share that is read rightly, ``missing`` the number of digits that is never
    given as an answer.
    """
    right, missing = {}, {}
    for slope in (squared, squared_after_softmax, cross_entropy, softmax_twice):
        name = slope.__name__
        rows = [[judged(slope, seed, rate, steps) for seed in seeds] for rate in rates]
        right[name] = [[share for share, _ in row] for row in rows]
        missing[name] = [[lost for _, lost in row] for row in rows]
    return {"right": right, "missing": missing}


def rash(seeds, rates, steps, scale):
    """Return the share read rightly where the last weights, multiplied, begin with a mistake."""
    return {
        "right": {
            slope.__name__: [
                [judged(slope, seed, rate, steps, scale)[0] for seed in seeds] for rate in rates
            ]
            for slope in (squared_after_softmax, cross_entropy)
        }
    }


def patience(seeds, rate, steps):
    """Return how many digits are missing after more steps behind two softmaxes, a row a number."""
    return {"missing": [[judged(softmax_twice, seed, rate, n)[1] for seed in seeds] for n in steps]}


def judged(slope, seed, rate, steps, scale=0.2):
    """Train one network; return the share of unseen images read rightly, and the lost digits."""
    digits = load_digits()
    X, labels = digits.data / 16, digits.target
    network = learn(slope, X[:SEEN], labels[:SEEN], seed, rate, steps, scale)
    given = answer(network, X[SEEN:])
    return (given == labels[SEEN:]).mean(), 10 - len(np.unique(given))


def squared(Z, Y):
    """Half the squared distance of the scores themselves."""
    return Z - Y


def squared_after_softmax(Z, Y):
    """Half the squared distance of the probabilities."""
    return dl.softmax_backward(dl.softmax(Z) - Y, Z)


def cross_entropy(Z, Y):
    """Softmax, then cross-entropy."""
    return dl.softmax(Z) - Y


def softmax_twice(Z, Y):
    """Softmax, softmax once more, then cross-entropy."""
    p = dl.softmax(Z)
    return dl.softmax_backward(dl.softmax(p) - Y, Z)


def learn(slope, X, labels, seed, rate, steps, scale):
    """Train the network by plain descent on all images; return its parameters."""
    rng = np.random.default_rng(seed)
    Y = np.eye(10)[labels]  # (N, K)
    W1, b1 = 0.2 * rng.normal(size=(64, 32)), np.zeros(32)
    W2, b2 = scale * rng.normal(size=(32, 10)), np.zeros(10)
    with np.errstate(all="ignore"):  # the squared distance diverges at large rates
        for _ in range(steps):
            H = dl.sigmoid(X @ W1 + b1)  # (N, M)
            dZ = slope(H @ W2 + b2, Y) / len(X)  # (N, K)
            dA = dZ @ W2.T * H * (1 - H)  # (N, M)
            W1 -= rate * X.T @ dA
            b1 -= rate * dA.sum(0)
            W2 -= rate * H.T @ dZ
            b2 -= rate * dZ.sum(0)
    return W1, b1, W2, b2


def answer(network, X):
    """Return the digit of the highest score for each image."""
    W1, b1, W2, b2 = network
    with np.errstate(all="ignore"):
        return (dl.sigmoid(X @ W1 + b1) @ W2 + b2).argmax(1)


if __name__ == "__main__":
    main(sys.modules[__name__])
