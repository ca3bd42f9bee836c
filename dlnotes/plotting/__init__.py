"""Figures of the book: charts, grids of numbers, and figures to handle.

`use_book_style` belongs into a chapter's first cell. Colours come from `theme`, charts that stand
still from Matplotlib, diagrams made of cells from `Grid` and `row`, and networks from their
descriptions: `architecture`, `shape_flow`.

A figure to handle is a function from the values of its controls to what is seen then, given to
`explore`: panels (`chart`, `bars`, `Grid`, `picture`, `diagram`, any `Canvas`) and a sentence.

>>> from dlnotes import plotting
>>> def draw(power):
...     xs = [at / 10 for at in range(11)]
...     ys = [x**power for x in xs]
...     return [plotting.chart({"power": (xs, ys)}, x="x"), f"The half becomes {0.5**power}."]
>>> plotting.explore(draw, power=plotting.slider([1, 2, 3], start=2))
<a figure to handle: power, in 3 states>

It is called once for every state. One state is stored, with what differs in the others, and a
small script puts that in; it computes nothing. The state at the start is the first thing seen,
the still on paper, and all there is without a script. Panels stand side by side, below each other
on a phone: one that is wider than about 340 pixels would have unreadable letters there, and is
refused. Compute outside of ``draw`` and let it look up; a random number in it needs a seed, for
the book compares what is stored.
"""

from dlnotes._extras import require

require("matplotlib", extra="plot", feature="dlnotes.plotting")

from dlnotes.plotting.architectures import architecture  # noqa: E402
from dlnotes.plotting.bars import bars  # noqa: E402
from dlnotes.plotting.blocks import blocks  # noqa: E402
from dlnotes.plotting.charts import chart  # noqa: E402
from dlnotes.plotting.computing.convolution import convolution_explorer  # noqa: E402
from dlnotes.plotting.computing.digit import digit_reader  # noqa: E402
from dlnotes.plotting.computing.kernel import kernel_editor  # noqa: E402
from dlnotes.plotting.computing.size import size_calculator  # noqa: E402
from dlnotes.plotting.computing.table import layer_builder  # noqa: E402
from dlnotes.plotting.controls import button, choice, slider, steps, toggle  # noqa: E402
from dlnotes.plotting.diagrams import diagram  # noqa: E402
from dlnotes.plotting.explorer import explore  # noqa: E402
from dlnotes.plotting.flow import shape_flow  # noqa: E402
from dlnotes.plotting.graphs import graph, graph_player, layers  # noqa: E402
from dlnotes.plotting.grids import Grid, gray, ones, plain, row, signed, written  # noqa: E402
from dlnotes.plotting.kinds import TWELVE, Gallery, Kind  # noqa: E402
from dlnotes.plotting.ladder import LadderPoint, accuracy_ladder  # noqa: E402
from dlnotes.plotting.networks import network  # noqa: E402
from dlnotes.plotting.pictures import picture, pictures  # noqa: E402
from dlnotes.plotting.sliding import sliding_window  # noqa: E402
from dlnotes.plotting.style import figure_svg, use_book_style  # noqa: E402
from dlnotes.plotting.svg import Canvas, beside  # noqa: E402
from dlnotes.plotting.theme import CYCLE, PALETTE, css, light  # noqa: E402
from dlnotes.plotting.windows import axis_windows  # noqa: E402

__all__ = [
    "CYCLE",
    "PALETTE",
    "TWELVE",
    "Canvas",
    "Gallery",
    "Grid",
    "Kind",
    "LadderPoint",
    "accuracy_ladder",
    "architecture",
    "axis_windows",
    "bars",
    "beside",
    "blocks",
    "button",
    "chart",
    "choice",
    "convolution_explorer",
    "css",
    "diagram",
    "digit_reader",
    "explore",
    "figure_svg",
    "graph",
    "graph_player",
    "gray",
    "kernel_editor",
    "layer_builder",
    "layers",
    "light",
    "network",
    "ones",
    "picture",
    "pictures",
    "plain",
    "row",
    "shape_flow",
    "signed",
    "size_calculator",
    "slider",
    "sliding_window",
    "steps",
    "toggle",
    "use_book_style",
    "written",
]
