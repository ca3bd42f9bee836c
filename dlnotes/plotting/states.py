"""Many drawings of one figure, stored as one of them and what differs from it.

The drawings are compared element by element. What differs is a *slot*: an attribute, a text or,
where the number of elements differs, all that stands between those that agree. Each different
value is stored once, and a slot holds one code for each setting of the controls on which it
depends. The script (``explorer.js``) looks up codes and puts values into place, no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Digits of the codes."""

Found = tuple[Element, str, list[str | None]]
"""An element of the first drawing, what of it differs, and its value in each drawing."""


def packed(drawings: Sequence[str], sizes: Sequence[int], start: int) -> tuple[str, dict[str, Any]]:
    """Return the markup of one state, and what turns it into any other.

    Parameters
    ----------
    drawings : sequence of str
        Well-formed markup for each state, the last control fastest.
    sizes : sequence of int
        How many settings each control has.
    start : int
        The state that is stored as markup.

    Returns
    -------
    (markup, table) : str, dict
        ``table["values"]`` holds each value once; ``table["slots"]`` a list for each slot:
        element number, attribute (or ``text``, ``inner``), the controls that matter, the codes.

    Examples
    --------
    >>> packed(["<p>a</p>", "<p>b</p>", "<p>a</p>"], [3], 0)
    ('<p>a</p>', {'values': ['a', 'b'], 'width': 1, 'slots': [[0, 'text', [0], 'ABA']]})
    """
    different = list(dict.fromkeys([drawings[start], *drawings]))
    which = {drawing: index for index, drawing in enumerate(different)}
    trees = [ElementTree.fromstring(drawing) for drawing in different]
    found: list[Found] = []
    _compare(trees, found)
    numbers = {id(element): index for index, element in enumerate(trees[0].iter())}
    values = list(dict.fromkeys(value for _, _, each in found for value in each))
    place = {value: index for index, value in enumerate(values)}
    width = 1 if len(values) <= 64 else 2 if len(values) <= 64**2 else 3
    of_state = [which[drawing] for drawing in drawings]
    slots = []
    for element, what, each in found:
        table = np.array([place[each[index]] for index in of_state]).reshape(sizes)
        axes, table = _axes(table)
        codes = "".join(_code(int(number), width) for number in table.ravel())
        slots.append([numbers[id(element)], what, axes, codes])
    return written(trees[0]), {"values": values, "width": width, "slots": slots}


def written(element: Element) -> str:
    """Return an element as markup."""
    return ElementTree.tostring(element, encoding="unicode").replace(" />", "/>")


def _axes(table: np.ndarray) -> tuple[list[int], np.ndarray]:
    """Return the controls on which a table depends, and the table over these alone."""
    axes = []
    for axis in range(table.ndim):
        if (table == table.take([0], axis=axis)).all():
            table = table.take([0], axis=axis)
        else:
            axes.append(axis)
    return axes, table


def _code(number: int, width: int) -> str:
    """Return a number in ``width`` letters, the last changing fastest."""
    return "".join(LETTERS[number >> 6 * at & 63] for at in reversed(range(width)))


def _compare(nodes: Sequence[Element], found: list[Found]) -> None:
    """Find what differs between an element of the first drawing and its likes."""

    def keep(what: str, values: list[str | None]) -> None:
        if any(value != values[0] for value in values):
            found.append((nodes[0], what, values))

    for name in dict.fromkeys(name for node in nodes for name in node.attrib):
        keep(name, [node.get(name) for node in nodes])
    if not any(len(node) for node in nodes):
        keep("text", [node.text or "" for node in nodes])
        return
    before, after = _agreeing(nodes)
    if any(len(node) > before + after for node in nodes):
        found.append(_set_apart(nodes, before, after))
        after += 1
    for at in range(before):
        _compare([node[at] for node in nodes], found)
    for at in range(-after, 0):
        _compare([node[at] for node in nodes], found)


def _agreeing(nodes: Sequence[Element]) -> tuple[int, int]:
    """Return how many children agree in kind at the beginning, and after that at the end."""
    tags = [[child.tag for child in node] for node in nodes]
    shortest = min(map(len, tags))
    before = 0
    while before < shortest and len({each[before] for each in tags}) == 1:
        before += 1
    after = 0
    while after < shortest - before and len({each[-1 - after] for each in tags}) == 1:
        after += 1
    return before, after


def _set_apart(nodes: Sequence[Element], before: int, after: int) -> Found:
    """Put the children that differ in number into a group, the whole inside of which is a slot."""
    insides: list[str | None] = []
    for node in nodes:
        group, end = Element("g"), len(node) - after
        group.extend(node[before:end])
        insides.append("".join(map(written, group)))
        node[before:end] = [group]
    slot = nodes[0][before]
    for node in nodes[1:]:
        node[before] = slot  # compared with itself, it has nothing more to find
    return slot, "inner", insides
