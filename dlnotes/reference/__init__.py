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
from dlnotes.reference.norm import (
    batch_norm,
    batch_norm_backward,
)
from dlnotes.reference.pool import (
    adaptive_avg_pool2d,
    avg_pool2d,
    max_pool2d,
    max_pool2d_backward,
    max_pool2d_with_indices,
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
    "adaptive_avg_pool2d",
    "avg_pool2d",
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
    "lstm",
    "lstm_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_pool2d_with_indices",
    "rnn",
    "rnn_backward",
]
