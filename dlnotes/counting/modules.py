"""The layer table of any module of PyTorch, from one run of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import prod
from types import MappingProxyType
from typing import Any

from dlnotes._extras import require
from dlnotes.counting.conventions import Chosen, chosen
from dlnotes.counting.operations import NOTHING, Operations, operations
from dlnotes.counting.parameters import Parameters
from dlnotes.counting.rows import LayerTable, Row
from dlnotes.counting.rules import Shape
from dlnotes.counting.table import checked_shape
from dlnotes.counting.trace import Step
from dlnotes.specs import layers as L
from dlnotes.specs.parts import Layer

VIEWS = ("Identity", "Flatten", "Unflatten")
QUIET = (*VIEWS, "Dropout", "Dropout1d", "Dropout2d", "Dropout3d")
ACTIVATIONS = {
    "ReLU": "relu",
    "ReLU6": "relu6",
    "LeakyReLU": "leaky_relu",
    "PReLU": "leaky_relu",
    "ELU": "elu",
    "Sigmoid": "sigmoid",
    "Tanh": "tanh",
    "GELU": "elu",  # as ptflops counts them: with the rectifiers
    "SiLU": "elu",
    "Hardswish": "sigmoid",  # with all other functions
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
}


def table_of_module(
    module: Any,
    input_shape: Shape,
    *,
    convention: Chosen = "mac",
    depth: int | None = None,
    dtype: str = "float32",
) -> LayerTable:
    """Return the layer table of a module of PyTorch: one row for each layer that runs.

    The module runs once, in evaluation mode and without gradients, on one example of zeros.

    Parameters
    ----------
    module : torch.nn.Module
        Anything that takes one tensor; it is left as it was.
    input_shape : tuple of int
        Without the batch. Indices go in where the module begins with an embedding.
    convention : str, Convention, or several
        What counts as an operation.
    depth : int, optional
        Sum up what lies deeper than this.
    dtype : str
        Of the activations, for their memory.

    Returns
    -------
    LayerTable
        Products come from the layers' sizes where the kind is known, and from PyTorch's
        FlopCounterMode elsewhere; the notes say what is not counted.

    Raises
    ------
    ValueError
        If the module does not run on this input.
    TypeError
        If it is no module.

    Examples
    --------
    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
    >>> found = table_of_module(model, (1, 8, 8))
    >>> found.parameters.total, found.count("mac")
    (1490, 2736)
    """
    nn: Any = require("torch.nn", extra="torch", feature="counting.table_of_module")
    if not isinstance(module, nn.Module):
        raise TypeError(
            f"counting.table_of_module: needs a torch.nn.Module; got {module!r} "
            f"({type(module).__name__}); give a model"
        )
    shape: Any = checked_shape(input_shape)
    watch = _Watch(module)
    with watch.running():
        watch.run(shape)
    title, rows = type(module).__name__, tuple(watch.rows)
    notes = tuple(watch.notes())
    found = LayerTable(title, shape, rows, tuple(watch.groups), chosen(convention), dtype, notes)
    return found if depth is None else found.grouped(depth)


class _Watch:
    """What the modules tell while they run."""

    def __init__(self, module: Any) -> None:
        from torch.utils.flop_counter import FlopCounterMode

        self.module = module
        self.counter = FlopCounterMode(display=False)
        self.rows: list[Row] = []
        self.groups: list[Row] = []
        self.held: set[int] = set()
        self.uncounted: set[str] = set()
        self.inside = 0  # FLOP of the modules that have rows
        self.depth = 0  # modules with rows that are running

    @contextmanager
    def running(self) -> Iterator[None]:
        """Listen to all modules, and leave them as they were."""
        import torch

        fast = torch.backends.mha.get_fastpath_enabled()
        torch.backends.mha.set_fastpath_enabled(False)  # its products would not be counted
        modes = {child: child.training for child in self.module.modules()}
        hooks = []
        for path, child in self.module.named_modules():
            add = self._layer if _is_row(child) else self._group
            hooks += add(path, child)
        try:
            self.module.eval()
            yield
        finally:
            for hook in hooks:
                hook.remove()
            for child, mode in modes.items():
                child.training = mode
            torch.backends.mha.set_fastpath_enabled(fast)

    def run(self, shape: Shape) -> None:
        """Run the module on one example of zeros."""
        import torch

        some = next(iter(self.module.parameters()), torch.empty(0))
        first = next((m for m in self.module.modules() if not list(m.children())), None)
        kind = torch.long if isinstance(first, torch.nn.Embedding) else some.dtype
        x = torch.zeros(1, *shape, dtype=kind, device=some.device)
        try:
            with torch.no_grad(), self.counter:
                self.module(x)
        except Exception as error:  # whatever a stranger's module raises
            said = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(
                f"counting.table_of_module: {type(self.module).__name__} does not run on an input "
                f"of shape {tuple(x.shape)}: {said}"
            ) from error
        self._rest(x)

    def notes(self) -> Iterator[str]:
        """Say what is not counted."""
        if self.uncounted:
            yield f"Of {', '.join(sorted(self.uncounted))} only products are counted."
        yield "Not counted: what runs outside modules (torch.relu, +, cat), other than products."

    def _layer(self, path: str, module: Any) -> list[Any]:
        """Listen to a module that gets a row."""
        before: list[int] = []

        def start(*_: object) -> None:
            self.depth += 1
            before.append(self.counter.get_total_flops())

        def end(_: object, args: tuple[Any, ...], y: Any) -> None:
            self.depth -= 1
            flop = self.counter.get_total_flops() - before.pop()
            if not self.depth:  # otherwise inside another row
                self.inside += flop
                self._row(path, module, (args, y), flop)

        return [module.register_forward_pre_hook(start), module.register_forward_hook(end)]

    def _group(self, path: str, module: Any) -> list[Any]:
        """Listen to a module that contains others; what it holds itself gets a row."""

        def end(_: object, args: tuple[Any, ...], y: Any) -> None:
            (_, x), (_, out), kind = _shape_of(args), _shape_of(y), type(module).__name__
            own = self._numbers(module.parameters(recurse=False), module.buffers(recurse=False))
            if own.total:
                self.rows.append(Row(path or kind, f"{kind} itself", x, out, own))
            if path and path not in {group.path for group in self.groups}:
                self.groups.append(Row(path, kind, x, out))

        return [module.register_forward_hook(end)]

    def _row(self, path: str, module: Any, values: tuple[Any, Any], flop: int) -> None:
        """Add the row of a module that ran."""
        kind, (n, x), (m, y) = type(module).__name__, *map(_shape_of, values)
        layer = as_layer(module)
        if layer is not None:
            work = _times(n, operations(Step("", layer, x, y)))
        elif hasattr(module, "all_weights"):
            work = _times(n, _recurrent(module, x))
        else:
            work = Operations(products=flop // 2)
            self.uncounted |= {kind} - set(QUIET)
        held = self._numbers(module.parameters(), module.buffers())
        made = 0 if kind in VIEWS else m * prod(y)
        self.rows.append(Row(path or kind, kind, x, y, held, work, made))

    def _numbers(self, parameters: Any, buffers: Any) -> Parameters:
        """Count numbers that are not yet counted; frozen ones are not trained."""
        trained = fixed = 0
        for tensor, learned in [*((p, True) for p in parameters), *((b, False) for b in buffers)]:
            if id(tensor) in self.held or not (learned or tensor.is_floating_point()):
                continue
            self.held.add(id(tensor))
            if learned and tensor.requires_grad:
                trained += tensor.numel()
            else:
                fixed += tensor.numel()
        return Parameters(trained, fixed)

    def _rest(self, x: Any) -> None:
        """Add what no row has: products of functions, and numbers that no module used."""
        rest, shape = self.counter.get_total_flops() - self.inside, tuple(x.shape[1:])
        if rest > 0:  # such as torch.matmul in a forward
            work = Operations(products=rest // 2)
            self.rows.append(Row("functions", "functions", shape, shape, operations=work))
        left = self._numbers(self.module.parameters(), self.module.buffers())
        if left.total:
            self.rows.append(Row("unused", "modules that did not run", (), (), left))


def as_layer(module: Any) -> Layer | None:
    """Return a module as the kind of layer that does the same work, or None.

    Parameters
    ----------
    module : torch.nn.Module
        One of PyTorch's own, or of a class made from it.

    Returns
    -------
    Layer or None

    Examples
    --------
    >>> from torch import nn
    >>> as_layer(nn.Linear(3, 4)).units
    4
    """
    kinds = [kind.__name__ for kind in type(module).__mro__]
    make = next((MAKERS[kind] for kind in kinds if kind in MAKERS), None)
    return None if make is None else make(module)


def _conv(m: Any) -> Layer:
    return L.Conv(m.out_channels, m.kernel_size, groups=m.groups, bias=m.bias is not None)


def _transposed(m: Any) -> Layer:
    bias = m.bias is not None
    return L.ConvTranspose(m.out_channels, m.kernel_size, groups=m.groups, bias=bias)


def _upsample(m: Any) -> Layer | None:
    if m.mode not in ("nearest", "bilinear"):
        return None
    return L.Upsample(1, m.mode)


def _batch_norm(m: Any) -> Layer:
    return L.BatchNorm(scale=m.weight is not None)


_NORMS = ("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm")
MAKERS: Mapping[str, Callable[[Any], Layer | None]] = MappingProxyType(
    {f"Conv{n}d": _conv for n in (1, 2, 3)}
    | {f"ConvTranspose{n}d": _transposed for n in (1, 2, 3)}
    | {f"MaxPool{n}d": lambda m: L.MaxPool(m.kernel_size) for n in (1, 2, 3)}
    | {f"AvgPool{n}d": lambda m: L.AvgPool(m.kernel_size) for n in (1, 2, 3)}
    | {f"AdaptiveAvgPool{n}d": lambda m: L.AdaptiveAvgPool(1) for n in (1, 2, 3)}
    | dict.fromkeys(_NORMS, _batch_norm)
    | {name: lambda m, f=word: L.Activation(f) for name, word in ACTIVATIONS.items()}
    | {
        "Linear": lambda m: L.Linear(m.out_features, bias=m.bias is not None),
        "Embedding": lambda m: L.Embedding(m.num_embeddings, m.embedding_dim),
        "Upsample": _upsample,
    }
)
"""For each of PyTorch's kinds the layer that does its work; the numbers are counted apart."""


def _recurrent(m: Any, x: Shape) -> Operations:
    """Return the work of a recurrent layer, all of its layers and directions."""
    steps, work = prod(x[:-1]), NOTHING
    for weights in m.all_weights:
        rows = sum(w.numel() for w in weights if w.dim() > 1)
        biases = sum(w.numel() for w in weights if w.dim() == 1)
        work += Operations(products=steps * rows, weights=rows, biases=steps * biases)
    return work


def _is_row(module: Any) -> bool:
    """Say whether a module gets a row of its own; attention uses what it contains by itself."""
    return not list(module.children()) or type(module).__name__ == "MultiheadAttention"


def _shape_of(found: Any) -> tuple[int, Shape]:
    """Return the examples and the shape of the first tensor in what goes in or comes out."""
    if isinstance(found, Mapping):
        found = tuple(found.values())
    if isinstance(found, tuple | list):
        shapes = (_shape_of(entry) for entry in found)
        return next((pair for pair in shapes if pair[1] or pair[0] > 1), (1, ()))
    shape = tuple(getattr(found, "shape", ()))
    return (int(shape[0]), tuple(map(int, shape[1:]))) if shape else (1, ())


def _times(examples: int, work: Operations) -> Operations:
    """Return the work of several examples; weights are there once."""
    if examples == 1:
        return work
    once = ("weights", "stored")
    amounts = work.amounts().items()
    return Operations(**{k: v if k in once else v * examples for k, v in amounts})
