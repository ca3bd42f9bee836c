"""Shapes of networks, drawn: the numbers are the counts'."""

import xml.etree.ElementTree as ET

import pytest

from dlnotes import counting, plotting, specs
from dlnotes.specs import Chain
from drawn import SVG, crossing, texts

NETWORKS = specs.names()


def parsed(canvas):
    return ET.fromstring(canvas.svg())


def having(canvas, attribute):
    return [node for node in parsed(canvas).iter(f"{SVG}g") if node.get(attribute) is not None]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_flow_is_legible_small_and_the_same_each_time(name):
    network = specs.get(name)
    canvas = plotting.shape_flow(network)
    assert canvas.svg() == plotting.shape_flow(network).svg()
    assert len(canvas.svg().encode()) < 150_000
    assert canvas.width == 312
    assert crossing(parsed(canvas)) == []
    assert min(text.size for text in texts(parsed(canvas))) >= 9.5


@pytest.mark.parametrize("name", NETWORKS)
def test_the_flow_has_the_shape_after_each_part(name):
    network = specs.get(name)
    shapes = [node.get("data-shape") for node in having(plotting.shape_flow(network), "data-shape")]
    assert shapes[0] == "×".join(map(str, network.input_shape))
    rows = counting.table(network).grouped(1).rows
    known = {"×".join(map(str, row.output)) for row in rows}
    known |= {
        " and ".join("×".join(map(str, one)) for one in row.output)
        for row in rows
        if isinstance(row.output[0], tuple)
    }
    assert set(shapes[1:]) <= known
    end = counting.output_shape(network.body, network.input_shape)
    if isinstance(network.body, Chain) and isinstance(end[0], int):
        assert shapes[-1] == "×".join(map(str, end))


@pytest.mark.parametrize("name", ["lenet5", "vgg16", "googlenet", "resnet50"])
@pytest.mark.parametrize("width", [280, 700])
def test_other_widths_are_legible_too(name, width):
    network = specs.get(name)
    assert crossing(parsed(plotting.shape_flow(network, width=width))) == []


def test_the_flow_names_every_stage_and_how_often_a_part_comes():
    words = [text.words for text in texts(parsed(plotting.shape_flow(specs.get("xception"))))]
    assert [word for word in words if word.startswith("block")] == [
        "block2", "block3", "block4", "block5 ×8", "block13",
    ]  # fmt: skip


def test_the_flow_of_branches_ends_in_their_join():
    network = specs.get("inception-3a")
    shapes = [node.get("data-shape") for node in having(plotting.shape_flow(network), "data-shape")]
    branches = [counting.output_shape(one, network.input_shape) for one in network.body.branches]
    assert shapes[1:-1] == ["×".join(map(str, shape)) for shape in branches]
    assert shapes[-1] == f"{sum(shape[0] for shape in branches)}×28×28"


@pytest.mark.parametrize(
    ("error", "call", "message"),
    [
        (TypeError, lambda p: p.shape_flow("x"), r"shape_flow: needs a Network.*; got 'x'.*; give"),
        (
            ValueError,
            lambda p: p.shape_flow(specs.get("lenet5"), width=100),
            r"shape_flow: .* from 280 .*; got width=100; a phone",
        ),
        (
            TypeError,
            lambda p: p.shape_flow(specs.get("lenet5"), width="a"),
            r"got 'a' \(str\); give",
        ),
    ],
)
def test_refusals(error, call, message):
    with pytest.raises(error, match=message):
        call(plotting)
