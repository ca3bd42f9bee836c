"""Citations that read well everywhere: a notebook names author and year, and the key is a link.

``[Ioffe and Szegedy (2015)](cite:ioffe2015batch)`` in a sentence, and after a claim
``([Polyak, 1964](cite:polyak1964some); [Goh, 2017](cite:goh2017why))``, are what JupyterLab, VS
Code, Colab and GitHub show as they stand. For the page they become the roles of
sphinxcontrib-bibtex before Sphinx reads them; `said` is what must stand between the brackets.
"""

from __future__ import annotations

import re
from typing import Any

from pybtex.database import Entry
from sphinx.application import Sphinx

_ONE = r"\[[^][\"\n]+\]\(cite:[\w-]+\)"  # on one line, and never past the end of a JSON string
ONE = re.compile(r"\[([^][\"\n]+)\]\(cite:([\w-]+)\)")
GROUP = re.compile(rf"\(({_ONE}(?:; {_ONE})*)\)")


def as_roles(text: str) -> str:
    """Return Markdown, or a notebook as JSON, with its citations as roles.

    Examples
    --------
    >>> as_roles("As [Goh (2017)](cite:g) says ([A, 1999](cite:a); [B, 2000](cite:b)).")
    'As {cite:t}`g` says {cite}`a,b`.'
    """
    text = GROUP.sub(lambda m: "{cite}`" + ",".join(k for _, k in ONE.findall(m[1])) + "`", text)
    return ONE.sub(r"{cite:t}`\2`", text)


def said(entry: Entry, *, in_sentence: bool) -> str:
    """Return author and year of a work, as a sentence has them or as they stand in brackets.

    Parameters
    ----------
    entry : Entry
        Of a bibliography that pybtex has read.
    in_sentence : bool
        ``Goh (2017)`` rather than ``Goh, 2017``.
    """
    persons = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join(map(str, [*p.rich_prelast_names, *p.rich_last_names])) for p in persons]
    who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    year = entry.fields.get("year", "n.d.")
    return f"{who} ({year})" if in_sentence else f"{who}, {year}"


def read(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn the citations of a page into roles as it is read."""
    source[0] = as_roles(source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the form."""
    app.connect("source-read", read)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
