"""Categorical cross-entropy: from logits, from log-probabilities and from probabilities."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_floats, quietly
from dlnotes.functional._softmax import exponentials
from dlnotes.functional.loss._reduction import as_reduction, reduced
from dlnotes.functional.loss._targets import Parts, Target, as_scores, as_target
from dlnotes.functional.loss.binary import LEAST_LOG, LEAST_P, require_probabilities


@quietly
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
    caller = "cross_entropy"
    (z,) = as_floats(caller, z=z)
    scores = as_scores(caller, "z", z)
    goal = as_target(caller, z, scores, target, weight, ignore_index, label_smoothing)
    losses = goal.cross_entropy(scores).reshape(goal.shape)
    return reduced(losses, as_reduction(caller, reduction), goal.count)


@quietly
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

    Parameters
    ----------
    dy : float or ndarray of the loss's shape
        Upstream gradient.
    z, target, weight, ignore_index, reduction, label_smoothing
        As in `cross_entropy`.

    Returns
    -------
    ndarray, shape of z

    Raises
    ------
    TypeError, ValueError
        As `cross_entropy`, and if dy has not the shape of the loss.

    Examples
    --------
    >>> dz = cross_entropy_backward(8.0, np.zeros((1, 4)), np.array([2]))
    >>> dz.astype(int).tolist()  # 8 times (1/4, 1/4, 1/4 - 1, 1/4)
    [[2, 2, -6, 2]]
    """
    caller = "cross_entropy_backward"
    z, dy = as_floats(caller, z=z, dy=dy)
    scores = as_scores(caller, "z", z)
    goal = as_target(caller, z, scores, target, weight, ignore_index, label_smoothing)
    return _gradient(caller, goal, exponentials(scores), dy, reduction).reshape(z.shape)


@quietly
def cross_entropy_with_gradient(
    z: Array,
    target: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Array, Array]:
    r"""Return `cross_entropy` and its gradient for an upstream gradient of one, in one pass.

    .. math:: L_n = -\sum_c q_{nc} \log p_{nc}, \qquad dz_{nc} = p_{nc} \sum_j q_{nj} - q_{nc}

    A training step needs both, and both need the same exponentials, which take most of the time.

    Parameters
    ----------
    z, target, weight, ignore_index, reduction, label_smoothing
        As in `cross_entropy`.

    Returns
    -------
    loss : ndarray
        As `cross_entropy` returns it.
    dz : ndarray, shape of z
        As `cross_entropy_backward` returns it for ones.

    Raises
    ------
    TypeError, ValueError
        As `cross_entropy`.

    References
    ----------
    Concept cross-entropy.

    Examples
    --------
    >>> loss, dz = cross_entropy_with_gradient(np.zeros((4, 10)), np.array([0, 3, 9, 3]))
    >>> loss.shape, dz.shape
    ((), (4, 10))
    """
    caller = "cross_entropy_with_gradient"
    (z,) = as_floats(caller, z=z)
    scores = as_scores(caller, "z", z)
    goal = as_target(caller, z, scores, target, weight, ignore_index, label_smoothing)
    parts = exponentials(scores)
    losses = goal.cross_entropy(scores, parts).reshape(goal.shape)
    loss = reduced(losses, as_reduction(caller, reduction), goal.count)
    return loss, _gradient(caller, goal, parts, np.ones_like(loss), reduction).reshape(z.shape)


@quietly
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
    target, weight, ignore_index, reduction
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
    Concept cross-entropy. ``torch.nn.functional.nll_loss``, which takes class indices alone.

    Examples
    --------
    >>> int(nll_loss(np.array([[-5.0, -7.0], [-1.0, -2.0]]), np.array([1, 0]), reduction="sum"))
    8
    """
    caller = "nll_loss"
    (log_p,) = as_floats(caller, log_p=log_p)
    scores = as_scores(caller, "log_p", log_p)
    goal = as_target(caller, log_p, scores, target, weight, ignore_index, soft=False)
    losses = goal.likelihood(scores).reshape(goal.shape)
    return reduced(losses, as_reduction(caller, reduction), goal.count)


@quietly
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

    Parameters
    ----------
    dy : float or ndarray of the loss's shape
        Upstream gradient.
    log_p, target, weight, ignore_index, reduction
        As in `nll_loss`.

    Returns
    -------
    ndarray, shape of log_p

    Raises
    ------
    TypeError, ValueError
        As `nll_loss`, and if dy has not the shape of the loss.

    Examples
    --------
    >>> log_p, target = np.full((2, 2), -1.0), np.array([1, 0])
    >>> nll_loss_backward(3.0, log_p, target, reduction="sum").astype(int).tolist()
    [[0, -3], [-3, 0]]
    """
    caller = "nll_loss_backward"
    log_p, dy = as_floats(caller, log_p=log_p, dy=dy)
    scores = as_scores(caller, "log_p", log_p)
    goal = as_target(caller, log_p, scores, target, weight, ignore_index, soft=False)
    gradient = np.zeros(scores.shape, scores.dtype)
    goal.subtract(gradient, goal.spread(caller, dy, as_reduction(caller, reduction)))
    return gradient.reshape(log_p.shape)


@quietly
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
    caller = "categorical_cross_entropy"
    (p,) = as_floats(caller, p=p)
    scores = as_scores(caller, "p", p)
    require_probabilities(caller, "p", p)
    goal = as_target(caller, p, scores, target, weight, ignore_index, label_smoothing)
    losses = goal.likelihood(np.maximum(np.log(scores), LEAST_LOG)).reshape(goal.shape)
    return reduced(losses, as_reduction(caller, reduction), goal.count)


@quietly
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

    Parameters
    ----------
    dy : float or ndarray of the loss's shape
        Upstream gradient.
    p, target, weight, ignore_index, reduction, label_smoothing
        As in `categorical_cross_entropy`.

    Returns
    -------
    ndarray, shape of p

    Raises
    ------
    TypeError, ValueError
        As `categorical_cross_entropy`, and if dy has not the shape of the loss.

    Examples
    --------
    >>> p, target = np.array([[0.5, 0.25, 0.25]]), np.array([1])
    >>> categorical_cross_entropy_backward(1.0, p, target).astype(int).tolist()
    [[0, -4, 0]]
    """
    caller = "categorical_cross_entropy_backward"
    p, dy = as_floats(caller, p=p, dy=dy)
    scores = as_scores(caller, "p", p)
    require_probabilities(caller, "p", p)
    goal = as_target(caller, p, scores, target, weight, ignore_index, label_smoothing)
    gradient = np.zeros(scores.shape, scores.dtype)
    goal.subtract(gradient, goal.spread(caller, dy, as_reduction(caller, reduction)))
    return (gradient / np.maximum(scores, LEAST_P)).reshape(p.shape)


def _gradient(caller: str, goal: Target, parts: Parts, dy: Array, reduction: str) -> Array:
    """Return the gradient of the logits (N, C, D), in the place of their exponentials."""
    each = goal.spread(caller, dy, as_reduction(caller, reduction))
    dz, total, _ = parts
    dz *= (goal.weigh(each) / total)[:, None]  # softmax times what the target weighs
    goal.subtract(dz, each)
    return dz
