"""What a drawing of a network shows: boxes, forks and repeated blocks, read from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from dlnotes.counting import Shape, Shapes, Step, operations
from dlnotes.counting.parameters import body_and_shape, step_parameters
from dlnotes.counting.trace import joined_shape, output_shape, require_input, trace
from dlnotes.plotting.labels import FOLLOWERS, family, label
from dlnotes.specs import Chain, Layer, Network, Parallel, Part, SideOutput, children

MANY = 2
"""A frame around a run of several boxes is worth it when it saves more boxes than these."""

JOINED = {"add": "add", "concat": "concatenate", "tuple": "kept apart"}


@dataclass(frozen=True)
class Box:
    """A layer with those that follow it and keep its shape, or a whole part in one box."""

    path: str
    words: str
    family: str
    input: Shapes
    output: Shapes
    parameters: int = 0
    products: int = 0
    layers: tuple[str, ...] = ()
    name: str = ""
    short: str = ""
    summed: bool = False
    form: tuple[Layer, ...] = field(default=(), repr=False)

    @property
    def key(self) -> object:
        """What two boxes share that differ in their names alone."""
        return self.words, self.input, self.output, self.form, self.parameters


@dataclass(frozen=True)
class Group:
    """A named part."""

    name: str
    inside: Column

    @property
    def key(self) -> object:
        """As of a box."""
        return "group", keys(self.inside)


@dataclass(frozen=True)
class Fork:
    """Branches side by side, and the box where they are joined."""

    name: str
    branches: tuple[Column, ...]
    join: Box

    @property
    def key(self) -> object:
        """As of a box."""
        return "fork", tuple(map(keys, self.branches)), self.join.key


@dataclass(frozen=True)
class Side:
    """A head that reads a value on its way."""

    name: str
    inside: Column

    @property
    def key(self) -> object:
        """As of a box."""
        return "side", keys(self.inside)


@dataclass(frozen=True)
class Repeat:
    """Nodes that come several times in a row; `name` says from which to which."""

    times: int
    inside: Column
    name: str = ""

    @property
    def key(self) -> object:
        """As of a box."""
        return "repeat", self.times, keys(self.inside)


Node = Box | Group | Fork | Side | Repeat
Column = tuple[Node, ...]


def keys(column: Column) -> tuple[object, ...]:
    """Return what makes two columns equal in all but their names.

    Examples
    --------
    >>> keys(())
    ()
    """
    return tuple(node.key for node in column)


def column_of(
    caller: str, network: Network | Part, input_shape: Shapes | None, depth: int | None = None
) -> tuple[Column, Shapes]:
    """Return the nodes of a network and its input's shape; parts below `depth` become one box.

    Examples
    --------
    >>> from dlnotes import specs
    >>> column, shape = column_of("f", specs.get("mnist-dense"), None)
    >>> [node.words for node in column], shape
    (['flatten', 'dense, sigmoid', 'dense'], (1, 28, 28))
    """
    body, shape = body_and_shape(caller, network, input_shape)
    shape = require_input(caller, shape)
    if depth is not None and (not isinstance(depth, int) or isinstance(depth, bool) or depth < 1):
        kind = ValueError if type(depth) is int else TypeError
        raise kind(f"{caller}: depth counts levels from 1; got {depth!r}; give 1, 2 or None")
    levels = float("inf") if depth is None else depth
    column, _ = _part(body, shape, "", levels + (not isinstance(body, Chain)))
    return folded(column), shape


def top_level(caller: str, network: Network | Part, input_shape: Shapes | None) -> tuple[Box, ...]:
    """Return the top-level parts of a network as boxes, in the order in which they run.

    Of branches that are the whole network, each is a part, and so is their join.

    Examples
    --------
    >>> from dlnotes import specs
    >>> [box.name or box.words for box in top_level("f", specs.get("vae"), None)]
    ['encoder', 'sample', 'decoder']
    """
    body, shape = body_and_shape(caller, network, input_shape)
    shape = require_input(caller, shape)
    if not isinstance(body, Parallel):
        column, _ = _part(body, shape, "", 1)
        return tuple(node for node in column if isinstance(node, Box))
    column, _ = _fork(body, shape, "", 1)
    found = [
        _whole(child, shape, output_shape(child, shape, name), name)
        for name, child in children(body)
    ]
    return (*found, *(node.join for node in column if isinstance(node, Fork)))


def whole(caller: str, network: Network | Part, input_shape: Shapes | None) -> Box:
    """Return a network as one box.

    Examples
    --------
    >>> from dlnotes import specs
    >>> whole("f", specs.get("mnist-dense"), None).parameters
    79510
    """
    body, shape = body_and_shape(caller, network, input_shape)
    shape = require_input(caller, shape)
    return _whole(body, shape, output_shape(body, shape), "")


def boxes(column: Column) -> list[Box]:
    """Return all boxes of a column, repeated ones once.

    Examples
    --------
    >>> boxes(())
    []
    """
    found: list[Box] = []
    for node in column:
        if isinstance(node, Box):
            found.append(node)
        elif isinstance(node, Fork):
            found += [box for branch in node.branches for box in boxes(branch)] + [node.join]
        else:
            found += boxes(node.inside)
    return found


def folded(column: Column) -> Column:
    """Return a column in which equal neighbours, or runs of them, stand once.

    Examples
    --------
    >>> box = Box("a", "conv", "filter", (1, 9, 9), (1, 9, 9))
    >>> [node.times for node in folded((box, box, box))]
    [3]
    """
    found: list[Node] = []
    at, all_keys = 0, keys(column)
    while at < len(column):
        period, times = _best(all_keys, at)
        inside = column[at : at + period]
        if times > 1:
            last = column[at + period * times - 1]
            found.append(Repeat(times, inside, _range(inside, last)))
        else:
            found += inside
        at += period * times
    return tuple(found)


def _best(all_keys: Sequence[object], at: int) -> tuple[int, int]:
    """Return the period and the times of the repetition here that folds most away."""
    best = (1, 1)
    for period in range(1, (len(all_keys) - at) // 2 + 1):
        run, times = all_keys[at : at + period], 1
        while all_keys[at + times * period : at + (times + 1) * period] == run:
            times += 1
        saved = (times - 1) * period
        if saved > (best[1] - 1) * best[0] and (period == 1 or saved > MANY):
            best = (period, times)
    return best


def _range(inside: Column, last: Node) -> str:
    """Return from which name to which a repetition goes."""
    first = getattr(inside[0], "name", "")
    end = getattr(last, "name", "")
    return f"{first} to {end}" if first and end and len(inside) == 1 else ""


def _part(part: Part, x: Shapes, path: str, levels: float) -> tuple[Column, Shapes]:
    """Return the nodes of a part, and the shape of what comes out."""
    if isinstance(part, Layer):
        box = _box(part, x, path or part.name or part.kind.lower())
        return (box,), box.output
    if isinstance(part, Chain):
        return _chain(part, x, path, levels)
    if isinstance(part, SideOutput):
        if levels < 2:
            return (_whole(part, x, x, path),), x
        head, _ = _part(part.head, x, f"{path}.head".lstrip("."), levels - 1)
        return (Side(part.name or "side output", folded(head)),), x
    return _fork(part, x, path, levels)


def _chain(part: Chain, x: Shapes, path: str, levels: float) -> tuple[Column, Shapes]:
    """Return the nodes of a chain, followers put into the box before (or after) them."""
    nodes: list[Node] = []
    waiting: list[Box] = []
    for name, child in children(part):
        where = f"{path}.{name}" if path else name
        if not isinstance(child, Layer):
            found, x = _child(child, x, where, levels)
            nodes += [*waiting, *found]
            waiting = []
            continue
        box = _box(child, x, where)
        x = box.output
        if not isinstance(child, FOLLOWERS):
            nodes.append(_merged([*waiting, box]))
            waiting = []
        elif not waiting and nodes and isinstance(nodes[-1], Box | Fork):
            nodes[-1] = _followed(nodes[-1], box)
        else:
            waiting.append(box)
    return (*nodes, *([_merged(waiting)] if waiting else [])), x


def _child(child: Part, x: Shapes, path: str, levels: float) -> tuple[Column, Shapes]:
    """Return the nodes of a part inside a chain: a group if it has a name."""
    if levels < 2 and not isinstance(child, Layer):
        y = output_shape(child, x, path)
        return (_whole(child, x, y, path),), y
    column, y = _part(child, x, path, levels - 1)
    if not isinstance(child, Chain) or not child.name:
        return column, y
    column = folded(column)
    if len(column) == 1 and isinstance(column[0], Fork):
        return (replace(column[0], name=child.name),), y
    return (Group(child.name, column),), y


def _fork(part: Part, x: Shapes, path: str, levels: float) -> tuple[Column, Shapes]:
    """Return a fork with its branches; a part of one branch is that branch."""
    parallel = cast(Parallel, part)
    found = [
        _part(child, x, f"{path}.{name}" if path else name, levels)
        for name, child in children(part)
    ]
    y = joined_shape(parallel, [shape for _, shape in found], path)
    words = JOINED[parallel.join]
    join = Box(path, words, "join", x, y, short=words)
    branches = tuple(folded(column) for column, _ in found)
    return (Fork(part.name, branches, join),), y


def _box(layer: Layer, x: Shapes, path: str) -> Box:
    """Return the box of one layer."""
    y = output_shape(layer, x, path)
    step = Step(path, layer, x, y)
    words = label(layer, cast(Shape, y))
    return Box(
        path,
        words,
        family(layer),
        x,
        y,
        step_parameters(step).trainable,
        operations(step).products,
        (path,),
        layer.name,
        layer.name or words.partition(",")[0],
        False,
        (replace(layer, name=""),),
    )


def _whole(part: Part, x: Shapes, y: Shapes, path: str) -> Box:
    """Return a whole part as one box."""
    steps = trace(part, x, path)
    held = [step_parameters(step).trainable for step in steps]
    heaviest = steps[held.index(max(held))].layer if steps else None
    kind = "join" if isinstance(part, Parallel) else family(heaviest) if heaviest else "other"
    name = path.rpartition(".")[2] or part.name or part.kind.lower()
    return Box(
        path,
        f"{len(steps)} layers",
        kind,
        x,
        y,
        sum(held),
        sum(operations(step).products for step in steps),
        tuple(step.path for step in steps),
        name,
        name,
        True,
        tuple(replace(step.layer, name="") for step in steps),
    )


def _followed(node: Box | Fork, box: Box) -> Box | Fork:
    """Return a box, or a fork's join, together with a layer that follows it."""
    if isinstance(node, Fork):
        return replace(node, join=_merged([node.join, box]))
    return _merged([node, box])


def _merged(found: Sequence[Box]) -> Box:
    """Return one box for several; it has the family and the name of the first that is no follower.

    A run of followers alone is of the family other.
    """
    main = next((box for box in found if box.family != "other"), found[0])
    return replace(
        main,
        words=", ".join(box.words for box in found),
        input=found[0].input,
        output=found[-1].output,
        parameters=sum(box.parameters for box in found),
        products=sum(box.products for box in found),
        layers=tuple(layer for box in found for layer in box.layers),
        form=tuple(layer for box in found for layer in box.form),
    )
