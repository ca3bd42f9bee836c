"""Arrays of three and four axes as stacks of squares, with their letters on the edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlnotes.plotting.svg import Canvas

_SHIFT = 9.0
"""How far a channel lies behind the one before it, in pixels."""


def blocks(
    arrays: Mapping[str, Sequence[int]],
    *,
    letters: Mapping[str, str] | None = None,
    side: float = 46,
    signs: Sequence[str] = (),
) -> Canvas:
    """Draw each array as one stack of channels for each entry of its first axis.

    Parameters
    ----------
    arrays : dict of str to (int, int, int, int)
        A name, and a shape such as (N, C, H, W). What is drawn is counted: keep N and C below 6.
    letters : dict of str to str, optional
        The four letters of an array, such as ``{"kernels": "KCRS"}``; by default NCHW.
    side : float
        Pixels of the largest height or width.
    signs : sequence of str
        What stands between the arrays, such as ``["⋆", "="]``.

    Returns
    -------
    Canvas

    Raises
    ------
    ValueError
        If a shape has not four axes, or more than six entries on one of the first two.

    Examples
    --------
    >>> canvas = blocks({"pictures": (2, 3, 8, 8), "kernels": (4, 3, 3, 3)}, signs=["⋆"])
    >>> int(canvas.width) < 343
    True
    """
    for name, shape in arrays.items():
        if len(shape) != 4 or max(shape[:2]) > 6:
            raise ValueError(
                "blocks: an array has four axes, of which the first two are drawn one by one; got "
                f"{name} {tuple(shape)}; give shapes such as (N, C, H, W) with N and C at most 6"
            )
    scale = side / max(max(shape[2:]) for shape in arrays.values())
    pieces = [
        _stacks(name, shape, (letters or {}).get(name, "NCHW"), scale)
        for name, shape in arrays.items()
    ]
    gap = 28.0 if signs else 22.0
    height = max(piece.height for piece in pieces)
    canvas = Canvas(sum(p.width for p in pieces) + gap * (len(pieces) - 1), height)
    x = 0.0
    for number, piece in enumerate(pieces):
        canvas.paste(piece, x, (height - piece.height) / 2)
        x += piece.width + gap
        if number < len(signs):
            canvas.text(x - gap / 2, height / 2, signs[number], size=17, fill="muted")
    return canvas


def _stacks(name: str, shape: Sequence[int], letters: str, scale: float) -> Canvas:
    """Draw one array: its stacks below each other, name, sizes and shape around them."""
    many, deep, rows, columns = shape
    w, h, back = columns * scale, rows * scale, (deep - 1) * _SHIFT
    step = h + back + 12
    words = f"({', '.join(map(str, shape))})"
    width = max(w + back + 34, 6.6 * len(words), 7.0 * len(name))
    left = (width - w - back) / 2 + 6
    canvas = Canvas(width, 40 + many * step + 22)
    canvas.text(width / 2, 9, name, size=12.5)
    for n in range(many):
        top = 32 + n * step + back
        for c in reversed(range(deep)):
            fill = ("accent-soft", "warm-soft", "green-soft", "violet-soft", "wash", "paper")[c]
            at = (left + c * _SHIFT, top - c * _SHIFT)
            canvas.rect(*at, w, h, fill=fill, stroke="muted")
        if n == 0:
            canvas.text(left - 9, top + h / 2, letters[2], size=12, fill="muted")
            canvas.text(
                left + w + back / 2 + 11, top + h - back / 2 + 2, letters[1], size=12, fill="muted"
            )
    canvas.text(left + w / 2, 32 + many * step - 2, letters[3], size=12, fill="muted")
    axes = ", ".join(letters)
    canvas.text(width / 2, canvas.height - 20, f"({axes})", size=11.5, fill="muted")
    canvas.text(width / 2, canvas.height - 6, words, size=11.5, fill="muted")
    return canvas
