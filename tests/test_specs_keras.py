"""Networks beside `keras.applications`: totals, what is not trained, every convolution's output.

Keras builds them on PyTorch's `meta` device: no weights are downloaded, and none are made.
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

from collections import Counter
from math import prod

import keras
import pytest

from dlnotes import counting, specs
from dlnotes.specs import Conv, DepthwiseConv

PAIRS = {
    "vgg16": "VGG16",
    "vgg19": "VGG19",
    "resnet50-keras": "ResNet50",
    "resnet152-keras": "ResNet152",
    "xception": "Xception",
    "mobilenet": "MobileNet",
}
CONVOLUTIONS = ("Conv2D", "SeparableConv2D", "DepthwiseConv2D")


@pytest.mark.parametrize(("name", "theirs"), PAIRS.items())
def test_keras_counts_the_same(name, theirs):
    with keras.device("meta"):
        model = getattr(keras.applications, theirs)(weights=None)
    network = specs.get(name)
    counted = counting.count(network)
    assert counted.trainable + counted.fixed == model.count_params() == network.published.parameters
    assert counted.fixed == sum(prod(w.shape) for w in model.non_trainable_weights)
    found = Counter(
        (shape[3], *shape[1:3])
        for layer in model.layers
        if type(layer).__name__ in CONVOLUTIONS
        for shape in [layer.output.shape]
    )
    # Keras's separable layer is one; ours are a depthwise one and a pointwise one
    kinds = Conv if name == "xception" else (Conv, DepthwiseConv)
    steps = counting.trace(network.body, network.input_shape)
    ours = Counter(step.output for step in steps if isinstance(step.layer, kinds))
    assert sum(ours.values()) > 10
    if name == "mobilenet":  # its classifier is a 1x1 convolution there and a dense layer here
        found -= Counter({(1000, 1, 1): 1})
        ours -= Counter({(1000, 1, 1): 1})
    assert ours == found
