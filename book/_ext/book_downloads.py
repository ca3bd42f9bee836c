"""A page that is downloaded as a notebook reads anywhere and runs alone.

Its copy is made when the site is built, from the notebook, which stays the only source: the markup
is plain Markdown (`book_markup`), references are links into the site, citations are author and
year with a list at the end, figures have their captions, and a first cell installs dlnotes. Code
and outputs are as they are. The package brings the records, numbers and pictures that chapters
read, so nothing else is needed.

Two settings of ``_config.yml`` say where: ``repository: url`` is the address of the repository, and
``html: baseurl`` that of the site; without it a reference is its words alone, a title in italics.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import yaml
from pybtex.plugin import find_plugin
from sphinx.application import Sphinx
from sphinx.util import logging

from book_citations import as_roles, said
from book_markup import Plain
from book_numbers import planned_title
from concept_index import fact

logger = logging.getLogger(__name__)

EXTRAS = "dlnotes[torch,plot,data,cli]"
UNSET = f"""\
# This page needs dlnotes, and this copy of the book does not say where it can be had.
# In a checkout of the book it is there; from elsewhere install the checkout's folder:
# %pip install "{EXTRAS} @ file:///PATH/TO/THE/CHECKOUT\""""
_TARGET = re.compile(r"(.+?)\s*<([^<>]+)>", re.S)
_ESCAPED = re.compile(r"\\([.\-()!+#])")


def repository(source: Path) -> str:
    """Return the address of the repository that ``_config.yml`` gives; empty if none."""
    path = source / "_config.yml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return str((settings.get("repository") or {}).get("url") or "").rstrip("/").removesuffix(".git")


def install_line(address: str) -> str:
    """Return the code that installs dlnotes from a repository, or says what to do.

    Examples
    --------
    >>> install_line("https://example.org/dlnotes").splitlines()[-1]
    '%pip install --quiet "dlnotes[torch,plot,data,cli] @ git+https://example.org/dlnotes"'
    """
    if not address:
        return UNSET
    return (
        "# dlnotes brings the functions, records and pictures that this page uses.\n"
        f'%pip install --quiet "{EXTRAS} @ git+{address}"'
    )


class Links:
    """What the references of one page say, and where they lead.

    Parameters
    ----------
    app : Sphinx
        After the build, when every label has its place and number.
    docname : str
        The page.
    """

    def __init__(self, app: Sphinx, docname: str) -> None:
        self.app, self.env, self.docname = app, app.env, docname
        self.std = app.env.domaindata["std"]
        self.cited: dict[str, Any] = {}

    def role(self, name: str, text: str) -> str:
        """Return what a role says, as a link where it leads somewhere.

        Raises
        ------
        KeyError
            If it leads nowhere, or if the role is none of those that chapters use.
        """
        match = _TARGET.fullmatch(text)
        words, target = (match[1], match[2]) if match else ("", text)
        kind, _, style = name.partition(":")
        if kind == "cite":
            return "; ".join(self.citation(key.strip(), style) for key in text.split(","))
        if kind == "py":
            entry = self.env.domaindata["py"]["objects"][target.lstrip("~")]
            short = target.rpartition(".")[2] if target.startswith("~") else target
            return self.link(f"`{words or short}`", entry.docname, entry.node_id)
        return {"doc": self.page, "ref": self.section, "term": self.term, "eq": self.equation,
                "numref": self.figure, "fact": self.fact}[kind](words, target)  # fmt: skip

    def link(self, words: str, docname: str, anchor: str = "", *, title: str = "") -> str:
        """Return words as a link into the site; without its address alone, a title in italics."""
        base = self.app.config.html_baseurl.rstrip("/")
        if not base:
            return f"*{words}*" if words == title else words
        uri = self.app.builder.get_target_uri(docname)
        return f"[{words}]({base}/{uri}{'#' * bool(anchor)}{anchor})"

    def page(self, words: str, target: str) -> str:
        """Return a link to a page, or the name of a chapter to come."""
        name = normpath(join("/", dirname(self.docname), target))
        if name[1:] in self.env.titles:
            title = self.env.titles[name[1:]].astext()
            return self.link(words or title, name[1:], title=title)
        title = planned_title(self.app.srcdir, name)
        if not title:
            raise KeyError(target)
        return f"*{title}* (to come)" if words in ("", title) else f"{words} (to come)"

    def section(self, words: str, target: str) -> str:
        """Return a link to a label; an exercise has its number."""
        docname, anchor, title = self.std["labels"].get(target) or (
            *self.std["anonlabels"][target],
            "",
        )
        if target in self.env.toc_fignumbers.get(docname, {}).get("exercise", {}):
            words = words or f"Exercise {self.number('exercise', target)}"
        return self.link(words or title, docname, anchor, title=title)

    def term(self, words: str, target: str) -> str:
        """Return a link to a word of the glossary."""
        docname, anchor = self.std["objects"]["term", target]
        return self.link(words or target, docname, anchor)

    def equation(self, words: str, target: str) -> str:
        """Return a link to a numbered formula."""
        docname = self.env.domaindata["math"]["objects"][target][0]
        return self.link(f"({self.number('equation', target)})", docname, f"equation-{target}")

    def figure(self, words: str, target: str) -> str:
        """Return a link to a numbered figure."""
        docname, anchor = self.std["anonlabels"][target]
        return self.link(self.figure_name(docname, anchor), docname, anchor)

    def figure_name(self, docname: str, anchor: str) -> str:
        """Return a figure's name with its number."""
        return str(self.app.config.numfig_format["figure"]) % self.found("figure", docname, anchor)

    def fact(self, words: str, target: str) -> str:
        """Return a number of the catalogue."""
        value = fact(Path(self.app.srcdir), target)
        if value is None:
            raise KeyError(target)
        return value

    def number(self, kind: str, label: str) -> str:
        """Return the number of an ``"equation"`` or an ``"exercise"``."""
        if kind == "equation":
            docname = self.env.domaindata["math"]["objects"][label][0]
            return self.found("displaymath", docname, f"equation-{label}")
        return self.found("exercise", self.std["anonlabels"][label][0], label)

    def found(self, kind: str, docname: str, anchor: str) -> str:
        """Return a number as it is written."""
        return ".".join(map(str, self.env.toc_fignumbers[docname][kind][anchor]))

    def citation(self, key: str, style: str) -> str:
        """Return author and year, and remember the work for the list."""
        cited = {each.key: each for each in self.env.domaindata["cite"]["citations"]}[key]
        self.cited[key] = cited
        words = said(cited.entry, in_sentence=style == "t")
        return words if style == "t" else f"({words})"

    def references(self) -> str:
        """Return the list of the works that the page cites; empty if none."""
        backend = find_plugin("pybtex.backends", "markdown")()
        entries = sorted(
            " ".join(_ESCAPED.sub(r"\1", each.formatted_entry.text.render(backend)).split())
            for each in self.cited.values()
        )
        return "## References\n\n" + "\n".join(f"- {entry}" for entry in entries) if entries else ""


def plain_copy(notebook: Mapping[str, Any], links: Links, address: str) -> dict[str, Any]:
    """Return a notebook whose markup any reader of notebooks shows.

    Parameters
    ----------
    notebook : mapping
        The stored notebook, as JSON; it is not changed.
    links : Links
        What its references say.
    address : str
        The address of the repository; may be empty.
    """
    plain = Plain(told(links), links.number)
    cells: list[dict[str, Any]] = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "markdown":
            if not any(each["cell_type"] == "code" for each in cells):
                cells.append(code_cell("install", install_line(address)))
            cells.append(cell)
            figure = cell["metadata"].get("mystnb", {}).get("figure")
            if figure:
                name = links.figure_name(links.docname, figure["name"])
                caption = f"**{name}.** {plain.inline(figure['caption'])}"
                cells.append(markdown_cell(figure["name"], caption))
        elif text := plain.cell(as_roles("".join(cell["source"]))):
            cells.append({**cell, "source": text.splitlines(keepends=True)})
    if works := links.references():
        cells.append(markdown_cell("references", works))
    for fault in plain.faults:
        logger.warning("a download cannot show %s", fault, location=links.docname, type="dlnotes")
    return {**notebook, "cells": cells}


def told(links: Links) -> Any:
    """Return a function that resolves roles and warns about those that it cannot."""

    def role(name: str, text: str) -> str:
        try:
            return links.role(name, text)
        except KeyError:
            logger.warning(
                "a download cannot show {%s}`%s`", name, text,
                location=links.docname, type="dlnotes",
            )  # fmt: skip
            return text

    return role


def markdown_cell(name: str, text: str) -> dict[str, Any]:
    """Return a cell of text."""
    source = text.splitlines(keepends=True)
    return {"cell_type": "markdown", "id": name[:64], "metadata": {}, "source": source}


def code_cell(name: str, text: str) -> dict[str, Any]:
    """Return a cell of code that has not been run."""
    cell = {**markdown_cell(name, text), "cell_type": "code"}
    return cell | {"execution_count": None, "outputs": []}


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the copies of notebooks that the built pages offer."""
    if exception or app.builder.format != "html":
        return
    address = repository(Path(app.srcdir))
    for docname in sorted(app.env.found_docs):
        source = Path(app.env.doc2path(docname))
        copy = Path(app.outdir) / "_sources" / f"{docname}.ipynb"
        if source.suffix == ".ipynb" and copy.exists():
            notebook = json.loads(source.read_text(encoding="utf-8"))
            made = plain_copy(notebook, Links(app, docname), address)
            text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
            copy.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register what is done to downloads."""
    app.connect("build-finished", finish)
