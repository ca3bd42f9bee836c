"""What all figures that compute in the page share: a still, facts, and a script of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dlnotes.plotting.svg import Canvas, kept, panels, script_element


class Live:
    """A figure that computes in the page.

    Parameters
    ----------
    kind : str
        Name of its script in this folder, without ``.js``.
    still : sequence of Canvas
        What is seen at the start, on paper and without a script.
    sentence : str
        What the still says in numbers.
    facts : mapping
        What the script gets, as JSON has it.
    label : str
        Alternative text. In the book's figures it comes from the cell's metadata instead.
    needs : sequence of str
        Other scripts of this folder that its own builds on.

    Examples
    --------
    >>> Live("size", [Canvas(90, 20)], "Three places.", {"n": 5})
    <a figure that computes in the page: size>
    """

    def __init__(
        self,
        kind: str,
        still: Sequence[Canvas],
        sentence: str,
        facts: Mapping[str, Any],
        label: str = "",
        *,
        needs: Sequence[str] = (),
    ) -> None:
        self._kind, self._facts, self._needs = kind, facts, needs
        words = f'<p class="dln-words">{escape(sentence)}</p>'
        self._markup = f'<div class="dln-state">{panels(still, "14px 24px", label)}{words}</div>'

    def __repr__(self) -> str:
        return f"<a figure that computes in the page: {self._kind}>"

    def html(self) -> str:
        """Return the figure as HTML without its scripts."""
        facts = json.dumps(self._facts, ensure_ascii=False, separators=(",", ":"))
        facts = facts.replace("<", "\\u003c")
        needs = f' data-needs="{" ".join(self._needs)}"' if self._needs else ""
        return (
            f'<dln-live data-kind="{self._kind}"{needs}>{kept(self._markup)}\n'
            f'<script type="application/json">{facts}</script></dln-live>'
        )

    def _repr_html_(self) -> str:
        own = (f"computing/{name}.js" for name in (*self._needs, self._kind))
        names = ("explorer.js", "computing/core.js", *own)
        return "\n".join([self.html(), *map(script_element, names)])
