"""Running, storing and editing notebooks, on small ones made here."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import execute
import notebooks
import text
from shell import Stop


def store(path, *cells, metadata=None):
    """Write a notebook; a string is a code cell, a cell is itself."""
    made = [new_code_cell(cell) if isinstance(cell, str) else cell for cell in cells]
    nbformat.write(new_notebook(cells=made, metadata=metadata or {}), path)
    return path


def damaged(content):
    return json.dumps(content) if isinstance(content, dict | list) else content


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"cells": [', "Expecting value: line 1 column 12"),
        ({"nbformat": 4, "cells": 3}, "'int' object is not iterable"),
        ({"nbformat": 4, "metadata": {}}, "it has no 'cells'"),
        ({"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "code"}]}, "'"),
        ({"nbformat": 4, "metadata": {}, "cells": [7]}, "'int' object has no attribute 'get'"),
    ],
)
def test_a_damaged_notebook_is_said_in_one_line(tmp_path, content, reason):
    page = tmp_path / "torn.ipynb"
    page.write_text(damaged(content))
    with pytest.raises(Stop) as caught:
        notebooks.read(page)
    said = str(caught.value)
    assert said.startswith(f"{page} is damaged ({reason}")
    assert said.endswith(f"'git checkout -- \"{page}\"' brings back the committed one")
    assert "\n" not in said


def test_the_command_says_it_in_one_line_too(tmp_path, root):
    page = tmp_path / "torn.ipynb"
    page.write_text("{")
    command = [sys.executable, "book/_tools/execute.py", str(page), str(tmp_path / "none.ipynb")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    first, second = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert first.startswith(f"{page} is damaged (Expecting property name")
    assert second == f"there is no notebook {tmp_path / 'none.ipynb'}"
    assert page.read_text() == "{"


@pytest.mark.parametrize("content", ['{"nbformat": 3, "worksheets": []}', "[]", '{"a": 1}'])
def test_another_format_is_named(tmp_path, content):
    page = tmp_path / "old.ipynb"
    page.write_text(content)
    with pytest.raises(Stop, match="is not a notebook of format 4; save it in JupyterLab"):
        notebooks.read(page)


def test_storing_leaves_only_what_the_book_uses(tmp_path):
    cell = new_code_cell("1", metadata={"tags": ["hide-input"], "execution": {"a": "1"}, "jp": 2})
    cell.outputs = [new_output("execute_result", {"text/plain": "1"}, metadata={"x": 1})]
    plain = new_markdown_cell("text", metadata={"tags": []})
    page = store(tmp_path / "page.ipynb", cell, plain, metadata={"widgets": {}, "authors": []})
    tidied = notebooks.read(page)
    assert tidied.metadata == notebooks.METADATA
    drawn = {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    assert [dict(cell.metadata) for cell in tidied.cells] == [drawn, {}]
    assert tidied.cells[0].outputs[0].metadata == {}
    assert notebooks.write(page, tidied)
    assert not notebooks.write(page, notebooks.read(page))


def test_jupyterlab_folds_what_the_page_folds(tmp_path):
    def marked(*ends):
        return new_markdown_cell("\n".join(f"```{{solution-{end}}}\n```" for end in ends))

    tagged = [new_code_cell("1", metadata={"tags": [tag]}) for tag in ("setup", "proof", "mine")]
    stale = new_code_cell("1", metadata={"jupyter": {"source_hidden": True}})
    page = store(
        tmp_path / "page.ipynb",
        *tagged, stale, marked("start"), "1", new_markdown_cell("words"), "1",
        marked("end", "start"), "1", marked("end"), "1",
    )  # fmt: skip
    cells = [cell for cell in notebooks.read(page).cells if cell.cell_type == "code"]
    code, whole = {"source_hidden": True}, {"source_hidden": True, "outputs_hidden": True}
    folded = [cell.metadata.get("jupyter") for cell in cells]
    assert folded == [code, code, None, None, whole, whole, whole, None]


def test_ids_stay_and_missing_ones_come_from_the_text(tmp_path):
    page = store(tmp_path / "page.ipynb", "a = 1", "a = 1", "b = 2")
    content = json.loads(page.read_text())
    for cell, known in zip(content["cells"], (None, None, "mine"), strict=True):
        cell.pop("id")
        if known:
            cell["id"] = known
    page.write_text(json.dumps(content))
    first, second, third = (cell.id for cell in notebooks.read(page).cells)
    assert third == "mine"
    assert first != second
    assert [first, second, third] == [cell.id for cell in notebooks.read(page).cells]


def test_a_copied_cell_gets_an_id_of_its_own(tmp_path):
    page = store(tmp_path / "page.ipynb", "a = 1")
    content = json.loads(page.read_text())
    content["cells"] *= 2
    page.write_text(json.dumps(content))
    one, other = (cell.id for cell in notebooks.read(page).cells)
    assert one == content["cells"][0]["id"]
    assert other != one


def test_a_run_numbers_the_cells_and_stores_no_times(tmp_path):
    page = store(
        tmp_path / "page.ipynb", "print('a', end='')\nprint('b')", new_markdown_cell("m"), "2"
    )
    before = page.read_bytes()
    done = notebooks.execute(page)
    assert page.read_bytes() == before
    printed, _, shown = done.cells
    assert [printed.execution_count, shown.execution_count] == [1, 2]
    assert [output.text for output in printed.outputs] == ["ab\n"]
    assert shown.outputs[0].data == {"text/plain": "2"}
    assert "execution" not in printed.metadata


def test_the_kernel_runs_beside_the_notebook_and_is_held_still(tmp_path):
    names = ("PYTHONHASHSEED", "OMP_NUM_THREADS", "OURS")
    code = f"import os\nprint(os.getcwd())\nprint(*(os.environ.get(n) for n in {names}))"
    page = store(tmp_path / "page.ipynb", code)
    folder, values = notebooks.execute(page).cells[0].outputs[0].text.splitlines()
    assert Path(folder) == tmp_path
    assert values == "0 1 None"
    changed = notebooks.execute(page, {"OURS": "here"}).cells[0].outputs[0].text
    assert changed.split()[-1] == "here"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import sys\nprint('note', file=sys.stderr)", "cell 1 writes to stderr: note"),
        ("import warnings\nwarnings.warn('old')", "cell 1 writes to stderr: .*UserWarning: old"),
        ("import os\nos._exit(1)", "the kernel died"),
    ],
)
def test_what_the_book_does_not_store_stops_the_run(tmp_path, code, words):
    page = store(tmp_path / "page.ipynb", code)
    with pytest.raises(Stop, match=rf"^{page}: {words}"):
        notebooks.execute(page)


def test_a_stored_error_is_refused(tmp_path):
    cell = new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    page = store(tmp_path / "page.ipynb", cell)
    with pytest.raises(Stop, match="cell 1 stores the error ZeroDivisionError; catch it"):
        notebooks.execute(page)


def test_check_compares_and_writes_nothing(tmp_path, capsys):
    page = store(tmp_path / "page.ipynb", "print(1)")
    before = page.read_bytes()
    assert execute.main(["--check", str(page)]) == 1
    assert page.read_bytes() == before
    assert execute.main([str(page)]) == 0
    assert execute.main([str(page)]) == 0
    assert execute.main(["--check", str(page)]) == 0
    verbs = ["would change", "changed", "same", "same"]
    assert capsys.readouterr().out.splitlines() == [f"{page}: {verb}" for verb in verbs]


@pytest.mark.parametrize("ending", [".md", ".py"])
def test_a_text_comes_back_with_the_outputs_of_the_cells_that_stayed(tmp_path, ending):
    figure = {"figure": {"caption": "A *figure*", "name": "fig-a"}, "image": {"alt": "one"}}
    drawn = new_code_cell("print(2)", metadata={"tags": ["hide-input"], "mystnb": figure})
    prose = new_markdown_cell("# Title\n\n(concept-a)=\n$x$ and `code`\n\n```{note}\nWords\n```")
    page = store(tmp_path / "page.ipynb", prose, "print(1)", drawn)
    notebooks.write(page, notebooks.execute(page))
    before = page.read_bytes()
    draft = tmp_path / f"draft{ending}"
    assert text.main(["to-text", str(page), str(draft)]) == 0
    assert text.main(["to-notebook", str(draft), str(page)]) == 0
    assert page.read_bytes() == before
    draft.write_text(draft.read_text().replace("print(1)", "print(3)"))
    assert text.main(["to-notebook", str(draft), str(page)]) == 0
    _, edited, kept = notebooks.read(page).cells
    assert (edited.source, edited.outputs, edited.execution_count) == ("print(3)", [], None)
    assert kept.outputs[0].text == "2\n"
    hidden = {"source_hidden": True}
    assert kept.metadata == {"tags": ["hide-input"], "mystnb": figure, "jupyter": hidden}


def test_a_text_alone_makes_the_same_notebook_each_time(tmp_path):
    draft = tmp_path / "draft.md"
    draft.write_text("---\njupytext: {}\n---\n\n# T\n\n```{code-cell}\n1 + 1\n```\n")
    for name in ("one.ipynb", "two.ipynb"):
        assert text.main(["to-notebook", str(draft), str(tmp_path / name)]) == 0
    assert (tmp_path / "one.ipynb").read_bytes() == (tmp_path / "two.ipynb").read_bytes()
    assert notebooks.read(tmp_path / "one.ipynb").cells[1].source == "1 + 1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["to-text", "PAGE", "draft.txt"], "the text's name ends in .md (MyST) or .py"),
        (["to-text", "PAGE", "ROOT/draft.md"], "keep the text outside the project"),
        (["to-notebook", "gone.md", "PAGE"], "there is no text gone.md"),
        (["to-text", "gone.ipynb", "draft.md"], "there is no notebook "),
    ],
)
def test_what_cannot_be_converted_is_said(tmp_path, root, monkeypatch, capsys, words, said):
    page = store(tmp_path / "page.ipynb", "1")
    monkeypatch.chdir(tmp_path)
    places = {"PAGE": str(page), "ROOT": str(root)}
    words = [word.replace("ROOT", places["ROOT"]).replace("PAGE", places["PAGE"]) for word in words]
    assert text.main(words) == 1
    printed = capsys.readouterr().err
    assert said in printed
    assert len(printed.splitlines()) == 1
    assert not (root / "draft.md").exists()


def compared(page, root):
    """Run nbval on a notebook as ``make notebooks`` does, and return its status and words."""
    words = ["-c", "pyproject.toml", "-p", "conftest", "-p", "no:cacheprovider", "-q", "--nbval"]
    command = [sys.executable, "-m", "pytest", *words, str(page)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_nbval_sees_every_difference_and_a_closing_semicolon(tmp_path, root):
    page = store(tmp_path / "page.ipynb", "a = [1]\na;", "print(a)", "a")
    ran = notebooks.execute(page)
    assert [len(cell.outputs) for cell in ran.cells] == [0, 1, 1]
    notebooks.write(page, ran)
    assert compared(page, root)[0] == 0
    ran.cells[1].outputs[0].text = "[2]\n"
    ran.cells[2].outputs[0].data["text/plain"] = "[3]"
    notebooks.write(page, ran)
    status, said = compared(page, root)
    assert status == 1
    assert "2 failed, 1 passed" in said
