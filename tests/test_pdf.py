"""The book on paper, as far as it needs no browser: how the pages become one document."""

import io
import subprocess
import sys
from unittest.mock import Mock

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject

import pdf
import pdf_binding
import pdf_book
import pdf_document
import pdf_press
import targets
from pdf_document import Heading, Pages
from shell import Stop

ONE, TWO, FRONT = "chapters/a/01-one", "chapters/b/02-two", "book/intro"
PAGE = """<!DOCTYPE html><html><head>
<link rel="stylesheet" href="../../_static/book.css?v=1">
<script src="../../_static/menu.js"></script></head><body><nav>menu</nav>
<article><section id="{name}"><h1><span class="section-number">1 </span>The title<a
class="headerlink" href="#{name}">#</a></h1>{body}</section></article></body></html>"""
BODY = """
<p class="lead">First words.</p><div class="dln-figure"><svg viewBox="0 0 1 1"><defs><clipPath
id="c"></clipPath></defs><use xlink:href="#c" style="clip-path:url(#c)" /></svg></div>
<details class="dln-setup"><summary>Set-up</summary><pre>import</pre></details>
<details class="dln-proof"><summary>✓ 1 comparison agrees</summary><pre>check</pre></details>
<details class="admonition hide"><summary>Show the code</summary><pre>plot</pre></details>
<script type="application/json">{"states": 1}</script><button>Play</button>
<section id="s"><span id="label"></span><h2><span class="section-number">1.1 </span>A part</h2>
<p><a href="../b/02-two.html#s"><span class="std std-ref">Another</span></a>, a
<a href="../b/02-two.html#fig"><span class="std std-numref">Figure 2.1</span></a>,
<a href="#label">above</a>, <a href="../../book/api.html#f">code</a>,
<a href="https://example.org/x">out</a></p></section>
<div class="exercise admonition" id="ex"><p class="admonition-title">Exercise 1.1</p></div>
<details class="admonition solution" id="so"><summary class="admonition-title">Solution to
Exercise 1.1</summary><p>42</p></details>
<section id="end"><h2>In short</h2></section>"""


@pytest.fixture
def site(tmp_path):
    """Three pages as Sphinx builds them, with all that the assembly has to deal with."""
    for name, body in ((ONE, BODY), (TWO, BODY), (FRONT, BODY)):
        path = tmp_path / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGE.format(name="top", body=body), encoding="utf-8")
    return tmp_path


@pytest.fixture
def article(site):
    return Pages(site, [ONE, TWO]).read(ONE).article


def test_what_paper_has_no_use_for_is_left_out(article):
    text = article.get_text()
    for word in ("menu", "import", "check", "plot", "states", "Play", "Show the code", "#"):
        assert word not in text
    assert "✓ 1 comparison agrees" in text
    assert article.select("details, summary, script, button") == []


def test_every_name_carries_its_page_and_every_use_of_it_too(article):
    names = {element["id"] for element in article.find_all(id=True)}
    assert names == {
        f"01-one.{n}" for n in ("top", "c", "s", "label", "ex", "so", "end", "solutions")
    }
    use = article.select_one("use")
    assert (use["xlink:href"], use["style"]) == ("#01-one.c", "clip-path:url(#01-one.c)")


def test_links_stay_within_the_book_where_it_has_their_end(article):
    ends = [link.get("href") for link in article.select("[id='01-one.s'] + p > a")]
    inside = ["#02-two.s", "#02-two.fig", "#01-one.label"]
    assert ends == [*inside, None, "https://example.org/x"]


def test_links_to_what_is_not_printed_lead_to_the_site_once_its_address_is_known(site):
    article = Pages(site, [ONE], "https://book.example/").read(ONE).article
    ends = [link["href"] for link in article.select("[id='01-one.s'] + p > a")]
    assert ends[0] == "https://book.example/chapters/b/02-two.html#s"
    assert ends[3] == "https://book.example/book/api.html#f"


def test_a_section_elsewhere_has_its_page_beside_it_and_a_figure_its_number_alone(article):
    (place,) = article.select("[id='01-one.s'] + p [data-page-of]")
    assert place["data-page-of"] == "02-two.s"
    assert place.parent.get_text() == "\u00a0(p.\u00a0000)"
    assert place.parent.find_previous_sibling("a")["href"] == "#02-two.s"


def test_solutions_stand_at_the_end_and_their_exercises_say_where(article):
    last = article.select("section")[-1]
    assert last.h2["id"] == "01-one.solutions"
    assert " ".join(last.get_text(" ").split()) == "Solutions Solution to Exercise 1.1 42"
    assert last.select_one(".admonition-title a")["href"] == "#01-one.ex"
    exercise = article.select_one(".exercise")
    assert exercise.a["href"] == "#01-one.so"
    assert exercise.a.get_text() == "Solution on page\u00a0000"


def test_a_section_is_named_at_its_heading_for_that_may_stand_overleaf(article):
    heading = article.select("h2")[0]
    assert [heading["id"], heading.span["id"]] == ["01-one.s", "01-one.label"]
    assert article.select("section[id], section > span") == []


def test_the_contents_are_read_off_the_headings(site):
    heading = Pages(site, [ONE]).read(ONE).heading
    assert heading == Heading(
        "01-one.top",
        "1",
        "The title",
        [
            Heading("01-one.s", "1.1", "A part"),
            Heading("01-one.end", "", "In short"),
            Heading("01-one.solutions", "", "Solutions"),
        ],
    )
    assert heading.text == "1 The title"


def test_styles_come_along_once_and_no_script(site):
    pages = Pages(site, [ONE, TWO])
    articles = [pages.read(name).article for name in (ONE, TWO)]
    assert list(pages.styles) == [(site / "_static" / "book.css").as_uri()]
    assert [article.select("script") for article in articles] == [[], []]


def test_a_page_that_is_none_of_the_book_is_named(site):
    (site / f"{ONE}.html").write_text("<html></html>", encoding="utf-8")
    with pytest.raises(Stop, match="has no article; run make clean, then make book"):
        Pages(site, [ONE]).read(ONE)


@pytest.fixture
def book_root(site):
    """The site beside the files that say what the book is."""
    (site / "book").mkdir(exist_ok=True)
    (site / "_config.yml").write_text('author: "Us"\ncopyright: "2026"\nhtml: {baseurl: ""}\n')
    (site / "book" / "chapters.yml").write_text('- {file: a/01-one, question: "Why \\"one\\"?"}\n')
    (site / "_toc.yml").write_text(
        "parts:\n- caption: First\n  numbered: 2\n  chapters:\n  - file: chapters/a/01-one\n"
        "- caption: Second\n  numbered: 2\n  chapters:\n  - file: chapters/b/02-two\n"
        "- caption: Reference\n  chapters:\n  - file: book/figures\n"
    )
    return site


def test_the_plan_is_the_books_own_without_what_moves(book_root):
    parts = [(heading.text, names) for heading, names in pdf_book.plan(book_root)]
    assert parts == [("Part I First", [ONE]), ("Part II Second", [TWO])]
    ((heading, names),) = pdf_book.plan(book_root, [TWO])
    assert (heading.id, heading.text, names) == ("part-II", "Part II Second", [TWO])
    with pytest.raises(Stop, match="chapters/b/03-three is no page of the book"):
        pdf_book.plan(book_root, ["chapters/b/03-three"])


def test_the_document_has_title_contents_parts_and_running_heads(book_root):
    book = pdf_book.read(book_root, book_root)
    html = pdf_book.render(book, book_root)
    soup = pdf_document.BeautifulSoup(html, "html.parser")
    assert soup.select_one(".cover h1").get_text() == "The title"
    assert soup.select_one(".cover .lead").get_text() == "First words."
    lines = [line.get_text("|", strip=True) for line in soup.select(".contents p")]
    assert lines[:3] == ["Part I|First", "1|The title|000", "1.1|A part|000"]
    assert soup.select_one("#part-I dd").get_text() == 'Why "one"?'
    assert '@page p-1-part-I { @top-left { content: "1 The title"; } }' in html
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for link in soup.select("a[href^='#']"):
        assert link["href"] in ("#02-two.fig", "#01-one.fig") or link["href"][1:] in ids


def printed(*names):
    """A PDF of one page for each name, which stands 100 points high on it."""
    writer = PdfWriter()
    ends = DictionaryObject()
    for name in names:
        page = writer.add_blank_page(200, 200)
        zero = FloatObject(0)
        fit = [page.indirect_reference, NameObject("/XYZ"), zero, FloatObject(100), zero]
        ends[NameObject(f"/{name}")] = ArrayObject(fit)
    writer.root_object[NameObject("/Dests")] = ends
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def test_page_numbers_are_read_and_the_outline_is_bound():
    sheets = printed("part-I", "01-one.top", "01-one.s")
    assert pdf_binding.page_numbers(sheets) == {"part-I": 1, "01-one.top": 2, "01-one.s": 3}
    chapter = Heading("01-one.top", "1", "One", [Heading("01-one.s", "1.1", "A part")])
    part = Heading("part-I", "Part I", "First", [chapter])
    book = Mock(contents=[part], title="T", author="A", lead="L")
    reader = PdfReader(io.BytesIO(pdf_binding.bind(sheets, book)))
    first, (second, (third,)) = reader.outline
    assert [item.title for item in (first, second, third)] == [
        "Part I First",
        "1 One",
        "1.1 A part",
    ]
    assert [reader.get_destination_page_number(item) for item in (first, second, third)] == [
        0,
        1,
        2,
    ]
    assert third.top == 100
    assert (reader.metadata.title, reader.metadata.author) == ("T", "A")


def sheets_in_turn(*numbers):
    """A page of a browser that prints these numbers of one place, one print after the other."""
    prints = iter([printed(*["x"] * (number - 1), "place") for number in numbers])
    return Mock(pdf=lambda **options: next(prints), evaluate=Mock(return_value=[]))


def test_the_book_is_printed_until_its_numbers_hold():
    page = sheets_in_turn(1, 2, 2)
    assert pdf_binding.page_numbers(pdf_press.print_numbered(page))["place"] == 2
    assert page.evaluate.call_count == 2
    with pytest.raises(Stop, match="page numbers still change after 5 prints"):
        pdf_press.print_numbered(sheets_in_turn(1, 2, 1, 2, 1))


def test_a_place_that_is_on_no_page_is_named():
    page = sheets_in_turn(1)
    page.evaluate.return_value = ["lost"]
    with pytest.raises(Stop, match="on no page: lost"):
        pdf_press.print_numbered(page)


def test_without_chromium_one_line_says_what_to_install(site, root):
    command = [sys.executable, root / "book" / "_tools" / "pdf.py", site, site / "out.pdf"]
    done = subprocess.run(
        [str(word) for word in command],
        env={"PATH": "", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("make pdf: Chromium prints the book, and there is none: install")
    assert done.stderr.count("\n") == 1
    assert not (site / "out.pdf").exists()


def test_the_pages_lead_to_the_pdf_once_it_is_there(site, monkeypatch, capsys):
    foot = f"<footer>{pdf.MARK}</footer>"
    path = site / f"{ONE}.html"
    path.write_text(foot, encoding="utf-8")
    monkeypatch.setattr(pdf, "make", lambda *arguments: printed("x"))
    assert pdf.main([str(site), str(site.parent / "apart.pdf"), ONE]) == 0
    assert path.read_text(encoding="utf-8") == foot
    assert pdf.main([str(site), str(site / "dlnotes.pdf")]) == 0
    assert '<p><a href="../../dlnotes.pdf">The book as a PDF</a></p>' in path.read_text("utf-8")
    assert capsys.readouterr().out.startswith("pdf: 1 pages, 0.0 MB: file:")


def test_every_page_of_the_site_has_room_for_the_link(root):
    layout = (root / "book" / "_ext" / "templates" / "layout.html").read_text(encoding="utf-8")
    assert layout.count(pdf.MARK) == 1


def test_the_target_prints_once_for_each_build(tmp_path, monkeypatch, capsys):
    commands = []
    monkeypatch.setattr(targets, "run", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(targets, "book", lambda job: None)
    monkeypatch.setattr(targets, "PDF", tmp_path / "dlnotes.pdf")
    targets.pdf(targets.Job(sys.executable))
    (tmp_path / "dlnotes.pdf").touch()
    targets.pdf(targets.Job(sys.executable))
    assert "dlnotes.pdf" in capsys.readouterr().out
    targets.pdf(targets.Job(sys.executable, [ONE]))
    assert [command[3:] for command in commands] == [
        [tmp_path / "dlnotes.pdf"],
        [targets.ROOT / "_build" / "pages.pdf", ONE],
    ]
