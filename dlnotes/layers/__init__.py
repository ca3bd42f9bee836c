"""Layers as objects: what `dlnotes.functional` computes, with parameters, gradients and a mode.

A layer keeps its arguments in `forward`, and `backward` uses them once: it **adds** to the
gradients of the parameters and returns the gradient of the input. Names and defaults are those of
``torch.nn``, and so are the names of parameters, so that weights can be exchanged by name.

>>> import numpy as np
>>> from dlnotes.layers import Conv2d, Flatten, Linear, ReLU, Sequential
>>> rng = np.random.default_rng(0)
>>> network = Sequential(Conv2d(3, 4, 3, rng=rng), ReLU(), Flatten(), Linear(80, 10, rng=rng))
>>> network(np.ones((2, 3, 7, 6))).shape
(2, 10)
>>> dx = network.backward(np.ones((2, 10)))
>>> dx.shape, len(network.gradients())
((2, 3, 7, 6), 4)
"""

from dlnotes.layers.activation import (
    ELU,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    ReLU6,
    Sigmoid,
    Softmax,
    Tanh,
)
from dlnotes.layers.containers import Container, Parallel, Sequential
from dlnotes.layers.convolution import (
    Conv1d,
    Conv2d,
    Conv3d,
    DepthwiseConv2d,
    LocalConv2d,
)
from dlnotes.layers.dense import Embedding, Identity, Linear
from dlnotes.layers.dropout import Dropout
from dlnotes.layers.fixed_size import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    GlobalAvgPool,
    GlobalMaxPool,
    SpatialPyramidPool,
)
from dlnotes.layers.layer import Layer
from dlnotes.layers.lenet import RadialBasis, ScaledAvgPool2d, ScaledTanh, TableConv2d
from dlnotes.layers.local_response_norm import LocalResponseNorm
from dlnotes.layers.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d
from dlnotes.layers.pooling import AvgPool1d, AvgPool2d, AvgPool3d, MaxPool1d, MaxPool2d, MaxPool3d
from dlnotes.layers.recurrent import GRU, LSTM, RNN
from dlnotes.layers.reshaping import (
    CenterCrop,
    Flatten,
    Reshape,
    SwapAxes,
    Upsample,
)
from dlnotes.layers.side_output import SideOutput
from dlnotes.layers.transposed import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from dlnotes.layers.vae import SampleNormal

__all__ = [
    "ELU",
    "GRU",
    "LSTM",
    "RNN",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "CenterCrop",
    "Container",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "DepthwiseConv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAvgPool",
    "GlobalMaxPool",
    "Identity",
    "Layer",
    "LeakyReLU",
    "Linear",
    "LocalConv2d",
    "LocalResponseNorm",
    "LogSoftmax",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Parallel",
    "RadialBasis",
    "ReLU",
    "ReLU6",
    "Reshape",
    "SampleNormal",
    "ScaledAvgPool2d",
    "ScaledTanh",
    "Sequential",
    "SideOutput",
    "Sigmoid",
    "Softmax",
    "SpatialPyramidPool",
    "SwapAxes",
    "TableConv2d",
    "Tanh",
    "Upsample",
]
