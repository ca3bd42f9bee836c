"""Where words and names are explained: read from chapters, and linked in a small book."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

import api_places
import back_matter
from small_books import sphinx

CONF = """
import sys
sys.path.insert(0, {extension!r})
from docutils import nodes
import api_places, book_places
extensions = ["myst_nb"]
nb_execution_mode = "off"
exclude_patterns = ["_build", "jupyter_execute"]
root_doc = "index"

def setup(app):
    book_places.setup(app)
    api_places.setup(app)
"""
API = """# Functions

```{py:function} dlnotes.functional.relu

Rectify.
```

```{py:function} dlnotes.functional.tanh
```

```{py:function} dlnotes.functional.elu
```
"""
CONCEPTS = [
    {"id": "bend", "api": ["dlnotes.functional.relu"]},
    {"id": "not-written", "api": ["dlnotes.functional.elu"]},
]


def code(source, *tags):
    meta = {"tags": list(tags)}
    return {"cell_type": "code", "metadata": meta, "source": source, "outputs": [],
            "execution_count": 1}  # fmt: skip


def words(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


CELLS = [
    words("# Bends\n\nOpening."),
    code("from dlnotes import functional as dl, plotting\nfrom dlnotes.shapes import conv_out",
         "setup"),
    words("## One's own"),
    code("y = dl.tanh(x)"),
    code("check.close(dl.elu(x), y)", "proof"),
    code("plotting.chart(dl.step(x))", "hide-input"),
    words("(concept-bend)=\n(concept-both)=\n(erratum-e)=\n## Bent"),
    code("%time dl.sigmoid(x)"),
    code("dl.tanh(dl.relu(x)); conv_out(3, 3)"),
    words("## Exercises"),
    code("dl.softmax(x)"),
]  # fmt: skip


def test_a_chapter_says_where_it_shows_a_name_and_where_it_has_one_aside():
    shown, aside, taught = api_places.sections_of(4, CELLS)
    assert shown == {
        "dlnotes.functional.tanh": ["04 One's own"],
        "dlnotes.functional.relu": ["04 Bent"],
        "dlnotes.shapes.conv_out": ["04 Bent"],
        "dlnotes.functional": ["04 One's own"],
    }
    assert aside == {
        "dlnotes.plotting.chart": ["04 One's own"],
        "dlnotes.plotting": ["04 One's own"],
        "dlnotes.functional.step": ["04 One's own"],
        "dlnotes.functional.softmax": ["04 Exercises"],
        "dlnotes.functional": ["04 One's own"],
    }
    assert taught == {"bend": "04 Bent", "both": "04 Bent"}


def test_a_name_leads_to_one_section_of_a_chapter_those_first_that_are_about_it():
    concepts = [
        {"id": "a", "api": ["x", "y"]},
        {"id": "b", "api": ["y", "x"]},
        {"id": "c", "api": ["y"]},
        *({"id": name, "api": ["z", "y"]} for name in "def"),
        {"id": "to-come", "api": ["w"]},
    ]
    taught = {"a": "01 A", "b": "01 B", "c": "02 C", "d": "03 D", "e": "04 E", "f": "05 F"}
    assert api_places.explained(concepts, taught) == {
        "x": ["01 A"],
        "y": ["01 B", "02 C", "03 D"],
        "z": ["03 D", "04 E", "05 F"],
    }


@pytest.fixture
def small_book(tmp_path: Path, root: Path) -> Path:
    """Write a book of a glossary, a page of the package and one chapter."""
    files = {
        "conf.py": CONF.format(extension=(root / "book" / "_ext").as_posix()),
        "index.md": "# Index\n\n```{toctree}\n:glob:\n/book/*\n/book/api/*\n/chapters/*/*\n```\n",
        "book/glossary.md": "# Words\n\n```{glossary}\nbend\n  It bends.\n"
        "  {taught}`04 One's own`\n```\n",
        "book/api/functional.md": API,
        "book/concepts.yml": yaml.safe_dump(CONCEPTS),
        "chapters/first/04-bends.ipynb": json.dumps(
            {
                "cells": [{**cell, "id": f"c{row}"} for row, cell in enumerate(CELLS)],
                "metadata": {"language_info": {"name": "python"}},
                "nbformat": 4,
                "nbformat_minor": 5,
            }
        ),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the small book, warnings as errors."""
    return sphinx(folder, *["-q", "-W", "-n", "--keep-going", "-b", "html", ".", "_build"])


def said(folder: Path, page: str) -> str:
    return (folder / "_build" / "book" / page).read_text("utf-8")


def test_words_and_names_lead_to_sections_and_follow_a_change(small_book):
    done = build(small_book)
    assert done.returncode == 0, done.stderr
    where = r'<span class="taught"><a[^>]*href="../chapters/first/04-bends.html#one-s-own">4\s'
    assert re.search(where, said(small_book, "glossary.html"))
    page = said(small_book, "api/functional.html")
    line = r'<p class="explained">(\w+) in <a[^>]*href="([^"]*)">4\s(.*?)</a></p>'
    links = re.findall(line, page)
    chapter = "../../chapters/first/04-bends.html"
    assert links == [
        ("Explained", f"{chapter}#bent", "Bent"),
        ("Used", f"{chapter}#one-s-own", "One’s own"),
    ]  # elu stands in a proof alone, and its concept has no section
    path = small_book / "chapters" / "first" / "04-bends.ipynb"
    path.write_text(path.read_text("utf-8").replace("## Bent", "## Bent twice"), "utf-8")
    assert build(small_book).returncode == 0
    assert f"{chapter}#bent-twice" in said(small_book, "api/functional.html")


def test_a_word_whose_section_is_gone_stops_the_build(small_book):
    path = small_book / "book" / "glossary.md"
    path.write_text(path.read_text("utf-8").replace("One's own", "Ones own"), "utf-8")
    done = build(small_book)
    assert done.returncode != 0
    assert "no chapter has the section '04 Ones own'; the nearest is '04 One’s own'" in done.stderr


def test_what_the_book_is_about_is_explained(root):
    by_concepts, by_use = api_places.read(root)
    assert by_concepts["dlnotes.functional.conv2d"][1] == "12 Slide the window"
    assert "dlnotes.plotting.explore" in by_use
    names = {f"dlnotes.{name}" for name in back_matter.public_names()}
    assert len(names & (by_concepts.keys() | by_use.keys())) >= 200
