"""Each layout in both directions: from Keras's order of arrays and axes to PyTorch's, and back."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
State = dict[str, Array]
RECURRENT = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


def dense(weights: Sequence[Array], after_flatten: Sequence[int] = ()) -> State:
    """(D, units) to (units, D); after Flatten the rows go from (H, W, C) to (C, H, W)."""
    need("dense", weights, [(2,), (2, 1)])
    w = weights[0]
    if after_flatten:
        c, *space = _flattened(w.shape[0], after_flatten)
        w = np.moveaxis(w.reshape(*space, c, -1), -2, 0).reshape(w.shape)
    return _state(w.T, weights[1:])


def dense_back(state: Mapping[str, Array], after_flatten: Sequence[int] = ()) -> list[Array]:
    """(units, D) to (D, units)."""
    w, *b = named("dense", state, "weight", "bias")
    w = w.T
    if after_flatten:
        c, *space = _flattened(w.shape[0], after_flatten)
        w = np.moveaxis(w.reshape(c, *space, -1), 0, -2).reshape(w.shape)
    return [np.ascontiguousarray(w), *b]


def conv(weights: Sequence[Array]) -> State:
    """(R, S, C, K) to (K, C, R, S); a transposed convolution's (R, S, K, C) to (C, K, R, S)."""
    need("conv", weights, [(dims,) for dims in (3, 4, 5)] + [(dims, 1) for dims in (3, 4, 5)])
    return _state(np.moveaxis(weights[0], (-1, -2), (0, 1)), weights[1:])


def conv_back(state: Mapping[str, Array]) -> list[Array]:
    """(K, C, R, S) to (R, S, C, K)."""
    w, *b = named("conv", state, "weight", "bias")
    return [np.ascontiguousarray(np.moveaxis(w, (0, 1), (-1, -2))), *b]


def depthwise(weights: Sequence[Array]) -> State:
    """(R, S, C, M) to (C*M, 1, R, S): the kernels of one channel side by side."""
    need("depthwise", weights, [(dims,) for dims in (3, 4)] + [(dims, 1) for dims in (3, 4)])
    w = np.moveaxis(weights[0], (-2, -1), (0, 1))  # (C, M, R, S)
    return _state(w.reshape(-1, 1, *w.shape[2:]), weights[1:])


def depthwise_back(state: Mapping[str, Array], channels: int = 0) -> list[Array]:
    """(C*M, 1, R, S) to (R, S, C, M); without `channels` one kernel a channel."""
    w, *b = named("depthwise", state, "weight", "bias")
    c = channels or len(w)
    if len(w) % c:
        raise ValueError(
            f"to_keras: 'depthwise' has {len(w)} kernels for channels={c}, which does not divide "
            "them; give the number of input channels"
        )
    w = w.reshape(c, -1, *w.shape[2:])  # (C, M, R, S)
    return [np.ascontiguousarray(np.moveaxis(w, (0, 1), (-2, -1))), *b]


def separable(weights: Sequence[Array]) -> State:
    """Name a depthwise kernel and a pointwise one; the one bias belongs to the second."""
    need("separable", weights, [row for d in (3, 4) for row in ((d, d), (d, d, 1))])
    first, second = depthwise(weights[:1]), conv(weights[1:])
    return {"depthwise.weight": first["weight"]} | {f"pointwise.{k}": v for k, v in second.items()}


def separable_back(state: Mapping[str, Array], channels: int = 0) -> list[Array]:
    """Undo `separable`; without `channels` there is one kernel a channel."""
    names = "depthwise.weight pointwise.weight", "pointwise.bias"
    first, second, *b = named("separable", state, *names)
    return [*depthwise_back({"weight": first}, channels), *conv_back({"weight": second}), *b]


def batch_norm(weights: Sequence[Array], scale: bool = True, center: bool = True) -> State:
    """Gamma, beta, moving mean, moving variance, each (C,), and PyTorch's counter of batches."""
    need("batch_norm", weights, [(1,) * (2 + scale + center)])
    state = dict(zip(_norm_names(scale, center), weights, strict=True))
    return state | {"num_batches_tracked": np.zeros((), np.int64)}


def batch_norm_back(
    state: Mapping[str, Array], scale: bool = True, center: bool = True
) -> list[Array]:
    """Put the same arrays into Keras's order."""
    names = _norm_names(scale, center)
    return named("batch_norm", state, " ".join(names), "num_batches_tracked")[: len(names)]


def embedding(weights: Sequence[Array]) -> State:
    """(entries, width), the same in both."""
    need("embedding", weights, [(2,)])
    return {"weight": weights[0]}


def embedding_back(state: Mapping[str, Array]) -> list[Array]:
    """(entries, width), the same in both."""
    return named("embedding", state, "weight")


def plain_recurrent(weights: Sequence[Array]) -> State:
    """(D, G*H) to (G*H, D); Keras's one bias, and a second one of zeros."""
    need("rnn or lstm", weights, [(2, 2), (2, 2, 1)])
    w, u, *b = weights
    first = b[0] if b else np.zeros(w.shape[1], w.dtype)
    return dict(zip(RECURRENT, (w.T.copy(), u.T.copy(), first, np.zeros_like(first)), strict=True))


def plain_recurrent_back(state: Mapping[str, Array]) -> list[Array]:
    """(G*H, D) to (D, G*H); the sum of the two biases, which is all that they do."""
    w, u, b, b_state = named("rnn or lstm", state, " ".join(RECURRENT))
    return [w.T.copy(), u.T.copy(), b + b_state]


def gru(weights: Sequence[Array]) -> State:
    """Gates z, r, h to r, z, n; two rows of biases with reset_after, one without."""
    need("gru", weights, [(2, 2), (2, 2, 1), (2, 2, 2)])
    w, u, *b = (_swap(part) for part in weights)
    pair = b[0] if b else np.zeros(w.shape[1], w.dtype)
    first, second = pair if pair.ndim == 2 else (pair, np.zeros_like(pair))
    found = (w.T.copy(), u.T.copy(), first.copy(), second.copy())
    return dict(zip(RECURRENT, found, strict=True))


def gru_back(state: Mapping[str, Array], reset_after: bool = True) -> list[Array]:
    """Gates r, z, n to z, r, h; without reset_after there is one bias, the sum."""
    w, u, b, b_state = named("gru", state, " ".join(RECURRENT))
    bias = np.stack([b, b_state]) if reset_after else b + b_state
    return [_swap(w.T), _swap(u.T), _swap(bias)]


def need(kind: str, weights: Sequence[Array], ndims: Sequence[Sequence[int]]) -> None:
    """Refuse arrays whose numbers of axes are not one of `ndims`."""
    got = [w.ndim for w in weights]
    if got not in [list(row) for row in ndims]:
        wanted = " or ".join(str(list(row)) for row in ndims)
        raise ValueError(
            f"from_keras: {kind!r} has arrays of {wanted} axes; got shapes "
            f"{[w.shape for w in weights]}; give what get_weights() returns"
        )


def named(kind: str, state: Mapping[str, Array], needed: str, optional: str = "") -> list[Array]:
    """Return the arrays of the names, those that are there; refuse others."""
    wanted, extra = needed.split(), optional.split()
    missing = [name for name in wanted if name not in state]
    unknown = [name for name in state if name not in wanted + extra]
    if missing or unknown:
        raise ValueError(
            f"to_keras: {kind!r} has {', '.join(wanted)} and may have "
            f"{', '.join(extra) or 'nothing more'}; missing: {', '.join(missing) or 'none'}; "
            f"unknown: {', '.join(unknown) or 'none'}; give these names"
        )
    return [state[name] for name in wanted + extra if name in state]


def _swap(array: Array) -> Array:
    """Exchange the first two thirds of the last axis: z, r, h and r, z, n."""
    if array.shape[-1] % 3:
        raise ValueError(
            f"from_keras: 'gru' has three gates, but its last axis has {array.shape[-1]} entries, "
            f"no multiple of 3; got shape {array.shape}"
        )
    first, second, third = np.split(array, 3, axis=-1)
    return np.concatenate([second, first, third], axis=-1)


def _norm_names(scale: bool, center: bool) -> list[str]:
    """Return PyTorch's names in Keras's order."""
    return ["weight"] * scale + ["bias"] * center + ["running_mean", "running_var"]


def _flattened(rows: int, shape: Sequence[int]) -> list[int]:
    """Return (C, H, W) if it has as many values as the layer has rows."""
    if prod(shape) != rows:
        raise ValueError(
            f"from_keras: 'dense' reads {rows} values, but after_flatten={tuple(shape)} has "
            f"{prod(shape)}; give the shape (C, H, W) that came into Flatten"
        )
    return list(shape)


def _state(w: Array, b: Sequence[Array]) -> State:
    """Return a weight and, if there is one, a bias."""
    state = {"weight": np.ascontiguousarray(w)}
    return state | ({"bias": b[0]} if b else {})
