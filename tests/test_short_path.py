"""The sections that are enough for ten minutes exist, and are short enough."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import short_path

ROOT = Path(__file__).parents[1]
PATHS = short_path.short_paths(ROOT)
MOST = 1300
"""Words of prose: ten minutes at 130 a minute, slow enough for formulas and figures between."""
NO_PROSE = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|\]\([^)]*\)|^\([\w-]+\)=|```.*?```", re.S | re.M)


def words_of(document: str) -> dict[str, int]:
    """Return the words of a chapter's text in each of its sections; the opening has no name.

    A section has the words of its subsections, too, which stand for themselves as well.
    """
    cells = json.loads((ROOT / f"{document}.ipynb").read_text("utf-8"))["cells"]
    found: dict[str, int] = {}
    here = [""]
    for cell in cells:
        text = "".join(cell["source"]) if cell["cell_type"] == "markdown" else ""
        for line in NO_PROSE.sub("", text).splitlines():
            if heading := re.match(r"##(#?) (.+)", line):
                here = [*(here[:1] if heading[1] else []), heading[2].strip()]
            for title in here:
                found[title] = found.get(title, 0) + len(re.findall(r"[A-Za-z]+", line))
    return found


@pytest.mark.parametrize("document", PATHS)
def test_a_short_path_names_sections_in_order_and_takes_ten_minutes(document):
    words = words_of(document)
    missing = [title for title in PATHS[document] if title not in words]
    assert not missing, f"book/chapters.yml: {document} has no section {missing}, but {list(words)}"
    order = [list(words).index(title) for title in PATHS[document]]
    assert order == sorted(order)
    assert words[""] + sum(words[title] for title in PATHS[document]) <= MOST
