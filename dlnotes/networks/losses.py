"""Losses by name, and accuracy."""

from collections.abc import Callable
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

import dlnotes.functional as F
from dlnotes.layers.layer import Array

LOSSES = ("cross_entropy", "mse_loss", "binary_cross_entropy_with_logits")
"""The losses of `dlnotes.functional` that `fit` knows by name."""


class Loss(NamedTuple):
    """A loss and its gradient.

    Attributes
    ----------
    forward : callable
        ``forward(output, target)`` returns the mean over a batch.
    backward : callable
        ``backward(1.0, output, target)`` returns its gradient to the output.
    """

    forward: Callable[..., Any]
    backward: Callable[..., Any]


for _name in Loss._fields:
    getattr(Loss, _name).__doc__ = ""  # instead of "Alias for field number 0"


def as_loss(loss: object) -> Loss:
    """Return a loss that is given by name, or as a pair of functions."""
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ValueError(
                f"fit: no loss has this name; got loss={loss!r}; use one of "
                f"{', '.join(LOSSES)}, or give a pair of functions"
            )
        return Loss(getattr(F, loss), getattr(F, f"{loss}_backward"))
    if isinstance(loss, tuple) and len(loss) == 2 and all(map(callable, loss)):
        return Loss(_measuring(loss[0]), loss[1])
    raise TypeError(
        f"fit: a loss is a name or a pair of functions; got {type(loss).__name__}; give for "
        "example 'cross_entropy', or (functional.mse_loss, functional.mse_loss_backward)"
    )


def accuracy(output: Array, target: Array) -> float:
    """Return the share of rows whose largest output is that of the right class.

    Parameters
    ----------
    output : ndarray, shape (N, K)
        Scores or probabilities.
    target : ndarray of int, shape (N,), or floating, shape (N, K)
        Classes, or their probabilities, of which the largest counts.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    TypeError
        If one is no array of numbers.
    ValueError
        If shapes do not fit, or there is no row.

    Examples
    --------
    >>> accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    0.5
    """
    if not isinstance(output, np.ndarray) or not isinstance(target, np.ndarray):
        raise TypeError(
            f"accuracy: outputs and targets are arrays; got {type(output).__name__} and "
            f"{type(target).__name__}; use np.asarray"
        )
    if not {output.dtype.kind, target.dtype.kind} <= set("fiub"):
        raise TypeError(
            f"accuracy: outputs and targets are numbers; got {output.dtype} and {target.dtype}; "
            "give scores, and classes as integers"
        )
    fits = output.ndim == 2 and output.size and target.shape in (output.shape, output.shape[:1])
    if not fits:
        raise ValueError(
            f"accuracy: outputs are (N,K), targets (N,) or (N,K), and N is not 0; got "
            f"{output.shape} and {target.shape}; reshape them"
        )
    classes = target.argmax(axis=1) if target.ndim == 2 else target
    return float((output.argmax(axis=1) == classes).mean())


def _measuring(loss: Callable[..., Any]) -> Callable[..., float]:
    """Return a loss that refuses what is no number."""

    def measured(output: Array, target: Array) -> float:
        found: Any = loss(output, target)
        kind = found.dtype.kind if isinstance(found, np.ndarray) and not found.ndim else ""
        if not isinstance(found, Real) and kind not in tuple("fiub"):
            raise TypeError(
                f"fit: a loss returns one number; got {type(found).__name__}; return the mean "
                "over the batch"
            )
        return float(found)

    return measured
