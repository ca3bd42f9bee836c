"""A chapter in a real JupyterLab: it reads well, its figures stand and can be handled.

The notebook is a copy in a folder of its own, and so are JupyterLab's settings and signatures.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image, ImageColor

from book_markup import MARKUP
from conftest import ROOT
from dlnotes.plotting import figure_svg
from dlnotes.plotting.svg import UNTRUSTED
from dlnotes.plotting.theme import PALETTE

CHAPTER = ROOT / "chapters" / "convolution" / "14-channels-and-dimensions.ipynb"
FILMS = CHAPTER.with_name("13-shape-arithmetic.ipynb")
ALL_CELLS = {"@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"}}
QUIET = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false"}}
START = 60  # seconds

FIGURE = """cell => {
  const figure = jupyterapp.shell.currentWidget.content.widgets[cell].node
    .querySelector(".jp-OutputArea dln-explore");
  return {
    slider: +figure.querySelector("input[type=range]").value,
    last: +figure.querySelector("input[type=range]").max,
    output: figure.querySelector("output").textContent,
    words: figure.querySelector(".dln-words").textContent,
    drawing: figure.querySelector(".dln-panels").innerHTML,
  };
}"""


KINDS = ("source", "outputs")
OPEN = """() => {
  const cells = [...jupyterapp.shell.currentWidget.content.widgets]
    .filter(cell => cell.model.type === "code" && cell.model.outputs.length);
  return [".jp-InputArea", ".jp-OutputArea"].map(part =>
    cells.map(cell => cell.node.querySelector(part)?.checkVisibility() ?? false));
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a chapter that is trusted, one that is not, a chart, and settings."""
    folder = tmp_path_factory.mktemp("lab")
    for name, setting in {**ALL_CELLS, **QUIET}.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(setting))
    shutil.copy(CHAPTER, folder / "trusted.ipynb")
    other = json.loads(FILMS.read_text(encoding="utf-8"))
    (folder / "other.ipynb").write_text(json.dumps(other))
    svg = new_output("display_data", {"image/svg+xml": figure_svg(Figure(facecolor="#ffffff"))})
    cells = [new_markdown_cell("A formula, $x$. Further reading"), new_code_cell(outputs=[svg])]
    chart = new_notebook(cells=cells, metadata=other["metadata"])
    nbformat.write(chart, folder / "chart.ipynb")
    return folder


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of a JupyterLab that keeps all it writes in the folder."""
    kept = ("CONFIG", "DATA", "RUNTIME")
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in kept}
    own |= {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        "PYTHONPATH": str(ROOT),
    }
    return {**os.environ, **own}


@contextmanager
def serving(folder: Path):
    """Run JupyterLab on a free port and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"ServerApp.ip": "127.0.0.1", "ServerApp.port": port, "ServerApp.port_retries": 0}
    options |= {"ServerApp.root_dir": folder, "IdentityProvider.token": ""}
    options |= {"LabApp.expose_app_in_browser": True}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            command, env=surroundings(folder), cwd=folder, stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api", server, folder / "log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        try:
            with urlopen(address, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not start: {log.read_text()[-2000:]}", pytrace=False)


@pytest.fixture(scope="module")
def lab(folder):
    """The address of a JupyterLab that has been told to trust one of the notebooks."""
    names = ("trusted.ipynb", "chart.ipynb")
    sign = [sys.executable, "-m", "nbformat.sign", *names]  # as make lab does
    subprocess.run(sign, env=surroundings(folder), cwd=folder, check=True, capture_output=True)
    before = (folder / "trusted.ipynb").read_bytes()
    assert before == CHAPTER.read_bytes()
    with serving(folder) as address:
        yield address


@contextmanager
def opened(browser, lab, name):
    """Open a notebook, its mathematics and figures drawn."""
    context = browser.new_context(viewport={"width": 1100, "height": 900}, color_scheme="light")
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.goto(f"{lab}/doc/tree/{name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-MarkdownCell")
    page.wait_for_function("() => document.querySelectorAll('.jp-MarkdownCell .katex').length")
    page.wait_for_selector(":text('Further reading'):not(.cm-line)")
    yield page
    context.close()


def explorers(page) -> list[int]:
    """Return the numbers of the cells that show a figure with a slider."""
    return page.evaluate("""() => jupyterapp.shell.currentWidget.content.widgets
      .map((cell, at) => cell.node.querySelector(".jp-OutputArea dln-explore output") ? at : -1)
      .filter(at => at >= 0)""")


def test_a_notebook_that_is_not_trusted_says_what_to_do(browser, lab):
    with opened(browser, lab, "other.ipynb") as page:
        lines = page.locator(".dln-untrusted").all_text_contents()
        texts = page.locator(".jp-RenderedHTMLCommon:has(.dln-untrusted)").all_inner_texts()
        assert page.locator(".jp-OutputArea svg.dln-fig").count() == 0
    assert set(lines) == {UNTRUSTED}
    plain = [text for text in texts if text.strip() != UNTRUSTED]
    assert len(plain) == 1  # the twelve films, whose captions are words
    assert plain[0].count(UNTRUSTED) == 12


def test_a_chapter_reads_well_runs_and_can_be_handled(browser, lab):
    with opened(browser, lab, "trusted.ipynb") as page:
        reads_well(page)
        follows_the_theme(page)
        runs(page)
        reads_well(page, ran=True)
        (cell, *_) = explorers(page)
        before = page.evaluate(FIGURE, cell)
        others = page.locator("dln-explore .dln-words").all_text_contents()
        handled(page, cell, before)
        after = page.locator("dln-explore .dln-words").all_text_contents()
        assert sum(a != b for a, b in zip(others, after, strict=True)) == 1  # itself alone
        shortened_and_run(page, cell)
        anew = page.evaluate(FIGURE, cell)
        fewer = {name: before[name] - 1 for name in ("last", "slider")}
        assert anew == {**before, **fewer}
        handled(page, cell, anew)
        walked(page)


def reads_well(page, *, ran=False):
    """No markup shows, figures stand, and what is folded in the page is folded here.

    JupyterLab opens the output of each cell that it runs; the code stays folded.
    """
    shown = "\n".join(page.locator(".jp-MarkdownCell").all_inner_texts())
    assert len(shown) > 10_000
    assert [match[0] for match in MARKUP.finditer(shown)] == []
    assert page.locator(".dln-untrusted").count() == 0
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    drawn = [cell for cell in cells if "</dln-" in json.dumps(cell.get("outputs"))]
    assert page.locator(".jp-OutputArea :is(dln-explore, dln-live):has(svg)").count() == len(drawn)
    assert len(drawn) > 2
    folded = [cell["metadata"].get("jupyter", {}) for cell in cells if cell.get("outputs")]
    code, outputs = ([not each.get(f"{what}_hidden") for each in folded] for what in KINDS)
    assert not all(outputs)
    assert page.evaluate(OPEN) == [code, [True] * len(outputs) if ran else outputs]


def follows_the_theme(page):
    """Drawings and figures to handle have the ink of JupyterLab's theme."""
    ink = """() => ["svg.dln-fig", "dln-explore .dln-words", "dln-live .dln-words"].map(where =>
      getComputedStyle(document.querySelector(".jp-OutputArea " + where))
        .getPropertyValue("--dln-ink"))"""
    for theme, want in (("Dark", PALETTE["ink"][1]), ("Light", PALETTE["ink"][0])):
        change_theme(page, theme)
        assert page.evaluate(ink) == [want] * 3


def change_theme(page, theme):
    """Choose JupyterLab's light or dark theme."""
    page.evaluate(f"() => jupyterapp.commands.execute('apputils:change-theme', "
                  f"{{theme: 'JupyterLab {theme}'}})")  # fmt: skip
    page.wait_for_function(
        "want => document.body.dataset.jpThemeLight === want", arg=str(theme == "Light").lower()
    )


def test_a_chart_follows_the_theme(browser, lab):
    with opened(browser, lab, "chart.ipynb") as page:
        for at, theme in ((1, "Dark"), (0, "Light")):
            change_theme(page, theme)
            paper = ImageColor.getrgb(PALETTE["paper"][at])
            for _ in range(50):  # JupyterLab fades from one theme to the other
                shot = page.locator(".jp-RenderedSVG img").screenshot()
                ground = Image.open(io.BytesIO(shot)).convert("RGB").getpixel((3, 3))
                if ground == paper:
                    break
                page.wait_for_timeout(100)
            assert ground == paper


def runs(page):
    """All cells run from a fresh kernel, none with an error or a word on stderr."""
    page.evaluate("() => { window.ran = jupyterapp.commands.execute('notebook:restart-run-all') }")
    page.click(".jp-Dialog .jp-mod-accept")
    assert page.evaluate("() => window.ran")
    wrong = "[data-mime-type$=stderr], [data-mime-type$=error]"
    assert page.locator(f".jp-OutputArea :is({wrong})").all_inner_texts() == []


def handled(page, cell, before):
    """The slider moves by the keyboard, and number, words and drawing move with it."""
    slider = page.locator(".jp-Cell").nth(cell).locator("dln-explore input[type=range]")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    now = page.evaluate(FIGURE, cell)
    assert now["slider"] == before["slider"] - 1
    assert now["output"] != before["output"]
    assert now["words"] != before["words"]
    assert now["drawing"] != before["drawing"]
    assert slider.evaluate("input => document.activeElement === input")  # not JupyterLab's key


def walked(page):
    """In a figure that computes, the arrow keys walk over the output, and a digit is a number."""
    figure = page.locator(".jp-OutputArea dln-live").first
    figure.locator("[data-key='y,0,0,0']").focus()
    page.keyboard.press("ArrowRight")
    assert "y[0, 1] = " in figure.locator(".dln-words").text_content()
    key = "() => document.activeElement.dataset.key"
    assert page.evaluate(key) == "y,0,0,1"  # not JupyterLab's key
    figure.locator("[data-key='x,0,2,2']").focus()
    page.keyboard.press("7")
    assert page.evaluate(key) == "x,0,2,2"
    label = figure.locator("[data-key='x,0,2,2']").get_attribute("aria-label")
    assert label == "red [2, 2]: 7"


def shortened_and_run(page, cell):
    """Take the slider's first position from the code of a cell, as a reader would, and run it."""
    page.evaluate(
        """async at => {
          const book = jupyterapp.shell.currentWidget.content;
          const text = book.widgets[at].model.sharedModel;
          text.setSource(text.getSource().replace(/range\\((\\d+), (\\d+)\\)/,
            (all, first, end) => `range(${+first + 1}, ${end})`));
          book.activeCellIndex = at;
          await jupyterapp.commands.execute("notebook:run-cell");
        }""",
        cell,
    )
