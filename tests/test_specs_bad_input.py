"""Layers at random: PyTorch's shape, or a refusal in the house's words; wrong values at once."""

import re
from dataclasses import fields, replace
from itertools import pairwise

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dlnotes import counting, specs, torch_models
from dlnotes.specs import layers as L

SMALL = st.integers(1, 4)
SIZE = st.one_of(SMALL, st.tuples(SMALL, SMALL))
ROWS = st.integers(0, 3)
PADDING = st.one_of(
    ROWS,
    st.tuples(ROWS, ROWS),
    st.tuples(st.tuples(ROWS, ROWS), st.tuples(ROWS, ROWS)),
    st.sampled_from(["valid", "same"]),
)
WINDOW = {"kernel": SIZE, "stride": SIZE, "padding": PADDING}
CEIL = {**WINDOW, "padding": st.integers(0, 2), "ceil_mode": st.booleans()}
DENSE = {"channels": st.sampled_from([2, 4, 6]), "bias": st.booleans()}
GROUPS = {"groups": st.sampled_from([1, 1, 2, 3])}
LAYERS = st.one_of(
    st.builds(L.Conv, **WINDOW, **DENSE, **GROUPS, dilation=SMALL),
    st.builds(L.DepthwiseConv, **WINDOW, multiplier=SMALL),
    st.builds(L.LocalConv, **WINDOW, **DENSE),
    st.builds(
        L.ConvTranspose,
        **{**WINDOW, "padding": ROWS, "output_padding": st.integers(0, 2)},
        **DENSE,
        **GROUPS,
    ),
    st.builds(L.MaxPool, **CEIL),
    st.builds(L.AvgPool, **CEIL, count_include_pad=st.booleans()),
    st.builds(L.AdaptiveAvgPool, SIZE),
    st.builds(L.SpatialPyramid, st.lists(SMALL, min_size=1, max_size=3).map(tuple)),
    st.builds(L.Upsample, SIZE),
    st.builds(L.Crop, SIZE),
    st.builds(L.Linear, SMALL),
    st.builds(L.LocalResponseNorm, SMALL),
    st.builds(L.Reshape, st.tuples(SMALL, SMALL, SMALL)),
    st.just(L.Flatten()),
    st.just(L.GlobalAvgPool()),
    st.just(L.BatchNorm()),
)
IMAGES = st.tuples(st.sampled_from([1, 2, 3, 4]), st.integers(1, 9), st.integers(1, 9))


def by_pytorch(layer, shape):
    """Return the shape that PyTorch's module gives; what it refuses is an error."""
    with torch.device("meta"):
        module = torch_models.build_part(layer, shape).eval()
        return tuple(module(torch.empty(1, *shape)).shape[1:])


def shape_or_words(ask):
    """Return what is answered, or None and the words of the refusal."""
    try:
        return ask(), ""
    except ValueError as error:
        return None, str(error)


@given(LAYERS, IMAGES)
@settings(max_examples=120, deadline=None)
@example(L.AvgPool(3, 2, ceil_mode=True), (2, 6, 7))
def test_shapes_are_pytorchs(layer, shape):
    want, words = shape_or_words(lambda: counting.output_shape(layer, shape))
    if want is None:
        assert re.match(rf"{layer.kind}, {layer.kind} on input .*\d.*: .*\d", words)
    else:
        assert by_pytorch(layer, shape) == want


@given(st.lists(LAYERS, max_size=5), IMAGES)
@settings(max_examples=100, deadline=None)
def test_chains_and_joins(layers, shape):
    chain = specs.Chain(*layers)
    steps, words = shape_or_words(lambda: counting.trace(chain, shape))
    if steps is None:
        assert re.match(r"[a-z]+\d, ", words)  # the path comes first
        return
    for before, after in pairwise(steps):
        assert before.output == after.input
    out = steps[-1].output if steps else shape
    doubled = specs.Parallel(chain, chain, join="concat")
    assert counting.output_shape(doubled, shape) == (2 * out[0], *out[1:])
    added = specs.Parallel(chain, chain, join="add")
    assert counting.output_shape(added, shape) == out
    side = specs.Chain(specs.SideOutput(chain), L.Flatten())
    assert counting.output_shape(side, shape) == counting.output_shape(L.Flatten(), shape)


GOOD = (
    L.Conv(8, 3),
    L.DepthwiseConv(3),
    L.ConvTranspose(8, 3),
    L.LocalConv(8, 3),
    L.TableConv(((0, 1), (1,)), 3),
    L.MaxPool(2),
    L.AvgPool(2),
    L.ScaledAvgPool(2),
    L.AdaptiveAvgPool(2),
    L.SpatialPyramid((2, 1)),
    L.Upsample(2),
    L.Crop(3),
    L.Linear(5),
    L.RadialBasis(5),
    L.BatchNorm(),
    L.LocalResponseNorm(5),
    L.Activation("relu"),
    L.Dropout(0.5),
    L.Reshape((2, 3)),
    L.Embedding(10, 4),
    L.Recurrent("lstm", 4),
)
ALLOWED = {  # what may stand there all the same
    "alpha": [-1],
    "beta": [-1],
    "k": [-1],
    "table": [((1, 2, 3),)],
}
WRONG = (-1, "x", float("nan"), (), (0, -1), [1], b"3", ((1, 2, 3),))
CASES = [
    (layer, one.name, wrong)
    for layer in GOOD
    for one in fields(layer)
    if one.name != "name"
    for wrong in WRONG
    if wrong not in ALLOWED.get(one.name, [])
]


@pytest.mark.parametrize("layer", GOOD, ids=lambda layer: type(layer).__name__)
def test_wrong_values_are_refused_when_a_layer_is_made(layer):
    for case, name, wrong in CASES:
        if case is layer:
            with pytest.raises(ValueError, match=rf"^{type(layer).__name__}: {name}=.*; give "):
                replace(layer, **{name: wrong})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: L.Conv(8, 0), "Conv: kernel=0 is not allowed; give a whole number from 1, or"),
        (lambda: L.Conv(-8, 3), "Conv: channels=-8 is not allowed; give a whole number from 1"),
        (lambda: L.Conv(8.0, 3), "Conv: channels=8.0 is not allowed; give a whole number from 1"),
        (lambda: L.Conv(True, 3), "Conv: channels=True is not allowed"),
        (lambda: L.Conv(8, 3, padding="full"), "Conv: padding='full' is not allowed; give rows"),
        (lambda: L.Dropout(1.5), "Dropout: p=1.5 is not allowed; give a probability from 0 to 1"),
        (lambda: L.Activation("rellu"), "Activation: function='rellu' is not allowed; give 'id"),
        (lambda: L.TableConv(((0, 0),), 3), r"TableConv: table=\(\(0, 0\),\) is not allowed"),
        (lambda: L.BatchNorm(eps=0), "BatchNorm: eps=0 is not allowed; give a number above 0"),
        (lambda: L.BatchNorm(scale=2), "BatchNorm: scale=2 is not allowed; give True, False"),
        (lambda: L.Recurrent("lstm", 4, biases=3), "Recurrent: biases=3 is not allowed; give 1, 2"),
    ],
)
def test_messages(make, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        make()


@pytest.mark.parametrize(
    ("shape", "error", "words"),
    [
        (5, TypeError, "trace: input_shape is no tuple of whole numbers; got 5; give"),
        ((3, 8.0, 8), TypeError, "trace: input_shape is no tuple"),
        ((3, True, 8), TypeError, "trace: input_shape is no tuple"),
        ((), TypeError, "trace: input_shape is no tuple"),
        ((3, 0, 8), ValueError, r"trace: input_shape has the size 0; got \(3, 0, 8\); give"),
        ((3,), ValueError, r"conv1, Conv on input \(3,\): needs channels and 1 or 2 or 3 axes"),
        ((3, 2, 2), ValueError, r"conv1, Conv on input \(3, 2, 2\): conv_out_nd, axis 0: the k"),
        (((3, 8, 8), (3, 8, 8)), ValueError, "conv1, .*takes one value but got several"),
    ],
)
def test_wrong_input_shapes(shape, error, words):
    with pytest.raises(error, match=f"^{words}"):
        counting.trace(specs.Chain(L.Conv(8, 3)), shape)


@given(st.sampled_from(specs.names()), st.integers(0, 30), st.sampled_from("abcxyz-_7 "))
def test_unknown_names_give_the_nearest(name, place, letter):
    mistyped = name[: place % len(name)] + letter + name[place % len(name) :]
    plain = mistyped.strip().replace("_", "-")
    if plain in specs.names():
        assert specs.get(mistyped).name == plain
        return
    with pytest.raises(ValueError, match=r"^specs.get: there is no network called ") as caught:
        specs.get(mistyped)
    hint = str(caught.value).partition("did you mean ")[2]
    assert set(re.split(r" or |\?", hint)) - {""} <= set(specs.names())
    assert hint or len(name) < 5
