"""The ledger's rules as functions: each takes notebooks and lists, and returns what is wrong.

Nothing here reads the disk but `load_chapters`, so tests can plant a violation in a notebook of
three cells and see the rule find it.
"""

import importlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Cell = Mapping[str, Any]
Entry = Mapping[str, Any]
Anchor = tuple[str, str, bool]  # chapter, id, whether a heading follows


@dataclass(frozen=True)
class Chapter:
    """A notebook: its name as the plan has it, and its cells."""

    name: str
    cells: Sequence[Cell]

    def sources(self, kind: str) -> Iterator[str]:
        """Yield the source of each cell of a kind."""
        return (source(cell) for cell in self.cells if cell["cell_type"] == kind)


def source(cell: Cell) -> str:
    """Return a cell's source as one string."""
    return "".join(cell["source"])


def load_chapters(root: Path) -> list[Chapter]:
    """Read every notebook under chapters/."""
    files = {
        p.relative_to(root / "chapters").with_suffix("").as_posix(): p
        for p in sorted((root / "chapters").rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in p.parts
    }
    return [Chapter(n, json.loads(p.read_text("utf-8"))["cells"]) for n, p in files.items()]


# ---- labels -----------------------------------------------------------------------------------


def anchors(chapters: Iterable[Chapter], prefix: str) -> list[Anchor]:
    """Find the labels (prefix-…)=; several may stand stacked before one heading."""
    stacked = r"(?:\([^)\n]+\)=[ \t]*\n+)*"
    label = re.compile(rf"^\({prefix}-([^)\s]+)\)=[ \t]*\n+(?={stacked}(#{{1,6}} )?)", re.MULTILINE)
    return [
        (chapter.name, match[1], bool(match[2]))
        for chapter in chapters
        for text in chapter.sources("markdown")
        for match in label.finditer(text + "\n")
    ]


def label_problems(
    chapters: Sequence[Chapter], concepts: Sequence[Entry], still_open: Sequence[str]
) -> list[str]:
    """Hold the labels of concepts to the plan, and the list of open concepts to the labels."""
    planned = {c["id"]: c["chapter"] for c in concepts}
    found = anchors(chapters, "concept")
    counts = Counter(name for _, name, _ in found)
    problems = [f"{name}: labelled {n} times" for name, n in counts.items() if n > 1]
    problems += [f"{name}: on the open list twice" for name in repeated(still_open)]
    for chapter, name, heading in found:
        if name not in planned:
            problems.append(f"{chapter}: concept-{name} is not in book/concepts.yml")
        elif chapter != planned[name]:
            problems.append(f"{name}: taught in {chapter}, planned in {planned[name]}")
        if not heading:
            problems.append(f"{chapter}: concept-{name} does not stand before a heading")
    for name in sorted(set(still_open) - (set(planned) - set(counts))):
        problems.append(f"{name}: on the open list, but it has a section or is no concept")
    for name in sorted(set(planned) - set(counts) - set(still_open)):
        problems.append(
            f"{name}: has no section and is not on the open list: put (concept-{name})= before a "
            f"heading of {planned[name]}, or its name into tests/ledger/open_concepts.txt"
        )
    return problems


def errata_problems(
    errata: Sequence[Entry], concepts: Sequence[Entry], chapters: Sequence[Chapter]
) -> list[str]:
    """Hold the errata to the catalogue, and each written chapter to the errata that it proves."""
    planned = {c["id"]: c for c in concepts}
    problems = [f"{name}: twice in the errata" for name in repeated(e["id"] for e in errata)]
    for entry in errata:
        problems += _entry_problems(entry, planned)
    told = {e["concept"] for e in errata if "concept" in e}
    silent = [c["id"] for c in concepts if "erratum" in c and c["id"] not in told]
    problems += [f"{name}: its erratum has no entry in the errata" for name in silent]
    found = anchors(chapters, "erratum")
    places = {e["id"]: e["chapter"] for e in errata}
    problems += [f"erratum-{name}: labelled twice" for name in repeated(n for _, n, _ in found)]
    for chapter, name, _ in found:
        if chapter != places.get(name):
            problems.append(f"{chapter}: erratum-{name} does not belong here by the errata")
    written = {chapter.name for chapter in chapters}
    due = {name for name, place in places.items() if place in written}
    missing = sorted(due - {name for _, name, _ in found})
    return problems + [f"{name}: {places[name]} does not label its proof" for name in missing]


def _entry_problems(entry: Entry, planned: Mapping[str, Entry]) -> list[str]:
    """Check one erratum by itself."""
    name, problems = entry["id"], []
    fields = {"id", "note", "where", "says", "right", "proof", "chapter"}
    if set(entry) - {"concept"} != fields or not all(entry[k] for k in fields):
        problems.append(f"{name}: needs exactly {sorted(fields)}, and concept if it has one")
    if entry.get("proof") not in {"compute", "picture", "explain", "cite"}:
        problems.append(f"{name}: no such proof: {entry.get('proof')}")
    if "concept" in entry:
        concept = planned.get(entry["concept"], {})
        if "erratum" not in concept or concept["chapter"] != entry["chapter"]:
            problems.append(f"{name}: {entry['concept']} has no erratum in {entry['chapter']}")
    return problems


# ---- the catalogue ------------------------------------------------------------------------------


def repeated(names: Iterable[str]) -> list[str]:
    """Return the names that occur more than once."""
    return [name for name, n in Counter(names).items() if n > 1]


def catalogue_problems(
    concepts: Sequence[Entry], chapters: Sequence[Entry], plan: Mapping[str, Sequence[str]]
) -> list[str]:
    """Hold the catalogue to its form and to the plan."""
    problems = [f"{name}: twice in the catalogue" for name in repeated(c["id"] for c in concepts)]
    fields = {"id", "title", "chapter", "note", "teach", "api", "show"}
    for c in concepts:
        where = f"book/concepts.yml: {c['id']}"
        empty = {key for key in fields - {"api", "show"} if not c.get(key)}
        if wrong := (set(c) - {"erratum"}) ^ fields | empty:
            problems.append(f"{where}: missing, empty or unknown: {', '.join(sorted(wrong))}")
        if not isinstance(c.get("show"), dict) or not isinstance(c.get("api"), list):
            problems.append(f"{where}: show is a mapping, {{}} if empty, api a list")
            continue
        for key, value in c["show"].items():
            if not re.fullmatch(r"[a-z][a-z0-9_]*", str(key)) or not _is_plain(value):
                problems.append(f"{where}: {key}: {value!r} is no number, string or list")
    if list(plan) != [c["file"] for c in chapters]:
        problems.append(
            "book/chapters.yml does not list the chapters of tests/ledger/plan.yml in order"
        )
    for name in sorted({c["chapter"] for c in concepts} | set(plan)):
        have = {c["id"] for c in concepts if c["chapter"] == name}
        if have != set(plan.get(name, ())):
            wrong = sorted(have ^ set(plan.get(name, ())))
            problems.append(
                f"{name}: book/concepts.yml and tests/ledger/plan.yml differ on {', '.join(wrong)}"
            )
    return problems


def _is_plain(value: Any) -> bool:
    """Return whether a value of `show` is a number, a short string or a list of such."""
    if isinstance(value, list):
        return bool(value) and all(_is_plain(item) for item in value)
    if isinstance(value, str):
        return len(value) <= 60
    return type(value) in (int, float)


def chapter_problems(chapters: Sequence[Chapter], plan: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the notebooks that the plan does not name."""
    where = "not in tests/ledger/plan.yml, which names the chapters and their concepts"
    return [f"{c.name}: {where}" for c in chapters if c.name not in plan]


def api_problems(concepts: Sequence[Entry]) -> list[str]:
    """Return the names of the catalogue that cannot be imported from dlnotes."""
    problems = []
    for concept in concepts:
        for name in concept["api"]:
            if not (name.startswith("dlnotes.") and "._" not in name and resolves(name)):
                problems.append(f"{concept['id']}: {name} is no public name of dlnotes")
    return problems


def resolves(name: str) -> bool:
    """Return whether a dotted name can be imported, its last parts as attributes."""
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for part in parts[cut:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False
