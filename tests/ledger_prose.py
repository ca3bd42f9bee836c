"""The ledger's rule for prose: a number that a chapter states must come out of its cells.

Numbers of three or more digits are looked up among the chapter's stored outputs and the numbers
that its code asserts. What can come from neither, such as a year, stands in a list with a reason.
"""

import ast
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from ledger_cells import calls, shown, syntax_trees
from ledger_checks import Cell, Chapter, Entry

SPACE = "\u00a0\u2009\u202f"  # no-break and thin spaces, as thousands separators
TOKEN = re.compile(
    rf"(?<![^\W_])(?<!\.)(?:\d{{1,3}}(?:[,{SPACE}]\d{{3}})+(?!\d)|\d+|(?=\.\d))(?:\.\d+)*(?:[eE][+-]?\d+)?"
)
PERCENT = re.compile(r"\s*(?:%|\\%|percent\b|per cent\b)")

FENCE = re.compile(r"^( *)(`{3,}|:{3,})([^\n]*)\n(.*?)^\1\2[ \t]*$", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
ROLE = re.compile(r"\{([\w:.+-]+)\}(`+)(.+?)\2", re.DOTALL)
STILL = re.compile(r'<script type="text/html">(.*?)</script>', re.S)
"""What a figure shows at first; a notebook keeps it so until it is trusted."""
MATH = re.compile(
    r"\$\$(.+?)\$\$(?:[ \t]*\([^)\n]+\))?"  # a formula and its label
    r"|(?<!\\)\$(?!\s)([^$]+?)(?<!\\)\$"
    r"|\\begin\{(\w+\*?)\}(.+?)\\end\{\3\}",
    re.DOTALL,
)
DROPPED = [
    re.compile(pattern, re.MULTILINE | re.DOTALL)
    for pattern in (
        r"<!--.*?-->",
        r"^%.*?$",  # a comment of MyST
        r"^\([^)\n]+\)=[ \t]*$",  # a label
        r"^:[\w-]+:.*?$",  # an option of a directive
        r"\[[^\]\n]+\]\(cite:[\w-]+\)",  # a citation
        r"\]\([^)\n]*\)",  # the target of a link
        r"^\[[^\]\n]+\]:.*?$",  # a link's definition
        r"\[\^[^\]\n]+\]",  # a footnote
        r"</?[A-Za-z!][^>\n]*>",  # a tag or an address
        r"https?://\S+",
        r"(?:§§?|\b[Ss]ections?)\s?\d+(?:\.\d+)*"  # a section of a source note
        r"(?:(?:,|–|,?\s(?:to|and))\s?§?\d+(?:\.\d+)+)*",
        r"(?<!\w)00[0-4](?!\w)",  # a source note
        r"(?<=[A-Za-z])-\d+\b",  # a name with a number: CIFAR-10
    )
]


class Stated(NamedTuple):
    """A number in prose as written, its value, and whether it counts hundredths."""

    text: str
    value: Decimal | None  # None for what is no plain number, such as 1.2.3
    percent: bool


def plain_math(text: str) -> str:
    """Return mathematics as text in which commas separate and commands are gone."""
    text = re.sub(rf"(?<=\d)(?:\{{,\}}|\\,|\\ |\\;|~|[{SPACE}])(?=\d{{3}})", "", text)
    text = re.sub(r"\\(?:label|tag|ref|eqref)\{[^}]*\}", " ", text)
    text = re.sub(r"\\[,;:! ]", " ", text.replace(r"\%", " percent "))
    return re.sub(r"\\[A-Za-z]+|[,_^{}&]", " ", text)


def _role(match: re.Match[str]) -> str:
    """Return the visible text of a role."""
    name, content = match[1], match[3]
    if name == "math":
        return f" {plain_math(content)} "
    if name.startswith("cite") or name in {"eq", "label"}:
        return " "
    titled = re.fullmatch(r"(.*?)\s*<[^<>]*>", content, re.DOTALL)
    if titled:
        return titled[1]
    is_target = name in {"ref", "numref", "doc", "download", "prf:ref", "index"} or ":" in name
    return " " if is_target else content


def _fence(match: re.Match[str]) -> str:
    """Return what a fenced block says: nothing for code, its text for a directive."""
    info, body = match[3].strip(), match[4]
    if not info.startswith("{"):
        return " "
    name, _, argument = info[1:].partition("}")
    if name == "math":
        return f"\n$$\n{body}\n$$\n"
    if name in {"code", "code-block", "code-cell", "eval-rst", "bibliography", "raw"}:
        return " "
    if name in {"figure", "image", "embed", "glue", "glue:figure", "include", "literalinclude"}:
        argument = ""
    return f"\n{argument}\n\n{FENCE.sub(_fence, body)}\n"


def plain_text(markdown: str) -> str:
    """Return what a reader reads: Markdown without code, targets, labels and citation keys."""
    text = FENCE.sub(_fence, markdown + "\n")
    text = CODE_SPAN.sub(" ", ROLE.sub(_role, text))
    text = MATH.sub(lambda m: f" {plain_math(m[1] or m[2] or m[4])} ", text)
    for pattern in DROPPED:
        text = pattern.sub(" ", text)
    return html.unescape(text)


def read_numbers(text: str) -> Iterator[Stated]:
    """Yield every number of a plain text."""
    for match in TOKEN.finditer(text):
        digits = re.sub(rf"[,{SPACE}]", "", match[0])
        value = Decimal(digits) if digits.count(".") <= 1 and digits else None
        yield Stated(match[0], value, bool(PERCENT.match(text, match.end())))


def stated(chapter: Chapter) -> list[Stated]:
    """Return the numbers of three or more digits in a chapter's Markdown and captions."""
    texts = list(chapter.sources("markdown"))
    for cell in chapter.cells:
        mystnb: Mapping[str, Any] = cell["metadata"].get("mystnb", {})
        texts.append(str(mystnb.get("figure", {}).get("caption", "")))
        texts.append(str(mystnb.get("image", {}).get("alt", "")))
    found = [number for text in texts for number in read_numbers(plain_text(text))]
    return [number for number in found if sum(ch.isdigit() for ch in number.text) >= 3]


def output_texts(cell: Cell) -> Iterator[str]:
    """Yield the words of a cell's stored outputs; of HTML and SVG only the text in them."""
    for out in cell.get("outputs", ()):
        yield "".join(out.get("text", ()))
        for kind, data in out.get("data", {}).items():
            text = "".join(data) if isinstance(data, str | list) else ""
            if kind in {"text/html", "image/svg+xml"}:
                text = STILL.sub(r"\1", text)
                text = re.sub(r"<(script|style|metadata)\b.*?</\1>", " ", text, flags=re.DOTALL)
                yield html.unescape(re.sub(r"<[^>]*>", " ", text))
            elif kind == "text/latex":
                yield plain_math(text)
            elif kind == "text/plain" and len(out["data"]) == 1:
                yield text


def computed(chapter: Chapter, concepts: Sequence[Entry]) -> set[Decimal]:
    """Return the numbers of a chapter's outputs and of its assertions."""
    numbers: set[Decimal] = set()
    for cell in chapter.cells:
        for text in output_texts(cell):
            # a comma may separate thousands or items, an underscore or letter may touch a number
            loose = re.sub(r"[A-Za-z_=×]", " ", re.sub(r"(\d)[eE]([+-]?\d)", r"\1 \2", text))
            for form in (text, loose, loose.replace(",", " ")):
                numbers.update(n.value for n in read_numbers(form) if n.value is not None)
    show = {c["id"]: c["show"] for c in concepts}
    for name, key, _ in shown(chapter):
        numbers.update(_leaves(show.get(name or "", {}).get(key)))
    asserted = [n for t in syntax_trees(chapter) for n in ast.walk(t) if isinstance(n, ast.Assert)]
    for node in [*asserted, *calls(chapter, "close")]:
        values = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
        numbers.update(_leaves(values))
    return numbers


def _leaves(value: Any) -> Iterator[Decimal]:
    """Yield the numbers of a nested list, without their signs."""
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield abs(Decimal(str(value)))


def is_supported(number: Stated, sources: set[Decimal]) -> bool:
    """Return whether a number is among the sources, or one of them rounded to its decimals."""
    if number.value is None:
        return False
    values = [number.value, number.value.scaleb(-2)] if number.percent else [number.value]
    for value in values:
        exponent = value.as_tuple().exponent
        if value in sources:
            return True
        if isinstance(exponent, int) and exponent < 0:
            half = Decimal(5).scaleb(exponent - 1)
            if any(abs(value - s) <= half for s in sources):
                return True
    return False


def prose_problems(
    chapters: Sequence[Chapter],
    concepts: Sequence[Entry],
    allowed: Mapping[str, Mapping[str, str]],
) -> list[str]:
    """Hold every number in prose to a cell or to a reason; no reason may be left over."""
    names = {chapter.name for chapter in chapters}
    problems = [
        f"{name}: reasons for a notebook that is not there" for name in set(allowed) - names
    ]
    for chapter in chapters:
        sources = computed(chapter, concepts)
        reasons = {str(key): reason for key, reason in allowed.get(chapter.name, {}).items()}
        open_numbers = {n.text for n in stated(chapter) if not is_supported(n, sources)}
        for text in sorted(open_numbers - set(reasons)):
            problems.append(
                f"{chapter.name}: {text} stands in the prose and in no output: print or check it "
                "there, or give a reason in tests/ledger/prose_numbers.yml"
            )
        for text in sorted(set(reasons) - open_numbers):
            problems.append(f"{chapter.name}: the reason for {text} is not needed")
        short = [text for text, reason in reasons.items() if len(reason or "") < 8]
        problems += [f"{chapter.name}: {text} has no reason" for text in short]
    return problems
