"""Shapes, parameters and operations of a network, counted from its description."""

from dlnotes.counting.parameters import Parameters, count, parameters
from dlnotes.counting.trace import Shape, Shapes, Step, output_shape, pads, trace

__all__ = [
    "Parameters",
    "Shape",
    "Shapes",
    "Step",
    "count",
    "output_shape",
    "pads",
    "parameters",
    "trace",
]
