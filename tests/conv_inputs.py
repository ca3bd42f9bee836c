"""Random calls of convolutions and up-sampling: mostly right, now and then with something wrong."""

import numpy as np
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import anything, gradients_or_refusal, mostly, nearly, pytorch_or_refusal

RIGHT = st.integers(1, 3)
NO_NUMBERS = st.sampled_from([None, True, 1.0, 2.5, "2", "same", 1j, [], [[1]], np.float64(2)])
WRONG = st.integers(-2, 5) | NO_NUMBERS


@st.composite
def per_axis(draw, dims, number=RIGHT):
    """One int, or one an axis; now and then too many, or no numbers."""
    entry = mostly(number, WRONG)
    length = draw(mostly(st.just(dims), st.integers(0, 4)))
    several = st.lists(entry, min_size=length, max_size=length)
    return draw(mostly(entry | several | several.map(tuple), NO_NUMBERS))


@st.composite
def shapes(draw, *sizes):
    """Mostly these sizes, sometimes one of them wrong, sometimes any shape."""
    if draw(st.integers(0, 9)) == 0:
        return tuple(draw(st.lists(st.integers(0, 4), max_size=7)))
    return tuple(draw(mostly(st.just(n), st.integers(0, 4))) for n in sizes)


def drawn(draw, strategies):
    """Some of the options, each right or wrong."""
    return {name: draw(one) for name, one in strategies.items() if draw(st.booleans())}


def forth_and_back(data, name, theirs, arguments, drawn=anything, **options):
    """One random call, forward, and backward with a random dy."""
    ours, back = getattr(F, name), getattr(F, f"{name}_backward")
    right = pytorch_or_refusal(ours, theirs, *arguments, **options)
    y = ours(*arguments, **options["options"]) if right else arguments[0]
    dy = data.draw(drawn(nearly(y)))
    wanted = tuple(i for i, a in enumerate(arguments) if isinstance(a, np.ndarray))
    gradients_or_refusal(back, theirs, dy, *arguments, **options, wanted=wanted)
    return right
