"""Batch normalization over the channel axis, in training and in use, beside its backward pass."""

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np

from dlnotes.functional._arrays import Array, described, require_floats, require_shape
from dlnotes.functional._options import as_bool, as_choice, as_number, quietly


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
    given = gamma, beta, running_mean, running_var
    v, scale, shift, averages, eps = _read("batch_norm", x, given, training, eps, convention)
    rule, count = CONVENTIONS[convention], v.shape[0] * v.shape[2]
    share = _share("batch_norm", momentum, rule)
    centred, mean, var = _centred(v, averages)  # x − μ, (N, C, M/N); μ and σ², (C,)
    # y = γ x̂ + β with x̂ = (x − μ) / √(σ² + ε), in one pass
    y = centred * (scale / np.sqrt(var + eps))[:, None] + shift[:, None]
    y = y.reshape(x.shape)
    if not training or running_mean is None or running_var is None or not count:
        return BatchNorm(y, running_mean, running_var)
    var = var * (count / (count - 1)) if rule.unbiased else var
    moved = (1 - share) * running_mean + share * mean, (1 - share) * running_var + share * var
    return BatchNorm(y, *moved)


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
    given = gamma, beta, running_mean, running_var
    v, scale, _, averages, eps = _read(
        "batch_norm_backward", x, given, training, eps, convention, dy
    )
    upstream, count = dy.reshape(v.shape), v.shape[0] * v.shape[2]  # (N, C, M/N), M
    centred, _, var = _centred(v, averages)
    r = 1 / np.sqrt(var + eps)  # (C,)
    x_hat = centred * r[:, None]
    dbeta, dgamma = np.einsum("ncm->c", upstream), np.einsum("ncm,ncm->c", upstream, x_hat)
    if training:  # what x passes on through the batch's mean and variance
        upstream = upstream - (dbeta / count)[:, None] - x_hat * (dgamma / count)[:, None]
    dx = (upstream * (scale * r)[:, None]).reshape(x.shape)
    return dx, None if gamma is None else dgamma, None if beta is None else dbeta


def _centred(v: Array, averages: tuple[Array, Array] | None) -> tuple[Array, Array, Array]:
    """Return x − μ, μ and σ² by the averages, or by the batch's own values."""
    if averages is not None:
        return v - averages[0][:, None], *averages
    count = v.shape[0] * v.shape[2]
    total = np.einsum("ncm->nc", v).sum(axis=0, dtype=np.float64)  # so that float32 loses no digits
    mean = (total / count).astype(v.dtype)
    centred = v - mean[:, None]
    return centred, mean, np.einsum("ncm,ncm->c", centred, centred) / count


def _read(
    caller: str,
    x: Array,
    channels: tuple[Array | None, ...],
    training: bool,
    eps: float | None,
    convention: str,
    *upstream: Array,
) -> tuple[Array, Array, Array, tuple[Array, Array] | None, float]:
    """Check the arguments; return x as (N, C, M/N), γ, β, the averages in use, and ε."""
    names = ("gamma", "beta", "running_mean", "running_var")
    given = {name: a for name, a in zip(names, channels, strict=True) if a is not None}
    require_floats(caller, x=x, **given, **dict(zip(("dy",), upstream, strict=False)))
    if x.ndim < 2 or 0 in x.shape[1:]:
        raise ValueError(
            f"{caller}: x needs a batch axis, channels, and no empty axis but the batch; "
            f"got {described(x=x)}; give x the shape (N,C), (N,C,T), (N,C,H,W) or (N,C,T,H,W)"
        )
    for name, a in given.items():
        require_shape(caller, "C", x.shape[1:2], **{name: a}, x=x)
    for dy in upstream:
        require_shape(caller, "NC" + "…" * (x.ndim > 2), x.shape, dy=dy, x=x)
    training = as_bool(caller, "training", training)
    mean, var = given.get("running_mean"), given.get("running_var")
    _require_statistics(caller, x, mean, var, training)
    rule = CONVENTIONS[as_choice(caller, "convention", convention, tuple(CONVENTIONS))]
    eps = rule.eps if eps is None else as_number(caller, "eps", eps, low=0.0)
    if eps == 0:
        raise ValueError(
            f"{caller}: eps is 0, so that a constant channel would be divided by 0; "
            f"got eps={eps!r}; give a positive eps, for example {rule.eps:g}"
        )
    scale = given.get("gamma", np.ones(x.shape[1], x.dtype))
    shift = given.get("beta", np.zeros(x.shape[1], x.dtype))
    averages = None if training or mean is None or var is None else (mean, var)
    return x.reshape(*x.shape[:2], prod(x.shape[2:])), scale, shift, averages, eps


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
