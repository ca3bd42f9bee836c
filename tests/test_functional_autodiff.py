"""The backward passes of functional against autodiff: the same formulas, differentiated."""

import numpy as np
import pytest

import dlnotes.functional as F
from autodiff_oracle import agrees_with_autodiff, windows
from dlnotes import autodiff as ad
from oracles import apart


def values(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


ACTIVATIONS = {
    "sigmoid": (lambda x: 1 / (1 + ad.exp(-x)), {}),
    "tanh": (lambda x: (ad.exp(2 * x) - 1) / (ad.exp(2 * x) + 1), {}),
    "relu": (lambda x: ad.maximum(x, 0), {}),
    "leaky_relu": (lambda x: ad.maximum(x, 0.2 * x), {"negative_slope": 0.2}),
    "elu": (lambda x: ad.where(x.value > 0, x, 0.7 * (ad.exp(x) - 1)), {"alpha": 0.7}),
    "softmax": (lambda x: ad.exp(x) / ad.exp(x).sum(axis=1, keepdims=True), {"axis": 1}),
    "log_softmax": (lambda x: x - ad.log(ad.exp(x).sum(axis=0)), {"axis": 0}),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name):
    program, options = ACTIVATIONS[name]
    x = apart(np.random.default_rng(0), (7, 5), gap=0.1)
    pair = getattr(F, name), getattr(F, f"{name}_backward")
    agrees_with_autodiff(*pair, program, x, options=options)


def test_linear():
    x, w, b = values((2, 7, 3), (5, 3), (5,))
    agrees_with_autodiff(F.linear, F.linear_backward, lambda x, w, b: x @ w.T + b, x, w, b)


def conv_program(stride, padding, dilation, groups):
    """Windows times kernels, one group of channels after another."""

    def program(x, w, b):
        parts = []
        for g in range(groups):
            own = slice(g * w.shape[0] // groups, (g + 1) * w.shape[0] // groups)
            channels = slice(g * w.shape[1], (g + 1) * w.shape[1])
            found = windows(
                x[:, channels], w.shape[2:], stride=stride, padding=padding, dilation=dilation
            )
            found = found.transpose(0, 2, 3, 1, 4, 5)  # (N, P, Q, C, R, S)
            n, p, q = found.shape[:3]
            kernels = w[own].reshape(w.shape[0] // groups, -1)  # (K, C R S)
            parts.append(found.reshape(n, p, q, -1) @ kernels.T + b[own])
        return ad.concatenate(parts, axis=-1).transpose(0, 3, 1, 2)  # (N, K, P, Q)

    return program


@pytest.mark.parametrize(
    ("stride", "padding", "dilation", "groups"),
    [(1, 0, 1, 1), (2, 1, 1, 1), ((2, 3), (1, 2), 1, 1), (1, 2, (2, 1), 1), (2, 1, 2, 3)],
)
def test_conv2d(stride, padding, dilation, groups):
    x, w, b = values((2, 6, 7, 9), (9, 6 // groups, 3, 2), (9,))
    options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    program = conv_program(**options)
    agrees_with_autodiff(F.conv2d, F.conv2d_backward, program, x, w, b, options=options)


POOLS = [((2, 2), None, 0), ((3, 2), (2, 1), 0), ((2, 3), (1, 2), 1)]


@pytest.mark.parametrize(("kernel", "stride", "padding"), POOLS)
def test_pooling(kernel, stride, padding):
    x = apart(np.random.default_rng(1), (2, 3, 7, 8))
    step = {"stride": stride or kernel, "padding": padding}
    options = {"stride": stride, "padding": padding}

    def average(x, kernel):
        return windows(x, kernel, **step).mean(axis=(-1, -2))

    def largest(x, kernel):
        high = x + 100.0  # so that the zeros of the padding are never the largest
        return windows(high, kernel, **step).max(axis=(-1, -2)) - 100.0

    agrees_with_autodiff(F.avg_pool2d, F.avg_pool2d_backward, average, x, kernel, options=options)
    agrees_with_autodiff(F.max_pool2d, F.max_pool2d_backward, largest, x, kernel, options=options)


def test_batch_norm():
    x, gamma, beta = values((7, 3, 2, 5), (3,), (3,))

    def program(x, gamma, beta):
        centred = x - x.mean(axis=(0, 2, 3), keepdims=True)
        variance = (centred**2).mean(axis=(0, 2, 3), keepdims=True)
        scale, shift = (v.reshape(3, 1, 1) for v in (gamma, beta))
        return scale * centred / ad.sqrt(variance + 1e-5) + shift

    agrees_with_autodiff(
        lambda *inputs, **options: F.batch_norm(*inputs, **options).y,
        F.batch_norm_backward,
        program,
        x,
        gamma,
        beta,
        options={"training": True},
    )


@pytest.mark.parametrize("kind", ["mean", "sum"])
def test_losses(kind):
    z, target = values((7, 5), (7, 5))
    classes = np.array([0, 4, 2, 2, 1, 3, 0])
    options, count = {"reduction": kind}, {"mean": 7, "sum": 1}[kind]

    def cross_entropy(z, classes):
        return -(ad.log_softmax(z)[np.arange(7), classes]).sum() / count

    pair = F.cross_entropy, F.cross_entropy_backward
    agrees_with_autodiff(*pair, cross_entropy, z, classes, options=options)
    agrees_with_autodiff(
        lambda x, **options: F.mse_loss(x, target, **options),
        lambda dy, x, **options: F.mse_loss_backward(dy, x, target, **options),
        lambda x: getattr(ad, kind)((x - target) ** 2),
        z,
        options=options,
    )


def test_penalties():
    (w,) = values((3, 5))
    half = {"strength": 0.5}
    agrees_with_autodiff(
        F.l1_penalty, F.l1_penalty_backward, lambda w: 0.5 * abs(w).sum(), w, options=half
    )
    agrees_with_autodiff(
        F.l2_penalty, F.l2_penalty_backward, lambda w: 0.5 * (w * w).sum(), w, options=half
    )
