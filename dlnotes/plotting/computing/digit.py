"""A digit is drawn, and a trained network answers in the page."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dlnotes import functional as dl
from dlnotes.plotting.computing.figure import Live
from dlnotes.plotting.pictures import picture
from dlnotes.plotting.svg import Canvas

Array = NDArray[Any]
Weights = Mapping[str, Array]
SHAPES = {
    "conv1": (20, 1, 5, 5),
    "conv2": (40, 20, 5, 5),
    "linear1": (100, 640),
    "linear2": (10, 100),
}
MOST = 2**15 - 1
"""The largest of the whole numbers that stand for weights."""
DOUBTED = 0.1
"""Share of the sample digits that are less like their nearest than what the page doubts."""
EACH = {False: 1, True: 3}
"""Samples of each digit, in the small form and in the one that looks inside."""
PAD, WIDE, TALL, EDGE, ACROSS = 190, 284, 62, 8, 7


def digit_reader(
    weights: Weights,
    images: ArrayLike,
    labels: ArrayLike,
    *,
    start: int = 0,
    inside: bool = False,
    label: str = "",
) -> Live:
    """Let the reader draw a digit, which the ladder's rung-5 network reads in the page.

    It draws on the pages of the book alone: a notebook does not carry the weights and shows the
    still.

    Parameters
    ----------
    weights : mapping of str to ndarray
        As `dlnotes.data.trained_cnn` returns them.
    images : array_like, shape (N, 1, 28, 28)
        Sample digits, ink from 0 to 1.
    labels : array_like, shape (N,)
        The digits they are, each of 0 to 9 at least once.
    start : int
        Which of them is seen first.
    inside : bool
        Show what mattered and the maps of all layers, too.
    label : str
        Alternative text, where no cell's metadata have one.

    Returns
    -------
    Live

    Raises
    ------
    ValueError
        If weights, images, labels or start do not fit.

    Examples
    --------
    >>> from dlnotes import data
    >>> digit_reader(data.trained_cnn(), *data.mnist_sample(), start=91)
    <a figure that computes in the page: digit>
    """
    _check_weights(weights)
    x, known = np.asarray(images, dtype=float), np.asarray(labels)
    _check_samples(x, known, start)
    seen = layers(weights, x[[start]])
    shares = dl.softmax(seen["scores"])[0]
    still = [picture(255 * x[start, 0], width=PAD), _columns(shares)]
    if inside:
        still.append(_sheet(seen["relu1"][0]))
    order = [start, *(n for n in range(len(x)) if n != start)]
    chosen = [n for k in range(10) for n in [n for n in order if known[n] == k][: EACH[inside]]]
    pixels = np.round(255 * x[chosen, 0]).astype(np.uint8)
    facts = {
        "digits": [int(known[n]) for n in chosen],
        "pixels": base64.b64encode(pixels.tobytes()).decode("ascii"),
        "start": chosen.index(start),
        "inside": inside,
    }
    return Live(
        "digit", still, f"Read as {shares.argmax()} with {_percent(shares.max())}.", facts, label
    )


def network_script(weights: Weights, images: ArrayLike) -> str:
    """Return the script with the network's arithmetic and its weights, which a page loads late.

    A weight is stored as a whole number of 16 bits, in steps of its row's largest divided by
    32,767: half the bytes of float32, and on test digits no score moves by more than 0.0004.

    Parameters
    ----------
    weights : mapping of str to ndarray
        As `dlnotes.data.trained_cnn` returns them.
    images : array_like, shape (N, 1, 28, 28)
        Sample digits: a drawing whose last hidden layer is unlike those of all samples is doubted.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If the weights are those of another network.
    """
    _check_weights(weights)
    packed = {name: _packed(weights[f"{name}.weight"], weights[f"{name}.bias"]) for name in SHAPES}
    units = layers(weights, np.asarray(images, dtype=float))["relu3"]
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    alike = units @ units.T - 2 * np.eye(len(units))
    least = float(np.quantile(alike.max(axis=1), DOUBTED))
    near = _packed(units, np.zeros(len(units)))
    text = files("dlnotes.plotting").joinpath("computing", "digit-network.js").read_text("utf-8")
    for mark, fact in (("weights", packed), ("samples", near), ("least", round(least, 4))):
        text = text.replace(f"/*{mark}*/0", json.dumps(fact))
    return text


def layers(weights: Weights, x: Array) -> dict[str, Array]:
    """Return what the network's layers make of images (N, 1, 28, 28), by their names."""
    w = {name: one.astype(float) for name, one in weights.items()}
    seen = {}
    for n, part in enumerate(("conv1", "conv2"), start=1):
        x = seen[f"relu{n}"] = dl.relu(dl.conv2d(x, w[f"{part}.weight"], w[f"{part}.bias"]))
        x = seen[f"pool{n}"] = dl.max_pool2d(x, 2)
    units = dl.linear(x.reshape(len(x), -1), w["linear1.weight"], w["linear1.bias"])
    seen["relu3"] = dl.relu(units)
    seen["scores"] = dl.linear(seen["relu3"], w["linear2.weight"], w["linear2.bias"])
    return seen


def _packed(w: Array, b: Array) -> dict[str, Any]:
    """Return a layer's weights as whole numbers, with the step of each row, and its biases."""
    rows = w.reshape(len(w), -1).astype(float)
    steps = np.maximum(abs(rows).max(axis=1, keepdims=True), 1e-30) / MOST
    return {
        "steps": [float(f"{step:.8g}") for step in steps[:, 0]],
        "bias": [float(f"{bias:.8g}") for bias in b],
        "codes": base64.b64encode(np.round(rows / steps).astype("<i2").tobytes()).decode("ascii"),
    }


def _percent(share: float) -> str:
    """Return a share in percent; the largest is never rounded to all.

    Examples
    --------
    >>> _percent(0.98765), _percent(0.9999)
    ('99 %', 'over 99.9 %')
    """
    return "over 99.9 %" if share > 0.999 else f"{100 * share:.{int(share > 0.99)}f} %"


def _columns(shares: Array) -> Canvas:
    """Draw ten shares as columns, each in a group that the script finds again."""
    canvas = Canvas(WIDE, TALL + 34)
    step = (WIDE - 2 * EDGE) / 10
    for k, share in enumerate(shares):
        high = TALL * float(share)
        with canvas.group(data_share=str(k)):
            x, fill = EDGE + step * k + 4, "accent" if k == shares.argmax() else "accent-soft"
            canvas.rect(x, 16 + TALL - high, step - 8, high, fill=fill)
            words = _percent(share).replace("over ", "> ") if share >= 0.005 else ""
            canvas.text(EDGE + step * (k + 0.5), 9 + TALL - high, words, size=11)
        canvas.text(EDGE + step * (k + 0.5), TALL + 26, str(k), weight=600)
    canvas.path(f"M0 {TALL + 16}H{WIDE}", stroke="rule")
    return canvas


def _sheet(maps: Array) -> Canvas:
    """Draw the maps of a layer beside each other, all on one scale."""
    count, high, wide = maps.shape
    rows = -(-count // ACROSS)
    sheet = np.full((rows * ACROSS, high + 1, wide + 1), 0.35 * maps.max())
    sheet[:count, :high, :wide] = maps
    sheet = sheet.reshape(rows, ACROSS, high + 1, wide + 1).swapaxes(1, 2)
    joined = sheet.reshape(rows * (high + 1), -1)[:-1, :-1]
    name = f"relu1: {count} maps"
    return picture(joined, name, limits=(0, float(maps.max())), width=WIDE)


def _check_weights(weights: Weights) -> None:
    """Refuse the weights of another network."""
    for name, shape in SHAPES.items():
        for part, wanted in ((f"{name}.weight", shape), (f"{name}.bias", shape[:1])):
            found = np.shape(weights.get(part, ()))
            if found != wanted:
                raise ValueError(
                    f"digit_reader: {part} has the shape {wanted} in the ladder's rung 5; "
                    f"got {found}; give data.trained_cnn()"
                )


def _check_samples(x: Array, labels: Array, start: int) -> None:
    """Refuse samples that are no pictures of all ten digits, and a start that is none of them."""
    if x.ndim != 4 or x.shape[1:] != (1, 28, 28) or labels.shape != x.shape[:1]:
        raise ValueError(
            f"digit_reader: images are (N, 1, 28, 28) and labels (N,); got {x.shape} and "
            f"{labels.shape}; give *data.mnist_sample()"
        )
    missing = sorted(set(range(10)) - set(labels.tolist()))
    if missing or not 0 <= x.min() <= x.max() <= 1:
        raise ValueError(
            "digit_reader: samples are of all ten digits, with ink from 0 to 1; missing: "
            f"{missing or 'none'}, ink from {x.min():g} to {x.max():g}; give *data.mnist_sample()"
        )
    if not 0 <= start < len(x):
        raise ValueError(
            f"digit_reader: start is one of the {len(x)} samples, from 0 to {len(x) - 1}; "
            f"got {start}"
        )
