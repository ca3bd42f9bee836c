"""What can be read from the files without a browser: links, anchors, ids, hosts."""

from __future__ import annotations

import functools
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

from conftest import SITE

FOREIGN = re.compile(
    r"""(?:src|href)\s*=\s*["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import"""
)
FONT = re.compile(r'url\("[^"]*?fonts/([^"]+)"\)')


@dataclass
class Parsed(HTMLParser):
    """Links, loaded files and ids of one page."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    lang: str = ""

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids[found["id"]] += 1
        if tag == "html":
            self.lang = found.get("lang", "")
        if (tag == "a" and "href" in found) or (
            tag == "link" and found.get("rel") in ("next", "prev")
        ):
            self.links.append(found["href"])
        elif tag in ("img", "script", "source", "video", "iframe") and found.get("src"):
            self.loads.append(found["src"])
        elif tag == "link" and found.get("href"):
            self.loads.append(found["href"])


@functools.cache
def parsed(path: Path) -> Parsed:
    """Parse a page once."""
    result = Parsed()
    result.feed(path.read_text(encoding="utf-8"))
    return result


def target(page_name: str, link: str) -> tuple[str, str]:
    """Return the file and the anchor that a link of a page points to."""
    parts = urlsplit(link)
    path = unquote(parts.path)
    name = normpath(str(PurePosixPath(page_name).parent / path)) if path else page_name
    return name, unquote(parts.fragment)


def dead_links(page_name: str, site: Path) -> list[str]:
    """Say which links of a page lead nowhere."""
    dead = []
    for link in parsed(site / page_name).links:
        if urlsplit(link).scheme in ("http", "https", "mailto"):
            continue
        name, anchor = target(page_name, link)
        if not (site / name).is_file():
            dead.append(f"{link}: no such file")
        elif anchor and name.endswith(".html") and anchor not in parsed(site / name).ids:
            dead.append(f"{link}: no such anchor")
    return dead


def test_links_and_anchors_are_alive(page_name, site):
    assert dead_links(page_name, site) == []


def test_the_pages_of_source_lead_back(site):
    """They are tried for this alone, not in a browser."""
    names = [path.relative_to(site).as_posix() for path in (site / "_modules").rglob("*.html")]
    assert "_modules/dlnotes/autodiff/variable.html" in names
    assert {name: dead for name in names if (dead := dead_links(name, site))} == {}


def test_functions_and_classes_of_the_api_pages_lead_to_their_source(site):
    lost = []
    for path in sorted((site / "book" / "api").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        for kind, body in re.findall(
            r'<dl class="py (\w+)">\n<dt class="sig(.*?)</dt>', text, re.S
        ):
            if kind in ("function", "class", "exception") and "viewcode-link" not in body:
                lost += [f"{path.stem}: {match[1]}" for match in re.finditer(r'id="(\S+)"', body)]
    assert lost == []


def test_loaded_files_are_the_books_own(page_name, site):
    foreign = []
    for load in parsed(site / page_name).loads:
        name, _ = target(page_name, load)
        own = not urlsplit(load).netloc and (load.startswith("data:") or (site / name).is_file())
        if not own:
            foreign.append(load)
    assert foreign == []


def test_ids_are_unique_and_the_language_is_told(page_name, site):
    page = parsed(site / page_name)
    assert [name for name, count in page.ids.items() if count > 1] == []
    assert page.lang == "en"


def test_styles_load_nothing_from_elsewhere(site):
    bad = {
        path.name: match[0]
        for path in site.rglob("*.css")
        if (match := FOREIGN.search(path.read_text(encoding="utf-8")))
    }
    assert bad == {}


def test_each_served_font_has_its_licence_beside_it(site):
    fonts, texts = site / "_static" / "fonts", {}
    for path in fonts.glob("*LICENSE.txt"):
        texts[path.name] = path.read_text(encoding="utf-8")
    assert len(list(fonts.glob("*.woff2"))) == len(set(FONT.findall(style(site)))) >= 8
    for words in ("SIL OPEN FONT LICENSE", "Bitstream Vera"):
        assert any(words in text for text in texts.values()), words


def style(site: Path) -> str:
    """Return what names the fonts: the sheet, and what each page names itself."""
    sheet, page = (site / name for name in ("_static/fonts.css", "index.html"))
    own, _, _ = page.read_text(encoding="utf-8").partition("</style>")
    return sheet.read_text(encoding="utf-8") + own


def test_the_front_door_is_the_landing_page(site):
    door, page = (site / name for name in ("index.html", "book/intro.html"))
    links = [target("book/intro.html", link)[0] for link in parsed(page).links]
    found = [target("index.html", link)[0] for link in parsed(door).links]
    assert found == [name.replace("book/intro", "index") for name in links]
    text = door.read_text(encoding="utf-8")
    assert text.count('name="viewport"') == 1
    assert re.search(r'<meta name="description" content="A free book [^"]{80,}">', text)
    assert (site / re.search(r'property="og:image" content="([^"]+)"', text)[1]).is_file()


def test_nothing_of_the_unused_themes_is_served():
    names = [path.name for path in SITE.rglob("*")]
    assert [name for name in names if "fontawesome" in name or name.startswith("fa-")] == []
