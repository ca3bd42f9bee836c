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
from dlnotes.reference.local import (
    local_conv1d,
    local_conv2d,
    local_conv3d,
)
from dlnotes.reference.norm import (
    batch_norm,
    batch_norm_backward,
)
from dlnotes.reference.recurrent import (
    gru,
    gru_backward,
    lstm,
    lstm_backward,
    rnn,
    rnn_backward,
)
from dlnotes.reference.transposed import (
    conv_transpose2d,
)
from dlnotes.reference.upsample import (
    interpolate,
)

__all__ = [
    "batch_norm",
    "batch_norm_backward",
    "conv2d",
    "conv2d_backward",
    "conv_transpose2d",
    "convolve2d",
    "gru",
    "gru_backward",
    "im2col",
    "interpolate",
    "local_conv1d",
    "local_conv2d",
    "local_conv3d",
    "lstm",
    "lstm_backward",
    "rnn",
    "rnn_backward",
]
