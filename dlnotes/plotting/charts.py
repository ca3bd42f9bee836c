"""Charts for figures to handle: curves and dots, drawn as text that follows the theme.

Matplotlib draws the charts that stand still. These are smaller, and their limits may be shared by
all states of a figure, so that the axes stay where they are while the curves move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlnotes.plotting.axes import SIZE, Axis, Limits, ticked
from dlnotes.plotting.labels import text_width
from dlnotes.plotting.pictures import png
from dlnotes.plotting.svg import Canvas, number
from dlnotes.plotting.theme import CYCLE

LINE = 17.0
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2")
"""Curves differ in more than their colour."""


@dataclass(frozen=True)
class Chart:
    """Curves in a frame; see `chart`."""

    curves: Mapping[str, tuple[np.ndarray, np.ndarray]]
    dots: Mapping[str, tuple[np.ndarray, np.ndarray]]
    rules: Mapping[str, float]
    x: str
    y: str
    log: str
    xlim: Limits | None
    ylim: Limits | None
    title: str
    width: float
    height: float
    ground: tuple[Any, Limits] | None = None

    def shared(self, others: Sequence[Chart]) -> Chart:
        """Return this chart with limits that hold what all of these show."""
        held = [(*one.curves.values(), *one.dots.values()) for one in others]
        xs = [xs for all_ in held for xs, _ in all_] + [[*one.rules.values()] for one in others]
        ys = [ys for all_ in held for _, ys in all_]
        xlim = self.xlim or _limits(xs, "x" in self.log, 0.0)
        return replace(self, xlim=xlim, ylim=self.ylim or _limits(ys, "y" in self.log, 0.05))

    def canvas(self) -> Canvas:
        """Draw the chart."""
        own = self.shared([self])
        return _drawn(self, own.xlim or (0.0, 1.0), own.ylim or (0.0, 1.0))

    def _repr_html_(self) -> str:
        return self.canvas()._repr_html_()


def chart(
    curves: Mapping[str, Any],
    *,
    x: str = "",
    y: str = "",
    log: str = "",
    xlim: Limits | None = None,
    ylim: Limits | None = None,
    dots: Mapping[str, Any] | None = None,
    rules: Mapping[str, float] | Sequence[float] = (),
    title: str = "",
    width: float = 330,
    height: float = 230,
    ground: tuple[Any, Limits] | None = None,
) -> Chart:
    """Draw curves, each by its name; a panel of `explore`, or a picture of its own.

    Parameters
    ----------
    curves : mapping of str to (xs, ys)
        Gaps stand where a value is not finite. An empty mapping is a chart of dots alone.
    x, y, title : str
        What stands at the axes and above.
    log : {"", "x", "y", "xy"}
        Axes that are logarithmic.
    xlim, ylim : (low, high), optional
        By default what holds all points, in `explore` those of all states.
    dots : mapping of str to (xs, ys), optional
        Points, in the colour of the curve of the same name. Numbers are one point.
    rules : sequence of float, or mapping of str to float
        Where vertical lines stand, with or without words.
    width, height : float
        In pixels.
    ground : (values, (low, high)), optional
        A map below the curves that fills the frame, its upper row on top: blue above the middle
        of the two limits, orange below it. It needs `xlim` and `ylim`.

    Returns
    -------
    Chart

    Raises
    ------
    ValueError
        If xs and ys differ in size, nothing is to be drawn, `log` is none of these, or a ground
        has no limits.

    Examples
    --------
    >>> chart({"square": ([0, 1, 2], [0, 1, 4])}, x="x").canvas().width
    330
    """
    if log not in ("", "x", "y", "xy"):
        raise ValueError(f"chart: log is '', 'x', 'y' or 'xy'; got {log!r}")
    named = (
        dict(rules) if isinstance(rules, Mapping) else {" " * at: r for at, r in enumerate(rules)}
    )
    lines = {name: _points(name, pair) for name, pair in curves.items()}
    points = {name: _points(name, pair) for name, pair in (dots or {}).items()}
    if not lines and not points:
        raise ValueError("chart: got neither curves nor dots; give {'name': (xs, ys)}")
    if ground is not None and not (xlim and ylim):
        raise ValueError(f"chart: a ground fills xlim × ylim; got {xlim} × {ylim}; give both")
    return Chart(lines, points, named, x, y, log, xlim, ylim, title, width, height, ground)


def _points(name: str, pair: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return xs and ys as arrays of one size."""
    xs, ys = (np.atleast_1d(np.asarray(part, dtype=float)) for part in pair)
    if xs.shape != ys.shape or xs.ndim != 1:
        raise ValueError(
            f"chart: {name!r} has xs of shape {xs.shape} and ys of shape {ys.shape}; "
            "give two vectors of one length"
        )
    return xs, ys


def _limits(parts: Iterable[Any], log: bool, margin: float) -> Limits:
    """Return limits that hold all finite numbers (all above 0, on a logarithmic axis)."""
    values = np.concatenate([np.ravel(part).astype(float) for part in parts])
    values = values[np.isfinite(values) & ((values > 0) | (not log))]
    if not values.size:
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    if log:
        room = (high / low) ** margin if low < high else 2.0
        return low / room, high * room
    if low == high:
        low, high = low - 0.5, high + 0.5
    room = margin * (high - low)
    return low - room * (low != 0), high + room


def _drawn(chart: Chart, xlim: Limits, ylim: Limits) -> Canvas:
    """Draw a chart between these limits."""
    canvas = Canvas(chart.width, chart.height)
    top = _legend(canvas, chart) + 14 * any(words.strip() for words in chart.rules)
    bottom = chart.height - (38 if chart.x else 22)
    across = Axis(*ylim, bottom, top, "y" in chart.log)
    ticks = across.ticks(5)
    left = 10 + max(text_width(ticked(t), SIZE) for t in ticks)
    along = Axis(*xlim, left, chart.width - 12, "x" in chart.log)
    for tick in ticks:
        y = float(across(tick))
        canvas.path(f"M{number(left)} {number(y)}H{number(along.end)}", stroke="rule", width=0.7)
        canvas.text(left - 6, y, ticked(tick), size=SIZE, fill="muted", anchor="end")
    _x_ticks(canvas, chart, along, bottom)
    for words, at in chart.rules.items():
        half = text_width(words, SIZE) / 2
        x = float(np.clip(along(at), left + half, max(left + half, along.end - half)))
        canvas.text(x, top - 8, words.strip(), size=SIZE, fill="muted")
    _curves(canvas, chart, along, across)
    _dots(canvas, chart, along, across)
    return canvas


def _curves(canvas: Canvas, chart: Chart, along: Axis, across: Axis) -> None:
    """Draw vertical lines and curves, and of them what lies in the frame."""
    left, top, bottom = along.start, across.end, across.start
    with canvas.clip(left, top - 1, along.end - left, bottom - top + 2):
        if chart.ground:
            map_ = png(np.asarray(chart.ground[0], dtype=float), *chart.ground[1], signed=0.6)
            canvas.image(0, 1, along.end - left, bottom - top, map_)
        for at in chart.rules.values():
            x = number(float(along(at)) - left)
            canvas.path(f"M{x} 0V{number(bottom)}", stroke="muted", width=1.2, dash="3 3")
        for index, (xs, ys) in enumerate(chart.curves.values()):
            curve = polyline(along(xs) - left, across(ys) - top + 1)
            colour, dash = CYCLE[index % len(CYCLE)], DASHES[index % len(DASHES)]
            canvas.path(curve, stroke=colour, width=2, dash=dash)


def _x_ticks(canvas: Canvas, chart: Chart, along: Axis, bottom: float) -> None:
    """Draw the horizontal axis with its numbers, as many as there is room for."""
    canvas.path(f"M{number(along.start)} {number(bottom)}H{number(along.end)}", width=1)
    ticks = along.ticks(6)
    widest = max(text_width(ticked(t), SIZE) for t in ticks) + 6
    keep = max(1, int(np.ceil(widest * len(ticks) / (along.end - along.start))))
    for tick in ticks[::keep]:
        words = ticked(tick)
        half = text_width(words, SIZE) / 2
        x = min(float(along(tick)), chart.width - 1 - half)
        canvas.text(x, bottom + 12, words, size=SIZE, fill="muted")
    if chart.x:
        canvas.text((along.start + along.end) / 2, bottom + 29, chart.x, size=SIZE)


def _dots(canvas: Canvas, chart: Chart, along: Axis, across: Axis) -> None:
    """Draw the points that lie within the limits."""
    names = [*chart.curves]
    for name, (xs, ys) in chart.dots.items():
        at = names.index(name) if name in names else len(names)
        names += [] if name in names else [name]
        px, py = along(xs), across(ys)
        inside = (px >= along.start - 1) & (px <= along.end + 1)
        inside &= (py <= across.start + 1) & (py >= across.end - 1)
        places = list(zip(px[inside], py[inside], strict=True))
        canvas.dots(places, 5 if len(xs) < 9 else 2.5, fill=CYCLE[at % len(CYCLE)])


def _legend(canvas: Canvas, chart: Chart) -> float:
    """Write title, name of the vertical axis and names of the curves; return where they end."""
    y = 9.0
    if chart.title:
        canvas.text(0, y, chart.title, size=13, anchor="start", weight=600)
        y += LINE + 1
    x = 0.0
    if chart.y:
        canvas.text(0, y, chart.y, size=SIZE, anchor="start")
        x = text_width(chart.y, SIZE) + 14
    names = list(dict.fromkeys([*chart.curves, *chart.dots]))
    for at, name in enumerate(names if len(names) > 1 or not chart.y else []):
        wide = 22 + text_width(name, SIZE)
        if x and x + wide > chart.width:
            x, y = 0.0, y + LINE
        colour = CYCLE[at % len(CYCLE)]
        if name in chart.curves:
            mark = f"M{number(x)} {number(y)}h17"
            canvas.path(mark, stroke=colour, width=2, dash=DASHES[at % len(DASHES)])
        else:
            canvas.dots([(x + 9, y)], 4, fill=colour)
        canvas.text(x + 22, y, name, size=SIZE, anchor="start")
        x += wide + 12
    return y + 14


def polyline(xs: np.ndarray, ys: np.ndarray) -> str:
    """Return a path through points, broken where one is not finite, as short as may be.

    Examples
    --------
    >>> polyline(np.array([0, 1, 2, 3.5]), np.array([0, 1, 2, 2.04]))
    'M0 0l2 2 1.5 0'
    """
    points = np.round(np.clip(np.stack([xs, ys], axis=1), -4000, 4000), 1)  # (n, 2)
    good = np.isfinite(points).all(axis=1)
    pieces = []
    for piece in np.split(np.arange(len(points)), np.flatnonzero(~good)):
        piece = piece[good[piece]]
        if len(piece) > 1:
            kept = points[piece][_needed(points[piece])]
            steps = np.round(np.diff(kept, axis=0), 1)
            words = " ".join(f"{_short(a)} {_short(b)}" for a, b in steps).replace(" -", "-")
            pieces.append(f"M{_short(kept[0, 0])} {_short(kept[0, 1])}l{words}")
    return "".join(pieces) or "M0 0"


def _short(value: float) -> str:
    """Return a coordinate with one decimal, without the zero before the point."""
    words = f"{value + 0.0:.1f}".removesuffix(".0")
    return words.replace("0.", ".", 1) if abs(value) < 1 else words


def _needed(points: np.ndarray, within: float = 0.15) -> np.ndarray:
    """Return which points a curve needs so that no other is further away than ``within``."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    todo = [(0, len(points) - 1)]
    while todo:
        first, last = todo.pop()
        if last - first < 2:
            continue
        (x0, y0), (x1, y1) = points[first], points[last]
        inner = points[first + 1 : last] - (x0, y0)
        length = max(float(np.hypot(x1 - x0, y1 - y0)), 1e-9)
        away = np.abs(inner[:, 0] * (y1 - y0) - inner[:, 1] * (x1 - x0)) / length
        if (away > within).any():
            middle = first + 1 + int(np.argmax(away))
            keep[middle] = True
            todo += [(first, middle), (middle, last)]
    return keep
