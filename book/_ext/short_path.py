"""The line above a chapter's first section that says which sections are enough for ten minutes.

They are named in ``book/chapters.yml``; a chapter's last words, "In short", belong to every path.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

import book_lists

LAST = "In short"

logger = logging.getLogger(__name__)


def short_paths(root: Path) -> dict[str, list[str]]:
    """Return for each chapter's document the titles of its sections that a hurried reader reads."""
    chapters = book_lists.read(root, "chapters")
    return {f"chapters/{c['file']}": [*c["short"], LAST] for c in chapters if "short" in c}


def plain(title: str) -> str:
    """Return a title with the straight apostrophes of its source.

    Examples
    --------
    >>> plain("TensorFlow’s SAME")
    "TensorFlow's SAME"
    """
    return title.replace("’", "'")


class ShortPath(SphinxPostTransform):
    """Put the line in front of the first section of a chapter."""

    default_priority = 190
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Add it to one page."""
        wanted = self.config.dlnotes_short_paths.get(self.env.docname)
        sections = [
            each
            for each in self.document.findall(nodes.section)
            if isinstance(each.parent, nodes.section)
        ]
        if not wanted or not sections:
            return
        named = {plain(each.next_node(nodes.title).astext()): each["ids"][0] for each in sections}
        if missing := [title for title in wanted if title not in named]:
            said = "book/chapters.yml has %s in its short path, and this chapter has only %s"
            here, known = self.env.docname, list(named)
            logger.warning(said, missing, known, location=here, type="dlnotes")
            return
        line = nodes.paragraph("", classes=["short-path"])
        line += nodes.strong("", "Ten minutes?")
        for at, title in enumerate(wanted):
            line += nodes.Text(" · " if at else " ")
            line += nodes.reference("", title, refid=named[title], internal=True)
        before = sections[0].parent
        before.insert(before.index(sections[0]), line)


def setup(app: Sphinx) -> None:
    """Register the line."""
    app.add_config_value("dlnotes_short_paths", {}, "env", types=(dict,))
    app.connect("config-inited", read_paths)
    app.add_post_transform(ShortPath)


def read_paths(app: Sphinx, config: Any) -> None:
    """Take the paths from ``chapters.yml``, where the book has one."""
    if (Path(app.srcdir) / "book" / "chapters.yml").exists():
        config.dlnotes_short_paths = short_paths(Path(app.srcdir))
