"""Dropout as a layer, which behaves differently in training."""

from typing import Any

import numpy as np

import dlnotes.functional as F
from dlnotes.functional._options import as_rng, quietly
from dlnotes.layers._options import as_share
from dlnotes.layers.layer import Array, Layer


class Dropout(Layer):
    """Dropout: in training each value is zero with probability p, and the rest is scaled up.

    Parameters
    ----------
    p : float
        Probability of being dropped, 0 to 1.
    rng : numpy Generator
        Draws the masks, anew for each forward pass in training.

    Raises
    ------
    TypeError, ValueError
        If p is no number from 0 to 1, or rng no generator.

    References
    ----------
    Concept dropout; ``torch.nn.Dropout``.

    Examples
    --------
    >>> layer = Dropout(0.5, rng=np.random.default_rng(0))
    >>> sorted(set(layer(np.ones(100)).astype(int).tolist()))
    [0, 2]
    >>> layer.eval()(np.ones((2, 3))).sum().astype(int)
    np.int64(6)
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator) -> None:
        super().__init__()
        self.p = as_share("Dropout", "p", p)
        self.rng = as_rng("Dropout", rng)

    @quietly
    def forward(self, x: Array) -> Array:
        """Draw a mask and apply it, as `Layer.forward` says."""
        self._kept = None
        draws = self.training and isinstance(x, np.ndarray)
        mask = F.dropout_mask(self.rng, x.shape, self.p) if draws else None
        options: dict[str, Any] = {"p": self.p, "training": self.training}
        y = F.dropout(x, mask, **options)
        self.keep(x, mask, options)
        return y

    @quietly
    def backward(self, dy: Array) -> Array:
        """Go back through the same mask, as `Layer.backward` says."""
        x, mask, options = self.kept()
        dx = F.dropout_backward(dy, x, mask, **options)
        self._kept = None
        return dx
