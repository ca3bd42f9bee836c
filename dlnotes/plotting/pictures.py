"""Pictures made of pixels, side by side, each stored once at its own resolution."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from dlnotes.plotting.svg import Canvas, Parts

GAP = 10.0
LINE = 22.0
ABOVE, BELOW = (30, 128, 168), (214, 104, 40)
"""Blue and orange that stand out on light and on dark paper."""


def pictures(
    images: Mapping[str, Any],
    *,
    limits: Mapping[str, tuple[float, float]] | tuple[float, float] = (0, 255),
    columns: int = 2,
    width: float = 500,
    levels: int = 64,
) -> Parts:
    """Draw grey pictures in rows, each under its name; on a narrow page in one column.

    Parameters
    ----------
    images : mapping of str to array_like, shape (H, W)
        Name to brightness. An empty name leaves no room for one.
    limits : (low, high) or mapping of str to (low, high)
        What is black and what is white, for all pictures or by name.
    columns : int
        Pictures in a row.
    width : float
        Width of the whole, in pixels.
    levels : int
        Shades of grey that are kept; 64 look like 256 and take half the room.

    Returns
    -------
    Parts
        A Canvas.

    Raises
    ------
    ValueError
        If a picture is no matrix, or there is none.

    Examples
    --------
    >>> pictures({"ramp": [[0, 255]]}, columns=1, width=100).height
    72.0
    """
    grids = {name: np.asarray(image, dtype=float) for name, image in images.items()}
    wrong = {name: grid.shape for name, grid in grids.items() if grid.ndim != 2 or not grid.size}
    if wrong or not grids:
        raise ValueError(
            f"pictures: each picture is a matrix (H, W); got {wrong or 'no picture'}; "
            "pick one image and one channel, such as y[0, 0]"
        )
    side = (width - GAP * (columns - 1)) / columns
    line = LINE if any(grids) else 0.0
    tallest = max(side * grid.shape[0] / grid.shape[1] for grid in grids.values())
    rows = -(-len(grids) // columns)
    canvas = Parts(width, rows * (tallest + line) + (rows - 1) * GAP)
    canvas.gap, parts = GAP, []
    for index, (name, grid) in enumerate(grids.items()):
        x, y = index % columns * (side + GAP), index // columns * (tallest + line + GAP)
        low, high = limits[name] if isinstance(limits, Mapping) else limits
        part = Canvas(side, line + side * grid.shape[0] / grid.shape[1])
        if name:
            part.text(side / 2, 10, name, size=13)
        part.image(0, line, side, part.height - line, png(grid, low, high, levels))
        canvas.paste(part, x, y)
        parts.append(part)
    canvas.parts = parts
    return canvas


def png(grid: np.ndarray, low: float, high: float, levels: int = 64, *, signed: float = 0) -> str:
    """Return a grey or signed picture as the text of a PNG data URI, the same on every machine.

    ``signed`` is how opaque the two colours of a signed one are at most; 0 gives a grey one.

    Examples
    --------
    >>> png(np.zeros((2, 2)), 0, 255)[:22]
    'data:image/png;base64,'
    """
    part, file = np.clip((grid - low) / (high - low), 0, 1), io.BytesIO()
    if not signed:
        shades = np.floor(part * (levels - 1) + 0.5) * 255 / (levels - 1)
        Image.fromarray(shades.astype(np.uint8)).save(file, "PNG", optimize=True)
    else:  # two colours, the more opaque the further from the middle
        half = levels // 2
        image = Image.fromarray((np.round((part * 2 - 1) * half) + half).astype(np.uint8))
        colours = [BELOW] * half + [ABOVE] * (half + 1)
        image.putpalette([part for colour in colours for part in colour])
        opacity = bytes(round(255 * signed * abs(at - half) / half) for at in range(2 * half + 1))
        image.save(file, "PNG", optimize=True, transparency=opacity)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def picture(
    image: Any,
    name: str = "",
    *,
    limits: tuple[float, float] = (0, 255),
    signed: bool = False,
    width: float = 160,
) -> Canvas:
    """Draw one picture made of pixels, under its name; a panel of `explore`.

    Parameters
    ----------
    image : array_like, shape (H, W)
        Brightness, or signed values.
    name : str
        What stands above it.
    limits : (low, high)
        What is black and what is white; signed, the lowest and the highest value.
    signed : bool
        Draw what is above the middle of `limits` in blue, below it in orange, the middle as paper.
    width : float
        In pixels. Large pixels keep sharp edges.

    Returns
    -------
    Canvas

    Raises
    ------
    ValueError
        If the image is no matrix, or the limits are in the wrong order.

    Examples
    --------
    >>> picture([[-1, 0, 1]], limits=(-1, 1), signed=True, width=90).height
    30.0
    """
    grid, (low, high) = np.asarray(image, dtype=float), limits
    if grid.ndim != 2 or not grid.size or not low < high:
        raise ValueError(
            f"picture: got an image of shape {grid.shape} and limits {limits}; "
            "give a matrix (H, W), such as y[0, 0], and limits (low, high)"
        )
    line = LINE if name else 0.0
    height = width * grid.shape[0] / grid.shape[1]
    canvas = Canvas(width, line + height)
    if name:
        canvas.text(width / 2, 10, name, size=13)
    uri = png(grid, low, high, signed=float(signed))
    canvas.image(0, line, width, height, uri, sharp=width > 3 * grid.shape[1])
    return canvas
