"""Figures to handle, in the page: by mouse and keyboard, in the dark, on paper, scriptless."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest

from conftest import SITE, built_pages
from dlnotes.plotting import PALETTE
from explored import facts, shown, words
from page_checks import Visit

CHAPTERS = [name for name in built_pages() if name.startswith("chapters/")]
SHAPES = "chapters/convolution/13-shape-arithmetic.html"
SLIDE = "chapters/convolution/12-convolution-by-hand.html"
GRAPH = "chapters/foundations/02-backpropagation.html"
WORDS = """figure => [...figure.querySelectorAll("text, .dln-words")]
  .map(e => e.textContent).filter(word => word)"""
SET = """([figure, at]) => figure.querySelectorAll(".dln-controls input").forEach((input, k) => {
  if (input.type === "checkbox") { if (+input.checked !== at[k]) input.click(); return; }
  input.value = at[k];
  input.dispatchEvent(new Event("input", {bubbles: true}));
})"""
TALLEST = 600


def stored(name: str, number: int = 0) -> str:
    """Return a figure of a page as the notebook stores it, near enough to read its states."""
    page = (SITE / name).read_text(encoding="utf-8")
    html = re.findall(r"<dln-explore>.*?</dln-explore>", page, re.S)[number]
    return re.sub(
        r'(<div class="dln-state">.*?)(?=\s*<script)',
        r'<script type="text/html">\1</script>',
        html,
        count=1,
        flags=re.S,
    )


@pytest.fixture
def opened(wide, base_url):
    """Open a page and return its first figure to handle."""
    pages = []

    def first(name, context=wide):
        page = context.new_page()
        pages.append(page)
        Visit(page, base_url).open(name)
        figure = page.locator("dln-explore").first
        figure.scroll_into_view_if_needed()
        return figure

    yield first
    for page in pages:
        page.close()


def said(figure) -> str:
    return figure.locator(".dln-words").first.text_content()


def test_the_page_shows_every_state_as_it_is_stored(opened):
    figure, html = opened(SHAPES), stored(SHAPES)
    sizes = [len(control["words"]) for control in facts(html)["controls"]]
    rng = random.Random(0)
    for _ in range(40):
        at = [rng.randrange(size) for size in sizes]
        figure.evaluate(f"(figure, at) => ({SET})([figure, at])", at)
        assert figure.evaluate(WORDS) == words(shown(html, *at))


def test_a_slider_is_dragged_and_moved_by_keys(opened):
    figure = opened(SHAPES)
    slider = figure.locator("input[type=range]").first
    before = said(figure)
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    slider.page.mouse.move(box["x"] + box["width"] / 2, y)
    slider.page.mouse.down()
    slider.page.mouse.move(box["x"] + box["width"] - 4, y, steps=4)
    slider.page.mouse.up()
    dragged = said(figure)
    assert dragged != before
    assert "− 5)" in dragged  # the kernel, at its end
    slider.press("ArrowLeft")
    assert "− 4)" in said(figure)
    assert slider.get_attribute("aria-valuetext") == "4"
    slider.press("Home")
    assert "− 1)" in said(figure)
    figure.get_by_role("checkbox").first.press("Space")
    assert "+ 2·1" in said(figure)


def test_a_film_walks_to_its_ends_and_plays(opened):
    figure = opened(GRAPH)
    control = facts(stored(GRAPH))["controls"][0]
    last = len(control["words"]) - 1
    slider = figure.get_by_role("slider")
    assert slider.input_value() == str(control["start"]) != "0"
    figure.get_by_role("button", name="To start").click()
    assert slider.input_value() == "0"
    figure.get_by_role("button", name="Next step").click()
    assert slider.input_value() == "1"
    figure.get_by_role("button", name="Previous step").click()
    figure.get_by_role("button", name="Previous step").click()
    assert slider.input_value() == "0"
    figure.get_by_role("button", name="To end").click()
    assert slider.input_value() == str(last)
    figure.get_by_role("button", name="Play").click()  # begins anew
    assert slider.input_value() == "0"
    words_ = figure.locator(".dln-words").first
    assert words_.get_attribute("aria-live") == "off"
    figure.page.wait_for_function("e => e.value === '1'", arg=slider.element_handle())
    figure.get_by_role("button", name="Pause").click()
    assert words_.get_attribute("aria-live") == "polite"


def test_cells_are_picked_by_click_and_by_drawing_over_them(opened):
    figure = opened(SLIDE)
    cells, slider = figure.locator("[data-pick]"), figure.get_by_role("slider")
    cells.nth(2).click()
    assert slider.input_value() == "2"
    mouse, box = figure.page.mouse, cells.nth(0).bounding_box()
    mouse.move(box["x"] + 5, box["y"] + 5)
    assert slider.input_value() == "2"
    mouse.down()
    box = cells.nth(5).bounding_box()
    mouse.move(box["x"] + 20, box["y"] + 20, steps=8)
    assert slider.input_value() == "5"
    mouse.up()


def test_nothing_moves_before_it_is_asked_to(opened):
    figure = opened(GRAPH)
    before = figure.evaluate(WORDS)
    figure.page.wait_for_timeout(2000)
    assert figure.evaluate(WORDS) == before


def test_a_figure_has_its_description_and_names_its_controls(opened):
    figure = opened(SHAPES)
    assert len(figure.get_by_role("img").get_attribute("aria-label")) > 40
    assert figure.get_by_role("slider", name="kernel k").count() == 1
    assert figure.get_by_role("checkbox", name="padding p = 1").count() == 1
    assert figure.locator(".dln-words").first.get_attribute("aria-live") == "polite"


def test_colours_follow_the_theme(opened):
    figure = opened(SHAPES)
    fill = "f => getComputedStyle(f.querySelector('[style*=accent-soft]')).fill"
    seen = []
    for theme in ("light", "dark"):
        figure.page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        figure.page.wait_for_timeout(400)
        seen.append(
            "#" + "".join(f"{int(n):02x}" for n in re.findall(r"\d+", figure.evaluate(fill)))
        )
    assert tuple(seen) == PALETTE["accent-soft"]


def test_paper_shows_the_start_and_no_controls(opened):
    figure = opened(SHAPES)
    start = said(figure)
    figure.locator("input[type=range]").first.press("Home")
    assert said(figure) != start
    figure.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    figure.page.emulate_media(media="print")
    assert said(figure) == start
    assert not figure.locator(".dln-controls").is_visible()
    assert figure.locator("svg").first.is_visible()
    figure.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert said(figure) != start


def test_without_a_script_the_start_stands(browser, base_url):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{base_url}/{SHAPES}")
    figure = page.locator("dln-explore").first
    assert figure.locator("svg").first.is_visible()
    assert figure.locator(".dln-words").first.is_visible()
    assert figure.locator("input").count() == 0
    assert "trust the notebook" not in page.locator("main").inner_text()
    context.close()


def test_calm_readers_see_no_transitions(browser, base_url):
    longest = """f => Math.max(...[...f.querySelectorAll("*")]
      .map(e => parseFloat(getComputedStyle(e).transitionDuration)))"""
    for motion, calm in (("no-preference", False), ("reduce", True)):
        context = browser.new_context(reduced_motion=motion)
        page = context.new_page()
        Visit(page, base_url).open(GRAPH)
        assert (page.locator("dln-explore").first.evaluate(longest) == 0) is calm
        context.close()


@pytest.mark.parametrize("width", [320, 390])
def test_narrow_screens(browser, base_url, width):
    """Letters of ten pixels, code and formulas that fit, figures that fit the height."""
    context = browser.new_context(viewport={"width": width, "height": 844}, has_touch=True)
    visit = Visit(context.new_page(), base_url)
    complaints = []
    for name in CHAPTERS:
        visit.open(name)
        found = visit.ask("small") + visit.ask("sideways")
        heights = visit.page.locator("dln-explore").evaluate_all(
            "all => all.map(e => Math.round(e.getBoundingClientRect().height))"
        )
        found += [f"a figure is {height} px tall" for height in heights if height > TALLEST]
        complaints += [f"{name} at {width}: {line}" for line in found]
    context.close()
    assert complaints == [], "\n" + "\n".join(complaints)


def test_panels_stand_side_by_side_where_there_is_room(phone, wide, opened):
    boxes = "f => [...f.querySelectorAll('.dln-panels > div')].map(e => e.getBoundingClientRect())"
    narrow, broad = (opened(SLIDE, context).evaluate(boxes) for context in (phone, wide))
    assert all(a["right"] <= b["left"] for a, b in pairwise(broad))
    assert narrow[-1]["top"] >= narrow[0]["bottom"]
    assert max(box["right"] for box in narrow) <= 390
