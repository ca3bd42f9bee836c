"""Activation functions as layers. Equations and references stand in `dlnotes.functional`."""

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes import initializers
from dlnotes.functional._options import as_dtype, as_number, as_rng, quietly
from dlnotes.layers._operation import Operation
from dlnotes.layers._options import as_size
from dlnotes.layers.layer import Array, Layer
from dlnotes.shapes import as_int


class ReLU(Operation):
    """`dlnotes.functional.relu` as a layer: any shape.

    References
    ----------
    Concept relu-family; ``torch.nn.ReLU``.

    Examples
    --------
    >>> ReLU()(np.array([-2.0, 3.0])).astype(int).tolist()
    [0, 3]
    """

    function = staticmethod(F.relu)
    function_backward = staticmethod(F.relu_backward)


class ReLU6(Operation):
    """`dlnotes.functional.relu6` as a layer: any shape.

    References
    ----------
    ``torch.nn.ReLU6``.

    Examples
    --------
    >>> ReLU6()(np.array([-2.0, 8.0])).astype(int).tolist()
    [0, 6]
    """

    function = staticmethod(F.relu6)
    function_backward = staticmethod(F.relu6_backward)


class LeakyReLU(Operation):
    """`dlnotes.functional.leaky_relu` as a layer: any shape.

    Parameters
    ----------
    negative_slope : float
        Slope for negative inputs.

    References
    ----------
    Concept relu-family; ``torch.nn.LeakyReLU``.

    Examples
    --------
    >>> LeakyReLU(0.5)(np.array([-2.0, 3.0])).astype(int).tolist()
    [-1, 3]
    """

    option_names = ("negative_slope",)
    function = staticmethod(F.leaky_relu)
    function_backward = staticmethod(F.leaky_relu_backward)

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = as_number("LeakyReLU", "negative_slope", negative_slope)


class ELU(Operation):
    """`dlnotes.functional.elu` as a layer: any shape.

    Parameters
    ----------
    alpha : float
        Minus the limit for negative inputs.

    References
    ----------
    Concept relu-family; ``torch.nn.ELU``.

    Examples
    --------
    >>> ELU(2.0)(np.array([-1000.0, 3.0])).astype(int).tolist()
    [-2, 3]
    """

    option_names = ("alpha",)
    function = staticmethod(F.elu)
    function_backward = staticmethod(F.elu_backward)

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = as_number("ELU", "alpha", alpha)


class PReLU(Operation):
    """`dlnotes.functional.prelu` as a layer: the slope for negative inputs is learned.

    Parameters
    ----------
    num_parameters : int
        1, or one a channel.
    init : float
        Where the slopes start.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight : ndarray, shape (num_parameters,)

    References
    ----------
    Concept relu-family; ``torch.nn.PReLU``.

    Examples
    --------
    >>> PReLU(init=0.5)(np.array([[-2.0, 3.0]])).astype(int).tolist()
    [[-1, 3]]
    """

    parameter_names = ("weight",)
    function = staticmethod(F.prelu)
    function_backward = staticmethod(F.prelu_backward)

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = np.float64
    ) -> None:
        super().__init__()
        self.num_parameters = as_size("PReLU", "num_parameters", num_parameters)
        self.init = as_number("PReLU", "init", init)
        kind = as_dtype("PReLU", dtype)
        self.weight = initializers.constant(self.num_parameters, self.init, dtype=kind)


class RReLU(Layer):
    """`dlnotes.functional.rrelu` as a layer: random slopes in training, their mean in use.

    Parameters
    ----------
    lower, upper : float
        Bounds of the slopes.
    rng : numpy Generator
        Draws the slopes, anew for each forward pass in training.

    References
    ----------
    Concept relu-family; ``torch.nn.RReLU``.

    Examples
    --------
    >>> layer = RReLU(0.5, 0.5, rng=np.random.default_rng(0))
    >>> layer(np.array([-2.0, 3.0])).astype(int).tolist()
    [-1, 3]
    """

    def __init__(
        self, lower: float = 1 / 8, upper: float = 1 / 3, *, rng: np.random.Generator
    ) -> None:
        super().__init__()
        self.upper = as_number("RReLU", "upper", upper)
        self.lower = as_number("RReLU", "lower", lower, high=self.upper)
        self.rng = as_rng("RReLU", rng)

    @quietly
    def forward(self, x: Array) -> Array:
        """Draw slopes and apply them, as `Layer.forward` says."""
        self._kept = None
        options = {"lower": self.lower, "upper": self.upper}
        slopes = None
        if self.training and isinstance(x, np.ndarray) and x.dtype.kind == "f":
            slopes = F.rrelu_slopes(self.rng, x.shape, **options, dtype=x.dtype)
        y = F.rrelu(x, slopes, **options, training=self.training)
        self.keep(x, slopes, {**options, "training": self.training})
        return y

    @quietly
    def backward(self, dy: Array) -> Array:
        """Go back through the same slopes, as `Layer.backward` says."""
        x, slopes, options = self.kept()
        dx = F.rrelu_backward(dy, x, slopes, **options)
        self._kept = None
        return dx


class Sigmoid(Operation):
    """`dlnotes.functional.sigmoid` as a layer: any shape.

    References
    ----------
    Concept activations; ``torch.nn.Sigmoid``.

    Examples
    --------
    >>> Sigmoid()(np.array([-1000.0, 1000.0])).astype(int).tolist()
    [0, 1]
    """

    function = staticmethod(F.sigmoid)
    function_backward = staticmethod(F.sigmoid_backward)


class Tanh(Operation):
    """`dlnotes.functional.tanh` as a layer: any shape.

    References
    ----------
    Concept activations; ``torch.nn.Tanh``.

    Examples
    --------
    >>> Tanh()(np.array([-1000.0, 1000.0])).astype(int).tolist()
    [-1, 1]
    """

    function = staticmethod(F.tanh)
    function_backward = staticmethod(F.tanh_backward)


class Step(Operation):
    """`dlnotes.functional.step` as a layer: any shape; its gradient is zero.

    Parameters
    ----------
    at_zero : float
        The value at 0.

    References
    ----------
    Concept activations.

    Examples
    --------
    >>> Step()(np.array([-2.0, 3.0])).astype(int).tolist()
    [0, 1]
    """

    option_names = ("at_zero",)
    function = staticmethod(F.step)
    function_backward = staticmethod(F.step_backward)

    def __init__(self, at_zero: float = 1.0) -> None:
        super().__init__()
        self.at_zero = as_number("Step", "at_zero", at_zero)


class Softmax(Operation):
    """`dlnotes.functional.softmax` as a layer.

    `dlnotes.functional.cross_entropy` contains a softmax already: a network that is trained with
    it ends without one.

    Parameters
    ----------
    axis : int
        The axis of the classes.

    References
    ----------
    Concept softmax; ``torch.nn.Softmax``.

    Examples
    --------
    >>> Softmax()(np.array([[1000.0, -1000.0]])).astype(int).tolist()
    [[1, 0]]
    """

    option_names = ("axis",)
    function = staticmethod(F.softmax)
    function_backward = staticmethod(F.softmax_backward)

    def __init__(self, axis: int = -1) -> None:
        super().__init__()
        self.axis = as_int(axis, "axis", least=-(2**31), caller=type(self).__name__)


class LogSoftmax(Softmax):
    """`dlnotes.functional.log_softmax` as a layer.

    Parameters
    ----------
    axis : int
        The axis of the classes.

    References
    ----------
    Concept softmax; ``torch.nn.LogSoftmax``.

    Examples
    --------
    >>> LogSoftmax()(np.array([[1000.0, -1000.0]])).astype(int).tolist()
    [[0, -2000]]
    """

    function = staticmethod(F.log_softmax)
    function_backward = staticmethod(F.log_softmax_backward)
