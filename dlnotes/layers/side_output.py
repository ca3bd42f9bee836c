"""GoogLeNet's auxiliary heads: a layer that reads what passes."""

from dlnotes.layers.containers import Container
from dlnotes.layers.layer import Array, Layer, require_alike


class SideOutput(Container):
    """A head that reads what passes, when it is asked to: the input goes on unchanged.

    Parameters
    ----------
    head : Layer
        Such as an auxiliary classifier.

    Attributes
    ----------
    collecting : bool
        Whether the forward pass runs the head; False at the start.
    output : ndarray or None
        What the head returned in the last forward pass.
    upstream : ndarray or None
        Gradient at that output; set it before the backward pass for the head to learn.

    References
    ----------
    Szegedy and others (2015), section 5; concept googlenet.

    Examples
    --------
    >>> import numpy as np
    >>> from dlnotes.layers import GlobalAvgPool
    >>> side = SideOutput(GlobalAvgPool())
    >>> side.collecting = True
    >>> side(np.ones((2, 3, 8, 8))).shape, side.output.shape
    ((2, 3, 8, 8), (2, 3))
    """

    def __init__(self, head: Layer) -> None:
        super().__init__({"head": head})
        self.collecting = False
        self.output: Array | None = None
        self.upstream: Array | None = None

    def forward(self, x: Array) -> Array:
        """Return x; run the head on it if it is asked for."""
        self.keep(x)
        self.output = self["head"](x) if self.collecting else None
        return x

    def backward(self, dy: Array) -> Array:
        """Return dy and, if the head learns, its gradient added."""
        (x,) = self.kept()
        require_alike("SideOutput", dy, x)
        dx: Array = dy
        if self.upstream is not None and self.output is not None:
            dx = dy + self["head"].backward(self.upstream)
            self.output = self.upstream = None
        self._kept = None
        return dx
