"""Shapes, parameters and operations of a network, counted from its description."""

from dlnotes.counting.conventions import CONVENTIONS, Convention, convention
from dlnotes.counting.layer_table import LayerTable
from dlnotes.counting.modules import table_of_module
from dlnotes.counting.operations import Operations, operations
from dlnotes.counting.parameters import Parameters, count, parameters
from dlnotes.counting.published import Comparison, compare
from dlnotes.counting.rows import Row
from dlnotes.counting.rules import Shape, Shapes, pads
from dlnotes.counting.table import table
from dlnotes.counting.trace import Step, output_shape, trace

__all__ = [
    "CONVENTIONS",
    "Comparison",
    "Convention",
    "LayerTable",
    "Operations",
    "Parameters",
    "Row",
    "Shape",
    "Shapes",
    "Step",
    "compare",
    "convention",
    "count",
    "operations",
    "output_shape",
    "pads",
    "parameters",
    "table",
    "table_of_module",
    "trace",
]
