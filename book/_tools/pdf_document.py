"""One document made of the built pages: the book as it is printed.

The pages of the site are taken as they stand, so that numbers, links and formulas are those that
a reader sees and the tests check. What only a screen can use is left out; solutions move to the
end of their chapter; links between pages become links within the document; and wherever a page's
number will stand there is an element with the attribute ``data-page-of``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from shell import Stop

LEFT_OUT = (
    "script",
    "form",
    "button",
    ".headerlink",
    ".dln-setup",
    "details.hide",
    ".dln-proof > :not(summary)",
    ".concept-origins, .short-path, .on-screen",
)
"""What paper has no use for: scripts, controls, imports, code that draws figures, names of code."""
NAMES = ("id", "for", "headers", "aria-labelledby", "aria-describedby")
_URL = re.compile(r"url\(#([^)]+)\)")


@dataclass
class Heading:
    """An entry of the contents: where it leads, and what stands below it."""

    id: str
    number: str
    title: str
    below: list[Heading] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Number and title."""
        return f"{self.number} {self.title}".strip()


@dataclass
class Page:
    """A page of the site, ready to be printed."""

    name: str
    heading: Heading
    article: Tag


class Pages:
    """The pages of the site at ``site`` that are printed, and what becomes of links to others."""

    def __init__(self, site: Path, names: Sequence[str], address: str = "") -> None:
        self.site, self.names, self.address = site, list(names), address
        self.styles: dict[str, None] = {}

    def read(self, name: str) -> Page:
        """Return one page, without what paper has no use for, its names made the document's."""
        soup = BeautifulSoup((self.site / f"{name}.html").read_text("utf-8"), "html.parser")
        article = one(soup, "article")
        self.note_styles(soup, name)
        for unwanted in article.select(", ".join(LEFT_OUT)):
            unwanted.decompose()
        for element in article.find_all(True):
            self.rename(element, name)
        gather_solutions(article, prefix(name))
        name_headings(article)
        unfold(article)
        return Page(name, contents_of(article), article)

    def note_styles(self, soup: BeautifulSoup, page: str) -> None:
        """Remember the styles that a page loads."""
        folder = self.site / posixpath.dirname(page)
        for link in soup.select("link[rel=stylesheet]"):
            file = folder / str(link["href"]).partition("?")[0]  # without its version
            self.styles[file.resolve().as_uri()] = None

    def rename(self, element: Tag, page: str) -> None:
        """Give an element's names the page's prefix, and lead its links to where they end now."""
        for key, value in list(element.attrs.items()):
            if key in NAMES:
                words = value if isinstance(value, list) else str(value).split()
                element[key] = " ".join(prefix(page) + word for word in words)
            elif isinstance(value, str) and "url(#" in value:
                element[key] = _URL.sub(rf"url(#{prefix(page)}\1)", value)
            elif key in ("href", "xlink:href", "src") and element.name != "image":
                self.lead(element, key, str(value), page)

    def lead(self, element: Tag, key: str, link: str, page: str) -> None:
        """Lead one link to a place in the document, a file of the site, or the site's address."""
        if re.match(r"[a-z][a-z+.-]*:", link):
            return
        path, _, place = link.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else ""
        target = file.removesuffix(".html") if path else page
        if target in self.names:
            element[key] = f"#{prefix(target)}{place}"
            if target != page and is_reference(element):
                there = page_of(f"{prefix(target)}{place}", before="\u00a0(p.\u00a0", after=")")
                element.insert_after(there)
        elif element.name != "a":
            element[key] = (self.site / file).as_uri()
        elif self.address:
            outside = (file or f"{page}.html") + ("#" + place if place else "")
            element[key] = urljoin(self.address, outside)
        else:
            del element[key]  # it leads out of the book, and nobody has said where the site is


def one(tag: Tag, selector: str) -> Tag:
    """Return the first element that a selector finds; pages of the book have one."""
    found = tag.select_one(selector)
    if found is None:
        raise Stop(f"a page of the site has no {selector}; run make clean, then make book")
    return found


def prefix(page: str) -> str:
    """Return what the names of a page begin with in the document.

    A link to the page as a whole leads to this name.

    Examples
    --------
    >>> prefix("chapters/foundations/01-neurons")
    '01-neurons.'
    """
    return posixpath.basename(page) + "."


def is_reference(link: Tag) -> bool:
    """Tell whether a link names a chapter or a section, whose page a reader on paper needs."""
    return link.select_one(".std-doc, .std-ref, .doc") is not None


def page_of(target: str, *, before: str = "", after: str = "") -> Tag:
    """Return the place for a page's number."""
    soup = BeautifulSoup("", "html.parser")
    outer = soup.new_tag("span", attrs={"class": "page-of"})
    inner = soup.new_tag("span", attrs={"data-page-of": target})
    inner.string = "000"
    outer.extend([before, inner, after])
    return outer


def gather_solutions(article: Tag, start: str) -> None:
    """Move the solutions to the end of the chapter; each exercise says on which page its own is.

    Here a solution stands right below its exercise, folded; paper would give it away.
    """
    found = article.select("details.solution")
    if not found:
        return
    empty = f'<section id="{start}solutions"><h2>Solutions</h2></section>'
    soup = BeautifulSoup(empty, "html.parser")
    end = one(soup, "section")
    for solution in found:
        exercise = solution.find_previous(class_="exercise")
        title = solution.summary
        if exercise is not None and title is not None and exercise.get("id"):
            link = soup.new_tag("a", href=f"#{exercise['id']}")
            link.extend(list(title.contents))
            title.append(link)
            there = soup.new_tag("a", href=f"#{solution['id']}")
            there.append(page_of(str(solution["id"]), before="Solution on page\u00a0"))
            (exercise.select_one(".admonition-title") or exercise).append(there)
        end.append(solution.extract())
    (article.section or article).append(end)


def name_headings(article: Tag) -> None:
    """Move the names of a section to its heading, which may stand on the page after its start."""
    for heading in article.select("section > :is(h1, h2, h3, h4)"):
        for label in heading.find_previous_siblings("span", id=True):
            heading.insert(0, label.extract())
        if name := (heading.parent or heading).attrs.pop("id", ""):
            heading["id"] = name


def unfold(article: Tag) -> None:
    """Turn what a reader opens into what stands open; of a proof its one line is left."""
    for block in article.select("details"):
        block.name = "div"
        block.attrs.pop("open", None)
    for line in article.select("summary"):
        line.name = "p"


def contents_of(article: Tag) -> Heading:
    """Return the heading of a page, with those of its sections."""
    title, *others = article.select("h1, h2")
    heading = heading_of(title)
    heading.below = [heading_of(other) for other in others]
    return heading


def heading_of(element: Tag) -> Heading:
    """Return what a heading says."""
    number = element.select_one(".section-number")
    said = number.get_text() if number else ""
    words = " ".join(element.get_text().removeprefix(said).split())
    return Heading(str(element["id"]), said.strip(), words)
