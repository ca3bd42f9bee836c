"""Layer tables against PyTorch, against golden tables made by PyTorch, and by hand."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counting_oracle import measured
from dlnotes import counting, specs
from dlnotes.specs import layers as L

BLOCK = specs.Chain(L.Conv(8, 3, padding=1, bias=False), L.BatchNorm(), name="body")
SMALL = specs.Chain(
    L.Conv(8, 3, padding=1),
    specs.Parallel(BLOCK, specs.Chain(), join="add", name="block"),
    specs.Parallel(L.Conv(4, 1), L.Conv(5, 5, padding=2), join="concat", name="mixed"),
    L.MaxPool(2),
    L.GlobalAvgPool(),
    L.Linear(3),
    L.Activation("softmax"),
)
TABLE = counting.table(SMALL, (3, 10, 12))
JOINS = ("add", "concat")


def assert_as_measured(network, want):
    rows = {r.path: r for r in counting.table(network).rows if r.kind not in JOINS}
    assert list(rows) == list(want)
    for path, row in rows.items():
        got = {
            "output": list(row.output),
            "trainable": row.parameters.trainable,
            "fixed": row.parameters.fixed,
            "mac": row.operations.products if want[path]["mac"] is not None else None,
        }
        assert got == want[path], path


def golden_names(root):
    files = sorted((root / "tests" / "golden").glob("counting_*.json"))
    return [path.stem.removeprefix("counting_") for path in files]


def test_golden_tables_made_by_pytorch(root):
    names = golden_names(root)
    assert "mnist-conv-conv" in names
    for name in names:
        path = root / "tests" / "golden" / f"counting_{name}.json"
        assert_as_measured(specs.get(name), json.loads(path.read_text("utf-8"))["layers"])


IMAGE = specs.Chain(
    L.ConvTranspose(6, 4, stride=2, groups=2),
    L.DepthwiseConv(3, padding="same", stride=2, multiplier=2),
    L.LocalConv(5, (3, 2), stride=2),
    L.TableConv(((0, 1), (2, 3, 4)), 2),
    L.ScaledAvgPool(2),
    L.Upsample(2, "bilinear"),
    L.LocalResponseNorm(3),
    L.Crop(3),
    L.AvgPool(2, 1),
    L.AdaptiveAvgPool(2),
    L.SpatialPyramid((1, 2)),
    L.Linear(7),
    L.RadialBasis(4),
)
WORDS = specs.Chain(
    L.Embedding(20, 6),
    L.Recurrent("lstm", 5, biases=1, sequence=True, bidirectional=True),
    L.Recurrent("gru", 5, biases=1, reset_after=False, sequence=True),
    L.Linear(4, bias=False),
    L.Transpose(),
    L.Conv(3, 2),
    L.Flatten(),
)


@pytest.mark.parametrize(("body", "shape"), [(IMAGE, (4, 14, 17)), (WORDS, (7,))], ids=str)
def test_every_kind_of_layer_against_pytorch(body, shape):
    network = specs.Network("x", "X", shape, body)
    assert_as_measured(network, measured(network))


@st.composite
def chains(draw):
    """Small networks that fit their input: convolutions, pooling and joins, then a dense layer."""
    c, shape = draw(st.sampled_from([2, 4])), (draw(st.integers(6, 9)), draw(st.integers(6, 9)))
    parts = []
    for _ in range(draw(st.integers(1, 4))):
        k, groups = 2 * draw(st.integers(1, 3)), draw(st.sampled_from([1, 2]))
        same = L.Conv(k, draw(st.sampled_from([1, 3])), padding="same", groups=groups)
        strided = L.Conv(k, 3, stride=draw(st.integers(1, 2)), padding=draw(st.integers(1, 2)))
        both = specs.Parallel(same, L.Conv(k, 1), join=draw(st.sampled_from(JOINS)))
        more = [same, strided, both, L.MaxPool(2, 1), L.BatchNorm(), L.Activation("relu")]
        parts.append(draw(st.sampled_from(more)))
    return specs.Network("x", "X", (c, *shape), specs.Chain(*parts, L.Flatten(), L.Linear(5)))


@settings(max_examples=25)
@given(chains())
def test_random_networks_against_pytorch(network):
    assert_as_measured(network, measured(network))
    found = counting.table(network)
    assert found.parameters == counting.count(network)


def test_by_hand():
    rows = {row.path: row for row in TABLE.rows}
    assert list(rows) == [
        "conv1", "block.body.conv1", "block.body.batchnorm1", "block",
        "mixed.conv1", "mixed.conv2", "mixed", "maxpool1", "globalavgpool1", "linear1", "softmax1",
    ]  # fmt: skip
    assert rows["conv1"].operations.products == 10 * 12 * 8 * 3 * 9
    assert rows["conv1"].operations.biases == 10 * 12 * 8
    assert rows["block"].input == ((8, 10, 12), (8, 10, 12))
    assert rows["mixed"].output == (9, 10, 12)
    assert rows["block"].operations == rows["mixed"].operations == counting.Operations()
    assert rows["linear1"].parameters.trainable == (9 + 1) * 3
    values = 120 * (8 * 4 + 4 + 5 + 9) + 9 * 30 + 9 + 3 + 3
    assert sum(row.values for row in TABLE.rows) == values
    assert TABLE.memory == 4 * values
    half = counting.table(SMALL, (3, 10, 12), dtype="float16")
    assert half.memory == 2 * values


def test_views_make_no_numbers():
    part = specs.Chain(L.Flatten(), L.Reshape((2, 6)), L.Transpose(), L.Dropout())
    assert [row.values for row in counting.table(part, (3, 4)).rows] == [0, 0, 0, 12]


def test_grouped_by_depth():
    top = TABLE.grouped(1)
    assert [row.path for row in top.rows] == [
        "conv1", "block", "mixed", "maxpool1", "globalavgpool1", "linear1", "softmax1",
    ]  # fmt: skip
    block = top.rows[1]
    assert (block.kind, block.input, block.output) == ("Parallel", (8, 10, 12), (8, 10, 12))
    assert block.parameters == counting.Parameters(8 * 8 * 9 + 16, 16)
    assert (top.parameters, top.memory) == (TABLE.parameters, TABLE.memory)
    assert top.operations == TABLE.operations == TABLE.grouped(2).operations
    paths = [row.path for row in TABLE.grouped(2).rows]
    assert paths[1:3] == ["block.body", "block"]
    assert TABLE.grouped(9).rows == TABLE.rows
    assert counting.table(SMALL, (3, 10, 12), depth=1) == top


def test_a_side_output_is_counted_and_passes_its_input_on():
    head = specs.SideOutput(specs.Chain(L.GlobalAvgPool(), L.Linear(2)), name="early")
    found = counting.table(specs.Chain(head, L.Flatten(), L.Linear(2)), (3, 2, 2))
    assert found.parameters.trainable == 4 * 2 + 13 * 2
    grouped = found.grouped(1).rows[0]
    assert (grouped.path, grouped.output) == ("early", (3, 2, 2))


def test_several_values_go_into_one_layer():
    two = specs.Parallel(L.Linear(4), L.Linear(4), join="tuple")
    rows = counting.table(specs.Chain(two, L.Sample()), (6,)).rows
    assert (rows[-1].input, rows[-1].output) == (((4,), (4,)), (4,))
    assert len(rows) == 3


def test_refusals():
    with pytest.raises(ValueError, match=r"counting.table: input_shape .* 0; got \(3, 0, 4\)"):
        counting.table(SMALL, (3, 0, 4))
    with pytest.raises(ValueError, match=r"no size is known of dtype 'float31'.*'float32'"):
        counting.table(SMALL, (3, 10, 12), dtype="float31")
    with pytest.raises(ValueError, match=r"LayerTable.grouped: depth is 0"):
        counting.table(SMALL, (3, 10, 12), depth=0)
    with pytest.raises(ValueError, match=r"maxpool1, MaxPool on input \(9, 1, 12\)"):
        counting.table(SMALL, (3, 1, 12))
    with pytest.raises(TypeError, match=r"counting.table: a Chain alone"):
        counting.table(SMALL)
    last = r"\(28, 28, 1\) has the channels last; LeNet-5 takes \(1, 28, 28\); give \(1, 28, 28\)"
    for count in (counting.table, counting.count):
        with pytest.raises(ValueError, match=last):
            count(specs.get("lenet5"), (28, 28, 1))
