"""What every stored notebook has to be, and that running it again changes no byte."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import notebooks
import share
import shell

PAGES = shell.pages()
NAMES = [notebooks.shown(path) for path in PAGES]
MAX_LINES, MAX_FOLDED, MAX_WIDTH = 15, 30, 75
FOLDED = {"hide-input", "setup", "proof"}
"""Tags of cells whose code the page does not show at once; they may be longer."""
MAX_FIGURE, MAX_NOTEBOOK = 150_000, 1_000_000
PICTURES = ("image/png", "image/jpeg", "image/gif")
DRAWN = (*PICTURES, "image/svg+xml")

RUN_AGAIN = ["chapters/convolution/12-convolution-by-hand.ipynb"]
"""What runs here again, byte for byte, also on another processor: chapter 12, and one chapter whose
cells train, once there is one. The others: by hand, or weekly, ``make execute ARGS=--check``."""

AVX2 = {
    "OPENBLAS_CORETYPE": "Haswell",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
}
"""Settings under which the libraries compute as on a processor without AVX-512."""


def size(kind, data):
    """The bytes of an output as a browser loads it."""
    text = data if isinstance(data, str) else json.dumps(data)
    return len(base64.b64decode(text)) if kind in PICTURES else len(text.encode())


def cell_faults(cell):
    """Yield what is wrong with the source and the outputs of a code cell."""
    lines = cell.source.splitlines()
    if not lines:
        yield "is empty"
    folded = FOLDED.intersection(cell.metadata.get("tags", ()))
    if len(lines) > (most := MAX_FOLDED if folded else MAX_LINES):
        yield f"has {len(lines)} lines, at most {most} are read at one look"
    for long in (len(line) for line in lines if len(line) > MAX_WIDTH):
        yield f"has a line of {long} characters, the page has room for {MAX_WIDTH}"
    drawn = {kind for output in cell.outputs for kind in output.get("data", {})} & {*DRAWN}
    if drawn and "caption" not in cell.metadata.get("mystnb", {}).get("figure", {}):
        yield "draws a figure without a caption: mystnb.figure.caption in its metadata"
    for output in cell.outputs:
        if unwanted := notebooks.unwanted(output):
            yield unwanted
        for kind, data in output.get("data", {}).items():
            if size(kind, data) > MAX_FIGURE:
                yield f"stores {size(kind, data)} bytes of {kind}, at most {MAX_FIGURE}"
        if re.search(r" at 0x[0-9a-f]{6,}", json.dumps(output)):
            yield "stores an address of memory"


def faults(notebook):
    """List what is wrong with a notebook, in words that name the cell."""
    found, run = [], 0
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code":
            run += 1
            if cell.execution_count != run:
                found.append(f"cell {number} has the count {cell.execution_count} for {run}")
            found += [f"cell {number} {fault}" for fault in cell_faults(cell)]
    return found


def test_nbval_alone_runs_every_notebook_and_no_browser(root):
    """A reader types ``pytest --nbval``; the unit tests, which run here, are left out of this."""
    command = [sys.executable, "-m", "pytest", "--nbval", "--collect-only", "-q"]
    ours = f"--ignore-glob={root / 'tests' / 'test_*.py'}"
    done = subprocess.run([*command, ours], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    assert found == {Path(name).as_posix() for name in NAMES}


def test_there_are_notebooks():
    assert set(RUN_AGAIN) <= set(NAMES)
    assert len(RUN_AGAIN) <= 2


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_has_been_run_and_keeps_its_limits(name, root):
    found = faults(notebooks.read(root / name))
    assert not found, "\n".join([f"make format; make execute ARGS={name}", *found])


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("chapters/")])
def test_a_chapter_keeps_its_limit_of_words(name, root):
    assert share.measure(notebooks.read(root / name)).words <= share.MAX_WORDS


@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_a_chapter_has_its_title_and_opens_it_in_jupyterlab_too(name, root):
    """JupyterLab shows {doc}`12-convolution-by-hand` as a file's name, and does not find it."""
    cells = notebooks.read(root / name).cells
    texts = [json.dumps([cell.source, cell.metadata]) for cell in cells if cell.cell_type != "raw"]
    found = [role for text in texts for role in re.findall(r"\{doc\}`[^`]*`", text)]
    assert found == [], "write [Convolution by hand](12-convolution-by-hand.ipynb)"


def test_what_is_folded_does_not_count_as_code():
    printed = new_output("stream", text="12\n")
    text = new_markdown_cell(
        "(label)=\n# Two [words or more](a.ipynb)\n\n:::{note}\nThree more words\n:::"
    )
    code = new_code_cell("x = 1\nx", outputs=[printed])
    alone, both = (share.measure(new_notebook(cells=cells)) for cells in ([text], [text, code]))
    assert alone.words == 6  # the mark of the heading is one
    assert (alone.shown, alone.part) == (0, 0.0)
    assert both.shown == 3 * share.CODE_LINE + 2 * share.GAP
    assert both.page == alone.page + both.shown
    for tags in (["proof"], ["setup"]):
        code = new_code_cell("x = 1\nx", outputs=[printed], metadata={"tags": tags})
        assert share.measure(new_notebook(cells=[text, code])) == alone
    open_, close = (new_markdown_cell("```{solution-" + end + "}\n```") for end in ("start", "end"))
    hidden = [text, open_, new_code_cell("y"), close]
    assert share.measure(new_notebook(cells=hidden)).shown == 0


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_as_make_execute_stores_it(name, root):
    path = root / name
    stored = path.read_text(encoding="utf-8")
    assert stored == notebooks.text_of(notebooks.read(path)), f"make execute ARGS={name}"
    assert len(stored.encode()) <= MAX_NOTEBOOK


@pytest.mark.parametrize("name", RUN_AGAIN)
@pytest.mark.parametrize(
    "env",
    [
        pytest.param(notebooks.STEADY, id="once more"),
        pytest.param({"PYTHONHASHSEED": "7"}, id="as a reader runs it"),
        pytest.param({**notebooks.STEADY, **AVX2}, id="on AVX2"),
    ],
)
def test_running_again_changes_no_byte(name, root, env):
    stored = (root / name).read_text(encoding="utf-8")
    again = notebooks.text_of(notebooks.execute(root / name, env))
    differ = [
        f"{n}: stored {old[:200]!r}, now {new[:200]!r}"
        for n, (old, new) in enumerate(
            zip(stored.splitlines(), again.splitlines(), strict=False), 1
        )
        if old != new
    ]
    assert not differ, differ[:5]
    assert stored == again


def test_the_other_processor_is_really_another(tmp_path):
    """The settings reach the libraries in the kernel, so that the test above tests something."""
    code = (
        "import numpy, torch\nprint(torch.backends.cpu.get_cpu_capability())\n"
        "print([f for f in numpy._core._multiarray_umath.__cpu_dispatch__"
        " if numpy._core._multiarray_umath.__cpu_features__[f]])"
    )
    page = tmp_path / "page.ipynb"
    notebooks.write(page, new_notebook(cells=[new_code_cell(code)]))
    capability, features = notebooks.execute(page, AVX2).cells[0].outputs[0].text.splitlines()
    assert capability in ("AVX2", "DEFAULT", "NO AVX")  # DEFAULT: not an x86 processor
    assert "AVX512" not in features
    assert "X86_V4" not in features


CAPTION = {"mystnb": {"figure": {"caption": "A sum."}}}
GOOD = new_code_cell("1 + 1", execution_count=1, metadata=CAPTION)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"execution_count": None}, "cell 2 has the count None for 1"),
        ({"execution_count": 2}, "cell 2 has the count 2 for 1"),
        ({"source": "\n".join("x" * 16)}, "cell 2 has 16 lines"),
        ({"source": "x" * 76}, "cell 2 has a line of 76 characters"),
        ({"source": ""}, "cell 2 is empty"),
        (
            {"outputs": [new_output("stream", name="stderr", text="W: x\n")]},
            "cell 2 writes to stderr",
        ),
        (
            {"outputs": [new_output("error", ename="E", evalue="", traceback=[])]},
            "cell 2 stores the",
        ),
        ({"outputs": [new_output("stream", text="<f at 0x7f00aa>")]}, "cell 2 stores an address"),
        (
            {"outputs": [new_output("display_data", {"image/svg+xml": "x" * 150_001})]},
            "cell 2 stores 150001 bytes of image/svg",
        ),
        (
            {"outputs": [new_output("display_data", {"image/png": "AAAA" * 50_001})]},
            "cell 2 stores 150003 bytes of image/png",
        ),
        (
            {"outputs": [new_output("display_data", {"image/svg+xml": "x"})], "metadata": {}},
            "cell 2 draws a figure without a caption",
        ),
    ],
)
def test_a_fault_is_found_and_named(change, fault):
    bad = new_code_cell(**{**GOOD, **change})
    (found,) = faults(new_notebook(cells=[new_markdown_cell("m"), bad]))
    assert found.startswith(fault)
    assert faults(new_notebook(cells=[new_markdown_cell("m"), new_code_cell(**GOOD)])) == []


def test_the_notebooks_of_the_book_are_those_of_its_table_of_contents(root):
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    listed = {name.removesuffix(".ipynb") for name in re.findall(r"chapters/[\w/.-]+", toc)}
    there = {name.removesuffix(".ipynb") for name in NAMES if name.startswith("chapters/")}
    apart = sorted(listed ^ there)
    assert not apart, f"_toc.yml names each notebook of chapters/ and no other: {apart}"
    assert not [os.fspath(p) for p in Path(root / "chapters").rglob("*.ipynb") if " " in p.name]
