"""Networks as plain data, from YAML or TOML files: every key is checked.

A file has ``layers``, and may have ``input``, ``name``, ``title``, ``year`` and ``source``. A layer
is a word (``relu``, ``flatten``), or a key with its options (``conv: {channels: 8, kernel: 3}``),
or with the value of its first option alone (``linear: 10``). ``chain``, ``parallel`` and
``side_output`` hold other layers; a list of layers is a chain, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from dlnotes._extras import require
from dlnotes.cli.values import convert, nearest
from dlnotes.specs import layers as L
from dlnotes.specs.checks import ACTIVATIONS
from dlnotes.specs.network import Network
from dlnotes.specs.parts import JOINS, Chain, Layer, Parallel, Part, SideOutput

SUFFIXES = (".yaml", ".yml", ".toml")
HEADS = ("layers", "input", "name", "title", "year", "source")
MAY_BE_ZERO = ("padding", "output_padding", "table")
JOINED = ("chain", "parallel", "side_output")


def _snake(name: str) -> str:
    """Return MaxPool as max_pool."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


KINDS: Mapping[str, type[Layer]] = MappingProxyType(
    {
        _snake(name): kind
        for name, kind in vars(L).items()
        if isinstance(kind, type) and issubclass(kind, Layer) and kind is not Layer
    }
)
"""The kinds of layers by the names that files give them: conv, max_pool, batch_norm …"""


def read(path: Path) -> Network | Part:
    """Read a network from a YAML or TOML file.

    Parameters
    ----------
    path : Path
        Ends in .yaml, .yml or .toml.

    Returns
    -------
    Network, or Part where the file has no ``input``

    Raises
    ------
    ValueError
        If something is not as described above; the message names the place in the file.
    OSError
        If the file cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = _toml(text, path) if path.suffix == ".toml" else _yaml(text, path)
        return network(data, str(path))
    except UnicodeDecodeError:
        raise ValueError(f"{path}: this is no text in UTF-8; save it as such") from None
    except RecursionError:
        raise ValueError(f"{path}: lists lie too deep in each other; write fewer levels") from None


def network(data: object, place: str) -> Network | Part:
    """Return plain data as a network.

    Parameters
    ----------
    data : dict
        As a file holds it.
    place : str
        What messages call it.

    Returns
    -------
    Network or Part

    Raises
    ------
    ValueError
        If a key, a value or a kind of layer is unknown.

    Examples
    --------
    >>> data = {"input": [1, 8, 8], "layers": ["flatten", {"linear": 10}]}
    >>> len(network(data, "example").body.parts)
    2
    """
    options = _mapping(data, place, "a mapping with layers")
    _known(options, HEADS, place)
    if "layers" not in options:
        raise ValueError(f"{place}: there is no key layers; list the layers under it")
    body = part(options["layers"], f"{place}, layers")
    if "input" not in options:
        return body
    shape = convert(options["input"], tuple[int, ...], f"{place}, input")
    name = convert(options.get("name", "network"), str, f"{place}, name")
    title = convert(options.get("title", name), str, f"{place}, title")
    year = convert(options.get("year", 0), int, f"{place}, year", least=0)
    source = convert(options.get("source", ""), str, f"{place}, source")
    return Network(name, title, shape, body, year, source)


def part(data: object, place: str) -> Part:
    """Return plain data as a part of a network; see `network`."""
    if isinstance(data, list):
        return Chain(*(part(entry, f"{place}[{j}]") for j, entry in enumerate(data)))
    if isinstance(data, str):
        return _placed(_layer, data, None, place)
    options = _mapping(data, place, "a word, a list or one kind of layer with its options")
    if len(options) != 1:
        raise ValueError(
            f"{place}: needs one kind of layer; got the keys {', '.join(map(str, options))}; "
            "write options inside it, as in conv: {channels: 8, kernel: 3}"
        )
    ((kind, value),) = options.items()
    make = _joined if kind in JOINED else _layer
    return _placed(make, kind, value, f"{place}.{kind}")


def _placed(make: Callable[..., Part], kind: object, value: object, place: str) -> Part:
    """Make a part; what it refuses itself is told with the place, too."""
    try:
        return make(kind, value, place)
    except (ValueError, TypeError) as error:
        known = str(error).startswith(place)
        raise ValueError(str(error) if known else f"{place}: {error}") from None


def _joined(kind: str, value: object, place: str) -> Part:
    """Return a chain, parallel branches or a side output."""
    keys = {"chain": ("layers",), "parallel": ("branches", "join"), "side_output": ("head",)}[kind]
    if kind == "chain" and isinstance(value, list):
        value = {"layers": value}
    options = _mapping(value, place, f"a mapping with {' and '.join(keys)}")
    _known(options, (*keys, "name"), place)
    if missing := [key for key in keys if key not in options]:
        raise ValueError(f"{place}: {missing[0]} is missing; a {kind} needs {' and '.join(keys)}")
    name = convert(options.get("name", ""), str, f"{place}.name")
    if kind == "side_output":
        return SideOutput(part(options["head"], f"{place}.head"), name=name)
    inside = options[keys[0]]
    if not isinstance(inside, list):
        raise ValueError(f"{place}.{keys[0]}: must be a list; got {inside!r}")
    parts = [part(entry, f"{place}.{keys[0]}[{j}]") for j, entry in enumerate(inside)]
    if kind == "chain":
        return Chain(*parts, name=name)
    join = convert(options["join"], Literal[JOINS], f"{place}.join")
    return Parallel(*parts, join=join, name=name)


def _layer(kind: object, value: object, place: str) -> Layer:
    """Return a layer from its kind and its options."""
    if kind in ACTIVATIONS:
        options = {} if value is None else dict(_mapping(value, place, "options"))
        _known(options, ("name",), place)
        return L.Activation(str(kind), **options)
    if kind not in KINDS:
        hint = nearest(str(kind), (*KINDS, *ACTIVATIONS, *JOINED))
        raise ValueError(f"{place}: there is no kind of layer called {kind!r}; {hint}")
    made = KINDS[str(kind)]
    known = {entry.name: entry for entry in fields(made)}
    first = next((name for name in known if name != "name"), None)
    if value is None:
        value = {}
    elif not isinstance(value, dict) and first is not None:
        value = {first: value}
    options = dict(_mapping(value, place, "options"))
    _known(options, known, place)
    for name, entry in known.items():
        if name not in options and entry.default is MISSING:
            if entry.default_factory is MISSING:
                raise ValueError(f"{place}: {name} is missing; {kind} needs it")
        elif name in options:
            least = 0 if name in MAY_BE_ZERO else 1
            options[name] = convert(options[name], entry.type, f"{place}.{name}", least=least)
    return made(**options)


def _mapping(data: object, place: str, wanted: str) -> Mapping[Any, Any]:
    """Return a mapping, or say what was found in its place."""
    if isinstance(data, dict):
        return data
    raise ValueError(f"{place}: needs {wanted}; got {data!r} ({type(data).__name__})")


def _known(options: Iterable[object], known: Iterable[str], place: str) -> None:
    """Refuse a key that does not exist."""
    known = tuple(known)
    for key in options:
        if key not in known:
            raise ValueError(f"{place}: there is no key {key!r} here; {nearest(str(key), known)}")


def _yaml(text: str, path: Path) -> object:
    """Read YAML; what it objects to is told with the line."""
    yaml: Any = require("yaml", extra="cli", feature="a network in a YAML file")
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise ValueError(f"{path}{line}: this is no YAML: {problem}") from None


def _toml(text: str, path: Path) -> object:
    """Read TOML."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path}: this is no TOML: {error}") from None
