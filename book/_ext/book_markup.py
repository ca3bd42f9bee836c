r"""MyST Markdown as plain Markdown, for notebooks that readers take elsewhere.

Pure functions on text, without Sphinx: who knows where a reference leads gives two functions,
``role(name, text)`` and ``number(kind, label)``. Labels and comments go, roles become what they
say, admonitions become quotes, exercises headings, solutions ``<details>``, and a numbered equation
keeps its number as a ``\tag``. What is no MyST stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

Role = Callable[[str, str], str]
Number = Callable[[str, str], str]

ADMONITIONS = (
    *("note", "tip", "hint", "important", "warning", "caution", "attention", "danger", "error"),
    *("seealso", "admonition", "margin", "sidebar"),
)
_UNTITLED = ("admonition", "margin", "sidebar")
_FENCE = re.compile(
    r"^(?P<indent> *)(?P<marks>`{3,}|:{3,}|~{3,})\s*"
    r"(?:\{(?P<name>[\w:.+-]+)\}\s*(?P<argument>.*?)|(?P<info>[^`{]*))\s*$"
)
_LABEL = re.compile(r"^\s*\([^()\s]+\)=\s*$")
_OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")
_MATH_END = re.compile(r"\$\$(?:\s*\(([^()\s]+)\))?\s*$")
_SPAN = re.compile(
    r"(?:\{([\w:.+-]+)\})?(?<!`)(`+)(?!`)(.+?)(?<!`)\2(?!`)"
    r"|\[([^][]*)\]\((?!\w+:)([^()\s]+)\.(?:ipynb|md)\)",
    re.S,
)
MARKUP = re.compile(
    r"^\s*\([^()\s]+\)=\s*$|^\s*(?:`{3,}|:{3,}|~{3,})\s*\{|^\s*:{3,}|\{[\w:.+-]+\}`[^`\s,.;:)]|^%\s"
    r"|\$\$\s*\([^()\s]+\)\s*$|\]\((?!\w+:)[^()\s]+\.(?:ipynb|md)\)",
    re.M,
)
"""What a text that is plain Markdown does not contain."""


class Plain:
    r"""Writes the Markdown cells of one page, in their order, as plain Markdown.

    Parameters
    ----------
    role : callable
        Gets a role's name and text and returns what stands in its place.
    number : callable
        Gets ``"equation"`` or ``"exercise"`` and a label and returns the number.

    Attributes
    ----------
    faults : list of str
        Markup that has no plain form here; its words are kept.

    Examples
    --------
    >>> plain = Plain(lambda name, text: text.upper(), lambda kind, label: "12.1")
    >>> print(plain.cell("(here)=\n## Slide\n\nA {term}`kernel`.\n\n:::{note}\nSo.\n:::"))
    ## Slide
    <BLANKLINE>
    A KERNEL.
    <BLANKLINE>
    > **Note**
    >
    > So.
    """

    def __init__(self, role: Role, number: Number) -> None:
        self.role, self.number = role, number
        self.faults: list[str] = []
        self._solution, self._open = "", False
        # the title of a solution that goes on in later cells; whether it is open in this one

    def cell(self, text: str) -> str:
        """Return the plain form of the next cell; empty if nothing is left of it.

        A solution of several cells is folded in each of them.
        """
        goes_on = self._solution and "{solution-end}" not in text.lstrip().partition("\n")[0]
        self._open = bool(goes_on)
        lines = [*(details(self._solution) if goes_on else []), *self._blocks(text.splitlines())]
        lines += ["", "</details>"] if self._open else []
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()

    def inline(self, text: str) -> str:
        """Return running text with roles and links to pages resolved; code stays as it is.

        A link to a page is given to `role` as ``doc``, as if it were written so.
        """

        def resolved(match: re.Match[str]) -> str:
            if match[5]:
                return self.role("doc", f"{match[4]} <{match[5]}>")
            return self.role(match[1], match[3].strip()) if match[1] else match[0]

        return _SPAN.sub(resolved, text)

    def _blocks(self, lines: Sequence[str]) -> list[str]:
        """Return lines with their blocks resolved."""
        done: list[str] = []
        words: list[str] = []
        at = 0

        def flush() -> None:
            done.extend(self.inline("\n".join(words)).split("\n") if words else [])
            words.clear()

        while at < len(lines):
            line, fence = lines[at], _FENCE.match(lines[at])
            end = at + 1
            if fence:
                flush()
                end = closing(lines, at, fence)
                done += self._fenced(fence, lines[at:end])
            elif line.lstrip().startswith("$$"):
                flush()
                end = math_end(lines, at)
                done += self._equation(lines[at:end])
            elif not _LABEL.match(line) and not line.startswith("% "):
                words.append(line)
            at = end
        flush()
        return done

    def _equation(self, lines: Sequence[str]) -> list[str]:
        """Return a displayed formula with its number inside."""
        text = "\n".join(lines)
        found = _MATH_END.search(text)
        if not found or not found[1]:
            return list(lines)
        tag = rf"\tag{{{self.number('equation', found[1])}}}"
        return [*text[: found.start()].rstrip().split("\n"), tag, "$$"]

    def _fenced(self, fence: re.Match[str], lines: Sequence[str]) -> list[str]:
        """Return a fenced block: code as it is, a directive in its plain form."""
        if not fence["name"]:
            return list(lines)
        closed = len(lines) > 1 and lines[-1].strip().startswith(fence["marks"])
        indent = len(fence["indent"])
        body = [line[indent:] for line in lines[1 : -1 if closed else None]]
        options: dict[str, str] = {}
        while body and (option := _OPTION.match(body[0])):
            options[option[1]] = option[2].strip()
            body.pop(0)
        plain = self._directive(fence["name"], fence["argument"], options, body)
        return [fence["indent"] + line if line else line for line in plain]

    def _directive(
        self, name: str, argument: str, options: dict[str, str], body: Sequence[str]
    ) -> list[str]:
        """Return what a directive says."""
        if name in ("exercise", "exercise-start"):
            heading = f"### Exercise {self.number('exercise', options.get('label', ''))}"
            return [heading + (f": {argument}" if argument else ""), "", *self._blocks(body)]
        if name in ("solution", "solution-start"):
            title = f"Solution to exercise {self.number('exercise', argument)}"
            if name == "solution":
                return [*details(title), *self._blocks(body), "", "</details>"]
            self._solution, self._open = title, True
            return [*details(title), *self._blocks(body)]
        if name == "solution-end":
            end = ["", "</details>"] if self._open else []
            self._solution, self._open = "", False
            return end
        if name == "exercise-end":
            return []
        return self._quoted(name, argument, options, body)

    def _quoted(
        self, name: str, argument: str, options: dict[str, str], body: Sequence[str]
    ) -> list[str]:
        """Return an admonition, a table or a formula."""
        if name == "math":
            label = options.get("label", "")
            return self._equation(["$$", *body, f"$$ ({label})" if label else "$$"])
        if name in ("code", "code-block"):
            return [f"```{argument}", *body, "```"]
        if name == "table":
            return [f"**{self.inline(argument)}**", "", *self._blocks(body)]
        if name not in ADMONITIONS:
            self.faults.append(f"the directive {{{name}}}")
            return self._blocks(body)
        title = "" if name in _UNTITLED else {"seealso": "See also"}.get(name, name.capitalize())
        if argument and not title:
            title, argument = self.inline(argument), ""
        words = self._blocks([argument, *body] if argument else body)
        if "dropdown" in options.get("class", ""):
            return [*details(title or "More"), *words, "", "</details>"]
        quoted = [*([f"**{title}**", ""] if title else []), *words]
        return [f"> {line}".rstrip() for line in quoted]


def details(title: str) -> list[str]:
    """Return the lines that open a block which the reader unfolds."""
    return ["<details>", f"<summary>{title}</summary>", ""]


def closing(lines: Sequence[str], start: int, fence: re.Match[str]) -> int:
    """Return the number of the line after a fenced block."""
    marks = fence["marks"]
    end = re.compile(rf"^ *{re.escape(marks[0])}{{{len(marks)},}}\s*$")
    return next((at + 1 for at in range(start + 1, len(lines)) if end.match(lines[at])), len(lines))


def math_end(lines: Sequence[str], start: int) -> int:
    """Return the number of the line after a displayed formula."""
    first = lines[start].lstrip()
    if len(first) > 2 and _MATH_END.search(first[2:]):
        return start + 1
    found = (at + 1 for at in range(start + 1, len(lines)) if _MATH_END.search(lines[at]))
    return next(found, len(lines))
