"""Binary cross-entropy, from logits."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional.activation import sigmoid
from dlnotes.functional.loss._checks import (
    read_pair,
    read_weight,
    reduced,
)


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
