"""`dlnotes shape` against PyTorch, TensorFlow's rule and Keras's."""

import re

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from dlnotes import shapes
from test_cli_summary import dlnotes


def told(*words):
    """The sizes in the first line, and the lines below."""
    first, *lines = dlnotes("shape", *words).splitlines()
    sizes = re.fullmatch(r"\w+: [\d×]+ → ([\d×]+)", first)[1]
    return tuple(map(int, sizes.split("×"))), lines


@settings(max_examples=15)
@given(
    st.tuples(st.integers(7, 30), st.integers(7, 30)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.integers(1, 3),
    st.integers(0, 2),
    st.integers(1, 2),
)
def test_conv_against_pytorch(n, k, s, p, d):
    x, w = torch.zeros(1, 1, *n), torch.zeros(1, 1, *k)
    options = ("--stride", s, "--padding", p, "--dilation", d)
    sizes = ("--in", f"{n[0]}x{n[1]}", "--kernel", f"{k[0]}x{k[1]}")
    got, lines = told("conv", *sizes, *options)
    assert got == tuple(F.conv2d(x, w, stride=s, padding=p, dilation=d).shape[2:])
    for line in lines:  # the formula holds as it is written
        formula = re.match(r"⌊\((\d+) \+ (\d+) \+ (\d+) − (\d+)\)/(\d+)⌋ \+ 1 = (\d+)", line)
        size, before, after, reach, step, out = map(int, formula.groups())
        assert (size + before + after - reach) // step + 1 == out
    options = ("--stride", s, "--padding", p, "--dilation", d, "--output-padding", s - 1)
    want = F.conv_transpose2d(x, w, stride=s, padding=p, output_padding=max(s, d) - 1, dilation=d)
    if s >= d and min(want.shape) > 0:
        assert told("transposed", *sizes, *options)[0] == tuple(want.shape[2:])


def test_the_issue_s_example():
    got, lines = told("conv", "--in", 224, "--kernel", 7, "--stride", 2, "--padding", 3)
    assert got == (112,)
    assert lines == ["⌊(224 + 3 + 3 − 7)/2⌋ + 1 = 112; 1 unused at the end"]


def test_names_of_padding():
    same = ("--kernel", 8, "--stride", 4, "--padding", "same")
    assert told("conv", "--in", "80x81", *same)[0] == (-(-80 // 4), -(-81 // 4))
    assert told("conv", "--in", 7, "--kernel", 3, "--padding", "full")[0] == (9,)
    assert told("conv", "--in", 7, "--kernel", 4, "--padding", "half")[0] == (8,)
    assert told("conv", "--in", 7, "--kernel", 3, "--padding", "valid")[0] == (5,)


def test_pooling():
    assert told("pool", "--in", 7, "--kernel", 3)[0] == (2,)
    assert told("pool", "--in", 7, "--kernel", 3, "--ceil")[0] == (3,)
    assert told("pool", "--in", "7x9", "--kernel", "3x2", "--stride", "2x1")[0] == (3, 8)


def test_transposed_as_keras_has_it():
    """Keras 3.15 gives these (tests/golden/tensorflow_sizes.json has more)."""
    for padding, out in [("same", 8), ("valid", 9)]:
        words = ("--in", "4x4", "--kernel", 3, "--stride", 2, "--padding", padding)
        got, lines = told("transposed", *words)
        assert got == (out, out)
        assert lines == [f"as Keras has padding {padding}"]
    assert shapes.keras_conv_transpose_out(4, 3, stride=2, padding="valid") == 9


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("conv", "--in", 3, "--kernel", 7), "the kernel covers 7 rows but the padded input has 3"),
        (("conv", "--in", "3x", "--kernel", 7), "--in needs whole numbers with x between"),
        (("conv", "--in", "9x9", "--kernel", "3x3x3"), "--kernel has 3 entries but there are 2"),
        (("conv", "--in", 9, "--kernel", 3, "--padding", "sane"), "did you mean same?"),
        (("conv", "--in", 9, "--kernel", 0), "--kernel is 0, below"),
        (("conv", "--in", 9, "--kernel", 3, "--ceil"), "--ceil belongs to pool"),
        (("pool", "--in", 9, "--kernel", 3, "--output-padding", 1), "belongs to transposed"),
        (("transposed", "--in", 9, "--kernel", 3, "--output-padding", 1), "output_padding"),
    ],
)
def test_refusals(words, says):
    assert says in dlnotes("shape", *words, code=2)
