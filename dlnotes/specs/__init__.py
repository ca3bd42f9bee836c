"""Architectures as data: one description, from which counts, networks and drawings are made."""

# each family registers its networks when it is imported, in the book's order
from dlnotes.specs import ladder as _ladder  # noqa: F401, I001
from dlnotes.specs import classic as _classic  # noqa: F401
from dlnotes.specs import vgg as _vgg  # noqa: F401
from dlnotes.specs import inception as _inception  # noqa: F401
from dlnotes.specs import residual as _residual  # noqa: F401
from dlnotes.specs import separable as _separable  # noqa: F401
from dlnotes.specs import agents as _agents  # noqa: F401
from dlnotes.specs import faces as _faces  # noqa: F401
from dlnotes.specs import dense_prediction as _dense_prediction  # noqa: F401
from dlnotes.specs import sequences as _sequences  # noqa: F401
from dlnotes.specs.layers import (
    Activation,
    AdaptiveAvgPool,
    AvgPool,
    BatchNorm,
    Conv,
    ConvTranspose,
    Crop,
    DepthwiseConv,
    Dropout,
    Embedding,
    Flatten,
    GlobalAvgPool,
    Linear,
    LocalConv,
    LocalResponseNorm,
    MaxPool,
    RadialBasis,
    Recurrent,
    Reshape,
    Sample,
    ScaledAvgPool,
    SpatialPyramid,
    TableConv,
    Transpose,
    Upsample,
)
from dlnotes.specs.network import Network, Published, get, names, network
from dlnotes.specs.parts import Chain, Layer, Parallel, Part, SideOutput, children, walk

__all__ = [
    "Activation",
    "AdaptiveAvgPool",
    "AvgPool",
    "BatchNorm",
    "Chain",
    "Conv",
    "ConvTranspose",
    "Crop",
    "DepthwiseConv",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAvgPool",
    "Layer",
    "Linear",
    "LocalConv",
    "LocalResponseNorm",
    "MaxPool",
    "Network",
    "Parallel",
    "Part",
    "Published",
    "RadialBasis",
    "Recurrent",
    "Reshape",
    "Sample",
    "ScaledAvgPool",
    "SideOutput",
    "SpatialPyramid",
    "TableConv",
    "Transpose",
    "Upsample",
    "children",
    "get",
    "names",
    "network",
    "walk",
]
