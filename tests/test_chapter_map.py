"""The map of the chapters: what their openings say, the columns, the picture and the list."""

import itertools
import json

import pytest
import yaml

import chapter_map

PLAN = [
    {"file": f"{part}/0{n}-{name}", "title": f"{name}_{n}", "question": f"Why {name}?"}
    for n, (part, name) in enumerate(
        [("first", "a"), ("first", "b"), ("second", "c"), ("second", "d"), ("second", "e")], 1
    )
]
A, B, C, D, E = (chapter["file"] for chapter in PLAN)
NEEDS = {
    A: {},
    B: {A: False},
    C: {A: False, B: True},
    D: {B: False, A: False},
    E: {A: True, D: False},
}


def cells(*texts):
    return [{"cell_type": "markdown", "source": text.splitlines(keepends=True)} for text in texts]


def test_a_chapter_needs_what_the_sentences_of_its_opening_link():
    opening = "# D\n\nSee [E](05-e.ipynb). You should know sums ([A](../first/01-a.ipynb)), and for"
    opening += "\none section\n[C](03-c.ipynb). Afterwards you can read [E](05-e.ipynb)."
    code = {"cell_type": "code", "source": "# You need [E](05-e.ipynb)."}
    book = [
        code,
        *cells(
            opening, "You need [B](../first/02-b.ipynb).", "## Further", "You need [E](05-e.ipynb)."
        ),
    ]
    assert chapter_map.needs_of(D, book) == {A: False, C: True, B: False}
    assert chapter_map.needs_of(A, cells("# A\n\nYou need a pencil.")) == {}


def test_a_chapter_stands_one_column_behind_the_last_that_it_needs():
    assert chapter_map.columns(PLAN, NEEDS) == {A: 0, B: 1, C: 2, D: 2, E: 3}


def test_a_chapter_cannot_need_a_later_one():
    with pytest.raises(ValueError, match=f"{B} needs {C}, which is no earlier chapter"):
        chapter_map.columns(PLAN, {B: {C: False}})


def test_what_follows_from_other_needs_is_not_drawn():
    assert chapter_map.direct(NEEDS) == {
        A: {},
        B: {A: False},
        C: {B: True},
        D: {B: False},
        E: {D: False},
    }


def test_a_long_arrow_passes_through_the_columns_between():
    needs = {B: {A: False}, C: {B: False}, D: {A: True}}
    at = {A: 0, B: 1, C: 2, D: 2}
    assert chapter_map.arrows(at, needs) == {
        ((A, 0), (B, 1)): False,
        ((B, 1), (C, 2)): False,
        ((A, 0), (A, 1)): False,
        ((A, 1), (D, 2)): True,
    }


def test_spots_of_a_column_never_overlap():
    at = chapter_map.columns(PLAN, NEEDS)
    place = chapter_map.heights(at, chapter_map.arrows(at, NEEDS))
    assert set(at.items()) < set(place)
    for column in range(4):
        spots = sorted(
            (y, 1 if at[f] == c else chapter_map.LANE) for (f, c), y in place.items() if c == column
        )
        for (y1, h1), (y2, h2) in itertools.pairwise(spots):
            assert y2 - y1 >= (h1 + h2) / 2 - 1e-9


def test_the_picture_links_the_chapters_that_are_written():
    wide = chapter_map.drawing("wide", PLAN, NEEDS, {f"chapters/{A}"})
    assert wide.count("<a ") == 1
    assert f'<a href="../chapters/{A}.html" tabindex="-1">' in wide
    assert wide.count("<rect") == len(PLAN)
    assert wide.count('class="partly"') == 1
    assert "1 a_1</text>" in wide
    assert ">1</text>" in chapter_map.drawing("narrow", PLAN, NEEDS, set())


def test_the_list_names_every_need_both_ways():
    text = chapter_map.map_text(PLAN, NEEDS, set())
    entry = text[text.index("**{doc}`3 ") : text.index("**{doc}`4 ")]
    a, b = "{doc}`1 a\\_1 </chapters/first/01-a>`", "{doc}`2 b\\_2 </chapters/first/02-b>`"
    assert entry == (
        "**{doc}`3 c\\_3 </chapters/second/03-c>`.** Why c?\n"
        f": Needs {a}, {b} (for a part of it).\n\n"
    )
    assert text.count("Needs") == len(PLAN)
    assert f"Needs {a} (for a part of it), {{doc}}`4 d" in text
    assert ": Needs no other chapter. Leads to {doc}`2 b" in text
    assert "## First" in text
    assert "## Second" in text


def test_every_chapter_of_the_book_has_a_place(root):
    plan = yaml.safe_load((root / "book" / "chapters.yml").read_text("utf-8"))
    needs = {}
    for chapter in plan:
        path = root / "chapters" / f"{chapter['file']}.ipynb"
        if path.exists():
            needs[chapter["file"]] = chapter_map.needs_of(
                chapter["file"], json.loads(path.read_text("utf-8"))["cells"]
            )
    at = chapter_map.columns(plan, needs)
    assert len(at) == len(plan)
    assert max(at.values()) > 2, "the openings' sentences are no longer recognised"
