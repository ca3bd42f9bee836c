"""The table of layers in the page: its arithmetic, its programs, and how it is handled."""

from __future__ import annotations

import os
import random
import re

os.environ["KERAS_BACKEND"] = "torch"

import keras
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from dlnotes import counting, plotting, specs
from dlnotes.plotting.computing.table import builder_sentence
from figure_page import as_page
from layer_stacks import expected, run, stack, totals
from page_checks import CHECKS, Visit, barriers

STARTS = {"VGG-16": "vgg16", "AlexNet": "alexnet", "LeNet-5": "lenet5", "digits": "mnist-relu"}
NETWORKS = {name: specs.get(key) for name, key in STARTS.items()}
COUNT = """stacks => stacks.map(([size, rows]) => {
  const found = dlnLive.layers.count(size, rows);
  const keep = r => ({input: r.input, output: r.output, trainable: r.trainable, fixed: r.fixed,
    products: r.products, values: r.values, field: r.field});
  const rows_ = found.rows.slice(0, found.wrong === null ? rows.length : found.wrong).map(keep);
  return {wrong: found.wrong, output: found.output, rows: rows_};
})"""
PROGRAMS = """([stacks, language]) => stacks.map(([size, rows]) =>
  dlnLive.layers.code(language, size, rows))"""
MENDED = """stacks => stacks.map(([size, rows]) => {
  for (let round = 0; round < 60; round++) {
    const found = dlnLive.layers.count(size, rows);
    if (found.wrong === null) { return round; }
    const row = found.rows[found.wrong], mends = row.mends;
    if (!mends.length || !/[.]$/.test(row.why)) { return row.why; }
    rows = dlnLive.layers.mended(rows, found.wrong, mends[round % mends.length]);
  }
  return JSON.stringify(rows);
})"""


@pytest.fixture
def opened(wide, tmp_path):
    """Open a page with the figure, and return the figure."""
    pages = []

    def open_(context=wide, theme="light"):
        path = tmp_path / "page.html"
        figure = plotting.layer_builder(NETWORKS, start="VGG-16", batch=64)
        path.write_text(as_page(figure._repr_html_(), theme), encoding="utf-8")
        visit = Visit(context.new_page(), "file://")
        pages.append(visit)
        visit.page.goto(path.as_uri())
        return visit.page.locator("dln-live")

    yield open_
    for visit in pages:
        assert visit.trouble == []
        visit.page.close()


def said(figure) -> str:
    return figure.locator(".dln-words").text_content()


def layer_names(figure) -> list[str]:
    return figure.locator("tbody button").all_text_contents()


def chosen(figure) -> str:
    return figure.locator("tbody .on").inner_text().replace("\n", "").replace("\t", " ")


def row(figure, number: int):
    return figure.locator("tbody button").nth(number - 1)


def test_random_stacks_count_as_dlnotes_counts(opened):
    rng = random.Random(0)
    stacks = [stack(rng) for _ in range(600)]
    found = opened().evaluate(f"(figure, stacks) => ({COUNT})(stacks)", stacks)
    refused = 0
    for (size, rows), ours in zip(stacks, found, strict=True):
        wanted = expected(size, rows)
        assert ours == wanted, (size, rows)
        refused += wanted["wrong"] is not None
    assert 100 < refused < 500


def test_what_is_too_large_to_be_exact_is_refused(opened):
    conv = {"kind": "conv", "channels": 65536, "kernel": 99, "stride": 1, "padding": 49}
    rows = [{**conv, "dilation": 1, "groups": 1, "bias": True}]
    figure, ask = opened(), "(figure, given) => dlnLive.layers.count(...given)"
    found = figure.evaluate(ask, [[4, 4096, 4096], rows])
    assert found["wrong"] == 0
    assert "10¹⁵" in found["rows"][0]["why"]
    assert found["products"] == 0
    assert figure.evaluate(ask, [[4, 40, 40], rows])["wrong"] is None


def test_the_networks_count_as_dlnotes_counts(opened):
    figure = opened()
    for index, (name, network) in enumerate(NETWORKS.items()):
        figure.get_by_label("start from").select_option(str(index))
        table = counting.table(network)
        assert figure.locator("tbody tr").count() == len(table.rows)
        total = figure.locator("tfoot .full").all_text_contents()
        assert total == [f"{table.parameters.trainable:,}", f"{table.count('mac'):,}"], name
        assert f"{table.memory / 1e6:.1f} MB" in figure.locator("tfoot").inner_text() or (
            f"{table.memory / 1e3:.1f} kB" in figure.locator("tfoot").inner_text()
        )
        assert said(figure) == builder_sentence(network)


def test_remedies_lead_to_a_table_that_follows(opened):
    rng = random.Random(1)
    stacks = [stack(rng) for _ in range(600)]
    rounds = opened().evaluate(f"(figure, stacks) => ({MENDED})(stacks)", stacks)
    assert [one for one in rounds if not isinstance(one, int)] == []
    assert max(rounds) > 3


def programs(figure, language: str, many: int):
    """Return random stacks that follow, and what the page writes for them."""
    rng, stacks = random.Random(2), []
    while len(stacks) < many:
        size, rows = stack(rng, wild=False)
        if expected(size, rows)["wrong"] is None:
            stacks.append((size, rows))
    ask = f"(figure, given) => ({PROGRAMS})(given)"
    return list(zip(stacks, figure.evaluate(ask, [stacks, language]), strict=True))


def multiply_adds(model, *shape: int, device: str = "cpu") -> int:
    with torch.device(device), FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(shape))
    return counter.get_total_flops() // shape[0] // 2


def test_the_pytorch_program_runs_and_has_the_same_totals(opened):
    for (size, rows), program in programs(opened(), "PyTorch", 150):
        wanted = expected(size, rows)
        own, work = totals(wanted)
        model, printed = run(program)
        assert printed == f"{own}\ntorch.Size({[2, *wanted['output']]})\n", program
        assert multiply_adds(model.eval(), 2, *size) == work, program
        assert f"# {own:,} parameters" in program
        assert f"; {work:,} multiply-adds\n" in program


@pytest.mark.filterwarnings("ignore:.*softmax over axis -1:UserWarning")
def test_the_keras_program_runs_and_has_the_same_totals(opened):
    refused = 0
    for (size, rows), program in programs(opened(), "Keras", 60):
        if isinstance(program, dict):
            assert re.search(r"Row \d+ has stride \d and dilation 2;", program["why"])
            refused += 1
            continue
        wanted = expected(size, rows)
        model, _ = run(program)
        own, work = totals(wanted)
        trained = sum(w.shape.numel() for w in (v.value for v in model.trainable_weights))
        assert trained == own, program
        *space, channels = model.output_shape[1:]
        assert [channels, *space] == wanted["output"], program
        high_wide_deep = (*size[1:], size[0])
        assert multiply_adds(model, 2, *high_wide_deep) == work, program
    assert 0 < refused < 30


@pytest.mark.parametrize("name", NETWORKS)
def test_programs_of_the_networks(name, opened):
    figure, network = opened(), NETWORKS[name]
    own, work = counting.count(network).trainable, counting.table(network).count("mac")
    figure.get_by_label("start from").select_option(label=name)
    figure.get_by_role("button", name="copy as PyTorch").click()
    with torch.device("meta"):
        model, printed = run(figure.locator("pre").text_content())
    assert printed == f"{own}\ntorch.Size([2, {network_classes(network)}])\n"
    assert multiply_adds(model.eval(), 2, *network.input_shape, device="meta") == work
    figure.get_by_role("button", name="copy as Keras").click()
    with keras.device("meta"):
        model, _ = run(figure.locator("pre").text_content())
    assert model.count_params() == own


def network_classes(network) -> int:
    (classes,) = counting.output_shape(network.body, network.input_shape)
    return classes


def test_the_table_is_walked_and_edited_by_keys(opened):
    figure = opened()
    keys = figure.page.keyboard
    before = layer_names(figure)
    row(figure, 33).press("Home")
    assert chosen(figure).startswith("1")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    assert row(figure, 3).evaluate("e => e === document.activeElement")
    keys.press("Enter")
    keys.type("128")
    assert layer_names(figure)[2] == "conv 3×3, 128"
    assert re.match(r"Against VGG-16: parameters \+0\.08\d\s%, .* memory \+25\s%", said(figure))
    row(figure, 3).press("Alt+ArrowUp")
    assert layer_names(figure)[1:3] == ["conv 3×3, 128", "relu"]
    keys.press("Delete")
    assert len(layer_names(figure)) == len(before) - 1
    for _ in range(3):
        keys.press("Control+z")
    assert layer_names(figure) == before
    assert said(figure) == builder_sentence(NETWORKS["VGG-16"])


def test_rows_are_inserted_copied_moved_and_removed(opened):
    figure = opened()
    figure.get_by_label("start from").select_option(label="LeNet-5")

    def press(name):
        figure.get_by_role("button", name=name).click()

    row(figure, 1).click()
    figure.get_by_role("combobox", name="insert", exact=True).select_option(label="batch norm")
    press("insert below")
    assert layer_names(figure)[:3] == ["conv 5×5, 6", "batch norm", "relu"]
    assert "2 · 6 trained, 2 · 6 kept" in figure.inner_text()
    press("move row 2 down")
    press("copy row 3")
    assert layer_names(figure)[1:4] == ["relu", "batch norm", "batch norm"]
    press("remove row 4")
    press("start again")
    assert said(figure) == builder_sentence(NETWORKS["LeNet-5"])
    press("undo")
    assert layer_names(figure)[1:3] == ["relu", "batch norm"]


def test_the_famous_global_mean(opened):
    """Flatten replaced by a global mean: the sentence and the comparison say what it saves."""
    figure = opened()
    figure.get_by_role("combobox", name="insert", exact=True).select_option(label="global mean")
    row(figure, 32).click()
    figure.get_by_role("button", name="insert below").click()
    assert "Row 33 (global mean) cannot follow." in said(figure)
    figure.get_by_role("button", name="Remove row 32").click()
    mean = specs.get("vgg16-gap20").body.parts[:-1]
    changed = specs.Chain(*mean, *NETWORKS["VGG-16"].body.parts[-7:])
    own = counting.count(changed, (3, 224, 224)).trainable
    assert f"{own:,}" in figure.locator("tfoot .full").first.text_content()
    saved = 1 - own / counting.count(NETWORKS["VGG-16"]).trainable
    assert said(figure).startswith(f"Against VGG-16: parameters −{saved:.0%}".replace("%", "\xa0%"))


def test_a_row_that_cannot_follow_says_why_and_the_rest_stays(opened):
    figure = opened()
    figure.get_by_label("start from").select_option(label="AlexNet")
    row(figure, 16).press("Delete")  # flatten
    assert "It takes numbers in a row; 256×6×6 come in." in said(figure)
    assert figure.locator("tbody .wrong").count() == 1
    assert figure.locator("tbody .waits").count() == 22 - 16
    assert figure.locator("tfoot").inner_text().strip().startswith("so far")
    figure.get_by_role("button", name="copy as PyTorch").click()
    assert "cannot follow" in figure.locator("pre").text_content()
    figure.get_by_role("button", name="Put flatten before it").click()
    assert said(figure) == builder_sentence(NETWORKS["AlexNet"])
    assert figure.locator("tbody .wrong").count() == 0
    assert "nn.Flatten()" in figure.locator("pre").text_content()


@pytest.mark.parametrize("typed", ["0", "-3", "2.5", "", "1e9"])
def test_a_field_refuses_in_words_and_the_row_keeps_its_value(opened, typed):
    figure = opened()
    row(figure, 1).click()
    before = layer_names(figure)
    figure.get_by_label("kernel").fill(typed)
    assert "kernel: a whole number from 1 to 99" in figure.locator(".dln-refusal").inner_text()
    assert layer_names(figure) == before
    assert figure.get_by_label("kernel").get_attribute("aria-invalid") == "true"
    figure.get_by_label("kernel").fill("3")
    assert figure.locator(".dln-refusal").inner_text() == ""


def test_nothing_ever_shows_no_number(opened):
    figure = opened()
    fields = figure.locator("input[type=number]")
    for index in range(fields.count()):
        for typed in ("", "99", "65536", "1"):
            fields.nth(index).fill(typed)
            assert not re.search("NaN|undefined|Infinity|null", figure.inner_text())
    while figure.locator("tbody tr").count():
        figure.locator("tbody .on button").press("Delete")
    assert said(figure) == "No row yet: insert one."
    assert not re.search("NaN|undefined|Infinity|null", figure.inner_text())
    figure.get_by_role("button", name="insert below").click()
    assert layer_names(figure) == ["conv 3×3, 1"]


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_fits_and_can_be_read(browser, opened, width, theme):
    context = browser.new_context(
        viewport={"width": width, "height": 844}, color_scheme=theme, has_touch=width < 500
    )
    figure = opened(context, theme)
    row(figure, 3).click()
    least = """f => Math.min(...[...f.querySelectorAll("*")].filter(e => e.offsetParent &&
      [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
      .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
    assert figure.evaluate(least) >= 10
    for question in ("overflow", "clipped", "boxes"):
        assert figure.page.evaluate(f"() => {CHECKS}.{question}()") == []
    box = figure.locator(".dln-tb-box")
    assert box.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert barriers(Visit(figure.page, "file://")) == []
    context.close()


def test_touch_chooses_rows_in_the_lanes_and_in_the_table(phone, opened):
    figure = opened(phone)
    figure.locator(".dln-tb-bars").nth(1).locator("[data-at='2']").tap()
    assert figure.get_by_role("group", name="Row 3: conv").is_visible()
    assert row(figure, 3).evaluate(
        """e => { const a = e.getBoundingClientRect(), b = e.closest(".dln-tb-box")
          .getBoundingClientRect(); return a.top >= b.top && a.bottom <= b.bottom; }"""
    )
    row(figure, 4).tap()
    assert figure.get_by_role("group", name="Row 4: activation").is_visible()


def test_paper_shows_all_rows_and_no_controls(opened):
    figure = opened()
    row(figure, 3).press("Delete")
    figure.page.emulate_media(media="print")
    assert not figure.locator(".dln-controls").first.is_visible()
    assert figure.locator("tbody tr").last.is_visible()
    assert figure.locator(".dln-tb-box").evaluate("e => e.scrollHeight <= e.clientHeight")


def test_without_a_script_there_is_the_start(browser, opened):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 844})
    figure = opened(context)
    assert figure.get_by_role("img", name="what is drawn").is_visible()
    assert "memory: 114.6 MB" in figure.inner_text()
    assert said(figure) == builder_sentence(NETWORKS["VGG-16"])
    assert figure.locator("input, button, table").count() == 0
    context.close()
