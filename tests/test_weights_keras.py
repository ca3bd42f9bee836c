"""The same weights in Keras 3 and here: the same numbers, and the way back."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import pytest
import torch

import dlnotes.functional as F
from dlnotes import shapes
from dlnotes.weights import from_keras, to_keras

# Keras's own Variable.numpy() is older than NumPy 2's copy keyword
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
RNG = np.random.default_rng(3)
CLOSE = {"rtol": 1e-10, "atol": 1e-12}
SINGLE = {"rtol": 5e-6, "atol": 5e-6}
"""Keras computes matrix products, means and statistics in float32, even in a float64 layer."""


def layer(name, *arguments, **options):
    """A Keras layer in double precision."""
    return getattr(keras.layers, name)(*arguments, dtype="float64", **options)


def call(built, x, **options):
    """What a Keras layer makes of `x`; a tensor keeps its precision, an array would not."""
    return keras.ops.convert_to_numpy(built(torch.from_numpy(x), **options))


def run(built, x, **options):
    """Build a Keras layer on `x`, give it random weights, and return them with its output."""
    built.build((None, *x.shape[1:]))
    built.set_weights([RNG.uniform(0.1, 1, size=w.shape) for w in built.get_weights()])
    y = call(built, x, **options)
    return built.get_weights(), y


def first(x):
    """Channels last to channels first."""
    return np.moveaxis(x, -1, 1)


def there_and_back(kind, weights, **options):
    state = from_keras(kind, weights, **{k: v for k, v in options.items() if k == "after_flatten"})
    for ours, theirs in zip(to_keras(kind, state, **options), weights, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    return state


KERNELS = {1: (3,), 2: (3, 2), 3: (3, 2, 4)}


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2), (3, 1)])
@pytest.mark.parametrize("dims", [1, 2, 3])
def test_convolution(dims, stride, dilation, padding):
    x = RNG.normal(size=(*(2, 11, 10, 9)[: dims + 1], 5))
    options = {"strides": stride, "dilation_rate": dilation, "padding": padding}
    weights, y = run(layer(f"Conv{dims}D", 7, KERNELS[dims], **options), x)
    state = there_and_back("conv", weights)
    pads = 0
    if padding == "same":
        pads = shapes.same_pads_tf(x.shape[1:-1], KERNELS[dims], stride, dilation)
    conv = getattr(F, f"conv{dims}d")
    ours = conv(
        first(x), state["weight"], state["bias"], stride=stride, dilation=dilation, padding=pads
    )
    np.testing.assert_allclose(ours, first(y), **CLOSE)


def test_groups():
    x = RNG.normal(size=(2, 8, 7, 6))
    weights, y = run(layer("Conv2D", 4, (3, 2), groups=2), x)
    state = there_and_back("conv", weights)
    ours = F.conv2d(first(x), state["weight"], state["bias"], groups=2)
    np.testing.assert_allclose(ours, first(y), **CLOSE)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2])
def test_depthwise_and_separable(stride, padding):
    x = RNG.normal(size=(2, 8, 7, 3))
    kernel, options = (3, 2), {"strides": stride, "padding": padding, "depth_multiplier": 2}
    pads = shapes.same_pads_tf((8, 7), kernel, stride) if padding == "same" else 0
    weights, y = run(layer("DepthwiseConv2D", kernel, **options), x)
    state = there_and_back("depthwise", weights, channels=3)
    ours = F.depthwise_conv2d(first(x), state["weight"], state["bias"], stride=stride, padding=pads)
    np.testing.assert_allclose(ours, first(y), **CLOSE)
    weights, y = run(layer("SeparableConv2D", 5, kernel, **options), x)
    state = there_and_back("separable", weights, channels=3)
    ours = F.conv2d(
        F.depthwise_conv2d(first(x), state["depthwise.weight"], stride=stride, padding=pads),
        state["pointwise.weight"],
        state["pointwise.bias"],
    )
    np.testing.assert_allclose(ours, first(y), **CLOSE)


TRANSPOSED = [
    (padding, stride, extra)
    for padding in ("valid", "same")
    for stride in (1, 2, 3)
    for extra in (None, *range(stride))
]


@pytest.mark.parametrize(("padding", "stride", "extra"), TRANSPOSED)
def test_transposed_convolution_with_each_output_padding(padding, stride, extra):
    x, kernel = RNG.normal(size=(2, 4, 5, 3)), (4, 3)
    built = layer(
        "Conv2DTranspose", 6, kernel, strides=stride, padding=padding, output_padding=extra
    )
    weights, y = run(built, x)
    state = there_and_back("conv_transpose", weights)
    pads = [
        shapes.keras_conv_transpose_pads(n, k, stride=stride, padding=padding, output_padding=extra)
        for n, k in zip((4, 5), kernel, strict=True)
    ]
    ours = F.conv_transpose2d(
        first(x),
        state["weight"],
        state["bias"],
        stride=stride,
        padding=[(pad.before, pad.after) for pad in pads],
        output_padding=[pad.output_padding for pad in pads],
    )
    np.testing.assert_allclose(ours, first(y), **CLOSE)


@pytest.mark.parametrize("training", [False, True])
def test_batch_normalization(training):
    x = RNG.normal(size=(4, 3, 2, 5))
    built = layer("BatchNormalization", momentum=0.9)
    built.build(x.shape)
    built.set_weights([RNG.uniform(0.5, 1, size=5) for _ in range(4)])
    before = built.get_weights()
    y = call(built, x, training=training)
    state = there_and_back("batch_norm", before)
    ours = F.batch_norm(
        first(x),
        state["weight"],
        state["bias"],
        running_mean=state["running_mean"],
        running_var=state["running_var"],
        training=training,
        convention="keras",
        momentum=0.9,
        eps=1e-3,
    )
    np.testing.assert_allclose(ours.y, first(y), **SINGLE)
    if training:
        _, _, mean, var = built.get_weights()
        np.testing.assert_allclose(ours.running_mean, mean, **SINGLE)
        np.testing.assert_allclose(ours.running_var, var, **SINGLE)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "stride"), [(2, None), (3, 2), (2, 3)])
def test_pooling(size, stride, padding):
    x = RNG.normal(size=(2, 9, 7, 3))
    sizes = (9, 7)
    pads = shapes.same_pads_tf(sizes, size, stride or size) if padding == "same" else 0
    options = {"pool_size": size, "strides": stride, "padding": padding}
    y = call(layer("MaxPooling2D", **options), x)
    ours = F.max_pool2d(first(x), size, stride=stride, padding=pads)
    np.testing.assert_allclose(ours, first(y), **CLOSE)
    # where TensorFlow's zeros are uneven, Keras's torch backend repeats the edge instead; the
    # sizes here are those at which it agrees with TensorFlow
    y = call(layer("AveragePooling2D", **options), x)
    ours = F.avg_pool2d(first(x), size, stride=stride, padding=pads, count_include_pad=False)
    np.testing.assert_allclose(ours, first(y), **SINGLE)


def test_dense_after_flatten():
    x = RNG.normal(size=(2, 4, 3, 5))
    weights, y = run(layer("Dense", 6), x.reshape(2, -1))
    state = there_and_back("dense", weights, after_flatten=(5, 4, 3))
    ours = F.linear(first(x).reshape(2, -1), state["weight"], state["bias"])
    np.testing.assert_allclose(ours, y, **SINGLE)


def test_global_pooling_and_embedding():
    x = RNG.normal(size=(2, 4, 3, 5))
    y = call(layer("GlobalAveragePooling2D"), x)
    np.testing.assert_allclose(F.global_avg_pool(first(x)), y, **SINGLE)
    words = np.array([[3, 1, 0]])
    weights, y = run(layer("Embedding", 4, 2), words)
    np.testing.assert_array_equal(there_and_back("embedding", weights)["weight"][words], y)


@pytest.mark.parametrize(
    ("kind", "weights", "rule"),
    [
        ("conv9", [np.zeros((3, 3, 1, 1))], "there is no kind 'conv9'"),
        ("conv", [np.zeros((3, 3))], "arrays of"),
        ("dense", [np.zeros((3, 3)), np.zeros(3), np.zeros(3)], r"\(3, 3\), \(3,\), \(3,\)"),
        ("gru", [np.zeros((5, 8)), np.zeros((3, 8))], "8 entries"),
        ("lstm", [np.zeros((5, 8))], "axes"),
        ("batch_norm", [np.zeros(3)] * 3, "axes"),
    ],
)
def test_refusals(kind, weights, rule):
    with pytest.raises(ValueError, match=rf"^from_keras: .*{rule}"):
        from_keras(kind, weights)


def test_refusals_of_types_and_names():
    with pytest.raises(TypeError, match=r"^from_keras: array 0 of 'dense' has dtype int64"):
        from_keras("dense", [np.zeros((3, 3), int)])
    with pytest.raises(ValueError, match=r"^from_keras: 'dense' reads 12 values.* has 10"):
        from_keras("dense", [np.zeros((12, 2))], after_flatten=(5, 2, 1))
    with pytest.raises(ValueError, match=r"^to_keras: 'conv' .*missing: weight; unknown: kernel"):
        to_keras("conv", {"kernel": np.zeros((3, 3, 1, 1))})
    with pytest.raises(TypeError, match=r"^to_keras: the weights are arrays by name; got list"):
        to_keras("dense", [np.zeros((3, 5))])
    with pytest.raises(ValueError, match=r"6 kernels for channels=4"):
        to_keras("depthwise", {"weight": np.zeros((6, 1, 3, 3))}, channels=4)
