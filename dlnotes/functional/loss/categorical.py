"""Categorical cross-entropy: from logits, from log-probabilities and from probabilities."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._fast.softmax import exponentials
from dlnotes.functional._options import quietly
from dlnotes.functional.loss._checks import read_target, reduced, require_probabilities
from dlnotes.functional.loss.binary import LEAST_LOG, LEAST_P


def cross_entropy(
    z: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    r"""Return the categorical cross-entropy from logits: softmax and loss in one.

    .. math:: L_n = -\sum_c q_{nc} \log p_{nc}, \qquad p_n = \operatorname{softmax}(z_n)

    For a class index y the sum has one term, :math:`L_n = -w_{y} \log p_{ny}`.

    Parameters
    ----------
    z : ndarray, shape (N, C), (N, C, d, ...) or (C,)
        Logits; classes on axis 1, or on the only axis.
    target : ndarray of int, shape (N,), (N, d, ...) or ()
        Class indices. Or a floating array of z's shape: probabilities, one-hot rows among them.
    weight : ndarray, shape (C,), optional
        Factors w of the classes.
    ignore_index : int
        Class index that is left out, of the mean's denominator too.
    reduction : {"mean", "sum", "none"}
        The mean of class indices divides by the sum of their weights :math:`w_{y}`; that of
        probabilities by the number of positions.
    label_smoothing : float
        The share of the target that is spread evenly over the classes, 0 to 1.

    Returns
    -------
    ndarray
        One number, or shape (N, d, ...) for ``"none"``. NaN for the mean of nothing.

    Raises
    ------
    TypeError
        If the arrays are not float32 or float64 alike, or the target holds neither integers nor
        such floats.
    ValueError
        If shapes do not fit (nothing is broadcast), a class does not exist, or an option is out
        of range.

    References
    ----------
    Concept cross-entropy. Label smoothing: Szegedy et al., arXiv:1512.00567, section 7.
    ``torch.nn.functional.cross_entropy``.

    Examples
    --------
    >>> loss = cross_entropy(np.zeros((4, 10)), np.array([0, 3, 9, 3]))
    >>> round(float(np.exp(loss)))  # as uncertain as a choice among ten
    10
    """
    options = reduction, target, weight, ignore_index, label_smoothing
    z, t = read_target("cross_entropy", *options, z=z)  # t.q: the weights q; t.at: their classes

    # p = exp(z - m) / total, where m = max z keeps exp from overflow
    _, total, m = exponentials(z, t.axis)
    # (N, 1, d, …) for class indices without smoothing: the true class alone
    log_p = t.at(z) - m - np.log(total)
    losses = -(t.q * log_p).sum(axis=t.axis)  # (N, d, …)
    return reduced(losses, reduction, t.count)


def cross_entropy_backward(
    dy: Array,
    z: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    r"""Return the gradient of `cross_entropy` to the logits: probability minus target.

    .. math:: dz_{nc} = dy_n \Bigl(p_{nc} \sum_j q_{nj} - q_{nc}\Bigr)

    Without weights the sum is 1, so :math:`dz = p - y` with y the one-hot row, divided by N
    under the mean.

    Returns
    -------
    dz : ndarray, shape of z

    Examples
    --------
    >>> dz = cross_entropy_backward(8.0, np.zeros((1, 4)), np.array([2]))
    >>> dz.astype(int).tolist()  # 8 times (1/4, 1/4, 1/4 - 1, 1/4)
    [[2, 2, -6, 2]]
    """
    options = reduction, target, weight, ignore_index, label_smoothing
    z, t, dy = read_target("cross_entropy_backward", *options, z=z, dy=dy)  # dy: of each loss

    e, total, _ = exponentials(z, t.axis)  # p = e / total
    e *= dy * t.q.sum(axis=t.axis, keepdims=True) / total  # dy p Σ q
    return t.subtract(e, dy * t.q)


def nll_loss(
    log_p: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Array:
    r"""Return the negative log-likelihood of the targets, from log-probabilities.

    .. math:: L_n = -w_{y_n} \log p_{n y_n}

    After `log_softmax` along axis 1 it is `cross_entropy`.

    Parameters
    ----------
    log_p : ndarray, shape (N, C), (N, C, d, ...) or (C,)
        Log-probabilities.
    target : ndarray of int, shape (N,), (N, d, ...) or ()
        Class indices.
    weight, ignore_index, reduction
        As in `cross_entropy`.

    Returns
    -------
    ndarray
        As in `cross_entropy`.

    Raises
    ------
    TypeError, ValueError
        As `cross_entropy`.

    References
    ----------
    Concept cross-entropy. ``torch.nn.functional.nll_loss``.

    Examples
    --------
    >>> int(nll_loss(np.array([[-5.0, -7.0], [-1.0, -2.0]]), np.array([1, 0]), reduction="sum"))
    8
    """
    options = reduction, target, weight, ignore_index
    log_p, t = read_target("nll_loss", *options, soft=False, log_p=log_p)

    losses = -(t.q * t.at(log_p)).sum(axis=t.axis)  # (N, d, …)
    return reduced(losses, reduction, t.count)


def nll_loss_backward(
    dy: Array,
    log_p: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Array:
    r"""Return the gradient of `nll_loss` to the log-probabilities.

    .. math:: d\log p_{nc} = -w_c\,dy_n\,[c = y_n]

    Returns
    -------
    ndarray, shape of log_p
    """
    options = reduction, target, weight, ignore_index
    log_p, t, dy = read_target("nll_loss_backward", *options, soft=False, log_p=log_p, dy=dy)

    return t.subtract(np.zeros(log_p.shape, log_p.dtype), dy * t.q)


@quietly  # log(0), before its floor
def categorical_cross_entropy(
    p: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    r"""Return the categorical cross-entropy from probabilities.

    .. math:: L_n = -\sum_c q_{nc} \max(\log p_{nc}, -100)

    The floor is the one of `binary_cross_entropy`. `cross_entropy` is the one to train with: a
    probability that underflowed has lost what its logit still knows.

    Parameters
    ----------
    p : ndarray, shape (N, C), (N, C, d, ...) or (C,)
        Probabilities, from 0 to 1; that they sum to one is not checked.
    target, weight, ignore_index, reduction, label_smoothing
        As in `cross_entropy`.

    Returns
    -------
    ndarray
        As in `cross_entropy`.

    Raises
    ------
    TypeError, ValueError
        As `cross_entropy`, and if a probability is outside 0 to 1 (or NaN).

    References
    ----------
    Concept cross-entropy. ``keras.losses.categorical_crossentropy``, whose floor lies elsewhere.

    Examples
    --------
    >>> int(categorical_cross_entropy(np.array([[0.0, 1.0]]), np.array([0])))
    100
    """
    options = reduction, target, weight, ignore_index, label_smoothing
    p, t = read_target("categorical_cross_entropy", *options, p=p)
    require_probabilities("categorical_cross_entropy", p=p)

    log_p = np.maximum(np.log(t.at(p)), LEAST_LOG)
    losses = -(t.q * log_p).sum(axis=t.axis)  # (N, d, …)
    return reduced(losses, reduction, t.count)


def categorical_cross_entropy_backward(
    dy: Array,
    p: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    r"""Return the gradient of `categorical_cross_entropy` to the probabilities.

    .. math:: dp_{nc} = -\frac{dy_n\,q_{nc}}{\max(p_{nc}, 10^{-12})}

    `softmax_backward` of it is p − y, as from `cross_entropy_backward`.

    Returns
    -------
    dp : ndarray, shape of p
    """
    options = reduction, target, weight, ignore_index, label_smoothing
    p, t, dy = read_target("categorical_cross_entropy_backward", *options, p=p, dy=dy)
    require_probabilities("categorical_cross_entropy_backward", p=p)

    return t.subtract(np.zeros(p.shape, p.dtype), dy * t.q / np.maximum(t.at(p), LEAST_P))
