"""The index of concepts: its text, and a small book built with warnings as errors."""

import importlib.util
import json
import re
import shutil
from pathlib import Path
from typing import Any

import docutils.utils
import pytest
import yaml
from docutils import nodes

from small_books import sphinx

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location(
    "concept_index", ROOT / "book" / "_ext" / "concept_index.py"
)
assert SPEC is not None
assert SPEC.loader is not None
concept_index = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(concept_index)

CHAPTERS = [
    {"file": "foundations/01-sums", "title": "Sums"},
    {"file": "convolution/02-more", "title": "More_than [sums]"},
]
CONCEPTS: list[dict[str, Any]] = [
    {
        "id": "sum",
        "title": "A sum",
        "chapter": CHAPTERS[0]["file"],
        "note": "001 §1",
        "api": [],
        "show": {"total": 1234567, "rows": [1, 2]},
    },
    {
        "id": "all_sums",
        "title": "All *sums*",
        "chapter": CHAPTERS[1]["file"],
        "note": "002 和 (sum)",
        "api": ["dlnotes.one", "dlnotes.two.three"],
        "show": {},
    },
]
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Sums\n\nWords."},
        {
            "cell_type": "markdown",
            "id": "b",
            "metadata": {},
            "source": "(concept-sum)=\n## On sums\n",
        },
    ],
    "metadata": {"kernelspec": {"name": "python3"}, "language_info": {"name": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
CONF = """
extensions = ["myst_nb", "concept_index"]
nb_execution_mode = "off"
exclude_patterns = ["_build", "jupyter_execute"]
root_doc = "book/concepts"
"""


def test_a_concept_without_a_section_is_to_come() -> None:
    text = concept_index.index_text(CONCEPTS, CHAPTERS, set(), [])
    assert text.count("*to come*") == 2
    assert "{ref}" not in text
    assert "{doc}" not in text
    assert "### 2 More\\_than \\[sums\\]" in text
    assert "All \\*sums\\*" in text


def test_a_section_a_chapter_and_names_are_linked() -> None:
    text = concept_index.index_text(CONCEPTS, CHAPTERS, {"sum"}, ["chapters/foundations/01-sums"])
    assert text.count("{ref}`concept-sum`") == text.count("*to come*") == 1
    assert "### {doc}`1 Sums </chapters/foundations/01-sums>`" in text
    assert "{py:obj}`one <dlnotes.one>`, {py:obj}`two.three <dlnotes.two.three>`" in text


def test_every_concept_has_one_row_under_its_chapter() -> None:
    concepts = yaml.safe_load((ROOT / "book" / "concepts.yml").read_text("utf-8"))
    chapters = yaml.safe_load((ROOT / "book" / "chapters.yml").read_text("utf-8"))
    text = concept_index.index_text(concepts, chapters, set(), [])
    parts = re.split(r"^### ", text, flags=re.MULTILINE)[1:]
    assert [p.splitlines()[0] for p in parts] == [
        f"{int(c['file'].partition('/')[2][:2])} {concept_index.escape(c['title'])}"
        for c in chapters
    ]
    for part, chapter in zip(parts, chapters, strict=True):
        mine = [c for c in concepts if c["chapter"] == chapter["file"]]
        assert [line[4:] for line in part.splitlines() if line.startswith("* - ")] == [
            "Concept",
            *(concept_index.escape(c["title"]) for c in mine),
        ] * 2  # where it is taught, and where it comes from


def test_the_page_of_the_book_holds_the_marker_once() -> None:
    page = (ROOT / "book" / "concepts.md").read_text("utf-8")
    assert page.count(concept_index.MARKER) == 1


def test_labels_count_in_markdown_only() -> None:
    cells = [
        {"cell_type": "code", "source": "(concept-no)="},
        {"cell_type": "markdown", "source": "`(concept-no)=`\n\n(concept-yes)=\n# Yes"},
    ]
    assert concept_index.labels_in(cells) == {"yes"}


def test_long_names_may_break_at_their_dots_and_underscores() -> None:
    document = docutils.utils.new_document("page")
    literal = nodes.literal("", "shapes.tf_out")
    document += nodes.paragraph("", "", nodes.Text("In "), literal, nodes.Text("a.b"))
    concept_index.let_names_break(None, document, concept_index.PAGE)
    (name,) = document.findall(nodes.literal)
    assert name.astext().replace("<wbr>", "|") == "shapes.|tf_|out"
    assert document.astext().startswith("In shapes.")
    assert document.astext().endswith("a.b")
    other = docutils.utils.new_document("other")
    other += nodes.literal("", "shapes.tf_out")
    concept_index.let_names_break(None, other, "book/notation")
    assert other.astext() == "shapes.tf_out"


def build(folder: Path) -> str:
    """Build the small book, warnings as errors, and return the index page."""
    done = sphinx(folder, *["-q", "-W", "-n", "--keep-going", "-b", "html", ".", "_build"])
    assert done.returncode == 0, done.stderr
    return (folder / "_build" / "book" / "concepts.html").read_text("utf-8")


@pytest.fixture
def small_book(tmp_path: Path) -> Path:
    """Write a book of an index and one chapter."""
    extension = (ROOT / "book" / "_ext").as_posix()
    (tmp_path / "conf.py").write_text(f"import sys\nsys.path.insert(0, {extension!r})\n{CONF}")
    shutil.copytree(ROOT / "book" / "_static", tmp_path / "_static")
    book = tmp_path / "book"
    book.mkdir()
    api = "```{py:function} dlnotes.one\n```\n\n```{py:function} dlnotes.two.three\n```"
    toc = "```{toctree}\n:glob:\n/chapters/*/*\n```"
    text = f"# Index\n\n{toc}\n\n{api}\n\nA {{fact}}`sum.total`.\n\n{concept_index.MARKER}\n"
    (book / "concepts.md").write_text(text, "utf-8")
    (book / "concepts.yml").write_text(yaml.safe_dump(CONCEPTS), "utf-8")
    (book / "chapters.yml").write_text(yaml.safe_dump(CHAPTERS), "utf-8")
    chapter = tmp_path / "chapters" / "foundations" / "01-sums.ipynb"
    chapter.parent.mkdir(parents=True)
    chapter.write_text(json.dumps(NOTEBOOK), "utf-8")
    return tmp_path


def test_a_section_that_is_added_changes_the_index(small_book: Path) -> None:
    chapter = small_book / "chapters" / "foundations" / "01-sums.ipynb"
    chapter.write_text(json.dumps({**NOTEBOOK, "cells": NOTEBOOK["cells"][:1]}), "utf-8")
    before = build(small_book)
    assert before.count("to come") == 2
    assert 'href="#dlnotes.two.three"' in before
    chapter.write_text(json.dumps(NOTEBOOK), "utf-8")
    after = build(small_book)
    assert after.count("to come") == 1
    assert 'href="../chapters/foundations/01-sums.html#concept-sum"' in after
    assert "On sums" in after
    assert "reference-pages.css" in after
    page = small_book / "_build" / "chapters" / "foundations" / "01-sums.html"
    assert "reference-pages.css" not in page.read_text("utf-8")


def test_two_concepts_of_one_section_have_an_anchor_each(small_book: Path) -> None:
    stacked = "(concept-sum)=\n(concept-both)=\n## On sums\n"
    cells = [NOTEBOOK["cells"][0], {**NOTEBOOK["cells"][1], "source": stacked}]
    chapter = small_book / "chapters" / "foundations" / "01-sums.ipynb"
    chapter.write_text(json.dumps({**NOTEBOOK, "cells": cells}), "utf-8")
    concepts = [CONCEPTS[0], {**CONCEPTS[0], "id": "both", "title": "Both"}, CONCEPTS[1]]
    (small_book / "book" / "concepts.yml").write_text(yaml.safe_dump(concepts), "utf-8")
    index = build(small_book)
    page = (small_book / "_build" / "chapters" / "foundations" / "01-sums.html").read_text("utf-8")
    for name in ("concept-sum", "concept-both"):
        assert f'href="../chapters/foundations/01-sums.html#{name}"' in index
        assert f'id="{name}"' in page


def test_a_fact_is_written_with_its_thousands_apart(small_book: Path) -> None:
    assert "A 1,234,567." in build(small_book)


def test_facts_that_are_no_numbers_fail_the_build(small_book: Path) -> None:
    wrong = ["sum.rows", "sum.totals", "sums.total", "sum"]
    page = small_book / "book" / "concepts.md"
    facts = " ".join(f"{{fact}}`{name}`" for name in wrong)
    page.write_text(page.read_text("utf-8").replace("{fact}`sum.total`", facts), "utf-8")
    with pytest.raises(AssertionError) as failed:
        build(small_book)
    for name in wrong:
        assert f"fact: {name} is no number of concepts.yml" in str(failed.value)
