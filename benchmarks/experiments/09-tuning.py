"""Chapter 09: how good the best of many is, how to search, and how deep and wide.

ReLU layers with He's weights, softmax and cross-entropy, plain descent on batches of 25, in
float64. Networks that differ only in seed, rate, decay or images are trained as a stack: each
array has the network as its first axis. The images are scikit-learn's digits, in ``depth`` MNIST.
"""

import os
import sys
import time
from itertools import pairwise
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.utils.parallel import Parallel, delayed

from benchmarks.experiments import main
from dlnotes import data
from dlnotes import functional as dl

ARMS = {
    "178": [178],
    "300": [300],
    "150+150": [150, 150],
    "300+100": [300, 100],
    "4×122": [122] * 4,
    "4×75": [75] * 4,
}
SETTINGS: dict[str, dict[str, Any]] = {
    "winner": {"draws": list(range(20)), "tries": 40, "sizes": [25, 100, 400], "epochs": 20},
    "rates": {
        "seeds": list(range(10)),
        "exponents": [-3, -2.5, -2, -1.5, -1, -0.75, -0.5, -0.25, 0, 0.25, 0.5],
        "depths": [1, 2, 4],
        "epochs": 20,
    },
    "search": {"draws": list(range(20)), "side": 3, "folds": 5, "epochs": 20, "jobs": 2},
    "parallel": {"count": 16, "side": 3, "folds": 5, "epochs": 20, "jobs": [1, 2]},
    "depth": {
        "seeds": list(range(5)),
        "arms": ARMS,
        "rates": [0.06, 0.12, 0.25, 0.5, 1.0],
        "images": 3000,
        "epochs": 8,
    },
    "width": {
        "seeds": list(range(10)),
        "widths": [2, 4, 8, 16, 32, 128, 512],
        "rates": [0.01, 0.03, 0.1, 0.3, 1.0],
        "wrong": [0.0, 0.2],
        "epochs": 40,
    },
}
TINY: dict[str, dict[str, Any]] = {
    "winner": {"draws": [0], "tries": 2, "epochs": 1},
    "rates": {"seeds": [0], "exponents": [-1], "epochs": 1},
    "search": {"draws": [0], "side": 1, "folds": 2, "epochs": 1, "jobs": 1},
    "parallel": {"count": 1, "side": 1, "folds": 2, "epochs": 1, "jobs": [1]},
    "depth": {"seeds": [0], "rates": [0.1], "images": 100, "epochs": 1},
    "width": {"seeds": [0], "widths": [4], "rates": [0.1], "epochs": 1},
}
BATCH = 25
PLANS = ("grid", "shifted", "random", "rates only")


def winner(draws, tries, sizes, epochs):
    """Keep the best of many: of twins, and of networks at rates drawn between 0.01 and 1.

    A draw is a split, 500 images to learn from, 400 to choose by (or the first few of them) and
    897 for the test. Percent, a row a draw, an entry a network.
    """
    X, labels = pictures()
    found: dict[str, Any] = {}
    for kind in ("twins", "rates"):
        rows = []
        for draw in draws:
            rng = np.random.default_rng([9, draw])
            order = rng.permutation(len(X))
            teach = np.tile(order[:500], (tries, 1))
            rates = 0.1 if kind == "twins" else 10 ** rng.uniform(-2, 0, tries)
            seeds = [1000 * draw + n for n in range(tries)]
            right = answers(learn(X, labels, teach, seeds, rates, epochs=epochs), X) == labels
            choose, end = right[:, order[500:900]], right[:, order[900:]]
            row = {f"choose {size}": share(choose[:, :size]) for size in sizes}
            rows.append(row | {"end": share(end)})
        found[kind] = {key: [row[key] for row in rows] for key in rows[0]}
    return found


def rates(seeds, exponents, depths, epochs):
    """Train one, two and four layers of fifty at many rates.

    Percent of the test images, a row a rate, an entry a seed; 500 images to learn from.
    """
    X, labels = pictures()
    found: dict[str, Any] = {}
    for depth in depths:
        rows = []
        for exponent in exponents:
            orders = [np.random.default_rng([9, seed]).permutation(len(X)) for seed in seeds]
            teach = np.stack([order[:500] for order in orders])
            hidden = [50] * depth
            net = learn(X, labels, teach, seeds, 10.0**exponent, epochs=epochs, hidden=hidden)
            right = answers(net, X) == labels
            ends = [share(row[order[900:]]) for row, order in zip(right, orders, strict=True)]
            rows.append(ends)
        found[str(depth)] = rows
    return found


def search(draws, side, folds, epochs, jobs):
    """Spend ``side``² tries on rate and decay, four ways; refit the one chosen; test it.

    A draw is a split, 600 images to search with and 1,197 for the test, the same for all ways.
    """
    found: dict[str, Any] = {}
    for name in PLANS:
        work = (delayed(one_search)(name, draw, side, folds, epochs) for draw in draws)
        cells = Parallel(n_jobs=jobs)(work)
        found[name] = {key: [cell[key] for cell in cells] for key in cells[0]}
    return found


def parallel(count, side, folds, epochs, jobs):
    """Run the same searches in one process and in two.

    Processor seconds that each process spent on them, the busiest first, and on its start. (On a
    machine that others use too these say more than a clock does.)
    """
    seconds: dict[str, list[float]] = {}
    begin: dict[str, list[float]] = {}
    chosen = []
    for n in jobs:
        work = (delayed(timed_search)("grid", draw, side, folds, epochs) for draw in range(count))
        cells = Parallel(n_jobs=n, batch_size=1)(work)
        spent: dict[int, float] = {}
        first: dict[int, float] = {}
        for cell in cells:
            at = cell["process"]
            spent[at] = spent.get(at, 0) + cell["seconds"]
            first[at] = min(first.get(at, cell["begin"]), cell["begin"])
        seconds[str(n)] = sorted(spent.values(), reverse=True)
        begin[str(n)] = [first[at] for at in first]
        chosen.append([cell["rate"] for cell in cells])
    same = all(each == chosen[0] for each in chosen)
    return {"seconds": seconds, "begin": begin, "same": same}


def timed_search(*words):
    """Search once; return the rate chosen, and what it cost which process."""
    begin = time.process_time()
    rate = one_search(*words)["rate"]
    spent = time.process_time() - begin
    return {"rate": rate, "process": os.getpid(), "begin": begin, "seconds": spent}


def one_search(plan, draw, side, folds, epochs):
    """Search once by cross-validation; return the choice, its score and its test."""
    X, labels = pictures()
    rng = np.random.default_rng([9, draw])
    order = rng.permutation(len(X))
    pool, end = order[:600], order[600:]
    exponents = points(plan, side, np.random.default_rng([99, draw]))
    rate, decay = (10.0**exponents).T
    scores = cross_validate(X, labels, pool, draw, rate, decay, folds, epochs)
    best = scores.mean(axis=1).argmax()
    net = learn(X, labels, pool[None], [draw], rate[best], decay[best], epochs=epochs)
    return {
        "rate": rate[best],
        "decay": decay[best],
        "score": scores[best].mean(),
        "end": share((answers(net, X) == labels)[:, end])[0],
        "scores": scores.mean(axis=1),
    }


def points(plan, side, rng):
    """Return ``side``² pairs of exponents, of rates in −2.5 … 0.5, of decays in −6 … −3."""
    low, extent = np.array([-2.5, -6.0]), 3.0
    middle = (np.arange(side) + 0.5) / side
    unit = np.stack(np.meshgrid(middle, middle, indexing="ij"), axis=-1).reshape(-1, 2)
    if plan == "shifted":
        unit = (unit + rng.random(2)) % 1
    if plan == "random":
        unit = rng.random(unit.shape)
    if plan == "rates only":
        unit = np.stack([(np.arange(side**2) + 0.5) / side**2, np.full(side**2, 0.5)], axis=1)
    return low + extent * unit


def cross_validate(X, labels, pool, seed, rate, decay, folds, epochs):
    """Return percent right, a row a setting, an entry a part that was left out."""
    columns = []
    for fold in np.array_split(pool, folds):
        teach = np.tile(np.setdiff1d(pool, fold), (len(rate), 1))
        net = learn(X, labels, teach, [seed] * len(rate), rate, decay, epochs=epochs)
        columns.append(share((answers(net, X) == labels)[:, fold]))
    return np.stack(columns, axis=1)


def depth(seeds, arms, rates, images, epochs):
    """Train on MNIST; a seed draws images and weights, the same images for all arms.

    Percent of 2,000 images to choose a rate by and of the 10,000 test images, a row a rate.
    """
    digits = data.load("mnist")
    tests = data.load_test_labels("mnist")
    count = len(digits.test_images)
    X = np.concatenate([digits.train_images, digits.test_images]).reshape(-1, 784).astype(float)
    labels = np.concatenate([digits.train_labels, tests])
    orders = [np.random.default_rng([9, seed]).permutation(len(X) - count) for seed in seeds]
    teach = np.stack([order[:images] for order in orders])
    found: dict[str, Any] = {}
    for name, hidden in arms.items():
        widths = [784, *hidden, 10]
        found[name] = {"parameters": sum((D + 1) * M for D, M in pairwise(widths))}
        chosen, ends = [], []
        for rate in rates:
            net = learn(X, labels, teach, seeds, rate, epochs=epochs, hidden=hidden)
            chosen.append([])
            ends.append(share(answers(net, X[-count:]) == labels[-count:]))
            for at, order in enumerate(orders):
                one = [[W[at : at + 1], b[at : at + 1]] for W, b in net]
                pick = order[images : images + 2000]
                chosen[-1] += share(answers(one, X[pick]) == labels[pick]).tolist()
        found[name] |= {"choose": chosen, "end": ends}
    return found


def width(seeds, widths, rates, wrong, epochs):
    """Widen one hidden layer, with a share of the labels wrong; train to the end or stop early.

    500 images to learn from and 200 to choose by share the wrong labels, 1,097 for the test have
    right ones. ``choose`` and ``end`` are percent after the last round, ``choose early`` and
    ``early`` at the round best on the images to choose by; a row a rate, an entry a seed.
    """
    X, truth = pictures()
    found: dict[str, Any] = {}
    for part in wrong:
        found[str(part)] = {}
        for units in widths:
            rows = [widened(X, truth, seeds, units, rate, part, epochs) for rate in rates]
            table = {key: [row[key] for row in rows] for key in rows[0]}
            found[str(part)][str(units)] = table
    return found


def widened(X, truth, seeds, units, rate, part, epochs):
    """Train the networks of ``width``, one a seed, and look at them after every round."""
    orders, given = [], []
    for seed in seeds:
        rng = np.random.default_rng([9, seed])
        order = rng.permutation(len(X))
        labels = truth.copy()
        moved = order[:700][rng.random(700) < part]
        labels[moved] = (labels[moved] + rng.integers(1, 10, len(moved))) % 10
        orders.append(order)
        given.append(labels)
    order, labels, at = np.stack(orders), np.stack(given), np.arange(len(seeds))
    choose, end = [], []

    def look(net):
        named = np.take_along_axis(answers(net, X), order[:, 500:], axis=1)
        told = np.take_along_axis(labels, order[:, 500:700], axis=1)
        choose.append(share(named[:, :200] == told))
        end.append(share(named[:, 200:] == truth[order[:, 700:]]))

    learn(X, labels, order[:, :500], seeds, rate, epochs=epochs, hidden=[units], look=look)
    best = np.argmax(choose, axis=0)
    return {
        "choose": choose[-1],
        "end": end[-1],
        "choose early": np.array(choose)[best, at],
        "early": np.array(end)[best, at],
        "round": best + 1,
    }


def pictures():
    """Return the pictures, from 0 to 1, and their labels."""
    digits = load_digits()
    return digits.data / 16, digits.target


def share(right):
    """Return percent right, over the last axis."""
    return 100 * right.mean(axis=-1)


def learn(X, labels, teach, seeds, rate, decay=0.0, epochs=20, hidden=(50,), look=None):
    """Train a stack of S networks, each with its seed, images ``teach`` (S, N) and rate.

    The labels are those of all, or a row for each.
    """
    rngs = [np.random.default_rng(seed) for seed in seeds]
    net = []
    for D, M in pairwise([X.shape[1], *hidden, 10]):
        W = np.stack([rng.normal(size=(D, M)) for rng in rngs])  # (S, D, M)
        net.append([W * np.sqrt(2 / D), np.zeros((len(rngs), 1, M))])
    rate, decay = np.reshape(rate, (-1, 1, 1)), np.reshape(decay, (-1, 1, 1))
    labels, rows = np.broadcast_to(labels, (len(rngs), len(X))), np.arange(len(rngs))[:, None]
    with np.errstate(all="ignore"):  # rates that are too large diverge
        for _ in range(epochs):
            order = np.stack([rng.permutation(part) for rng, part in zip(rngs, teach)])  # noqa: B905
            for at in range(0, order.shape[1], BATCH):
                pick = order[:, at : at + BATCH]  # (S, B)
                step(net, X[pick], np.eye(10)[labels[rows, pick]], rate, decay)
            if look:
                look(net)
    return net


def forward(net, X):
    """Return the values below each layer, and the scores."""
    values = [X]
    for W, b in net[:-1]:
        values.append(np.maximum(values[-1] @ W + b, 0))
    W, b = net[-1]
    return values, values[-1] @ W + b


def step(net, X, targets, rate, decay):
    """Move all weights of all networks once, in place."""
    values, scores = forward(net, X)
    dz = (dl.softmax(scores) - targets) / X.shape[1]
    for i in reversed(range(len(net))):
        W, b = net[i]
        dW, db = values[i].swapaxes(1, 2) @ dz, dz.sum(axis=1, keepdims=True)
        if i:
            dz = (dz @ W.swapaxes(1, 2)) * (values[i] > 0)
        W -= rate * (dW + decay * W)
        b -= rate * db


def answers(net, X):
    """Return the class that each network names, (S, N)."""
    with np.errstate(all="ignore"):
        return forward(net, X)[1].argmax(axis=-1)


if __name__ == "__main__":
    main(sys.modules[__name__])
