"""Penalties that are added to a loss: on weights (L1, L2) and on a layer's outputs."""

from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, described
from dlnotes.functional._options import as_floats, as_number
from dlnotes.functional.loss._checks import reduced, spread


def l1_penalty(w: Array, *, strength: float = 0.01) -> Array:
    r"""Return the L1 penalty of weights, which pulls all of them to zero with the same force.

    .. math:: R = \lambda \sum_i |w_i|

    Parameters
    ----------
    w : ndarray, any shape
    strength : float
        The factor lambda, not negative.

    Returns
    -------
    ndarray without axes
        A number to be added to the loss.

    Raises
    ------
    TypeError
        If w is neither float32 nor float64, or the strength is no number.
    ValueError
        If the strength is negative or not finite.

    References
    ----------
    Concept l1-l2. ``keras.regularizers.L1``.

    Examples
    --------
    >>> int(l1_penalty(np.array([3.0, -4.0]), strength=1))
    7
    """
    w, strength = _read("l1_penalty", strength, w=w)
    return strength * abs(w).sum()


def l1_penalty_backward(dy: Array, w: Array, *, strength: float = 0.01) -> Array:
    r"""Return the gradient of `l1_penalty`; at a zero weight it is 0, as in PyTorch.

    .. math:: dw_i = dy\,\lambda\,\operatorname{sign}(w_i)

    Returns
    -------
    dw : ndarray, shape of w
    """
    w, dy, strength = _read("l1_penalty_backward", strength, w=w, dy=dy)
    return dy * strength * np.sign(w)


def l2_penalty(w: Array, *, strength: float = 0.01) -> Array:
    r"""Return the L2 penalty of weights, which pulls each to zero in proportion to its size.

    .. math:: R = \lambda \sum_i w_i^2

    Where `l1_penalty` pulls with the same force. PyTorch's ``weight_decay=d`` adds :math:`d\,w`
    to the gradient; that is this penalty with :math:`\lambda = d/2`. Under plain gradient descent
    each step then shrinks the weights by the factor 1 − rate·d: weight decay.

    Parameters
    ----------
    w : ndarray, any shape
    strength : float
        The factor lambda, not negative.

    Returns
    -------
    ndarray without axes
        A number to be added to the loss.

    Raises
    ------
    TypeError
        If w is neither float32 nor float64, or the strength is no number.
    ValueError
        If the strength is negative or not finite.

    References
    ----------
    Concept l1-l2. ``keras.regularizers.L2``, which has no one half either.

    Examples
    --------
    >>> int(l2_penalty(np.array([3.0, -4.0]), strength=1))
    25
    """
    w, strength = _read("l2_penalty", strength, w=w)
    return strength * (w**2).sum()


def l2_penalty_backward(dy: Array, w: Array, *, strength: float = 0.01) -> Array:
    r"""Return the gradient of `l2_penalty`.

    .. math:: dw_i = 2\,dy\,\lambda\,w_i

    Returns
    -------
    dw : ndarray, shape of w
    """
    w, dy, strength = _read("l2_penalty_backward", strength, w=w, dy=dy)
    return 2 * dy * strength * w


def activity_penalty(y: Array, *, l1: float = 0.0, l2: float = 0.0) -> Array:
    r"""Return the penalty of a layer's outputs, the mean over the batch as in Keras.

    .. math:: R = \frac{1}{N} \sum_{n} \Bigl(\lambda_1 \sum_i |y_{ni}|
        + \lambda_2 \sum_i y_{ni}^2\Bigr)

    Parameters
    ----------
    y : ndarray, shape (N, ...)
        Outputs of the layer for a batch.
    l1, l2 : float
        The two factors, not negative.

    Returns
    -------
    ndarray without axes
        A number to be added to the loss; NaN for an empty batch, as the mean of nothing is.

    Raises
    ------
    TypeError
        If y is neither float32 nor float64, or a factor is no number.
    ValueError
        If y has no axes, or a factor is negative or not finite.

    References
    ----------
    Concept activity-penalty. ``keras.layers.ActivityRegularization``.

    Examples
    --------
    >>> int(activity_penalty(np.array([[3.0, -4.0], [0.0, 1.0]]), l1=1, l2=1))
    17
    """
    y, l1, l2 = _read_activity("activity_penalty", l1, l2, y=y)
    return reduced(l1 * abs(y) + l2 * y**2, "mean", len(y))


def activity_penalty_backward(dy: Array, y: Array, *, l1: float = 0.0, l2: float = 0.0) -> Array:
    r"""Return the gradient of `activity_penalty`, to be added to that from the layers above.

    .. math:: \frac{dy}{N} \bigl(\lambda_1 \operatorname{sign}(y_{ni}) + 2 \lambda_2\,y_{ni}\bigr)

    Parameters
    ----------
    dy : float or ndarray without axes
        Upstream gradient of the penalty.
    y, l1, l2
        As in `activity_penalty`.

    Returns
    -------
    ndarray, shape of y
    """
    y, dy, l1, l2 = _read_activity("activity_penalty_backward", l1, l2, y=y, dy=dy)  # dy: dy / N
    return dy * (l1 * np.sign(y) + 2 * l2 * y)


def _read(caller: str, strength: object, **arrays: Array) -> tuple[Any, ...]:
    """Read the weights, perhaps dy, which is one number, and the strength."""
    a, *dy = as_floats(caller, **arrays)
    for b in dy:
        spread(caller, b, "sum", a.shape)
    return a, *dy, as_number(caller, "strength", strength, low=0)


def _read_activity(caller: str, l1: object, l2: object, **arrays: Array) -> tuple[Any, ...]:
    """Read the outputs, perhaps dy, shared out among the examples, and the two factors."""
    y, *dy = as_floats(caller, **arrays)
    if y.ndim == 0:
        raise ValueError(
            f"{caller}: y has no axis, so no batch; got {described(y=y)}; give y the shape (N,...)"
        )
    each = [spread(caller, b, "mean", y.shape, len(y)) for b in dy]
    return y, *each, as_number(caller, "l1", l1, low=0), as_number(caller, "l2", l2, low=0)
