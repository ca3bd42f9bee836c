"""Print the built book as one PDF.

``python book/_tools/pdf.py SITE FILE [PAGE ...]`` takes the pages of the folder SITE and writes
FILE; pages are named as in ``_toc.yml``, and without any the whole book is printed. The pages that
readers see are what is printed, laid out anew by Chromium, twice or three times: the numbers of
pages are known once it has been printed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pdf_binding
import pdf_book
import pdf_press
from shell import Stop

MARK = "<!-- PDF -->"
"""Where layout.html leaves room for the link."""


def make(site: Path, chosen: Sequence[str] = ()) -> bytes:
    """Return the book as a PDF.

    Raises
    ------
    Stop
        If Chromium is missing, or if something would hang over the edge of the text.
    """
    pdf_press.press()  # whoever lacks it need not wait for the pages
    book = pdf_book.read(site, chosen=chosen)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "book.html"
        document.write_text(pdf_book.render(book), "utf-8")
        with pdf_press.laid_out(document) as page:
            if wide := pdf_press.fit(page):
                raise Stop(f"{len(wide)} things do not fit on a page:\n" + "\n".join(wide[:20]))
            printed = pdf_press.print_numbered(page)
    return pdf_binding.bind(printed, book)


def link(site: Path, file: Path) -> None:
    """Let the foot of every page lead to the PDF, now that it is there."""
    for page in site.rglob("*.html"):
        way = "../" * (len(page.relative_to(site).parts) - 1)
        words = f'<p><a href="{way}{file.name}">The book as a PDF</a></p>'
        page.write_text(page.read_text("utf-8").replace(MARK, words), "utf-8")


def main(words: Sequence[str]) -> int | str:
    """Write the PDF, and say what became of it."""
    site, file = Path(words[0]).resolve(), Path(words[1]).resolve()
    try:
        made = make(site, words[2:])
    except Stop as stop:
        return f"make pdf: {stop}"
    file.write_bytes(made)
    if file.parent == site:
        link(site, file)
    print(f"pdf: {pdf_binding.length(made)} pages, {len(made) / 1e6:.1f} MB: {file.as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
