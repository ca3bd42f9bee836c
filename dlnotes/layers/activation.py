"""Activation functions as layers. Equations and references stand in `dlnotes.functional`."""

import dlnotes.functional as F
from dlnotes.functional._options import as_number
from dlnotes.layers._operation import Operation
from dlnotes.shapes import as_int


class ReLU(Operation):
    """`dlnotes.functional.relu` as a layer: any shape.

    References
    ----------
    Concept relu-family; ``torch.nn.ReLU``.

    Examples
    --------
    >>> import numpy as np
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
    >>> import numpy as np
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
    >>> import numpy as np
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
    >>> import numpy as np
    >>> ELU(2.0)(np.array([-1000.0, 3.0])).astype(int).tolist()
    [-2, 3]
    """

    option_names = ("alpha",)
    function = staticmethod(F.elu)
    function_backward = staticmethod(F.elu_backward)

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = as_number("ELU", "alpha", alpha)


class Sigmoid(Operation):
    """`dlnotes.functional.sigmoid` as a layer: any shape.

    References
    ----------
    Concept activations; ``torch.nn.Sigmoid``.

    Examples
    --------
    >>> import numpy as np
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
    >>> import numpy as np
    >>> Tanh()(np.array([-1000.0, 1000.0])).astype(int).tolist()
    [-1, 1]
    """

    function = staticmethod(F.tanh)
    function_backward = staticmethod(F.tanh_backward)


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
    >>> import numpy as np
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
    >>> import numpy as np
    >>> LogSoftmax()(np.array([[1000.0, -1000.0]])).astype(int).tolist()
    [[0, -2000]]
    """

    function = staticmethod(F.log_softmax)
    function_backward = staticmethod(F.log_softmax_backward)
