"""From one loss an example to one number, and the upstream gradient's way back."""

from math import prod
from typing import Any

from dlnotes.functional._arrays import Array, described
from dlnotes.functional._options import as_choice


def as_reduction(caller: str, reduction: object) -> str:
    """Return the reduction, one of PyTorch's three words.

    Parameters
    ----------
    caller : str
        The loss that messages name.
    reduction : str

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If it is none of the three.

    Examples
    --------
    >>> as_reduction("mse_loss", "mean")
    'mean'
    """
    return as_choice(caller, "reduction", reduction, ("none", "mean", "sum"))


def reduced(losses: Array, reduction: str, count: Any = None) -> Array:
    """Reduce losses; the mean of no losses is NaN, as in PyTorch.

    Parameters
    ----------
    losses : ndarray
    reduction : str
        As `as_reduction` returns it.
    count : number, optional
        What a mean divides by; the number of losses when left out.

    Returns
    -------
    ndarray
        The losses, or one number of their dtype.

    Examples
    --------
    >>> import numpy as np
    >>> reduced(np.ones((2, 3)), "sum").astype(int)
    np.int64(6)
    """
    if reduction == "none":
        return losses
    total = losses.sum()
    if reduction == "sum":
        return total
    return total / (losses.size if count is None else count)


def spread(
    caller: str,
    dy: Array,
    reduction: str,
    shape: tuple[int, ...],
    count: Any = None,
) -> Array:
    """Hand the upstream gradient of a reduced loss on to each loss.

    Parameters
    ----------
    caller : str
        The backward pass that messages name.
    dy : ndarray
        Upstream gradient: of the given shape for ``"none"``, one number otherwise.
    reduction : str
        As `as_reduction` returns it.
    shape : tuple of int
        Shape of the losses.
    count : number, optional
        As in `reduced`.

    Returns
    -------
    ndarray
        Of the given shape, or without axes.

    Raises
    ------
    ValueError
        If dy has another shape than the reduced loss.

    Examples
    --------
    >>> import numpy as np
    >>> spread("mse_loss_backward", np.asarray(6.0), "mean", (2, 3)).astype(int).tolist()
    1
    """
    want = shape if reduction == "none" else ()
    if dy.shape != want:
        raise ValueError(
            f"{caller}: dy has shape {dy.shape} but the loss has {want}; "
            f"got {described(dy=dy, reduction=reduction)}; give dy the shape of the loss"
        )
    if reduction != "mean":
        return dy
    return dy / (prod(shape) if count is None else count)
