"""How much of each chapter's page is code and output: ``share.py [NOTEBOOK ...]``.

The height is estimated from the lines, for a page at its full width; a browser gives the same
share within a few hundredths. What is folded on the page (proofs, the set-up, plotting code,
solutions) does not count. About a third is a good measure. Words are those of the Markdown, of
which a chapter has at most 3,000; the name of a linked chapter or work is one.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

import notebooks
from shell import pages

MAX_WORDS = 3000
FOLDED = {"proof", "setup", "hide-input", "hide-cell"}
ACROSS = 78  # characters
TEXT_LINE, CODE_LINE, GAP, HEADING, FIGURE = 29, 21, 28, 70, 380  # pixels
_PAGE = re.compile(r"\[[^][]*\]\((?:\S+\.ipynb|cite:[\w-]+)\)")
_FRAME = re.compile(r"^(?:```.*|:::+.*|:[\w-]+:.*|\([^)\s]+\)=\s*|\|[-| :]+\|)$", re.MULTILINE)


@dataclass
class Share:
    """Words of a chapter, and estimated heights in pixels: of code and output, of the page."""

    words: int = 0
    shown: int = 0
    page: int = 0

    @property
    def part(self) -> float:
        """Code and output as a share of the page's height."""
        return self.shown / self.page if self.page else 0.0


def measure(notebook: NotebookNode) -> Share:
    """Count the words of a notebook and estimate the heights of its page."""
    share, folded = Share(), False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            text = _PAGE.sub("chapter", _FRAME.sub("", cell.source))
            share.words += len(text.split())
            folded = "{solution-start}" in cell.source or folded
            folded &= "{solution-end}" not in cell.source
            share.page += 0 if folded else text_height(text)
        elif cell.cell_type == "code" and not folded:
            code, output, figure = cell_heights(cell)
            share.shown += code + output
            share.page += code + output + figure
    return share


def text_height(text: str) -> int:
    """Estimate the height of Markdown: lines of its paragraphs, and the gaps between them."""
    height = 0
    for block in filter(None, re.split(r"\n\s*\n", text.strip())):
        rows = sum(math.ceil(len(line) / ACROSS) for line in block.splitlines())
        height += HEADING * block.startswith("#") + TEXT_LINE * rows + GAP
    return height


def cell_heights(cell: NotebookNode) -> tuple[int, int, int]:
    """Estimate what a cell takes on the page: code, printed output, figures."""
    tags = set(cell.metadata.get("tags", ()))
    code = 0 if tags & FOLDED else CODE_LINE * len(cell.source.splitlines()) + 2 * GAP
    figure, printed = 0, 0
    for output in cell.outputs:
        kinds = set(output.get("data", {}))
        if kinds & {"text/html", "image/svg+xml", "image/png"}:
            figure = FIGURE
        else:
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            printed += CODE_LINE * len(text.splitlines())
    return code, 0 if tags & (FOLDED - {"hide-input"}) else printed, figure


def main(words: Sequence[str]) -> int:
    """Print a line for each chapter."""
    parser = argparse.ArgumentParser(prog="share.py", description=__doc__)
    parser.add_argument("notebook", nargs="*", type=Path)
    paths = [path.resolve() for path in parser.parse_args(words).notebook] or pages()
    print("words  code and output")
    for path in paths:
        share = measure(notebooks.read(path))
        print(f"{share.words:5,}{share.part:17.0%}  {notebooks.shown(path)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
