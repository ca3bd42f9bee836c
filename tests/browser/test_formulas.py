"""Formulas in a browser: what is too wide can be reached, what is copied is TeX."""

from __future__ import annotations

import pytest

from conftest import SITE, built_pages
from page_checks import FRAMES, Visit

MANY = sorted(built_pages(), key=lambda name: -(SITE / name).read_text("utf-8").count("<math"))[:4]
SIZES = """() => [...document.querySelectorAll(".formula")].filter((e) => e.clientWidth)
  .map((e) => [parseFloat(e.style.fontSize || 100), e.scrollWidth > e.clientWidth, e.tabIndex])"""
CHANGES = """() => new Promise((done) => {
  let count = 0, frames = 12;
  const observer = new MutationObserver((all) => { count += all.length; });
  observer.observe(document.querySelector("article"), { subtree: true, attributes: true });
  const next = () => (frames-- ? requestAnimationFrame(next) : done(count));
  next();
})"""
WIDE = "() => [...document.querySelectorAll('.math.wide')].map((e) => e.tabIndex)"


@pytest.fixture
def visit(phone, base_url):
    page = phone.new_page()
    yield Visit(page, base_url)
    page.close()


def resized(visit: Visit, width: int) -> list:
    visit.page.set_viewport_size({"width": width, "height": 800})
    for _ in range(4):  # the observer tells, the formulas change, the observer tells again
        visit.page.evaluate(FRAMES)
    return visit.page.evaluate(SIZES)


def test_what_is_too_wide_is_set_smaller_and_then_scrolls(visit):
    """By turns on a desk and on a phone, so that no size is left over."""
    seen = []
    for name in MANY:
        visit.open(name)
        desk = resized(visit, 1280)
        assert {size for size, *_ in desk} == {100}
        narrow = resized(visit, 320)
        assert all(size in range(66, 101) for size, *_ in narrow)
        assert all((stop == 0) == scrolls for _, scrolls, stop in narrow)
        assert all(size == 66 for size, scrolls, _ in narrow if scrolls)
        assert set(visit.page.evaluate(WIDE)) <= {0}
        assert visit.page.evaluate(CHANGES) == 0, "the formulas do not come to rest"
        assert visit.ask("maths") == []
        assert resized(visit, 1280) == desk
        seen += narrow
    assert any(66 < size < 100 for size, *_ in seen)
    assert any(scrolls for _, scrolls, _ in seen)
    assert visit.trouble == []


def copied(visit: Visit, first: str, last: str) -> str:
    """Select from the first element of one selector to the end of another's, and copy."""
    return visit.page.evaluate(
        """([first, last]) => {
          const range = new Range(), data = new DataTransfer(), selection = getSelection();
          range.setStart(document.querySelector(first), 0);
          range.setEndAfter([...document.querySelectorAll(last)][0]);
          selection.removeAllRanges();
          selection.addRange(range);
          document.dispatchEvent(new ClipboardEvent("copy", { clipboardData: data }));
          return data.getData("text/plain");
        }""",
        [first, last],
    )


def test_a_passage_is_copied_with_its_tex(visit):
    visit.open("book/notation.html")
    display = visit.page.locator(".formula annotation").first.text_content()
    inline = visit.page.locator("article p:has(> .math) annotation").first.text_content()
    assert copied(visit, "div.math .formula", "div.math .formula") == f"$${display}$$"
    within = "article p:has(> .math) math > semantics"  # from inside a formula: the whole of it
    assert copied(visit, within, "article p:has(> .math) math").startswith(f"${inline}$")
    assert copied(visit, "article h1", "article h1") == ""  # no formula: left to the browser


def test_formulas_are_drawn_in_the_books_font_without_a_script(browser, base_url):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    fonts = []
    page = context.new_page()
    page.on("requestfinished", lambda request: fonts.append(request.url.rpartition("/")[2]))
    page.goto(f"{base_url}/book/notation.html", wait_until="networkidle")
    assert "dlnotesMath-Regular.woff2" in fonts
    assert page.locator("math").first.bounding_box()["width"] > 0
    context.close()
