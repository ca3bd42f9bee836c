"""Pages that the chapters themselves make: the map, the figures to handle, how all is checked.

Each page holds a line ``%% chapter-map %%`` or ``%% figure-list %%``, or marks such as
``%% count: cells %%`` in its text. They give way to MyST text when Sphinx reads the page.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import book_lists
import book_proofs
import chapter_map
import dlnotes
from concept_index import escape

MAP, FIGURES, CHECKED = PAGES = ("book/map", "book/figures", "book/checked")
_COUNT = re.compile(r"%% count: ([\w-]+) %%")
_ERRATUM = re.compile(r"^\(erratum-([a-z0-9-]+)\)=[ \t]*$", re.MULTILINE)

Cells = Sequence[Mapping[str, Any]]


def outputs(cell: Mapping[str, Any], kind: str) -> list[str]:
    """Return what a cell has put out of a kind, such as ``text/html``, or has printed."""
    found = cell.get("outputs", [])
    return ["".join(o.get("data", {}).get(kind, o.get("text", ""))) for o in found]


def figures_text(chapters: chapter_map.Chapters, books: Mapping[str, Cells]) -> str:
    """Return the figures that can be handled, chapter by chapter, as MyST text."""
    text = []
    for chapter in chapters:
        cells = [
            cell["metadata"]["mystnb"]["figure"]
            for cell in books.get(chapter["file"], ())
            if any(
                "<dln-explore" in html or "<dln-live" in html for html in outputs(cell, "text/html")
            )
        ]
        if cells:
            file = chapter["file"]
            title = f"{int(file.partition('/')[2][:2])} {escape(chapter['title'])}"
            text.append(f"## {{doc}}`{title} </chapters/{file}>`\n")
            text += [f"- {{numref}}`{f['name']}`. {f['caption'].strip()}" for f in cells] + [""]
    return "\n".join(text)


def counts(root: Path, books: Mapping[str, Cells]) -> dict[str, int]:
    """Count what the page on checks tells of."""
    folder = root / "book"
    concepts, errata = (book_lists.read(root, name) for name in ("concepts", "errata"))
    cells = [cell for book in books.values() for cell in book]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    prose = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    printed = [
        line for c in code for text in outputs(c, "text/plain") for line in text.splitlines()
    ]
    comparisons, numbers = book_proofs.tally(printed)
    records = [json.loads(path.read_text("utf-8")) for path in (folder / "results").glob("*.json")]
    recorded = [record for record in records if isinstance(record.get("command"), str)]
    runs = (folder / "results" / "ladder.jsonl").read_text("utf-8").splitlines()
    shown = [concept["show"] for concept in concepts if concept["show"]]
    names = public_names()
    tests = [path.read_text("utf-8") for path in sorted((root / "tests").rglob("test_*.py"))]
    labelled = set(_ERRATUM.findall(prose))
    return {
        "chapters": len(books),
        "cells": len(code),
        "proofs": sum(book_proofs.PROOF in c["metadata"].get("tags", ()) for c in code),
        "comparisons": comparisons,
        "numbers": numbers,
        "records": len(recorded),
        "experiments": sum(len(record["experiments"]) for record in recorded),
        "ladder-runs": len(runs),
        "concepts": len(concepts),
        "concepts-with-numbers": len(shown),
        "asserted": sum(map(len, shown)),
        "errata": len(errata),
        "errata-proved": sum(e["id"] in labelled for e in errata),
        "errata-computed": sum(e["id"] in labelled and e["proof"] == "compute" for e in errata),
        "names": len(names),
        "names-with-examples": sum(">>> " in text for text in names.values()),
        "tests": sum(len(re.findall(r"^ *def test_", text, re.MULTILINE)) for text in tests),
    }


def public_names() -> dict[str, str]:
    """Return the docstrings of the functions and classes that the parts of dlnotes hand out."""
    found = {}
    for part in pkgutil.iter_modules(dlnotes.__path__):
        if not part.name.startswith("_"):
            module = importlib.import_module(f"dlnotes.{part.name}")
            for name in getattr(module, "__all__", ()):
                if callable(thing := getattr(module, name)):
                    found[f"{part.name}.{name}"] = thing.__doc__ or ""
    return found


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the marks of the page that Sphinx is about to read."""
    if docname not in PAGES:
        return
    root = Path(app.srcdir)
    chapters = book_lists.read(root, "chapters")
    documents = {name for name in app.env.found_docs if name.startswith("chapters/")}
    books = {
        name.removeprefix("chapters/"): json.loads(path.read_text("utf-8"))["cells"]
        for name in sorted(documents)
        if (path := root / f"{name}.ipynb").exists()
    }
    if docname == MAP:
        needs = {file: chapter_map.needs_of(file, cells) for file, cells in books.items()}
        text = chapter_map.map_text(chapters, needs, documents)
        source[0] = source[0].replace("%% chapter-map %%", text)
    elif docname == FIGURES:
        source[0] = source[0].replace("%% figure-list %%", figures_text(chapters, books))
    else:
        found = counts(root, books)
        source[0] = _COUNT.sub(lambda match: f"{found[match[1]]:,}", source[0])


def always_outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Have the pages read again in each build: they depend on every chapter."""
    return [page for page in PAGES if page in env.found_docs]


def add_style(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the pages the style of the reference pages."""
    if pagename in PAGES:
        app.add_css_file("reference-pages.css")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", fill_in, priority=400)  # before citations become roles
    app.connect("env-get-outdated", always_outdated)
    app.connect("html-page-context", add_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
