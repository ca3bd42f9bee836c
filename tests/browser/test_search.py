"""The search: thirty questions and what their first answers must be, its page, nonsense."""

from __future__ import annotations

import pytest

from page_checks import Visit

QUESTIONS = {  # what a reader types: one of the first three answers leads to this chapter
    "padding": "13-",
    "stride": "13-",
    "receptive field": "11-",
    "same padding": "13-",
    "back-propagation": "02-",
    "chain rule": "02-",
    "cross entropy": "03-",
    "softmax": "03-",
    "ReLU": "04-",
    "vanishing gradient": "05-",
    "xavier initialisation": "05-",
    "momentum": "06-",
    "learning rate": "06-",
    "early stopping": "07-",
    "dropout": "07-",
    "batch normalization": "08-",
    "random search": "09-",
    "fine-tuning": "10-",
    "max-pooling": "17-",
    "global average pooling": "18-",
    "transposed convolution": "19-",
    "output padding": "19-",
    "checkerboard": "21-",
    "depthwise separable": "16-",
    "residual": "24-",
    "LSTM forget gate": "28-",
    "Grad-CAM": "31-",
    "卷积": "12-",
    "步幅": "13-",
    "反向传播": "02-",
}
PLACES = """words => window.dlnSearch.find(words)
    .map(one => one.record.page.url + '#' + one.record.anchor)"""


@pytest.fixture(scope="module")
def asked(browser, site):
    """A page opened from disk on which the search has been loaded."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context.new_page(), site.as_uri())
    visit.open("search.html?q=kernel")
    visit.page.wait_for_selector(".search-results li a")
    yield visit
    context.close()


@pytest.mark.parametrize("words", QUESTIONS)
def test_one_of_the_first_three_answers_teaches_it(asked, words):
    first = asked.page.evaluate(PLACES, words)[:3]
    assert any(f"/{QUESTIONS[words]}" in place for place in first), first


@pytest.mark.parametrize("words", ["conv_transpose2d", "functional.conv_transpose2d"])
def test_a_name_of_the_package_is_found_exactly(asked, words):
    names = [place for place in asked.page.evaluate(PLACES, words) if "book/api/" in place]
    assert names[0].endswith("#dlnotes.functional.conv_transpose2d")


@pytest.mark.parametrize("words", ["", "  ", "…", "x" * 10_000, "zyzzyva", "的"])
def test_nonsense_finds_nothing_and_says_so(asked, words):
    assert asked.page.evaluate(PLACES, words) == []
    said = asked.page.evaluate(
        """words => { const box = document.createElement("div");
        window.dlnSearch.show(words, box, [9, 9, 9]); return box.textContent; }""",
        words,
    )
    assert said.startswith("Nothing in the book") if words.strip() else said == ""
    assert len(said) < 200


def test_markup_in_a_question_stays_text(asked):
    html = asked.page.evaluate(
        """() => { const box = document.createElement("div");
        window.dlnSearch.show("<img src=x onerror=alert(1)> kernel zyzzyva", box, [9, 9, 9]);
        return box.querySelectorAll("img, script").length; }"""
    )
    assert html == 0
    assert asked.trouble == []


def test_nothing_is_loaded_before_the_first_letter(wide, base_url):
    visit = Visit(wide.new_page(), base_url)
    visit.open("book/intro.html")
    visit.page.keyboard.press("/")
    scripts = "() => [...document.scripts].filter(one => one.src.includes('search')).length"
    assert visit.page.evaluate(scripts) == 0
    visit.page.keyboard.type("p")
    visit.page.wait_for_selector(".search-panel li a")
    assert visit.page.evaluate(scripts) == 2
    visit.page.close()


@pytest.mark.parametrize("opened", ["served", "disk"])
def test_from_the_field_to_the_marked_words(opened, wide, base_url, site):
    visit = Visit(wide.new_page(), base_url if opened == "served" else site.as_uri())
    visit.open("book/glossary.html")
    visit.page.keyboard.press("/")
    visit.page.keyboard.type("receptive field")
    visit.page.wait_for_selector(".search-panel li a")
    visit.page.keyboard.press("ArrowDown")
    assert visit.page.evaluate("() => !!document.activeElement.closest('.search-panel')")
    visit.page.keyboard.press("Escape")
    assert not visit.page.is_visible(".search-panel")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_selector("#search-results li a")
    assert visit.page.input_value(".search-page input") == "receptive field"
    visit.page.click("#search-results li a")
    visit.page.wait_for_selector("article h1")
    assert "chapters/" in visit.page.url
    assert visit.page.evaluate("() => CSS.highlights.get('found').size") > 0
    assert visit.trouble == []
    visit.page.close()
