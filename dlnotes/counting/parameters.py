"""How many numbers a layer holds: those that training changes, and those that it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any

from dlnotes import shapes
from dlnotes.counting.rules import Shape, Shapes
from dlnotes.counting.trace import Step, trace
from dlnotes.specs import layers as L
from dlnotes.specs.network import Network
from dlnotes.specs.parts import Layer, Part

GATES = MappingProxyType({"rnn": 1, "lstm": 4, "gru": 3})
"""Blocks of rows in a recurrent layer's matrices."""


@dataclass(frozen=True)
class Parameters:
    """Numbers that a layer or a network holds.

    Attributes
    ----------
    trainable : int
        Changed by training: weights and biases.
    fixed : int
        Kept but not trained: running means and variances, LeNet-5's output patterns.

    Examples
    --------
    >>> (Parameters(10, 4) + Parameters(5)).total
    19
    """

    trainable: int = 0
    fixed: int = 0

    @property
    def total(self) -> int:
        """Both together, as Keras prints it."""
        return self.trainable + self.fixed

    def __add__(self, other: Parameters) -> Parameters:
        """Add kind by kind."""
        return Parameters(self.trainable + other.trainable, self.fixed + other.fixed)


def parameters(layer: Layer, input_shape: Shapes) -> Parameters:
    r"""Return how many numbers a layer holds.

    A convolution has :math:`K (C/G) R S` weights and K biases, a dense layer
    :math:`D_\text{out} (D_\text{in} + 1)`, a recurrent layer with G gates and B bias vectors
    :math:`G H (D + H + B)`; batch normalization trains 2 numbers a channel and keeps 2 more.

    Parameters
    ----------
    layer : Layer
        One of the kinds in `dlnotes.specs`.
    input_shape : tuple of int
        What goes in, without the batch.

    Returns
    -------
    counting.Parameters

    Raises
    ------
    ValueError
        If the layer does not fit on its input.
    TypeError
        If `layer` is of no known kind.

    References
    ----------
    The page "Conventions", section "What counts as a parameter".

    Examples
    --------
    >>> from dlnotes.specs import BatchNorm, Conv
    >>> parameters(Conv(8, 3), (4, 10, 10)).trainable
    296
    >>> parameters(BatchNorm(), (8, 10, 10))
    Parameters(trainable=16, fixed=16)
    """
    if not isinstance(layer, Layer):
        raise TypeError(
            f"parameters: needs one layer; got {layer!r} ({type(layer).__name__}); use "
            "counting.count for a part or a network"
        )
    return step_parameters(trace(layer, input_shape)[0])


def step_parameters(step: Step) -> Parameters:
    """Return the numbers of a layer whose shapes are known already (see `parameters`)."""
    rule = RULES.get(type(step.layer))
    return Parameters() if rule is None else rule(step.layer, step.input, step.output)


def count(network: Network | Part, input_shape: Shapes | None = None) -> Parameters:
    """Return how many numbers a network holds, summed over its layers.

    Parameters
    ----------
    network : Network or Part
        A network, or a part with its input's shape.
    input_shape : tuple of int, optional
        Without the batch; a network knows its own.

    Returns
    -------
    counting.Parameters
        Trainable, fixed, and their `total`.

    Raises
    ------
    TypeError
        If `network` is neither, or a part comes without a shape.
    ValueError
        If the parts do not fit together.

    Examples
    --------
    >>> from dlnotes import specs
    >>> count(specs.get("mnist-dense")).trainable
    79510
    """
    body, shape = body_and_shape("count", network, input_shape)
    return sum((step_parameters(step) for step in trace(body, shape)), Parameters())


def body_and_shape(
    caller: str, network: Network | Part, input_shape: Shapes | None
) -> tuple[Part, Shapes]:
    """Return what a network computes, and the shape of what goes in."""
    if isinstance(network, Network):
        known = network.input_shape
        given: Any = known if input_shape is None else input_shape
        if (
            isinstance(given, tuple)
            and len(known) == len(given) > 2
            and given[-1] == known[0] != given[0]
        ):
            raise ValueError(
                f"{caller}: input_shape {given} has the channels last; {network.title} takes "
                f"{known}; give {(given[-1], *given[:-1])}"
            )
        return network.body, given
    if not isinstance(network, Part):
        raise TypeError(
            f"{caller}: needs a Network or a part of one; got {network!r} "
            f"({type(network).__name__}); give specs.get('mnist-dense'), or layers in a Chain"
        )
    if input_shape is None:
        raise TypeError(
            f"{caller}: a {network.kind} alone does not know what goes in; got input_shape=None; "
            "give input_shape, such as (1, 28, 28)"
        )
    return network, input_shape


def kernel_size(kernel: L.Size, sizes: int) -> int:
    """Return the number of cells of a kernel on so many axes."""
    return prod(shapes.as_tuple(kernel, sizes, "kernel"))


def _conv(layer: Any, x: Shape, y: Shape) -> Parameters:
    groups = getattr(layer, "groups", 1)
    weights = y[0] * x[0] // groups * kernel_size(layer.kernel, len(x) - 1)
    if getattr(layer, "bilinear", False):
        return Parameters(0, weights)
    return Parameters(weights + y[0] * layer.bias)


def _depthwise(layer: L.DepthwiseConv, x: Shape, y: Shape) -> Parameters:
    return Parameters(y[0] * (kernel_size(layer.kernel, len(x) - 1) + layer.bias))


def _local(layer: L.LocalConv, x: Shape, y: Shape) -> Parameters:
    return Parameters(prod(y) * (x[0] * kernel_size(layer.kernel, len(x) - 1) + layer.bias))


def _table(layer: L.TableConv, x: Shape, y: Shape) -> Parameters:
    connections = sum(map(len, layer.table))
    return Parameters(connections * kernel_size(layer.kernel, len(x) - 1) + y[0] * layer.bias)


def _batch_norm(layer: L.BatchNorm, x: Shape, y: Shape) -> Parameters:
    return Parameters(x[0] * (1 + layer.scale), 2 * x[0])


def _recurrent(layer: L.Recurrent, x: Shape, y: Shape) -> Parameters:
    directions = 2 if layer.bidirectional else 1
    rows = directions * GATES[layer.cell] * layer.hidden
    return Parameters(rows * (x[-1] + layer.hidden + layer.biases))


RULES: Mapping[type[Layer], Callable[[Any, Any, Any], Parameters]] = MappingProxyType(
    {
        L.Conv: _conv,
        L.ConvTranspose: _conv,
        L.DepthwiseConv: _depthwise,
        L.LocalConv: _local,
        L.TableConv: _table,
        L.ScaledAvgPool: lambda layer, x, y: Parameters(2 * x[0]),
        L.Linear: lambda layer, x, y: Parameters((x[-1] + layer.bias) * layer.units),
        L.RadialBasis: lambda layer, x, y: Parameters(0, x[-1] * layer.units),
        L.BatchNorm: _batch_norm,
        L.Embedding: lambda layer, x, y: Parameters(layer.entries * layer.width),
        L.Recurrent: _recurrent,
    }
)
"""For each kind of layer that holds numbers, how many; the others hold none."""
