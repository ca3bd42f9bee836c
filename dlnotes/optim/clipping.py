"""Clipping of gradients, against steps that are too long."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlnotes._arguments import as_float, require_numbers
from dlnotes.optim._reading import as_sequence, is_plain
from dlnotes.optim.optimizer import Array

Gradients = Sequence[Array | None]


@np.errstate(all="ignore")
def clip_by_norm(
    grads: Gradients, max_norm: float, *, norm_type: float = 2.0
) -> tuple[list[Any], float]:
    r"""Scale all gradients together so that their common norm stays within a bound.

    .. math:: g \leftarrow g\, \min\!\left(1, \frac{c}{\|g\| + 10^{-6}}\right)

    The direction of the whole step stays as it was.

    Parameters
    ----------
    grads : sequence of (ndarray or None)
        Of any shapes; they are left unchanged.
    max_norm : float
        The bound c.
    norm_type : float
        Which norm: 2, another p of at least 1, or ``np.inf`` for the largest absolute value.

    Returns
    -------
    clipped : list of (ndarray or None)
        New arrays of the same shapes and dtypes.
    norm : float
        The norm before clipping.

    Raises
    ------
    ValueError
        If max_norm is negative, norm_type below 1, or the norm not finite.
    TypeError
        If a gradient is no floating array, or a bound no number.

    References
    ----------
    Pascanu, Mikolov and Bengio, arXiv:1211.5063.

    Examples
    --------
    >>> clipped, norm = clip_by_norm([np.array([3.0]), np.array([[4.0]])], 1.0)
    >>> norm, [g.round(3).tolist() for g in clipped]
    (5.0, [[0.6], [[0.8]]])
    """
    arrays = _read(grads)
    require_numbers("clip_by_norm", max_norm=max_norm, norm_type=norm_type)
    max_norm, norm_type = as_float(max_norm), as_float(norm_type)
    if not (max_norm >= 0 and norm_type >= 1):
        raise ValueError(
            f"clip_by_norm: max_norm must not be negative and norm_type at least 1; got "
            f"max_norm={max_norm!r}, norm_type={norm_type!r}; the usual norm is 2"
        )
    each = [np.linalg.norm(g.ravel(), norm_type) for g in arrays if g is not None and g.size]
    norm = float(np.linalg.norm(np.array(each), norm_type)) if each else 0.0
    if not np.isfinite(norm):
        raise ValueError(
            f"clip_by_norm: the norm of the gradients must be finite; got {norm} from "
            f"{len(arrays)} gradients; look for a NaN or an overflow before the step"
        )
    factor = min(1.0, max_norm / (norm + 1e-6))
    return [None if g is None else np.asarray(g * factor) for g in arrays], norm


def _read(grads: Any) -> list[Array | None]:
    """Read gradients: a sequence of floating arrays and None."""
    arrays = as_sequence("clip_by_norm", "grads", grads)
    for i, g in enumerate(arrays):
        if g is not None and not (is_plain(g) and g.dtype.kind == "f"):
            kind = g.dtype if is_plain(g) else type(g).__name__
            raise TypeError(
                f"clip_by_norm: a gradient must be a floating array or None; got {kind} as "
                f"gradient {i}; use np.asarray(g, dtype=np.float64)"
            )
    return list(arrays)
