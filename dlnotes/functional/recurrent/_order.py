"""Arranging sequences for the steps of a recurrent layer: by length, and turned round."""

from dataclasses import dataclass

import numpy as np

from dlnotes.functional._arrays import Array


@dataclass(frozen=True)
class Order:
    """Where each step of each sequence stands: longest first, the backward direction turned round.

    So all steps run forward in time, and those at time t are of the first `counts[t]` sequences.

    Attributes
    ----------
    times : ndarray of int, shape (T, N)
    rows : ndarray of int, shape (N,)
    counts : list of int
        How many sequences have a step t.
    plain : bool
        Whether nothing moves.
    """

    times: Array
    rows: Array
    counts: list[int]
    plain: bool

    @property
    def ragged(self) -> bool:
        """Whether some sequence ends early."""
        return self.counts[-1] < len(self.rows)

    def gather(self, a: Array) -> Array:
        """Arrange (T, N, …) for the steps, with 0 after a sequence's end."""
        if self.plain:
            return a
        arranged = a[self.times, self.rows]
        for t, n in enumerate(self.counts):
            arranged[t, n:] = 0
        return arranged

    def scatter(self, a: Array) -> Array:
        """Undo `gather`."""
        if self.plain:
            return a
        original = np.empty_like(a)
        original[self.times, self.rows] = a
        return original

    def states(self, a: Array) -> Array:
        """Copy states, (N, H), in the order of the steps."""
        return a[self.rows]

    def states_back(self, a: Array) -> Array:
        """Undo `states`."""
        original = np.empty_like(a)
        original[self.rows] = a
        return original

    def last(self, a: Array) -> Array:
        """Copy what stands after each sequence's last step: (T + 1, N, H) to (N, H)."""
        ends = (np.arange(len(self.rows)) < np.array(self.counts)[:, None]).sum(axis=0)
        return self.states_back(a[ends, np.arange(len(self.rows))])


def order_of(steps: int, batch: int, lengths: Array | None, backward: bool) -> Order:
    """Arrange sequences of some lengths.

    Parameters
    ----------
    steps, batch : int
        T and N.
    lengths : ndarray of int, shape (N,), optional
        Steps of each sequence; all T when left out.
    backward : bool
        Whether time is turned round, each sequence within its own length.

    Returns
    -------
    Order

    Examples
    --------
    >>> order = order_of(3, 2, np.array([1, 3]), backward=True)
    >>> order.rows.tolist(), order.counts, order.times.tolist()
    ([1, 0], [2, 1, 1], [[2, 0], [1, 1], [0, 2]])
    """
    ends = np.full(batch, steps) if lengths is None else lengths
    rows = np.argsort(-ends, kind="stable")
    ends, t = ends[rows], np.arange(steps)[:, None]  # (N,), (T, 1)
    turned = np.where(t < ends, ends - 1 - t, t)  # (T, N)
    counts = [int(n) for n in (t < ends).sum(axis=1)]
    times = turned if backward else np.broadcast_to(t, turned.shape)
    return Order(times, rows, counts, not backward and lengths is None)


@dataclass(frozen=True)
class Direction:
    """One direction's arguments, its sequences arranged for the steps.

    Attributes
    ----------
    x : ndarray, shape (T, N, D)
    w_ih, w_hh : ndarray, shapes (G·H, D) and (G·H, H)
    b_ih, b_hh : ndarray of shape (G·H,), or None
    h0, c0 : ndarray, shape (N, H)
        Zeros where none were given.
    order : Order
    """

    x: Array
    w_ih: Array
    w_hh: Array
    b_ih: Array | None
    b_hh: Array | None
    h0: Array
    c0: Array
    order: Order

    @property
    def units(self) -> int:
        """Features of the state: H."""
        return int(self.w_hh.shape[1])

    @property
    def gates(self) -> int:
        """Blocks of H rows in the weights: G."""
        return len(self.w_hh) // self.units

    def empty(self, *blocks: int) -> Array:
        """Return room for (…, T, N, H), zero where a sequence has ended."""
        shape = (*blocks, *self.x.shape[:2], self.units)
        return np.zeros(shape, self.x.dtype) if self.order.ragged else np.empty(shape, self.x.dtype)

    def before(self, states: Array) -> Array:
        """Return the state before each step, (T, N, H), zero where a sequence has ended.

        There it meets a gradient of zero, but zero times NaN would be NaN.
        """
        if not self.order.ragged:
            return states[:-1]
        found = states[:-1].copy()
        for t, n in enumerate(self.order.counts):
            found[t, n:] = 0
        return found

    def states(self, first: Array) -> Array:
        """Return room for the states from step 0 to T, (T + 1, N, H), with the first in it."""
        states = np.zeros((len(self.x) + 1, *first.shape), first.dtype)
        states[0] = first
        return states
