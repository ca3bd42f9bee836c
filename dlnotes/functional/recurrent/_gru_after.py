"""The steps of a GRU that resets after the product with the state, as PyTorch and Keras do."""

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional.recurrent._order import Direction
from dlnotes.functional.recurrent._running import Back, Kept, blocks, project


def steps(run: Direction) -> Kept:
    """Run forward through time; keep gates, states, and what the reset gate multiplies.

    Parameters
    ----------
    run : Direction

    Returns
    -------
    dict of str to ndarray
        "h", shape (T + 1, N, H); "gates" r, z and n, shape (3, T, N, H); "resettable", the
        product with the state and its bias, shape (T, N, H).
    """
    # σ(v) = tanh(v/2)/2 + 1/2; the halves of v are taken from the weights
    scale = np.array([0.5, 0.5, 1.0], run.x.dtype)[:, None, None]
    bias, inner = _biases(run)
    gates = project(run, bias, scale)  # (3, T, N, H)
    recurrent = blocks(run.w_hh, scale)
    h, resettable = run.states(run.h0), run.empty()
    room = np.empty((3, *run.h0.shape), run.x.dtype)
    for t, n in enumerate(run.order.counts):
        v, kept = room[:, :n], resettable[t, :n]
        np.matmul(h[t, :n], recurrent, out=v)
        np.add(v[2], inner, out=kept)
        squash(v[:2], gates[:2, t, :n])
        r, z, new = gates[:, t, :n]
        new += np.multiply(r, kept, out=v[0])
        np.tanh(new, out=new)
        blend(h[t, :n], z, new, out=h[t + 1, :n])
    return {"h": h, "gates": gates, "resettable": resettable}


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
    gates, h, resettable = kept["gates"], kept["h"], kept["resettable"]
    # n as x reaches it, r, z, n as h reaches it: the state's three stand together
    dz, recurrent = run.empty(4), run.w_hh.reshape(3, run.units, run.units)
    room = np.empty((4, *dh.shape), dy.dtype)
    for t, n in reversed(list(enumerate(run.order.counts))):
        slopes, dh_t = room[:, :n], dh[:n]
        dh_t += dy[t, :n]
        _slopes(gates[:, t, :n], h[t, :n], resettable[t, :n], out=slopes)
        np.multiply(dh_t, slopes, out=dz[:, t, :n])
        dh_t *= gates[1, t, :n]
        products = np.matmul(dz[1:, t, :n], recurrent, out=slopes[1:])
        dh_t += np.add.reduce(products, axis=0, out=slopes[0])
    n_x, r, z, n_h = dz
    return Back([r, z, n_x], [r, z, n_h], [run.before(h)] * 3, dh, dc)


def squash(v: Array, gates: Array) -> None:
    """Add halved products to halved gates, and take the sigmoid there.

    Parameters
    ----------
    v : ndarray, shape (G, N, H)
        Half of the products with the state; overwritten.
    gates : ndarray, shape (G, N, H)
        Half of what the inputs give; becomes the gates.
    """
    v += gates
    np.tanh(v, out=v)
    v *= 0.5
    np.add(v, 0.5, out=gates)


def blend(h: Array, z: Array, new: Array, out: Array) -> None:
    """Write z·h + (1 − z)·n.

    Parameters
    ----------
    h, z, new, out : ndarray, shape (N, H)
    """
    np.subtract(h, new, out=out)
    out *= z
    out += new


def _biases(run: Direction) -> tuple[Array | None, Array]:
    """Return what is added to all gates at once, and what the reset gate multiplies."""
    inner = np.zeros(run.units, run.x.dtype) if run.b_hh is None else run.b_hh[2 * run.units :]
    if run.b_hh is None:
        return run.b_ih, inner
    outer = run.b_hh.copy()
    outer[2 * run.units :] = 0
    return outer if run.b_ih is None else outer + run.b_ih, inner


def _slopes(gates: Array, h: Array, resettable: Array, out: Array) -> None:
    """Write what dh is multiplied by to give the dz of n (x's side), r, z, n (h's side)."""
    r, z, new = gates
    n_x, of_r, of_z, n_h = out
    np.subtract(1.0, z, out=of_z)
    np.multiply(new, new, out=n_x)
    np.subtract(1.0, n_x, out=n_x)
    n_x *= of_z
    np.multiply(n_x, r, out=n_h)
    np.subtract(1.0, r, out=of_r)
    of_r *= n_h
    of_r *= resettable
    of_z *= z
    of_z *= h - new
