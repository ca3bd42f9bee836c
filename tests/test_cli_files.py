"""Networks in YAML and TOML files: every kind of layer, and every mistake with its place."""

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlnotes import counting, specs, torch_models
from dlnotes.cli import plain
from dlnotes.specs import Chain, Parallel, SideOutput
from dlnotes.specs import layers as L
from test_cli_summary import dlnotes

YAML = """
name: mine
title: My network
year: 2024
source: my notes
input: [3, 32, 32]
layers:
  - conv: {channels: 8, kernel: [3, 5], stride: 2, padding: [[1, 0], [2, 2]], bias: false}
  - batch_norm
  - relu
  - parallel:
      name: block
      join: add
      branches:
        - [{conv: {channels: 8, kernel: 3, padding: same}}, relu: {name: bent}]
        - []
  - side_output: {name: early, head: [global_avg_pool, {linear: 5}]}
  - chain: {name: end, layers: [{max_pool: 2}, {activation: scaled_tanh}]}
  - {table_conv: {table: [[0, 1], [2, 7]], kernel: 3}}
  - dropout: 0.25
  - dropout
  - {reshape: [2, 24]}
  - {recurrent: {cell: gru, hidden: 4, biases: 1, reset_after: false}}
""".replace("relu: {name: bent}]", "{relu: {name: bent}}]")
BODY = Chain(
    L.Conv(8, (3, 5), stride=2, padding=((1, 0), (2, 2)), bias=False),
    L.BatchNorm(),
    L.Activation("relu"),
    Parallel(
        Chain(L.Conv(8, 3, padding="same"), L.Activation("relu", name="bent")),
        Chain(),
        join="add",
        name="block",
    ),
    SideOutput(Chain(L.GlobalAvgPool(), L.Linear(5)), name="early"),
    Chain(L.MaxPool(2), L.Activation("scaled_tanh"), name="end"),
    L.TableConv(((0, 1), (2, 7)), 3),
    L.Dropout(0.25),
    L.Dropout(),
    L.Reshape((2, 24)),
    L.Recurrent("gru", 4, biases=1, reset_after=False),
)
TOML = """
input = [1, 8, 8]
layers = [
  {conv = {channels = 4, kernel = 3}},
  "relu",
  {parallel = {join = "concat", branches = [[{conv = {channels = 2, kernel = 1}}], []]}},
  "flatten",
  {linear = 10},
]
"""


def test_yaml(tmp_path):
    path = tmp_path / "net.yaml"
    path.write_text(YAML, encoding="utf-8")
    want = specs.Network("mine", "My network", (3, 32, 32), BODY, 2024, "my notes")
    assert plain.read(path) == want


def test_toml(tmp_path, monkeypatch):
    (tmp_path / "net.toml").write_text(TOML, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    both = Parallel(Chain(L.Conv(2, 1)), Chain(), join="concat")
    body = Chain(L.Conv(4, 3), L.Activation("relu"), both, L.Flatten(), L.Linear(10))
    assert plain.read(tmp_path / "net.toml").body == body
    rows = dlnotes("summary", "net.toml", "--format", "csv").splitlines()
    assert rows[-1].startswith("linear1,Linear,216,10,2170,0,2160,")


def test_a_file_without_input_is_a_part(tmp_path, monkeypatch):
    (tmp_path / "net.yml").write_text("layers: [{linear: 4}]", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert "add --input" in dlnotes("summary", "net.yml", code=2)
    assert "linear1,Linear,3,4,16,0,12," in dlnotes(
        "summary", "net.yml", "--input", "3", "--format", "csv"
    )


def snake(kind):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def as_plain(value):
    return [as_plain(entry) for entry in value] if isinstance(value, tuple) else value


def layers_of_all_networks():
    found = {layer for name in specs.names() for _, layer in specs.walk(specs.get(name).body)}
    return sorted(found, key=repr)


def test_every_layer_of_every_network_can_be_written():
    layers = layers_of_all_networks()
    assert len({type(layer) for layer in layers}) >= 12
    for layer in layers:
        options = {
            field.name: as_plain(getattr(layer, field.name))
            for field in dataclasses.fields(layer)
            if field.name != "name" or layer.name
        }
        assert plain.part({snake(type(layer)): options}, "here") == layer


def test_all_kinds_have_a_name():
    kinds = {kind for kind in vars(L).values() if isinstance(kind, type)}
    kinds = {kind for kind in kinds if issubclass(kind, L.Layer)} - {L.Layer}
    assert set(plain.KINDS.values()) == kinds
    assert all(plain.KINDS[snake(kind)] is kind for kind in kinds)


@pytest.mark.parametrize(
    ("layers", "says"),
    [
        ("[{conv: {chanels: 8, kernel: 3}}]", r"layers\[0\].conv: .*'chanels'.*mean channels\?"),
        ("[relu, {conv: {channels: 8}}]", r"layers\[1\].conv: kernel is missing"),
        ("[convv]", r"layers\[0\]: .* called 'convv'; did you mean conv"),
        ("[{conv: {channels: '8', kernel: 3}}]", r"conv.channels: must be .* from 1; got '8'"),
        ("[{conv: {channels: true, kernel: 3}}]", r"conv.channels: .*got True"),
        ("[{conv: {channels: 0, kernel: 3}}]", r"conv.channels: .*from 1; got 0"),
        ("[{conv: {channels: 8, kernel: 3, bias: 1}}]", r"conv.bias: must be true or false; got 1"),
        ("[{conv: {channels: 8, kernel: 3, padding: sane}}]", r"conv.padding: .*'valid' or 'same'"),
        ("[{conv: {channels: 8, kernel: 3, padding: -1}}]", r"conv.padding: .*from 0.*got -1"),
        ("[{conv: [8, 3]}]", r"conv.channels: must be a whole number from 1; got \[8, 3\]"),
        ("[{dropout: half}]", r"dropout.p: must be a number; got 'half'"),
        ("[{relu: {function: 3}}]", r"relu: there is no key 'function' here"),
        ("[{max_pool: {kernel: 2, stride: []}}]", r"max_pool.stride: must be .*or null; got \[\]"),
        ("[{parallel: {branches: [[]]}}]", r"parallel: join is missing"),
        ("[{parallel: {branches: [[]], join: sum}}]", r"join: must be 'add' or .*got 'sum'"),
        ("[{parallel: {branches: 3, join: add}}]", r"branches: must be a list; got 3"),
        ("[{parallel: {branches: [], join: add}}]", r"no branch was given"),
        ("[{side_output: [relu]}]", r"side_output: needs a mapping with head"),
        ("[{chain: {layers: [{chain: [softmx]}]}}]", r"chain.layers\[0\].chain.layers\[0\]: "),
        ("[{relu: {}, flatten: {}}]", r"layers\[0\]: needs one kind of layer; got .*relu, flatten"),
        ("[3]", r"layers\[0\]: needs a word, .*got 3 \(int\)"),
        ("[{conv: {name: 2c, channels: 1, kernel: 1}}]", r"name '2c' cannot stand in a path"),
        ("{conv: 3", r"bad.yaml, line \d: this is no YAML: "),
    ],
)
def test_mistakes_are_told_with_their_place(tmp_path, monkeypatch, layers, says):
    (tmp_path / "bad.yaml").write_text(f"input: [1, 8, 8]\nlayers: {layers}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert re.search(says, dlnotes("summary", "bad.yaml", code=2))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "layer: []", r"no key 'layer' here; did you mean layers"),
        ("a.yaml", "input: [3]", "there is no key layers"),
        ("a.yaml", "- relu", "needs a mapping with layers; got"),
        ("a.yaml", "", "needs a mapping with layers; got None"),
        ("a.yaml", "input: 3x4\nlayers: []", "input: must be a list of whole numbers from 1"),
        ("a.toml", "layers = [", "this is no TOML"),
        ("a.yaml", "layers: !!python/object:os.system []", "this is no YAML"),
    ],
)
def test_files_that_are_no_network(tmp_path, monkeypatch, name, text, says):
    (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert re.search(says, dlnotes("summary", name, code=2))


def test_bytes_and_depths_that_are_no_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_bytes(b"layers: [\xff]")
    assert "a.yaml: this is no text in UTF-8" in dlnotes("summary", "a.yaml", code=2)
    (tmp_path / "b.yaml").write_text("layers: " + "[" * 2000 + "]" * 2000, encoding="utf-8")
    assert "b.yaml: lists lie too deep" in dlnotes("summary", "b.yaml", code=2)


KEYS = st.sampled_from([*plain.KINDS, *plain.JOINED, *plain.HEADS, "branches", "join", "head"])
WORDS = st.sampled_from(["relu", "flatten", "conv", "same", "add", "", "2", "channels"])
NUMBERS = st.integers(-2, 9) | st.sampled_from([0.5, float("nan"), 10**30, True, None])
OPTIONS = st.sampled_from(["channels", "kernel", "padding", "stride", "name", "units", "table"])
ANYTHING = st.recursive(
    WORDS | NUMBERS,
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(KEYS | OPTIONS, inside, max_size=2)
        | st.dictionaries(KEYS, st.dictionaries(OPTIONS, inside, max_size=3), max_size=1)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.fixed_dictionaries({"layers": st.lists(ANYTHING, max_size=3)}) | ANYTHING)
def test_anything_is_a_network_or_is_refused_with_its_place(data):
    said = ""
    try:
        found = plain.network(data, "net.yaml")
    except ValueError as error:
        said = str(error)
    if said:
        assert re.match(r"net\.yaml(, (layers|input|name)[^ ]*)?: .+", said), said
    else:
        assert isinstance(found, specs.Part | specs.Network)


def examples(root, kind):
    text = (root / "book" / "api" / "cli.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{kind}\n(.+?)^```", text, re.M | re.S)


@pytest.mark.parametrize("kind", ["yaml", "toml"])
def test_the_page_s_examples_hold(root, tmp_path, monkeypatch, kind):
    (example,) = examples(root, kind)
    (tmp_path / f"net.{kind}").write_text(example, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    network = plain.read(tmp_path / f"net.{kind}")
    model = torch_models.build(network)
    held = sum(p.numel() for p in model.parameters())
    assert f"{held:,}" in dlnotes("summary", f"net.{kind}")


def test_the_page_s_commands_hold(root, tmp_path, monkeypatch):
    lines = "".join(examples(root, "sh")).splitlines()
    words = [line.partition("#")[0].split()[1:] for line in lines]
    own = [w for w in words if w and w[0] in ("summary", "list", "shape")]
    assert len(own) >= 12
    (tmp_path / "my_nets.py").write_text("from dlnotes.specs import get\nsmall = get('dqn')\n")
    (tmp_path / "my_package").mkdir()
    (tmp_path / "my_package" / "models.py").write_text(
        "from torch import nn\ndef Net():\n    return nn.Conv2d(3, 8, 7, stride=2)\n"
    )
    (tmp_path / "net.yaml").write_text(examples(root, "yaml")[0], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for command in own:
        assert dlnotes(*command)


def test_the_page_has_every_convention(root):
    text = (root / "book" / "api" / "counting.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w-]+)` \| (\w+) \|", text, re.M)
    assert rows == [(rule.name, rule.unit) for rule in counting.CONVENTIONS.values()]
