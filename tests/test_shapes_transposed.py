"""Transposed convolution and the six relationships, against PyTorch and enumeration."""

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
        assert function(i, k, s, p) == out
    assert held > 20
    assert refused > 20 or number == 6


@pytest.mark.parametrize("number", CONDITIONS)
def test_relationships_name_themselves_and_have_defaults_that_hold(number):
    function = getattr(shapes, f"relationship_{number}")
    rest = {5: (1,), 6: (1, 0)}.get(number, ())
    assert function(9, 3, *rest) == function(9, 3, 1, {3: 1, 4: 2}.get(number, 0))
    with pytest.raises(ValueError, match=rf"^relationship_{number}: i is 0") as caught:
        function(0, 3, *rest)
    assert "i >= 1" in str(caught.value)


def test_padding_left_out_is_the_one_that_the_relationship_names():
    assert [shapes.relationship_3(9, k) for k in (1, 3, 5, 11)] == [9, 9, 9, 9]
    assert [shapes.relationship_4(9, k) for k in (1, 3, 5, 11)] == [9, 11, 13, 19]


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
        (lambda: shapes.relationship_6(5, 3, 1, None), TypeError, ["p=None"]),
        (lambda: shapes.relationship_6(5, 3, 1, (1, 2)), TypeError, ["p=(1, 2)"]),
        (lambda: shapes.relationship_5(2, 3, 1), ValueError, ["covers 3 rows", "has 2"]),
    ],
)
def test_refused(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    assert [part for part in parts if part not in str(caught.value)] == []
