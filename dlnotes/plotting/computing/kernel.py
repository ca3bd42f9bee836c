"""The editor of kernels: nine weights to be set, and what they make of a picture."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlnotes.plotting.computing.figure import Live
from dlnotes.plotting.grids import Grid, signed, written
from dlnotes.plotting.pictures import picture

REACH = 51
"""Grey levels each way around zero, for each unit of the weights' absolute sum."""
WIDTH = 320


def kernel_editor(
    image: Any,
    kernels: Mapping[str, Any],
    *,
    start: str,
    divide: Mapping[str, int] | None = None,
    words: Mapping[str, str] | None = None,
) -> Live:
    """Return a figure in which the reader sets nine weights and sees the picture change.

    Parameters
    ----------
    image : array_like, shape (H, W)
        Brightness in whole numbers from 0 to 255, at least three rows and columns.
    kernels : mapping of str to array_like, shape (3, 3)
        Kernels to begin from, by name.
    start : str
        The one that is seen first, and in print.
    divide : mapping of str to int, optional
        By what a kernel's answers are divided; 1 where nothing is said.
    words : mapping of str to str, optional
        What the sentence adds about a kernel.

    Returns
    -------
    Live

    Raises
    ------
    ValueError
        If the image is no such matrix, a kernel is not three by three, or a name is unknown.

    Examples
    --------
    >>> kernel_editor([[0] * 4] * 3, {"shift": [[0, 0, 0], [1, 0, 0], [0, 0, 0]]}, start="shift")
    <a figure that computes in the page: kernel>
    """
    pixels = _pixels(image)
    tables = {name: _table(name, kernel) for name, kernel in kernels.items()}
    divide, words = divide or {}, words or {}
    unknown = {start, *divide, *words} - tables.keys()
    if unknown:
        raise ValueError(
            f"kernel_editor: no kernel is called {', '.join(map(repr, sorted(unknown)))}; "
            f"the names are {', '.join(tables)}"
        )
    weights, by = tables[start], divide.get(start, 1)
    facts = {
        "rows": pixels.shape[0],
        "columns": pixels.shape[1],
        "pixels": base64.b64encode(pixels.tobytes()).decode("ascii"),
        "start": start,
        "kernels": {
            name: {
                "weights": [int(w) if w == int(w) else float(w) for w in table.ravel()],
                "divisor": divide.get(name, 1),
                "words": words.get(name, ""),
            }
            for name, table in tables.items()
        },
    }
    far = REACH * float(abs(weights).sum()) / by or 1.0
    name = start + (f" (÷ {by})" if by != 1 else "")
    limits = (0, 255) if round(float(weights.sum()), 6) else (-far, far)
    still = [
        Grid(weights, name, signed, cell=38).canvas(),
        picture(_answer(pixels, weights / by), "output", limits=limits, width=WIDTH),
    ]
    sentence = f"The weights add up to {written(round(float(weights.sum()), 3) + 0.0)}."
    return Live("kernel", still, " ".join([sentence, words.get(start, "")]).strip(), facts)


def _pixels(image: Any) -> np.ndarray:
    """Check the picture and return it as bytes."""
    grid = np.asarray(image)
    if grid.ndim != 2 or min(grid.shape) < 3:
        raise ValueError(
            f"kernel_editor: the image is a matrix of at least 3 by 3; got shape {grid.shape}; "
            "pick one image and one channel, such as x[0, 0]"
        )
    if not (grid == np.clip(np.round(grid.astype(float)), 0, 255)).all():
        raise ValueError(
            "kernel_editor: brightness is a whole number from 0 to 255; got values from "
            f"{grid.min()} to {grid.max()}; round and scale the image first"
        )
    return grid.astype(np.uint8)


def _table(name: str, kernel: Any) -> np.ndarray:
    """Check the kernel of this name."""
    table = np.asarray(kernel, dtype=float)
    if table.shape != (3, 3) or not (abs(table) <= 99).all():
        raise ValueError(
            f"kernel_editor: the kernel {name!r} has shape {table.shape} and weights from "
            f"{table.min():g} to {table.max():g}; give three by three numbers from -99 to 99"
        )
    return table


def _answer(pixels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Lay the kernel on wherever it fits; add up the products there."""
    views = np.lib.stride_tricks.sliding_window_view(pixels.astype(float), (3, 3))
    return np.asarray((views * weights).sum(axis=(2, 3)))
