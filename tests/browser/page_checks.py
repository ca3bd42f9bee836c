"""What holds on every page, in words that say what to mend. Each check returns its complaints."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe

from benchmarks.site import FIRST_LOAD_BYTES, HTML_BYTES
from benchmarks.site_weight import first_load, packed

BUDGET = {"chapters/": FIRST_LOAD_BYTES, "": 320_000}
"""Bytes, gzipped: the first load of a chapter, or of another page, its figures not counted."""
GRAVE = ("serious", "critical")
CONTRAST = "axe.configure({ rules: [{ id: 'color-contrast', selector: '*:not([data-alike])' }] });"
AXE = Axe(f"{AXE_SCRIPT}\n{CONTRAST}")
"""Axe spends most of its time on contrasts; of pieces of text that look alike it tries one."""

FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
CHECKS = (Path(__file__).parent / "checks.js").read_text(encoding="utf-8").rstrip().rstrip(";")


@dataclass
class Visit:
    """A page in a browser, with all that went wrong while it was open."""

    page: object
    base: str
    trouble: list[str] = field(default_factory=list)

    def __post_init__(self):
        page = self.page
        page.on("console", self.heard)
        page.on("pageerror", lambda error: self.trouble.append(f"error in a script: {error}"))
        page.on("requestfailed", lambda request: self.trouble.append(f"failed: {request.url}"))
        page.on("request", self.asked)
        page.on("response", self.answered)

    def heard(self, message):
        if message.type in ("error", "warning"):
            self.trouble.append(f"console {message.type}: {message.text}")

    def asked(self, request):
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.trouble.append(f"request to another host: {request.url}")

    def answered(self, response):
        if response.status >= 400:
            self.trouble.append(f"{response.status}: {response.url}")

    def open(self, name: str) -> None:
        """Load a page and wait until its letters are there and its formulas fit.

        Far parts, which come in without a layout, get it at once, as before a jump.
        """
        self.page.goto(f"{self.base}/{name}", wait_until="load")
        self.page.evaluate("() => document.documentElement.classList.remove('late')")
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        self.page.evaluate(FRAMES)

    def ask(self, question: str):
        """Ask the page one of the questions of checks.js."""
        return self.page.evaluate(f"() => {CHECKS}.{question}()")


def layout(visit: Visit) -> list[str]:
    """Nothing hangs over, is cut off, or stands in a box of the wrong theme."""
    return visit.ask("overflow") + visit.ask("clipped") + visit.ask("boxes")


def content(visit: Visit) -> list[str]:
    """Mathematics is rendered and pictures can be read aloud."""
    return visit.ask("maths") + visit.ask("pictures")


def narrow(visit: Visit, width: int) -> list[str]:
    """On a phone letters have ten pixels, code and formulas fit, and figures fit the height."""
    visit.page.set_viewport_size({"width": width, "height": 844})
    for _ in range(4):  # the observers tell, formulas change, the observers tell again
        visit.page.evaluate(FRAMES)
    found = visit.ask("small") + visit.ask("sideways") + visit.ask("tall")
    return [f"at {width}: {line}" for line in found]


def barriers(visit: Visit) -> list[str]:
    """What axe calls serious or critical."""
    visit.ask("looks")
    found = AXE.run(visit.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"axe: {rule['id']} ({rule['impact']}): {node['html'][:120]}: {summary(node)}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"][:4]
    ]


def summary(node: dict) -> str:
    """Return what axe says about an element, in one line."""
    return " ".join(node["failureSummary"].split())[:200]


def loaded(visit: Visit, site: Path) -> dict[str, int]:
    """Return the gzipped size of every file that the open page has loaded, without its figures."""
    urls = visit.ask("resources")
    names = {unquote(urlsplit(url).path).lstrip("/") for url in urls if url.startswith(visit.base)}
    return first_load(site, names)


def budget(visit: Visit, site: Path) -> list[str]:
    """A page, and what it loads at first, stay within their budget."""
    name = unquote(urlsplit(visit.page.url).path).lstrip("/")
    found = []
    if packed(site / name) > HTML_BYTES:
        found.append(f"the page takes {packed(site / name):,} of {HTML_BYTES:,} bytes gzipped")
    sizes = loaded(visit, site)
    most = BUDGET["chapters/" if name.startswith("chapters/") else ""]
    if sum(sizes.values()) > most:
        heavy = sorted(sizes.items(), key=lambda item: -item[1])[:6]
        listed = ", ".join(f"{file} {size:,}" for file, size in heavy)
        total = sum(sizes.values())
        found.append(f"loads {total:,} bytes gzipped of {most:,}, figures not counted: {listed}")
    return found
