"""Which chapter needs which: read from the chapters' openings, drawn in layers, and listed.

A chapter says in the words above its first heading what it needs: "You need [Pooling](…)." or "You
should know …". The links of these sentences are the map. A chapter stands in the picture one
column to the right of the last one that it needs; an arrow that others imply is left out there.
"""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from statistics import fmean
from typing import Any

import concept_index

Chapters = Sequence[Mapping[str, str]]
Needs = Mapping[str, Mapping[str, bool]]
"""For each chapter those that it needs; True if for one section or paragraph alone."""
Spot = tuple[str, int]
"""A chapter and a column: its own, or one further right that its arrow passes through."""

_NEEDS = re.compile(r"\bYou (?:need|should know)\b.*?\.(?= |$)")
_LINK = re.compile(r"\]\(([^)\s]+)\.ipynb\)")
_PARTLY = re.compile(r"\bfor one (?:section|paragraph)\b")
SIZES = {"wide": (140, 108, 66, 58), "narrow": (70, 38, 38, 30)}
"""Of each drawing: from column to column, width of a box, from row to row, height of a box."""
LANE, LINE, LETTERS = 0.4, 14, 17
"""What an arrow that passes takes of a row; pixels of a line; letters in a box's line."""


def needs_of(file: str, cells: Iterable[Mapping[str, Any]]) -> dict[str, bool]:
    r"""Return what a chapter says that it needs, in its order.

    Examples
    --------
    >>> text = "# C\n\nYou need [A](../a/01-a.ipynb) and, for one section, [B](02-b.ipynb). So."
    >>> needs_of("b/03-c", [{"cell_type": "markdown", "source": text}])
    {'a/01-a': False, 'b/02-b': True}
    """
    words = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
    opening = re.split(r"^## ", "\n\n".join(words), maxsplit=1, flags=re.MULTILINE)[0]
    found = {}
    for sentence in _NEEDS.findall(" ".join(opening.split())):
        start = 0
        for link in _LINK.finditer(sentence):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(file), link[1]))
            found[name] = bool(_PARTLY.search(sentence, start, link.start()))
            start = link.end()
    return found


def columns(chapters: Chapters, needs: Needs) -> dict[str, int]:
    """Return the column of each chapter; one that needs a later chapter is an error."""
    found: dict[str, int] = {}
    for chapter in chapters:
        mine = needs.get(chapter["file"], {})
        if late := [name for name in mine if name not in found]:
            raise ValueError(f"{chapter['file']} needs {late[0]}, which is no earlier chapter")
        found[chapter["file"]] = max((found[name] + 1 for name in mine), default=0)
    return found


def direct(needs: Needs) -> dict[str, dict[str, bool]]:
    """Return the needs without those that follow from others."""

    def behind(name: str) -> set[str]:
        mine = needs.get(name, {})
        return set(mine).union(*(behind(other) for other in mine))

    return {
        name: {n: part for n, part in mine.items() if not any(n in behind(m) for m in mine)}
        for name, mine in needs.items()
    }


def arrows(at: Mapping[str, int], needs: Needs) -> dict[tuple[Spot, Spot], bool]:
    """Return the arrows, each from one column to the next; True if for a part alone."""
    found = {}
    for name, mine in needs.items():
        for need, partly in mine.items():
            for column in range(at[need], at[name] - 1):
                found[(need, column), (need, column + 1)] = False
            found[(need, at[name] - 1), (name, at[name])] = partly
    return found


def heights(at: Mapping[str, int], ways: Iterable[tuple[Spot, Spot]]) -> dict[Spot, float]:
    """Return in rows how far down each spot lies: near what it is tied to."""
    ways = list(ways)
    spots = list(dict.fromkeys([*at.items(), *(spot for way in ways for spot in way)]))
    layers = [[s for s in spots if s[1] == c] for c in range(max(at.values(), default=0) + 1)]
    place = {spot: float(row) for layer in layers for row, spot in enumerate(layer)}
    size = {spot: 1.0 if at[spot[0]] == spot[1] else LANE for spot in spots}
    tall = max(sum(size[spot] for spot in layer) for layer in layers)
    for sweep in range(8):  # by what each is for, then by what it needs
        here = sweep % 2
        tied: dict[Spot, list[Spot]] = {}
        for way in ways:
            tied.setdefault(way[here], []).append(way[1 - here])
        for layer in layers if here else reversed(layers):
            wish = {s: fmean(place[other] for other in tied.get(s, [s])) for s in layer}
            layer.sort(key=wish.__getitem__)
            gap = (tall - sum(size[spot] for spot in layer)) / len(layer)
            down = 0.0
            for spot in layer:
                place[spot] = down + (gap + size[spot]) / 2
                down += gap + size[spot]
    return place


def drawing(kind: str, chapters: Chapters, needs: Needs, documents: set[str]) -> str:
    """Return the picture; its narrow form has numbers alone. Who hears the page has the list."""
    pitch, width, row, height = SIZES[kind]
    at, plan = columns(chapters, needs), {c["file"]: c for c in chapters}
    ways = arrows(at, direct(needs))
    place = heights(at, ways)
    lines, boxes = [], []
    for (start, end), partly in ways.items():
        (x1, y1), (x2, y2) = ((s[1] * pitch, row * place[s]) for s in (start, end))
        bend = (x1 + width + x2) / 2
        begin = x1 + width if at[start[0]] == start[1] else x1
        curve = f"M{begin} {y1:.1f}H{x1 + width}C{bend} {y1:.1f} {bend} {y2:.1f} {x2} {y2:.1f}"
        look = ' class="partly"' if partly else ""
        lines.append(f'<path{look} d="{curve}"/>')
    for file, column in at.items():
        part, _, name = file.partition("/")
        words = f"{int(name[:2])} {plan[file]['title']}"
        shown = textwrap.wrap(words, LETTERS) if kind == "wide" else [words.split()[0]]
        x, y = column * pitch, row * place[file, column]
        box = f'<rect x="{x}" y="{y - height / 2:.1f}" width="{width}" height="{height}" rx="5"/>'
        for i, line in enumerate(shown):
            down = y + LINE * (i - (len(shown) - 1) / 2) + 4
            box += f'<text x="{x + width / 2}" y="{down:.1f}">{escape(line)}</text>'
        box = f'<g class="{part}"><title>{escape(words)}</title>{box}</g>'
        if f"chapters/{file}" in documents:
            box = f'<a href="../chapters/{file}.html" tabindex="-1">{box}</a>'
        boxes.append(box)
    right, down = max(at.values()) * pitch + width, max(place.values()) * row + height / 2
    view = f'viewBox="-1 -1 {right + 2} {down + 2:.0f}"'
    return f'<svg class="{kind}" {view} aria-hidden="true">{"".join(lines + boxes)}</svg>'


def map_text(chapters: Chapters, needs: Needs, documents: set[str]) -> str:
    """Return the picture and the list as MyST text."""
    parts = dict.fromkeys(c["file"].partition("/")[0] for c in chapters)
    key = "".join(f'<span class="{part}">{part.capitalize()}</span>' for part in parts)
    both = "".join(drawing(kind, chapters, needs, documents) for kind in SIZES)
    titles = {c["file"]: concept_index.escape(c["title"]) for c in chapters}

    def link(file: str) -> str:
        return f"{{doc}}`{int(file.partition('/')[2][:2])} {titles[file]} </chapters/{file}>`"

    text = [f'```{{raw}} html\n<div class="chapter-map">{both}<p>{key}</p></div>\n```\n']
    for part in parts:
        text.append(f"## {part.capitalize()}\n")
        for chapter in (c for c in chapters if c["file"].startswith(f"{part}/")):
            file = chapter["file"]
            mine = needs.get(file, {})
            before = [link(n) + " (for a part of it)" * partly for n, partly in mine.items()]
            after = [link(name) for name in titles if file in needs.get(name, {})]
            text.append(f"**{link(file)}.** {concept_index.escape(chapter['question'])}")
            text.append(f": Needs {', '.join(before) or 'no other chapter'}.")
            text[-1] += f" Leads to {', '.join(after)}.\n" if after else "\n"
    return "\n".join(text)
