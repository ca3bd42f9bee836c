"""Softmax and its logarithm, which turn the scores along an axis into a distribution."""

from dlnotes.functional._arrays import Array
from dlnotes.functional._options import as_axis, as_floats, quietly, upstream
from dlnotes.functional._softmax import as_ncd, log_probabilities, probabilities, sums


@quietly
def softmax(x: Array, *, axis: int = -1) -> Array:
    r"""Turn scores into probabilities that are positive and sum to one along an axis.

    .. math:: p_c = \frac{e^{x_c}}{\sum_j e^{x_j}}
        = \frac{e^{x_c - m}}{\sum_j e^{x_j - m}}, \qquad m = \max_j x_j

    Adding a constant to all scores changes nothing; subtracting their maximum keeps the
    exponentials from overflowing.

    Parameters
    ----------
    x : ndarray, any shape with at least one axis
        Scores (logits), for classes that exclude each other.
    axis : int
        The axis of the classes: the last, or 1 for (N, C, H, W).

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64, or `axis` is no int.
    ValueError
        If x has no such axis.

    References
    ----------
    Concept softmax. ``torch.nn.functional.softmax``, where the axis is called dim.

    Examples
    --------
    >>> import numpy as np
    >>> softmax(np.array([1000.0, 1000.0])).tolist()
    [0.5, 0.5]
    """
    (x,) = as_floats("softmax", x=x)
    scores = as_ncd(x, as_axis("softmax", axis, x))
    return probabilities(scores).reshape(x.shape)


@quietly
def softmax_backward(dy: Array, x: Array, *, axis: int = -1) -> Array:
    r"""Return the gradient of `softmax`; it needs x and computes p again.

    .. math:: dx_c = p_c \Bigl(dy_c - \sum_j dy_j\, p_j\Bigr)

    An upstream gradient that is the same for all classes gives zero.

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, axis
        As in `softmax`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `softmax`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> import numpy as np
    >>> softmax_backward(np.ones((2, 3)), np.zeros((2, 3))).any()
    np.False_
    """
    dy, x = upstream("softmax_backward", dy, x)
    along = as_axis("softmax_backward", axis, x)
    p, upper = probabilities(as_ncd(x, along)), as_ncd(dy, along)
    return (p * (upper - sums(upper * p)[:, None])).reshape(x.shape)


@quietly
def log_softmax(x: Array, *, axis: int = -1) -> Array:
    r"""Return the logarithm of `softmax`, which stays finite where a probability underflows.

    .. math:: \log p_c = (x_c - m) - \log \sum_j e^{x_j - m}, \qquad m = \max_j x_j

    Parameters
    ----------
    x, axis
        As in `softmax`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `softmax`.

    References
    ----------
    Concept softmax. ``torch.nn.functional.log_softmax``.

    Examples
    --------
    >>> import numpy as np
    >>> log_softmax(np.array([0.0, 1000.0])).astype(int).tolist()
    [-1000, 0]
    """
    (x,) = as_floats("log_softmax", x=x)
    scores = as_ncd(x, as_axis("log_softmax", axis, x))
    return log_probabilities(scores).reshape(x.shape)


@quietly
def log_softmax_backward(dy: Array, x: Array, *, axis: int = -1) -> Array:
    r"""Return the gradient of `log_softmax`; it needs x and computes p again.

    .. math:: dx_c = dy_c - p_c \sum_j dy_j

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, axis
        As in `log_softmax`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `log_softmax`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> import numpy as np
    >>> log_softmax_backward(np.ones((2, 3)), np.zeros((2, 3))).shape
    (2, 3)
    """
    dy, x = upstream("log_softmax_backward", dy, x)
    along = as_axis("log_softmax_backward", axis, x)
    p, upper = probabilities(as_ncd(x, along)), as_ncd(dy, along)
    return (upper - p * sums(upper)[:, None]).reshape(x.shape)
