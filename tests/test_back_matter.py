"""The pages that the notebooks make: figures to handle, and what is counted."""

import json
import re

import pytest

import back_matter

CHAPTERS = [
    {"file": "first/01-a", "title": "A [b]"},
    {"file": "first/02-b", "title": "B"},
]


def figure(name, html):
    data = {"output_type": "execute_result", "data": {"text/html": [html]}}
    meta = {"mystnb": {"figure": {"name": name, "caption": "A `k`.\n"}}}
    return {"cell_type": "code", "metadata": meta, "outputs": [data], "source": ""}


def test_figures_that_can_be_handled_are_listed_by_chapter():
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "<dln-explore>"},
        figure("fig-move", "<style></style><dln-explore></dln-explore>"),
        figure("fig-still", "<svg></svg>"),
    ]
    books = {"first/01-a": cells, "first/02-b": cells[:1]}
    assert back_matter.figures_text(CHAPTERS, books) == (
        "## {doc}`1 A \\[b\\] </chapters/first/01-a>`\n\n- {numref}`fig-move`. A `k`.\n"
    )


@pytest.fixture
def small_book(tmp_path):
    """The files of a book in which a little is checked."""
    book = tmp_path / "book"
    (book / "results").mkdir(parents=True)
    (tmp_path / "tests" / "deep").mkdir(parents=True)
    concepts = [{"id": "k", "show": {"one": 1, "two": 2}}, {"id": "none", "show": {}}]
    errata = [
        {"id": name, "proof": proof}
        for name, proof in [("e-run", "compute"), ("e-word", "explain"), ("e-late", "compute")]
    ]
    record = {"command": "python -m x --record", "experiments": {"a": {}, "b": {}}}
    files = {
        "book/concepts.yml": json.dumps(concepts),
        "book/errata.yml": json.dumps(errata),
        "book/results/01-a.json": json.dumps(record),
        "book/results/speed.json": json.dumps({"ratios": [1]}),
        "book/results/ladder.jsonl": '{"seed": 0}\n{"seed": 1}\n',
        "tests/test_a.py": "def test_one():\n    pass\n\n\ndef helper():\n    pass\n",
        "tests/deep/test_b.py": "class TestB:\n    def test_two(self):\n        pass\n",
        "tests/other.py": "def test_never_run():\n    pass\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_what_is_counted_is_what_the_book_holds(small_book):
    ticks = "✓ y: agree to 1e-10, shape (2,)\n✓ k: as in the catalogue: one, two\nno tick\n"
    proof = {
        "cell_type": "code",
        "metadata": {"tags": ["proof"]},
        "outputs": [{"output_type": "stream", "name": "stdout", "text": [ticks]}],
        "source": "# (erratum-e-late)=",
    }
    labels = "(erratum-e-run)=\n(erratum-e-word)=\n## Here"
    prose = {"cell_type": "markdown", "metadata": {}, "source": labels}
    books = {"first/01-a": [prose, proof], "first/02-b": [figure("fig-x", "<dln-explore>")]}
    found = back_matter.counts(small_book, books)
    assert {name: n for name, n in found.items() if not name.startswith("names")} == {
        "chapters": 2,
        "cells": 2,
        "proofs": 1,
        "comparisons": 1,
        "numbers": 2,
        "records": 1,
        "experiments": 2,
        "ladder-runs": 2,
        "concepts": 2,
        "concepts-with-numbers": 1,
        "asserted": 2,
        "errata": 3,
        "errata-proved": 2,
        "errata-computed": 1,
        "tests": 2,
    }


def test_the_page_on_checks_asks_for_every_count_and_types_none(root, small_book):
    page = (root / "book" / "checked.md").read_text("utf-8")
    asked = re.findall(r"%% count: ([\w-]+) %%", page)
    assert set(asked) == set(back_matter.counts(small_book, {}))
    assert not re.search(r"\d", page)


def test_public_names_are_those_that_the_parts_hand_out():
    names = back_matter.public_names()
    assert ">>> " in names["functional.conv2d"]
    assert "plotting.explore" in names
    assert not any(name.startswith("_") or "._" in name for name in names)
