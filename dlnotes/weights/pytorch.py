"""PyTorch's weights: the names and the layout are those of this package."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def from_pytorch(source: Any) -> dict[str, NDArray[Any]]:
    """Return a PyTorch module's parameters and running statistics as arrays.

    Parameters
    ----------
    source : torch.nn.Module or its state_dict()
        On any device.

    Returns
    -------
    dict of str to ndarray
        Copies, under the same names.

    Raises
    ------
    TypeError
        If `source` is neither.

    Examples
    --------
    >>> import torch
    >>> from_pytorch(torch.nn.Linear(5, 3))["weight"].shape
    (3, 5)
    """
    state = source.state_dict() if hasattr(source, "state_dict") else source
    if not isinstance(state, Mapping):
        raise TypeError(
            f"from_pytorch: no module and no state_dict; got {type(source).__name__}; "
            "give a torch.nn.Module or what its state_dict() returns"
        )
    return {
        name: np.array(value.detach().cpu().numpy() if hasattr(value, "detach") else value)
        for name, value in state.items()
    }


def to_pytorch(state: Mapping[str, Any], module: Any) -> None:
    """Copy arrays into a PyTorch module, by name.

    Parameters
    ----------
    state : mapping of str to ndarray
        Every parameter and running statistic of the module, and nothing else.
    module : torch.nn.Module
        It is changed in place, all of it or, if anything does not fit, nothing.

    Raises
    ------
    TypeError
        If this is no module, or there are no arrays of numbers by name.
    ValueError
        If names or shapes differ; the message lists them.

    Examples
    --------
    >>> import torch
    >>> layer = torch.nn.Linear(5, 3)
    >>> to_pytorch({"weight": np.ones((3, 5)), "bias": np.zeros(3)}, layer)
    >>> int(layer.weight.sum())
    15
    """
    if not hasattr(module, "state_dict") or not isinstance(state, Mapping):
        raise TypeError(
            "to_pytorch: it takes arrays by name and a module; got "
            f"{type(state).__name__} and {type(module).__name__}; give what from_pytorch or "
            "state_dict returned, and a torch.nn.Module"
        )
    own = module.state_dict()
    missing, unknown = sorted(set(own) - set(state)), sorted(set(state) - set(own))
    wrong = [
        f"{name} {np.shape(state[name])} for {tuple(own[name].shape)}"
        for name in own
        if name in state and np.shape(state[name]) != tuple(own[name].shape)
    ]
    if missing or unknown or wrong:
        raise ValueError(
            f"to_pytorch: the weights are not those of {type(module).__name__}; missing: "
            f"{', '.join(missing) or 'none'}; unknown: {', '.join(unknown) or 'none'}; other "
            f"shapes: {', '.join(wrong) or 'none'}; give the same names and shapes"
        )
    # everything is read before anything is written
    new = {name: tensor.new_tensor(_numbers(name, state[name])) for name, tensor in own.items()}
    for name, tensor in own.items():
        tensor.copy_(new[name])


def _numbers(name: str, values: object) -> np.ndarray[Any, Any]:
    """Read an array of numbers."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"to_pytorch: weights are numbers; got {array.dtype} as {name}; give a floating array"
        )
    return array
