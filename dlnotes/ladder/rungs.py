"""The experiments of the notes as data: what is trained, on what, and what the notes reached.

A committee (rung 8) is trained nowhere: five networks of rung 7 vote. In the notes each votes as
its last epoch left it. Here one epoch is chosen for all five, the best on validation; the class
with the most votes wins, and where votes are tied, the mean probability decides.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields, replace

from dlnotes import specs
from dlnotes._arguments import nearest
from dlnotes.ladder.recipes import DIGITS, ORIGIN, TODAY, Recipe

RECIPES = ("faithful", "modern", "digits")
ENGINE = 1
"""The engine's number: raised where a change of the code changes what runs come to."""


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One experiment.

    Attributes
    ----------
    name, title : str
        Name in the notes' count, and what it adds.
    network : str or specs.Network
        The network, or its name in `dlnotes.specs`.
    published : float
        The notes' test accuracy, between 0 and 1.
    faithful, modern, digits : Recipe
        How it is trained: as in the origin, as today, and on scikit-learn's digits.
    expanded : bool
        Whether the training images are shifted by a pixel four ways as well.
    decimals : int
        How many decimals the notes' figure has, in percent.
    voters : int
        How many networks vote.
    voters_of : str
        The rung whose networks they are: committee j has those of seeds ``voters * j`` and on.
        Nothing is trained for the committee itself.
    asked : bool
        Whether the votes of each epoch are kept for a committee.
    concept : str
        Entry of book/concepts.yml.
    """

    name: str
    title: str
    network: str | specs.Network
    published: float
    faithful: Recipe
    modern: Recipe
    digits: Recipe
    expanded: bool = False
    decimals: int = 2
    voters: int = 1
    voters_of: str = ""
    asked: bool = False
    concept: str = ""

    @property
    def spec(self) -> specs.Network:
        """The network as data."""
        return specs.get(self.network) if isinstance(self.network, str) else self.network

    def voter_seeds(self, number: int) -> range:
        """Return the seeds of the networks that vote in a committee; of none without voters.

        Examples
        --------
        >>> list(get("8").voter_seeds(1))
        [5, 6, 7, 8, 9]
        """
        voters = self.voters if self.voters_of else 0
        return range(number * voters, (number + 1) * voters)

    def recipe(self, name: str) -> Recipe:
        """Return the recipe of a name.

        Raises
        ------
        ValueError
            If it is none of `RECIPES`.

        Examples
        --------
        >>> get("4").recipe("faithful").batch
        10
        """
        if name not in RECIPES:
            raise ValueError(_unknown("recipe", name, RECIPES))
        found: Recipe = getattr(self, name)
        return found


# Note 002 names two figures and no recipe; its faithful runs are those of rung 1 with the rate
# that the notes use for ReLU.
_PLAIN = replace(ORIGIN, rate=0.03)
_RELU = replace(ORIGIN, rate=0.03, penalty=0.1)
_EXPANDED = replace(ORIGIN, rate=0.03, penalty=0.1, order="once")
_DROPOUT = replace(ORIGIN, rate=0.03, epochs=40, order="once")
# Rates were chosen on the validation images, with a seed that is not recorded.
_DENSE = replace(TODAY, epochs=20, rate=0.05, decay=5e-4)
_SIGMOID = replace(TODAY, rate=0.5)
_TODAY = replace(TODAY, decay=5e-4)
_TODAY_EXPANDED = replace(TODAY, epochs=5, rate=0.1, decay=5e-4)
_TODAY_DROPOUT = replace(_TODAY_EXPANDED, rate=0.05)
# For the digits, too: seeds 100 to 104, validation alone, and all rungs in 20 seconds of a core.
_DIGITS_DENSE = replace(DIGITS, epochs=6)
_DIGITS_SIGMOID = replace(DIGITS, rate=0.1, decay=0.0, start="wide")
_DIGITS_EXPANDED = replace(DIGITS, epochs=1)
_DIGITS_DROPOUT = replace(_DIGITS_EXPANDED, rate=0.1, momentum=0.0)

_NOTE_002 = Rung(
    name="0a",
    title="one hidden layer of 300",
    network="mnist-dense-300",
    published=0.97,
    decimals=0,
    faithful=_PLAIN,
    modern=_DENSE,
    digits=_DIGITS_DENSE,
    concept="depth-efficiency",
)
_CONV = Rung(
    name="2",
    title="one conv-pool layer",
    network="mnist-conv",
    published=0.9878,
    faithful=ORIGIN,
    modern=_SIGMOID,
    digits=_DIGITS_SIGMOID,
    concept="ladder-2",
)
_EXPANSION = Rung(
    name="5",
    title="expanded data",
    network="mnist-relu",
    published=0.9937,
    faithful=_EXPANDED,
    modern=_TODAY_EXPANDED,
    digits=_DIGITS_EXPANDED,
    expanded=True,
    concept="ladder-5",
)
_SIX = replace(_EXPANSION, concept="ladder-6")
_DROP = Rung(
    name="7",
    title="dense 1000 twice, dropout",
    network="mnist-dropout",
    published=0.996,
    faithful=_DROPOUT,
    modern=_TODAY_DROPOUT,
    digits=_DIGITS_DROPOUT,
    expanded=True,
    asked=True,
    concept="ladder-7",
)

RUNGS = (
    _NOTE_002,
    replace(
        _NOTE_002,
        name="0b",
        title="two hidden layers of 150",
        network="mnist-dense-150-150",
        published=0.98,
    ),
    Rung(
        name="1",
        title="dense 100, sigmoid",
        network="mnist-dense",
        published=0.978,
        faithful=ORIGIN,
        modern=replace(TODAY, epochs=20, rate=0.25),
        digits=replace(_DIGITS_SIGMOID, epochs=10, rate=0.25, decay=5e-4),
        concept="ladder-1",
    ),
    _CONV,
    replace(
        _CONV,
        name="3",
        title="a second conv-pool layer",
        network="mnist-conv-conv",
        published=0.9906,
        digits=replace(_DIGITS_SIGMOID, rate=0.2),
        concept="ladder-3",
    ),
    Rung(
        name="4",
        title="ReLU and L2",
        network="mnist-relu",
        published=0.9923,
        faithful=_RELU,
        modern=_TODAY,
        digits=DIGITS,
        concept="ladder-4",
    ),
    _EXPANSION,
    replace(_SIX, name="6a", title="dense 300", network="mnist-relu-300", published=0.9946),
    replace(
        _SIX,
        name="6b",
        title="dense 1000",
        network="mnist-relu-1000",
        published=0.9943,
        digits=replace(_DIGITS_EXPANDED, batch=20, rate=0.03),
    ),
    replace(
        _SIX, name="6c", title="dense 100 twice", network="mnist-relu-100-100", published=0.9943
    ),
    _DROP,
    replace(
        _DROP,
        name="8",
        title="five networks vote",
        published=0.9967,
        asked=False,
        voters=5,
        voters_of="7",
        concept="ladder-8",
    ),
)


def names() -> tuple[str, ...]:
    """Return the names of the rungs, in the order of the ladder.

    Examples
    --------
    >>> len(names())
    12
    """
    return tuple(rung.name for rung in RUNGS)


def get(name: str) -> Rung:
    """Return the rung of a name.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    Rung

    Raises
    ------
    ValueError
        If there is none; the message has the nearest names.

    Examples
    --------
    >>> get("5").expanded
    True
    """
    found = next((rung for rung in RUNGS if rung.name == name), None)
    if found is None:
        raise ValueError(_unknown("rung", name, names()))
    return found


def select(text: str) -> tuple[str, ...]:
    """Return the rungs that a text names, in the order of the ladder.

    Parameters
    ----------
    text : str
        Names and ranges with commas between them: ``"1-5"``, ``"0a,7"``; ``"6"`` stands for 6a,
        6b and 6c, ``"all"`` for every rung.

    Returns
    -------
    tuple of str

    Raises
    ------
    ValueError
        If a name is not known, a range runs backwards, or nothing is named.

    Examples
    --------
    >>> len(select("1-8"))
    10
    """
    known = names()
    if text.strip() == "all":
        return known
    chosen = {name for part in text.split(",") for name in _part(part.strip(), known)}
    return tuple(name for name in known if name in chosen)


def _part(part: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rungs of one name or range."""
    first, dash, last = part.partition("-")
    start = known.index(_family(first.strip(), known)[0])
    end = known.index(_family(last.strip() if dash else first.strip(), known)[-1])
    if start > end:
        raise ValueError(
            f"ladder: a range of rungs must not run backwards; got {part!r}; "
            f"write {last.strip()}-{first.strip()}"
        )
    return known[start : end + 1]


def _family(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the rung of a name, or those that are the name and a letter."""
    if name in known:
        return (name,)
    family = tuple(one for one in known if name.isdigit() and one[:-1] == name)
    return family or (get(name).name,)


def digest(rung: Rung, recipe: str) -> str:
    """Return by what a record knows whether its run would be trained in the same way today.

    It covers the recipe, the network, the images and the engine's number. An option that has its
    default is left out, so that a new one makes no run another.

    Parameters
    ----------
    rung : Rung
        What is trained.
    recipe : str
        And how.

    Returns
    -------
    str
        64 hexadecimal digits.

    Examples
    --------
    >>> digest(get("4"), "modern") == digest(get("5"), "modern")
    False
    """
    how = rung.recipe(recipe)
    settings = {field.name: getattr(how, field.name) for field in fields(how)}
    defaults = {field.name: field.default for field in fields(how)}
    told = {
        "engine": ENGINE,
        "recipe": {name: one for name, one in settings.items() if one != defaults[name]},
        "network": [_words(layer) for _, layer in specs.walk(rung.spec.body)],
        "expanded": rung.expanded,
        "voters": rung.voters,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


_SETTINGS = {
    "Conv": ("channels", "kernel"),
    "MaxPool": ("kernel",),
    "Linear": ("units",),
    "Activation": ("function",),
    "Dropout": ("p",),
}
"""What a layer of the ladder is told by; all else has its default, see `start_values`."""


def _words(layer: specs.Layer) -> str:
    """Return a layer in words, as ``"Conv 20 5"``."""
    kind = type(layer).__name__
    return " ".join([kind, *(str(getattr(layer, name)) for name in _SETTINGS.get(kind, ()))])


def _unknown(what: str, name: object, known: tuple[str, ...]) -> str:
    """Return the message for a name that is not known, with the nearest ones."""
    close = nearest(name, known)
    near = [one for one in known if one in close]
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    return f"ladder: there is no {what} {name!r}; {hint}the {what}s are {', '.join(known)}"
