"""Bad input at random: convolutions of every kind give what PyTorch gives, or refuse in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import anything, mostly
from conv_cases import torch_conv
from conv_inputs import RIGHT, WRONG, drawn, forth_and_back, per_axis, shapes
from oracles import refuses
from test_conv_transpose import torch_stamp, torch_tf
from test_local import torch_local

DIMS = pytest.mark.parametrize("dims", [1, 2, 3])
BATCHES = st.integers(0, 2)
MANY = 120


def holds(call, examples=MANY):
    """Make many random calls, of which a tenth at least must have a result, and a tenth not."""
    right = []

    @settings(max_examples=examples)
    @given(data=st.data())
    def calls(data):
        right.append(call(data, data.draw))

    calls()
    assert 0.1 < sum(right) / len(right) < 0.9


def slides(dims):
    """Options of a window that slides over `dims` axes."""
    return {
        "stride": per_axis(dims),
        "padding": per_axis(dims, st.integers(0, 2)) | st.sampled_from(["same", "full", "half"]),
        "dilation": per_axis(dims, st.integers(1, 2)),
    }


@DIMS
def test_conv(dims):
    def call(data, draw):
        groups, depth, share = draw(st.integers(1, 2)), draw(RIGHT), draw(RIGHT)
        kernel = [draw(RIGHT) for _ in range(dims)]
        sizes = [k + draw(st.integers(0, 3)) for k in kernel]
        x = draw(anything(shapes(draw(BATCHES), groups * depth, *sizes)))
        w = draw(anything(shapes(groups * share, depth, *kernel)))
        b = draw(st.none() | anything(shapes(groups * share)))
        options = {"groups": draw(mostly(st.just(groups), WRONG))} | drawn(draw, slides(dims))
        return forth_and_back(data, f"conv{dims}d", torch_conv, (x, w, b), options=options)

    holds(call)


def torch_depthwise(x, w, b=None, **options):
    return torch_conv(x, w, b, **options, groups=x.shape[1])


def torch_separable(x, depthwise, pointwise, b=None, **options):
    return torch_conv(torch_depthwise(x, depthwise, **options), pointwise, b)


def test_depthwise():
    def call(data, draw):
        channels, multiplier, kernel = draw(RIGHT), draw(RIGHT), [draw(RIGHT) for _ in "RS"]
        x = draw(anything(shapes(draw(BATCHES), channels, *[k + 2 for k in kernel])))
        w = draw(anything(shapes(channels * multiplier, 1, *kernel)))
        b = draw(st.none() | anything(shapes(channels * multiplier)))
        options = drawn(draw, slides(2))
        return forth_and_back(data, "depthwise_conv2d", torch_depthwise, (x, w, b), options=options)

    holds(call)


def test_separable():
    def call(data, draw):
        channels, multiplier, filters = draw(RIGHT), draw(RIGHT), draw(RIGHT)
        kernel = [draw(RIGHT) for _ in "RS"]
        x = draw(anything(shapes(draw(BATCHES), channels, *[k + 2 for k in kernel])))
        w = draw(anything(shapes(channels * multiplier, 1, *kernel)))
        mix = draw(anything(shapes(filters, channels * multiplier, 1, 1)))
        b = draw(st.none() | anything(shapes(filters)))
        arguments, options = (x, w, mix, b), drawn(draw, slides(2))
        return forth_and_back(data, "separable_conv2d", torch_separable, arguments, options=options)

    holds(call)


@DIMS
def test_conv_transpose(dims):
    def call(data, draw):
        groups, depth, share = draw(st.integers(1, 2)), draw(RIGHT), draw(RIGHT)
        space, kernel = ([draw(RIGHT) for _ in range(dims)] for _ in "xw")
        x = draw(anything(shapes(draw(BATCHES), groups * depth, *space)))
        w = draw(anything(shapes(groups * depth, share, *kernel)))
        b = draw(st.none() | anything(shapes(groups * share)))
        strategies = {
            "stride": per_axis(dims),
            "padding": per_axis(dims, st.integers(0, 2)),
            "output_padding": per_axis(dims, st.integers(0, 2)),
            "dilation": per_axis(dims),
        }
        options = {"groups": draw(mostly(st.just(groups), WRONG))} | drawn(draw, strategies)
        name = f"conv_transpose{dims}d"
        return forth_and_back(data, name, torch_stamp, (x, w, b), options=options)

    holds(call)


def test_conv_transpose_as_tensorflow():
    def call(data, draw):
        channels, filters = draw(RIGHT), draw(RIGHT)
        space, kernel = ([draw(RIGHT) for _ in "HW"] for _ in "xw")
        x = draw(anything(shapes(draw(BATCHES), channels, *space)))
        w = draw(anything(shapes(channels, filters, *kernel)))
        b = draw(st.none() | anything(shapes(filters)))
        names = st.sampled_from(["SAME", "VALID", "same", "valid"])
        strategies = {
            "stride": per_axis(2),
            "padding": mostly(names, st.sampled_from(["full", "", 0, None, (1, 1)])),
            "output_shape": st.none() | per_axis(2, st.integers(1, 7)),
            "dilation": st.just(1) | per_axis(2),
        }
        options = drawn(draw, strategies)
        return forth_and_back(data, "conv_transpose2d_tf", torch_tf, (x, w, b), options=options)

    holds(call)


def test_local_conv():
    def call(data, draw):
        channels, filters = draw(RIGHT), draw(RIGHT)
        kernel, out = ([draw(st.integers(1, 2)) for _ in "HW"] for _ in "wy")
        sizes = [k + p - 1 for k, p in zip(kernel, out, strict=True)]
        right = [
            (draw(BATCHES), channels, *sizes),
            (filters, *out, channels, *kernel),
            (filters, *out),
        ]
        x, w, b = (draw(anything(mostly(st.just(one), shapes(*one)))) for one in right)
        b = draw(st.none() | st.just(b))
        numbers = mostly(st.just(1), per_axis(2))
        strategies = {
            "stride": numbers,
            "padding": mostly(st.just(0), per_axis(2, st.integers(0, 1))),
            "dilation": numbers,
        }
        options = drawn(draw, strategies)
        return forth_and_back(data, "local_conv2d", torch_local, (x, w, b), options=options)

    holds(call)


@pytest.mark.parametrize("name", ["conv2d", "conv_transpose2d", "conv_transpose2d_tf"])
@pytest.mark.parametrize("missing", ["x", "w"])
def test_a_missing_array_is_told(name, missing):
    arrays = dict.fromkeys("xw", np.ones((1, 1, 1, 1))) | {missing: None}
    with refuses(TypeError, name, f"{missing} is missing", f"{missing}=None"):
        getattr(F, name)(**arrays)


W = np.ones((4, 3, 3, 2))


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (
            lambda: F.conv2d(W, np.ones((2, 3, 7, 6))),
            ("axis H", "covers 7 rows", "has 3", "exchange x and w, for x comes first"),
        ),
        (
            lambda: F.conv2d(np.ones((2, 7, 6, 3)), W),
            ("x has C=7 channels but w expects 3", "give x.transpose(0, 3, 1, 2)"),
        ),
        (
            lambda: F.conv3d(np.ones((2, 5, 7, 6, 3)), np.ones((4, 3, 2, 3, 2))),
            ("give x.transpose(0, 4, 1, 2, 3)",),
        ),
        (
            lambda: F.conv2d(np.ones((2, 3, 7, 6)), W, padding=(1, 1, 0, 2)),
            ("padding has 4 entries", "pairs (before, after), ((1, 1), (0, 2))"),
        ),
    ],
)
def test_habits_from_elsewhere_are_told_the_remedy(call, parts):
    with refuses(ValueError, "conv", *parts):
        call()
