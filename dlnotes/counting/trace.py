"""The shapes of a network: what goes into each layer, and what comes out."""

from dataclasses import dataclass
from typing import Any

from dlnotes.counting.rules import Shapes, layer_shape, single
from dlnotes.specs.parts import Chain, Layer, Parallel, Part, SideOutput, children


@dataclass(frozen=True)
class Step:
    """A layer at work.

    Attributes
    ----------
    path : str
        Where it stands, such as ``'stage2.body.conv1'``.
    layer : Layer
        What it is.
    input, output : tuple of int
        Shapes without the batch.
    """

    path: str
    layer: Layer
    input: Shapes
    output: Shapes


def trace(part: Part, input_shape: Shapes, path: str = "") -> tuple[Step, ...]:
    """Return every layer with the shapes of its input and output, in the order in which they run.

    Parameters
    ----------
    part : Part
        A network's body or any part of it.
    input_shape : tuple of int
        Without the batch: (C, H, W), (C, L), (T, D), (D,).
    path : str
        What stands before the names.

    Returns
    -------
    tuple of Step

    Raises
    ------
    TypeError
        If `part` or `input_shape` is of another kind.
    ValueError
        If something does not fit; the message names the path, the rule and the numbers.

    Examples
    --------
    >>> from dlnotes.specs import Chain, Conv, Flatten, Linear
    >>> trace(Chain(Conv(4, 3), Flatten(), Linear(10)), (1, 8, 8))[-1].input
    (144,)
    """
    steps: list[Step] = []
    _run(part, require_input("trace", input_shape), path, steps)
    return tuple(steps)


def output_shape(part: Part, input_shape: Shapes, path: str = "") -> Shapes:
    """Return the shape that comes out of `part`.

    Parameters
    ----------
    part : Part
        A layer, or layers joined.
    input_shape : tuple of int
        Without the batch.
    path : str
        What messages call it.

    Returns
    -------
    tuple of int, or tuple of tuples for a join of kind 'tuple'

    Raises
    ------
    TypeError
        If `part` or `input_shape` is of another kind.
    ValueError
        If something does not fit.

    Examples
    --------
    >>> from dlnotes.specs import Conv
    >>> output_shape(Conv(64, 7, stride=2, padding=3), (3, 224, 224))
    (64, 112, 112)
    """
    return _run(part, require_input("output_shape", input_shape), path, [])


def require_input(caller: str, shape: Any) -> Shapes:
    """Return an input's shape (or several) as a tuple, if it is one: sizes from 1."""
    inside = tuple(shape) if isinstance(shape, tuple | list) else ()
    whole = all(isinstance(size, int) and not isinstance(size, bool) for size in inside)
    if inside and not whole and all(isinstance(one, tuple | list) for one in inside):
        return tuple(single(require_input(caller, one), caller) for one in inside)
    if not inside or not whole:
        raise TypeError(
            f"{caller}: input_shape is no tuple of whole numbers; got {shape!r}; give the sizes "
            "without the batch, such as (3, 224, 224)"
        )
    if min(inside) < 1:
        raise ValueError(
            f"{caller}: input_shape has the size {min(inside)}; got {inside}; give sizes from 1, "
            "without the batch"
        )
    return inside


def _run(part: Part, shape: Shapes, path: str, steps: list[Step]) -> Shapes:
    """Return what comes out of a part, and note its layers' steps on the way."""
    if isinstance(part, Layer):
        name = path or part.name or part.kind
        steps.append(Step(name, part, shape, layer_shape(part, shape, name)))
        return steps[-1].output
    below = _below(part, path)
    if isinstance(part, Chain):
        for name, child in below:
            shape = _run(child, shape, name, steps)
        return shape
    found = [_run(child, shape, name, steps) for name, child in below]
    return shape if isinstance(part, SideOutput) else joined_shape(as_parallel(part), found, path)


def _below(part: Part, path: str) -> list[tuple[str, Part]]:
    """Return the parts inside with their whole paths."""
    return [(f"{path}.{name}" if path else name, child) for name, child in children(part)]


def as_parallel(part: Part) -> Parallel:
    """Return `part`, which is a Parallel, or say what it is."""
    if isinstance(part, Parallel):
        return part
    raise TypeError(
        f"trace: {part!r} ({type(part).__name__}) is no part of a network; give layers, Chain, "
        "Parallel or SideOutput"
    )


def joined_shape(part: Parallel, found: list[Shapes], path: str) -> Shapes:
    """Return the shape of the joined branches."""
    where = path or part.name or "parallel"
    if part.join == "tuple":
        return tuple(single(shape, where) for shape in found)
    shapes_ = [single(shape, where) for shape in found]
    start = 0 if part.join == "add" else 1
    if len({shape[start:] for shape in shapes_}) != 1:
        rule = "one shape" if start == 0 else "one size on every axis after the channels"
        raise ValueError(
            f"{where}: branches to {part.join} need {rule}; got {', '.join(map(str, shapes_))}; "
            "change strides, padding or channels of a branch"
        )
    first = shapes_[0]
    return first if start == 0 else (sum(shape[0] for shape in shapes_), *first[1:])
