"""A LeNet learns scikit-learn's digits: step by step the losses of PyTorch, and the accuracy."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from benchmarks.lenet import BATCH, DIGITS, parts, steps
from dlnotes import layers, networks, optim

EPOCHS = 5


@pytest.fixture(scope="module")
def digits():
    """Images (1797, 1, 8, 8) from 0 to 1 and labels; every fifth is for validation."""
    found = load_digits()
    x, y = found.images[:, None] / 16, found.target
    held = np.arange(len(x)) % 5 == 0
    return x[~held], y[~held], x[held], y[held]


def test_the_loss_curve_is_pytorchs(digits):
    """The same weights and the same batches, in float64: every loss agrees to 1e-6."""
    x, y, _, _ = digits
    ours, theirs = steps(DIGITS, np.float64, lr=0.1)
    rng, curves = np.random.default_rng(0), []
    for _ in range(EPOCHS):
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            rows = order[start : start + BATCH]
            curves.append((ours(x[rows], y[rows]), theirs(x[rows], y[rows])))
    mine, other = np.array(curves).T
    assert len(mine) == EPOCHS * -(-len(x) // BATCH)
    assert mine[-5:].mean() < 0.5 * mine[:5].mean(), "something is learned"
    np.testing.assert_allclose(mine, other, rtol=1e-6)


def pytorchs_losses(other, x, y, order):
    """The losses of one epoch of Adam in PyTorch, on batches in the given order."""
    descent, losses = torch.optim.Adam(other.parameters(), lr=0.005), []
    for start in range(0, len(x), BATCH):
        rows = order[start : start + BATCH]
        z = other(torch.from_numpy(x[rows]))
        loss = torch.nn.functional.cross_entropy(z, torch.from_numpy(y[rows]))
        descent.zero_grad()
        loss.backward()
        descent.step()
        losses.append(loss.item())
    return losses


def test_fit_takes_the_same_steps_as_pytorch(digits):
    """`fit` shuffles with its generator: PyTorch, given the same order, has the same losses."""
    x, y, held, labels = digits
    rng = np.random.default_rng(3)
    network = layers.Sequential(*parts(DIGITS, layers, rng=rng))
    other = torch.nn.Sequential(*parts(DIGITS, torch.nn, dtype=torch.float64))
    other.load_state_dict({n: torch.from_numpy(a) for n, a in network.state_dict().items()})
    history = networks.fit(
        network,
        x,
        y,
        optimizer=optim.Adam(network.parameters(), lr=0.005),
        rng=np.random.default_rng(4),
        epochs=4,
        batch_size=BATCH,
        validation=(held, labels),
    )
    assert networks.accuracy(networks.predict(network, held), labels) > 0.93
    losses = pytorchs_losses(other, x, y, np.random.default_rng(4).permutation(len(x)))
    np.testing.assert_allclose(history.steps[: len(losses)], losses, rtol=1e-6)
