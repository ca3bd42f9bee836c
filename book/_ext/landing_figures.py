"""The two pictures of the landing page: a pad to draw a digit on, and the recorded ladder.

Both are computed when the page is built; no number of theirs is typed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from dlnotes import data, plotting
from dlnotes.ladder.rungs import RUNGS, Rung
from dlnotes.ladder.table import Row

LABEL = "A drawing pad with a handwritten 3, and ten columns of which the one for 3 is full."
RECIPES = {"modern": "today's recipe", "faithful": "the recipe of 2015"}
TICKS = [m * 10.0**e for e in range(-4, 0) for m in (1, 2, 3, 5)]


def digit() -> str:
    """Return the figure at the top of the page as HTML: the reader draws, a network reads."""
    images, labels = data.mnist_sample()
    return plotting.digit_reader(data.trained_cnn(), images, labels, start=36, label=LABEL).html()


def ladder(rows: Sequence[Row]) -> str:
    """Return the ladder as an HTML table whose middle column draws it, the last step on top.

    Errors stand on a logarithmic axis, fewer to the right.
    """
    steps = [rung for rung in RUNGS if rung.concept.startswith("ladder-")]
    here = {rung.name: [row for row in rows if row.rung == rung.name] for rung in steps}
    shown = [rung.published for rung in steps]
    shown += [end for some in here.values() for row in some for end in _ends(row)]
    axis = _Axis(shown)
    ticks = "".join(f'<i class="tick" style="left:{at}"></i>' for at, _ in axis.ticks)
    scale = "".join(f'<span style="left:{at}">{words}</span>' for at, words in axis.ticks)
    head = (
        '<tr><th scope="col">Step</th>'
        f'<th scope="col"><div class="scale">{scale}</div></th>'
        '<th scope="col">Here</th><th scope="col">2015</th></tr>'
    )
    body = "".join(_line(rung, here[rung.name], axis, ticks) for rung in reversed(steps))
    table = f"<thead>{head}</thead><tbody>{body}</tbody>"
    return f'<table class="ladder">{table}</table>{_legend(here)}'


class _Axis:
    """From accuracies to places in percent of the width."""

    def __init__(self, shown: Iterable[float]) -> None:
        errors = [1 - accuracy for accuracy in shown if not math.isnan(accuracy)]
        self.low, self.high = math.log(max(errors) * 1.1), math.log(max(min(errors), 1e-4) / 1.1)
        inside = [e for e in TICKS if self.high <= math.log(e) <= self.low]
        self.ticks = [(self(1 - error), f"{100 * (1 - error):.4g}") for error in inside]

    def place(self, accuracy: float) -> float:
        error = max(1 - accuracy, 1e-4)
        return 100 * (math.log(error) - self.low) / (self.high - self.low)

    def __call__(self, accuracy: float) -> str:
        return f"{self.place(accuracy):.2f}%"

    def band(self, kind: str, low: float, high: float) -> str:
        """Return a bar between two accuracies; of a single run there is none."""
        if math.isnan(low) or math.isnan(high):
            return ""
        width = self.place(high) - self.place(low)
        return f'<i class="{kind}" style="left:{self(low)};width:{width:.2f}%"></i>'


def _ends(row: Row) -> tuple[float, ...]:
    """Return all that is drawn of a row."""
    return row.test.low, row.test.high, row.sampling.low, row.sampling.high


def _line(rung: Rung, rows: Sequence[Row], axis: _Axis, ticks: str) -> str:
    """Return a step as a line of the table."""
    marks = "".join(axis.band("images", row.sampling.low, row.sampling.high) for row in rows)
    for row in rows:
        marks += axis.band("seeds", row.test.low, row.test.high)
        marks += f'<i class="dot {escape(row.recipe)}" style="left:{axis(row.test.value)}"></i>'
    marks += f'<i class="dot notes" style="left:{axis(rung.published)}"></i>'
    ours = "<br>".join(_written(row) for row in rows) or "not run yet"
    return (
        f'<tr><th scope="row"><b>{rung.name}</b> {escape(rung.title)}</th>'
        f'<td><div class="track" aria-hidden="true">{ticks}{marks}</div></td>'
        f"<td>{ours}</td><td>{100 * rung.published:.2f}</td></tr>"
    )


def _written(row: Row) -> str:
    """Return the mean in percent, with half of its interval over seeds."""
    half = row.test.half_width
    spread = "" if math.isnan(half) else f" ± {100 * half:.2f}"
    return f"{100 * row.test.value:.2f}{spread}"


def _legend(here: dict[str, list[Row]]) -> str:
    """Return what the marks mean, and what is drawn."""
    rows = [row for some in here.values() for row in some]
    words = '<span><i class="dot notes"></i> published 2015</span>'
    for recipe in dict.fromkeys(row.recipe for row in rows):
        words += f'<span><i class="dot {recipe}"></i> here, {RECIPES.get(recipe, recipe)}</span>'
    if not rows:
        return f'<p class="legend">{words} <span>Nothing is recorded here yet.</span></p>'
    runs = sorted({len(row.seeds) for row in rows})
    many = f"{runs[0]}" if len(runs) == 1 else f"{runs[0]} to {runs[-1]}"
    done = sum(map(bool, here.values()))
    words += (
        '<span><i class="seeds"></i> 95 % over seeds</span>'
        '<span><i class="images"></i> 95 % over test images</span>'
        f"<span>{done} of {len(here)} steps run, {many} seeds each; accuracy in percent, on "
        f"{rows[0].test_images:,} test images</span>"
    )
    return f'<p class="legend">{words}</p>'
