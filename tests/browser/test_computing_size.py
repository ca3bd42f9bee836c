"""The calculator of sizes: its arithmetic against `dlnotes.shapes`, and how it is handled."""

from __future__ import annotations

import json
import random

import pytest
from docutils import nodes

import book_figures
from computing_page import narrow, opened, sideways, smallest_letters, stored
from dlnotes import plotting, shapes

KINDS = ("convolution", "pooling", "transposed")
ASK = """text => JSON.stringify(JSON.parse(text).map(
  setting => dlnLive.kinds.size.rows(setting.kind, setting.axes)))"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """A page with a calculator, on a desk."""
    figure = plotting.size_calculator((8, 8), 3, stride=2, padding=1)
    with stored(browser, tmp_path_factory.mktemp("size"), figure) as made:
        yield made


@pytest.fixture
def figure(page):
    """The calculator as it starts."""
    page.reload()
    return page.locator("dln-live")


def told(page, settings: list) -> list:
    """Return the page's answers to many settings at once."""
    return json.loads(page.evaluate(ASK, json.dumps(settings)))


def ours(kind: str, a: dict) -> list:
    """Return what `dlnotes.shapes` says for one axis under each convention; None is a refusal."""
    n, k, s, p, d, e = (a[name] for name in "nkspde")
    conv = {"stride": s, "dilation": d}
    both = s > 1 and d > 1  # Keras refuses that for every layer
    if kind == "convolution":
        same = shapes.same_padding_tf(n, k, s, d)
        told = [
            (lambda: (shapes.conv_out(n, k, padding=p, **conv), p, p)),
            (lambda: (shapes.conv_out(n, k, padding="same", **conv),
                      *shapes.as_pads("same", k, s, d, 1)[0])),
            (lambda: (shapes.conv_out_tf(n, k, **conv), 0, 0)),
            (lambda: (same.out, same.before, same.after)),
        ]  # fmt: skip
        found = [attempt(one) for one in told]
        return [*found, None if both else found[2], None if both else found[3]]
    if kind == "pooling":
        pool = {"padding": p, **conv}
        same = shapes.same_padding_tf(n, k, s)
        told = [
            (lambda: (shapes.pool_out(n, k, **pool), p, p)),
            (lambda: (shapes.pool_out(n, k, ceil_mode=True, **pool), p, p)),
            (lambda: (shapes.pool_out_tf(n, k, stride=s), 0, 0)),
            (lambda: (shapes.pool_out_tf(n, k, stride=s, padding="same"), same.before, same.after)),
        ]
        found = [attempt(one) for one in told]
        return [*found[:2], *(found[2:] if d == 1 else [None, None])]
    return [attempt(one) for one in transposed(n, k, p, e, conv)]


def transposed(n, k, p, e, conv):
    """Return the conventions of a transposed convolution: size, cut before and after, added."""

    def tensorflow(word):
        out = shapes.tf_conv_transpose_legal(n, k, padding=word, **conv)[0] + e
        pads = shapes.tf_conv_transpose_pads(n, k, out, padding=word, **conv)
        return out, pads.before, pads.after, pads.output_padding

    def keras(word, extra):
        options = {"padding": word, "output_padding": extra, **conv}
        pads = shapes.keras_conv_transpose_pads(n, k, **options)
        out = shapes.keras_conv_transpose_out(n, k, **options)
        return out, pads.before, pads.after, pads.output_padding

    def torch():
        return shapes.conv_transpose_out(n, k, padding=p, output_padding=e, **conv), p, p, e

    return [
        torch,
        lambda: tensorflow("VALID"),
        lambda: tensorflow("SAME"),
        lambda: keras("valid", None),
        lambda: keras("same", None),
        lambda: keras("same", e),
    ]


def attempt(rule):
    """Return the numbers of a rule, or None where the package refuses."""
    try:
        return tuple(map(int, rule()))
    except ValueError:
        return None


def test_5000_random_settings_have_the_sizes_of_the_package(page):
    rng = random.Random(0)
    settings = []
    for at in range(5000):
        small = rng.random() < 0.5
        tops = (9, 5, 3, 3, 3, 2) if small else (1024, 64, 64, 64, 64, 63)
        axes = [
            {name: rng.randint(name not in "pe", tops["nkspde".index(name)]) for name in "nkspde"}
            for _ in range(2)
        ]
        settings.append({"kind": KINDS[at % 3], "axes": axes})
        for axis in axes if at % 3 != 2 else ():
            axis["e"] = 0
    answers = told(page, settings)
    refused = taken = 0
    for setting, rows in zip(settings, answers, strict=True):
        wanted = [ours(setting["kind"], axis) for axis in setting["axes"]]
        for row, *want in zip(rows, *wanted, strict=True):
            assert ("refusal" in row) == (None in want), (setting, row)
            refused += "refusal" in row
            for axis, numbers in zip(row["axes"], want, strict=True):
                if numbers is None:
                    continue
                taken += 1
                names = ("out", "before", "after", "extra")
                assert tuple(axis[name] for name in names[: len(numbers)]) == numbers, setting
                assert axis["formula"].endswith(f" = {numbers[0]}")
    assert refused > 3000 < taken


def test_a_refusal_names_rule_numbers_and_remedy(page):
    axis = {"n": 4, "k": 3, "s": 2, "p": 2, "d": 3, "e": 4}
    asked = [{"kind": kind, "axes": [axis, axis]} for kind in KINDS]
    conv, pool, back = ([row.get("refusal") for row in rows] for rows in told(page, asked))
    assert conv == [
        None,
        'PyTorch refuses padding="same" with stride 2: use stride 1, or padding in numbers',
        "the kernel covers 7 cells and there are only 4: "
        "use a larger input, a smaller kernel or SAME",
        None,
        *["Keras refuses stride 2 with dilation 3: set one of them to 1"] * 2,
    ]
    assert pool[0] == (
        "padding 2 is more than half the window, ⌊3 / 2⌋ = 1: pad the input first, or use at most 1"
    )
    assert pool[2] == "pooling in Keras has no dilation, and here it is 3: set it to 1"
    assert back[0] == (
        "output padding 4 is not below the larger of stride and dilation, 3: use at most 2"
    )
    assert "allows the size 13 to 14 and here 17 is asked for" in back[1]


def said(figure) -> str:
    return figure.locator(".dln-words").text_content()


def test_a_page_loads_what_its_figures_need_once():
    html = plotting.size_calculator().html() + plotting.convolution_explorer([[1]], [[1]]).html()
    page = nodes.container("", nodes.raw("", html, format="html"))
    wanted = ["core", "sizes", "size", "convolution"]
    assert book_figures.scripts_of(page) == [
        "explorer.js", *(f"computing/{name}.js" for name in wanted)
    ]  # fmt: skip


def test_it_starts_with_what_the_still_says(figure):
    assert said(figure) == "⌊(8 + 2·1 − 3) / 2⌋ + 1 = 4."
    assert figure.locator("circle").count() == 4 * 3
    assert figure.locator(".dln-words").get_attribute("aria-live") == "polite"
    sizes = figure.locator(".dln-rules b").all_text_contents()
    assert sizes == ["4 × 4", "refused", "3 × 3", "4 × 4", "3 × 3", "4 × 4"]


def test_fields_are_typed_stepped_and_refused(figure):
    size = figure.get_by_label("size", exact=True)
    size.fill("227")
    figure.get_by_label("kernel", exact=True).fill("11")
    assert said(figure) == "⌊(227 + 2·1 − 11) / 2⌋ + 1 = 110."
    size.press("ArrowUp")
    assert said(figure).startswith("⌊(228")
    assert "the last 13 of 230 cells" in figure.locator("svg text").first.text_content()
    for wrong in ("1025", "0", "2.5", ""):
        size.fill(wrong)
        told = figure.locator(".dln-refusal").text_content()
        assert told == "size: give a whole number from 1 to 1024."
        assert size.get_attribute("aria-invalid") == "true"
    assert "NaN" not in figure.text_content()
    size.fill("8")
    assert figure.locator(".dln-refusal").text_content() == ""


def test_width_goes_its_own_way(figure):
    figure.get_by_label("width as height").press("Space")
    figure.get_by_label("size, width").fill("500")
    assert said(figure) == (
        "Height: ⌊(8 + 2·1 − 3) / 2⌋ + 1 = 4. Width: ⌊(500 + 2·1 − 3) / 2⌋ + 1 = 250."
    )
    assert figure.locator(".dln-rules b").first.text_content() == "4 × 250"
    assert figure.locator("svg text").first.text_content().startswith("width")


def test_conventions_are_chosen_by_keys_and_drawn(figure):
    first = figure.get_by_role("radio", name="PyTorch, padding=1")
    first.focus()
    first.press("ArrowDown")
    assert said(figure).startswith('PyTorch, padding="same": PyTorch refuses')
    assert not figure.locator("svg").first.is_visible()
    figure.get_by_role("radio", name="TensorFlow, SAME").check()
    assert said(figure) == "⌈8 / 2⌉ = 4. Zeros: 0 before, 1 after."
    assert figure.locator("svg").first.is_visible()
    figure.get_by_text("transposed", exact=True).click()
    figure.get_by_role("radio", name="Keras, same, output_padding=None").check()
    assert said(figure).startswith("2·8 = 16.")
    figure.get_by_label("output padding", exact=True).fill("1")
    figure.get_by_role("radio", name="Keras, same, output_padding=1").check()
    assert said(figure).startswith("2·(8 − 1) + 3 − 2·1 + 1 = 16.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_of_320_pixels_has_room(browser, page, scheme):
    with narrow(browser, page.url, scheme) as phone:
        figure = phone.locator("dln-live")
        assert figure.bounding_box()["height"] <= 600
        figure.get_by_text("transposed", exact=True).tap()
        figure.get_by_text("width as height").tap()
        figure.get_by_label("size, height").fill("1024")
        figure.get_by_label("kernel, height").fill("64")
        assert sideways(phone) == 0
        assert smallest_letters(phone) >= 10
        fill = figure.locator("rect").first.evaluate("e => getComputedStyle(e).fill")
        assert fill == {"light": "rgb(205, 230, 240)", "dark": "rgb(23, 74, 94)"}[scheme]


def test_paper_and_no_script_show_the_still(browser, page):
    with opened(browser, page.url, java_script_enabled=False) as bare:
        assert bare.locator("dln-live svg").is_visible()
        assert said(bare.locator("dln-live")) == "8 × 8 becomes 4 × 4."
        assert bare.locator("input").count() == 0
    page.reload()
    page.emulate_media(media="print")
    assert page.locator("dln-live svg").first.is_visible()
    assert not page.locator(".dln-controls").is_visible()
    page.emulate_media(media="screen")


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"size": (2, 9), "kernel": 3}, "size_calculator, axis 0: the kernel covers 3 rows"),
        ({"size": (99, 9)}, "99 cells of height with their padding, and at most 13 are drawn"),
        ({"padding": -1}, "size_calculator: padding"),
    ],
)
def test_wrong_starts_are_refused(arguments, match):
    with pytest.raises(ValueError, match=match):
        plotting.size_calculator(**arguments)
