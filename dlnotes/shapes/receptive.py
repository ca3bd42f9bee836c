"""Receptive fields: which input rows one output of a stack of layers depends on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from fractions import Fraction

from dlnotes.shapes.arguments import Padding, as_int
from dlnotes.shapes.axis import read_axis


@dataclass(frozen=True)
class Layer:
    """One axis of a convolution or pooling in a stack.

    Attributes
    ----------
    k : int
        Kernel or window size.
    stride : int
        Step.
    padding : int, (before, after), or str
        As in `conv_out`. TensorFlow's SAME depends on the input size: give the pair from
        `same_padding_tf`.
    dilation : int
        Distance between neighbouring entries of the kernel.
    """

    k: int
    stride: int = 1
    padding: Padding = 0
    dilation: int = 1


@dataclass(frozen=True)
class Receptive:
    """What an output sees of the input.

    Attributes
    ----------
    size : int
        Rows from the first to the last that one output depends on.
    jump : int
        Rows between the fields of neighbouring outputs.
    start : int
        First row of the first output's field; negative where it lies on padding.
    """

    size: int
    jump: int
    start: int

    @property
    def centre(self) -> Fraction:
        """Middle of the first output's field, in rows from 0; a half when the size is even."""
        return self.start + Fraction(self.size - 1, 2)

    def field(self, j: int) -> range:
        """Return the rows from the first to the last that output `j` depends on.

        Parameters
        ----------
        j : int
            Which output, counted from 0.

        Returns
        -------
        range
            Positions below 0, and from the input's size on, lie on padding. With dilation or a
            stride above the kernel size there may be rows between that have no influence.

        Raises
        ------
        TypeError
            If `j` is a bool or no integer.
        ValueError
            If `j` is negative.

        Examples
        --------
        >>> Receptive(size=7, jump=4, start=-3).field(1)
        range(1, 8)
        """
        first = self.start + self.jump * as_int(j, "j", least=0, caller="Receptive.field")
        return range(first, first + self.size)


LayerLike = Layer | tuple[int, ...] | tuple[int, int, Padding] | tuple[int, int, Padding, int]


def receptive_fields(layers: Iterable[LayerLike]) -> tuple[Receptive, ...]:
    r"""Return the receptive field after each layer of a stack, the input itself first.

    .. math:: r_l = r_{l-1} + (k_e - 1)\, j_{l-1}, \qquad
        t_l = t_{l-1} - p_b\, j_{l-1}, \qquad j_l = j_{l-1}\, s

    with size r, start t, jump j, and r = 1, t = 0, j = 1 for the input.

    Parameters
    ----------
    layers : iterable of Layer or of tuples (k, stride, padding, dilation)
        In the order in which the input passes them. Tuples may be shorter.

    Returns
    -------
    tuple of Receptive
        One more than there are layers.

    Raises
    ------
    TypeError
        If a layer is neither of the two, or a number a bool or no integer.
    ValueError
        If a number is too small.

    References
    ----------
    Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill
    2019; concept receptive-field.

    Examples
    --------
    >>> [field.size for field in receptive_fields([(3,), (3,), (2, 2), (3,)])]
    [1, 3, 5, 6, 10]
    """
    seen = [Receptive(size=1, jump=1, start=0)]
    for name, layer in _layers(layers):
        row = layer.k, layer.stride, layer.padding, layer.dilation
        axis = read_axis(name, 1, *row, fits=False)
        last = seen[-1]
        size = last.size + (axis.reach - 1) * last.jump
        start = last.start - axis.before * last.jump
        seen.append(Receptive(size, last.jump * axis.stride, start))
    return tuple(seen)


def receptive_field(layers: Iterable[LayerLike]) -> Receptive:
    """Return the receptive field of a whole stack.

    Parameters
    ----------
    layers : iterable of Layer or of tuples (k, stride, padding, dilation)
        As in `receptive_fields`.

    Returns
    -------
    Receptive
        Size, jump and start of the last layer's outputs.

    Raises
    ------
    TypeError, ValueError
        As `receptive_fields`.

    References
    ----------
    Concept receptive-field.

    Examples
    --------
    >>> receptive_field([Layer(7, stride=2, padding=3), Layer(3, stride=2, padding=1)])
    Receptive(size=11, jump=4, start=-5)
    """
    return receptive_fields(layers)[-1]


def _layers(layers: Iterable[LayerLike]) -> Iterator[tuple[str, Layer]]:
    """Yield each layer with the name that messages give it."""
    most = len(fields(Layer))
    for number, layer in enumerate(layers, start=1):
        name = f"receptive_fields, layer {number}"
        if isinstance(layer, list | tuple) and 1 <= len(layer) <= most:
            layer = Layer(*layer)
        if not isinstance(layer, Layer):
            raise TypeError(
                f"{name}: neither a Layer nor a tuple of 1 to {most} numbers; got {layer!r}; "
                f"give shapes.Layer(k, stride, padding, dilation) or (k, stride, padding, dilation)"
            )
        yield name, layer
