"""Figures to handle: every state is what draw returned, in few bytes, and mistakes are told."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from dlnotes import plotting
from dlnotes.plotting import Canvas, Grid
from dlnotes.plotting.axes import ticked
from dlnotes.plotting.charts import polyline
from dlnotes.plotting.svg import UNTRUSTED, script_element
from drawn import crossing, texts
from explored import facts, shown, still, words

RATES = (0.01, 0.1, 1.0)
XS = np.linspace(0, 5, 60)


def draw(rate, name, on):
    curve = np.exp(-rate * XS) if name == "falls" else rate * XS
    return [
        plotting.chart({name: (XS, curve)}, x="x", dots={name: (5, curve[-1])}),
        plotting.bars({"end": curve[-1], "start": curve[0]}),
        Grid([[rate, np.nan if on else 2.0]], "pair", mark=(0, 0, 1, 1) if on else None),
        f"{name} at {rate:g}: {curve[-1]:.3f}{' <on>' if on else ''}",
    ]


def figure(**options):
    return plotting.explore(
        draw,
        rate=plotting.slider(RATES, start=0.1),
        name=plotting.choice(["falls", "rises"]),
        on=plotting.toggle("on & off"),
        **options,
    )


def alone(rate, name, on):
    """The words of one state, drawn as the only one of a figure of two equal states."""
    panels = draw(rate, name, on)
    return words(
        still(plotting.explore(lambda again: panels, again=plotting.button("b", 2)).html())
    )


def test_each_state_is_what_draw_returned():
    html = figure().html()
    for i, rate in enumerate(RATES):
        for j, name in enumerate(("falls", "rises")):
            for k in (0, 1):
                state = shown(html, i, j, k)
                wanted = alone(rate, name, bool(k))
                texts = words(state)
                assert texts[-1] == wanted[-1]
                assert texts[-2 - (1 - k)] == wanted[-2 - (1 - k)]
                number = plotting.written(rate)
                assert [t for t in texts if t == number]
                assert len(state.findall(".//rect[@style]")) == len(
                    still(html).findall(".//rect[@style]")
                )


def test_the_still_is_the_state_at_the_start_and_states_return():
    html = figure().html()
    first = [(e.tag, dict(e.attrib), (e.text or "").strip()) for e in still(html).iter()]
    again = [(e.tag, dict(e.attrib), (e.text or "").strip()) for e in shown(html, 1, 0, 0).iter()]
    assert first == again
    assert [control["start"] for control in facts(html)["controls"]] == [1, 0, 0]


def test_axes_stand_still_while_curves_move():
    html = figure().html()
    axes = []
    for at in ((0, 0, 0), (1, 0, 0), (2, 0, 1), (2, 1, 1)):
        texts = shown(html, *at).find(".//svg").iter("text")
        axes.append([(e.text, e.get("x"), e.get("y")) for e in texts if not e.text.isalpha()])
    assert len(axes[0]) > 8
    assert all(each == axes[0] for each in axes)
    curves = {shown(html, i, 0, 0).find(".//svg/svg/path").get("d") for i in range(3)}
    assert len(curves) == 3


def test_a_part_that_depends_on_one_control_is_stored_for_that_alone():
    told = facts(figure().html())
    axes = [slot[2] for slot in told["slots"]]
    assert [2] in axes  # the mark
    assert [0] in axes  # the first number of the grid
    assert len(set(told["values"])) == len(told["values"])


def test_states_of_different_numbers_of_marks():
    def many(n):
        canvas = Canvas(60, 20)
        canvas.text(5, 5, "first")
        canvas.dots([(5 + 3 * at, 10) for at in range(n)], 1)
        for at in range(n):
            canvas.rect(at, 0, 1, 1)
        canvas.text(5, 15, "last", size=14)
        return [canvas, f"{n}"]

    html = plotting.explore(many, n=plotting.slider([3, 0, 7])).html()
    for at, n in enumerate((3, 0, 7)):
        state = shown(html, at)
        assert len(list(state.iter("rect"))) == len(list(state.iter("circle"))) == n
        assert words(state) == ["first", "last", f"{n}"]


def test_bytes_are_the_same_again_and_the_script_is_carried_once():
    one, two = figure(label='a "b"'), figure(label='a "b"')
    assert one._repr_html_() == two._repr_html_()
    assert one._repr_html_().count("data-dln-explore") == 1
    assert still(one.html()).find("div").get("aria-label") == 'a "b"'
    assert repr(one) == "<a figure to handle: rate, name, on, in 12 states>"


def test_what_an_untrusted_notebook_shows_is_one_line():
    """JupyterLab drops scripts with what they hold, and keeps other words."""
    row = plotting.row([Grid([[1, 2]], "a")])
    chart = plotting.chart({"a": (XS, XS)}, x="x")
    for one in (figure(), row, chart, plotting.beside({"one": row}), chart.canvas()):
        kept = re.sub(r"<script.*?</script>", "", one._repr_html_(), flags=re.S)
        assert re.sub(r"<[^>]*>", "", kept).strip() == UNTRUSTED


def test_the_script_computes_nothing_and_is_small():
    script = script_element("explorer.js")
    assert "Math.exp" not in script
    assert len(script) < 14_000
    assert "--dln-ink:#e4e8ec" in script  # the dark colours, for JupyterLab


def test_controls_refuse_what_is_out_of_range():
    with pytest.raises(ValueError, match=r"slider: 'rate' starts at 0.5.*give one of 0.01, 0.1, 1"):
        plotting.slider(RATES, "rate", start=0.5)
    with pytest.raises(ValueError, match=r"choice: 'kind' starts at 'c'.*one of a, b"):
        plotting.choice({"a": 1, "b": 2}, "kind", start="c")
    with pytest.raises(ValueError, match=r"steps: 'step' starts at 9.*one of 0, 1, 2"):
        plotting.steps(3, start=9)
    with pytest.raises(ValueError, match="at least two values; got 1"):
        plotting.slider([1])


@pytest.mark.parametrize(
    ("drawn", "error", "words"),
    [
        (lambda n: [Canvas(9, 9)], ValueError, "returned no sentence for n=1"),
        (lambda n: "words", ValueError, "returned no panel for n=1"),
        (lambda n: [Canvas(9, 9), 3, "words"], TypeError, "draw returned int for n=1"),
        (lambda n: [*[Canvas(9, 9)] * n, "words"], ValueError, "2 panels for n=2 and 1 for n=1"),
    ],
)
def test_a_state_without_panels_or_words_is_told(drawn, error, words):
    with pytest.raises(error, match=words):
        plotting.explore(drawn, n=plotting.slider([1, 2]))


def test_controls_that_are_none_or_too_many_are_told():
    def nothing(**_):
        return [Canvas(9, 9), "words"]

    with pytest.raises(ValueError, match=r"got the controls \(none\)"):
        plotting.explore(nothing)
    with pytest.raises(TypeError, match="n is list, no control"):
        plotting.explore(nothing, n=[1, 2])
    three = {name: plotting.slider([1, 2]) for name in "abc"}
    with pytest.raises(ValueError, match=r"at most two of slider.*\(here 3\)"):
        plotting.explore(nothing, **three)
    with pytest.raises(ValueError, match="601 states"):
        plotting.explore(nothing, n=plotting.slider(range(601)))


def test_sizes_are_told():
    def wide(n):
        canvas = Canvas(400, 20)
        canvas.text(0, 10, "small", size=12)
        return [canvas, "words"]

    with pytest.raises(ValueError, match=r"400 pixels wide with text of 12.*shows as 8.5.*341"):
        plotting.explore(wide, n=plotting.slider([1, 2]))

    def heavy(n):
        rng = np.random.default_rng(n)
        return [plotting.picture(rng.random((150, 150)), limits=(0, 1)), f"{n}"]

    with pytest.raises(ValueError, match=r"bytes in 20 states, and 150,000 are the most"):
        plotting.explore(heavy, n=plotting.slider(range(20)))


def test_a_curve_is_kept_within_a_third_of_a_pixel():
    xs = np.linspace(0, 300, 500)
    ys = 100 + 30 * np.sin(xs / 30)  # slopes up to 1
    path = polyline(xs, ys)
    start, steps = path[1:].split("l")
    numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", steps)]
    points = np.array([[float(n) for n in start.split()], *np.reshape(numbers, (-1, 2))])
    points = points.cumsum(axis=0)
    assert (
        np.abs(np.interp(points[:, 0], xs, ys) - points[:, 1]).max() < 0.1 + 1e-3
    )  # rounding, both ways
    assert np.abs(np.interp(xs, *points.T) - ys).max() < 0.1 + 0.15 * 2**0.5
    assert len(path) < 600
    assert polyline(np.array([0, 1, 2, 3, 4]), np.array([0, 1, np.nan, 3, 4])).count("M") == 2


@pytest.mark.parametrize("above", [{}, {"y": "up"}, {"title": "A square"}])
def test_words_above_a_chart_stand_clear_of_its_highest_tick(above):
    chart = plotting.chart({"square": ([0, 2], [0, 4])}, x="x", **above)
    root = ET.fromstring(chart.canvas().svg())
    assert crossing(root) == []
    heights = {text.words: text.y for text in texts(root)}
    assert heights["4"] - heights[next(iter(above.values()), "square")] >= 12


def test_chart_and_bars_refuse_what_cannot_be_drawn():
    with pytest.raises(ValueError, match=r"'a' has xs of shape \(2,\) and ys of shape \(3,\)"):
        plotting.chart({"a": ([1, 2], [1, 2, 3])})
    with pytest.raises(ValueError, match="neither curves nor dots"):
        plotting.chart({})
    with pytest.raises(ValueError, match="log is '', 'x', 'y' or 'xy'; got 'z'"):
        plotting.chart({"a": ([1], [1])}, log="z")
    with pytest.raises(ValueError, match=r"no value for \['c'\]"):
        plotting.bars({"a": 1}, lit=["c"])
    with pytest.raises(ValueError, match=r"diagram: z has no place.*x"):
        plotting.diagram({"x": (0, 0)}, edges=[("x", "z")])
    with pytest.raises(ValueError, match=r"shape \(3,\).*limits"):
        plotting.picture([1, 2, 3])


def test_a_ground_fills_the_frame_and_needs_its_limits():
    ground = ([[0, 1], [1, 0]], (0, 1))
    drawn = plotting.chart({"a": ([0, 1], [0, 1])}, xlim=(0, 1), ylim=(0, 1), ground=ground)
    svg = drawn.canvas().svg()
    clip = re.search(r'<svg x="[^"]*" y="[^"]*" width="([^"]*)" height="([^"]*)"', svg)
    picture = re.search(r'<image x="0" y="1" width="([^"]*)" height="([^"]*)"', svg)
    assert picture[1] == clip[1]
    assert float(picture[2]) == float(clip[2]) - 2
    with pytest.raises(ValueError, match=r"xlim × ylim; got None × \(0, 1\)"):
        plotting.chart({"a": ([0, 1], [0, 1])}, ylim=(0, 1), ground=ground)


def test_cells_that_are_picked_name_a_control_and_its_values():
    def grid(step):
        return [Grid(np.eye(2), "four", pick="step"), f"{step}"]

    html = plotting.explore(grid, step=plotting.steps(4)).html()
    assert [g.get("data-pick") for g in still(html).iter("g")] == [f"step {n}" for n in range(4)]
    with pytest.raises(ValueError, match=r"the 4 cells of the grid 'four' pick 'step'.*3 values"):
        plotting.explore(grid, step=plotting.steps(3))
    with pytest.raises(ValueError, match=r"pick 'step', which has 0 values.*\(here: n\)"):
        plotting.explore(lambda n: grid(n), n=plotting.steps(4))


def test_bars_are_as_long_as_their_numbers():
    root = still(
        plotting.explore(
            lambda n: [plotting.bars({"a": 1.0, "b": -0.5, "c": 0.0}), "words"],
            n=plotting.button("n", 2),
        ).html()
    )
    widths = [float(rect.get("width")) for rect in root.iter("rect")]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.02)
    assert widths[2] == 0
    assert words(root)[:6] == ["a", "1", "b", "−0.5", "c", "0"]


@pytest.mark.parametrize(
    ("value", "word"), [(0.0, "0"), (-2.5, "−2.5"), (1e-5, "10⁻⁵"), (1e7, "10⁷"), (1500, "1,500")]
)
def test_numbers_at_ticks(value, word):
    assert ticked(value) == word


def test_a_signed_picture_is_paper_at_zero():
    import base64
    import io

    from PIL import Image

    canvas = plotting.picture([[-2, -1, 0, 1, 2]], limits=(-2, 2), signed=True)
    data = re.search(r"base64,([^\"]+)", canvas.svg())[1]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))[0]
    assert pixels[:, 3].tolist() == [255, 128, 0, 128, 255]
    assert pixels[0, 0] > pixels[0, 2]  # orange below
    assert pixels[4, 2] > pixels[4, 0]  # blue above
