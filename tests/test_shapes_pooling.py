"""Pooling windows and receptive fields, against PyTorch and by marking arrays."""

from fractions import Fraction

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlnotes import shapes

INF = float("inf")
KERNELS = st.integers(1, 4)
LAYERS = st.lists(
    st.tuples(KERNELS, st.integers(1, 3), st.integers(0, 2), st.integers(1, 3)), max_size=4
)


def seen_by_pooling(n, **options):
    """First and last input row of each window, as PyTorch's max-pooling reveals them."""
    rows = torch.arange(float(n)).reshape(1, 1, n)
    last = F.max_pool1d(rows, **options).flatten().tolist()
    first = (-F.max_pool1d(-rows, **options)).flatten().tolist()
    return list(zip(first, last, strict=True))


def test_pool_out_is_pytorchs_and_refuses_what_pytorch_refuses():
    for n, k, s, p, d, ceil_mode in np.ndindex(9, 4, 4, 4, 2, 2):
        n, k, s, d = n + 1, k + 1, s + 1, d + 1
        options = {"stride": s, "padding": p, "dilation": d, "ceil_mode": bool(ceil_mode)}
        try:
            want = seen_by_pooling(n, kernel_size=k, **options)
        except RuntimeError:
            with pytest.raises(ValueError, match=r"^pool_out: "):
                shapes.pool_out(n, k, **options)
            continue
        assert shapes.pool_out(n, k, **options) == len(want)
        inside = [[row for row in w if 0 <= row < n] for w in shapes.pool_windows(n, k, **options)]
        # a dilated window can step over a short input: PyTorch's maximum is then -infinity
        assert [(min(w, default=INF), max(w, default=-INF)) for w in inside] == want


def test_stride_left_out_is_the_window():
    for n, k in ((28, 2), (13, 3), (7, 7)):
        assert shapes.pool_out(n, k) == F.max_pool1d(torch.ones(1, 1, n), k).shape[-1]
    assert shapes.pool_out_nd((28, 13), (2, 3)) == (14, 4)


def test_pool_out_nd_takes_each_axis_by_itself():
    options = {"stride": (2, 3), "padding": (1, 0), "dilation": (1, 2), "ceil_mode": True}
    want = F.max_pool2d(torch.ones(1, 1, 11, 13), (3, 2), **options).shape[2:]
    assert shapes.pool_out_nd((11, 13), (3, 2), **options) == tuple(want)


def test_catalogue_pool_output_size():
    """The ceiling that the note lost: 14 for 28, not 13; 4 words and size 2 leave 3."""
    assert shapes.pool_out(28, 2) == 14
    assert (28 - 2 + 1) // 2 == 13
    assert shapes.pool_out(4, 2, stride=1) == 3
    assert shapes.pool_out_nd((20, 20), 10) == (2, 2)
    for n, k, s in np.ndindex(20, 5, 4):
        n, k, s = n + 5, k + 1, s + 1
        assert shapes.pool_out(n, k, stride=s) == int(np.ceil((n - k + 1) / s))


@given(st.integers(1, 30), st.integers(1, 30))
def test_adaptive_windows_are_pytorchs_and_cover_everything(n, out):
    rows = torch.arange(float(n)).reshape(1, 1, n)
    last = F.adaptive_max_pool1d(rows, out).flatten().int().tolist()
    first = (-F.adaptive_max_pool1d(-rows, out)).flatten().int().tolist()
    windows = shapes.adaptive_windows(n, out)
    assert [(w[0], w[-1]) for w in windows] == list(zip(first, last, strict=True))
    assert {row for window in windows for row in window} == set(range(n))


def test_catalogue_spp():
    at_13 = [shapes.pyramid_window(13, bins) for bins in (3, 2, 1)]
    assert [(w.size, w.stride) for w in at_13] == [(5, 4), (7, 6), (13, 13)]
    assert shapes.pyramid_window(14, 4) == shapes.PyramidWindow(4, 3, out=4, covered=13)
    assert shapes.pyramid_window(14, 3) == shapes.PyramidWindow(5, 4, out=3, covered=13)
    assert [shapes.pyramid_window(14, bins).covered for bins in (1, 2)] == [14, 14]
    assert shapes.pyramid_length((1, 2, 4), channels=256) == 21 * 256
    assert shapes.pyramid_length((1, 2, 3)) == 14


@given(st.tuples(st.integers(1, 40), st.integers(1, 40)))
def test_pyramid_window_says_what_the_pooling_does(pair):
    bins, n = sorted(pair)
    got = shapes.pyramid_window(n, bins)
    seen = seen_by_pooling(n, kernel_size=got.size, stride=got.stride)
    assert got.out == len(seen) >= bins
    assert got.covered == len({row for a, b in seen for row in range(int(a), int(b) + 1)})


# ---- receptive fields --------------------------------------------------------------------------


def run(x, layers):
    """Pass x through convolutions with kernels of ones."""
    for k, s, p, d in layers:
        x = F.conv1d(F.pad(x, (p, p)), torch.ones(1, 1, k, dtype=x.dtype), stride=s, dilation=d)
    return x


@given(LAYERS)
def test_receptive_field_is_where_the_gradient_is(layers):
    got = shapes.receptive_field(layers)
    n = 3 * got.size + 3 * got.jump - 3 * got.start  # enough rows for three whole fields
    skip = -(got.start // got.jump)  # the first output whose field has no padding in it
    x = torch.ones(1, 1, n, dtype=torch.float64, requires_grad=True)
    y = run(x, layers).flatten()
    for j in (skip, skip + 1):
        (gradient,) = torch.autograd.grad(y[j], x, retain_graph=True)
        rows = gradient.flatten().nonzero().flatten().tolist()
        assert (rows[0], rows[-1] + 1) == (got.field(j).start, got.field(j).stop)


@given(LAYERS)
def test_the_centre_is_the_middle_and_steps_are_equal(layers):
    got = shapes.receptive_field(layers)
    first, second = got.field(0), got.field(1)
    assert got.centre == Fraction(sum(first), len(first))
    assert second.start - first.start == got.jump == int(np.prod([row[1] for row in layers]))


def test_per_side_and_named_paddings_move_the_start():
    fields = shapes.receptive_fields([shapes.Layer(5, padding=(3, 1)), (4, 1, "same"), (3,)])
    assert [(field.size, field.start) for field in fields] == [(1, 0), (5, -3), (8, -4), (10, -4)]


def test_known_stacks():
    """Two 3x3 see what one 5x5 sees; VGG16's last pooling sees 212 pixels and moves by 32."""
    assert shapes.receptive_field([(3,), (3,)]).size == shapes.receptive_field([(5,)]).size == 5
    assert shapes.receptive_field([(3,)] * 4).size == 9
    conv, pool = (3, 1, 1), (2, 2)
    vgg16 = [conv, conv, pool] * 2 + [conv, conv, conv, pool] * 3
    got = shapes.receptive_field(vgg16)
    assert (got.size, got.jump) == (212, 32)


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: shapes.pool_out(8, 3, padding=2),
            ValueError,
            ["pool_out: padding 2", "3 // 2 = 1", "n=8, k=3, stride=3", "padding <= 1"],
        ),
        (lambda: shapes.pool_out(8, 3, padding=(0, 2)), ValueError, ["padding 2", "(0, 2)"]),
        (lambda: shapes.pool_out(2, 3), ValueError, ["covers 3 rows", "has 2", "at most 2"]),
        (lambda: shapes.pool_out(7, 2, stride=0), ValueError, ["stride is 0"]),
        (lambda: shapes.pool_out(7, 2.0), TypeError, ["k=2.0"]),
        (
            lambda: shapes.pool_out_nd((8, 2), 3),
            ValueError,
            ["pool_out_nd, axis 1: the window covers 3 rows"],
        ),
        (lambda: shapes.pool_out_nd((8, 8), 3, padding=(1, 2)), ValueError, ["axis 1: padding 2"]),
        (lambda: shapes.adaptive_windows(0, 3), ValueError, ["n is 0"]),
        (lambda: shapes.adaptive_windows(3, True), TypeError, ["out=True"]),
        (
            lambda: shapes.pyramid_window(3, 4),
            ValueError,
            ["3 // 4 = 0", "n=3, bins=4", "bins <= 3", "adaptive_windows"],
        ),
        (lambda: shapes.pyramid_length((1, 0)), ValueError, ["levels[1] is 0"]),
        (lambda: shapes.receptive_field([(3,), 3]), TypeError, ["layer 2", "got 3"]),
        (lambda: shapes.receptive_field([()]), TypeError, ["layer 1", "1 to 4 numbers"]),
        (lambda: shapes.receptive_field([(3, -1)]), ValueError, ["layer 1: stride is -1"]),
        (lambda: shapes.receptive_field([(3,)]).field(-1), ValueError, ["j is -1"]),
    ],
)
def test_refused(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    assert [part for part in parts if part not in str(caught.value)] == []
