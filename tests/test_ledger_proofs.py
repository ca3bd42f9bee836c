"""Proofs that fold: the rules find what is planted, and the line counts what was printed."""

import contextlib
import io

import numpy as np
import pytest

import book_proofs
import ledger_proofs
from dlnotes import check
from ledger_checks import Chapter
from test_ledger_rules import code, only

SETUP = code("import numpy as np", tags=["setup"])
LINE = "✓ sum: equal, shape ()\n"


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": [text]}


def proof(text, *printed):
    return code(text, *map(stream, printed), tags=["proof"])


def problems(*cells):
    return ledger_proofs.fold_problems([Chapter("part/01", list(cells))])


def test_proofs_that_print_their_checks_alone_pass():
    loop = proof("for n in range(2):\n    check.close(n, n, label='sum')", 2 * LINE)
    assert problems(SETUP, proof("check.close(1, 1, label='sum')", LINE), loop) == []


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        (proof("x = 2"), "checks nothing"),
        (proof("check.close(1, 1)"), "calls 1 checks and prints 0 of their lines"),
        (proof("check.close([], [])", "nothing to compare, shape (0,)\n"), "prints 0 of their"),
        (proof("if x:\n    check.close(1, 1)\ncheck.close(2, 2)", LINE), "calls 2 checks and"),
        (proof("check.close(1, 1)\nassert x == 1", LINE), "has an assert"),
        (proof("try:\n    check.close(1, 1)\nfinally:\n    pass", LINE), "has a try"),
        (proof("check.close(1, 1)\nprint(x)", LINE, "12\n"), "prints more than its checks: '12'"),
        (proof("check.close(1, 1)\nprint('✓ all')", LINE), "writes ✓ itself"),
        (code("assert x == 1"), "has an assert"),
        (code("print('✓ all')"), "writes ✓ itself"),
        (
            code("import os\nprint(1)", stream("1\n"), tags=["setup"]),
            "is the set-up, and does more",
        ),
        (code("import os\ndef f(): pass", tags=["setup"]), "is the set-up, and does more"),
    ],
)
def test_a_fold_that_hides_or_claims_too_much_is_found(cell, word):
    only(problems(SETUP, cell), word)


def test_a_chapter_begins_with_its_set_up():
    only(problems(code("import numpy as np")), "the first code cell imports")


def test_the_line_counts_what_every_kind_of_check_prints():
    x = np.linspace(-1, 1, 3)
    back = lambda dy, x: 2 * dy  # noqa: E731
    torch_double = lambda x: 2 * x  # noqa: E731
    with contextlib.redirect_stdout(io.StringIO()) as said:
        check.close(1, 1)
        check.gradient_check(lambda x: 2 * x, back, x)
        check.adjoint_check(lambda x: 2 * x, back, x)
        check.against_torch(lambda x: 2 * x, back, torch_double, x)
        check.shows("emboss-pixel", without_flip=-8, with_flip=8)
        print("12 agree, and nobody compared them")
    assert book_proofs.verdict(said.getvalue().splitlines()) == (
        "✓ 4 comparisons agree, 2 numbers as in the catalogue"
    )
    assert book_proofs.verdict(["12 agree"]) == ""
