"""Chapter 14: how many kernels? One layer of 3×3 kernels, from one of them to 32, on digits.

Kernels of 3×3, ReLU, the largest value of each 2×2 block, one dense layer, in float64. The images
are scikit-learn's digits, 8×8: 1,000 to learn from, 797 to be judged by.
"""

import sys
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from benchmarks.experiments import main
from dlnotes import layers, networks, optim

SETTINGS: dict[str, dict[str, Any]] = {
    "depth": {"seeds": list(range(8)), "kernels": [1, 2, 4, 8, 16, 32], "epochs": 12}
}
TINY: dict[str, dict[str, Any]] = {"depth": {"seeds": [0], "kernels": [2], "epochs": 1}}
LEARN, END = slice(0, 1000), slice(1000, None)


def depth(seeds, kernels, epochs):
    """Return the shares of unseen digits read rightly, a row a number of kernels."""
    digits = load_digits()
    X, labels = digits.images[:, None] / 16, digits.target
    return {"right": [[judged(X, labels, k, seed, epochs) for seed in seeds] for k in kernels]}


def judged(X, labels, k, seed, epochs):
    """Train one network with k kernels; return the share of unseen digits that it reads."""
    rng = np.random.default_rng(seed)
    net = layers.Sequential(
        layers.Conv2d(1, k, 3, rng=rng),  # (N, k, 6, 6)
        layers.ReLU(),
        layers.MaxPool2d(2),  # (N, k, 3, 3)
        layers.Flatten(),
        layers.Linear(k * 3 * 3, 10, rng=rng),
    )
    descent = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    options: dict[str, Any] = {"rng": rng, "epochs": epochs, "progress": False}
    networks.fit(net, X[LEARN], labels[LEARN], optimizer=descent, **options)
    return networks.accuracy(networks.predict(net, X[END]), labels[END])


if __name__ == "__main__":
    main(sys.modules[__name__])
