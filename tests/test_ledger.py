"""The ledger: what the book has promised against what its chapters hold.

The rules are functions of notebooks and lists, in ledger_checks.py, ledger_cells.py and
ledger_prose.py; test_ledger_rules.py and test_ledger_prose.py plant a violation of each.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

import ledger_cells
import ledger_checks
import ledger_letters
import ledger_names
import ledger_proofs
import ledger_prose
from dlnotes import check
from ledger_checks import Chapter

ROOT = Path(__file__).resolve().parents[1]
LISTS = ROOT / "tests" / "ledger"


def read(path: Path) -> Any:
    """Read a YAML file; an empty one is an empty mapping."""
    return yaml.safe_load(path.read_text("utf-8")) or {}


CONCEPTS = read(ROOT / "book" / "concepts.yml")
ERRATA = read(ROOT / "book" / "errata.yml")
PLANNED_CHAPTERS = read(ROOT / "book" / "chapters.yml")
PLAN = read(LISTS / "plan.yml")


@pytest.fixture(scope="module")
def chapters() -> list[Chapter]:
    return ledger_checks.load_chapters(ROOT)


def report(problems: list[str]) -> str:
    return "\n".join(["", *problems])


def test_the_catalogue_is_whole() -> None:
    assert len(CONCEPTS) == len({c["id"] for c in CONCEPTS}) == 115
    problems = ledger_checks.catalogue_problems(CONCEPTS, PLANNED_CHAPTERS, PLAN)
    assert not problems, report(problems)


def test_every_notebook_is_a_chapter_of_the_plan(chapters: list[Chapter]) -> None:
    problems = ledger_checks.chapter_problems(chapters, PLAN)
    assert not problems, report(problems)


def test_concepts_have_one_section_where_planned_or_are_listed_as_open(
    chapters: list[Chapter],
) -> None:
    still_open = (LISTS / "open_concepts.txt").read_text("utf-8").split()
    problems = ledger_checks.label_problems(chapters, CONCEPTS, still_open)
    assert not problems, report(problems)


def test_names_of_the_catalogue_can_be_imported() -> None:
    problems = ledger_checks.api_problems(CONCEPTS)
    assert not problems, report(problems)


def test_every_number_of_a_taught_concept_is_shown(chapters: list[Chapter]) -> None:
    problems = ledger_cells.show_problems(chapters, CONCEPTS)
    assert not problems, report(problems)


def test_shows_reads_this_catalogue() -> None:
    """Each `show` holds when given back, and fails when one number is off."""
    for concept in CONCEPTS:
        for key, value in concept["show"].items():
            check.shows(concept["id"], **{key: value})
            with pytest.raises(check.Mismatch, match=concept["id"]):
                check.shows(concept["id"], **{key: spoiled(value)})


def spoiled(value: Any) -> Any:
    """Change the last number of a value."""
    return [*value[:-1], spoiled(value[-1])] if isinstance(value, list) else value + 1


def test_errata_belong_to_the_catalogue_and_are_labelled_when_printed(
    chapters: list[Chapter],
) -> None:
    problems = ledger_checks.errata_problems(ERRATA, CONCEPTS, chapters)
    assert not problems, report(problems)


def test_numbers_in_prose_come_out_of_the_cells(chapters: list[Chapter]) -> None:
    allowed = read(LISTS / "prose_numbers.yml")
    problems = ledger_prose.prose_problems(chapters, CONCEPTS, allowed)
    assert not problems, report(problems)


def test_letters_have_one_meaning_that_of_the_notation_page_or_a_declared_one(
    chapters: list[Chapter],
) -> None:
    notation = (ROOT / "book" / "notation.md").read_text("utf-8")
    told = [chapter for chapter in chapters if chapter.name != "book/errata"]  # quotes the notes
    problems = ledger_letters.letter_problems(told, notation, read(LISTS / "letters.yml"))
    assert not problems, report(problems)


def test_chapters_import_little_and_call_it_by_its_names(chapters: list[Chapter]) -> None:
    problems = ledger_names.import_problems(chapters)
    assert not problems, report(problems)


def test_what_folds_away_has_been_compared(chapters: list[Chapter]) -> None:
    told = [chapter for chapter in chapters if chapter.name != "book/errata"]
    problems = ledger_proofs.fold_problems(told)
    assert not problems, report(problems)


def test_pages_call_the_functions_as_the_chapters_do() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "book").rglob("*.md"))]
    for page in pages:
        assert not ledger_names.OLD_NAME.search(page.read_text("utf-8")), page.name


def test_cells_that_nbval_does_not_compare_are_few_and_excused(chapters: list[Chapter]) -> None:
    problems = ledger_cells.unchecked_problems(chapters, read(LISTS / "unchecked_cells.yml"))
    assert not problems, report(problems)
