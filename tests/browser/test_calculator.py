"""The calculator of sizes in the page counts as dlnotes.shapes does, and steps do what they say."""

from __future__ import annotations

import random

import pytest

from dlnotes import shapes
from dlnotes.plotting.calculator import RANGES, size_sentence
from page_checks import Visit

CHAPTER = "chapters/convolution/13-shape-arithmetic.html"
READ = """numbers => {
  const box = document.querySelector(".dln-calculator");
  box.querySelectorAll("input").forEach(input => {
    input.value = numbers[input.name];
    input.dispatchEvent(new Event("input", {bubbles: true}));
  });
  const fills = [...box.querySelectorAll("svg rect")].map(r => r.getAttribute("style"));
  return {
    sentence: box.querySelector(".dln-result").textContent,
    windows: box.querySelectorAll("svg path").length,
    dots: box.querySelectorAll("svg circle").length,
    unread: fills.filter(style => style.includes("warm-soft")).length,
  };
}"""


@pytest.fixture
def page(wide, base_url):
    page = wide.new_page()
    Visit(page, base_url).open(CHAPTER)
    yield page
    page.close()


def test_the_calculator_agrees_with_the_package(page):
    rng = random.Random(0)
    settings = [
        {letter: rng.randint(least, most) for letter, (_, least, most) in RANGES.items()}
        for _ in range(120)
    ]
    for numbers in settings:
        shown = page.evaluate(READ, numbers)
        n, k, s, p, d = numbers.values()
        assert shown["sentence"] == size_sentence(n, k, s, p, d)
        fits = shapes.effective_kernel(k, d) <= n + 2 * p
        options = {"stride": s, "padding": p, "dilation": d}
        windows = shapes.conv_windows(n, k, **options) if fits else ()
        assert shown["windows"] == len(windows)
        assert shown["dots"] == k * len(windows)
        read = {at for window in windows for at in window}
        assert shown["unread"] == len(set(range(n)) - read)


def test_a_film_walks_pauses_and_starts_anew(page):
    film = page.locator(".dln-player").first
    note = film.locator(".dln-note")
    film.scroll_into_view_if_needed()
    slider = film.locator("input")
    steps = int(film.get_attribute("data-steps"))
    film.get_by_label("Pause").or_(film.get_by_label("Play")).first.wait_for()
    slider.fill("1")  # a touch stops a film that plays by itself
    assert note.text_content().startswith(f"Step 1 of {steps}")
    film.get_by_label("Next step").click()
    assert note.text_content().startswith(f"Step 2 of {steps}")
    film.get_by_label("Previous step").click()
    film.get_by_label("Previous step").click()
    assert note.text_content().startswith(f"Step {steps} of {steps}")
    page.wait_for_timeout(1500)
    assert note.text_content().startswith(f"Step {steps} of {steps}")
    film.get_by_label("Play").click()
    page.wait_for_function(
        "([box, last]) => !box.textContent.startsWith(last)",
        arg=[note.element_handle(), f"Step {steps} of"],
    )


def test_films_rest_for_readers_who_asked_for_calm(browser, base_url):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    Visit(page, base_url).open(CHAPTER)
    page.locator(".dln-player").first.scroll_into_view_if_needed()
    before = page.locator(".dln-note").all_text_contents()
    page.wait_for_timeout(1500)
    assert page.locator(".dln-note").all_text_contents() == before
    context.close()
