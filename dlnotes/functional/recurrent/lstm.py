"""The long short-term memory, and its backward pass through time."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import quietly
from dlnotes.functional.recurrent._results import RecurrentGradients, RecurrentResult, Saved
from dlnotes.functional.recurrent._sequences import Lengths, per_gate, read, rows, sigmoid


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
    arrays, layout = (x, w_ih, w_hh, b_ih, b_hh, h0, c0), (lengths, bidirectional, batch_first)
    call = read("lstm", 4, arrays, layout)
    kept = []
    for run in call.directions():  # one, or two; the second begins at each sequence's end
        z = rows(run.x) @ run.w_ih.T + (run.b_ih + run.b_hh)  # (T·N, 4·H), all steps at once
        z = z.reshape(*run.x.shape[:2], z.shape[1])  # (T, N, 4·H)
        h, c = run.states(run.h0), run.states(run.c0)  # (T + 1, N, H): the first state, then each
        gates = np.empty((len(z), 4, *run.h0.shape), z.dtype)
        for t in range(len(z)):
            i, f, g, o = per_gate(z[t] + h[t] @ run.w_hh.T, 4)  # (N, H) each
            i, f, g, o = gates[t] = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            c[t + 1] = f * c[t] + i * g
            h[t + 1] = o * np.tanh(c[t + 1])
        kept.append((h, c, gates))
    return call.result(kept, cells=True)


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
    dh, dc : ndarray, shape (N, H), or (2, N, H) if bidirectional, optional
        Upstream gradients of the last state and cell. One of dy, dh and dc must be given.
    saved : Saved, optional
        The result's `saved` of `lstm` with the same arguments; without it the steps run again.
    x, w_ih, w_hh, b_ih, b_hh, h0, c0, lengths, bidirectional, batch_first
        As in `lstm`.

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
    arrays, layout = (x, w_ih, w_hh, b_ih, b_hh, h0, c0), (lengths, bidirectional, batch_first)
    call = read("lstm_backward", 4, arrays, layout, saved=saved, dy=dy, dh=dh, dc=dc)
    saved = lstm(*arrays, **call.layout).saved if saved is None else saved
    found = []
    for run, (h, c, gates) in zip(call.directions(), saved.directions, strict=True):
        dz = np.empty((*run.x.shape[:2], len(run.w_hh)), x.dtype)  # (T, N, 4·H)
        # run.dy and run.dc: from outside, the caller's dh and dc at each sequence's last step
        dh_next, dc_next = np.zeros_like(run.h0), np.zeros_like(run.c0)
        for t in reversed(range(len(dz))):
            i, f, g, o = gates[t]
            squashed = np.tanh(c[t + 1])
            dh = dh_next + run.dy[t]  # from step t + 1, and from outside
            dc = dc_next + run.dc[t] + dh * o * (1 - squashed**2)
            di, df, dg, do = dc * g, dc * c[t], dc * i, dh * squashed
            back = [di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)]
            dz[t] = np.concatenate(back, axis=1)
            dh_next, dc_next = dz[t] @ run.w_hh, dc * f
        dz = rows(dz)  # (T·N, 4·H): all steps share their weights, so that their gradients add up
        dw_ih, dw_hh, db = dz.T @ rows(run.x), dz.T @ rows(h[:-1]), dz.sum(axis=0)
        found.append((dz @ run.w_ih, dw_ih, dw_hh, db, db.copy(), dh_next, dc_next))
    return call.gradients(found)
