"""Chapter 17: what pooling does to a digit that is moved, and what shrinking the maps costs.

One convolution of 5×5 with padding 2, ReLU, a way of shrinking the maps, and a dense layer with
ten scores; Adam, in float64. Networks that differ only in the way of shrinking learn from the same
centred MNIST digits, start from the same kernels and see the same batches. The digits of the end
are moved by 0 to 4 pixels, each to one of four sides, drawn once for all networks.
"""

import sys
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from benchmarks.experiments import main
from dlnotes import data

RATES = [0.003, 0.01, 0.03]
SETTINGS: dict[str, dict[str, Any]] = {
    "shifts": {
        "name": "mnist", "seeds": list(range(5)), "rates": RATES,
        "learn": 500, "choose": 500, "end": 1000, "epochs": 6, "maps": 8,
    },
    "depth": {
        "name": "mnist", "seeds": list(range(5)), "rates": [0.006, 0.02],
        "learn": 500, "choose": 500, "end": 1000, "epochs": 40,
        "arms": [
            ["max 2", 8], ["max 3/2", 8], ["max 7", 8], ["max 7", 32], ["mean 7", 8],
            ["every seventh", 8], ["none, moved", 8], ["max 7, moved", 8],
        ],
    },
    "whole": {
        "name": "mnist", "seeds": list(range(5)), "rates": [0.006, 0.02, 0.06],
        "learn": 500, "choose": 500, "end": 1000, "epochs": 40, "maps": [8, 32],
    },
}  # fmt: skip
TINY: dict[str, dict[str, Any]] = {
    "shifts": {
        "name": "digits", "seeds": [0], "rates": [0.01],
        "learn": 40, "choose": 50, "end": 50, "epochs": 1, "maps": 2,
    },
    "depth": {
        "name": "digits", "seeds": [0], "rates": [0.01],
        "learn": 40, "choose": 50, "end": 50, "epochs": 1,
    },
    "whole": {
        "name": "digits", "seeds": [0], "rates": [0.01],
        "learn": 40, "choose": 50, "end": 50, "epochs": 1,
    },
}  # fmt: skip
BATCH, REACH = 20, 4
KERNEL = torch.tensor([1.0, 2.0, 1.0], dtype=torch.float64) / 4
BLUR = torch.outer(KERNEL, KERNEL)


def blurred(x):
    """Take the largest of each 2×2 at every place, blur, and keep every second place."""
    x = F.max_pool2d(x, 2, stride=1)
    w = BLUR.expand(x.shape[1], 1, 3, 3)
    return F.conv2d(x, w, stride=2, padding=1, groups=x.shape[1])


WAYS: dict[str, Any] = {
    "none": lambda x: x,
    "every second": lambda x: x[:, :, ::2, ::2],
    "average 2": lambda x: F.avg_pool2d(x, 2),
    "max 2": lambda x: F.max_pool2d(x, 2),
    "max 3/2": lambda x: F.max_pool2d(x, 3, stride=2, padding=1),
    "max, blur": blurred,
    "every fourth": lambda x: x[:, :, ::4, ::4],
    "max 4": lambda x: F.max_pool2d(x, 4),
    "global average": lambda x: x.mean(dim=(2, 3), keepdim=True),
}
WIDE: dict[str, Any] = {
    "every seventh": lambda x: x[:, :, 3::7, 3::7],
    "mean 7": lambda x: F.avg_pool2d(x, 7),
    "max 7": lambda x: F.max_pool2d(x, 7),
    "ten means": lambda x: 10 * x.mean(dim=(2, 3), keepdim=True),
}
SHRINK = WAYS | WIDE


def shifts(name, seeds, rates, learn, choose, end, epochs, maps):
    """Return for each way of shrinking the shares read rightly, a row a seed, an entry a shift.

    A rate is chosen for each way, on digits that are not moved and not those of the end. The
    ways "… moved" learn from digits that are moved anew in each round, by up to four pixels up or
    down and left or right; "pixels" has no convolution.
    """
    digits = data.load(name)
    found = {}
    for way in ["pixels", *WAYS, "none, moved", "max 2, moved"]:
        kind, *moved = way.split(", moved")
        found[way] = tuned(
            digits, kind, maps, seeds, rates, learn, choose, end, epochs, bool(moved)
        )
    return found


def depth(name, seeds, rates, learn, choose, end, epochs, arms):
    """Return the same after more rounds, for some ways of shrinking and numbers of maps."""
    digits = data.load(name)
    found = {}
    for way, maps in arms:
        kind, *moved = way.split(", moved")
        found[f"{way}, {maps}"] = tuned(
            digits, kind, maps, seeds, rates, learn, choose, end, epochs, bool(moved), fit=True
        )
    return found


def whole(name, seeds, rates, learn, choose, end, epochs, maps):
    """Return the same for the mean of the whole map.

    Such a mean is small, for most of a map is zero, and changes little from digit to digit; ten
    times as large it learns within some tens of rounds.
    """
    digits = data.load(name)
    return {
        f"mean of all, {count}": tuned(
            digits, "ten means", count, seeds, rates, learn, choose, end, epochs, False, fit=True
        )
        for count in maps
    }


def tuned(digits, way, maps, seeds, rates, learn, choose, end, epochs, moved, *, fit=False):
    """Choose the rate with the first three seeds; return what it gives with all of them.

    With ``fit`` also the shares read rightly of the digits learned from, not moved.
    """
    torch.set_num_threads(1)
    unseen = torch.tensor(digits.validation_images[: choose + end].astype(float))
    truth = digits.validation_labels[: choose + end]
    nets, chosen = {}, []
    for rate in rates:
        for seed in seeds[:3]:
            nets[rate, seed] = trained(digits, way, maps, seed, rate, learn, epochs, moved)
        shares = [share(way, nets[rate, s], unseen[:choose], truth[:choose]) for s in seeds[:3]]
        chosen.append(np.mean(shares))
    best = rates[int(np.argmax(chosen))]
    for seed in seeds[3:]:
        nets[best, seed] = trained(digits, way, maps, seed, best, learn, epochs, moved)
    sides = np.array([[0, 1], [0, -1], [1, 0], [-1, 0]])
    toward = sides[np.random.default_rng(5).integers(4, size=end)]
    seen = [shifted(unseen[choose:], far * toward) for far in range(REACH + 1)]
    found = {
        "rate": best,
        "chosen": chosen,
        "end": [[share(way, nets[best, s], X, truth[choose:]) for X in seen] for s in seeds],
        "features": len(nets[best, seeds[0]][-2]),
    }
    if fit:
        known = [lesson(digits, seed, learn) for seed in seeds]
        found["fit"] = [
            share(way, nets[best, s], X, labels.numpy())
            for s, (X, labels) in zip(seeds, known, strict=True)
        ]
    return found


def lesson(digits, seed, learn):
    """Return the digits that a seed learns from, and their labels."""
    picked = np.random.default_rng(seed).permutation(len(digits.train_images))[:learn]
    X = torch.tensor(digits.train_images[picked].astype(float))
    return X, torch.tensor(digits.train_labels[picked])


def trained(digits, way, maps, seed, rate, learn, epochs, moved):
    """Train one network; return its weights."""
    rng = np.random.default_rng(seed)
    rng.permutation(len(digits.train_images))  # as the lesson draws
    X, labels = lesson(digits, seed, learn)
    net = start(way, maps, seed)
    adam = torch.optim.Adam(net, lr=rate)
    drawn = np.random.default_rng(2000 + seed)
    for _ in range(epochs):
        order = rng.permutation(learn)
        shown = X[order]
        if moved:
            shown = shifted(shown, drawn.integers(-REACH, REACH + 1, (learn, 2)))
        for first in range(0, learn, BATCH):
            adam.zero_grad()
            scores = forward(way, net, shown[first : first + BATCH])
            F.cross_entropy(scores, labels[order[first : first + BATCH]]).backward()
            adam.step()
    return net


def shifted(X, by):
    """Move each image by its own rows and columns; zeros come in."""
    H, W = X.shape[2:]
    padded = F.pad(X, (REACH,) * 4)
    moved = [
        image[:, REACH - i : REACH - i + H, REACH - j : REACH - j + W]
        for image, (i, j) in zip(padded, by.tolist(), strict=True)
    ]
    return torch.stack(moved)


def share(way, net, X, labels):
    """Return the share read rightly."""
    with torch.no_grad():
        answers = [forward(way, net, part).argmax(dim=1).numpy() for part in X.split(250)]
    return float((np.concatenate(answers) == labels).mean())


def start(way, maps, seed):
    """Draw the kernels, the same for every way, and the weights of the dense layer."""
    rng = np.random.default_rng(1000 + seed)
    w = rng.normal(size=(maps, 1, 5, 5)) * np.sqrt(2 / 25)
    arrays = [] if way == "pixels" else [w, np.zeros(maps)]
    sizes = torch.zeros(1, 1 if way == "pixels" else maps, 28, 28, dtype=torch.float64)
    features = (sizes if way == "pixels" else SHRINK[way](sizes)).numel()
    arrays += [rng.normal(size=(features, 10)) / np.sqrt(features), np.zeros(10)]
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def forward(way, net, X):
    """Return the scores."""
    if way == "pixels":
        v, c = net
        return X.flatten(1) @ v + c
    w, b, v, c = net
    maps = F.conv2d(X, w, b, padding=2).relu()
    return SHRINK[way](maps).flatten(1) @ v + c


if __name__ == "__main__":
    main(sys.modules[__name__])
