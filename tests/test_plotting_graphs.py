"""The film of a graph says what the trace says."""

import numpy as np
import pytest

from dlnotes import autodiff, plotting
from dlnotes.autodiff import Variable, backward_trace, trace
from explored import facts, shown, words


def quadratic():
    x, y, two = Variable(3.0, "x"), Variable(4.0, "y"), Variable(2.0, "n3")
    square = (x * x).named("n4")
    return ((square * y).named("n5") + (y + two).named("n6")).named("n7")


def film(f, **options):
    return plotting.graph_player(trace(f), backward_trace(f), **options).html()


def visible(html: str, step: int) -> list[str]:
    """Return the words of the drawing that a reader sees in one step."""
    return words(shown(html, step))[:-1]


def test_one_step_for_each_node_and_each_message():
    f = quadratic()
    root, nodes, messages = film(f), trace(f), backward_trace(f)
    (control,) = facts(root)["controls"]
    assert len(control["words"]) == len(nodes) + len(messages) == 7 + 9
    assert control["start"] == 15
    notes = [words(shown(root, step))[-1] for step in range(16)]
    assert notes[3:5] == ["n4 = x × x = 9", "n5 = n4 × y = 36"]
    assert notes[7] == "the adjoint of n7 is set to 1"
    for note, message in zip(notes[8:], messages[1:], strict=True):
        assert note.startswith(f"{message.sender_name} sends {message.arriving:g} × ")
        assert note.endswith(f"to {message.receiver_name}, which then has {message.total:g}")


def test_values_appear_in_order_and_adjoints_grow():
    f = quadratic()
    root, nodes = film(f), trace(f)
    for step in range(len(nodes)):
        shown = visible(root, step)
        assert [word for word in shown if word in ("3", "4", "2", "9", "36", "6", "42")] == [
            f"{node.value:g}" for node in nodes[: step + 1]
        ]
    end = visible(root, len(nodes) + 8)
    f.backward()
    grads = [f"{node.grad:g}" for node in trace(f)]
    for value, grad in zip((n.value for n in nodes), grads, strict=True):
        assert f"{value:g}" in end
        assert grad in end
    assert end.count("10") == 1  # y's two paths, added
    before = visible(root, len(nodes) + 1)
    assert "10" not in before


def test_an_edge_is_found_beside_constants():
    x = Variable(2.0, "x")
    f = (1 / x).named("f")
    root = film(f)
    assert "1 × −0.25" in visible(root, 3)


def test_refusals():
    f = quadratic()
    with pytest.raises(ValueError, match=r"node 'x' has no place.*add 'x'"):
        plotting.graph_player(trace(f), places={"y": (0, 0)})
    array = autodiff.sum(Variable(np.ones(3), "v"))
    with pytest.raises(ValueError, match=r"'v' holds an array of shape \(3,\)"):
        plotting.graph_player(trace(array))
