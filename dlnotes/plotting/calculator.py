"""A calculator of sizes for the page: sliders for five numbers, and the picture that follows."""

from __future__ import annotations

from dlnotes import shapes
from dlnotes.plotting.player import script_element
from dlnotes.plotting.windows import axis_windows

RANGES = {
    "n": ("input n", 1, 14),
    "k": ("kernel k", 1, 7),
    "s": ("stride s", 1, 5),
    "p": ("padding p", 0, 3),
    "d": ("dilation d", 1, 3),
}
"""Letter to (label, least, most)."""


def size_sentence(n: int, k: int, s: int, p: int, d: int) -> str:
    """Return the output size worked out in one line, as the calculator writes it.

    Examples
    --------
    >>> size_sentence(7, 3, 2, 1, 1)
    '⌊(7 + 2·1 − 3) / 2⌋ + 1 = 4'
    >>> size_sentence(2, 3, 1, 0, 2)
    'The kernel covers 5 cells, and there are only 2: no place.'
    """
    reach = shapes.effective_kernel(k, d)
    if reach > n + 2 * p:
        return f"The kernel covers {reach} cells, and there are only {n + 2 * p}: no place."
    out = shapes.conv_out(n, k, stride=s, padding=p, dilation=d)
    return f"⌊({n} + 2·{p} − {reach}) / {s}⌋ + 1 = {out}"


class SizeCalculator:
    """A calculator of sizes that starts with the given numbers.

    A page without JavaScript shows the start only. The arithmetic of the script
    (``player.js``) is tested in a browser against `dlnotes.shapes`.

    Examples
    --------
    >>> SizeCalculator(n=7, k=3)._repr_html_().count('type="range"')
    5
    """

    def __init__(self, n: int = 7, k: int = 3, s: int = 1, p: int = 0, d: int = 1) -> None:
        self.start = {"n": n, "k": k, "s": s, "p": p, "d": d}
        for letter, value in self.start.items():
            label, least, most = RANGES[letter]
            if not least <= value <= most:
                raise ValueError(
                    f"SizeCalculator: {label} starts at {value}, outside its slider; "
                    f"use a value from {least} to {most}"
                )

    def __repr__(self) -> str:
        return "<a calculator of sizes>"

    def _repr_html_(self) -> str:
        sliders = "\n".join(
            f"<label><span>{label} = <output>{self.start[letter]}</output></span>"
            f'<input type="range" name="{letter}" min="{least}" max="{most}" '
            f'value="{self.start[letter]}"></label>'
            for letter, (label, least, most) in RANGES.items()
        )
        n, k, s, p, d = self.start.values()
        drawing = axis_windows(n, k, stride=s, padding=p, dilation=d).svg()
        return (
            f'<div class="dln-calculator">\n<div class="dln-sliders">\n{sliders}\n</div>\n'
            f'<p class="dln-result" aria-live="polite">{size_sentence(n, k, s, p, d)}</p>\n'
            f'<div class="dln-drawing">\n{drawing}\n</div>\n</div>\n{script_element()}'
        )
