"""What the pages load: only what they use, and nothing from another host.

The fonts come from installed packages, palette and the script that moves figures from
`dlnotes.plotting`. Styles and scripts that extensions bring for other themes are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

import book_figures
import book_fonts
import book_states
import book_svg
from dlnotes import data
from dlnotes.plotting.computing.digit import network_script

GENERATED = "_build/static"
NETWORK = "digit-network.js"
UNUSED = {  # file names, without the version in the middle
    "basic.css",
    "pygments.css",
    "mystnb.css",
    "exercise.css",
    "proof.css",
    "doctools.js",
    "sphinx_highlight.js",
    "documentation_options.js",
}
_MATH = r'<span class="math">(?:(?!</span>).)*</span>'
_TOUCHING = re.compile(
    rf"(?<![^\s>])(?P<before>[^\s<>&]{{0,4}})(?P<math>{_MATH})(?P<after>[^\s<>&]{{0,8}})(?![^\s<])",
    re.S,
)
_CODE = re.compile(r'(<div class="highlight"><pre>)(.*?)(</pre>)', re.S)
_TO_COPY = re.compile(
    r'(<div class="highlight-(?:python|bash|sh|console)(?: notranslate)?"><div class="highlight">'
    r"<pre>.*?</pre>)", re.S,
)  # fmt: skip
COPY_BUTTON = '<button type="button" class="copybtn needs-script" aria-label="Copy"></button>'
_UNCOLOURED = re.compile(r'<span class="(?:bp|n|na|nb|nn|o|p|vm|w)">([^<]*)</span>')
_INDENT = re.compile(r"^(?:<[^>]*>)*( *)")
_VERSION = re.compile(r"\.[0-9a-f]{32,}(?=\.)")


def write_static(app: Sphinx) -> None:
    """Collect the generated assets in a folder that git ignores, and let Sphinx serve it."""
    if app.builder.format != "html":
        return
    folder = Path(app.srcdir) / GENERATED
    folder.mkdir(parents=True, exist_ok=True)
    book_fonts.write_fonts(folder)
    write_if_changed(folder / "palette.css", book_svg.palette_css(app.config.dlnotes_palette))
    scripts = Path(app.config.dlnotes_scripts)
    for script in (scripts / "explorer.js", *(scripts / "computing").glob("*.js")):
        target = folder / script.relative_to(scripts)
        target.parent.mkdir(exist_ok=True)
        if script.name == NETWORK:
            text = network_script(data.trained_cnn(), data.mnist_sample()[0])
        else:
            text = script.read_text(encoding="utf-8")
            text = book_states.for_pages(text) if script.name == "explorer.js" else text
        write_if_changed(target, text)
    app.config.html_static_path.append(str(folder))
    app.add_css_file("fonts.css", priority=400)
    app.add_css_file("palette.css", priority=400)


def write_if_changed(path: Path, text: str) -> None:
    """Write a text file unless it already holds that text."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def add_page_assets(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Load what the page uses, each file once."""
    scripts = book_figures.scripts_of(doctree)
    for script in ("figures.js", *scripts) if scripts else ():
        app.add_js_file(script, defer="defer")
    if "<math" in context.get("body", ""):
        app.add_js_file("math.js", defer="defer")
    if re.search(r'class="(viewcode-|taught)', context.get("body", "")):
        app.add_css_file("reference-pages.css")
    for kind in ("script_files", "css_files"):
        files = without_doubles(context[kind])
        context[kind][:] = [file for file in files if file_name(file) not in UNUSED]
    if "body" in context and not page.startswith("_modules/"):
        context["body"] = book_states.with_states_apart(app, page, mended(context["body"]))
    context["author"] = app.config.author
    context["dln_early_fonts"] = book_fonts.early_css(context["pathto"]("_static", resource=True))
    context["dln_logo"] = (Path(__file__).parents[1] / "_static" / "logo.svg").read_text("utf-8")


def mended(html: str) -> str:
    """Mend what keeps a page from being read aloud as it is written; give code its buttons.

    An entry of a bibliography stands in a list, where its own role is not allowed; a folded
    cell's label hides the words that show; the empty corner of a table is no heading.

    Examples
    --------
    >>> mended('<div role="doc-biblioentry"></div><summary aria-label="Toggle hidden content">')
    '<div role="listitem"></div><summary>'
    >>> mended('<tr><th class="head"><p></p></th>')
    '<tr><td class="head"></td>'
    """
    html = html.replace('role="doc-biblioentry"', 'role="listitem"')
    html = html.replace('<summary aria-label="Toggle hidden content">', "<summary>")
    html = _TO_COPY.sub(rf"\1{COPY_BUTTON}", html)
    html = html.replace('<th class="head"><p></p></th>', '<td class="head"></td>')
    return _TOUCHING.sub(glued, _CODE.sub(in_lines, html))


def in_lines(match: re.Match[str]) -> str:
    r"""Put each line of a block of code into an element, which may wrap below its own indent.

    Names, signs and blanks, which have no colour, lose the elements that Pygments gave them: two
    thirds of all that a page of code would have.

    Examples
    --------
    >>> _CODE.sub(in_lines, '<div class="highlight"><pre>  a\n</pre></div>')
    '<div class="highlight"><pre><span class="line" style="--in:2">  a\n</span></pre></div>'
    """
    lines = []
    for line in _UNCOLOURED.sub(r"\1", match[2]).splitlines(keepends=True):
        indent = len(_INDENT.match(line)[1])  # type: ignore[index]
        look = f' style="--in:{indent}"' if indent else ""
        lines.append(f'<span class="line"{look}>{line}</span>')
    return match[1] + "".join(lines) + match[3]


def glued(match: re.Match[str]) -> str:
    """Keep a formula on one line with the quotation mark, bracket or full stop that touches it.

    Examples
    --------
    >>> _TOUCHING.sub(glued, 'for <span class="math">n</span>, and')
    'for <span class="glued"><span class="math">n</span>,</span> and'
    """
    alone = not (match["before"] or match["after"])
    return match[0] if alone else f'<span class="glued">{match[0]}</span>'


def file_name(file: Any) -> str:
    """Return the name of a Sphinx asset, without folder, query and version.

    Examples
    --------
    >>> file_name("_static/mystnb.11b39860a7a0cbfd473a3ad8a3178552.css?v=1")
    'mystnb.css'
    """
    path = str(getattr(file, "filename", file) or "").partition("?")[0]
    return _VERSION.sub("", path.rpartition("/")[2])


def without_doubles(files: list[Any]) -> list[Any]:
    """Return a list of Sphinx assets in which each file and each inline text stands once."""
    kept: dict[Any, Any] = {}
    for file in files:
        attributes: Mapping[str, Any] = getattr(file, "attributes", {})
        name = str(getattr(file, "filename", file) or "").partition("?")[0]
        kept.setdefault((name, attributes.get("body")), file)
    return list(kept.values())
