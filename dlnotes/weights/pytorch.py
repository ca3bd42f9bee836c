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
    for name, tensor in own.items():
        tensor.copy_(tensor.new_tensor(np.asarray(state[name])))
