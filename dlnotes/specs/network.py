"""A whole network as data, and the register of those that the book speaks of."""

from collections.abc import Callable
from dataclasses import dataclass, field

from dlnotes._arguments import suggestion
from dlnotes.specs.parts import Part


@dataclass(frozen=True)
class Published:
    """A number of parameters that somebody else gives, which the counts here are compared with.

    Attributes
    ----------
    parameters : int
        The number.
    source : str
        Who gives it, and what they count.
    not_trainable : int
        How many of them are not trained (running statistics).
    by_hand : bool
        The sum is this project's own, worked out from the source's sizes; nobody published it.
    """

    parameters: int
    source: str
    not_trainable: int = 0
    by_hand: bool = False


@dataclass(frozen=True)
class Network:
    """A network and where it comes from.

    Attributes
    ----------
    name : str
        Short name, as on the command line.
    title : str
        Name as in a text.
    input_shape : tuple of int
        Shape of one input without the batch: (C, H, W), (C, L), (T, D), (D,), (T,) of integers.
    body : Part
        What it computes.
    year : int
        When it was published; 0 if it stands in the notes alone.
    source : str
        The paper, or the concept id of book/concepts.yml.
    published : Published or None
        The total that others give, or a sum by hand.
    """

    name: str
    title: str
    input_shape: tuple[int, ...]
    body: Part
    year: int = 0
    source: str = ""
    published: Published | None = field(default=None, kw_only=True)


Maker = Callable[[], Network]
_makers: dict[str, Maker] = {}


def network(name: str) -> Callable[[Maker], Maker]:
    """Register a function that makes a network under `name` (a decorator)."""

    def keep(make: Maker) -> Maker:
        if name in _makers:
            raise ValueError(f"network: {name!r} is registered twice; choose another name")
        _makers[name] = make
        return make

    return keep


def names() -> tuple[str, ...]:
    """Return the names of all networks, in the order in which the book has them.

    Examples
    --------
    >>> "mnist-dense" in names()
    True
    """
    return tuple(_makers)


def get(name: str) -> Network:
    """Return the network called `name`.

    Parameters
    ----------
    name : str
        One of `names()`; capital letters and underscores do not matter.

    Returns
    -------
    Network

    Raises
    ------
    ValueError
        If there is none; the message lists the nearest names.

    Examples
    --------
    >>> get("mnist-dense").input_shape
    (1, 28, 28)
    """
    if not isinstance(name, str):
        raise TypeError(
            f"specs.get: name is no str; got {name!r} ({type(name).__name__}); give a name such "
            f"as {next(iter(_makers))!r}"
        )
    plain = name.strip().lower().replace("_", "-")
    if plain not in _makers:
        hint = suggestion(plain, _makers, "specs.names() lists them all")
        raise ValueError(f"specs.get: there is no network called {name!r}; {hint}")
    return _makers[plain]()
