"""Figures: the palette, the SVG formatter, grids and players."""

import base64
import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from dlnotes import plotting
from dlnotes.data import street_scene
from dlnotes.plotting import PALETTE, TWELVE, Gallery, Grid, figure_svg
from dlnotes.plotting.style import tidy_svg
from explored import facts, shown, still, words

TEXT_COLOURS = ("ink", "muted", "accent", "warm", "green", "violet")


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two hex colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "wash"])
@pytest.mark.parametrize("name", TEXT_COLOURS)
def test_text_colours_are_legible(name, ground, theme):
    assert contrast(PALETTE[name][theme], PALETTE[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("soft", [name for name in PALETTE if name.endswith("-soft")])
def test_numbers_are_legible_on_coloured_cells(soft, theme):
    assert contrast(PALETTE["ink"][theme], PALETTE[soft][theme]) >= 7


def test_light_colours_are_distinct():
    colours = [pair[0] for pair in PALETTE.values()]
    assert len(set(colours)) == len(colours)


def test_unknown_colour_names_the_palette():
    with pytest.raises(ValueError, match=r"no colour is called 'blue'.*accent"):
        plotting.light("blue")


def wave(phase: float = 0.0) -> Figure:
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    axes.plot(np.sin(np.arange(50) / 7 + phase), "o-", label="wave")
    axes.legend()
    return figure


def test_svg_is_the_same_on_every_run_and_ignores_rounding_noise():
    assert figure_svg(wave()) == figure_svg(wave())
    assert figure_svg(wave()) == figure_svg(wave(1e-9))
    assert figure_svg(wave()) != figure_svg(wave(0.1))


def test_svg_is_tidy():
    text = figure_svg(wave())
    ET.fromstring(text)
    drawn = re.sub(r"scale\([^)]*\)", "", text)
    assert not re.findall(r"\d\.\d{3,}", drawn)
    assert "date" not in text.lower()
    assert "matplotlib" not in text.lower()
    defined = re.findall(r'\sid="([^"]+)"', text)
    assert sorted(defined) == sorted(set(defined))
    assert set(re.findall(r'(?:href="|url\()#([\w.-]+)', text)) == set(defined)


def test_a_chart_has_dark_colours_for_those_of_the_palette_and_black():
    figure = wave()
    figure.axes[0].plot([0, 9], [0, 0], color=PALETTE["accent"][0])
    figure.axes[0].bar([3], [1], color=PALETTE["warm-soft"][0])
    figure.axes[0].bar([6], [1], color="#123456")  # which is none of the palette
    text = figure_svg(figure)
    style = text[text.index("@media") : text.index("</style>")]
    used = set(re.findall(r"(fill|stroke): (#\w{6})", text.replace(style, "")))
    dark = {**dict(PALETTE.values()), "#000000": PALETTE["ink"][1]}
    rules = {
        f'[style*="{how}: {of}"]{{{how}:{dark[of]}!important}}' for how, of in used if of in dark
    }
    assert 4 <= len(rules) < len(used)
    assert set(re.findall(r"\[[^}]*}", style)) == rules


def test_tidy_leaves_scales_pictures_and_colours_alone():
    text = '<g id="a" transform="scale(0.0125 -0.0125)" fill="#a1.234"/><i d="base64,A1.2345=="/>'
    tidy = tidy_svg(text)
    assert "scale(0.0125 -0.0125)" in tidy
    assert "base64,A1.2345==" in tidy


def test_row_holds_every_number_as_text():
    canvas = plotting.row([Grid([[1, -2], [0, 0.5]], "left"), "=", Grid([[7]], "right")])
    root = ET.fromstring(canvas.svg())
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["left", "1", "−2", "0", "0.5", "=", "right", "7"]


def test_grid_refuses_what_is_no_matrix():
    with pytest.raises(ValueError, match=r"shape \(2, 3, 4\).*y\[0, 0\]"):
        plotting.row([Grid(np.zeros((2, 3, 4)))])
    with pytest.raises(ValueError, match="at least one Grid"):
        plotting.row(["="])


def player(**options):
    x = np.arange(25.0).reshape(5, 5)
    w = np.array([[1.0, 0, -1], [2, 0, -2]])
    s = options.get("stride", 1)
    padded = np.pad(x, options.get("padding", 0))
    at = np.lib.stride_tricks.sliding_window_view(padded, w.shape)[::s, ::s]
    return x, w, (at * w).sum(axis=(2, 3)), options


@pytest.mark.parametrize("options", [{}, {"stride": 2}, {"padding": 1}])
def test_a_window_has_one_step_for_each_output(options):
    x, w, y, options = player(**options)
    html = plotting.sliding_window(x, w, y, **options).html()
    padding, stride = options.get("padding", 0), options.get("stride", 1)
    image = np.pad(x, padding)
    for step in range(y.size):
        *cells, note = words(shown(html, step))
        assert float(note.split("= ")[1].replace("−", "-")) == y.ravel()[step]
        filled = cells[1 + image.size + 1 + w.size + 1 :]
        assert filled == [plotting.written(v) for v in y.ravel()[: step + 1]]
        marks = [r for r in shown(html, step).iter("rect") if "stroke-width:2.5" in r.get("style")]
        p, q = divmod(step, y.shape[1])
        places = [(float(r.get("x")) // 32, float(r.get("y")) // 32) for r in marks]
        assert places == [(stride * q, stride * p), (q, p)]
    (control,) = facts(html)["controls"]
    assert len(control["words"]) == y.size
    assert control["start"] == (y.size - 1) // 2


def test_player_refuses_an_output_that_is_not_the_kernels():
    x, w, y, _ = player()
    wrong = y.copy()
    wrong[1, 1] += 1
    with pytest.raises(ValueError, match=rf"gives {y[1, 1]} where y holds {wrong[1, 1]}"):
        plotting.sliding_window(x, w, wrong)
    with pytest.raises(ValueError, match="does not fit"):
        plotting.sliding_window(x * 0, w, np.zeros((9, 9)))


def test_scene_is_fixed():
    scene = street_scene()
    assert scene.dtype == np.uint8
    assert scene.shape == (120, 160)
    assert np.array_equal(scene, street_scene())
    assert not np.array_equal(scene, street_scene(1))
    assert scene[:30].mean() > 200 > 120 > scene[100:].mean()


@pytest.mark.parametrize("kind", TWELVE, ids=lambda kind: kind.title)
def test_a_kind_agrees_with_pytorch_and_with_its_film(kind):
    picture, kernel = torch.ones(1, 1, kind.i, kind.i), torch.ones(1, 1, kind.k, kind.k)
    conv = torch.nn.functional.conv_transpose2d if kind.transposed else torch.nn.functional.conv2d
    out = conv(picture, kernel, stride=kind.s, padding=kind.p, dilation=kind.d)[0, 0]
    assert kind.size == out.shape[0]
    html = kind.film().html()
    states = [shown(html, step) for step in range(out.numel())]
    inputs = [int(words(state)[-1].split()[0]) for state in states]
    assert inputs == out.flatten().int().tolist()  # ones count the inputs under the kernel
    green = [sum("green-soft" in r.get("style") for r in s.iter("rect")) for s in states]
    assert green == list(range(1, out.numel() + 1))
    assert still(html).find("div").get("aria-label") == kind.alt
    assert f"{out.shape[0]} by {out.shape[0]}" in kind.alt
    assert "nan" not in html


def test_the_formula_of_a_kind_is_arithmetic():
    for kind in TWELVE:
        left, right = kind.formula.split(" = ")
        words = left.replace("·", "*").replace("−", "-").replace("⌊", "int(").replace("⌋", ")")
        assert eval(words) == int(right) == kind.size


def test_gallery_holds_each_film_once_and_the_script_once():
    html = Gallery(TWELVE)._repr_html_()
    assert html.count("<script data-dln-explore>") == 1
    assert html.count("<dln-explore>") == 12
    captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", html)
    captions = [re.sub("<[^>]*>", "", caption) for caption in captions]
    assert captions == [f"{n}. {kind.caption}" for n, kind in enumerate(TWELVE, start=1)]
    assert len(html) < 150_000


@pytest.mark.parametrize(
    ("options", "size", "unread"),
    [({}, 5, 0), ({"stride": 3}, 2, 1), ({"padding": (1, 2), "stride": 2}, 4, 0),
     ({"padding": "same", "dilation": 2}, 7, 0)],
)  # fmt: skip
def test_axis_windows_draws_every_window_and_what_none_reads(options, size, unread):
    root = ET.fromstring(plotting.axis_windows(7, 3, name="seven", **options).svg())
    name = "{http://www.w3.org/2000/svg}"
    words = [node.text for node in root.iter(f"{name}text")]
    assert words == ["seven", *map(str, range(7)), *map(str, range(size))]
    assert len(list(root.iter(f"{name}circle"))) == 3 * size
    warm = [p for p in root.iter(f"{name}path") if "warm-soft" in p.get("style")]
    assert sum(p.get("d").count("M") for p in warm) == unread


def test_many_windows_keep_letters_of_ten_pixels_on_a_phone():
    widths = [plotting.axis_windows(n, 3).width for n in (5, 13, 16, 18)]
    assert max(widths) <= 284 * 12.5 / 10  # what the page makes of a drawing with letters of 12.5
    assert plotting.axis_windows(60, 3).width > 1000  # it scrolls, for indices need their room


def test_pictures_are_stored_at_their_own_resolution_in_grey():
    ramp = np.tile(np.arange(256.0), (3, 1))
    root = ET.fromstring(plotting.pictures({"up": ramp, "down": ramp[:, ::-1]}).svg())
    images = list(root.iter("{http://www.w3.org/2000/svg}image"))
    decoded = []
    for image in images:
        data = base64.b64decode(image.get("href").partition("base64,")[2])
        decoded.append(np.asarray(Image.open(io.BytesIO(data)), dtype=float))
    assert [d.shape for d in decoded] == [(3, 256), (3, 256)]
    assert np.abs(decoded[0] - ramp).max() <= 255 / 63 / 2 + 1  # 64 shades
    assert np.array_equal(decoded[1], decoded[0][:, ::-1])
    limits = {"up": (0, 1), "down": (-255, 255)}
    svg = plotting.pictures({"up": ramp, "down": ramp}, limits=limits).svg()
    first, second = re.findall('href="([^"]+)"', svg)
    assert first != second


def test_pictures_refuse_what_is_no_matrix():
    with pytest.raises(ValueError, match=r"'a': \(1, 2, 3\).*y\[0, 0\]"):
        plotting.pictures({"a": np.zeros((1, 2, 3))})
    with pytest.raises(ValueError, match="no picture"):
        plotting.pictures({})


def test_what_a_notebook_stores_as_text_has_no_address():
    x, w, y, _ = player()
    for figure in (
        plotting.row([Grid(x)]),
        plotting.sliding_window(x, w, y),
        Gallery(TWELVE),
        plotting.size_calculator((8, 8)),
        plotting.beside({"one": plotting.row([Grid(x)])}),
    ):
        assert re.fullmatch(r"<[a-z0-9 :,]+>", repr(figure))


def test_lines_of_a_network_are_as_wide_as_their_numbers():
    drawing = plotting.network([[1, 2], [0.5, 0.25], [3]], [[[1, -4], [0, 2]], [[2], [-2]]])
    root = ET.fromstring(drawing.svg())
    paths = [p.get("style") for p in root.iter("{http://www.w3.org/2000/svg}path")]
    widths = [float(re.search(r"stroke-width:([\d.]+)", style)[1]) for style in paths]
    assert widths == [0.6 + 7 * abs(v) / 4 for v in (1, -4, 0, 2, 2, -2)]
    assert ["warm" in style for style in paths] == [False, True, False, False, False, True]
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words == ["1", "2", "0.5", "0.25", "3"]
    with pytest.raises(ValueError, match=r"shapes \[\(2, 1\)\]; got \[\(1, 2\)\]"):
        plotting.network([[1, 2], [3]], [[[1, 2]]])


def test_drawings_beside_each_other_keep_their_parts():
    left, right = plotting.row([Grid([[1]])]), plotting.row([Grid([[2, 3]])])
    root = ET.fromstring(plotting.beside({"one": left, "two": right}).html())
    assert [node.text for node in root.iter("text")] == ["one", "1", "two", "2", "3"]
    assert root.get("role") == "img"
    assert {svg.get("aria-hidden") for svg in root.iter("svg")} == {"true"}


def test_rows_and_pictures_show_their_parts_so_that_a_page_may_wrap_them():
    grids = plotting.row([Grid([[1]], "a"), "=", Grid([[2, 3]], "b")])
    several = plotting.pictures({"up": np.eye(2), "down": np.eye(2)}, limits=(0, 1))
    for figure, said in ((grids, ["a", "1", "=", "b", "2", "3"]), (several, ["up", "down"])):
        root = ET.fromstring(figure.html())
        assert [node.text for node in root.iter("text")] == said
        whole = ET.fromstring(figure.svg()).iter("{http://www.w3.org/2000/svg}text")
        assert sorted(node.text for node in whole) == sorted(said)
        assert all(float(svg.get("width")) < figure.width for svg in root.findall("div/svg"))


def test_no_drawing_is_refused():
    with pytest.raises(ValueError, match="no drawing"):
        plotting.beside({})
