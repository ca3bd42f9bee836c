"""A small book built by the extension, with warnings as errors."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import nbformat
import pytest
import yaml
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import book_downloads
import book_markup
from dlnotes.plotting import sliding_window
from small_books import EXTENSION, sphinx
from test_site_ext import CHART

CONF = """
import sys
sys.path.insert(0, r"{extension}")
extensions = ["myst_nb", "sphinx_exercise", "sphinxcontrib.bibtex", "dlnotes_book"]
bibtex_bibfiles = ["works.bib"]
nb_execution_mode = "off"
myst_enable_extensions = ["colon_fence", "dollarmath"]
html_theme = "basic"
html_baseurl = "{site}"
html_copy_source = True
html_sourcelink_suffix = ""
templates_path = [r"{templates}"]
numfig = True
exclude_patterns = ["_build", "jupyter_execute"]
root_doc = "index"
"""
ADDRESS = "https://github.com/us/dlnotes"
SITE = "https://example.org/book/"
WORKS = """@article{three,
  author = {Ada One and Bo Two and Cy Three}, title = {On {Things}}, journal = {J}, year = 1999
}
"""
PLAN = [{"file": "13-pools", "title": "On pools"}]
INDEX = """# Small

```{glossary}
kernel
  A small table.
```

```{bibliography}
```

:::{toctree}
:numbered:

12-page
:::
"""
PAGE = """# A page

:::{margin}
Beside the text.
:::

As {numref}`fig-chart` and {numref}`fig-grid` show, $x = 1$.

(part)=
## A part

$$
y = 2
$$ (eq-two)

See {eq}`eq-two`, {ref}`this <part>`, {ref}`part`, {ref}`one`,
a {term}`kernel`, {doc}`index`, {cite:t}`three`
and another {cite}`three`. Then [Small](index.md), [On pools](chapters/13-pools.ipynb),
[13](chapters/13-pools.ipynb) and {doc}`chapters/13-pools`.

:::{exercise}
:label: one
Why?
:::

:::{solution} one
:class: dropdown
Because.
:::

:::{note}
:class: dropdown
Hidden.
:::

:::{table} Numbers
:name: numbers
| a | b |
|---|---|
| 1 | 2 |
:::
"""


def figure_cell(data: dict, name: str, caption: str, alt: str | None):
    metadata = {"mystnb": {"figure": {"caption": caption, "name": name}}, "tags": ["hide-input"]}
    if alt is not None:
        metadata["mystnb"]["image"] = {"alt": alt}
    output = new_output("display_data", data=data)
    return new_code_cell("draw()", metadata=metadata, outputs=[output], execution_count=1)


def proof_cell(source: str, printed: str):
    output = new_output("stream", name="stdout", text=printed)
    return new_code_cell(source, metadata={"tags": ["proof"]}, outputs=[output], execution_count=1)


PROOFS = [
    proof_cell("check.close(1, 1)\ncheck.close(2, 2)", "✓ equal, shape ()\n✓ equal, shape ()\n"),
    proof_cell("check.shows('s', a=f())", "✓ s: as in the catalogue: a\n"),
]


def notebook_of(alt: str | None, proofs: Sequence[NotebookNode]) -> NotebookNode:
    """The page, with figures, proofs and a set-up."""
    player = sliding_window([[1, 2]], [[1]], [[1, 2]])._repr_html_()
    return new_notebook(
        cells=[
            new_markdown_cell(PAGE),
            new_code_cell("import numpy", metadata={"tags": ["setup"]}, execution_count=1),
            *proofs,
            new_markdown_cell("Between."),
            proof_cell("check.shows('s', b=f())", "✓ s: as in the catalogue: b\n"),
            figure_cell({"image/svg+xml": CHART}, "fig-chart", "The chart.", alt),
            figure_cell({"text/html": player}, "fig-grid", "The film.", "a window that slides"),
            figure_cell({"text/html": player}, "fig-two", "Another.", "the same window"),
        ],
        metadata={"language_info": {"name": "python"}},
    )


def build(
    folder: Path,
    *,
    alt: str | None,
    proofs: Sequence[NotebookNode] = PROOFS,
    address: str = ADDRESS,
) -> subprocess.CompletedProcess[str]:
    """Build a book of one notebook, warnings as errors."""
    source = folder / "source"
    source.mkdir(parents=True)
    (source / "conf.py").write_text(
        CONF.format(extension=EXTENSION, templates=EXTENSION / "templates", site=SITE)
    )
    (source / "works.bib").write_text(WORKS)
    (source / "index.md").write_text(INDEX)
    (source / "book").mkdir()
    (source / "book" / "chapters.yml").write_text(yaml.safe_dump(PLAN))
    (source / "_config.yml").write_text(yaml.safe_dump({"repository": {"url": address}}))
    nbformat.write(notebook_of(alt, proofs), source / "12-page.ipynb")
    return sphinx(folder, "-W", "--keep-going", "-n", "-q", source, folder / "html")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    done = build(folder, alt="a line that rises")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def page(built) -> str:
    return (built / "html" / "12-page.html").read_text(encoding="utf-8")


HERE = f"{SITE}12-page.html"
SAID = [
    "# A page\n\n> Beside the text.\n",
    f"As [Fig. 12.1]({HERE}#fig-chart) and [Fig. 12.2]({HERE}#fig-grid) show, $x = 1$.",
    "y = 2\n\\tag{12.1}\n$$",
    f"See [(12.1)]({HERE}#equation-eq-two), [this]({HERE}#part), [A part]({HERE}#part), "
    f"[Exercise 12.1]({HERE}#one),\n"
    f"a [kernel]({SITE}index.html#term-kernel), [Small]({SITE}index.html), "
    "One et al. (1999)\nand another (One et al., 1999). "
    f"Then [Small]({SITE}index.html), *On pools* (to come),\n13 (to come) and",
    "and *On pools* (to come).",
    "### Exercise 12.1\n\nWhy?",
    "<summary>Solution to exercise 12.1</summary>\n\nBecause.\n\n</details>",
    "**Fig. 12.2.** The film.",
    "## References\n\n- Ada One, Bo Two, and Cy Three. On Things. *J*, 1999.",
]
"""What a download of the page says."""


def test_a_download_is_plain_markdown_whose_links_lead_into_the_site(built, page):
    copy = nbformat.read(built / "html" / "_sources" / "12-page.ipynb", as_version=4)
    nbformat.validate(copy)
    stored = nbformat.read(built / "source" / "12-page.ipynb", as_version=4)
    words = "\n\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")
    assert not book_markup.MARKUP.search(words)
    install, *code = [cell for cell in copy.cells if cell.cell_type == "code"]
    assert install.source.endswith(f'cli] @ git+{ADDRESS}"')
    assert code == [cell for cell in stored.cells if cell.cell_type == "code"]
    for said in SAID:
        assert said in words, said
    index = (built / "html" / "index.html").read_text(encoding="utf-8")
    links = re.findall(rf"\({SITE}([\w.-]+)#([\w.-]+)\)", words)
    assert len(links) == 7
    for name, anchor in links:
        assert f'id="{anchor}"' in {"index.html": index, "12-page.html": page}[name]


def test_a_download_without_an_address_says_what_to_do(tmp_path):
    assert book_downloads.repository(tmp_path) == ""
    (tmp_path / "_config.yml").write_text('repository:\n  url: ""\n')
    assert book_downloads.repository(tmp_path) == ""
    (tmp_path / "_config.yml").write_text(f'repository:\n  url: "{ADDRESS}.git"\n')
    assert book_downloads.repository(tmp_path) == ADDRESS
    line = book_downloads.install_line("")
    assert all(one.startswith("#") for one in line.splitlines())
    assert '%pip install "dlnotes[torch,plot,data,cli] @ file:///PATH' in line


def outward(html: str) -> list[str]:
    """The links of a page that lead to another host."""
    return re.findall(r'<a [^>]*href="(https?://[^"]*)"', html)


def commands(html: str) -> list[str]:
    """The lines of the menu of a page."""
    return re.search(r'class="run-panel">.*?<pre>(.*?)\n</pre>', html, re.S)[1].split("\n")


def test_a_chapter_says_how_it_is_run_and_where_a_mistake_is_reported(built, page):
    colab, binder, report = outward(page)
    copy = "_sources/12-page.ipynb"
    assert colab == f"https://colab.research.google.com/github/us/dlnotes/blob/gh-pages/{copy}"
    assert (built / "html" / copy).exists(), "which is what the branch holds"
    assert binder == "https://mybinder.org/v2/gh/us/dlnotes/HEAD?labpath=12-page.ipynb"
    assert (built / "source" / "12-page.ipynb").exists()
    start, _, title = report.partition("?title=")
    assert (start, unquote(title)) == (f"{ADDRESS}/issues/new", "Mistake in “12 A page”")
    clone, *rest = commands(page)
    assert clone == f"git clone {ADDRESS}"
    assert rest == ["cd dlnotes", "make lab ARGS=12-page.ipynb"]
    index = (built / "html" / "index.html").read_text("utf-8")
    assert "run-menu" not in index, "a page without code"
    assert [unquote(link)[-7:] for link in outward(index)] == ["“Small”"]


def test_without_the_sites_address_a_title_is_in_italics():
    config = SimpleNamespace(html_baseurl="")
    app = SimpleNamespace(env=SimpleNamespace(domaindata={"std": {}}), config=config)
    links = book_downloads.Links(app, "12-page")
    made = [links.link(words, "13", title="On pools") for words in ("On pools", "13")]
    assert made == ["*On pools*", "13"]


def test_chapters_to_come_are_named_and_not_linked(page):
    text = " ".join(re.sub(r"<[^>]*>", "", page).split())
    assert "Small, On pools (to come), 13 (to come) and On pools (to come)." in text
    assert "13-pools" not in page


def test_charts_stand_inline(page):
    assert re.search(
        r'<figure[^>]*id="fig-chart">\s*<div class="dln-figure"><svg [^>]*dln-svg', page
    )
    assert 'aria-label="a line that rises"' in page
    assert "<img" not in page


def test_html_figures_have_caption_number_and_label(page):
    assert re.search(r'<figure[^>]*id="fig-grid">', page)
    assert re.search(r"<figcaption>\s*<p><span class=\"caption-number\">Fig. 12.2 </span>", page)
    assert re.search(r'<div class="dln-panels"[^>]*aria-label="a window that slides"', page)


def test_the_script_of_figures_is_served_once(page):
    assert len(re.findall(r"<script[^>]*explorer\.js", page)) == 1
    assert "data-dln-explore" not in page


def test_the_chapter_has_its_number(page):
    assert re.search(r'<span class="section-number">12\. </span>A page', page)
    assert re.search(r'href="#fig-chart"[^>]*>\s*<span[^>]*>Fig. 12.1</span>', page)


def test_solutions_fold_and_keep_their_anchor(page):
    assert re.search(r'<details class="[^"]*\bsolution\b[^"]*" id="12-page-solution-1">', page)
    assert re.search(r'<summary class="admonition-title">Solution to Exercise 12\.1', page)
    assert re.search(r'<details class="admonition note">\s*<summary[^>]*>Note</summary>', page)
    assert 'id="exercise-content"' not in page


def test_the_code_of_a_figure_follows_it(page):
    order = [page.index(part) for part in ('id="fig-chart"', "<summary>\n<p", 'id="fig-grid"')]
    assert order == sorted(order)
    assert "Toggle hidden content" not in page


def test_each_run_of_proofs_folds_into_the_line_that_it_has_printed(page):
    folds = re.findall(r'<details class="dln-(\w+)">\s*<summary>(.*?)</summary>', page)
    assert folds == [
        ("setup", "Set-up: imports"),
        ("proof", "✓ 2 comparisons agree, 1 number as in the catalogue"),
        ("proof", "✓ 1 number as in the catalogue"),
    ]
    first = page[page.index('class="dln-proof"') :].partition("</details>")[0]
    assert first.count('class="cell tag_proof') == 2
    assert first.count("equal, shape ()") == 2


def test_an_empty_proof_and_strange_markup_stop_the_build(tmp_path):
    strange = new_markdown_cell("Press {kbd}`x`.\n\n```{rubric} A\n```")
    done = build(tmp_path, alt="a line", proofs=[proof_cell("assert f() == 1", "fine"), strange])
    assert done.returncode != 0
    assert "a proof has an assert, which no line counts" in done.stderr
    assert "a proof checks nothing by check" in done.stderr
    for markup in ("{kbd}`x`", "the directive {rubric}"):
        assert f"a download cannot show {markup}" in done.stderr
    html = (tmp_path / "html" / "12-page.html").read_text(encoding="utf-8")
    assert "<summary>This proves nothing.</summary>" in html


def test_tables_scroll_and_notes_stand_in_the_margin(page):
    box = re.search(r'<div ([^>]*\bclass="scroll"[^>]*)>\s*<table[^>]* id="numbers">', page)
    assert {'tabindex="0"', 'role="group"', 'aria-label="Table: Numbers"'} <= set(
        re.findall(r'\w[\w-]*="[^"]*"', box[1])
    )
    assert page.count('id="numbers"') == 1
    assert re.search(r'<aside class="[^"]*\bmargin\b[^"]*">', page)


def test_nothing_comes_from_another_host(page):
    loads = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', page)
    assert [load for load in loads if "//" in load] == [f"{SITE}12-page.html"]
    assert f'<link rel="canonical" href="{SITE}12-page.html">' in page  # its own address


def test_formulas_are_set_when_the_book_is_built(page, built):
    assert re.search(r'<span class="math"><math><semantics>.*?x = 1</annotation>', page)
    number = r'<span class="eqno">\(\d+\.1\)<a class="headerlink".*?</span>'
    formula = r'<div class="formula"><math display="block">.*?</div></div>'
    assert re.search(rf'<div class="math" id="equation-eq-two">{number}{formula}', page)
    assert re.search(r'href="#equation-eq-two">\(\d+\.1\)</a>', page)
    assert ["math.js" in html for html in (page, (built / "html/index.html").read_text())] == [1, 0]


@pytest.mark.parametrize(
    ("alt", "said"),
    [(None, "a figure has no alternative text"), ("the chart", "repeats its caption: 'the chart'")],
)
def test_a_figure_without_words_of_its_own_stops_the_build(tmp_path, alt, said):
    done = build(tmp_path, alt=alt)
    assert done.returncode != 0
    assert said in done.stderr
    assert "12-page.ipynb" in done.stderr


def test_the_search_records_what_a_section_says_and_no_code_or_solution(built):
    text = (built / "html" / "_static" / "search-records.js").read_text("utf-8")
    found = json.loads(text.partition(" = ")[2].rstrip(";\n"))
    page, anchor, heading, names, said = next(r for r in found["records"] if r[2] == "A part")
    assert found["pages"][page] == ["12-page.html", 0, "12 A page"]
    assert (anchor, heading, names) == ("a-part", "A part", "kernel")
    assert "a kernel" in said
    assert "Why?" in said
    for silent in ("Because", "numpy", "eq-two", "draw()"):
        assert silent not in text
