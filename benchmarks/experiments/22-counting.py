"""Chapter 22: one kernel of 7×7 against three layers of 3×3, on scattered dots and on textures.

A network says whether a picture of 16×16 holds a hidden pattern of 7×7. Among dots, one pixel in
fifty is lit, and the pattern is three dots of which no two fit into a window of 3×3; the other
class has three dots at any places of a 7×7 instead. Among textures, every pixel is noise, and the
pattern is noise that is added; the other class has nothing added. All networks end in the maximum
over all places and a dense layer. Float64; Adam; the rate is chosen on 500 pictures of their own.
"""

import sys
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.experiments import main

SIZE, K, CLASSES = 16, 7, 2
LEARN, CHOOSE, END = slice(0, 2000), slice(2000, 2500), slice(2500, 3500)
SETTINGS: dict[str, dict[str, Any]] = {
    "dots": {"seeds": [0, 1, 2, 3, 4], "rates": [0.003, 0.01], "epochs": 10},
    "textures": {"seeds": [0, 1, 2, 3, 4], "rates": [0.003, 0.01], "epochs": 10},
}
TINY: dict[str, dict[str, Any]] = {
    "dots": {"seeds": [0], "rates": [0.01], "epochs": 1},
    "textures": {"seeds": [0], "rates": [0.01], "epochs": 1},
}


def dots(seeds, rates, epochs):
    """Find three dots among dots."""
    return compare(scattered, seeds, rates, epochs)


def textures(seeds, rates, epochs):
    """Find a texture in noise."""
    return compare(noisy, seeds, rates, epochs)


def compare(draw, seeds, rates, epochs):
    """Return for each network its parameters and the share it reads rightly, an entry a seed."""
    torch.set_num_threads(1)
    found: dict[str, dict[str, Any]] = {name: {"end": []} for name in networks()}
    for seed in seeds:
        X, labels = draw(np.random.default_rng(seed))
        for name in found:
            tries = [trained(name, X, labels, seed, rate, epochs) for rate in rates]
            best = max(tries, key=lambda net: right(net, X[CHOOSE], labels[CHOOSE]))
            found[name]["end"].append(right(best, X[END], labels[END]))
            found[name]["parameters"] = sum(p.numel() for p in best.parameters())
    return found


def networks():
    """Return the four networks, untrained, by their names."""
    return {
        "one 7×7, 8 kernels": head([nn.Conv2d(1, 8, K)], 8),
        "three 3×3, 4 channels": head(stack(4), 4),
        "three 3×3, 8 channels": head(stack(8), 8),
        "three 3×3, 16 channels": head(stack(16), 16),
    }


def stack(channels):
    """Return three convolutions of 3×3, of which the first sees one channel."""
    return [nn.Conv2d(c, channels, 3) for c in (1, channels, channels)]


def head(convolutions, channels):
    """Return a network: each convolution and its ReLU, the maximum over all places, two scores."""
    layers = [layer for conv in convolutions for layer in (conv, nn.ReLU())]
    last = [nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES)]
    return nn.Sequential(*layers, *last).double()


def trained(name, X, labels, seed, rate, epochs):
    """Return the network after training in batches of 50."""
    torch.manual_seed(seed)
    net = networks()[name]
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    for _ in range(epochs):
        for batch in torch.randperm(len(X[LEARN])).split(50):
            adam.zero_grad()
            nn.functional.cross_entropy(net(X[batch]), labels[batch]).backward()
            adam.step()
    return net


def right(net, X, labels):
    """Return the share of pictures that a network reads rightly."""
    with torch.no_grad():
        return float((net(X).argmax(dim=1) == labels).double().mean())


def scattered(rng):
    """Return pictures of dots, and which of them hold the hidden three."""
    hidden = apart(rng)
    images, labels = (rng.random((END.stop, SIZE, SIZE)) < 0.02) * 1.0, classes(rng)
    for image, label in zip(images, labels, strict=True):
        cells = hidden if label else rng.choice(K * K, size=3, replace=False)
        p, q = rng.integers(SIZE - K + 1, size=2)
        image[p + cells // K, q + cells % K] = 1
    return torch.tensor(images[:, None]), torch.tensor(labels)


def apart(rng):
    """Return three cells of a 7×7 of which no two fit into a window of 3×3."""
    while True:
        cells = rng.choice(K * K, size=3, replace=False)
        places = [np.array(divmod(cell, K)) for cell in cells]
        if all(np.abs(a - b).max() > 2 for a, b in combinations(places, 2)):
            return cells


def noisy(rng):
    """Return pictures of noise, and to which of them the hidden texture is added."""
    hidden = rng.normal(size=(K, K))
    images, labels = rng.normal(size=(END.stop, SIZE, SIZE)), classes(rng)
    for image, label in zip(images, labels, strict=True):
        p, q = rng.integers(SIZE - K + 1, size=2)
        image[p : p + K, q : q + K] += label * hidden
    return torch.tensor(images[:, None]), torch.tensor(labels)


def classes(rng):
    """Return a class for each picture."""
    return rng.integers(CLASSES, size=END.stop)


if __name__ == "__main__":
    main(sys.modules[__name__])
