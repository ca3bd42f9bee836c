"""Reverse-mode differentiation on a graph that can be read, traced and drawn.

Write a formula on Variables, call ``backward`` on its result, and every node of the graph holds its
gradient:

>>> from dlnotes.autodiff import Variable
>>> x, y = Variable(3.0, "x"), Variable(4.0, "y")
>>> f = x**2 * y + y + 2
>>> f.backward()
>>> float(f), float(x.grad), float(y.grad)
(42.0, 24.0, 10.0)

`trace` and `backward_trace` tell the two walks step by step; `forward_trace` follows the change of
one leaf, for comparison. The rules stand in `dlnotes.autodiff.table`; their values are PyTorch's
at 0, NaN and the infinities, too, and NumPy warns of none of them.
"""

from dlnotes.autodiff.functions import (
    absolute,
    broadcast_to,
    clip,
    concatenate,
    exp,
    log,
    log_softmax,
    logsumexp,
    max,
    maximum,
    mean,
    min,
    minimum,
    operation,
    relu,
    reshape,
    sigmoid,
    softmax,
    sqrt,
    stack,
    sum,
    tanh,
    transpose,
    where,
)
from dlnotes.autodiff.gradients import grad, value_and_grad, vjp
from dlnotes.autodiff.operand import apply
from dlnotes.autodiff.records import Contribution, Node
from dlnotes.autodiff.rules import Elementwise, Linear, Reduction, Rule
from dlnotes.autodiff.tracing import backward_trace, forward_trace, trace
from dlnotes.autodiff.variable import Variable

__all__ = [
    "Contribution",
    "Elementwise",
    "Linear",
    "Node",
    "Reduction",
    "Rule",
    "Variable",
    "absolute",
    "apply",
    "backward_trace",
    "broadcast_to",
    "clip",
    "concatenate",
    "exp",
    "forward_trace",
    "grad",
    "log",
    "log_softmax",
    "logsumexp",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "operation",
    "relu",
    "reshape",
    "sigmoid",
    "softmax",
    "sqrt",
    "stack",
    "sum",
    "tanh",
    "trace",
    "transpose",
    "value_and_grad",
    "vjp",
    "where",
]
