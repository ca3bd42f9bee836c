"""Convolution by shifted views of sorted images, beside the other ways and PyTorch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from conv_cases import BACKWARD, FORWARD, configurations, torch_conv
from dlnotes import check
from dlnotes.functional import _core, _shifts
from dlnotes.functional._geometry import read_shapes
from dlnotes.functional._shifts import Shifts, extent, prefers_shifts, runs, width
from oracles import agrees, normal

SMALL = (9, 16, 15, 14), (32, 16, 4, 3), {"stride": 2, "padding": ((1, 2), (0, 1))}


def geometry(x_shape, w_shape, stride=1, padding=0, dilation=1, groups=1):
    return read_shapes(
        "test", len(x_shape) - 2, x_shape, w_shape, stride, padding, dilation, groups
    )


@pytest.mark.parametrize(("dims", "examples"), [(1, 100), (2, 150), (3, 50)])
def test_shifts_agree_with_windows(dims, examples):
    """On any shape without groups, whichever way would be chosen, in pieces of any size."""

    @settings(max_examples=examples)
    @given(configurations(dims), st.sampled_from([1, 40, 1200]))
    def agree(configuration, wide):
        x_shape, w_shape, options, _, seed = configuration
        w_shape = (w_shape[0], x_shape[1], *w_shape[2:])
        g = read_shapes("test", dims, x_shape, w_shape, **options | {"groups": 1})
        rng = np.random.default_rng(seed)
        x, w, b = normal(rng, x_shape), normal(rng, w_shape), normal(rng, w_shape[:1])
        dy = normal(rng, (g.batch, g.filters, *g.out))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_shifts, "WIDE", wide)
            y, dw = Shifts(g).both(x, w, dy)
            check.close(y, _core._columns(x, w, None, g))
            check.close(dw, _core._columns_weights(dy, x, g))
            check.close(Shifts(g).forward(x, w, b), _core._columns(x, w, b, g))
            check.close(Shifts(g).input_gradient(dy, w), _core._scatter(dy, w, g))
            check.close(Shifts(g).weight_gradient(dy, x), _core._columns_weights(dy, x, g))

    agree()


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_the_public_functions_take_this_way_and_agree_with_pytorch(dims, monkeypatch):
    taken = []
    monkeypatch.setattr(_core, "Shifts", lambda g: taken.append(g) or Shifts(g))
    rng = np.random.default_rng(3)
    sizes, kernel = (15, 14, 1)[:dims], (4, 3, 1)[:dims]
    arrays = normal(rng, (9, 20, *sizes)), normal(rng, (35, 20, *kernel)), normal(rng, (35,))
    options = {"stride": (2, 2, 1)[:dims], "padding": ((1, 1), (1, 0), (0, 0))[:dims]}
    agrees(FORWARD[dims], BACKWARD[dims], torch_conv, *arrays, options=options, rng=rng)
    assert len(taken) >= 3
    assert {g.kernel for g in taken} == {kernel}


def test_every_kernel_entry_is_read_once():
    x_shape, w_shape, options = SMALL
    g = geometry(x_shape, w_shape, **options)
    taps = [tap for run in runs(g) for tap in run.taps]
    assert sorted(taps) == [(r, s) for r in range(4) for s in range(3)]
    assert [len(run.taps) for run in runs(g)] == [4, 1, 1, 4, 1, 1]
    assert max(run.shift for run in runs(g)) + width(g) <= np.prod(extent(g))


@pytest.mark.parametrize(
    ("why_not", "change"),
    [
        ("groups", {"groups": 2, "w": (32, 8, 4, 3)}),
        ("no stride", {"stride": 1}),
        ("too shallow", {"x": (9, 7, 15, 14), "w": (32, 7, 4, 3)}),
        ("too few filters", {"w": (31, 16, 4, 3)}),
        ("too much in vain", {"w": (32, 16, 7, 6)}),
    ],
)
def test_the_choice(why_not, change):
    x_shape, w_shape, options = SMALL
    taken = {"x": x_shape, "w": w_shape} | options
    assert prefers_shifts(geometry(*[taken.pop(name) for name in "xw"], **taken))
    taken = {"x": x_shape, "w": w_shape} | options | change
    refused = prefers_shifts(geometry(*[taken.pop(name) for name in "xw"], **taken))
    assert not refused, why_not


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_stays_where_pytorch_has_it(value):
    """Zeros that are no padding would turn infinities beside them to NaN."""
    rng = np.random.default_rng(4)
    x, w = normal(rng, (16, 32, 8, 8)), normal(rng, (32, 16, 4, 4))
    dy = normal(rng, (16, 16, 16, 16))
    assert prefers_shifts(geometry(dy.shape, w.shape, 2, 1))
    for spoilt in (x, w, dy):
        arrays = [a.copy() for a in (x, w, dy)]
        next(a for a, b in zip(arrays, (x, w, dy), strict=True) if b is spoilt)[1, 2, 3, 3] = value
        tensors = [torch.tensor(a, requires_grad=True) for a in arrays]
        y = torch.nn.functional.conv_transpose2d(*tensors[:2], stride=2, padding=1)
        theirs = [y, *torch.autograd.grad(y, tensors[:2], tensors[2])]
        ours = [
            F.conv_transpose2d(*arrays[:2], stride=2, padding=1),
            *F.conv_transpose2d_backward(arrays[2], *arrays[:2], stride=2, padding=1)[:2],
        ]
        for mine, other in zip(ours, theirs, strict=True):
            there = other.detach().numpy()
            fine = np.isfinite(there)
            np.testing.assert_array_equal(np.isfinite(mine), fine)
            check.close(mine[fine], there[fine])
