"""The network for aligned faces, whose later kernels are not shared between positions."""

from dlnotes.specs.blocks import conv_relu, dense_relu_dropout
from dlnotes.specs.layers import Activation, Flatten, Linear, LocalConv, MaxPool
from dlnotes.specs.network import Network, Published, network
from dlnotes.specs.parts import Chain

SOURCE = (
    "Taigman, Yang, Ranzato, Wolf, DeepFace: closing the gap to human-level performance in face "
    "verification, CVPR 2014"
)
PERSONS = 4030
# name, kernel and stride of the locally connected layers, 16 maps each (figure 2 of the paper)
LOCAL_ROWS = (("l4", 9, 1), ("l5", 7, 2), ("l6", 5, 1))


@network("deepface")
def deepface() -> Network:
    """DeepFace: the sizes 142, 71, 63, 55, 25, 21 (Taigman, Yang, Ranzato, Wolf 2014)."""
    local = [
        part
        for name, kernel, stride in LOCAL_ROWS
        for part in (LocalConv(16, kernel, stride, name=name), Activation("relu"))
    ]
    body = Chain(
        *(*conv_relu(32, 11, name="c1"), MaxPool(3, 2, ceil_mode=True, name="m2")),
        *(*conv_relu(16, 9, name="c3"), *local, Flatten()),
        *(*dense_relu_dropout(4096), Linear(PERSONS, name="f8")),
    )
    sizes = "concepts.yml (deepface), the paper's sizes; the paper says more than 120 million"
    published = Published(118_923_774, sizes, by_hand=True)
    return Network("deepface", "DeepFace", (3, 152, 152), body, 2014, SOURCE, published=published)
