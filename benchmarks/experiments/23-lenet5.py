"""Chapter 23: which of LeNet-5's parts of 1998 matter, each exchanged for what is used today.

PyTorch in float32, one thread, Adam with a rate that falls to zero, batches of 25, weights as
PyTorch draws them, MNIST padded to 32 pixels and scaled to -0.1 and 1.175 (DLNOTES_DATA names a
folder that has it). The learning rate of each network is the best of three or four on images for
validation that no network learns from; the test images are the first 4,000 of MNIST's.
"""

import base64
import sys

import numpy as np
import torch
from sklearn.datasets import load_sample_images
from torch.nn import functional as F

from benchmarks.experiments import main
from dlnotes import data, specs

TABLE = specs.get("lenet5-1998").body.parts[4].table
CASES = {  # C3's table, the unit, the pooling, the output
    "as in 1998": ("1998", "scaled tanh", "trained", "nearest"),
    "competing distances": ("1998", "scaled tanh", "trained", "competing"),
    "competing, 1/20": ("1998", "scaled tanh", "trained", "divided"),
    "softmax": ("1998", "scaled tanh", "trained", "softmax"),
    "full C3": ("full", "scaled tanh", "trained", "nearest"),
    "random C3": ("random", "scaled tanh", "trained", "nearest"),
    "plain means": ("1998", "scaled tanh", "mean", "nearest"),
    "maxima": ("1998", "scaled tanh", "max", "nearest"),
    "ReLU": ("1998", "relu", "trained", "nearest"),
    "logistic": ("1998", "logistic", "trained", "nearest"),
    "today": ("full", "relu", "max", "softmax"),
    "logistic, means, softmax": ("full", "logistic", "mean", "softmax"),
}
COMMON = {
    "seeds": [0, 1, 2],
    "rates": [0.002, 0.006, 0.02],
    "learn": 4000,
    "choose": 1000,
    "epochs": 3,
}
SETTINGS = {
    "outputs": COMMON | {"junk": 50.0},
    "divided": COMMON | {"rates": [0.006], "junk": 50.0},
    "organs": COMMON,
    "wholes": COMMON | {"rates": [0.0007, 0.002, 0.006, 0.02]},
    "specimen": {"seed": 0, "rate": 0.002, "learn": 20000, "epochs": 3},
}
_SMALL = {"learn": 100, "epochs": 1, "pretended": True}
_SMALLER = _SMALL | {"seeds": [0], "rates": [0.002], "choose": 50}
TINY = dict.fromkeys(("outputs", "divided", "organs", "wholes"), _SMALLER) | {"specimen": _SMALL}
UNITS = {
    "scaled tanh": lambda x: 1.7159 * torch.tanh(2 * x / 3),
    "relu": torch.relu,
    "logistic": torch.sigmoid,
}
BATCH = 25
BITMAPS = """
.#####. ...#... .#####. .#####. ....##. ####### ..####. ####### .#####. .#####.
##...## ..##... ##...## ##...## ...###. ##..... .##.... ....... ##...## ##...##
##...## .###... .....## .....## ..####. ##..... ##..... .....## ##...## ##...##
##...## ...#... .....## .....## .##.##. ##..... ##..... .....## ##...## ##...##
##...## ...#... ....##. ....##. ##..##. ######. ######. ....##. .#####. ##...##
##...## ...#... ...##.. ..###.. ##..##. .....## ##...## ....##. .#####. .######
##...## ...#... ..##... ....##. ####### .....## ##...## ...##.. ##...## .....##
##...## ...#... .##.... .....## ....##. .....## ##...## ...##.. ##...## .....##
##...## ...#... ##..... .....## ....##. .....## ##...## ..##... ##...## .....##
##...## ...#... ##..... ##...## ....##. ##...## ##...## ..##... ##...## ....##.
.#####. .#####. ####### .#####. ....##. .#####. .#####. ..##... .#####. .####..
....... ....... ....... ....... ....... ....... ....... ....... ....... .......
"""


def bitmaps():
    """Return ten digits of 12 rows and 7 columns, ink 1 and paper -1: (10, 84)."""
    rows = np.array([[list(part) for part in line.split()] for line in BITMAPS.split("\n")[1:-1]])
    return np.where(rows.transpose(1, 0, 2) == "#", 1.0, -1.0).reshape(10, 84)


def outputs(**settings):
    """Return what `compared` does for networks that differ in their output, and for the original.

    Also how well each tells digits from what is none (the area under the curve, 0.5 is guessing):
    ``others``, a number a kind a seed.
    """
    return compared(("as in 1998", "competing distances", "softmax"), others=True, **settings)


def divided(**settings):
    """Return what `compared` does for competing distances that are divided by 20, and `junk` too.

    One rate alone, the best of all networks in `outputs`.
    """
    return compared(("competing, 1/20",), **settings)


def organs(**settings):
    """Return what `compared` does for networks of 1998 with one other part exchanged."""
    names = ("full C3", "random C3", "plain means", "maxima", "ReLU", "logistic")
    return compared(names, **settings)


def wholes(**settings):
    """Return what `compared` does for networks with all parts exchanged."""
    return compared(("today", "logistic, means, softmax"), **settings)


def compared(names, seeds, rates, learn, choose, epochs, junk=0.0, others=False, pretended=False):
    """Return for each network its rates' shares right, and a share of test images right a seed."""
    images, labels, test, answers = pictures(pretended)
    learning = images[:learn], labels[:learn]
    choosing = images[-choose:], labels[-choose:]
    rest = nothings(test, answers) if others else {}
    found = {}
    for name in names:
        case = CASES[name]
        trained = [
            [train(case, *learning, seed, rate, epochs, junk) for seed in seeds] for rate in rates
        ]
        chosen = [[right(net, *choosing) for net in nets] for nets in trained]
        best = int(np.argmax(np.mean(chosen, axis=1)))
        nets = trained[best]
        found[name] = {"choose": chosen, "rate": rates[best]}
        found[name]["test"] = [right(net, test, answers) for net in nets]
        if others:
            found[name]["others"] = {
                kind: [apart(net, test[:1000], nothing) for net in nets]
                for kind, nothing in rest.items()
            }
    return found


def specimen(seed, rate, learn, epochs, pretended=False):
    """Return a trained network of 1998: weights in steps of 1/127 of the largest, and targets."""
    images, labels, test, answers = pictures(pretended)
    case = CASES["as in 1998"]
    net = train(case, images[:learn], labels[:learn], seed, rate, epochs, 0.0)
    before = right(net, test, answers)
    tensors = {}
    with torch.no_grad():
        for name, tensor in net.named_parameters():
            step = tensor.abs().max().item() / 127
            whole = (tensor / step).round()
            tensor.copy_(whole * step)
            if name == "c3.weight":
                whole = torch.cat([whole[k, list(row)] for k, row in enumerate(TABLE)])
            text = base64.b64encode(whole.to(torch.int8).numpy().tobytes()).decode()
            tensors[name] = {"step": step, "shape": list(whole.shape), "whole": text}
    rows = BITMAPS.split("\n")[1:-1]
    after = right(net, test, answers)
    return {"bitmaps": rows, "before": before, "test": after, "weights": tensors}


def pictures(pretended):
    """Return images and labels to learn from, in a drawn order, and those of the test."""
    source = data.load("digits" if pretended else "mnist")
    images = np.concatenate([source.train_images, source.validation_images])
    labels = np.concatenate([source.train_labels, source.validation_labels])
    order = np.random.default_rng(0).permutation(len(images))
    answers = data.load_test_labels(source.name)
    return (
        scaled(images[order]),
        torch.tensor(labels[order]),
        scaled(source.test_images[:4000]),
        torch.tensor(answers[:4000]),
    )


def scaled(images):
    """Pad to 32 by 32, paper -0.1 and ink 1.175."""
    margin = (32 - images.shape[-1]) // 2
    wide = np.pad(images.astype(np.float32), [(0, 0), (0, 0), (margin, margin), (margin, margin)])
    return torch.tensor(-0.1 + 1.275 * wide)


class Net(torch.nn.Module):
    """LeNet-5 of exchangeable parts."""

    def __init__(self, case, seed):
        super().__init__()
        torch.manual_seed(seed)
        table, self.unit, self.pool, self.output = case
        links = {"1998": TABLE, "full": [range(6)] * 16, "random": drawn(seed)}[table]
        self.links = torch.zeros(16, 6, 1, 1)
        for k, row in enumerate(links):
            self.links[k, list(row)] = 1
        self.c1 = torch.nn.Conv2d(1, 6, 5)
        self.c3 = torch.nn.Conv2d(6, 16, 5)
        self.c5 = torch.nn.Conv2d(16, 120, 5)
        self.f6 = torch.nn.Linear(120, 84)
        with torch.no_grad():  # as PyTorch draws them, for the maps that each map reads
            self.c3.weight *= (6 / self.links.sum(1, keepdim=True)).sqrt() * self.links
        if self.pool == "trained":
            for name, count in (("s2", 6), ("s4", 16)):
                both = {"weight": torch.ones(count), "bias": torch.zeros(count)}
                setattr(self, name, torch.nn.ParameterDict(both))
        if self.output == "softmax":
            self.out = torch.nn.Linear(84, 10)
        self.centers = torch.tensor(bitmaps(), dtype=torch.float32)

    def forward(self, x):
        """Return distances, or scores."""
        unit = UNITS[self.unit]
        x = self.pooled(unit(self.c1(x)), "s2")
        x = unit(F.conv2d(x, self.c3.weight * self.links, self.c3.bias))
        x = self.pooled(x, "s4")
        x = self.f6(unit(self.c5(x)).flatten(1))
        if self.output == "softmax":
            return self.out(unit(x))
        x = UNITS["scaled tanh"](x)
        return ((x[:, None] - self.centers) ** 2).sum(2)

    def pooled(self, x, name):
        """Halve the maps."""
        if self.pool == "max":
            return F.max_pool2d(x, 2)
        x = F.avg_pool2d(x, 2)
        if self.pool == "mean":
            return x
        own = getattr(self, name)
        return UNITS[self.unit](own["weight"][:, None, None] * x + own["bias"][:, None, None])


def drawn(seed):
    """Draw 60 of the 96 links, three to six a map, as many of each as in 1998."""
    rng = np.random.default_rng(seed)
    return [sorted(rng.choice(6, len(row), replace=False)) for row in TABLE]


def loss(net, x, labels, junk):
    """Return the mean loss; distances are divided by 84, which changes no step of Adam's."""
    y = net(x)
    if net.output == "softmax":
        return F.cross_entropy(y, labels)
    if net.output == "divided":
        y, junk = y / 20, junk / 20
    own = y[torch.arange(len(y)), labels]
    if net.output in {"competing", "divided"}:
        level = torch.full((len(y), 1), -junk, dtype=y.dtype)
        own = own + torch.logsumexp(torch.cat([-y, level], 1), 1)
    return own.mean() / 84


def train(case, images, labels, seed, rate, epochs, junk):
    """Train a network."""
    torch.set_num_threads(1)
    net = Net(case, seed)
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    rng = np.random.default_rng(seed)
    batches = [rng.permutation(len(images)).reshape(-1, BATCH) for _ in range(epochs)]
    batches = np.concatenate(batches)
    for step, batch in enumerate(batches):
        adam.param_groups[0]["lr"] = rate * (1 - step / len(batches))
        adam.zero_grad()
        loss(net, images[batch], labels[batch], junk).backward()
        adam.step()
    return net


def scores(net, images):
    """Return what is largest where the network is surest: (N, 10)."""
    with torch.no_grad():
        y = torch.cat([net(part) for part in images.split(1000)])
    return torch.softmax(y, 1) if net.output == "softmax" else -y


def right(net, images, labels):
    """Return the share read rightly."""
    return (scores(net, images).argmax(1) == labels).double().mean().item()


def nothings(test, labels):
    """Return pictures that are no digits: pieces of photographs, and two digits in one."""
    rng = np.random.default_rng(0)
    photographs = [image.mean(2) / 255 for image in load_sample_images().images]
    pieces = []
    for _ in range(1000):
        photograph = photographs[rng.integers(2)]
        i, j = rng.integers(0, np.array(photograph.shape) - 28)
        piece = photograph[i : i + 28, j : j + 28]
        pieces.append((piece - piece.min()) / (np.ptp(piece) + 1e-9))
    some, other = rng.integers(0, len(test), (2, 2000))
    differ = (labels[some] != labels[other]).numpy()
    two = torch.maximum(test[some[differ]], test[other[differ]])[:1000]
    return {"photographs": scaled(np.array(pieces)[:, None]), "two in one": two}


def apart(net, digits, others):
    """Return the chance that a digit scores higher than what is none."""
    sure = [scores(net, images).max(1).values.numpy() for images in (digits, others)]
    low, high = (np.searchsorted(np.sort(sure[1]), sure[0], side) for side in ("left", "right"))
    return float((low + high).mean() / 2 / len(others))


if __name__ == "__main__":
    main(sys.modules[__name__])
