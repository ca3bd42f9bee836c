"""Transposed convolution and the fifteen relationships, against PyTorch and enumeration."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

from dlnotes import shapes

SIZES = st.integers(1, 12)
KERNELS = st.integers(1, 6)
STRIDES = st.integers(1, 5)
PADS = st.integers(0, 5)
DILATIONS = st.integers(1, 3)


def test_conv_transpose_out_is_pytorchs_and_refuses_what_pytorch_refuses():
    for n, k, s, p, extra, d in np.ndindex(4, 4, 3, 4, 3, 3):
        n, k, s, d = n + 1, k + 1, s + 1, d + 1
        options = {"stride": s, "padding": p, "output_padding": extra, "dilation": d}
        x, w = torch.ones(1, 1, n), torch.ones(1, 1, k)
        try:
            want = F.conv_transpose1d(x, w, **options).shape[-1]
        except RuntimeError:
            want = 0  # PyTorch refuses it, or makes an empty output
        if want < 1:
            with pytest.raises(ValueError, match=r"^conv_transpose_out: "):
                shapes.conv_transpose_out(n, k, **options)
        else:
            assert shapes.conv_transpose_out(n, k, **options) == want


def test_conv_transpose_out_nd_takes_each_axis_by_itself():
    options = {"stride": (3, 2), "padding": (1, 0), "output_padding": (2, 1), "dilation": (1, 2)}
    want = F.conv_transpose2d(torch.ones(1, 1, 5, 7), torch.ones(1, 1, 4, 3), **options).shape[2:]
    assert shapes.conv_transpose_out_nd((5, 7), (4, 3), **options) == tuple(want)


@given(SIZES, KERNELS, STRIDES, PADS, DILATIONS)
def test_the_remainder_as_output_padding_gives_the_size_back(n, k, s, p, d):
    options = {"stride": s, "padding": p, "dilation": d}
    out = len(range(0, n + 2 * p - d * (k - 1), s))
    assume(out)
    extra = shapes.remainder(n, k, **options)
    assert shapes.conv_transpose_out(out, k, **options, output_padding=extra) == n
    assert n in shapes.conv_inputs(out, k, **options)


@given(SIZES, KERNELS, STRIDES, PADS, DILATIONS, st.data())
def test_output_uses_are_stamps_of_ones_added(n, k, s, p, d, data):
    extra = data.draw(st.integers(0, max(s, d) - 1))
    options = {"stride": s, "padding": p, "output_padding": extra, "dilation": d}
    assume((n - 1) * s + d * (k - 1) + 1 - 2 * p + extra > 0)
    want = F.conv_transpose1d(torch.ones(1, 1, n), torch.ones(1, 1, k), **options)
    assert shapes.output_uses(n, k, **options) == tuple(int(count) for count in want.flatten())


def test_catalogue_checkerboard_counts():
    for k in (3, 5):
        inside = shapes.output_uses(9, k, stride=2)[k:-k]
        assert set(inside) == {k // 2, k // 2 + 1}
    assert set(shapes.output_uses(9, 4, stride=2)[4:-4]) == {2}


def test_catalogue_transposed_size():
    assert shapes.conv_transpose_out_nd((2, 2), (4, 4), stride=3) == (7, 7)
    assert shapes.conv_transpose_out(2, 3, stride=2) == 5  # 5x5 -> 2x2 -> 5x5


@given(SIZES, KERNELS, STRIDES, DILATIONS, st.data())
def test_as_conv_gives_pytorchs_values(n, k, s, d, data):
    extra = data.draw(st.integers(0, max(s, d) - 1))
    reach = d * (k - 1) + 1
    pads = data.draw(st.tuples(*[st.integers(0, reach - 1)] * 2))
    assume((n - 1) * s + reach - sum(pads) + extra > 0)
    x, w = torch.arange(1.0, n + 1).reshape(1, 1, n), torch.arange(1.0, k + 1).reshape(1, 1, k)
    want = F.pad(F.conv_transpose1d(x, w, stride=s, dilation=d), (-pads[0], extra - pads[1]))
    got = shapes.conv_transpose_as_conv(
        n, k, stride=s, padding=pads, output_padding=extra, dilation=d
    )
    stretched = torch.zeros(1, 1, got.stretched)
    stretched[..., :: got.gap + 1] = x
    y = F.conv1d(F.pad(stretched, (got.before, got.after)), w.flip(-1), dilation=d)
    assert (got.n, got.extra, got.out) == (n, extra, y.shape[-1])
    assert torch.equal(y, want)


# ---- the relationships -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("i", "k", "p", "s", "out", "number"),
    [
        (4, 3, 0, 1, 2, 1),
        (5, 4, 2, 1, 6, 2),
        (5, 3, 0, 1, 3, 1),
        (5, 3, 1, 1, 5, 3),
        (5, 3, 2, 1, 7, 4),
        (5, 3, 0, 2, 2, 5),
        (5, 3, 1, 2, 3, 6),
        (6, 3, 1, 2, 3, 6),
    ],
)
def test_catalogue_relationships(i, k, p, s, out, number):
    assert getattr(shapes, f"relationship_{number}")(i, k, s, p) == out
    assert shapes.relationship_6(i, k, s, p) == out
    assert shapes.conv_out(i, k, stride=s, padding=p) == out


CONDITIONS = {
    1: lambda i, k, s, p: s == 1 and p == 0,
    2: lambda i, k, s, p: s == 1,
    3: lambda i, k, s, p: s == 1 and k % 2 and p == k // 2,
    4: lambda i, k, s, p: s == 1 and p == k - 1,
    5: lambda i, k, s, p: p == 0,
    6: lambda i, k, s, p: True,
    7: lambda i, k, s, p: p == 0,
    8: lambda i, k, s, p: s == 1 and p == 0,
    9: lambda i, k, s, p: s == 1 and p < k,
    10: lambda i, k, s, p: s == 1 and k % 2 and p == k // 2,
    11: lambda i, k, s, p: s == 1 and p == k - 1,
    12: lambda i, k, s, p: p == 0 and (i - k) % s == 0,
    13: lambda i, k, s, p: p < k and (i + 2 * p - k) % s == 0,
    14: lambda i, k, s, p: p < k,
}
# a, p' and o' as the guide writes them; i' is the forward output size
TRANSPOSES = {
    8: lambda i_, k, s, p, a: (k - 1, i_ + (k - 1)),
    9: lambda i_, k, s, p, a: (k - p - 1, i_ + (k - 1) - 2 * p),
    10: lambda i_, k, s, p, a: (p, i_),
    11: lambda i_, k, s, p, a: (0, i_ - (k - 1)),
    12: lambda i_, k, s, p, a: (k - 1, s * (i_ - 1) + k),
    13: lambda i_, k, s, p, a: (k - p - 1, s * (i_ - 1) + k - 2 * p),
    14: lambda i_, k, s, p, a: (k - p - 1, s * (i_ - 1) + a + k - 2 * p),
}


@pytest.mark.parametrize("number", CONDITIONS)
def test_relationships_hold_where_they_should_and_refuse_elsewhere(number):
    function, held, refused = getattr(shapes, f"relationship_{number}"), 0, 0
    for i, k, s, p in np.ndindex(9, 5, 4, 6):
        i, k, s = i + 1, k + 1, s + 1
        out = len(range(0, i + 2 * p - k + 1, s))
        if not out:
            continue
        if not CONDITIONS[number](i, k, s, p):
            refused += 1
            words = f"^relationship_{number}: .* i={i}, k={k}, s={s}, p"
            with pytest.raises(ValueError, match=words):
                function(i, k, s, p)
            continue
        held += 1
        if number < 8:
            assert function(i, k, s, p) == out
        else:
            spare = i + 2 * p - (s * (out - 1) + k)  # rows behind the last window
            pad, size = TRANSPOSES[number](out, k, s, p, spare)
            stretched = len(range(s * (out - 1) + 1))
            want = shapes.AsConv(out, s - 1, stretched, pad, pad + spare, spare, i)
            assert size == i
            assert function(i, k, s, p) == want
    assert held > 20
    assert refused > 20 or number == 6


@given(st.integers(1, 20), KERNELS, STRIDES, PADS, DILATIONS)
def test_relationship_15_counts_windows(i, k, s, p, d):
    out = len(range(0, i + 2 * p - d * (k - 1), s))
    assume(out)
    assert shapes.relationship_15(i, k, s, p, d) == out


def test_figures_of_the_guide():
    assert [shapes.relationship_8(4, 3).n, shapes.relationship_8(4, 3).out] == [2, 4]
    assert [shapes.relationship_9(5, 4, p=2).n, shapes.relationship_9(5, 4, p=2).out] == [6, 5]
    assert [shapes.relationship_10(5, 3).n, shapes.relationship_11(5, 3).n] == [5, 7]
    assert shapes.relationship_12(5, 3, 2) == shapes.AsConv(2, 1, 3, 2, 2, 0, 5)
    assert shapes.relationship_13(5, 3, 2, 1) == shapes.AsConv(3, 1, 5, 1, 1, 0, 5)
    assert shapes.relationship_14(6, 3, 2, 1) == shapes.AsConv(3, 1, 5, 1, 2, 1, 6)
    assert shapes.relationship_15(7, 3, 1, 0, 2) == 3


@pytest.mark.parametrize("number", range(1, 16))
def test_relationships_name_themselves_and_have_defaults_that_hold(number):
    function = getattr(shapes, f"relationship_{number}")
    general = {5: (1,), 6: (1, 0), 7: (1,), 12: (1,), 13: (1, 0), 14: (1, 0), 15: (1, 0, 1)}
    rest = general.get(number, ())
    assert function(9, 3, *rest) == function(
        9, 3, 1, {3: 1, 4: 2, 10: 1, 11: 2}.get(number, 0), *rest[2:]
    )
    with pytest.raises(ValueError, match=rf"^relationship_{number}: i is 0") as caught:
        function(0, 3, *rest)
    assert "i >= 1" in str(caught.value)


def test_padding_left_out_is_the_one_that_the_relationship_names():
    assert [shapes.relationship_3(9, k) for k in (1, 3, 5, 11)] == [9, 9, 9, 9]
    assert [shapes.relationship_4(9, k) for k in (1, 3, 5, 11)] == [9, 11, 13, 19]
    assert [shapes.relationship_10(9, k).before for k in (1, 3, 5)] == [0, 1, 2]
    assert [shapes.relationship_11(9, k).before for k in (1, 3, 5)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: shapes.conv_transpose_out(2, 3, stride=2, output_padding=2),
            ValueError,
            ["output_padding=2 is not below max(stride, dilation) = 2", "output_padding <= 1"],
        ),
        (
            lambda: shapes.conv_transpose_out(1, 3, padding=2),
            ValueError,
            ["would have -1 rows", "padding=(2, 2)", "use 2 rows less"],
        ),
        (lambda: shapes.conv_transpose_out(2, 3, output_padding=True), TypeError, ["bool"]),
        (
            lambda: shapes.conv_transpose_out_nd((2, 3), 3, stride=2, output_padding=(0, 2)),
            ValueError,
            ["conv_transpose_out_nd, axis 1: output_padding=2"],
        ),
        (
            lambda: shapes.conv_transpose_as_conv(9, 3, padding=(0, 3)),
            ValueError,
            ["padding 3", "less one, 2", "use padding <= 2"],
        ),
        (lambda: shapes.relationship_1(5, 3, 2), ValueError, ["s = 1 only", "relationship_6"]),
        (lambda: shapes.relationship_3(5, 4), ValueError, ["k odd only", "k=4, s=1, p=2"]),
        (
            lambda: shapes.relationship_13(6, 3, 2, 1),
            ValueError,
            ["i + 2p - k a multiple of s only", "i=6, k=3, s=2, p=1", "relationship_14"],
        ),
        (lambda: shapes.relationship_14(6, 3, 2, 3), ValueError, ["p <= k - 1", "use p <= 2"]),
        (lambda: shapes.relationship_6(5, 3, 1, None), TypeError, ["p=None"]),
        (lambda: shapes.relationship_6(5, 3, 1, (1, 2)), TypeError, ["p=(1, 2)"]),
        (lambda: shapes.relationship_5(2, 3, 1), ValueError, ["covers 3 rows", "has 2"]),
    ],
)
def test_refused(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    assert [part for part in parts if part not in str(caught.value)] == []
