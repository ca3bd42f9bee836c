"""The table of layers that the reader builds: what it is given, and its still."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from dlnotes import counting, plotting, specs
from dlnotes.plotting.computing.table import KINDS, builder_sentence, share
from dlnotes.plotting.svg import script_element
from dlnotes.specs import Chain, Conv, Flatten, Linear, MaxPool, Network, Parallel
from layer_stacks import layer

NAMES = ("vgg16", "alexnet", "lenet5", "mnist-notes", "mnist-relu", "vgg16-gap20", "plain34")


def built(*parts, shape=(3, 12, 12)):
    network = Network("own", "Own", shape, Chain(*parts))
    return plotting.layer_builder({"own": network}, start="own")


def facts(figure) -> dict:
    return json.loads(re.search(r'"application/json">(.*?)</script>', figure.html(), re.S)[1])


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_are_the_networks_layers(name):
    network = specs.get(name)
    (found,) = facts(plotting.layer_builder({name: network}, start=name))["networks"]
    again = Chain(*map(layer, found["rows"]))
    ours, theirs = counting.table(again, tuple(found["input"])), counting.table(network)
    assert [row.output for row in ours.rows] == [row.output for row in theirs.rows]
    assert ours.parameters == theirs.parameters
    assert ours.operations == theirs.operations
    assert ours.memory == theirs.memory


@pytest.mark.parametrize("name", NAMES)
def test_the_still_has_a_bar_wherever_there_is_something(name):
    network = specs.get(name)
    html = plotting.layer_builder({name: network}, start=name).html()
    root = ET.fromstring(re.search(r'<script type="text/html">(.*?)</script>', html, re.S)[1])
    rows = counting.table(network).rows
    filled = [
        count
        for row in rows
        for count in (row.values, row.operations.products, row.parameters.trainable)
        if count
    ]
    bars = [rect for rect in root.iter("rect") if "rule" not in rect.get("style")]
    assert len(bars) == len(filled)
    total = counting.table(network).parameters.trainable
    assert f"parameters: {total:,}" in "".join(root.itertext())


def test_the_sentence_names_the_heaviest_and_the_busiest_row():
    text = builder_sentence(specs.get("vgg16")).replace("\xa0", " ")
    table = counting.table(specs.get("vgg16"))
    part = table.rows[32].parameters.trainable / table.parameters.trainable
    assert text.startswith(f"Row 33 (dense, 4,096) has {part:.0%}".replace("%", " %"))
    assert "Rows 1 to 6 make half of the memory." in text
    made = [row.values for row in table.rows]
    assert sum(made[:5]) < sum(made) / 2 <= sum(made[:6])


def test_sentences_of_small_networks():
    one = Network("one", "One", (1, 4, 4), Chain(Conv(2, 3)))
    assert builder_sentence(one).endswith(
        "of the multiply-adds, more than any other. Row 1 alone makes half of the memory."
    )
    none = Network("none", "None", (1, 4, 4), Chain(MaxPool(2)))
    assert builder_sentence(none) == "No row has parameters: there is nothing to train."


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (995, 10_000, "10"),
        (994, 10_000, "9.9"),
        (1, 100, "1.0"),
        (99, 10_000, "0.99"),
        (1, 10_000, "0.010"),
        (1, 10**6, "under 0.001"),
        (0, 7, "0"),
        (0, 0, "0"),
        (7, 7, "100"),
    ],
)
def test_shares_have_two_digits(part, whole, words):
    assert share(part, whole) == f"{words}\xa0%"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([Conv(4, (1, 3))], r"no row for Conv\(.*kernel=\(1, 3\).*of 'own'; .*square kernels"),
        ([Conv(4, 3, padding="same")], "no row for Conv"),
        ([MaxPool(3, 2, ceil_mode=True)], "no row for MaxPool.*ceil_mode=True"),
        ([specs.Upsample(2)], "no row for Upsample"),
        ([specs.Activation("scaled_tanh")], "no row for Activation"),
        ([specs.BatchNorm(eps=0.1)], "no row for BatchNorm"),
        ([Parallel(Conv(3, 1), Chain(), join="add")], r"'own' has branches \(Parallel in its body"),
    ],
)
def test_networks_that_the_builder_has_no_rows_for_are_refused(parts, message):
    with pytest.raises(ValueError, match=message):
        built(*parts)


def test_other_refusals():
    lenet = specs.get("lenet5")
    with pytest.raises(ValueError, match="start 'LeNet' is no network of the figure; got LeNet-5"):
        plotting.layer_builder({"LeNet-5": lenet}, start="LeNet")
    with pytest.raises(ValueError, match=r"'own' has inputs of shape \(9,\); .*pictures"):
        built(Linear(3), shape=(9,))
    for batch in (0, 1.5, True):
        with pytest.raises(ValueError, match=r"batch is .*; give a whole number from 1"):
            plotting.layer_builder({"LeNet-5": lenet}, start="LeNet-5", batch=batch)


def test_pooling_without_a_stride_gets_its_kernels():
    rows = facts(built(MaxPool(3), Flatten(), Linear(2)))["networks"][0]["rows"]
    assert rows[0] == {"kind": "max-pool", "kernel": 3, "stride": 3, "padding": 0}


def test_the_script_knows_every_kind():
    text = script_element("computing/layers.js")
    for word, fields in KINDS.values():
        start = re.search(rf'"{word}": {{ family: "\w+", start: {{(.*?)}} }}', text)[1]
        assert tuple(re.findall(r"(\w+):", start)) == fields
