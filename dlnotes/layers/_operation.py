"""A layer that is one operation of `dlnotes.functional`, and how its weights start."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from dlnotes import initializers
from dlnotes._arguments import require_room
from dlnotes.functional._options import as_dtype, as_rng, quietly
from dlnotes.layers.layer import Array, Layer


class Operation(Layer):
    """A layer that calls one function with its parameters and options, and that one's gradient.

    Attributes
    ----------
    function, function_backward : callable
        The operation and its backward pass.
    argument_names : tuple of str
        Attributes that follow the parameters, by position.
    option_names : tuple of str
        Attributes that are passed by keyword.
    """

    function: ClassVar[Callable[..., Any]]
    function_backward: ClassVar[Callable[..., Any]]
    argument_names: ClassVar[tuple[str, ...]] = ()
    option_names: ClassVar[tuple[str, ...]] = ()

    @quietly
    def forward(self, x: Array) -> Array:
        """Run the operation, as `Layer.forward` says."""
        self._kept = None
        names = self.parameter_names + self.argument_names
        arguments = (x, *[getattr(self, name) for name in names])
        options = {name: getattr(self, name) for name in self.option_names}
        y: Array = self.function(*arguments, **options)
        self.keep(arguments, options)
        return y

    @quietly
    def backward(self, dy: Array) -> Array:
        """Run the operation's backward pass, as `Layer.backward` says."""
        arguments, options = self.kept()
        gradients = self.function_backward(dy, *arguments, **options)
        self._kept = None
        if not self.parameter_names:
            dx: Array = gradients
            return dx
        dx, *rest = gradients
        self.accumulate(rest)
        return dx


def starting(
    caller: str,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    dtype: DTypeLike,
    *,
    fan_shape: tuple[int, ...] | None = None,
    like: tuple[int, ...] | None = None,
) -> tuple[Array, Array]:
    """Draw weights and a bias as PyTorch's layers do: uniform on ±1/√fan_in.

    The fan is that of `fan_shape`, where the weights' own does not count; the bias has the shape
    `like`, or one number for each row of the weights.
    """
    rng, dtype = as_rng(caller, rng), as_dtype(caller, dtype)
    require_room(caller, shape)
    bound = initializers.deviation(fan_shape or shape, mode="fan_in")
    options: dict[str, Any] = {"rng": rng, "dtype": dtype}
    weight = initializers.uniform(shape, -bound, bound, **options)
    return weight, initializers.uniform(like or shape[:1], -bound, bound, **options)
