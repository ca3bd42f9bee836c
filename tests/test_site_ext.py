"""The book's Sphinx extension, function by function: figures, chapter numbers, assets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from docutils import nodes
from matplotlib.figure import Figure

import book_assets
import book_figures
import book_numbers
import book_svg
from dlnotes.plotting import Canvas, Grid, figure_svg, row, sliding_window
from dlnotes.plotting.theme import PALETTE

ROOT = Path(__file__).resolve().parents[1]
TWO = {"ink": ("#1d2733", "#e4e8ec"), "accent": ("#0b6a8c", "#6cc3e3")}
CHART = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
  viewBox="0 0 9 9">
 <metadata><rdf>made by a program</rdf></metadata>
 <defs><style type="text/css">*{stroke-linejoin: round} .a, .b{fill: #0B6A8C}</style>
  <path id="m1" d="M0 0" style="stroke: #0b6a8c"/>
  <clipPath id="c1"><rect width="9" height="9"/></clipPath></defs>
 <g id="axes" clip-path="url(#c1)"><use xlink:href="#m1" x="1" fill="#000"/></g>
 <text style="fill: #1d2733">2 &lt; 3</text><rect style="fill: #123456"/>
</svg>"""


def inlined(**changes) -> str:
    options = {"prefix": "p-", "label": "two <lines>", "palette": TWO} | changes
    return book_svg.inline_svg(CHART, **options)


# ---- figures -----------------------------------------------------------------------------------


def test_palette_css_covers_both_themes_and_paper():
    css = book_svg.palette_css(PALETTE)
    for name, (light, dark) in PALETTE.items():
        assert css.count(f"--dln-{name}:{light}") == 2  # light, and on paper
        assert css.count(f"--dln-{name}:{dark}") == 2  # chosen, and by the system without a script
    assert css.index(":root") < css.index("[data-theme") < css.index("@media print")


def test_inline_svg_follows_the_theme():
    svg = inlined()
    assert "stroke: var(--dln-accent)" in svg
    assert "fill: var(--dln-ink)" in svg
    assert 'fill="var(--dln-ink)"' in svg, "black that nobody chose is ink"
    assert "fill: #123456" in svg, "a colour outside the palette stays"
    assert not re.search("#0b6a8c|#1d2733", svg, re.I)


def test_inline_svg_prefixes_ids_and_all_that_points_to_them():
    svg = inlined()
    ids = set(re.findall(r'\sid="([^"]+)"', svg))
    assert ids == {"p-m1", "p-c1", "p-axes"}
    assert 'href="#p-m1"' in svg
    assert 'clip-path="url(#p-c1)"' in svg


def test_inline_svg_is_labelled_and_bare():
    svg = inlined()
    assert re.match(r'<svg viewBox="0 0 9 9"[^>]* role="img" aria-label="two &lt;lines&gt;">', svg)
    assert "2 &lt; 3" in svg
    for noise in ("<?xml", "DOCTYPE", "metadata", "xmlns", "xlink:"):
        assert noise not in svg


def test_inline_svg_keeps_its_style_rules_to_itself():
    svg = inlined()
    assert "*{" not in svg
    assert 'style="stroke-linejoin: round"' in svg
    assert ".p-root .a,.p-root .b{fill: var(--dln-accent)}" in svg
    assert re.search(r'<svg[^>]* class="p-root dln-svg"', svg)


@pytest.mark.parametrize(("text", "said"), [("<svg", "well-formed"), ("<p>a</p>", "'p'")])
def test_inline_svg_refuses_what_is_no_svg(text, said):
    with pytest.raises(ValueError, match=said):
        book_svg.inline_svg(text, prefix="", label="", palette={})


def test_a_chart_of_the_book_has_no_light_colour_left():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 1))
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=PALETTE["accent"][0])
    axes.text(0, 0, "words", color=PALETTE["warm"][0])
    svg = book_svg.inline_svg(figure_svg(figure), prefix="x-", label="a line", palette=PALETTE)
    assert "var(--dln-accent)" in svg
    assert "var(--dln-warm)" in svg
    assert not re.search("|".join(light for light, _ in PALETTE.values()), svg, re.I)


def test_labels_of_diagrams_and_players():
    diagram = row([Grid([[1, 2]])]).svg()
    player = sliding_window([[1, 2]], [[1]], [[1, 2]])._repr_html_()
    labelled = book_svg.label_html(diagram, 'a "grid"')
    assert re.match(
        r'<svg class="dln-fig"[^>]* role="img" aria-label="a &quot;grid&quot;">', labelled
    )
    labelled = book_svg.label_html(book_svg.without_script(player), "a window")
    assert labelled.count('aria-label="a window"') == 1  # its drawings are hidden behind it
    assert re.search(r'<div class="dln-panels" role="img"[^>]*aria-label="a window"', labelled)
    assert book_svg.figure_kinds(diagram) == ["svg"]
    assert "div" in book_svg.figure_kinds(player)
    assert book_svg.label_html("<table></table>", "x") == "<table></table>"


def test_letters_keep_ten_pixels_where_a_drawing_would_make_them_smaller():
    wide = Canvas(400, 20)
    wide.text(0, 10, "large", size=14)
    assert "min-width:286px" in book_svg.legible(wide.svg())
    wide.text(0, 10, "small", size=8)
    html = book_svg.legible(wide.svg() + Canvas(500, 9).svg() + wide.svg())
    assert html.count("min-width:500px") == 2
    wide.width = 220
    assert book_svg.legible(wide.svg()) == wide.svg()
    figure = Figure(figsize=(5, 2))
    figure.subplots().set_xlabel("words", size=9)
    rest = {"prefix": "x-", "label": "a", "palette": PALETTE}
    assert "min-width:400px" in book_svg.inline_svg(figure_svg(figure), **rest)


def test_lines_of_code_hang_by_their_own_indent():
    code = '<span class="k">for</span> <span class="n">x</span>:\n    y\n\n'
    block = f'<div class="highlight"><pre><span></span>{code}</pre></div>'
    mended = book_assets.mended(block)
    assert mended.count('<span class="line"') == 3
    assert '<span class="k">for</span> x:' in mended  # a name has no colour
    assert '<span class="line" style="--in:4">    y\n</span>' in mended
    words = re.sub("<[^>]*>", "", mended)
    assert words == re.sub("<[^>]*>", "", block)


def test_figures_side_by_side_keep_their_own_labels():
    two = '<div class="dln-panels" aria-label="a &amp; b"><svg class="dln-fig"></svg></div>'
    two += '<div class="dln-panels" aria-label="c"><svg class="dln-fig"></svg></div>'
    labels = re.findall(r'<(svg|div)[^>]* aria-label="([^"]*)"', book_svg.label_html(two, "all"))
    assert labels == [("div", "a &amp; b"), ("svg", "a &amp; b"), ("div", "c"), ("svg", "c")]


def test_the_script_is_taken_out_and_the_still_stands():
    figure = sliding_window([[1, 2]], [[1]], [[1, 2]])
    page = book_svg.without_script(figure._repr_html_())
    assert page.count("<script") == 1  # the states
    assert "data-dln-explore" not in page
    assert "trust the notebook" not in page
    assert page.startswith('<dln-explore><div class="dln-state">')
    other = "<script>1</script>"
    assert book_svg.without_script(other) == other


def test_words_of_captions_are_compared():
    assert book_figures.plain("A 3×3  Kernel.") == book_figures.plain("a 3×3 kernel")
    assert book_figures.plain("A kernel slides") != book_figures.plain("A kernel")


def test_only_own_svg_files_are_inlined():
    source = Path("book")
    assert book_figures.local_svg(nodes.image(uri="/a/b.svg"), source) == source / "a" / "b.svg"
    assert book_figures.local_svg(nodes.image(uri="a.png"), source) is None
    assert book_figures.local_svg(nodes.image(uri="https://example.org/a.svg"), source) is None


# ---- numbers and assets ------------------------------------------------------------------------


@dataclass
class Environment:
    """The tables of Sphinx that number_chapters rewrites."""

    titles: dict
    toc_secnumbers: dict
    toc_fignumbers: dict
    tocs: dict


def environment(name: str) -> Environment:
    link = nodes.reference(secnumber=(1, 2))
    return Environment(
        titles={name: nodes.title(secnumber=[1])},
        toc_secnumbers={name: {"": (1,), "#a": (1, 2), "#b": None}},
        toc_fignumbers={name: {"figure": {"f": (1, 4)}, "displaymath": {"e": (1, 1)}}},
        tocs={name: nodes.bullet_list("", nodes.list_item("", link))},
    )


def test_chapters_take_the_number_of_their_file():
    name = "chapters/convolution/12-convolution-by-hand"
    env = environment(name)
    assert book_numbers.number_chapters(None, env) == [name]
    assert env.titles[name]["secnumber"] == [12]
    assert env.toc_secnumbers[name] == {"": (12,), "#a": (12, 2), "#b": None}
    assert env.toc_fignumbers[name] == {"figure": {"f": (12, 4)}, "displaymath": {"e": (12, 1)}}
    assert next(iter(env.tocs[name].findall(nodes.reference)))["secnumber"] == (12, 2)
    assert book_numbers.number_chapters(None, env) == [], "a second time changes nothing"


def test_other_pages_keep_their_numbers():
    env = environment("book/errata")
    assert book_numbers.number_chapters(None, env) == []
    assert env.toc_secnumbers["book/errata"]["#a"] == (1, 2)


@dataclass
class Asset:
    filename: str | None
    attributes: dict


def test_each_asset_is_kept_once():
    first, again = Asset("a.js?v=1", {}), Asset("a.js", {})
    inline, twin, other = (Asset(None, {"body": body}) for body in ("let a", "let a", "let b"))
    assert book_assets.without_doubles([first, inline, again, twin, other]) == [
        first,
        inline,
        other,
    ]


def test_files_are_written_only_when_they_change(tmp_path):
    path = tmp_path / "a.css"
    book_assets.write_if_changed(path, "one")
    stamp = path.stat().st_mtime_ns
    book_assets.write_if_changed(path, "one")
    assert path.stat().st_mtime_ns == stamp
    book_assets.write_if_changed(path, "two")
    assert path.read_text() == "two"


# ---- what stands in the project ----------------------------------------------------------------


def test_every_part_of_the_package_has_its_page():
    public = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "dlnotes").iterdir()
        if not path.name.startswith("_")
        and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    pages = {path.stem for path in (ROOT / "book" / "api").glob("*.md")}
    assert pages == public, "each part dlnotes.NAME needs book/api/NAME.md, and a line in _toc.yml"


def test_the_table_of_contents_holds_every_page():
    listed = set(re.findall(r"file: (\S+)", (ROOT / "_toc.yml").read_text()))
    listed.add(yaml.safe_load((ROOT / "_toc.yml").read_text())["root"])
    found = [*(ROOT / "book").glob("*.*"), *(ROOT / "book" / "api").glob("*.md")]
    found += (ROOT / "chapters").glob("*/*.ipynb")
    pages = {
        path.relative_to(ROOT).with_suffix("").as_posix()
        for path in found
        if path.suffix in (".md", ".ipynb")
    }
    assert listed == pages


def test_own_styles_name_only_colours_of_the_palette():
    for path in (ROOT / "book" / "_static").glob("*.css"):
        text = path.read_text()
        unknown = set(re.findall(r"var\(--dln-([a-z-]+)", text)) - set(PALETTE) - {"figure-font"}
        assert unknown == set(), path.name
        assert "--pst-" not in text, f"{path.name} uses colours of another theme"
        assert re.findall(r"#[0-9a-f]{3,6}\b(?=[;\s,)])", text) == [], f"{path.name} types a colour"
