"""Axes of charts and bars: from numbers to pixels, and how the numbers at the ticks are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator

from dlnotes.plotting.grids import written

Limits = tuple[float, float]

SIZE = 12.0
"""Of the letters, in pixels."""


@dataclass(frozen=True)
class Axis:
    """From numbers to pixels: from low, which lies at start, to high, which lies at end."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def __call__(self, values: Any) -> np.ndarray:
        """Return where values lie; not finite where a logarithmic axis has no place for them."""
        values = np.asarray(values, dtype=float)
        low, high = self.low, self.high
        if self.log:
            values = np.log10(np.where(values > 0, values, np.nan))
            low, high = np.log10(low), np.log10(high)
        return self.start + (values - low) / (high - low) * (self.end - self.start)

    def ticks(self, most: int) -> list[float]:
        """Return round numbers within the limits."""
        locator = LogLocator(numticks=most + 2) if self.log else MaxNLocator(most)
        room = 1e-9 * (self.high - self.low)
        inside = [float(t) for t in locator.tick_values(self.low, self.high)]
        inside = [t for t in inside if self.low - room <= t <= self.high + room]
        return inside if len(inside) > 1 or not self.log else [self.low, self.high]


def ticked(value: float) -> str:
    """Return the number at a tick.

    Examples
    --------
    >>> ticked(-0.5), ticked(1e-6), ticked(30000)
    ('−0.5', '10⁻⁶', '30,000')
    """
    value = 0.0 if abs(value) < 1e-12 else value
    power = np.log10(abs(value)) if value else 0.0
    if not -4 < power < 6 and abs(power - round(power)) < 1e-9:
        sign = "−" if value < 0 else ""
        return f"{sign}10" + str(round(power)).translate(
            str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
        )
    return f"{value:,.0f}".replace("-", "−") if abs(value) >= 1000 else written(value)
