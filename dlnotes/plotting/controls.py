"""The controls of a figure to handle; see `dlnotes.plotting.explore`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dlnotes.plotting.axes import ticked


@dataclass(frozen=True)
class Control:
    """One control: the values that ``draw`` gets, and the words that the reader sees."""

    kind: str
    label: str
    values: tuple[Any, ...]
    words: tuple[str, ...]
    start: int
    pace: int = 0

    def as_json(self, name: str) -> dict[str, Any]:
        """Return what the script needs to make the control."""
        label = self.label or name.replace("_", " ")
        facts = {
            "name": name,
            "kind": self.kind,
            "label": label,
            "words": self.words,
            "start": self.start,
        }
        return facts | ({"pace": self.pace} if self.pace else {})


def _control(kind: str, label: str, values: Iterable[Any], words: Any, start: Any) -> Control:
    """Return a control, after checking that it has something to choose and starts at one of it."""
    values = tuple(values)
    words = tuple(words or map(_written, values))
    if len(values) < 2:
        raise ValueError(
            f"{kind}: a control needs at least two values; got {len(values)} for {label!r}"
        )
    if start is not None and not any(start == value for value in values):
        known = ", ".join(map(_written, values[:12]))
        raise ValueError(
            f"{kind}: {label!r} starts at {start!r}, which is none of its values; "
            f"give one of {known}"
        )
    at = 0 if start is None else next(i for i, value in enumerate(values) if value == start)
    return Control(kind, label, values, words, at)


def _written(value: Any) -> str:
    """Return a value as the reader sees it."""
    number = hasattr(value, "__float__") and not isinstance(value, bool)
    return ticked(float(value)) if number else str(value)


def slider(values: Iterable[Any], label: str = "", *, start: Any = None, unit: str = "") -> Control:
    """Return a slider over these values, evenly spaced or not, in their order.

    Examples
    --------
    >>> slider([0.01, 0.1, 1], "rate", start=0.1).words
    ('0.01', '0.1', '1')
    """
    values = tuple(values)
    return _control("slider", label, values, [_written(v) + unit for v in values], start)


def choice(
    options: Iterable[str] | Mapping[str, Any], label: str = "", *, start: Any = None
) -> Control:
    """Return a row of options, one of which is chosen.

    With a mapping, ``draw`` gets the value and the reader sees the key; `start` is the key.

    Examples
    --------
    >>> choice(["ReLU", "tanh"], start="tanh").start
    1
    """
    words = tuple(options)
    values = tuple(options.values()) if isinstance(options, Mapping) else words
    found = _control("choice", label, words, [str(word) for word in words], start)
    return Control("choice", label, values, found.words, found.start)


def toggle(label: str = "", *, start: bool = False) -> Control:
    """Return a switch; ``draw`` gets False or True.

    Examples
    --------
    >>> toggle("log").values
    (False, True)
    """
    return _control("toggle", label, (False, True), ("off", "on"), bool(start))


def button(label: str, times: int) -> Control:
    """Return a button; ``draw`` gets 0, 1, … up to `times` − 1, and 0 again.

    Examples
    --------
    >>> button("draw again", 3).values
    (0, 1, 2)
    """
    words = [f"{at + 1} of {times}" for at in range(times)]
    return _control("button", label, range(times), words, None)


def steps(n: int, label: str = "step", *, start: int | None = None, pace: int = 1200) -> Control:
    """Return what plays a film: to the start, back, play, on, to the end, and a bar.

    ``draw`` gets 0, 1, … n − 1; `start` is by default the last, in which all is there. `pace` is
    in milliseconds a step.

    Examples
    --------
    >>> steps(9).start
    8
    """
    words = [f"{at + 1} of {n}" for at in range(n)]
    found = _control("steps", label, range(n), words, n - 1 if start is None else start)
    return Control("steps", label, found.values, found.words, found.start, pace)
