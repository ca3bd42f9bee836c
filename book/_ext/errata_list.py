"""The list of errata, made from ``book/errata.yml``.

``book/errata.md`` holds one marker line. When Sphinx reads that page the marker gives way to
MyST text: the entries of each written chapter, each with a link to the place that proves it, and
then those that wait for their chapter. The place carries the label ``(erratum-<id>)=``; an entry
of the list carries ``(listed-<id>)=``, so that a chapter can point back. Above the list stands
what narrows it, by ``errata.js``; without a script it is not shown, and the whole list stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import book_lists
from concept_index import escape

MARKER = "%% errata-list %%"
PAGE = "book/errata"


def entry(erratum: Mapping[str, str], proved: bool) -> str:
    """Return one erratum as a paragraph, with the link to its proof once there is one."""
    where = f"**Note {erratum['note']}, {escape(erratum['where'])}.**"
    proof = f" {{ref}}`Shown here <erratum-{erratum['id']}>`." if proved else ""
    says, right = escape(erratum["says"].strip()), escape(erratum["right"].strip())
    return f"(listed-{erratum['id']})=\n{where} *{says}* {right}{proof}\n"


def filter_html(errata: Sequence[Mapping[str, str]]) -> str:
    """Return the fields that narrow the list: words, and the note."""
    notes = sorted({e["note"] for e in errata})
    options = "".join(f'<option value="{note}">{note}</option>' for note in notes)
    return (
        '<form class="errata-filter needs-script" role="search" aria-label="The errata">'
        '<label>Find <input type="search" autocomplete="off"></label>'
        f'<label>Note <select><option value="">all</option>{options}</select></label>'
        "<output></output></form>"
    )


def list_text(
    errata: Sequence[Mapping[str, str]],
    chapters: Sequence[Mapping[str, str]],
    documents: Iterable[str],
) -> str:
    """Return the whole list as MyST text.

    Parameters
    ----------
    errata, chapters
        The contents of ``errata.yml`` and ``chapters.yml``.
    documents
        Names of the documents that are built, such as ``chapters/convolution/12-…``.
    """
    documents, text, waiting = set(documents), [], []
    for chapter in chapters:
        mine = [e for e in errata if e["chapter"] == chapter["file"]]
        title = f"{int(chapter['file'].partition('/')[2][:2])} {escape(chapter['title'])}"
        document = f"chapters/{chapter['file']}"
        if not mine:
            continue
        if document in documents:
            text.append(f"## {{doc}}`{title} </{document}>`\n")
            text += [entry(e, proved=True) for e in mine]
        else:
            waiting.append(f"### {title}\n")
            waiting += [entry(e, proved=False) for e in mine]
    if waiting:
        text += ["## Waiting for their chapters\n", *waiting]
    return "\n".join(text)


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the marker in the page that Sphinx is about to read."""
    if MARKER not in source[0]:
        return
    errata, chapters = (book_lists.read(app.srcdir, name) for name in ("errata", "chapters"))
    documents = {name for name in app.env.found_docs if name.startswith("chapters/")}
    text = f"```{{raw}} html\n{filter_html(errata)}\n```\n\n"
    source[0] = source[0].replace(MARKER, text + list_text(errata, chapters, documents))


def always_outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Have the page read again in each build: it depends on which chapters there are."""
    return [PAGE] if PAGE in env.found_docs else []


def add_script(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Give the page what narrows its list."""
    if pagename == PAGE:
        app.add_css_file("reference-pages.css")
        app.add_js_file("errata.js", defer="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", fill_in)
    app.connect("env-get-outdated", always_outdated)
    app.connect("html-page-context", add_script)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
