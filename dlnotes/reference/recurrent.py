"""Recurrent layers, step by step and gate by gate, forward and backward through time."""

import numpy as np

from dlnotes.reference._types import Array


def rnn(
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array,
    b_hh: Array,
    h0: Array,
    *,
    nonlinearity: str = "tanh",
) -> tuple[Array, Array]:
    r"""Run a simple recurrent layer one step after another.

    .. math:: h_t = \phi(W x_t + b + U h_{t-1} + b')

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
    w_ih, w_hh : ndarray, shapes (H, D) and (H, H)
    b_ih, b_hh : ndarray, shape (H,)
    h0 : ndarray, shape (N, H)
    nonlinearity : 'tanh' or 'relu'

    Returns
    -------
    y : ndarray, shape (T, N, H)
        All states.
    h : ndarray, shape (N, H)
        The last one.

    References
    ----------
    Concept rnn.

    Examples
    --------
    >>> x, w, u, b = np.ones((3, 1, 1)), np.ones((1, 1)), np.full((1, 1), 2.0), np.zeros(1)
    >>> y, h = rnn(x, w, u, b, b, np.zeros((1, 1)), nonlinearity="relu")
    >>> y.ravel().tolist(), h.tolist()
    ([1.0, 3.0, 7.0], [[7.0]])
    """
    h, outputs = h0, []
    for x_t in x:
        z = x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh  # (N, H)
        h = np.tanh(z) if nonlinearity == "tanh" else np.maximum(z, 0)
        outputs.append(h)
    return np.stack(outputs), h


def rnn_backward(
    dy: Array,
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array,
    b_hh: Array,
    h0: Array,
    *,
    nonlinearity: str = "tanh",
) -> tuple[Array, ...]:
    r"""Return the gradients of `rnn`: back-propagation through time.

    Each step receives dy_t from outside and dh from the step after it. All steps share their
    weights, so that their gradients add up.

    Parameters
    ----------
    dy : ndarray, shape (T, N, H)
        Upstream gradient of y.
    x, w_ih, w_hh, b_ih, b_hh, h0, nonlinearity
        As in `rnn`.

    Returns
    -------
    dx, dw_ih, dw_hh, db_ih, db_hh, dh0 : ndarray

    References
    ----------
    Concept rnn.

    Examples
    --------
    >>> x, w, u, b = np.ones((3, 1, 1)), np.ones((1, 1)), np.full((1, 1), 2.0), np.zeros(1)
    >>> dy = np.array([0.0, 0.0, 1.0]).reshape(3, 1, 1)
    >>> grads = rnn_backward(dy, x, w, u, b, b, np.zeros((1, 1)), nonlinearity="relu")
    >>> grads[0].ravel().tolist()
    [4.0, 2.0, 1.0]
    """
    y, _ = rnn(x, w_ih, w_hh, b_ih, b_hh, h0, nonlinearity=nonlinearity)
    dx, dw_ih, dw_hh, db = (np.zeros_like(a) for a in (x, w_ih, w_hh, b_ih))
    dh = np.zeros_like(h0)
    for t in reversed(range(len(x))):
        before = y[t - 1] if t else h0
        dh = dh + dy[t]
        dz = dh * (1 - y[t] ** 2 if nonlinearity == "tanh" else y[t] > 0)  # (N, H)
        dx[t] = dz @ w_ih
        dw_ih += dz.T @ x[t]
        dw_hh += dz.T @ before
        db += dz.sum(axis=0)
        dh = dz @ w_hh
    return dx, dw_ih, dw_hh, db, db.copy(), dh


def lstm(
    x: Array, w_ih: Array, w_hh: Array, b_ih: Array, b_hh: Array, h0: Array, c0: Array
) -> tuple[Array, Array, Array]:
    r"""Run a long short-term memory one step after another.

    .. math::
        c_t = f \odot c_{t-1} + i \odot g, \qquad h_t = o \odot \tanh c_t

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
    w_ih, w_hh : ndarray, shapes (4·H, D) and (4·H, H)
        One block of H rows a gate, in the order i, f, g, o.
    b_ih, b_hh : ndarray, shape (4·H,)
    h0, c0 : ndarray, shape (N, H)

    Returns
    -------
    y : ndarray, shape (T, N, H)
    h, c : ndarray, shape (N, H)

    References
    ----------
    Concept lstm.

    Examples
    --------
    >>> one, four = np.ones((1, 1)), np.ones((4, 1))
    >>> y, h, c = lstm(np.ones((3, 1, 1)), four, four, np.zeros(4), np.zeros(4), one, one)
    >>> y.shape, h.shape, c.shape
    ((3, 1, 1), (1, 1), (1, 1))
    """
    h, c, outputs = h0, c0, []
    for x_t in x:
        i, f, g, o = _lstm_gates(x_t, h, w_ih, w_hh, b_ih + b_hh)
        c = f * c + i * g
        h = o * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs), h, c


def lstm_backward(
    dy: Array,
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array,
    b_hh: Array,
    h0: Array,
    c0: Array,
) -> tuple[Array, ...]:
    r"""Return the gradients of `lstm`: back-propagation through time.

    Two gradients run back from step to step: dh of the state and dc of the cell.

    Parameters
    ----------
    dy : ndarray, shape (T, N, H)
        Upstream gradient of y.
    x, w_ih, w_hh, b_ih, b_hh, h0, c0
        As in `lstm`.

    Returns
    -------
    dx, dw_ih, dw_hh, db_ih, db_hh, dh0, dc0 : ndarray

    References
    ----------
    Concept lstm.

    Examples
    --------
    >>> one, four = np.ones((1, 1)), np.ones((4, 1))
    >>> arrays = np.ones((3, 1, 1)), four, four, np.zeros(4), np.zeros(4), one, one
    >>> [grad.shape for grad in lstm_backward(np.ones((3, 1, 1)), *arrays)][:3]
    [(3, 1, 1), (4, 1), (4, 1)]
    """
    hs, cs = [h0], [c0]
    for x_t in x:
        _, h, c = lstm(x_t[None], w_ih, w_hh, b_ih, b_hh, hs[-1], cs[-1])
        hs.append(h)
        cs.append(c)
    dx, dw_ih, dw_hh, db = (np.zeros_like(a) for a in (x, w_ih, w_hh, b_ih))
    dh, dc = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(len(x))):
        i, f, g, o = _lstm_gates(x[t], hs[t], w_ih, w_hh, b_ih + b_hh)
        flat = np.tanh(cs[t + 1])
        dh = dh + dy[t]
        dc = dc + dh * o * (1 - flat**2)
        di, df, dg, do = dc * g, dc * cs[t], dc * i, dh * flat
        parts = [di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)]
        dz = np.concatenate(parts, axis=1)  # (N, 4·H)
        dx[t] = dz @ w_ih
        dw_ih += dz.T @ x[t]
        dw_hh += dz.T @ hs[t]
        db += dz.sum(axis=0)
        dh, dc = dz @ w_hh, dc * f
    return dx, dw_ih, dw_hh, db, db.copy(), dh, dc


def _lstm_gates(x: Array, h: Array, w_ih: Array, w_hh: Array, b: Array) -> list[Array]:
    """Return i, f, g and o of one step, (N, H) each."""
    i, f, g, o = np.split(x @ w_ih.T + h @ w_hh.T + b, 4, axis=1)
    return [_sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)]


def gru(
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array,
    b_hh: Array,
    h0: Array,
    *,
    reset_after: bool = True,
) -> tuple[Array, Array]:
    r"""Run a gated recurrent unit one step after another.

    .. math:: h_t = z \odot h_{t-1} + (1 - z) \odot n

    Parameters
    ----------
    x : ndarray, shape (T, N, D)
    w_ih, w_hh : ndarray, shapes (3·H, D) and (3·H, H)
        One block of H rows a gate, in the order r, z, n.
    b_ih, b_hh : ndarray, shape (3·H,)
    h0 : ndarray, shape (N, H)
    reset_after : bool
        Whether n takes r ⊙ (U h + b′), or U (r ⊙ h) + b′.

    Returns
    -------
    y : ndarray, shape (T, N, H)
    h : ndarray, shape (N, H)

    References
    ----------
    Concept gru.

    Examples
    --------
    >>> one, three = np.ones((1, 1)), np.ones((3, 1))
    >>> y, h = gru(np.ones((2, 1, 1)), three, three, np.zeros(3), np.zeros(3), one)
    >>> y.shape, h.shape
    ((2, 1, 1), (1, 1))
    """
    h, outputs = h0, []
    for x_t in x:
        _, z, n, _ = _gru_gates(x_t, h, w_ih, w_hh, b_ih, b_hh, reset_after)
        h = z * h + (1 - z) * n
        outputs.append(h)
    return np.stack(outputs), h


def gru_backward(
    dy: Array,
    x: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array,
    b_hh: Array,
    h0: Array,
    *,
    reset_after: bool = True,
) -> tuple[Array, ...]:
    r"""Return the gradients of `gru`: back-propagation through time.

    Parameters
    ----------
    dy : ndarray, shape (T, N, H)
        Upstream gradient of y.
    x, w_ih, w_hh, b_ih, b_hh, h0, reset_after
        As in `gru`.

    Returns
    -------
    dx, dw_ih, dw_hh, db_ih, db_hh, dh0 : ndarray

    References
    ----------
    Concept gru.

    Examples
    --------
    >>> one, three = np.ones((1, 1)), np.ones((3, 1))
    >>> arrays = np.ones((2, 1, 1)), three, three, np.zeros(3), np.zeros(3), one
    >>> [grad.shape for grad in gru_backward(np.ones((2, 1, 1)), *arrays)][:3]
    [(2, 1, 1), (3, 1), (3, 1)]
    """
    y, _ = gru(x, w_ih, w_hh, b_ih, b_hh, h0, reset_after=reset_after)
    dx, dw_ih, dw_hh = (np.zeros_like(a) for a in (x, w_ih, w_hh))
    db_ih, db_hh, dh = (np.zeros_like(a) for a in (b_ih, b_hh, h0))
    for t in reversed(range(len(x))):
        before = y[t - 1] if t else h0
        gates = _gru_gates(x[t], before, w_ih, w_hh, b_ih, b_hh, reset_after)
        dh = dh + dy[t]
        dz_x, dz_h, held, dh = _gru_step_back(dh, before, w_hh, gates, reset_after)
        dx[t] = dz_x @ w_ih
        dw_ih += dz_x.T @ x[t]
        for j, rows in enumerate(np.split(np.arange(len(w_hh)), 3)):
            dw_hh[rows] += dz_h[:, rows].T @ held[j]
        db_ih += dz_x.sum(axis=0)
        db_hh += dz_h.sum(axis=0)
    return dx, dw_ih, dw_hh, db_ih, db_hh, dh


def _gru_gates(
    x: Array,
    h: Array,
    w_ih: Array,
    w_hh: Array,
    b_ih: Array,
    b_hh: Array,
    reset_after: bool,
) -> tuple[Array, Array, Array, Array]:
    """Return r, z and n of one step, and what r multiplies: (N, H) each."""
    in_r, in_z, in_n = np.split(x @ w_ih.T + b_ih, 3, axis=1)
    from_r, from_z, from_n = np.split(h @ w_hh.T + b_hh, 3, axis=1)
    r, z = _sigmoid(in_r + from_r), _sigmoid(in_z + from_z)
    if reset_after:
        return r, z, np.tanh(in_n + r * from_n), from_n
    u_n, c_n = np.split(w_hh, 3)[2], np.split(b_hh, 3)[2]
    return r, z, np.tanh(in_n + (r * h) @ u_n.T + c_n), h


def _gru_step_back(
    dh: Array, h: Array, w_hh: Array, gates: tuple[Array, ...], reset_after: bool
) -> tuple[Array, Array, list[Array], Array]:
    """Return dz on the inputs' and on the state's side, what w_hh multiplied, and dh before."""
    r, z, n, inner = gates
    u_r, u_z, u_n = np.split(w_hh, 3)
    dz_n = dh * (1 - z) * (1 - n**2)
    dz_z = dh * (h - n) * z * (1 - z)
    into = dz_n if reset_after else dz_n @ u_n  # what reaches the product with r
    dz_r = into * inner * r * (1 - r)
    back = (dz_n * r) @ u_n if reset_after else into * r
    before = dh * z + dz_r @ u_r + dz_z @ u_z + back
    on_x = np.concatenate([dz_r, dz_z, dz_n], axis=1)  # (N, 3·H)
    on_h = np.concatenate([dz_r, dz_z, dz_n * r if reset_after else dz_n], axis=1)
    return on_x, on_h, [h, h, h if reset_after else r * h], before


def _sigmoid(z: Array) -> Array:
    """Return 1 / (1 + e^-z)."""
    return 1 / (1 + np.exp(-z))
