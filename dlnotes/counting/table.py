"""The layer table of a network, from its description."""

from __future__ import annotations

from dlnotes.counting import fields
from dlnotes.counting.conventions import Chosen, chosen
from dlnotes.counting.fields import Field
from dlnotes.counting.layer_table import LayerTable
from dlnotes.counting.operations import operations
from dlnotes.counting.parameters import body_and_shape, step_parameters
from dlnotes.counting.rows import Row, values_of
from dlnotes.counting.rules import Shape, Shapes
from dlnotes.counting.trace import Step, as_parallel, joined_shape, output_shape, require_input
from dlnotes.specs import layers as L
from dlnotes.specs.network import Network
from dlnotes.specs.parts import Chain, Layer, Part, SideOutput, children

VIEWS = (L.Flatten, L.Reshape, L.Transpose, L.Crop)
"""Layers that make no numbers: the same ones are read in another way."""


def table(
    network: Network | Part,
    input_shape: Shapes | None = None,
    *,
    convention: Chosen = "mac",
    depth: int | None = None,
    dtype: str = "float32",
) -> LayerTable:
    """Return the layer table of a network: one row for each layer and each join of branches.

    Parameters
    ----------
    network : Network or Part
        From `dlnotes.specs`, or your own.
    input_shape : tuple of int, optional
        Without the batch; a network knows its own, a part does not.
    convention : str, Convention, or several
        What counts as an operation, one column each; `counting.CONVENTIONS` has all.
    depth : int, optional
        Sum up what lies deeper than this; 1 gives the top-level parts.
    dtype : str
        Of the activations, for their memory.

    Returns
    -------
    LayerTable
        It prints itself, shows itself in a notebook, and writes Markdown, CSV and JSON.

    Raises
    ------
    ValueError
        If the parts do not fit together, or there is no such convention or dtype.
    TypeError
        If `network` is neither, or a part comes without a shape.

    References
    ----------
    The page "Conventions", sections "MAC and FLOP" and "What counts as a parameter"; concepts
    param-count, bottleneck, receptive-field.

    Examples
    --------
    >>> from dlnotes import specs
    >>> found = table(specs.get("mnist-conv"), convention=("mac", "flop"))
    >>> found.count("mac"), found.memory
    (577000, 69960)
    """
    body, shape = body_and_shape("counting.table", network, input_shape)
    shape = require_input("counting.table", shape)
    walk = _Walk()
    walk.visit(body, shape, fields.first_field(shape), "")
    title = network.title if isinstance(network, Network) else network.name or network.kind
    groups = tuple(group for group in walk.groups if group.path)
    found = LayerTable(title, shape, tuple(walk.rows), groups, chosen(convention), dtype)
    return found if depth is None else found.grouped(depth)


class _Walk:
    """Rows and groups, collected on the way through a network."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.groups: list[Row] = []

    def visit(self, part: Part, x: Shapes, field: Field, path: str) -> tuple[Shapes, Field]:
        """Add the rows of a part; return the shape and the field of what comes out."""
        if isinstance(part, Layer):
            return self._layer(part, x, field, path)
        at = len(self.groups)
        y, seen = x, field
        if isinstance(part, Chain):
            for name, child in _below(part, path):
                y, seen = self.visit(child, y, seen, name)
        elif isinstance(part, SideOutput):
            for name, child in _below(part, path):
                self.visit(child, x, field, name)
        else:
            y, seen = self._parallel(part, x, field, path)
        self.groups.insert(at, Row(path, part.kind, x, y, receptive=_sizes(seen)))
        return y, seen

    def _layer(self, layer: Layer, x: Shapes, field: Field, path: str) -> tuple[Shapes, Field]:
        """Add the row of a layer."""
        name = path or layer.name or layer.kind
        y = output_shape(layer, x, name)
        step = Step(name, layer, x, y)
        seen = fields.through(layer, x, y, field)
        values = 0 if isinstance(layer, VIEWS) else values_of(y)
        held, work = step_parameters(step), operations(step)
        self.rows.append(Row(name, layer.kind, x, y, held, work, values, _sizes(seen)))
        return y, seen

    def _parallel(self, part: Part, x: Shapes, field: Field, path: str) -> tuple[Shapes, Field]:
        """Add the rows of all branches, and one for the join."""
        parallel = as_parallel(part)
        found = [self.visit(child, x, field, name) for name, child in _below(part, path)]
        branches = [y for y, _ in found]
        y = joined_shape(parallel, branches, path)
        seen = fields.joined([one for _, one in found], parallel.join)
        if parallel.join != "tuple" and len(found) > 1:
            name = path or part.name or parallel.join
            x = _single(branches)
            row = Row(name, parallel.join, x, y, values=values_of(y), receptive=_sizes(seen))
            self.rows.append(row)
        return y, seen


def _below(part: Part, path: str) -> list[tuple[str, Part]]:
    """Return the parts inside with their whole paths."""
    return [(f"{path}.{name}" if path else name, child) for name, child in children(part)]


def _single(branches: list[Shapes]) -> tuple[Shape, ...]:
    """Return the shapes of several values, one each."""
    return tuple(tuple(n for n in shape if isinstance(n, int)) for shape in branches)


def _sizes(field: Field) -> Shape | None:
    """Return the sizes of a field."""
    return None if field is None else tuple(axis.size for axis in field)
