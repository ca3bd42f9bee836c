"""Binary cross-entropy, from probabilities and from logits."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import as_floats, quietly
from dlnotes.functional.loss._reduction import as_reduction, reduced, spread

LEAST_LOG = -100.0  # PyTorch's floor under log(0): a loss of at most 100 an element
LEAST_P = float(np.float32(1e-12))  # PyTorch's floor under p (1 - p), the gradient's divisor


@quietly
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
    p, target = _read_probabilities("binary_cross_entropy", p, target)
    factor = _factor("binary_cross_entropy", "weight", weight, p)
    yes, no = (np.maximum(np.log(p), LEAST_LOG), np.maximum(np.log1p(-p), LEAST_LOG))
    losses = ((target - 1) * no - target * yes) * factor
    return reduced(losses, as_reduction("binary_cross_entropy", reduction))


@quietly
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

    Parameters
    ----------
    dy : float or ndarray of the loss's shape
        Upstream gradient.
    p, target, weight, reduction
        As in `binary_cross_entropy`.

    Returns
    -------
    ndarray, shape of p

    Raises
    ------
    TypeError, ValueError
        As `binary_cross_entropy`, and if dy has not the shape of the loss.

    Examples
    --------
    >>> p, target = np.array([0.5, 0.5]), np.array([1.0, 0.0])
    >>> binary_cross_entropy_backward(1.0, p, target).astype(int).tolist()
    [-1, 1]
    """
    caller = "binary_cross_entropy_backward"
    p, target = _read_probabilities(caller, p, target)
    p, dy = as_floats(caller, p=p, dy=dy)
    factor = _factor(caller, "weight", weight, p)
    dp = spread(caller, dy, as_reduction(caller, reduction), p.shape) * factor
    return dp * (p - target) / np.maximum((1 - p) * p, LEAST_P)


@quietly
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
    z, target = _read(caller, "z", z, target)
    factor = _factor(caller, "weight", weight, z)
    surprise = np.log1p(np.exp(-abs(z))) + np.maximum(-z, 0)  # -log sigmoid(z)
    if pos_weight is not None:
        surprise = surprise * ((_factor(caller, "pos_weight", pos_weight, z) - 1) * target + 1)
    losses = (1 - target) * z + surprise
    return reduced(losses * factor, as_reduction(caller, reduction))


@quietly
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

    .. math:: dz_i = v_i\,dy_i \bigl((a_i\,t_i + 1 - t_i)\,p_i - a_i\,t_i\bigr)

    Parameters
    ----------
    dy : float or ndarray of the loss's shape
        Upstream gradient.
    z, target, weight, pos_weight, reduction
        As in `binary_cross_entropy_with_logits`.

    Returns
    -------
    ndarray, shape of z

    Raises
    ------
    TypeError, ValueError
        As `binary_cross_entropy_with_logits`, and if dy has not the shape of the loss.

    Examples
    --------
    >>> z, target = np.array([0.0, 0.0]), np.array([1.0, 0.0])
    >>> binary_cross_entropy_with_logits_backward(4.0, z, target).astype(int).tolist()
    [-1, 1]
    """
    caller = "binary_cross_entropy_with_logits_backward"
    z, target = _read(caller, "z", z, target)
    z, dy = as_floats(caller, z=z, dy=dy)
    dz = spread(caller, dy, as_reduction(caller, reduction), z.shape)
    dz = dz * _factor(caller, "weight", weight, z)
    p = 1 / (1 + np.exp(-z))
    if pos_weight is None:
        return (p - target) * dz
    positive = _factor(caller, "pos_weight", pos_weight, z) * target
    return ((positive + 1 - target) * p - positive) * dz


def _read(caller: str, name: str, x: object, target: object) -> tuple[Array, Array]:
    """Read what the network gives and the target, which must have its shape."""
    given, wanted = as_floats(caller, **{name: x, "target": target})
    require_shape(caller, "…", given.shape, **{"target": wanted, name: given})
    return given, wanted


def _read_probabilities(caller: str, p: object, target: object) -> tuple[Array, Array]:
    """Read probabilities and their target, probabilities too."""
    given, wanted = _read(caller, "p", p, target)
    require_probabilities(caller, "p", given)
    require_probabilities(caller, "target", wanted)
    return given, wanted


def require_probabilities(caller: str, name: str, p: Array) -> None:
    """Refuse what is no probability: below 0, above 1, or NaN.

    Parameters
    ----------
    caller : str
        The loss that messages name.
    name : str
        What the array is called.
    p : ndarray, any shape

    Raises
    ------
    ValueError
        If there is one; the message gives the first and its index.

    Examples
    --------
    >>> require_probabilities("binary_cross_entropy", "p", np.array([0.0, 1.0]))
    """
    wrong = ~((p >= 0) & (p <= 1))
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{caller}: {name} holds {p[index]:g} at index {index}, outside 0 to 1; "
            f"got {described(**{name: p})}; give probabilities, or logits to the loss of logits"
        )


def _factor(caller: str, name: str, weight: Array | float | None, x: Array) -> Array | float:
    """Read weights that may broadcast to x's shape, but never widen it."""
    if weight is None:
        return 1.0
    x, factor = as_floats(caller, **{"x": x, name: weight})
    try:
        fits = np.broadcast_shapes(factor.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"{caller}: {name} has shape {factor.shape}, which does not broadcast to {x.shape}; "
            f"got {described(**{name: factor})}; give {name} the shape {x.shape} or trailing axes"
        )
    return factor
