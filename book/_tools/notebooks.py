"""Notebooks as the book stores them: the same content is always the same bytes."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4.rwbase import rejoin_lines

from shell import ROOT, Stop

CELL_METADATA = ("mystnb", "tags")
FOLDED = {"hide-input", "proof", "setup"}
"""Tags of the cells whose code the page folds, and JupyterLab, too."""
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
STEADY = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
"""What could change an output from one run to the next, held still in the kernel."""
TIMEOUT = 120
_ID = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown(path: Path) -> str:
    """Return ``path`` as a person would type it in the project's folder."""
    return os.path.relpath(path, ROOT) if path.is_relative_to(ROOT) else str(path)


def damaged(path: Path, reason: str) -> Stop:
    """Return the error for a notebook that is none."""
    back = f"'git checkout -- \"{shown(path)}\"' brings back the committed one"
    return Stop(f"{shown(path)} is damaged ({reason}); {back}")


def read(path: Path) -> NotebookNode:
    """Read a notebook.

    Raises
    ------
    Stop
        If there is none, or if it is damaged; the text names the file and the place.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or content.get("nbformat") != 4:
            raise Stop(f"{shown(path)} is not a notebook of format 4; save it in JupyterLab")
        notebook = nbformat.from_dict(content)
        give_ids(notebook)  # before nbformat would draw lots for them
        nbformat.validate(notebook)
    except FileNotFoundError:
        raise Stop(f"there is no notebook {shown(path)}") from None
    except KeyError as error:
        raise damaged(path, f"it has no {error}") from None
    except (ValueError, AttributeError, TypeError, nbformat.ValidationError) as error:
        raise damaged(path, (str(error).splitlines() or [type(error).__name__])[0]) from None
    notebook = rejoin_lines(notebook)
    tidy(notebook)
    return notebook


def tidy(notebook: NotebookNode) -> None:
    """Leave in a notebook, in place, only what a reader or a tool of the book uses."""
    notebook.metadata = nbformat.from_dict(METADATA)
    give_ids(notebook)
    solved = False
    for cell in notebook.cells:
        cell.metadata = NotebookNode(
            {key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)}
        )
        if cell.cell_type == "markdown":
            solved = in_solution(cell.source, solved)
        elif hidden := folding(cell.metadata.get("tags", ()), solved):
            cell.metadata.jupyter = NotebookNode(hidden)
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = NotebookNode()


def in_solution(text: str, before: bool) -> bool:
    r"""Say whether the cells after a cell of Markdown belong to an exercise's solution.

    Examples
    --------
    >>> in_solution("```{solution-end}\n```\n\n```{solution-start} ex-2\n```", True)
    True
    """
    marks = re.findall(r"\{solution-(start|end)\}", text)
    return marks[-1] == "start" if marks else before


def folding(tags: Iterable[str], solved: bool) -> dict[str, bool]:
    """Return JupyterLab's own metadata of a cell of code that it shows folded; empty if open."""
    if solved:
        return {"source_hidden": True, "outputs_hidden": True}
    return {"source_hidden": True} if FOLDED.intersection(tags) else {}


def give_ids(notebook: NotebookNode) -> None:
    """Give an id to each cell that has none, or one that is not valid or not its own."""
    notebook.nbformat_minor = 5
    used: set[str] = set()
    for cell in notebook.get("cells", []):
        if not _ID.match(cell.get("id", "")) or cell.id in used:
            cell.id = made_id(cell, used)
        used.add(cell.id)


def made_id(cell: NotebookNode, used: set[str]) -> str:
    """Return an id made from a cell's text, the same on every machine."""
    for count in itertools.count():
        text = f"{cell.get('cell_type')}\0{''.join(cell.get('source', ''))}\0{count}"
        made = hashlib.sha256(text.encode()).hexdigest()[:8]
        if made not in used:
            break
    return made


def text_of(notebook: NotebookNode) -> str:
    """Return the text of the file that stores a notebook."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def write(path: Path, notebook: NotebookNode) -> bool:
    """Store a notebook, if that changes the file; say whether it did."""
    new = text_of(notebook).encode("utf-8")
    if path.exists() and path.read_bytes() == new:
        return False
    path.write_bytes(new)
    return True


def execute(path: Path, env: Mapping[str, str] = STEADY) -> NotebookNode:
    """Run a notebook from its first cell to its last and return it with its outputs.

    Parameters
    ----------
    path : Path
        The notebook; the file is not changed.
    env : mapping
        Environment variables of the kernel, besides those of this process.

    Raises
    ------
    Stop
        If the notebook is damaged, if a cell fails or takes longer than `TIMEOUT` seconds, or if
        a cell writes to stderr (warnings carry paths of the machine, so the book stores none).
    """
    notebook = read(path)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # it would warn of its own connection, each time
        resources={"metadata": {"path": str(path.parent)}},
    )
    with tempfile.TemporaryDirectory() as profile:
        run_client(client, path, {**os.environ, "IPYTHONDIR": profile, **env})
    tidy(notebook)
    complain(notebook, path)
    return notebook


def run_client(client: NotebookClient, path: Path, env: Mapping[str, str]) -> None:
    """Run the cells in a kernel of their own; a failure names the notebook and the cell."""
    try:
        client.execute(env=dict(env))
    except CellTimeoutError:
        raise Stop(f"{shown(path)}: a cell takes longer than {TIMEOUT} s") from None
    except DeadKernelError:
        raise Stop(
            f"{shown(path)}: the kernel died; too little memory is the usual reason"
        ) from None
    except CellExecutionError as error:
        trace = _COLOUR.sub("", str(error)).strip()
        raise Stop(f"{shown(path)}: {error.ename}: {error.evalue}\n{trace}") from None


def complain(notebook: NotebookNode, path: Path) -> None:
    """Stop if an output is one that the book does not store."""
    for number, cell in enumerate(notebook.cells, 1):
        for output in cell.get("outputs", []):
            if forbidden := unwanted(output):
                raise Stop(f"{shown(path)}: cell {number} {forbidden}")


def unwanted(output: Mapping[str, Any]) -> str | None:
    """Say what is wrong with an output, if anything."""
    if output["output_type"] == "error":
        return f"stores the error {output['ename']}; catch it and print its text"
    if output.get("name") == "stderr":
        first = "".join(output["text"]).strip().partition("\n")[0]
        return f"writes to stderr: {first}"
    return None
