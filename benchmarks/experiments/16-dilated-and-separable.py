"""Chapter 16: what holes overlook, which kernels have rank one, and what fewer products save.

The networks are PyTorch's, in float64 and on one thread; the times are in float32.
"""

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.nn.functional import conv2d, cross_entropy, max_pool2d

from benchmarks.experiments import main
from benchmarks.experiments.training import epoch
from benchmarks.timing import best_times
from dlnotes import data
from dlnotes import functional as dl

SETTINGS: dict[str, dict[str, Any]] = {
    "apart": {
        "rates": [[1, 1, 1, 1], [4, 4, 4, 4], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 4, 8]],
        "seeds": list(range(5)), "steps": 400,
    },
    "ranks": {"seeds": list(range(8)), "epochs": 12},
    "passes": {"sizes": [3, 5, 7, 11, 15, 21, 31], "sides": [128, 256], "seconds": 1.5},
    "products": {"channels": 64, "side": 56, "small": 14, "seconds": 4.0},
}  # fmt: skip
TINY: dict[str, dict[str, Any]] = {
    "apart": {"rates": [[1, 2, 4, 8]], "seeds": [0], "steps": 2},
    "ranks": {"seeds": [0], "epochs": 1},
    "passes": {"sizes": [3], "sides": [16], "seconds": 0.01},
    "products": {"channels": 4, "side": 8, "small": 4, "seconds": 0.01},
}
CELLS, WANTED, OTHERS = 64, 13, (10, 11, 14, 15)
RANKS = [1, 2, 3, 4, 5, 6, 7]
MULTIPLIERS = [1, 2, 3, 4, 5, 6, 7, 8, 9]


def apart(rates, seeds, steps):
    """Are two spikes among noise, on a ring of 64 cells, exactly 13 apart? Shares right."""
    torch.set_num_threads(1)
    found = [[apart_once(one, seed, steps) for seed in seeds] for one in rates]
    parameters = sum(p.numel() for p in tower(rates[0]).parameters())
    return {"right": found, "parameters": parameters}


def tower(rates):
    """Layers of twelve kernels of three taps at these rates, the maxima, two scores."""
    parts, channels = [], [1, *[12] * len(rates)]
    for (before, after), d in zip(pairwise(channels), rates, strict=True):
        ring = {"padding": d, "padding_mode": "circular"}
        parts += [torch.nn.Conv1d(before, after, 3, dilation=d, **ring), torch.nn.ReLU()]
    parts += [torch.nn.AdaptiveMaxPool1d(1), torch.nn.Flatten(), torch.nn.Linear(12, 2)]
    return torch.nn.Sequential(*parts).double()


def rings(n, rng):
    """Draw n rings (n, 1, 64), half of them with the wanted distance, and their labels."""
    labels = rng.integers(0, 2, n)
    distance = np.where(labels, WANTED, rng.choice(OTHERS, n))
    x, first = 0.1 * rng.normal(size=(n, CELLS)), rng.integers(0, CELLS, n)
    for spike in (first, first + distance):
        x[np.arange(n), spike % CELLS] += 1
    return torch.tensor(x[:, None]), torch.tensor(labels)


def apart_once(rates, seed, steps):
    """Train one network on fresh rings in each step; return its share right on 4,000 others."""
    torch.manual_seed(seed)
    rng, net = np.random.default_rng(seed), tower(rates)
    adam = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(steps):
        x, labels = rings(64, rng)
        adam.zero_grad()
        cross_entropy(net(x), labels).backward()
        adam.step()
    x, labels = rings(4000, rng)
    with torch.no_grad():
        return (net(x).argmax(dim=1) == labels).double().mean().item()


class Reader(torch.nn.Module):
    """Eight kernels of 7×7, sixteen of 3×3 (or a separable pair), ten scores, for MNIST."""

    def __init__(self, *, separable=False):
        super().__init__()
        self.first = torch.nn.Conv2d(1, 8, 7)
        self.depthwise = torch.nn.Conv2d(8, 8, 3, groups=8, bias=False) if separable else None
        self.second = torch.nn.Conv2d(8, 16, 1 if separable else 3)
        self.scores = torch.nn.Linear(144, 10)
        self.double()

    def forward(self, x):
        x = max_pool2d(self.first(x).relu(), 2)  # (N, 8, 11, 11)
        x = self.depthwise(x) if self.depthwise else x
        x = max_pool2d(self.second(x).relu(), 3)  # (N, 16, 3, 3)
        return self.scores(x.flatten(1))


def ranks(seeds, epochs):
    """Train digit readers; then reduce the rank of the kernels of one layer, with no training.

    ``rows`` reduces each 7×7 kernel of the first layer as a matrix, ``channels`` each channel of
    the second layer as a matrix of 16 kernels by 9 places; an entry a rank, a row a seed.
    ``separable`` are readers trained with a depthwise separable second layer from the start.
    """
    torch.set_num_threads(1)
    digits = data.load("digits")
    learn = torch.tensor(digits.train_images).double(), torch.tensor(digits.train_labels)
    test = torch.tensor(digits.validation_images).double(), torch.tensor(digits.validation_labels)
    found = {name: [] for name in ("whole", "separable", "rows", "channels")}
    shares = {name: [] for name in ("share_rows", "share_channels", "fresh_rows")}
    kernels = None
    for seed in seeds:
        torch.manual_seed(seed)
        net = Reader()
        shares["fresh_rows"].append(first_share(net.first.weight[:, 0]))
        trained(net, *learn, seed, epochs)
        rows, channels = net.first.weight, net.second.weight
        found["whole"].append(right(net, *test))
        shares["share_rows"].append(first_share(rows[:, 0]))
        shares["share_channels"].append(first_share(channels.transpose(0, 1).flatten(2)))
        kernels = kernels or rows[:, 0].tolist()
        found["rows"].append([reduced(net, rows, by_rows, r, test) for r in RANKS])
        found["channels"].append(
            [reduced(net, channels, by_channels, m, test) for m in MULTIPLIERS]
        )
        torch.manual_seed(seed)
        found["separable"].append(
            right(trained(Reader(separable=True), *learn, seed, epochs), *test)
        )
    return found | shares | {"kernels": kernels, "unseen": len(test[1]), "learned": len(learn[1])}


def trained(net, X, labels, seed, epochs):
    """Train a reader on batches of 57, of which 1,197 digits make 21."""
    rng = np.random.default_rng(seed)
    adam = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(epochs):
        epoch(net, adam, X, labels, rng, 57)
    return net


def right(net, X, labels):
    """Return the share of digits that a reader reads rightly."""
    with torch.no_grad():
        return (net(X).argmax(dim=1) == labels).double().mean().item()


def first_share(matrices):
    """Return the mean share of the squared length that the best matrix of rank one keeps."""
    s = torch.linalg.svdvals(matrices.detach()) ** 2
    return (s[:, 0] / s.sum(dim=1)).mean().item()


def lowered(matrices, rank):
    """Return the closest matrices of this rank."""
    u, s, vt = torch.linalg.svd(matrices, full_matrices=False)
    return u[..., :rank] * s[..., None, :rank] @ vt[..., :rank, :]


def by_rows(w, rank):
    """Lower the rank of each kernel (R, S)."""
    return lowered(w, rank)


def by_channels(w, rank):
    """Lower the rank of each channel, a matrix (K, R·S)."""
    return lowered(w.transpose(0, 1).flatten(2), rank).transpose(0, 1).reshape(w.shape)


def reduced(net, w, how, rank, test):
    """Return the share right with one layer's kernels lowered, and put them back."""
    with torch.no_grad():
        before = w.clone()
        w.copy_(how(before, rank))
        share = right(net, *test)
        w.copy_(before)
    return share


def passes(sizes, sides, seconds):
    """Time a kernel of k×k against a column and then a row, on one picture; milliseconds.

    Twice in PyTorch, ``plain`` without the library oneDNN. A table for each side of the picture,
    a row for each size of the kernel.
    """
    torch.set_num_threads(1)
    rng, found = np.random.default_rng(0), {"torch": [], "plain": [], "dlnotes": []}
    for side in sides:
        x = rng.normal(size=(1, 1, side, side)).astype(np.float32)
        rows = []
        for k in sizes:
            column, row = rng.normal(size=(2, k)).astype(np.float32)
            kernels = np.outer(column, row), column[:, None], row[None]
            rows.append(both_ways(x, *(w[None, None] for w in kernels), seconds))
        for at, name in enumerate(found):
            found[name].append([times[2 * at : 2 * at + 2] for times in rows])
    return found


def both_ways(x, w, a, b, seconds):
    """Return the milliseconds of w, and of a and then b, in PyTorch (twice) and in dlnotes."""
    X, W, A, B = map(torch.tensor, (x, w, a, b))
    runs = [
        lambda: conv2d(X, W),
        lambda: conv2d(conv2d(X, A), B),
        without_onednn(lambda: conv2d(X, W)),
        without_onednn(lambda: conv2d(conv2d(X, A), B)),
        lambda: dl.conv2d(x, w),
        lambda: dl.conv2d(dl.conv2d(x, a), b),
    ]
    return [1e3 * t for t in best_times(runs, seconds=seconds, least=5)]


def without_onednn(run):
    """Return a function that runs this one with PyTorch's own convolutions."""

    def plain():
        before = torch.backends.mkldnn.set_flags(False)
        try:
            return run()
        finally:
            torch.backends.mkldnn.set_flags(before[0])

    return plain


def products(channels, side, small, seconds):
    """Time 3×3, 1×1, depthwise 3×3 and a pair, as many channels out as in; milliseconds.

    For comparison also x + 1, which only moves numbers, and the depthwise layer with the channels
    of a pixel side by side in memory, and on a smaller picture.
    """
    torch.set_num_threads(1)
    rng, C = np.random.default_rng(0), channels
    shapes = [(1, C, side, side), (C, C, 3, 3), (C, C, 1, 1), (C, 1, 3, 3)]
    x, full, point, depth = (rng.normal(size=s).astype(np.float32) for s in shapes)
    X, F, P, D = map(torch.tensor, (x, full, point, depth))
    last, tile = X.to(memory_format=torch.channels_last), X[..., :small, :small].contiguous()
    timed = best_times(
        [
            lambda: conv2d(X, F, padding=1),
            lambda: conv2d(X, P),
            lambda: conv2d(X, D, padding=1, groups=C),
            lambda: conv2d(conv2d(X, D, padding=1, groups=C), P),
            lambda: dl.conv2d(x, full, padding=1),
            lambda: dl.conv2d(x, point),
            lambda: dl.depthwise_conv2d(x, depth, padding=1),
            lambda: dl.separable_conv2d(x, depth, point, padding=1),
            lambda: X + 1,
            lambda: conv2d(last, D, padding=1, groups=C),
            lambda: conv2d(tile, D, padding=1, groups=C),
        ],
        seconds=seconds,
    )
    timed = [1e3 * t for t in timed]
    names = ["3×3", "1×1", "depthwise", "separable"]
    both = {"torch": timed[:4], "dlnotes": timed[4:8]}
    found = {k: dict(zip(names, v, strict=True)) for k, v in both.items()}
    return found | dict(zip(["x + 1", "channels last", "small"], timed[8:], strict=True))


if __name__ == "__main__":
    main(sys.modules[__name__])
