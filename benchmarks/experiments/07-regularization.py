"""Chapter 07: six treatments of one network that has more parameters than examples.

MNIST (DLNOTES_DATA names a folder that has it), reduced to 14×14 by means of 2×2 pixels, in
float64. 196 inputs, 100 ReLUs with He's weights, ten scores; 1,000 images to learn from, descent
with momentum 0.9, batches of 20. Each treatment has its strengths, and every strength is tried at
every rate. Within a seed, all cases see the same images in the same order from the same start.
A share ``noise`` of the labels is redrawn among all ten classes: of those that are learned and of
the 500 validation images alike; the test images have their true labels.

``plain``; ``L2``: strength times the weights added to their gradient (not to that of biases);
``L1``: likewise with their signs; ``activity``: strength times the mean square of the hidden
values, summed over the units, added to the loss; ``dropout``: a hidden value is dropped with this
probability, an input with two fifths of it; ``shifts``: each time an image is seen it is moved by
up to so many pixels down and across, edges are filled with zeros; ``layers``: no treatment, but so
many hidden layers of the same width.
"""

import sys
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from benchmarks.experiments import main
from dlnotes import data

STRENGTHS: dict[str, list[float]] = {
    "plain": [0.0],
    "L2": [0.001, 0.003, 0.01, 0.03],
    "L1": [0.0001, 0.0003, 0.001],
    "activity": [0.003, 0.01, 0.03, 0.1],
    "dropout": [0.25, 0.5, 0.7],
    "shifts": [1, 2],
    "layers": [2, 3],
}
COMMON: dict[str, Any] = {
    "seeds": [0, 1, 2, 3, 4],
    "rates": [0.01, 0.03, 0.1],
    "strengths": STRENGTHS,
    "images": 1000,
    "stops": [1, 2, 3, 5, 7, 10, 15, 20, 30],
}
SETTINGS: dict[str, dict[str, Any]] = {
    "true": COMMON | {"noise": 0.0},
    "redrawn": COMMON | {"noise": 0.2},
    "slow": COMMON | {"noise": 0.2, "rates": [0.003]},
}
_SMALL: dict[str, Any] = {
    "seeds": [0],
    "rates": [0.01],
    "strengths": {name: values[:1] for name, values in STRENGTHS.items()},
    "images": 40,
    "stops": [1, 2],
    "pretended": True,
}
TINY = {"true": _SMALL, "redrawn": _SMALL, "slow": _SMALL}
BATCH, HIDDEN, CHOOSE, TEST = 20, 100, 500, 4000


def true(**settings):
    """Return what `trial` does, with the labels as they are."""
    return trial(**settings)


def redrawn(**settings):
    """Return what `trial` does, with a fifth of the labels redrawn."""
    return trial(**settings)


def slow(**settings):
    """Return the same at a rate below those of the others, where several of them ended."""
    return trial(**settings)


def trial(noise, seeds, rates, strengths, images, stops, pretended=False):
    """Return errors in percent, (strengths, rates, seeds, stops), for each treatment.

    ``train`` is measured on the images and labels that were learned, ``choose`` on the validation
    images with their labels, ``test`` on 4,000 test images.
    """
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    for name, values in strengths.items():
        shape = (len(values), len(rates), len(seeds), len(stops))
        found[name] = {part: np.zeros(shape) for part in ("train", "choose", "test")}
    for k, seed in enumerate(seeds):
        parts = pictures(seed, noise, images, pretended)
        for name, values in strengths.items():
            for part, rows in treated(name, values, rates, parts, seed, stops).items():
                found[name][part][:, :, k] = rows
    return found


def pictures(seed, noise, images, pretended):
    """Return images (n, side²) and labels to learn from, to choose by and to test."""
    rng = np.random.default_rng(seed)
    source = data.load("digits" if pretended else "mnist")
    order = rng.permutation(len(source.train_images))[: images + CHOOSE]
    x, y = source.train_images[order], source.train_labels[order].astype(int)
    redrawn = rng.random(len(y)) < noise
    y = np.where(redrawn, rng.integers(0, 10, len(y)), y)
    answers = data.load_test_labels(source.name).astype(int)
    parts = [
        (x[:images], y[:images]),
        (x[images:], y[images:]),
        (source.test_images[:TEST], answers[:TEST]),
    ]
    return [(halved(x), torch.tensor(y)) for x, y in parts]


def halved(x):
    """Return images of half the side, one row an image."""
    return F.avg_pool2d(torch.tensor(x).double(), 2).flatten(1)


def treated(name, values, rates, parts, seed, stops):
    """Train a network for each strength and rate; return errors (strengths, rates, stops)."""
    if name == "layers":  # such networks differ in shape
        rows = [trained(name, [(value, r) for r in rates], parts, seed, stops) for value in values]
        return {part: np.stack([row[part].T for row in rows]) for part in rows[0]}
    cases = [(value, rate) for value in values for rate in rates]
    errors = trained(name, cases, parts, seed, stops)
    return {part: e.T.reshape(len(values), len(rates), -1) for part, e in errors.items()}


def trained(name, cases, parts, seed, stops):
    """Train a network for each case, side by side; return errors (stops, cases) of each part."""
    (x, y), strength = parts[0], torch.tensor([value for value, _ in cases]).double()
    rates = torch.tensor([rate for _, rate in cases]).double()[:, None, None]
    made = torch.Generator().manual_seed(seed)
    depth = int(strength[0]) if name == "layers" else 1
    net = []
    for inputs, units in pairwise([x.shape[1], *[HIDDEN] * depth, 10]):
        size = ((1 if units == 10 else 2) / inputs) ** 0.5
        weight = size * torch.randn(inputs, units, generator=made, dtype=torch.float64)
        for start in (weight, torch.zeros(1, units).double()):
            net.append(start.expand(len(cases), -1, -1).clone().requires_grad_())
    speeds = [torch.zeros_like(part) for part in net]
    errors: dict[str, list[Any]] = {"train": [], "choose": [], "test": []}
    for epoch in range(1, stops[-1] + 1):
        for batch in torch.randperm(len(x), generator=made).split(BATCH):
            seen = x[batch].expand(len(cases), -1, -1)
            if name == "shifts":
                seen = moved(x[batch], strength, made)
            slopes = torch.autograd.grad(cost(name, net, seen, y[batch], strength, made), net)
            with torch.no_grad():
                for at, (p, v, g) in enumerate(zip(net, speeds, slopes, strict=True)):
                    pull = {"L2": p, "L1": p.sign()}.get(name) if at % 2 == 0 else None
                    force = g if pull is None else g + strength[:, None, None] * pull
                    v.mul_(0.9).add_(force)
                    p.sub_(rates * v)
        if epoch in stops:
            for part, (images, labels) in zip(errors, parts, strict=True):
                errors[part].append(wrong(net, images, labels))
    return {part: np.array(rows) for part, rows in errors.items()}


def cost(name, net, x, labels, strength, made):
    """Return the sum of the networks' losses, with the treatment's part in it."""
    if name == "dropout":
        x = x * kept(x.shape, 0.4 * strength, made)
    hidden = under(net, x)
    if name == "dropout":
        hidden = hidden * kept(hidden.shape, strength, made)
    scores = hidden @ net[-2] + net[-1]
    target = labels.expand(len(scores), -1)
    loss = F.cross_entropy(scores.flatten(0, 1), target.flatten()) * len(scores)
    if name == "activity":
        loss = loss + (strength * (hidden**2).sum(dim=2).mean(dim=1)).sum()
    return loss


def under(net, x):
    """Return the values of the last hidden layer."""
    for w, b in zip(net[:-2:2], net[1:-2:2], strict=True):
        x = F.relu(x @ w + b)
    return x


def kept(shape, p, made):
    """Return masks, divided by the share kept; all networks look at the same random numbers."""
    drawn = torch.rand(shape[1:], generator=made, dtype=torch.float64)
    p = p[:, None, None]
    return (drawn >= p) / (1 - p)


def moved(x, strength, made):
    """Return each image moved by up to ``strength`` pixels; (cases, n, side²)."""
    side = round(x.shape[1] ** 0.5)
    drawn = torch.rand(2, len(x), generator=made)
    found = []
    for most in strength.int().tolist():
        padded = F.pad(x.view(-1, side, side), [most] * 4)
        i, j = (drawn * (2 * most + 1)).long()
        rows, columns = i[:, None] + torch.arange(side), j[:, None] + torch.arange(side)
        at = torch.arange(len(x))[:, None, None]
        found.append(padded[at, rows[:, :, None], columns[:, None, :]].flatten(1))
    return torch.stack(found)


@torch.no_grad()
def wrong(net, x, labels):
    """Return the percentage of images that each network misreads."""
    scores = under(net, x) @ net[-2] + net[-1]
    return 100 * (scores.argmax(dim=2) != labels).double().mean(dim=1).numpy()


if __name__ == "__main__":
    main(sys.modules[__name__])
