"""What a layer computes for one example, in amounts that conventions weigh differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import prod
from types import MappingProxyType
from typing import Any

from dlnotes.counting.parameters import GATES, kernel_size
from dlnotes.counting.rules import Shape
from dlnotes.counting.trace import Step
from dlnotes.specs import layers as L
from dlnotes.specs.parts import Layer


@dataclass(frozen=True)
class Operations:
    """Amounts of work for one example; a `Convention` says what each is worth.

    Attributes
    ----------
    products : int
        Multiply-adds of weights with inputs, those with padded zeros included.
    weights : int
        Products at one position of a kernel: K (C/G) R S for a convolution.
    biases : int
        Additions of a bias, one an output value.

    Examples
    --------
    >>> (Operations(products=6, biases=2) + Operations(products=4)).products
    10
    """

    products: int = 0
    weights: int = 0
    biases: int = 0

    def __add__(self, other: Operations) -> Operations:
        """Add amount by amount."""
        return Operations(*(getattr(self, name) + getattr(other, name) for name in AMOUNTS))


AMOUNTS = tuple(field.name for field in fields(Operations))
"""The names of all amounts."""

NOTHING = Operations()


def operations(step: Step) -> Operations:
    """Return what a layer computes for one example.

    Parameters
    ----------
    step : Step
        A layer with the shapes of its input and output, from `trace`.

    Returns
    -------
    Operations

    Examples
    --------
    >>> from dlnotes.counting import trace
    >>> operations(trace(L.Conv(8, 3), (4, 10, 10))[0]).products == 8 * 8 * 8 * 4 * 9
    True
    """
    rule = RULES.get(type(step.layer))
    return NOTHING if rule is None else rule(step)


def _linear(step: Step, positions: int, weights: int) -> Operations:
    """Return the work of a layer that uses each weight once a position."""
    values = prod(_shape(step.output))
    biases = values if getattr(step.layer, "bias", False) else 0
    return Operations(products=positions * weights, weights=weights, biases=biases)


def _conv(step: Step) -> Operations:
    layer, x, y = _read(step)
    weights = y[0] * x[0] // getattr(layer, "groups", 1) * kernel_size(layer.kernel, len(x) - 1)
    from_input = isinstance(layer, L.ConvTranspose)  # each input value meets the whole kernel
    return _linear(step, prod((x if from_input else y)[1:]), weights)


def _depthwise(step: Step) -> Operations:
    layer, x, y = _read(step)
    return _linear(step, prod(y[1:]), y[0] * kernel_size(layer.kernel, len(x) - 1))


def _table(step: Step) -> Operations:
    layer, x, y = _read(step)
    weights = sum(map(len, layer.table)) * kernel_size(layer.kernel, len(x) - 1)
    return _linear(step, prod(y[1:]), weights)


def _dense(step: Step) -> Operations:
    layer, x, y = _read(step)
    return _linear(step, prod(y[:-1]), x[-1] * layer.units)


def _recurrent(step: Step) -> Operations:
    layer, x, _ = _read(step)
    rows = (2 if layer.bidirectional else 1) * GATES[layer.cell] * layer.hidden
    weights = rows * (x[1] + layer.hidden)
    return Operations(products=x[0] * weights, weights=weights, biases=x[0] * rows * layer.biases)


def _scaled_pool(step: Step) -> Operations:
    _, _, y = _read(step)
    return Operations(products=prod(y), weights=y[0], biases=prod(y))


def _read(step: Step) -> tuple[Any, Shape, Shape]:
    """Return a layer that takes one value and returns one, with both shapes."""
    return step.layer, _shape(step.input), _shape(step.output)


def _shape(found: Any) -> Shape:
    """Return the shape of one value, as the layer's rule has checked."""
    shape: Shape = found
    return shape


RULES: Mapping[type[Layer], Callable[[Step], Operations]] = MappingProxyType(
    {
        L.Conv: _conv,
        L.ConvTranspose: _conv,
        L.LocalConv: _conv,
        L.DepthwiseConv: _depthwise,
        L.TableConv: _table,
        L.Linear: _dense,
        L.RadialBasis: _dense,
        L.Recurrent: _recurrent,
        L.ScaledAvgPool: _scaled_pool,
    }
)
"""For each kind of layer that multiplies by weights what it computes; the others count nothing."""
