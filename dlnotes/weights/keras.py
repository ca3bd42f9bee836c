"""Keras's weights, one kind of layer at a time."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dlnotes.weights import _layouts as layouts

Array = NDArray[Any]
State = dict[str, Array]


def from_keras(kind: str, weights: Sequence[Any], **options: Any) -> State:
    """Return what a Keras layer's ``get_weights()`` gives under PyTorch's names and layout.

    Parameters
    ----------
    kind : str
        'dense', 'conv', 'conv_transpose', 'depthwise', 'separable', 'batch_norm', 'embedding',
        'rnn', 'lstm' or 'gru'; 1D, 2D and 3D convolutions alike.
    weights : sequence of ndarray
        In Keras's order.
    **options
        dense: ``after_flatten=(C, H, W)``, the shape that came into the Flatten layer before,
        because Keras flattens (H, W, C). batch_norm: ``scale=False`` or ``center=False`` if the
        layer has no gamma or no beta.

    Returns
    -------
    dict of str to ndarray
        Copies. A recurrent layer with one bias gets a second one of zeros, which changes nothing.

    Raises
    ------
    TypeError
        If something is no array of numbers.
    ValueError
        If there is no such kind, or the number or the shapes of the arrays do not fit it.

    References
    ----------
    Keras 3, ``keras.layers``; PyTorch, ``torch.nn``; concepts lstm, gru, keras-output-padding.

    Examples
    --------
    >>> state = from_keras("conv", [np.zeros((3, 2, 4, 8)), np.zeros(8)])
    >>> state["weight"].shape
    (8, 4, 3, 2)
    """
    return _reader("from_keras", kind, FROM_KERAS)(_arrays("from_keras", kind, weights), **options)


def to_keras(kind: str, state: Mapping[str, Any], **options: Any) -> list[Array]:
    """Return weights with PyTorch's names and layout as Keras's ``set_weights`` takes them.

    Parameters
    ----------
    kind : str
        As in `from_keras`.
    state : mapping of str to ndarray
        Such as ``{"weight": ..., "bias": ...}``; names that the layer does not have are refused.
    **options
        As in `from_keras`; gru: ``reset_after=False`` for Keras's older form with one bias;
        depthwise, separable: ``channels=C`` if there are several kernels a channel.

    Returns
    -------
    list of ndarray
        In Keras's order. Where Keras has one bias and PyTorch two, it is their sum.

    Raises
    ------
    TypeError, ValueError
        As `from_keras`.

    Examples
    --------
    >>> [w.shape for w in to_keras("dense", {"weight": np.zeros((3, 5)), "bias": np.zeros(3)})]
    [(5, 3), (3,)]
    """
    if not isinstance(state, Mapping):
        raise TypeError(
            f"to_keras: the weights are arrays by name; got {type(state).__name__}; give for "
            "example a layer's state_dict()"
        )
    arrays = dict(zip(state, _arrays("to_keras", kind, list(state.values())), strict=True))
    return _reader("to_keras", kind, TO_KERAS)(arrays, **options)


FROM_KERAS: Mapping[str, Callable[..., State]] = MappingProxyType(
    {
        "dense": layouts.dense,
        "conv": layouts.conv,
        "conv_transpose": layouts.conv,
        "depthwise": layouts.depthwise,
        "separable": layouts.separable,
        "batch_norm": layouts.batch_norm,
        "embedding": layouts.embedding,
        "rnn": layouts.plain_recurrent,
        "lstm": layouts.plain_recurrent,
        "gru": layouts.gru,
    }
)
TO_KERAS: Mapping[str, Callable[..., list[Array]]] = MappingProxyType(
    {
        "dense": layouts.dense_back,
        "conv": layouts.conv_back,
        "conv_transpose": layouts.conv_back,
        "depthwise": layouts.depthwise_back,
        "separable": layouts.separable_back,
        "batch_norm": layouts.batch_norm_back,
        "embedding": layouts.embedding_back,
        "rnn": layouts.plain_recurrent_back,
        "lstm": layouts.plain_recurrent_back,
        "gru": layouts.gru_back,
    }
)


def _reader(caller: str, kind: str, table: Mapping[str, Callable[..., Any]]) -> Callable[..., Any]:
    """Return the function for a kind of layer."""
    if kind not in table:
        raise ValueError(f"{caller}: there is no kind {kind!r}; the kinds are {', '.join(table)}")
    return table[kind]


def _arrays(caller: str, kind: str, weights: Sequence[Any]) -> list[Array]:
    """Return copies of the weights as arrays of numbers."""
    found = [np.array(w.detach().cpu().numpy() if hasattr(w, "detach") else w) for w in weights]
    for j, w in enumerate(found):
        if w.dtype.kind != "f" and w.ndim:  # a counter of batches is an int without axes
            raise TypeError(
                f"{caller}: array {j} of {kind!r} has dtype {w.dtype}; give floats such as float32"
            )
    return found
