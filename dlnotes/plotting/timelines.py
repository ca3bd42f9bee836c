"""Networks in the order of their years, with what they hold and what they compute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

from dlnotes.counting import table
from dlnotes.plotting.labels import as_width, short_number, text_width, wrapped
from dlnotes.plotting.svg import Canvas
from dlnotes.specs import Network, get

LEFT, TRACK, RIGHT, LINE, YEAR = 46.0, 58.0, 20.0, 15.0, 7.0
SIZE, NUMBER = 12.0, 50.0

Errors = Mapping[str, tuple[float, str]]


@dataclass(frozen=True)
class _Entry:
    """A network of the timeline."""

    network: Network
    parameters: int
    products: int
    titles: tuple[str, ...]
    cited: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines of text."""
        return self.titles + self.cited

    @property
    def height(self) -> float:
        """Room for its lines and its track."""
        return LINE * len(self.lines) + 20


def timeline(
    networks: Iterable[str | Network], *, errors: Errors | None = None, width: float = 312
) -> Canvas:
    """Draw networks below each other by year, with parameters and multiply-adds as two dots.

    Parameters are those that are trained, multiply-adds those of the convention 'mac'.

    Parameters
    ----------
    networks : iterable of str or Network
        Names of `dlnotes.specs`, or networks. Those without a year are left out.
    errors : mapping of str to (float, str), optional
        A network's name to its top-5 error in percent and who published it.
    width : float
        In pixels.

    Returns
    -------
    Canvas
        Both dots stand on one logarithmic axis. Years without a network leave a gap that grows
        with their number, so that no label meets another.

    Raises
    ------
    TypeError
        If one is neither a name nor a network.
    ValueError
        If no network has a year, a name is unknown, an error has no source, or there is no
        such `width`.

    References
    ----------
    Concept cnn-evolution.

    Examples
    --------
    >>> timeline(["lenet5", "alexnet", "mnist-notes"]).svg().count("data-network")
    2
    """
    width = as_width(width, caller="timeline")
    entries = _entries(networks, {} if errors is None else errors, width)
    low, high = _decades(entries)
    canvas = Canvas(width, 0)
    places = _places(entries)
    canvas.height = places[-1] + entries[-1].height + 6
    _draw_axis(canvas, low, high)
    years: set[int] = set()
    for entry, y in zip(entries, places, strict=True):
        _draw(canvas, entry, y, (low, high), first=entry.network.year not in years)
        years.add(entry.network.year)
    return canvas


def _entries(networks: Iterable[str | Network], errors: Errors, width: float) -> list[_Entry]:
    """Return the networks with a year, in order."""
    if isinstance(networks, str | Network):
        networks = (networks,)
    if not isinstance(networks, Iterable) or not isinstance(errors, Mapping):
        raise TypeError(
            f"timeline: needs several networks, and errors by name; got {networks!r} and "
            f"errors={errors!r}; give ['lenet5', 'alexnet'] and {{'alexnet': (percent, source)}}"
        )
    given = [_network(one) for one in networks]
    dated = sorted((one for one in given if one.year), key=lambda one: one.year)
    if not dated:
        raise ValueError(
            f"timeline: no network has a year; got {len(given)} networks; give some from "
            "specs.names(), such as 'lenet5'"
        )
    stray = sorted(set(errors) - {one.name for one in given})
    if stray:
        raise ValueError(
            f"timeline: errors are given for {', '.join(stray)}, not among the networks; got "
            f"{', '.join(one.name for one in given)}; use the networks' names"
        )
    return [_entry(one, errors, width) for one in dated]


def _network(one: object) -> Network:
    """Return a network, by name or as it is."""
    if isinstance(one, Network):
        return one
    if not isinstance(one, str):
        raise TypeError(
            f"timeline: needs names or networks; got {one!r} ({type(one).__name__}); give "
            "['lenet5', 'alexnet'] or specs.get(name)"
        )
    return get(one)


def _entry(network: Network, errors: Errors, width: float) -> _Entry:
    """Return what the timeline shows of a network."""
    found = table(network)
    parameters, products = found.parameters.trainable, found.count("mac")
    lines = wrapped(network.title, SIZE, width - TRACK - 2 * NUMBER, bold=True)
    cited: list[str] = []
    if network.name in errors:
        error, source = _cited(network.name, errors[network.name])
        cited = wrapped(f"top-5 error {error:g} % ({source})", SIZE, width - TRACK)
    return _Entry(network, parameters, products, tuple(lines), tuple(cited))


def _cited(name: str, given: Any) -> tuple[float, str]:
    """Return an error in percent and its source."""
    error, source = given if isinstance(given, tuple) and len(given) == 2 else (-1, "")
    number = isinstance(error, int | float) and not isinstance(error, bool)
    if not number or not 0 <= error <= 100 or not isinstance(source, str) or not source.strip():
        raise ValueError(
            f"timeline: the error of {name} needs percent from 0 to 100 and a source; got "
            f"{given!r}; give (percent, who published it)"
        )
    return float(error), source


def _decades(entries: list[_Entry]) -> tuple[int, int]:
    """Return the powers of ten between which all numbers lie."""
    values = [n for one in entries for n in (one.parameters, one.products) if n]
    return floor(log10(min(values, default=1))), ceil(log10(max(values, default=10)) + 1e-9)


def _places(entries: list[_Entry]) -> list[float]:
    """Return where each entry begins."""
    y, year, found = 44.0, entries[0].network.year, []
    for entry in entries:
        y += YEAR * min(max(entry.network.year - year - 1, 0), 8)
        found.append(y)
        y, year = y + entry.height, entry.network.year
    return found


def _at(value: int, axis: tuple[int, int], width: float) -> float:
    """Return where a number stands on the axis."""
    low, high = axis
    return TRACK + (log10(value) - low) / (high - low) * (width - TRACK - RIGHT)


def _draw_axis(canvas: Canvas, low: int, high: int) -> None:
    """Draw the line of years, and the decades with their legend."""
    x = TRACK
    for words, colour in (("parameters", "accent"), ("multiply-adds", "warm")):
        canvas.dots([(x + 5, 9)], 4, fill=colour)
        canvas.text(x + 13, 9, words, size=11.5, fill=colour, anchor="start", weight=600)
        x += text_width(words, 11.5, bold=True) + 28
    canvas.path(f"M{LEFT:g} 40V{canvas.height - 2:g}", stroke="rule", width=2)
    step = 1 if high - low <= 4 else 2
    for power in range(low, high + 1, step):
        x = _at(10**power, (low, high), canvas.width)
        canvas.path(f"M{x:.2f} 36V{canvas.height - 4:.2f}", stroke="rule", width=0.75)
        words = short_number(10**power).replace(".00", "").replace(".0", "")
        canvas.text(x, 27, words, size=11, fill="muted")


def _draw(canvas: Canvas, entry: _Entry, y: float, axis: tuple[int, int], *, first: bool) -> None:
    """Draw one network: its year if it is the first of it, its name, its dots."""
    network, middle = entry.network, y + LINE / 2
    with canvas.group(data_network=network.name, data_year=str(network.year)):
        if first:
            year = str(network.year)
            canvas.text(LEFT - 8, middle, year, size=SIZE, anchor="end", weight=600)
            canvas.dots([(LEFT, middle)], 4, fill="ink")
        canvas.rect(TRACK, y, canvas.width - TRACK, LINE * len(entry.lines), fill="paper")
        for index, line in enumerate(entry.lines):
            weight, at = 400 if line in entry.cited else 600, middle + LINE * index
            canvas.text(TRACK, at, line, size=SIZE, anchor="start", weight=weight)
        _draw_numbers(canvas, entry, (y, axis))


def _draw_numbers(canvas: Canvas, entry: _Entry, place: tuple[float, tuple[int, int]]) -> None:
    """Draw both numbers of a network, as text and as dots on its track."""
    y, axis = place
    track = y + LINE * len(entry.lines) + 6
    numbers = ((entry.parameters, "accent", NUMBER), (entry.products, "warm", 0.0))
    ends = [_at(number, axis, canvas.width) for number, _, _ in numbers if number]
    if len(ends) == 2:
        canvas.path(f"M{min(ends):.2f} {track:.2f}H{max(ends):.2f}", stroke="muted", width=1)
    for number, colour, shift in numbers:
        words = short_number(number)
        x = canvas.width - shift
        canvas.text(x, y + LINE / 2, words, size=11.5, fill=colour, anchor="end")
        if number:
            canvas.dots([(_at(number, axis, canvas.width), track)], 4.5, fill=colour)
