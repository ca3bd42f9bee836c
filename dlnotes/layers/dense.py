"""The dense layer, the table of vectors, and the layer that does nothing."""

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes import initializers
from dlnotes._arguments import as_bool, require_room
from dlnotes.functional._arrays import described, require_floats, require_shape
from dlnotes.functional._options import as_dtype, as_rng
from dlnotes.layers._operation import Operation, starting
from dlnotes.layers._options import as_size
from dlnotes.layers.layer import Array, Layer, require_alike


class Linear(Operation):
    r"""A dense (fully connected) layer: (..., D) to (..., K).

    .. math:: y = x\, w^{\mathsf T} + b

    Parameters
    ----------
    in_features, out_features : int
        D and K.
    bias : bool
        Whether there is a b.
    rng : numpy Generator
        Draws the starting values, PyTorch's: uniform on ±1/√D.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight : ndarray, shape (K, D)
    bias : ndarray of shape (K,), or None

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range.

    References
    ----------
    Concept dense-params; ``torch.nn.Linear``. The equation is `dlnotes.functional.linear`.

    Examples
    --------
    >>> layer = Linear(5, 3, rng=np.random.default_rng(0))
    >>> layer(np.ones((2, 5))).shape, layer.backward(np.ones((2, 3))).shape
    ((2, 3), (2, 5))
    >>> layer.grads["weight"].shape
    (3, 5)
    """

    parameter_names = ("weight", "bias")
    function = staticmethod(F.linear)
    function_backward = staticmethod(F.linear_backward)

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        self.in_features = as_size("Linear", "in_features", in_features)
        self.out_features = as_size("Linear", "out_features", out_features)
        shape = (self.out_features, self.in_features)
        self.weight, start = starting("Linear", shape, rng, dtype)
        self.bias = start if as_bool("Linear", "bias", bias) else None


class Embedding(Layer):
    """A table of vectors: integers of any shape (...) to (..., D).

    Parameters
    ----------
    num_embeddings, embedding_dim : int
        Number of vectors V, and the size D of each.
    rng : numpy Generator
        Draws the starting values, standard normal as in PyTorch.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight : ndarray, shape (V, D)

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range; in the forward pass if an index is no
        integer, or not from 0 to V - 1.

    References
    ----------
    Concept cv-vs-nlp; ``torch.nn.Embedding``.

    Examples
    --------
    >>> layer = Embedding(10, 4, rng=np.random.default_rng(0))
    >>> layer(np.array([[1, 2, 1]])).shape
    (1, 3, 4)
    >>> layer.backward(np.ones((1, 3, 4))) is None, layer.grads["weight"][:3, 0].tolist()
    (True, [0.0, 2.0, 1.0])
    """

    parameter_names = ("weight",)

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        self.num_embeddings = as_size("Embedding", "num_embeddings", num_embeddings)
        self.embedding_dim = as_size("Embedding", "embedding_dim", embedding_dim)
        shape = (self.num_embeddings, self.embedding_dim)
        require_room("Embedding", shape)
        rng, dtype = as_rng("Embedding", rng), as_dtype("Embedding", dtype)
        self.weight = initializers.normal(shape, rng=rng, dtype=dtype)

    def forward(self, x: Array) -> Array:
        """Look the vectors up, as `Layer.forward` says."""
        self._kept = None
        if type(x) not in (np.ndarray, np.memmap) or x.dtype.kind not in "iu":
            got = described(x=x) if isinstance(x, np.ndarray) else f"x of {type(x).__name__}"
            raise TypeError(
                f"Embedding: x holds indices, integers; got {got}; use x.astype(np.int64)"
            )
        if x.size and not 0 <= x.min() <= x.max() < self.num_embeddings:
            raise ValueError(
                f"Embedding: indices must be from 0 to {self.num_embeddings - 1}; got {x.min()} "
                f"to {x.max()}; make num_embeddings larger than every index"
            )
        self.keep(x)
        return self.weight[x]

    def backward(self, dy: Array) -> None:
        """Add each gradient to its vector's; integers have no gradient, so that None returns."""
        (x,) = self.kept()
        require_floats("Embedding", weight=self.weight, dy=dy)
        require_shape("Embedding", "…D", (*x.shape, self.embedding_dim), dy=dy, x=x)
        dw = np.zeros_like(self.weight)
        np.add.at(dw, x, dy)
        self._kept = None
        self.accumulate([dw])


class Identity(Layer):
    """A layer that returns its input: the short cut of a residual block.

    Examples
    --------
    >>> Identity()(np.ones(3)).shape
    (3,)
    """

    def forward(self, x: Array) -> Array:
        """Return x."""
        self.keep(x)
        return x

    def backward(self, dy: Array) -> Array:
        """Return dy."""
        (x,) = self.kept()
        require_alike("Identity", dy, x)
        self._kept = None
        return dy
