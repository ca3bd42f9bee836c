"""Bad input at random: recurrent layers give what PyTorch gives, or refuse in the house's words."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
import recurrent_oracle
from bad_input import SHAPES, anything, gradients_or_refusal, nearly, pytorch_or_refusal
from oracles import refuses
from test_recurrent import FORMS, GATES, arguments

NAMES = ("x", "w_ih", "w_hh", "b_ih", "b_hh", "h0", "c0")
BOOLS = (None, 0, 1, "yes", np.ones(1))
LENGTHS = (
    "3",
    3,
    [2],
    [2, 3, 4, 5],
    [0, 1, 2],
    [1, 2, 99],
    [1, 2, -1],
    [1.0, 2, 3],
    np.ones((3, 1)),
)
WRONG = {
    "bidirectional": st.sampled_from(BOOLS),
    "batch_first": st.sampled_from(BOOLS),
    "reset_after": st.sampled_from(BOOLS),
    "nonlinearity": st.sampled_from(["sigmoid", None, 1, ["tanh"], "TANH"]),
    "lengths": st.sampled_from(LENGTHS),
}
VALUES = np.array([0.0, -0.0, 1.0, -1.0])


def finite(strategy):
    """Leave out arrays that hold infinity, or a few large numbers: a product of zero and one."""
    return strategy.filter(
        lambda a: getattr(a, "dtype", None) not in ("f4", "f8") or (np.abs(a) < 100).all()
    )


@st.composite
def calls(draw):
    """Draw (fault, name, arrays, options): nothing wrong, mostly, or one thing."""
    name, form = draw(st.sampled_from(FORMS))
    own = NAMES if name == "lstm" else NAMES[:-1]
    options = {"bidirectional": draw(st.booleans()), "batch_first": draw(st.booleans()), **form}
    fault = draw(st.sampled_from(["none"] * 6 + ["dy", "lengths", *own, *own, *options]))
    sizes = draw(st.tuples(st.integers(1, 4), st.just(3), st.integers(1, 3), st.integers(1, 3)))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    layout = {key: options[key] for key in ("bidirectional", "batch_first")}
    arrays = list(arguments(rng, name, sizes, **layout))
    if draw(st.booleans()):
        spots = rng.random(arrays[0].shape) < 0.1
        arrays[0] = np.where(spots, rng.choice(VALUES, arrays[0].shape), arrays[0])
    if draw(st.booleans()):
        options["lengths"] = rng.integers(1, sizes[0] + 1, 3)
    if fault in own:
        place = own.index(fault)
        shapes = nearly(arrays[place]) | SHAPES
        arrays[place] = draw(finite(anything(shapes)))
    if fault in WRONG:
        options[fault] = draw(WRONG[fault])
    return fault, name, arrays, options


def outputs(name):
    """The outputs alone, of the layer here and of PyTorch's; and the backward pass."""

    def forward(*arrays, **options):
        return getattr(F, name)(*arrays, **options).y

    def pytorch(*tensors, **options):
        return recurrent_oracle.FUNCTIONS[name](*tensors, **options)[0]

    forward.__name__ = name
    return forward, pytorch, getattr(F, f"{name}_backward")


@settings(max_examples=400)
@given(data=st.data())
def test_any_call(data):
    fault, name, arrays, options = data.draw(calls())
    forward, pytorch, backward = outputs(name)
    right = pytorch_or_refusal(forward, pytorch, *arrays, options=options)
    assert right or fault not in ("none", "dy"), "a good call was refused"
    if right:
        like = forward(*arrays, **options)
        dy = np.random.default_rng(0).standard_normal(like.shape).astype(like.dtype)
        dy = data.draw(finite(anything(nearly(like)))) if fault == "dy" else dy
        dy = dy if dy is not None else "x"  # None is a right dy beside another gradient
    else:
        dy = np.ones(3)
    wanted = tuple(j for j, a in enumerate(arrays) if a is not None)
    gradients_or_refusal(backward, pytorch, dy, *arrays, options=options, wanted=wanted)


# ---- messages that a draw meets seldom, and their numbers


@pytest.fixture
def drawn():
    return arguments(np.random.default_rng(0), "lstm", (5, 3, 2, 7))


def test_sizes_that_do_not_fit_are_named(drawn):
    x, w_ih, w_hh, *rest = drawn
    with refuses(ValueError, "lstm: w_ih has shape (28, 2) but must have (4·H,D)=(28, 3)", "got"):
        F.lstm(np.zeros((5, 3, 3)), w_ih, w_hh, *rest)
    with refuses(ValueError, "lstm: w_hh has shape (21, 7) but must have (4·H,H)=(28, 7)"):
        F.lstm(x, w_ih[:21], w_hh[:21])
    with refuses(ValueError, "gru: w_hh has 3 axes but needs 2, (3·H,H)"):
        F.gru(x, w_ih, w_hh[None])
    with refuses(ValueError, "rnn: w_hh has 2 axes but needs 3, (2,H,H)"):
        F.rnn(x, w_ih[:7], w_hh[:7], bidirectional=True)
    with refuses(ValueError, "lstm: x has T=0 steps of D=2 features but needs 1 of each", "got x"):
        F.lstm(x[:0], w_ih, w_hh)
    with refuses(ValueError, "rnn: w_hh has H=0 units but needs 1"):
        F.rnn(x, np.zeros((0, 2)), np.zeros((0, 0)))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_transposed_weights_are_told(name, bidirectional):
    """As Keras keeps them: (D, 4·H) and (H, 4·H)."""
    arrays = arguments(np.random.default_rng(0), name, (5, 3, 2, 7), bidirectional=bidirectional)
    x, w_ih, w_hh, *_ = arrays
    options = {"bidirectional": bidirectional}
    for wrong, pair in (
        ("w_ih", (w_ih.swapaxes(-1, -2), w_hh)),
        ("w_hh", (w_ih, w_hh.swapaxes(-1, -2))),
        ("w_hh", (w_ih.swapaxes(-1, -2), w_hh.swapaxes(-1, -2))),
    ):
        with refuses(
            ValueError, f"{name}: {wrong} is transposed", f"give {wrong}.swapaxes(-1, -2)"
        ):
            getattr(F, name)(x, *pair, **options)


def test_lengths_are_named(drawn):
    for wrong in ([5, 4], [5, 4, 6]):
        with refuses(ValueError, "lengths must be N=3 ints from 1 to T=5; got", str(wrong)):
            F.lstm(*drawn, lengths=wrong)
    with refuses(ValueError, "lengths[1] is 0, below the smallest allowed, 1"):
        F.lstm(*drawn, lengths=[5, 0, 1])
    with refuses(TypeError, "lengths are no sequence of ints; got lengths=5"):
        F.lstm(*drawn, lengths=5)


@pytest.mark.parametrize("name", GATES)
@pytest.mark.parametrize("number", [1.0, np.float64(1), True])
def test_a_number_is_no_sequence_no_weight_and_no_gradient(name, number):
    x, *others = arguments(np.random.default_rng(0), name, (5, 3, 2, 7))
    with refuses(TypeError, f"{name}: x is no NumPy array; got x='{number}'"):
        getattr(F, name)(number, *others)
    with refuses(TypeError, f"{name}: w_ih is no NumPy array", "np.asarray(w_ih"):
        getattr(F, name)(x, number, *others[1:])
    with refuses(TypeError, f"{name}_backward: dy is no NumPy array"):
        getattr(F, f"{name}_backward")(number, x, *others)


@pytest.mark.parametrize("name", GATES)
def test_no_upstream_gradient_at_all(name):
    arrays = arguments(np.random.default_rng(0), name, (5, 3, 2, 7))
    with refuses(TypeError, f"{name}_backward: dy and dh", "are all missing; got dy=None"):
        getattr(F, f"{name}_backward")(None, *arrays)


def test_what_another_call_saved_is_refused(drawn):
    result = F.lstm(*drawn)
    dy = np.ones_like(result.y)
    with refuses(
        TypeError, "lstm_backward: saved is nothing that a forward pass kept; got", "dict"
    ):
        F.lstm_backward(dy, *drawn, saved={})
    others = [F.lstm(*drawn, lengths=[5, 5, 4]), F.lstm(drawn[0][:4], *drawn[1:])]
    x, w_ih, w_hh, b_ih, b_hh, h0, _ = drawn
    others.append(F.gru(x, w_ih[:21], w_hh[:21], b_ih[:21], b_hh[:21], h0))
    for other in others:
        with refuses(ValueError, "lstm_backward: saved comes from another call; got"):
            F.lstm_backward(dy, *drawn, saved=other.saved)
    unit = (x, w_ih[:21], w_hh[:21])
    for asked in (True, False):
        saved = F.gru(*unit, reset_after=not asked).saved
        with refuses(ValueError, "saved comes from another call", str(not asked), str(asked)):
            F.gru_backward(dy, *unit, saved=saved, reset_after=asked)
    assert repr(result.saved).startswith("Saved(key=('lstm', None, (5, 3, 2), (28, 7), 'float64'")


@pytest.mark.parametrize("role", ["dh", "dc"])
def test_a_last_state_of_another_shape_is_refused(drawn, role):
    with refuses(ValueError, f"lstm_backward: {role} has shape (7, 3) but must have (N,H)=(3, 7)"):
        F.lstm_backward(None, *drawn, **{role: np.ones((7, 3))})
    with refuses(TypeError, f"lstm_backward: {role} is float32 but x is float64"):
        F.lstm_backward(None, *drawn, **{role: np.ones((3, 7), np.float32)})


def test_torch_agrees_that_a_sequence_needs_a_step():
    with pytest.raises(RuntimeError, match="length to be larger than 0"):
        torch.nn.LSTM(2, 3)(torch.zeros(0, 1, 2))
