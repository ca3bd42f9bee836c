"""The simple recurrent layer, and its backward pass through time."""

from functools import partial

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_choice, quietly
from dlnotes.functional.recurrent._order import Direction
from dlnotes.functional.recurrent._reading import Call, Lengths, read
from dlnotes.functional.recurrent._results import RecurrentGradients, RecurrentResult, Saved
from dlnotes.functional.recurrent._running import (
    Back,
    Kept,
    backward,
    blocks,
    forward,
    project,
    total_bias,
)


@quietly
def rnn(
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    h0: Array | None = None,
    *,
    nonlinearity: str = "tanh",
    lengths: Lengths | None = None,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> RecurrentResult:
    r"""Run a simple recurrent layer (Elman's) over sequences.

    .. math:: h_t = \phi(W x_t + b + U h_{t-1} + b'), \qquad \phi = \tanh \text{ or ReLU}

    W is w_ih, U is w_hh, b is b_ih and b′ is b_hh. PyTorch learns both biases, H·(D + H + 2)
    parameters; Keras has one, H·(D + H + 1): give it as b_ih alone.

    Parameters
    ----------
    x : ndarray, shape (T, N, D), or (N, T, D) if batch_first
        N sequences of T steps with D features; N may be 0.
    w_ih, w_hh : ndarray, shapes (H, D) and (H, H)
        Weights of the inputs and of the state.
    b_ih, b_hh : ndarray, shape (H,), optional
        Biases, both, one or none of them.
    h0 : ndarray, shape (N, H), optional
        First state; zeros when left out.
    nonlinearity : 'tanh' or 'relu'
        The activation.
    lengths, bidirectional, batch_first
        As in `dlnotes.functional.lstm`.

    Returns
    -------
    RecurrentResult
        y, shape (T, N, H); h, shape (N, H); c is None; saved.

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.functional.lstm`, and if `nonlinearity` is another word.

    References
    ----------
    Elman, Cognitive Science 14(2), 1990; concept rnn; ``torch.nn.RNN``.

    Examples
    --------
    >>> x = np.ones((3, 1, 1))
    >>> rnn(x, np.ones((1, 1)), np.full((1, 1), 2.0), nonlinearity="relu").y.ravel().tolist()
    [1.0, 3.0, 7.0]
    """
    arrays = {"x": x, "w_ih": w_ih, "w_hh": w_hh, "b_ih": b_ih, "b_hh": b_hh, "h0": h0}
    call = _read("rnn", arrays, nonlinearity, lengths, bidirectional, batch_first)
    return forward(call, _WAYS[nonlinearity][0])


@quietly
def rnn_backward(
    dy: Array | None,
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    h0: Array | None = None,
    *,
    dh: Array | None = None,
    saved: Saved | None = None,
    nonlinearity: str = "tanh",
    lengths: Lengths | None = None,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> RecurrentGradients:
    r"""Return the gradients of `rnn`, by back-propagation through time.

    From the last step to the first, with what later steps pass back added to dh,

    .. math::
        dz_t = dh \odot \phi'_t, \qquad dh_{t-1} = U^{\mathsf T} dz_t, \qquad
        dx_t = W^{\mathsf T} dz_t

    .. math:: dW = \sum_t dz_t\, x_t^{\mathsf T}, \qquad dU = \sum_t dz_t\, h_{t-1}^{\mathsf T}

    where φ′ is 1 − h² of tanh, and 1 or 0 of ReLU. A step multiplies by Uᵀ again: over many of
    them the gradient vanishes or explodes.

    Parameters
    ----------
    dy : ndarray, shape of y, or None
        Upstream gradient of the outputs.
    x, w_ih, w_hh, b_ih, b_hh, h0, nonlinearity, lengths, bidirectional, batch_first
        As in `rnn`.
    dh : ndarray, shape (N, H), or (2, N, H) if bidirectional, optional
        Upstream gradient of the last state. One of dy and dh must be given.
    saved : Saved, optional
        The result's `saved` of `rnn` with the same arguments; without it the steps run again.

    Returns
    -------
    RecurrentGradients
        dx, dw_ih, dw_hh, db_ih, db_hh, dh0 (None where an argument is None), and None.

    Raises
    ------
    TypeError, ValueError
        As `rnn` and `dlnotes.functional.lstm_backward`.

    References
    ----------
    Werbos, Proceedings of the IEEE 78(10), 1990; concept rnn.

    Examples
    --------
    >>> x, w, u, dh = np.ones((3, 1, 1)), np.ones((1, 1)), np.full((1, 1), 2.0), np.ones((1, 1))
    >>> rnn_backward(None, x, w, u, dh=dh, nonlinearity="relu").dx.ravel().tolist()
    [4.0, 2.0, 1.0]
    """
    caller = "rnn_backward"
    arrays = {"x": x, "w_ih": w_ih, "w_hh": w_hh, "b_ih": b_ih, "b_hh": b_hh, "h0": h0}
    call = _read(caller, arrays, nonlinearity, lengths, bidirectional, batch_first)
    return backward(caller, call, {"dy": dy, "dh": dh}, saved, _WAYS[nonlinearity])


def _read(
    caller: str,
    arrays: dict[str, Array | None],
    nonlinearity: str,
    lengths: Lengths | None,
    bidirectional: bool,
    batch_first: bool,
) -> Call:
    """Check the arguments of both passes."""
    word = as_choice(caller, "nonlinearity", nonlinearity, tuple(_WAYS))
    return read((caller, word), 1, arrays, lengths, bidirectional, batch_first)


def _steps(activation: str, run: Direction) -> Kept:
    """Run forward through time; keep the states."""
    one = np.ones((1, 1, 1), run.x.dtype)
    (z,) = project(run, total_bias(run), one)  # (T, N, H)
    (recurrent,) = blocks(run.w_hh, one)
    h, room = run.states(run.h0), np.empty(run.h0.shape, run.x.dtype)
    for t, n in enumerate(run.order.counts):
        v, after = room[:n], h[t + 1, :n]
        np.matmul(h[t, :n], recurrent, out=v)
        v += z[t, :n]
        if activation == "tanh":
            np.tanh(v, out=after)
        else:
            np.maximum(v, 0.0, out=after)
    return {"h": h}


def _steps_back(
    activation: str, run: Direction, kept: Kept, dy: Array, dh: Array, dc: Array
) -> Back:
    """Run backward through time; dh arrives as that of the last states."""
    h, dz = kept["h"], run.empty()
    for t, n in reversed(list(enumerate(run.order.counts))):
        after, dh_t, dz_t = h[t + 1, :n], dh[:n], dz[t, :n]
        dh_t += dy[t, :n]
        if activation == "tanh":
            np.multiply(dh_t, 1 - after * after, out=dz_t)
        else:
            dz_t[...] = np.where(after <= 0, 0.0, dh_t)
        np.matmul(dz_t, run.w_hh, out=dh_t)
    return Back([dz], [dz], [run.before(h)], dh, dc)


_WAYS = {word: (partial(_steps, word), partial(_steps_back, word)) for word in ("tanh", "relu")}
