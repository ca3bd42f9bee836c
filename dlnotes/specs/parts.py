"""The parts that networks are made of: what a layer is, and the three ways of joining layers.

A network is a tree. Its leaves are layers; `Chain` runs its parts one after another, `Parallel`
gives all its branches the same input and joins what they return, `SideOutput` reads a value on
its way. That is enough for every network in this book, and it can be read top to bottom.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from dlnotes.specs.checks import require_values

Join = Literal["add", "concat", "tuple"]
JOINS = ("add", "concat", "tuple")


@dataclass(frozen=True)
class Part:
    """Anything that a network may contain.

    Attributes
    ----------
    name : str
        What this part is called; an empty name is replaced by its kind and a running number.
    """

    name: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        """Refuse a name that cannot stand in a path."""
        name = self.name
        if not isinstance(name, str):
            raise TypeError(
                f"{self.kind}: name is no str; got name={name!r} ({type(name).__name__}); "
                "give a word such as 'conv1', or leave it out"
            )
        if name and not name.isidentifier():
            raise ValueError(
                f"{self.kind}: name {name!r} cannot stand in a path such as 'stage1.conv2'; "
                "use letters, digits and underscores, and no digit first"
            )

    @property
    def kind(self) -> str:
        """The name of the class, as tables print it."""
        return type(self).__name__


@dataclass(frozen=True)
class Layer(Part):
    """A leaf of the tree: something that computes. The kinds stand in `dlnotes.specs.layers`."""

    def __post_init__(self) -> None:
        """Refuse a name that cannot stand in a path, and values that cannot be."""
        super().__post_init__()
        require_values(self)


@dataclass(frozen=True, init=False)
class Chain(Part):
    """Parts that run one after another; an empty chain returns its input.

    Attributes
    ----------
    parts : tuple of Part
        In the order in which they run.

    Examples
    --------
    >>> from dlnotes.specs import Activation, Conv
    >>> len(Chain(Conv(8, 3), Activation("relu")).parts)
    2
    """

    parts: tuple[Part, ...]

    def __init__(self, *parts: Part, name: str = "") -> None:
        """Keep the parts as a tuple."""
        _keep(self, name, parts=_checked("Chain", parts))


@dataclass(frozen=True, init=False)
class Parallel(Part):
    """Branches that share one input, and how what they return is joined.

    Attributes
    ----------
    branches : tuple of Part
        A residual block is ``Parallel(body, Chain(), join="add")``.
    join : {'add', 'concat', 'tuple'}
        Add (all shapes equal), concatenate along the channels, or keep them apart.

    Examples
    --------
    >>> from dlnotes.specs import Conv
    >>> Parallel(Conv(8, 3, padding=1), Chain(), join="add").join
    'add'
    """

    branches: tuple[Part, ...]
    join: Join

    def __init__(self, *branches: Part, join: Join, name: str = "") -> None:
        """Keep the branches as a tuple."""
        if join not in JOINS:
            raise ValueError(
                f"Parallel: there is no join {join!r}; the ways of joining are {', '.join(JOINS)}"
            )
        if not branches:
            raise ValueError("Parallel: no branch was given; give at least one part")
        _keep(self, name, branches=_checked("Parallel", branches), join=join)


@dataclass(frozen=True)
class SideOutput(Part):
    """A head that reads a value on its way: the input goes on unchanged.

    Attributes
    ----------
    head : Part
        What computes the side output, such as GoogLeNet's auxiliary classifiers.
    """

    head: Part


def children(part: Part) -> tuple[tuple[str, Part], ...]:
    """Return the parts directly inside `part`, each with its name in the path.

    Parameters
    ----------
    part : Part
        A layer has none; what a side output contains is called head.

    Returns
    -------
    tuple of (str, Part)
        Unnamed parts are called after their kind with a running number: conv1, conv2, relu1.

    Raises
    ------
    ValueError
        If two of them have one name.

    Examples
    --------
    >>> from dlnotes.specs import Activation, Conv
    >>> body = Chain(Conv(8, 3), Activation("relu"), Conv(8, 3))
    >>> [name for name, _ in children(body)]
    ['conv1', 'relu1', 'conv2']
    """
    if isinstance(part, SideOutput):
        return (("head", part.head),)
    counts: dict[str, int] = {}
    found: dict[str, Part] = {}
    for child in _inside(part):
        name = child.name
        if not name:
            kind = child.kind.lower()
            counts[kind] = counts.get(kind, 0) + 1
            name = f"{kind}{counts[kind]}"
        if name in found:
            raise ValueError(
                f"{part.kind}: two parts are called {name!r}; names: {', '.join(found)}; "
                "give each a name of its own"
            )
        found[name] = child
    return tuple(found.items())


def walk(part: Part, path: str = "") -> Iterator[tuple[str, Layer]]:
    """Yield every layer in the order in which it runs, with its path.

    Parameters
    ----------
    part : Part
        Where to start.
    path : str
        What stands before the names.

    Yields
    ------
    (str, Layer)
        Paths such as ``'inception_3a.branch2.conv1'``; they are PyTorch's names of modules, too.

    Examples
    --------
    >>> from dlnotes.specs import Activation, Conv
    >>> body = Chain(Conv(8, 3, padding=1), Activation("relu"), name="body")
    >>> block = Parallel(body, Chain(), join="add")
    >>> [name for name, _ in walk(Chain(block))]
    ['parallel1.body.conv1', 'parallel1.body.relu1']
    """
    if isinstance(part, Layer):
        yield path or part.name or part.kind.lower(), part
    for name, child in children(part):
        yield from walk(child, f"{path}.{name}" if path else name)


def _inside(part: Part) -> tuple[Part, ...]:
    """Return the parts directly inside, without names."""
    if isinstance(part, Chain):
        return part.parts
    return part.branches if isinstance(part, Parallel) else ()


def _keep(part: Part, name: str, **values: object) -> None:
    """Set the attributes of a frozen part, then check its name."""
    for attribute, value in {"name": name, **values}.items():
        object.__setattr__(part, attribute, value)
    part.__post_init__()


def _checked(caller: str, parts: tuple[object, ...]) -> tuple[Part, ...]:
    """Return the parts if all are parts."""
    for j, part in enumerate(parts):
        if not isinstance(part, Part):
            raise TypeError(
                f"{caller}: entry {j} is no part of a network; got {part!r} "
                f"({type(part).__name__}); give layers, Chain, Parallel or SideOutput"
            )
    return tuple(part for part in parts if isinstance(part, Part))
