"""Recurrent layers against PyTorch's autograd, central differences and the adjoint identity."""

import numpy as np
import pytest
import torch

import dlnotes.functional as F
import recurrent_oracle
from dlnotes import check
from oracles import agrees, normal

GATES = {"rnn": 1, "lstm": 4, "gru": 3}
FORMS = [
    ("rnn", {"nonlinearity": "tanh"}),
    ("rnn", {"nonlinearity": "relu"}),
    ("lstm", {}),
    ("gru", {"reset_after": True}),
    ("gru", {"reset_after": False}),
]
SIZES = [(5, 3, 7, 2), (1, 3, 2, 5), (7, 1, 3, 2), (3, 2, 1, 1)]  # T, N, D, H
both_forms = pytest.mark.parametrize(("name", "form"), FORMS)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def arguments(rng, name, sizes, *, bidirectional=False, batch_first=False):
    """Draw x, weights, biases and first states."""
    steps, batch, features, units = sizes
    lead, rows = (2,) * bidirectional, GATES[name] * units
    x = normal(rng, (batch, steps, features) if batch_first else (steps, batch, features))
    shapes = [(rows, features), (rows, units), (rows,), (rows,), (batch, units)]
    shapes += [(batch, units)] * (name == "lstm")
    return x, *(normal(rng, (*lead, *shape)) for shape in shapes)


def flattened(name, reading):
    """Make one array of all that a layer returns, so that all of it has a random gradient."""

    def forward(*arrays, **options):
        result = reading(*arrays, **options)
        return np.concatenate([a.ravel() for a in outputs(result)])

    def outputs(result):
        return [a for a in (result.y, result.h, result.c) if a is not None]

    def backward(dy, *arrays, **options):
        result = reading(*arrays, **options)
        parts, at = [], 0
        for a in outputs(result):
            parts.append(dy[at : at + a.size].reshape(a.shape))
            at += a.size
        upstream = dict(zip(("dh", "dc"), parts[1:], strict=False))
        backward_of = getattr(F, f"{name}_backward")
        return backward_of(parts[0], *arrays, **upstream, **options, saved=result.saved)

    def pytorch(*tensors, **options):
        found = recurrent_oracle.FUNCTIONS[name](*tensors, **options)
        return torch.cat([a.reshape(-1) for a in found])

    return forward, backward, pytorch


def passes_the_oracles(name, arrays, elements=6, **options):
    functions = flattened(name, getattr(F, name))
    agrees(*functions, *arrays, options=options, affine=False, elements=elements)


# ---- three oracles; the gradient reaches outputs and last states at once


@both_forms
@pytest.mark.parametrize("sizes", SIZES)
def test_three_oracles(rng, name, form, sizes):
    passes_the_oracles(name, arguments(rng, name, sizes), **form)


@both_forms
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("lengths", [[2, 5, 3], (1, 1, 4)])
def test_lengths(rng, name, form, bidirectional, lengths):
    arrays = arguments(rng, name, (5, 3, 2, 3), bidirectional=bidirectional)
    more = {"lengths": lengths, "bidirectional": bidirectional}
    passes_the_oracles(name, arrays, elements=3, **form, **more)


@both_forms
def test_two_directions_and_batch_first(rng, name, form):
    arrays = arguments(rng, name, (5, 2, 3, 7), bidirectional=True)
    passes_the_oracles(name, arrays, elements=3, **form, bidirectional=True)
    for both in (False, True):
        turned = arguments(rng, name, (5, 3, 2, 3), bidirectional=both, batch_first=True)
        more = {"batch_first": True, "bidirectional": both, "lengths": np.array([3, 5, 1])}
        passes_the_oracles(name, turned, elements=3, **form, **more)


@both_forms
@pytest.mark.parametrize("missing", ["b_ih", "b_hh", "biases", "states", "all"])
def test_what_is_left_out(rng, name, form, missing):
    x, w_ih, w_hh, b_ih, b_hh, *states = arguments(rng, name, (3, 2, 5, 3))
    b_ih = None if missing in ("b_ih", "biases", "all") else b_ih
    b_hh = None if missing in ("b_hh", "biases", "all") else b_hh
    states = [None] * len(states) if missing in ("states", "all") else states
    passes_the_oracles(name, (x, w_ih, w_hh, b_ih, b_hh, *states), elements=3, **form)


@both_forms
def test_an_empty_batch(rng, name, form):
    arrays = arguments(rng, name, (5, 0, 3, 2))
    result = getattr(F, name)(*arrays, **form)
    assert (result.y.shape, result.h.shape) == ((5, 0, 2), (0, 2))
    grads = getattr(F, f"{name}_backward")(result.y, *arrays, **form)
    assert grads.dx.shape == (5, 0, 3)
    assert grads.dw_hh.shape == arrays[2].shape
    assert not grads.dw_hh.any()


# ---- nn.LSTM and nn.GRU themselves, not their functions


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("kind", ["RNN", "LSTM", "GRU"])
def test_the_modules_of_pytorch(rng, kind, bidirectional):
    module = getattr(torch.nn, kind)(3, 5, bidirectional=bidirectional, dtype=torch.float64)
    each = [p.detach().numpy() for p in module.parameters()]
    weights = each[:4]
    if bidirectional:
        weights = [np.stack(pair) for pair in zip(each[:4], each[4:], strict=True)]
    x = normal(rng, (7, 2, 3))
    want, last = module(torch.from_numpy(x))
    result = getattr(F, kind.lower())(x, *weights, bidirectional=bidirectional)
    check.close(result.y, want, atol=1e-12)
    states = last if kind == "LSTM" else (last,)
    for got, state in zip((result.h, result.c), states, strict=False):
        check.close(got, state.detach().numpy().reshape(got.shape), atol=1e-12)
    assert (result.c is None) == (kind != "LSTM")


# ---- what is saved, and what is not changed


@both_forms
@pytest.mark.parametrize("options", [{}, {"bidirectional": True, "lengths": [1, 4]}])
def test_saved_or_not_is_the_same(rng, name, form, options):
    bidirectional = options.get("bidirectional", False)
    arrays = arguments(rng, name, (5, 2, 3, 2), bidirectional=bidirectional)
    result = getattr(F, name)(*arrays, **form, **options)
    backward = getattr(F, f"{name}_backward")
    dy = normal(rng, result.y.shape)
    kept = [[a.copy() for a in part] for part in result.saved.directions]
    result.h[...] = np.nan  # the caller's own now
    y = result.y.copy()
    result.y[...] = np.nan
    first = backward(dy, *arrays, saved=result.saved, **form, **options)
    again = backward(dy, *arrays, saved=result.saved, **form, **options)
    fresh = backward(dy, *arrays, **form, **options)
    for grads in zip(first, again, fresh, strict=True):
        assert all((a is None) == (grads[0] is None) for a in grads)
        assert grads[0] is None or all(np.array_equal(a, grads[0]) for a in grads)
    for part, before in zip(result.saved.directions, kept, strict=True):
        assert all(map(np.array_equal, part, before))
    assert np.isfinite(y).all()


@both_forms
@pytest.mark.parametrize("role", ["dy", "dh"])
def test_one_upstream_gradient_is_enough(rng, name, form, role):
    arrays = arguments(rng, name, (5, 2, 3, 2))
    result = getattr(F, name)(*arrays, **form)
    backward = getattr(F, f"{name}_backward")
    dy, dh = normal(rng, result.y.shape), normal(rng, result.h.shape)
    if role == "dy":
        pair = (dy, None), (dy, np.zeros_like(dh))
    else:
        last = np.zeros_like(dy)
        last[-1] = dh  # the last output is the last state
        pair = (None, dh), (last, None)
    one, other = (backward(a, *arrays, dh=b, **form) for a, b in pair)
    for got, want in zip(one, other, strict=True):
        assert got is want is None or check.close(got, want) is None


@both_forms
def test_padding_is_not_looked_at(rng, name, form):
    x, *rest = arguments(rng, name, (5, 3, 2, 2))
    lengths = [5, 2, 4]
    spoilt = x.copy()
    spoilt[2:, 1], spoilt[4:, 2] = np.nan, np.inf
    want, got = (getattr(F, name)(a, *rest, lengths=lengths, **form) for a in (x, spoilt))
    assert np.array_equal(want.y, got.y)
    assert not got.y[2:, 1].any()
    dy = normal(rng, got.y.shape)
    noisy = np.where(got.y == 0, np.nan, dy)
    pair = [
        getattr(F, f"{name}_backward")(g, a, *rest, lengths=lengths, **form)
        for g, a in ((dy, x), (noisy, spoilt))
    ]
    if form != {"nonlinearity": "relu"}:  # whose outputs are 0 inside a sequence too
        for a, b in zip(*pair, strict=True):
            assert a is b is None or np.array_equal(a, b)
        assert not pair[1].dx[2:, 1].any()


# ---- how many numbers are learned


def test_parameter_counts_of_pytorch_and_keras():
    """4096 inputs and 256 units; the totals of notes 000 and 003, and PyTorch's own."""
    totals = {"lstm": (4457472, 4458496), "gru": (3343104, 3343872)}
    for name, (one_bias, two_biases) in totals.items():
        rows = GATES[name] * 256
        weights, bias = rows * 4096 + rows * 256, rows
        assert (weights + bias, weights + 2 * bias) == (one_bias, two_biases)
        module = getattr(torch.nn, name.upper())(4096, 256, device="meta")
        assert sum(p.numel() for p in module.parameters()) == two_biases
        small = arguments(np.random.default_rng(0), name, (2, 1, 3, 5))
        grads = getattr(F, f"{name}_backward")(np.ones((2, 1, 5)), *small[:4])  # one bias
        count = sum(a.size for a in grads[1:] if a is not None)
        assert count == GATES[name] * 5 * (3 + 5 + 1)
