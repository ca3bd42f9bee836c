"""Kinds of convolution as records: a few numbers give the size, the caption and the film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import product

from dlnotes import shapes
from dlnotes.plotting.controls import steps
from dlnotes.plotting.explorer import Explorer, explore
from dlnotes.plotting.svg import Canvas, number, script_element

CELL = 22.0
GAP = 44.0
EDGE = 3.0


@dataclass(frozen=True)
class Kind:
    """A convolution of a square picture with a square kernel, told by its numbers alone.

    Attributes
    ----------
    title : str
        What this kind is called.
    i, k, s, p, d : int
        Input size, kernel size, stride, padding, dilation, as PyTorch's ``conv2d`` and
        ``conv_transpose2d`` take them.
    transposed : bool
        Whether it is a transposed convolution.

    Examples
    --------
    >>> kind = Kind("half padding", 5, 3, p=1)
    >>> kind.size, kind.formula
    (5, '(5 + 2·1 − 3)/1 + 1 = 5')
    """

    title: str
    i: int
    k: int
    s: int = 1
    p: int = 0
    d: int = 1
    transposed: bool = False

    @property
    def size(self) -> int:
        """Output size."""
        out = shapes.conv_transpose_out if self.transposed else shapes.conv_out
        return out(self.i, self.k, stride=self.s, padding=self.p, dilation=self.d)

    @property
    def reach(self) -> int:
        """Rows from the kernel's first weight to its last."""
        return shapes.effective_kernel(self.k, self.d)

    @property
    def formula(self) -> str:
        """The output size worked out, in words that a caption can hold."""
        if self.transposed:
            return f"{self.s}·({self.i} − 1) + {self.reach} − 2·{self.p} = {self.size}"
        whole = (self.i + 2 * self.p - self.reach) % self.s == 0
        part = f"({self.i} + 2·{self.p} − {self.reach})/{self.s}"
        return f"{part if whole else f'⌊{part}⌋'} + 1 = {self.size}"

    @property
    def caption(self) -> str:
        """The kind in one line: its numbers and where they lead."""
        parts = [f"{self.i}×{self.i} input", f"{self.k}×{self.k} kernel"]
        parts += [f"stride {self.s}"] if self.s > 1 else []
        parts += [f"padding {self.p}"] if self.p else []
        parts += [f"dilation {self.d}"] if self.d > 1 else []
        zeros = f"{self.reach} − 1 − {self.p} = {self.reach - 1 - self.p}"
        drawn = f" Drawn as a convolution that pads with {zeros}."
        title = f"{self.title[0].upper()}{self.title[1:]}"
        return f"{title}: {', '.join(parts)}; {self.formula}.{drawn * self.transposed}"

    @property
    def alt(self) -> str:
        """What the film shows, for those who cannot see it."""
        _, step, side = self._layout()
        over = "" if self.d == 1 else f", spread over {self.reach} by {self.reach} cells,"
        between = "between and around" if self.transposed and self.s > 1 else "around"
        zeros = f", with zeros {between} it {side} by {side}" if side > self.i else ""
        return (
            f"Animation in {self.size**2} steps. A kernel of {self.k} by {self.k}{over} moves by "
            f"{step} over an input of {self.i} by {self.i}{zeros}. "
            f"It fills an output of {self.size} by {self.size}."
        )

    def taps(self, out: int) -> list[int]:
        """Return which positions of the laid-out input one output reads, along one axis."""
        _, step, _ = self._layout()
        return [step * out + self.d * tap for tap in range(self.k)]

    def inputs(self) -> list[int]:
        """Return where the input's own rows stand in the laid-out input; the rest are zeros."""
        first, _, _ = self._layout()
        return [first + (self.s if self.transposed else 1) * n for n in range(self.i)]

    def _layout(self) -> tuple[int, int, int]:
        """Return the first input's position, the window's step, and the size with all zeros."""
        if not self.transposed:
            return self.p, self.s, self.i + 2 * self.p
        numbers = {"stride": self.s, "padding": self.p, "dilation": self.d}
        flat = shapes.conv_transpose_as_conv(self.i, self.k, **numbers)
        return flat.before, 1, flat.before + flat.stretched + flat.after

    def film(self) -> Explorer:
        """Return the film of this kind: the window moving, the output filling up."""
        _, _, side = self._layout()
        places = [(row, column) for row in range(self.size) for column in range(self.size)]
        real = set(self.inputs())

        def draw(step: int) -> list[Canvas | str]:
            canvas = Canvas(
                side * CELL + GAP + self.size * CELL + 2 * EDGE,
                max(side, self.size) * CELL + 2 * EDGE,
            )
            self._draw_input(canvas, side, places[step])
            self._draw_output(canvas, side, places[: step + 1])
            hit = [len(real.intersection(self.taps(at))) for at in places[step]]
            used = hit[0] * hit[1]
            return [canvas, f"{used} of the input, {self.k**2 - used} zeros"]

        middle = self.size * (self.size // 2) + self.size // 2
        return explore(draw, label=self.alt, step=steps(self.size**2, start=middle, pace=600))

    def _draw_input(self, canvas: Canvas, side: int, place: tuple[int, int]) -> None:
        """Draw the input among its zeros, and the window with a dot on each weight."""
        real = self.inputs()
        own: list[tuple[float, float]] = []
        zeros: list[tuple[float, float]] = []
        for row, column in product(range(side), repeat=2):
            corner = (EDGE + column * CELL, EDGE + row * CELL)
            (own if row in real and column in real else zeros).append(corner)
        canvas.cells(zeros, CELL, fill="wash", dash="2 2")
        canvas.cells(own, CELL, fill="accent-soft")
        x, y = self.taps(place[1])[0] * CELL, self.taps(place[0])[0] * CELL
        with canvas.group(transform=f"translate({number(x)} {number(y)})"):
            reach = self.reach * CELL
            canvas.rect(EDGE, EDGE, reach, reach, stroke="accent", width=2.5)
            at = [EDGE + (self.d * tap + 0.5) * CELL for tap in range(self.k)]
            canvas.dots([(x, y) for x in at for y in at], 3.6, fill="accent")

    def _draw_output(self, canvas: Canvas, side: int, done: list[tuple[int, int]]) -> None:
        """Draw the output, the cells that are done in green."""
        left, top = EDGE + side * CELL + GAP, EDGE + max(0, side - self.size) * CELL / 2
        middle = top + self.size * CELL / 2
        canvas.arrow(left - GAP + 10, middle, left - 10, middle)
        places = [(left + x * CELL, top + y * CELL) for y, x in product(range(self.size), repeat=2)]
        for at, (x, y) in enumerate(places):
            fill = "green-soft" if at < len(done) else "paper"
            canvas.rect(x, y, CELL, CELL, fill=fill, stroke="rule")
        x, y = places[len(done) - 1]
        canvas.rect(x, y, CELL, CELL, stroke="green", width=2.5)


TWELVE = (
    Kind("no padding, unit stride", 4, 3),
    Kind("arbitrary padding, unit stride", 5, 4, p=2),
    Kind("half padding, unit stride", 5, 3, p=1),
    Kind("full padding, unit stride", 5, 3, p=2),
    Kind("no padding, unit stride, transposed", 2, 3, transposed=True),
    Kind("arbitrary padding, unit stride, transposed", 6, 4, p=2, transposed=True),
    Kind("half padding, unit stride, transposed", 5, 3, p=1, transposed=True),
    Kind("full padding, unit stride, transposed", 7, 3, p=2, transposed=True),
    Kind("no padding, stride", 5, 3, s=2),
    Kind("padding, stride", 5, 3, s=2, p=1),
    Kind("padding, stride, a size that leaves a rest", 6, 3, s=2, p=1),
    Kind("dilation", 7, 3, d=2),
)
"""The twelve pictures of note 001, section 5.3, with the numbers of Dumoulin and Visin's guide."""


class Gallery:
    """Films of several kinds side by side, each with the caption of its record.

    Examples
    --------
    >>> Gallery(TWELVE)._repr_html_().count("</figcaption>")
    12
    """

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = tuple(kinds)

    def __repr__(self) -> str:
        return f"<films of {len(self.kinds)} kinds of convolution>"

    def _repr_html_(self) -> str:
        columns = "repeat(auto-fill,minmax(min(100%,19rem),1fr))"
        look = f"display:grid;grid-template-columns:{columns};gap:1.6rem 1.2rem"
        figures = []
        for at, kind in enumerate(self.kinds, start=1):
            formula = f'<span style="white-space:nowrap">{kind.formula}</span>'
            caption = escape(kind.caption).replace(kind.formula, formula)
            figures.append(
                '<figure style="margin:0"><figcaption style="margin:0 0 .5rem;min-height:4.6em">'
                f"{at}. {caption}</figcaption>\n{kind.film().html()}</figure>"
            )
        body = "\n".join(figures)
        script = script_element("explorer.js")
        return f'<div class="dln-gallery" style="{look}">\n{body}\n</div>\n{script}'
