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

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

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


def name_planned(
    app: Sphinx, env: BuildEnvironment, node: nodes.Element, contnode: nodes.Element
) -> nodes.Element | None:
    """Give a link to a chapter that is only planned the chapter's title instead."""
    if node.get("reftype") != "doc":
        return None
    folder = posixpath.dirname(node.get("refdoc", ""))
    name = posixpath.normpath(posixpath.join("/", folder, node["reftarget"]))
    title = planned_title(env.srcdir, name)
    return nodes.inline("", title) if title else None


def planned_title(source: str | Path, name: str) -> str:
    """Return what a chapter to come is called, by its place ``/chapters/…``; empty if none."""
    chapters = yaml.safe_load((Path(source) / "book" / "chapters.yml").read_text("utf-8"))
    title = {f"/chapters/{c['file']}": c["title"] for c in chapters}.get(name)
    return f"{title} (to come)" if title else ""
