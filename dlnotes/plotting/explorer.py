"""Figures to handle: controls over states that the cell has computed.

You write a function of the controls' values that returns what is seen then: *panels* (a `chart`,
`bars`, a `Grid`, a `picture`, a `diagram`, any `Canvas`) and at least one *sentence*, a string
that says it in words. `explore` calls it once for every state, stores one state, and what differs
in the others. In the page a small script puts the differences in; it computes nothing.

>>> from dlnotes import plotting
>>> def draw(power):
...     xs = [at / 10 for at in range(11)]
...     ys = [x**power for x in xs]
...     return [plotting.chart({"power": (xs, ys)}, x="x"), f"The half becomes {0.5**power}."]
>>> plotting.explore(draw, power=plotting.slider([1, 2, 3], start=2))
<a figure to handle: power, in 3 states>

The state at the start is the first thing seen, the still on paper, and all there is without a
script. Panels stand side by side, below each other on a phone: one that is wider than about
345 pixels would have unreadable text there, and is refused. Compute outside of ``draw``, and let
it look up; a random number in it needs a seed, for the book compares what is stored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import product
from typing import Any

from dlnotes.plotting.charts import Bars, Chart
from dlnotes.plotting.controls import Control
from dlnotes.plotting.grids import Grid
from dlnotes.plotting.states import packed
from dlnotes.plotting.svg import Canvas, kept, number, panels, script_element

STATES = 600
BYTES = 150_000
NARROW = 284.0
"""Pixels that a figure has on a screen of 320."""
SMALLEST = 10.0
_SIZE = re.compile(r"font-size:([\d.]+)px[^>]*>[^<]")


class Explorer:
    """A figure to handle; see `explore`."""

    def __init__(self, markup: str, facts: Mapping[str, Any], words: str) -> None:
        self._markup, self._facts, self._words = markup, facts, words

    def __repr__(self) -> str:
        return self._words

    def html(self) -> str:
        """Return the figure as HTML without the script that moves it."""
        facts = json.dumps(self._facts, ensure_ascii=False, separators=(",", ":"))
        facts = facts.replace("<", "\\u003c")
        return (
            f"<dln-explore>{kept(self._markup)}\n"
            f'<script type="application/json">{facts}</script></dln-explore>'
        )

    def _repr_html_(self) -> str:
        return f"{self.html()}\n{script_element('explorer.js')}"


def explore(draw: Callable[..., Any], /, *, label: str = "", **controls: Control) -> Explorer:
    """Return a figure that shows ``draw(**values)`` for the values its controls are set to.

    Parameters
    ----------
    draw : callable
        Gets one value of each control by keyword; returns a list of panels and sentences.
    label : str
        Alternative text. In the book's figures it comes from the cell's metadata instead.
    **controls : Control
        From `slider`, `choice`, `toggle`, `button`, `steps`: at most two sliders, choices and
        steps together. The keyword is the label, unless the control has one.

    Returns
    -------
    Explorer
        A notebook shows it.

    Raises
    ------
    TypeError
        If a control or a panel is none.
    ValueError
        If there are no states or too many, a state has no sentence or another number of panels,
        a panel is too wide for a phone, or the figure takes more than 150 kB.
    """
    _check_controls(controls)
    names, kept = list(controls), list(controls.values())
    settings = [
        dict(zip(names, values, strict=True)) for values in product(*(c.values for c in kept))
    ]
    states = [_parts(draw(**setting), setting) for setting in settings]
    sizes = [len(control.values) for control in kept]
    start = 0
    for control, size in zip(kept, sizes, strict=True):
        start = start * size + control.start
    canvases = _canvases([parts for parts, _ in states], settings)
    drawings = [
        _markup(each, sentences, label)
        for each, (_, sentences) in zip(canvases, states, strict=True)
    ]
    markup, facts = packed(drawings, sizes, start)
    facts["controls"] = [control.as_json(name) for name, control in controls.items()]
    words = f"<a figure to handle: {', '.join(names)}, in {len(states)} states>"
    figure = Explorer(markup, facts, words)
    size = len(figure.html().encode())
    if size > BYTES:
        raise ValueError(
            f"explore: the figure takes {size:,} bytes in {len(states)} states, and {BYTES:,} are "
            "the most; give fewer states, fewer points a curve or smaller pictures"
        )
    return figure


def _check_controls(controls: Mapping[str, Control]) -> None:
    """Refuse what is no control, none at all, and too many states."""
    for name, control in controls.items():
        if not isinstance(control, Control):
            raise TypeError(
                f"explore: {name} is {type(control).__name__}, no control; "
                "give slider(…), choice(…), toggle(…), button(…) or steps(…)"
            )
    many = [n for n, c in controls.items() if c.kind in ("slider", "choice", "steps")]
    states = 1
    for control in controls.values():
        states *= len(control.values)
    if not controls or len(many) > 2 or states > STATES:
        raise ValueError(
            f"explore: got the controls {', '.join(controls) or '(none)'} with {states} states; "
            f"a figure has at least one control, at most two of slider, choice and steps "
            f"(here {len(many)}), and at most {STATES} states"
        )


def _parts(drawn: Any, setting: Mapping[str, Any]) -> tuple[list[Any], list[str]]:
    """Return the panels and the sentences of a state."""
    drawn = list(drawn) if isinstance(drawn, list | tuple) else [drawn]
    parts = [part for part in drawn if not isinstance(part, str)]
    sentences = [part for part in drawn if isinstance(part, str)]
    for panel in parts:
        if not isinstance(panel, Chart | Bars | Grid | Canvas):
            raise TypeError(
                f"explore: draw returned {type(panel).__name__} for {_said(setting)}; a panel is a "
                "chart, bars, a Grid, a picture, a diagram or a Canvas"
            )
    if not parts or not any(map(str.strip, sentences)):
        lacks = "no sentence" if parts else "no panel"
        raise ValueError(
            f"explore: draw returned {lacks} for {_said(setting)}; every state has at least one "
            "panel, and a string that says what is seen"
        )
    return parts, sentences


def _said(setting: Mapping[str, Any]) -> str:
    """Return a state in words, for a message."""
    return ", ".join(f"{name}={value!r}" for name, value in setting.items())


def _canvases(
    states: Sequence[Sequence[Any]], settings: Sequence[Mapping[str, Any]]
) -> list[list[Canvas]]:
    """Draw the panels of all states, charts of one place with the same limits."""
    for parts, setting in zip(states, settings, strict=True):
        if [type(part) for part in parts] != [type(part) for part in states[0]]:
            raise ValueError(
                f"explore: draw returned {len(parts)} panels for {_said(setting)} and "
                f"{len(states[0])} for {_said(settings[0])}, or others; every state has the same"
            )
    columns = []
    for alike in zip(*states, strict=True):
        if isinstance(alike[0], Chart | Bars):
            columns.append([panel.shared(alike).canvas() for panel in alike])
        else:
            columns.append([p.canvas() if isinstance(p, Grid) else p for p in alike])
    return [list(parts) for parts in zip(*columns, strict=True)]


def _markup(drawings: Sequence[Canvas], sentences: Sequence[str], label: str) -> str:
    """Return one state as HTML that is also well-formed XML."""
    for at, canvas in enumerate(drawings, start=1):
        _check_width(canvas.svg(), canvas.width, at)
    words = "".join(f'<p class="dln-words">{escape(one)}</p>' for one in sentences)
    return f'<div class="dln-state">{panels(drawings, "14px 24px", label)}{words}</div>'


def _check_width(svg: str, width: float, at: int) -> None:
    """Refuse a panel whose text would be too small on a phone."""
    smallest = min(map(float, _SIZE.findall(svg)), default=99.0)
    shown = smallest * min(1.0, NARROW / width)
    if shown < SMALLEST - 0.01:
        most = NARROW * smallest / SMALLEST
        raise ValueError(
            f"explore: panel {at} is {number(width)} pixels wide with text of {number(smallest)}, "
            f"which a phone shows as {shown:.1f}, and {SMALLEST:g} is the least; give larger cells "
            f"or text, a panel of at most {max(most, NARROW):.0f} pixels, or two panels"
        )
