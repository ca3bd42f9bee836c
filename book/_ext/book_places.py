"""Sections of the chapters, named by number and heading, as links.

The role ``{taught}`17 One number for each block``` says where a word of the glossary is taught, or
what a page of the back matter says. A heading that its chapter does not have is a warning, which
names the nearest one.
"""

from __future__ import annotations

import difflib
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

import book_numbers

API = "book/api/"
Places = dict[str, tuple[str, str]]
"""By number and heading of a section the document that holds it, and its anchor."""

logger = logging.getLogger(__name__)


class place(nodes.Inline, nodes.Element):
    """A section that is named, and not yet looked up: the chapters may not be read yet."""


def places(env: BuildEnvironment) -> Places:
    """Return chapters, by their titles, and their sections; of headings that repeat, the first."""
    found: Places = {}
    for docname in sorted(env.tocs):
        number = book_numbers.chapter_of(docname)
        if number is not None:
            for entry in env.tocs[docname].findall(nodes.reference):
                key = f"{number:02} {entry.astext()}"
                found.setdefault(key, (docname, entry["anchorname"]))
    return found


def link(app: Sphinx, page: str, target: str, known: Places) -> nodes.reference | None:
    """Return a link from a page to a section such as ``"17 In short"``; None if there is none."""
    target = target.replace("'", "\u2019")  # as headings are printed
    if target not in known:
        return None
    docname, anchor = known[target]
    number, _, heading = target.partition(" ")
    uri = app.builder.get_relative_uri(page, docname) + anchor
    return nodes.reference("", f"{int(number)}\u00a0{heading}", internal=True, refuri=uri)


class Taught(SphinxRole):
    """The role ``{taught}``, which ends an entry or a paragraph."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a node that is looked up once all chapters are read."""
        node = place(target=" ".join(self.text.split()))
        self.set_source_info(node)
        return [node], []


class Look(SphinxPostTransform):
    """Look up the sections that a page names."""

    default_priority = 9

    def run(self, **kwargs: Any) -> None:
        """Replace each name by a link."""
        found = list(self.document.findall(place))
        known = places(self.env) if found else {}
        for node in found:
            target = node["target"]
            made = link(self.app, self.env.docname, target, known)
            if made is None:
                near = "".join(difflib.get_close_matches(target, known, 1, 0))
                said = "taught: no chapter has the section %r; the nearest is %r"
                logger.warning(said, target, near, location=node)
            node.replace_self(nodes.inline("", "", made or nodes.Text(target), classes=["taught"]))


def note_chapters(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Note whether this build reads a chapter."""
    app.dln_chapters_read = any(map(book_numbers.chapter_of, docnames))  # type: ignore[attr-defined]


def write_again(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the pages that may name sections written again after a chapter was read."""
    pages = [name for name in env.found_docs if name.startswith("book/")]
    return pages if app.dln_chapters_read else []  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Register role and transform."""
    app.add_node(place)
    app.add_role("taught", Taught())
    app.add_post_transform(Look)
    app.connect("env-before-read-docs", note_chapters)
    app.connect("env-get-updated", write_again)
