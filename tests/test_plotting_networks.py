"""Shapes and receptive fields of networks, drawn: the numbers are the counts'."""

import xml.etree.ElementTree as ET

import pytest

from dlnotes import counting, plotting, specs
from dlnotes.specs import Activation, Chain, Conv, MaxPool
from drawn import SVG, crossing, texts

NETWORKS = specs.names()
WITH_FIELDS = tuple(
    name for name in NETWORKS if any(row.receptive for row in counting.table(specs.get(name)).rows)
)


def parsed(canvas):
    return ET.fromstring(canvas.svg())


def having(canvas, attribute):
    return [node for node in parsed(canvas).iter(f"{SVG}g") if node.get(attribute) is not None]


def widths(group):
    """Return the widths of a group's rectangles."""
    return [float(rect.get("width")) for rect in group.iter(f"{SVG}rect")]


@pytest.mark.parametrize("name", NETWORKS)
def test_small_drawings_are_legible_small_and_the_same_each_time(name):
    network = specs.get(name)
    makers = [plotting.shape_flow]
    makers += [plotting.receptive_fields] if name in WITH_FIELDS else []
    for make in makers:
        canvas = make(network)
        assert canvas.svg() == make(network).svg()
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
    for make in (plotting.shape_flow, plotting.receptive_fields):
        assert crossing(parsed(make(network, width=width))) == []


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


def test_rows_of_fields_are_told_apart():
    for name in ("vgg16", "resnet152", "fcn-8s"):
        root = parsed(plotting.receptive_fields(specs.get(name)))
        words = [text.words for text in texts(root) if text.anchor == "end"]
        names = [one for one in words if "×" not in one and one != "sees"]
        assert len(set(names)) > 0.8 * len(names) > 8


def test_fields_of_stacked_convolutions_grow_by_two():
    body = Chain(*(Conv(4, 3, padding=1), Activation("relu")) * 3, MaxPool(2), Conv(4, 3))
    groups = having(plotting.receptive_fields(body, (1, 20, 20)), "data-field")
    fields = [int(group.get("data-field")) for group in groups]
    assert fields == [3, 5, 7, 8, 12]
    assert [group.get("data-layer") for group in groups][-2:] == ["maxpool1", "conv4"]
    drawn = [widths(group)[0] for group in groups]
    assert [wide / drawn[0] for wide in drawn] == pytest.approx([n / 3 for n in fields], rel=1e-2)


def test_a_field_beyond_the_input_is_drawn_in_two_colours():
    groups = having(plotting.receptive_fields(specs.get("lenet5")), "data-field")
    inside, last = groups[-2], groups[-1]
    assert int(inside.get("data-field")) == 16
    assert len(widths(inside)) == 1
    outer, inner = widths(last)
    assert outer / inner == pytest.approx(32 / 28, rel=1e-2)


@pytest.mark.parametrize("name", WITH_FIELDS)
def test_fields_only_grow_and_end_at_the_largest(name):
    table = counting.table(specs.get(name))
    largest = max(row.receptive[-1] for row in table.rows if row.receptive)
    for rows in (60, 5):
        groups = having(plotting.receptive_fields(specs.get(name), rows=rows), "data-field")
        fields = [int(group.get("data-field")) for group in groups]
        assert fields == sorted(set(fields))
        assert fields[-1] == largest


@pytest.mark.parametrize(
    ("error", "call", "message"),
    [
        (TypeError, lambda p: p.shape_flow("x"), r"shape_flow: needs a Network.*; got 'x'.*; give"),
        (
            ValueError,
            lambda p: p.receptive_fields(specs.get("mnist-dense")),
            r"receptive_fields: no layer sees .*; got input shape \(1, 28, 28\).*; give",
        ),
        (
            ValueError,
            lambda p: p.receptive_fields(specs.get("lenet5"), rows=0),
            r"receptive_fields: rows is 0, .*; got rows=0; make",
        ),
        (
            ValueError,
            lambda p: p.receptive_fields(specs.get("lenet5"), width=100),
            r"receptive_fields: .* from 280 .*; got width=100; a phone",
        ),
        (TypeError, lambda p: p.receptive_fields(specs.get("lenet5"), rows="a"), r"rows"),
        (
            TypeError,
            lambda p: p.shape_flow(specs.get("lenet5"), width="a"),
            r"got 'a' \(str\); give",
        ),
        (ValueError, lambda p: p.receptive_fields(Chain(), (1, 8, 8)), r"and 0 layers; give"),
    ],
)
def test_refusals(error, call, message):
    with pytest.raises(error, match=message):
        call(plotting)
