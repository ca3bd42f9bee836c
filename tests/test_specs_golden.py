"""Every layer of every network against a table that PyTorch made, and narrow copies of each."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counting_oracle import measured
from dlnotes import counting, specs
from dlnotes.specs import layers as L
from narrow_networks import WIDTHS, narrow

GOLDEN = json.loads((Path(__file__).parent / "golden" / "specs.json").read_text("utf-8"))


def row(step):
    held = counting.parameters(step.layer, step.input)
    sizes = "x".join(map(str, step.output))
    return f"{step.path} {step.layer.kind} {sizes} {held.trainable}+{held.fixed}"


def test_every_network_has_its_table():
    made = "written by python -m tests.golden.make_specs, after each wanted change"
    assert list(GOLDEN) == list(specs.names()), made


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name):
    """After a wanted change: python -m tests.golden.make_specs."""
    network = specs.get(name)
    steps = counting.trace(network.body, network.input_shape)
    assert [row(step) for step in steps] == GOLDEN[name]
    assert len({step.path for step in steps}) == len(steps)


@pytest.mark.parametrize("name", specs.names())
def test_made_anew_it_is_equal(name):
    assert specs.get(name) == specs.get(name.upper().replace("-", "_"))
    assert hash(specs.get(name)) == hash(specs.get(name))


@given(st.sampled_from(specs.names()), st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_narrow_copies_fit_together(name, divisor):
    network = specs.get(name)
    thin = narrow(network.body, divisor)
    wide = counting.trace(network.body, network.input_shape)
    narrowed = counting.trace(thin, network.input_shape)
    assert [s.path for s in narrowed] == [s.path for s in wide]
    for a, b in zip(wide, narrowed, strict=True):
        assert a.layer.kind == b.layer.kind
        attribute = WIDTHS.get(type(a.layer))
        if attribute and getattr(a.layer, "groups", 1) == 1:
            assert getattr(b.layer, attribute) == -(-getattr(a.layer, attribute) // divisor)
    if divisor == 1:
        assert thin == network.body


@pytest.mark.parametrize("name", ["resnet18", "alexnet", "googlenet-sides", "vae", "fcn-8s"])
def test_narrow_copies_run(name):
    network = specs.get(name)
    thin = narrow(network.body, 8)
    got = measured(specs.Network("thin", "Thin", network.input_shape, thin))
    steps = counting.trace(thin, network.input_shape)
    assert {s.path: list(s.output) for s in steps} == {p: r["output"] for p, r in got.items()}


def test_narrow_table():
    table = narrow(specs.get("lenet5-1998").body, 2).parts[4].table
    assert len(table) == 16 // 2
    assert {c for reads in table for c in reads} == {0, 1, 2}
    steps = counting.trace(specs.Chain(L.Conv(3, 5), L.TableConv(table, 5)), (1, 20, 20))
    assert steps[-1].output == (8, 12, 12)
