"""Bad input at random: transposed and unshared kernels and up-sampling, against PyTorch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import anything, gradients_or_refusal, mostly, nearly, pytorch_or_refusal
from test_conv_transpose import torch_stamp
from test_local import torch_local

DIMS = pytest.mark.parametrize("dims", [1, 2, 3])
RIGHT = st.integers(1, 3)
NO_NUMBERS = st.sampled_from([None, True, 1.0, 2.5, "2", "same", 1j, [], [[1]], np.float64(2)])
WRONG = st.integers(-2, 5) | NO_NUMBERS
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


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


def forth_and_back(data, name, theirs, arguments, **options):
    """One random call, forward, and backward with a random dy."""
    ours, back = getattr(F, name), getattr(F, f"{name}_backward")
    right = pytorch_or_refusal(ours, theirs, *arguments, **options)
    y = ours(*arguments, **options["options"]) if right else arguments[0]
    dy = data.draw(anything(nearly(y)))
    wanted = tuple(i for i, a in enumerate(arguments) if isinstance(a, np.ndarray))
    gradients_or_refusal(back, theirs, dy, *arguments, **options, wanted=wanted)
    return right


@DIMS
@settings(max_examples=300)
@given(data=st.data())
def test_conv_transpose(data, dims):
    draw = data.draw
    groups, depth, share = draw(st.integers(1, 2)), draw(RIGHT), draw(RIGHT)
    space, kernel = ([draw(RIGHT) for _ in range(dims)] for _ in "xw")
    x = draw(anything(shapes(draw(st.integers(0, 2)), groups * depth, *space)))
    w = draw(anything(shapes(groups * depth, share, *kernel)))
    b = draw(st.none() | anything(shapes(groups * share)))
    strategies = {
        "stride": per_axis(dims),
        "padding": per_axis(dims, st.integers(0, 2)),
        "output_padding": per_axis(dims, st.integers(0, 2)),
        "dilation": per_axis(dims),
    }
    options = {"groups": draw(mostly(st.just(groups), WRONG))} | drawn(draw, strategies)
    forth_and_back(data, f"conv_transpose{dims}d", torch_stamp, (x, w, b), options=options)


@settings(max_examples=300)
@given(data=st.data())
def test_local_conv(data):
    draw = data.draw
    channels, filters = draw(RIGHT), draw(RIGHT)
    kernel, out = ([draw(st.integers(1, 2)) for _ in "HW"] for _ in "wy")
    sizes = [k + p - 1 for k, p in zip(kernel, out, strict=True)]
    x = draw(anything(shapes(draw(st.integers(0, 2)), channels, *sizes)))
    w = draw(anything(shapes(filters, *out, channels, *kernel)))
    b = draw(st.none() | anything(shapes(filters, *out)))
    numbers = st.just(1) | per_axis(2)
    strategies = {
        "stride": numbers,
        "padding": st.just(0) | per_axis(2, st.integers(0, 1)),
        "dilation": numbers,
    }
    options = drawn(draw, strategies)
    forth_and_back(data, "local_conv2d", torch_local, (x, w, b), options=options)


@DIMS
@settings(max_examples=300)
@given(data=st.data())
def test_interpolate(data, dims):
    draw = data.draw
    x = draw(anything(shapes(draw(st.integers(0, 2)), draw(RIGHT), *[draw(RIGHT)] * dims)))
    target = draw(st.sampled_from(["size", "scale_factor"]))
    options = {target: draw(per_axis(dims, st.integers(1, 5)))}
    if draw(st.integers(0, 9)) == 0:
        options |= {"size": draw(per_axis(dims)), "scale_factor": draw(st.none() | RIGHT)}
    words = st.sampled_from([LINEAR[dims], "nearest"])
    mode = draw(mostly(words, st.sampled_from([*LINEAR.values(), "area", None, 1])))
    align = draw(mostly(st.booleans(), st.sampled_from([None, 0, "yes"])))
    options |= {"mode": mode, "align_corners": align}
    theirs = options | {"align_corners": None if mode == "nearest" else align}
    forth_and_back(
        data,
        "interpolate",
        torch.nn.functional.interpolate,
        (x,),
        options=options,
        torch_options=theirs,
    )


def torch_pixel_shuffle(x, r):
    """PyTorch's own leaves an empty batch as it is, and its gradient then has the wrong shape."""
    n, c, h, w = x.shape
    split = x.reshape(n, c // r**2, r, r, h, w)
    return split.permute(0, 1, 4, 2, 5, 3).reshape(n, c // r**2, h * r, w * r)


def torch_pixel_unshuffle(x, r):
    n, c, h, w = x.shape
    split = x.reshape(n, c, h // r, r, w // r, r)
    return split.permute(0, 1, 3, 5, 2, 4).reshape(n, c * r**2, h // r, w // r)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [("pixel_shuffle", torch_pixel_shuffle), ("pixel_unshuffle", torch_pixel_unshuffle)],
)
@settings(max_examples=300)
@given(data=st.data())
def test_shuffles(data, name, theirs):
    draw = data.draw
    r = draw(RIGHT)
    x = draw(anything(shapes(draw(st.integers(0, 2)), draw(RIGHT) * r**2, 2 * r, r)))
    factor = draw(mostly(st.just(r), WRONG))
    forth_and_back(data, name, theirs, (x, factor), options={})


@settings(max_examples=300)
@given(data=st.data())
def test_kronecker(data):
    draw = data.draw
    x = draw(anything(shapes(draw(st.integers(0, 2)), draw(RIGHT), draw(RIGHT), 2)))
    block = draw(anything(shapes(draw(RIGHT), draw(RIGHT))))
    forth_and_back(data, "kronecker", torch.kron, (x, block), options={})
