"""One axis of a convolution: the cells, and below them every window."""

from __future__ import annotations

from dlnotes import shapes
from dlnotes.plotting.svg import Canvas

CELL = 24.0
LINE = 15.0
SIDE = 16.0


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
    width = (before + n + after) * CELL + 2 * SIDE + 4
    canvas = Canvas(width, top + CELL + 10 + LINE * len(windows))
    left = SIDE + 2
    if name:
        canvas.text(left + CELL * (before + n / 2), 11, name, size=12.5, fill="muted")
    _draw_cells(canvas, (left, top), (before, n, after), {at for span in windows for at in span})
    for index, span in enumerate(windows):
        y = top + CELL + 12 + LINE * index
        places = [(left + (at + before + 0.5) * CELL, y) for at in span]
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
    canvas: Canvas, corner: tuple[float, float], parts: tuple[int, int, int], read: set[int]
) -> None:
    """Draw padding, input and padding; cells outside ``read`` stand out."""
    (left, top), (before, n, after) = corner, parts
    places = {at: (left + (at + before) * CELL, top) for at in range(-before, n + after)}
    zeros = [place for at, place in places.items() if not 0 <= at < n]
    canvas.cells(zeros, CELL, fill="wash", dash="2 2")
    canvas.cells([places[at] for at in range(n) if at in read], CELL, fill="accent-soft")
    canvas.cells([places[at] for at in range(n) if at not in read], CELL, fill="warm-soft")
    for at in range(n):
        canvas.text(places[at][0] + CELL / 2, top + CELL / 2, str(at), size=12.5)
