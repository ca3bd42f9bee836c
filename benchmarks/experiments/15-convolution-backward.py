"""Chapter 15: what the ways to the same gradients cost, and whether wrong ones still learn.

Speed and memory are in float32. All ways run in one process in turn, and what counts is their
ratio to PyTorch in the same round. The networks are in float64: three convolutions and a dense
layer on scikit-learn's digits, 1,000 to learn from and 797 for the end.
"""

import ctypes
import re
import sys
from pathlib import Path
from time import thread_time
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_digits

from benchmarks.experiments import main
from dlnotes import functional as dl
from dlnotes import reference

SETTINGS: dict[str, dict[str, Any]] = {
    "speed": {"shape": (2, 16, 28, 28), "filters": 16, "rounds": 5},
    "memory": {"shape": (4, 32, 64, 64), "filters": 16, "rounds": 3},
    "learning": {"seeds": list(range(6)), "epochs": 10, "rates": [0.1, 0.2, 0.3, 0.5]},
}
TINY: dict[str, dict[str, Any]] = {
    "speed": {"shape": (1, 2, 6, 6), "filters": 2, "rounds": 1},
    "memory": {"shape": (1, 2, 6, 6), "filters": 2, "rounds": 1},
    "learning": {"seeds": [0], "epochs": 1, "rates": [0.2]},
}
LEARN, END = slice(0, 1000), slice(1000, None)
BATCH = 25
WRONG = ["right", "no turn", "repeats", "first picture only", "first two frozen"]
LAYERS = [(8, 1, 1, 1), (8, 8, 1, 1), (16, 8, 2, 0)]  # channels out and in, stride, padding


# ---- what it costs


def by_products(dy, x, w):
    """Add one product after the other."""
    return reference.conv2d_backward(dy, x, w, padding=1)[:2]


def by_windows(dy, x, w):
    """Add one window after the other: four loops."""
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for n, k, p, q in np.ndindex(dy.shape):
        at = n, slice(None), slice(p, p + 3), slice(q, q + 3)
        dx[at] += dy[n, k, p, q] * w[k]
        dw[k] += dy[n, k, p, q] * x[at]
    return dx[:, :, 1:-1, 1:-1], dw


def by_columns(dy, x, w):
    """Two matrix products: the columns are built whole."""
    flat = dy.reshape(*dy.shape[:2], -1)  # (N, K, P·Q)
    columns = dl.im2col(x, 3, padding=1)  # (N, C·R·S, P·Q)
    dw = (flat @ columns.swapaxes(1, 2)).sum(axis=0)  # (K, C·R·S)
    dcolumns = w.reshape(len(w), -1).T @ flat  # (N, C·R·S, P·Q)
    return dl.col2im(dcolumns, x.shape[2:], 3, padding=1), dw.reshape(w.shape)


def by_tiles(dy, x, w):
    """The package's function: the columns of one tile after the other."""
    return dl.conv2d_backward(dy, x, w, padding=1)[:2]


def by_torch(dy, x, w):
    """PyTorch's own backward pass, without the forward pass."""
    mask = [True, True, False]
    tensors = map(torch.from_numpy, (dy, x, w))
    found = torch.ops.aten.convolution_backward(
        *tensors, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask
    )
    return found[0].numpy(), found[1].numpy()


def drawn(shape, filters):
    """Return dy, x and w of a layer with kernels of 3 by 3 and a border of one."""
    rng = np.random.default_rng(0)
    shapes = (shape[0], filters, *shape[2:]), shape, (filters, shape[1], 3, 3)
    return [rng.normal(size=each).astype(np.float32) for each in shapes]


def agree(ways, arrays):
    """Run each way once, and require the same gradients to 1/10,000 of the largest one."""
    expected = ways["PyTorch"](*arrays)
    for way in ways.values():
        for got, want in zip(way(*arrays), expected, strict=True):
            np.testing.assert_allclose(got, want, rtol=0, atol=1e-4 * abs(want).max())


WAYS = {
    "products": by_products,
    "windows": by_windows,
    "im2col": by_columns,
    "dlnotes": by_tiles,
    "PyTorch": by_torch,
}


def speed(shape, filters, rounds):
    """Return, for each way, its processor time over PyTorch's in each round."""
    torch.set_num_threads(1)
    arrays = drawn(shape, filters)
    agree(WAYS, arrays)
    times = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, way in WAYS.items():
            times[name].append(timed(way, arrays))
    base = np.array(times["PyTorch"])
    return {name: np.array(each) / base for name, each in times.items()}


def timed(way, arrays):
    """Return the processor seconds of a call, from calls that take 50 ms together."""
    calls, start = 0, thread_time()
    while calls == 0 or thread_time() < start + 0.05:
        way(*arrays)
        calls += 1
    return (thread_time() - start) / calls


def memory(shape, filters, rounds):
    """Return, for each way, the memory it takes besides dy, x and w, in sizes of x."""
    torch.set_num_threads(1)
    arrays = drawn(shape, filters)
    ways = {name: way for name, way in WAYS.items() if name != "products"}
    agree(ways, arrays)
    found = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(peak(way, arrays) / arrays[1].nbytes)
    return found


def peak(way, arrays):
    """Return the bytes by which the process grows at most; Linux counts them.

    What has been freed is given back first, or it would be used again and not be counted.
    """
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = resident("VmRSS")
    way(*arrays)
    return resident("VmHWM") - before


def resident(key):
    """Return a line of /proc/self/status in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(re.search(rf"{key}:\s+(\d+)", status)[1])


# ---- whether wrong gradients learn


def learning(seeds, epochs, rates):
    """Return for each backward pass and rate the share read rightly at the end, by seed."""
    digits = load_digits()
    X, labels = digits.images[:, None] / 16, digits.target
    return {
        wrong: {
            rate: [trained(wrong, X, labels, seed, epochs, rate) for seed in seeds]
            for rate in rates
        }
        for wrong in WRONG
    }


def trained(wrong, X, labels, seed, epochs, rate):
    """Train one network by plain descent; return the share of the end that it reads rightly."""
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(K, C, 3, 3)) * np.sqrt(2 / (9 * C)) for K, C, _, _ in LAYERS]
    weights.append(rng.normal(size=(144, 10)) / 12)
    biases = [np.zeros(K) for K, *_ in LAYERS] + [np.zeros(10)]
    for _ in range(epochs):
        for batch in rng.permutation(1000).reshape(-1, BATCH):
            step(wrong, weights, biases, X[batch], labels[batch], rate)
    scores = forward(weights, biases, X[END])[1]
    return (scores.argmax(axis=1) == labels[END]).mean()


def forward(weights, biases, X):
    """Return the inputs of all layers and the scores."""
    values = [X]
    for w, b, (_, _, stride, padding) in zip(weights, biases, LAYERS, strict=False):
        values.append(dl.relu(dl.conv2d(values[-1], w, b, stride=stride, padding=padding)))
    flat = values[-1].reshape(len(X), -1)
    return values, flat @ weights[-1] + biases[-1]


def step(wrong, weights, biases, X, labels, rate):
    """Move all weights once, in place."""
    values, scores = forward(weights, biases, X)
    dz = dl.cross_entropy_backward(1.0, scores, labels)
    flat = values[-1].reshape(len(X), -1)
    moves = [(weights[-1], flat.T @ dz), (biases[-1], dz.sum(axis=0))]
    dx = (dz @ weights[-1].T).reshape(values[-1].shape)
    for i in (2, 1, 0):
        dy = dx * (values[i + 1] > 0)
        _, _, stride, padding = LAYERS[i]
        dx, dw, db = backward(wrong, dy, values[i], weights[i], stride, padding)
        moves += [(weights[i], dw), (biases[i], db)]
        if wrong == "first two frozen":
            break
    for weight, move in moves:
        weight -= rate * move


def backward(wrong, dy, x, w, stride, padding):
    """Return dx, dw and db as convolutions, with one thing wrong."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    sizes = [n - 2 for n in x.shape[2:]]
    wide = np.zeros((*dy.shape[:2], *sizes))
    wide[:, :, ::stride, ::stride] = dy
    dw = dl.conv2d(x.swapaxes(0, 1), wide.swapaxes(0, 1)).swapaxes(0, 1)
    db = dy.sum(axis=(0, 2, 3))
    if wrong == "first picture only":
        dw = dl.conv2d(x[:1].swapaxes(0, 1), wide[:1].swapaxes(0, 1)).swapaxes(0, 1)
        db = dy[0].sum(axis=(1, 2))
    if wrong == "repeats":
        wide = dy.repeat(stride, axis=2).repeat(stride, axis=3)
        wide = wide[:, :, : sizes[0], : sizes[1]]
    turned = w if wrong == "no turn" else w[:, :, ::-1, ::-1]
    dx = dl.conv2d(wide, turned.swapaxes(0, 1), padding="full")
    inside = slice(padding, -padding or None)
    return dx[:, :, inside, inside], dw, db


if __name__ == "__main__":
    main(sys.modules[__name__])
