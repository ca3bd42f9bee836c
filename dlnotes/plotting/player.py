"""Figures in steps: one drawing, parts of which appear or move from step to step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

from dlnotes.plotting.svg import Canvas, number


@cache
def player_script() -> str:
    """Return the script that plays the figures (``player.js``)."""
    return (files("dlnotes.plotting") / "player.js").read_text(encoding="utf-8")


def script_element() -> str:
    """Return the script in the element that the book recognises and serves only once."""
    return f"<script data-dln-player>{player_script()}</script>"


@dataclass(frozen=True, repr=False)
class Player:
    """A drawing with steps, a note for each, and buttons to walk through them.

    Parts of the drawing are shown by step with `from_step`, `only_step` and `moving`. Without
    JavaScript, and in print, the drawing stays at its ``still``. Nothing moves by itself unless
    ``autoplay`` is set, and never for a reader who asked for reduced motion.

    Attributes
    ----------
    canvas : Canvas
        The drawing, in the state of its still.
    notes : sequence of str
        What each step shows, in words; there are as many steps as notes.
    still : int
        The step that stands for all in print.
    pace : int
        Milliseconds a step when playing.
    autoplay : bool
        Play while the figure is on the screen, until the reader takes over.
    label : str
        Alternative text. In the book's figures it comes from the cell's metadata instead.
    """

    canvas: Canvas
    notes: Sequence[str]
    still: int
    pace: int = 1200
    autoplay: bool = False
    label: str = ""

    def __repr__(self) -> str:
        return f"<a figure in {len(self.notes)} steps>"

    def html(self) -> str:
        """Return the figure as HTML without the script that plays it."""
        words = json.dumps(list(self.notes), ensure_ascii=False)
        notes = escape(words, quote=False).replace("'", "&#39;")
        facts = f'data-steps="{len(self.notes)}" data-still="{self.still}" data-pace="{self.pace}"'
        facts += f' aria-label="{escape(self.label)}"' if self.label else ""
        facts += ' data-autoplay=""' if self.autoplay else ""
        opening = f'<div class="dln-player" role="group" {facts} data-notes=\'{notes}\'>'
        return f"{opening}\n{self.canvas.svg()}\n</div>"

    def _repr_html_(self) -> str:
        return f"{self.html()}\n{script_element()}"


def from_step(step: int, still: int) -> dict[str, str]:
    """Return group attributes for a part that is shown from ``step`` on."""
    return {"data_from": str(step)} | ({} if still >= step else {"style": "display:none"})


def span(step: int, until: int | None, still: int) -> dict[str, str]:
    """Return group attributes for a part that is shown from ``step`` to before ``until``."""
    if until is None:
        return from_step(step, still)
    hidden = {} if step <= still < until else {"style": "display:none"}
    return {"data_from": str(step), "data_until": str(until)} | hidden


def only_step(step: int, still: int) -> dict[str, str]:
    """Return group attributes for a part that is shown in ``step`` alone."""
    return {"data_only": str(step)} | ({} if still == step else {"style": "display:none"})


def moving(shifts: Sequence[tuple[float, float]], still: int) -> dict[str, str]:
    """Return group attributes for a part that is shifted by ``shifts[step]`` pixels."""
    words = ",".join(f"[{number(x)},{number(y)}]" for x, y in shifts)
    x, y = shifts[still]
    return {"data_move": f"[{words}]", "transform": f"translate({number(x)} {number(y)})"}
