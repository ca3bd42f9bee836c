"""TensorFlow's and Keras's sizes against a record made by TensorFlow and Keras themselves."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from dlnotes import shapes

RECORD = json.loads((Path(__file__).parent / "golden" / "tensorflow_sizes.json").read_text())
SIZES = st.integers(1, 40)
KERNELS = st.integers(1, 7)
STRIDES = st.integers(1, 6)
DILATIONS = st.integers(1, 4)


def test_the_record_is_there():
    assert {name: len(rows) > 100 or rows for name, rows in RECORD.items()} == {
        "made_with": "tensorflow 2.21.0, keras 3.15.1",
        **dict.fromkeys(["conv", "pool", "keras"], True),
        "transpose": RECORD["transpose"],
    }
    assert len(RECORD["transpose"]) == 90


def test_conv_out_tf_is_tensorflows():
    for n, k, s, d, same, valid in RECORD["conv"]:
        out, before, after = same
        assert shapes.conv_out_tf(n, k, stride=s, dilation=d, padding="SAME") == out
        pads = shapes.same_padding_tf(n, k, s, d)
        assert pads.out == out
        if before is not None:  # None: in the record no kernel entry met the input
            assert (pads.before, pads.after) == (max(before, 0), max(after, 0))
        if valid is None:
            with pytest.raises(ValueError, match=f"covers {d * (k - 1) + 1} rows .* has {n};"):
                shapes.conv_out_tf(n, k, stride=s, dilation=d)
        else:
            assert shapes.conv_out_tf(n, k, stride=s, dilation=d) == valid[0]


def test_pool_out_tf_is_tensorflows():
    for n, k, s, same, valid in RECORD["pool"]:
        assert shapes.pool_out_tf(n, k, stride=s, padding="same") == same
        if valid is not None:
            assert shapes.pool_out_tf(n, k, stride=s, padding="valid") == valid


@given(SIZES, KERNELS, STRIDES, DILATIONS)
def test_same_is_the_least_padding_for_its_windows(n, k, s, d):
    reach = d * (k - 1) + 1
    out = len(range(0, n, s))
    least = next(zeros for zeros in range(reach) if len(range(0, n + zeros - reach + 1, s)) >= out)
    want = shapes.SamePadding(before=least // 2, after=least - least // 2, out=out)
    assert shapes.same_padding_tf(n, k, s, d) == want
    pads = ((want.before, want.after),)
    assert shapes.same_pads_tf((n,), k, s, d) == pads
    if n + least >= reach:
        assert shapes.conv_out(n, k, stride=s, padding=pads, dilation=d) == out


def test_catalogue_tf_valid_same():
    assert shapes.conv_out_tf(13, 6, stride=5, padding="same") == 3
    assert shapes.pool_out_tf(13, 6, stride=5, padding="same") == 3


def test_catalogue_dqn_sizes():
    sizes = [80]
    sizes.append(shapes.conv_out_tf(sizes[-1], 8, stride=4, padding="same"))
    sizes.append(shapes.pool_out_tf(sizes[-1], 2, padding="same"))
    sizes.append(shapes.conv_out_tf(sizes[-1], 4, stride=2, padding="same"))
    sizes.append(shapes.conv_out_tf(sizes[-1], 3, padding="same"))
    assert sizes == [80, 20, 10, 5, 5]
    assert sizes[-1] ** 2 * 64 == 1600


def test_catalogue_conv2d_call_sizes():
    assert [shapes.conv_out_tf(n, 3, stride=2, padding="same") for n in (32, 5)] == [16, 3]


def test_keras_conv_transpose_out_is_kerass():
    for n, k, s, d, padding, extra, want in RECORD["keras"]:
        options = {"stride": s, "dilation": d, "padding": padding, "output_padding": extra}
        if want is None or want < 1:
            with pytest.raises(ValueError, match=r"^keras_conv_transpose_out: "):
                shapes.keras_conv_transpose_out(n, k, **options)
        else:
            assert shapes.keras_conv_transpose_out(n, k, **options) == want


def test_catalogue_keras_output_padding():
    """The formula (i-1)*s + k - 2p + op, and None, which is not 0."""
    same = {"stride": 2, "padding": "same"}
    assert shapes.keras_conv_transpose_out(2, 3, **same) == 4
    assert shapes.keras_conv_transpose_out(2, 3, **same, output_padding=0) == 3
    for n in range(1, 8):
        for extra in (0, 1, 2):
            got = shapes.keras_conv_transpose_out(
                n, 5, stride=3, padding="same", output_padding=extra
            )
            assert got == (n - 1) * 3 + 5 - 2 * 2 + extra


def test_catalogue_vae_sizes():
    sizes = [1]
    for kernel in (5, 5, 6, 6):
        sizes.append(shapes.keras_conv_transpose_out(sizes[-1], kernel, stride=2))
    assert sizes == [1, 5, 13, 30, 64]


def test_legal_output_shapes_are_tensorflows_and_so_are_the_values():
    for n, k, s, padding, accepted in RECORD["transpose"]:
        legal = shapes.tf_conv_transpose_legal(n, k, stride=s, padding=padding)
        assert legal == tuple(sorted(int(out) for out in accepted))
        x = torch.arange(1.0, n + 1).reshape(1, 1, n)
        w = torch.arange(1.0, k + 1).reshape(1, 1, k)
        for out in legal:
            pads = shapes.tf_conv_transpose_pads(n, k, out, stride=s, padding=padding)
            whole = F.pad(F.conv_transpose1d(x, w, stride=s), (0, pads.output_padding)).flatten()
            y = whole[pads.before : len(whole) - pads.after]
            assert y.int().tolist() == accepted[str(out)]


def test_catalogue_transposed_ambiguity():
    assert shapes.tf_conv_transpose_legal(2, 3, stride=2, padding="SAME") == (3, 4)
    assert shapes.tf_conv_transpose_legal(2, 3, stride=2, padding="VALID") == (5, 6)
    pads = shapes.tf_conv_transpose_pads(2, 3, 4, stride=2, padding="SAME")
    x = torch.tensor([[1.0, 1], [2, 2]]).reshape(1, 1, 2, 2)
    whole = F.conv_transpose2d(x, torch.ones(1, 1, 3, 3), stride=2)
    assert pads.output_padding == 0
    y = whole[0, 0, pads.before : 5 - pads.after, pads.before : 5 - pads.after]
    assert y.int().tolist() == [[1, 1, 2, 1], [1, 1, 2, 1], [3, 3, 6, 3], [2, 2, 4, 2]]
    theirs = F.conv_transpose2d(x, torch.ones(1, 1, 3, 3), stride=2, padding=1, output_padding=1)
    assert theirs.shape[2:] == (4, 4)
    assert not torch.equal(theirs[0, 0], y)


@given(st.integers(1, 12), KERNELS, STRIDES, DILATIONS, st.sampled_from(["same", "valid"]))
def test_legal_sizes_are_those_that_the_forward_convolution_maps_back(n, k, s, d, padding):
    reach = d * (k - 1) + 1
    room = 0 if padding == "same" else reach - 1
    want = tuple(out for out in range(1, 200) if len(range(0, out - room, s)) == n)
    options = {"stride": s, "padding": padding, "dilation": d}
    assert shapes.tf_conv_transpose_legal(n, k, **options) == want
    for out in want:
        pads = shapes.tf_conv_transpose_pads(n, k, out, **options)
        back = (n - 1) * s + reach - pads.before - pads.after + pads.output_padding
        assert back == out
        assert 0 <= pads.output_padding < s


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (
            lambda: shapes.tf_conv_transpose_pads(2, 3, 5, stride=2, padding="SAME"),
            ValueError,
            ["of 5 rows does not give 2", "n=2, k=3, out=5, stride=2", "use out in (3, 4)"],
        ),
        (
            lambda: shapes.keras_conv_transpose_out(2, 3, stride=2, output_padding=2),
            ValueError,
            ["output_padding=2 is not below stride = 2", "output_padding <= 1"],
        ),
        (
            lambda: shapes.keras_conv_transpose_out(2, 3, stride=2, dilation=3),
            ValueError,
            ["stride=2 with dilation=3", "set stride=1 or dilation=1"],
        ),
        (lambda: shapes.conv_out_tf(7, 3, padding="full"), ValueError, ["'full'", "'same'"]),
        (lambda: shapes.conv_out_tf(7, 3, padding=1), ValueError, ["padding=1", "'valid'"]),
        (lambda: shapes.conv_out_tf(7.5, 3), TypeError, ["n=7.5", "float"]),
        (lambda: shapes.pool_out_tf(2, 3), ValueError, ["covers 3 rows", "has 2", "1 more rows"]),
        (lambda: shapes.same_padding_tf(0, 3), ValueError, ["n is 0"]),
        (lambda: shapes.same_pads_tf((5, 5), (3, 3, 3)), ValueError, ["3 entries", "2 spatial"]),
        (lambda: shapes.tf_conv_transpose_legal(2, True), TypeError, ["k=True", "bool"]),
    ],
)
def test_refused(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    assert [part for part in parts if part not in str(caught.value)] == []
