"""Formulas as MathML: every one of the book, what is refused, and the font that draws them."""

from __future__ import annotations

import html
import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from fontTools.ttLib import TTFont
from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat.v4 import new_markdown_cell

import book_fonts
import book_math
import math_font
from test_site_book import build

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("chapters/*/*.ipynb"), *ROOT.glob("book/*.md")])
MARKDOWN = MarkdownIt("gfm-like", {"linkify": False})
MARKDOWN.use(dollarmath_plugin, allow_labels=True).use(amsmath_plugin)


def texts(path: Path) -> list[str]:
    if path.suffix == ".md":
        return [path.read_text("utf-8")]
    cells = nbformat.read(path, as_version=4).cells
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


def formulas(text: str) -> list[tuple[str, bool]]:
    tokens = MARKDOWN.parse(text)
    every = [part for token in tokens for part in (token, *(token.children or ()))]
    kinds = {"math_inline": False, "math_block": True, "math_block_label": True, "amsmath": True}
    return [(part.content, kinds[part.type]) for part in every if part.type in kinds]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_formula_of_the_book_can_be_set(path):
    for text in texts(path):
        for tex, display in formulas(text):
            made = book_math.to_mathml(tex, display)
            assert made.startswith("<math")
            assert html.escape(tex.strip(), quote=False) in made


def test_the_formulas_of_the_chapters_are_found():
    counts = [sum(len(formulas(text)) for text in texts(path)) for path in PAGES]
    assert sum(counts) > 1500


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\sum_{\substack{a \\ b}} x", r"Unknown command .\\substack.*subarray"),
        (r"x \tag{1}", r"\\tag.*label"),
        (r"\begin{split}a\end{split}", "split.*write aligned"),
        (r"\text{align_corners}", r"text mode.*write \\_"),
        (r"\frac{1}{2", "^"),
        ("x = 一", r"lacks 一 \(U\+4E00\).*SIGNS in math_font.py"),
    ],
)
def test_what_cannot_be_set_is_refused_with_a_remedy(tex, said):
    with pytest.raises(book_math.FormulaError, match=said):
        book_math.to_mathml(tex)


def test_a_formula_that_cannot_be_set_stops_the_build(tmp_path):
    strange = new_markdown_cell(r"Here $\sum_{\substack{a \\ b}}$ it is.")
    done = build(tmp_path, alt="a line", proofs=[strange])
    assert done.returncode != 0
    assert re.search(r"12-page\.ipynb:\d+: the formula \$.*substack.*\$ cannot be set", done.stderr)
    assert "write \\begin{subarray}{c}" in done.stderr


@pytest.mark.parametrize("name", book_math.MACROS)
def test_the_abbreviations_are_known(name):
    short, meant = rf"\{name}{{x}}", book_math.MACROS[name].replace("#1", "x")
    if "#1" not in book_math.MACROS[name]:
        meant += "{x}"
    both = [book_math.drawn(book_math.to_mathml(tex)) for tex in (short, meant)]
    assert both[0] == both[1]


def test_lines_are_aligned_once_and_never_numbered_twice():
    rows = book_math.to_mathml("a &= b \\\\ c &= d", display=True)
    assert rows.count("<mtable") == 1
    assert rows.count("<mtr") == 2
    inside = book_math.to_mathml("x = \\begin{cases} 1 \\\\ 2 \\end{cases}", display=True)
    assert inside.count("<mtable") == 1
    assert "(1)" not in book_math.drawn(
        book_math.to_mathml(r"\begin{align} a &= b \end{align}", display=True)
    )


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        (r"\overline{x y}", '<mo class="bar" stretchy="false">\u203e</mo>'),  # a border is seen
        (r"a \odot b", '<mo largeop="false" '),
        (r"\sqrt{x}", '<msqrt><mspace height="0.74em" depth="0.1em"/><mi>x</mi>'),
    ],
)
def test_what_browsers_draw_wrongly_is_written_otherwise(tex, found):
    assert found in book_math.to_mathml(tex)


@pytest.fixture(scope="module")
def font(tmp_path_factory):
    face = next(face for face in book_fonts.FACES if face.signs is math_font.SIGNS)
    path = tmp_path_factory.mktemp("font") / face.file
    book_fonts.cut(book_fonts.source_folder(face.package) / face.source, path, face)
    assert path.stat().st_size < 56_000
    with TTFont(path) as font:
        yield font


def test_the_font_has_all_that_a_formula_may_draw(font):
    unassigned = {sign for sign in math_font.signs() if unicodedata.category(sign) == "Cn"}
    lacking = {ord(sign) for sign in math_font.signs() - unassigned - {"\n"}}
    assert lacking - set(font.getBestCmap()) == set()
    assert [record.toUnicode() for record in font["name"].names if record.nameID == 1] == [
        "dlnotes Math"
    ]


def test_the_forms_of_a_fence_grow_in_height_alone(font):
    """Chromium reserves the width of the widest for each of them."""
    variants, names, glyphs = font["MATH"].table.MathVariants, font.getBestCmap(), font["glyf"]
    built = dict(
        zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True)
    )
    for sign, part in math_font.FENCES.items():
        name = names[ord(sign)]
        forms = [record.VariantGlyph for record in built[name].MathGlyphVariantRecord]
        parts = built[name].GlyphAssembly
        every = forms + [part.glyph for part in (parts.PartRecords if parts else [])]
        limit = round(part * font["hmtx"][name][0])
        assert max(font["hmtx"][form][0] for form in every) <= limit
        heights = [glyphs[form].yMax - glyphs[form].yMin for form in forms]
        assert all(low < high for low, high in pairwise(heights))
        assert all(glyphs[form].xMax <= 1.05 * limit for form in every)  # roots meet their bar


def test_indices_stand_level_and_primes_are_made_for_exponents(font):
    constants, names, glyphs = font["MATH"].table.MathConstants, font.getBestCmap(), font["glyf"]
    tails = [-glyphs[names[n]].yMin for n in (0x1D466, 0x1D454, 0x1D453)]  # italic y, g, f
    drop, shift = constants.SubscriptBaselineDropMin.Value, constants.SubscriptShiftDown.Value
    assert all(tail + drop <= shift for tail in tails)
    assert glyphs[names[0x2032]].yMin < 200


def test_a_fraction_in_a_line_stays_in_it(font):
    """Its digits, seven tenths as large, reach no higher and hardly lower than a bracket."""
    constants, names, glyphs = font["MATH"].table.MathConstants, font.getBestCmap(), font["glyf"]
    digit, bracket = 0.7 * glyphs[names[ord("1")]].yMax, glyphs[names[ord("(")]]
    assert constants.FractionNumeratorShiftUp.Value + digit < 1.15 * bracket.yMax
    assert constants.FractionDenominatorShiftDown.Value < -1.9 * bracket.yMin


def test_chapters_use_no_macro_of_the_book():
    """JupyterLab, where a notebook is opened too, does not know them."""
    used = [
        f"{path.name}: \\{name}"
        for path in (ROOT / "chapters").glob("*/*.ipynb")
        for name in book_math.MACROS
        if f"\\\\{name}{{" in path.read_text("utf-8")
    ]
    assert not used
