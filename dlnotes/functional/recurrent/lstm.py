"""The long short-term memory, and its backward pass through time."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import quietly
from dlnotes.functional.recurrent._order import Direction
from dlnotes.functional.recurrent._reading import Lengths, read
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

_ORDER = [0, 1, 3, 2]
"""Where i, f, o and g stand in PyTorch's order, and back: the three sigmoids lie together here."""


@quietly
def lstm(
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    h0: Array | None = None,
    c0: Array | None = None,
    *,
    lengths: Lengths | None = None,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> RecurrentResult:
    r"""Run a long short-term memory over sequences.

    .. math::
        i, f, o = \sigma(W_{i,f,o}\, x_t + U_{i,f,o}\, h_{t-1} + b_{i,f,o}), \qquad
        g = \tanh(W_g x_t + U_g h_{t-1} + b_g)

    .. math:: c_t = f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh c_t

    W is w_ih, U is w_hh, and b the sum of the two biases. PyTorch learns both,
    4·H·(D + H + 2) parameters; Keras has one, 4·H·(D + H + 1): give it as b_ih alone.

    Parameters
    ----------
    x : ndarray, shape (T, N, D), or (N, T, D) if batch_first
        N sequences of T steps with D features; N may be 0.
    w_ih : ndarray, shape (4·H, D)
        Weights of the inputs, one block of H rows a gate, in the order i, f, g, o.
    w_hh : ndarray, shape (4·H, H)
        Weights of the state.
    b_ih, b_hh : ndarray, shape (4·H,), optional
        Biases, both, one or none of them.
    h0, c0 : ndarray, shape (N, H), optional
        First state and cell; zeros when left out.
    lengths : sequence of N ints, optional
        Steps of each sequence, 1 to T, in any order; what x holds behind them is not looked at.
    bidirectional : bool
        Whether a second direction runs from each sequence's end to its start. Then weights,
        biases and first states begin with an axis of 2, the forward direction first.
    batch_first : bool
        Whether x and y begin with the batch.

    Returns
    -------
    RecurrentResult
        y, shape (T, N, H); h and c, shape (N, H); saved.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64, or an option has another type.
    ValueError
        If shapes do not fit, x has no step or no feature, or a length is not in 1 to T.

    References
    ----------
    Hochreiter and Schmidhuber, Neural Computation 9(8), 1997; with the forget gate of Gers,
    Schmidhuber and Cummins, Neural Computation 12(10), 2000; concept lstm; ``torch.nn.LSTM``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, w_ih, w_hh = (rng.standard_normal(s) for s in ((7, 2, 3), (20, 3), (20, 5)))
    >>> result = lstm(x, w_ih, w_hh, lengths=[7, 4])
    >>> result.y.shape, result.h.shape, result.c.shape, int(abs(result.y[4:, 1]).sum())
    ((7, 2, 5), (2, 5), (2, 5), 0)
    """
    arrays = {"x": x, "w_ih": w_ih, "w_hh": w_hh, "b_ih": b_ih, "b_hh": b_hh, "h0": h0, "c0": c0}
    call = read(("lstm",), 4, arrays, lengths, bidirectional, batch_first)
    return forward(call, _steps)


@quietly
def lstm_backward(
    dy: Array | None,
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    h0: Array | None = None,
    c0: Array | None = None,
    *,
    dh: Array | None = None,
    dc: Array | None = None,
    saved: Saved | None = None,
    lengths: Lengths | None = None,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> RecurrentGradients:
    r"""Return the gradients of `lstm`, by back-propagation through time.

    From the last step to the first, with what later steps pass back added to dh and dc,

    .. math::
        dz_o = dh \odot \tanh c_t \odot o (1 - o), \qquad
        dc \mathrel{+}= dh \odot o \odot (1 - \tanh^2 c_t)

    .. math::
        dz_i = dc \odot g \odot i (1 - i), \quad dz_f = dc \odot c_{t-1} \odot f (1 - f), \quad
        dz_g = dc \odot i \odot (1 - g^2)

    .. math:: dh_{t-1} = U^{\mathsf T} dz, \qquad dc_{t-1} = f \odot dc

    The cell's gradient is multiplied by f alone on its way back: where f is near 1 it does not
    vanish.

    Parameters
    ----------
    dy : ndarray, shape of y, or None
        Upstream gradient of the outputs.
    x, w_ih, w_hh, b_ih, b_hh, h0, c0, lengths, bidirectional, batch_first
        As in `lstm`.
    dh, dc : ndarray, shape (N, H), or (2, N, H) if bidirectional, optional
        Upstream gradients of the last state and cell. One of dy, dh and dc must be given.
    saved : Saved, optional
        The result's `saved` of `lstm` with the same arguments; without it the steps run again.

    Returns
    -------
    RecurrentGradients
        dx, dw_ih, dw_hh, db_ih, db_hh, dh0, dc0; None where an argument is None.

    Raises
    ------
    TypeError, ValueError
        As `lstm`, and if an upstream gradient has another shape or dtype, all are missing, or
        `saved` comes from another call.

    References
    ----------
    Concept lstm. Werbos, Proceedings of the IEEE 78(10), 1990.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, w_ih, w_hh = (rng.standard_normal(s) for s in ((7, 2, 3), (20, 3), (20, 5)))
    >>> result = lstm(x, w_ih, w_hh)
    >>> grads = lstm_backward(result.y, x, w_ih, w_hh, saved=result.saved)
    >>> grads.dx.shape, grads.dw_ih.shape, grads.dw_hh.shape, grads.db_ih is None
    ((7, 2, 3), (20, 3), (20, 5), True)
    """
    caller = "lstm_backward"
    arrays = {"x": x, "w_ih": w_ih, "w_hh": w_hh, "b_ih": b_ih, "b_hh": b_hh, "h0": h0, "c0": c0}
    call = read((caller,), 4, arrays, lengths, bidirectional, batch_first)
    upstream = {"dy": dy, "dh": dh, "dc": dc}
    return backward(caller, call, upstream, saved, (_steps, _steps_back))


def _steps(run: Direction) -> Kept:
    """Run forward through time; keep gates (i, f, o, g), states, cells and the cells' tanh."""
    # σ(z) = tanh(z/2)/2 + 1/2, so that one call of tanh serves all gates; the halves of z are
    # taken from the weights
    scale = np.array([0.5, 0.5, 0.5, 1.0], run.x.dtype)[:, None, None]
    gates = project(run, total_bias(run), scale, _ORDER)  # (4, T, N, H)
    recurrent = blocks(run.w_hh, scale, _ORDER)
    h, c, squashed = run.states(run.h0), run.states(run.c0), run.empty()
    room = np.empty((4, *run.h0.shape), run.x.dtype)
    for t, n in enumerate(run.order.counts):
        z, into = room[:, :n], gates[:, t, :n]
        np.matmul(h[t, :n], recurrent, out=z)
        z += into
        np.tanh(z, out=into)
        sigmoids = into[:3]
        sigmoids *= 0.5
        sigmoids += 0.5
        i, f, o, g = into
        cell, flat = c[t + 1, :n], squashed[t, :n]
        np.multiply(f, c[t, :n], out=cell)
        cell += np.multiply(i, g, out=z[0])
        np.multiply(o, np.tanh(cell, out=flat), out=h[t + 1, :n])
    return {"h": h, "c": c, "gates": gates, "squashed": squashed}


def _steps_back(run: Direction, kept: Kept, dy: Array, dh: Array, dc: Array) -> Back:
    """Run backward through time; dh and dc arrive as those of the last states."""
    gates, c, squashed = kept["gates"], kept["c"], kept["squashed"]
    dz, recurrent = run.empty(4), run.w_hh.reshape(4, run.units, run.units)[_ORDER]
    room, slopes = np.empty((2, 4, *dh.shape), dy.dtype)
    for t, n in reversed(list(enumerate(run.order.counts))):
        (i, f, o, g), flat = gates[:, t, :n], squashed[t, :n]
        into, slope, dz_t = room[:, :n], slopes[:, :n], dz[:, t, :n]
        dh_t, dc_t = dh[:n], dc[:n]
        dh_t += dy[t, :n]
        _slopes(gates[:, t, :n], out=slope)
        to_i, to_f, to_o, to_g = into
        np.multiply(dh_t, flat, out=to_o)
        dc_t += _through_tanh(dh_t, o, flat, to_o, out=to_i)
        np.multiply(dc_t, g, out=to_i)
        np.multiply(dc_t, c[t, :n], out=to_f)
        np.multiply(dc_t, i, out=to_g)
        dc_t *= f
        np.multiply(into, slope, out=dz_t)
        np.add.reduce(np.matmul(dz_t, recurrent, out=into), axis=0, out=dh_t)
    by_gate = [dz[j] for j in _ORDER]
    return Back(by_gate, by_gate, [run.before(kept["h"])] * 4, dh, dc)


def _slopes(gates: Array, out: Array) -> None:
    """Write each gate's derivative by its own value: y(1 − y), and 1 − g² of the tanh."""
    np.multiply(gates, gates, out=out)
    np.subtract(gates[:3], out[:3], out=out[:3])
    np.subtract(1.0, out[3], out=out[3])


def _through_tanh(dh: Array, o: Array, flat: Array, to_o: Array, out: Array) -> Array:
    """Return what reaches the cell from the state: o·(dh − dh·tanh²c), with dh·tanh c at hand."""
    np.multiply(to_o, flat, out=out)
    np.subtract(dh, out, out=out)
    out *= o
    return out
