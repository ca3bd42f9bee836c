"""Chapter 10: what a network that reads the digits 0 to 4 is worth for reading 5 to 9.

MNIST (DLNOTES_DATA names a folder that has it), in float64. ``dense`` has three hidden layers of
100 units, ``convolution`` two layers of 5×5 kernels with stride 2 (8 and 16 channels) and a dense
one of 64 units; ReLUs, He's weights, five scores. Each learns 0 to 4 first: plain descent with
momentum 0.9, batches of 25. Then it gets a few labelled images a class of 5 to 9 and 200 steps on
batches of at most 25. Its hidden layers start as they are (``reused``), as drawn (``random``), or
from a network that learned 0 to 4 with shuffled labels (``shuffled``); the lowest 0 to 3 stay
frozen; the output is drawn anew. Every case has its own learning rate: chosen on 500 images that
nobody learns from, the mean over the seeds; the test images are 1,000 others. Within a seed, all
cases see the same images in the same order.
"""

import sys

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks.experiments import main
from dlnotes import data

COMMON = {
    "seeds": [0, 1, 2, 3, 4],
    "rates": [0.003, 0.01, 0.03, 0.1, 0.3],
    "labels": [2, 5, 10, 50, 200],
    "stops": [5, 20, 60, 200],
    "source": {"images": 8000, "rate": 0.01, "epochs": 3},
}
SETTINGS = {"dense": COMMON, "convolution": COMMON}
_SMALL = {
    "seeds": [0],
    "rates": [0.01],
    "labels": [2],
    "stops": [1, 2],
    "source": {"images": 100, "rate": 0.01, "epochs": 1},
    "pretended": True,
}
TINY = {"dense": _SMALL, "convolution": _SMALL}
CASES = [(start, k) for start in ("random", "reused") for k in range(4)] + [("shuffled", 3)]
SHAPES = {
    "dense": [(784, 100), (100, 100), (100, 100), (100, 5)],
    "convolution": [(8, 1, 5, 5), (16, 8, 5, 5), (256, 64), (64, 5)],
}
BATCH = 25


def dense(**settings):
    """Return what `compared` does for the network of dense layers."""
    return compared(SHAPES["dense"], **settings)


def convolution(**settings):
    """Return what `compared` does for the network that begins with convolutions."""
    return compared(SHAPES["convolution"], **settings)


def compared(shapes, seeds, rates, labels, stops, source, pretended=False):
    """Return shares read rightly in percent, (labels, stops, rates, seeds), for each case.

    ``choose`` is measured on the images for choosing, ``test`` on those of the test; ``source``
    is the share of unseen 0 to 4 that the source reads rightly, a number a seed.
    """
    torch.set_num_threads(1)
    size = (len(labels), len(stops), len(rates), len(seeds))
    names = [f"{start} {frozen}" for start, frozen in CASES]
    found = {name: {"choose": np.zeros(size), "test": np.zeros(size)} for name in names}
    before = []
    for at, seed in enumerate(seeds):
        low, high = halves(seed, pretended)
        starts, share = begun(shapes, low, seed, source)
        before.append(share)
        for (start, frozen), name in zip(CASES, names, strict=True):
            for row, count in enumerate(labels):
                shares = moved(shapes, starts[start], frozen, high, count, seed, rates, stops)
                for part, values in zip(("choose", "test"), shares, strict=True):
                    found[name][part][row, :, :, at] = values
    return {"source": before, "cases": found}


def halves(seed, pretended):
    """Return images and labels 0 to 4 of the digits 0 to 4 and of 5 to 9, to learn and to test."""
    source = data.load("digits" if pretended else "mnist")
    images = np.concatenate([source.train_images, source.validation_images])
    labels = np.concatenate([source.train_labels, source.validation_labels])
    order = np.random.default_rng(seed).permutation(len(images))
    answers = data.load_test_labels(source.name)
    parts = [(images[order], labels[order]), (source.test_images, answers)]
    found = []
    for least in (0, 5):
        kept = [(x, y, (y >= least) & (y < least + 5)) for x, y in parts]
        found.append([(torch.tensor(x[mask]).double(), y[mask] % 5) for x, y, mask in kept])
    return found


def begun(shapes, low, seed, source):
    """Return the three starts, and the share of unseen 0 to 4 read rightly."""
    (x, y), (x_test, y_test) = low
    x, y = x[: source["images"]], torch.tensor(y[: source["images"]])
    mixed = y[torch.tensor(np.random.default_rng(seed).permutation(len(y)))]
    starts = {"random": drawn(shapes, seed)}
    for name, target in (("reused", y), ("shuffled", mixed)):
        net = stacked(drawn(shapes, seed + 100), 1)
        rng = np.random.default_rng(seed)
        batches = [
            batch
            for _ in range(source["epochs"])
            for batch in rng.permutation(len(x)).reshape(-1, BATCH)
        ]
        for _ in descent(net, x, target, batches, torch.tensor([source["rate"]]).double()):
            pass
        starts[name] = [tuple(part[0].detach() for part in layer) for layer in net]
    return starts, share(stacked(starts["reused"], 1), x_test[:1000], y_test[:1000])[0]


def moved(shapes, start, frozen, high, count, seed, rates, stops):
    """Train on ``count`` images a class at all rates at once; return shares (stops, rates)."""
    (x, y), (x_test, y_test) = high
    pick = np.concatenate([np.flatnonzero(y == k)[:count] for k in range(5)])
    x, y, x_choose, y_choose = x[pick], torch.tensor(y[pick]), x[-500:], y[-500:]
    x_test, y_test = x_test[:1000], y_test[:1000]
    below = stacked(start[:frozen], 1)  # what is frozen is computed once
    with torch.no_grad():
        x, x_choose, x_test = (features(below, part) for part in (x, x_choose, x_test))
    head = drawn(shapes, seed + 200)[-1:]
    net = stacked(start[frozen:-1] + head, len(rates))
    rng, batches = np.random.default_rng(seed), []
    while len(batches) < stops[-1]:
        batches += list(rng.permutation(len(x)).reshape(-1, min(BATCH, len(x))))
    choose, test = [], []
    for step in descent(net, x, y, batches[: stops[-1]], torch.tensor(rates).double()):
        if step in stops:
            choose.append(share(net, x_choose, y_choose))
            test.append(share(net, x_test, y_test))
    return choose, test


def drawn(shapes, seed):
    """Return He's weights and biases of zero for each layer; the output's weights are smaller."""
    made = torch.Generator().manual_seed(seed)
    net = []
    for shape in shapes:
        conv = len(shape) == 4
        inputs = shape[1] * 25 if conv else shape[0]
        gain = 1 if shape[-1] == 5 and not conv else 2
        weight = torch.randn(shape, generator=made, dtype=torch.float64) * (gain / inputs) ** 0.5
        net.append((weight, torch.zeros(shape[0] if conv else shape[1]).double()))
    return net


def stacked(net, times):
    """Return a network as ``times`` equal ones, side by side, ready to be trained."""
    return [
        tuple(part.expand(times, *part.shape).clone().requires_grad_() for part in layer)
        for layer in net
    ]


def scores(net, x):
    """Return scores (nets, N, 5) of networks side by side; all read the same images."""
    alike = True  # nothing has been computed that differs between the networks
    for w, b in net:
        nets = len(w)
        if w.dim() == 5:
            groups = 1 if alike else nets
            x = F.conv2d(x, w.flatten(0, 1), b.flatten(), stride=2, groups=groups)
        else:
            if x.dim() == 4:
                x = x.flatten(1) if alike else x.unflatten(1, (nets, -1)).flatten(2).transpose(0, 1)
            x = x @ w + b[:, None]
        alike = False
        x = F.relu(x) if w.shape[-1] != 5 or w.dim() == 5 else x
    return x


def features(below, x):
    """Return what the frozen layers make of images."""
    for layer in below:
        x = scores([layer], x)
        x = x[0] if x.dim() == 3 else x
    return x


def descent(net, x, y, batches, rates):
    """Step all networks, each at its rate, with momentum 0.9; yield the number of steps done."""
    parts = [part for layer in net for part in layer]
    speeds = [torch.zeros_like(part) for part in parts]
    steps = [rates.view(-1, *[1] * (part.dim() - 1)) for part in parts]
    for done, batch in enumerate(batches, 1):
        out = scores(net, x[batch])
        target = y[batch].expand(len(out), -1)
        loss = F.cross_entropy(out.flatten(0, 1), target.flatten()) * len(out)
        with torch.no_grad():
            slopes = torch.autograd.grad(loss, parts)
            for p, v, r, g in zip(parts, speeds, steps, slopes, strict=True):
                v.mul_(0.9).add_(g)
                p.sub_(r * v)
        yield done


@torch.no_grad()
def share(net, x, y):
    """Return the percentage of images that each network reads rightly."""
    right = scores(net, x).argmax(dim=2).numpy() == y
    return 100 * right.mean(axis=1)


if __name__ == "__main__":
    main(sys.modules[__name__])
