"""A device that is not there: the processor under another name, which counts what is launched.

On an accelerator every operation on its tensors is a launch, and may not mix them with tensors
that lie elsewhere. Both can be seen without one. `Pretended` keeps tensors of the device
``"pretended"`` on the processor, computes what is asked of them there, refuses a mixture, and
notes each operation that would have been a launch. It tells nothing about time.

Importing this module registers the device with PyTorch for the rest of the process.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Self

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "pretended"
_setup_privateuseone_for_python_backend(NAME)

aten = torch.ops.aten
_MOVES = {aten._to_copy.default, aten.copy_.default}
_NO_WORK = {"empty", "empty_like", "new_empty", "empty_strided", "new_empty_strided"}
_NO_WORK |= {"detach", "_unsafe_view", "_reshape_alias", "_local_scalar_dense"}


class There(Tensor):
    """A tensor of the pretended device; `here` holds its values."""

    here: Tensor

    @staticmethod
    def __new__(cls, here: Tensor) -> Self:
        """Wrap values."""
        there = torch.Tensor._make_wrapper_subclass(
            cls,
            here.size(),
            strides=here.stride(),
            storage_offset=here.storage_offset(),
            dtype=here.dtype,
            device=torch.device(NAME, 0),
        )
        there.here = here
        return there

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Compute where no `Pretended` is at work."""
        return _compute(func, args, kwargs or {})[0]

    def tolist(self) -> Any:
        """Return the values as lists."""
        return self.here.tolist()


class Pretended(TorchDispatchMode):
    """Makes the device usable, and counts launches.

    Attributes
    ----------
    launches : Counter of str
        How often each operation was launched.

    Examples
    --------
    >>> with Pretended() as device:
    ...     total = (torch.ones(3, device="pretended") * 2).sum().item()
    >>> total, dict(device.launches)
    (6.0, {'ones': 1, 'mul': 1, 'sum': 1})
    """

    def __init__(self) -> None:
        super().__init__()
        self.launches: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Compute, and count."""
        result, there = _compute(func, args, kwargs or {})
        name = func._schema.name.removeprefix("aten::")
        if there and name not in _NO_WORK and not _is_view(func):
            self.launches[name] += 1
        return result


def _is_view(func: Any) -> bool:
    """Say whether an operation returns another look at what it was given."""
    aliases = (result.alias_info for result in func._schema.returns)
    return any(alias is not None and not alias.is_write for alias in aliases)


def _compute(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[Any, bool]:
    """Compute on the processor; say whether the device would have done it."""
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    inside = [tensor for tensor in tensors if isinstance(tensor, There)]
    device = kwargs.get("device")
    if not inside and (device is None or torch.device(device).type != NAME):
        return func(*args, **kwargs), False
    if inside and func not in _MOVES and any(t.ndim for t in tensors if not isinstance(t, There)):
        raise RuntimeError(f"{func}: tensors of two devices in one operation")
    there = _goes_there(func, args, device)
    here = dict(kwargs) if device is None else {**kwargs, "device": torch.device("cpu")}
    result = func(*tree_map(_values, args), **tree_map(_values, here))
    if not there:
        return result, bool(inside)
    known = {id(tensor.here): tensor for tensor in inside}
    return tree_map(lambda leaf: _wrapped(leaf, known), result), True


def _goes_there(func: Any, args: Sequence[Any], device: Any) -> bool:
    """Say whether the result lies on the device."""
    if device is not None:
        return bool(torch.device(device).type == NAME)
    return func is not aten.copy_.default or isinstance(args[0], There)


def _values(leaf: Any) -> Any:
    """Return the values of a tensor of the device."""
    return leaf.here if isinstance(leaf, There) else leaf


def _wrapped(leaf: Any, known: Mapping[int, There]) -> Any:
    """Put a result on the device; what was changed in place is what it was."""
    if not isinstance(leaf, Tensor):
        return leaf
    return known[id(leaf)] if id(leaf) in known else There(leaf)
