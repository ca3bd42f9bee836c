"""Random wrong calls of optimisers, schedules and clipping: a result, or the house's message."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import assert_in_house_style
from dlnotes import optim
from oracles import refuses

WORDS = (None, "0.1", b"x", (), (1, 2), [0.5], {}, object(), len, range(3), np.float64)
NUMBERS = (True, 1j, -1, 0, 2.5, float("nan"), float("inf"), 1e300, 10**20, 10**400)
ARRAYS = (np.ones(2), np.ones((0, 3)), np.array([None, 1], object))
STRANGE = st.sampled_from((*WORDS, *NUMBERS, *ARRAYS))
FUNCTIONS = [name for name in optim.__all__ if name != "Optimizer"]
GOOD = {
    "lr": 0.1,
    "t": 3,
    "step_size": 2,
    "gamma": 0.5,
    "t_max": 10,
    "max_norm": 1.0,
}


def arguments(name):
    """Good values of a function's arguments, by name."""
    found = inspect.signature(getattr(optim, name)).parameters
    own = {"params": [np.ones(3)], "grads": [np.ones(3)], **GOOD}
    return {key: own.get(key, one.default) for key, one in found.items()}


def called(name, given):
    """Call a function of `optim`; those that train take a step, too."""
    own = {key: given.pop(key) for key in ("params", "grads", "t") if key in given}
    rate = {key: given.pop(key) for key in ("lr", "max_norm") if key in given}
    if isinstance(found := getattr(optim, name), type):
        return found(own["params"], **rate, **given).step([np.ones(3)])
    return found(*own.values(), *rate.values(), **given)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_arguments_are_good(name):
    called(name, arguments(name))


@given(st.data())
@settings(max_examples=300)
def test_any_call(data):
    name = data.draw(st.sampled_from(FUNCTIONS))
    given = arguments(name)
    for key in data.draw(st.lists(st.sampled_from(sorted(given)), min_size=1, max_size=2)):
        given[key] = data.draw(STRANGE)
    try:
        called(name, given)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, name)


@given(STRANGE)
def test_any_gradients(grads):
    try:
        optim.SGD([np.ones(3)]).step(grads)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, "SGD.step")


def test_what_is_no_number_is_named():
    with refuses(TypeError, "SGD: lr is no number", "type str", "float"):
        optim.SGD([np.ones(3)], lr="0.1")
    with refuses(TypeError, "SGD: nesterov is True or False", "type ndarray"):
        optim.SGD([np.ones(3)], nesterov=np.ones(2))
    with refuses(TypeError, "AdamW: betas are two numbers", "0.9", "(0.9, 0.999)"):
        optim.AdamW([np.ones(3)], betas=0.9)
    with refuses(ValueError, "Adam: lr is beyond the largest float, 1.8e308; got an int of"):
        optim.Adam([np.ones(3)], lr=10**400)
    with refuses(ValueError, "step_decay: lr must be finite; got lr=nan"):
        optim.step_decay(0, float("nan"), step_size=3)
    with refuses(ValueError, "step_decay: the rate is beyond the largest float", "3 times"):
        optim.step_decay(3, 0.1, step_size=1, gamma=1e300)
    with refuses(ValueError, "step_decay: t must be at least 0 and at most", f"t={10**400}"):
        optim.step_decay(10**400, 0.1, step_size=3)


@pytest.mark.parametrize(
    ("name", "options", "changed", "error"),
    [
        ("SGD", {}, {"lr": "0.1"}, TypeError),
        ("SGD", {"momentum": 0.9}, {"momentum": None}, TypeError),
        ("SGD", {}, {"weight_decay": float("nan")}, ValueError),
        ("Adam", {}, {"betas": (0.9, 1.0)}, ValueError),
        ("Adam", {}, {"betas": 0.9}, TypeError),
        ("Adam", {}, {"eps": 10**400}, ValueError),
    ],
)
def test_an_option_that_is_changed_between_steps_is_read_again(name, options, changed, error):
    p = np.ones(3)
    optimizer = getattr(optim, name)([p], **options)
    ((key, value),) = changed.items()
    setattr(optimizer, key, value)
    with refuses(error, f"{name}: ", "; got "):
        optimizer.step([np.ones(3)])
    assert p.tolist() == [1, 1, 1]


@pytest.mark.parametrize("name", ["SGD", "Adam", "AdamW"])
@pytest.mark.parametrize("g", [1e30, float("inf"), float("nan")])
def test_a_step_that_overflows_says_nothing_and_is_pytorchs(name, g):
    p = np.ones(3, np.float32)
    w = torch.ones(3, requires_grad=True)
    own = getattr(optim, name)([p], lr=0.1)
    theirs = getattr(torch.optim, name)([w], lr=0.1)
    for _ in range(2):
        own.step([np.full(3, g, np.float32)])
        w.grad = torch.full((3,), g)
        theirs.step()
    np.testing.assert_allclose(p, w.detach().numpy(), rtol=1e-5)


def test_a_rate_that_is_a_numpy_number_is_a_float():
    """Otherwise a float32 step would be computed in float64."""
    grads, found = [np.full(3, 0.3, np.float32)], []
    for lr in (0.1, np.float64(0.1)):
        p = np.ones(3, np.float32)
        optimizer = optim.SGD([p], lr=lr, momentum=0.9)
        optimizer.step(grads)
        optimizer.step(grads)
        found.append(p.tolist())
        assert type(optimizer.lr) is float
    assert found[0] == found[1]


def test_clipping_says_nothing_of_an_overflow():
    with refuses(ValueError, "clip_by_norm: the norm of the gradients must be finite; got inf"):
        optim.clip_by_norm([np.full(2, 1e300)], 1.0)


def test_a_schedule_returns_a_float():
    for kind in (np.float32, np.float64):
        assert type(optim.step_decay(np.int64(3), kind(0.1), step_size=np.int32(2))) is float


@pytest.mark.parametrize("strange", [np.ma.ones((2, 2)), np.ones((2, 2)).view(np.recarray)])
def test_arrays_with_an_arithmetic_of_their_own(strange):
    """A masked array would leave numbers out of a step, a matrix multiply where a rule squares."""
    kind = type(strange).__name__
    with refuses(TypeError, "Adam: a parameter must be a floating array", kind):
        optim.Adam([strange])
    with refuses(TypeError, "Adam.step: gradient 0 must be an array", kind):
        optim.Adam([np.ones((2, 2))]).step([strange])
    with refuses(TypeError, "clip_by_norm: a gradient must be a floating array", kind):
        optim.clip_by_norm([strange], 1.0)
