"""The rules for letters and names find what is planted for them, and pass what is right."""

import pytest

import ledger_letters
import ledger_names
from ledger_checks import Chapter
from test_ledger_rules import code, md, only

NOTATION = "| size | index |\n|---|---|\n| $N$ | $n$ |\n| $H, W$ | $i, j$ |\n\n$x$, $y$: values."


def letters(*cells, declared=None):
    book = [Chapter("part/01", list(cells))]
    return ledger_letters.letter_problems(book, NOTATION, {"part/01": declared} if declared else {})


def test_letters_of_the_notation_page_are_free():
    cells = [md(r"$y_{nij} = \mathrm{d}x \text{ if } N$"), code("N, H = x.shape\nW = H // 2 + N")]
    assert ledger_letters.sizes(NOTATION) == {"N", "H", "W"}
    assert letters(*cells) == []


def test_other_letters_are_declared_before_they_are_used():
    text = "With $q$ words:\n\n$$\nx = q\n$$\n"
    only(letters(md(text)), "q is neither in book/notation.md nor declared")
    assert letters(md(text), declared={"q": "With $q$ words"}) == []
    only(letters(md("$q$. " + text), declared={"q": "With $q$ words"}), "q is used before")
    only(letters(md("$x$"), declared={"q": "With $q$"}), "q is declared by no")
    only(letters(md("With $x$"), declared={"q": "With $x$"}), "q is declared and never used")


@pytest.mark.parametrize("line", ["H = np.tanh(x)", "x, H = 3, f(2)", "N = [1, 2]", "N, H = f(x)"])
def test_a_size_that_is_given_another_value_is_found(line):
    only(letters(code(line)), "is a size, and code gives it another value")


def test_a_slanted_d_is_found():
    only(letters(md("$dx = y$")), "dx: write \\mathrm{d}")
    only(letters(md(r"$y\, dW_1$")), "dW: write \\mathrm{d}")


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("import dlnotes.functional as F", "calls it dl"),
        ("from dlnotes import functional", "calls it dl"),
        ("from dlnotes.functional import conv2d", "dl.name"),
        ("import torch.nn.functional as F", "write its names out"),
        ("from torch import nn", "write its names out"),
        ("import torch as t", "write its names out"),
        ("import tensorflow as tf", "a chapter has dlnotes, matplotlib, numpy, sklearn, torch"),
        ("import numpy", "calls it np"),
        ("from pathlib import Path", "data.record"),
    ],
)
def test_an_import_that_no_chapter_has_is_found(line, word):
    only(ledger_names.import_problems([Chapter("part/01", [code(line)])]), word)


def test_the_imports_of_a_chapter_pass():
    text = (
        "import json\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport torch\n"
        "from sklearn.datasets import load_digits\n"
        "from dlnotes import check\nfrom dlnotes import functional as dl\n"
    )
    assert ledger_names.import_problems([Chapter("part/01", [code(text)])]) == []
    assert ledger_names.OLD_NAME.search("y = F.conv2d(x)")
    assert not ledger_names.OLD_NAME.search("torch.nn.functional.relu, dl.F, F. Last")
