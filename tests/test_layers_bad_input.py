"""Bad input at random: layers give what PyTorch's modules give, or refuse in the house's words."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from bad_input import SHAPES, anything, assert_in_house_style, mostly, tame
from dlnotes import layers as L
from oracles import refuses
from test_layers import CASES

WRONGS = (None, True, "x", 2.5, -1, 0, (), (1,), [2, "a"], (2, 3, 4), {}, 1j, 10**20)
WRONG = st.sampled_from(WRONGS)
SIZE = st.integers(1, 4)
WINDOW = st.one_of(SIZE, st.tuples(SIZE, SIZE))
FLAG = st.booleans()

# the arguments by name, each with the strategy of the good ones
KINDS = {
    "Linear": {"in_features": SIZE, "out_features": SIZE, "bias": FLAG},
    "Conv2d": {
        "in_channels": SIZE,
        "out_channels": SIZE,
        "kernel_size": WINDOW,
        "stride": WINDOW,
        "padding": WINDOW,
        "dilation": WINDOW,
        "groups": st.sampled_from([1, 1, 2, 3]),
        "bias": FLAG,
    },
    "ConvTranspose2d": {
        "in_channels": SIZE,
        "out_channels": SIZE,
        "kernel_size": WINDOW,
        "stride": WINDOW,
        "padding": WINDOW,
        "output_padding": st.integers(0, 2),
        "groups": st.sampled_from([1, 1, 2]),
    },
    "MaxPool2d": {"kernel_size": WINDOW, "stride": WINDOW, "padding": st.integers(0, 2)},
    "AvgPool2d": {"kernel_size": WINDOW, "stride": WINDOW, "count_include_pad": FLAG},
    "AdaptiveAvgPool2d": {"output_size": WINDOW},
    "BatchNorm2d": {"num_features": SIZE, "eps": st.just(1e-5), "momentum": st.just(0.3)},
    "LeakyReLU": {"negative_slope": st.floats(-1, 1)},
    "Flatten": {"start_dim": st.integers(-4, 3), "end_dim": st.integers(-4, 3)},
    "Upsample": {"scale_factor": st.integers(1, 3)},
}
RANDOM = ("Linear", "Conv2d", "ConvTranspose2d")


def made(kind, options):
    """Return a layer with random weights, or None where it was refused in words."""
    rng = {"rng": np.random.default_rng(0)} if kind in RANDOM else {}
    try:
        return getattr(L, kind)(**options, **rng)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, kind)
        return None


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_a_layer_computes_what_pytorchs_does_or_refuses(kind, data):
    options = {
        name: data.draw(mostly(good, WRONG), label=name) for name, good in KINDS[kind].items()
    }
    if (layer := made(kind, options)) is None:
        return
    if options.get("output_size", 1) is None:  # "each axis as it is"; PyTorch wants a pair for that
        return
    channels = getattr(layer, "in_channels", getattr(layer, "num_features", 4))
    images = st.tuples(SIZE, st.just(channels), st.integers(1, 6), st.integers(1, 6))
    x = data.draw(anything(st.one_of(images, images, SHAPES)))
    if kind == "Upsample":  # a matrix product spreads what is not finite
        x = tame(x)
    try:
        y = layer(x)
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, r"\w+")
        return
    single = x.dtype == np.float32
    try:
        module = getattr(nn, kind)(**options).double()
        module.load_state_dict({n: torch.from_numpy(a) for n, a in layer.state_dict().items()})
        want = (module.float() if single else module)(torch.from_numpy(x))
    except OverflowError:  # a whole number beyond 2⁶³, which is a fine float here
        return
    rtol = 1e-4 if single else 1e-9
    np.testing.assert_allclose(y, want.detach().numpy(), rtol=rtol, atol=rtol)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=10)
@given(data=st.data())
def test_anything_is_taken_or_refused_in_words(name, data):
    """Whatever comes in, forward or backward, no error of NumPy comes out."""
    layer, _, shape = CASES[name]
    x = data.draw(anything(st.one_of(st.just(shape), SHAPES)))
    if name == "identity":
        return
    try:
        y = layer.zero_grad().train()(x)
        layer.backward(data.draw(anything(st.one_of(st.just(y.shape), SHAPES))))
    except (TypeError, ValueError) as error:
        assert_in_house_style(error, r"\w+")


@pytest.mark.parametrize("kind", ["Linear", "Conv1d", "ConvTranspose3d", "Embedding"])
def test_a_generator_and_a_floating_dtype_are_needed(kind):
    sizes = (2, 3) if kind in ("Linear", "Embedding") else (2, 3, 1)
    make = getattr(L, kind)
    with refuses(TypeError, f"{kind}: rng is no random generator; got rng of type int"):
        make(*sizes, rng=0)
    with refuses(TypeError, f"{kind}: dtype is neither float32 nor float64; got dtype="):
        make(*sizes, rng=np.random.default_rng(0), dtype=int)


@pytest.mark.parametrize(
    ("make", "error", "parts"),
    [
        (lambda: L.Dropout(1.5, rng=0), ValueError, ["Dropout: p must be between 0 and 1"]),
        (lambda: L.Dropout(rng=0), TypeError, ["Dropout: rng is no random generator"]),
        (
            lambda: L.Conv2d(3, 4, 1, groups=2, rng=np.random.default_rng(0)),
            ValueError,
            ["Conv2d: groups must divide the channels; got in_channels=3, out_channels=4"],
        ),
        (lambda: L.Upsample(), ValueError, ["Upsample: one of size and scale_factor decides"]),
        (lambda: L.Upsample(2, 2), ValueError, ["got size=2, scale_factor=2"]),
        (lambda: L.Upsample(2, mode="cubic"), ValueError, ["Upsample: mode='cubic'"]),
        (lambda: L.Reshape((-1, 2, -1)), ValueError, ["Reshape: one size at most"]),
        (lambda: L.SpatialPyramidPool(3), TypeError, ["SpatialPyramidPool: levels is a sequence"]),
        (lambda: L.SpatialPyramidPool(np.array(2)), TypeError, ["levels is a sequence"]),
        (
            lambda: L.TableConv2d(3, 5, rng=0),
            TypeError,
            ["TableConv2d: the table has a row", "int"],
        ),
        (lambda: L.TableConv2d((0, 1), 5, rng=0), TypeError, ["the table has a row", "tuple"]),
        (lambda: L.Container(3), TypeError, ["Container: layers are a sequence", "int", "[layer]"]),
        (lambda: L.SpatialPyramidPool(()), ValueError, ["it needs levels; got none"]),
        (lambda: L.AdaptiveAvgPool2d((1, 2, 3)), ValueError, ["has 3 entries for 2 axes"]),
        (lambda: L.MaxPool2d(2, ceil_mode=1), TypeError, ["MaxPool2d: ceil_mode is True or False"]),
        (lambda: L.BatchNorm1d(3)(np.ones((2, 4))), ValueError, ["BatchNorm1d: x must be (N,C)"]),
        (lambda: L.BatchNorm2d(3)(np.ones((2, 3))), ValueError, ["must be (N,C,H,W) with C=3"]),
        (lambda: L.Reshape(5)(np.ones((2, 4))), ValueError, ["Reshape: 4 values each do not fill"]),
        (
            lambda: L.Flatten(2, 1)(np.ones((2, 3, 4))),
            ValueError,
            ["start_dim stands after"],
        ),
        (lambda: L.Flatten()(np.ones(4)), ValueError, ["start_dim=1 and end_dim=-1 are not both"]),
    ],
)
def test_refused(make, error, parts):
    with refuses(error, *parts):
        make()


@pytest.mark.parametrize(
    ("layer", "x"),
    [
        (L.Identity(), np.ones((2, 3))),
        (L.SideOutput(L.Flatten()), np.ones((2, 3, 4))),
        (L.SwapAxes(), np.ones((2, 3, 4))),
    ],
)
def test_what_passes_unchanged_holds_the_gradient_to_its_shape(layer, x):
    """As PyTorch: a gradient of another shape would be handed on silently."""
    name, y = type(layer).__name__, layer(x)
    with refuses(ValueError, f"{name}: dy has shape (5,)", f"x float64 {x.shape}"):
        layer.backward(np.ones(5))
    with refuses(TypeError, f"{name}: dy is float32 but x is float64"):
        layer.backward(np.ones(y.shape, np.float32))
    with refuses(TypeError, f"{name}: dy is no NumPy array"):
        layer.backward(2**63)
    dy = np.random.default_rng(0).standard_normal(y.shape)
    assert layer.backward(dy).shape == x.shape


def test_what_is_no_array_passes_as_it_is():
    for x in ((np.ones(2), np.ones(3)), np.arange(3)):
        layer = L.Identity()
        assert layer(x) is x
        assert layer.backward(x) is x


@pytest.mark.parametrize("x", [3, None, (np.ones(2),), {"a": 1}, np.ones((2, 3))])
def test_a_sample_needs_a_pair(x):
    with refuses(TypeError, "SampleNormal: x is a pair of arrays", type(x).__name__):
        L.SampleNormal(rng=np.random.default_rng(0))(x)
    with refuses(TypeError, "SampleNormal: log_variance is float32 but mean is float64"):
        L.SampleNormal(rng=np.random.default_rng(0))((np.ones(2), np.ones(2, np.float32)))


def test_a_join_is_a_word_and_layers_have_numbers():
    with refuses(ValueError, "Parallel: it needs branches and one of the joins add, concat"):
        L.Parallel([L.ReLU()], join=np.ones(2))
    network = L.Sequential(L.ReLU(), L.Tanh())
    assert network[np.int64(1)] is network[1]
    with refuses(IndexError, "Sequential: there is no layer '[1.]'; got ndarray for 2 layers"):
        network[np.ones(1)]


@pytest.mark.parametrize("kind", [L.RNN, L.LSTM, L.GRU])
@pytest.mark.parametrize("sequence", [True, False])
def test_a_number_is_no_sequence(kind, sequence):
    layer = kind(3, 2, sequence=sequence, rng=np.random.default_rng(0))
    with refuses(TypeError, f"{kind.__name__}: x is no NumPy array; got x='0.5' (float)"):
        layer(0.5)
    layer(np.ones((4, 2, 3)))
    with refuses(TypeError, f"{kind.__name__}: dy is no NumPy array; got dy='inf' (float)"):
        layer.backward(float("inf"))


def test_masks_are_not_dropped():
    layer = L.Embedding(3, 2, rng=np.random.default_rng(0))
    with refuses(TypeError, "Embedding: x holds indices, integers; got "):
        layer(np.ma.masked_equal(np.array([0, 1]), 1))
