"""Convolution's algorithms and tiles, on shapes that they would not be chosen for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_cases import BACKWARD, CASES, FORWARD, arrays, configurations, torch_conv
from dlnotes import check
from dlnotes.functional import _columns, _core
from dlnotes.functional._geometry import read_shapes
from dlnotes.functional._phases import phases
from dlnotes.functional._stacks import stacks
from oracles import normal


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize(("dims", "examples"), [(1, 100), (2, 150), (3, 50)])
def test_both_ways_to_the_gradient_of_the_input_agree(dims, examples):
    """Phases of stride 1 and scattered columns, whichever would be chosen."""
    ways = set()

    @settings(max_examples=examples)
    @given(st.one_of(configurations(dims, dense=True), configurations(dims)))
    def agree(configuration):
        x_shape, w_shape, options, _, seed = configuration
        g = read_shapes("test", dims, x_shape, w_shape, **options)
        rng = np.random.default_rng(seed)
        dy, w = normal(rng, (g.batch, g.filters, *g.out)), normal(rng, w_shape)
        ways.add(bool(phases(g)[1]) and max(g.stride))
        if phases(g)[1]:
            check.close(_core._full(dy, w, g), _core._scatter(dy, w, g))

    agree()
    assert {False, 1} < ways, "the way closed, with stride 1, and with strides"


def choose(name, value):
    return lambda monkeypatch: monkeypatch.setattr(_core, name, lambda g: value)


ALGORITHMS = {
    "columns": [choose("splits_rows", False), choose("prefers_full", False)],
    "by-rows": [choose("splits_rows", True), choose("prefers_full", False)],
    "full": [choose("splits_rows", False), choose("prefers_full", True)],
    "full-by-rows": [choose("splits_rows", True), choose("prefers_full", True)],
}


STEPS = [*((name, 1) for name in ALGORITHMS), ("columns", 2)]


@pytest.mark.parametrize("cache", [1, 2**12, 2**20])
@pytest.mark.parametrize(
    ("algorithm", "stride"), [*((name, 1) for name in ALGORITHMS), ("columns", 2)]
)
@pytest.mark.parametrize("dims", [2, 3])
def test_every_algorithm_and_tile_gives_the_same(rng, monkeypatch, algorithm, stride, cache, dims):
    """Tiny tiles cut rows, images and planes; the choice must never change a result."""
    for change in ALGORITHMS[algorithm]:
        change(monkeypatch)
    monkeypatch.setattr(_columns, "CACHE", cache)
    monkeypatch.setattr(_columns, "NARROWEST", 5)
    sizes, kernel = ((11, 13), (3, 2)) if dims == 2 else ((5, 11, 13), (2, 3, 2))
    options = {"padding": 1, "dilation": (1, 2, 1)[-dims:], "groups": 2, "stride": stride}
    inputs = arrays(rng, (3, 4, *sizes), (6, 2, *kernel))
    pair = FORWARD[dims], BACKWARD[dims]
    check.against_torch(*pair, torch_conv, *inputs, options=options, rng=rng)


def test_the_choice_takes_every_way():
    """The shapes below reach every algorithm, so that the tests above test all of them."""
    ways = set()
    for x_shape, w_shape, options in CASES.values():
        full = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1} | options
        g = read_shapes("test", len(x_shape) - 2, x_shape, w_shape, **full)
        ways.add(("pointwise", _core.is_pointwise(g)))
        ways.add(("rows", _core.splits_rows(g)))
        ways.add(("full", _core.prefers_full(g)))
        ways.add(("stacks", bool(stacks(g))))
    names = ("pointwise", "rows", "full", "stacks")
    assert ways == {(name, taken) for name in names for taken in (False, True)}


@pytest.mark.parametrize("rows", [1, 127, 128, 300])
def test_products_of_few_and_of_many_rows_are_alike(rng, rows):
    a, b = normal(rng, (2, rows, 5)), normal(rng, (2, 7, 5))
    check.close(_core._outer(a, b), np.einsum("gki,gci->gkc", a, b))


@pytest.mark.parametrize("batch", [8, 13, 40])
def test_stacks_hold_every_image_once(batch):
    x_shape, w_shape = (batch, 3, 7, 9), (4, 3, 3, 3)
    g = read_shapes("test", 2, x_shape, w_shape, 1, "valid", 1, 1)
    found = stacks(g)
    images = [n for span, _ in found for n in range(span.start, span.stop)]
    assert images == list(range(batch))
    heights = [part.out[-1] for _, part in found]
    assert max(heights) - min(heights) <= 1
    assert all(part.batch == 1 and not stacks(part) for _, part in found)
    assert not stacks(read_shapes("test", 2, (7, *x_shape[1:]), w_shape, 1, "valid", 1, 1))
