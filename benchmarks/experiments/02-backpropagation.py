"""Chapter 02: the two-layer network of the chapter learns to read digits by the gradients derived.

Sigmoid units, half the mean squared distance, plain descent, in float64, as in the chapter; the
images are MNIST's (DLNOTES_DATA names a folder that has them).
"""

import sys

import numpy as np

from benchmarks.experiments import main
from dlnotes import data

SETTINGS = {
    "digits": {
        "seeds": [0, 1, 2],
        "images": 50_000,
        "hidden": 30,
        "epochs": 10,
        "batch": 10,
        "rate": 3.0,
    }
}
TINY = {"digits": {"seeds": [0], "images": 200, "epochs": 1}}


def digits(seeds, images, **settings):
    """Return the share of validation images read right after each epoch, a list for each seed."""
    source = data.load("mnist" if images > 1000 else "digits")
    X = source.train_images[:images].reshape(-1, 784).astype(float)  # (N, D)
    target = np.eye(10)[source.train_labels[:images]]  # (N, K)
    X_new = source.validation_images.reshape(-1, 784).astype(float)

    def right(network):
        return (forward(X_new, *network)[1].argmax(1) == source.validation_labels).mean()

    return {
        "validation": [
            [right(network) for network in learn(seed, X, target, **settings)] for seed in seeds
        ]
    }


def learn(seed, X, target, hidden, epochs, batch, rate):
    """Train one network; yield its parameters after each epoch."""
    rng = np.random.default_rng(seed)
    (N, D), K = X.shape, target.shape[1]
    W1, b1 = rng.normal(size=(D, hidden)) / np.sqrt(D), np.zeros(hidden)
    W2, b2 = rng.normal(size=(hidden, K)) / np.sqrt(hidden), np.zeros(K)
    for _ in range(epochs):
        order = rng.permutation(N)
        for start in range(0, N, batch):
            at = order[start : start + batch]
            H, Y = forward(X[at], W1, b1, W2, b2)  # (N, M), (N, K)
            dZ2 = (Y - target[at]) / len(at) * Y * (1 - Y)  # (N, K)
            dZ1 = dZ2 @ W2.T * H * (1 - H)  # (N, M)
            W2 -= rate * H.T @ dZ2
            b2 -= rate * dZ2.sum(0)
            W1 -= rate * X[at].T @ dZ1
            b1 -= rate * dZ1.sum(0)
        yield W1, b1, W2, b2


def forward(X, W1, b1, W2, b2):
    """Return the values of the hidden layer and the output."""
    H = sigmoid(X @ W1 + b1)
    return H, sigmoid(H @ W2 + b2)


def sigmoid(z):
    """Return the logistic function."""
    return 1 / (1 + np.exp(-z))


if __name__ == "__main__":
    main(sys.modules[__name__])
