"""Reading the arguments of constructors."""

from typing import Protocol

from dlnotes.functional._options import as_number
from dlnotes.shapes import Padding, as_int, as_pads


class _Windows(Protocol):
    """What decides how a padding is read."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]


def as_size(caller: str, name: str, value: object, least: int = 1) -> int:
    """Return a number of channels, features or units.

    Parameters
    ----------
    caller, name : str
        The layer and the argument that messages name.
    value : int
    least : int
        The smallest allowed.

    Returns
    -------
    int

    Raises
    ------
    TypeError, ValueError
        If it is no int, or below the least.

    Examples
    --------
    >>> as_size("Linear", "in_features", 3)
    3
    """
    return as_int(value, name, least=least, caller=caller)


def as_flag(caller: str, name: str, value: object) -> bool:
    """Return a switch, which is True or False and nothing that Python takes for one.

    Parameters
    ----------
    caller, name : str
        The layer and the argument that messages name.
    value : bool

    Returns
    -------
    bool

    Raises
    ------
    TypeError
        If it is no bool.

    Examples
    --------
    >>> as_flag("Linear", "bias", True)
    True
    """
    if not isinstance(value, bool):
        raise TypeError(
            f"{caller}: {name} is True or False; got {name}={value!r} of "
            f"{type(value).__name__}; give a bool"
        )
    return value


def as_share(caller: str, name: str, value: object) -> float:
    """Return a probability or another share, from 0 to 1.

    Parameters
    ----------
    caller, name : str
        The layer and the argument that messages name.
    value : float

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If it is no number, or outside 0 to 1.

    Examples
    --------
    >>> as_share("Dropout", "p", 0.5)
    0.5
    """
    return as_number(caller, name, value, low=0, high=1)


def as_padding(caller: str, padding: Padding, layer: _Windows) -> Padding:
    """Return a padding that fits the layer's kernel, one number an axis where that says it all.

    Parameters
    ----------
    caller : str
        The layer that messages name.
    padding : int, str, sequence of int, or sequence of (before, after)
        As in `dlnotes.shapes.as_pads`.
    layer : Layer
        With its kernel_size, stride and dilation.

    Returns
    -------
    str, tuple of int, or tuple of (int, int)

    Raises
    ------
    TypeError, ValueError
        As `dlnotes.shapes.as_pads`.

    Examples
    --------
    >>> from dlnotes.layers import Conv2d
    >>> rng = __import__("numpy").random.default_rng(0)
    >>> Conv2d(1, 1, 3, padding=((1, 1), (2, 2)), rng=rng).padding
    (1, 2)
    """
    dims = len(layer.kernel_size)
    pads = as_pads(padding, layer.kernel_size, layer.stride, layer.dilation, dims, caller=caller)
    if isinstance(padding, str):
        return padding
    return tuple(a for a, _ in pads) if all(a == b for a, b in pads) else pads


def require_groups(caller: str, in_channels: int, out_channels: int, groups: int) -> None:
    """Hold both numbers of channels to multiples of the groups.

    Parameters
    ----------
    caller : str
        The layer that messages name.
    in_channels, out_channels, groups : int

    Raises
    ------
    ValueError
        If one is no multiple.

    Examples
    --------
    >>> require_groups("Conv2d", 4, 6, 2)
    """
    if in_channels % groups or out_channels % groups:
        raise ValueError(
            f"{caller}: groups must divide the channels; got in_channels={in_channels}, "
            f"out_channels={out_channels}, groups={groups}; make both multiples of {groups}"
        )
