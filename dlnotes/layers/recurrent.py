"""Recurrent layers. Equations and references stand in `dlnotes.functional`."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

import dlnotes.functional as F
from dlnotes import initializers
from dlnotes._arguments import as_bool, require_room
from dlnotes.functional._arrays import require_floats
from dlnotes.functional._options import as_choice, as_dtype, as_rng
from dlnotes.layers._options import as_size
from dlnotes.layers.layer import Array, Layer

_WEIGHTS = ("w_ih", "w_hh", "b_ih", "b_hh")
_KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Recurrent(Layer):
    """A recurrent layer, in one direction or in both."""

    gates: ClassVar[int]
    function: ClassVar[Any]
    function_backward: ClassVar[Any]
    option_names: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        bidirectional: bool = False,
        *,
        biases: int = 2,
        sequence: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if num_layers != 1:
            raise ValueError(
                f"{name}: layers are stacked in a Sequential; got num_layers={num_layers!r}; give "
                f"Sequential({name}(D, H), {name}(H, H))"
            )
        self.input_size = as_size(name, "input_size", input_size)
        self.hidden_size = as_size(name, "hidden_size", hidden_size)
        self.bias = as_bool(name, "bias", bias)
        self.batch_first = as_bool(name, "batch_first", batch_first)
        self.bidirectional = as_bool(name, "bidirectional", bidirectional)
        self.sequence = as_bool(name, "sequence", sequence)
        self.biases = _biases(name, biases) if self.bias else 0
        rows, bound = self.gates * self.hidden_size, self.hidden_size**-0.5
        shapes = [(rows, self.input_size), (rows, self.hidden_size), (rows,), (rows,)]
        require_room(name, (rows, max(self.input_size, self.hidden_size)))
        kind, rng = as_dtype(name, dtype), as_rng(name, rng)
        names = [f"{k}_l0{end}" for end in ("", "_reverse")[: 1 + bidirectional] for k in _KINDS]
        self.parameter_names = tuple(names)
        for j, parameter in enumerate(names):
            there = j % 4 < 2 + self.biases
            start = initializers.uniform(shapes[j % 4], -bound, bound, rng=rng, dtype=kind)
            setattr(self, parameter, start if there else None)

    def forward(self, x: Array, *, lengths: Any = None) -> Array:
        """Run over the sequences.

        Parameters
        ----------
        x : ndarray, shape (T, N, D), or (N, T, D) if batch_first
            Sequences.
        lengths : sequence of int, optional
            Steps of each sequence.

        Returns
        -------
        ndarray
            All states, or each sequence's last one, as `sequence` says.
        """
        self._kept = None
        require_floats(type(self).__name__, x=x)
        options = {name: getattr(self, name) for name in self.option_names}
        options |= {"bidirectional": self.bidirectional, "batch_first": self.batch_first}
        options["lengths"] = lengths
        weights = self._weights()
        result = self.function(x, *weights, **options)
        self.keep(x, weights, {**options, "saved": result.saved})
        if self.sequence:
            states: Array = result.y
            return states
        return np.concatenate(result.h, axis=-1) if self.bidirectional else result.h.copy()

    def backward(self, dy: Array) -> Array:
        """Go back through time, as `Layer.backward` says."""
        x, weights, options = self.kept()
        require_floats(type(self).__name__, x=x, dy=dy)
        upstream = {"dy": dy} if self.sequence else {"dy": None, "dh": self._as_states(dy)}
        found = self.function_backward(
            x=x, **upstream, **dict(zip(_WEIGHTS, weights, strict=True)), **options
        )
        self._kept = None
        gradients = found[1:5]
        if self.bidirectional:
            gradients = [None if g is None else g[b] for b in (0, 1) for g in gradients]
        self.accumulate(gradients)
        dx: Array = found.dx
        return dx

    def _weights(self) -> list[Array | None]:
        """Return weights and biases as the function takes them."""
        arrays = [getattr(self, name) for name in self.parameter_names]
        if not self.bidirectional:
            return arrays
        pairs = zip(arrays[:4], arrays[4:], strict=True)
        return [None if a is None else np.stack([a, b]) for a, b in pairs]

    def _as_states(self, dy: Array) -> Array:
        """Divide the gradient of the last states between the directions."""
        fits = isinstance(dy, np.ndarray) and dy.ndim == 2
        if not fits or dy.shape[1] != self.hidden_size * (1 + self.bidirectional):
            raise ValueError(
                f"{type(self).__name__}: dy must have the shape of the last states, (N,"
                f"{self.hidden_size * (1 + self.bidirectional)}); got {np.shape(dy)}; give ∂L/∂y"
            )
        return np.stack(np.split(dy, 2, axis=1)) if self.bidirectional else dy


def _biases(caller: str, biases: int) -> int:
    """Read the number of bias vectors a gate."""
    number = as_size(caller, "biases", biases)
    if number > 2:
        raise ValueError(
            f"{caller}: a gate has one bias or two; got biases={number}; PyTorch has 2, Keras 1"
        )
    return number


class LSTM(_Recurrent):
    """A long short-term memory: (T, N, D) to (T, N, H), or to (N, H).

    First states are zeros; to give others, or to read the cells, use `dlnotes.functional.lstm`.

    Parameters
    ----------
    input_size, hidden_size : int
        D and H.
    num_layers : 1
        Stands here as in PyTorch; layers are stacked in a `Sequential`.
    bias : bool
        Whether there are biases.
    batch_first : bool
        Whether inputs and outputs are (N, T, ...), which `networks.fit` needs.
    bidirectional : bool
        Whether a second direction runs from the end; its H features follow the first's.
    biases : {1, 2}
        Bias vectors a gate: PyTorch has two, Keras one.
    sequence : bool
        Whether all states are returned, or each sequence's last one.
    rng : numpy Generator
        Draws the starting values, PyTorch's: uniform on ±1/√H.
    dtype : dtype
        float64 or float32.

    Attributes
    ----------
    weight_ih_l0 : ndarray, shape (4·H, D)
    weight_hh_l0 : ndarray, shape (4·H, H)
    bias_ih_l0, bias_hh_l0 : ndarray of shape (4·H,), or None
        And ``weight_ih_l0_reverse`` and so on of a second direction.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another type or out of range; in the forward pass as
        `dlnotes.functional.lstm`.

    References
    ----------
    Concept lstm; ``torch.nn.LSTM``.

    Examples
    --------
    >>> LSTM(3, 5, sequence=False, rng=np.random.default_rng(0))(np.ones((7, 2, 3))).shape
    (2, 5)
    """

    gates = 4
    function = staticmethod(F.lstm)
    function_backward = staticmethod(F.lstm_backward)


class RNN(_Recurrent):
    """A simple recurrent layer; its arguments are those of `LSTM`, and the activation.

    `nonlinearity` is "tanh" or "relu".

    References
    ----------
    Concept rnn; ``torch.nn.RNN``; `dlnotes.functional.rnn`.

    Examples
    --------
    >>> RNN(3, 5, rng=np.random.default_rng(0))(np.ones((7, 2, 3))).shape
    (7, 2, 5)
    """

    gates = 1
    function = staticmethod(F.rnn)
    function_backward = staticmethod(F.rnn_backward)
    option_names = ("nonlinearity",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        bidirectional: bool = False,
        *,
        biases: int = 2,
        sequence: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        switches = (num_layers, bias, batch_first, bidirectional)
        own: dict[str, Any] = {"biases": biases, "sequence": sequence, "rng": rng, "dtype": dtype}
        super().__init__(input_size, hidden_size, *switches, **own)
        self.nonlinearity = as_choice("RNN", "nonlinearity", nonlinearity, ("tanh", "relu"))


class GRU(_Recurrent):
    """A gated recurrent unit; its arguments are those of `LSTM`, and where the reset gate stands.

    With `reset_after` it stands behind the product with the state's weights, as in PyTorch.

    References
    ----------
    Concept gru; ``torch.nn.GRU``; `dlnotes.functional.gru`.

    Examples
    --------
    >>> GRU(3, 5, bidirectional=True, rng=np.random.default_rng(0))(np.ones((7, 2, 3))).shape
    (7, 2, 10)
    """

    gates = 3
    function = staticmethod(F.gru)
    function_backward = staticmethod(F.gru_backward)
    option_names = ("reset_after",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        bidirectional: bool = False,
        *,
        reset_after: bool = True,
        biases: int = 2,
        sequence: bool = True,
        rng: np.random.Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        switches = (num_layers, bias, batch_first, bidirectional)
        own: dict[str, Any] = {"biases": biases, "sequence": sequence, "rng": rng, "dtype": dtype}
        super().__init__(input_size, hidden_size, *switches, **own)
        self.reset_after = as_bool("GRU", "reset_after", reset_after)
