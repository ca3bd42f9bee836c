"""`make pdf` on two chapters and the glossary: what stands in the file, and where."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata

import pytest
from pypdf import PdfReader

import pdf_press
from conftest import ROOT

CHAPTERS = (
    "chapters/foundations/02-backpropagation",
    "chapters/convolution/12-convolution-by-hand",
)
SIDE = 85  # points: the margin of 32 mm is 90.7, and brackets hang over a little


@pytest.fixture(scope="module")
def sheets(site, browser, tmp_path_factory):
    """The file as pypdf reads it; one print serves all tests of this module."""
    file = tmp_path_factory.mktemp("pdf") / "two.pdf"
    tool = ROOT / "book" / "_tools" / "pdf.py"
    command = [sys.executable, tool, site, file, *CHAPTERS, "book/glossary"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    reader = PdfReader(file)
    assert f"pdf: {len(reader.pages)} pages, " in done.stdout
    return reader


@pytest.fixture(scope="module")
def read(sheets):
    """For each page its text, and the pieces of it that start outside the margins."""
    found = []
    for page in sheets.pages:
        width, outside = float(page.mediabox.width), []

        def look(text, matrix, text_matrix, font, size, width=width, outside=outside):
            x = text_matrix[4] * matrix[0] + matrix[4]
            if text.strip() and not SIDE < x < width - SIDE:
                outside.append((round(x), text[:40]))

        found.append((page.extract_text(visitor_text=look), outside))
    return found


@pytest.fixture(scope="module")
def texts(read):
    return [text for text, _ in read]


def bookmarks(reader, items):
    """Title and page, counted from 1, of everything in an outline."""
    for item in items:
        if isinstance(item, list):
            yield from bookmarks(reader, item)
        else:
            yield item.title, reader.get_destination_page_number(item) + 1


def squeezed(text):
    return re.sub(r"\s", "", text)


def test_bookmarks_lead_to_the_pages_where_their_titles_stand(sheets, texts):
    found = list(bookmarks(sheets, sheets.outline))
    titles = [title for title, _ in found]
    assert titles[:2] == ["Part I Foundations", "2 Backpropagation by hand"]
    assert titles.count("Solutions") == 2
    assert titles[-2:] == ["Reference", "Glossary"]
    for title, page in found:
        assert squeezed(title) in squeezed(texts[page - 1]), (title, page)


def test_the_contents_and_every_page_carry_the_right_number(sheets, texts):
    contents = squeezed(texts[2])
    assert "Contents" in contents
    for title, page in bookmarks(sheets, sheets.outline):
        if not title.startswith(("Part", "Reference")):
            assert squeezed(f"{title}{page}") in contents
    for number, text in enumerate(texts[1:], 2):
        lines = text.splitlines()
        assert str(number) in (*lines[:2], lines[-1]), text[:80]


def test_no_page_is_blank_and_running_heads_name_the_chapter(sheets, texts):
    starts = dict(bookmarks(sheets, sheets.outline))
    for text in texts[starts["2 Backpropagation by hand"] - 1 : starts["Part II Convolution"] - 1]:
        assert squeezed("2 Backpropagation by hand") in squeezed(text)
    parts = {page for title, page in starts.items() if title.startswith(("Part", "Reference"))}
    full = [text for page, text in enumerate(texts, 1) if page not in parts]
    assert min(len(text.split()) for text in full) > 12


def test_formulas_and_chinese_are_there_and_no_source_of_a_formula(texts):
    text = unicodedata.normalize("NFKC", "\n".join(texts))  # letters of formulas are their own
    assert "卷积" in text
    assert "∂f/∂n" in squeezed(text)
    assert not re.search(r"\\\(|\\\[|\\frac|\\begin\{", text)


def test_links_lead_into_the_file_or_to_the_web(sheets):
    inside = set(sheets.named_destinations)
    count = 0
    for page in sheets.pages:
        for note in page.get("/Annots", []):
            note = note.get_object()
            if "/Dest" in note:
                assert str(note["/Dest"]) in inside
                count += 1
            elif "/A" in note:
                assert str(note["/A"]["/URI"]).startswith(("https://", "http://"))
    assert count > 60


def test_all_text_starts_within_the_margins(read):
    assert [outside for _, outside in read if outside] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<p>short</p>", []),
        ("<pre style='white-space:pre'>" + "x" * 200 + "</pre>", ["<pre> in a, from 0 to"]),
        ("<p><span>" + "x" * 200 + "</span></p>", ["<p> in a", "<span> in a"]),
        (
            "<svg width='10' height='1200'></svg>",
            ["<svg> in a, from 0 to 10 of 552 px, 1200 px high"],
        ),
    ],
)
def test_what_does_not_fit_is_named(browser, body, said):
    page = browser.new_page(viewport={"width": pdf_press.COLUMN, "height": pdf_press.HEIGHT})
    page.set_content(f"<body style='margin:0'><article id='a'>{body}</article></body>")
    found = [line for line in pdf_press.fit(page) if not line.startswith("<article>")]
    page.close()
    assert len(found) == len(said)
    for line, words in zip(found, said, strict=True):
        assert line.startswith(words)


def test_a_wide_figure_is_set_smaller(browser):
    page = browser.new_page(viewport={"width": pdf_press.COLUMN, "height": pdf_press.HEIGHT})
    wide = "<div class='dln-figure'><div style='width:800px'>wide</div></div>"
    page.set_content(f"<body style='margin:0'><article id='a'>{wide}</article></body>")
    assert pdf_press.fit(page) == []
    assert 0.6 < float(page.evaluate("document.querySelector('.dln-figure').style.zoom")) < 0.7
    page.close()
