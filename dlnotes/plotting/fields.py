"""How much of its input a value sees, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dlnotes import shapes
from dlnotes.counting import Row, Shapes, table
from dlnotes.plotting.labels import as_width, one_line, size_words, text_width
from dlnotes.plotting.svg import Canvas
from dlnotes.specs import Network, Part

LABEL, NUMBER, LINE, HEAD = 112.0, 76.0, 18.0, 26.0
SIZE, LEAST = 11.5, 10.0


def receptive_fields(
    network: Network | Part,
    input_shape: Shapes | None = None,
    *,
    rows: int = 60,
    width: float = 312,
) -> Canvas:
    r"""Draw the receptive field of one value after each layer beside the input's width.

    .. math:: r_l = r_{l-1} + (k_l - 1) \, j_{l-1}, \quad j_l = j_{l-1} s_l

    Parameters
    ----------
    network : Network or Part
        From `dlnotes.specs`, or your own.
    input_shape : tuple of int, optional
        Without the batch; a network knows its own, a part does not.
    rows : int
        Where there would be more lines than these, layers are put together, part by part.
    width : float
        In pixels.

    Returns
    -------
    Canvas
        Each bar is drawn in the middle; what lies beyond the input is padding. Layers that see
        no more than one before them are left out.

    Raises
    ------
    TypeError
        If `network` is neither, or a part comes without a shape.
    ValueError
        If no layer has a field, or there are no such `rows` or `width`.

    References
    ----------
    Concept receptive-field.

    Examples
    --------
    >>> from dlnotes import specs
    >>> receptive_fields(specs.get("lenet5")).svg().count("data-field")
    5
    """
    rows = shapes.as_int(rows, "rows", caller="receptive_fields")
    width = as_width(width, caller="receptive_fields")
    found = table(network, input_shape)
    seen = _shown(found.rows, rows)
    if not seen:
        raise ValueError(
            "receptive_fields: no layer sees a window of an image or a signal; got input shape "
            f"{found.input} and {len(found.rows)} layers; give a network with convolutions"
        )
    size = _input_size(found.input)
    canvas = Canvas(width, HEAD + LINE * len(seen) + 26)
    pixels = (width - LABEL - NUMBER) / max(size, *(_field(row) for row in seen))
    _draw_input(canvas, size, pixels, beyond=_field(seen[-1]) > size)
    for index, (row, name) in enumerate(zip(seen, _labels(seen), strict=True)):
        _draw_row(canvas, (row, name), HEAD + LINE * index, size, pixels)
    return canvas


def _input_size(shape: Shapes) -> int:
    """Return the width of the input."""
    last = shape[-1]
    return last if isinstance(last, int) else last[-1]


def _field(row: Row) -> int:
    """Return the width of a row's field; 0 if it has none."""
    return row.receptive[-1] if row.receptive else 0


def _shown(rows: tuple[Row, ...], most: int) -> list[Row]:
    """Return rows that see more than all before them, put together until few enough are left."""
    depth = max((row.path.count(".") for row in rows), default=0) + 1
    while True:
        found: dict[str, Row] = {}
        for row in rows:
            path = ".".join(row.path.split(".")[:depth])
            if _field(row) > _field(found.get(path, replace(row, receptive=None))):
                found[path] = replace(row, path=path)
        grown: list[Row] = []
        for row in found.values():
            if _field(row) > max(map(_field, grown), default=1):
                grown.append(row)
        if len(grown) <= most or depth == 1:
            return grown
        depth -= 1


def _draw_input(canvas: Canvas, size: int, pixels: float, *, beyond: bool) -> None:
    """Draw the band of the input behind all bars, and say what is what."""
    wide = size * pixels
    middle = LABEL + (canvas.width - LABEL - NUMBER) / 2
    canvas.rect(middle - wide / 2, HEAD - 4, wide, canvas.height - HEAD - 18, fill="wash")
    canvas.text(middle, 10, f"input: {size} wide", size=SIZE, fill="muted")
    canvas.text(canvas.width, 10, "sees", size=SIZE, fill="muted", anchor="end")
    y = canvas.height - 8
    if beyond:
        canvas.rect(LABEL, y - 5, 10, 10, fill="warm-soft", stroke="warm")
        words = "beyond the input (padding)"
        canvas.text(LABEL + 15, y, words, size=11, fill="muted", anchor="start")


def _draw_row(canvas: Canvas, named: tuple[Row, str], y: float, size: int, pixels: float) -> None:
    """Draw one bar, the part inside the input in another colour than what lies beyond."""
    row, name = named
    field = _field(row)
    middle = LABEL + (canvas.width - LABEL - NUMBER) / 2
    with canvas.group(data_field=str(field), data_layer=row.path):
        for wide, colour in ((field, "warm"), (min(field, size), "accent")):
            if colour == "accent" or field > size:
                w = max(wide * pixels, 1.5)
                soft = f"{colour}-soft"
                canvas.rect(middle - w / 2, y + 3, w, LINE - 6, fill=soft, stroke=colour)
        small = SIZE * min(1.0, (LABEL - 10) / text_width(name, SIZE))
        canvas.text(LABEL - 8, y + LINE / 2, name, size=small, anchor="end")
        words = size_words(row.receptive, len(row.receptive or ()))
        canvas.text(canvas.width, y + LINE / 2, words, size=SIZE, fill="muted", anchor="end")


Names = list[str]
_SHORTER: tuple[Callable[[Names], str], ...] = (
    lambda names: ".".join(names[:2]),
    lambda names: f"{names[0]} … {names[-1]}",
    lambda names: f"… {'.'.join(names[-2:])}",
    lambda names: names[0],
)
"""Ways of writing a path that has no room, the first ones preferred."""


def _labels(rows: list[Row]) -> list[str]:
    """Return a name for each row: its path, or what is left of it in the way that tells most."""

    def written(shorter: Callable[[Names], str]) -> list[str]:
        paths = [row.path for row in rows]
        tried = [(path, shorter(path.split(".")), path.partition(".")[0]) for path in paths]
        fitting = [next((one for one in some if _fits(one)), some[-1]) for some in tried]
        return [one_line(name, LEAST, LABEL - 10, bold=False) for name in fitting]

    return max(map(written, _SHORTER), key=lambda names: len(set(names)))


def _fits(words: str) -> bool:
    """Say whether words have room at a size that can be read."""
    return text_width(words, LEAST) <= LABEL - 10
