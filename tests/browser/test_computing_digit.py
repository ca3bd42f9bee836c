"""A digit is drawn in the page: the network's arithmetic, the way from strokes to pixels, handling."""

from __future__ import annotations

import json
import os
from functools import cache

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

import book_svg
from conftest import ROOT
from dlnotes import data, plotting
from dlnotes.plotting import PALETTE
from dlnotes.plotting.computing.digit import layers, network_script
from dlnotes.plotting.svg import script_element
from strokes import DIGITS, SIGNS

WEIGHTS, (IMAGES, LABELS) = data.trained_cnn(), data.mnist_sample()
SCRIPTS = ROOT / "dlnotes" / "plotting"
PEN, RUBBER, SIDE = 1.2, 2.2, 28
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
    styles = [(ROOT / "book" / "_static" / f"{n}.css").read_text("utf-8") for n in ("book", "text")]
    styles = [book_svg.palette_css(PALETTE), *styles]
    for form in ("small", "inside"):
        html = book_svg.without_script(figure(form == "inside").html())
        html = book_svg.label_html(html, "what is drawn")
        tags = "".join(f'<script defer src="{name}"></script>' for name in names[:3])
        (folder / f"{form}.html").write_text(
            '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width"><title>A</title><style>'
            f"{''.join(styles)}</style><main style='padding:0 18px;max-width:43rem'>{html}</main>"
            f"<div style='height:2000px'></div>{tags}</html>",
            "utf-8",
        )
    return folder


@pytest.fixture(scope="module")
def network(browser, folder):
    """A page with the arithmetic alone."""
    page = browser.new_page()
    page.add_script_tag(path=folder / "computing" / "digit-network.js")
    yield page
    page.close()


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
            (box["x"] + box["width"] * (left + size * x), box["y"] + box["height"] * (top + size * y))
            for x, y in stroke
        ]
        mouse.move(*places[0])
        mouse.down()
        for place in places[1:]:
            mouse.move(*place)
        mouse.up()


# ---- arithmetic --------------------------------------------------------------------------------
def asked(page, code, given):
    """Call a function in the page. As texts, numbers travel fast; they come back with 6 decimals."""
    short = "(key, v) => ArrayBuffer.isView(v) ? [...v].map(x => Math.round(x * 1e6) / 1e6) : v"
    text = json.dumps(given)
    return json.loads(page.evaluate(f"t => JSON.stringify(({code})(JSON.parse(t)), {short})", text))


def answers(page, pixels, name):
    """Return a layer of many pictures by the page's arithmetic."""
    code = f"all => all.map(one => dlnDigit.read(dlnDigit.net, one.map(v => v / 255)).{name})"
    return np.array(asked(page, code, pixels.reshape(len(pixels), -1).tolist()))


def test_all_layers_of_the_sample_digits_are_those_of_dlnotes(network):
    pixels = np.round(255 * IMAGES).astype(int)
    wanted = layers(WEIGHTS, IMAGES.astype(float))
    np.testing.assert_allclose(answers(network, pixels, "scores"), wanted["scores"], atol=1e-3)
    for name, layer in wanted.items():
        some = layer[::9].reshape(12, -1)
        np.testing.assert_allclose(answers(network, pixels[::9], name), some, atol=1e-3, err_msg=name)


def test_scores_of_a_thousand_digits_are_those_that_pytorch_gave(network):
    if "DLNOTES_DATA" not in os.environ:
        pytest.skip(
            "DLNOTES_DATA names no folder with MNIST: the scores of its first 1,000 test digits "
            "are not compared, only those of the sample's 100"
        )
    pixels = np.round(255 * data.load("mnist").test_images[:1000]).astype(int)
    with np.load(ROOT / "book" / "results" / "rung5.npz") as file:
        wanted = file["logits"]
    np.testing.assert_allclose(answers(network, pixels, "scores"), wanted, atol=1e-3)


def test_covered_squares_are_blank_and_no_others(network):
    one = IMAGES[91, 0].astype(float)
    trials = np.repeat(one[None, None], 64, axis=0)
    for place in range(64):
        i, j = 3 * (place // 8), 3 * (place % 8)
        trials[place, 0, i : i + 7, j : j + 7] = 0
    code = """one => [...Array(64).keys()].map(place =>
      dlnDigit.covered(dlnDigit.net, one, place).scores)"""
    found = asked(network, code, one.ravel().tolist())
    np.testing.assert_allclose(found, layers(WEIGHTS, trials)["scores"], atol=1e-3)


def test_the_untrained_network_is_normal_by_he_and_the_same_each_time(network):
    code = """() => { const a = dlnDigit.random(dlnDigit.net, 1), b = dlnDigit.random(dlnDigit.net, 1);
      return [a.linear1.w, a.linear1.w.every((w, i) => w === b.linear1.w[i]),
        Math.max(...a.linear1.b)]; }"""
    weights, same, bias = asked(network, code, 0)
    assert same
    assert bias == 0
    assert np.mean(weights) == pytest.approx(0, abs=1e-3)
    assert np.std(weights) == pytest.approx((2 / 640) ** 0.5, rel=0.01)


def ink(points, radius):
    """How much of each pixel a line covers, in NumPy."""
    grid = np.stack(np.meshgrid(*2 * [np.arange(SIDE) + 0.5]), axis=-1)  # x, y
    distance = np.full((SIDE, SIDE), np.inf)
    for a, b in zip(points, points[1:] or points, strict=False):
        u, v = np.subtract(b, a), grid - a
        t = np.clip((v @ u) / max(u @ u, 1e-30), 0, 1)
        distance = np.minimum(distance, np.linalg.norm(v - t[..., None] * u, axis=-1))
    return np.clip(radius + 0.5 - distance, 0, 1)


def onto(strokes, scale, shift):
    """Strokes of pen and rubber in their order, in NumPy."""
    found = np.zeros((SIDE, SIDE))
    for stroke in strokes:
        points = scale * np.array(stroke["points"]) + shift
        if stroke["rubber"]:
            found = np.minimum(found, 1 - ink(list(points), RUBBER * scale))
        else:
            found = np.maximum(found, ink(list(points), PEN))
    return found


def fitted(strokes):
    """A drawing without rubber as MNIST's digits are, in NumPy."""
    points = np.concatenate([stroke["points"] for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(6, (20 - 2 * PEN) / max(*(high - low), 1e-9))
    shift = SIDE / 2 - scale * (low + high) / 2
    found = onto(strokes, scale, shift)
    rows, columns = np.indices(found.shape)
    mass = np.array([(columns * found).sum(), (rows * found).sum()]) / found.sum()
    return onto(strokes, scale, shift + np.clip(14 - mass, -4, 4))


def test_two_thousand_random_drawings_become_the_same_pixels_as_in_numpy(network):
    rng = np.random.default_rng(0)
    drawings = []
    for n in range(2000):
        low, high = np.sort(rng.uniform(1, 27, 2))
        drawings.append([
            {
                "points": rng.uniform(low, high, (rng.integers(1, 5), 2)).tolist(),
                "rubber": bool(k and n % 2 and rng.random() < 0.5),
                "radius": PEN,
            }
            for k in range(rng.integers(1, 4))
        ])  # fmt: skip
        for stroke in drawings[-1]:
            stroke["radius"] = RUBBER if stroke["rubber"] else PEN
    code = "all => all.map((one, n) => dlnDigit.seen(null, one, n % 2 === 0))"
    found = asked(network, code, drawings)
    wanted = [onto(d, 1, 0) if n % 2 else fitted(d) for n, d in enumerate(drawings)]
    np.testing.assert_allclose(found, np.reshape(wanted, (2000, -1)), atol=2e-6)


def test_size_and_place_of_a_drawing_do_not_matter_once_it_is_fitted(network):
    code = """all => all.map(([points, more]) => dlnDigit.seen(null, [
      { points, radius: 1.2, rubber: false }, ...more], true))"""
    eight = np.array(DIGITS[8][0][0])
    away = {"points": [[26, 26]], "radius": PEN, "rubber": False}
    wiped = {"points": [[26, 26]], "radius": RUBBER, "rubber": True}
    given = [[(24 * eight + 2).tolist(), []], [(6 * eight + (20, 3)).tolist(), []]]
    given.append([(6 * eight + (3, 9)).tolist(), [away, wiped]])  # what was rubbed out has no size
    large, small, cleaned = (np.reshape(x, (SIDE, SIDE)) for x in asked(network, code, given))
    np.testing.assert_allclose(small, large, atol=2e-6)
    np.testing.assert_allclose(cleaned, large, atol=2e-6)
    assert np.ptp(np.nonzero(large.max(axis=1) > 0.5)[0]) + 1 == 20


# ---- handling ----------------------------------------------------------------------------------
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


def test_sample_digits_are_doubted_as_often_as_the_measure_says(network):
    code = """all => all.map(one => dlnDigit.alike(dlnDigit.read(dlnDigit.net, one).relu3))"""
    pixels = IMAGES.reshape(100, -1).astype(float).tolist()
    units = layers(WEIGHTS, IMAGES.astype(float))["relu3"]
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    others = (units @ units.T - 2 * np.eye(100)).max(axis=1)
    assert (others < network.evaluate("dlnDigit.least")).sum() == 10
    np.testing.assert_allclose(asked(network, code, pixels), 1, atol=1e-3)


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
    draw(drawn, [[(0, 0), (1, 1), (1, 0), (0, 1), (0.5, 0), (0.5, 1)]], size=0.9, left=0.05, top=0.05)
    assert "Read as 8 with over" not in said(drawn, "Read as")
    drawn.get_by_role("button", name="Undo").click()
    said(drawn, "Read as 8")
    drawn.get_by_role("checkbox", name="rubber").uncheck()
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
    assert told.text_content().startswith("Map 1 ")
    box = drawn.locator(".dln-sheet").bounding_box()
    drawn.page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.4)
    assert told.text_content().startswith("Map 13 ")
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
    smallest = """figure => Math.min(...[...figure.querySelectorAll("text, p, figcaption, label, button")]
      .filter(e => e.textContent && e.getClientRects().length).map(e => {
        const svg = e.closest("svg"), wide = svg && svg.viewBox.baseVal.width;
        return parseFloat(getComputedStyle(e).fontSize) * (svg ? svg.clientWidth / wide : 1); }))"""
    assert drawn.evaluate(smallest) >= 10
    fill = drawn.locator('[data-share="5"] rect').evaluate("e => getComputedStyle(e).fill")
    wanted = PALETTE["accent"][theme == "dark"]
    assert fill == "rgb({}, {}, {})".format(*bytes.fromhex(wanted[1:]))
    grave = [v for v in Axe().run(drawn.page).response["violations"] if v["impact"] == "critical"]
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
