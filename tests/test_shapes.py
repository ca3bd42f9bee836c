"""Convolution sizes against enumeration and PyTorch; the expected values never come from shapes."""

import inspect
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlnotes import shapes

SIZES = st.integers(1, 40)
KERNELS = st.integers(1, 7)
STRIDES = st.integers(1, 6)
PADS = st.integers(0, 5)
DILATIONS = st.integers(1, 4)
GEOMETRY = st.tuples(SIZES, KERNELS, STRIDES, st.tuples(PADS, PADS), DILATIONS)


def starts(n, k, s, pads, d):
    """First row of every window, in padded rows: the definition that formulas are held to."""
    return range(0, n + sum(pads) - d * (k - 1), s)


def fitting(geometry):
    return len(starts(*geometry)) > 0


FITS = GEOMETRY.filter(fitting)
FEW = st.integers(0, 1)
MISFITS = st.tuples(st.integers(1, 3), st.integers(6, 9), STRIDES, st.tuples(FEW, FEW), DILATIONS)


def options(geometry):
    n, k, s, pads, d = geometry
    return (n, k), {"stride": s, "padding": pads, "dilation": d}


@given(FITS)
def test_conv_out_counts_windows(geometry):
    args, options_ = options(geometry)
    assert shapes.conv_out(*args, **options_) == len(starts(*geometry))
    assert shapes.remainder(*args, **options_) == (
        geometry[0]
        + sum(geometry[3])
        - (starts(*geometry)[-1] + (geometry[1] - 1) * geometry[4] + 1)
    )


@given(MISFITS)
def test_a_kernel_that_does_not_fit_is_refused(geometry):
    args, options_ = options(geometry)
    n, k, _, pads, d = geometry
    lacking = d * (k - 1) + 1 - n - sum(pads)
    with pytest.raises(ValueError, match=f"use {lacking} more rows of padding"):
        shapes.conv_out(*args, **options_)
    options_["padding"] = (pads[0], pads[1] + lacking)  # the remedy
    assert shapes.conv_out(*args, **options_) == 1


def test_conv_out_is_pytorchs_and_refuses_what_pytorch_refuses():
    for n, k, s, p, d in np.ndindex(8, 4, 3, 3, 2):
        n, k, s, d = n + 1, k + 1, s + 1, d + 1
        try:
            want = F.conv1d(torch.ones(1, 1, n), torch.ones(1, 1, k), None, s, p, d).shape[-1]
        except RuntimeError:
            with pytest.raises(ValueError, match="kernel covers"):
                shapes.conv_out(n, k, stride=s, padding=p, dilation=d)
        else:
            assert shapes.conv_out(n, k, stride=s, padding=p, dilation=d) == want


@given(SIZES, KERNELS, DILATIONS)
def test_named_paddings(n, k, d):
    reach = len(range(d * (k - 1) + 1))
    assert shapes.conv_out(n, k, padding="same", dilation=d) == n
    assert shapes.conv_out(n, k, padding="full", dilation=d) == n + reach - 1
    assert shapes.conv_out(n, k, padding="half", dilation=d) == n + (reach % 2 == 0)
    if reach <= n:
        assert shapes.conv_out(n, k, padding="valid", dilation=d) == n - reach + 1
    assert shapes.effective_kernel(k, d) == reach


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_same_puts_zeros_where_pytorch_does(k, dilation):
    x, w = torch.arange(1.0, 8.0).reshape(1, 1, 7), torch.arange(1.0, k + 1).reshape(1, 1, k)
    ((before, after),) = shapes.as_pads("same", k, 1, dilation, 1)
    ours = F.conv1d(F.pad(x, (before, after)), w, dilation=dilation)
    assert torch.equal(ours, F.conv1d(x, w, padding="same", dilation=dilation))


def test_full_same_valid_of_the_catalogue():
    assert shapes.conv_out_nd((2, 2), 3, padding="full") == (4, 4)
    sizes = {name: shapes.conv_out(9, 4, padding=name) for name in ("full", "same", "valid")}
    assert sizes == {name: np.convolve(np.ones(9), np.ones(4), name).size for name in sizes}


@given(FITS)
def test_windows_are_those_enumerated(geometry):
    args, options_ = options(geometry)
    _, k, _, (before, _), d = geometry
    want = [[start - before + t * d for t in range(k)] for start in starts(*geometry)]
    assert [list(window) for window in shapes.conv_windows(*args, **options_)] == want


@given(FITS)
def test_uses_are_the_gradient_of_a_sum(geometry):
    n, k, s, pads, d = geometry
    x = torch.ones(1, 1, n, requires_grad=True)
    F.conv1d(F.pad(x, pads), torch.ones(1, 1, k), stride=s, dilation=d).sum().backward()
    want = tuple(int(count) for count in x.grad.flatten())
    args, options_ = options(geometry)
    assert shapes.input_uses(*args, **options_) == want
    unused = tuple(row for row in range(n) if want[row] == 0)
    assert shapes.unused_rows(*args, **options_) == unused


@given(SIZES, KERNELS)
def test_narrow_and_wide(n, k):
    assert shapes.input_uses(n, k, padding="full") == (k,) * n
    if k <= n:
        narrow = tuple(min(row + 1, n - row, k, n - k + 1) for row in range(n))
        assert shapes.input_uses(n, k) == narrow


@given(st.integers(1, 9), KERNELS, STRIDES, st.tuples(PADS, PADS), DILATIONS)
def test_conv_inputs_are_all_sizes_that_give_the_output(out, k, s, pads, d):
    found = tuple(n for n in range(1, 100) if len(starts(n, k, s, pads, d)) == out)
    if found:
        assert shapes.conv_inputs(out, k, stride=s, padding=pads, dilation=d) == found
    else:
        least = len(starts(1, k, s, pads, d))
        with pytest.raises(ValueError, match=f"out={out}.* gives {least};.*out >= {least}"):
            shapes.conv_inputs(out, k, stride=s, padding=pads, dilation=d)


@given(FITS)
def test_whole_size_finds_the_nearest_that_fit(geometry):
    n, k, s, (before, after), d = geometry
    args, options_ = options(geometry)
    reach = d * (k - 1) + 1

    def even(size=n, pads=before + after, step=s):
        room = size + pads - reach
        return size > 0 and room >= 0 and room % step == 0

    got = shapes.whole_size(*args, **options_)
    assert got.floor == len(starts(*geometry))
    below = [size for size in range(n - s, n + 1) if even(size)][-1:]
    above = [size for size in range(n, n + s + 1) if even(size)][:1]
    assert got.sizes == tuple(sorted({*below, *above}))
    more = next(extra for extra in range(s) if even(pads=before + after + extra))
    assert got.padding == (before + more // 2, after + more - more // 2)
    room = n + before + after - reach
    assert got.strides == (tuple(t for t in range(1, room + 1) if even(step=t)) or (s,))


@given(FITS)
def test_strict_refuses_a_remainder_and_its_remedies_work(geometry):
    args, options_ = options(geometry)
    n, k, s, pads, d = geometry
    room = n + sum(pads) - d * (k - 1) - 1
    if room % s == 0:
        assert shapes.conv_out(*args, **options_, strict=True) == len(starts(*geometry))
        return
    with pytest.raises(ValueError, match=f"^conv_out: .* = {room} is not a multiple of") as caught:
        shapes.conv_out(*args, **options_, strict=True)
    message = str(caught.value)
    assert f"n={n}, k={k}, stride={s}, padding={pads}, dilation={d}" in message
    found = re.search(
        r"floor (\d+) .*input of ([\d or]+), padding=\((\d+), (\d+)\) or stride=([\d or]+)$",
        message,
    )
    assert int(found[1]) == len(starts(*geometry))
    for size in map(int, found[2].split(" or ")):
        shapes.conv_out(size, k, **options_, strict=True)
    shapes.conv_out(n, k, **(options_ | {"padding": (int(found[3]), int(found[4]))}), strict=True)
    for stride in map(int, found[5].split(" or ")):
        shapes.conv_out(n, k, **(options_ | {"stride": stride}), strict=True)


def test_conv_out_nd_takes_each_axis_by_itself():
    got = shapes.conv_out_nd(
        (11, 13, 17),
        (3, 2, 5),
        stride=(1, 2, 3),
        padding=((0, 1), (2, 0), (3, 3)),
        dilation=(2, 1, 1),
    )
    want = F.conv3d(
        F.pad(torch.ones(1, 1, 11, 13, 17), (3, 3, 2, 0, 0, 1)),
        torch.ones(1, 1, 3, 2, 5),
        stride=(1, 2, 3),
        dilation=(2, 1, 1),
    )
    assert got == tuple(want.shape[2:])


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: shapes.conv_out(True, 3), TypeError, ["n=True", "bool"]),
        (lambda: shapes.conv_out(7.0, 3), TypeError, ["n=7.0", "float"]),
        (lambda: shapes.conv_out(0, 3), ValueError, ["n is 0", "n >= 1"]),
        (lambda: shapes.conv_out(7, -3), ValueError, ["k is -3", "k >= 1"]),
        (lambda: shapes.conv_out(7, 3, stride=0), ValueError, ["stride is 0"]),
        (lambda: shapes.conv_out(7, 3, padding=(1, -1)), ValueError, ["padding[0] is -1"]),
        (lambda: shapes.conv_out(7, 3, padding=(1, 1, 1)), ValueError, ["3 entries", "1 spatial"]),
        (lambda: shapes.conv_out(7, 3, dilation=False), TypeError, ["dilation=False"]),
        (
            lambda: shapes.conv_out(4, 3, dilation=2),
            ValueError,
            ["covers 5 rows", "has 4", "1 more"],
        ),
        (lambda: shapes.conv_out(32, 3, stride=2, padding="same"), ValueError, ["stride=2"]),
    ],
)
def test_conv_out_refuses(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith("conv_out: ")
    assert [part for part in parts if part not in str(caught.value)] == []


def test_options_left_out_are_pytorchs():
    neutral = {"stride": 1, "padding": 0, "dilation": 1, "output_padding": 0, "ceil_mode": False}
    checked = 0
    for function in (getattr(shapes, name) for name in shapes.__all__ if name[0].islower()):
        for name, option in inspect.signature(function).parameters.items():
            # a pooling's stride is None, Keras's output_padding too; TensorFlow's padding is a word
            if name in neutral and not isinstance(option.default, type | str | None):
                assert option.default == neutral[name], (function.__name__, name)
                checked += 1
    assert checked > 40
