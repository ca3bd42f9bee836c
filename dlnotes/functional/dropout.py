"""Dropout: random units are switched off in training, with the mask as an argument."""

import numpy as np
from numpy.typing import DTypeLike

from dlnotes.functional._arrays import Array, described, is_plain, require_shape
from dlnotes.functional._options import (
    as_bool,
    as_choice,
    as_dtype,
    as_floats,
    as_number,
    as_rng,
    as_shape,
    quietly,
    upstream,
)


def dropout_mask(
    rng: np.random.Generator,
    shape: int | tuple[int, ...],
    rate: float = 0.5,
    dtype: DTypeLike = bool,
) -> Array:
    r"""Draw which units stay: each independently, with probability ``1 - rate``.

    .. math:: m_i = [u_i \ge \text{rate}], \qquad u_i \sim U(0, 1)

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : int or tuple of int
        Shape of the input that the mask is for.
    rate : float
        Probability of being dropped, 0 to 1: one minus the probability of being kept, which
        older texts call keep_prob.
    dtype : dtype
        bool, float32 or float64.

    Returns
    -------
    ndarray of the given shape
        True (or 1) where a unit stays, False (or 0) where it is dropped; not scaled.

    Raises
    ------
    TypeError
        If `rng` is no generator, or a number or the dtype is of another kind.
    ValueError
        If the rate is outside 0 to 1, a size is negative, or there would be 2³¹ values or more.

    Examples
    --------
    >>> dropout_mask(np.random.default_rng(0), (2, 3), 0.0).all()
    np.True_
    """
    share = as_number("dropout_mask", "rate", rate, low=0, high=1)
    rng, sizes = as_rng("dropout_mask", rng), as_shape("dropout_mask", shape)
    kept = np.asarray(rng.random(sizes) >= share)  # random() < 1, so rate 1 drops everything
    return kept if dtype is bool else kept.astype(as_dtype("dropout_mask", dtype))


@quietly
def dropout(
    x: Array,
    mask: Array | None = None,
    *,
    rate: float = 0.5,
    training: bool = True,
    scaling: str = "inverted",
) -> Array:
    r"""Switch off the units that a mask names, and keep the expected output the same.

    .. math:: y_i = \frac{m_i\, x_i}{1 - \text{rate}} \text{ (inverted)}, \qquad
        y_i = m_i\, x_i \text{ (classic)}

    ============ ======================= ====================
    scaling      in training             in use
    ============ ======================= ====================
    "inverted"   x · mask / (1 − rate)   x
    "classic"    x · mask                x · (1 − rate)
    ============ ======================= ====================

    Parameters
    ----------
    x : ndarray, any shape
    mask : ndarray of bool or of x's dtype, shape of x
        From `dropout_mask`, drawn anew for each training step; of no effect outside training.
    rate : float
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
        If x is neither float32 nor float64, or the mask is missing in training or of another
        dtype.
    ValueError
        If the mask has not x's shape or holds anything but 0 and 1, the rate is outside 0 to 1 or
        is 1 although the mask keeps units, or the scaling is unknown.

    References
    ----------
    Concept dropout. Hinton et al., arXiv:1207.0580 (classic); Srivastava et al., Journal of
    Machine Learning Research 15 (2014), section 10 (inverted). ``torch.nn.functional.dropout``.

    Examples
    --------
    >>> x, mask = np.array([3.0, 4.0]), np.array([True, False])
    >>> dropout(x, mask, rate=0.5).astype(int).tolist()
    [6, 0]
    >>> dropout(x, training=False).astype(int).tolist()
    [3, 4]
    """
    (x,) = as_floats("dropout", x=x)
    return _scaled("dropout", x, x, mask, rate, training, scaling)


@quietly
def dropout_backward(
    dy: Array,
    x: Array,
    mask: Array | None = None,
    *,
    rate: float = 0.5,
    training: bool = True,
    scaling: str = "inverted",
) -> Array:
    r"""Return the gradient of `dropout` to x: dy through the same mask and the same factor.

    .. math:: dx_i = \frac{m_i}{1 - \text{rate}}\, dy_i \text{ (inverted)}, \qquad
        dx_i = m_i\, dy_i \text{ (classic)}

    Parameters
    ----------
    dy : ndarray, shape of x
        Upstream gradient.
    x, mask, rate, training, scaling
        As in `dropout`, with the mask of the forward pass. Of x the shape alone counts.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `dropout`, and if dy has not the shape and dtype of x.

    Examples
    --------
    >>> dy, x, mask = np.ones(2), np.array([3.0, 4.0]), np.array([True, False])
    >>> dropout_backward(dy, x, mask, rate=0.5).astype(int).tolist()
    [2, 0]
    """
    dy, x = upstream("dropout_backward", dy, x)
    return _scaled("dropout_backward", dy, x, mask, rate, training, scaling)


def _scaled(
    caller: str,
    a: Array,
    x: Array,
    mask: Array | None,
    rate: float,
    training: bool,
    scaling: str,
) -> Array:
    """Apply the linear map of dropout, which is its own backward pass, to an array."""
    kept = 1 - as_number(caller, "rate", rate, low=0, high=1)
    inverted = as_choice(caller, "scaling", scaling, ("inverted", "classic")) == "inverted"
    if as_bool(caller, "training", training) or mask is not None:
        mask = _read_mask(caller, mask, x)
    if not training:
        return np.array(a) if inverted else a * kept
    if inverted and not kept and mask is not None and mask.any():
        raise ValueError(
            f"{caller}: the mask keeps {np.count_nonzero(mask)} units but rate=1 drops all; "
            f"got rate={rate!r}, {described(mask=mask)}; give the rate that the mask was drawn with"
        )
    masked = a * mask
    # where rate is 1 nothing is left to be scaled: zeros, as in PyTorch
    return masked / kept if inverted and kept else masked


def _read_mask(caller: str, mask: object, x: Array) -> Array:
    """Read the mask of a training step."""
    if mask is None:
        raise TypeError(
            f"{caller}: training needs a mask; got mask=None, {described(x=x)}; "
            f"give mask=dropout_mask(rng, x.shape, rate), or training=False"
        )
    if isinstance(mask, np.bool_):
        mask = np.asarray(mask)
    if is_plain(mask) and mask.dtype == bool:
        read = mask
    else:
        x, read = as_floats(caller, x=x, mask=mask)
    require_shape(caller, "…", x.shape, mask=read, x=x)
    if read.dtype != bool and not ((read == 0) | (read == 1)).all():
        raise ValueError(
            f"{caller}: mask holds {read[(read != 0) & (read != 1)][0]:g}, neither 0 nor 1; "
            f"got {described(mask=read)}; give the mask unscaled, as dropout_mask does"
        )
    return read
