"""The training loop: steps, validation, early stopping, modes, progress, and what is refused."""

import io
import sys

import numpy as np
import pytest

import dlnotes.functional as F
from dlnotes import layers as L
from dlnotes import networks, optim
from dlnotes.networks.progress import Progress
from dlnotes.networks.stopping import EarlyStopping
from oracles import refuses


def data(n=40, seed=0):
    """Points in the plane and whether they lie above a line."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 2))
    return x, (x[:, 0] + 2 * x[:, 1] > 0.3).astype(int)


def small(seed=0):
    rng = np.random.default_rng(seed)
    return L.Sequential(
        L.Linear(2, 5, rng=rng), L.BatchNorm1d(5), L.Tanh(), L.Linear(5, 2, rng=rng)
    )


def fit(network, x, y, lr=0.1, seed=1, **options):
    """Fit with plain descent."""
    optimizer = optim.SGD(network.parameters(), lr=lr)
    rng = np.random.default_rng(seed)
    return networks.fit(network, x, y, optimizer=optimizer, rng=rng, **options)


def by_hand(network, x, y, seed=1, *, epochs, batch_size, lr=0.1, loss="cross_entropy"):
    """The same loop, written out."""
    rng, steps, means = np.random.default_rng(seed), [], []
    forward, backward = getattr(F, loss), getattr(F, f"{loss}_backward")
    for _ in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            z = network(x[rows])
            steps.append(float(forward(z, y[rows])))
            total += steps[-1] * len(rows)
            network.zero_grad()
            network.backward(backward(1.0, z, y[rows]))
            for p, g in zip(network.parameters(), network.gradients(), strict=True):
                p -= lr * g
        means.append(total / len(x))
    return steps, means


def test_the_steps_are_those_written_out():
    (x, y), network, other = data(), small(), small()
    history = fit(network, x, y, epochs=3, batch_size=16)
    steps, means = by_hand(other, x, y, epochs=3, batch_size=16)
    np.testing.assert_allclose(history.steps, steps)
    np.testing.assert_allclose(history.loss, means)
    assert [epoch.number for epoch in history.epochs] == [1, 2, 3]
    assert (history.best, history.stopped_early, history.validation_loss) == (None, False, ())
    for a, b in zip(network.state_dict().values(), other.state_dict().values(), strict=True):
        np.testing.assert_allclose(a, b)


def test_a_loss_may_be_a_pair_of_functions():
    x, _ = data()
    y = x @ np.array([[1.0], [-2.0]])
    networks_ = [L.Linear(2, 1, rng=np.random.default_rng(0)) for _ in range(2)]
    pair = (F.mse_loss, F.mse_loss_backward)
    found = [
        fit(network, x, y, loss=loss, epochs=2).steps
        for network, loss in zip(networks_, ("mse_loss", pair), strict=True)
    ]
    assert found[0] == found[1]
    assert found[0][-1] < found[0][0]


@pytest.mark.parametrize("name", networks.LOSSES)
def test_every_loss_has_its_gradient(name):
    loss = networks.losses.as_loss(name)
    assert (loss.forward, loss.backward) == (getattr(F, name), getattr(F, f"{name}_backward"))


def test_validation_is_measured_in_use_and_not_learned():
    (x, y), (held, labels) = data(), data(17, 5)
    network, other = small(), small()
    history = fit(network, x, y, validation=(held, labels), epochs=2)
    plain = fit(other, x, y, epochs=2)
    assert history.steps == plain.steps, "the validation moves nothing"
    z = network.eval()(held)
    assert history.epochs[-1].validation_loss == pytest.approx(float(F.cross_entropy(z, labels)))
    assert networks.accuracy(z, labels) == (z.argmax(1) == labels).mean()


class Noisy:
    """Validation losses that are given."""

    def __init__(self, losses):
        self.losses = iter(losses)

    def __call__(self, output, target):
        """Return the next one in use, and a true loss in training."""
        return F.cross_entropy(output, target) if len(output) != 7 else next(self.losses)


@pytest.mark.parametrize(
    ("losses", "options", "best", "ran"),
    [
        ([5, 3, 4, 4, 4], {"patience": 2}, 2, 4),
        ([5, 3, 4, 2, 4, 4], {"patience": 2}, 4, 6),
        ([5, 4, 3, 2, 1, 0.5], {"patience": 1}, 6, 6),
        ([5, 5, 5, 5, 5, 5], {"patience": 1}, 1, 2),
    ],
)
def test_early_stopping_restores_the_best_epoch(losses, options, best, ran):
    """Parameters and running averages are those of the best epoch: a shorter training has them."""
    (x, y), held = data(), data(7, 5)
    loss = (Noisy(losses), F.cross_entropy_backward)
    network, other = small(), small()
    history = fit(network, x, y, loss=loss, epochs=6, validation=held, **options)
    assert (history.best, len(history.epochs)) == (best, ran)
    assert history.stopped_early is (ran < 6)
    assert history.validation_loss == tuple(map(float, losses[:ran]))
    fit(other, x, y, epochs=best)
    for (name, a), b in zip(network.state_dict().items(), other.state_dict().values(), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=name)


def test_patience_counts_epochs_without_an_improvement():
    stopping = EarlyStopping(L.ReLU(), None)
    assert not any(stopping.ends(epoch, 1.0) for epoch in range(1, 50))
    assert stopping.best is None


def test_a_schedule_sets_the_rate_of_each_step():
    x, y = data()
    rates, network = [], small()

    def schedule(t):
        rates.append(t)
        return optim.step_decay(t, 0.1, step_size=2)

    optimizer = optim.SGD(network.parameters(), lr=99.0)
    rng = np.random.default_rng(0)
    networks.fit(
        network, x, y, optimizer=optimizer, rng=rng, epochs=3, batch_size=20, schedule=schedule
    )
    assert rates == list(range(6))
    assert optimizer.lr == optim.step_decay(5, 0.1, step_size=2)


def test_gradients_are_clipped():
    x, y = data()
    networks_ = small(), small()
    fit(networks_[0], x, y, epochs=1, batch_size=40, max_norm=1e-3, lr=1.0)
    start = dict(networks_[1].named_parameters())
    moved = [p - start[name] for name, p in networks_[0].named_parameters()]
    assert np.sqrt(sum((d**2).sum() for d in moved)) == pytest.approx(1e-3, rel=1e-5)


def test_modes_are_as_before():
    x, y = data()
    network = small().eval()
    network[1].train()
    fit(network, x, y, epochs=1, validation=data(7, 5))
    networks.predict(network, x)
    assert [layer.training for layer in network] == [False, True, False, False]
    with pytest.raises(ValueError, match="no finite number"):
        fit(network, np.full_like(x, np.nan), y)
    assert [layer.training for layer in network] == [False, True, False, False]


def test_nothing_is_kept_after_a_training():
    x, y = data()
    network = small()
    fit(network, x, y, epochs=1, validation=data(7, 5))
    with refuses(ValueError, "Sequential: each backward pass needs"):
        network.backward(np.ones((40, 2)))


def test_a_loss_that_is_not_finite_stops_the_training():
    x, y = data()
    x[7] = np.nan
    network = L.Sequential(L.Linear(2, 2, rng=np.random.default_rng(0)))
    before = network.state_dict()
    with refuses(ValueError, "fit: the loss is no finite number; got nan in epoch 1, step 0"):
        fit(network, x, y, batch_size=40)
    for name, array in network.state_dict().items():
        np.testing.assert_array_equal(array, before[name])
    far = [L.Linear(2, 1, rng=np.random.default_rng(0))]
    with refuses(ValueError, "fit: the loss is no finite number; got inf", "learning rate 1e+10"):
        fit(far[0], data()[0], np.ones((40, 1)), lr=1e10, loss="mse_loss", epochs=99)
    held = np.full((7, 2), np.inf), np.zeros(7, int)
    with refuses(ValueError, "no finite number; got nan in the validation after epoch 1"):
        fit(small(), *data(), validation=held)


class Terminal(io.StringIO):
    """A standard output that says it is a terminal."""

    def isatty(self):
        return True


def test_progress_shows_on_a_terminal_alone(monkeypatch, capsys):
    x, y = data()
    fit(small(), x, y, epochs=2)
    assert capsys.readouterr() == ("", ""), "no terminal, no line"
    monkeypatch.setattr(sys, "stdout", Terminal())
    fit(small(), x, y, epochs=2, validation=data(7, 5))
    text = sys.stdout.getvalue()
    assert text.count("\n") == 1
    assert text.endswith("\n")
    lines = text[:-1].split("\r")
    assert lines[0] == ""
    assert lines[1].startswith("epoch 1/2  32/40 rows  loss ")
    assert lines[-1].startswith("epoch 2/2  loss ")
    assert "validation loss" in lines[-1]
    monkeypatch.setattr(sys, "stdout", Terminal())
    fit(small(), x, y, epochs=2, progress=False)
    assert sys.stdout.getvalue() == ""


def test_a_shorter_line_covers_the_longer_one(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    with Progress(True) as line:
        line.show("long text")
        line.show("never seen: a tenth of a second has not passed")
        line.show("short", now=True)
    assert sys.stdout.getvalue() == "\rlong text\rshort    \n"


def test_the_line_ends_when_the_training_fails(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Terminal())
    x, y = data()
    x[-1] = np.nan
    with pytest.raises(ValueError, match="no finite number"):
        fit(small(), x, y, batch_size=10)
    assert sys.stdout.getvalue().endswith("\n")


def test_a_frozen_network_is_not_touched():
    network = small()
    network[0].freeze()
    before = network[0].weight.copy()
    fit(network, *data(), epochs=1)
    np.testing.assert_array_equal(network[0].weight, before)


def test_predictions_do_not_depend_on_the_batch_size():
    network = L.Sequential(small(), L.Dropout(0.5, rng=np.random.default_rng(0)))
    x, _ = data(11)
    want = networks.predict(network, x)
    np.testing.assert_allclose(networks.predict(network, x, batch_size=3), want)
    assert networks.predict(network, x[:0]).shape == (0, 2)
    both = networks.predict(L.Parallel([network, L.Identity()], "tuple"), x, batch_size=4)
    np.testing.assert_allclose(both[0], want)
    np.testing.assert_array_equal(both[1], x)


def test_accuracy():
    scores = np.array([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1]])
    assert networks.accuracy(scores, np.array([1, 1, 0])) == 2 / 3
    assert networks.accuracy(scores, np.eye(2)[[1, 1, 0]]) == 2 / 3
