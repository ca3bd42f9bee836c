"""A table of layers that the reader builds: shapes, parameters, operations, memory, code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from dlnotes import counting
from dlnotes.counting import LayerTable, Row
from dlnotes.plotting.computing.figure import Live
from dlnotes.plotting.labels import COLOURS, family, label
from dlnotes.plotting.svg import Canvas
from dlnotes.specs import Chain, Layer, Network, Part, walk
from dlnotes.specs import layers as L

_WINDOW = ("kernel", "stride", "padding")
KINDS: Mapping[type[Layer], tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        L.Conv: ("conv", ("channels", *_WINDOW, "dilation", "groups", "bias")),
        L.MaxPool: ("max-pool", _WINDOW),
        L.AvgPool: ("mean-pool", _WINDOW),
        L.GlobalAvgPool: ("global mean", ()),
        L.Flatten: ("flatten", ()),
        L.Linear: ("dense", ("units", "bias")),
        L.BatchNorm: ("batch norm", ()),
        L.LocalResponseNorm: ("response norm", ("size", "alpha", "beta", "k")),
        L.Activation: ("activation", ("function",)),
        L.Dropout: ("dropout", ("p",)),
    }
)
"""For each kind of layer that has a row in the builder its name there, and what is set in it."""

FUNCTIONS = ("relu", "leaky_relu", "elu", "sigmoid", "tanh", "softmax")
"""The activations that the builder can write as PyTorch and as Keras."""

LANES: Mapping[str, Callable[[Row], int]] = MappingProxyType(
    {
        "memory": lambda row: 4 * row.values,
        "multiply-adds": lambda row: row.operations.products,
        "parameters": lambda row: row.parameters.trainable,
    }
)
WIDTH, HIGH, WORDS = 350.0, 40.0, 18.0


def layer_builder(networks: Mapping[str, Network], *, start: str, batch: int = 1) -> Live:
    """Return a table of layers that can be edited: it counts again at every change.

    Parameters
    ----------
    networks : mapping of str to Network
        What the reader may start from, by the name that is shown: layers one after another,
        on inputs (C, H, W).
    start : str
        Which of them is seen first.
    batch : int
        Examples in a batch, for the memory of training.

    Returns
    -------
    Live
        Counts are those of `counting.table`, operations under the convention 'mac'.

    Raises
    ------
    ValueError
        If a network has branches, a layer that the builder has no row for, or another input; if
        there is no such `start`, or `batch` is below 1.

    References
    ----------
    The page "Conventions", sections "MAC and FLOP" and "What counts as a parameter".

    Examples
    --------
    >>> from dlnotes import specs
    >>> layer_builder({"LeNet-5": specs.get("lenet5")}, start="LeNet-5")
    <a figure that computes in the page: table>
    """
    if start not in networks:
        raise ValueError(
            f"layer_builder: start {start!r} is no network of the figure; got "
            f"{', '.join(networks) or 'none'}; give one of these"
        )
    if not isinstance(batch, int) or isinstance(batch, bool) or batch < 1:
        raise ValueError(f"layer_builder: batch is {batch!r}; give a whole number from 1")
    facts = {
        "networks": [_facts(name, network) for name, network in networks.items()],
        "start": list(networks).index(start),
        "batch": batch,
    }
    network = networks[start]
    return Live("table", [_lanes(network)], builder_sentence(network), facts, needs=["layers"])


def builder_sentence(network: Network) -> str:
    """Return where a network's parameters, operations and memory sit, as the builder says it.

    Parameters
    ----------
    network : Network
        Layers one after another.

    Returns
    -------
    str

    Examples
    --------
    >>> from dlnotes import specs
    >>> builder_sentence(specs.get("lenet5")).split(" and does")[0].split()
    ['Row', '7', '(conv', '5×5,', '120)', 'has', '78', '%', 'of', 'the', 'parameters']
    """
    found, layers = counting.table(network), [layer for _, layer in walk(network.body)]
    own = [LANES["parameters"](row) for row in found.rows]
    work = [LANES["multiply-adds"](row) for row in found.rows]
    if not sum(own):
        return "No row has parameters: there is nothing to train."
    heavy, busy = own.index(max(own)), work.index(max(work))

    def name(at: int) -> str:
        return f"Row {at + 1} ({_words(layers[at], found.rows[at])})"

    def shares(at: int) -> str:
        return (
            f"has {share(own[at], sum(own))} of the parameters and does "
            f"{share(work[at], sum(work))} of the multiply-adds"
        )

    text = f"{name(heavy)} {shares(heavy)}"
    text += ", more than any other. " if busy == heavy else f". {name(busy)} {shares(busy)}. "
    half = _half(found)
    rows = "Row 1 alone makes" if half == 1 else f"Rows 1 to {half} make"
    return f"{text}{rows} half of the memory."


def share(part: int, whole: int) -> str:
    r"""Return a part of a whole in per cent, with two digits and a space that does not break.

    Examples
    --------
    >>> share(1, 3), share(1, 200), share(0, 5), share(5, 5)
    ('33\xa0%', '0.50\xa0%', '0\xa0%', '100\xa0%')
    """
    percent = 100 * part / whole if whole else 0.0
    digits = 1 if percent >= 0.995 else 2 if percent >= 0.0995 else 3
    number = f"{percent:.{digits}f}"
    if percent >= 9.95 or not part:
        number = str(int(percent + 0.5))
    elif percent < 0.001:
        number = "under 0.001"
    return f"{number}\N{NO-BREAK SPACE}%"


def _half(found: LayerTable) -> int:
    """Return the row, counted from 1, by which half of the activations are made."""
    made = 0
    for at, row in enumerate(found.rows, start=1):
        made += row.values
        if 2 * made >= sum(row.values for row in found.rows):
            return at
    return len(found.rows)


def _words(layer: Layer, row: Row) -> str:
    """Return a layer in words, with its width."""
    wide = getattr(layer, "channels", None) or getattr(layer, "units", None)
    words = label(layer, tuple(size for size in row.output if isinstance(size, int)))
    return f"{words}, {wide:,}" if wide else words


def _facts(name: str, network: Network) -> dict[str, Any]:
    """Return a network as the script reads it."""
    if len(network.input_shape) != 3:
        raise ValueError(
            f"layer_builder: {name!r} has inputs of shape {network.input_shape}; the builder "
            "takes (C, H, W); give a network for pictures"
        )
    rows = [_row(name, path, layer) for path, layer in _chained(name, network.body)]
    return {"name": name, "input": network.input_shape, "rows": rows}


def _chained(name: str, part: Part, path: str = "") -> Iterator[tuple[str, Layer]]:
    """Yield the layers of a network without branches."""
    if isinstance(part, Layer):
        yield path, part
        return
    if not isinstance(part, Chain):
        raise ValueError(
            f"layer_builder: {name!r} has branches ({part.kind} in {path or 'its body'}); the "
            "builder takes layers one after another; choose a network such as VGG-16"
        )
    for child in part.parts:
        yield from _chained(name, child, f"{path}.{child.name}".strip("."))


def _row(name: str, path: str, layer: Layer) -> dict[str, Any]:
    """Return a layer as a row of the builder."""
    kind, fields = KINDS.get(type(layer), ("", ()))
    settings = {key: getattr(layer, key) for key in fields}
    if settings.get("stride", 1) is None:
        settings["stride"] = settings["kernel"]
    plain = all(key == "function" or isinstance(settings[key], int | float) for key in settings)
    same = replace(layer, name="", **{"stride": settings["stride"]} if "stride" in settings else {})
    known = settings.get("function", FUNCTIONS[0]) in FUNCTIONS
    if not (kind and plain and known and type(layer)(**settings) == same):
        raise ValueError(
            f"layer_builder: the builder has no row for {layer!r} of {name!r}; it has "
            f"{', '.join(word for word, _ in KINDS.values())}, with square kernels and the same "
            "padding on all sides; choose another network"
        )
    return {"kind": kind, **settings}


def _lanes(network: Network) -> Canvas:
    """Draw a bar for each layer in three lanes: memory, multiply-adds, parameters."""
    rows = counting.table(network).rows
    colours = [COLOURS[family(layer)] for _, layer in walk(network.body)]
    canvas = Canvas(WIDTH, 0)
    for name, read in LANES.items():
        numbers = [read(row) for row in rows]
        canvas.text(0, canvas.height + 9, _total(name, sum(numbers)), size=12.5, anchor="start")
        _lane(canvas, canvas.height + WORDS, numbers, colours)
        canvas.height += WORDS + HIGH + 8
    return canvas


def _lane(canvas: Canvas, top: float, numbers: Sequence[int], colours: Sequence[str]) -> None:
    """Draw one lane; its tallest bar has the whole height."""
    wide, most = WIDTH / max(1, len(numbers)), max(1, *numbers)
    canvas.rect(0, top + HIGH, WIDTH, 1, fill="rule")
    for at, (count, fill) in enumerate(zip(numbers, colours, strict=True)):
        if count:
            high = max(1.0, HIGH * count / most)
            canvas.rect(at * wide, top + HIGH - high, max(1, wide - 1.5), high, fill=fill)


def _total(name: str, total: int) -> str:
    """Return the words above a lane."""
    return f"{name}: {total / 1e6:,.1f} MB" if name == "memory" else f"{name}: {total:,}"
