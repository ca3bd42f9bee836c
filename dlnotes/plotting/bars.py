"""Bars for figures to handle: numbers as lengths from zero."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dlnotes.plotting.axes import SIZE, Axis, Limits
from dlnotes.plotting.grids import written
from dlnotes.plotting.labels import text_width
from dlnotes.plotting.svg import Canvas, number


@dataclass(frozen=True)
class Bars:
    """Numbers as lengths; see `bars`."""

    values: Mapping[str, float]
    lim: Limits | None
    title: str
    unit: str
    lit: tuple[str, ...]
    width: float

    def shared(self, others: Sequence[Bars]) -> Bars:
        """Return these bars with limits that hold all of them, and zero."""
        values = [value for one in others for value in one.values.values() if np.isfinite(value)]
        return replace(self, lim=self.lim or (min(0.0, *values), max(0.0, *values)))

    def canvas(self) -> Canvas:
        """Draw the bars, the name before each and its number behind it."""
        if not self.lim:
            return self.shared([self]).canvas()
        low, high = self.lim if self.lim[0] < self.lim[1] else (0.0, 1.0)
        top, row = (24.0 if self.title else 2.0), 24.0
        canvas = Canvas(self.width, top + row * len(self.values) + 2)
        if self.title:
            canvas.text(0, 9, self.title, size=13, anchor="start", weight=600)
        words = {name: written(value) + self.unit for name, value in self.values.items()}
        left = 8 + max(text_width(name, SIZE) for name in words)
        behind = 8 + text_width("−0.000" + self.unit, SIZE)
        before = behind if low < 0 else 0.0
        scale = Axis(low, high, left + before, self.width - behind, False)
        zero = float(scale(0.0))
        for at, (name, value) in enumerate(self.values.items()):
            y = top + row * (at + 0.5)
            end = float(np.clip(scale(value), scale.start, scale.end)) if value == value else zero
            colour = "accent" if value >= 0 else "warm"
            fill = colour if not self.lit or name in self.lit else f"{colour}-soft"
            canvas.text(left - 8, y, name, size=SIZE, anchor="end")
            canvas.rect(min(zero, end), y - 8, abs(end - zero), 16, fill=fill)
            side = ("start", 6) if value >= 0 else ("end", -6)
            canvas.text(end + side[1], y, words[name], size=SIZE, fill="ink", anchor=side[0])
        canvas.path(f"M{number(zero)} {number(top)}v{number(row * len(words))}", width=1)
        return canvas

    def _repr_html_(self) -> str:
        return self.canvas()._repr_html_()


def bars(
    values: Mapping[str, float],
    *,
    lim: Limits | None = None,
    title: str = "",
    unit: str = "",
    lit: Iterable[str] = (),
    width: float = 330,
) -> Bars:
    """Draw numbers as horizontal bars, each by its name; a panel of `explore`.

    Parameters
    ----------
    values : mapping of str to float
        Negative ones go to the left of zero.
    lim : (low, high), optional
        By default what holds zero and all values, in `explore` those of all states.
    title, unit : str
        What stands above, and behind each number.
    lit : iterable of str
        Bars that stand out; the others are pale.
    width : float
        In pixels.

    Returns
    -------
    Bars

    Raises
    ------
    ValueError
        If there is no value, or none of the name in `lit`.

    Examples
    --------
    >>> bars({"ReLU": 0.96, "tanh": 0.94}).canvas().height
    52.0
    """
    lit = tuple(lit)
    missing = [name for name in lit if name not in values]
    if missing or not values:
        raise ValueError(f"bars: no value for {missing or 'anything'}; got {list(values)}")
    return Bars(dict(values), lim, title, unit, lit, width)
