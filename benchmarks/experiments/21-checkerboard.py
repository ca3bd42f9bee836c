"""Chapter 21: seven ways to enlarge, in a network that paints a photograph four times as high.

PyTorch, float64, one thread. The photographs are the two that come with scikit-learn, in grey.
"""

import sys
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_sample_images
from torch.nn.functional import interpolate, mse_loss

from benchmarks.experiments import main

WAYS = ["k=3", "k=4", "k=4, equal phases", "sub-pixel", "sub-pixel, ICNR", "nearest", "bilinear"]
SETTINGS: dict[str, dict[str, Any]] = {
    "painters": {
        "ways": WAYS, "rates": [0.003, 0.01, 0.03], "seeds": [0, 1, 2, 3, 4],
        "checks": [0, 10, 30, 100, 300],
    },
    "longer": {
        "ways": ["k=3", "k=4", "sub-pixel", "nearest"], "rates": [0.01], "seeds": [0, 1, 2],
        "checks": [0, 300, 1500],
    },
    "starts": {
        "ways": ["k=3", "k=4", "k=4, equal phases"], "rate": 0.01, "seeds": [*range(20, 32)],
        "checks": [0, 300],
    },
}  # fmt: skip
TINY: dict[str, dict[str, Any]] = {
    "painters": {"ways": WAYS, "rates": [0.01], "seeds": [0], "checks": [0, 1]},
    "longer": {"ways": ["k=3"], "seeds": [0], "checks": [0, 1]},
    "starts": {"ways": ["k=3"], "seeds": [20], "checks": [0, 1]},
}
CHANNELS, BATCH, SIDE, EDGE = 8, 16, 12, 8
GREYS = 11


class Resize(torch.nn.Module):
    """Twice as large by interpolation, then a convolution of 3×3."""

    def __init__(self, before, after, mode):
        super().__init__()
        self.mode, self.conv = mode, torch.nn.Conv2d(before, after, 3, padding=1)

    def forward(self, x):
        return self.conv(interpolate(x, scale_factor=2, mode=self.mode))


def enlarge(way, before, after):
    """Return a layer that doubles height and width."""
    if way.startswith("k="):
        k = int(way[2])
        return torch.nn.ConvTranspose2d(before, after, k, 2, padding=1, output_padding=4 - k)
    if way.startswith("sub-pixel"):
        conv = torch.nn.Conv2d(before, 4 * after, 3, padding=1)
        if way.endswith("ICNR"):
            with torch.no_grad():
                conv.weight.copy_(conv.weight[::4].repeat_interleave(4, dim=0))
                conv.bias.copy_(conv.bias[::4].repeat_interleave(4))
        return torch.nn.Sequential(conv, torch.nn.PixelShuffle(2))
    return Resize(before, after, way)


def painter(way):
    """A convolution and two enlargements: a picture four times as high and as wide."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, CHANNELS, 3, padding=1),
        torch.nn.ReLU(),
        enlarge(way, CHANNELS, CHANNELS),
        torch.nn.ReLU(),
        enlarge(way, CHANNELS, 1),
    ).double()


def equal_phases(net):
    """Move each kernel as little as possible so that its four phase sums are equal."""
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, torch.nn.ConvTranspose2d):
                w = layer.weight
                mean = w.sum(dim=(2, 3)) / 4
                for i, j in np.ndindex(2, 2):
                    part = w[:, :, i::2, j::2]
                    part += ((mean - part.sum(dim=(2, 3))) / part[0, 0].numel())[..., None, None]


def photographs():
    """Return the parts to learn from, to choose the rate by, and to test on, with small copies."""
    house, flower = (image.mean(axis=2) / 255 for image in load_sample_images().images)
    parts = [house[160:424], flower[:424], house[80:160], house[:80]]
    whole = [torch.tensor(part)[None, None] for part in parts]
    small = [torch.nn.functional.avg_pool2d(part, 4) for part in whole]
    pairs = list(zip(small, whole, strict=True))
    return pairs[:2], pairs[2], pairs[3]


def patches(pairs, rng):
    """Draw a batch of small patches and what they should become."""
    inputs, targets = [], []
    for _ in range(BATCH):
        small, whole = pairs[rng.integers(len(pairs))]
        i, j = (rng.integers(size - SIDE + 1) for size in small.shape[2:])
        inputs.append(small[:, :, i : i + SIDE, j : j + SIDE])
        targets.append(whole[:, :, 4 * i : 4 * (i + SIDE), 4 * j : 4 * (j + SIDE)])
    return torch.cat(inputs), torch.cat(targets)


def inside(y):
    """Cut off the outer eight pixels, which know of the edge."""
    return y[..., EDGE:-EDGE, EDGE:-EDGE]


def pattern(net):
    """Return what the network paints on flat greys: its deviation from flat, in levels of 255."""
    greys = torch.linspace(0, 1, GREYS, dtype=torch.float64)
    flat = greys[:, None, None, None].expand(-1, 1, SIDE, SIDE)
    with torch.no_grad():
        y = net(flat)[..., 16:32, 16:32]
    return 255 * (y - y.mean(dim=(2, 3), keepdim=True)).square().mean().sqrt().item()


def error(net, pair):
    """Return the root mean square error on one part, in levels of 255."""
    with torch.no_grad():
        return 255 * mse_loss(inside(net(pair[0])), inside(pair[1])).sqrt().item()


def spectrum(y):
    """Return the mean power along the rows of a picture, by frequency, in levels squared."""
    rows = 255 * inside(y)[0, 0, :, :512].numpy()
    rows = (rows - rows.mean(axis=1, keepdims=True)) * np.hanning(512)
    power = (np.abs(np.fft.rfft(rows, axis=1)) ** 2).mean(axis=0) / np.sum(np.hanning(512) ** 2)
    return np.append(power[:256].reshape(64, 4).mean(axis=1), power[256]).tolist()


def painters(ways, rates, seeds, checks):
    """Train each way at each rate from each seed, and look at it after these numbers of steps.

    By rate and seed, ``choose`` and ``test`` have the error in the end on the part for choosing
    and on the test part, ``pattern`` what is painted on flat greys at each check. ``spectrum`` is
    that of the test part as the first seed paints it, at the rate with the best ``choose``.
    """
    torch.set_num_threads(1)
    learn, choose, test = photographs()
    found = {}
    for way in ways:
        runs = [[painted(way, rate, seed, checks, learn) for seed in seeds] for rate in rates]
        errors = [[error(net, choose) for net, _ in row] for row in runs]
        best = int(np.mean(errors, axis=1).argmin())
        with torch.no_grad():
            y = runs[best][0][0](test[0])
        found[way] = {
            "parameters": sum(p.numel() for p in painter(way).parameters()),
            "choose": errors,
            "test": [[error(net, test) for net, _ in row] for row in runs],
            "pattern": [[seen for _, seen in row] for row in runs],
            "spectrum": spectrum(y),
        }
    return {"ways": found, "true spectrum": spectrum(test[1])}


longer = painters


def starts(ways, rate, seeds, checks):
    """Train some ways from more starts, new ones, at one rate.

    By seed, ``pattern`` has what is painted on flat greys in the end, ``test`` the error; ``half``
    and ``quarter`` the largest power over the true one's, near a half and a quarter cycle a pixel.
    """
    torch.set_num_threads(1)
    learn, _, test = photographs()
    true, near = np.array(spectrum(test[1])), {"half": slice(48, 65), "quarter": slice(24, 40)}
    found = {}
    for way in ways:
        one = found[way] = {"pattern": [], "test": [], "half": [], "quarter": []}
        for seed in seeds:
            net, seen = painted(way, rate, seed, checks, learn)
            with torch.no_grad():
                ratio = np.array(spectrum(net(test[0]))) / true
            one["pattern"].append(seen[-1])
            one["test"].append(error(net, test))
            for name, band in near.items():
                one[name].append(ratio[band].max())
    return {"ways": found}


def painted(way, rate, seed, checks, learn):
    """Train one network; return it, and the patterns that it painted at the checks."""
    torch.manual_seed(seed)
    rng, net, seen = np.random.default_rng(seed), painter(way), []
    adam = torch.optim.Adam(net.parameters(), lr=rate)
    for step in range(checks[-1] + 1):
        if way.endswith("phases"):
            equal_phases(net)
        if step in checks:
            seen.append(pattern(net))
        if step < checks[-1]:
            x, target = patches(learn, rng)
            adam.zero_grad()
            mse_loss(inside(net(x)), inside(target)).backward()
            adam.step()
    return net, seen


if __name__ == "__main__":
    main(sys.modules[__name__])
