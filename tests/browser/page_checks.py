"""What holds on every page, in words that say what to mend. Each check returns its complaints."""

from __future__ import annotations

import functools
import gzip
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe

BUDGET = {"chapters/": 480_000, "": 600_000}
"""Bytes, gzipped: the first load of a chapter, or of another page, its figures not counted."""
_FIGURES = re.compile(
    r'<svg (?=[^>]*class="(?:[^"]* )?dln-(?:fig|svg)").*?</svg>'
    r'|<script type="application/json">.*?</script>|data:image/png;base64,[^"]*',
    re.S,
)
GRAVE = ("serious", "critical")

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
        """Load a page and wait until its letters are there and its formulas fit."""
        self.page.goto(f"{self.base}/{name}", wait_until="load")
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


def barriers(visit: Visit) -> list[str]:
    """What axe calls serious or critical."""
    found = Axe().run(visit.page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"axe: {rule['id']} ({rule['impact']}): {node['html'][:120]}: {summary(node)}"
        for rule in found
        if rule["impact"] in GRAVE
        for node in rule["nodes"][:4]
    ]


def summary(node: dict) -> str:
    """Return what axe says about an element, in one line."""
    return " ".join(node["failureSummary"].split())[:200]


@functools.cache
def packed(path: Path) -> int:
    """Return the size of a file, gzipped."""
    return len(gzip.compress(path.read_bytes(), 6))


@functools.cache
def of_figures(path: Path) -> int:
    """Return how much of a page's gzipped size its figures take."""
    html = path.read_text(encoding="utf-8")
    return packed(path) - len(gzip.compress(_FIGURES.sub("", html).encode(), 6))


def loaded(visit: Visit, site: Path) -> dict[str, int]:
    """Return the gzipped size of every file that the browser loaded for the open page."""
    urls = visit.ask("resources")
    names = {unquote(urlsplit(url).path).lstrip("/") for url in urls if url.startswith(visit.base)}
    return {name: packed(site / name) for name in sorted(names) if (site / name).is_file()}


def budget(visit: Visit, site: Path) -> list[str]:
    """The first load stays within its budget."""
    sizes = loaded(visit, site)
    total = sum(sizes.values()) - sum(
        of_figures(site / name) for name in sizes if name.endswith(".html")
    )
    kind = "chapters/" if visit.page.url.startswith(f"{visit.base}/chapters/") else ""
    if total <= BUDGET[kind]:
        return []
    heavy = sorted(sizes.items(), key=lambda item: -item[1])[:6]
    parts = ", ".join(f"{name} {size / 1000:.0f}" for name, size in heavy)
    return [
        f"first load {total / 1000:.0f} kB gzipped, more than {BUDGET[kind] / 1000:.0f}: {parts}"
    ]
