"""The book on paper: title page, contents, parts, chapters and reference in one HTML document."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pdf_document import Heading, Page, Pages, one, prefix
from shell import ROOT, Stop

sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "book" / "_ext"))

import book_lists
from dlnotes import __version__

NOT_PRINTED = ("book/figures", "book/api")
"""Pages that are of use on a screen alone: a list of what moves, and the names of the package."""
FRONT = "book/intro"
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@dataclass
class Part:
    """A part of the book: its heading, its pages, and the question that each of them asks."""

    heading: Heading
    pages: list[Page]
    questions: Mapping[str, str]


@dataclass
class Book:
    """All that is printed."""

    parts: list[Part]
    title: str
    author: str
    lead: str
    picture: str
    styles: list[str]

    @property
    def contents(self) -> list[Heading]:
        """The headings, part by part."""
        return [part.heading for part in self.parts]


def plan(root: Path, chosen: Sequence[str] = ()) -> list[tuple[Heading, list[str]]]:
    """Return the parts, without pages, and the names of the pages of each: all, or the chosen."""
    toc = yaml.safe_load((root / "_toc.yml").read_text("utf-8"))
    known = {chapter["file"] for part in toc["parts"] for chapter in part["chapters"]}
    if unknown := set(chosen) - known:
        raise Stop(f"{min(unknown)} is no page of the book; pages are named as in _toc.yml")
    parts = []
    for number, part in zip(ROMAN, toc["parts"], strict=False):
        said = f"Part {number}" if part.get("numbered") else ""
        names = [c["file"] for c in part["chapters"] if c["file"] not in NOT_PRINTED]
        if chosen:
            names = [name for name in names if name in chosen]
        if names:
            parts.append((Heading(f"part-{number}", said, part["caption"]), names))
    return parts


def read(site: Path, root: Path = ROOT, chosen: Sequence[str] = ()) -> Book:
    """Read the pages of the book from the built site."""
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    chapters = book_lists.read(root, "chapters")
    questions = {f"chapters/{entry['file']}": entry["question"] for entry in chapters}
    parts = plan(root, chosen)
    names = [name for _, inside in parts for name in inside]
    pages = Pages(site, names, config["html"]["baseurl"])
    made = []
    for heading, inside in parts:
        printed = [pages.read(name) for name in inside]
        heading.below = [page.heading for page in printed]
        for page in heading.below:
            if not page.number:
                page.below = []  # the contents list the sections of chapters alone
        made.append(Part(heading, printed, questions))
    front = pages.read(FRONT)
    return Book(
        parts=made,
        title=front.heading.title,
        author=config["author"],
        lead=one(front.article, ".lead").get_text(),
        picture=(site / "_static" / "card.png").as_uri(),
        styles=list(pages.styles),
    )


def render(book: Book, root: Path = ROOT) -> str:
    """Return the document that is printed."""
    config = yaml.safe_load((root / "_config.yml").read_text("utf-8"))
    folder = Path(__file__).parent
    jinja = Environment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=True)
    # a string of JSON is one of CSS
    jinja.filters |= {"css": partial(json.dumps, ensure_ascii=False), "start": prefix}
    style = (folder / "pdf.css").read_text("utf-8")
    template = jinja.get_template("pdf.html")
    return template.render(book=book, config=config, style=style, version=__version__)
