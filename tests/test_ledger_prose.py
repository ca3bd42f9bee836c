"""Numbers in prose: what counts as one, where it may come from, what is passed over."""

from decimal import Decimal
from typing import Any

import pytest

import ledger_prose
from ledger_checks import Chapter
from test_ledger_rules import CONCEPTS, Parts, code, md, only, picture


def numbers(markdown: str) -> list[str]:
    return [n.text for n in ledger_prose.stated(Chapter("a", [md(markdown)]))]


@pytest.mark.parametrize(
    ("markdown", "found"),
    [
        ("There are 217706 parameters.", ["217706"]),
        ("There are 217,706 of them, or 1,234,567.5.", ["217,706", "1,234,567.5"]),
        ("There are 217\u2009706 of them.", ["217\u2009706"]),
        ("It is 40.6 % and 0.25.", ["40.6", "0.25"]),
        ("**1970** and _1971_, (1972)", ["1970", "1971", "1972"]),
        ("a 227×227 picture, 300px wide", ["227", "227", "300"]),
        ("$n = 1{,}024$ and $(10,100)$, $x_{128}$", ["1024", "100", "128"]),
        ("$$\n3 \\cdot 1000\n$$ (eq-500)", ["1000"]),
        ("```{math}\n:label: eq-500\n2^{512} = 1000\n```", ["512", "1000"]),
        ("{math}`1000 + 1`", ["1000"]),
        ("\\begin{align}x &= 111\\\\ y &= 222\\end{align}", ["111", "222"]),
        (
            "::::{admonition} After 1998\n:class: note-100\n:::{tip}\n512\n:::\n::::",
            ["1998", "512"],
        ),
        ("```{exercise-start}\n:label: ex-123\n```\nTake 640 units.\n", ["640"]),
        ("![a 640 wide picture](images/800.svg)", ["640"]),
        ("[the 1998 paper](https://example.org/2016)", ["1998"]),
        ("{ref}`the 152 layers <sec-200>`", ["152"]),
        ("- 100 rows\n- 99 rows\n\n| a | 101 |\n|---|---|\n| b | 102 |", ["100", "101", "102"]),
        ("# The year 2012", ["2012"]),
        ("version 1.2.3", ["1.2.3"]),
        ("less than 100 and more than 50", ["100"]),
        ("a < 100 and b > 200", ["100", "200"]),
        ("in section 5.2, 1000 of 2000", ["1000", "2000"]),
    ],
)
def test_what_is_a_number(markdown: str, found: list[str]) -> None:
    assert sorted(numbers(markdown)) == sorted(found)


@pytest.mark.parametrize(
    "markdown",
    [
        "`np.zeros(100)` and ``a `200` b``",
        "```python\nx = 1000\n```",
        "(concept-100)=\n# Title",
        "{ref}`sec-100`, {numref}`fig-200`, {eq}`eq-300`, {doc}`12-x/400`",
        "{cite:t}`lecun1998gradient, x 2000`",
        "{py:obj}`conv <dlnotes.conv100>`",
        "[text](chapter-100.md#part-200) and <https://arxiv.org/abs/1603.07285>",
        "https://arxiv.org/abs/1603.07285",
        "% a comment on 1998\ntext\n<!-- 1999 -->",
        "see §5.17.1, §§5.2.1–5.2.4, §12 and section 5.25.2 of note 001",
        "Sections 5.17.1, 5.17.2 and 5.18.1 to 5.18.2 of notes 000 and 001",
        "VGG16, ResNet-152, CIFAR-100, x100",
        "a footnote[^100]",
        "<span class='w-100'>7</span>",
        "99, 9.9 and 1,2",
    ],
)
def test_what_is_not_a_number(markdown: str) -> None:
    assert numbers(markdown) == []


def test_captions_and_alternative_texts_are_prose() -> None:
    mystnb = {"figure": {"caption": "All 640.", "name": "fig-100"}, "image": {"alt": "Of 480."}}
    chapter = Chapter("a", [code("plot()", mystnb=mystnb)])
    assert [n.text for n in ledger_prose.stated(chapter)] == ["640", "480"]


def stream(text: str) -> Parts:
    return {"output_type": "stream", "name": "stdout", "text": [text]}


def problems(prose: str, *cells: Parts, allowed: dict[str, Any] | None = None) -> list[str]:
    book = [Chapter("part/01-sums", [md(prose), *cells])]
    return ledger_prose.prose_problems(book, CONCEPTS, allowed or {})


@pytest.mark.parametrize(
    ("prose", "cell"),
    [
        ("all 1,234", code("t", stream("total 1234\n"))),
        ("all 1234", code("t", stream("total 1,234"))),
        ("all 1234", code("t", picture(text_plain="array([[1234, 5]])"))),
        ("all 123", code("t", picture(text_plain="(1,123,45)"))),
        ("all 123", code("t", picture(text_html="<td>123</td>", text_plain="<Grid>"))),
        ("it is 0.731", code("t", stream("0.73106"))),
        ("it is 40.6 %", code("t", stream("0.40608"))),
        ("it is $40.6\\,\\%$", code("t", stream("0.40608"))),
        ("it is 40.6 %", code("t", stream("40.6"))),
        ("it is −5.25", code("t", stream("-5.25"))),
        ("it is 1000", code("assert t == 1_000")),
        ("it is 1000", code("check.close(t, [1000, 2])")),
        ("it is 1234", code("check.shows('sum', total=t)")),
    ],
)
def test_a_number_may_come_from_an_output_or_an_assertion(prose: str, cell: Parts) -> None:
    assert problems(prose, cell) == []
    only(problems(prose), "stands in the prose and in no output")


@pytest.mark.parametrize(
    ("prose", "cell"),
    [
        ("all 1,234", code("t", stream("1235"))),
        ("all 123", code("t", stream("1234"))),
        ("all 123", code("t", stream("123.4"))),
        ("it is 0.731", code("t", stream("0.7321"))),
        ("it is 0.731", code("t", stream("0.73"))),
        ("it is 40.6", code("t", stream("0.406"))),
        ("all 640", code("t", picture(image_png="640", text_plain="<Figure size 640x480>"))),
        ("all 640", code("t", picture(text_html="<svg width='640'><style>a{b:640}</style></svg>"))),
        ("all 640", code("t", picture(text_html="<script>var x = 640;</script>"))),
        ("all 640", code("x = 640")),
        ("all 640", code("# assert x == 640")),
        ("all 640", code("assert x == 640", tags=["nbval-skip"])),
        ("all 1234", code("check.shows('sum', rows=t)")),
        ("version 1.2.3", code("t", stream("1.2.3"))),
    ],
)
def test_a_number_from_nowhere_is_found(prose: str, cell: Parts) -> None:
    only(problems(prose, cell), "stands in the prose and in no output")


def test_reasons_are_given_and_used() -> None:
    reasons = {"part/01-sums": {"1998": "year of LeNet-5"}}
    assert problems("In 1998.", allowed=reasons) == []
    only(problems("In 98.", allowed=reasons), "the reason for 1998 is not needed")
    only(problems("In 1998.", code("t", stream("1998")), allowed=reasons), "is not needed")
    only(problems("In 1998.", allowed={"part/01-sums": {"1998": ""}}), "1998 has no reason")
    only(problems("", allowed={"part/09": {"1998": "year of LeNet-5"}}), "not there")
    assert problems("In 1998.", allowed={"part/01-sums": {1998: "year of LeNet-5"}}) == []


def test_rounding_is_to_the_decimals_of_the_prose() -> None:
    number = ledger_prose.Stated("0.25", Decimal("0.25"), False)
    assert ledger_prose.is_supported(number, {Decimal("0.2451")})
    assert not ledger_prose.is_supported(number, {Decimal("0.2551")})
