"""A digit is drawn in the page: by mouse, finger and keys, on a phone, and what is told then."""

from __future__ import annotations

from functools import cache

import pytest
from axe_playwright_python.sync_playwright import Axe

from conftest import ROOT
from dlnotes import data, plotting
from dlnotes.plotting import PALETTE
from dlnotes.plotting.computing.digit import network_script
from dlnotes.plotting.svg import script_element
from figure_page import as_page
from strokes import DIGITS, SIGNS

WEIGHTS, (IMAGES, LABELS) = data.trained_cnn(), data.mnist_sample()
SCRIPTS = ROOT / "dlnotes" / "plotting"
DOUBT = "This may mean little"


@cache
def figure(inside=False):
    return plotting.digit_reader(WEIGHTS, IMAGES, LABELS, start=91, inside=inside)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The scripts as the book serves them, and a page for each form."""
    folder = tmp_path_factory.mktemp("digit")
    (folder / "computing").mkdir()
    names = ["explorer.js", *(f"computing/{n}.js" for n in ("core", "digit", "digit-inside"))]
    for name in names:
        (folder / name).write_text((SCRIPTS / name).read_text("utf-8"), "utf-8")
    network = folder / "computing" / "digit-network.js"
    network.write_text(network_script(WEIGHTS, IMAGES), "utf-8")
    tags = "".join(f'<script defer src="{name}"></script>' for name in names[:3])
    for form in ("small", "inside"):
        end = f"<div style='height:2000px'></div>{tags}"
        page = as_page(figure(form == "inside").html(), "light", end)
        (folder / f"{form}.html").write_text(page, "utf-8")
    return folder


@pytest.fixture
def opened(browser, folder):
    """Open a page in one of the two forms, and return the figure."""
    contexts = []

    def open_(form="small", **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: pytest.fail(f"error in a script: {error}"))
        page.goto((folder / f"{form}.html").as_uri())
        return page.locator("dln-live")

    yield open_
    for context in contexts:
        context.close()


def said(figure, *words):
    """Return the sentence, once it holds these words."""
    sentence = figure.locator(".dln-words")
    for word in words:
        sentence.filter(has_text=word).wait_for()
    return sentence.text_content()


def draw(figure, strokes, size=0.6, left=0.2, top=0.2):
    """Draw strokes of the unit square with the mouse into a part of the pad."""
    box, mouse = figure.locator(".dln-pad").bounding_box(), figure.page.mouse
    for stroke in strokes:
        places = [
            (
                box["x"] + box["width"] * (left + size * x),
                box["y"] + box["height"] * (top + size * y),
            )
            for x, y in stroke
        ]
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place)
        mouse.up()


def test_digits_that_are_drawn_with_the_mouse_are_read(opened):
    drawn = opened()
    wrong = []
    for digit, styles in DIGITS.items():
        for style, strokes in enumerate(styles):
            drawn.get_by_role("button", name="Clear").click()
            said(drawn, "Nothing is drawn")
            draw(drawn, strokes)
            sentence = said(drawn, "Read as")
            if f"Read as {digit} with" not in sentence:
                wrong.append(f"{digit}, style {style}: {sentence}")
    assert wrong == []


def test_in_the_middle_of_a_stroke_nothing_is_said(opened):
    """The network may arrive then; half a digit is none."""
    drawn = opened()
    box, mouse = drawn.locator(".dln-pad").bounding_box(), drawn.page.mouse
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"])
    drawn.get_by_role("img", name="Shares of the ten digits").wait_for()
    assert "Draw your own" in drawn.locator(".dln-words").text_content()
    mouse.up()
    said(drawn, "must give one")


def test_what_is_no_digit_is_doubted_and_nothing_gets_no_answer(opened):
    drawn = opened()
    draw(drawn, DIGITS[7][0])
    assert DOUBT not in said(drawn, "Read as 7")
    for strokes in SIGNS.values():
        drawn.get_by_role("button", name="Clear").click()
        assert "no answer" in said(drawn, "Nothing is drawn")
        assert drawn.get_by_role("img", name="No shares").count() == 1
        draw(drawn, strokes)
        assert "must give one" in said(drawn, "Read as", DOUBT)


def test_a_one_is_drawn_by_keyboard(opened):
    drawn = opened()
    pad = drawn.get_by_role("application")
    drawn.page.keyboard.press("Tab")
    assert pad.evaluate("pad => pad === document.activeElement")
    assert pad.evaluate("pad => getComputedStyle(pad).outlineStyle") != "none"
    for key in ["ArrowUp"] * 8 + ["Space"]:
        pad.press(key)
    said(drawn, "The brush is down")
    for key in ["ArrowDown"] * 16 + ["Space"]:
        pad.press(key)
    assert "Read as 1 " in said(drawn, "Read as 1")
    drawn.get_by_role("button", name="Clear").press("Enter")
    said(drawn, "Nothing is drawn")


def test_a_seven_is_drawn_with_a_finger_and_the_page_stays(opened):
    drawn = opened(viewport={"width": 320, "height": 640}, has_touch=True, is_mobile=True)
    box = drawn.locator(".dln-pad").bounding_box()
    session = drawn.page.context.new_cdp_session(drawn.page)
    places = [(0.2, 0.2), (0.5, 0.2), (0.8, 0.2), (0.6, 0.5), (0.4, 0.85)]
    for n, (x, y) in enumerate(places):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        kind = "touchMove" if n else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert "Read as 7 " in said(drawn, "Read as 7")
    assert drawn.page.evaluate("scrollY") == 0


def test_rubber_undo_and_centred(opened):
    drawn = opened()
    drawn.get_by_role("button", name="a sample 8").click()
    said(drawn, "Read as 8")
    drawn.get_by_role("checkbox", name="rubber").check()
    draw(
        drawn, [[(0, 0), (1, 1), (1, 0), (0, 1), (0.5, 0), (0.5, 1)]], size=0.9, left=0.05, top=0.05
    )
    drawn.locator(".dln-words").filter(has_not_text="Read as 8 with over").wait_for()
    drawn.get_by_role("button", name="Undo").click()
    said(drawn, "Read as 8")
    drawn.get_by_role("checkbox", name="rubber").uncheck()
    drawn.get_by_role("button", name="Clear").click()
    said(drawn, "Nothing")
    drawn.get_by_role("button", name="Undo").click()
    said(drawn, "Read as 8")
    drawn.get_by_role("button", name="Clear").click()
    draw(drawn, DIGITS[3][0], size=0.25, left=0.05, top=0.05)
    said(drawn, "Read as 3")
    drawn.get_by_role("checkbox", name="centred").uncheck()
    drawn.locator(".dln-words").filter(has_not_text="Read as 3").wait_for()


def test_the_inside_follows_the_drawing(opened):
    drawn = opened("inside")
    sheet = drawn.get_by_role("img", name="relu1: 20 maps")
    sheet.wait_for()
    code = "canvas => canvas.toDataURL()"
    before = sheet.evaluate(code)
    draw(drawn, DIGITS[4][0])
    said(drawn, "Read as 4", "blank square of 7")
    assert sheet.evaluate(code) != before
    drawn.get_by_text("relu2").click()
    drawn.get_by_role("img", name="relu2: 40 maps").wait_for()
    drawn.get_by_role("slider").press("ArrowRight")
    told = drawn.locator(".dln-told").last
    assert told.text_content().startswith("Map 1: ")
    box = drawn.locator(".dln-sheet").bounding_box()
    drawn.page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.4)
    assert told.text_content().startswith("Map 13: ")
    drawn.get_by_text("relu1").click()  # in the middle, where nothing lies above it
    drawn.get_by_role("img", name="relu1: 20 maps").wait_for()
    drawn.get_by_role("checkbox", name="trained weights").uncheck()
    said(drawn, "by a network that has learned nothing")


def test_nothing_is_loaded_before_it_is_needed(opened):
    loaded = "[...document.scripts].map(s => s.src.split('/').pop())"
    drawn = opened()
    drawn.page.wait_for_timeout(200)
    assert "digit-network.js" not in drawn.page.evaluate(loaded)
    drawn.locator(".dln-pad").focus()
    assert "digit-network.js" in drawn.page.evaluate(loaded)
    assert "digit-inside.js" not in drawn.page.evaluate(loaded)


def test_a_missing_file_is_told(folder, opened):
    drawn = opened()
    (folder / "computing" / "digit-network.js").rename(folder / "away.js")
    drawn.locator(".dln-pad").focus()
    said(drawn, "The network did not load", "reload the page")
    (folder / "away.js").rename(folder / "computing" / "digit-network.js")


@pytest.mark.parametrize("form", ["small", "inside"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_shows_all_of_it(opened, form, theme):
    drawn = opened(form, viewport={"width": 320, "height": 800}, has_touch=True)
    drawn.page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    draw(drawn, DIGITS[5][1])
    said(drawn, "Read as 5")
    assert drawn.page.evaluate("document.documentElement.scrollWidth") <= 320
    smallest = """figure => Math.min(...
      [...figure.querySelectorAll("text, p, figcaption, label, button")]
      .filter(e => e.textContent && e.getClientRects().length).map(e => {
        const svg = e.closest("svg"), wide = svg && svg.viewBox.baseVal.width;
        return parseFloat(getComputedStyle(e).fontSize) * (svg ? svg.clientWidth / wide : 1);
      }))"""
    assert drawn.evaluate(smallest) >= 10
    fill = drawn.locator('[data-share="5"] rect').evaluate("e => getComputedStyle(e).fill")
    wanted = PALETTE["accent"][theme == "dark"]
    assert fill == "rgb({}, {}, {})".format(*bytes.fromhex(wanted[1:]))
    found = Axe().run(drawn.page).response["violations"]
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    assert grave == []


def test_without_a_script_and_in_a_notebook_the_still_stands(browser, folder, tmp_path, opened):
    plain = opened(java_script_enabled=False)
    assert plain.locator("svg").count() == 2
    assert "Read as 9" in plain.locator(".dln-words").text_content()
    stored = tmp_path / "notebook.html"
    stored.write_text(f"<!doctype html><meta charset=utf-8>{figure(True)._repr_html_()}", "utf-8")
    page = browser.new_page()
    page.goto(stored.as_uri())
    words = page.locator("dln-live .dln-words").text_content()
    assert "a notebook does not carry the network's weights" in words
    assert page.locator("dln-live svg").count() == 3
    assert page.locator(".dln-pad").count() == 0
    assert script_element("computing/digit.js") in figure()._repr_html_()
    page.close()
