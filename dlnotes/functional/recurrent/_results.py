"""What recurrent layers return: outputs and states, gradients, and what a backward pass reads."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from dlnotes.functional._arrays import Array


@dataclass(frozen=True, eq=False)
class Saved:
    """What a forward pass kept for its backward pass; not meant to be read.

    Attributes
    ----------
    key : tuple
        The operation, its options and its sizes, so that another call's is recognised.
    directions : tuple of tuple of ndarray
        States, cells and gates of each direction, T steps each.
    """

    key: tuple[Any, ...]
    directions: tuple[tuple[Array, ...], ...]

    def __repr__(self) -> str:
        return f"Saved(key={self.key})"


@dataclass(frozen=True, eq=False)
class RecurrentResult:
    """What `rnn`, `lstm` and `gru` return; B = 2 directions if bidirectional, else 1.

    Attributes
    ----------
    y : ndarray, shape (T, N, B·H), or (N, T, B·H) if batch_first
        The state after each step; 0 after the end of a sequence. The forward direction's H
        features stand first.
    h : ndarray, shape (N, H), or (2, N, H) if bidirectional
        The state after each sequence's last step; of the backward direction after its first.
    c : ndarray of h's shape, or None
        The cell after the same step; of `lstm` alone.
    saved : Saved
        For the backward pass, which then need not run the steps again.
    """

    y: Array
    h: Array
    c: Array | None
    saved: Saved


class RecurrentGradients(NamedTuple):
    """What `rnn_backward`, `lstm_backward` and `gru_backward` return: a tuple of seven.

    Each has the shape and dtype of its argument, and is None where that is None.

    Attributes
    ----------
    dx, dw_ih, dw_hh : ndarray
    db_ih, db_hh, dh0, dc0 : ndarray or None
    """

    dx: Array
    dw_ih: Array
    dw_hh: Array
    db_ih: Array | None
    db_hh: Array | None
    dh0: Array | None
    dc0: Array | None


for _name in RecurrentGradients._fields:
    getattr(RecurrentGradients, _name).__doc__ = ""  # instead of "Alias for field number 0"
