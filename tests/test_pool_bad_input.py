"""Bad input at random: every pooling gives what PyTorch gives, or refuses in the house's words."""

import numpy as np
import pytest
import torch
import torch.nn.functional as tF
from hypothesis import given, settings
from hypothesis import strategies as st

import dlnotes.functional as F
from bad_input import gradients_or_refusal, nearly, pytorch_or_refusal
from pool_inputs import NUMBERS, poolings, spoiled, upstream

DIMS = pytest.mark.parametrize("dims", [1, 2, 3])


def both_ways(data, name, theirs, fault, x, args, options):
    """Call an operation and its backward pass, and say whether the first gave a result."""
    ours = getattr(F, name)
    right = pytorch_or_refusal(ours, theirs, x, *args, options=options)
    y = ours(x, *args, **options) if right else x
    if right and np.isneginf(y).any():
        return  # a window stepped over the whole image: PyTorch's gradient writes outside of it
    dy = upstream(data.draw, fault, y, nearly)
    back = getattr(F, f"{name}_backward")
    gradient = gradients_or_refusal(back, theirs, dy, x, *args, options=options)
    assert right or not gradient
    assert right or fault != "none", "a good call was refused"


def shape_of(data, sizes):
    return (data.draw(st.integers(0, 2)), data.draw(st.integers(1, 2)), *sizes)


@DIMS
@pytest.mark.parametrize("name", ["max_pool", "avg_pool"])
@settings(max_examples=100)
@given(data=st.data())
def test_pool(data, dims, name):
    sizes, kernel, options = data.draw(poolings(dims, average=name == "avg_pool"))
    shape = shape_of(data, sizes)
    fault, x, args, options = data.draw(spoiled(dims, shape, [kernel], options))
    if name == "avg_pool" and dims == 3 and fault in ("x", "argument"):
        return  # PyTorch wants windows that fit into a volume without its padding; others need not
    theirs = getattr(tF, f"{name}{dims}d")
    both_ways(data, f"{name}{dims}d", theirs, fault, x, args, options)


@pytest.mark.parametrize(("kind", "dims"), [("avg", 1), ("avg", 2), ("max", 2)])
@settings(max_examples=60)
@given(data=st.data())
def test_adaptive_pool(data, dims, kind):
    sizes, out = (data.draw(st.tuples(*[st.integers(1, 6)] * dims)) for _ in range(2))
    fault, x, args, _ = data.draw(spoiled(dims, shape_of(data, sizes), [out], {}))
    name = f"adaptive_{kind}_pool{dims}d"
    both_ways(data, name, getattr(tF, name), fault, x, args, {})


@settings(max_examples=80)
@given(data=st.data())
def test_max_unpool(data):
    small = st.tuples(*[st.integers(1, 3)] * 2)
    sizes, kernel, stride = data.draw(small), data.draw(small), data.draw(st.none() | small)
    rows = zip(sizes, kernel, stride or kernel, strict=True)
    smallest = [(n - 1) * s + k for n, k, s in rows]
    shape = (1 + data.draw(st.integers(0, 1)), 2, *sizes)
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    at = rng.integers(0, np.prod(smallest), shape)
    if data.draw(st.integers(0, 4)) == 0:  # some place outside, or another shape
        at = rng.integers(-1, np.prod(smallest) + 1, data.draw(nearly(at)))
    right = at.shape == shape and at.min() >= 0 and at.max() < np.prod(smallest)
    options = {"stride": stride, "output_size": data.draw(st.none() | st.just(smallest))}
    fault, x, args, options = data.draw(spoiled(2, shape, [kernel], options))
    fault = fault if right else "indices"
    both_ways(data, "max_unpool2d", tF.max_unpool2d, fault, x, [at, *args], options)


@DIMS
@pytest.mark.parametrize("kind", ["avg", "max"])
@settings(max_examples=80)
@given(data=st.data())
def test_global_pool(data, kind, dims):
    def theirs(x):
        return getattr(tF, f"adaptive_{kind}_pool{x.ndim - 2}d")(x, 1).flatten(1)

    shape = shape_of(data, data.draw(st.tuples(*[st.integers(1, 5)] * dims)))
    fault, x, _, _ = data.draw(spoiled(dims, shape, [], {}))
    both_ways(data, f"global_{kind}_pool", theirs, fault, x, [], {})


@settings(max_examples=80)
@given(data=st.data())
def test_pyramid(data):
    def theirs(x, levels, mode):
        pool = getattr(tF, f"adaptive_{mode}_pool2d")
        return torch.cat([pool(x, b).flatten(1) for b in levels], dim=1)

    shape = shape_of(data, data.draw(st.tuples(*[st.integers(1, 6)] * 2)))
    levels = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    mode = data.draw(st.sampled_from(["max", "avg"]))
    fault, x, args, _ = data.draw(spoiled(2, shape, [levels], {}))
    if fault == "dy" and data.draw(st.booleans()):
        fault, mode = "mode", data.draw(st.sampled_from(["sum", "", None, 1]) | NUMBERS)
    both_ways(data, "spatial_pyramid_pool", theirs, fault, x, args, {"mode": mode})
