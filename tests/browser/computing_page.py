"""A page of the book with one figure that computes, without building the book."""

from __future__ import annotations

import re
from contextlib import contextmanager

import book_svg
from conftest import ROOT
from dlnotes.plotting import PALETTE
from dlnotes.plotting.computing.figure import Live


def as_page(figure: Live) -> str:
    """Return a page with the book's styles, the figure and its scripts."""
    styles = [book_svg.palette_css(PALETTE)]
    for name in ("book", "text", "print"):
        styles.append((ROOT / "book" / "_static" / f"{name}.css").read_text(encoding="utf-8"))
    stored = figure._repr_html_()
    html = book_svg.label_html(book_svg.without_script(stored), "what is drawn")
    scripts = re.findall(r"<script data-dln-explore>.*?</script>", stored, re.S)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{''.join(styles)}</style><body style='margin:0'>"
        "<main style='max-width:43rem;margin:auto;padding:0 18px'><article><figure>"
        f'<div class="dln-figure">{html}</div></figure></article></main>{"".join(scripts)}</html>'
    )


@contextmanager
def stored(browser, folder, figure: Live):
    """Open the page of a figure, kept in a folder, on a desk."""
    path = folder / "page.html"
    path.write_text(as_page(figure), "utf-8")
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
