"""The ledger's rules for code: numbers that must be shown, cells that nbval passes over."""

import ast
from collections.abc import Iterator, Mapping, Sequence

from ledger_checks import Cell, Chapter, Entry, anchors, source

# What keeps nbval from comparing a cell, as a tag or as a comment.
UNCHECKED_TAGS = {
    "nbval-skip",
    "nbval-ignore-output",
    "nbval-raises-exception",
    "pytest-validate-ignore-output",
    "raises-exception",
    "skip-execution",
}
UNCHECKED_COMMENTS = {tag.upper().replace("-", "_"): tag for tag in UNCHECKED_TAGS}


def markers(cell: Cell) -> set[str]:
    """Return the tags that keep nbval from comparing a cell; comments count as their tags."""
    lines = (line.strip() for line in source(cell).splitlines())
    comments = {line.lstrip("#").strip() for line in lines if line.startswith("#")}
    found = {tag for comment, tag in UNCHECKED_COMMENTS.items() if comment in comments}
    return found | UNCHECKED_TAGS.intersection(cell["metadata"].get("tags", ()))


def has_pixels(cell: Cell) -> bool:
    """Return whether a cell's outputs hold a picture of pixels, which nbval does not compare."""
    compared = {"image/svg+xml", "image/gif", "text/html", "text/latex", "application/json"}
    bundles = [set(out.get("data", {})) for out in cell.get("outputs", ())]
    return any(kinds & {"image/png", "image/jpeg"} and not kinds & compared for kinds in bundles)


def unchecked_problems(
    chapters: Sequence[Chapter], excused: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Hold the cells that nbval does not compare to the list of excuses, one for a chapter.

    `excused` gives for a chapter {cell: its id, kind: a tag or png, reason: a sentence}.
    """
    problems = []
    names = {chapter.name for chapter in chapters}
    problems += [f"{name}: excused, but there is no such notebook" for name in set(excused) - names]
    for chapter in chapters:
        found = [
            (str(cell.get("id")), kind)
            for cell in chapter.cells
            if cell["cell_type"] == "code"
            for kind in sorted(markers(cell)) + ["png"] * has_pixels(cell)
        ]
        if len(found) > 1:
            problems.append(f"{chapter.name}: {len(found)} cells pass nbval unread: {found}")
        excuse = excused.get(chapter.name)
        if excuse and (excuse.get("cell"), excuse.get("kind")) not in found:
            problems.append(f"{chapter.name}: the excuse for {excuse.get('cell')} is not needed")
        if excuse and len(str(excuse.get("reason", ""))) < 10:
            problems.append(f"{chapter.name}: the excuse gives no reason")
        for cell, kind in found:
            if not excuse or (excuse.get("cell"), excuse.get("kind")) != (cell, kind):
                problems.append(
                    f"{chapter.name}: cell {cell} ({kind}) is not excused in "
                    "tests/ledger/unchecked_cells.yml"
                )
    return problems


def syntax_trees(chapter: Chapter) -> Iterator[ast.Module]:
    """Parse the code cells that nbval compares, without IPython's magics."""
    for cell in chapter.cells:
        if cell["cell_type"] == "code" and not markers(cell):
            lines = source(cell).splitlines()
            yield ast.parse("\n".join("" if ln.lstrip()[:1] in "%!" else ln for ln in lines))


def calls(chapter: Chapter, name: str) -> Iterator[ast.Call]:
    """Yield the calls check.<name>(…) of a chapter."""
    for tree in syntax_trees(chapter):
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == name
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "check"
            ):
                yield node


def is_typed(value: ast.expr) -> bool:
    """Return whether an expression is a literal: written down instead of computed."""
    return not any(
        isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        for node in ast.walk(value)
    )


def shown(chapter: Chapter) -> Iterator[tuple[str | None, str | None, ast.expr]]:
    """Yield concept, key and value of each check.shows; None for what is not written out."""
    for call in calls(chapter, "shows"):
        first = call.args[0] if len(call.args) == 1 else None
        name = first.value if isinstance(first, ast.Constant) else None
        for keyword in call.keywords:
            yield (name if isinstance(name, str) else None), keyword.arg, keyword.value


def show_problems(chapters: Sequence[Chapter], concepts: Sequence[Entry]) -> list[str]:
    """Hold each chapter to show every number of the concepts that it teaches."""
    known = {c["id"]: set(c["show"]) for c in concepts}
    taught = [(chapter, name) for chapter, name, _ in anchors(chapters, "concept")]
    problems = []
    for chapter in chapters:
        done: set[tuple[str, str]] = set()
        for name, key, value in shown(chapter):
            where = f"{chapter.name}: check.shows({name!r}, {key}=…)"
            if name is None or key is None:
                problems.append(f"{where} must name its concept and keys as they stand")
            elif name not in known:
                problems.append(f"{where}: no such concept")
            elif key not in known[name]:
                problems.append(f"{where}: no such key; it has {sorted(known[name])}")
            elif is_typed(value):
                problems.append(f"{where}: the value is typed, not computed")
            else:
                done.add((name, key))
        for place, name in taught:
            if place == chapter.name:
                for key in sorted(known.get(name, ())):
                    if (name, key) not in done:
                        problems.append(f"{place}: {name}: {key} is never shown")
    return problems
