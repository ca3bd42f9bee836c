"""A page of the book with one figure, without building the book."""

from __future__ import annotations

import re

import book_svg
from conftest import ROOT
from dlnotes.plotting import PALETTE


def as_page(stored: str, theme: str = "", end: str = "") -> str:
    """Return a page with the book's styles, a figure as notebooks store it, and its scripts.

    Without a theme the page follows the browser. What is given as `end` stands after the figure.
    """
    styles = [book_svg.palette_css(PALETTE)]
    for name in ("book", "text", "print"):
        styles.append((ROOT / "book" / "_static" / f"{name}.css").read_text(encoding="utf-8"))
    figure = book_svg.label_html(book_svg.without_script(stored), "what is drawn")
    scripts = re.findall(r"<script data-dln-explore>.*?</script>", stored, re.S)
    chosen = f' data-theme="{theme}"' if theme else ""
    return (
        f'<!doctype html><html lang="en"{chosen}><meta charset="utf-8"><title>A</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{''.join(styles)}</style><body style='margin:0'>"
        "<main style='max-width:43rem;margin:auto;padding:0 18px'><h1>A</h1><article><figure>"
        f'<div class="dln-figure">{figure}</div></figure></article></main>'
        f"{''.join(scripts)}{end}</html>"
    )
