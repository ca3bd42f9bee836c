"""The explorer of convolutions: its arithmetic against `dlnotes`, and how it is handled."""

from __future__ import annotations

import json

import numpy as np
import pytest

from computing_page import narrow, opened, sideways, smallest_letters, stored
from dlnotes import functional as dl
from dlnotes import plotting, shapes

X = [[3, 0, 1, 2], [1, 5, 8, 9], [2, 7, 2, 5], [0, 1, 3, 1]]
W = [[1, 0, -1]] * 3
ASK = """text => JSON.stringify(JSON.parse(text).map(one => {
  const { rules, outputs } = dlnLive.kinds.convolution;
  return rules(one.kind, one.x, one.w, one.set).map(row => ({ name: row.name, values:
    row.refusal ? null : outputs(one.kind, one.x, one.w, one.set, row.axes) }));
}))"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    """A page with an ordinary convolution, on a desk."""
    figure = plotting.convolution_explorer(X, W, at=(0, 1))
    with stored(browser, tmp_path_factory.mktemp("conv"), figure) as made:
        yield made


@pytest.fixture
def figure(page):
    """The explorer as it starts."""
    page.reload()
    return page.locator("dln-live")


@pytest.fixture(scope="module")
def back(browser, tmp_path_factory):
    """A page with the riddle of the chapter on transposed convolution."""
    figure = plotting.convolution_explorer(
        [[1, 1], [2, 2]], np.ones((3, 3)), stride=2, padding=1, output_padding=1, transposed=True
    )
    with stored(browser, tmp_path_factory.mktemp("back"), figure) as made:
        yield made


def attempt(rule):
    """Return the numbers of a rule, or None where the package refuses."""
    try:
        return rule().astype(int).tolist()
    except ValueError:
        return None


def convolved(x, w, s, p, d):
    """The package's answers for an ordinary convolution, by convention."""
    options = {"stride": s, "dilation": d}
    sizes, kernel = x.shape[2:], w.shape[2:]

    def valid():
        return dl.conv2d(x, w, **options)[0, 0]

    def same():
        pads = shapes.same_pads_tf(sizes, kernel, s, d)
        return dl.conv2d(x, w, padding=pads, **options)[0, 0]

    both = s > 1 and d > 1
    return {
        f"PyTorch, padding={p}": attempt(lambda: dl.conv2d(x, w, padding=p, **options)[0, 0]),
        'PyTorch, padding="same"': attempt(
            lambda: dl.conv2d(x, w, padding="same", **options)[0, 0]
        ),
        "TensorFlow, VALID" if both else "TensorFlow and Keras, VALID": attempt(valid),
        "TensorFlow, SAME" if both else "TensorFlow and Keras, SAME": attempt(same),
        **({"Keras, valid": None, "Keras, same": None} if both else {}),
    }


def transposed(x, w, s, p, d, e):
    """The package's answers for a transposed convolution, by convention."""
    options = {"stride": s, "dilation": d}
    pairs = list(zip(x.shape[2:], w.shape[2:], strict=True))

    def torch():
        return dl.conv_transpose2d(x, w, padding=p, output_padding=e, **options)[0, 0]

    def tensorflow(word):
        legal = [shapes.tf_conv_transpose_legal(n, k, padding=word, **options) for n, k in pairs]
        shape = tuple(one[0] + e for one in legal)
        return dl.conv_transpose2d_tf(x, w, padding=word, output_shape=shape, **options)[0, 0]

    def keras(word, extra):
        y = dl.conv_transpose2d(x, w, **options)[0, 0]
        for axis, (n, k) in enumerate(pairs):
            told = {"padding": word, "output_padding": extra, **options}
            pads = shapes.keras_conv_transpose_pads(n, k, **told)
            kept = slice(pads.before, y.shape[axis] - pads.after)
            y = y[kept] if axis == 0 else y[:, kept]
            more = [(0, 0), (0, 0)]
            more[axis] = (0, pads.output_padding)
            y = np.pad(y, more)
        return y

    return {
        f"PyTorch, padding={p}, output_padding={e}": attempt(torch),
        "TensorFlow, VALID": attempt(lambda: tensorflow("VALID")),
        "TensorFlow, SAME": attempt(lambda: tensorflow("SAME")),
        "Keras, valid, output_padding=None": attempt(lambda: keras("valid", None)),
        "Keras, same, output_padding=None": attempt(lambda: keras("same", None)),
        f"Keras, same, output_padding={e}": attempt(lambda: keras("same", e)),
    }


def test_5000_random_settings_give_what_the_package_gives(page):
    rng = np.random.default_rng(0)
    settings = []
    for at in range(5000):
        c, h, wide = rng.integers(1, [4, 7, 7])
        r, s = rng.integers(1, 5, 2)
        chosen = rng.integers([1, 0, 1, 0], [4, 4, 4, 3]).tolist()
        settings.append({
            "kind": ("convolution", "transposed")[at % 2],
            "x": rng.integers(-9, 10, (c, h, wide)).tolist(),
            "w": rng.integers(-9, 10, (c, r, s)).tolist(),
            "set": dict(zip("spde", chosen, strict=True)),
        })  # fmt: skip
    answers = json.loads(page.evaluate(ASK, json.dumps(settings)))
    refused = 0
    for one, rows in zip(settings, answers, strict=True):
        x, w = (np.array(one[name], dtype=float) for name in "xw")
        s, p, d, e = one["set"].values()
        if one["kind"] == "convolution":
            wanted = convolved(x[None], w[None], s, p, d)
        else:
            wanted = transposed(x[None], w[:, None], s, p, d, e)
        assert {row["name"]: row["values"] for row in rows} == wanted, one
        refused += list(wanted.values()).count(None)
    assert 3000 < refused < 20000


def said(figure) -> str:
    return figure.locator(".dln-words").text_content()


def cell(figure, name):
    return figure.locator(f'[aria-label^="{name}:"]')


def test_the_sum_of_the_chosen_output_is_written_out(figure):
    assert said(figure) == (
        "y[0, 1] = 2·(−1) + 5·1 + 9·(−1) + 7·1 + 5·(−1) = −4. 4 more products are 0."
    )
    assert said(figure).count("·") == 5
    cell(figure, "output [1, 1]").click()
    assert said(figure).startswith("y[1, 1] = 5·1 + 9·(−1) + 7·1 + 5·(−1)")
    assert figure.locator(".dln-words").get_attribute("aria-live") == "polite"


def test_the_window_walks_by_arrow_keys_and_by_drawing_over_the_output(figure):
    start = cell(figure, "output [0, 1]")
    start.focus()
    start.press("ArrowDown")
    assert said(figure).startswith("y[1, 1]")
    focused = "() => document.activeElement.getAttribute('aria-label')"
    assert figure.page.evaluate(focused).startswith("output [1, 1]")
    figure.page.keyboard.press("ArrowDown")  # there is no further row
    assert said(figure).startswith("y[1, 1]")
    mouse, box = figure.page.mouse, cell(figure, "output [0, 0]").bounding_box()
    mouse.move(box["x"] + 5, box["y"] + 5)
    mouse.down()
    assert not said(figure).startswith("y[0, 0]")
    box = cell(figure, "output [0, 1]").bounding_box()
    mouse.move(box["x"] + 8, box["y"] + 8, steps=6)
    mouse.up()
    assert said(figure).startswith("y[0, 1]")


def test_numbers_are_typed_stepped_and_refused(figure):
    first = cell(figure, "input [0, 0]")
    first.focus()
    first.press("7")
    assert cell(figure, "input [0, 0]").get_attribute("aria-label").endswith(": 7")
    figure.page.keyboard.press("-")
    assert cell(figure, "input [0, 0]").get_attribute("aria-label").endswith(": −7")
    figure.page.keyboard.press("ArrowRight")
    figure.page.keyboard.press("9")
    assert cell(figure, "input [0, 1]").get_attribute("aria-label").endswith(": 9")
    assert cell(figure, "output [0, 1]").get_attribute("aria-label").endswith(": 5")
    cell(figure, "kernel [1, 1]").click()
    figure.get_by_role("button", name="one less").click()
    assert cell(figure, "kernel [1, 1]").get_attribute("aria-label").endswith(": −1")
    field = figure.get_by_role("spinbutton", name="kernel [1, 1]")
    assert field.input_value() == "-1"
    before = said(figure)
    for wrong in ("10", "", "1.5"):
        field.fill(wrong)
        told = figure.locator(".dln-refusal").text_content()
        assert told == "Give a whole number from −9 to 9."
        assert said(figure) == before
    field.fill("2")
    assert cell(figure, "kernel [1, 1]").get_attribute("aria-label").endswith(": 2")
    assert figure.locator(".dln-refusal").text_content() == ""


def test_settings_and_rules(figure):
    figure.get_by_label("stride").fill("2")
    figure.get_by_label("padding", exact=True).fill("1")
    assert figure.locator(".dln-rules b").all_text_contents() == [
        "2 × 2", "refused", "1 × 1", "2 × 2"
    ]  # fmt: skip
    torch = [e.get_attribute("aria-label") for e in figure.locator("[data-key^=y]").all()]
    figure.get_by_role("radio", name="TensorFlow and Keras, SAME").check()
    same = [e.get_attribute("aria-label") for e in figure.locator("[data-key^=y]").all()]
    assert len(torch) == len(same) == 4
    assert torch != same
    figure.get_by_role("radio", name='PyTorch, padding="same"').check()
    assert said(figure).endswith("use stride 1, or padding in numbers.")
    assert figure.locator("[data-key^=y]").count() == 0
    figure.get_by_label("dilation").fill("4")
    told = figure.locator(".dln-refusal").text_content()
    assert told == "dilation: give a whole number from 1 to 3."


def test_tables_grow_and_shrink(figure):
    figure.get_by_text("Sizes of input and kernel").click()
    figure.get_by_label("input, rows").fill("6")
    figure.get_by_label("channels").fill("2")
    assert figure.locator("[data-key^=x]").count() == 2 * 6 * 4
    assert "together y[0, 1]" in said(figure)
    figure.get_by_label("kernel, columns").fill("4")
    figure.get_by_label("input, columns").fill("3")
    assert "the kernel covers 4 cells and there are only 3" in said(figure)
    assert "NaN" not in figure.text_content()


def test_the_riddle_of_the_transposed_convolution(back):
    def shown():
        labels = [e.get_attribute("aria-label") for e in figure.locator("[data-key^=y]").all()]
        return np.array([int(label.rpartition(": ")[2]) for label in labels]).reshape(4, 4)

    figure = back.locator("dln-live")
    x, ones = np.array([[[[1.0, 1.0], [2.0, 2.0]]]]), np.ones((1, 1, 3, 3))
    torch = dl.conv_transpose2d(x, ones, stride=2, padding=1, output_padding=1)
    assert (shown() == torch[0, 0]).all()
    figure.get_by_role("radio", name="TensorFlow, SAME").check()
    tf = dl.conv_transpose2d_tf(x, ones, stride=2, padding="SAME", output_shape=(4, 4))
    assert (shown() == tf[0, 0]).all()
    figure.get_by_label("stride").fill("3")
    figure.get_by_text("Sizes of input and kernel").click()
    for name in ("input, rows", "input, columns"):
        figure.get_by_label(name).fill("6")
    assert "at most 12 × 12 are drawn" in said(figure)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_of_320_pixels_has_room(browser, page, scheme):
    with narrow(browser, page.url, scheme) as phone:
        figure = phone.locator("dln-live")
        assert figure.bounding_box()["height"] <= 700
        cell(figure, "output [1, 0]").tap()
        assert said(figure).startswith("y[1, 0]")
        cell(figure, "input [3, 3]").tap()
        figure.get_by_role("button", name="one more").tap()
        assert cell(figure, "input [3, 3]").get_attribute("aria-label").endswith(": 2")
        figure.get_by_label("padding", exact=True).fill("3")
        figure.get_by_text("Sizes of input and kernel").tap()
        for name in ("input, rows", "input, columns"):
            figure.get_by_label(name).fill("6")
        figure.get_by_label("channels").fill("2")
        assert sideways(phone) == 0
        assert smallest_letters(phone) >= 10
        lit = figure.locator("rect[style*=accent-soft]").first.evaluate(
            "e => getComputedStyle(e).fill"
        )
        assert lit == {"light": "rgb(205, 230, 240)", "dark": "rgb(23, 74, 94)"}[scheme]


def test_a_page_without_the_books_colours_has_them(browser, tmp_path):
    path = tmp_path / "alone.html"
    path.write_text(
        f"<meta charset=utf-8>{plotting.convolution_explorer(X, W)._repr_html_()}", "utf-8"
    )
    context = browser.new_context()
    alone = context.new_page()
    alone.goto(path.as_uri())
    fills = alone.locator("dln-live rect").evaluate_all(
        "all => all.map(e => getComputedStyle(e).fill)"
    )
    assert set(fills) >= {"rgb(255, 255, 255)", "rgb(205, 230, 240)", "rgb(251, 221, 202)"}
    assert "rgb(0, 0, 0)" not in fills
    context.close()


def test_the_still_stands_without_a_script(browser, page):
    with opened(browser, page.url, java_script_enabled=False) as bare:
        figure = bare.locator("dln-live")
        assert figure.locator("svg").count() == 3
        assert said(figure) == "y[0, 1] = −4."


@pytest.mark.parametrize("back_", [False, True])
def test_the_still_holds_what_the_package_computes(back_):
    rng, seen = np.random.default_rng(1), 0
    options = {"stride": 2, "padding": 1, "dilation": 2}
    for _ in range(20):
        c, h, r = rng.integers(1, [4, 7, 5])
        x, w = rng.integers(-9, 10, (c, h, 6)), rng.integers(-9, 10, (c, r, 2))
        if back_:
            call, kernel = dl.conv_transpose2d, w[:, None]
            options["output_padding"] = 1
        else:
            call, kernel = dl.conv2d, w[None]
        try:
            y = call(x[None].astype(float), kernel.astype(float), **options)[0, 0]
        except ValueError:
            continue
        seen += 1
        told = plotting.convolution_explorer(x, w, transposed=back_, **options).html()
        assert f"y[0, 0] = {plotting.written(y[0, 0])}." in told
    assert seen > 10


@pytest.mark.parametrize(
    ("x", "w", "options", "match"),
    [
        ([[1] * 7], [[1]], {}, r"x has shape \(1, 7\); give at most 6 rows and columns"),
        ([[10]], [[1]], {}, "numbers from 10 to 10; give whole numbers from -9 to 9"),
        ([[1]], [[[1]], [[1]]], {}, r"has shape \(2, 1, 1\) and x has \(1, 1, 1\)"),
        ([[1]], {"a": [[1]], "b": [[1, 2]]}, {}, r"w b has shape \(1, 1, 2\)"),
        (X, W, {"stride": 4}, "stride=4 is above 3"),
        (X, W, {"padding": -1}, "padding is -1, below the smallest allowed, 0"),
        (X, W, {"at": (2, 0)}, r"at=\(2, 0\) is no place of the output, which has 2 rows"),
        (X, W, {"dilation": 2}, "the kernel covers 5 rows but the padded input has 4"),
    ],
)
def test_wrong_starts_are_refused(x, w, options, match):
    with pytest.raises(ValueError, match=match):
        plotting.convolution_explorer(x, w, **options)
