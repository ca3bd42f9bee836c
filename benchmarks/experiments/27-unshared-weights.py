"""Chapter 27: sharing against forgetting the place, and descriptions of faces it never saw.

PyTorch in float64, one thread, Adam with a rate that falls to zero. Faces are drawn from nine
numbers a person, as in the chapter; digits are scikit-learn's, 8x8.
"""

import sys
from functools import partial

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

from benchmarks.experiments import main

SEEDS = [0, 1, 2, 3, 4]
SETTINGS = {
    "marks": {"seeds": SEEDS, "noises": [0.3, 0.5], "count": 600, "steps": 300, "rate": 0.03},
    "digits": {"seeds": SEEDS, "counts": [100, 1200], "steps": 300, "rate": 0.01},
    "faces": {"seeds": SEEDS, "shifts": [0.0, 0.5, 1.0], "known": 30, "steps": 300, "rate": 0.01},
    "told": {"seeds": SEEDS, "shifts": [0.0, 0.5, 1.0], "known": 30, "steps": 300, "rate": 0.01},
    "descriptions": {
        "seeds": SEEDS,
        "known": [2, 4, 8, 16, 32, 64],
        "photos": 640,
        "steps": 300,
        "rate": 0.005,
    },
}
TINY = {
    "marks": {"seeds": [0], "noises": [0.3], "count": 20, "steps": 2},
    "digits": {"seeds": [0], "counts": [20], "steps": 2},
    "faces": {"seeds": [0], "shifts": [0.0], "known": 2, "steps": 2},
    "told": {"seeds": [0], "shifts": [0.0], "known": 2, "steps": 2},
    "descriptions": {"seeds": [0], "known": [2], "photos": 10, "steps": 2},
}
MEAN = np.array([4.2, 9.5, 2.6, 0, 4, 17.5, 3.2, 0, 9])
SPREAD = np.array([0.6, 0.6, 0.6, 0.25, 0.8, 0.6, 0.7, 0.6, 0.6])


class Local(nn.Module):
    """A layer with a kernel of its own at every place: (N, C, H, H) to (N, K, P, P)."""

    def __init__(self, channels, kernels, size, kernel):
        super().__init__()
        self.kernel, places, fan = kernel, size - kernel + 1, channels * kernel**2
        start = torch.randn(places**2, fan, kernels) * (2 / fan) ** 0.5
        self.weight = nn.Parameter(start)
        self.bias = nn.Parameter(torch.zeros(kernels, places, places))

    def forward(self, x):
        """Multiply each window with the kernels of its place."""
        windows = F.unfold(x, self.kernel)
        y = torch.einsum("nfl,lfk->nkl", windows, self.weight)
        return y.reshape(len(x), *self.bias.shape) + self.bias


class Largest(nn.Module):
    """The largest value of each map, wherever it is."""

    def forward(self, x):
        """(N, K, P, Q) becomes (N, K)."""
        return x.amax((2, 3))


class Row(nn.Module):
    """One more channel: the number of the row, from -1 to 1."""

    def forward(self, x):
        """(N, C, H, W) becomes (N, C + 1, H, W)."""
        row = torch.linspace(-1, 1, x.shape[2], dtype=x.dtype)[:, None].expand(x.shape[2:])
        return torch.cat([x, row.expand(len(x), 1, -1, -1)], 1)


class Column(Row):
    """One more channel: the number of the column, from -1 to 1."""

    def forward(self, x):
        """(N, C, H, W) becomes (N, C + 1, H, W)."""
        return super().forward(x.mT).mT


def marks(seeds, noises, count, steps, rate):
    """Return parameters and the shares right, learned and new, of a network a noise a seed."""
    nets = {
        "shared, maximum": lambda: (nn.Conv2d(1, 4, 3), nn.ReLU(), Largest(), nn.Linear(4, 2)),
        "local, maximum": lambda: (Local(1, 4, 16, 3), nn.ReLU(), Largest(), nn.Linear(4, 2)),
        "shared, all places": lambda: (
            nn.Conv2d(1, 4, 3),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(784, 2),
        ),
        "shared, row, maximum": lambda: (
            Row(),
            nn.Conv2d(2, 4, 3),
            nn.ReLU(),
            Largest(),
            nn.Linear(4, 2),
        ),
    }
    found = {}
    for name, parts in nets.items():
        found[name] = {"learned": [], "new": []}
        for noise in noises:
            pairs = []
            for seed in seeds:
                rng = np.random.default_rng(seed)
                old, new = two_marks(count, noise, rng), two_marks(count, noise, rng)
                net = train(parts, *old, seed, steps, rate, 100)
                pairs.append((right(net, *old), right(net, *new)))
            found[name]["learned"].append([pair[0] for pair in pairs])
            found[name]["new"].append([pair[1] for pair in pairs])
        found[name]["parameters"] = sum(p.numel() for p in net.parameters())
    return found


def digits(seeds, counts, steps, rate):
    """Return the shares right on new digits, as they are and moved by a pixel, a count a seed."""
    images, labels = load_digits(return_X_y=True)
    x, y = torch.tensor(images.reshape(-1, 1, 8, 8) / 16), torch.tensor(labels)
    found = {}
    for name in ("shared", "local"):
        found[name] = {"aligned": [], "moved": []}
        for count in counts:
            pairs = []
            for seed in seeds:
                order = np.random.default_rng(seed).permutation(len(x))
                old, new = order[:count], order[1200:]
                net = train(partial(reader, name), x[old], y[old], seed, steps, rate, 50)
                moved = F.pad(x[new], (1, 0))[..., :-1]
                pairs.append((right(net, x[new], y[new]), right(net, moved, y[new])))
            found[name]["aligned"].append([pair[0] for pair in pairs])
            found[name]["moved"].append([pair[1] for pair in pairs])
    return found


def faces(seeds, shifts, known, steps, rate):
    """Return the shares of new photographs named rightly, a shift a seed, for four networks."""
    return {
        f"{first}, {last}": named(
            partial(namer, first, last, known), seeds, shifts, known, steps, rate
        )
        for first in ("shared", "local")
        for last in ("maximum", "all places")
    }


def named(parts, seeds, shifts, known, steps, rate):
    """Return the shares of new photographs that a network names rightly, a shift a seed."""
    found = []
    for shift in shifts:
        shares = []
        for seed in seeds:
            rng = np.random.default_rng(seed)
            persons = people(known, rng)
            old, new = (photographs(persons, 10, rng, shift) for _ in range(2))
            net = train(parts, *old, seed, steps, rate, 50)
            shares.append(right(net, *new))
        found.append(shares)
    return found


def told(seeds, shifts, known, steps, rate):
    """Return the shares right of a shared network that is told rows and columns, then forgets.

    Also the parameters of each network for faces.
    """
    nets = {"told, maximum": partial(placer, known)}
    for first in ("shared", "local"):
        for last in ("maximum", "all places"):
            nets[f"{first}, {last}"] = partial(namer, first, last, known)
    found = {"parameters": {}}
    for name, parts in nets.items():
        numbers = nn.Sequential(*parts()).parameters()
        found["parameters"][name] = sum(p.numel() for p in numbers)
    found["right"] = named(partial(placer, known), seeds, shifts, known, steps, rate)
    return found


def descriptions(seeds, known, photos, steps, rate):
    """Return how often a same pair is nearer than a different one, for 40 unknown persons.

    Under "pixels" for the photographs themselves, under "described" for the 32 numbers of a
    network that learned to name so many known persons, a number of persons a seed. Also, for the
    first seed, how many pairs lie in each of 20 bins of distance from 0 to 2.
    """
    found = {"pixels": [], "described": [[] for _ in known], "same": [], "different": []}
    for seed in seeds:
        rng = np.random.default_rng(100 + seed)
        everyone, new = people(max(known), rng), people(40, rng)
        x, who = photographs(new, 5, rng, 0.3)
        same = (who[:, None] == who)[np.triu_indices(len(who), 1)].numpy()
        found["pixels"].append(nearer(distances(x.flatten(1)), same))
        for i, count in enumerate(known):
            old = photographs(everyone[:count], photos // count, rng, 0.3)
            net = train(partial(describer, count), *old, seed, steps, rate, 50)
            with torch.no_grad():
                apart = distances(net[:-1](x))
            found["described"][i].append(nearer(apart, same))
            if seed == seeds[0]:
                for name, chosen in (("same", same), ("different", ~same)):
                    found[name].append(np.histogram(apart[chosen], 20, (0, 2))[0])
    return found


def reader(first):
    """Return the layers of a network for digits of 8x8."""
    layer = nn.Conv2d(1, 8, 3) if first == "shared" else Local(1, 8, 8, 3)
    return layer, nn.ReLU(), nn.Flatten(), nn.Linear(288, 10)


def namer(first, last, known):
    """Return the layers of a network that names so many persons."""
    layer = nn.Conv2d(1, 16, 5) if first == "shared" else Local(1, 16, 24, 5)
    if last == "maximum":
        return layer, nn.ReLU(), Largest(), nn.Linear(16, known)
    return layer, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, known)


def placer(known):
    """Return the layers of a shared network that is told rows and columns, and forgets places."""
    first = Row(), Column(), nn.Conv2d(3, 16, 5), nn.ReLU(), Largest()
    return *first, nn.Linear(16, known)


def describer(known):
    """Return the layers of a network that describes by 32 numbers, and names."""
    first = Local(1, 4, 24, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
    return *first, nn.Linear(400, 32), nn.ReLU(), nn.Linear(32, known)


def two_marks(count, noise, rng):
    """Return pictures of a cross above a plus, 0, or a plus above a cross, 1, and which.

    Two pixels stay blank at the rim and between the marks: each mark is seen whole and in every
    cut by windows of 3x3, and no window sees both, so that none can tell the two kinds apart.
    """
    cross = np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]])
    plus = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]])
    x, y = noise * rng.normal(size=(count, 1, 16, 16)), rng.integers(2, size=count)
    for picture, label in zip(x[:, 0], y, strict=True):
        for mark, first in ((plus, 2), (cross, 9)) if label else ((cross, 2), (plus, 9)):
            i, j = first + rng.integers(3), 2 + rng.integers(10)
            picture[i : i + 3, j : j + 3] += mark
    return torch.tensor(x), torch.tensor(y)


def people(count, rng):
    """Return nine numbers a person."""
    return MEAN + SPREAD * rng.normal(size=(count, 9))


def drawn(persons, down=0.0, right=0.0):
    """Draw each person's face, moved by a few pixels: (N, 24, 24)."""
    eye, high, gap, tilt, nose, mouth, wide, curve, head = persons.T[..., None, None]
    i, j = np.mgrid[:24, :24]
    i = i - np.reshape(down, (-1, 1, 1))
    j = j - 11.5 - np.reshape(right, (-1, 1, 1))
    side = abs(j)
    eyes = np.exp(-(((side - eye) / 1.3) ** 2) - ((i - high) / 0.9) ** 2)
    brows = stroke(i - high + gap - tilt * (side - eye)) * (abs(side - eye) < 2)
    noses = stroke(j) * (abs(i - high - 2 - nose / 2) < nose / 2)
    lips = stroke(i - mouth + curve * (j / wide) ** 2) * (side < wide)
    ring = stroke(8 * (np.hypot(j / head, (i - 11.5) / 11) - 1))
    return np.maximum.reduce([eyes, brows, noses, lips, 0.8 * ring])


def stroke(distance):
    """Return the ink at a distance from the middle of a pen's line."""
    return np.exp(-((distance / 0.8) ** 2))


def photographs(persons, each, rng, shift):
    """Photograph persons in changing moods, places and lights; return images and who it is."""
    who = np.repeat(np.arange(len(persons)), each)
    sat = persons[who]
    sat[:, 7] += 0.6 * rng.normal(size=len(who))
    x = drawn(sat, *(shift * rng.normal(size=(2, len(who)))))
    angle = rng.uniform(0, 2 * np.pi, len(who))[:, None, None]
    i, j = (np.mgrid[:24, :24] - 11.5) / 11.5
    light = 0.4 * (np.cos(angle) * i + np.sin(angle) * j)
    x = x + light + 0.1 * rng.normal(size=x.shape)
    return torch.tensor(x[:, None]), torch.tensor(who)


def train(parts, x, y, seed, steps, rate, batch):
    """Build a network after seeding, and train it."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    net = nn.Sequential(*parts()).double()
    adam = torch.optim.Adam(net.parameters(), rate)
    for step in range(steps):
        adam.param_groups[0]["lr"] = rate * (1 - step / steps)
        some = torch.randint(len(x), (batch,))
        adam.zero_grad()
        F.cross_entropy(net(x[some]), y[some]).backward()
        adam.step()
    return net


def right(net, x, y):
    """Return the share of answers that are right."""
    with torch.no_grad():
        return (net(x).argmax(1) == y).double().mean().item()


def distances(x):
    """Return the distance of each pair of rows, each first made one long."""
    x = F.normalize(x)
    i, j = np.triu_indices(len(x), 1)
    return (x[i] - x[j]).norm(dim=1).numpy()


def nearer(apart, same):
    """Return how often a same pair is nearer than a different one, ties counted half."""
    ones, others = apart[same], np.sort(apart[~same])
    places = np.searchsorted(others, ones, "left") + np.searchsorted(others, ones, "right")
    return float(1 - places.mean() / 2 / len(others))


if __name__ == "__main__":
    main(sys.modules[__name__])
