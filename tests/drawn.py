"""Reading a drawing back: its words, where they stand, and which of them cross."""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import combinations

SVG = "{http://www.w3.org/2000/svg}"
NARROW = 0.5
"""Ems a letter takes at least on average, in the book's fonts."""


@dataclass(frozen=True)
class Text:
    """A line of text of a drawing, in the drawing's pixels."""

    words: str
    x: float
    y: float
    size: float
    anchor: str

    @property
    def box(self):
        """Left, right, upper and lower edge, at the least that the words take."""
        wide = NARROW * self.size * len(self.words)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return left, left + wide, self.y - 0.7 * self.size, self.y


def texts(node: ET.Element, x: float = 0, y: float = 0, *, shifted: bool = True) -> list[Text]:
    """Return all lines of text below an element, groups' shifts added."""
    moved = re.match(r"translate\((\S+) (\S+)\)", node.get("transform", ""))
    if moved and shifted:
        x, y = x + float(moved[1]), y + float(moved[2])
    found = []
    for child in node:
        if child.tag == f"{SVG}text":
            style = dict(pair.split(":", 1) for pair in child.get("style").split(";"))
            size = float(style["font-size"].removesuffix("px"))
            at = (x + float(child.get("x")), y + float(child.get("y")))
            found.append(Text(child.text, *at, size, style["text-anchor"]))
        found += texts(child, x, y, shifted=shifted)
    return found


def crossing(root: ET.Element) -> list[tuple[str, str]]:
    """Return the pairs of words that lie over each other, and those that leave the picture."""
    found, (_, _, width, height) = texts(root), map(float, root.get("viewBox").split())
    out = []
    for text in found:
        left, right, top, low = text.box
        if left < -0.5 or right > width + 0.5 or top < -0.5 or low > height + 0.5:
            out.append((text.words, "the edge"))
    boxes = sorted((*text.box, text.words) for text in found)
    for a, b in combinations(boxes, 2):
        if b[0] < a[1] and a[0] < b[1] and a[2] < b[3] and b[2] < a[3]:
            out.append((a[4], b[4]))
    return out
