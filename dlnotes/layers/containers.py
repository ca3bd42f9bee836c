"""Layers made of layers: one after another, or side by side."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from dlnotes.functional._options import quietly
from dlnotes.layers.layer import Array, Layer
from dlnotes.shapes import as_int

JOINS = ("add", "concat", "tuple")


class Container(Layer):
    """Layers by name; what `Sequential` and `Parallel` share.

    Parameters
    ----------
    layers : sequence or mapping of Layer
        Names are numbers, as in PyTorch, unless a mapping gives others.

    Raises
    ------
    TypeError
        If one is no layer, or a name no word.
    ValueError
        If a name is empty or contains a dot, or one layer stands at two places: it keeps the
        arguments of one forward pass only.
    """

    def __init__(self, layers: Sequence[Layer] | Mapping[str, Layer]) -> None:
        super().__init__()
        if isinstance(layers, Layer | str) or not hasattr(layers, "__iter__"):
            raise TypeError(
                f"{type(self).__name__}: layers are a sequence, or a mapping by name; got "
                f"{type(layers).__name__}; give [layer] for one layer"
            )
        named = layers if isinstance(layers, Mapping) else {str(j): a for j, a in enumerate(layers)}
        self._layers = {_name(type(self).__name__, n): layer for n, layer in named.items()}
        for name, layer in self._layers.items():
            if not isinstance(layer, Layer):
                raise TypeError(
                    f"{type(self).__name__}: {name!r} is no layer; got {type(layer).__name__}; "
                    "give objects such as ReLU(), not classes or functions"
                )
        self._require_once()

    def _require_once(self) -> None:
        """Refuse a layer that stands at two places."""
        seen: dict[int, str] = {}
        for path, layer in self.named_layers():
            if id(layer) in seen:
                raise ValueError(
                    f"{type(self).__name__}: each place needs a layer of its own, which keeps its "
                    f"own arguments; got one {type(layer).__name__} as {seen[id(layer)]!r} and as "
                    f"{path!r}; make a second one"
                )
            seen[id(layer)] = path

    def _run(self, name: str, x: Any) -> Any:
        """Run one of the layers; an error says which one."""
        layer = self._layers[name]
        try:
            return layer(x)
        except (TypeError, ValueError) as error:
            error.add_note(f"in {type(self).__name__}, layer {name!r}, {type(layer).__name__}")
            raise

    def children(self) -> Mapping[str, Layer]:
        """Return the layers inside by name, as `Layer.children` says."""
        return self._layers

    def __getitem__(self, key: int | str) -> Layer:
        """Return a layer by number or by name."""
        names = list(self._layers)
        if isinstance(key, str) and key in self._layers:
            return self._layers[key]
        if isinstance(key, int | np.integer) and -len(names) <= key < len(names):
            return self._layers[names[key]]
        error = KeyError if isinstance(key, str) else IndexError
        raise error(
            f"{type(self).__name__}: there is no layer {str(key)[:60]!r}; got "
            f"{type(key).__name__} for {len(names)} layers; their names are {', '.join(names)}"
        )

    def __len__(self) -> int:
        """Return how many layers stand directly inside."""
        return len(self._layers)

    def __iter__(self) -> Iterator[Layer]:
        """Yield the layers directly inside."""
        return iter(self._layers.values())


class Sequential(Container):
    """Layers that run one after another; without layers the input is returned.

    Parameters
    ----------
    *layers : Layer
        In order; or one mapping of names to layers.

    Raises
    ------
    TypeError, ValueError
        As `Container`.

    References
    ----------
    ``torch.nn.Sequential``, whose names of parameters are the same.

    Examples
    --------
    >>> from dlnotes.layers import Linear, ReLU
    >>> rng = np.random.default_rng(0)
    >>> network = Sequential(Linear(5, 4, rng=rng), ReLU(), Linear(4, 3, rng=rng))
    >>> network(np.ones((2, 5))).shape, network.backward(np.ones((2, 3))).shape
    ((2, 3), (2, 5))
    >>> [name for name, _ in network.named_parameters()]
    ['0.weight', '0.bias', '2.weight', '2.bias']
    """

    def __init__(self, *layers: Layer | Mapping[str, Layer]) -> None:
        named = layers[0] if len(layers) == 1 and isinstance(layers[0], Mapping) else layers
        super().__init__(named)  # type: ignore[arg-type]

    def forward(self, x: Any) -> Any:
        """Run the layers in order, as `Layer.forward` says."""
        self.keep()
        for name in self._layers:
            x = self._run(name, x)
        return x

    def backward(self, dy: Any) -> Any:
        """Run the layers' backward passes from the last to the first."""
        self.kept()
        for layer in reversed(self._layers.values()):
            dy = layer.backward(dy)
        self._kept = None  # last, so that a refused dy may be given anew
        return dy

    def backward_parameters(self, dy: Any) -> None:
        """Go back no further than to the first layer that learns."""
        self.kept()
        layers = list(self._layers.values())
        first = next((j for j, layer in enumerate(layers) if layer.parameters()), None)
        if first is None:
            return self.forget()
        for layer in reversed(layers[first + 1 :]):
            dy = layer.backward(dy)
        layers[first].backward_parameters(dy)
        for layer in layers[:first]:
            layer.forget()
        self._kept = None
        return None


class Parallel(Container):
    """Branches that all read the same input, and how their outputs are joined.

    A residual block is ``Parallel([body, Identity()], join="add")``, an inception module a
    ``"concat"`` of four branches. The gradient of the input is the sum over the branches.

    Parameters
    ----------
    branches : sequence or mapping of Layer
        At least one.
    join : {"add", "concat", "tuple"}
        Add outputs of one shape; put them one after another along an axis; or return a tuple.
    axis : int
        The axis of ``"concat"``: 1, the channels.

    Raises
    ------
    TypeError, ValueError
        As `Container`; if there is no branch or the join is unknown; in the forward pass if the
        outputs do not fit together.

    References
    ----------
    Concepts residual, inception-3a.

    Examples
    --------
    >>> from dlnotes.layers import Conv2d, Identity
    >>> rng = np.random.default_rng(0)
    >>> block = Parallel([Conv2d(3, 3, 3, padding=1, rng=rng), Identity()], join="add")
    >>> block(np.ones((2, 3, 7, 6))).shape
    (2, 3, 7, 6)
    >>> module = Parallel([Conv2d(3, k, 1, rng=rng) for k in (4, 5)], join="concat")
    >>> module(np.ones((2, 3, 7, 6))).shape
    (2, 9, 7, 6)
    """

    def __init__(
        self, branches: Sequence[Layer] | Mapping[str, Layer], join: str = "add", *, axis: int = 1
    ) -> None:
        super().__init__(branches)
        if not self._layers or not isinstance(join, str) or join not in JOINS:
            raise ValueError(
                f"Parallel: it needs branches and one of the joins {', '.join(JOINS)}; got "
                f"{len(self._layers)} branches, join={join!r}; give at least one branch"
            )
        self.join = join
        self.axis = as_int(axis, "axis", least=0, caller="Parallel")

    def forward(self, x: Any) -> Any:
        """Run every branch on x, and join what they return."""
        self._kept = None
        outputs = [self._run(name, x) for name in self._layers]
        if self.join == "tuple":
            self.keep(None)
            return tuple(outputs)
        self._require_joinable(outputs)
        if self.join == "concat":
            self.keep([y.shape[self.axis] for y in outputs])
            return np.concatenate(outputs, axis=self.axis)
        self.keep(None)
        return _sum(outputs)

    def backward(self, dy: Any) -> Any:
        """Give each branch its part of dy, and add what they return."""
        found = [branch.backward(part) for branch, part in self._parts(dy)]
        self._kept = None
        return _sum([dx for dx in found if dx is not None])

    def backward_parameters(self, dy: Any) -> None:
        """Give each branch its part of dy."""
        for branch, part in self._parts(dy):
            branch.backward_parameters(part)
        self._kept = None

    def _parts(self, dy: Any) -> list[tuple[Layer, Any]]:
        """Divide the upstream gradient among the branches."""
        (sizes,) = self.kept()
        return list(zip(self._layers.values(), self._divided(dy, sizes), strict=True))

    def _divided(self, dy: Any, sizes: list[int] | None) -> Sequence[Array]:
        """Divide the upstream gradient: the same for all, by the axis, or as it comes."""
        if self.join == "add":
            return [dy] * len(self._layers)
        if sizes is not None:
            return np.split(_require_total(dy, sizes, self.axis), np.cumsum(sizes)[:-1], self.axis)
        if not isinstance(dy, tuple) or len(dy) != len(self._layers):
            raise ValueError(
                f"Parallel: a tuple of outputs needs a tuple of gradients; got "
                f"{type(dy).__name__} for {len(self._layers)} branches; give one for each branch"
            )
        return dy

    def _require_joinable(self, outputs: list[Any]) -> None:
        """Hold the branches' outputs to shapes (and dtypes) that fit together."""
        shapes = [np.shape(y) for y in outputs]
        alike = shapes
        if self.join == "concat":
            if not all(len(shape) > self.axis for shape in shapes):
                alike = [(), (0,)]
            else:
                alike = [shape[: self.axis] + shape[self.axis + 1 :] for shape in shapes]
        kinds = {getattr(y, "dtype", type(y)) for y in outputs}
        if len(set(alike)) > 1 or len(kinds) > 1:
            rule = "one shape" if self.join == "add" else f"one shape but for axis {self.axis}"
            got = ", ".join(f"{n} {shape}" for n, shape in zip(self._layers, shapes, strict=True))
            raise ValueError(
                f"Parallel: join={self.join!r} needs outputs of {rule}, and one dtype; got {got}; "
                "give the short cut a 1×1 convolution, or the branches the padding"
            )


def _require_total(dy: Any, sizes: list[int], axis: int) -> Array:
    """Hold an upstream gradient to the size of the concatenated outputs."""
    if not isinstance(dy, np.ndarray) or dy.ndim <= axis or dy.shape[axis] != sum(sizes):
        raise ValueError(
            f"Parallel: dy must have {' + '.join(map(str, sizes))} = {sum(sizes)} entries along "
            f"axis {axis}; got {np.shape(dy)}; give it the output's shape"
        )
    return dy


@quietly
def _sum(arrays: list[Any]) -> Any:
    """Add arrays without changing one; None where there is none."""
    if not arrays:
        return None
    total, *rest = arrays
    for j, array in enumerate(rest):
        if j == 0:
            total = total + array
        else:
            total += array
    return total


def _name(caller: str, name: object) -> str:
    """Read a layer's name, which must be able to stand in a path."""
    if not isinstance(name, str):
        raise TypeError(
            f"{caller}: a layer's name is a word; got {name!r}; give for example 'conv1'"
        )
    if not name or "." in name:
        raise ValueError(
            f"{caller}: a layer's name is not empty and has no dot, which separates the names of a "
            f"path; got {name!r}; give for example 'conv1'"
        )
    return name
