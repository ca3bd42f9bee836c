"""Random wrong calls of optimisers, schedules and clipping: a result, or the house's message."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bad_input import assert_in_house_style
from dlnotes import optim
from oracles import refuses

WORDS = (None, "0.1", b"x", (), (1, 2), [0.5], {}, object(), len, range(3), np.float64)
NUMBERS = (True, 1j, -1, 0, 2.5, float("nan"), 10**20)
ARRAYS = (np.ones(2), np.ones((0, 3)), np.array([None, 1], object))
STRANGE = st.sampled_from((*WORDS, *NUMBERS, *ARRAYS))
FUNCTIONS = [name for name in optim.__all__ if name != "Optimizer"]
GOOD = {
    "lr": 0.1,
    "max_lr": 0.1,
    "t": 3,
    "step_size": 2,
    "gamma": 0.5,
    "t_max": 10,
    "total_steps": 10,
    "max_norm": 1.0,
    "clip_value": 1.0,
}


def arguments(name):
    """Good values of a function's arguments, by name."""
    found = inspect.signature(getattr(optim, name)).parameters
    own = {"params": [np.ones(3)], "grads": [np.ones(3)], **GOOD}
    return {key: own.get(key, one.default) for key, one in found.items()}


def called(name, given):
    """Call a function of `optim`; those that train take a step, too."""
    own = {key: given.pop(key) for key in ("params", "grads", "t") if key in given}
    rate = {
        key: given.pop(key) for key in ("lr", "max_lr", "max_norm", "clip_value") & given.keys()
    }
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
        with np.errstate(all="ignore"):
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
    with refuses(ValueError, "one_cycle: div_factor", "got 0", "25"):
        optim.one_cycle(0, 0.1, total_steps=10, div_factor=0)
