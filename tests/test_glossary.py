"""The glossary: sorted, in English and Chinese, a sentence each and the section that teaches it."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

import api_places

PAGE = Path(__file__).resolve().parents[1] / "book" / "glossary.md"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
TAUGHT = re.compile(r" \{taught\}`([^`]+)`$")
WORDLESS = {
    "no-bigger-kernels", "cnn-architecture", "inception-3a", "cnn-evolution", "cv-vs-nlp",
    "conv-by-hand", "hyperparams-of-conv", "relationships-1-6", "twelve-convolutions",
    "conv2d-call", "function-or-layer", "average-pool", "pool-output-size", "pooling-defaults",
    "pool1d", "conv-vs-pool", "conv-then-activation", "spp-motive", "transposed-ambiguity",
    "keras-output-padding", "full-conv-upsampling", "dense-params", "sigmoid-circuit",
    "he-init", "bn-epsilon", "bn-benefits", "stacked-features", "ladder-1", "ladder-2",
    "ladder-3", "ladder-4", "ladder-5", "ladder-6", "ladder-7", "ladder-8",
}  # fmt: skip
"""Concepts whose sections argue with words that other sections bring in."""
Entry = tuple[list[str], str]


def entries(text: str) -> list[Entry]:
    """Read the words and the meaning of each entry of a MyST glossary."""
    block = text.partition("```{glossary}\n")[2].partition("\n```")[0]
    split = [part.split("\n  ") for part in block.split("\n\n")]
    return [(words.split("\n"), " ".join(meaning)) for words, *meaning in split]


def glossary_problems(found: list[Entry]) -> list[str]:
    """Return what is wrong with a glossary's entries."""
    words = [word.casefold() for names, _ in found for word in names]
    problems = [f"{word}: twice" for word in set(words) if words.count(word) > 1]
    heads = [names[0].casefold() for names, _ in found]
    problems += [f"{b}: stands after {a}" for a, b in pairwise(heads) if b < a]
    for names, meaning in found:
        chinese = [bool(CHINESE.search(name)) for name in names]
        if chinese[0] or not chinese[-1] or chinese != sorted(chinese):
            problems.append(f"{names[0]}: needs English words, then Chinese ones")
        if not TAUGHT.search(meaning):
            problems.append(f"{names[0]}: no section teaches it")
        if not re.fullmatch(r"[A-Z0-9][^.]*\.", TAUGHT.sub("", meaning)):
            problems.append(f"{names[0]}: not one sentence: {meaning}")
    return problems


def test_the_glossary_is_in_order() -> None:
    found = entries(PAGE.read_text("utf-8"))
    assert len(found) >= 240
    assert glossary_problems(found) == []


def test_each_section_that_teaches_a_concept_brings_a_word_or_is_known_to_bring_none(root):
    found = entries(PAGE.read_text("utf-8"))
    targets = {match[1] for _, meaning in found if (match := TAUGHT.search(meaning))}
    taught = {}
    for path in root.glob("chapters/*/*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        taught |= api_places.sections_of(int(path.name[:2]), cells)[2]
    wordless = {name for name, section in taught.items() if section not in targets}
    new = [f"{name} ({{taught}}`{taught[name]}`)" for name in sorted(wordless - WORDLESS)]
    assert not new, f"book/glossary.md has no word of these, WORDLESS does not excuse them: {new}"
    assert wordless == WORDLESS, "these have a word now, or no section"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("b\n乙\n  It is b.\n\na\n甲\n  It is a.", "a: stands after b"),
        ("a\n甲\n  It is a.\n\nb\n甲\n  It is b.", "甲: twice"),
        ("a\n  It is a.", "a: needs English words"),
        ("a\nalpha\n  It is a.", "a: needs English words"),
        ("甲\na\n  It is a.", "甲: needs English words"),
        ("a\n甲\n  It is a. And b.", "a: not one sentence"),
        ("a\n甲\n  It is a", "a: not one sentence"),
        ("a\n甲", "a: not one sentence"),
        ("a\n甲\n  It is a.", "a: no section teaches it"),
        ("a\n甲\n  It is a.\n  {taught}``", "a: no section teaches it"),
    ],
)
def test_a_damaged_entry_is_found(text: str, problem: str) -> None:
    problems = glossary_problems(entries(f"# G\n\n```{{glossary}}\n{text}\n```\n"))
    assert any(p.startswith(problem) for p in problems), problems


def test_entries_in_order_pass() -> None:
    text = "```{glossary}\na\nalpha\n甲\n  It is a.\n  {taught}`01 A`\n\n"
    text += "b\n乙\n  It is\n  b. {taught}`01 A`\n```\n"
    assert entries(text)[0] == (["a", "alpha", "甲"], "It is a. {taught}`01 A`")
    assert glossary_problems(entries(text)) == []
