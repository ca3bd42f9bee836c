"""Gradients through many steps: cut in two, vanishing, exploding, and the forget gate's way out."""

import numpy as np
import pytest

import dlnotes.functional as F
from autodiff_oracle import agrees_with_autodiff
from dlnotes import autodiff as ad
from dlnotes import check
from oracles import normal
from test_recurrent import arguments, both_forms


@pytest.fixture
def rng():
    return np.random.default_rng(13)


@both_forms
def test_two_halves_are_the_whole(rng, name, form):
    """States handed on, their gradients handed back: nothing is lost at the cut."""
    x, *weights, h0 = arguments(rng, "gru" if name == "gru" else "rnn", (7, 2, 3, 5))
    if name == "lstm":
        x, *weights, h0, _ = arguments(rng, name, (7, 2, 3, 5))
    forward, backward = getattr(F, name), getattr(F, f"{name}_backward")
    begin = (h0, h0[::-1].copy()) if name == "lstm" else (h0,)
    whole = forward(x, *weights, *begin, **form)
    dy = normal(rng, whole.y.shape)
    first = forward(x[:3], *weights, *begin, **form)
    handed = (first.h, first.c) if name == "lstm" else (first.h,)
    second = forward(x[3:], *weights, *handed, **form)
    check.close(np.concatenate([first.y, second.y]), whole.y)
    late = backward(dy[3:], x[3:], *weights, *handed, **form)
    passed = {"dh": late.dh0} | ({"dc": late.dc0} if name == "lstm" else {})
    early = backward(dy[:3], x[:3], *weights, *begin, **passed, **form)
    want = backward(dy, x, *weights, *begin, **form)
    check.close(np.concatenate([early.dx, late.dx]), want.dx)
    for j in range(1, 5):
        check.close(early[j] + late[j], want[j])
    check.close(early.dh0, want.dh0)


@pytest.mark.parametrize("factor", [0.5, 1.0, 1.5])
def test_a_linear_recurrence_multiplies_its_gradient_each_step(rng, factor):
    """ReLU in its linear range, U a multiple of an orthogonal matrix: the norm is factor**t."""
    steps, units = 40, 5
    turn = np.eye(units)[rng.permutation(units)]
    x, w_ih = np.ones((steps, 1, units)), np.eye(units)
    dh = normal(rng, (1, units))
    grads = F.rnn_backward(None, x, w_ih, factor * turn, dh=dh, nonlinearity="relu")
    norms = np.linalg.norm(grads.dx[::-1, 0], axis=1)  # from the last step to the first
    check.close(norms, np.linalg.norm(dh) * factor ** np.arange(steps))


def test_steps_behind_an_end_may_overflow(rng):
    """They are run and thrown away; a state that explodes there spoils no gradient."""
    x, w_ih, dy = (normal(rng, shape) for shape in ((1100, 2, 3), (3, 3), (1100, 2, 3)))
    arrays = x, w_ih, 2 * np.eye(3), np.ones(3)
    options = {"nonlinearity": "relu"}
    grads = F.rnn_backward(dy, *arrays, lengths=[3, 2], **options)
    short = F.rnn_backward(dy[:3], x[:3], *arrays[1:], lengths=[3, 2], **options)
    check.close(grads.dx[:3], short.dx)
    for got, want in zip(grads[1:4], short[1:4], strict=True):
        check.close(got, want)


def test_an_open_forget_gate_keeps_the_gradient_where_the_simple_layer_loses_it(rng):
    x, w_ih, w_hh, *_ = arguments(rng, "lstm", (60, 1, 3, 5))
    forget = np.zeros(20)
    forget[5:10] = 40.0  # of i, f, g, o; σ(40) = 1 in float64
    dc = normal(rng, (1, 5))
    zero = np.zeros((1, 5))
    kept = F.lstm_backward(None, x, 0 * w_ih, 0 * w_hh, forget, None, zero, zero, dc=dc)
    check.close(kept.dc0, dc)
    lost = F.rnn_backward(None, x, w_ih[:5], 0.3 * np.eye(5), h0=zero, dh=dc)
    assert np.abs(lost.dh0).max() <= np.abs(dc).max() * 0.3**60


# ---- the same equations, written once more


def sigmoid(v):
    return 1 / (1 + ad.exp(-v))


def lstm_step(z, c):
    i, f, g, o = (z[:, 3 * j : 3 * j + 3] for j in range(4))
    c = sigmoid(f) * c + sigmoid(i) * ad.tanh(g)
    return sigmoid(o) * ad.tanh(c), c


def test_lstm_is_what_autodiff_finds(rng):
    def program(x, w, u, b, d, h, c):
        outs = []
        for t in range(5):
            h, c = lstm_step(x[t] @ w.T + b + h @ u.T + d, c)
            outs.append(h.reshape(1, 2, 3))
        return ad.concatenate(outs, axis=0)

    arrays = arguments(rng, "lstm", (5, 2, 7, 3))
    agrees_with_autodiff(lambda *a: F.lstm(*a).y, F.lstm_backward, program, *arrays)


@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_is_what_autodiff_finds(rng, reset_after):
    def program(x, w, u, b, d, h):
        outs = []
        for t in range(5):
            a, m = x[t] @ w.T + b, h @ u.T + d
            r, z = (sigmoid(a[:, s] + m[:, s]) for s in (slice(0, 3), slice(3, 6)))
            inner = r * m[:, 6:] if reset_after else (r * h) @ u[6:].T + d[6:]
            h = z * h + (1 - z) * ad.tanh(a[:, 6:] + inner)
            outs.append(h.reshape(1, 2, 3))
        return ad.concatenate(outs, axis=0)

    arrays = arguments(rng, "gru", (5, 2, 7, 3))
    options = {"reset_after": reset_after}
    agrees_with_autodiff(
        lambda *a, **o: F.gru(*a, **o).y, F.gru_backward, program, *arrays, options=options
    )
