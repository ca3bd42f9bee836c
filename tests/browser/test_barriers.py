"""Axe sees each look of the text once; what has a look of its own among hundreds is still seen."""

from __future__ import annotations

import pytest

from page_checks import Visit, barriers

PAGE = """<!doctype html><html lang="en"><title>A</title><body style="background:#fff;color:#222">
<main><h1>A</h1>{before}<div><p {outer}>Some <span {inner}>words{cut}</span> more.</p></div>{before}
</main></html>"""
ALIKE = "<div><p>Some <span>words</span> more.</p></div>" * 100
FAINT = ("color:#bbb", "background:#333", "opacity:0.3", "color:#767676;background:#eee")


@pytest.fixture
def visit(wide):
    page = wide.new_page()
    yield Visit(page, "about:")
    page.close()


def complaints(visit, inner="", outer="", cut=""):
    styles = (f'style="{style}"' for style in (inner, outer))
    inner, outer = styles
    visit.page.set_content(PAGE.format(before=ALIKE, inner=inner, outer=outer, cut=cut))
    return barriers(visit)


def test_of_words_that_look_alike_one_is_tried(visit):
    assert complaints(visit) == []
    assert visit.ask("looks") == 3  # the heading, a paragraph, a span
    assert visit.page.locator("[data-alike]").count() == 2 * 201 - 2


@pytest.mark.parametrize("style", FAINT)
@pytest.mark.parametrize("where", ["inner", "outer"])
def test_a_faint_word_is_found_among_hundreds(visit, style, where):
    found = complaints(visit, **{where: style})
    assert found
    assert all("color-contrast" in line for line in found)


def test_a_lone_sign_does_not_stand_for_words(visit):
    """Axe calls no lone sign faint; the words after it are."""
    visit.page.set_content(PAGE.format(before="", inner="", outer="", cut="").replace(
        "<div>", '<p style="color:#bbb">x</p><p style="color:#bbb">words</p><div>'
    ))  # fmt: skip
    assert len(barriers(visit)) == 1
