"""What the frame of a page offers for running a chapter and for reporting a mistake.

The commands for a checkout stand on every chapter. The rest needs to know where the repository is
(``repository: url`` in ``_config.yml``) and leaves no trace without it: a link that opens a new
issue, and, if GitHub has the repository, Colab and Binder.

Binder installs the repository (``.binder/``) and opens the chapter itself. Colab installs nothing
and shows no MyST, so that a chapter would fail at its first import there; it opens the page's
download instead, which begins with the line that installs dlnotes. That copy is made with the
site, and Colab opens what is on GitHub, so it takes the copy from the branch on which the workflow
publishes the site.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx

from book_downloads import repository
from book_numbers import chapter_of

SITE_BRANCH = "gh-pages"
"""The branch that holds the built site; the workflow pushes to it."""


def checkout(address: str) -> str:
    """Return the commands that enter a checkout, which is taken first if its address is known.

    Examples
    --------
    >>> print(checkout("https://example.org/us/dlnotes"))
    git clone https://example.org/us/dlnotes
    cd dlnotes
    """
    if not address:
        return "cd PATH/TO/dlnotes"
    return f"git clone {address}\ncd {address.rpartition('/')[2]}"


def elsewhere(address: str, notebook: str) -> list[tuple[str, str]]:
    """Return services that run a notebook of a repository, each with a link; none beyond GitHub.

    Examples
    --------
    >>> for name, link in elsewhere("https://github.com/us/dlnotes", "chapters/a/1 b.ipynb"):
    ...     print(link)
    https://colab.research.google.com/github/us/dlnotes/blob/gh-pages/_sources/chapters/a/1%20b.ipynb
    https://mybinder.org/v2/gh/us/dlnotes/HEAD?labpath=chapters%2Fa%2F1%20b.ipynb
    """
    found = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+)", address)
    if not found:
        return []
    colab = f"https://colab.research.google.com/github/{found[1]}/blob/{SITE_BRANCH}/_sources/"
    binder = f"https://mybinder.org/v2/gh/{found[1]}/HEAD?labpath="
    return [("Colab", colab + quote(notebook)), ("Binder", binder + quote(notebook, safe=""))]


def report(address: str, page: str) -> str:
    """Return the link that opens a new issue about a page.

    Examples
    --------
    >>> report("https://github.com/us/dlnotes", "7 Drop & stop")
    'https://github.com/us/dlnotes/issues/new?title=Mistake%20in%20%E2%80%9C7%20Drop%20%26%20stop%E2%80%9D'
    """
    return f"{address}/issues/new?title={quote(f'Mistake in “{page}”', safe='')}"


def offer(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the frame of a page its commands and links."""
    if doctree is None:
        return
    address = repository(Path(app.srcdir))
    if address:
        title = f"{chapter_of(page) or ''} {app.env.titles[page].astext()}".strip()
        context["dln_report"] = report(address, title)
    if Path(app.env.doc2path(page)).suffix == ".ipynb":
        notebook = f"{page}.ipynb"
        context["dln_commands"] = f"{checkout(address)}\nmake lab ARGS={notebook}"
        context["dln_elsewhere"] = elsewhere(address, notebook)


def setup(app: Sphinx) -> None:
    """Register what the frame offers."""
    app.connect("html-page-context", offer)
