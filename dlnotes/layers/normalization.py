"""Batch normalization as layers, which behave differently in training."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes import initializers
from dlnotes._arguments import as_bool
from dlnotes.functional._arrays import described
from dlnotes.functional._options import as_dtype, as_number
from dlnotes.layers._options import as_share, as_size
from dlnotes.layers.layer import Array, Layer


class _BatchNorm(Layer):
    """Batch normalization of inputs with certain numbers of axes."""

    axes: ClassVar[tuple[str, ...]]
    parameter_names = ("weight", "bias")
    buffer_names = ("running_mean", "running_var", "num_batches_tracked")

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        scale: bool = True,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        self.num_features = size = as_size(name, "num_features", num_features)
        self.eps = as_number(name, "eps", eps, low=0.0)
        self.momentum = as_share(name, "momentum", momentum)
        self.affine, self.scale = as_bool(name, "affine", affine), as_bool(name, "scale", scale)
        tracks = as_bool(name, "track_running_stats", track_running_stats)
        self.track_running_stats, dtype = tracks, as_dtype(name, dtype)
        ones = initializers.constant(size, 1.0, dtype=dtype)
        self.weight = ones.copy() if affine and scale else None
        self.bias = initializers.zeros(size, dtype=dtype) if affine else None
        self.running_mean = initializers.zeros(size, dtype=dtype) if tracks else None
        self.running_var = ones if tracks else None
        self.num_batches_tracked: Array | None = np.zeros((), np.int64) if tracks else None

    def forward(self, x: Array) -> Array:
        """Normalize, and in training move the running averages, as `Layer.forward` says."""
        self._kept = None
        self._require_axes(x)
        by_batch = self.training or not self.track_running_stats
        averages: dict[str, Any] = {
            "running_mean": self.running_mean,
            "running_var": self.running_var,
        }
        options: dict[str, Any] = {"training": by_batch, "eps": self.eps}
        done = F.batch_norm(
            x, self.weight, self.bias, momentum=self.momentum, **options, **averages
        )
        if not by_batch:  # the averages may move before the backward pass
            options |= {name: np.array(average) for name, average in averages.items()}
        elif self.num_batches_tracked is not None:
            for average, moved in zip(averages.values(), done[1:], strict=True):
                average[...] = moved  # in place: whoever holds the buffer sees it
            self.num_batches_tracked += 1
        self.keep((x, self.weight, self.bias), options)
        return done.y

    def backward(self, dy: Array) -> Array:
        """Go back through the same statistics, as `Layer.backward` says."""
        arguments, options = self.kept()
        dx, *gradients = F.batch_norm_backward(dy, *arguments, **options)
        self._kept = None
        self.accumulate(gradients)
        return dx

    def _require_axes(self, x: object) -> None:
        """Hold x to the axes that the class is for, and to its channels."""
        if not isinstance(x, np.ndarray):
            return  # the function says it better
        wanted = [axes for axes in self.axes if len(axes) == x.ndim]
        if not wanted or x.shape[1] != self.num_features:
            raise ValueError(
                f"{type(self).__name__}: x must be ({') or ('.join(map(','.join, self.axes))}) "
                f"with C={self.num_features}; got {described(x=x)}; make x.shape[1] == num_features"
            )


class BatchNorm2d(_BatchNorm):
    """Batch normalization of images: (N, C, H, W), shape kept.

    Parameters
    ----------
    num_features : int
        C.
    eps : float
        Added to the variance.
    momentum : float
        The share of the new batch in the running averages, as in PyTorch.
    affine : bool
        Whether the values are scaled and shifted by learned numbers.
    track_running_stats : bool
        Whether there are running averages, for use; otherwise a batch's own statistics serve.
    scale : bool
        Whether there is a scale beside the shift; some of Keras's networks have none.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight, bias : ndarray of shape (C,), or None
        Scale and shift.
    running_mean, running_var : ndarray of shape (C,), or None
    num_batches_tracked : ndarray of int64 without axes, or None
        Batches seen, which PyTorch stores too.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range; in the forward pass as
        `dlnotes.functional.batch_norm`.

    References
    ----------
    Concepts batch-norm, bn-switch; ``torch.nn.BatchNorm2d``.

    Examples
    --------
    >>> layer = BatchNorm2d(3)
    >>> layer(np.ones((2, 3, 7, 6))).shape, int(layer.num_batches_tracked)
    ((2, 3, 7, 6), 1)
    """

    axes = ("NCHW",)


class BatchNorm1d(_BatchNorm):
    """`BatchNorm2d` of features or sequences: (N, C) or (N, C, T); ``torch.nn.BatchNorm1d``.

    Examples
    --------
    >>> BatchNorm1d(3)(np.ones((2, 3))).shape
    (2, 3)
    """

    axes = ("NC", "NCT")


class BatchNorm3d(_BatchNorm):
    """`BatchNorm2d` of volumes: (N, C, T, H, W); ``torch.nn.BatchNorm3d``.

    Examples
    --------
    >>> BatchNorm3d(3)(np.ones((2, 3, 5, 7, 6))).shape
    (2, 3, 5, 7, 6)
    """

    axes = ("NCTHW",)
