"""Edit a notebook as text, and bring it back with the outputs of the cells that stayed.

::

    python book/_tools/text.py to-text chapters/…/12-convolution-by-hand.ipynb draft.md
    python book/_tools/text.py to-notebook draft.md chapters/…/12-convolution-by-hand.ipynb

The text is MyST Markdown (``.md``) or Python with ``# %%`` marks (``.py``). Keep it outside the
project: the notebook is the only source. ``make execute`` then fills the outputs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

import jupytext
from nbformat import NotebookNode, ValidationError

import notebooks
from shell import ROOT, Stop

FORMATS = {".md": "md:myst", ".py": "py:percent"}


def text_format(path: Path) -> str:
    """Return jupytext's name of the format that a file's ending asks for."""
    if path.suffix not in FORMATS:
        raise Stop(f"{path.name}: the text's name ends in .md (MyST) or .py (percent marks)")
    return FORMATS[path.suffix]


def to_text(notebook: Path, text: Path) -> None:
    """Write a notebook's cells, without outputs, as text outside the project."""
    kind = text_format(text)
    if text.resolve().is_relative_to(ROOT):
        raise Stop(f"{text}: keep the text outside the project, which stores no second copy")
    content = notebooks.read(notebook)
    for cell in content.cells:
        cell.metadata.pop("jupyter", None)  # it follows from tags and solutions
    text.write_text(jupytext.writes(content, fmt=kind), encoding="utf-8")


def to_notebook(text: Path, notebook: Path) -> None:
    """Bring a text back: cells that are as before keep their outputs and ids."""
    try:
        fresh = jupytext.reads(text.read_text(encoding="utf-8"), fmt=text_format(text))
    except FileNotFoundError:
        raise Stop(f"there is no text {text}") from None
    except ValidationError as error:
        raise Stop(f"{text} does not make a notebook: {str(error).splitlines()[0]}") from None
    for cell in fresh.cells:
        cell.id = ""
    if notebook.exists():
        carry_over(fresh, notebooks.read(notebook))
    notebooks.tidy(fresh)
    notebooks.write(notebook, fresh)


def carry_over(fresh: NotebookNode, stored: NotebookNode) -> None:
    """Give cells that are as before their outputs, and those that were edited their ids."""
    before, after = (
        [(cell.cell_type, cell.source) for cell in notebook.cells] for notebook in (stored, fresh)
    )
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for verb, i, i_end, j, j_end in matcher.get_opcodes():
        for old, new in zip(stored.cells[i:i_end], fresh.cells[j:j_end], strict=False):
            if old.cell_type == new.cell_type:
                new.id = old.id
            if verb == "equal" and new.cell_type == "code":
                new.outputs, new.execution_count = old.outputs, old.execution_count


def main(words: Sequence[str]) -> int:
    """Convert in the direction that ``words`` name."""
    parser = argparse.ArgumentParser(
        prog="text.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("direction", choices=["to-text", "to-notebook"])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    given = parser.parse_args(words)
    try:
        (to_text if given.direction == "to-text" else to_notebook)(given.source, given.target)
    except Stop as stop:
        print(f"text.py: {stop}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
