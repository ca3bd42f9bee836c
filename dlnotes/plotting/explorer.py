"""Figures to handle: a function of the controls' values, drawn for every state beforehand.

`explore` draws all states, gives charts of one place the same limits, refuses what would not do
on a phone, and stores the first state with what differs in the others (`states`). In a notebook
the markup stands inside of script elements, which one that is not trusted drops with all they
hold: there is one line that says what to do, and no loose numbers. The book's extension takes
the markup out, and the copy of the script.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import product
from typing import Any

import numpy as np

from dlnotes.plotting.bars import Bars
from dlnotes.plotting.charts import Chart
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
        a grid's cells pick no control, a panel is too wide for a phone, or the figure takes more
        than 150 kB.
    """
    _check_controls(controls)
    kept = list(controls.values())
    every = product(*(control.values for control in kept))
    settings = [dict(zip(controls, values, strict=True)) for values in every]
    states = [_parts(draw(**setting), setting) for setting in settings]
    _check_picks(states[0][0], controls)
    canvases = _canvases([parts for parts, _ in states], settings)
    drawings = [
        _markup(each, sentences, label)
        for each, (_, sentences) in zip(canvases, states, strict=True)
    ]
    sizes = [len(control.values) for control in kept]
    start = np.ravel_multi_index([control.start for control in kept], sizes)
    markup, facts = packed(drawings, sizes, int(start))
    facts["controls"] = [control.as_json(name) for name, control in controls.items()]
    words = f"<a figure to handle: {', '.join(controls)}, in {len(states)} states>"
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


def _check_picks(parts: Sequence[Any], controls: Mapping[str, Control]) -> None:
    """Refuse a grid whose cells set no control, or have no value for it."""
    for part in parts:
        if isinstance(part, Grid) and part.pick:
            control = controls.get(part.pick)
            values = len(control.values) if control else 0
            if part.array.size != values:
                raise ValueError(
                    f"explore: the {part.array.size} cells of the grid {part.name!r} pick "
                    f"{part.pick!r}, which has {values} values; a cell stands for each value of a "
                    f"control (here: {', '.join(controls)})"
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
