"""Chapter 11: what locality and sharing buy, and what a hundred features learned elsewhere do.

All experiments read MNIST. ``scrambles`` trains, in float64, three networks that differ only in
which weights of the first layer are zero or equal, on images of 14×14; ``few`` trains them on
fewer images, left as they are; ``features`` slides a hundred fixed kernels over 28×28 and fits
nothing but a linear readout.
"""

import sys
from functools import partial
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_sample_images

from benchmarks.experiments import main
from benchmarks.experiments.training import epoch
from dlnotes import data
from dlnotes import functional as dl

SETTINGS: dict[str, dict[str, Any]] = {
    "scrambles": {
        "name": "mnist", "seeds": list(range(5)), "rates": [0.001, 0.003, 0.01],
        "learn": 500, "choose": 1000, "end": 2000, "epochs": 20,
    },
    "few": {
        "name": "mnist", "seeds": list(range(10)), "rates": [0.003, 0.01],
        "sizes": [50, 100], "choose": 1000, "end": 2000, "epochs": 20, "batch": 10,
    },
    "features": {
        "name": "mnist", "seeds": list(range(3)), "learn": 2000, "choose": 500, "end": 2000,
        "units": 100 * 21 * 21,
    },
}  # fmt: skip
TINY: dict[str, dict[str, Any]] = {
    "scrambles": {
        "name": "digits", "seeds": [0], "rates": [0.01],
        "learn": 40, "choose": 100, "end": 100, "epochs": 1,
    },
    "few": {
        "name": "digits", "seeds": [0], "rates": [0.01],
        "choose": 100, "end": 100, "epochs": 1, "batch": 10,
    },
    "features": {
        "name": "digits", "seeds": [0], "learn": 100, "choose": 100, "end": 100, "units": 4000,
    },
}  # fmt: skip
SIDE, K, R = 14, 16, 5
P = SIDE - R + 1
BATCH = 20


def scrambles(name, seeds, rates, learn, choose, end, epochs):
    """Return for each first layer and scramble the shares read rightly, an entry a seed.

    ``end`` is measured at the rate that was best, on average over the seeds, on the images to
    choose by. A seed decides the images to learn from, the scramble, the weights and the batches.
    """
    torch.set_num_threads(1)
    digits = data.load(name)
    train, unseen = small(digits.train_images), small(digits.validation_images)
    found: dict[str, Any] = {}
    for layer in ("dense", "local", "shared"):
        found[layer] = {}
        for how in ("natural", "signs", "shuffled"):
            shares = np.array([
                [
                    trained(layer, how, seed, rate, learn, epochs, BATCH, choose, end,
                            train, unseen, digits)
                    for seed in seeds
                ]
                for rate in rates
            ])  # fmt: skip
            best = shares[..., 0].mean(axis=1).argmax()
            found[layer][how] = {"end": shares[best, :, 1], "rate": rates[best]}
    return found


def few(name, seeds, rates, sizes, choose, end, epochs, batch):
    """Return for each number of images and first layer the shares read rightly, as above."""
    torch.set_num_threads(1)
    digits = data.load(name)
    train, unseen = small(digits.train_images), small(digits.validation_images)
    found: dict[str, Any] = {}
    for learn in sizes:
        found[str(learn)] = {}
        for layer in ("dense", "local", "shared"):
            shares = np.array([
                [
                    trained(layer, "natural", seed, rate, learn, epochs, batch, choose, end,
                            train, unseen, digits)
                    for seed in seeds
                ]
                for rate in rates
            ])  # fmt: skip
            best = shares[..., 0].mean(axis=1).argmax()
            found[str(learn)][layer] = {"end": shares[best, :, 1], "rate": rates[best]}
    return found


def small(images):
    """Average blocks of 2×2: (N, 1, 28, 28) becomes (N, 196)."""
    halves = images.astype(float).reshape(-1, SIDE, 2, SIDE, 2).mean(axis=(2, 4))
    return halves.reshape(-1, SIDE * SIDE)


def scrambled(X, how, seed):
    """Leave the pixels, turn the sign of a random half of them, or change their places."""
    rng = np.random.default_rng(1000 + seed)
    if how == "signs":
        return X * rng.choice([-1.0, 1.0], size=X.shape[1])
    return X[:, rng.permutation(X.shape[1])] if how == "shuffled" else X


def trained(layer, how, seed, rate, learn, epochs, size, choose, end, train, unseen, digits):
    """Train one network; return the shares read rightly of the two sets of unseen images."""
    rng = np.random.default_rng(seed)
    picked = rng.permutation(len(train))[:learn]
    X = torch.tensor(scrambled(train[picked], how, seed))
    labels = torch.tensor(digits.train_labels[picked])
    net = start(layer, seed)
    adam = torch.optim.Adam(net, lr=rate)
    for _ in range(epochs):
        epoch(partial(forward, layer, net), adam, X, labels, rng, size)
    with torch.no_grad():
        seen = torch.tensor(scrambled(unseen[: choose + end], how, seed))
        answers = forward(layer, net, seen).argmax(dim=1).numpy()
    right = answers == digits.validation_labels[: choose + end]
    return right[:choose].mean(), right[choose:].mean()


def start(layer, seed):
    """Draw the weights; the first layer's have variance two over the inputs that a unit reads."""
    rng = np.random.default_rng(2000 + seed)
    shapes = {
        "dense": ((K * P * P, SIDE * SIDE), (K * P * P,)),
        "local": ((K, P * P, R * R), (K, P * P)),
        "shared": ((K, 1, R, R), (K,)),
    }
    weights, biases = shapes[layer]
    reads = SIDE * SIDE if layer == "dense" else R * R
    units = K * P * P // 4
    arrays = [
        rng.normal(size=weights) * np.sqrt(2 / reads), np.zeros(biases),
        rng.normal(size=(units, 10)) / np.sqrt(units), np.zeros(10),
    ]  # fmt: skip
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def forward(layer, net, X):
    """Return the scores: 16 maps of 10×10, ReLU, the largest of each 2×2, and a dense layer."""
    w, b, v, c = net
    images = X.view(-1, 1, SIDE, SIDE)
    if layer == "dense":
        maps = (X @ w.T + b).view(-1, K, P, P)
    elif layer == "local":
        windows = torch.nn.functional.unfold(images, R)  # (N, R*R, P*P)
        maps = (torch.einsum("nrp,kpr->nkp", windows, w) + b).view(-1, K, P, P)
    else:
        maps = torch.nn.functional.conv2d(images, w, b)
    return torch.nn.functional.max_pool2d(maps.relu(), 2).flatten(1) @ v + c


def features(name, seeds, learn, choose, end, units):
    """Return the shares read rightly by a linear readout of a hundred pooled maps, by kernels.

    Beside them stand the pixels themselves and rectified units that read all pixels: as many as
    there are pooled numbers, and as many as there are units before the pooling.
    """
    digits = data.load(name)
    unseen = digits.validation_images[: choose + end].astype(float)
    found: dict[str, Any] = {}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        picked = rng.permutation(len(digits.train_images))[:learn]
        X = np.concatenate([digits.train_images[picked].astype(float), unseen])
        labels = np.concatenate(
            [digits.train_labels[picked], digits.validation_labels[: choose + end]]
        )
        photographs = [photo.mean(axis=2) for photo in load_sample_images().images]
        own = X[:learn, 0]
        flat = X.reshape(len(X), -1)
        dense = dl.relu(flat @ rng.normal(size=(flat.shape[1], 400)))
        seen = {"pixels": flat, "dense noise": dense}
        seen["wide dense noise"] = wide(flat, units, np.random.default_rng(3000 + seed), learn)
        kernels = {
            "learned on photographs": clusters(patches(photographs, 10000, rng), rng),
            "learned on digits": clusters(patches(own, 10000, rng), rng),
            "patches of digits": unit(patches(own, 10000, rng))[:100],
            "noise": unit(rng.normal(size=(100, 64))),
        }
        seen |= {kind: pooled(X, rows) for kind, rows in kernels.items()}
        for kind, Z in seen.items():
            share, penalty = readout(Z, labels, learn, choose)
            part = found.setdefault(kind, {"end": [], "penalty": []})
            part["end"].append(share)
            part["penalty"].append(penalty)
    return found


def wide(flat, units, rng, learn):
    """Return few numbers with the same inner products as the answers of many random units.

    A ridge regression sees the answers Z of the units only through ``Z @ Z[:learn].T``, which is
    summed up in blocks; its Cholesky factor has the same products, with ``learn`` columns.
    """
    products = np.zeros((len(flat), learn))
    for block in np.array_split(np.arange(units), max(1, units // 2000)):
        Z = dl.relu(flat @ rng.normal(size=(flat.shape[1], len(block))))
        products += Z @ Z[:learn].T
    return np.linalg.solve(np.linalg.cholesky(products[:learn]), products.T).T


def patches(images, n, rng):
    """Cut n windows of 8×8 at random places of random images, one a row."""
    rows = []
    for which in rng.integers(len(images), size=n):
        H, W = images[which].shape
        i, j = rng.integers(H - 7), rng.integers(W - 7)
        rows.append(images[which][i : i + 8, j : j + 8].ravel())
    return np.array(rows)


def unit(rows):
    """Subtract each row's mean and divide by its length; leave out what is flat."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1)
    keep = lengths > 0.1 * lengths.max()
    return rows[keep] / lengths[keep, None]


def clusters(rows, rng, count=100, rounds=15):
    """Find patterns of length one such that each row lies near one of them, up to its sign."""
    rows = unit(rows)
    found = rows[rng.choice(len(rows), count, replace=False)]
    for _ in range(rounds):
        likeness = rows @ found.T
        best = abs(likeness).argmax(axis=1)
        signs = np.sign(likeness[np.arange(len(rows)), best])
        for j in range(count):
            mine = best == j
            total = signs[mine] @ rows[mine]
            if mine.any():
                found[j] = total / np.linalg.norm(total)
    return found


def pooled(X, rows):
    """Slide the kernels, rectify, and average each map's four quarters: (N, 400)."""
    w = rows.reshape(-1, 1, 8, 8)
    parts = []
    for batch in np.array_split(X, max(1, len(X) // 100)):
        maps = dl.relu(dl.conv2d(batch, w))  # (N, 100, 21, 21)
        quarters = [maps[:, :, a, b] for a in HALVES for b in HALVES]
        parts.append(np.stack([q.mean(axis=(2, 3)) for q in quarters], axis=1))
    return np.concatenate(parts).reshape(len(X), -1)


HALVES = (slice(0, 11), slice(10, 21))


def readout(Z, labels, learn, choose):
    """Fit ten ridge regressions, the penalty chosen on images of their own: share, penalty."""
    Z = (Z - Z[:learn].mean(axis=0)) / (Z[:learn].std() + 1e-12)
    wanted = np.eye(10)[labels] - 0.1
    gram, sums = Z[:learn].T @ Z[:learn], Z[:learn].T @ wanted[:learn]
    right = {}
    for penalty in 10.0 ** np.arange(-3, 7):
        found = np.linalg.solve(gram + penalty * np.eye(len(gram)), sums)
        right[penalty] = (Z @ found).argmax(axis=1) == labels
    best = max(right, key=lambda p: right[p][learn : learn + choose].mean())
    return right[best][learn + choose :].mean(), best


if __name__ == "__main__":
    main(sys.modules[__name__])
