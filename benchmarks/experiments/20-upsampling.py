"""Chapter 20: one pass against windows, what a stride leaves of an outline, and ways back up.

Everything in PyTorch, in float64 and on one thread.
"""

import sys
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy, interpolate, max_pool2d

from benchmarks.experiments import main
from benchmarks.experiments.training import epoch
from dlnotes import data

WAYS = ["coarse", "two_skips", "learned", "random"]
TRAINING = {
    "seeds": list(range(5)), "tuning": [5], "rates": [0.003, 0.01, 0.03], "epochs": 3,
}  # fmt: skip
LONGER = {"seeds": list(range(5)), "rate": 0.01, "epochs": [3, 6, 9, 12, 15]}
SETTINGS: dict[str, dict[str, Any]] = {
    "windows": {"seeds": list(range(5)), "epochs": 4},
    "ceiling": {"strides": [8, 4, 2], "pictures": 300, "steps": 300},
    **{way: {"way": way, **TRAINING} for way in WAYS},
    "coarse": {"way": "coarse", **TRAINING, "tuning": [5, 6, 7]},  # at 0.03 some seeds fail
    **{f"longer_{way}": {"way": way, **LONGER} for way in WAYS},
}
TINY: dict[str, dict[str, Any]] = {
    "windows": {"seeds": [0], "epochs": 1},
    "ceiling": {"strides": [8], "pictures": 4, "steps": 2},
    **{way: {"seeds": [0], "tuning": [5], "rates": [0.01], "epochs": 0} for way in WAYS},
    **{f"longer_{way}": {"seeds": [0], "epochs": [0]} for way in WAYS},
}
SIDE, CLASSES = 32, 3


def reader(p):
    """Return a network for 28×28 digits, its convolutions padded by p, ending in scores."""
    side = {0: 4, 2: 7}[p]
    return nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=p), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 5, padding=p), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * side**2, 10),
    ).double()  # fmt: skip


def windows(seeds, epochs):
    """Train digit readers without and with padding; compare all windows with a single pass.

    One canvas of 60×120 with four unseen digits for each seed; a row a seed, and in it first the
    network without padding, then with.
    """
    torch.set_num_threads(1)
    digits = data.load("digits")
    X = torch.tensor(digits.train_images).double()
    unseen = torch.tensor(digits.validation_images).double()
    labels, truth = torch.tensor(digits.train_labels), torch.tensor(digits.validation_labels)
    found = {name: [] for name in ("right", "difference", "largest", "same")}
    for seed in seeds:
        rng, rows = np.random.default_rng(seed), []
        canvas = torch.zeros(1, 1, 60, 120, dtype=torch.float64)
        for at, n in enumerate(rng.choice(len(unseen), 4, replace=False)):
            top, left = rng.integers(0, 33), 30 * at + rng.integers(0, 3)
            canvas[0, :, top : top + 28, left : left + 28] = unseen[n]
        crops = canvas.unfold(2, 28, 4).unfold(3, 28, 4).reshape(-1, 1, 28, 28)
        for p in (0, 2):
            torch.manual_seed(seed)
            net = reader(p)
            adam = torch.optim.Adam(net.parameters(), lr=0.003)
            for _ in range(epochs):
                epoch(net, adam, X, labels, rng, 57)
            with torch.no_grad():
                each, whole = net(crops), at_once(net, canvas)[0].flatten(1).T
                right = (net(unseen).argmax(1) == truth).double().mean()
            off, same = (each - whole).abs().max(), each.argmax(1) == whole.argmax(1)
            rows.append([right, off, each.abs().max(), same.double().mean()])
        for name, numbers in zip(found, zip(*rows, strict=True), strict=True):
            found[name].append([number.item() for number in numbers])
    return found


def at_once(net, canvas):
    """Return the scores of a single pass, the dense layer used as a convolution."""
    features, dense = net[:-2](canvas), net[-1]
    side = round((dense.in_features / 16) ** 0.5)
    kernels = dense.weight.reshape(10, 16, side, side)
    return torch.nn.functional.conv2d(features, kernels, dense.bias)


def shapes(n, seed):
    """Draw n pictures (n, 1, 32, 32) of three discs or squares, and their labels: 0, 1, 2."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[:SIDE, :SIDE]
    x, labels = np.zeros((n, SIDE, SIDE)), np.zeros((n, SIDE, SIDE), int)
    for _ in range(3):
        across, down = np.abs(column - rng.uniform(3, 28, (n, 1, 1))), rng.uniform(3, 28, (n, 1, 1))
        down, half = np.abs(row - down), rng.uniform(3, 6, (n, 1, 1))
        square = rng.integers(0, 2, (n, 1, 1)) == 1
        disc = across**2 + down**2 < 4 / np.pi * half**2  # as large as the square
        inside = np.where(square, np.maximum(across, down) < half, disc)
        x = np.where(inside, rng.uniform(0.5, 1, (n, 1, 1)), x)
        labels = np.where(inside, 1 + square, labels)
    return torch.tensor((x + 0.1 * rng.normal(size=x.shape))[:, None]), torch.tensor(labels)


def agreement(found, labels):
    """Return the mean over the classes of intersection over union, and the share of pixels."""
    each = []
    for k in range(CLASSES):
        both, either = (found == k) & (labels == k), (found == k) | (labels == k)
        each.append(both.sum() / either.sum())
    return torch.stack(each).mean().item(), (found == labels).double().mean().item()


def up(scores, s):
    """Enlarge bilinearly."""
    return interpolate(scores, scale_factor=s, mode="bilinear", align_corners=False)


def ceiling(strides, pictures, steps):
    """What is left of true labels that pass through a coarse map; mean IoU and share of pixels.

    ``labels`` reduces the labels (the share of each class in a block) and enlarges them again.
    ``scores`` searches, for each picture, the coarse scores whose enlargement fits the labels best.
    ``nothing`` calls every pixel background.
    """
    torch.set_num_threads(1)
    _, labels = shapes(pictures, 2000)
    hot = nn.functional.one_hot(labels, CLASSES).permute(0, 3, 1, 2).double()
    found = {"labels": [], "scores": [], "nothing": agreement(0 * labels, labels)}
    for s in strides:
        share = nn.functional.avg_pool2d(hot, s)
        found["labels"].append(agreement(up(share, s).argmax(1), labels))
        best = (5 * share).requires_grad_()
        adam = torch.optim.Adam([best], lr=0.1)
        for _ in range(steps):
            adam.zero_grad()
            (cross_entropy(up(best, s), labels) * pictures).backward()
            adam.step()
        found["scores"].append(agreement(up(best, s).argmax(1), labels))
    return found


class Segmenter(nn.Module):
    """Three poolings down to an eighth, and back up in one of four ways."""

    def __init__(self, way):
        super().__init__()
        self.way = way
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 3, padding=1) for a, b in [(1, 8), (8, 16), (16, 32)]
        )
        self.deep = nn.Conv2d(32, 32, 3, padding=1)
        widths = (32, 16, 8) if way == "two_skips" else (32,)
        self.score = nn.ModuleList(nn.Conv2d(c, CLASSES, 1) for c in widths)
        if way in ("learned", "random"):
            self.enlarge = nn.ConvTranspose2d(CLASSES, CLASSES, 16, 8, padding=4, bias=False)
            nn.init.xavier_uniform_(self.enlarge.weight)
            if way == "learned":  # from bilinear
                hat = 1 - (torch.arange(16) - 7.5).abs() / 8
                kernels = torch.eye(CLASSES)[:, :, None, None] * torch.outer(hat, hat)
                self.enlarge.weight.data.copy_(kernels)
        self.double()

    def forward(self, x):
        kept = []
        for layer in self.down:
            x = max_pool2d(layer(x).relu(), 2)
            kept.append(x)
        scores = self.score[0](self.deep(x).relu())  # (N, 3, 4, 4)
        if self.way in ("learned", "random"):
            return self.enlarge(scores)
        if self.way == "coarse":
            return up(scores, 8)
        for head, earlier in zip(self.score[1:], kept[1::-1], strict=True):
            scores = up(scores, 2) + head(earlier)
        return up(scores, 2)


def segment(way, seeds, tuning, rates, epochs):
    """Train one way up with each seed, at the rate that was best with the seeds of tuning.

    1,600 pictures in batches of 16. ``validation`` is the mean IoU, a number a rate, on 200
    pictures that the rate is chosen by; ``iou`` and ``pixels`` are on 300 others, a number a seed.
    """
    torch.set_num_threads(1)
    given = [epochs], shapes(1600, 0), shapes(200, 1000), shapes(300, 2000)
    tried = [np.mean([once(way, rate, seed, *given)[0][0] for seed in tuning]) for rate in rates]
    best = rates[int(np.argmax(tried))]
    runs = [once(way, best, seed, *given)[0] for seed in seeds]
    found = dict(zip(("iou", "pixels"), list(zip(*runs, strict=True))[1:], strict=True))
    return found | {"validation": tried, "rate": best}


coarse = two_skips = learned = random = segment


def longer(way, seeds, rate, epochs):
    """Train on: the mean IoU on the 300 pictures after each number of epochs, a row a seed.

    The first of them is the run of ``segment`` again, whose best rate is given.
    """
    torch.set_num_threads(1)
    given = epochs, shapes(1600, 0), shapes(200, 1000), shapes(300, 2000)
    runs = [once(way, rate, seed, *given) for seed in seeds]
    return {"iou": [[iou for _, iou, _ in run] for run in runs]}


longer_coarse = longer_two_skips = longer_learned = longer_random = longer


def once(way, rate, seed, stops, learn, valid, test):
    """Train one segmenter and return its three measures after each number of epochs in stops."""
    torch.manual_seed(seed)
    rng, net, found = np.random.default_rng(seed), Segmenter(way), []
    adam = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=rate)
    for done in range(max(stops) + 1):
        if done:
            epoch(net, adam, *learn, rng, 16)
        if done in stops:
            with torch.no_grad():
                chosen = agreement(net(valid[0]).argmax(1), valid[1])[0]
                found.append((chosen, *agreement(net(test[0]).argmax(1), test[1])))
    return found


if __name__ == "__main__":
    main(sys.modules[__name__])
