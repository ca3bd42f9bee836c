"""Random wrong calls of autodiff: a result, or an error that the house has worded."""

import inspect
import re
import traceback

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlnotes import autodiff as ad
from oracles import refuses

WORDS = (None, "a", b"x", (), (1, 2), [0.5], {}, object(), len, range(2), np.float64)
NUMBERS = (True, 1j, -1, 0, 2.5, 2.0, float("nan"), 10**20, 10**400)
ARRAYS = (
    np.ones(2),
    np.ones((0, 3)),
    np.array([0.0, -np.inf]),
    np.array([None, 1], object),
    [[1.0], [1.0, 2.0]],
)
STRANGE = st.sampled_from((*WORDS, *NUMBERS, *ARRAYS))
X = np.ones((2, 3))
OPERANDS = {"x": X, "a": X, "b": X, "terms": [X, X]}
OPTIONS = {"axis": 0, "shape": (3, 2), "axes": (1, 0), "low": 0.0, "high": 2.0, "keepdims": False}
CALLS = {"f": lambda *xs: sum((x * x).sum() for x in xs), "args": [X], "seed": 1.0}
OWN = {"forward": lambda x: 2 * x, "backward": lambda dy, x: 2 * dy, "name": "twice"}
GOOD = {**OPERANDS, **OPTIONS, **CALLS, **OWN, "condition": X > 0}
FUNCTIONS = [name for name in ad.__all__ if name in ad.functions.__all__]
FUNCTIONS += ["vjp", "grad", "value_and_grad"]


def called(name, given):
    """Call a function by its arguments' names."""
    found = inspect.signature(getattr(ad, name)).parameters
    places = [given[key] for key, one in found.items() if one.kind is not one.KEYWORD_ONLY]
    words = {key: given[key] for key, one in found.items() if one.kind is one.KEYWORD_ONLY}
    return getattr(ad, name)(*places, **words)


def arguments(name):
    own = {"args": X} if name in ("grad", "value_and_grad") else {"shape": X.shape}
    found = inspect.signature(getattr(ad, name)).parameters
    return {key: (GOOD | own)[key] for key in found}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_arguments_are_good(name):
    called(name, arguments(name))


@given(st.data())
@settings(max_examples=400)
def test_any_call(data):
    name = data.draw(st.sampled_from(FUNCTIONS))
    given = arguments(name)
    for key in data.draw(st.lists(st.sampled_from(sorted(given)), min_size=1, max_size=2)):
        given[key] = data.draw(STRANGE)
    if given.get("f") is len:  # a function of its own, whose errors are its own
        return
    try:
        called(name, given)
    except (TypeError, ValueError, IndexError) as error:
        require_worded(error)


def require_worded(error):
    """The rule, what came in, the remedy; raised by the house and not inside NumPy."""
    assert re.match(r"\w+: .+; got .+; .+", str(error), re.DOTALL), repr(error)
    assert "dlnotes" in traceback.extract_tb(error.__traceback__)[-1].filename


def test_what_is_joined_needs_an_axis():
    with refuses(TypeError, "concatenate: axis is an int", "None", "axis=0"):
        ad.concatenate([X, X], axis=None)
    with refuses(TypeError, "reshape: shape has an entry that is no int", "2.0", "//"):
        ad.Variable(X).reshape(3, 2.0)
    with refuses(TypeError, "grad: f is a function", "got float"):
        ad.grad(1.0, 2.0)
