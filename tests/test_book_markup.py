"""The markup of chapters as plain Markdown, as downloaded notebooks have it."""

import pytest

from book_markup import MARKUP, Plain


def plain(*cells):
    """Write cells with references that name themselves; return texts and faults."""
    writer = Plain(lambda name, text: f"<{name}|{text}>", lambda kind, label: f"{kind[:2]}-{label}")
    return [writer.cell(cell) for cell in cells], writer.faults


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("(a)=\n(b-c)=\n## Title\n\n% a comment\nWords.", "## Title\n\nWords."),
        ("So {term}`a b <c>`, {cite:t}`k` and `{x}` and ``{ref}`y` ``.",
         "So <term|a b <c>>, <cite:t|k> and `{x}` and ``{ref}`y` ``."),
        ("As [Sums `f`](../a/01-sums.ipynb), [`x`](https://a.org/b.ipynb) and `[a](b.ipynb)`.",
         "As <doc|Sums `f` <../a/01-sums>>, [`x`](https://a.org/b.ipynb) and `[a](b.ipynb)`."),
        ("$$\nx = 1 .\n$$ (eq-a)", "$$\nx = 1 .\n\\tag{eq-eq-a}\n$$"),
        ("$$ x $$ (eq-a)\n\nand $$\ny$$", "$$ x\n\\tag{eq-eq-a}\n$$\n\nand $$\ny$$"),
        ("$$\nx\n$$\nWords {eq}`a`.", "$$\nx\n$$\nWords <eq|a>."),
        ("```{math}\n:label: m\nx\n```", "$$\nx\n\\tag{eq-m}\n$$"),
        (":::{admonition} An {term}`o`\n:class: tip\nA\n\nB\n:::",
         "> **An <term|o>**\n>\n> A\n>\n> B"),
        ("```{warning} Hot\n```", "> **Warning**\n>\n> Hot"),
        (":::{margin}\nBeside.\n:::\nOn.", "> Beside.\nOn."),
        ("::::{note}\n:class: dropdown\n:::{tip}\nIn.\n:::\n::::",
         "<details>\n<summary>Note</summary>\n\n> **Tip**\n>\n> In.\n\n</details>"),
        (":::{table} Sizes\n:name: t\n| a |\n|---|\n:::", "**Sizes**\n\n| a |\n|---|"),
        ("```python\n(a)=\n{ref}`b`\n```", "```python\n(a)=\n{ref}`b`\n```"),
        ("```{code-block} python\n{ref}`b`\n```", "```python\n{ref}`b`\n```"),
        ("- a\n  ```{note}\n  In {eq}`e`.\n  ```\n- b",
         "- a\n  > **Note**\n  >\n  > In <eq|e>.\n- b"),
        ("```{exercise} Twice\n:label: ex\nWhy?\n```", "### Exercise ex-ex: Twice\n\nWhy?"),
        ("```{solution} ex\nSo.\n```",
         "<details>\n<summary>Solution to exercise ex-ex</summary>\n\nSo.\n\n</details>"),
        ("| a `x|y` | $p = (q)$ |\n|---|---|", "| a `x|y` | $p = (q)$ |\n|---|---|"),
    ],
)  # fmt: skip
def test_what_markup_becomes(markup, said):
    assert plain(markup) == ([said], [])


def test_a_solution_of_several_cells_folds_in_each_and_ends_where_it_ends():
    start = "```{exercise-start}\n:label: e\n```\nWhy?\n```{exercise-end}\n```\n\n"
    start += "```{solution-start} e\n:class: dropdown\n```\nSo."
    end = "```{solution-end}\n```"
    fold = "<details>\n<summary>Solution to exercise ex-e</summary>\n\n"
    texts, faults = plain(
        start, "More.", end, end.join(("", "\n\n## Next")), f"{start}\n{end}\nOn."
    )
    first = f"### Exercise ex-e\n\nWhy?\n\n{fold}So.\n\n</details>"
    assert texts == [first, f"{fold}More.\n\n</details>", "", "## Next", f"{first}\nOn."]
    assert faults == []


def test_markup_without_a_plain_form_is_told_and_keeps_its_words():
    texts, faults = plain("```{mermaid}\na --> b\n```")
    assert texts == ["a --> b"]
    assert faults == ["the directive {mermaid}"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(label)=\n## A", True),
        ("a {ref}`b`", True),
        ("```{note}\n```", True),
        (":::\n", True),
        ("$$ (eq-a)", True),
        ("% note", True),
        ("[a](../b/12-c.ipynb)", True),
        (
            "### A (b)\n\n```python\nx = {1}\n```\n\n$f(x)=1$, 5 % of it, `{a}`, [b](c)\n\n(so)",
            False,
        ),
    ],
)
def test_leftover_markup_is_seen(text, found):
    assert bool(MARKUP.search(text)) == found
