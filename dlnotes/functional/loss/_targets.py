"""What categorical losses compare with: class indices or probabilities, weighted and smoothed.

Inside, scores are (N, C, D): N examples, C classes, D positions (pixels, words; 1 without them).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, described, is_plain, require_shape
from dlnotes.functional._options import as_floats, as_number
from dlnotes.functional._softmax import as_ncd, exponentials, log_probabilities, sums
from dlnotes.functional.loss._reduction import spread
from dlnotes.shapes.arguments import as_int

_LEAST = 1e-20  # a probability above it did not underflow, even in float32

Parts = tuple[Array, Array, Array | None]


@dataclass(kw_only=True)
class Target(ABC):
    r"""The weights q in the loss :math:`-\sum_c q_c \log p_c` of each position.

    Attributes
    ----------
    shape : tuple of int
        Shape of the unreduced losses.
    mass : ndarray, shape (N, D), or None
        The sum of q over the classes, 0 where the target is ignored. None if it is 1 everywhere.
    kept : ndarray of bool, shape (N, D), or None
        False where the target is ignored. None if nothing is.
    count : number
        What a mean divides by.
    """

    shape: tuple[int, ...]
    mass: Array | None
    kept: Array | None
    count: Any

    @abstractmethod
    def likelihood(self, log_p: Array) -> Array:
        """Return the losses (N, D) of log-probabilities (N, C, D)."""

    @abstractmethod
    def cross_entropy(self, z: Array, parts: Parts | None = None) -> Array:
        """Return the losses (N, D) of logits (N, C, D); `parts` are their exponentials."""

    @abstractmethod
    def subtract(self, a: Array, k: Array) -> None:
        """Subtract q k from a contiguous (N, C, D) in place, with k (N, D) or one number."""

    def weigh(self, a: Array) -> Array:
        """Return a, (N, D) or one number, times the sum of q."""
        return a if self.mass is None else a * self.mass

    def keep(self, a: Array) -> Array:
        """Return a, (N, D) or one number, with zeros where the target is ignored."""
        return a if self.kept is None else np.where(self.kept, a, 0)

    def spread(self, caller: str, dy: Array, reduction: str) -> Array:
        """Hand the upstream gradient on to each position: (N, D), or one number for all."""
        each = spread(caller, dy, reduction, self.shape, self.count)
        if reduction == "none":
            each = each.reshape(prod(self.shape[:1]), prod(self.shape[1:]))
        return self.keep(each)


@dataclass(kw_only=True)
class Labels(Target):
    """One class a position; q is zero for the others.

    Attributes
    ----------
    at : ndarray of int, shape (N, D)
        Where the classes stand in scores (N, C, D) taken as one row.
    """

    at: Array

    def likelihood(self, log_p: Array) -> Array:
        """Return the losses (N, D) of log-probabilities (N, C, D)."""
        return self.keep(self.weigh(-log_p.take(self.at)))

    def cross_entropy(self, z: Array, parts: Parts | None = None) -> Array:
        """Return the losses (N, D) of logits (N, C, D), without all log-probabilities."""
        e, total, m = exponentials(z) if parts is None else parts
        mine = e.take(self.at)  # (N, D)
        if mine.min(initial=1) > _LEAST:  # the ratio keeps more digits than the difference
            return self.keep(self.weigh(np.log(total / mine)))
        logit = z.take(self.at) if m is None else z.take(self.at) - m
        return self.keep(self.weigh(np.log(total) - logit))

    def subtract(self, a: Array, k: Array) -> None:
        """Subtract q k from a contiguous (N, C, D) in place, with k (N, D) or one number."""
        np.subtract.at(a.reshape(-1), self.at, self.weigh(k))


@dataclass(kw_only=True)
class Distribution(Target):
    """Any weights.

    Attributes
    ----------
    q : ndarray, shape (N, C, D)
    """

    q: Array

    def likelihood(self, log_p: Array) -> Array:
        """Return the losses (N, D) of log-probabilities (N, C, D)."""
        return self.keep(-(self.q * log_p).sum(axis=1))

    def cross_entropy(self, z: Array, parts: Parts | None = None) -> Array:
        """Return the losses (N, D) of logits (N, C, D)."""
        return self.likelihood(log_probabilities(z))

    def subtract(self, a: Array, k: Array) -> None:
        """Subtract q k from a contiguous (N, C, D) in place, with k (N, D) or one number."""
        a -= self.q * over_classes(k)


def over_classes(a: Array) -> Array:
    """Return a (N, D) as (N, 1, D), and one number as it is.

    Parameters
    ----------
    a : ndarray, shape (N, D) or ()

    Returns
    -------
    ndarray

    Examples
    --------
    >>> over_classes(np.ones((2, 3))).shape
    (2, 1, 3)
    """
    return a[:, None] if a.ndim else a


def as_scores(caller: str, name: str, a: Array) -> Array:
    """Return scores as (N, C, D), with the classes on axis 1 or on the only axis.

    Parameters
    ----------
    caller : str
        The loss that messages name.
    name : str
        What the scores are called.
    a : ndarray, shape (C,), (N, C) or (N, C, d, ...)

    Returns
    -------
    ndarray, shape (N, C, D)
        The same numbers, contiguous, with N = 1 and D = 1 where a has no such axes.

    Raises
    ------
    ValueError
        If there is no axis or no class.

    Examples
    --------
    >>> as_scores("cross_entropy", "z", np.zeros((2, 5, 3, 4))).shape
    (2, 5, 12)
    """
    if a.ndim == 0 or a.shape[a.ndim > 1] == 0:
        raise ValueError(
            f"{caller}: {name} has no classes; got {described(**{name: a})}; "
            f"give {name} the shape (N,C), (N,C,d,...) or (C,) with C >= 1"
        )
    return as_ncd(a, int(a.ndim > 1))


def as_target(
    caller: str,
    a: Array,
    scores: Array,
    target: object,
    weight: object,
    ignore_index: object,
    smoothing: object = 0.0,
    *,
    soft: bool = True,
) -> Target:
    r"""Read the target of a categorical loss.

    Class indices y become :math:`q_c = w_c ((1 - \epsilon) [c = y] + \epsilon / C)`, and
    probabilities t become :math:`q_c = w_c ((1 - \epsilon)\, t_c + \epsilon / C)`.

    Parameters
    ----------
    caller : str
        The loss that messages name.
    a : ndarray
        Scores as they were given.
    scores : ndarray, shape (N, C, D)
        As `as_scores` returns them.
    target : ndarray
        Integers of a's shape without the class axis, or floats of a's shape.
    weight : ndarray, shape (C,), or None
        The factors w of the classes.
    ignore_index : int
        Class index that counts for nothing.
    smoothing : float
        The share epsilon of the target that is spread over all classes.
    soft : bool
        Whether probabilities are allowed.

    Returns
    -------
    Target

    Raises
    ------
    TypeError
        If the target holds neither integers nor floats of a's dtype, or an option is no number.
    ValueError
        If a shape does not fit, a class does not exist, or an option is out of range.

    Examples
    --------
    >>> z = np.zeros((2, 5))
    >>> scores, target = as_scores("cross_entropy", "z", z), np.array([4, -100])
    >>> as_target("cross_entropy", z, scores, target, None, -100).kept.tolist()
    [[True], [False]]
    """
    epsilon = as_number(caller, "label_smoothing", smoothing, low=0, high=1)
    ignored = as_int(ignore_index, "ignore_index", least=-(2**63), caller=caller)
    factor = _class_weights(caller, scores, weight)
    if isinstance(target, int) and not isinstance(target, bool):
        target = np.asarray(target)
    if isinstance(target, np.integer):
        target = np.asarray(target)
    if is_plain(target) and target.dtype.kind in "iu":
        labels = _from_labels(caller, a, scores, target, factor, ignored)
        return _smooth(labels, scores, factor, epsilon) if epsilon else labels
    if not soft and is_plain(target):
        raise TypeError(
            f"{caller}: target is {target.dtype}, but class indices are integers; "
            f"got {described(target=target)}; give class indices, or use cross_entropy"
        )
    return _from_probabilities(caller, a, target, factor, ignored, epsilon)


def _class_weights(caller: str, scores: Array, weight: object) -> Array | None:
    """Read the factors of the classes."""
    if weight is None:
        return None
    scores, factor = as_floats(caller, scores=scores, weight=weight)
    classes = scores.shape[1]
    if factor.shape != (classes,):
        raise ValueError(
            f"{caller}: weight has shape {factor.shape} but there are C={classes} classes; "
            f"got {described(weight=factor)}; give weight the shape ({classes},)"
        )
    return factor


def _from_labels(
    caller: str, a: Array, scores: Array, target: Array, weight: Array | None, ignored: int
) -> Labels:
    """Read class indices."""
    shape = a.shape[:1] + a.shape[2:] if a.ndim > 1 else ()
    require_shape(caller, ("N", "d…") if shape else (), shape, target=target, scores=a)
    n, classes, d = scores.shape
    labels, kept = target.reshape(n, d).astype(np.intp, copy=False), None
    fits = target.size == 0 or 0 <= target.min() <= target.max() < classes
    if not fits or 0 <= ignored < classes:
        kept = (target != ignored).reshape(n, d)
        _require_classes(caller, target, kept, classes, ignored)
        labels = np.where(kept, labels, 0)
    mass = None if weight is None else weight[labels]
    if kept is not None:
        mass = np.where(kept, a.dtype.type(1) if mass is None else mass, 0)
    at = np.arange(0, n * classes, classes)[:, None] + labels
    if d != 1:
        at = at * d + np.arange(d)
    count = n * d if mass is None else mass.sum()
    return Labels(shape=shape, mass=mass, kept=kept, count=count, at=at)


def _require_classes(caller: str, target: Array, kept: Array, classes: int, ignored: int) -> None:
    """Refuse class indices that no class has, where they are not ignored."""
    wrong = kept.reshape(target.shape) & ((target < 0) | (target >= classes))
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{caller}: target holds class {target[index]} at index {index}, but there are "
            f"C={classes} classes; got {described(target=target)}; "
            f"give classes 0 to {classes - 1}, or ignore_index={ignored} where there is none"
        )


def _smooth(labels: Labels, scores: Array, weight: Array | None, epsilon: float) -> Distribution:
    """Take the share epsilon from the labels and spread it over all classes."""
    even = np.ones(scores.shape[1], scores.dtype) if weight is None else weight
    q = np.zeros(scores.shape, scores.dtype) + (epsilon / len(even) * even)[:, None]
    labels.subtract(q, np.asarray(epsilon - 1, scores.dtype))
    if labels.kept is not None:
        q *= labels.kept[:, None]
    return Distribution(shape=labels.shape, mass=sums(q), kept=labels.kept, count=labels.count, q=q)


def _from_probabilities(
    caller: str, a: Array, target: Any, weight: Array | None, ignored: int, epsilon: float
) -> Distribution:
    """Read probabilities, one-hot rows among them."""
    if is_plain(target) and target.dtype.kind == "b":
        raise TypeError(
            f"{caller}: target is bool, neither class indices nor probabilities; "
            f"got {described(target=target)}; use target.astype(np.float64) for one-hot rows"
        )
    if ignored >= 0:
        raise ValueError(
            f"{caller}: ignore_index={ignored} has no meaning beside a target of probabilities; "
            f"got ignore_index={ignored}; leave it out, or give class indices (integers)"
        )
    a, target = as_floats(caller, scores=a, target=target)
    require_shape(caller, ("N", "C", "d…"), a.shape, target=target, scores=a)
    q = as_scores(caller, "target", target)
    classes = q.shape[1]
    if epsilon:
        q = q * (1 - epsilon) + epsilon / classes
    if weight is not None:
        q = q * weight[:, None]
    shape = a.shape[:1] + a.shape[2:] if a.ndim > 1 else ()
    return Distribution(shape=shape, mass=sums(q), kept=None, count=prod(shape), q=q)
