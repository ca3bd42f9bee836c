"""How int, tuple, per-side and named arguments are read, and what is refused."""

import numpy as np
import pytest

from dlnotes import shapes


@pytest.mark.parametrize(
    ("value", "dims", "want"),
    [
        (3, 1, (3,)),
        (3, 3, (3, 3, 3)),
        ((2, 5), 2, (2, 5)),
        ([2, 5, 7], 3, (2, 5, 7)),
        (np.int64(4), 2, (4, 4)),
        ((np.int32(4), 1), 2, (4, 1)),
    ],
)
def test_as_tuple_reads(value, dims, want):
    got = shapes.as_tuple(value, dims, "stride")
    assert got == want
    assert all(type(entry) is int for entry in got)


@pytest.mark.parametrize(
    ("padding", "kernel", "dilation", "dims", "want"),
    [
        (2, 3, 1, 2, ((2, 2), (2, 2))),
        ((1, 2), 3, 1, 2, ((1, 1), (2, 2))),
        (((0, 1), (2, 3)), 3, 1, 2, ((0, 1), (2, 3))),
        ([[0, 1]], 3, 1, 1, ((0, 1),)),
        ("valid", 5, 1, 3, ((0, 0),) * 3),
        ("same", (3, 4), 1, 2, ((1, 1), (1, 2))),
        ("same", (3, 4), (2, 3), 2, ((2, 2), (4, 5))),
        ("half", (3, 4), 1, 2, ((1, 1), (2, 2))),
        ("half", 3, 2, 1, ((2, 2),)),
        ("full", (3, 4), (1, 2), 2, ((2, 2), (6, 6))),
    ],
)
def test_as_pads_reads(padding, kernel, dilation, dims, want):
    assert shapes.as_pads(padding, kernel, 1, dilation, dims) == want


@pytest.mark.parametrize(
    ("call", "error", "parts"),
    [
        (lambda: shapes.as_tuple(True, 2, "stride"), TypeError, ["stride=True", "bool", "int"]),
        (lambda: shapes.as_tuple(2.0, 2, "stride"), TypeError, ["stride=2.0", "float", "//"]),
        (lambda: shapes.as_tuple("2", 2, "stride"), TypeError, ["stride='2'", "str"]),
        (lambda: shapes.as_tuple(None, 2, "stride"), TypeError, ["stride=None", "NoneType"]),
        (lambda: shapes.as_tuple((1, True), 2, "stride"), TypeError, ["stride[1]=True"]),
        (lambda: shapes.as_tuple((1, 2, 3), 2, "stride"), ValueError, ["3 entries", "2 spatial"]),
        (lambda: shapes.as_tuple((1, 0), 2, "stride"), ValueError, ["stride[1]", "is 0", ">= 1"]),
        (lambda: shapes.as_pads(-1, 3, 1, 1, 2), ValueError, ["padding is -1", ">= 0"]),
        (lambda: shapes.as_pads((1, 2, 3), 3, 1, 1, 2), ValueError, ["3 entries", "2 spatial"]),
        (lambda: shapes.as_pads(((1, 2),), 3, 1, 1, 2), ValueError, ["1 pairs", "2 spatial"]),
        (lambda: shapes.as_pads((1, (2, 3)), 3, 1, 1, 2), ValueError, ["axis 0", "padding[0]=1"]),
        (lambda: shapes.as_pads(((1, 2, 3), 1), 3, 1, 1, 2), ValueError, ["(1, 2, 3)"]),
        (lambda: shapes.as_pads(((0, -2), (0, 0)), 3, 1, 1, 2), ValueError, ["padding[0] is -2"]),
        (lambda: shapes.as_pads("SAME", 3, 1, 1, 2), ValueError, ["'SAME'", "'same'", "'full'"]),
        (lambda: shapes.as_pads("same", 3, (1, 2), 1, 2), ValueError, ["(1, 2)", "same_pads_tf"]),
        (lambda: shapes.as_pads(0.5, 3, 1, 1, 2), TypeError, ["padding=0.5", "float"]),
        (lambda: shapes.as_pads(1, 3, 1, 0, 2), ValueError, ["dilation is 0"]),
    ],
)
def test_arguments_refused(call, error, parts):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value).startswith(("as_tuple: ", "as_pads: "))
    assert [part for part in parts if part not in str(caught.value)] == []


def test_messages_name_the_caller():
    with pytest.raises(ValueError, match=r"^conv2d: stride has 3 entries"):
        shapes.as_tuple((1, 2, 3), 2, "stride", caller="conv2d")
    with pytest.raises(ValueError, match=r"^conv2d, axis 1: the kernel covers 5 rows .* has 4;"):
        shapes.conv_out_nd((7, 4), (3, 5), caller="conv2d")
