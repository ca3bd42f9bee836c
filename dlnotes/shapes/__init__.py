"""Integer arithmetic of sizes: integers in, integers out, nothing but the standard library.

One axis at a time (``conv_out``, ``pool_out``, ``conv_transpose_out`` …), several at once (names
ending in ``_nd``), and the reading of arguments that the operations share (``as_tuple``,
``as_pads``). Positions are counted from 0 at the input's first row, so that padding before it has
negative positions.
"""

from dlnotes.shapes.arguments import IntOrTuple, Padding, Pads, as_int, as_pads, as_tuple
from dlnotes.shapes.convolution import (
    WholeSize,
    conv_inputs,
    conv_out,
    conv_out_nd,
    conv_windows,
    effective_kernel,
    input_uses,
    remainder,
    unused_rows,
    whole_size,
)
from dlnotes.shapes.pooling import (
    PyramidWindow,
    adaptive_windows,
    pool_out,
    pool_out_nd,
    pool_windows,
    pyramid_length,
    pyramid_window,
)
from dlnotes.shapes.receptive import (
    Layer,
    Receptive,
    receptive_field,
    receptive_fields,
)
from dlnotes.shapes.relationships import (
    relationship_1,
    relationship_2,
    relationship_3,
    relationship_4,
    relationship_5,
    relationship_6,
)
from dlnotes.shapes.tf_sizes import (
    SamePadding,
    conv_out_tf,
    pool_out_tf,
    same_padding_tf,
    same_pads_tf,
)
from dlnotes.shapes.transposed import (
    AsConv,
    TransposedPads,
    conv_transpose_as_conv,
    conv_transpose_out,
    conv_transpose_out_nd,
    keras_conv_transpose_out,
    keras_conv_transpose_pads,
    output_uses,
    tf_conv_transpose_legal,
    tf_conv_transpose_pads,
)

__all__ = [
    "AsConv",
    "IntOrTuple",
    "Layer",
    "Padding",
    "Pads",
    "PyramidWindow",
    "Receptive",
    "SamePadding",
    "TransposedPads",
    "WholeSize",
    "adaptive_windows",
    "as_int",
    "as_pads",
    "as_tuple",
    "conv_inputs",
    "conv_out",
    "conv_out_nd",
    "conv_out_tf",
    "conv_transpose_as_conv",
    "conv_transpose_out",
    "conv_transpose_out_nd",
    "conv_windows",
    "effective_kernel",
    "input_uses",
    "keras_conv_transpose_out",
    "keras_conv_transpose_pads",
    "output_uses",
    "pool_out",
    "pool_out_nd",
    "pool_out_tf",
    "pool_windows",
    "pyramid_length",
    "pyramid_window",
    "receptive_field",
    "receptive_fields",
    "relationship_1",
    "relationship_2",
    "relationship_3",
    "relationship_4",
    "relationship_5",
    "relationship_6",
    "remainder",
    "same_padding_tf",
    "same_pads_tf",
    "tf_conv_transpose_legal",
    "tf_conv_transpose_pads",
    "unused_rows",
    "whole_size",
]
