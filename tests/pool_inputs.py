"""Random calls of the poolings: what PyTorch accepts, and what it does not."""

import numpy as np
from hypothesis import strategies as st

from bad_input import anything, floats, tame

NUMBERS = st.integers(1, 3) | st.integers(-2, 5)
NO_NUMBERS = st.sampled_from([None, True, 1.0, 2.5, "2", "same", 1j, [], [[1]], np.float64(2)])
SWITCHES = st.booleans() | st.sampled_from([None, 0, 1, "yes"])


@st.composite
def poolings(draw, dims, average=False):
    """Draw sizes of an image, a window, and options that PyTorch accepts."""
    kernel = tuple(draw(st.integers(1, 4)) for _ in range(dims))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    stride = draw(st.none() | st.tuples(*[st.integers(1, 4)] * dims))
    options = {"stride": stride, "padding": padding, "ceil_mode": draw(st.booleans())}
    if average:
        dilation = (1,) * dims
        options["count_include_pad"] = draw(st.booleans())
    else:
        options["dilation"] = dilation = tuple(draw(st.integers(1, 3)) for _ in range(dims))
    rows = zip(kernel, dilation, padding, strict=True)
    free = average and dims == 3  # there PyTorch wants windows that fit without padding
    # no window steps over the whole image: PyTorch's gradient then writes outside of it
    least = [max(d, d * (k - 1) + 1 - 2 * p * (not free)) for k, d, p in rows]
    return tuple(n + draw(st.integers(0, 4)) for n in least), kernel, options


@st.composite
def finite(draw, shape, dtype=np.float64):
    """Draw normal values with a few zeros and ±1000."""
    return tame(draw(floats(shape, dtype)))


@st.composite
def tied(draw, shape):
    """Draw values full of ties, in float32 or float64."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return rng.integers(-2, 3, shape).astype(draw(st.sampled_from([np.float32, np.float64])))


# ---- one thing wrong


def images(dims):
    """Shapes with the right number of axes, some of them empty, or any other."""
    sizes = [st.integers(0, 2), st.integers(0, 2), *[st.integers(0, 6)] * dims]
    return st.tuples(*sizes) | st.lists(st.integers(0, 4), max_size=6).map(tuple)


@st.composite
def numbers(draw, dims):
    """An int or one an axis, too many of them, or no number at all."""
    kind = draw(st.sampled_from(["int", "tuple", "list", "other"]))
    if kind == "int":
        return draw(NUMBERS)
    if kind == "other":
        return draw(NO_NUMBERS)
    length = dims if draw(st.integers(0, 3)) else draw(st.integers(0, 4))
    entry = NUMBERS if draw(st.integers(0, 3)) else NUMBERS | NO_NUMBERS
    entries = draw(st.lists(entry, min_size=length, max_size=length))
    return tuple(entries) if kind == "tuple" else entries


WRONG = {
    "ceil_mode": lambda dims: SWITCHES,
    "count_include_pad": lambda dims: SWITCHES,
}


@st.composite
def spoiled(draw, dims, shape, args, options):
    """Draw (fault, x, args, options): a call with nothing wrong, mostly, or one thing.

    `args` are what stands between x and the options. The fault "dy" is left to the caller.
    """
    kinds = ["none"] * 4 + ["x", "dy"] + ["argument"] * len(args) + ["option"] * bool(options)
    fault = draw(st.sampled_from(kinds))
    x = draw(anything(images(dims)).map(tame) if fault == "x" else finite(shape))
    if fault == "argument":
        place = draw(st.integers(0, len(args) - 1))
        args = [*args[:place], draw(numbers(dims)), *args[place + 1 :]]
    if fault == "option":
        name = draw(st.sampled_from(sorted(options)))
        options = options | {name: draw(WRONG.get(name, numbers)(dims))}
    return fault, x, args, options


def upstream(draw, fault, y, nearly):
    """Draw an upstream gradient: the output's shape, unless that is the fault."""
    if fault == "dy" or not isinstance(y, np.ndarray):
        return draw(anything(nearly(y)).map(tame))
    return draw(finite(y.shape, y.dtype if y.dtype.kind == "f" else np.float64))
