"""The shapes on their way through a network, part by part."""

from __future__ import annotations

from dlnotes.counting import Shapes
from dlnotes.plotting.labels import COLOURS, as_width, shape_words, text_width, wrapped
from dlnotes.plotting.svg import Canvas
from dlnotes.plotting.tree import Box, Column, Repeat, folded, top_level, whole
from dlnotes.specs import Network, Part

HIGH, ARROW, LINE = 28.0, 22.0, 13.0
SHAPE, NAME, NAMED = 12.5, 12.5, 84.0


def shape_flow(
    network: Network | Part, input_shape: Shapes | None = None, *, width: float = 312
) -> Canvas:
    """Draw the shapes between a network's top-level parts, in lines like a text.

    Parameters
    ----------
    network : Network or Part
        From `dlnotes.specs`, or your own.
    input_shape : tuple of int, optional
        Without the batch; a network knows its own, a part does not.
    width : float
        Where a line ends, in pixels.

    Returns
    -------
    Canvas
        Below each shape stands the part that made it. Where the network is a set of branches,
        lines stand between those, and the last shape is their join.

    Raises
    ------
    TypeError
        If `network` is neither, or a part comes without a shape.
    ValueError
        If the parts do not fit together, or there is no such `width`.

    Examples
    --------
    >>> from dlnotes import specs
    >>> shape_flow(specs.get("lenet5")).svg().count("data-shape")
    9
    """
    width = as_width(width, caller="shape_flow")
    body = whole("shape_flow", network, input_shape)
    start = Box("", "input", "other", body.input, body.input, short="input")
    parts = top_level("shape_flow", network, input_shape)
    branches = body.family == "join"  # side by side: lines between them, no arrows
    chips = [_chip(start, ""), *_chips(parts if branches else folded(parts))]
    canvas = Canvas(max(width, *(chip.width + ARROW for chip in chips)), 0)
    beside = {id(chip) for chip in chips[2:-1]} if branches else set()
    for line in _lines(chips, width):
        x = 0.0
        for chip in line:
            if chip is not chips[0]:
                _link(canvas, x, id(chip) in beside)
                x += ARROW
            canvas.paste(chip, x, canvas.height)
            x += chip.width
        canvas.height += max(chip.height for chip in line) + 8
    return canvas


def _link(canvas: Canvas, x: float, beside: bool) -> None:
    """Draw an arrow to the next shape, or a line between branches."""
    y = canvas.height + HIGH / 2
    if beside:
        canvas.path(f"M{x + ARROW / 2:.2f} {y - 9:g}V{y + 9:g}")
    else:
        canvas.arrow(x + 4, y, x + ARROW - 3, y)


def _chips(column: Column) -> list[Canvas]:
    """Return the drawing of each part; repeated ones say how often."""
    found = []
    for node in column:
        if isinstance(node, Box):
            found.append(_chip(node, ""))
        elif isinstance(node, Repeat):
            inside = [box for box in node.inside if isinstance(box, Box)]
            found += [_chip(box, f" ×{node.times}") for box in inside]
    return found


def _chip(box: Box, times: str) -> Canvas:
    """Draw one shape with the name of what made it."""
    shape, colour = shape_words(box.output), COLOURS[box.family]
    wide = max(text_width(shape, SHAPE, bold=True) + 12, 60.0)
    names = wrapped(box.short + times, NAME, max(wide, NAMED))
    wide = max([wide, *(text_width(name, NAME) for name in names)])
    canvas = Canvas(wide, HIGH + 3 + LINE * len(names))
    with canvas.group(data_shape=shape, data_layers=" ".join(box.layers)):
        soft = "wash" if colour == "muted" else f"{colour}-soft"
        canvas.rect(0.5, 0.5, wide - 1, HIGH - 1, fill=soft, stroke=colour, radius=5)
        canvas.text(wide / 2, HIGH / 2, shape, size=SHAPE, weight=600)
        for index, name in enumerate(names):
            y = HIGH + 3 + LINE * (index + 0.5)
            canvas.text(wide / 2, y, name, size=NAME, fill="muted")
    return canvas


def _lines(chips: list[Canvas], width: float) -> list[list[Canvas]]:
    """Break the row of shapes into lines; each shape but the first has an arrow before it."""
    lines: list[list[Canvas]] = [[]]
    x = -ARROW
    for chip in chips:
        if lines[-1] and x + ARROW + chip.width > width:
            lines.append([])
            x = 0.0
        lines[-1].append(chip)
        x += ARROW + chip.width
    return lines
