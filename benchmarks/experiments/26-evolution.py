"""Chapter 26: a classifier of digits slid over pictures with six digits, trained in four ways.

A network reads windows of 8×8; run on a picture of 32×48 it answers at every second pixel. It
learns from whole digits, or from windows that are cut off-centre by up to a pixel, and with or
without an eleventh answer, "nothing", for windows that hold no digit or only parts of some. Boxes
above a threshold are suppressed by their overlap and compared with the truth. Float64; Adam.
"""

import sys
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from benchmarks.experiments import main

SIDE, HEIGHT, WIDTH, MANY = 8, 32, 48, 6
LEARN, END = slice(0, 1200), slice(1200, 1797)
WAYS = {
    "ten answers": (False, 0),
    "ten answers, off-centre": (False, 1),
    "with nothing": (True, 0),
    "with nothing, off-centre": (True, 1),
}
THRESHOLDS = [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]
SETTINGS: dict[str, dict[str, Any]] = {
    "sliding": {"seeds": [0, 1, 2, 3, 4], "epochs": 20, "pictures": 20},
    "votes": {"seeds": [0, 1, 2, 3, 4], "epochs": 20},
}
TINY: dict[str, dict[str, Any]] = {
    "sliding": {"seeds": [0], "epochs": 1, "pictures": 1},
    "votes": {"seeds": [0, 1], "epochs": 1},
}


def sliding(seeds, epochs, pictures):
    """Return what each way of training finds at each threshold: [found, false], a list a seed."""
    torch.set_num_threads(1)
    images, labels = digits()
    rng = np.random.default_rng(100)
    tests = [scene(rng, images[END], labels[END]) for _ in range(pictures)]
    found: dict[str, Any] = {name: [] for name in WAYS}
    for seed in seeds:
        for name, (nothing, shift) in WAYS.items():
            net = trained(images[LEARN], labels[LEARN], nothing, shift, seed, epochs)
            found[name].append(judged(net, tests))
    return {"thresholds": THRESHOLDS, "digits": MANY * pictures, "found_false": found}


def votes(seeds, epochs):
    """Return the wrong share of each network on whole digits, and of their mean."""
    torch.set_num_threads(1)
    images, labels = digits()
    x = torch.tensor(images[END])[:, None]
    chances = []
    for seed in seeds:
        net = trained(images[LEARN], labels[LEARN], False, 0, seed, epochs)
        with torch.no_grad():
            chances.append(net(x)[:, :, 0, 0].softmax(1).numpy())
    one = [float((p.argmax(1) != labels[END]).mean()) for p in chances]
    ballots = np.array([p.argmax(1) for p in chances])  # (seeds, N)
    wrong = (ballots != labels[END]).sum(0)
    most = float((wrong > len(seeds) / 2).mean())
    mean = float((np.mean(chances, 0).argmax(1) != labels[END]).mean())
    return {"one": one, "majority_wrong": most, "mean": mean}


def digits():
    """Return scikit-learn's digits from 0 to 1, (1797, 8, 8), and their labels."""
    images, labels = load_digits(return_X_y=True)
    return images.reshape(-1, SIDE, SIDE) / 16, labels


def network(answers):
    """Return a network without padding: a window of 8×8 becomes one place."""
    convs = [nn.Conv2d(1, 16, 3), nn.Conv2d(16, 32, 3), nn.Conv2d(32, 64, 2)]
    layers = [convs[0], nn.ReLU(), convs[1], nn.ReLU(), nn.MaxPool2d(2), convs[2], nn.ReLU()]
    return nn.Sequential(*layers, nn.Conv2d(64, answers, 1)).double()


def scene(rng, images, labels):
    """Return a picture with six digits that do not overlap, and (digit, row, column) of each."""
    picture, truth = np.zeros((HEIGHT, WIDTH)), []
    while len(truth) < MANY:
        n = rng.integers(len(images))
        p, q = rng.integers(HEIGHT - SIDE + 1), rng.integers(WIDTH - SIDE + 1)
        if all(max(abs(p - i), abs(q - j)) >= SIDE for _, i, j in truth):
            picture[p : p + SIDE, q : q + SIDE] = images[n]
            truth.append((int(labels[n]), int(p), int(q)))
    return picture, truth


def windows(rng, images, labels, nothing, shift):
    """Return as many windows with a digit as there are images, and as many without if asked."""
    xs, ys, bottom, right = [], [], HEIGHT - SIDE, WIDTH - SIDE
    for _ in range(len(images) // MANY):
        picture, truth = scene(rng, images, labels)
        for label, i, j in truth:
            p = np.clip(i + rng.integers(-shift, shift + 1), 0, bottom)
            q = np.clip(j + rng.integers(-shift, shift + 1), 0, right)
            xs.append(picture[p : p + SIDE, q : q + SIDE])
            ys.append(label)
        empty = 0
        while nothing and empty < MANY:
            p, q = rng.integers(bottom + 1), rng.integers(right + 1)
            if all(max(abs(p - i), abs(q - j)) > 2 for _, i, j in truth):
                xs.append(picture[p : p + SIDE, q : q + SIDE])
                ys.append(10)
                empty += 1
    return np.array(xs), np.array(ys)


def trained(images, labels, nothing, shift, seed, epochs):
    """Return the network after training in batches of 50; fresh windows in each epoch."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = network(10 + nothing)
    adam = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(epochs):
        xs, ys = images, labels
        if nothing or shift:
            xs, ys = windows(rng, images, labels, nothing, shift)
        x, y = torch.tensor(xs)[:, None], torch.tensor(ys)
        for batch in torch.tensor(rng.permutation(len(x))).split(50):
            adam.zero_grad()
            nn.functional.cross_entropy(net(x[batch])[:, :, 0, 0], y[batch]).backward()
            adam.step()
    return net


def judged(net, tests):
    """Return for each threshold the digits found and the false boxes, over all pictures."""
    marks = []
    for picture, truth in tests:
        with torch.no_grad():
            scores = net(torch.tensor(picture)[None, None])[0].softmax(0)[:10].numpy()
        left = list(truth)
        for digit, p, q, score in boxes(scores):
            hits = [t for t in left if t[0] == digit and overlap((p, q), t[1:]) >= 0.5]
            for hit in hits[:1]:
                left.remove(hit)
            marks.append((score, bool(hits)))
    return [
        [sum(s > t and right for s, right in marks), sum(s > t and not right for s, right in marks)]
        for t in THRESHOLDS
    ]


def boxes(scores, limit=0.2):
    """Return (digit, row, column, score), best first, none that overlaps a better one."""
    found, (digit, p, q) = [], np.nonzero(scores > THRESHOLDS[0])
    values = scores[digit, p, q]
    for n in np.argsort(-values, kind="stable"):
        corner = (2 * int(p[n]), 2 * int(q[n]))
        if all(overlap(corner, other[1:3]) <= limit for other in found):
            found.append((int(digit[n]), *corner, float(values[n])))
    return found


def overlap(a, b):
    """Return intersection over union of two windows, given by their upper left corners."""
    both = max(SIDE - abs(a[0] - b[0]), 0) * max(SIDE - abs(a[1] - b[1]), 0)
    return both / (2 * SIDE * SIDE - both)


if __name__ == "__main__":
    main(sys.modules[__name__])
