"""Holding computed numbers to the catalogue of concepts, book/concepts.yml."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from numbers import Number
from pathlib import Path
from typing import Any

from dlnotes._arguments import nearest
from dlnotes._extras import require
from dlnotes._files import book_file
from dlnotes.check.comparing import Mismatch, passed

_PLACE = Path("book", "concepts.yml")


def shows(concept_id: str, /, **numbers: Any) -> None:
    """Assert computed values against the numbers that the catalogue gives for a concept.

    Integers, strings and lists of them must be equal. A number that the catalogue gives with
    d decimals is compared after rounding to d decimals.

    Parameters
    ----------
    concept_id : str
        Identifier of the concept, for example ``"conv-by-hand"``.
    **numbers : number, str, array, tensor or nested list
        One value for each key of the concept's ``show`` that is checked here.

    Raises
    ------
    Mismatch
        If a value differs; the message names the concept, the key and both values.
    ValueError
        If the catalogue has no such concept or key (the message gives the nearest names), or if
        no value is given.
    FileNotFoundError
        If there is no catalogue.
    ImportError
        If PyYAML is missing.

    Examples
    --------
    >>> shows("emboss-pixel", without_flip=-8, with_flip=8)
    ✓ emboss-pixel: as in the catalogue: without_flip, with_flip
    """
    path = _find()
    catalogue = _read(path, path.stat().st_mtime_ns)
    known = _pick(catalogue, concept_id, f"shows: {_PLACE} has no concept", "concepts")
    if not numbers:
        keys = ", ".join(known) or "none"
        raise ValueError(
            f"shows: no value to check; got concept {concept_id!r} alone; "
            f"give values by name, of its keys: {keys}"
        )
    for key, got in numbers.items():
        want = _pick(known, key, f"shows: concept {concept_id!r} has no key", "keys")
        plain = _plain(got)
        if not _same(plain, want):
            raise Mismatch(
                f"shows: concept {concept_id!r}, {key}: got {_text(plain)}, want {_text(want)}"
            )
    passed(f"{concept_id}: as in the catalogue: {', '.join(numbers)}")


def _find() -> Path:
    """Find the catalogue: the checkout's, or the copy that an installation brings."""
    path = book_file("concepts.yml")
    if path.is_file():
        return path
    raise FileNotFoundError(
        f"shows: there is no {_PLACE} beside the package nor in it; got {path.parent}; run inside "
        "a checkout of the book, or install dlnotes again"
    )


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[str, dict[str, Any]]:
    """Read the numbers of each concept; `changed` is the file's time, so that edits are seen."""
    yaml = require("yaml", extra="book", feature="dlnotes.check.shows")

    class Loader(yaml.SafeLoader):  # type: ignore[name-defined]
        """Keeps decimals as written: 0.50 has two, which a float forgets."""

    def decimal(loader: Any, node: Any) -> Decimal:
        return Decimal(loader.construct_scalar(node).replace("_", ""))

    Loader.add_constructor("tag:yaml.org,2002:float", decimal)
    entries = yaml.load(path.read_text(encoding="utf-8"), Loader)
    return {entry["id"]: entry.get("show") or {} for entry in entries}


def _pick(table: dict[str, Any], name: str, problem: str, kind: str) -> Any:
    """Look a name up, or raise with the nearest names."""
    if name in table:
        return table[name]
    near = nearest(name, table) or list(table)[:5]
    names = ", ".join(near) if near else f"it has no {kind}"
    raise ValueError(f"{problem} {name!r}; nearest {kind}: {names}")


def _plain(value: Any) -> Any:
    """Turn arrays, tensors and tuples into numbers, strings and nested lists."""
    if isinstance(value, str):
        return value
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Iterable):
        return [_plain(item) for item in value]
    return value


def _same(got: Any, want: Any) -> bool:
    """Compare a plain value with the catalogue's, element by element."""
    if isinstance(want, list):
        return (
            isinstance(got, list)
            and len(got) == len(want)
            and all(_same(g, w) for g, w in zip(got, want, strict=True))
        )
    if isinstance(want, bool) or not isinstance(want, Number):
        return type(got) is type(want) and bool(got == want)
    if isinstance(got, bool) or not isinstance(got, Number):
        return False
    if isinstance(want, Decimal):
        decimals = -int(want.as_tuple().exponent)
        return bool(round(float(got), decimals) == float(want))  # type: ignore[arg-type]
    return bool(got == want)


def _text(value: Any) -> str:
    """Write a value as the catalogue does: decimals plainly, long lists cut."""
    write: Callable[[Any], str] = lambda v: (  # noqa: E731
        f"[{', '.join(write(item) for item in v)}]"
        if isinstance(v, list)
        else str(v)
        if isinstance(v, Decimal)
        else repr(v)
    )
    text = write(value)
    return text if len(text) <= 200 else f"{text[:200]}…"
