"""Draw the picture that stands for the book elsewhere: ``card.py`` writes book/_static/card.png.

A street, nine weights, and the edges that they find; 1200 by 630 pixels, for links to the book and
for the README.
"""

from __future__ import annotations

import sys

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from shell import ROOT

sys.path.insert(0, str(ROOT))

from dlnotes import data, functional, plotting

CARD = ROOT / "book" / "_static" / "card.png"
WIDTH, HEIGHT = 1200, 630
WEIGHTS = np.array([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
TITLE = "Deep learning, checked"
WORDS = "Each layer forward and backward in NumPy, compared with PyTorch"


def draw() -> Image.Image:
    """Return the picture, in few colours, so that its file is small."""
    plotting.use_book_style()
    figure = Figure(figsize=(WIDTH / 100, HEIGHT / 100), dpi=100)
    figure.set_layout_engine("none")
    figure.text(0.05, 0.83, TITLE, size=50, weight="bold", color=plotting.light("ink"))
    figure.text(0.95, 0.83, "dlnotes", size=30, ha="right", color=plotting.light("accent"))
    figure.text(0.05, 0.735, WORDS, size=25, color=plotting.light("muted"))
    scene = data.street_scene().astype(float)  # (H, W)
    found = functional.conv2d(scene[None, None], WEIGHTS[None, None])[0, 0]
    for left, grey, limits in ((0.05, scene, (0, 255)), (0.58, found, (-400, 400))):
        axes = figure.add_axes((left, 0.1, 0.37, 0.53))
        axes.imshow(grey, cmap="gray", vmin=limits[0], vmax=limits[1], aspect="auto")
        axes.set_axis_off()
    _draw_weights(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB").quantize(64)


def _draw_weights(figure: Figure) -> None:
    """Draw the kernel between the two pictures."""
    axes = figure.add_axes((0.44, 0.255, 0.12, 0.22), xlim=(0, 3), ylim=(3, 0))
    for (row, column), weight in np.ndenumerate(WEIGHTS):
        fill = {1.0: "accent-soft", 0.0: "paper", -1.0: "warm-soft"}[float(np.sign(weight))]
        edge = plotting.light("rule")
        axes.add_patch(Rectangle((column, row), 1, 1, fc=plotting.light(fill), ec=edge))
        words = f"{weight:.0f}".replace("-", "−")
        axes.text(column + 0.5, row + 0.5, words, ha="center", va="center", size=24)
    axes.set_axis_off()


if __name__ == "__main__":
    draw().save(CARD, optimize=True)
