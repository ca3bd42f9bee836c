"""The loop version of each hard operation: slow, and as close to its equation as Python allows.

These are for reading, and for testing the fast versions in `dlnotes.functional`, which take the
same arguments.
"""

from dlnotes.reference.conv import (
    conv2d,
    conv2d_backward,
    convolve2d,
    im2col,
)
from dlnotes.reference.transposed import (
    conv_transpose2d,
)
from dlnotes.reference.upsample import (
    interpolate,
)

__all__ = [
    "conv2d",
    "conv2d_backward",
    "conv_transpose2d",
    "convolve2d",
    "im2col",
    "interpolate",
]
