"""Reading the arguments of recurrent layers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    require_axes,
    require_floats,
    require_shape,
)
from dlnotes.functional._options import as_bool
from dlnotes.functional.recurrent._order import Direction, order_of
from dlnotes.functional.recurrent._results import Saved
from dlnotes.shapes.arguments import as_int

Lengths = Sequence[int] | Array
_OPTIONAL = ("b_ih", "b_hh", "h0", "c0")


@dataclass(frozen=True)
class Call:
    """The arguments of both passes, checked.

    Attributes
    ----------
    key : tuple
        The operation, its options and its sizes.
    arrays : dict of str to ndarray or None
        x, shape (T, N, D); weights, biases and first states with a leading axis of B directions.
    lengths : ndarray of int, shape (N,), or None
    bidirectional, batch_first : bool
    """

    key: tuple[Any, ...]
    arrays: dict[str, Any]
    lengths: Array | None
    bidirectional: bool
    batch_first: bool

    @property
    def state_shape(self) -> tuple[int, int, int]:
        """Shape of the states of all directions: (B, N, H)."""
        w_hh = self.arrays["w_hh"]
        return len(w_hh), self.arrays["x"].shape[1], w_hh.shape[2]

    def time_first(self, a: Array) -> Array:
        """Turn (N, T, …) to (T, N, …) where the batch stands first, and back."""
        return a.swapaxes(0, 1) if self.batch_first else a

    def unstacked(self, a: Array) -> Array:
        """Drop the axis of directions where there is one direction."""
        return a if self.bidirectional else a[0]

    def directions(self) -> list[Direction]:
        """Return the arguments of each direction, arranged for the steps."""
        x, (count, batch, units) = self.arrays["x"], self.state_shape
        found = []
        for b in range(count):
            order = order_of(len(x), batch, self.lengths, backward=b == 1)
            own: dict[str, Any] = {
                k: None if a is None else a[b] for k, a in self.arrays.items() if k != "x"
            }
            for name in ("h0", "c0"):
                first = own[name]
                zeros = np.zeros((batch, units), x.dtype)
                own[name] = zeros if first is None else order.states(first)
            arranged = np.ascontiguousarray(order.gather(x))
            found.append(Direction(x=arranged, **own, order=order))
        return found


def read(
    op: tuple[Any, ...],
    gates: int,
    arrays: dict[str, Any],
    lengths: Lengths | None,
    bidirectional: bool,
    batch_first: bool,
) -> Call:
    """Check the arguments that both passes share.

    Parameters
    ----------
    op : tuple
        The name that messages have, then the options that change the mathematics.
    gates : int
        Blocks of H rows in the weights: G.
    arrays : dict of str to ndarray or None
        x, the weights, the biases and the first states.
    lengths, bidirectional, batch_first
        As in `dlnotes.functional.lstm`.

    Returns
    -------
    Call

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.functional.lstm`.
    """
    caller = op[0]
    as_bool(caller, "bidirectional", bidirectional)
    as_bool(caller, "batch_first", batch_first)
    given = {k: a for k, a in arrays.items() if a is not None or k not in _OPTIONAL}
    require_floats(caller, **given)
    x = arrays["x"]
    require_axes(caller, "NTD" if batch_first else "TND", x=x)
    x = x.swapaxes(0, 1) if batch_first else x
    _require_steps(caller, arrays["x"], x.shape)
    _require_fit(caller, gates, arrays | {"x": x}, bidirectional)
    stacked = {
        k: a if a is None or bidirectional else a[None] for k, a in arrays.items() if k != "x"
    }
    ends = None if lengths is None else _as_lengths(caller, lengths, x)
    told = None if ends is None else tuple(ends.tolist())
    key = (caller.removesuffix("_backward"), *op[1:], x.shape, arrays["w_hh"].shape, x.dtype.name)
    return Call((*key, told), {"x": x, "c0": None} | stacked, ends, bidirectional, batch_first)


def require_saved(caller: str, saved: object, call: Call) -> Saved:
    """Hold what a forward pass saved to the call that it is used in.

    Parameters
    ----------
    caller : str
        The backward pass that messages name.
    saved : Saved
    call : Call

    Returns
    -------
    Saved

    Raises
    ------
    TypeError
        If it is nothing that a forward pass saved.
    ValueError
        If it comes from a call with other options or sizes.
    """
    forward = call.key[0]
    if not isinstance(saved, Saved):
        raise TypeError(
            f"{caller}: saved is nothing that a forward pass kept; got saved of type "
            f"{type(saved).__name__}; give {forward}(...).saved, or leave it out"
        )
    if saved.key != call.key:
        raise ValueError(
            f"{caller}: saved comes from another call; got saved of {saved.key}, arguments of "
            f"{call.key}; give the result's own saved of {forward}(...) with these arguments"
        )
    return saved


def _require_steps(caller: str, given: Array, shape: tuple[int, ...]) -> None:
    """Hold x to at least one step and one feature."""
    if 0 in (shape[0], shape[2]):
        raise ValueError(
            f"{caller}: x has T={shape[0]} steps of D={shape[2]} features but needs 1 of each; "
            f"got {described(x=given)}; only the batch may be empty"
        )


def _require_fit(caller: str, gates: int, arrays: dict[str, Any], bidirectional: bool) -> None:
    """Hold weights, biases and states to the sizes T, N, D, H and G."""
    x, w_hh, lead = arrays["x"], arrays["w_hh"], (2,) * bidirectional
    letters = ("2",) * bidirectional
    rows = "H" if gates == 1 else f"{gates}·H"
    require_axes(caller, (*letters, rows, "H"), w_hh=w_hh)
    (batch, features), units = x.shape[1:], w_hh.shape[-1]
    if units == 0:
        raise ValueError(
            f"{caller}: w_hh has H=0 units but needs 1; got {described(w_hh=w_hh)}; "
            f"give w_hh the shape ({','.join((*letters, rows, 'H'))})"
        )
    shapes = {
        "w_hh": ((rows, "H"), (gates * units, units)),
        "w_ih": ((rows, "D"), (gates * units, features)),
        "b_ih": ((rows,), (gates * units,)),
        "b_hh": ((rows,), (gates * units,)),
        "h0": (("N", "H"), (batch, units)),
        "c0": (("N", "H"), (batch, units)),
    }
    for name, (axes, shape) in shapes.items():
        if (a := arrays.get(name)) is not None:
            others = {"x": x} if name == "w_hh" else {"x": x, "w_hh": w_hh}
            require_shape(caller, (*letters, *axes), (*lead, *shape), **{name: a}, **others)


def _as_lengths(caller: str, lengths: Lengths, x: Array) -> Array:
    """Return the steps of each sequence, each from 1 to T."""
    steps, batch = x.shape[:2]
    if not isinstance(lengths, list | tuple | np.ndarray) or np.ndim(lengths) != 1:
        raise TypeError(
            f"{caller}: lengths are no sequence of ints; got lengths={lengths!r}; "
            f"give one int for each of the N={batch} sequences"
        )
    ends = [as_int(n, f"lengths[{j}]", caller=caller) for j, n in enumerate(lengths)]
    if len(ends) != batch or max(ends, default=1) > steps:
        raise ValueError(
            f"{caller}: lengths must be N={batch} ints from 1 to T={steps}; got lengths={ends}, "
            f"x of {batch} sequences of {steps} steps; give the steps of each sequence"
        )
    return np.array(ends, dtype=np.int64)
