"""What LeNet-5 had and later networks left out, each beside its backward pass.

The scaled hyperbolic tangent, sub-sampling with a learned factor, convolutions that read chosen
maps, distances to fixed points.
"""

from collections.abc import Sequence

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    require_axes,
    require_floats,
    require_shape,
)
from dlnotes.functional.conv import conv2d, conv2d_backward
from dlnotes.functional.pool import avg_pool2d, avg_pool2d_backward
from dlnotes.shapes import IntOrTuple, as_int, conv_out_nd

Table = Sequence[Sequence[int]]
HEIGHT, SLOPE = 1.7159, 2 / 3


def scaled_tanh(x: Array) -> Array:
    r"""Squash values as LeNet-5 does, so that 1 stays 1 and -1 stays -1 (to four digits).

    .. math:: y = 1.7159\,\tanh(2x/3)

    Parameters
    ----------
    x : ndarray
        Of any shape.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError
        If x is neither float32 nor float64.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner (1998), appendix A; concept lenet5.

    Examples
    --------
    >>> scaled_tanh(np.array([-1.0, 0.0, 1.0])).round(3)
    array([-1.,  0.,  1.])
    """
    require_floats("scaled_tanh", x=x)
    y: Array = HEIGHT * np.tanh(SLOPE * x)
    return y


def scaled_tanh_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `scaled_tanh`.

    .. math:: dx = dy \cdot 1.7159 \cdot \tfrac23 \bigl(1 - \tanh^2(2x/3)\bigr)

    Returns
    -------
    ndarray, shape of x
    """
    require_floats("scaled_tanh_backward", x=x, dy=dy)
    require_shape("scaled_tanh_backward", "…", x.shape, dy=dy, x=x)
    t = np.tanh(SLOPE * x)
    dx: Array = dy * HEIGHT * SLOPE * (1 - t**2)
    return dx


def scaled_avg_pool2d(x: Array, w: Array, b: Array, kernel_size: IntOrTuple) -> Array:
    r"""Average windows that lie side by side, then scale and shift each channel.

    .. math:: y_{ncpq} = w_c \operatorname{mean}_{r,s} x_{n,c,pR+r,qS+s} + b_c

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Maps.
    w, b : ndarray, shape (C,)
        One factor and one bias a channel.
    kernel_size : int or (int, int)
        Size of the windows, and their stride.

    Returns
    -------
    ndarray, shape (N, C, H // R, W // S)

    Raises
    ------
    TypeError, ValueError
        As `avg_pool2d`, and if w or b has not one entry a channel.

    References
    ----------
    LeNet-5's S2 and S4: LeCun and others (1998), section II.B; concept lenet5.

    Examples
    --------
    >>> scaled_avg_pool2d(np.ones((2, 3, 8, 6)), np.ones(3), np.zeros(3), 2).shape
    (2, 3, 4, 3)
    """
    _require_channels("scaled_avg_pool2d", x, w, b, kernel_size)
    y: Array = w[:, None, None] * avg_pool2d(x, kernel_size) + b[:, None, None]  # (N, C, P, Q)
    return y


def scaled_avg_pool2d_backward(
    dy: Array, x: Array, w: Array, b: Array, kernel_size: IntOrTuple
) -> tuple[Array, Array, Array]:
    r"""Return the gradients of `scaled_avg_pool2d`.

    .. math:: dw_c = \sum_{n,p,q} dy_{ncpq} \operatorname{mean}_{r,s} x_{n,c,pR+r,qS+s}, \qquad
        db_c = \sum_{n,p,q} dy_{ncpq}, \qquad
        dx_{n,c,pR+r,qS+s} = \frac{w_c\, dy_{ncpq}}{RS}

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw, db : ndarray, shape (C,)
    """
    caller = "scaled_avg_pool2d_backward"
    _require_channels(caller, x, w, b, kernel_size)
    mean = avg_pool2d(x, kernel_size)
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, "NCPQ", mean.shape, dy=dy, x=x)
    dx = avg_pool2d_backward(w[:, None, None] * dy, x, kernel_size)
    return dx, (dy * mean).sum((0, 2, 3)), dy.sum((0, 2, 3))


def table_conv2d(x: Array, w: Array, b: Array | None = None, *, table: Table) -> Array:
    r"""Convolve, each output map reading chosen input maps only.

    .. math:: y_{nkpq} = b_k + \sum_{c \in \text{table}[k]} \sum_{r,s}
        w_{j(k,c)\,rs}\; x_{n,c,p+r,q+s}

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Input maps.
    w : ndarray, shape (J, R, S)
        One kernel for each of the J entries of the table, row by row.
    b : ndarray, shape (K,), optional
        Bias of each output map.
    table : sequence of sequences of int
        For each of the K output maps the input maps that it reads, counted from 0.

    Returns
    -------
    ndarray, shape (N, K, P, Q)

    Raises
    ------
    TypeError, ValueError
        As `conv2d`; if the table names a map that is not there, or one twice in a row; if w has
        not one kernel an entry.

    References
    ----------
    LeNet-5's C3: LeCun and others (1998), table I; concept lenet5.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((3, 5, 5))
    >>> table_conv2d(x, w, table=[[0, 1], [2]]).shape
    (2, 2, 3, 2)
    """
    rows = _rows("table_conv2d", x, w, b, table)
    sizes = conv_out_nd(x.shape[2:], w.shape[1:], caller="table_conv2d")
    y = np.zeros((len(x), len(rows), *sizes), x.dtype)
    for k, (maps, part) in enumerate(rows):
        if maps:
            y[:, k : k + 1] = conv2d(x[:, maps], w[None, part])
    return y if b is None else y + b[:, None, None]


def table_conv2d_backward(
    dy: Array, x: Array, w: Array, b: Array | None = None, *, table: Table
) -> tuple[Array, Array, Array | None]:
    r"""Return the gradients of `table_conv2d`.

    .. math::
        dx_{nchw} = \sum_{k : c \in \text{table}[k]} \sum_{r,s} w_{j(k,c)\,rs}\; dy_{n,k,h-r,w-s},
            \qquad dw_{j(k,c)\,rs} = \sum_{n,p,q} dy_{nkpq}\; x_{n,c,p+r,q+s}

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (J, R, S)
    db : ndarray of shape (K,), or None
    """
    caller = "table_conv2d_backward"
    rows = _rows(caller, x, w, b, table)
    sizes = conv_out_nd(x.shape[2:], w.shape[1:], caller=caller)
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, "NKPQ", (len(x), len(rows), *sizes), dy=dy, x=x, w=w)
    dx, dw = np.zeros(x.shape, x.dtype), np.zeros(w.shape, w.dtype)
    for k, (maps, part) in enumerate(rows):
        if maps:
            dx_k, dw_k, _ = conv2d_backward(dy[:, k : k + 1], x[:, maps], w[None, part])
            dx[:, maps] += dx_k  # a row names each map once
            dw[part] = dw_k[0]
    return dx, dw, None if b is None else dy.sum((0, 2, 3))


def radial_basis(x: Array, centers: Array) -> Array:
    r"""Return squared distances to points: small where an input is near.

    .. math:: y_{nu} = \sum_d (x_{nd} - c_{ud})^2

    Parameters
    ----------
    x : ndarray, shape (N, D)
        Inputs.
    centers : ndarray, shape (U, D)
        Points.

    Returns
    -------
    ndarray, shape (N, U)

    Raises
    ------
    TypeError, ValueError
        If the arrays are not floats of one kind, no matrices, or of different width.

    References
    ----------
    LeNet-5's output: LeCun and others (1998), equation 7; concept lenet5.

    Examples
    --------
    >>> radial_basis(np.ones((2, 84)), -np.ones((10, 84))).shape
    (2, 10)
    """
    away = _away("radial_basis", x, centers)  # (N, U, D)
    y: Array = (away**2).sum(axis=2)
    return y


def radial_basis_backward(dy: Array, x: Array, centers: Array) -> tuple[Array, Array]:
    r"""Return the gradients of `radial_basis`.

    .. math:: dx_{nd} = 2\sum_u dy_{nu} (x_{nd} - c_{ud}), \qquad
        dc_{ud} = -2\sum_n dy_{nu} (x_{nd} - c_{ud})

    Returns
    -------
    dx : ndarray, shape (N, D)
    dcenters : ndarray, shape (U, D)
    """
    caller = "radial_basis_backward"
    away = _away(caller, x, centers)  # (N, U, D)
    require_floats(caller, x=x, dy=dy)
    require_shape(caller, "NU", away.shape[:2], dy=dy, x=x, centers=centers)
    dx = 2 * (dy[..., None] * away).sum(axis=1)
    dcenters = -2 * (dy[..., None] * away).sum(axis=0)
    return dx, dcenters


def _require_channels(caller: str, x: Array, w: Array, b: Array, kernel_size: IntOrTuple) -> None:
    """Hold w and b to one entry a channel, and the windows to the size of the maps."""
    require_floats(caller, "", x=x, w=w, b=b)
    require_axes(caller, "NCHW", x=x)
    conv_out_nd(x.shape[2:], kernel_size, stride=kernel_size, caller=caller)
    for name, a in (("w", w), ("b", b)):
        if a.shape != x.shape[1:2]:
            raise ValueError(
                f"{caller}: {name} has shape {a.shape} but x has C={x.shape[1]} channels; "
                f"got {described(x=x, w=w, b=b)}; make {name}.shape == ({x.shape[1]},)"
            )


def _rows(
    caller: str, x: Array, w: Array, b: Array | None, table: Table
) -> list[tuple[list[int], slice]]:
    """Return for each output map the input maps that it reads, and which kernels are its own."""
    require_floats(caller, x=x, w=w, b=b)
    require_axes(caller, "NCHW", x=x)
    require_axes(caller, "JRS", w=w)
    rows, start, c = [], 0, x.shape[1]
    if not isinstance(table, Sequence) or not all(isinstance(row, Sequence) for row in table):
        raise TypeError(
            f"{caller}: the table is no sequence of sequences; got table={table!r}; "
            "give for each output map the input maps that it reads, for example [[0, 1], [2]]"
        )
    for k, row in enumerate(table):
        maps = [as_int(entry, "table", least=0, caller=caller) for entry in row]
        if len(set(maps)) < len(maps) or (maps and max(maps) >= c):
            raise ValueError(
                f"{caller}: row {k} of the table names each input map at most once, 0 to {c - 1}; "
                f"got {maps}; x has C={c} maps"
            )
        rows.append((maps, slice(start, start + len(maps))))
        start += len(maps)
    if start != len(w) or (b is not None and b.shape != (len(rows),)):
        raise ValueError(
            f"{caller}: the table has {start} entries in {len(rows)} rows but w has {len(w)} "
            f"kernels; got {described(x=x, w=w, b=b)}; give w a kernel an entry, b a value a row"
        )
    return rows


def _away(caller: str, x: Array, centers: Array) -> Array:
    """Check the arguments, and return the differences (N, U, D) between inputs and points."""
    require_floats(caller, x=x, centers=centers)
    require_axes(caller, "ND", x=x)
    require_axes(caller, "UD", centers=centers)
    if x.shape[1] != centers.shape[1]:
        raise ValueError(
            f"{caller}: x has D={x.shape[1]} features but centers have {centers.shape[1]}; got "
            f"{described(x=x, centers=centers)}; make x.shape[1] == centers.shape[1]"
        )
    away: Array = x[:, None] - centers
    return away
