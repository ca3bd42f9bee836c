"""Chromium as a press: it lays a document out, looks it over, prints it until its numbers hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from pdf_binding import page_numbers
from shell import Stop, chromium

COLUMN, HEIGHT = round(146 / 25.4 * 96), round(248 / 25.4 * 96)
"""Pixels of the text on a page: the sheet less its margins, as in pdf.css."""
MOST_PRINTS = 5
WAIT_MS = 600_000
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files")
SCRIPT = (Path(__file__).with_name("pdf.js")).read_text("utf-8").rstrip().rstrip(";")


def press() -> str:
    """Return the path of Chromium.

    Raises
    ------
    Stop
        If there is none.
    """
    if path := chromium():
        return path
    raise Stop(
        "Chromium prints the book, and there is none: install the package chromium "
        "(Debian: apt-get install chromium), or set CHROMIUM to its path"
    )


@contextmanager
def laid_out(document: Path) -> Iterator[Page]:
    """Open the document as it will be printed, its fonts there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=press(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": COLUMN, "height": HEIGHT})
        page.set_default_timeout(WAIT_MS)
        page.emulate_media(media="print", color_scheme="light")
        page.goto(document.as_uri(), wait_until="load")
        page.evaluate("() => document.fonts.ready.then(() => true)")
        yield page
        browser.close()


def fit(page: Page) -> list[str]:
    """Set what is too wide smaller, and return what still does not fit on a page."""
    return list(page.evaluate(f"(height) => {SCRIPT}.fit(height)", HEIGHT))


def print_numbered(page: Page) -> bytes:
    """Print the document again and again until the numbers of its pages are right."""
    numbers: Mapping[str, int] = {}
    for _ in range(MOST_PRINTS):
        printed = bytes(page.pdf(prefer_css_page_size=True, print_background=True, tagged=True))
        before, numbers = numbers, page_numbers(printed)
        if numbers == before:
            return printed
        if lost := page.evaluate(f"(numbers) => {SCRIPT}.number(numbers)", numbers):
            raise Stop(f"these places are on no page: {', '.join(lost[:5])}")
    raise Stop(f"the page numbers still change after {MOST_PRINTS} prints")
