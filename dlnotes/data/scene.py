"""A picture made by rule, needing neither a file nor a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FINE = 3
"""The scene is drawn this many times larger and averaged down, so that edges are soft."""


def street_scene(seed: int = 0) -> NDArray[np.uint8]:
    """Return a grey picture of a house, a fence, a lamp and two trees under a cloudy sky.

    It is drawn in whole numbers, so that it is the same on every machine. It has what the kernels
    of the book look for: upright lines (fence, lamp), level lines (roof, steps), slanted and round
    edges, flat walls, and the grain of a photograph.

    Parameters
    ----------
    seed : int
        Seed of the clouds, the leaves and the grain.

    Returns
    -------
    ndarray of uint8, shape (120, 160)
        Brightness from 0 (black) to 255 (white).

    Examples
    --------
    >>> street_scene().shape
    (120, 160)
    """
    rng = np.random.default_rng(seed)
    fine_rows, fine_columns = np.mgrid[: 120 * _FINE, : 160 * _FINE]
    rows = fine_rows // _FINE
    scene = 214 - rows // 3  # the sky darkens downwards
    _blobs(scene, rng, fine_rows, fine_columns, area=(8, 30, 0, 160), count=26, size=9, shade=236)
    scene[rows >= 92] = 120 - (rows[rows >= 92] - 92)  # the road
    _house(scene, fine_rows, fine_columns)
    for centre in (20, 142):
        _box(scene, 60, 92, centre - 2, centre + 2, 58)
        box = (34, 66, centre - 16, centre + 14)
        _blobs(scene, rng, fine_rows, fine_columns, area=box, count=150, size=4, shade=None)
    _street(scene)
    soft = scene.reshape(120, _FINE, 160, _FINE).sum(axis=(1, 3)) // _FINE**2
    grain = rng.integers(-5, 6, size=soft.shape)
    return np.clip(soft + grain, 0, 255).astype(np.uint8)


def _box(scene: NDArray, top: int, bottom: int, left: int, right: int, shade: int) -> None:
    """Fill rows top to bottom and columns left to right (given in pixels of the result)."""
    scene[top * _FINE : bottom * _FINE, left * _FINE : right * _FINE] = shade


def _blobs(
    scene: NDArray,
    rng: np.random.Generator,
    rows: NDArray,
    columns: NDArray,
    *,
    area: tuple[int, int, int, int],
    count: int,
    size: int,
    shade: int | None,
) -> None:
    """Scatter flat discs over an area: clouds of one shade, or leaves of many dark ones."""
    top, bottom, left, right = (_FINE * edge for edge in area)
    for _ in range(count):
        y, x = rng.integers(top, bottom), rng.integers(left, right)
        radius = _FINE * rng.integers(size // 2, size + 1)
        tone = int(rng.integers(42, 100)) if shade is None else shade + int(rng.integers(-10, 11))
        disc = 3 * (rows - y) ** 2 + (1 if shade else 3) * (columns - x) ** 2 < 3 * radius**2
        scene[disc] = tone


def _house(scene: NDArray, rows: NDArray, columns: NDArray) -> None:
    """Draw a house with a slanted roof, six windows and a door with steps."""
    _box(scene, 44, 92, 48, 114, 184)
    for top in range(46, 92, 4):  # courses of bricks
        _box(scene, top, top + 1, 48, 114, 172)
    roof = (rows >= 20 * _FINE) & (rows < 45 * _FINE)
    roof &= abs(columns - 81 * _FINE) * 25 < (rows - 20 * _FINE) * 40
    scene[roof] = 92
    _box(scene, 18, 32, 98, 104, 104)  # chimney
    for top in (50, 69):
        for left in (54, 76, 98):
            if (top, left) == (69, 76):
                continue
            _box(scene, top, top + 13, left, left + 11, 232)
            _box(scene, top + 1, top + 12, left + 1, left + 10, 52)
            _box(scene, top + 6, top + 7, left, left + 11, 232)
            _box(scene, top, top + 13, left + 5, left + 6, 232)
    _box(scene, 68, 92, 76, 87, 66)
    for step in range(3):
        _box(scene, 89 + 2 * step, 90 + 2 * step, 72 - 2 * step, 91 + 2 * step, 206)


def _street(scene: NDArray) -> None:
    """Draw the fence, the lamp and the stripe on the road."""
    for left in [*range(0, 46, 5), *range(118, 160, 5)]:
        _box(scene, 78, 95, left, left + 2, 226)
    for top in (81, 89):
        _box(scene, top, top + 1, 0, 46, 218)
        _box(scene, top, top + 1, 118, 160, 218)
    _box(scene, 40, 98, 38, 40, 30)
    _box(scene, 36, 41, 35, 43, 246)
    for left in range(4, 160, 26):
        _box(scene, 108, 111, left, left + 15, 224)
