"""Where a name of the package is explained: read from the chapters, written on its API page.

A name that ``book/concepts.yml`` gives to concepts is *explained in* their sections. Another one is
*used in* the first section whose visible code has it; a name that no chapter has says nothing.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

import book_lists
import book_places
import book_proofs

MOST = 3  # sections that a name leads to
_HEADING = re.compile(r"^##+ (.+)$|^\(concept-([\w-]+)\)=", re.MULTILINE)
_SIDE = {"Exercises", "In short"}

Cells = Sequence[Mapping[str, Any]]
Sections = dict[str, list[str]]
"""By full name the sections, such as ``"17 The way back"``."""


def imported(tree: ast.AST) -> dict[str, str]:
    """Return what the names mean that a chapter imports from dlnotes.

    Examples
    --------
    >>> imported(ast.parse("from dlnotes import functional as dl, shapes"))
    {'dl': 'dlnotes.functional', 'shapes': 'dlnotes.shapes'}
    """
    return {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "dlnotes"
        for alias in node.names
    }


def named(tree: ast.AST, meaning: Mapping[str, str]) -> Iterator[str]:
    """Yield the full names that code uses, by the imports of its chapter.

    Examples
    --------
    >>> list(named(ast.parse("dl.conv2d(x)"), {"dl": "dlnotes.functional"}))
    ['dlnotes.functional.conv2d', 'dlnotes.functional']
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in meaning:
                yield f"{meaning[node.value.id]}.{node.attr}"
        elif isinstance(node, ast.Name) and node.id in meaning:
            yield meaning[node.id]


def code_of(cell: Mapping[str, Any]) -> ast.AST:
    """Return a cell's code; what is no Python, such as a magic, says nothing."""
    try:
        return ast.parse("".join(cell["source"]))
    except SyntaxError:
        return ast.parse("")


def sections_of(number: int, cells: Cells) -> tuple[Sections, Sections, dict[str, str]]:
    """Return where a chapter shows each name, where it has it aside, and where concepts are taught.

    Parameters
    ----------
    number
        Of the chapter.
    cells
        Of its notebook. Cells that prove or import do not count; aside stand exercises, and code
        that the page folds.
    """
    meaning: dict[str, str] = {}
    shown, aside = Sections(), Sections()
    taught: dict[str, str] = {}
    waiting: list[str] = []
    heading = ""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            for match in _HEADING.finditer("".join(cell["source"])):
                if match[2]:
                    waiting.append(match[2])
                else:
                    heading = f"{number:02} {match[1]}"
                    taught |= dict.fromkeys(waiting, heading)
                    waiting = []
        elif cell["cell_type"] == "code":
            tree, tags = code_of(cell), cell["metadata"].get("tags", ())
            meaning |= imported(tree)
            if heading and not {book_proofs.PROOF, book_proofs.SETUP} & set(tags):
                found = aside if "hide-input" in tags or heading[3:] in _SIDE else shown
                for name in named(tree, meaning):
                    found.setdefault(name, [heading])
    return shown, aside, taught


def explained(
    concepts: Iterable[Mapping[str, Any]], taught: Mapping[str, str]
) -> dict[str, list[str]]:
    """Return the sections that explain each name: one of a chapter, at most `MOST`.

    A concept that names it first comes before one that names it among others.
    """
    ranked: dict[str, list[tuple[bool, str]]] = {}
    for concept in concepts:
        if concept["id"] in taught:
            for row, name in enumerate(concept["api"]):
                ranked.setdefault(name, []).append((row > 0, taught[concept["id"]]))
    found = {}
    for name, places in ranked.items():
        by_chapter: dict[str, str] = {}
        for _, section in sorted(places, key=lambda place: place[0]):
            by_chapter.setdefault(section[:2], section)
        found[name] = sorted(list(by_chapter.values())[:MOST])
    return found


def read(root: Path) -> tuple[Sections, Sections]:
    """Return where each name is explained, and where it is used first, from a book's files."""
    shown, aside, taught = Sections(), Sections(), dict[str, str]()
    for path in sorted(root.glob("chapters/*/*.ipynb"), key=lambda path: path.name):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        here, beside, labels = sections_of(int(path.name[:2]), cells)
        shown, aside, taught = here | shown, beside | aside, taught | labels
    return explained(book_lists.read(root, "concepts"), taught), aside | shown


class Explained(SphinxPostTransform):
    """Say below each name of an API page which sections explain it."""

    default_priority = 9

    def run(self, **kwargs: Any) -> None:
        """Add the lines to one page."""
        if not self.env.docname.startswith(book_places.API):
            return
        known = book_places.places(self.env)
        if not hasattr(self.app, "dln_explained"):
            self.app.dln_explained = read(Path(self.env.srcdir))  # type: ignore[attr-defined]
        by_concepts, by_use = self.app.dln_explained  # type: ignore[attr-defined]
        for item in self.document.findall(addnodes.desc):
            for sign in item.findall(addnodes.desc_signature):
                name = (sign["ids"] or [""])[0]
                words = "Explained in" if name in by_concepts else "Used in"
                targets = by_concepts.get(name) or by_use.get(name, [])
                links = [book_places.link(self.app, self.env.docname, t, known) for t in targets]
                if any(links):
                    item.children[-1].insert(0, line_of(words, [x for x in links if x]))
                break


def line_of(words: str, links: Sequence[nodes.reference]) -> nodes.paragraph:
    """Return the line that says where a name is explained."""
    line = nodes.paragraph("", f"{words} ", classes=["explained"])
    for row, link in enumerate(links):
        line += [nodes.Text("; "), link] if row else [link]
    return line


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_post_transform(Explained)
