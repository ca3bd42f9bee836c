"""Narrow copies of networks, which tests run in the place of the wide ones."""

from dataclasses import replace

from dlnotes import specs
from dlnotes.specs import Part, layers

WIDTHS = {
    layers.Conv: "channels",
    layers.ConvTranspose: "channels",
    layers.LocalConv: "channels",
    layers.Linear: "units",
    layers.RadialBasis: "units",
    layers.Recurrent: "hidden",
    layers.Embedding: "width",
}
"""For each kind of layer the attribute that says how wide it is."""


def narrow(part: Part, divisor: int) -> Part:
    """Return a copy of a network's body with a `divisor`-th of every layer's width, rounded up.

    Thin networks have the same form as wide ones and are quick to run. Groups still divide widths.
    """
    if isinstance(part, specs.Chain):
        return specs.Chain(*(narrow(child, divisor) for child in part.parts), name=part.name)
    if isinstance(part, specs.Parallel):
        branches = (narrow(child, divisor) for child in part.branches)
        return specs.Parallel(*branches, join=part.join, name=part.name)
    if isinstance(part, specs.SideOutput):
        return replace(part, head=narrow(part.head, divisor))
    return narrow_layer(part, divisor)


def narrow_layer(part: Part, divisor: int) -> Part:
    """Return a layer with a `divisor`-th of its width."""
    if isinstance(part, layers.Reshape):
        first, *rest = part.shape
        return replace(part, shape=(-(-first // divisor), *rest))
    if isinstance(part, layers.TableConv):
        rows = part.table[::divisor]  # every map read is still there, by its place among fewer
        table = tuple(tuple(sorted({c // divisor for c in row})) for row in rows)
        return replace(part, table=table)
    attribute = next((name for kind, name in WIDTHS.items() if isinstance(part, kind)), None)
    if attribute is None:
        return part
    groups = getattr(part, "groups", 1)
    width = -(-getattr(part, attribute) // (divisor * groups)) * groups
    return replace(part, **{attribute: width})
