"""Chapter 31: what random layers are worth beside learned ones, and what each layer costs.

``frozen`` trains small networks on 2,000 images of MNIST, in float64 and on one thread: two
convolutions of 5×5 (8 and 16 maps), each followed by pooling of 2 and a ReLU, then a head of 64
ReLUs and ten scores. A layer that is frozen keeps its random start. Every network has its own
learning rate, the best of three on images for choosing, the mean over the first two seeds; the
test images are others. Within a seed all networks learn from the same images. ``crossed`` adds
the network whose first layer learns while its second stays random.

``profile`` times each layer of the ladder's third rung, forward and backward, in float32.
"""

import sys
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch
from torch.nn.functional import conv2d, max_pool2d

from benchmarks.experiments import main
from benchmarks.experiments.training import epoch
from benchmarks.timing import CLOCK, clock
from dlnotes import data, layers

LEARNING: dict[str, Any] = {
    "name": "mnist", "seeds": [0, 1, 2, 3, 4], "tuned_on": 2, "rates": [0.001, 0.003, 0.01],
    "learn": 2000, "choose": 1000, "test": 2000, "epochs": 8, "batch": 25,
}  # fmt: skip
TINY_LEARNING: dict[str, Any] = {
    "name": "digits", "seeds": [0], "tuned_on": 1, "rates": [0.01],
    "learn": 50, "choose": 100, "test": 100, "epochs": 1,
}  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {
    "frozen": LEARNING,
    "crossed": LEARNING,
    "profile": {"batch": 64, "processes": 7, "rounds": 30},
}
TINY: dict[str, dict[str, Any]] = {
    "frozen": TINY_LEARNING,
    "crossed": TINY_LEARNING,
    "profile": {"batch": 2, "processes": 1, "rounds": 2},
}
WIDTHS, WIDE, HIDDEN = (8, 16), (32, 64), 64
# which layers are frozen, how many maps they have, whether the pixels are shuffled
NETWORKS: dict[str, tuple[tuple[int, ...], tuple[int, ...], bool]] = {
    "both learned": ((), WIDTHS, False),
    "first random": ((0,), WIDTHS, False),
    "both random": ((0, 1), WIDTHS, False),
    "both random, four times as many": ((0, 1), WIDE, False),
    "no convolution": ((), (), False),
    "both learned, pixels shuffled": ((), WIDTHS, True),
}
CROSSED: dict[str, tuple[tuple[int, ...], tuple[int, ...], bool]] = {
    "first learned, second random": ((1,), WIDTHS, False),
}


def frozen(**settings):
    """Return what ``compared`` finds for the networks of the chapter's table."""
    return compared(NETWORKS, **settings)


def crossed(**settings):
    """Return the same for the network whose second layer alone is random."""
    return compared(CROSSED, **settings)


def compared(networks, name, seeds, tuned_on, rates, learn, choose, test, epochs, batch):
    """Return for each network its rate, what chose it, and the shares read rightly, by seed."""
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    for kind, (still, widths, shuffled) in networks.items():

        def measured(seed, rates, still=still, widths=widths, shuffled=shuffled):
            X, labels = drawn(name, seed, learn, choose + test, shuffled)
            pairs = convolutions(widths, seed)
            first = len(still) if 0 in still else 0
            with torch.no_grad():  # what comes before all learning is computed once
                seen = torch.cat([pooled(part, pairs[:first]) for part in X.split(500)])
            rest = [(pair, first + n not in still) for n, pair in enumerate(pairs[first:])]
            runs = [trained(seen, labels, rest, seed, rate, learn, epochs, batch) for rate in rates]
            return [(right[:choose].mean(), right[choose:].mean()) for right in runs]

        shares = np.array([measured(seed, rates) for seed in seeds[:tuned_on]])
        best = shares[..., 0].mean(axis=0).argmax()
        others = [measured(seed, [rates[best]])[0][1] for seed in seeds[tuned_on:]]
        found[kind] = {
            "rate": rates[best], "choose": shares[..., 0].mean(axis=0),
            "test": [*shares[:, best, 1], *others],
        }  # fmt: skip
    return found


def drawn(name, seed, learn, unseen, shuffled):
    """Return the images to learn from with the unseen ones behind them, and the labels."""
    digits, rng = data.load(name), np.random.default_rng(seed)
    picked = rng.permutation(len(digits.train_images))[:learn]
    X = np.concatenate([digits.train_images[picked], digits.validation_images[:unseen]])
    labels = np.concatenate([digits.train_labels[picked], digits.validation_labels[:unseen]])
    if shuffled:
        order = rng.permutation(28 * 28)
        X = X.reshape(-1, 28 * 28)[:, order].reshape(X.shape)
    return torch.tensor(X.astype(float)), torch.tensor(labels)


def convolutions(widths, seed):
    """Draw the kernels as He's rule has it, with no bias yet: a pair for each layer."""
    rng, channels, pairs = np.random.default_rng(1000 + seed), 1, []
    for width in widths:
        scale = np.sqrt(2 / (25 * channels))
        pairs.append((scale * rng.normal(size=(width, channels, 5, 5)), np.zeros(width)))
        channels = width
    return [tuple(map(torch.tensor, pair)) for pair in pairs]


def pooled(X, pairs):
    """Return what the convolutions make of the images."""
    for w, b in pairs:
        X = max_pool2d(conv2d(X, w, b), 2).relu()  # the same as ReLU, then pooling
    return X


def trained(X, labels, kernels, seed, rate, learn, epochs, batch):
    """Train what may learn; return for each unseen image whether it is read rightly.

    ``kernels`` has the weights and biases of each convolution, and whether they learn.
    """
    rng = np.random.default_rng(2000 + seed)
    pairs = [tuple(a.clone() for a in pair) for pair, _ in kernels]
    width = pooled(X[:1], pairs).numel()
    shapes = [(HIDDEN, width), (10, HIDDEN)]
    head = [(rng.normal(size=s) * np.sqrt(2 / s[1]), np.zeros(s[0])) for s in shapes]
    free = [torch.tensor(a) for pair in head for a in pair]
    free += [a for pair, (_, learns) in zip(pairs, kernels, strict=True) if learns for a in pair]
    for one in free:
        one.requires_grad_()

    def scores(X):
        hidden = (pooled(X, pairs).flatten(1) @ free[0].T + free[1]).relu()
        return hidden @ free[2].T + free[3]

    adam = torch.optim.Adam(free, lr=rate)
    for _ in range(epochs):
        epoch(scores, adam, X[:learn], labels[:learn], rng, batch)
    with torch.no_grad():
        parts = [scores(part).argmax(dim=1) for part in X[learn:].split(500)]
    return (torch.cat(parts) == labels[learn:]).numpy()


def profile(batch, processes, rounds):
    """Return milliseconds, (processes, layers), of each layer of a training step, both ways.

    Each process starts anew, for PyTorch's times differ between processes more than within one.
    """
    best = []
    for _ in range(processes):
        with get_context("spawn").Pool(1) as pool:
            best.append(pool.apply(measured, (batch, rounds)))
    found = {"layers": [type(layer).__name__ for layer in ours(np.random.default_rng(0))]}
    for at, package in enumerate(("dlnotes", "torch")):
        forward, backward = np.array(best)[:, at].swapaxes(0, 1)
        found[package] = {"forward": forward, "backward": backward}
    return found | {"clock": CLOCK}


def measured(batch, rounds):
    """Return milliseconds, (packages, forward or backward, layers), the smallest of all rounds.

    Steps of both packages take turns. The first layer computes the gradients of its weights alone.
    """
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    x = rng.random((batch, 1, 28, 28), dtype=np.float32)
    dy = rng.normal(size=(batch, 10)).astype(np.float32)
    mine, theirs = ours(rng), torchs()
    tensors = torch.tensor(x), torch.tensor(dy)
    took = [[step(mine, x, dy), step_torch(theirs, *tensors)] for _ in range(rounds)]
    return 1e3 * np.min(took, axis=0)


def step(net, x, dy):
    """Return the seconds of each layer, (forward or backward, layers), in dlnotes."""
    times = np.zeros((2, len(net)))
    for at, layer in enumerate(net):
        start = clock()
        x = layer(x)
        times[0, at] = clock() - start
    for at in reversed(range(len(net))):
        start = clock()
        dy = net[at].backward(dy) if at else net[at].backward_parameters(dy)
        times[1, at] = clock() - start
    return times


def step_torch(net, x, dy):
    """Return the same in PyTorch, whose graph is cut between the layers."""
    times, ends = np.zeros((2, len(net))), []
    for at, layer in enumerate(net):
        x = x.detach().requires_grad_(at > 0)
        start = clock()
        y = layer(x)
        times[0, at] = clock() - start
        ends.append((x, y))
        x = y
    for at in reversed(range(len(net))):
        x, y = ends[at]
        start = clock()
        y.backward(dy)
        times[1, at] = clock() - start
        dy = x.grad
    return times


def ours(rng):
    """Return the layers of rung 3 in dlnotes."""
    return [
        layers.Conv2d(1, 20, 5, rng=rng, dtype=np.float32), layers.MaxPool2d(2), layers.Sigmoid(),
        layers.Conv2d(20, 40, 5, rng=rng, dtype=np.float32), layers.MaxPool2d(2), layers.Sigmoid(),
        layers.Flatten(), layers.Linear(640, 100, rng=rng, dtype=np.float32), layers.Sigmoid(),
        layers.Linear(100, 10, rng=rng, dtype=np.float32),
    ]  # fmt: skip


def torchs():
    """Return the layers of rung 3 in PyTorch."""
    nn = torch.nn
    return [
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Sigmoid(),
        nn.Conv2d(20, 40, 5), nn.MaxPool2d(2), nn.Sigmoid(),
        nn.Flatten(), nn.Linear(640, 100), nn.Sigmoid(), nn.Linear(100, 10),
    ]  # fmt: skip


if __name__ == "__main__":
    main(sys.modules[__name__])
