"""The gated recurrent unit in its two forms, and its backward pass through time."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_bool, quietly
from dlnotes.functional.recurrent._results import RecurrentGradients, RecurrentResult, Saved
from dlnotes.functional.recurrent._sequences import Lengths, per_gate, read, rows, sigmoid


@quietly
def gru(
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array | None = None,
    b_hh: Array | None = None,
    h0: Array | None = None,
    *,
    reset_after: bool = True,
    lengths: Lengths | None = None,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> RecurrentResult:
    r"""Run a gated recurrent unit over sequences; its arguments are those of `lstm`.

    .. math::
        r, z = \sigma(W_{r,z}\, x_t + b_{r,z} + U_{r,z}\, h_{t-1} + b'_{r,z}), \qquad
        h_t = z \odot h_{t-1} + (1 - z) \odot n

    W is w_ih, (3·H, D), U is w_hh, (3·H, H), in the order r, z, n; b is b_ih and b′ is b_hh. The
    two forms differ in where the reset gate stands, and so in their numbers:

    .. math::
        n &= \tanh(W_n x_t + b_n + r \odot (U_n h_{t-1} + b'_n))
            && \text{reset\_after=True, as in PyTorch and Keras} \\
        n &= \tanh(W_n x_t + b_n + U_n (r \odot h_{t-1}) + b'_n)
            && \text{reset\_after=False, as in the paper}

    PyTorch and Keras learn both biases, 3·H·(D + H + 2) parameters. With reset_after=False the
    second one adds nothing, and Keras has one, 3·H·(D + H + 1): give it as b_ih alone.

    Returns
    -------
    RecurrentResult
        y, shape (T, N, H); h, shape (N, H); c is None; saved.

    References
    ----------
    Cho et al., arXiv:1406.1078; Chung et al., arXiv:1412.3555, exchange z and 1 − z. Concept gru;
    ``torch.nn.GRU``, ``keras.layers.GRU``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, w_ih, w_hh = (rng.standard_normal(s) for s in ((7, 2, 3), (15, 3), (15, 5)))
    >>> result = gru(x, w_ih, w_hh)
    >>> result.y.shape, result.h.shape, bool((result.y[-1] == result.h).all())
    ((7, 2, 5), (2, 5), True)
    """
    arrays, layout = (x, w_ih, w_hh, b_ih, b_hh, h0), (lengths, bidirectional, batch_first)
    after = as_bool("gru", "reset_after", reset_after)
    call = read("gru", 3, arrays, layout, after)
    kept = []
    for run in call.directions():  # one, or two; the second begins at each sequence's end
        a = rows(run.x) @ run.w_ih.T + run.b_ih  # (T·N, 3·H), all steps at once
        a = a.reshape(*run.x.shape[:2], a.shape[1])  # (T, N, 3·H)
        h = run.states(run.h0)  # (T + 1, N, H)
        gates, rz = np.empty((len(a), 4, *run.h0.shape), a.dtype), 2 * h.shape[2]
        (u_rz, u_n), (b_rz, b_n) = ((v[:rz], v[rz:]) for v in (run.w_hh, run.b_hh))
        for t in range(len(a)):
            r, z = per_gate(sigmoid(a[t, :, :rz] + h[t] @ u_rz.T + b_rz), 2)  # (N, H) each
            if after:
                m = h[t] @ u_n.T + b_n  # what the reset gate multiplies
                n = np.tanh(a[t, :, rz:] + r * m)
            else:
                m = h[t]
                n = np.tanh(a[t, :, rz:] + (r * m) @ u_n.T + b_n)
            h[t + 1] = z * h[t] + (1 - z) * n
            gates[t] = r, z, n, m
        kept.append((h, gates))
    return call.result(kept)


@quietly
def gru_backward(
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
    reset_after: bool = True,
    lengths: Lengths | None = None,
    bidirectional: bool = False,
    batch_first: bool = False,
) -> RecurrentGradients:
    r"""Return the gradients of `gru`; upstream ones and `saved` are as in `lstm_backward`.

    From the last step to the first, with what later steps pass back added to dh; da is a gate's
    gradient before its activation:

    .. math::
        da_n = dh \odot (1 - z) \odot (1 - n^2), \qquad
        da_z = dh \odot (h_{t-1} - n) \odot z (1 - z)

    With reset_after=True, and :math:`m = U_n h_{t-1} + b'_n`,

    .. math::
        da_r = da_n \odot m \odot r (1 - r), \qquad
        dh_{t-1} = dh \odot z + U_{r,z}^{\mathsf T}\, da_{r,z} + U_n^{\mathsf T} (da_n \odot r)

    and with reset_after=False, and :math:`q = U_n^{\mathsf T} da_n`,

    .. math::
        da_r = q \odot h_{t-1} \odot r (1 - r), \qquad
        dh_{t-1} = dh \odot z + U_{r,z}^{\mathsf T}\, da_{r,z} + q \odot r

    Returns
    -------
    RecurrentGradients
        dx, dw_ih, dw_hh, db_ih, db_hh, dh0 (None where an argument is None), and None.

    References
    ----------
    Concept gru.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, w_ih, w_hh = (rng.standard_normal(s) for s in ((7, 2, 3), (15, 3), (15, 5)))
    >>> grads = gru_backward(None, x, w_ih, w_hh, h0=np.zeros((2, 5)), dh=np.ones((2, 5)))
    >>> grads.dx.shape, grads.dw_hh.shape, grads.dh0.shape
    ((7, 2, 3), (15, 5), (2, 5))
    """
    arrays, layout = (x, w_ih, w_hh, b_ih, b_hh, h0), (lengths, bidirectional, batch_first)
    after = as_bool("gru_backward", "reset_after", reset_after)
    call = read("gru_backward", 3, arrays, layout, after, saved=saved, dy=dy, dh=dh)
    saved = gru(*arrays, reset_after=after, **call.layout).saved if saved is None else saved
    found = []
    for run, (h, gates) in zip(call.directions(), saved.directions, strict=True):
        da, dm = np.empty((*run.x.shape[:2], len(run.w_hh)), x.dtype), np.empty_like(h[1:])
        dh, rz = np.zeros_like(run.h0), 2 * h.shape[2]
        u_rz, u_n = run.w_hh[:rz], run.w_hh[rz:]  # (2·H, H), (H, H)
        for t in reversed(range(len(da))):
            r, z, n, m = gates[t]  # (N, H) each
            dh = dh + run.dy[t]  # from step t + 1, and from outside
            da_n, da_z = dh * (1 - z) * (1 - n**2), dh * (h[t] - n) * z * (1 - z)
            q = da_n if after else da_n @ u_n  # the gradient of r·m
            da[t] = np.concatenate([q * m * r * (1 - r), da_z, da_n], axis=1)
            dm[t] = q * r
            dh = dh * z + da[t, :, :rz] @ u_rz + (dm[t] @ u_n if after else dm[t])
        da, before = rows(da), rows(h[:-1])  # (T·N, 3·H), (T·N, H)
        da_rz, da_n = da[:, :rz], da[:, rz:]
        # what U_n gave has the gradient dm behind the product, and da_n where r stands before it
        after_n, into_n = (rows(dm), before) if after else (da_n, rows(gates[:, 0]) * before)
        dw_hh = np.concatenate([da_rz.T @ before, after_n.T @ into_n])
        db_hh = np.concatenate([da_rz.sum(axis=0), after_n.sum(axis=0)])
        found.append((da @ run.w_ih, da.T @ rows(run.x), dw_hh, da.sum(axis=0), db_hh, dh))
    return call.gradients(found)
