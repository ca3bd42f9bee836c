"""Networks drawn from their descriptions: maps to scale, branches side by side, repeats folded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from dlnotes.counting import Shapes
from dlnotes.plotting.labels import COLOURS, as_width, one_line, shape_words, text_width, wrapped
from dlnotes.plotting.slabs import Scale, draw_slab, scale_of, slab_size
from dlnotes.plotting.svg import Canvas, number
from dlnotes.plotting.tree import Box, Column, Fork, Node, Repeat, Side, column_of
from dlnotes.specs import Network, Part

WIDE = 250.0
CENTRE, INSET, GAP, LEAF, TOP = 66.0, 8.0, 15.0, 78.0, 20.0
BIG, SMALL, LINE = 12.5, 11.5, 15.0
LEGEND = {
    "filter": "convolution", "pool": "pooling", "dense": "dense", "join": "joined", "other": "other"
}  # fmt: skip


@dataclass(frozen=True)
class _Look:
    """What is written, and how large a map is drawn."""

    names: bool
    shapes: bool
    parameters: bool
    scale: Scale


class _Piece(Canvas):
    """A drawing of a node, with the heights at which a line enters and leaves it."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__(width, height)
        self.enter, self.leave = 0.0, height


def architecture(
    network: Network | Part,
    input_shape: Shapes | None = None,
    *,
    depth: int | None = None,
    names: bool = True,
    shapes: bool = True,
    parameters: bool = False,
    width: float = 312,
) -> Canvas:
    r"""Draw a network from its input at the top to its output at the bottom.

    A slab is what a layer returns: its edges grow with the square root of the map's sizes, its
    thickness with that of the channels, and a vector is a bar as long as the root of its units.

    .. math:: \text{width} \propto \sqrt{W}, \quad \text{thickness} \propto \sqrt{C}

    Parameters
    ----------
    network : Network or Part
        From `dlnotes.specs`, or your own.
    input_shape : tuple of int, optional
        Without the batch; a network knows its own, a part does not.
    depth : int, optional
        Draw what lies deeper than this as one box; 1 gives the top-level parts.
    names, shapes, parameters : bool
        What is written beside each box; parameters are those that are trained.
    width : float
        In pixels; 312 suits a phone. Many branches side by side make it wider.

    Returns
    -------
    Canvas
        Layers that keep the shape stand with the one before them; a block that comes several
        times in a row is drawn once.

    Raises
    ------
    TypeError
        If `network` is neither, or a part comes without a shape.
    ValueError
        If the parts do not fit together, or there is no such `depth` or `width`.

    References
    ----------
    Concepts lenet5, alexnet, vgg, googlenet, resnet, xception.

    Examples
    --------
    >>> from dlnotes import specs
    >>> int(architecture(specs.get("lenet5")).width)
    312
    """
    column, shape = column_of("architecture", network, input_shape, depth)
    column = (Box("", "input", "other", shape, shape), *column)
    width = max(as_width(width, caller="architecture"), LEAF * _leaves(column))
    look = _Look(names, shapes, parameters, scale_of(_places(column, width, CENTRE)))
    drawing = _stack(column, width, CENTRE, look)
    canvas = Canvas(width, drawing.height + 34)
    canvas.paste(drawing, 0, 2)
    _legend(canvas, [box.family for box, _ in _places(column, width, CENTRE)])
    return canvas


def _leaves(column: Column) -> float:
    """Return how many boxes stand side by side at most; an empty branch is half of one."""
    return max(map(_node_leaves, column), default=0.5)


def _node_leaves(node: Node) -> float:
    """Return the same of one node."""
    if isinstance(node, Box):
        return 1.0
    if isinstance(node, Fork):
        return sum(map(_leaves, node.branches))
    return _leaves(node.inside) + 0.5 * isinstance(node, Side)


def _shares(branches: tuple[Column, ...], width: float) -> list[float]:
    """Return the width of each branch."""
    leaves = [_leaves(branch) for branch in branches]
    return [width * one / sum(leaves) for one in leaves]


def _centre(width: float) -> float:
    """Return where a column's line runs: left where words stand beside it, else in the middle."""
    return CENTRE if width >= WIDE else width / 2


def _places(column: Column, width: float, centre: float) -> Iterator[tuple[Box, float]]:
    """Yield each box with the width that its slab may have."""
    for node in column:
        if isinstance(node, Box):
            yield node, 2 * centre - 12 if width >= WIDE else width - 12
        elif isinstance(node, Fork):
            inset = INSET if node.name else 0.0
            inner = width - 2 * inset
            for branch, share in zip(node.branches, _shares(node.branches, inner), strict=True):
                yield from _places(branch, share, _centre(share))
            yield from _places((node.join,), inner, centre - inset)
        elif isinstance(node, Side):
            share = _side_width(node, width)
            yield from _places(node.inside, share, share / 2)
        elif isinstance(node, Repeat) and len(node.inside) == 1:
            yield from _places(node.inside, width, centre)
        else:
            yield from _places(node.inside, width - 2 * INSET, centre - INSET)


def _side_width(node: Side, width: float) -> float:
    """Return the width of a side output, which leaves room for the line that goes on."""
    return min(width * _leaves(node.inside) / _node_leaves(node), WIDE - 10)


def _stack(column: Column, width: float, centre: float, look: _Look) -> _Piece:
    """Draw nodes below each other, with arrows between them."""
    canvas = _Piece(width, 0)
    for index, node in enumerate(column):
        piece = _node(node, width, centre, look)
        if index:
            start, canvas.height = canvas.leave, canvas.height + GAP
            canvas.arrow(centre, start + 1, centre, canvas.height + piece.enter - 1)
        else:
            canvas.enter = piece.enter
        canvas.paste(piece, 0, canvas.height)
        canvas.leave = canvas.height + piece.leave
        canvas.height += piece.height
    return canvas


def _node(node: Node, width: float, centre: float, look: _Look) -> _Piece:
    """Draw one node."""
    if isinstance(node, Box):
        return _box(node, width, centre, look)
    if isinstance(node, Repeat):
        return _repeat(node, width, centre, look)
    if isinstance(node, Side):
        return _side(node, width, centre, look)
    if isinstance(node, Fork) and not node.name:
        return _fork(node, width, centre, look)
    inner = width - 2 * INSET
    if isinstance(node, Fork):
        return _framed(node.name, _fork(node, inner, centre - INSET, look))
    return _framed(node.name, _stack(node.inside, inner, centre - INSET, look))


def _framed(title: str, inside: Canvas) -> _Piece:
    """Put a frame with a title around a drawing."""
    canvas = _Piece(inside.width + 2 * INSET, inside.height + 34)
    canvas.rect(0.5, 0.5, canvas.width - 1, canvas.height - 1, stroke="rule", radius=6)
    title = one_line(title, SMALL, inside.width)
    canvas.text(INSET, 13, title, size=SMALL, fill="ink", anchor="start", weight=600)
    canvas.paste(inside, INSET, 26)
    return canvas


def _repeat(node: Repeat, width: float, centre: float, look: _Look) -> _Piece:
    """Draw the first of several equal blocks, and how many there are."""
    (first, *others), times = node.inside, f"×{node.times}"
    if others:
        inner = _stack(node.inside, width - 2 * INSET, centre - INSET, look)
        piece = _framed(times, inner)
    elif isinstance(first, Box):
        piece = _box(_times(first, times), width, centre, look)
    else:
        name = f"{node.name or getattr(first, 'name', '')} {times}".strip()
        piece = _node(replace(first, name=name), width, centre, look)
    canvas = _Piece(width, piece.height)
    canvas.enter, canvas.leave = piece.enter, piece.leave
    with canvas.group(data_times=str(node.times)):
        canvas.paste(piece, 0, 0)
    return canvas


def _times(box: Box, times: str) -> Box:
    """Return a box whose title says how often it comes."""
    if box.summed:
        return replace(box, name=f"{box.name} {times}")
    return replace(box, words=f"{box.words} {times}")


def _fork(node: Fork, width: float, centre: float, look: _Look) -> _Piece:
    """Draw branches side by side, the lines that lead to them, and the box that joins them."""
    canvas = _Piece(width, 0)
    shares = _shares(node.branches, width)
    pieces = [
        _stack(branch, share, _centre(share), look)
        for branch, share in zip(node.branches, shares, strict=True)
    ]
    low = TOP + max(piece.height for piece in pieces) + 8
    canvas.dots([(centre, 3)], 2.5, fill="muted")
    left = 0.0
    for piece in pieces:
        _branch(canvas, piece, left, (centre, low))
        left += piece.width
    joined = _box(node.join, width, centre, look)
    canvas.arrow(centre, low, centre, low + 12 + joined.enter)
    canvas.paste(joined, 0, low + 12)
    canvas.enter, canvas.leave = 3.0, low + 12 + joined.leave
    canvas.height = low + 12 + joined.height
    return canvas


def _branch(canvas: Canvas, piece: _Piece, left: float, line: tuple[float, float]) -> None:
    """Put a branch in its place, with lines from where it begins to where it is joined."""
    centre, low = line
    x = left + _centre(piece.width)
    start = TOP + piece.leave if piece.height else TOP - 6
    canvas.path(f"M{number(centre)} 3V8H{number(x)}V{number(TOP - 6)}")
    canvas.path(f"M{number(x)} {number(start)}V{number(low)}H{number(centre)}")
    if piece.height:
        canvas.arrow(x, TOP - 8, x, TOP + piece.enter)
        canvas.paste(piece, left, TOP)
    else:
        _aside(canvas, x, (TOP + low) / 2, "identity")


def _aside(canvas: Canvas, x: float, y: float, words: str) -> None:
    """Write a word on a line, on a ground that hides the line."""
    wide = text_width(words, SMALL) + 2
    canvas.rect(x - wide / 2, y - 9, wide, 18, fill="paper")
    canvas.text(x, y, words, size=SMALL, fill="muted")


def _side(node: Side, width: float, centre: float, look: _Look) -> _Piece:
    """Draw a head to the right of the line that goes on."""
    share = _side_width(node, width)
    head = _stack(node.inside, share, share / 2, look)
    canvas = _Piece(width, head.height + 44)
    left = width - share
    canvas.path(f"M{centre:g} 0V{number(canvas.height)}")
    canvas.dots([(centre, 6)], 2.5, fill="muted")
    canvas.path(f"M{centre:g} 6H{number(left + share / 2)}V32")
    canvas.arrow(left + share / 2, 30, left + share / 2, 40 + head.enter)
    name = one_line(node.name, SMALL, left + share / 2 - centre - 20)
    canvas.text(left + share / 2 - 10, 20, name, size=SMALL, anchor="end", weight=600)
    canvas.paste(head, left, 40)
    return canvas


def _box(box: Box, width: float, centre: float, look: _Look) -> _Piece:
    """Draw a slab with its words: to its right where there is room, else below it."""
    wide = width >= WIDE
    lines = _lines(box, look, width - 2 * centre - 2 if wide else width - 4, wide)
    slab, words = slab_size(box.output, look.scale)[1], LINE * len(lines)
    canvas = _Piece(width, max(words, slab) if wide else slab + 4 + words)
    y = (canvas.height - words) / 2 if wide else slab + 4
    if wide:
        canvas.enter, canvas.leave = (canvas.height - slab) / 2, (canvas.height + slab) / 2
    with canvas.group(data_layers=" ".join(box.layers), data_shape=shape_words(box.output)):
        draw_slab(canvas, (centre, canvas.enter), box.output, box.family, look.scale)
        x, anchor = (2 * centre + 2, "start") if wide else (centre, "middle")
        for line, weight in lines:
            colour, size = ("ink", BIG) if weight == 600 and wide else ("muted", SMALL)
            colour = "ink" if weight == 600 else colour
            canvas.text(x, y + LINE / 2, line, size=size, fill=colour, anchor=anchor, weight=weight)
            y += LINE
    return canvas


def _lines(box: Box, look: _Look, room: float, wide: bool) -> list[tuple[str, int]]:
    """Return a box's lines of text with their weights."""
    title, name = (box.name, box.words) if box.summed else (box.words, box.name)
    big = wrapped(title, BIG if wide else SMALL, room, bold=True)
    facts = [name] if look.names and name not in ("", title) else []
    facts += [shape_words(box.output)] if look.shapes else []
    if look.parameters and box.parameters:
        facts.append(f"{box.parameters:,}{' parameters' if wide else ''}")
    held = "\N{NO-BREAK SPACE}"
    joined = f"{held}· ".join(fact.replace(" ", held) for fact in facts)
    small = [line.removesuffix(" ·") for line in wrapped(joined, SMALL, room)] if facts else []
    return [*((line, 600) for line in big), *((line, 400) for line in small)]


def _legend(canvas: Canvas, families: list[str]) -> None:
    """Say at the bottom which colour is which."""
    x = 4.0
    for family, words in LEGEND.items():
        if family in families:
            wide = text_width(words, 11) + 17
            if x + wide > canvas.width + 3:
                x, canvas.height = 4.0, canvas.height + 16
            colour = COLOURS[family]
            soft = "wash" if colour == "muted" else f"{colour}-soft"
            canvas.rect(x, canvas.height - 17, 10, 10, fill=soft, stroke=colour)
            canvas.text(x + 14, canvas.height - 12, words, size=11, fill="muted", anchor="start")
            x += wide
