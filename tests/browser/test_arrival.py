"""What happens while a page arrives: no line moves under the reader's eyes."""

from __future__ import annotations

import re
import time

import pytest

from conftest import SITE

PAGES = (
    "index.html",
    "chapters/foundations/01-neurons.html",
    "chapters/practice/30-mnist-ladder.html",
)
EARLY = re.compile(r'swap;src:url\("[^"]*/fonts/([^"/]+)"\)')
LATE = 0.6  # seconds; a browser waits for an early font a tenth of one at most
WATCH = """
window.moved = [];
new PerformanceObserver((list) => list.getEntries().forEach((entry) => moved.push(entry.value)))
  .observe({ type: "layout-shift", buffered: true });
"""
GOOD = 0.02  # a fifth of what counts as good: https://web.dev/articles/cls


def early_fonts(name: str) -> list[str]:
    """Return the files of the faces that a page names itself."""
    return EARLY.findall((SITE / name).read_text(encoding="utf-8").partition("</style>")[0])


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_lines_stay_when_fonts_come_late(name, width, browser, base_url):
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    fonts = early_fonts(name)
    assert len(fonts) == 4
    arrived = []
    page.on("requestfinished", lambda request: arrived.append(request.url.rpartition("/")[2]))

    def hold_back(route):
        time.sleep(LATE / len(fonts))
        route.continue_()

    for font in fonts:
        page.route(f"**/{font}", hold_back)
    page.goto(f"{base_url}/{name}", wait_until="networkidle")
    assert set(fonts) <= set(arrived)
    assert page.evaluate("moved.reduce((sum, one) => sum + one, 0)") < GOOD
    context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_landing_pages_figure_has_room_to_come_to_life_in(width, browser, base_url):
    heights = []
    for alive in (False, True):
        page = browser.new_page(viewport={"width": width, "height": 900})
        if not alive:
            page.route("**/computing/core.js*", lambda route: route.abort())
        page.goto(f"{base_url}/index.html", wait_until="networkidle")
        page.wait_for_selector("dln-live canvas" if alive else "dln-live svg")
        heights.append(page.locator("dln-live").bounding_box()["height"])
        page.close()
    still, moving = heights
    assert still == pytest.approx(moving, abs=25)


def test_early_fonts_are_fetched_early_and_once(browser, base_url):
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
    page.goto(f"{base_url}/{PAGES[1]}", wait_until="networkidle")
    fonts, sheets = early_fonts(PAGES[1]), [url for url in asked if ".css" in url]
    assert asked.index(fonts[0]) < asked.index(sheets[-1])
    assert [asked.count(font) for font in fonts] == [1, 1, 1, 1]
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_from_disk_is_drawn_in_the_books_letters(name, browser, site):
    page = browser.new_page()
    page.goto((site / name).as_uri())
    page.evaluate("() => document.fonts.ready.then(() => true)")
    devtools = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        devtools.send(f"{domain}.enable")
    root = devtools.send("DOM.getDocument")["root"]["nodeId"]
    for selector, family in (("main p", "Serif"), ("main h1", "Sans")):
        place = {"nodeId": root, "selector": selector}
        node = devtools.send("DOM.querySelector", place)["nodeId"]
        drawn = devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
        assert {font["familyName"] for font in drawn} == {f"dlnotes {family}"}
    page.close()
