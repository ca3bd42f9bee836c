"""Each rule of the ledger finds the violation planted for it, and passes what is right."""

import copy
from typing import Any

import pytest

import ledger_cells
import ledger_checks
from ledger_checks import Chapter

Parts = dict[str, Any]


def md(text: str, **metadata: Any) -> Parts:
    return {"cell_type": "markdown", "source": text, "metadata": metadata}


def code(text: str, *outputs: Parts, name: str = "c1", **metadata: Any) -> Parts:
    return {
        "cell_type": "code",
        "id": name,
        "source": text.splitlines(keepends=True),
        "outputs": list(outputs),
        "metadata": metadata,
    }


def picture(**data: str) -> Parts:
    return {
        "output_type": "display_data",
        "data": {k.replace("_", "/"): v for k, v in data.items()},
    }


CONCEPTS: list[Parts] = [
    {
        "id": "sum",
        "title": "Sums",
        "chapter": "part/01-sums",
        "note": "001",
        "teach": "Adding.",
        "api": ["dlnotes.check.shows"],
        "show": {"total": 1234, "rows": [[1, 2], [3, 4]]},
        "erratum": "It is 1234.",
    },
    {
        "id": "product",
        "title": "Products",
        "chapter": "part/02-products",
        "note": "002",
        "teach": "Multiplying.",
        "api": [],
        "show": {},
    },
]
CHAPTERS = [{"file": "part/01-sums", "title": "S"}, {"file": "part/02-products", "title": "P"}]
PLAN = {"part/01-sums": ["sum"], "part/02-products": ["product"]}
ERRATA: list[Parts] = [
    {
        "id": "e-sum",
        "note": "001",
        "where": "§1",
        "says": "1233",
        "right": "1234",
        "proof": "compute",
        "chapter": "part/01-sums",
        "concept": "sum",
    }
]
SECTION = md("(concept-sum)=\n## Sums\n\n(erratum-e-sum)=\n:::{note}\nx\n:::")
SHOWS = code("t = 2\ncheck.shows('sum', total=t, rows=np.array(t))")
BOOK = [Chapter("part/01-sums", [SECTION, SHOWS])]


def changed(entries: list[Parts], index: int, **fields: Any) -> list[Parts]:
    """Copy a list of entries with fields of one set, or removed where the value is None."""
    entries = copy.deepcopy(entries)
    entries[index].update(fields)
    entries[index] = {k: v for k, v in entries[index].items() if v is not None}
    return entries


def only(problems: list[str], *words: str) -> None:
    """Assert that there are problems, and that each of the words is told."""
    assert problems
    for word in words:
        assert any(word in problem for problem in problems), problems


def test_a_book_in_order_passes_every_rule() -> None:
    assert ledger_checks.catalogue_problems(CONCEPTS, CHAPTERS, PLAN) == []
    assert ledger_checks.chapter_problems(BOOK, PLAN) == []
    assert ledger_checks.label_problems(BOOK, CONCEPTS, ["product"]) == []
    assert ledger_checks.api_problems(CONCEPTS) == []
    assert ledger_checks.errata_problems(ERRATA, CONCEPTS, BOOK) == []
    assert ledger_cells.show_problems(BOOK, CONCEPTS) == []
    assert ledger_cells.unchecked_problems(BOOK, {}) == []


@pytest.mark.parametrize(
    ("index", "fields", "word"),
    [
        (1, {"id": "sum"}, "twice in the catalogue"),
        (1, {"chapter": "part/03-powers"}, "part/03-powers: book/concepts.yml and tests/"),
        (1, {"chapter": "part/01-sums"}, "plan.yml differ on product"),
        (1, {"teach": None}, "book/concepts.yml: product: missing, empty or unknown: teach"),
        (1, {"title": ""}, "product: missing, empty or unknown: title"),
        (1, {"shows": {}}, "product: missing, empty or unknown: shows"),
        (1, {"show": None}, "product: show is a mapping"),
        (1, {"show": {"Total": 3}}, "Total"),
        (1, {"show": {"total": "three " * 20}}, "total"),
        (1, {"show": {"total": True}}, "total"),
        (1, {"show": {"total": []}}, "total"),
        (1, {"show": {"total": [1, {"a": 2}]}}, "total"),
        (1, {"show": [3]}, "show is a mapping"),
        (1, {"api": "dlnotes"}, "api a list"),
    ],
)
def test_a_damaged_catalogue_is_found(index: int, fields: Parts, word: str) -> None:
    concepts = changed(CONCEPTS, index, **fields)
    only(ledger_checks.catalogue_problems(concepts, CHAPTERS, PLAN), word)


def test_a_missing_concept_or_chapter_is_found() -> None:
    only(ledger_checks.catalogue_problems(CONCEPTS[:1], CHAPTERS, PLAN), "differ on product")
    only(ledger_checks.catalogue_problems(CONCEPTS, CHAPTERS[::-1], PLAN), "in order")
    only(ledger_checks.chapter_problems([Chapter("part/03-powers", [])], PLAN), "part/03-powers")


@pytest.mark.parametrize(
    ("cells", "still_open", "word"),
    [
        ([SECTION], [], "product: has no section and is not on the open list"),
        ([SECTION], ["product", "sum"], "sum: on the open list, but it has a section"),
        ([SECTION], ["product", "powers"], "powers: on the open list, but"),
        ([SECTION], ["product", "product"], "product: on the open list twice"),
        ([SECTION, md("(concept-sum)=\n## Again")], ["product"], "sum: labelled 2 times"),
        (
            [SECTION, md("(concept-powers)=\n## P")],
            ["product"],
            "concept-powers is not in book/concepts.yml",
        ),
        ([SECTION, md("(concept-product)=\n## P")], [], "product: taught in part/01-sums"),
        ([md("(concept-sum)=\nNo heading")], ["product"], "does not stand before a heading"),
        ([md("(concept-sum)=")], ["product"], "does not stand before a heading"),
    ],
)
def test_wrong_labels_are_found(cells: list[Parts], still_open: list[str], word: str) -> None:
    book = [Chapter("part/01-sums", cells)]
    only(ledger_checks.label_problems(book, CONCEPTS, still_open), word)


STACKED = "(concept-sum)=\n(concept-product)=\n"


def test_several_concepts_may_share_a_section() -> None:
    plan = changed(CONCEPTS, 1, chapter="part/01-sums")
    book = [Chapter("part/01-sums", [md(f"{STACKED}## Both")])]
    assert ledger_checks.label_problems(book, plan, []) == []
    book = [Chapter("part/01-sums", [md(f"{STACKED}No heading.")])]
    only(
        ledger_checks.label_problems(book, plan, []),
        "concept-sum does not stand before a heading",
        "concept-product does not stand before a heading",
    )
    book = [Chapter("part/01-sums", [md("(concept-sum)=\nWords.\n\n(concept-product)=\n## P")])]
    only(ledger_checks.label_problems(book, plan, []), "concept-sum does not stand")


def test_a_label_in_a_code_cell_does_not_count() -> None:
    book = [Chapter("part/01-sums", [code("(concept-sum)=\n# Sums")])]
    only(ledger_checks.label_problems(book, CONCEPTS, ["product"]), "sum: has no section")


@pytest.mark.parametrize(
    "name",
    ["dlnotes.check.shown", "dlnotes.nothing.conv", "numpy.array", "dlnotes", "dlnotes.check._x"],
)
def test_a_name_that_is_not_there_is_found(name: str) -> None:
    only(ledger_checks.api_problems(changed(CONCEPTS, 1, api=[name])), f"product: {name}")


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"chapter": "part/02-products"}, "erratum-e-sum does not belong here"),
        ({"chapter": "part/02-products"}, "sum has no erratum in part/02-products"),
        ({"concept": "product"}, "sum: its erratum has no entry"),
        ({"concept": "product"}, "product has no erratum in"),
        ({"proof": "believe"}, "no such proof"),
        ({"says": ""}, "needs exactly"),
        ({"where": None}, "needs exactly"),
        ({"id": "e-other"}, "e-other: part/01-sums does not label its proof"),
    ],
)
def test_damaged_errata_are_found(fields: Parts, word: str) -> None:
    only(ledger_checks.errata_problems(changed(ERRATA, 0, **fields), CONCEPTS, BOOK), word)


def test_errata_are_labelled_once_and_in_their_place() -> None:
    label = md("(erratum-e-sum)=\nText.")
    assert ledger_checks.errata_problems(ERRATA, CONCEPTS, []) == []  # not written yet
    once = [Chapter("part/01-sums", [label])]
    assert ledger_checks.errata_problems(ERRATA, CONCEPTS, once) == []
    elsewhere = [Chapter("part/02-products", [label])]
    only(ledger_checks.errata_problems(ERRATA, CONCEPTS, elsewhere), "part/02-products: erratum-e")
    only(ledger_checks.errata_problems(ERRATA, CONCEPTS, [*BOOK, *once]), "labelled twice")
    only(ledger_checks.errata_problems(ERRATA * 2, CONCEPTS, BOOK), "e-sum: twice")


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (code("check.shows('sum', total=t)"), "sum: rows is never shown"),
        (code("check.close(t, 1234)"), "sum: total is never shown"),
        (code("shows('sum', total=t, rows=r)"), "sum: total is never shown"),
        (code("# check.shows('sum', total=t, rows=r)"), "sum: total is never shown"),
        (md("`check.shows('sum', total=t, rows=r)`"), "sum: total is never shown"),
        (code("check.shows('sums', total=t)"), "no such concept"),
        (code("check.shows('sum', whole=t)"), "no such key"),
        (code("check.shows(name, total=t)"), "must name its concept"),
        (code("check.shows('sum', **numbers)"), "must name its concept"),
        (code("check.shows('sum', total=1234, rows=r)"), "typed, not computed"),
        (code("check.shows('sum', total=t, rows=[[1, 2], [3, -4]])"), "typed, not computed"),
        (code("check.shows('sum', total=t, rows=r)", tags=["nbval-skip"]), "total is never shown"),
        (code("# NBVAL_SKIP\ncheck.shows('sum', total=t, rows=r)"), "total is never shown"),
    ],
)
def test_numbers_that_are_not_shown_are_found(cell: Parts, word: str) -> None:
    only(ledger_cells.show_problems([Chapter("part/01-sums", [SECTION, cell])], CONCEPTS), word)


def test_showing_in_another_chapter_does_not_count() -> None:
    book = [Chapter("part/01-sums", [SECTION]), Chapter("part/02-products", [SHOWS])]
    only(ledger_cells.show_problems(book, CONCEPTS), "part/01-sums: sum: total is never shown")


def test_magics_and_indented_calls_are_read() -> None:
    text = "%matplotlib inline\nfor t in range(2):\n    check.shows('sum', total=t, rows=[t])\n"
    assert (
        ledger_cells.show_problems([Chapter("part/01-sums", [SECTION, code(text)])], CONCEPTS) == []
    )


PHOTO = code("show()", picture(image_png="…", text_plain="<Figure>"), name="photo")
SKIPPED = code("slow()", name="slow", tags=["nbval-skip"])
REASON = "A photograph; the cell after it prints its sums."


@pytest.mark.parametrize(
    "cell",
    [
        PHOTO,
        SKIPPED,
        code("1 / 0", tags=["raises-exception"]),
        code("# NBVAL_IGNORE_OUTPUT\nf()"),
        code("#NBVAL_RAISES_EXCEPTION\nf()"),
        code("x", tags=["hide-input", "nbval-ignore-output"]),
    ],
)
def test_a_cell_that_is_not_compared_needs_an_excuse(cell: Parts) -> None:
    book = [Chapter("part/01-sums", [cell])]
    only(ledger_cells.unchecked_problems(book, {}), "is not excused")


def test_one_excuse_for_a_chapter_and_none_left_over() -> None:
    excuse = {"part/01-sums": {"cell": "photo", "kind": "png", "reason": REASON}}
    book = [Chapter("part/01-sums", [PHOTO])]
    assert ledger_cells.unchecked_problems(book, excuse) == []
    two = [Chapter("part/01-sums", [PHOTO, SKIPPED])]
    only(ledger_cells.unchecked_problems(two, excuse), "2 cells pass nbval unread", "slow")
    svg = code("show()", picture(image_png="…", **{"image_svg+xml": "<svg/>"}), name="photo")
    drawn = [Chapter("part/01-sums", [svg])]
    only(ledger_cells.unchecked_problems(drawn, excuse), "excuse for photo is not needed")
    only(ledger_cells.unchecked_problems([], excuse), "there is no such notebook")
    excuse["part/01-sums"]["reason"] = "big"
    only(ledger_cells.unchecked_problems(book, excuse), "gives no reason")
