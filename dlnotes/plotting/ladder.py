"""The ladder as a chart: the notes' figures beside ours, with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from dlnotes.plotting.theme import light


@dataclass(frozen=True)
class LadderPoint:
    """One rung of the chart; all numbers are accuracies between 0 and 1.

    Parameters
    ----------
    label : str
        What stands at the axis.
    published : float
        The notes' figure.
    mean, low, high : float
        Our mean and its interval over seeds; the ends are NaN for a single run.
    image_low, image_high : float
        What other test images would leave possible.
    """

    label: str
    published: float
    mean: float
    low: float
    high: float
    image_low: float
    image_high: float


def accuracy_ladder(points: Sequence[LadderPoint], *, ax: Axes | None = None) -> Axes:
    """Draw the notes' accuracies and ours, one rung a line, from below upwards.

    The axis counts errors on a logarithmic scale, so that the step from 99.5 to 99.6 is as large
    as it is hard; it is labelled with accuracies. Intervals are the caller's, 95 % in the book.

    Parameters
    ----------
    points : sequence of LadderPoint
        The rungs, lowest first.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there are no points.

    Examples
    --------
    >>> point = LadderPoint("1 dense", 0.978, 0.98, 0.979, 0.981, 0.977, 0.983)
    >>> len(accuracy_ladder([point]).get_yticks())
    1
    """
    if not points:
        raise ValueError("accuracy_ladder: no points; got 0 of them; record a run first")
    if ax is None:
        ax = Figure(figsize=(7.0, 1.2 + 0.42 * len(points)), layout="constrained").subplots()
    for place, point in enumerate(points):
        _draw(ax, place, point)
    ax.set_yticks(range(len(points)), [point.label for point in points])
    ax.set_ylim(-0.7, len(points) - 0.3)
    _error_axis(ax, points)
    ax.figure.legend(loc="outside lower center", ncols=3)
    return ax


def _draw(ax: Axes, place: int, point: LadderPoint) -> None:
    """Draw one rung: the notes as a diamond, ours as a dot with two intervals."""
    images, here, notes = "other test images", "here, and other seeds", "the notes"
    if place:  # the legend has each once
        images = here = notes = "_"
    blue, orange = light("accent"), light("warm")
    ends = [_error(point.image_low), _error(point.image_high)]
    ax.plot(ends, [place, place], color=light("accent-soft"), linewidth=7, label=images)
    if not math.isnan(point.low):
        ax.plot([_error(point.low), _error(point.high)], [place, place], color=blue, linewidth=2)
    ax.plot(_error(point.mean), place, "o", color=blue, markersize=5, label=here)
    ring: dict[str, Any] = {"markerfacecolor": "none", "markeredgewidth": 1.6, "markersize": 8}
    ax.plot(_error(point.published), place, "D", color=orange, label=notes, **ring)


def _error(accuracy: float) -> float:
    """Return the share of errors, and never quite none: the axis is logarithmic."""
    return max(1 - accuracy, 1e-5)


def _error_axis(ax: Axes, points: Sequence[LadderPoint]) -> None:
    """Scale and label the axis of accuracies, better ones to the right."""
    every = [_error(x) for p in points for x in (p.published, p.image_low, p.image_high, p.low)]
    errors = [error for error in every if not math.isnan(error)]
    low, high = min(errors) / 1.15, max(errors) * 1.15
    ax.set_xscale("log")
    ax.set_xlim(high, low)
    steps = [m * 10.0**e for e in range(-5, 0) for m in (1, 2, 3, 5)]
    ax.set_xticks([step for step in steps if low <= step <= high])
    ax.set_xticks([], minor=True)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda error, _: f"{100 * (1 - error):.6g}"))
    ax.set_xlabel("test accuracy in percent")
