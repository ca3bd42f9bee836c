"""What losses share: reading their arguments, and the way from many losses to one number."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, described, is_plain, require_shape
from dlnotes.functional._options import as_choice, as_floats, as_number
from dlnotes.shapes.arguments import as_int


def reduced(losses: Array, reduction: str, count: Any = None) -> Array:
    """Reduce losses to one number of their dtype, or leave them as they are.

    A mean divides by `count`, the number of losses when left out, and is NaN where nothing counts,
    as in PyTorch.
    """
    if reduction == "none":
        return losses
    total: Array = losses.sum()
    if reduction == "sum":
        return total
    count = losses.size if count is None else count
    return total / count if count else total * np.nan


def spread(
    caller: str, dy: Array, reduction: str, shape: tuple[int, ...], count: Any = None
) -> Array:
    """Hand the upstream gradient of a reduced loss on to each loss of the given shape.

    Where dy is one number, one number returns, which holds for each loss.
    """
    want = shape if reduction == "none" else ()
    if dy.shape != want:
        raise ValueError(
            f"{caller}: dy has shape {dy.shape} but the loss has {want}; "
            f"got {described(dy=dy, reduction=reduction)}; give dy the shape of the loss"
        )
    if reduction != "mean":
        return dy
    return dy / ((prod(shape) if count is None else count) or 1)


def read_pair(caller: str, reduction: object, target: object, **given: object) -> tuple[Any, ...]:
    """Read a loss that compares element by element, and is given x and, in a backward pass, dy.

    x comes under the name that the loss has for it. Returned are x, the target and, in a backward
    pass, the gradient of each loss.
    """
    kind = _reduction(caller, reduction)
    name = next(iter(given))
    x, *dy, goal = as_floats(caller, **given, target=target)
    require_shape(caller, "…", x.shape, **{"target": goal, name: x})
    return x, goal, *[spread(caller, a, kind, x.shape) for a in dy]


def read_weight(caller: str, name: str, weight: object, x: Array) -> Array | float:
    """Read factors that may broadcast to x's shape, but never widen it; 1 where there are none."""
    if weight is None:
        return 1.0
    _, factor = as_floats(caller, **{"x": x, name: weight})
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


# ---- categorical losses


@dataclass(frozen=True)
class Target:
    r"""The weights q in the loss :math:`-\sum_c q_c \log p_c` of each position.

    Class indices say of one class a position how much it weighs, all other q are zero;
    probabilities, and class indices that are smoothed, say it of all classes.

    Attributes
    ----------
    axis : int
        The axis of the classes: 1, or 0 where it is the only one.
    classes : ndarray of int, shape (N, 1, d, ...), or None
        The classes that q stands for; None where it stands for all.
    q : ndarray, shape (N, 1, d, ...) or (N, C, d, ...)
        0 where the target is ignored.
    count : number
        What a mean divides by.
    """

    axis: int
    classes: Array | None
    q: Array
    count: Any

    def at(self, a: Array) -> Array:
        """Return those entries of a, (N, C, d, ...), that q stands for."""
        return a if self.classes is None else np.take_along_axis(a, self.classes, self.axis)

    def subtract(self, a: Array, k: Array) -> Array:
        """Return a, (N, C, d, ...), with k subtracted where q stands; a is written over."""
        if self.classes is None:
            a -= k
        else:
            np.put_along_axis(a, self.classes, self.at(a) - k, self.axis)
        return a


def read_target(
    caller: str,
    reduction: object,
    target: object,
    weight: object,
    ignore_index: object,
    label_smoothing: object,
    **given: Any,
) -> tuple[Any, ...]:
    r"""Read a categorical loss, given scores z of shape (N, C), (N, C, d, ...) or (C,), and dy.

    Class indices y become :math:`q_c = w_c ((1 - \epsilon) [c = y] + \epsilon / C)`, and
    probabilities t become :math:`q_c = w_c ((1 - \epsilon)\, t_c + \epsilon / C)`. Returned are the
    scores, the `Target` and, in a backward pass, the gradient of each loss: (N, 1, d, ...), or one
    number that holds for each.

    >>> z, y = np.zeros((2, 5)), np.array([4, -100])
    >>> z, t = read_target("cross_entropy", "mean", y, None, -100, 0.0, z=z)
    >>> t.axis, t.classes.tolist(), t.q.astype(int).tolist(), int(t.count)
    (1, [[4], [0]], [[1], [0]], 1)
    """
    kind = _reduction(caller, reduction)
    epsilon = as_number(caller, "label_smoothing", label_smoothing, low=0, high=1)
    ignored = as_int(ignore_index, "ignore_index", least=-(2**63), caller=caller)
    name, z = next(iter(given.items()))
    labels = _as_labels(caller, name, z, target)
    z, *dy = as_floats(caller, **given)
    if z.ndim == 0 or z.shape[z.ndim > 1] == 0:
        raise ValueError(
            f"{caller}: {name} has no classes; got {described(**{name: z})}; "
            f"give {name} the shape (N,C), (N,C,d,...) or (C,) with C >= 1"
        )
    w = _class_weights(caller, name, z, weight)
    if labels is None:
        t = _from_probabilities(caller, name, z, target, w, ignored, epsilon)
    else:
        t = _from_labels(caller, name, z, labels, w, ignored, epsilon)
    if not dy:
        return z, t
    each = spread(caller, dy[0], kind, z.shape[: t.axis] + z.shape[t.axis + 1 :], t.count)
    return z, t, np.expand_dims(each, t.axis) if kind == "none" else each


def _reduction(caller: str, reduction: object) -> str:
    """Read PyTorch's word."""
    return as_choice(caller, "reduction", reduction, ("none", "mean", "sum"))


def _as_labels(caller: str, name: str, z: object, target: Any) -> Array | None:
    """Return class indices, or None where the target is an array of something else."""
    if isinstance(target, int | np.integer) and not isinstance(target, bool):
        return np.asarray(target)
    if not is_plain(target):
        raise TypeError(
            f"{caller}: target is no NumPy array; got target of type {type(target).__name__}; "
            f"give np.asarray(target): integers are class indices, floats are probabilities"
        )
    if target.dtype.kind in "iu":
        return target
    if target.dtype.kind == "f" and is_plain(z) and z.dtype.kind in "iu":
        raise TypeError(
            f"{caller}: {name} holds integers and target floats, as if they were swapped; got "
            f"{described(**{name: z, 'target': target})}; give the scores first, then the class "
            "indices"
        )
    return None


def _class_weights(caller: str, name: str, z: Array, weight: object) -> Array | None:
    """Read the factors of the classes, so that they broadcast over the scores: (C, 1, …)."""
    if weight is None:
        return None
    _, w = as_floats(caller, **{name: z, "weight": weight})
    classes = z.shape[z.ndim > 1]
    if w.shape != (classes,):
        raise ValueError(
            f"{caller}: weight has shape {w.shape} but there are C={classes} classes; "
            f"got {described(weight=w)}; give weight the shape ({classes},)"
        )
    return w.reshape(-1, *[1] * (z.ndim - 2))


def _from_labels(
    caller: str, name: str, z: Array, y: Array, w: Array | None, ignored: int, epsilon: float
) -> Target:
    """Turn class indices into weights."""
    axis = int(z.ndim > 1)
    shape = z.shape[:axis] + z.shape[axis + 1 :]
    if y.shape == z.shape and axis:
        raise ValueError(
            f"{caller}: target has shape {y.shape} but class indices have {shape}; got "
            f"{described(**{name: z, 'target': y})}; give target.argmax(axis=1), or one-hot rows "
            f"as floats, target.astype({name}.dtype)"
        )
    require_shape(caller, ("N", "d…") if axis else (), shape, **{"target": y, name: z})
    kept = y != ignored
    classes = np.where(kept, y, 0).astype(np.intp, copy=False)
    if y.size and not 0 <= classes.min() <= classes.max() < z.shape[axis]:
        wrong = (classes < 0) | (classes >= z.shape[axis])
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{caller}: target holds class {y[index]} at index {index}, but there are "
            f"C={z.shape[axis]} classes; got {described(target=y)}; give classes 0 to "
            f"{z.shape[axis] - 1}, or ignore_index={ignored} where there is none"
        )
    classes, kept = np.expand_dims(classes, axis), np.expand_dims(kept, axis)  # (N, 1, d…)
    q = kept.astype(z.dtype)
    if w is not None:
        q *= w.reshape(-1)[classes]
    count = float(q.sum(dtype=np.float64))
    if not epsilon:
        return Target(axis, classes, q, count)
    even = epsilon / z.shape[axis] * (np.ones_like(z) if w is None else w)
    smooth = np.where(kept, even, 0).astype(z.dtype)  # (N, C, d…)
    spike = Target(axis, classes, q, count).subtract(smooth, -(1 - epsilon) * q)
    return Target(axis, None, spike, count)


def _from_probabilities(
    caller: str, name: str, z: Array, target: Any, w: Array | None, ignored: int, epsilon: float
) -> Target:
    """Turn probabilities, one-hot rows among them, into weights."""
    axis = int(z.ndim > 1)
    shape = z.shape[:axis] + z.shape[axis + 1 :]
    got = described(**{name: z, "target": target})
    if target.dtype.kind == "b":
        raise TypeError(
            f"{caller}: target is bool, neither class indices nor probabilities; "
            f"got {got}; use target.astype(np.float64) for one-hot rows"
        )
    if target.dtype.kind == "f" and target.shape == shape:
        raise TypeError(
            f"{caller}: target holds floats, one a position, but class indices are integers; "
            f"got {got}; use target.astype(np.int64), or give probabilities of {name}'s shape"
        )
    if ignored >= 0:
        raise ValueError(
            f"{caller}: ignore_index={ignored} has no meaning beside a target of probabilities; "
            f"got ignore_index={ignored}; leave it out, or give class indices (integers)"
        )
    z, q = as_floats(caller, **{name: z, "target": target})
    require_shape(caller, ("N", "C", "d…"), z.shape, **{"target": q, name: z})
    if epsilon:
        q = q * (1 - epsilon) + epsilon / z.shape[axis]
    return Target(axis, None, q if w is None else q * w, prod(shape))
