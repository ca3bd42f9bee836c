"""The simple recurrent layer, and its backward pass through time."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_choice, quietly
from dlnotes.functional.recurrent._results import RecurrentGradients, RecurrentResult, Saved
from dlnotes.functional.recurrent._sequences import Lengths, read, rows


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
    r"""Run a simple recurrent layer (Elman's) over sequences; its arguments are those of `lstm`.

    .. math:: h_t = \phi(W x_t + b + U h_{t-1} + b'), \qquad \phi = \tanh \text{ or ReLU}

    W is w_ih, (H, D), U is w_hh, (H, H), b is b_ih and b′ is b_hh. PyTorch learns both biases,
    H·(D + H + 2) parameters; Keras has one, H·(D + H + 1): give it as b_ih alone.
    `nonlinearity` is 'tanh' or 'relu'.

    Returns
    -------
    RecurrentResult
        y, shape (T, N, H); h, shape (N, H); c is None; saved.

    References
    ----------
    Elman, Cognitive Science 14(2), 1990; concept rnn; ``torch.nn.RNN``.

    Examples
    --------
    >>> x = np.ones((3, 1, 1))
    >>> rnn(x, np.ones((1, 1)), np.full((1, 1), 2.0), nonlinearity="relu").y.ravel().tolist()
    [1.0, 3.0, 7.0]
    """
    arrays, layout = (x, w_ih, w_hh, b_ih, b_hh, h0), (lengths, bidirectional, batch_first)
    phi = as_choice("rnn", "nonlinearity", nonlinearity, ("tanh", "relu"))
    call = read("rnn", 1, arrays, layout, phi)
    kept = []
    for run in call.directions():  # one, or two; the second begins at each sequence's end
        z = rows(run.x) @ run.w_ih.T + (run.b_ih + run.b_hh)  # (T·N, H), all steps at once
        z = z.reshape(*run.x.shape[:2], z.shape[1])  # (T, N, H)
        h = run.states(run.h0)  # (T + 1, N, H)
        for t in range(len(z)):
            z_t = z[t] + h[t] @ run.w_hh.T
            h[t + 1] = np.tanh(z_t) if phi == "tanh" else np.maximum(z_t, 0)
        kept.append((h,))
    return call.result(kept)


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
    r"""Return the gradients of `rnn`; upstream ones and `saved` are as in `lstm_backward`.

    From the last step to the first, with what later steps pass back added to dh,

    .. math::
        dz_t = dh \odot \phi'_t, \qquad dh_{t-1} = U^{\mathsf T} dz_t, \qquad
        dx_t = W^{\mathsf T} dz_t

    .. math:: dW = \sum_t dz_t\, x_t^{\mathsf T}, \qquad dU = \sum_t dz_t\, h_{t-1}^{\mathsf T}

    where φ′ is 1 − h² of tanh, and 1 or 0 of ReLU. A step multiplies by Uᵀ again: over many of
    them the gradient vanishes or explodes.

    Returns
    -------
    RecurrentGradients
        dx, dw_ih, dw_hh, db_ih, db_hh, dh0 (None where an argument is None), and None.

    References
    ----------
    Werbos, Proceedings of the IEEE 78(10), 1990; concept rnn.

    Examples
    --------
    >>> x, w, u, dh = np.ones((3, 1, 1)), np.ones((1, 1)), np.full((1, 1), 2.0), np.ones((1, 1))
    >>> rnn_backward(None, x, w, u, dh=dh, nonlinearity="relu").dx.ravel().tolist()
    [4.0, 2.0, 1.0]
    """
    arrays, layout = (x, w_ih, w_hh, b_ih, b_hh, h0), (lengths, bidirectional, batch_first)
    phi = as_choice("rnn_backward", "nonlinearity", nonlinearity, ("tanh", "relu"))
    call = read("rnn_backward", 1, arrays, layout, phi, saved=saved, dy=dy, dh=dh)
    saved = rnn(*arrays, nonlinearity=phi, **call.layout).saved if saved is None else saved
    found = []
    for run, (h,) in zip(call.directions(), saved.directions, strict=True):
        dz, dh = np.empty_like(h[1:]), np.zeros_like(run.h0)  # (T, N, H), (N, H)
        for t in reversed(range(len(dz))):
            dh = dh + run.dy[t]  # from step t + 1, and from outside
            dz[t] = dh * (1 - h[t + 1] ** 2 if phi == "tanh" else h[t + 1] > 0)
            dh = dz[t] @ run.w_hh
        dz = rows(dz)  # (T·N, H): all steps share their weights, so that their gradients add up
        dw_ih, dw_hh, db = dz.T @ rows(run.x), dz.T @ rows(h[:-1]), dz.sum(axis=0)
        found.append((dz @ run.w_ih, dw_ih, dw_hh, db, db.copy(), dh))
    return call.gradients(found)
