"""The fully connected layer, forward and backward."""

from math import prod

from dlnotes.functional._arrays import Array, described, require_shape
from dlnotes.functional._options import as_floats, quietly


@quietly
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
    >>> import numpy as np
    >>> linear(np.ones((32, 800)), np.ones((256, 800)), np.ones(256)).shape
    (32, 256)
    """
    x, w, b = as_floats("linear", "b", x=x, w=w, b=b)
    _require_fit("linear", x, w, b)
    y = (_rows(x) @ w.T).reshape(*x.shape[:-1], len(w))  # (..., K)
    return y if b is None else y + b


@quietly
def linear_backward(
    dy: Array, x: Array, w: Array, b: Array | None = None
) -> tuple[Array, Array, Array | None]:
    r"""Return the gradients of `linear`.

    With the leading axes of x taken as N rows,

    .. math:: dx = dy\,w, \qquad dw = dy^{\mathsf T} x, \qquad db = \sum_n dy_n

    Parameters
    ----------
    dy : ndarray, shape (..., K)
        Upstream gradient.
    x, w, b : ndarray or None
        As in `linear`.

    Returns
    -------
    dx : ndarray, shape (..., D)
    dw : ndarray, shape (K, D)
    db : ndarray of shape (K,), or None
        None if b is None.

    Raises
    ------
    TypeError, ValueError
        As `linear`, and if dy has not the output's shape.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((32, 800)), np.ones((256, 800))
    >>> dx, dw, db = linear_backward(np.ones((32, 256)), x, w)
    >>> dx.shape, dw.shape, db is None
    ((32, 800), (256, 800), True)
    """
    x, w, b, dy = as_floats("linear_backward", "b", x=x, w=w, b=b, dy=dy)
    _require_fit("linear_backward", x, w, b)
    require_shape("linear_backward", "…K", (*x.shape[:-1], len(w)), dy=dy, x=x, w=w)
    rows = _rows(dy)  # (N, K)
    dx = (rows @ w).reshape(x.shape)
    return dx, rows.T @ _rows(x), None if b is None else rows.sum(axis=0)


def _rows(a: Array) -> Array:
    """Take all axes but the last as one."""
    return a.reshape(prod(a.shape[:-1]), a.shape[-1])


def _require_fit(caller: str, x: Array, w: Array, b: Array | None) -> None:
    """Hold x, w and b to one number of features and one of outputs."""
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
