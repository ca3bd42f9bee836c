"""The fully connected layer, forward and backward."""

import numpy as np

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import as_floats


def linear(x: Array, w: Array, b: Array | None = None) -> Array:
    r"""Multiply by a matrix of weights and add a bias: a fully connected (dense) layer.

    .. math:: y_{\ldots k} = \sum_d x_{\ldots d}\, w_{kd} + b_k

    Parameters
    ----------
    x : ndarray, shape (..., D)
        Inputs, D features each.
    w : ndarray, shape (K, D)
        Weights, one row an output, as in PyTorch.
    b : ndarray, shape (K,), optional
        Bias.

    Returns
    -------
    ndarray, shape (..., K)

    Raises
    ------
    TypeError
        If the arrays are not all float32 or all float64.
    ValueError
        If the features of x and w differ, w is no matrix, or b has not K entries.

    References
    ----------
    Concept dense-params. ``torch.nn.functional.linear``.

    Examples
    --------
    >>> linear(np.ones((32, 800)), np.ones((256, 800)), np.ones(256)).shape
    (32, 256)
    """
    x, w, b = _read("linear", x=x, w=w, b=b)
    y = x @ w.T  # (..., D) times (D, K) is (..., K)
    return y if b is None else y + b


def linear_backward(
    dy: Array, x: Array, w: Array, b: Array | None = None
) -> tuple[Array, Array, Array | None]:
    r"""Return the gradients of `linear`.

    With the leading axes of x taken as N rows,

    .. math:: dx = dy\,w, \qquad dw = dy^{\mathsf T} x, \qquad db = \sum_n dy_n

    Returns
    -------
    dx : ndarray, shape (..., D)
    dw : ndarray, shape (K, D)
    db : ndarray of shape (K,), or None
        None if b is None.
    """
    x, w, b, dy = _read("linear_backward", x=x, w=w, b=b, dy=dy)
    rows = tuple(range(x.ndim - 1))  # the leading axes
    dx = dy @ w  # (..., K) times (K, D) is (..., D)
    dw = np.tensordot(dy, x, axes=(rows, rows))  # (K, D), summed over all rows
    db = None if b is None else dy.sum(axis=rows)
    return dx, dw, db


def _read(caller: str, **arrays: Array | None) -> tuple[Array, ...]:
    """Read x, w, b and perhaps dy, which must fit each other."""
    read: tuple[Array, ...] = as_floats(caller, "b", **arrays)
    x, w, b, *dy = read
    got = described(x=x, w=w) if b is None else described(x=x, w=w, b=b)
    if w.ndim != 2:
        raise ValueError(
            f"{caller}: w has {w.ndim} axes but needs 2, (K,D); got {got}; reshape w to (K,D)"
        )
    if x.ndim == 0:
        raise ValueError(
            f"{caller}: x has no axis, so no features; got {got}; give x the shape (...,D)"
        )
    if x.shape[-1] != w.shape[1]:
        raise ValueError(
            f"{caller}: x has D={x.shape[-1]} features but w expects {w.shape[1]}; "
            f"got {got}; make x.shape[-1] == w.shape[1] (w is (K,D), one row an output)"
        )
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError(
            f"{caller}: b has shape {b.shape} but w has K={len(w)} outputs; "
            f"got {got}; make b.shape == ({len(w)},)"
        )
    if dy:
        require_shape(caller, "…K", (*x.shape[:-1], len(w)), dy=dy[0], x=x, w=w)
    return read
