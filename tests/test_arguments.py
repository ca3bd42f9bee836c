"""The readers that all parts share."""

import difflib
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlnotes import _arguments
from oracles import refuses

SIZES = st.lists(st.sampled_from([0, 1, 2, 3, 2**20, 2**31, 2**62, 2**63, 10**20]), max_size=70)


def accepts(function, *arguments):
    """Say whether a function takes its arguments, or refuses them as values."""
    try:
        function(*arguments)
    except ValueError:
        return False
    return True


@given(SIZES, st.sampled_from([4, 8]))
def test_a_shape_is_possible_where_numpy_says_so(shape, itemsize):
    """A view of one element has any shape that an array can have, and takes no memory."""
    one = np.zeros((), f"f{itemsize}")
    possible = accepts(np.broadcast_to, one, tuple(shape))
    assert accepts(_arguments.require_possible, "zeros", shape, itemsize) is possible


def test_an_impossible_shape_is_told_with_its_numbers():
    with refuses(ValueError, "zeros: no array can have more than", "(3, 100000000000000000000)"):
        _arguments.require_possible("zeros", (3, 10**20))
    with refuses(ValueError, "zeros: an array has at most 64 axes; got 65 sizes"):
        _arguments.require_possible("zeros", (1,) * 65)
    assert sys.maxsize // 8 + 1 == 2**60
    _arguments.require_possible("zeros", (2**60 - 1,))
    with refuses(ValueError, "1152921504606846976"):
        _arguments.require_possible("zeros", (2**60,))


@pytest.mark.parametrize("value", [None, "1", True, 1j, [1.0], np.ones(1), np.bool(True)])
def test_what_is_no_number(value):
    with refuses(TypeError, "SGD: lr is no number; got lr of type", type(value).__name__):
        _arguments.require_numbers("SGD", momentum=np.float32(0), lr=value)


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
