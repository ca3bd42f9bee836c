"""The layer table of any module of PyTorch, from one run of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from typing import Any

from dlnotes._extras import require
from dlnotes.counting.conventions import Chosen, chosen
from dlnotes.counting.layer_table import LayerTable
from dlnotes.counting.operations import Operations
from dlnotes.counting.parameters import Parameters
from dlnotes.counting.rows import Row
from dlnotes.counting.rules import Shape, Shapes
from dlnotes.counting.trace import require_input

CALLER = "counting.table_of_module"
VIEWS = ("Identity", "Flatten", "Unflatten")
KNOWN = (
    *(f"Conv{n}d" for n in (1, 2, 3)),
    *(f"ConvTranspose{n}d" for n in (1, 2, 3)),
    *("Linear", "RNN", "LSTM", "GRU"),
)
"""PyTorch's layers whose work follows from their sizes; that of others is what PyTorch counts."""


def table_of_module(
    module: Any,
    input_shape: Any,
    *,
    convention: Chosen = "mac",
    depth: int | None = None,
    dtype: str = "float32",
) -> LayerTable:
    """Return the layer table of a module of PyTorch: one row for each layer that runs.

    The module runs in evaluation mode and without gradients, on one example of zeros. Where it has
    an embedding and refuses floats, whole numbers go in.

    Parameters
    ----------
    module : torch.nn.Module
        Anything but a scripted or traced one; it is left as it was.
    input_shape : tuple of int, or what goes in
        Without the batch. A tuple of shapes where the module takes several inputs; a tensor in
        place of a shape, the batch's axis first, says the dtype, too.
    convention : str, Convention, or several
        What counts as an operation.
    depth : int, optional
        Sum up what lies deeper than this.
    dtype : str
        Of the activations, for their memory.

    Returns
    -------
    LayerTable
        Products come from the layers' sizes where the kind is known and its `forward` is
        PyTorch's own, and from PyTorch's FlopCounterMode elsewhere; the notes say what is not
        counted.

    Raises
    ------
    ValueError
        If the module does not run on this input.
    TypeError
        If it is no module, or a scripted one, or the input is no shape.

    Examples
    --------
    >>> from torch import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
    >>> found = table_of_module(model, (1, 8, 8))
    >>> found.parameters.total, found.count("mac")
    (1490, 2736)
    """
    nn: Any = require("torch.nn", extra="torch", feature=CALLER)
    if not isinstance(module, nn.Module):
        raise TypeError(
            f"{CALLER}: needs a torch.nn.Module; got {module!r} "
            f"({type(module).__name__}); give a model"
        )
    for part in module.modules():
        if any(kind.__name__ == "ScriptModule" for kind in type(part).__mro__):
            raise TypeError(
                f"{CALLER}: a scripted or traced module does not tell what runs in it; got "
                f"{type(part).__name__}; give the module that it was made from"
            )
    shape, watch = _watched(module, input_shape)
    title, rows = type(module).__name__, tuple(watch.rows)
    notes = tuple(watch.notes())
    found = LayerTable(title, shape, rows, tuple(watch.groups), chosen(convention), dtype, notes)
    return found if depth is None else found.grouped(depth)


def _watched(module: Any, given: Any) -> tuple[Shapes, _Watch]:
    """Run a module on floats, or else on whole numbers; return the input's shape and what ran."""
    import torch

    several = isinstance(given, tuple | list) and not all(isinstance(n, int) for n in given)
    entries = list(given) if several else [given]
    shapes: list[Any] = [
        tuple(x.shape[1:]) if isinstance(x, torch.Tensor) else require_input(CALLER, x)
        for x in entries
    ]
    some = next(iter(module.parameters()), torch.empty(0))
    kinds = [some.dtype]
    if any(isinstance(m, torch.nn.Embedding | torch.nn.EmbeddingBag) for m in module.modules()):
        kinds.append(torch.long)
    failed: dict[str, Exception] = {}
    for kind in kinds:
        zeros: dict[str, Any] = {"dtype": kind, "device": some.device}
        inputs = [
            x[:1] if isinstance(x, torch.Tensor) else torch.zeros(1, *shape, **zeros)
            for x, shape in zip(entries, shapes, strict=True)
        ]
        watch = _Watch(module)
        try:
            with watch.running(), torch.no_grad(), watch.counter:
                module(*inputs)
        except Exception as error:  # whatever a stranger's module raises
            said = " ".join(str(error).split()) or type(error).__name__
            failed[f"as {kind}: {said}" if len(kinds) > 1 else said] = error
        else:
            watch.rest(inputs[0])
            return tuple(shapes) if several else shapes[0], watch
    got = ", ".join(str((1, *shape)) for shape in shapes)
    raise ValueError(
        f"{CALLER}: {type(module).__name__} does not run on an input of shape "
        f"{got}: {'; '.join(failed)}; give another shape, or a tensor in place of it"
    ) from next(iter(failed.values()))


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
        held = self._numbers(module.parameters(), module.buffers())
        work = _work(module, n, x, m, y)
        if work is None:
            work = Operations(products=flop // 2)
            if flop and any("bias" in name for name, _ in module.named_parameters()):
                self.uncounted.add(kind)
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

    def rest(self, x: Any) -> None:
        """Add what no row has: products of functions, and numbers that no module used."""
        rest, shape = self.counter.get_total_flops() - self.inside, tuple(x.shape[1:])
        if rest > 0:  # such as torch.matmul in a forward
            work = Operations(products=rest // 2)
            self.rows.append(Row("functions", "functions", shape, shape, operations=work))
        left = self._numbers(self.module.parameters(), self.module.buffers())
        if left.total:
            self.rows.append(Row("unused", "modules that did not run", (), (), left))


def _work(module: Any, n: int, x: Shape, m: int, y: Shape) -> Operations | None:
    """Return the work of one of PyTorch's own layers on n examples, m of which come out.

    None is for others, and for classes made from PyTorch's with a `forward` of their own.
    """
    from torch import nn

    classes = type(module).__mro__
    own = next((c for c in classes if c.__name__ in KNOWN and c is getattr(nn, c.__name__)), None)
    if own is None:
        return None
    between = [vars(module), *map(vars, classes[: classes.index(own)])]
    if any(name in found for found in between for name in ("forward", "_conv_forward")):
        return None
    if hasattr(module, "all_weights"):
        return _recurrent(module, n * prod(x[:-1]))
    weights = module.weight.numel()
    if own is nn.Linear:
        positions = m * prod(y[:-1])
    else:  # in a transposed convolution each input value meets the whole kernel
        positions = n * prod(x[1:]) if "Transpose" in own.__name__ else m * prod(y[1:])
    biases = 0 if module.bias is None else m * prod(y)
    return Operations(positions * weights, weights, biases)


def _recurrent(module: Any, steps: int) -> Operations:
    """Return the work of a recurrent layer, all of its layers and directions."""
    weights = [w for group in module.all_weights for w in group]
    rows = sum(w.numel() for w in weights if w.dim() > 1)
    biases = sum(w.numel() for w in weights if w.dim() == 1)
    return Operations(steps * rows, rows, steps * biases)


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
