"""How a training that is cut short ends: by Ctrl-C, by a loss that explodes, by any error."""

import signal

import numpy as np
import pytest

import dlnotes.functional as F
from dlnotes import layers as L
from dlnotes import networks, optim
from oracles import refuses
from test_fit import Noisy, data, fit, small

BATCH = 16  # three steps an epoch of 40 rows


@pytest.fixture(autouse=True)
def heard():
    """Let Ctrl-C be heard: a shell starts a job in the background deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def rate(t):
    return 0.1 / (1 + t)


def stopping_at(step):
    """A schedule at whose step somebody presses Ctrl-C."""

    def schedule(t):
        if t == step:
            signal.raise_signal(signal.SIGINT)
        return rate(t)

    return schedule


def trained(epochs):
    """What a training of so many epochs leaves."""
    network = small()
    if epochs:
        fit(network, *data(), epochs=epochs, batch_size=BATCH, schedule=rate)
    return network.state_dict()


def assert_holds(network, state):
    for name, array in network.state_dict().items():
        np.testing.assert_array_equal(array, state[name], err_msg=name)


@pytest.mark.parametrize("step", [0, 2, 3, 7, 8])
def test_ctrl_c_leaves_the_last_whole_epoch(step):
    network, whole = small(), step // 3
    with pytest.raises(KeyboardInterrupt) as caught:
        fit(network, *data(), epochs=5, batch_size=BATCH, schedule=stopping_at(step))
    assert_holds(network, trained(whole))
    history = caught.value.history
    assert isinstance(history, networks.History)
    assert [epoch.number for epoch in history.epochs] == list(range(1, whole + 1))
    assert (len(history.steps), history.best, history.stopped_early) == (step, None, False)
    (note,) = caught.value.__notes__
    held = f"of epoch {whole}, the last one that ended" if whole else "from before the training"
    assert held in note
    assert f"the {whole} whole epochs and {step} steps so far are this error's .history" in note


@pytest.mark.parametrize(("step", "best"), [(2, None), (3, 1), (10, 2), (13, 2)])
def test_with_patience_ctrl_c_leaves_the_best_epoch(step, best):
    network, loss = small(), (Noisy([5, 3, 4, 3.5, 6]), F.cross_entropy_backward)
    with pytest.raises(KeyboardInterrupt) as caught:
        fit(
            network,
            *data(),
            loss=loss,
            validation=data(7, 5),
            patience=4,
            epochs=5,
            batch_size=BATCH,
            schedule=stopping_at(step),
        )
    assert_holds(network, trained(best or 0))
    assert caught.value.history.best == best
    assert len(caught.value.history.validation_loss) == step // 3
    wanted = f"of epoch {best}, the best one so far" if best else "from before the training"
    assert wanted in caught.value.__notes__[0]


def test_ctrl_c_between_two_parameters_of_a_step():
    """No network with one layer of the new step and one of the old stays behind."""

    class Interrupted(optim.SGD):
        def update(self, p, g, state):
            if state["step"] == 5 and p.shape == (5,):
                signal.raise_signal(signal.SIGINT)
            super().update(p, g, state)

    network = small()
    optimizer = Interrupted(network.parameters(), lr=99.0)
    options = {"rng": np.random.default_rng(1), "batch_size": BATCH, "schedule": rate}
    with pytest.raises(KeyboardInterrupt):
        networks.fit(network, *data(), optimizer=optimizer, **options)
    assert_holds(network, trained(1))


def test_an_exploding_rate_leaves_the_last_whole_epoch():
    x, _ = data()
    y = x @ np.array([[1.0], [-2.0]])
    networks_ = [L.Linear(2, 1, rng=np.random.default_rng(0)) for _ in range(2)]
    options = {"loss": "mse_loss", "batch_size": BATCH}
    schedule = lambda t: rate(t) if t < 6 else 1e200  # noqa: E731
    words = r"^fit: the loss is no finite number; got inf in epoch 3, step 7, .*1e\+200"
    with pytest.raises(ValueError, match=words) as caught:
        fit(networks_[0], x, y, epochs=5, schedule=schedule, **options)
    fit(networks_[1], x, y, epochs=2, schedule=rate, **options)
    assert_holds(networks_[0], networks_[1].state_dict())
    assert len(caught.value.history.loss) == 2
    assert np.isfinite(caught.value.history.steps).all()
    assert "epoch 2, the last one that ended" in caught.value.__notes__[0]


def test_any_error_leaves_a_whole_epoch_and_passes_on():
    network, seen = small(), []

    def loss(output, target):
        seen.append(F.cross_entropy(output, target))
        return None if len(seen) == 5 else seen[-1]

    pair = (loss, F.cross_entropy_backward)
    with pytest.raises(TypeError, match=r"^fit: a loss returns one number") as caught:
        fit(network, *data(), epochs=3, batch_size=BATCH, schedule=rate, loss=pair)
    assert_holds(network, trained(1))
    assert len(caught.value.history.epochs) == 1


def test_a_training_can_go_on_after_ctrl_c():
    network = small().eval()
    before = dict(network.named_parameters())
    with pytest.raises(KeyboardInterrupt):
        fit(network, *data(), batch_size=BATCH, schedule=stopping_at(4))
    assert all(array is before[name] for name, array in network.named_parameters())
    assert not any(layer.training for layer in network)
    with refuses(ValueError, "Sequential: each backward pass needs"):
        network.backward(np.ones((16, 2)))
    history = fit(network, *data(), epochs=2)
    assert history.loss[-1] < history.loss[0]


@pytest.mark.parametrize(("given", "error"), [(None, TypeError), (-0.1, ValueError)])
def test_a_schedule_that_returns_no_rate_is_refused_by_the_optimizer(given, error):
    network = small()
    optimizer = optim.SGD(network.parameters(), lr=0.5)
    with refuses(error, "SGD: lr ", "; got "):
        fit_with = {"optimizer": optimizer, "rng": np.random.default_rng(0), "batch_size": BATCH}
        networks.fit(network, *data(), **fit_with, schedule=lambda t: 0.25 if t < 2 else given)


def test_rates_of_other_kinds_become_floats():
    """In float32 a NumPy float64 as rate would compute the step in float64."""
    rng = np.random.default_rng(0)
    network = L.Linear(2, 2, rng=rng, dtype=np.float32)
    x, y = data()
    optimizer = optim.SGD(network.parameters(), lr=0.1)
    options = {"rng": rng, "epochs": 1, "schedule": lambda t: np.float64(0.125)}
    networks.fit(network, x.astype(np.float32), y, optimizer=optimizer, **options)
    assert (type(optimizer.lr), optimizer.lr) == (float, 0.125)
