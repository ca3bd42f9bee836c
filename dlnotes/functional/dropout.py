"""Dropout: random units are switched off in training, with the mask as an argument."""

from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, described, is_plain, require_shape
from dlnotes.functional._options import (
    as_bool,
    as_choice,
    as_floats,
    as_number,
    as_rng,
    as_shape,
)


def dropout_mask(rng: np.random.Generator, shape: int | tuple[int, ...], p: float = 0.5) -> Array:
    r"""Draw which units stay in `dropout`: each independently, with probability ``1 - p``.

    .. math:: m_i = [u_i \ge p], \qquad u_i \sim U(0, 1)

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : int or tuple of int
        Shape of the input that the mask is for.
    p : float
        Probability of being dropped, 0 to 1: one minus the probability of being kept, which
        older texts call keep_prob.

    Returns
    -------
    ndarray of bool, of the given shape
        True where a unit stays, False where it is dropped.
    """
    rng, shape = as_rng("dropout_mask", rng), as_shape("dropout_mask", shape)
    p = as_number("dropout_mask", "p", p, low=0, high=1)
    return np.asarray(rng.random(shape) >= p)  # random() < 1, so p = 1 drops everything


def dropout(
    x: Array,
    mask: Array | None = None,
    *,
    p: float = 0.5,
    training: bool = True,
    scaling: str = "inverted",
) -> Array:
    r"""Switch off the units that a mask names, and keep the expected output the same.

    .. math:: y_i = \frac{m_i\, x_i}{1 - p} \text{ (inverted)}, \qquad
        y_i = m_i\, x_i \text{ (classic)}

    ============ ==================== ============
    scaling      in training          in use
    ============ ==================== ============
    "inverted"   x · mask / (1 − p)   x
    "classic"    x · mask             x · (1 − p)
    ============ ==================== ============

    Parameters
    ----------
    x : ndarray, any shape
    mask : ndarray of bool, shape of x
        From `dropout_mask`, drawn anew for each training step; of no effect outside training.
    p : float
        Probability with which units were dropped, 0 to 1.
    training : bool
        Whether to drop units.
    scaling : {"inverted", "classic"}
        Where the expectation is corrected: in training (as PyTorch and Keras do, so that a
        network in use needs no change), or in use (as the first paper did).

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64, or the mask is missing in training or not of bools.
    ValueError
        If the mask has not x's shape, p is outside 0 to 1 or is 1 although the mask keeps units,
        or the scaling is unknown.

    References
    ----------
    Concept dropout. Hinton et al., arXiv:1207.0580 (classic); Srivastava et al., Journal of
    Machine Learning Research 15 (2014), section 10 (inverted). ``torch.nn.functional.dropout``.

    Examples
    --------
    >>> x, mask = np.array([3.0, 4.0]), np.array([True, False])
    >>> dropout(x, mask, p=0.5).astype(int).tolist()
    [6, 0]
    >>> dropout(x, training=False).astype(int).tolist()
    [3, 4]
    """
    x, mask, p = _read("dropout", mask, p, training, scaling, x=x)
    if not training:
        return np.array(x) if scaling == "inverted" else x * (1 - p)
    if scaling == "classic" or p == 1:  # p = 1 leaves nothing that could be scaled
        return x * mask
    return x * mask / (1 - p)  # a unit is kept with probability 1 − p, so the mean stays


def dropout_backward(
    dy: Array,
    x: Array,
    mask: Array | None = None,
    *,
    p: float = 0.5,
    training: bool = True,
    scaling: str = "inverted",
) -> Array:
    r"""Return the gradient of `dropout` to x: dy through the same mask and the same factor.

    .. math:: dx_i = \frac{m_i}{1 - p}\, dy_i \text{ (inverted)}, \qquad
        dx_i = m_i\, dy_i \text{ (classic)}

    Returns
    -------
    dx : ndarray, shape of x
    """
    x, dy, mask, p = _read("dropout_backward", mask, p, training, scaling, x=x, dy=dy)
    # y is x times a factor an element, so dx is dy times the same factors
    return dropout(dy, mask, p=p, training=training, scaling=scaling)


def _read(
    caller: str, mask: object, p: float, training: object, scaling: object, **arrays: Array
) -> tuple[Any, ...]:
    """Read x, perhaps dy of its shape, the mask (needed in training alone) and p."""
    x, *dy = as_floats(caller, **arrays)
    if dy:
        require_shape(caller, "…", x.shape, dy=dy[0], x=x)
    p = as_number(caller, "p", p, low=0, high=1)
    inverted = as_choice(caller, "scaling", scaling, ("inverted", "classic")) == "inverted"
    training = as_bool(caller, "training", training)
    if mask is None and training:
        raise TypeError(
            f"{caller}: training needs a mask; got mask=None, {described(x=x)}; "
            f"give mask=dropout_mask(rng, x.shape, p), or training=False"
        )
    if mask is None:
        return x, *dy, mask, p
    mask = np.asarray(mask) if isinstance(mask, np.bool) else mask
    if not is_plain(mask) or mask.dtype != bool:
        kind = getattr(mask, "dtype", type(mask).__name__)
        raise TypeError(
            f"{caller}: mask is no array of bool; got mask of {kind}; "
            f"give it unscaled, as dropout_mask(rng, x.shape, p) does"
        )
    require_shape(caller, "…", x.shape, mask=mask, x=x)
    if training and inverted and p == 1 and mask.any():
        raise ValueError(
            f"{caller}: the mask keeps {np.count_nonzero(mask)} units but p=1 drops all; "
            f"got p={p!r}, {described(mask=mask)}; give the p that the mask was drawn with"
        )
    return x, *dy, mask, p
