"""Reading the arguments of recurrent layers, and putting their directions together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlnotes.functional._arrays import Array, described, require_axes, require_floats, require_shape
from dlnotes.functional._options import as_bool
from dlnotes.functional.recurrent._results import RecurrentGradients, RecurrentResult, Saved
from dlnotes.shapes.arguments import as_int

Lengths = Sequence[int] | Array
_NAMES = ("x", "w_ih", "w_hh", "b_ih", "b_hh", "h0", "c0")


@dataclass(frozen=True)
class Direction:
    """What one direction computes with, in the order of its steps; zeros where nothing was given.

    Attributes
    ----------
    x : ndarray, shape (T, N, D)
        Zero after a sequence's end.
    w_ih, w_hh : ndarray, shapes (G·H, D) and (G·H, H)
    b_ih, b_hh : ndarray, shape (G·H,)
    h0, c0 : ndarray, shape (N, H)
    dy, dc : ndarray, shape (T, N, H)
        Upstream gradients of the state and of the cell after each step.
    """

    x: Array
    w_ih: Array
    w_hh: Array
    b_ih: Array
    b_hh: Array
    h0: Array
    c0: Array
    dy: Array
    dc: Array

    def states(self, first: Array) -> Array:
        """Make room for a state before and after each step: (T + 1, N, H), the first filled in."""
        states = np.empty((len(self.x) + 1, *first.shape), first.dtype)
        states[0] = first
        return states


@dataclass(frozen=True)
class Call:
    """The checked arguments of a recurrent layer.

    Attributes
    ----------
    key : tuple
        The operation, its options and its sizes.
    arrays : dict of str to ndarray or None
        x, shape (T, N, D); the others with a leading axis of B directions.
    ends : ndarray of int, shape (N,)
        Steps of each sequence.
    layout : dict
        lengths, bidirectional and batch_first.
    upstream : dict of str to ndarray or None
        dy, shape (T, N, B·H); dh and dc, shape (B, N, H).
    """

    key: tuple[Any, ...]
    arrays: dict[str, Any]
    ends: Array
    layout: dict[str, Any]
    upstream: dict[str, Any]

    @property
    def past(self) -> Array:
        """Where a sequence has ended: (T, N)."""
        return np.arange(len(self.arrays["x"]))[:, None] >= self.ends

    def turned(self, a: Array, d: int) -> Array:
        """Turn the second direction's time round, each sequence within its own steps, and back."""
        if d == 0:
            return a
        t = np.arange(len(a))[:, None]
        return a[np.where(self.past, t, self.ends - 1 - t), np.arange(len(self.ends))]

    def directions(self) -> list[Direction]:
        """Return what each direction computes with."""
        x, w_hh = self.arrays["x"], self.arrays["w_hh"]
        (steps, batch, _), (count, gate_rows, units) = x.shape, w_hh.shape
        if self.past.any():
            x = np.where(self.past[:, :, None], x.dtype.type(0), x)
        last = self.ends - 1, np.arange(batch)
        found = []
        for d in range(count):
            own = {name: a[d] for name, a in self.arrays.items() if name != "x" and a is not None}
            for name in ("b_ih", "b_hh", "h0", "c0"):
                shape = (gate_rows,) if name[0] == "b" else (batch, units)
                own.setdefault(name, np.zeros(shape, x.dtype))
            dy, dc = np.zeros((2, steps, batch, units), x.dtype)
            if (given := self.upstream.get("dy")) is not None:
                part = given[:, :, d * units : (d + 1) * units]
                dy[...] = self.turned(np.where(self.past[:, :, None], 0, part), d)
            for name, into in (("dh", dy), ("dc", dc)):  # the last step gave the last state
                if (given := self.upstream.get(name)) is not None:
                    into[last] += given[d]
            found.append(Direction(x=self.turned(x, d), **own, dy=dy, dc=dc))
        return found

    def result(self, kept: Sequence[tuple[Array, ...]], cells: bool = False) -> RecurrentResult:
        """Return outputs and last states; each direction kept its states first, then its cells."""
        for h, *_ in kept:
            h[1:][self.past] = 0
        y = np.concatenate([self.turned(k[0][1:], d) for d, k in enumerate(kept)], axis=2)
        last = [
            self._unstacked([k[j][self.ends, np.arange(len(self.ends))] for k in kept])
            for j in range(1 + cells)
        ]
        y = y.swapaxes(0, 1) if self.layout["batch_first"] else y
        return RecurrentResult(y, last[0], last[1] if cells else None, Saved(self.key, tuple(kept)))

    def gradients(self, found: Sequence[tuple[Array, ...]]) -> RecurrentGradients:
        """Return the gradients, None where nothing was given; x has the sum of its directions'."""
        shape = self.arrays["x"].shape
        dx: Any = sum(self.turned(own[0].reshape(shape), d) for d, own in enumerate(found))
        names = RecurrentGradients._fields[1:]
        rest = {
            name: self._unstacked([own[j] for own in found])
            for j, name in enumerate(names, 1)
            if self.arrays.get(name[1:]) is not None
        }
        dx = dx.swapaxes(0, 1) if self.layout["batch_first"] else dx
        return RecurrentGradients(dx, **{name: rest.get(name) for name in names})  # type: ignore[arg-type]

    def _unstacked(self, parts: list[Array]) -> Array:
        """Give the directions' arrays the leading axis that the arguments have."""
        return np.stack(parts) if self.layout["bidirectional"] else parts[0]


def rows(a: Array) -> Array:
    """Take steps and sequences as one axis: (T, N, …) to (T·N, …)."""
    return a.reshape(a.shape[0] * a.shape[1], *a.shape[2:])


def per_gate(z: Array, gates: int) -> list[Array]:
    """Cut the last axis, (…, G·H), into one block a gate, (…, H) each."""
    units = z.shape[-1] // gates
    return [z[..., j * units : (j + 1) * units] for j in range(gates)]


def sigmoid(z: Array) -> Array:
    """Return 1 / (1 + e⁻ᶻ), which is 0 where e⁻ᶻ is beyond all floats."""
    return 1 / (1 + np.exp(-z))


def read(
    caller: str,
    gates: int,
    given: tuple[Array | None, ...],
    layout: tuple[Lengths | None, bool, bool],
    form: object = None,
    saved: Saved | None = None,
    **upstream: Any,
) -> Call:
    """Check the arguments of a recurrent layer of G gates, or of its backward pass.

    `given` are x, the weights, the biases and the first states; `layout` is lengths, bidirectional
    and batch_first; `form` is the option that changes the mathematics; `upstream` are dy, dh and
    dc of a backward pass.
    """
    lengths, bidirectional, batch_first = layout
    as_bool(caller, "bidirectional", bidirectional)
    as_bool(caller, "batch_first", batch_first)
    arrays: dict[str, Any] = dict(zip(_NAMES, given, strict=False))
    require_floats(caller, **{k: a for k, a in arrays.items() if a is not None or k in _NAMES[:3]})
    require_axes(caller, "NTD" if batch_first else "TND", x=arrays["x"])
    x = arrays["x"].swapaxes(0, 1) if batch_first else arrays["x"]
    _require_fit(caller, gates, arrays | {"x": x}, bidirectional)
    ends = _as_lengths(caller, lengths, x)
    sizes = x.shape, arrays["w_hh"].shape, x.dtype.name, tuple(ends.tolist())
    key = (caller.removesuffix("_backward"), form, *sizes)
    stacked = {k: a if a is None or bidirectional else a[None] for k, a in arrays.items()}
    options = dict(zip(("lengths", "bidirectional", "batch_first"), layout, strict=True))
    call = Call(key, stacked | {"x": x}, ends, options, upstream)
    if not upstream:
        return call
    _require_upstream(caller, call)
    _require_saved(caller, saved, call)
    if batch_first and upstream["dy"] is not None:
        upstream["dy"] = upstream["dy"].swapaxes(0, 1)
    for name in ("dh", "dc"):
        if upstream.get(name) is not None and not bidirectional:
            upstream[name] = upstream[name][None]
    return call


def _require_fit(caller: str, gates: int, arrays: dict[str, Any], bidirectional: bool) -> None:
    """Hold weights, biases and states to the sizes T, N, D, H and G."""
    x, w_ih, w_hh = (arrays[name] for name in ("x", "w_ih", "w_hh"))
    (steps, batch, features), units = x.shape, w_hh.shape[-1] if w_hh.ndim else 0
    if 0 in (steps, features):
        raise ValueError(
            f"{caller}: x has T={steps} steps of D={features} features but needs 1 of each; "
            f"got {described(x=x)}; only the batch may be empty"
        )
    lead, letters = (2,) * bidirectional, ("2",) * bidirectional
    g_rows = "H" if gates == 1 else f"{gates}·H"
    require_axes(caller, (*letters, g_rows, "H"), w_hh=w_hh)
    if units == 0:
        raise ValueError(
            f"{caller}: w_hh has H=0 units but needs 1; got {described(w_hh=w_hh)}; "
            f"give w_hh the shape ({','.join((*letters, g_rows, 'H'))})"
        )
    transposed = {
        "w_hh": gates > 1 and units == gates * w_hh.shape[-2],
        "w_ih": w_ih.shape[-2:] == (features, gates * units) != (gates * units, features),
    }
    for name in (name for name, is_so in transposed.items() if is_so):
        raise ValueError(
            f"{caller}: {name} is transposed, with a column a unit where PyTorch has a row; got "
            f"{described(**{name: arrays[name]}, x=x)}; give {name}.swapaxes(-1, -2) "
            f"(dlnotes.weights.from_keras turns Keras's)"
        )
    shapes = {
        "w_hh": ((g_rows, "H"), (gates * units, units)),
        "w_ih": ((g_rows, "D"), (gates * units, features)),
        "b_ih": ((g_rows,), (gates * units,)),
        "b_hh": ((g_rows,), (gates * units,)),
        "h0": (("N", "H"), (batch, units)),
        "c0": (("N", "H"), (batch, units)),
    }
    for name, (axes, shape) in shapes.items():
        if (a := arrays.get(name)) is not None:
            others = {"x": x} if name == "w_hh" else {"x": x, "w_hh": w_hh}
            require_shape(caller, (*letters, *axes), (*lead, *shape), **{name: a}, **others)


def _as_lengths(caller: str, lengths: Lengths | None, x: Array) -> Array:
    """Return the steps of each sequence, each from 1 to T; all T when left out."""
    steps, batch = x.shape[:2]
    if lengths is None:
        return np.full(batch, steps)
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


def _require_upstream(caller: str, call: Call) -> None:
    """Hold the upstream gradients to the shapes of the results; one at least must be given."""
    given = {name: a for name, a in call.upstream.items() if a is not None}
    if not given:
        raise TypeError(
            f"{caller}: {' and '.join(call.upstream)} are all missing; got "
            f"{described(**call.upstream)}; give the gradient of the outputs, of the last state, "
            f"or both"
        )
    x, (count, _, units) = call.arrays["x"], call.arrays["w_hh"].shape
    require_floats(caller, x=x, **given)
    order = (1, 0) if call.layout["batch_first"] else (0, 1)
    lead, letters = (2,) * call.layout["bidirectional"], ("2",) * call.layout["bidirectional"]
    for name, a in given.items():
        axes, shape = (*letters, "N", "H"), (*lead, x.shape[1], units)
        if name == "dy":
            axes = (*("TN"[j] for j in order), "2·H" if call.layout["bidirectional"] else "H")
            shape = (*(x.shape[j] for j in order), count * units)
        require_shape(caller, axes, shape, **{name: a}, x=x)


def _require_saved(caller: str, saved: object, call: Call) -> None:
    """Hold what a forward pass saved to the call that it is used in."""
    forward = call.key[0]
    if saved is None:
        return
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
