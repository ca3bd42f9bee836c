r"""Mathematics, set when the book is built: MathML, which browsers draw and screen readers say.

Tried on the 1,579 formulas of the book: math-core with a font of the book's own, and KaTeX. Each
refused two, which could be spelt otherwise. KaTeX makes six to seven times as much HTML of them,
asks for a JavaScript engine at build time, and no package of Python's brings its fonts. It drew
better than Chromium draws MathML in STIX Two as it comes; with the font fitted (`math_font`) the
two are equals, in Chromium and in Firefox. So MathML it is: no script draws, one font, words for
screen readers, and TeX beside each formula for whoever copies it (``math.js``).

A formula that cannot be set stops the build.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape, unescape

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.math import get_node_equation_number
from sphinx.writers.html5 import HTML5Translator

import math_font

MACROS = {
    "R": r"\mathbb{R}",
    "Z": r"\mathbb{Z}",
    "E": r"\mathbb{E}",
    "vec": r"\boldsymbol{#1}",
    "floor": r"\left\lfloor #1 \right\rfloor",
    "ceil": r"\left\lceil #1 \right\rceil",
}
INSTEAD = {  # what math-core lacks, and how it may be said
    r"\substack": r"write \begin{subarray}{c} … \end{subarray}",
    r"\tag": "leave the number to the label of the equation",
    "split": "write aligned",
    "text mode": r"inside \text write \_ for an underscore",
}
_ENVIRONMENT = re.compile(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.S)
_NUMBERED = re.compile(r"\\(begin|end)\{(align|gather|equation|multline)\}")
_ANNOTATION = re.compile(r"<annotation .*?</annotation>", re.S)
_TAG = re.compile(r"<[^>]*>")
_BAR = '<mo stretchy="true">\u0332</mo>'  # \overline: a sign that Chromium stretches wrongly
_DRAWN_BAR = '<mo class="bar" stretchy="false">\u203e</mo>'
_CIRCLED = re.compile(r"<mo([^>]*>[\u2295\u2297\u2299]</mo>)")  # to Firefox as large as a sum
_STRUT = '<mspace height="0.74em" depth="0.1em"/>'  # browsers hang a root's sign on what it holds


class FormulaError(ValueError):
    """A formula that cannot be set; the text says why and what to write."""


@cache
def converter() -> LatexToMathML:
    """Return what turns TeX into MathML, with the book's abbreviations."""
    return LatexToMathML(macros=MACROS, annotation=True, fancy_error=False)


@cache
def to_mathml(tex: str, display: bool = False) -> str:
    r"""Return a formula as MathML, its TeX in an annotation.

    Parameters
    ----------
    tex
        Without dollars. Lines that end in ``\\`` outside of any environment are aligned.
    display
        Whether it stands on a line of its own.

    Raises
    ------
    FormulaError
        If math-core cannot set it, or the book's font lacks a sign of it.

    Examples
    --------
    >>> to_mathml("x_t").partition("<annotation")[0]
    '<math><semantics><msub><mi>x</mi><mi>t</mi></msub>'
    """
    written = tex.strip()
    if "\\\\" in _ENVIRONMENT.sub("", written):
        written = rf"\begin{{aligned}}{written}\end{{aligned}}"
    written = _NUMBERED.sub(r"\\\1{\2*}", written)  # Sphinx counts the equations
    try:
        made = converter().convert_with_local_state(written, displaystyle=display)
    except LatexError as error:
        raise FormulaError(f"{error}{remedy(str(error))}") from None
    made = made.replace(_BAR, _DRAWN_BAR).replace("<msqrt>", f"<msqrt>{_STRUT}")
    made = _CIRCLED.sub(r'<mo largeop="false"\1', made)
    lacking = sorted(set(drawn(made)) - math_font.signs())
    if lacking:
        names = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in lacking)
        raise FormulaError(
            f"the book's font lacks {names}; write it otherwise, or add it to SIGNS in math_font.py"
        )
    return _ANNOTATION.sub(lambda _: annotation(tex.strip()), made)


def remedy(said: str) -> str:
    r"""Return how to write what math-core refused, as far as that is known.

    Examples
    --------
    >>> remedy(r'Unknown command "\tag".')
    ' (leave the number to the label of the equation)'
    """
    ways = [way for what, way in INSTEAD.items() if what in said]
    return f" ({'; '.join(ways)})" if ways else ""


def drawn(mathml: str) -> str:
    """Return the signs that a formula draws.

    Examples
    --------
    >>> drawn("<math><mi>a</mi><mo>&lt;</mo><annotation x>a < b</annotation></math>")
    'a<'
    """
    return unescape(_TAG.sub("", _ANNOTATION.sub("", mathml)))


def annotation(tex: str) -> str:
    """Return the element that carries a formula's TeX, as it was written."""
    return f'<annotation encoding="application/x-tex">{escape(tex, quote=False)}</annotation>'


def set_formula(writer: HTML5Translator, node: nodes.Element, display: bool) -> str:
    """Return the formula of a node, or stop the build with a line that names it."""
    try:
        return to_mathml(node.astext(), display)
    except FormulaError as error:
        file = writer.builder.env.doc2path(writer.builder.current_docname, base=False)
        tex = " ".join(node.astext().split())
        raise ExtensionError(
            f"{file}:{node.line or '?'}: the formula ${tex}$ cannot be set: {error}"
        ) from None


def visit_inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula that stands in a line of text."""
    writer.body.append(writer.starttag(node, "span", "", CLASS="math"))
    writer.body.append(f"{set_formula(writer, node, False)}</span>")
    raise nodes.SkipNode


def visit_display(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula that stands alone, with its number when it has a label."""
    writer.body.append(writer.starttag(node, "div", "", CLASS="math"))
    if node.get("number"):
        number = get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    made = set_formula(writer, node, True)
    writer.body.append(f'<div class="formula">{made}</div></div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Register the renderer; as the only one beside Sphinx's own it is taken."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
