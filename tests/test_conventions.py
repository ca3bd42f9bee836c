"""What the page on conventions says of defaults, compared with PyTorch and Keras."""

import os
import re
from importlib.metadata import version
from inspect import signature

os.environ["KERAS_BACKEND"] = "torch"

import keras
import pytest
import torch

PAGE = "book/conventions.md"


def default(callable_thing, name):
    return signature(callable_thing).parameters[name].default


DEFAULTS = {
    "default `momentum` $\\alpha$": (
        default(torch.nn.BatchNorm2d, "momentum"),
        default(keras.layers.BatchNormalization, "momentum"),
    ),
    "`eps`, `epsilon`": (
        default(torch.nn.BatchNorm2d, "eps"),
        default(keras.layers.BatchNormalization, "epsilon"),
    ),
    "slope of leaky ReLU": (
        default(torch.nn.LeakyReLU, "negative_slope"),
        default(keras.layers.LeakyReLU, "negative_slope"),
        default(keras.activations.leaky_relu, "negative_slope"),
    ),
    "$\\alpha$ of ELU": (default(torch.nn.ELU, "alpha"), default(keras.layers.ELU, "alpha")),
    "$\\varepsilon$ of Adam": (
        default(torch.optim.Adam, "eps"),
        default(keras.optimizers.Adam, "epsilon"),
    ),
}


def numbers(cells):
    """Return the numbers that stand in cells of a table, powers of ten too."""
    text = re.sub(r"\$10\^\{-(\d+)\}\$", r"1e-\1", " ".join(cells))
    return [float(found) for found in re.findall(r"(?<![\w^{.-])\d+(?:\.\d+)?(?:e-\d+)?", text)]


@pytest.fixture(scope="module")
def page(root):
    return (root / PAGE).read_text("utf-8")


@pytest.mark.parametrize("head", DEFAULTS)
def test_a_default_is_that_of_the_library(page, head):
    (line,) = [line for line in page.splitlines() if line.startswith(f"| {head} |")]
    _, _, *cells, _ = line.split("|")
    want = DEFAULTS[head]
    assert numbers(cells)[: len(want)] == [pytest.approx(n) for n in want]


def test_the_versions_named_are_those_compared(page):
    for name, package in [("PyTorch", "torch"), ("Keras", "keras")]:
        assert f"{name} {'.'.join(version(package).split('.')[:2])}" in page


def test_words_that_switch_a_default_are_as_the_page_has_them(page):
    assert default(torch.nn.AvgPool2d, "count_include_pad") is True
    assert "`count_include_pad=True`" in page
    assert default(keras.layers.GRU, "reset_after") is True
    assert "default (`reset_after=True`)" in page
    assert default(keras.losses.CategoricalCrossentropy, "from_logits") is False
    assert default(keras.layers.LSTM, "unit_forget_bias") is True
