"""Binary cross-entropy, from probabilities and from logits."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import quietly
from dlnotes.functional.activation import sigmoid
from dlnotes.functional.loss._checks import (
    read_pair,
    read_weight,
    reduced,
    require_probabilities,
)

LEAST_LOG = -100.0  # PyTorch's floor under log(0): a loss of at most 100 an element
LEAST_P = float(np.float32(1e-12))  # PyTorch's floor under p (1 - p), the gradient's divisor


@quietly  # log(0), before its floor
def binary_cross_entropy(
    p: Array, target: Array, *, weight: Array | float | None = None, reduction: str = "mean"
) -> Array:
    r"""Return the cross-entropy of yes-or-no questions, from probabilities.

    .. math:: L_i = -v_i \bigl(t_i \log p_i + (1 - t_i) \log(1 - p_i)\bigr)

    with each logarithm held at −100 or above. `binary_cross_entropy_with_logits` is the one to
    train with: near 0 and 1 a probability has lost what its logit still knows.

    Parameters
    ----------
    p : ndarray, any shape
        Probabilities, from 0 to 1.
    target : ndarray, shape of p
        1 for yes and 0 for no, or probabilities.
    weight : ndarray or float, optional
        The factors v; any shape that broadcasts to p's.
    reduction : {"mean", "sum", "none"}
        The mean is over all elements, whatever their weights.

    Returns
    -------
    ndarray
        One number, or of p's shape for ``"none"``.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64.
    ValueError
        If p or the target is outside 0 to 1 (or NaN), the shapes differ, or the reduction is
        unknown.

    References
    ----------
    Concept cross-entropy. ``torch.nn.functional.binary_cross_entropy``.

    Examples
    --------
    >>> int(binary_cross_entropy(np.array([0.0, 1.0]), np.array([1.0, 1.0]), reduction="sum"))
    100
    """
    caller = "binary_cross_entropy"
    p, target = read_pair(caller, reduction, target, p=p)
    require_probabilities(caller, p=p, target=target)
    v = read_weight(caller, "weight", weight, p)

    log_p = np.maximum(np.log(p), LEAST_LOG)
    log_not_p = np.maximum(np.log1p(-p), LEAST_LOG)
    return reduced(-v * (target * log_p + (1 - target) * log_not_p), reduction)


def binary_cross_entropy_backward(
    dy: Array,
    p: Array,
    target: Array,
    *,
    weight: Array | float | None = None,
    reduction: str = "mean",
) -> Array:
    r"""Return the gradient of `binary_cross_entropy` to the probabilities.

    .. math:: dp_i = v_i\,dy_i \frac{p_i - t_i}{\max(p_i (1 - p_i), 10^{-12})}

    Returns
    -------
    dp : ndarray, shape of p
    """
    caller = "binary_cross_entropy_backward"
    p, target, dy = read_pair(caller, reduction, target, p=p, dy=dy)  # dy: of each loss
    require_probabilities(caller, p=p, target=target)
    v = read_weight(caller, "weight", weight, p)

    return v * dy * (p - target) / np.maximum(p * (1 - p), LEAST_P)


def binary_cross_entropy_with_logits(
    z: Array,
    target: Array,
    *,
    weight: Array | float | None = None,
    pos_weight: Array | float | None = None,
    reduction: str = "mean",
) -> Array:
    r"""Return the cross-entropy of yes-or-no questions, from logits: sigmoid and loss in one.

    .. math::

        L_i = -v_i \bigl(a_i\,t_i \log \sigma(z_i) + (1 - t_i) \log(1 - \sigma(z_i))\bigr)

    computed without overflow from
    :math:`-\log\sigma(z) = \log(1 + e^{-|z|}) + \max(-z, 0)`.

    Parameters
    ----------
    z : ndarray, any shape
        Logits: one linear unit a question.
    target : ndarray, shape of z
        1 for yes and 0 for no, or probabilities.
    weight : ndarray or float, optional
        The factors v; any shape that broadcasts to z's.
    pos_weight : ndarray or float, optional
        The factors a of the positive targets; any shape that broadcasts to z's, for example (C,)
        against (N, C). Above 1 it raises recall.
    reduction : {"mean", "sum", "none"}
        The mean is over all elements, whatever their weights.

    Returns
    -------
    ndarray
        One number, or of z's shape for ``"none"``.

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64.
    ValueError
        If the shapes differ or the reduction is unknown.

    References
    ----------
    Concept cross-entropy. ``torch.nn.functional.binary_cross_entropy_with_logits``.

    Examples
    --------
    >>> int(binary_cross_entropy_with_logits(np.array([-1000.0]), np.array([1.0])))
    1000
    """
    caller = "binary_cross_entropy_with_logits"
    z, target = read_pair(caller, reduction, target, z=z)
    v = read_weight(caller, "weight", weight, z)
    a = read_weight(caller, "pos_weight", pos_weight, z)

    yes = np.log1p(np.exp(-abs(z))) + np.maximum(-z, 0)  # -log σ(z)
    no = yes + z  # -log(1 - σ(z)), since 1 - σ(z) = σ(z) exp(-z)
    return reduced(v * (a * target * yes + (1 - target) * no), reduction)


def binary_cross_entropy_with_logits_backward(
    dy: Array,
    z: Array,
    target: Array,
    *,
    weight: Array | float | None = None,
    pos_weight: Array | float | None = None,
    reduction: str = "mean",
) -> Array:
    r"""Return the gradient of `binary_cross_entropy_with_logits` to the logits.

    With :math:`p = \sigma(z)` it is probability minus target, p − t, and with weights

    .. math:: dz_i = v_i\,dy_i \bigl((1 - t_i)\,p_i - a_i\,t_i\,(1 - p_i)\bigr)

    Returns
    -------
    dz : ndarray, shape of z
    """
    caller = "binary_cross_entropy_with_logits_backward"
    z, target, dy = read_pair(caller, reduction, target, z=z, dy=dy)  # dy: of each loss
    v = read_weight(caller, "weight", weight, z)
    a = read_weight(caller, "pos_weight", pos_weight, z)

    p = sigmoid(z)
    return v * dy * ((1 - target) * p - a * target * (1 - p))
