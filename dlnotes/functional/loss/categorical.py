"""Categorical cross-entropy, from logits."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional._fast.softmax import exponentials
from dlnotes.functional.loss._checks import read_target, reduced


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
