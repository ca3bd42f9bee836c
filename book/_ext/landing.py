"""The landing page: what ``book/intro.md`` leaves to be computed, and the page at the site's root.

A line ``%% landing: NAME %%`` of that page gives way to MyST text when Sphinx reads it: where to
start, the figure at the top, the ladder, a card for each chapter of a part, how to get it all.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from docutils import nodes
from sphinx.application import Sphinx

import book_lists
from book_downloads import repository
from book_launch import checkout
from concept_index import escape
from dlnotes import __version__

PAGE = "book/intro"
MARKER = re.compile(r"^%% landing: (\w+) %%$", re.MULTILINE)
SOURCES = ("book/chapters.yml", "book/results/ladder.jsonl", "_config.yml", "_toc.yml")
_LINK = re.compile(r'((?:\s(?:href|src|action|content)=|url\()")(\.\./[^"]*|[\w-]+\.html[^"]*)"')

Chapters = Sequence[Mapping[str, str]]


def cards(part: str, chapters: Chapters, documents: set[str]) -> str:
    """Return a list of the chapters of a part, each with its question; those to come say so.

    Examples
    --------
    >>> print(cards("a", [{"file": "a/01-b", "title": "B", "question": "Why?"}], set()))
    {.cards}
    - 1 B [coming]{.coming}
    <BLANKLINE>
      Why?
    """
    lines = ["{.cards}"]
    for chapter in chapters:
        folder, name = chapter["file"].split("/")
        if folder == part:
            title = f"{int(name[:2])} {escape(chapter['title'])}"
            document = f"chapters/{chapter['file']}"
            there = document in documents
            head = f"{{doc}}`{title} </{document}>`" if there else f"{title} [coming]{{.coming}}"
            lines.append(f"- {head}\n\n  {escape(chapter['question'])}")
    return "\n".join(lines)


def start(chapters: Chapters, documents: set[str]) -> str:
    """Return the buttons below the first sentence; the first leads to the first chapter there is.

    Examples
    --------
    >>> print(start([{"file": "a/01-b", "title": "B"}], {"chapters/a/01-b"}).splitlines()[1])
    {doc}`Start: B </chapters/a/01-b>`
    """
    written = [c for c in chapters if f"chapters/{c['file']}" in documents]
    first = written[0]
    missing = len(chapters) - len(written)
    how_far = f"; {len(written)} are written, the others are planned below" if missing else ""
    return (
        f"{{.buttons}}\n{{doc}}`Start: {escape(first['title'])} </chapters/{first['file']}>`\n"
        "[All chapters](#the-chapters)\n[Get it](#get-it)\n\n"
        f"{len(chapters)} chapters, each with a question of its own{how_far}."
    )


def get(address: str, title: str, author: str, year: str) -> str:
    """Return how to take, run and cite the book; without an address, from a copy of its folder."""
    where = (
        "" if address else "This copy of the book names no public address; whoever gave it to you "
        "has the folder `dlnotes`, which holds all of it. "
    )  # fmt: skip
    source = f"  url = {{{address}}},\n" if address else ""
    return f"""\
**Read.** Here, on any screen; a copy of these pages reads the same from a disk, without a network.

**Run a chapter.** The arrow at the top of a chapter downloads it as a notebook, whose first cell \
{"installs what it needs" if address else "says what to install"}; the triangle beside it says how \
else it runs.

**Take it all.** {where}With Python 3.11 or later, git and make:

```bash
{checkout(address)}
make book      # builds these pages
make lab       # opens the chapters in JupyterLab
pip install .  # the package alone, which needs NumPy alone
```

**Cite.**

```bibtex
@misc{{dlnotes,
  title = {{{title}}},
  author = {{{{{author}}}}},
  year = {{{year}}},
  note = {{version {__version__}}},
{source}}}
```"""


def fill_in(app: Sphinx, docname: str, source: list[str]) -> None:
    """Replace the markers of the page that Sphinx is about to read."""
    if not MARKER.search(source[0]):
        return
    from dlnotes.ladder import records, table
    from landing_figures import digit, ladder  # which load PyTorch

    root = Path(app.srcdir)
    for name in SOURCES:
        app.env.note_dependency(str(root / name))
    chapters = book_lists.read(root, "chapters")
    documents = set(app.env.found_docs)
    title = source[0].partition("# ")[2].partition("\n")[0]

    def text(match: re.Match[str]) -> str:
        name = match[1]
        if name == "start":
            return start(chapters, documents)
        if name == "get":
            address = repository(root)
            return get(address, title, app.config.author, app.config.copyright)
        if name == "digit":
            return _html(digit())
        if name == "ladder":
            return _html(ladder(table.rows(records.read(root / SOURCES[1]))))
        return cards(name, chapters, documents)

    source[0] = MARKER.sub(text, source[0])


def _html(html: str) -> str:
    """Return HTML as a block of MyST text."""
    return f"```{{raw}} html\n{html}\n```"


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give a page the words and the picture that a link to it shows; the landing page its style."""
    if page == PAGE:
        app.add_css_file("landing.css")
    card = "_static/card.png"
    base = app.config.html_baseurl
    context["dln_card"] = urljoin(base, card) if base else context["content_root"] + card
    context["dln_description"] = first_words(doctree) if doctree else ""
    # the landing page stands twice, and is known by the site's address
    context["dln_address"] = base and urljoin(base, "" if page == PAGE else f"{page}.html")


def first_words(doctree: nodes.document, most: int = 240) -> str:
    """Return the first sentences of a page's text, without formulas."""
    for paragraph in doctree.findall(nodes.paragraph):
        words = paragraph.astext().split()
        told = isinstance(paragraph.parent, nodes.section) and len(words) > 5
        if told and not any(paragraph.findall(nodes.math)):
            text = " ".join(words)
            return text if len(text) <= most else text[:most].rpartition(" ")[0] + " …"
    return ""


def at_the_root(html: str, page: str) -> str:
    """Return a page whose links lead from the site's root instead of the page's own folder.

    Examples
    --------
    >>> at_the_root('<a href="../a.html"><a href="b.html#c"><a href="#d">', "book/intro.html")
    '<a href="a.html"><a href="book/b.html#c"><a href="#d">'
    >>> at_the_root('src:url("../_static/fonts/a.woff2")', "book/intro.html")
    'src:url("_static/fonts/a.woff2")'
    """

    def moved(match: re.Match[str]) -> str:
        path, *rest = re.split(r"(?=[?#])", match[2], maxsplit=1)
        return f'{match[1]}{posixpath.normpath(urljoin(page, path))}{"".join(rest)}"'

    return _LINK.sub(moved, html).replace('data-content_root="../"', 'data-content_root="./"')


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Put the landing page at the site's root, where Jupyter Book would send readers on."""
    page = Path(app.outdir) / f"{PAGE}.html"
    if not exception and app.builder.format == "html" and page.exists():
        html = at_the_root(page.read_text("utf-8"), f"{PAGE}.html")
        (Path(app.outdir) / "index.html").write_text(html, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("source-read", fill_in)
    app.connect("html-page-context", describe)
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
