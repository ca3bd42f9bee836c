"""Operations of neural networks, each beside its backward pass."""

from dlnotes.functional import activation, loss, pool, recurrent
from dlnotes.functional.activation import *  # noqa: F403
from dlnotes.functional.center_crop import center_crop, center_crop_backward
from dlnotes.functional.columns import (
    col2im,
    col2im_backward,
    im2col,
    im2col_backward,
)
from dlnotes.functional.conv import (
    conv1d,
    conv1d_backward,
    conv2d,
    conv2d_backward,
    conv3d,
    conv3d_backward,
)
from dlnotes.functional.dropout import (
    dropout,
    dropout_backward,
    dropout_mask,
)
from dlnotes.functional.lenet import (
    radial_basis,
    radial_basis_backward,
    scaled_avg_pool2d,
    scaled_avg_pool2d_backward,
    scaled_tanh,
    scaled_tanh_backward,
    table_conv2d,
    table_conv2d_backward,
)
from dlnotes.functional.linear import (
    linear,
    linear_backward,
)
from dlnotes.functional.local import (
    local_conv2d,
    local_conv2d_backward,
)
from dlnotes.functional.local_response_norm import (
    local_response_norm,
    local_response_norm_backward,
)
from dlnotes.functional.loss import *  # noqa: F403
from dlnotes.functional.norm import (
    BatchNorm,
    batch_norm,
    batch_norm_backward,
)
from dlnotes.functional.pool import *  # noqa: F403
from dlnotes.functional.recurrent import *  # noqa: F403
from dlnotes.functional.separable import (
    depthwise_conv2d,
    depthwise_conv2d_backward,
    separable_conv2d,
    separable_conv2d_backward,
)
from dlnotes.functional.sparse import (
    SparseMatrix,
    conv1d_matrix,
    conv2d_matrix,
)
from dlnotes.functional.transposed import (
    conv_transpose1d,
    conv_transpose1d_backward,
    conv_transpose2d,
    conv_transpose2d_backward,
    conv_transpose2d_tf,
    conv_transpose2d_tf_backward,
    conv_transpose3d,
    conv_transpose3d_backward,
)
from dlnotes.functional.true_convolution import (
    convolve2d,
    convolve2d_backward,
)
from dlnotes.functional.upsample import (
    interpolate,
    interpolate_backward,
    kronecker,
    kronecker_backward,
    pixel_shuffle,
    pixel_shuffle_backward,
)
from dlnotes.functional.vae import sample_normal, sample_normal_backward

__all__ = [
    *activation.__all__,
    *loss.__all__,
    *pool.__all__,
    *recurrent.__all__,
    "BatchNorm",
    "SparseMatrix",
    "batch_norm",
    "batch_norm_backward",
    "center_crop",
    "center_crop_backward",
    "col2im",
    "col2im_backward",
    "conv1d",
    "conv1d_backward",
    "conv1d_matrix",
    "conv2d",
    "conv2d_backward",
    "conv2d_matrix",
    "conv3d",
    "conv3d_backward",
    "conv_transpose1d",
    "conv_transpose1d_backward",
    "conv_transpose2d",
    "conv_transpose2d_backward",
    "conv_transpose2d_tf",
    "conv_transpose2d_tf_backward",
    "conv_transpose3d",
    "conv_transpose3d_backward",
    "convolve2d",
    "convolve2d_backward",
    "depthwise_conv2d",
    "depthwise_conv2d_backward",
    "dropout",
    "dropout_backward",
    "dropout_mask",
    "im2col",
    "im2col_backward",
    "interpolate",
    "interpolate_backward",
    "kronecker",
    "kronecker_backward",
    "linear",
    "linear_backward",
    "local_conv2d",
    "local_conv2d_backward",
    "local_response_norm",
    "local_response_norm_backward",
    "pixel_shuffle",
    "pixel_shuffle_backward",
    "radial_basis",
    "radial_basis_backward",
    "sample_normal",
    "sample_normal_backward",
    "scaled_avg_pool2d",
    "scaled_avg_pool2d_backward",
    "scaled_tanh",
    "scaled_tanh_backward",
    "separable_conv2d",
    "separable_conv2d_backward",
    "table_conv2d",
    "table_conv2d_backward",
]
