"""Chapter numbers that are right from the first chapter on, and names of chapters to come.

Sphinx counts the chapters that exist. The book's file names carry the number of the plan
(``12-convolution-by-hand``), and readers should meet that one wherever a number shows: in titles,
in the navigation, and before the numbers of figures, equations and exercises.

A chapter may link to one that is not written yet; it is named then, and not linked.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

import book_lists

Number = tuple[int, ...]
_CHAPTER = re.compile(r"(?:^|/)(\d{2})-[^/]+$")


def chapter_of(docname: str) -> int | None:
    """Return the chapter number in a document's name.

    Examples
    --------
    >>> chapter_of("chapters/convolution/12-convolution-by-hand"), chapter_of("book/intro")
    (12, None)
    """
    match = _CHAPTER.search(docname)
    return int(match[1]) if match else None


def renumbered(number: Any, chapter: int) -> Any:
    """Return a section or figure number with its first part replaced, if it has one.

    Examples
    --------
    >>> renumbered((1, 3), 12), renumbered(None, 12)
    ((12, 3), None)
    """
    return type(number)((chapter, *number[1:])) if number else number


def number_chapters(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Put the planned chapter numbers into Sphinx's tables; return the documents changed."""
    changed = []
    for docname, sections in env.toc_secnumbers.items():
        chapter = chapter_of(docname)
        first = env.titles[docname].get("secnumber")
        if chapter is None or not first or first[0] == chapter:
            continue
        changed.append(docname)
        env.titles[docname]["secnumber"] = renumbered(first, chapter)
        for anchor, number in sections.items():
            sections[anchor] = renumbered(number, chapter)
        for figures in env.toc_fignumbers.get(docname, {}).values():
            for name, number in figures.items():
                figures[name] = renumbered(number, chapter)
        for reference in env.tocs[docname].findall(nodes.reference):
            if reference.get("secnumber"):
                reference["secnumber"] = renumbered(reference["secnumber"], chapter)
    return changed


class Planned(SphinxPostTransform):
    """Give a link to a chapter that is only planned the chapter's name instead."""

    default_priority = 8  # MyST looks for the targets of its links at 9, Sphinx at 10

    def run(self, **kwargs: Any) -> None:
        """Replace the links of one page."""
        for node in list(self.document.findall(addnodes.pending_xref)):
            kind, target = node.get("reftype"), node.get("reftarget", "")
            if kind == "doc" or (kind == "myst" and target.endswith(".ipynb")):
                folder = posixpath.dirname(node.get("refdoc", self.env.docname))
                name = posixpath.normpath(posixpath.join("/", folder, target))
                there = name[1:].removesuffix(".ipynb")
                if there in self.env.all_docs:
                    continue
                if title := planned_title(self.env.srcdir, f"/{there}"):
                    words = node.astext() if node.get("refexplicit") else title
                    node.replace_self(nodes.inline("", f"{words} (to come)"))


def planned_title(source: str | Path, name: str) -> str:
    """Return the title of a chapter of the plan, by its place ``/chapters/…``; empty if none."""
    chapters = book_lists.read(source, "chapters")
    return {f"/chapters/{c['file']}": str(c["title"]) for c in chapters}.get(name, "")
