"""The ledger's rule for letters: one meaning a letter, that of book/notation.md or a declared one.

What a chapter uses otherwise, or besides, stands in tests/ledger/letters.yml with the words that
declare it; they have to stand in the chapter, before the letter does.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from ledger_cells import syntax_trees
from ledger_checks import Chapter
from ledger_prose import MATH

_WORDS = re.compile(
    r"\\(?:text|mathrm|operatorname|label|tag|begin|end|boldsymbol)\*?\{[^{}]*\}|\\[A-Za-z]+"
)
_SUBSCRIPT = re.compile(r"_(?:\{[^{}]*\}|.)")
_SLANTED_D = re.compile(r"(?<![A-Za-z])d\s*[A-Zbwxyz]")
_AXIS = re.compile(r"^\| ([$A-Z, ]+?)\$? *\|", re.MULTILINE)


def formulas(markdown: str) -> Iterator[tuple[int, str]]:
    """Yield place and text of each formula, without commands and words."""
    for match in MATH.finditer(markdown):
        yield match.start(), _WORDS.sub(" ", match[1] or match[2] or match[4])


def letters(markdown: str) -> dict[str, int]:
    """Return the letters of a text's formulas, each with the place of its first use."""
    first: dict[str, int] = {}
    for place, formula in formulas(markdown):
        for letter in re.findall(r"[A-Za-z]", formula):
            first.setdefault(letter, place)
    return first


def sizes(notation: str) -> set[str]:
    """Return the capitals of the notation page's table of axes."""
    return {letter for row in _AXIS.findall(notation) for letter in re.findall("[A-Z]", row)}


def is_size(value: ast.expr) -> bool:
    """Return whether an expression may be a size: a number, a shape, or arithmetic with them."""
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int)
    if isinstance(value, ast.BinOp):
        return is_size(value.left) and is_size(value.right)
    if isinstance(value, ast.GeneratorExp):
        return is_size(value.elt)
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).startswith(("len", "int", "max", "min", "shapes."))
    return isinstance(value, ast.Name | ast.Attribute | ast.Subscript)


def other_values(tree: ast.Module) -> Iterator[str]:
    """Yield the names to which a cell gives something that is no size."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple):
                values = node.value.elts if isinstance(node.value, ast.Tuple) else None
                pairs = list(
                    zip(target.elts, values or [node.value] * len(target.elts), strict=False)
                )
            for name, value in pairs:
                if isinstance(name, ast.Name) and not is_size(value):
                    yield name.id


def letter_problems(
    chapters: Sequence[Chapter], notation: str, declared: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """Hold the letters of each chapter to the notation page and to what it declares."""
    known, axes = set(letters(notation)), sizes(notation)
    names = {chapter.name for chapter in chapters}
    problems = [f"{name}: letters of a notebook that is not there" for name in {*declared} - names]
    for chapter in chapters:
        text = "\n\n".join(chapter.sources("markdown"))
        own, used = declared.get(chapter.name, {}), letters(text)
        given = {name for tree in syntax_trees(chapter) for name in other_values(tree)}
        for letter in sorted({*used} - known - {*own}):
            problems.append(
                f"{chapter.name}: {letter} is neither in book/notation.md nor declared: say in the "
                "chapter what it is, and put these words into tests/ledger/letters.yml"
            )
        for letter in sorted(given & axes - {*own}):
            problems.append(f"{chapter.name}: {letter} is a size, and code gives it another value")
        for letter, words in own.items():
            place = text.find(words)
            if place < 0:
                problems.append(f"{chapter.name}: {letter} is declared by no {words!r}")
            elif used.get(letter, len(text)) < place:
                problems.append(f"{chapter.name}: {letter} is used before {words!r}")
            elif letter not in {*used, *given}:
                problems.append(f"{chapter.name}: {letter} is declared and never used")
        for _, formula in formulas(text):
            if slanted := _SLANTED_D.search(_SUBSCRIPT.sub(" ", formula)):
                problems.append(f"{chapter.name}: {slanted[0]}: write \\mathrm{{d}}")
    return problems
