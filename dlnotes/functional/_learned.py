"""Gradients of a convolution's weights alone, for a first layer, whose input needs none."""

from dlnotes.functional import _core
from dlnotes.functional._arrays import Array
from dlnotes.functional._geometry import read_conv, require_upstream
from dlnotes.functional.conv import bias_gradient
from dlnotes.shapes import IntOrTuple, Padding


def conv_parameter_gradients(
    dims: int,
    dy: Array,
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: IntOrTuple = 1,
    padding: Padding = 0,
    dilation: IntOrTuple = 1,
    groups: int = 1,
) -> tuple[Array, Array | None]:
    """Return dw and db of `conv2d_backward`, or of its kin over one or three axes.

    Parameters
    ----------
    dims : int
        Number of spatial axes: 1, 2 or 3.
    dy, x, w, b, stride, padding, dilation, groups
        As in `conv2d_backward`.

    Returns
    -------
    dw : ndarray, w's shape
    db : ndarray of b's shape, or None

    Raises
    ------
    TypeError, ValueError
        As `conv2d_backward`.

    Examples
    --------
    >>> import numpy as np
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((4, 3, 3, 2))
    >>> dw, db = conv_parameter_gradients(2, np.ones((2, 4, 5, 5)), x, w)
    >>> dw.shape, db is None
    ((4, 3, 3, 2), True)
    """
    caller = f"conv{dims}d_backward"
    g = read_conv(caller, dims, x, w, b, stride, padding, dilation, groups)
    require_upstream(caller, dy, x, g)
    return _core.weight_gradient(dy, x, g), None if b is None else bias_gradient(dy)
