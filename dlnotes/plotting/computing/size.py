"""The calculator of sizes: what a layer makes of height and width, by three libraries' rules."""

from __future__ import annotations

from dlnotes import shapes
from dlnotes.plotting.computing.figure import Live
from dlnotes.plotting.windows import axis_windows

MOST = 13
"""Cells of the longest axis that is drawn whole, padding counted: a phone shows no more."""


def size_calculator(
    size: tuple[int, int] = (8, 8),
    kernel: shapes.IntOrTuple = 3,
    *,
    stride: shapes.IntOrTuple = 1,
    padding: shapes.IntOrTuple = 0,
    dilation: shapes.IntOrTuple = 1,
) -> Live:
    """Return a calculator of sizes that starts with a convolution.

    The reader sets every number, changes to pooling or to a transposed convolution, and sees what
    PyTorch, TensorFlow and Keras make of it beside each other.

    Parameters
    ----------
    size : tuple of int
        Height and width at the start. Padding counted, the height is at most 13.
    kernel, stride, padding, dilation : int or tuple of int
        As in `dlnotes.shapes.conv_out_nd`.

    Returns
    -------
    Live

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.shapes.conv_out_nd`; also if the height is too long to be drawn.

    Examples
    --------
    >>> size_calculator((8, 8), 3, stride=2, padding=1)
    <a figure that computes in the page: size>
    """
    caller = "size_calculator"
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    out = shapes.conv_out_nd(size, kernel, **options, caller=caller)
    given = {"k": kernel, "s": stride, "p": padding, "d": dilation}
    pairs = {
        name: shapes.as_tuple(value, 2, name, least=0, caller=caller)
        for name, value in given.items()
    }
    axes = [
        {"n": int(n), "e": 0, **{name: pair[at] for name, pair in pairs.items()}}
        for at, n in enumerate(size)
    ]
    height = axes[0]
    cells = height["n"] + 2 * height["p"]
    if cells > MOST:
        raise ValueError(
            f"size_calculator: {cells} cells of height with their padding, and at most {MOST} "
            f"are drawn; got size={size}, padding={padding}; start with less"
        )
    square = axes[0] == axes[1]
    name = "one axis" if square else "height"
    still = axis_windows(
        height["n"], height["k"], stride=height["s"], padding=height["p"],
        dilation=height["d"], name=f"{name}, {height['n']} cells",
    )  # fmt: skip
    sentence = f"{size[0]} × {size[1]} becomes {out[0]} × {out[1]}."
    return Live("size", [still], sentence, {"axes": axes, "square": square}, needs=("sizes",))
