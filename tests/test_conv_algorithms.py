"""Convolution's tiles, its layouts and its ways to dx, on shapes they would not be chosen for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conv_cases import BACKWARD, CASES, FORWARD, arrays, configurations, torch_conv
from dlnotes import check
from dlnotes.functional import conv
from dlnotes.functional._fast.turned import turned
from dlnotes.functional._geometry import read_shapes
from oracles import normal


def geometry(x_shape, w_shape, **options):
    options = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1} | options
    return read_shapes("test", len(x_shape) - 2, x_shape, w_shape, **options)


@pytest.mark.parametrize(("dims", "examples"), [(1, 100), (2, 150), (3, 50)])
def test_both_ways_to_the_gradient_of_the_input_agree(dims, examples):
    """One convolution of dy with the turned kernels, and columns added where they overlap."""
    ways = set()

    @settings(max_examples=examples)
    @given(st.one_of(configurations(dims, dense=True), configurations(dims)))
    def agree(configuration):
        x_shape, w_shape, options, _, seed = configuration
        g = geometry(x_shape, w_shape, **options | {"stride": 1})
        rng = np.random.default_rng(seed)
        dy, w = normal(rng, (g.batch, g.filters, *g.out)), normal(rng, w_shape)
        ways.add(turned(w, g) is not None)
        with pytest.MonkeyPatch.context() as patch:
            got = conv.input_gradient(dy, w, g)
            patch.setattr(conv, "turned", lambda w, g: None)
            check.close(got, conv.input_gradient(dy, w, g))

    agree()
    assert ways == {True, False}


@pytest.mark.parametrize("axis", ["images last", "images first"])
@pytest.mark.parametrize("cache", [1, 2**12, 2**20])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_every_tile_and_layout_gives_the_same(monkeypatch, stride, cache, axis, dims):
    """Tiny tiles cut rows, images and planes; neither they nor the layout change a result."""
    monkeypatch.setattr(conv, "CACHE", cache)
    monkeypatch.setattr(conv, "NARROWEST", 5)
    place = -1 if axis == "images last" else -1 - dims
    monkeypatch.setattr(conv, "batch_axis", lambda g: place)
    rng = np.random.default_rng(11)
    sizes, kernel = (5, 11, 13)[-dims:], (2, 3, 2)[-dims:]
    options = {"padding": 1, "dilation": (1, 2, 1)[-dims:], "groups": 2, "stride": stride}
    inputs = arrays(rng, (3, 4, *sizes), (6, 2, *kernel))
    pair = FORWARD[dims], BACKWARD[dims]
    check.against_torch(*pair, torch_conv, *inputs, options=options, rng=rng)


@pytest.mark.parametrize("axis", [-1, -3])
@pytest.mark.parametrize("cache", [1, 2**14, 2**24])
@pytest.mark.parametrize("batch", [1, 2, 64, 131])
def test_tiles_hold_every_place_once(monkeypatch, batch, cache, axis):
    monkeypatch.setattr(conv, "CACHE", cache)
    g = geometry((batch, 3, 9, 7), (4, 3, 3, 2), stride=(1, 2))
    seen = np.moveaxis(np.zeros((batch, *g.out), int), 0, axis)
    for tile in conv.tiles(g, axis, 4):
        seen[tile] += 1
    assert (seen == 1).all()


def test_the_cases_take_every_way():
    """The shapes of the oracle tests reach both layouts and both ways to dx."""
    ways = set()
    for x_shape, w_shape, options in CASES.values():
        g = geometry(x_shape, w_shape, **options)
        ways.add(("images last", conv.batch_axis(g) == -1))
        ways.add(("turned", turned(np.zeros(w_shape), g) is not None))
    assert ways == {(name, taken) for name in ("images last", "turned") for taken in (False, True)}
