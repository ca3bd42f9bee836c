"""Chapter 18: heads that take any size, where a class map points, and what a border gives away.

Small networks of PyTorch in float64, trained by Adam. Within an experiment all networks of a seed
see the same pictures in the same order.
"""

import sys
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits

from benchmarks.experiments import main

SETTINGS: dict[str, dict[str, Any]] = {
    "one_size": {
        "seeds": list(range(5)), "rates": [0.003, 0.01, 0.03],
        "learn": 1000, "choose": 300, "end": 497, "epochs": 32,
    },
    "all_kinds": {
        "seeds": list(range(5)), "rates": [0.003, 0.01, 0.03],
        "learn": 1000, "choose": 300, "end": 497, "epochs": 32,
    },
    "pointing": {"seeds": list(range(5)), "rate": 0.01, "learn": 1200, "epochs": 15},
    "position": {
        "cells": 16, "layers": [1, 2, 3, 4], "seeds": list(range(5)), "rate": 0.01, "steps": 1500,
    },
}  # fmt: skip
TINY: dict[str, dict[str, Any]] = {
    "one_size": {"seeds": [0], "rates": [0.01], "learn": 40, "choose": 40, "end": 40, "epochs": 1},
    "all_kinds": {"seeds": [0], "rates": [0.01], "learn": 40, "choose": 40, "end": 40, "epochs": 1},
    "pointing": {"seeds": [0], "learn": 40, "epochs": 1},
    "position": {"cells": 6, "seeds": [0], "steps": 2},
}  # fmt: skip
BATCH, SIDE, WIDE = 20, 8, 12
KINDS = ["8", "6", "12", "more"]
LEVELS = (4, 2, 1)


def one_size(**settings):
    """Return what `sizes` returns for heads that learned from digits of 8×8."""
    return sizes(KINDS[:1], **settings)


def all_kinds(**settings):
    """Return what `sizes` returns for heads that learned from batches of all kinds."""
    return sizes(KINDS, **settings)


def sizes(kinds, seeds, rates, learn, choose, end, epochs):
    """Return for each head the shares read rightly, an entry a seed, by the kind of picture.

    Two convolutions of 3×3 (8 and 16 maps, or 64 for "mean of 64"), ReLU, and a head. Each batch
    is of one of the kinds: 8×8, shrunk to 6, enlarged to 12, or put anywhere on an empty ground
    of 12×12. For the dense head a picture is first scaled to 8×8, and for "dense, cropped" the
    same network is shown the middle 8×8. The rate is chosen with the first seed, on other digits
    of the kinds that were learned.
    """
    torch.set_num_threads(1)
    digits = load_digits()
    pictures = torch.tensor(digits.images[:, None] / 16)
    X = pictures[learn : learn + choose + end]
    labels = digits.target[learn : learn + choose + end]
    pictures, truth = pictures[:learn], torch.tensor(digits.target[:learn])
    place = np.random.default_rng(5)
    seen = {kind: varied(X, kind, place) for kind in KINDS}
    early, late = slice(choose), slice(choose, None)
    found: dict[str, Any] = {}
    for head in HEADS:
        first = {
            rate: learned(pictures, truth, head, kinds, seeds[0], rate, learn, epochs)
            for rate in rates
        }
        chosen = [
            np.mean([right(head, net, seen[kind][early], labels[early]) for kind in kinds])
            for net in first.values()
        ]
        best = rates[int(np.argmax(chosen))]
        nets = [first[best]] + [
            learned(pictures, truth, head, kinds, seed, best, learn, epochs) for seed in seeds[1:]
        ]
        shown = {kind: seen[kind][late] for kind in KINDS}
        found[head] = {"rate": best, "chosen": chosen, "end": read(head, nets, shown, labels[late])}
        if head == "dense":
            middle = {kind: cropped(part) for kind, part in shown.items()}
            found["dense, cropped"] = {"end": read(head, nets, middle, labels[late])}
    return found


def read(head, nets, shown, labels):
    """Return the shares read rightly, an entry a network, by the kind of picture."""
    return {kind: [right(head, net, X, labels) for net in nets] for kind, X in shown.items()}


def varied(X, kind, rng):
    """Return the digits shrunk, enlarged, or anywhere on a larger ground."""
    if kind == "8":
        return X
    if kind != "more":
        return F.interpolate(X, size=int(kind), mode="bilinear", antialias=True)
    ground = torch.zeros(len(X), 1, WIDE, WIDE, dtype=X.dtype)
    corners = rng.integers(WIDE - SIDE + 1, size=(len(X), 2))
    for image, out, (i, j) in zip(X, ground, corners, strict=True):
        out[:, i : i + SIDE, j : j + SIDE] = image
    return ground


def cropped(X):
    """Cut out the middle 8×8; pictures that are smaller get an empty border."""
    by = (SIDE - X.shape[-1]) // 2
    return F.pad(X, (by,) * 4)


def pyramid(x):
    """Take the largest of each bin of each level."""
    return torch.cat([F.adaptive_max_pool2d(x, b).flatten(1) for b in LEVELS], dim=1)


HEADS: dict[str, Any] = {
    "dense": lambda x: x.flatten(1),
    "pyramid": pyramid,
    "mean": lambda x: x.mean(dim=(2, 3)),
    "mean of 64": lambda x: x.mean(dim=(2, 3)),
    "max": lambda x: x.amax(dim=(2, 3)),
}


def forward(head, net, X):
    """Return the scores of a network of `sizes`."""
    w, b, v, c, u, d = net
    if head == "dense" and X.shape[-1] != SIDE:
        X = F.interpolate(X, size=SIDE, mode="bilinear", antialias=True)
    x = F.conv2d(F.conv2d(X, w, b, padding=1).relu(), v, c, padding=1).relu()
    return HEADS[head](x) @ u + d


def learned(X, labels, head, kinds, seed, rate, learn, epochs):
    """Train one network of `sizes`; return its weights."""
    rng = np.random.default_rng(seed)
    maps = 64 if head == "mean of 64" else 16
    features = {"dense": SIDE * SIDE, "pyramid": 21}.get(head, 1) * maps
    net = drawn(seed, [(8, 1, 3, 3), (maps, 8, 3, 3)], features)
    adam = torch.optim.Adam(net, lr=rate)
    kind = np.random.default_rng(2000 + seed)
    for _ in range(epochs):
        for rows in rng.permutation(learn).reshape(-1, BATCH):
            shown = varied(X[rows], kinds[kind.integers(len(kinds))], kind)
            adam.zero_grad()
            F.cross_entropy(forward(head, net, shown), labels[rows]).backward()
            adam.step()
    return net


def drawn(seed, shapes, features, classes=10):
    """Draw kernels of these shapes and a dense layer, each with biases of zero."""
    rng = np.random.default_rng(1000 + seed)
    arrays = []
    for shape in shapes:
        scale = np.sqrt(2 / np.prod(shape[1:]))
        arrays += [rng.normal(size=shape) * scale, np.zeros(shape[0])]
    arrays += [rng.normal(size=(features, classes)) / np.sqrt(features), np.zeros(classes)]
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def right(head, net, X, labels):
    """Return the share read rightly."""
    with torch.no_grad():
        answers = [forward(head, net, part).argmax(dim=1).numpy() for part in X.split(250)]
    return float((np.concatenate(answers) == labels).mean())


def pointing(seeds, rate, learn, epochs):
    """Return how often a class map points at its digit, an entry a seed.

    Digits of 8×8, one anywhere on a strip of 8×24; two convolutions of 3×3 (8 and 24 maps), mean
    of all places, dense layer. In the end a strip holds three digits of different classes, and the
    map of each of these is asked for its largest place, and in "… by sum" for the third of the
    strip with the largest sum. "untrained" is the same before training.
    """
    torch.set_num_threads(1)
    digits = load_digits()
    images, labels = digits.images / 16, digits.target
    three = triples(labels, learn)
    strips = torch.tensor(images[three].transpose(0, 2, 1, 3).reshape(-1, 1, 8, 24))
    found: dict[str, Any] = {"right": []}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        net = drawn(seed, [(8, 1, 3, 3), (24, 8, 3, 3)], 24)
        for name, share in pointed(net, strips, labels[three]).items():
            found.setdefault(f"untrained{name}", []).append(share)
        adam = torch.optim.Adam(net, lr=rate)
        for _ in range(epochs):
            for rows in rng.permutation(learn).reshape(-1, BATCH):
                shown, truth = placed(images[rows], rng), torch.tensor(labels[rows])
                adam.zero_grad()
                F.cross_entropy(class_maps(net, shown).mean(dim=(2, 3)), truth).backward()
                adam.step()
        with torch.no_grad():
            scores = class_maps(net, placed(images[learn:], rng)).mean(dim=(2, 3))
        found["right"].append(float((scores.argmax(dim=1).numpy() == labels[learn:]).mean()))
        for name, share in pointed(net, strips, labels[three]).items():
            found.setdefault(f"trained{name}", []).append(share)
        if seed == seeds[0]:
            names = ["w1", "b1", "w2", "b2", "u", "d"]
            found["weights"] = {
                name: part.detach().numpy().ravel() for name, part in zip(names, net, strict=True)
            }
    return found


def placed(images, rng):
    """Put each digit anywhere on an empty strip of 8×24."""
    strips = np.zeros((len(images), 1, 8, 24))
    for strip, image, j in zip(strips, images, rng.integers(17, size=len(images)), strict=True):
        strip[0, :, j : j + 8] = image
    return torch.tensor(strips)


def triples(labels, learn):
    """Draw 200 triples of unseen digits, of three classes each."""
    rng = np.random.default_rng(7)
    drawn = rng.integers(learn, len(labels), size=(1000, 3))
    return np.array([t for t in drawn if len({*labels[t]}) == 3])[:200]


def class_maps(net, X):
    """Return the map of each class, bias included: its mean is the score."""
    w, b, v, c, u, d = net
    x = F.conv2d(F.conv2d(X, w, b, padding=1).relu(), v, c, padding=1).relu()
    return torch.einsum("ncij,ck->nkij", x, u) + d[:, None, None]


def pointed(net, strips, labels):
    """Return the shares of digits on which the map of their class is largest, by place, by sum."""
    with torch.no_grad():
        maps = class_maps(net, strips).numpy()
    thirds = maps.reshape(*maps.shape[:2], 8, 3, 8)
    readings = {"": thirds.max(axis=(2, 4)), ", by sum": thirds.sum(axis=(2, 4))}
    rows = np.arange(len(labels))
    found = {}
    for name, values in readings.items():
        at = values.argmax(axis=2)  # (N, K)
        found[name] = float(np.mean([at[rows, labels[:, k]] == k for k in range(3)]))
    return found


def position(cells, layers, seeds, rate, steps):
    """Return the share of places told rightly as left or right, best of all steps, a seed each.

    One cell of a row is 1 and the others 0; convolutions of 3 with 8 maps, ReLU, mean of all
    places, one score. All places are learned, and the same are asked for: a network that does
    not tell them cannot.
    """
    torch.set_num_threads(1)
    rows = torch.eye(cells, dtype=torch.float64)[:, None]
    truth = torch.tensor(np.arange(cells) >= cells // 2).double()
    depths = [("constant", depth) for depth in layers]
    depths += [("circular", layers[-1]), ("reflect", layers[-1])]
    found: dict[str, Any] = {}
    for border, depth in depths:
        shares = []
        for seed in seeds:
            shapes = [(8, 8 if at else 1, 3) for at in range(depth)]
            net = drawn(seed, shapes, 8, classes=1)
            adam = torch.optim.Adam(net, lr=rate)
            best = 0.0
            for _ in range(steps):
                scores = told(net, rows, border)
                above = scores.round(decimals=9) > 0  # rounding errors tell no places
                best = max(best, float((above == (truth > 0)).double().mean()))
                adam.zero_grad()
                F.binary_cross_entropy_with_logits(scores, truth).backward()
                adam.step()
            shares.append(best)
        found[f"{border}, {depth}"] = shares
    return found


def told(net, x, border):
    """Return one score a row."""
    for w, b in zip(net[:-2:2], net[1:-2:2], strict=True):
        x = F.conv1d(F.pad(x, (1, 1), mode=border), w, b).relu()
    return (x.mean(dim=2) @ net[-2] + net[-1])[:, 0]


if __name__ == "__main__":
    main(sys.modules[__name__])
