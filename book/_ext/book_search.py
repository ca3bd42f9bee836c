"""The records of the book's search, and its page.

A section of a chapter is a record, a term of the glossary, a section of a reference page and a
name of the package as well. Sphinx's own index finds whole pages by stems; ``search.js`` scans
these records, which a classic script brings, so it works from ``file://`` too. What the text says
is recorded when a page is read: no code, no output, no solution, and of the mathematics single
letters. The Chinese names of a term lead to what its English names find.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import book_lists
import book_numbers
from concept_index import GLOSSARY
from concept_index import PAGE as CONCEPTS

LEFT_OUT = {CONCEPTS, "book/references", "book/api", "book/map", "book/figures"}
KINDS = ("chapter", "reference", "package")
_API = "book/api/"
_SILENT = (
    nodes.literal_block,
    nodes.math_block,
    nodes.table,
    nodes.raw,
    nodes.image,
)
Record = tuple[str, str, str, str]
"""Anchor, heading, further names of the place, text."""


def spoken(node: nodes.Node) -> str:
    """Return what a node says in words.

    Parameters
    ----------
    node
        Of a document; a section below it, code, tables and solutions say nothing.

    Returns
    -------
    str
        With single blanks.
    """
    return " ".join("".join(_words(node)).split())


def _words(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Text):
        yield str(node)
    elif isinstance(node, nodes.math):
        yield node.astext() if node.astext().isalnum() else " … "
    elif not (isinstance(node, _SILENT) or _is_silent(node)):
        for child in node.children:
            yield from _words(child)
        if not isinstance(node, nodes.Inline):
            yield " "


def _is_silent(node: nodes.Node) -> bool:
    """Whether this is a subsection, a cell of code, a bare reference, or a solution."""
    if isinstance(node, nodes.section):
        return isinstance(next(iter(node.children), None), nodes.title)  # an exercise's has none
    if isinstance(node, addnodes.pending_xref) and node.get("reftype") != "term":
        return not node.get("refexplicit")
    if isinstance(node, nodes.container) and "nb_element" in node:
        return True
    return isinstance(node, nodes.comment | nodes.target) or "solution" in type(node).__name__


def sections(document: nodes.Node, titles: dict[str, str]) -> Iterator[Record]:
    """Yield a record for each section; a section's text is what stands above its subsections."""
    for section in document.findall(nodes.section):
        heading = next(section.findall(nodes.title), None)
        if heading is None or not section["ids"]:
            continue
        names = [titles[name] for name in section["ids"] if name in titles]
        names += [term for child in section.children for term in _marked(child)]
        parts = [spoken(child) for child in section.children if child is not heading]
        words = " ".join(filter(None, parts))
        yield section["ids"][0], heading.astext(), "; ".join(dict.fromkeys(names)), words


def _marked(node: nodes.Node) -> Iterator[str]:
    """Yield the terms of the glossary that are marked above any subsection: this place has them."""
    if isinstance(node, addnodes.pending_xref) and node.get("reftype") == "term":
        yield node["reftarget"]
    if not isinstance(node, nodes.section):
        for child in node.children:
            yield from _marked(child)


def terms(document: nodes.Node) -> Iterator[Record]:
    """Yield a record for each entry of a glossary."""
    for item in document.findall(nodes.definition_list_item):
        names = [term for term in item.children if isinstance(term, nodes.term)]
        words = [term.astext() for term in names]
        yield names[0]["ids"][0], words[0], "; ".join(words[1:]), spoken(item.children[-1])


def package_names(document: nodes.Node) -> Iterator[Record]:
    """Yield a record for each name that a page of the package explains."""
    for item in document.findall(addnodes.desc):
        sign = next(item.findall(addnodes.desc_signature), None)
        if sign is not None and sign["ids"]:
            full = sign["ids"][0]
            first = next(item.children[-1].findall(nodes.paragraph), None)
            text = "" if first is None else spoken(first)
            yield full, full.removeprefix("dlnotes."), full.rpartition(".")[2], text


def collect(app: Sphinx, document: nodes.document) -> None:
    """Record the page that was read."""
    page, titles = app.env.docname, _concepts(app)
    found: Iterable[Record] = sections(document, titles)
    if page in LEFT_OUT:
        found = ()
    elif page == GLOSSARY:
        found = terms(document)
    elif page.startswith(_API):
        found = package_names(document)
    _store(app.env)[page] = list(found)


def _concepts(app: Sphinx) -> dict[str, str]:
    """Return the title of each concept by its label; they are names of the sections that teach."""
    if not hasattr(app, "dln_concepts"):
        there = (Path(app.srcdir) / "book" / "concepts.yml").is_file()
        rows = book_lists.read(app.srcdir, "concepts") if there else []
        app.dln_concepts = {f"concept-{row['id']}": row["title"] for row in rows}  # type: ignore[attr-defined]
    return app.dln_concepts  # type: ignore[attr-defined]


def _store(env: BuildEnvironment) -> dict[str, list[Record]]:
    """Return the records of all pages; they are kept with Sphinx's other findings."""
    if not hasattr(env, "dln_search"):
        env.dln_search = {}  # type: ignore[attr-defined]
    return env.dln_search  # type: ignore[attr-defined]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the records of a page that is read anew, or gone."""
    _store(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over what another process has read."""
    _store(env).update({page: _store(other)[page] for page in docnames if page in _store(other)})


def content(app: Sphinx) -> dict[str, Any]:
    """Return what ``search.js`` reads: pages, records and the names of each term."""
    env, pages, records = app.env, [], []
    for page in sorted(_store(env), key=lambda page: (book_numbers.chapter_of(page) or 99, page)):
        number = book_numbers.chapter_of(page)
        title = env.titles[page].astext()
        kind = 0 if number else 2 if page.startswith(_API) else 1
        where = f"{number} {title}" if number else title
        if _store(env)[page]:
            pages.append([app.builder.get_target_uri(page), kind, where])
        records += [[len(pages) - 1, *record] for record in _store(env)[page]]
    names = [[row[1], *row[2].split("; ")] for row in _store(env).get(GLOSSARY, [])]
    return {"pages": pages, "records": records, "terms": names}


def write(app: Sphinx, error: Exception | None) -> None:
    """Write the records as a script, beside the site's other ones."""
    if error is None and app.builder.format == "html":
        text = json.dumps(content(app), ensure_ascii=False, separators=(",", ":"))
        path = Path(app.outdir) / "_static" / "search-records.js"
        path.write_text(f"window.dlnSearchRecords = {text};\n", encoding="utf-8")


def own_page(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
    """Return the search's page, which stands in place of Sphinx's."""
    return [("search", {}, "search.html")]


def without_index(app: Sphinx) -> None:
    """Keep Sphinx from making the index that nobody reads."""
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]


def setup(app: Sphinx) -> None:
    """Register the search."""
    app.connect("builder-inited", without_index)
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-collect-pages", own_page)
    app.connect("build-finished", write)
