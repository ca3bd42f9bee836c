"""Putting a figure to handle into any of its states, as the script in the page does."""

import json
import re
import xml.etree.ElementTree as ET

from dlnotes.plotting.states import LETTERS


def facts(html: str) -> dict:
    """Return what a figure says about its controls and states."""
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.S)[1])


def still(html: str) -> ET.Element:
    """Return the markup that a figure stores, the state at its start."""
    return ET.fromstring(re.search(r'<script type="text/html">(.*?)</script>', html, re.S)[1])


def shown(html: str, *at: int) -> ET.Element:
    """Return the markup with its controls at these positions."""
    root, told = still(html), facts(html)
    elements, width = list(root.iter()), told["width"]
    sizes = [len(control["words"]) for control in told["controls"]]
    for number, what, axes, codes in told["slots"]:
        index = 0
        for axis in axes:
            index = index * sizes[axis] + at[axis]
        code = 0
        for letter in codes[index * width : (index + 1) * width]:
            code = code * 64 + LETTERS.index(letter)
        value, element = told["values"][code], elements[number]
        if what == "text":
            element.text = value
        elif what == "inner":
            element[:] = ET.fromstring(f"<g>{value}</g>")
        elif value is None:
            element.attrib.pop(what, None)
        else:
            element.set(what, value)
    return root


def words(root: ET.Element) -> list[str]:
    """Return the words that are seen in a state, the sentences last."""
    found = [node.text for node in root.iter("text")] + [node.text for node in root.iter("p")]
    return [word for word in found if word]
