"""Rewriting of figure markup so that it can stand inside a page: colours, ids and labels.

Pure functions on text, without Sphinx: a chart stored as an SVG file becomes an inline ``<svg>``
whose colours are CSS variables, and the HTML of a diagram or a figure to handle gets its
label and loses the script that the page serves once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape, unescape
from xml.etree import ElementTree

Palette = Mapping[str, tuple[str, str]]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")\s]+)['\"]?\s*\)")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}(?![0-9a-zA-Z])|#[0-9a-fA-F]{3}(?![0-9a-zA-Z])")
_MEDIA = re.compile(r"@media[^{}]*\{(?:[^{}]*\{[^{}]*\})*\s*\}")
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SCRIPT = re.compile(r"<script data-dln-explore>.*?</script>", re.S)
_STILL = re.compile(
    r'<p class="dln-untrusted">[^<]*</p>\s*<script type="text/html">(.*?)</script>', re.S
)
_TAG = re.compile(r"""<(svg|div)\b(?:[^>"']|"[^"]*"|'[^']*')*>""", re.I)
_FIGURE_CLASS = re.compile(r"""\sclass=["'][^"']*\bdln-(?:fig|panels)\b""")
_OWN_LABEL = re.compile(r'\saria-label="([^"]*)"')
_INK = "#000000"
_DRAWING = re.compile(r'<svg class="dln-fig"(?![^>]*aria-hidden)[^>]*? style="')
_WIDTH = re.compile(r'viewBox="0 0 ([\d.]+) ')
_LETTERS = re.compile(r"font-size: ?([\d.]+)px|scale\((0\.\d+) -0\.\d+\)")
NARROW, SMALLEST = 284.0, 10.0
"""Pixels that a figure has on a screen of 320, and the least that a letter may have."""


def palette_css(palette: Palette) -> str:
    """Return the style sheet that defines ``--dln-NAME`` for both themes, and for print.

    Examples
    --------
    >>> print(palette_css({"ink": ("#111111", "#eeeeee")}))
    :root{--dln-ink:#111111}
    html[data-theme="dark"]{--dln-ink:#eeeeee}
    @media (prefers-color-scheme:dark){html:not([data-theme]){--dln-ink:#eeeeee}}
    @media print{html{--dln-ink:#111111!important}}
    """
    light = ";".join(f"--dln-{name}:{pair[0]}" for name, pair in palette.items())
    dark = ";".join(f"--dln-{name}:{pair[1]}" for name, pair in palette.items())
    paper = ";".join(f"--dln-{name}:{pair[0]}!important" for name, pair in palette.items())
    return "\n".join(
        (
            f":root{{{light}}}",
            f'html[data-theme="dark"]{{{dark}}}',
            f"@media (prefers-color-scheme:dark){{html:not([data-theme]){{{dark}}}}}",
            f"@media print{{html{{{paper}}}}}",
        )
    )


def themed(text: str, palette: Palette) -> str:
    """Replace the palette's light colours in CSS text by the variables that follow the theme.

    Pure black, which Matplotlib writes where nobody chose a colour, becomes the ink; every other
    colour stays.

    Examples
    --------
    >>> themed("fill: #11AA11; stroke: #123456", {"green": ("#11aa11", "#22dd22")})
    'fill: var(--dln-green); stroke: #123456'
    """
    names = {pair[0].lower(): name for name, pair in palette.items()}
    if "ink" in palette:
        names.setdefault(_INK, "ink")

    def variable(match: re.Match[str]) -> str:
        name = names.get(_six_digits(match[0].lower()))
        return f"var(--dln-{name})" if name else match[0]

    return _COLOUR.sub(variable, text)


def _six_digits(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])


def inline_svg(source: str, *, prefix: str, label: str, palette: Palette) -> str:
    """Turn the text of an SVG file into an ``<svg>`` element for an HTML page.

    Parameters
    ----------
    source : str
        The file's text.
    prefix : str
        Put before every id, so that two figures of a page cannot meet.
    label : str
        What the picture shows, for those who do not see it.
    palette : mapping of str to (str, str)
        Light and dark colour of each name.

    Raises
    ------
    ValueError
        If the text is not an SVG document.

    Examples
    --------
    >>> inline_svg('<svg xmlns="http://www.w3.org/2000/svg"/>', prefix="a-", label="x", palette={})
    '<svg class="dln-svg" role="img" aria-label="x" />'
    """
    try:
        root = ElementTree.fromstring(source)
    except ElementTree.ParseError as error:
        raise ValueError(f"inline_svg: the text is not well-formed XML ({error})") from error
    if root.tag != f"{{{SVG}}}svg":
        raise ValueError(f"inline_svg: the outermost element is {root.tag!r}, not an <svg>")
    ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
    for parent in root.iter():
        for child in [c for c in parent if c.tag == f"{{{SVG}}}metadata"]:
            parent.remove(child)
    for element in root.iter():
        _rewrite(element, ids, prefix, palette)
    for style in list(root.iter("style")):
        _scope(style, root, prefix, palette)
    root.set("class", f"{root.get('class', '')} dln-svg".strip())
    root.set("role", "img")
    root.set("aria-label", label)
    least = least_width(source)
    if least:
        root.set("style", ";".join(filter(None, (root.get("style"), least))))
    return ElementTree.tostring(root, encoding="unicode")


def _rewrite(element: ElementTree.Element, ids: set[str], prefix: str, palette: Palette) -> None:
    """Drop the namespace of an element, and mend its ids, references and colours."""
    element.tag = element.tag.rpartition("}")[2]
    attributes = dict(element.attrib)
    element.attrib.clear()
    for name, value in attributes.items():
        if name.startswith("{") and not name.startswith(f"{{{XLINK}}}"):
            continue
        name = name.rpartition("}")[2]
        if name == "id":
            value = prefix + value
        elif name == "href" and value[:1] == "#" and value[1:] in ids:
            value = f"#{prefix}{value[1:]}"
        elif name in ("aria-labelledby", "aria-describedby"):
            value = " ".join(prefix + word if word in ids else word for word in value.split())
        else:
            value = themed(_prefixed(value, prefix), palette)
        element.set(name, value)


def _prefixed(text: str, prefix: str) -> str:
    return _REFERENCE.sub(lambda match: f"url(#{prefix}{match[1]})", text)


def _scope(
    style: ElementTree.Element, root: ElementTree.Element, prefix: str, palette: Palette
) -> None:
    """Keep a ``<style>`` element's rules inside their figure, without those for a dark screen."""
    rules = []
    text = _MEDIA.sub("", style.text or "")  # the page has its own switch
    for selectors, body in _RULE.findall(themed(_prefixed(text, prefix), palette)):
        if selectors.strip() == "*":  # Matplotlib's only rule; its properties are inherited
            root.set("style", ";".join(filter(None, (root.get("style"), body.strip()))))
        else:
            scoped = (f".{prefix}root {one.strip()}" for one in selectors.split(","))
            rules.append(f"{','.join(scoped)}{{{body}}}")
    style.text = "".join(rules)
    if rules:
        root.set("class", f"{root.get('class', '')} {prefix}root".strip())


def least_width(svg: str) -> str:
    """Return the CSS that keeps the letters of a drawing at ten pixels, or nothing.

    Letters are text, or Matplotlib's outlines, which are scaled by a hundredth of their size.

    Examples
    --------
    >>> least_width('<svg viewBox="0 0 400 90"><text style="font-size:8px">a</text></svg>')
    'min-width:500px'
    >>> least_width('<svg viewBox="0 0 280 90"><g transform="scale(0.11 -0.11)"/></svg>')
    ''
    """
    width = _WIDTH.search(svg)
    sizes = [float(text or 100 * float(outline)) for text, outline in _LETTERS.findall(svg)]
    least = SMALLEST / min(sizes) * float(width[1]) if width and sizes else 0.0
    return f"min-width:{least:.0f}px" if least > NARROW + 1 else ""


def legible(html: str) -> str:
    """Give each drawing of an HTML output the width that its letters need.

    Examples
    --------
    >>> svg = '<svg class="dln-fig" viewBox="0 0 400 9" style="a:b"><text style="font-size:8px"/>'
    >>> legible(svg)[:67]
    '<svg class="dln-fig" viewBox="0 0 400 9" style="min-width:500px;a:b'
    """
    found = list(_DRAWING.finditer(html))
    for at in reversed(range(len(found))):
        end = found[at + 1].start() if at + 1 < len(found) else len(html)
        least = least_width(html[found[at].start() : end])
        if least:
            html = f"{html[: found[at].end()]}{least};{html[found[at].end() :]}"
    return html


def label_html(html: str, label: str) -> str:
    """Give the diagrams and the figures to handle of an HTML output their label.

    An ``<svg class="dln-fig">`` becomes an image, as the panels of a figure to handle are one.
    In an output of several figures each may bring its own label. Anything else, and a drawing
    that is hidden behind the label of its panels, is returned unchanged.

    Examples
    --------
    >>> label_html('<svg class="dln-fig"></svg>', "two cells")
    '<svg class="dln-fig" role="img" aria-label="two cells"></svg>'
    """
    current = escape(label)

    def add(match: re.Match[str]) -> str:
        nonlocal current
        tag = match[0]
        if not _FIGURE_CLASS.search(tag) or "aria-hidden" in tag:
            return tag
        own = _OWN_LABEL.search(tag)
        if own:
            current = own[1]
        for name, value in (("role", "img"), ("aria-label", current)):
            if not re.search(rf"\s{name}=", tag):
                tag = f'{tag[:-1]} {name}="{value}">'
        return tag

    return _TAG.sub(add, html)


def own_label(html: str) -> str:
    """Return the label that a figure brings itself, or nothing.

    Examples
    --------
    >>> own_label('<div class="dln-panels" aria-label="a &amp; b">')
    'a & b'
    """
    found = _OWN_LABEL.search(html)
    return unescape(found[1]) if found else ""


def figure_kinds(html: str) -> list[str]:
    """Return ``svg`` for each drawing and ``div`` for each figure to handle of an HTML output.

    Examples
    --------
    >>> figure_kinds('<div class="dln-panels" title="1 > 0"><svg class="dln-fig"></svg></div>')
    ['div', 'svg']
    """
    tags = (match for match in _TAG.finditer(html) if _FIGURE_CLASS.search(match[0]))
    return [match[1].lower() for match in tags]


def without_script(html: str) -> str:
    """Remove the copies of the scripts that notebooks carry, and let the stills stand as markup.

    In a notebook a figure to handle keeps its still where a notebook that is not trusted shows
    nothing of it, and has a line that says so.

    Examples
    --------
    >>> without_script("<p>a</p><script data-dln-explore>var b;</script>")
    '<p>a</p>'
    """
    return _STILL.sub(lambda match: match[1], _SCRIPT.sub("", html))
