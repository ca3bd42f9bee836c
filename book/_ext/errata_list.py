"""The list of errata, made from ``book/errata.yml``.

``book/errata.md`` holds one marker line. When Sphinx reads that page the marker gives way to
MyST text: the entries of each written chapter, each with a link to the place that proves it, and
then those that wait for their chapter. The place carries the label ``(erratum-<id>)=``; an entry
of the list carries ``(listed-<id>)=``, so that a chapter can point back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from concept_index import escape

MARKER = "%% errata-list %%"
PAGE = "book/errata"


def entry(erratum: Mapping[str, str], proved: bool) -> str:
    """Return one erratum as a paragraph, with the link to its proof once there is one."""
    where = f"**Note {erratum['note']}, {escape(erratum['where'])}.**"
    proof = f" {{ref}}`Shown here <erratum-{erratum['id']}>`." if proved else ""
    says, right = escape(erratum["says"].strip()), escape(erratum["right"].strip())
    return f"(listed-{erratum['id']})=\n{where} *{says}* {right}{proof}\n"


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
        title = f"{chapter['file'].partition('/')[2][:2]} {escape(chapter['title'])}"
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
    folder = Path(app.srcdir) / "book"
    errata, chapters = (
        yaml.safe_load((folder / name).read_text("utf-8"))
        for name in ("errata.yml", "chapters.yml")
    )
    documents = {name for name in app.env.found_docs if name.startswith("chapters/")}
    source[0] = source[0].replace(MARKER, list_text(errata, chapters, documents))


def always_outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Have the page read again in each build: it depends on which chapters there are."""
    return [PAGE] if PAGE in env.found_docs else []


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", fill_in)
    app.connect("env-get-outdated", always_outdated)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
