"""The steps of a GRU that resets the state before the product, as in the paper."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional.recurrent._gru_after import blend, squash
from dlnotes.functional.recurrent._order import Direction
from dlnotes.functional.recurrent._running import Back, Kept, blocks, project, total_bias


def steps(run: Direction) -> Kept:
    """Run forward through time; keep gates, states, and the states that were reset.

    Parameters
    ----------
    run : Direction

    Returns
    -------
    dict of str to ndarray
        "h", shape (T + 1, N, H); "gates" r, z and n, shape (3, T, N, H); "reset", shape
        (T, N, H).
    """
    scale = np.array([0.5, 0.5, 1.0], run.x.dtype)[:, None, None]
    gates = project(run, total_bias(run), scale)  # (3, T, N, H)
    recurrent = blocks(run.w_hh, scale)
    h, reset = run.states(run.h0), run.empty()
    room = np.empty((2, *run.h0.shape), run.x.dtype)
    for t, n in enumerate(run.order.counts):
        v, held = room[:, :n], reset[t, :n]
        squash(np.matmul(h[t, :n], recurrent[:2], out=v), gates[:2, t, :n])
        r, z, new = gates[:, t, :n]
        np.multiply(r, h[t, :n], out=held)
        new += np.matmul(held, recurrent[2], out=v[0])
        np.tanh(new, out=new)
        blend(h[t, :n], z, new, out=h[t + 1, :n])
    return {"h": h, "gates": gates, "reset": reset}


def steps_back(run: Direction, kept: Kept, dy: Array, dh: Array, dc: Array) -> Back:
    """Run backward through time.

    Parameters
    ----------
    run : Direction
    kept : dict of str to ndarray
        What `steps` returned.
    dy : ndarray, shape (T, N, H)
        Upstream gradient of the outputs.
    dh : ndarray, shape (N, H)
        Upstream gradient of the last states; overwritten.
    dc : ndarray
        Not used.

    Returns
    -------
    Back
    """
    gates, h = kept["gates"], kept["h"]
    dz, recurrent = run.empty(3), run.w_hh.reshape(3, run.units, run.units)
    for t, n in reversed(list(enumerate(run.order.counts))):
        (r, z, new), dh_t = gates[:, t, :n], dh[:n]
        dh_t += dy[t, :n]
        dz[2, t, :n] = dh_t * (1 - z) * (1 - new * new)
        dz[1, t, :n] = dh_t * (h[t, :n] - new) * z * (1 - z)
        into = dz[2, t, :n] @ recurrent[2]  # the gradient of r·h
        dz[0, t, :n] = into * h[t, :n] * r * (1 - r)
        dh_t *= z
        dh_t += into * r
        dh_t += dz[0, t, :n] @ recurrent[0] + dz[1, t, :n] @ recurrent[1]
    before = run.before(h)
    return Back(list(dz), list(dz), [before, before, kept["reset"]], dh, dc)
