"""Chapter 25: kernels of several sizes on digits, and the seconds of AlexNet and GoogLeNet.

``sizes`` trains readers of digits in float64 that differ in one layer: kernels of 1×1, 3×3 and
5×5 side by side, or of one size alone. The first three layers have the same number of weights, as
nearly as whole kernels allow; the last one has the maps of the first and pays for them.
``seconds`` times both networks in PyTorch, float32, one thread, in turn: whatever else the machine
does then falls on both.
"""

import sys
import time
from typing import Any

import numpy as np
import torch

from benchmarks.experiments import main
from dlnotes import data, layers, networks, optim, specs, torch_models

SETTINGS: dict[str, dict[str, Any]] = {
    "sizes": {
        "seeds": list(range(8)),
        "epochs": 12,
        "layers": {
            "1, 3 and 5": {"1": 16, "3": 16, "5": 8},
            "3×3 alone": {"3": 40},
            "5×5 alone": {"5": 14},
            "5×5, 40 maps": {"5": 40},
        },
    },
    "seconds": {"batches": [1, 16], "rounds": 7},
}
TINY: dict[str, dict[str, Any]] = {
    "sizes": {"seeds": [0], "epochs": 1, "layers": {"3×3 alone": {"3": 2}}},
    "seconds": {"batches": [1], "rounds": 1},
}
DEPTH = 16  # channels into the layer in question


def sizes(seeds, epochs, layers):
    """Return weights of each layer, and the shares of unseen digits read, a row a layer."""
    digits = data.load("digits")
    weights = [
        sum(DEPTH * maps * int(k) ** 2 for k, maps in kinds.items()) for kinds in layers.values()
    ]
    right = [[judged(digits, kinds, seed, epochs) for seed in seeds] for kinds in layers.values()]
    return {"weights": weights, "right": right, "unseen": len(digits.validation_labels)}


def judged(digits, kinds, seed, epochs):
    """Train one reader; return the share of unseen digits that it reads."""
    rng = np.random.default_rng(seed)
    stem = layers.Conv2d(1, DEPTH, 5, stride=2, padding=2, rng=rng)  # (N, 16, 14, 14)
    branches = [
        layers.Conv2d(DEPTH, maps, int(k), padding=int(k) // 2, rng=rng)
        for k, maps in kinds.items()
    ]
    net = layers.Sequential(
        stem,
        layers.ReLU(),
        layers.Parallel(branches, join="concat"),
        layers.ReLU(),
        layers.MaxPool2d(2),  # (N, maps, 7, 7)
        layers.GlobalMaxPool(),
        layers.Linear(sum(kinds.values()), 10, rng=rng),
    )
    descent = optim.SGD(net.parameters(), lr=0.03, momentum=0.9)
    options: dict[str, Any] = {"rng": rng, "epochs": epochs, "progress": False}
    X = digits.train_images.astype(float)
    networks.fit(net, X, digits.train_labels, optimizer=descent, **options)
    outputs = networks.predict(net, digits.validation_images.astype(float))
    return networks.accuracy(outputs, digits.validation_labels)


def seconds(batches, rounds):
    """Return the shortest time a picture of both networks, a row a batch size."""
    torch.set_num_threads(1)
    nets = {name: torch_models.build(specs.get(name)).eval() for name in ("alexnet", "googlenet")}
    found: dict[str, list[float]] = {name: [] for name in nets}
    with torch.no_grad():
        for n in batches:
            taken: dict[str, list[float]] = {name: [] for name in nets}
            for _ in range(rounds):
                for name, net in nets.items():
                    x = torch.zeros(n, *specs.get(name).input_shape)
                    start = time.perf_counter()
                    net(x)
                    taken[name].append((time.perf_counter() - start) / n)
            for name, times in taken.items():
                found[name].append(min(times))
    return found


if __name__ == "__main__":
    main(sys.modules[__name__])
