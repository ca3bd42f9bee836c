"""Activation functions, each beside its backward pass.

All of them keep the shape and the dtype, work element by element (softmax and log-softmax: along
one axis), carry NaN and infinity along as PyTorch does, and hold at inputs of ±1000. A backward
pass takes the upstream gradient and then what the forward pass took: x, not y. Where a function
has a corner, its gradient there is PyTorch's.
"""

from dlnotes.functional.activation.distributions import (
    log_softmax,
    log_softmax_backward,
    softmax,
    softmax_backward,
)
from dlnotes.functional.activation.rectifiers import (
    elu,
    elu_backward,
    leaky_relu,
    leaky_relu_backward,
    relu,
    relu6,
    relu6_backward,
    relu_backward,
)
from dlnotes.functional.activation.saturating import (
    logistic,
    logistic_backward,
    sigmoid,
    sigmoid_backward,
    step,
    step_backward,
    tanh,
    tanh_backward,
)
from dlnotes.functional.activation.slopes import (
    prelu,
    prelu_backward,
    rrelu,
    rrelu_backward,
    rrelu_slopes,
)

__all__ = [
    "elu",
    "elu_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "log_softmax",
    "log_softmax_backward",
    "logistic",
    "logistic_backward",
    "prelu",
    "prelu_backward",
    "relu",
    "relu6",
    "relu6_backward",
    "relu_backward",
    "rrelu",
    "rrelu_backward",
    "rrelu_slopes",
    "sigmoid",
    "sigmoid_backward",
    "softmax",
    "softmax_backward",
    "step",
    "step_backward",
    "tanh",
    "tanh_backward",
]
