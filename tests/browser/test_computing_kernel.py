"""The editor of kernels: its arithmetic against `dlnotes.functional`, and how it is handled."""

from __future__ import annotations

import json

import numpy as np
import pytest

from computing_page import narrow, opened, sideways, smallest_letters, stored
from dlnotes import functional as dl
from dlnotes import plotting
from dlnotes.data import street_scene

KERNELS = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "box blur": [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
    "upright edges": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
}
ASK = """text => JSON.stringify(JSON.parse(text).map(s => [...dlnLive.kinds.kernel.convolve(
  s.pixels, s.rows, s.columns, s.weights, s.divisor)]))"""
SHOWN = """canvas => [...canvas.getContext("2d")
  .getImageData(0, 0, canvas.width, canvas.height).data].filter((_, at) => at % 4 === 0)"""


def editor(**options):
    options = {"start": "upright edges", "divide": {"box blur": 9}, **options}
    return plotting.kernel_editor(street_scene(), KERNELS, **options)


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """A page with an editor, on a desk."""
    figure = editor(words={"box blur": "The mean."})
    with stored(browser, tmp_path_factory.mktemp("kernel"), figure) as made:
        yield made


@pytest.fixture
def figure(page):
    """The editor as it starts."""
    page.reload()
    return page.locator("dln-live")


def test_2000_random_kernels_give_what_the_package_gives(page):
    rng = np.random.default_rng(0)
    settings, wanted = [], []
    for at in range(2000):
        picture = rng.integers(0, 256, rng.integers(3, 9, 2))
        whole = at % 2
        weights = rng.integers(-9, 10, 9) if whole else rng.normal(size=9)
        divisor = int(rng.integers(1, 17))
        rows, columns = picture.shape
        settings.append({
            "pixels": picture.ravel().tolist(), "rows": rows, "columns": columns,
            "weights": weights.tolist(), "divisor": divisor,
        })  # fmt: skip
        kernel = weights.reshape(1, 1, 3, 3).astype(float) / divisor
        wanted.append(dl.conv2d(picture[None, None].astype(float), kernel).ravel())
    answers = json.loads(page.evaluate(ASK, json.dumps(settings)))
    for got, want in zip(answers, wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-10)


def said(figure) -> str:
    return figure.locator(".dln-words").text_content()


def grey(figure, kernel, divisor=1):
    """The grey levels that the page should show for a kernel."""
    weights = np.array(kernel, dtype=float)
    answer = dl.conv2d(street_scene()[None, None].astype(float), weights[None, None] / divisor)
    far = 51 * abs(weights).sum() / divisor
    low, high = (0, 255) if weights.sum() else (-far, far)
    return np.clip((answer[0, 0] - low) / (high - low), 0, 1) * 255


def seen(figure):
    figure.page.evaluate("() => new Promise(requestAnimationFrame)")
    shape = [side - 2 for side in street_scene().shape]
    return np.array(figure.locator("canvas").evaluate(SHOWN)).reshape(shape)


def test_the_street_is_shown_as_the_package_would_have_it(figure):
    assert abs(seen(figure) - grey(figure, KERNELS["upright edges"])).max() <= 0.5 + 1e-9
    figure.locator("select").select_option("box blur")
    assert abs(seen(figure) - grey(figure, KERNELS["box blur"], 9)).max() <= 0.5 + 1e-9
    figure.locator("select").select_option("identity")
    assert (seen(figure) == street_scene()[1:-1, 1:-1]).all()


def test_it_says_what_the_sum_means(figure):
    assert said(figure) == (
        "The weights add up to 0: a plain wall gives 0, however bright it is. "
        "Middle grey stands for 0."
    )
    figure.locator("select").select_option("box blur")
    assert said(figure) == (
        "The weights add up to 9, and divided by 9 to 1: a plain wall keeps its brightness. "
        "The mean."
    )
    figure.get_by_label("divided by").fill("3")
    assert said(figure).endswith(
        "to 3: a plain wall comes out 3 times as bright, cut off at white."
    )
    assert figure.locator("select").locator(":checked").text_content() == "your own"
    figure.locator("select").select_option("identity")
    middle = figure.get_by_label("weight, row 2, column 2")
    middle.fill("-1")
    assert "turns negative" in said(figure)
    middle.fill("0")
    assert said(figure) == "All weights are 0, and so is every answer."
    assert set(seen(figure).ravel()) == {128}


def test_weights_are_stepped_dragged_and_turned(figure):
    corner = figure.get_by_label("weight, row 1, column 3")
    corner.focus()
    assert figure.get_by_role("slider", name="weight in row 1, column 3").input_value() == "14"
    corner.press("ArrowUp")
    assert corner.input_value() == "0"
    slider = figure.get_by_role("slider")
    box = slider.bounding_box()
    mouse, y = figure.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, y)
    mouse.down()
    mouse.move(box["x"] + box["width"] - 2, y, steps=5)
    mouse.up()
    assert corner.input_value() == "8"
    assert "add up to 9:" in said(figure)
    slider.press("Home")
    assert corner.input_value() == "-8"
    figure.locator("select").select_option("upright edges")
    figure.get_by_role("button", name="turn by a quarter").press("Enter")
    values = [int(field.input_value()) for field in figure.locator(".dln-nine input").all()[:9]]
    assert values == np.rot90(KERNELS["upright edges"], -1).ravel().tolist()


def test_what_is_no_weight_is_refused(figure):
    before = said(figure)
    field = figure.get_by_label("weight, row 1, column 1")
    for wrong in ("", "100"):
        field.fill(wrong)
        assert "a number from −99 to 99" in figure.locator(".dln-refusal").text_content()
        assert said(figure) == before
    field.fill("0.5")
    assert figure.locator(".dln-refusal").text_content() == ""
    assert "add up to −0.5" in said(figure)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_of_320_pixels_has_room(browser, page, scheme):
    with narrow(browser, page.url, scheme) as phone:
        figure = phone.locator("dln-live")
        figure.get_by_label("weight, row 3, column 3").tap()
        assert figure.get_by_role("slider", name="weight in row 3, column 3").is_visible()
        assert sideways(phone) == 0
        assert smallest_letters(phone) >= 10
        assert figure.bounding_box()["height"] <= 700
        ground = figure.get_by_label("weight, row 1, column 1").evaluate(
            "e => getComputedStyle(e).backgroundColor"
        )
        assert ground == {"light": "rgb(205, 230, 240)", "dark": "rgb(23, 74, 94)"}[scheme]


def test_the_still_stands_without_a_script(browser, page):
    with opened(browser, page.url, java_script_enabled=False) as bare:
        figure = bare.locator("dln-live")
        assert figure.locator("svg image").is_visible()
        assert said(figure) == "The weights add up to 0."


@pytest.mark.parametrize(
    ("image", "options", "match"),
    [
        ([[0, 1]], {}, r"at least 3 by 3; got shape \(1, 2\)"),
        (np.full((3, 3), 0.5), {}, "a whole number from 0 to 255; got values from 0.5"),
        (np.zeros((3, 3)), {"start": "blur"}, "no kernel is called 'blur'; the names are identity"),
        (np.zeros((3, 3)), {"kernels": {"identity": [[1]]}}, r"'identity' has shape \(1, 1\)"),
    ],
)
def test_wrong_starts_are_refused(image, options, match):
    options = {"kernels": KERNELS, "start": "identity", **options}
    with pytest.raises(ValueError, match=match):
        plotting.kernel_editor(image, **options)
