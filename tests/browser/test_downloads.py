"""The notebooks that the site's pages offer read anywhere."""

from __future__ import annotations

import json
import re

import nbformat
import pytest

from book_citations import ONE
from book_markup import MARKUP
from conftest import ROOT
from shell import pages

NAMES = [path.relative_to(ROOT).as_posix() for path in pages()]


def cells(text: str, kind: str) -> list[dict]:
    return [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_has_no_markup_and_the_code_and_outputs_of_its_source(name, site):
    text = (site / "_sources" / name).read_text(encoding="utf-8")
    nbformat.validate(nbformat.reads(text, as_version=4))
    stored = (ROOT / name).read_text(encoding="utf-8")
    words = [source(cell) for cell in cells(text, "markdown")]
    assert [match[0] for one in words for match in MARKUP.finditer(one)] == []
    install, *code = cells(text, "code")
    assert "pip install" in source(install)
    assert code == cells(stored, "code")


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_keeps_numbers_captions_citations_and_exercises(name, site):
    before = "\n".join(map(source, cells((ROOT / name).read_text(encoding="utf-8"), "markdown")))
    copy = (site / "_sources" / name).read_text(encoding="utf-8")
    after = "\n".join(map(source, cells(copy, "markdown")))
    chapter = str(int(name.rpartition("/")[2][:2]))
    tags = re.findall(r"\\tag\{([\d.]+)\}", after)
    assert tags == [f"{chapter}.{n + 1}" for n in range(len(re.findall(r"\$\$ \(", before)))]
    figures = [
        cell for cell in cells(copy, "code") if "figure" in cell["metadata"].get("mystnb", {})
    ]
    captions = re.findall(r"^\*\*Figure ([\d.]+)\.\*\* ", after, re.M)
    assert captions == [f"{chapter}.{n + 1}" for n in range(len(figures))]
    exercises = re.findall(r"^### Exercise ([\d.]+)$", after, re.M)
    assert exercises == [f"{chapter}.{n + 1}" for n in range(before.count("{exercise-start}"))]
    # words after a solution's code fold again, so that there may be more folds than solutions
    assert after.count("<details>") == after.count("</details>") >= before.count("{solution-start}")
    works = {key for _, key in ONE.findall(before)}
    assert len(re.findall(r"^- ", after.partition("## References\n")[2], re.M)) == len(works) > 0
