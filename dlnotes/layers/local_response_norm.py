"""AlexNet's normalization as a layer."""

import dlnotes.functional as F
from dlnotes.functional._options import as_number
from dlnotes.layers._operation import Operation
from dlnotes.layers._options import as_size


class LocalResponseNorm(Operation):
    """`dlnotes.functional.local_response_norm` as a layer: (N, C, ...), the shape stays.

    Parameters
    ----------
    size : int
        Channels in a window.
    alpha, beta, k : float
        As in the function.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    Concept alexnet; ``torch.nn.LocalResponseNorm``.

    Examples
    --------
    >>> import numpy as np
    >>> LocalResponseNorm(5)(np.ones((2, 7, 3, 3))).shape
    (2, 7, 3, 3)
    """

    argument_names = ("size",)
    option_names = ("alpha", "beta", "k")
    function = staticmethod(F.local_response_norm)
    function_backward = staticmethod(F.local_response_norm_backward)

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = as_size("LocalResponseNorm", "size", size)
        self.alpha = as_number("LocalResponseNorm", "alpha", alpha, low=0.0)
        self.beta = as_number("LocalResponseNorm", "beta", beta)
        self.k = as_number("LocalResponseNorm", "k", k, low=0.0)
