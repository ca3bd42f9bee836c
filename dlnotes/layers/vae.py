"""The variational autoencoder's layer that draws."""

import numpy as np

import dlnotes.functional as F
from dlnotes.functional._arrays import require_floats
from dlnotes.functional._options import as_rng
from dlnotes.layers.layer import Array, Layer


class SampleNormal(Layer):
    """Draw around a mean in training, return the mean in use: a pair (N, D) to (N, D).

    Parameters
    ----------
    rng : numpy Generator
        Draws the noise, anew for each forward pass in training.

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.functional.sample_normal`, in the forward pass.

    References
    ----------
    Concept vae-shapes.

    Examples
    --------
    >>> layer = SampleNormal(rng=np.random.default_rng(0))
    >>> layer((np.ones((2, 32)), np.zeros((2, 32)))).shape
    (2, 32)
    """

    def __init__(self, *, rng: np.random.Generator) -> None:
        super().__init__()
        self.rng = as_rng("SampleNormal", rng)

    def forward(self, x: tuple[Array, Array]) -> Array:
        """Take (mean, log variance), as `Layer.forward` says."""
        self._kept = None
        if not isinstance(x, tuple | list) or len(x) != 2:
            raise TypeError(
                f"SampleNormal: x is a pair of arrays, (mean, log variance); got {str(x)[:60]!r} "
                f'({type(x).__name__}); give what a Parallel of two heads and join="tuple" returns'
            )
        mean, log_variance = x
        require_floats("SampleNormal", mean=mean, log_variance=log_variance)
        noise = np.zeros_like(mean)
        if self.training:
            noise[...] = self.rng.standard_normal(mean.shape)
        y = F.sample_normal(mean, log_variance, noise)
        self.keep(mean, log_variance, noise)
        return y

    def backward(self, dy: Array) -> tuple[Array, Array]:
        """Return the gradients of the pair, as `Layer.backward` says."""
        dmean, dlog_variance, _ = F.sample_normal_backward(dy, *self.kept())
        self._kept = None
        return dmean, dlog_variance
