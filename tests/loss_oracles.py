"""The three oracles for a loss, whose target and weights are data without a gradient."""

from typing import Any

import numpy as np
import torch

from oracles import agrees


def agrees_beside(forward, backward, pytorch, x, target, **options) -> None:
    """Run `agrees` for the first argument; target and options follow its dtype and library."""

    def bound(function, a, *before):
        rest = {name: beside(a, value) for name, value in options.items()}
        return function(*before, a, beside(a, target), **rest)

    agrees(
        lambda x: bound(forward, x),
        lambda dy, x: bound(backward, x, dy),
        lambda x: bound(pytorch, x),
        x,
        affine=False,
    )


def beside(a: Any, value: Any) -> Any:
    """Return data as an array or a tensor, as `a` is; floats in the dtype of `a`."""
    if not isinstance(value, np.ndarray):
        return value
    if not torch.is_tensor(a):
        return value.astype(a.dtype) if value.dtype.kind == "f" else value
    tensor = torch.from_numpy(value)
    return tensor.to(a.dtype) if tensor.is_floating_point() else tensor
