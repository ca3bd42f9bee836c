"""Blocks of the text: solutions that fold, tables that scroll, notes in the margin.

Solutions and other admonitions with ``:class: dropdown`` become ``<details>``, which needs no
script, opens with the keyboard, when a link leads into it and when the browser finds a word in it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.locale import admonitionlabels
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

REPEATED_IDS = {"exercise-content", "solution-content", "proof-content"}


class disclosure(nodes.General, nodes.Element):
    """A block that the reader opens; its first child is the line that always shows."""


class scroller(nodes.General, nodes.Element):
    """A box that scrolls sideways when what it holds is wider than the page."""


class disclosure_title(nodes.General, nodes.TextElement):
    """The line of a disclosure that always shows."""


class Margin(SphinxDirective):
    """A note beside the text: ``{margin}``, with an optional title."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Return the note."""
        note = nodes.sidebar(classes=["margin", *self.options.get("class", [])])
        self.set_source_info(note)
        if self.arguments:
            children, messages = self.state.inline_text(self.arguments[0], self.lineno)
            note += nodes.title(self.arguments[0], "", *children, *messages)
        self.state.nested_parse(self.content, self.content_offset, note)
        return [note]


class Blocks(SphinxPostTransform):
    """Prepare solutions, exercises and tables for the page."""

    default_priority = 200  # after sphinx-exercise has resolved its titles
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Rewrite the blocks of one page."""
        for section in self.document.findall(nodes.section):
            if set(section["ids"]) & REPEATED_IDS:
                section["ids"] = []  # the extensions give every exercise of a page the same id
        for block in list(self.document.findall(nodes.Admonition)):
            if "dropdown" in block["classes"]:
                block.parent.replace(block, folded(block))
        for cell in self.document.findall(is_hidden_source):
            source, *rest = cell.children
            if any(True for part in rest for _ in part.findall(nodes.figure)):
                cell.children = [*rest, source]  # the picture first, then the code that draws it
        for table in list(self.document.findall(nodes.table)):
            box = scroller(classes=["scroll"], label=label_of(table))
            table.parent.replace(table, box)
            box += table


def label_of(table: nodes.table) -> str:
    """Return what a table is called when it is read aloud."""
    title = next(iter(table.findall(nodes.title)), None)
    return f"Table: {title.astext()}" if title else "Table"


def reachable(label: str) -> dict[str, str]:
    """Return the attributes by which the keyboard reaches a box that may scroll.

    Examples
    --------
    >>> reachable("Table")
    {'tabindex': '0', 'role': 'group', 'aria-label': 'Table'}
    """
    return {"tabindex": "0", "role": "group", "aria-label": label}


def is_hidden_source(node: nodes.Node) -> bool:
    """Tell whether a node is a notebook cell whose source is folded and whose output shows."""
    return isinstance(node, nodes.container) and node.get("hide_mode") == "input"


def folded(block: nodes.Element) -> disclosure:
    """Return an admonition as a block that the reader opens."""
    classes = [name for name in block["classes"] if name != "dropdown"]
    kind = block.tagname if block.tagname in admonitionlabels else ""
    names = dict.fromkeys(["admonition", *([kind] if kind else []), *classes])
    result = disclosure(ids=block["ids"], classes=list(names))
    children = list(block.children)
    if children and isinstance(children[0], nodes.title):
        words = children.pop(0).astext()  # without its link: a summary is a button already
    else:
        words = str(admonitionlabels.get(kind, "More"))
    result += disclosure_title("", " ".join(words.split()))
    result += children
    return result


def visit_disclosure(self: Any, node: nodes.Element) -> None:
    """Open the block."""
    self.body.append(self.starttag(node, "details"))


def depart_disclosure(self: Any, node: nodes.Element) -> None:
    """Close the block."""
    self.body.append("</details>\n")


def visit_scroller(self: Any, node: nodes.Element) -> None:
    """Open the box, which the keyboard reaches, with and without a script."""
    self.body.append(self.starttag(node, "div", **reachable(node["label"])))


def depart_scroller(self: Any, node: nodes.Element) -> None:
    """Close the box."""
    self.body.append("</div>\n")


def visit_title(self: Any, node: nodes.Element) -> None:
    """Open the line that always shows."""
    admonition = "admonition" in node.parent["classes"]
    name = {"CLASS": "admonition-title"} if admonition else {}
    self.body.append(self.starttag(node, "summary", "", **name))


def depart_title(self: Any, node: nodes.Element) -> None:
    """Close the line that always shows."""
    self.body.append("</summary>\n")


def setup(app: Sphinx) -> None:
    """Register directive, nodes and transform."""
    app.add_directive("margin", Margin)
    app.add_node(disclosure, html=(visit_disclosure, depart_disclosure))
    app.add_node(scroller, html=(visit_scroller, depart_scroller))
    app.add_node(disclosure_title, html=(visit_title, depart_title))
    app.add_post_transform(Blocks)
