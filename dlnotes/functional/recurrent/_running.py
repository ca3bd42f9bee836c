"""What all recurrent layers share: products over all steps, directions, and the way back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dlnotes.functional._arrays import Array, described, require_floats, require_shape
from dlnotes.functional.recurrent._order import Direction
from dlnotes.functional.recurrent._reading import Call, require_saved
from dlnotes.functional.recurrent._results import RecurrentGradients, RecurrentResult, Saved

Kept = dict[str, Array]


@dataclass(frozen=True)
class Back:
    """What the steps backward through time found for one direction.

    Attributes
    ----------
    dz_x, dz_h : list of ndarray, shape (T, N, H)
        Gradient of each gate before its activation, as x and as the state reach it.
    hidden : list of ndarray, shape (T, N, H)
        What each gate's block of w_hh was multiplied by.
    dh0, dc0 : ndarray, shape (N, H)
    """

    dz_x: list[Array]
    dz_h: list[Array]
    hidden: list[Array]
    dh0: Array
    dc0: Array


Forward = Callable[[Direction], Kept]
Backward = Callable[[Direction, Kept, Array, Array, Array], Back]


def blocks(w: Array, scale: Array, order: list[int] | None = None) -> Array:
    """Cut weights into scaled blocks, one a gate, ready to be multiplied from the left.

    Parameters
    ----------
    w : ndarray, shape (G·H, K)
    scale : ndarray, shape (G, 1, 1)
    order : list of int, optional
        Which of w's blocks comes first, second, …; as they stand when left out.

    Returns
    -------
    ndarray, shape (G, K, H)

    Examples
    --------
    >>> blocks(np.ones((6, 5)), np.ones((2, 1, 1))).shape
    (2, 5, 3)
    """
    cut = w.reshape(len(scale), len(w) // len(scale), w.shape[1])  # (G, H, K)
    cut = cut if order is None else cut[order]
    return np.ascontiguousarray((cut * scale).swapaxes(1, 2))


def project(
    run: Direction, bias: Array | None, scale: Array, order: list[int] | None = None
) -> Array:
    """Multiply the inputs of all steps by w_ih at once, and add a bias.

    Parameters
    ----------
    run : Direction
    bias : ndarray, shape (G·H,), optional
    scale : ndarray, shape (G, 1, 1)
        Factor of each gate.
    order : list of int, optional
        As in `blocks`.

    Returns
    -------
    ndarray, shape (G, T, N, H)
    """
    steps, batch, features = run.x.shape
    z = run.x.reshape(steps * batch, features) @ blocks(run.w_ih, scale, order)
    if bias is not None:
        z += blocks(bias[:, None], scale, order)  # (G, T·N, H)
    return z.reshape(len(scale), steps, batch, run.units)


def total_bias(run: Direction) -> Array | None:
    """Add the two biases.

    Parameters
    ----------
    run : Direction

    Returns
    -------
    ndarray of shape (G·H,), or None
    """
    given = [b for b in (run.b_ih, run.b_hh) if b is not None]
    return sum(given[1:], start=given[0]) if given else None


def forward(call: Call, steps: Forward) -> RecurrentResult:
    """Run all directions, and put outputs and states back where the sequences stand.

    Parameters
    ----------
    call : Call
    steps : callable
        Runs one direction, and returns at least its states "h" (and "c"), (T + 1, N, H).

    Returns
    -------
    RecurrentResult
    """
    runs = call.directions()
    kept = [steps(run) for run in runs]
    pairs = list(zip(runs, kept, strict=True))
    y = np.concatenate([run.order.scatter(k["h"][1:]) for run, k in pairs], axis=2)  # (T, N, B·H)
    last = {
        name: call.unstacked(np.stack([run.order.last(k[name]) for run, k in pairs]))
        for name in ("h", "c")
        if name in kept[0]
    }
    saved = Saved(call.key, tuple(kept))
    return RecurrentResult(call.time_first(y), last["h"], last.get("c"), saved)


def backward(
    caller: str,
    call: Call,
    upstream: dict[str, Array | None],
    saved: Saved | None,
    ways: tuple[Forward, Backward],
) -> RecurrentGradients:
    """Run all directions backward through time, and collect the gradients.

    Parameters
    ----------
    caller : str
        The function that messages name.
    call : Call
    upstream : dict of str to ndarray or None
        Gradients of y, h and c, by the names dy, dh and dc; not all None.
    saved : Saved or None
    ways : pair of callable
        The steps forward and those backward.

    Returns
    -------
    RecurrentGradients
    """
    dy, dh, dc = _read_upstream(caller, call, upstream)
    runs = call.directions()
    if saved is None:
        kept = [ways[0](run) for run in runs]
    else:
        kept = list(require_saved(caller, saved, call).directions)
    found = []
    for b, (run, k) in enumerate(zip(runs, kept, strict=True)):
        own = dy[:, :, b * run.units : (b + 1) * run.units]  # (T, N, H)
        last = (run.order.states(dh[b]), run.order.states(dc[b]))
        found.append(_collect(run, ways[1](run, k, run.order.gather(own), *last)))
    return _merged(call, found)


def _read_upstream(
    caller: str, call: Call, upstream: dict[str, Array | None]
) -> tuple[Array, Array, Array]:
    """Check the upstream gradients, and put zeros where there are none."""
    given = {name: a for name, a in upstream.items() if a is not None}
    if not given:
        names = " and ".join(upstream)
        raise TypeError(
            f"{caller}: {names} are all missing; got {described(**upstream)}; "
            f"give the gradient of the outputs, of the last state, or both"
        )
    x, (count, batch, units) = call.arrays["x"], call.state_shape
    require_floats(caller, x=x, **given)
    full = call.time_first(x).shape[:2]
    lead = (count,) * call.bidirectional
    shapes = {"dy": (*full, count * units), "dh": (*lead, batch, units)}
    axes = {"dy": ("N", "T") if call.batch_first else ("T", "N"), "dh": ("2",) * len(lead) + ("N",)}
    for name, a in given.items():
        like = "dy" if name == "dy" else "dh"
        wide = ("2·H",) if call.bidirectional and like == "dy" else ("H",)
        require_shape(caller, axes[like] + wide, shapes[like], **{name: a}, x=x)
    dy = given.get("dy")
    dy = np.zeros((*x.shape[:2], count * units), x.dtype) if dy is None else call.time_first(dy)
    zero = np.zeros(call.state_shape, x.dtype)
    dh, dc = (given.get(name, zero).reshape(zero.shape) for name in ("dh", "dc"))
    return dy, dh, dc


def _collect(run: Direction, back: Back) -> dict[str, Array]:
    """Sum over all steps: the gradients of one direction, where its arguments stand."""
    rows = len(run.x) * run.x.shape[1]
    ones = np.ones(rows, run.x.dtype)
    x = run.x.reshape(rows, run.x.shape[2])  # (T·N, D)
    dz_x, dz_h, hidden = (
        [a.reshape(rows, run.units) for a in part] for part in (back.dz_x, back.dz_h, back.hidden)
    )
    w_ih = run.w_ih.reshape(len(dz_x), run.units, x.shape[1])  # (G, H, D)
    dx = dz_x[0] @ w_ih[0]
    for dz, w in zip(dz_x[1:], w_ih[1:], strict=True):
        dx += dz @ w
    pairs = zip(dz_h, hidden, strict=True)
    return {
        "dx": run.order.scatter(dx.reshape(run.x.shape)),
        "dw_ih": np.concatenate([dz.T @ x for dz in dz_x]),
        "dw_hh": np.concatenate([dz.T @ h for dz, h in pairs]),
        "db_ih": np.concatenate([ones @ dz for dz in dz_x]),
        "db_hh": np.concatenate([ones @ dz for dz in dz_h]),
        "dh0": run.order.states_back(back.dh0),
        "dc0": run.order.states_back(back.dc0),
    }


def _merged(call: Call, found: list[dict[str, Array]]) -> RecurrentGradients:
    """Put the directions together, and leave out what was not given."""
    dx = found[0]["dx"]
    for other in found[1:]:
        dx = dx + other["dx"]
    rest = {
        name: None
        if call.arrays[name[1:]] is None
        else call.unstacked(np.stack([own[name] for own in found]))
        for name in RecurrentGradients._fields[1:]
    }
    return RecurrentGradients(call.time_first(dx), **rest)  # type: ignore[arg-type]
