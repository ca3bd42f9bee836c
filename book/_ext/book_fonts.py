"""The book's letters, served by the book itself, so that it looks the same on every machine.

They come from installed packages and are cut down to the signs that a page of this book may use;
that of the formulas is mended, too (`math_font`). The licence of the Source families keeps that
name for the unchanged fonts, so what is served carries the book's name; the licences are served
beside the fonts.

The four faces that nearly every line needs are named in each page itself (`early_css`), whose
script has them fetched before all else: lines that break anew when a font arrives move the text
under the reader's eyes.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter, load_font, save_font
from sphinx.errors import ExtensionError

import math_font

SOURCES = {  # package: the folder of its fonts, and its name on the package index
    "font_source_serif_pro": ("files", "font-source-serif-pro"),
    "font_source_sans_pro": ("files", "font-source-sans-pro"),
    "matplotlib": ("mpl-data/fonts/ttf", "matplotlib"),
    "ziamath": ("fonts", "ziamath"),
}
LICENCES = {  # that of STIX Two stands in the font's own names
    "font_source_serif_pro": "LICENSE.txt",
    "font_source_sans_pro": "LICENSE.txt",
    "matplotlib": "LICENSE_DEJAVU",
}
NORMAL, BOLD = "100 500", "501 900"
PROSE = (  # Latin, Greek, punctuation, raised and lowered figures, letters, arrows, operators
    (0x20, 0x17F), (0x370, 0x3FF), (0x2010, 0x2044), (0x2070, 0x209F), (0x2100, 0x214F),
    (0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF),
)  # fmt: skip
CODE = (
    (0x20, 0xFF), (0x391, 0x3C9), (0x1D40, 0x1D40), (0x2010, 0x2044), (0x2070, 0x2099),
    (0x2190, 0x2194), (0x2200, 0x22A5), (0x2308, 0x230B), (0x2500, 0x25FF), (0x27E8, 0x27E9),
)  # fmt: skip
SIGNS = (  # what the families for prose lack; fetched only by pages that need one of them
    (0x391, 0x3C9), (0x1D2C, 0x1D6A), (0x2071, 0x209C), (0x2190, 0x21D5), (0x2200, 0x22FF),
    (0x2308, 0x230B), (0x2580, 0x25FF), (0x2713, 0x2718), (0x27E8, 0x27E9),
)  # fmt: skip
FEATURES = ["ccmp", "kern", "liga", "locl", "lnum", "mark", "mkmk", "tnum"]
KEPT_NAMES = [0, 1, 2, 4, 6, 13, 14]  # copyright, names, licence


@dataclass(frozen=True)
class Face:
    """One font of a family, and where it comes from."""

    family: str
    weight: str
    style: str
    package: str
    source: str
    signs: tuple[tuple[int, int], ...] = PROSE
    early: bool = False

    @property
    def file(self) -> str:
        """Return the name under which the font is served."""
        name = self.source.partition(".")[0]
        for theirs in ("Source", "STIXTwo"):
            name = name.replace(theirs, "dlnotes")
        return f"{name}.woff2"


SERIF, SANS, DEJAVU, STIX = SOURCES
FACES = (
    Face("dlnotes Serif", NORMAL, "normal", SERIF, "SourceSerifPro-Regular.ttf", early=True),
    Face("dlnotes Serif", NORMAL, "italic", SERIF, "SourceSerifPro-It.ttf"),
    Face("dlnotes Serif", BOLD, "normal", SERIF, "SourceSerifPro-Semibold.ttf"),
    Face("dlnotes Serif", BOLD, "italic", SERIF, "SourceSerifPro-SemiboldIt.ttf"),
    Face("dlnotes Sans", NORMAL, "normal", SANS, "SourceSansPro-Regular.ttf", early=True),
    Face("dlnotes Sans", NORMAL, "italic", SANS, "SourceSansPro-It.ttf"),
    Face("dlnotes Sans", BOLD, "normal", SANS, "SourceSansPro-Semibold.ttf", early=True),
    Face("dlnotes Sans", BOLD, "italic", SANS, "SourceSansPro-SemiboldIt.ttf"),
    Face("dlnotes Mono", NORMAL, "normal", DEJAVU, "DejaVuSansMono.ttf", CODE, early=True),
    Face("dlnotes Mono", BOLD, "normal", DEJAVU, "DejaVuSansMono-Bold.ttf", CODE),
    Face("dlnotes Signs", "100 900", "normal", DEJAVU, "DejaVuSans.ttf", SIGNS),
    Face("dlnotes Math", "100 900", "normal", STIX, "STIXTwoMath-Regular.ttf", math_font.SIGNS),
)


def write_fonts(static: Path) -> None:
    """Write ``fonts.css`` and what it names below ``static``, unless that has been done.

    Raises
    ------
    ExtensionError
        If a package that brings a font is not installed.
    """
    style, folder = static / "fonts.css", static / "fonts"
    sheet = font_css()
    if style.exists() and style.read_text(encoding="utf-8") == sheet:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for face in FACES:
        cut(source_folder(face.package) / face.source, folder / face.file, face)
    for package, name in LICENCES.items():
        shutil.copyfile(source_folder(package) / name, folder / f"{package}-LICENSE.txt")
    style.write_text(sheet, encoding="utf-8")


def font_css() -> str:
    """Return the style sheet that names the other fonts, with a mark of what all are made from."""
    made_from = hashlib.sha256(Path(__file__).read_bytes())
    made_from.update(Path(math_font.__file__).read_bytes())
    for face in FACES:
        made_from.update((source_folder(face.package) / face.source).read_bytes())
    rules = [rule(face, "fonts") for face in FACES if not face.early]
    return "\n".join([f"/* {made_from.hexdigest()[:16]} */", *rules, ""])


def early_css(static: str) -> str:
    """Return the rules of the faces that a page names itself, given the way to its static files.

    Examples
    --------
    >>> early_css("../_static").count("../_static/fonts/")
    4
    """
    return "".join(rule(face, f"{static}/fonts") for face in FACES if face.early)


def rule(face: Face, folder: str) -> str:
    """Return the rule of a style sheet that names a face."""
    return (
        f'@font-face{{font-family:"{face.family}";font-weight:{face.weight};'
        f"font-style:{face.style};font-display:swap;"
        f'src:url("{folder}/{face.file}") format("woff2"){only(face)}}}'
    )


def only(face: Face) -> str:
    """Return the rule by which a page without the signs of a face does not fetch it."""
    if face.signs is not SIGNS:
        return ""
    return ";unicode-range:" + ",".join(f"U+{first:X}-{last:X}" for first, last in face.signs)


def source_folder(package: str) -> Path:
    """Return where the fonts of an installed package lie.

    Raises
    ------
    ExtensionError
        If it is not installed.
    """
    spec = find_spec(package)
    folder, name = SOURCES[package]
    if spec is None or not spec.submodule_search_locations:
        raise ExtensionError(
            f"dlnotes_book: the package {name} is not installed, and it brings letters of the "
            f"book; run: pip install {name}"
        )
    return Path(spec.submodule_search_locations[0]) / folder


def cut(source: Path, target: Path, face: Face) -> None:
    """Write a font with the signs of the book alone, under the book's name, compressed."""
    is_math = face.signs is math_font.SIGNS
    options = Options(
        flavor="woff2",
        hinting=False,
        layout_features=[] if is_math else FEATURES,  # heavier letters for indices: 50 kB
        name_IDs=KEPT_NAMES,
    )
    options.drop_tables += ["FFTM", "DSIG"]  # FontForge's times, a signature of the whole
    signs = [n for first, last in face.signs for n in range(first, last + 1)]
    with load_font(source, options) as font:
        if is_math:
            math_font.lower_primes(font)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=signs)
        subsetter.subset(font)
        if is_math:
            math_font.fit(font)
        names = {1: face.family, 4: target.stem, 6: target.stem}
        for record in font["name"].names:
            if record.nameID in names:
                record.string = names[record.nameID]
        save_font(font, target, options)
