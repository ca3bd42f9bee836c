"""Penalties that are added to a loss: on weights (L1, L2) and on a layer's outputs."""

from dlnotes.functional._arrays import Array, described
from dlnotes.functional._options import as_floats, as_number, quietly
from dlnotes.functional.loss._reduction import spread


@quietly
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
    >>> import numpy as np
    >>> int(l1_penalty(np.array([3.0, -4.0]), strength=1))
    7
    """
    (w,) = as_floats("l1_penalty", w=w)
    return as_number("l1_penalty", "strength", strength, low=0) * abs(w).sum()


@quietly
def l1_penalty_backward(dy: Array, w: Array, *, strength: float = 0.01) -> Array:
    r"""Return the gradient of `l1_penalty`; at a zero weight it is 0, as in PyTorch.

    .. math:: dw_i = dy\,\lambda\,\operatorname{sign}(w_i)

    Parameters
    ----------
    dy : float or ndarray without axes
        Upstream gradient.
    w, strength
        As in `l1_penalty`.

    Returns
    -------
    ndarray, shape of w

    Raises
    ------
    TypeError, ValueError
        As `l1_penalty`, and if dy is not one number.

    Examples
    --------
    >>> import numpy as np
    >>> l1_penalty_backward(1.0, np.array([3.0, 0.0, -4.0]), strength=1).astype(int).tolist()
    [1, 0, -1]
    """
    w, dy = as_floats("l1_penalty_backward", w=w, dy=dy)
    scale = as_number("l1_penalty_backward", "strength", strength, low=0)
    dy = spread("l1_penalty_backward", dy, "sum", w.shape)
    return dy * scale * _sign(w)


@quietly
def l2_penalty(w: Array, *, strength: float = 0.01) -> Array:
    r"""Return the L2 penalty of weights, which pulls each to zero in proportion to its size.

    .. math:: R = \lambda \sum_i w_i^2

    PyTorch's ``weight_decay=d`` adds :math:`d\,w` to the gradient; that is this penalty with
    :math:`\lambda = d/2`. Under plain gradient descent each step then shrinks the weights by the
    factor 1 − rate·d: weight decay.

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
    >>> import numpy as np
    >>> int(l2_penalty(np.array([3.0, -4.0]), strength=1))
    25
    """
    (w,) = as_floats("l2_penalty", w=w)
    return as_number("l2_penalty", "strength", strength, low=0) * (w * w).sum()


@quietly
def l2_penalty_backward(dy: Array, w: Array, *, strength: float = 0.01) -> Array:
    r"""Return the gradient of `l2_penalty`.

    .. math:: dw_i = 2\,dy\,\lambda\,w_i

    Parameters
    ----------
    dy : float or ndarray without axes
        Upstream gradient.
    w, strength
        As in `l2_penalty`.

    Returns
    -------
    ndarray, shape of w

    Raises
    ------
    TypeError, ValueError
        As `l2_penalty`, and if dy is not one number.

    Examples
    --------
    >>> import numpy as np
    >>> l2_penalty_backward(1.0, np.array([3.0, -4.0]), strength=1).astype(int).tolist()
    [6, -8]
    """
    w, dy = as_floats("l2_penalty_backward", w=w, dy=dy)
    scale = as_number("l2_penalty_backward", "strength", strength, low=0)
    dy = spread("l2_penalty_backward", dy, "sum", w.shape)
    return 2 * dy * scale * w


@quietly
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
    >>> import numpy as np
    >>> int(activity_penalty(np.array([[3.0, -4.0], [0.0, 1.0]]), l1=1, l2=1))
    17
    """
    (y,) = as_floats("activity_penalty", y=y)
    first, second, n = _read_activity("activity_penalty", y, l1, l2)
    total = y.dtype.type(0)
    if first:  # a factor of 0 asks for nothing, of infinity too
        total += first * abs(y).sum()
    if second:
        total += second * (y * y).sum()
    return total / n


@quietly
def activity_penalty_backward(dy: Array, y: Array, *, l1: float = 0.0, l2: float = 0.0) -> Array:
    r"""Return the gradient of `activity_penalty` to the layer's outputs.

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
        To be added to the gradient that reaches the outputs from the layers above.

    Raises
    ------
    TypeError, ValueError
        As `activity_penalty`, and if dy is not one number.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([[3.0, -4.0], [0.0, 1.0]])
    >>> activity_penalty_backward(2.0, y, l1=1, l2=1).astype(int).tolist()
    [[7, -9], [0, 3]]
    """
    y, dy = as_floats("activity_penalty_backward", y=y, dy=dy)
    first, second, n = _read_activity("activity_penalty_backward", y, l1, l2)
    dy = spread("activity_penalty_backward", dy, "sum", y.shape)
    each = first * _sign(y)
    if second:
        each += 2 * second * y
    return dy / n * each


def _sign(a: Array) -> Array:
    """Return −1, 0 or 1; NaN counts as 0, as in PyTorch's gradient of abs."""
    return (a > 0).astype(a.dtype) - (a < 0)


def _read_activity(caller: str, y: Array, l1: object, l2: object) -> tuple[float, float, int]:
    """Read the two factors and the size of the batch."""
    if y.ndim == 0:
        raise ValueError(
            f"{caller}: y has no axis, so no batch; got {described(y=y)}; give y the shape (N,...)"
        )
    return as_number(caller, "l1", l1, low=0), as_number(caller, "l2", l2, low=0), len(y)
