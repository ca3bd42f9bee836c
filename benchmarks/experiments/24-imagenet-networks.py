"""Chapter 24: plain and residual networks of several depths, and networks with blocks taken out.

scikit-learn's digits (1,200 to learn from, 597 for the test), 8 channels, blocks of two 3x3
convolutions, in float64 on one thread. ``depth`` is the number of convolutions in the blocks.
"""

import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from benchmarks.experiments import main

SEEDS = [0, 1, 2]
SETTINGS = {
    "depth": {"seeds": SEEDS, "depths": [8, 16, 24, 40], "rates": [0.03, 0.1], "epochs": 5},
    "suspects": {"seeds": SEEDS, "depth": 40, "epochs": 5, "longer": 15},
    "deleted": {"seeds": SEEDS, "few": 8, "many": 40, "epochs": 5},
    "early": {"seeds": SEEDS, "depth": 40},
    "rescaled": {"seeds": SEEDS[:2], "depths": [8, 40], "rates": [0.001, 0.003, 0.01], "epochs": 5},
}
TINY = {
    "depth": {"seeds": [0], "depths": [2], "rates": [0.1], "epochs": 1},
    "suspects": {"seeds": [0], "depth": 2, "epochs": 1, "longer": 1},
    "deleted": {"seeds": [0], "few": 2, "many": 4, "epochs": 1},
    "early": {"seeds": [0], "depth": 2},
    "rescaled": {"seeds": [0], "depths": [2], "rates": [0.003], "epochs": 1},
}
CHANNELS, BATCH, RATE = 8, 50, 0.03


class Block(nn.Module):
    """Two 3x3 convolutions, each normalised; the input is added if residual."""

    def __init__(self, residual, norm=True, slope=0.0):
        super().__init__()
        self.residual, self.slope = residual, slope

        def conv():
            parts = [nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=not norm)]
            return parts + ([nn.BatchNorm2d(CHANNELS)] if norm else [])

        self.body = nn.Sequential(*conv(), nn.LeakyReLU(slope), *conv())

    def forward(self, x):
        """Return relu(body(x)), or relu(x + body(x))."""
        y = self.body(x)
        return nn.functional.leaky_relu(x + y if self.residual else y, self.slope)


def build(depth, residual, seed, **options):
    """Return a network with ``depth`` convolutions in its blocks; He's weights."""
    torch.manual_seed(seed)
    stem = [nn.Conv2d(1, CHANNELS, 3, padding=1), nn.BatchNorm2d(CHANNELS), nn.ReLU()]
    blocks = [Block(residual, **options) for _ in range(depth // 2)]
    head = [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * CHANNELS, 10)]
    net = nn.Sequential(*stem, nn.Sequential(*blocks), *head).double()
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    return net


def pictures():
    """Return 1,200 digits to learn from and 597 for the test, with labels."""
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.target))
    X = torch.tensor(digits.images[order] / 8 - 1)[:, None]
    labels = torch.tensor(digits.target[order])
    return X[:1200], labels[:1200], X[1200:], labels[1200:]


def train(net, X, labels, epochs, seed, rate=RATE, rule="momentum", between=None):
    """Train in place; return the mean loss of each epoch, as met while learning.

    ``between(net)`` is called after each backward pass, before the step.
    """
    if rule == "Adam":
        optimizer = torch.optim.Adam(net.parameters(), lr=rate)
    else:
        optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    rng = np.random.default_rng(seed)
    losses = []
    net.train()
    for _ in range(epochs):
        total = 0.0
        for batch in rng.permutation(len(X)).reshape(-1, BATCH):
            loss = nn.functional.cross_entropy(net(X[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            if between:
                between(net)
            optimizer.step()
            total += loss.item() * BATCH / len(X)
        losses.append(total)
    return losses


@torch.no_grad()
def right(net, X, labels):
    """Return the percentage read rightly."""
    net.eval()
    return 100 * (net(X).argmax(1) == labels).double().mean().item()


def trained(depth, residual, epochs, seed, rate=RATE, rule="momentum", **options):
    """Return a trained network, its losses and its test accuracy."""
    torch.set_num_threads(1)
    X, labels, X_test, labels_test = pictures()
    net = build(depth, residual, seed, **options)
    losses = train(net, X, labels, epochs, seed, rate, rule)
    return net, losses, right(net, X_test, labels_test)


def depth(seeds, depths, rates, epochs):
    """Plain and residual networks; last losses and test accuracies (depth, rate, seed)."""
    found = {}
    for name in ("plain", "residual"):
        runs = [
            [[trained(d, name == "residual", epochs, s, r)[1:] for s in seeds] for r in rates]
            for d in depths
        ]
        found[name] = {
            "loss": [[[run[0][-1] for run in row] for row in rows] for rows in runs],
            "test": [[[run[1] for run in row] for row in rows] for rows in runs],
        }
    return found


def suspects(seeds, depth, epochs, longer):
    """Try to save the deep plain network; last losses and test accuracies, one for each seed."""

    def runs(epochs=epochs, **options):
        done = [trained(depth, False, epochs, s, **options)[1:] for s in seeds]
        return {"loss": [losses[-1] for losses, _ in done], "test": [test for _, test in done]}

    return {
        "rate 0.01": runs(rate=0.01),
        "Adam, rate 0.01": runs(rate=0.01, rule="Adam"),
        "three times as long": runs(epochs=longer),
        "no normalization": runs(rate=0.01, norm=False),
        "slope one half": runs(slope=0.5),
    }


def deleted(seeds, few, many, epochs):
    """Take out each block, and swap each with its successor; accuracy (seed, block)."""
    networks = {"plain, few": few, "residual, few": few, "residual, many": many}
    return {name: without(name, d, seeds, epochs) for name, d in networks.items()}


def without(name, depth, seeds, epochs):
    """Return the accuracy of whole networks, and with blocks taken out or swapped."""
    X, labels = pictures()[2:]
    found = {"whole": [], "without": [], "swapped": []}
    for seed in seeds:
        net, _, whole = trained(depth, name.startswith("residual"), epochs, seed)
        blocks = list(net[3])

        def test(order, net=net, blocks=blocks):
            kept = [blocks[i] for i in order]
            return right(nn.Sequential(*net[:3], *kept, *net[4:]), X, labels)

        every = list(range(len(blocks)))
        swaps = [[*every[:i], i + 1, i, *every[i + 2 :]] for i in every[:-1]]
        found["whole"].append(whole)
        found["without"].append([test([j for j in every if j != i]) for i in every])
        found["swapped"].append([test(order) for order in swaps])
    return found


def early(seeds, depth):
    """The first epoch of plain networks: does the explosion last?

    ``ratio``: size of the gradient of the first block's weights over that of the last's (seed,
    step), each before its step; ``growth``: of the norm of the first block's weights.
    """
    torch.set_num_threads(1)
    X, labels = pictures()[:2]
    found = {"ratio": [], "growth": []}
    for seed in seeds:
        net = build(depth, False, seed)
        first, last = (net[3][i].body[0].weight for i in (0, -1))
        ratios, before = [], first.norm().item()

        def watch(net, first=first, last=last, ratios=ratios):
            ratios.append((first.grad.norm() / last.grad.norm()).item())

        train(net, X, labels, 1, seed, between=watch)
        found["ratio"].append(ratios)
        found["growth"].append(first.norm().item() / before)
    return found


def rescale(net):
    """Give the gradients of each layer in the blocks the size of the layer's weights."""
    for part in net[3].modules():
        if isinstance(part, (nn.Conv2d, nn.BatchNorm2d)):
            for p in part.parameters():
                p.grad.mul_(part.weight.detach().norm() / (p.grad.norm() + 1e-12))


def rescaled(seeds, depths, rates, epochs):
    """Plain networks without any explosion: last losses (depth, rate, seed)."""
    torch.set_num_threads(1)
    X, labels = pictures()[:2]

    def last(d, rate, seed):
        net = build(d, False, seed)
        return train(net, X, labels, epochs, seed, rate, between=rescale)[-1]

    return {"loss": [[[last(d, r, s) for s in seeds] for r in rates] for d in depths]}


if __name__ == "__main__":
    main(sys.modules[__name__])
