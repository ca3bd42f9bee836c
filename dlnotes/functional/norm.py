"""Batch normalization over the channel axis, in training and in use, beside its backward pass."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import as_bool, as_choice, as_floats, as_number, quietly

_BLOCK = 2**19
"""Bytes that are worked on at a time, so that they stay in the processor's cache."""


@dataclass(frozen=True)
class Convention:
    """What a framework means by momentum, and what it starts from.

    Attributes
    ----------
    momentum, eps : float
        Defaults.
    keeps : bool
        Whether momentum is the share that a running average keeps, or the share that it takes
        from the batch.
    unbiased : bool
        Whether the running variance is the unbiased one, M/(M − 1) times the batch's.
    """

    momentum: float
    eps: float
    keeps: bool
    unbiased: bool


CONVENTIONS = {
    "pytorch": Convention(momentum=0.1, eps=1e-5, keeps=False, unbiased=True),
    "keras": Convention(momentum=0.99, eps=1e-3, keeps=True, unbiased=False),
}
"""The two conventions of `batch_norm`."""


class BatchNorm(NamedTuple):
    """What `batch_norm` returns.

    Attributes
    ----------
    y : ndarray, x's shape
        The normalized values, scaled and shifted.
    running_mean, running_var : ndarray of shape (C,), or None
        The running averages after this batch; in use those that were given.
    """

    y: Array
    running_mean: Array | None
    running_var: Array | None


for _name in BatchNorm._fields:
    getattr(BatchNorm, _name).__doc__ = ""  # instead of "Alias for field number 0"


@quietly
def batch_norm(
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    training: bool = False,
    momentum: float | None = None,
    eps: float | None = None,
    convention: str = "pytorch",
) -> BatchNorm:
    r"""Normalize each channel, then scale and shift it.

    .. math::
        \hat x = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \epsilon}}, \qquad
        y = \gamma_c\, \hat x + \beta_c

    In training :math:`\mu_c` and :math:`\sigma_c^2` (biased) are those of the M = N·H·W values
    that the batch holds of channel c, and the running averages follow them. In use they are the
    running averages.

    ============ ============================================ ========================
    convention   new running average, m for momentum          running variance follows
    ============ ============================================ ========================
    'pytorch'    (1 − m) · old + m · batch,  m = 0.1          M/(M − 1) · σ²
    'keras'      m · old + (1 − m) · batch,  m = 0.99         σ²
    ============ ============================================ ========================

    Parameters
    ----------
    x : ndarray, shape (N, C), (N, C, T), (N, C, H, W) or (N, C, T, H, W)
        Values; N may be 0.
    gamma, beta : ndarray, shape (C,), optional
        Scale and shift, learned; 1 and 0 when left out.
    running_mean, running_var : ndarray, shape (C,), optional
        Running averages, both or neither; needed in use.
    training : bool
        Whether to normalize by the batch's own statistics.
    momentum : float, optional
        Between 0 and 1, with the meaning of the convention; its default when left out.
    eps : float, optional
        Positive; 1e-5 ('pytorch') or 1e-3 ('keras') when left out.
    convention : 'pytorch' or 'keras'
        How the running averages move, and the defaults of momentum and eps.

    Returns
    -------
    BatchNorm
        y, shape of x; running_mean and running_var, shape (C,): new arrays after training.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64, or an option has another type.
    ValueError
        If shapes do not fit, an option is out of range, one running average comes without the
        other, both are missing in use, or a channel has a single value in training.

    References
    ----------
    Ioffe and Szegedy, arXiv:1502.03167; concepts batch-norm, bn-switch;
    ``torch.nn.functional.batch_norm``, ``keras.layers.BatchNormalization``.

    Examples
    --------
    >>> x = np.array([[1.0, 10.0], [3.0, 30.0]])
    >>> y, mean, var = batch_norm(
    ...     x, running_mean=np.zeros(2), running_var=np.ones(2), training=True
    ... )
    >>> y.round(3).tolist()
    [[-1.0, -1.0], [1.0, 1.0]]
    >>> mean.round(3).tolist(), var.round(3).tolist()
    ([0.2, 2.0], [1.1, 20.9])
    """
    caller = "batch_norm"
    read = _read(caller, x, gamma, beta, running_mean, running_var, training, eps, convention)
    rule = CONVENTIONS[convention]
    share = _share(caller, momentum, rule)
    y = np.empty(read.rows.shape, x.dtype)
    mean, var = np.empty((2, x.shape[1]))
    for part in _channel_blocks(read.rows):
        values, mean[part], var[part] = _centred(read, part)
        values *= _column(_scale(read, var[part], part), x.dtype)
        if beta is not None:
            values += beta[part, None]
        _store(values, y[:, part])
    y = y.reshape(x.shape)
    if not training or running_mean is None or running_var is None or not read.count:
        return BatchNorm(y, running_mean, running_var)
    if rule.unbiased:
        var *= read.count / (read.count - 1)
    return BatchNorm(y, _moved(running_mean, mean, share), _moved(running_var, var, share))


@quietly
def batch_norm_backward(
    dy: Array,
    x: Array,
    gamma: Array | None = None,
    beta: Array | None = None,
    *,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    training: bool = False,
    eps: float | None = None,
    convention: str = "pytorch",
) -> tuple[Array, Array | None, Array | None]:
    r"""Return the gradients of `batch_norm`.

    With :math:`r_c = 1 / \sqrt{\sigma_c^2 + \epsilon}` and sums over the M values of a channel,

    .. math::
        d\beta_c = \sum dy, \qquad d\gamma_c = \sum dy\, \hat x

    .. math::
        dx = \gamma_c r_c \Big( dy - \frac{d\beta_c}{M} - \hat x\, \frac{d\gamma_c}{M} \Big)
        \text{ in training}, \qquad dx = \gamma_c r_c\, dy \text{ in use.}

    The two terms that training adds are what x passes on through the batch's mean and variance.

    Parameters
    ----------
    dy : ndarray, x's shape
        Upstream gradient of y.
    x, gamma, beta, running_mean, running_var, training, eps, convention
        As in `batch_norm`.

    Returns
    -------
    dx : ndarray, x's shape
    dgamma, dbeta : ndarray of shape (C,), or None
        None if gamma or beta is None.

    Raises
    ------
    TypeError, ValueError
        As `batch_norm`, and if dy has not x's shape and dtype.

    References
    ----------
    Concept batch-norm.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, dy = rng.standard_normal((2, 5, 3, 7, 6))
    >>> learned = np.ones(3), np.zeros(3)
    >>> dx, dgamma, dbeta = batch_norm_backward(dy, x, *learned, training=True)
    >>> dx.shape, dgamma.shape, bool(abs(dx.sum()) < 1e-12)
    ((5, 3, 7, 6), (3,), True)
    """
    caller = "batch_norm_backward"
    read = _read(caller, x, gamma, beta, running_mean, running_var, training, eps, convention)
    _, upstream = as_floats(caller, x=x, dy=dy)
    require_shape(caller, "NC" + "…" * (x.ndim > 2), x.shape, dy=upstream, x=x)
    rows = upstream.reshape(read.rows.shape)  # (N, C, M/N)
    dx = np.empty(rows.shape, x.dtype)
    dgamma, dbeta = np.zeros((2, x.shape[1]), x.dtype)
    for part in _channel_blocks(rows):
        values, dgamma[part], dbeta[part] = _gradients(read, _by_channel(rows[:, part]), part)
        _store(values, dx[:, part])
    dx = dx.reshape(x.shape)
    return dx, None if gamma is None else dgamma, None if beta is None else dbeta


@dataclass(frozen=True)
class _Checked:
    """The arguments of both passes, checked.

    Attributes
    ----------
    rows : ndarray, shape (N, C, M/N)
        x with its spatial axes taken as one.
    gamma, running_mean, running_var : ndarray of shape (C,), or None
    training : bool
    eps : float
    """

    rows: Array
    gamma: Array | None
    running_mean: Array | None
    running_var: Array | None
    training: bool
    eps: float

    @property
    def count(self) -> int:
        """How many values a channel has: M."""
        return self.rows.shape[0] * self.rows.shape[2]


def _read(
    caller: str,
    x: Array,
    gamma: Array | None,
    beta: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    training: bool,
    eps: float | None,
    convention: str,
) -> _Checked:
    """Check the arguments that both passes share."""
    (x,) = as_floats(caller, x=x)
    optional = {"gamma": gamma, "beta": beta}
    optional |= {"running_mean": running_mean, "running_var": running_var}
    given = {name: a for name, a in optional.items() if a is not None}
    given = dict(zip(given, as_floats(caller, x=x, **given)[1:], strict=True))
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise ValueError(
            f"{caller}: x needs a batch axis, channels, and no empty axis but the batch; "
            f"got {described(x=x)}; give x the shape (N,C), (N,C,T), (N,C,H,W) or (N,C,T,H,W)"
        )
    for name, a in given.items():
        require_shape(caller, "C", x.shape[1:2], **{name: a}, x=x)
    training = as_bool(caller, "training", training)
    _require_statistics(caller, x, running_mean, running_var, training)
    rule = CONVENTIONS[as_choice(caller, "convention", convention, tuple(CONVENTIONS))]
    eps = rule.eps if eps is None else as_number(caller, "eps", eps, low=0.0)
    if eps == 0:
        raise ValueError(
            f"{caller}: eps is 0, so that a constant channel would be divided by 0; "
            f"got eps={eps!r}; give a positive eps, for example {rule.eps:g}"
        )
    rows = x.reshape(*x.shape[:2], prod(x.shape[2:]))
    return _Checked(rows, gamma, running_mean, running_var, training, eps)


def _require_statistics(
    caller: str, x: Array, mean: Array | None, var: Array | None, training: bool
) -> None:
    """Hold the call to statistics that exist."""
    if (mean is None) != (var is None):
        raise ValueError(
            f"{caller}: one running average comes without the other; "
            f"got {described(running_mean=mean, running_var=var)}; give both or neither"
        )
    if mean is None and not training:
        raise ValueError(
            f"{caller}: in use (training=False) there is nothing to normalize by; got "
            f"running_mean=None; give running_mean and running_var, or training=True"
        )
    if training and x.size == x.shape[1]:
        raise ValueError(
            f"{caller}: in training a channel needs more than 1 value, or its variance is 0; "
            f"got {described(x=x)}; use a larger batch, or training=False"
        )


def _share(caller: str, momentum: float | None, rule: Convention) -> float:
    """Return the share of the batch in a running average."""
    m = rule.momentum if momentum is None else momentum
    m = as_number(caller, "momentum", m, low=0.0, high=1.0)
    return 1.0 - m if rule.keeps else m


def _channel_blocks(rows: Array) -> Iterator[slice]:
    """Cut the channels into parts that fit into the cache; without values there is no part."""
    step = max(1, _BLOCK // max(1, rows[:, :1].nbytes))
    for first in range(0, rows.shape[1] if rows.size else 0, step):
        yield slice(first, first + step)


def _by_channel(rows: Array) -> Array:
    """Copy the values of each channel together: (N, C, M/N) to (C, M)."""
    if rows.shape[2] == 1 and rows.shape[1] >= 64:
        return np.array(rows[:, :, 0], order="C").T  # rows of many channels need no turning
    turned = np.array(rows.swapaxes(0, 1), order="C")  # (C, N, M/N)
    return turned.reshape(len(turned), turned.shape[1] * turned.shape[2])


def _store(values: Array, rows: Array) -> None:
    """Copy the values of each channel back: (C, M) to (N, C, M/N)."""
    rows.swapaxes(0, 1)[...] = values.reshape(rows.shape[1], rows.shape[0], rows.shape[2])


def _centred(read: _Checked, part: slice) -> tuple[Array, Array, Array]:
    """Return x less the mean, (C, M), and mean and variance, (C,), of some channels."""
    values = _by_channel(read.rows[:, part])
    if read.training or read.running_mean is None or read.running_var is None:
        mean = _sums(values) / read.count
        values -= _column(mean, values.dtype)
        return values, mean, _dots(values, values) / read.count
    mean = read.running_mean[part]
    values -= mean[:, None]
    return values, mean, read.running_var[part]


def _gradients(read: _Checked, dy: Array, part: slice) -> tuple[Array, Array, Array]:
    """Return dx, (C, M), dgamma and dbeta, (C,), of some channels; dy is overwritten."""
    values, _, var = _centred(read, part)
    deviation = np.sqrt(var.astype(np.float64) + read.eps)
    scale, dbeta, dgamma = _scale(read, var, part), _sums(dy), _dots(dy, values) / deviation
    dy *= _column(scale, dy.dtype)
    if read.training:
        values *= _column(scale * dgamma / (read.count * deviation), dy.dtype)
        values += _column(scale * dbeta / read.count, dy.dtype)
        dy -= values
    return dy, dgamma, dbeta


def _sums(values: Array) -> Array:
    """Sum each row: (C, M) to (C,). A product with ones is the fastest way, and precise."""
    return values @ np.ones(values.shape[1], values.dtype)


def _dots(a: Array, b: Array) -> Array:
    """Sum the products of each row: twice (C, M) to (C,)."""
    return np.vecdot(a, b) if a.flags.c_contiguous else _sums(a * b)


def _scale(read: _Checked, var: Array, part: slice) -> Array:
    """Return what the centred values are multiplied by: γ/√(σ² + ε), shape (C,)."""
    scale = 1 / np.sqrt(var.astype(np.float64) + read.eps)
    return scale if read.gamma is None else scale * read.gamma[part]


def _column(channels: Array, dtype: np.dtype[np.floating]) -> Array:
    """Make numbers of channels stand beside rows: (C,) → (C, 1)."""
    return channels.astype(dtype)[:, None]


def _moved(old: Array, batch: Array, share: float) -> Array:
    """Move a running average by the batch's share."""
    return ((1.0 - share) * old + share * batch).astype(old.dtype)
