"""One axis of a convolution: the cells, and below them every window."""

from __future__ import annotations

from dlnotes import shapes
from dlnotes.plotting.svg import Canvas

CELL, LEAST = 24.0, 17.0
LINE = 15.0
SIDE = 16.0
PHONE = 355.0
"""The widest drawing whose numbers a phone of 320 pixels shows at ten."""


def axis_windows(
    n: int,
    k: int,
    *,
    stride: int = 1,
    padding: shapes.Padding = 0,
    dilation: int = 1,
    name: str = "",
) -> Canvas:
    """Draw a row of cells and each place that a kernel takes on it.

    Input cells carry their index, padding is dashed and empty, and cells that no window reads are
    in the warm colour. Each window is a line with a dot for each weight; its number is the index
    of the output.

    Parameters
    ----------
    n, k, stride, padding, dilation
        As in `dlnotes.shapes.conv_out`.
    name : str
        What stands above the cells.

    Returns
    -------
    Canvas

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.shapes.conv_out`.

    Examples
    --------
    >>> axis_windows(5, 3, stride=2).width
    156.0
    """
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    windows = shapes.conv_windows(n, k, **options)  # type: ignore[arg-type]
    ((before, after),) = shapes.as_pads(_one_axis(padding), k, stride, dilation, 1)
    top = 24.0 if name else 2.0
    cells = before + n + after
    cell = min(CELL, max(LEAST, (PHONE - 2 * SIDE - 4) // max(cells, 1)))
    width = cells * cell + 2 * SIDE + 4
    canvas = Canvas(width, top + cell + 10 + LINE * len(windows))
    left = SIDE + 2
    if name:
        canvas.text(left + cell * (before + n / 2), 11, name, size=12.5, fill="muted")
    read = {at for span in windows for at in span}
    _draw_cells(canvas, (left, top, cell), (before, n, after), read)
    for index, span in enumerate(windows):
        y = top + cell + 12 + LINE * index
        places = [(left + (at + before + 0.5) * cell, y) for at in span]
        colour = ("accent", "violet")[index % 2]
        with canvas.group():
            canvas.path(f"M{places[0][0]:g} {y:g}H{places[-1][0]:g}", stroke=colour, width=2)
            canvas.dots(places, 3.6, fill=colour)
            canvas.text(places[0][0] - 12, y, str(index), size=12.5, fill=colour, anchor="end")
    return canvas


def _one_axis(padding: shapes.Padding) -> shapes.Padding:
    """Return the padding of one axis in the form that several axes take."""
    pair = isinstance(padding, list | tuple) and len(padding) == 2
    return [padding] if pair else padding  # type: ignore[return-value]


def _draw_cells(
    canvas: Canvas, first: tuple[float, float, float], parts: tuple[int, int, int], read: set[int]
) -> None:
    """Draw padding, input and padding; cells outside ``read`` stand out."""
    (left, top, cell), (before, n, after) = first, parts
    places = {at: (left + (at + before) * cell, top) for at in range(-before, n + after)}
    zeros = [place for at, place in places.items() if not 0 <= at < n]
    canvas.cells(zeros, cell, fill="wash", dash="2 2")
    canvas.cells([places[at] for at in range(n) if at in read], cell, fill="accent-soft")
    canvas.cells([places[at] for at in range(n) if at not in read], cell, fill="warm-soft")
    for at in range(n):
        canvas.text(places[at][0] + cell / 2, top + cell / 2, str(at), size=12.5)
