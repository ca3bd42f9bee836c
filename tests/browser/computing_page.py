"""Windows on a page with one figure that computes, and what is measured there."""

from __future__ import annotations

from contextlib import contextmanager

from dlnotes.plotting.computing.figure import Live
from figure_page import as_page


@contextmanager
def stored(browser, folder, figure: Live):
    """Open the page of a figure, kept in a folder, on a desk."""
    path = folder / "page.html"
    path.write_text(as_page(figure._repr_html_()), "utf-8")
    with opened(browser, path.as_uri(), viewport={"width": 1280, "height": 1000}) as page:
        yield page


@contextmanager
def opened(browser, address: str, **options):
    """Open an address in a window of its own, with the options of a context."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def narrow(browser, address: str, scheme: str):
    """Open an address on a phone of 320 pixels."""
    size = {"width": 320, "height": 844}
    return opened(browser, address, viewport=size, has_touch=True, color_scheme=scheme)


def sideways(page) -> float:
    """Return by how many pixels a page, or the figure in it, is wider than its window."""
    return page.evaluate(
        """() => Math.max(...[document.documentElement, document.querySelector(".dln-figure")]
          .map(e => e.scrollWidth - e.clientWidth))"""
    )


def smallest_letters(page) -> float:
    """Return the size of the smallest letters of the figure, in pixels of the screen."""
    return page.evaluate(
        """() => Math.min(...[...document.querySelectorAll("dln-live *")].filter(e =>
          [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
          && e.getClientRects().length && !e.closest("script")).map(e => {
            const svg = e.closest("svg"), drawn = svg && svg.viewBox.baseVal.width;
            const scale = drawn ? svg.getBoundingClientRect().width / drawn : 1;
            return parseFloat(getComputedStyle(e).fontSize) * scale;
          }))"""
    )
