"""The readers that all parts share."""

import difflib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes import _arguments
from oracles import refuses

SIZES = st.lists(st.sampled_from([0, 1, 2, 3, 2**20, 2**31, 2**62, 2**63, 10**20]), max_size=70)


@given(SIZES)
def test_a_shape_for_which_there_is_room(shape):
    """NumPy makes a view of any such shape, for that takes no memory, and it counts the values."""
    try:
        _arguments.require_room("zeros", shape)
    except ValueError:
        known = [max(n, 1) for n in shape]
        assert len(shape) > 64 or sum(map(math.log2, known)) > 31 - 1e-9
    else:
        assert np.broadcast_to(np.zeros(()), shape).size < 2**31


@pytest.mark.parametrize("shape", [(3, 10**20), (0, 10**20), (2**31,), (2**16, 1, 2**15)])
def test_a_shape_without_room_is_told_with_its_numbers(shape):
    with refuses(ValueError, "zeros: an array would have 2147483648 values or more", str(shape)):
        _arguments.require_room("zeros", shape)
    _arguments.require_room("zeros", (2**31 - 1,))


def test_an_array_has_so_many_axes():
    _arguments.require_room("zeros", np.zeros((1,) * 64).shape)
    with refuses(ValueError, "zeros: an array has at most 64 axes; got 65 sizes"):
        _arguments.require_room("zeros", (1,) * 65)
    with pytest.raises(ValueError, match="64"):
        np.zeros((1,) * 65)


@pytest.mark.parametrize("value", [None, "1", True, 1j, [1.0], np.ones(1), np.bool(True)])
def test_what_is_no_number(value):
    with refuses(TypeError, "SGD: lr is no number; got lr of type", type(value).__name__):
        _arguments.require_numbers("SGD", momentum=np.float32(0), lr=value)


@pytest.mark.parametrize("value", [True, False, np.True_, np.False_])
def test_a_switch_comes_back_as_a_plain_bool(value):
    assert _arguments.as_bool("f", "training", value) is bool(value)


@pytest.mark.parametrize("value", [None, 1, 0, "yes", [True], np.ones(1, bool), np.float64(1)])
def test_what_is_no_switch(value):
    with refuses(TypeError, "f: training is True or False; got training=", type(value).__name__):
        _arguments.as_bool("f", "training", value)


@given(st.text("abcde-", max_size=8), st.lists(st.text("abcde-", min_size=1, max_size=8)))
def test_the_nearest_names(name, known):
    near = _arguments.nearest(name, known)
    assert len(near) <= 3
    assert set(near) <= set(known)
    ratios = [difflib.SequenceMatcher(None, one, name).ratio() for one in near]
    assert ratios == sorted(ratios, reverse=True)
    assert all(ratio >= 0.5 for ratio in ratios)
    assert bool(near) or name not in known
    said = _arguments.suggestion(name, known, "none")
    assert said == (f"did you mean {' or '.join(near)}?" if near else "none")


def test_nearest_names_are_looked_for_in_one_place(root):
    files = [path for path in (root / "dlnotes").rglob("*.py") if "difflib" in path.read_text()]
    assert [path.name for path in files] == ["_arguments.py"]
