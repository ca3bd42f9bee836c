"""The gated recurrent unit in its two forms, and their backward passes through time."""

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_bool, quietly
from dlnotes.functional.recurrent import _gru_after, _gru_before
from dlnotes.functional.recurrent._reading import Call, Lengths, read
from dlnotes.functional.recurrent._results import RecurrentGradients, RecurrentResult, Saved
from dlnotes.functional.recurrent._running import backward, forward

_WAYS = {
    True: (_gru_after.steps, _gru_after.steps_back),
    False: (_gru_before.steps, _gru_before.steps_back),
}


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
    r"""Run a gated recurrent unit over sequences.

    .. math::
        r, z = \sigma(W_{r,z}\, x_t + b_{r,z} + U_{r,z}\, h_{t-1} + b'_{r,z}), \qquad
        h_t = z \odot h_{t-1} + (1 - z) \odot n

    W is w_ih, U is w_hh, b is b_ih and b′ is b_hh. The two forms differ in where the reset gate
    stands, and so in their numbers:

    .. math::
        n &= \tanh(W_n x_t + b_n + r \odot (U_n h_{t-1} + b'_n))
            && \text{reset\_after=True, as in PyTorch and Keras} \\
        n &= \tanh(W_n x_t + b_n + U_n (r \odot h_{t-1}) + b'_n)
            && \text{reset\_after=False, as in the paper}

    PyTorch and Keras learn both biases, 3·H·(D + H + 2) parameters. With reset_after=False the
    second one adds nothing, and Keras has one, 3·H·(D + H + 1): give it as b_ih alone.

    Parameters
    ----------
    x : ndarray, shape (T, N, D), or (N, T, D) if batch_first
        N sequences of T steps with D features; N may be 0.
    w_ih : ndarray, shape (3·H, D)
        Weights of the inputs, one block of H rows a gate, in the order r, z, n.
    w_hh : ndarray, shape (3·H, H)
        Weights of the state.
    b_ih, b_hh : ndarray, shape (3·H,), optional
        Biases, both, one or none of them.
    h0 : ndarray, shape (N, H), optional
        First state; zeros when left out.
    reset_after : bool
        Whether the reset gate stands behind the product with U, or before it.
    lengths, bidirectional, batch_first
        As in `dlnotes.functional.lstm`.

    Returns
    -------
    RecurrentResult
        y, shape (T, N, H); h, shape (N, H); c is None; saved.

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.functional.lstm`.

    References
    ----------
    Cho et al., arXiv:1406.1078, where z and 1 − z are exchanged; concept gru; ``torch.nn.GRU``,
    ``keras.layers.GRU``.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x, w_ih, w_hh = (rng.standard_normal(s) for s in ((7, 2, 3), (15, 3), (15, 5)))
    >>> result = gru(x, w_ih, w_hh)
    >>> result.y.shape, result.h.shape, bool((result.y[-1] == result.h).all())
    ((7, 2, 5), (2, 5), True)
    """
    arrays = {"x": x, "w_ih": w_ih, "w_hh": w_hh, "b_ih": b_ih, "b_hh": b_hh, "h0": h0}
    call = _read("gru", arrays, reset_after, lengths, bidirectional, batch_first)
    return forward(call, _WAYS[bool(reset_after)][0])


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
    r"""Return the gradients of `gru`, by back-propagation through time.

    From the last step to the first, with what later steps pass back added to dh; a gate's dz is
    the gradient before its activation:

    .. math::
        dz_n = dh \odot (1 - z) \odot (1 - n^2), \qquad
        dz_z = dh \odot (h_{t-1} - n) \odot z (1 - z)

    With reset_after=True, and :math:`m = U_n h_{t-1} + b'_n`,

    .. math::
        dz_r = dz_n \odot m \odot r (1 - r), \qquad
        dh_{t-1} = dh \odot z + U_{r,z}^{\mathsf T}\, dz_{r,z} + U_n^{\mathsf T} (dz_n \odot r)

    and with reset_after=False, and :math:`q = U_n^{\mathsf T} dz_n`,

    .. math::
        dz_r = q \odot h_{t-1} \odot r (1 - r), \qquad
        dh_{t-1} = dh \odot z + U_{r,z}^{\mathsf T}\, dz_{r,z} + q \odot r

    Parameters
    ----------
    dy : ndarray, shape of y, or None
        Upstream gradient of the outputs.
    x, w_ih, w_hh, b_ih, b_hh, h0, reset_after, lengths, bidirectional, batch_first
        As in `gru`.
    dh : ndarray, shape (N, H), or (2, N, H) if bidirectional, optional
        Upstream gradient of the last state. One of dy and dh must be given.
    saved : Saved, optional
        The result's `saved` of `gru` with the same arguments; without it the steps run again.

    Returns
    -------
    RecurrentGradients
        dx, dw_ih, dw_hh, db_ih, db_hh, dh0 (None where an argument is None), and None.

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.functional.lstm_backward`.

    References
    ----------
    Concept gru.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x, w_ih, w_hh = (rng.standard_normal(s) for s in ((7, 2, 3), (15, 3), (15, 5)))
    >>> grads = gru_backward(None, x, w_ih, w_hh, h0=np.zeros((2, 5)), dh=np.ones((2, 5)))
    >>> grads.dx.shape, grads.dw_hh.shape, grads.dh0.shape
    ((7, 2, 3), (15, 5), (2, 5))
    """
    caller = "gru_backward"
    arrays = {"x": x, "w_ih": w_ih, "w_hh": w_hh, "b_ih": b_ih, "b_hh": b_hh, "h0": h0}
    call = _read(caller, arrays, reset_after, lengths, bidirectional, batch_first)
    return backward(caller, call, {"dy": dy, "dh": dh}, saved, _WAYS[bool(reset_after)])


def _read(
    caller: str,
    arrays: dict[str, Array | None],
    reset_after: bool,
    lengths: Lengths | None,
    bidirectional: bool,
    batch_first: bool,
) -> Call:
    """Check the arguments of both passes."""
    form = as_bool(caller, "reset_after", reset_after)
    return read((caller, form), 3, arrays, lengths, bidirectional, batch_first)
