"""The list of errata: written chapters first, each entry linked to its proof."""

import re

import errata_list

CHAPTERS = [
    {"file": "foundations/01-sums", "title": "Sums"},
    {"file": "foundations/02-none", "title": "No mistakes"},
    {"file": "convolution/03-more", "title": "More"},
]


def erratum(name, says, right, chapter):
    where = {"note": "002", "where": "§1", "chapter": chapter["file"]}
    return {"id": name, "says": says, "right": right, **where}


ERRATA = [erratum("e-late", "2", "3.", CHAPTERS[2]), erratum("e-sum", "1_0", "11.", CHAPTERS[0])]


def test_an_entry_links_to_its_proof_once_its_chapter_is_written():
    text = errata_list.list_text(ERRATA, CHAPTERS, ["chapters/foundations/01-sums"])
    written, _, waiting = text.partition("## Waiting for their chapters")
    assert "## {doc}`1 Sums </chapters/foundations/01-sums>`" in written
    assert (
        "(listed-e-sum)=\n**Note 002, §1.** *1\\_0* 11. {ref}`Shown here <erratum-e-sum>`."
        in written
    )
    assert "### 3 More" in waiting
    assert "(listed-e-late)=\n**Note 002, §1.** *2* 3.\n" in waiting
    assert "{ref}" not in waiting
    assert "No mistakes" not in text


def test_when_all_chapters_are_written_nothing_waits():
    documents = [f"chapters/{chapter['file']}" for chapter in CHAPTERS]
    text = errata_list.list_text(ERRATA, CHAPTERS, documents)
    assert "Waiting" not in text
    assert text.count("Shown here") == len(ERRATA)


def test_the_list_can_be_narrowed_to_each_note_that_has_errata():
    html = errata_list.filter_html([*ERRATA, {**ERRATA[0], "note": "000"}])
    assert re.findall(r'<option value="(\d*)">', html) == ["", "000", "002"]
    assert "needs-script" in html
