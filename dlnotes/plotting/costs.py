"""Where a network's parameters sit, and where its operations: bars for its top-level parts."""

from __future__ import annotations

from collections.abc import Callable

from dlnotes.counting import Shapes
from dlnotes.plotting.labels import as_width, short_number, wrapped
from dlnotes.plotting.svg import Canvas
from dlnotes.plotting.tree import Box, top_level
from dlnotes.specs import Network, Part

LABEL, NUMBER, GAP, LINE = 108.0, 50.0, 12.0, 14.0
SIZE = 11.5

Quantity = tuple[str, str, Callable[[Box], int]]
PARAMETERS: Quantity = ("parameters", "accent", lambda box: box.parameters)
OPERATIONS: Quantity = ("multiply-adds", "warm", lambda box: box.products)


def cost_bars(
    network: Network | Part, input_shape: Shapes | None = None, *, width: float = 312
) -> Canvas:
    """Draw parameters and multiply-adds of each top-level part beside each other.

    Parameters are those that are trained, multiply-adds the products of the convention 'mac'.
    Parts that have neither are left out.

    Parameters
    ----------
    network : Network or Part
        From `dlnotes.specs`, or your own.
    input_shape : tuple of int, optional
        Without the batch; a network knows its own, a part does not.
    width : float
        In pixels.

    Returns
    -------
    Canvas
        Each column has its own scale, from nothing to its largest part.

    Raises
    ------
    TypeError
        If `network` is neither, or a part comes without a shape.
    ValueError
        If the parts do not fit together, no part has either, or there is no such `width`.

    References
    ----------
    The page "Conventions", section "MAC and FLOP"; concept vgg.

    Examples
    --------
    >>> from dlnotes import specs
    >>> cost_bars(specs.get("vgg16")).svg().count("data-part")
    8
    """
    return _bars("cost_bars", network, input_shape, (PARAMETERS, OPERATIONS), width)


def parameter_bars(
    network: Network | Part, input_shape: Shapes | None = None, *, width: float = 312
) -> Canvas:
    """Draw the parameters of each top-level part (see `cost_bars`).

    Parameters
    ----------
    network, input_shape, width
        As in `cost_bars`.

    Returns
    -------
    Canvas

    Raises
    ------
    TypeError, ValueError
        As `cost_bars`.

    Examples
    --------
    >>> from dlnotes import specs
    >>> parameter_bars(specs.get("lenet5")).svg().count("data-part")
    5
    """
    return _bars("parameter_bars", network, input_shape, (PARAMETERS,), width)


def operation_bars(
    network: Network | Part, input_shape: Shapes | None = None, *, width: float = 312
) -> Canvas:
    """Draw the multiply-adds of each top-level part (see `cost_bars`).

    Parameters
    ----------
    network, input_shape, width
        As in `cost_bars`.

    Returns
    -------
    Canvas

    Raises
    ------
    TypeError, ValueError
        As `cost_bars`.

    Examples
    --------
    >>> from dlnotes import specs
    >>> operation_bars(specs.get("lenet5")).svg().count("data-part")
    5
    """
    return _bars("operation_bars", network, input_shape, (OPERATIONS,), width)


def _bars(
    caller: str,
    network: Network | Part,
    input_shape: Shapes | None,
    quantities: tuple[Quantity, ...],
    width: float,
) -> Canvas:
    """Draw a column of bars for each quantity."""
    width = as_width(width, caller=caller)
    parts = top_level(caller, network, input_shape)
    shown = [box for box in parts if any(read(box) for _, _, read in quantities)]
    column = (width - LABEL) / len(quantities)
    if not shown:
        words = " or ".join(name for name, _, _ in quantities)
        raise ValueError(
            f"{caller}: no part has {words}; got {len(parts)} parts; give a network with a "
            "convolution or a dense layer"
        )
    canvas = Canvas(width, 40)
    for index, (name, colour, read) in enumerate(quantities):
        x = LABEL + index * column
        total = short_number(sum(read(box) for box in parts))
        canvas.text(x, 8, name, size=SIZE, fill=colour, anchor="start", weight=600)
        canvas.text(x, 23, f"{total} in all", size=SIZE, fill="muted", anchor="start")
    for box in shown:
        _row(canvas, box, [(quantity, _scale(quantity, shown, column)) for quantity in quantities])
    return canvas


def _scale(quantity: Quantity, shown: list[Box], column: float) -> float:
    """Return the pixels of one of a quantity."""
    return (column - NUMBER - GAP) / max(1, *(quantity[2](box) for box in shown))


def _row(canvas: Canvas, box: Box, columns: list[tuple[Quantity, float]]) -> None:
    """Draw the bars of one part, and its name."""
    lines = wrapped(box.short, SIZE, LABEL - 8)
    high = LINE * len(lines) + 6
    middle = canvas.height + high / 2
    with canvas.group(data_part=box.path, data_layers=" ".join(box.layers)):
        for index, line in enumerate(lines):
            y = middle + LINE * (index + 0.5 - len(lines) / 2)
            canvas.text(LABEL - 8, y, line, size=SIZE, anchor="end")
        for index, ((_, colour, read), pixels) in enumerate(columns):
            x, wide = LABEL + index * (canvas.width - LABEL) / len(columns), pixels * read(box)
            canvas.rect(x, middle - 5, max(wide, 1), 10, fill=colour)
            number = short_number(read(box))
            canvas.text(x + wide + 5, middle, number, size=SIZE, fill="muted", anchor="start")
    canvas.height += high
