"""The font of the formulas: STIX Two Math, cut to what formulas here may hold, and fitted.

Chromium reserves for a sign that grows the width of its widest form, whichever it draws, and all
browsers lower an index below the tail of its letter, y and g lower than x, which TeX does not. As
the font says how wide the forms are and how far an index may sink, it is mended there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fontTools.pens.filterPen import DecomposingFilterPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

SIGNS = (
    (0x20, 0x7E), (0xA0, 0xA0), (0xAF, 0xAF), (0xB1, 0xB1), (0xB7, 0xB7), (0xD7, 0xD7),
    (0x131, 0x131), (0x237, 0x237), (0x2C6, 0x2C7), (0x2D9, 0x2DC),  # dotless letters, accents
    (0x391, 0x3A9), (0x3B1, 0x3C9), (0x3D1, 0x3D1), (0x3D5, 0x3D5), (0x3F5, 0x3F5),
    (0x2013, 0x2014), (0x2016, 0x2016), (0x2018, 0x201D), (0x2026, 0x2026),
    (0x2032, 0x2034), (0x203E, 0x203E), (0x2061, 0x2064),  # primes, bar, what is not seen
    (0x2102, 0x2102), (0x210B, 0x210B), (0x210E, 0x210E), (0x2110, 0x2115), (0x211A, 0x211D),
    (0x2124, 0x2124), (0x212C, 0x212C), (0x2130, 0x2133),  # letters that Unicode keeps apart
    (0x2190, 0x2194), (0x21A6, 0x21A6), (0x21D0, 0x21D4),
    (0x2200, 0x2209), (0x220F, 0x2213), (0x2217, 0x221A), (0x221D, 0x221E), (0x2223, 0x222B),
    (0x223C, 0x223C), (0x2243, 0x2248), (0x2254, 0x2254), (0x2260, 0x2265), (0x226A, 0x226B),
    (0x2282, 0x2287), (0x2295, 0x2299), (0x22A4, 0x22A5), (0x22C5, 0x22C6), (0x22EE, 0x22F1),
    (0x2308, 0x230B), (0x23DE, 0x23DF), (0x27E8, 0x27E9), (0x27F8, 0x27FA),
    (0x1D400, 0x1D49B), (0x1D49C, 0x1D4B5), (0x1D538, 0x1D550),  # bold, italic, script, double
    (0x1D5A0, 0x1D5B9), (0x1D6E2, 0x1D755),  # upright without serifs; Greek in italics
)  # fmt: skip
FENCES = dict.fromkeys("()[]{}|‖⌈⌉⌊⌋⟨⟩", 1.2) | {"√": 1.0}
"""What grows with what it holds: its widest form, as a part of its smallest."""
CONSTANTS = {
    # an index sinks and a power rises with what is tall, such as a matrix, not with single letters
    "SubscriptBaselineDropMin": -60,
    "SuperscriptBaselineDropMax": 450,
    # a fraction in a line of text as flat as TeX sets it, so that the line stays where it is
    "FractionNumeratorShiftUp": 394,
    "FractionDenominatorShiftDown": 345,
}
PRIMES = (0x2032, 0x2033, 0x2034)  # they stand raised at full size; a formula raises them itself


@cache
def signs() -> frozenset[str]:
    """Return what a formula may draw; a line break in it draws nothing."""
    return frozenset(chr(n) for first, last in SIGNS for n in range(first, last + 1)) | {"\n"}


def fit(font: Any) -> None:
    """Mend the widths and heights of the font, which has been cut already."""
    table = font["MATH"].table
    for name, value in CONSTANTS.items():
        getattr(table.MathConstants, name).Value = value
    narrow(font, dict(fences(font)))


def lower_primes(font: Any) -> None:
    """Let primes be the form that is meant for an exponent, before the font is cut."""
    names = font.getBestCmap()
    forms = {names[prime]: f"{names[prime]}.ssty" for prime in PRIMES if prime in names}
    for table in font["cmap"].tables:
        table.cmap.update({n: forms.get(name, name) for n, name in table.cmap.items()})


def fences(font: Any) -> Iterator[tuple[str, int]]:
    """Yield the glyph of each form of a fence that is too wide, and how wide it may be."""
    variants, names = font["MATH"].table.MathVariants, font.getBestCmap()
    forms = dict(
        zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True)
    )
    for sign, part in FENCES.items():
        name = names[ord(sign)]
        width, built = round(part * font["hmtx"][name][0]), forms[name]
        larger = [record.VariantGlyph for record in built.MathGlyphVariantRecord]
        if built.GlyphAssembly:
            larger += [part.glyph for part in built.GlyphAssembly.PartRecords]
        yield from ((form, width) for form in larger if font["hmtx"][form][0] > width)


def narrow(font: Any, widths: dict[str, int]) -> None:
    """Draw glyphs as narrow as they are told to be, as high as they are."""
    glyphs, drawn = font.getGlyphSet(), {}
    for name, width in widths.items():
        pen = TTGlyphPen(None)
        part = width / font["hmtx"][name][0]
        squeezed = TransformPen(pen, (part, 0, 0, 1, 0, 0))
        glyphs[name].draw(DecomposingFilterPen(squeezed, glyphs))
        drawn[name] = pen.glyph()
    for name, glyph in drawn.items():
        glyph.recalcBounds(font["glyf"])
        font["glyf"][name] = glyph
        font["hmtx"][name] = (widths[name], glyph.xMin)
