"""Citations in the notebooks say what the bibliography has."""

from __future__ import annotations

import pytest
from pybtex.database import Entry, Person, parse_file

import notebooks
from book_citations import GROUP, ONE, as_roles, said
from shell import pages


@pytest.fixture(scope="module")
def works(root):
    return parse_file(str(root / "book" / "references.bib")).entries


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.stem)
def test_a_citation_names_author_and_year(path, works):
    cells = [cell.source for cell in notebooks.read(path).cells if cell.cell_type == "markdown"]
    text = "\n".join(cells)
    assert "{cite" not in text, "write [Author (year)](cite:key), see CONTRIBUTING.md"
    inside = {one for group in GROUP.findall(text) for one in ONE.findall(group)}
    for words, key in ONE.findall(text):
        assert key in works, f"book/references.bib has no {key}"
        right = said(works[key], in_sentence=(words, key) not in inside)
        assert words == right, f"write [{right}](cite:{key})"


def test_three_authors_are_the_first_and_others_and_particles_stay():
    people = [Person("Twan van Laarhoven"), Person("Bo Two"), Person("Cy Three")]
    one = Entry("article", fields={"year": "2017"}, persons={"author": people[:1]})
    three = Entry("article", fields={"year": "1999"}, persons={"author": people})
    assert said(one, in_sentence=True) == "van Laarhoven (2017)"
    assert said(three, in_sentence=False) == "van Laarhoven et al., 1999"


def test_a_notebook_stays_json_and_what_is_no_citation_stays():
    text = '["[a]\\n", "x [b](c.md) ([D, 1](cite:d))\\n", "[E (2)](cite:e)\'s"]'
    assert as_roles(text) == '["[a]\\n", "x [b](c.md) {cite}`d`\\n", "{cite:t}`e`\'s"]'
