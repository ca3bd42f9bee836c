"""What the pages take from ``book/concepts.yml``: the index of concepts, and single numbers.

``book/concepts.md`` holds one marker line. When Sphinx reads that page the marker gives way to
MyST text: for each chapter of ``book/chapters.yml`` a table of its concepts, each with a
cross-reference to its section, once its label exists in a chapter; and, folded, a second one of
the names in the API and the places in the notes.

The role ``{fact}`lstm.parameters``` writes a number of the catalogue, which the chapter of that
concept computes, so that no page repeats it by hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole

import book_lists

MARKER = "%% concept-index %%"
PAGE, GLOSSARY = "book/concepts", "book/glossary"
LABEL = re.compile(r"^\(concept-([a-z0-9-]+)\)=[ \t]*$", re.MULTILINE)
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$|])")
_SECTIONS, _ORIGINS = ("Concept", "Section"), ("Concept", "In `dlnotes`", "Source note")
_FOLDED = """````{{admonition}} Names in the package, places in the notes
:class: dropdown concept-origins

{}````
"""


def escape(text: str) -> str:
    r"""Return `text` with the characters that MyST would read as markup escaped.

    Examples
    --------
    >>> escape("a_1 [b]")
    'a\\_1 \\[b\\]'
    """
    return _SPECIAL.sub(r"\\\1", text)


def labels_in(cells: Iterable[Mapping[str, Any]]) -> set[str]:
    r"""Return the ids of the concepts whose labels stand in a notebook's Markdown cells.

    Examples
    --------
    >>> labels_in([{"cell_type": "markdown", "source": ["(concept-lstm)=\n", "## LSTM"]}])
    {'lstm'}
    """
    return {
        name
        for cell in cells
        if cell["cell_type"] == "markdown"
        for name in LABEL.findall("".join(cell["source"]))
    }


def table(name: str, *rows: Sequence[str]) -> str:
    """Return a table in MyST text, its head first."""
    lines = ["* -" + "\n  -".join(f" {cell}" if cell else "" for cell in row) for row in rows]
    head = f"```{{list-table}}\n:class: concept-index {name}\n:header-rows: 1\n\n"
    return head + "\n".join(lines) + "\n```\n"


def section(concept: Mapping[str, Any], labels: set[str]) -> tuple[str, str]:
    """Return the row that says where a concept is taught."""
    name = concept["id"]
    return escape(concept["title"]), f"{{ref}}`concept-{name}`" if name in labels else "*to come*"


def origin(concept: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the row that says what carries a concept, and where it comes from."""
    api = [f"{{py:obj}}`{full.removeprefix('dlnotes.')} <{full}>`" for full in concept["api"]]
    return escape(concept["title"]), ", ".join(api), escape(concept["note"])


def index_text(
    concepts: Sequence[Mapping[str, Any]],
    chapters: Sequence[Mapping[str, str]],
    labels: set[str],
    documents: Iterable[str],
) -> str:
    """Return the whole index as MyST text.

    Parameters
    ----------
    concepts, chapters
        The contents of ``concepts.yml`` and ``chapters.yml``.
    labels
        Ids of the concepts whose label stands in a chapter that is built.
    documents
        Names of the documents that are built, such as ``chapters/convolution/12-…``.
    """
    documents, parts, text = set(documents), [""], []
    for chapter in chapters:
        part, _, name = chapter["file"].partition("/")
        if part != parts[-1]:
            parts.append(part)
            text.append(f"## {part.capitalize()}\n")
        title = f"{int(name[:2])} {escape(chapter['title'])}"
        document = f"chapters/{chapter['file']}"
        linked = f"{{doc}}`{title} </{document}>`" if document in documents else title
        mine = [c for c in concepts if c["chapter"] == chapter["file"]]
        first = table("sections", _SECTIONS, *(section(c, labels) for c in mine))
        second = table("origins", _ORIGINS, *map(origin, mine))
        text.append(f"### {linked}\n\n{first}\n{_FOLDED.format(second)}")
    return "\n".join(text)


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the marker in the page that Sphinx is about to read."""
    if MARKER not in source[0]:
        return
    root = Path(app.srcdir)
    concepts, chapters = (book_lists.read(root, name) for name in ("concepts", "chapters"))
    documents = {name for name in app.env.found_docs if name.startswith("chapters/")}
    notebooks = [root / f"{name}.ipynb" for name in documents]
    labels: set[str] = set()
    for path in notebooks:
        if path.exists():
            labels |= labels_in(json.loads(path.read_text("utf-8"))["cells"])
    source[0] = source[0].replace(MARKER, index_text(concepts, chapters, labels, documents))


def always_outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Have the page read again in each build: it depends on every chapter."""
    return [PAGE] if PAGE in env.found_docs else []


def let_names_break(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let long names of the package break at their dots and underscores, not within a word."""
    if docname != PAGE:
        return
    for name in list(doctree.findall(nodes.literal)):
        first, *rest = re.split(r"(?<=[._])", name.astext())
        texts = [node for part in rest for node in (_break(), nodes.Text(part))]
        name.children = []
        name.extend([nodes.Text(first), *texts])


def _break() -> nodes.raw:
    """Return a place where a line may end."""
    return nodes.raw("", "<wbr>", format="html")


def add_style(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the index and the glossary the style that fits them to narrow screens."""
    if pagename in (PAGE, GLOSSARY):
        app.add_css_file("reference-pages.css")


def fact(root: Path, text: str) -> str | None:
    """Return a number of the catalogue, by ``concept.key``, as it is written; None if none."""
    name, _, key = text.partition(".")
    concepts = book_lists.read(root, "concepts")
    value = {c["id"]: c["show"] for c in concepts}.get(name, {}).get(key)
    return f"{value:,}" if isinstance(value, int | float) else None


class Fact(SphinxRole):
    """The role that writes one number of the catalogue: ``{fact}`concept.key```."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Look the number up, and fail the build if there is none."""
        root = Path(self.env.srcdir)
        self.env.note_dependency(str(root / "book" / "concepts.yml"))
        value = fact(root, self.text)
        if value is None:
            message = self.inliner.reporter.error(
                f"fact: {self.text} is no number of concepts.yml; write concept.key",
                line=self.lineno,
            )
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [nodes.Text(value)], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_role("fact", Fact())
    app.connect("source-read", fill_in)
    app.connect("env-get-outdated", always_outdated)
    app.connect("doctree-resolved", let_names_break)
    app.connect("html-page-context", add_style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
