"""Shapes, parameters and operations of a network, counted from its description."""

from dlnotes.counting.trace import Shape, Shapes, Step, output_shape, pads, trace

__all__ = ["Shape", "Shapes", "Step", "output_shape", "pads", "trace"]
