"""The ways in which papers and tools count operations, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dlnotes._arguments import nearest, suggestion
from dlnotes.counting.operations import AMOUNTS, Operations


@dataclass(frozen=True)
class Convention:
    """What counts as an operation.

    Attributes
    ----------
    name : str
        Short name, as in a table's head.
    unit : str
        'MAC' for multiply-adds, 'FLOP' for floating-point operations.
    worth : mapping of str to int
        What each amount of `Operations` counts; what is missing counts nothing.
    says : str
        The rule in a sentence.
    used_by : str
        Who counts like this.

    Examples
    --------
    >>> own = Convention("own", "FLOP", {"products": 2, "biases": 1})
    >>> own.count(Operations(products=10, biases=3))
    23
    """

    name: str
    unit: str
    worth: Mapping[str, int] = field(hash=False)
    says: str = ""
    used_by: str = ""

    def __post_init__(self) -> None:
        """Refuse amounts that do not exist, and keep the rest from being changed."""
        for name, value in self.worth.items():
            if name not in AMOUNTS:
                near = nearest(name, AMOUNTS)
                hint = f"did you mean {near[0]!r}?" if near else f"use {', '.join(AMOUNTS)}"
                raise ValueError(f"Convention {self.name!r}: no amount is called {name!r}; {hint}")
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                raise ValueError(
                    f"Convention {self.name!r}: {name!r} must count a whole number of times; "
                    f"got {value!r}; give an int from 0"
                )
        object.__setattr__(self, "worth", MappingProxyType(dict(self.worth)))

    def count(self, amounts: Operations) -> int:
        """Return how many operations the amounts are."""
        return sum(times * getattr(amounts, name) for name, times in self.worth.items())


_ALL = (
    Convention(
        "mac",
        "MAC",
        {"products": 1},
        "one for each product of a weight with an input; biases, activations, pooling and "
        "normalization are not counted",
        "this book; He et al. 2015, who print FLOPs; Howard et al. 2017 (Mult-Adds); the GFLOPS "
        "in torchvision's list of weights",
    ),
    Convention(
        "mac-bias",
        "MAC",
        {"products": 1, "biases": 1},
        "as mac, and one for each bias added",
        "this book, where it works out a layer with its biases",
    ),
    Convention(
        "per-position",
        "MAC",
        {"weights": 1},
        "the products at one position of the kernel, such as 3*3*256*256, no biases",
        "the notes, for the bottleneck and the inception module; equal to the number of weights",
    ),
    Convention(
        "flop",
        "FLOP",
        {"products": 2},
        "two for each multiply-add, nothing else",
        "PyTorch's FlopCounterMode",
    ),
)

CONVENTIONS: Mapping[str, Convention] = MappingProxyType({found.name: found for found in _ALL})
"""All named conventions."""

Chosen = str | Convention | Iterable[str | Convention]


def convention(name: str | Convention) -> Convention:
    """Return the convention called `name`.

    Parameters
    ----------
    name : str or Convention
        One of `CONVENTIONS`; your own is returned as it is.

    Returns
    -------
    Convention

    Raises
    ------
    ValueError
        If there is none; the message lists the nearest names.
    TypeError
        If `name` is neither.

    References
    ----------
    The page "Conventions", section "MAC and FLOP"; He, Zhang, Ren and Sun, "Deep Residual
    Learning for Image Recognition", 2015; Howard et al., "MobileNets", 2017.

    Examples
    --------
    >>> convention("flop").count(Operations(products=9))
    18
    """
    if isinstance(name, Convention):
        return name
    if not isinstance(name, str):
        raise TypeError(
            f"counting.convention: needs a name or a Convention; got {name!r} "
            f"({type(name).__name__}); give one of {', '.join(CONVENTIONS)}"
        )
    plain = name.strip().lower().replace("_", "-")
    if plain not in CONVENTIONS:
        hint = suggestion(plain, CONVENTIONS, f"use {', '.join(CONVENTIONS)}")
        raise ValueError(f"counting.convention: there is no convention called {name!r}; {hint}")
    return CONVENTIONS[plain]


def chosen(names: Chosen) -> tuple[Convention, ...]:
    """Return one or several conventions, each once."""
    if isinstance(names, str | Convention) or not isinstance(names, Iterable):
        names = (names,)
    found = {one.name: one for one in map(convention, names)}
    return tuple(found.values())
