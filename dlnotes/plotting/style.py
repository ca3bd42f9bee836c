"""Matplotlib in the book's dress, and the one formatter that writes every chart as SVG."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.style
from matplotlib import font_manager
from matplotlib.figure import Figure

from dlnotes.plotting.svg import UNTRUSTED
from dlnotes.plotting.theme import PALETTE

_NUMBER = re.compile(r"(?:scale|matrix)\([^)]*\)|base64,[^\"]*|(?<![\w#.])-?\d+\.\d+(?:e[-+]?\d+)?")
_ID = re.compile(r'\sid="([^"]+)"')
_NOISE = re.compile(
    r"<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*|<!--.*?-->\s*|<metadata>.*?</metadata>\s*", re.S
)


def use_book_style() -> None:
    """Draw charts in the book's colours and sizes, and store them as reproducible SVG.

    Inside a notebook the inline figures become ``image/svg+xml``, written by `figure_svg`, and in
    plain text the line that says what to do in a notebook that is not trusted; outside one only
    the style changes.
    """
    matplotlib.style.use(str(files("dlnotes.plotting") / "book.mplstyle"))
    _use_letters()
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:  # plain Python: there is nothing to format
        return
    shell: Any = get_ipython()
    if shell is None:
        return
    with suppress(ImportError):  # loaded later, it would put its own formatters in place of ours
        import_module("matplotlib_inline.backend_inline")
    formatters = shell.display_formatter.formatters
    for kind in ("image/png", "image/jpeg", "application/pdf"):
        formatters[kind].pop(Figure, None)
    formatters["image/svg+xml"].for_type(Figure, figure_svg)
    formatters["text/plain"].for_type(Figure, lambda figure, page, cycle: page.text(UNTRUSTED))


def _use_letters() -> None:
    """Write charts in the letters of the book's drawings, where their package is installed."""
    spec = find_spec("font_source_sans_pro")
    if spec is None or not spec.submodule_search_locations:
        return
    folder, name = Path(spec.submodule_search_locations[0]) / "files", "Source Sans Pro"
    for style in ("Regular", "It", "Semibold", "Bold", "BoldIt"):
        font_manager.fontManager.addfont(str(folder / f"SourceSansPro-{style}.ttf"))
    matplotlib.rcParams["font.sans-serif"] = [name, "DejaVu Sans"]
    chosen: Any = {"mathtext.fontset": "custom", "mathtext.fallback": "stixsans"}
    for kind, face in (("rm", ""), ("sf", ""), ("it", ":italic"), ("cal", ":italic")):
        chosen[f"mathtext.{kind}"] = name + face
    for kind, face in (("bf", ":bold"), ("bfit", ":italic:bold"), ("tt", "")):
        chosen[f"mathtext.{kind}"] = (name if face else "DejaVu Sans Mono") + face
    matplotlib.rcParams.update(chosen)


def figure_svg(figure: Figure) -> str:
    """Write ``figure`` as SVG text that is the same on every run and every machine.

    Coordinates have two decimals, identifiers are counted from the first, and neither the date
    nor the program is named. Where a notebook shows it in a dark theme, as JupyterLab does, the
    chart has the palette's dark colours.

    Examples
    --------
    >>> figure_svg(Figure(figsize=(1, 1))).startswith("<svg")
    True
    """
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context({"svg.hashsalt": "dlnotes"}):
        figure.savefig(buffer, format="svg", metadata=nothing)
    return with_dark(tidy_svg(buffer.getvalue()))


def with_dark(text: str) -> str:
    """Give a chart the rules that take the palette's dark colours in a dark theme.

    A picture knows no style of the page around it, but whether that is dark. The ground changes
    with the lines, so that the chart is legible wherever the two are not told apart.

    Examples
    --------
    >>> with_dark('<svg><style></style><path style="fill: #1d2733"/></svg>')[12:95]
    '@media(prefers-color-scheme:dark){[style*="fill: #1d2733"]{fill:#e4e8ec!important}}'
    """
    rules = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in (*PALETTE.values(), ("#000000", PALETTE["ink"][1]))
        for what in ("fill", "stroke")
        if f"{what}: {light}" in text
    )
    return text.replace("</style>", f"@media(prefers-color-scheme:dark){{{rules}}}</style>", 1)


def tidy_svg(text: str) -> str:
    """Round the coordinates of an SVG text, renumber its ids, and drop what no reader sees.

    Examples
    --------
    >>> tidy_svg('<svg><path id="m3f2" d="M 1.23456 -0.001"/><use href="#m3f2"/></svg>')
    '<svg><path id="i0" d="M 1.23 0"/><use href="#i0"/></svg>'
    """
    text = _NUMBER.sub(_rounded, _NOISE.sub("", text))
    used = set(re.findall(r"#([\w.-]+)", text))
    names: dict[str, str] = {}

    def rename(match: re.Match[str]) -> str:
        if match[1] not in used:
            return ""
        return f' id="{names.setdefault(match[1], f"i{len(names)}")}"'

    text = _ID.sub(rename, text)
    text = re.sub(r"#([\w.-]+)", lambda m: "#" + names.get(m[1], m[1]), text)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _rounded(match: re.Match[str]) -> str:
    """Return a number with two decimals at most; leave scales and embedded pictures alone."""
    word = match[0]
    if not word[0].isdigit() and word[0] != "-":
        return word
    short = f"{float(word):.2f}".rstrip("0").rstrip(".")
    return "0" if short == "-0" else short
