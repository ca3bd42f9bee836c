"""Figures to handle, in the page: by mouse and keyboard, in the dark, on paper, scriptless."""

from __future__ import annotations

import random
import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from playwright.sync_api import expect

from conftest import built_pages
from dlnotes import plotting
from dlnotes.plotting import PALETTE
from dlnotes.plotting.svg import script_element
from explored import facts, shown, words
from figure_page import as_page
from page_checks import Visit

SCRIPT = script_element("explorer.js")
CHAPTERS = [name for name in built_pages() if name.startswith("chapters/")]
WORDS = """figure => [...figure.querySelectorAll("text, .dln-words")]
  .map(e => e.textContent).filter(word => word)"""
SET = """(figure, at) => figure.querySelectorAll(".dln-controls input").forEach((input, k) => {
  if (input.type === "checkbox") { if (+input.checked !== at[k]) input.click(); return; }
  input.value = at[k];
  input.dispatchEvent(new Event("input", {bubbles: true}));
})"""
MOVE = """figure => { const input = figure.querySelector(".dln-controls input");
  const other = figure.querySelector(".dln-controls input:not(:checked)");
  if (input.type !== "range") { other.click(); return; }
  input.value = input.value === input.max ? input.min : input.max;
  input.dispatchEvent(new Event("input", {bubbles: true})); }"""


@cache
def calculator() -> str:
    """Two sliders and two switches: places of a kernel on seven cells."""

    def draw(kernel, stride, padding, dilation):
        options = {"stride": stride, "padding": int(padding), "dilation": 1 + dilation}
        drawing = plotting.axis_windows(7, kernel, **options)
        return [drawing, f"⌊(7 + 2·{int(padding)} − {kernel}) / {stride}⌋"]

    return plotting.explore(
        draw,
        kernel=plotting.slider(range(1, 4), "kernel k", start=2),
        stride=plotting.slider(range(1, 5), "stride s", start=2),
        padding=plotting.toggle("padding p = 1"),
        dilation=plotting.toggle("dilation d = 2"),
    ).html()


@cache
def film() -> str:
    image, kernel = np.arange(36.0).reshape(6, 6) % 7, [[1, 0, -1]] * 3
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    return plotting.sliding_window(image, kernel, (windows * kernel).sum(axis=(2, 3))).html()


@pytest.fixture
def opened(wide, tmp_path):
    """Open a page with a figure to handle, and return the figure."""
    pages = []

    def open_(html, context=wide):
        path = tmp_path / "page.html"
        path.write_text(as_page(html, "light", SCRIPT), encoding="utf-8")
        pages.append(context.new_page())
        pages[-1].goto(path.as_uri())
        return pages[-1].locator("dln-explore")

    yield open_
    for page in pages:
        page.close()


def said(figure) -> str:
    return figure.locator(".dln-words").first.text_content()


def test_the_page_shows_every_state_as_it_is_stored(opened):
    html = calculator()
    figure = opened(html)
    sizes = [len(control["words"]) for control in facts(html)["controls"]]
    rng = random.Random(0)
    for _ in range(40):
        at = [rng.randrange(size) for size in sizes]
        figure.evaluate(SET, at)
        assert figure.evaluate(WORDS) == words(shown(html, *at))


def test_a_slider_is_dragged_and_moved_by_keys(opened):
    figure = opened(calculator())
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
    assert "− 3)" in dragged  # the kernel, at its end
    slider.press("ArrowLeft")
    assert "− 2)" in said(figure)
    assert slider.get_attribute("aria-valuetext") == "2"
    slider.press("Home")
    assert "− 1)" in said(figure)
    figure.get_by_role("checkbox").first.press("Space")
    assert "+ 2·1" in said(figure)


def test_a_film_walks_to_its_ends_and_plays(opened):
    figure = opened(film())
    control = facts(film())["controls"][0]
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
    figure = opened(film())
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
    figure = opened(film())
    before = figure.evaluate(WORDS)
    figure.page.wait_for_timeout(2000)
    assert figure.evaluate(WORDS) == before


def test_a_figure_has_its_description_and_names_its_controls(opened):
    figure = opened(calculator())
    assert figure.get_by_role("img", name="what is drawn").count() == 1
    assert figure.get_by_role("slider", name="kernel k").count() == 1
    assert figure.get_by_role("checkbox", name="padding p = 1").count() == 1
    assert figure.locator(".dln-words").first.get_attribute("aria-live") == "polite"


def test_colours_follow_the_theme(opened):
    figure = opened(calculator())
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
    figure = opened(calculator())
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


def test_without_a_script_the_start_stands(browser, opened):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    figure = opened(calculator(), context)
    assert figure.locator("svg").first.is_visible()
    assert figure.locator(".dln-words").first.is_visible()
    assert figure.locator("input").count() == 0
    assert "trust the notebook" not in figure.inner_text()
    context.close()


def test_calm_readers_see_no_transitions(browser, opened):
    longest = """f => Math.max(...[...f.querySelectorAll("*")]
      .map(e => parseFloat(getComputedStyle(e).transitionDuration)))"""
    for motion, calm in (("no-preference", False), ("reduce", True)):
        context = browser.new_context(reduced_motion=motion)
        assert (opened(film(), context).evaluate(longest) == 0) is calm
        context.close()


@pytest.mark.parametrize("opened_from", ["served", "disk"])
def test_many_states_come_as_their_figure_comes_near(opened_from, wide, base_url, site):
    base = base_url if opened_from == "served" else site.as_uri()
    kept = "script[data-states]"
    name = next(page for page in CHAPTERS if "data-states" in (site / page).read_text("utf-8"))
    visit = Visit(wide.new_page(), base)
    visit.open(name)
    figure = visit.page.locator(f"dln-explore:has({kept})").last
    asked = "e => [...document.scripts].some(s => s.src.includes(e.dataset.states))"
    assert not figure.locator(kept).evaluate(asked)
    figure.scroll_into_view_if_needed()
    figure.locator(".dln-controls").wait_for()
    before = said(figure)
    figure.locator("input, button").last.focus()
    figure.page.wait_for_function(asked, arg=figure.locator(kept).element_handle())
    figure.evaluate(MOVE)
    expect(figure.locator(".dln-words").first).not_to_have_text(before)
    assert visit.trouble == []
    visit.page.close()


def test_two_figures_of_a_notebook_are_handled_apart_and_the_script_may_come_again(opened):
    """JupyterLab runs the script of every output, and of every output again."""
    figure = opened(calculator() + film() + SCRIPT)
    first, second = figure.nth(0), figure.nth(1)
    before = second.evaluate(WORDS)
    first.get_by_role("slider").first.press("Home")
    assert second.evaluate(WORDS) == before
    added = """page => { const box = document.createElement("div"); box.innerHTML = page;
      document.querySelector("article").append(box); }"""
    figure.first.page.evaluate(added, film())  # with the still as a notebook stores it
    third = figure.nth(2)
    assert third.evaluate(WORDS) == before
    assert "trust the notebook" not in third.inner_text()
    third.get_by_role("button", name="To end").click()
    assert third.evaluate(WORDS) != before


def test_panels_stand_side_by_side_where_there_is_room(phone, wide, opened):
    boxes = "f => [...f.querySelectorAll('.dln-panels > div')].map(e => e.getBoundingClientRect())"
    narrow, broad = (opened(film(), context).evaluate(boxes) for context in (phone, wide))
    assert all(a["right"] <= b["left"] for a, b in pairwise(broad))
    assert narrow[-1]["top"] >= narrow[0]["bottom"]
    assert max(box["right"] for box in narrow) <= 390
