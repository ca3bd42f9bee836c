"""Drawings of networks: every layer is there, to scale, in the theme's colours, and readable."""

import re
import xml.etree.ElementTree as ET
from math import sqrt

import pytest

from dlnotes import counting, plotting, specs
from dlnotes.plotting import PALETTE, Canvas
from dlnotes.plotting.labels import text_width
from dlnotes.plotting.slabs import Scale, slab_size
from dlnotes.specs import Activation, Chain, Conv, Linear, MaxPool, Parallel, SideOutput
from drawn import SVG, crossing, texts

NETWORKS = specs.names()
SOME = ("lenet5", "vgg16", "googlenet-sides", "resnet152", "xception", "vae", "fcn-8s")


def drawn(network, *shape, **options):
    return ET.fromstring(plotting.architecture(network, *shape, **options).svg())


def layers_drawn(node: ET.Element, times: int = 1) -> int:
    """Count the layers below an element, repeated ones as often as the drawing says."""
    times *= int(node.get("data-times", 1))
    own = len(node.get("data-layers", "").split())
    return own * times + sum(layers_drawn(child, times) for child in node)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_drawn_once_or_counted_in_a_repetition(name):
    network = specs.get(name)
    paths = [path for path, _ in specs.walk(network.body)]
    root = drawn(network)
    assert layers_drawn(root) == len(paths)
    shown = [path for node in root.iter() for path in node.get("data-layers", "").split()]
    assert set(shown) <= set(paths)
    assert len(shown) == len(set(shown))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_drawing_fits_into_a_page_of_the_book(name):
    network = specs.get(name)
    canvas = plotting.architecture(network, parameters=True)
    assert isinstance(canvas, Canvas)
    text = canvas.svg()
    assert len(text.encode()) <= 150_000
    assert text == plotting.architecture(network, parameters=True).svg()
    assert canvas.width == 312  # a phone shows it without scaling it down


@pytest.mark.parametrize("name", SOME)
@pytest.mark.parametrize("width", [280, 312, 700])
def test_no_words_cross_others_or_leave_the_picture(name, width):
    root = drawn(specs.get(name), width=width, parameters=True)
    assert len(texts(root)) > 10
    assert crossing(root) == []
    assert min(text.size for text in texts(root)) >= 11


def test_the_checker_sees_words_that_cross():
    canvas = Canvas(100, 40)
    canvas.text(0, 10, "left", anchor="start")
    canvas.text(20, 12, "over it", anchor="start")
    canvas.text(90, 30, "outside", anchor="start")
    assert len(crossing(ET.fromstring(canvas.svg()))) == 2


@pytest.mark.parametrize("name", SOME)
def test_colours_come_from_the_theme(name):
    network = specs.get(name)
    for canvas in (plotting.architecture(network), plotting.shape_flow(network)):
        left = re.sub(r"var\(--dln-([\w-]+),#[0-9a-f]{6}\)", "", canvas.svg())
        assert not re.findall(r"#[0-9a-fA-F]{3}|rgb|(?:fill|stroke):(?!none|;|\"|$)[a-z]", left)
        used = set(re.findall(r"--dln-([\w-]+),", canvas.svg())) - {"figure-font"}
        assert {"ink", "muted"} <= used <= set(PALETTE)


def front(group: ET.Element) -> tuple[float, float]:
    """Return width and height of the front of a slab, from the first path of a box."""
    d = next(group.iter(f"{SVG}path")).get("d")
    left, top, right, low, _ = map(float, re.findall(r"-?[\d.]+", d))
    return right - left, low - top


def test_edges_and_thickness_grow_as_the_root_of_sizes_and_channels():
    network = specs.get("vgg16")
    slabs = {}
    for node in drawn(network).iter(f"{SVG}g"):
        shape = (
            tuple(map(int, node.get("data-shape", "").split("×"))) if node.get("data-shape") else ()
        )
        if len(shape) == 3:
            slabs[shape] = front(node)
    assert {shape for shape in slabs if shape[0] == 512} == {(512, n, n) for n in (28, 14, 7)}
    (c0, n0, _), (w0, h0) = next(iter(slabs.items()))
    for (c, n, _), (w, h) in slabs.items():
        assert w / w0 == pytest.approx(sqrt(n / n0), rel=2e-2)
        assert (h - 2) / (h0 - 2) == pytest.approx(sqrt(c / c0), rel=2e-2)


def test_a_vector_is_a_bar_as_long_as_the_root_of_its_units():
    scale = Scale(side=1, thick=1, bar=2)
    assert slab_size((100,), scale)[0] == 20
    assert slab_size((400,), scale)[0] == 40
    assert slab_size(((9,), (16,)), scale)[0] == 8


def test_repeated_blocks_are_folded():
    heights = {
        depth: plotting.architecture(specs.get(f"resnet{depth}")).height for depth in (50, 152)
    }
    assert heights[50] == heights[152]
    times = [
        int(n.get("data-times"))
        for n in drawn(specs.get("resnet152")).iter()
        if n.get("data-times")
    ]
    stages = [part for part in specs.get("resnet152").body.parts if isinstance(part, Chain)]
    assert times == [len(stage.parts) - 1 for stage in stages]
    words = [text.words for text in texts(drawn(specs.get("resnet152")))]
    assert f"block2 to block{len(stages[2].parts)} ×{len(stages[2].parts) - 1}" in words


def test_blocks_of_other_widths_or_strides_are_not_folded():
    body = Chain(Conv(8, 3, padding=1), Conv(8, 3, padding=1), Conv(8, 3, padding=1), Conv(8, 3))
    times = [n.get("data-times") for n in drawn(body, (4, 9, 9)).iter() if n.get("data-times")]
    assert times == ["2"]  # the first reads 4 channels, the last has no padding


def test_branches_stand_side_by_side_and_say_how_they_are_joined():
    block = Parallel(Chain(Conv(4, 3, padding=1), Activation("relu")), Chain(), join="add")
    both = Parallel(block, Conv(2, 1), join="concat")
    words = [text.words for text in texts(drawn(Chain(both), (4, 8, 8)))]
    assert {"identity", "add", "concatenate", "6×8×8"} <= set(words)
    root = drawn(specs.get("inception-3a"))
    xs = {text.x for text in texts(root, shifted=True) if text.words in ("conv 1×1,", "conv 1×1")}
    assert len(xs) == len(specs.get("inception-3a").body.branches)


def test_a_side_output_leaves_the_line_as_it_is():
    body = Chain(Conv(4, 3), SideOutput(Chain(MaxPool(2), Linear(3)), name="aside"), Conv(5, 3))
    words = [text.words for text in texts(drawn(body, (1, 9, 9)))]
    assert {"aside", "4×3×3", "5×5×5"} <= set(words)


def test_what_is_written_is_chosen():
    network = specs.get("lenet5")
    words = " ".join(text.words for text in texts(drawn(network, parameters=True)))
    for _, layer in specs.walk(network.body):
        assert layer.name in words
    for row in counting.table(network).rows:
        assert "×".join(map(str, row.output)) in words
        held = row.parameters.trainable
        assert not held or f"{held:,}" in words
    bare = " ".join(text.words for text in texts(drawn(network, names=False, shapes=False)))
    assert "c1" not in bare
    assert "28" not in bare


def test_depth_draws_parts_as_boxes():
    network = specs.get("vgg16")
    words = [text.words for text in texts(drawn(network, depth=1))]
    stages = [part for part in network.body.parts if isinstance(part, Chain)]
    assert [word for word in words if word.startswith("stage")] == [s.name for s in stages]
    assert layers_drawn(drawn(network, depth=1)) == len(list(specs.walk(network.body)))


def test_long_names_are_cut_and_many_branches_make_it_wider():
    long = "a_name_that_no_phone_is_wide_enough_for_in_any_font_of_the_book"
    inside = Chain(Conv(2, 1, name=long), name=long)
    body = Chain(inside, SideOutput(Conv(2, 1), name=f"side_{long}"), Conv(2, 1))
    for make in (plotting.architecture, plotting.shape_flow):
        canvas = make(body, (3, 8, 8))
        assert canvas.width == 312
        assert crossing(ET.fromstring(canvas.svg())) == []
        assert "…" in canvas.svg()
    many = Parallel(*(Conv(2, 1) for _ in range(9)), join="concat")
    assert plotting.architecture(many, (3, 8, 8)).width > 600
    assert crossing(drawn(many, (3, 8, 8), parameters=True)) == []


def test_words_are_measured_generously():
    assert text_width("conv 3×3, relu", 10) > 70
    assert text_width("m", 10, bold=True) > text_width("m", 10)


@pytest.mark.parametrize(
    ("error", "arguments", "options", "message"),
    [
        (TypeError, ("vgg16",), {}, r"architecture: needs a Network or a part .*'vgg16'.*give"),
        (TypeError, (Conv(1, 1),), {}, r"architecture: a Conv alone does not know.*input_shape"),
        (ValueError, (Conv(1, 3), (1, 2, 2)), {}, r"Conv on input \(1, 2, 2\)"),
        (ValueError, (Conv(1, 1), (1, 0, 2)), {}, r"architecture: input_shape has the size 0"),
        (ValueError, (Conv(1, 1), (1, 2, 2)), {"depth": 0}, r"architecture: depth .* got 0; give"),
        (TypeError, (Conv(1, 1), (1, 2, 2)), {"depth": "a"}, r"depth .* got 'a'; give"),
        (ValueError, (Conv(1, 1), (1, 2, 2)), {"width": 10}, r"width from 280 .*; got width=10; a"),
    ],
)
def test_refusals(error, arguments, options, message):
    with pytest.raises(error, match=message):
        plotting.architecture(*arguments, **options)
