"""What the networks of 1998 and 2012 used and later ones left out, each beside its backward pass.

LeNet-5: the scaled hyperbolic tangent, sub-sampling with a learned factor, convolutions that read
chosen maps, distances to fixed points. AlexNet: normalization across neighbouring channels.
"""

from collections.abc import Sequence

import numpy as np

from dlnotes.functional._arrays import Array, described, require_axes, require_shape, require_small
from dlnotes.functional._options import as_floats, as_number, quietly, upstream
from dlnotes.functional.conv import conv2d, conv2d_backward
from dlnotes.functional.pool import avg_pool2d, avg_pool2d_backward
from dlnotes.shapes import IntOrTuple, as_int, conv_out_nd

Table = Sequence[Sequence[int]]
HEIGHT, SLOPE = 1.7159, 2 / 3


@quietly
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
    (x,) = as_floats("scaled_tanh", x=x)
    y: Array = np.asarray(x.dtype.type(HEIGHT) * np.tanh(x.dtype.type(SLOPE) * x))
    return y


@quietly
def scaled_tanh_backward(dy: Array, x: Array) -> Array:
    r"""Return the gradient of `scaled_tanh`.

    .. math:: dx = dy \cdot 1.7159 \cdot \tfrac23 \bigl(1 - \tanh^2(2x/3)\bigr)

    Parameters
    ----------
    dy, x : ndarray
        Upstream gradient and input, of one shape.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `scaled_tanh`, and if the shapes differ.

    Examples
    --------
    >>> scaled_tanh_backward(np.ones(2), np.zeros(2)).shape
    (2,)
    """
    dy, x = upstream("scaled_tanh_backward", dy, x)
    t = np.tanh(x.dtype.type(SLOPE) * x)
    dx: Array = np.asarray(dy * x.dtype.type(HEIGHT * SLOPE) * (1 - t * t))
    return dx


@quietly
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
    x, w, b = as_floats("scaled_avg_pool2d", x=x, w=w, b=b)
    _require_channels("scaled_avg_pool2d", x, w, b, kernel_size)
    y: Array = avg_pool2d(x, kernel_size) * w[:, None, None] + b[:, None, None]
    return y


@quietly
def scaled_avg_pool2d_backward(
    dy: Array, x: Array, w: Array, b: Array, kernel_size: IntOrTuple
) -> tuple[Array, Array, Array]:
    r"""Return the gradients of `scaled_avg_pool2d`.

    .. math:: dw_c = \sum_{n,p,q} dy_{ncpq} \operatorname{mean}_{r,s} x_{n,c,pR+r,qS+s}, \qquad
        db_c = \sum_{n,p,q} dy_{ncpq}, \qquad
        dx_{n,c,pR+r,qS+s} = \frac{w_c\, dy_{ncpq}}{RS}

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x, w, b, kernel_size
        As in `scaled_avg_pool2d`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw, db : ndarray, shape (C,)

    Raises
    ------
    TypeError, ValueError
        As `scaled_avg_pool2d`, and if dy has not the output's shape.

    Examples
    --------
    >>> x, w, b = np.ones((2, 3, 8, 6)), np.ones(3), np.zeros(3)
    >>> dx, dw, db = scaled_avg_pool2d_backward(np.ones((2, 3, 4, 3)), x, w, b, 2)
    >>> dx.shape, dw.shape
    ((2, 3, 8, 6), (3,))
    """
    caller = "scaled_avg_pool2d_backward"
    x, w, b, dy = as_floats(caller, x=x, w=w, b=b, dy=dy)
    _require_channels(caller, x, w, b, kernel_size)
    mean = avg_pool2d(x, kernel_size)
    require_shape(caller, "NCPQ", mean.shape, dy=dy, x=x)
    dx = avg_pool2d_backward(dy * w[:, None, None], x, kernel_size)
    return dx, (dy * mean).sum((0, 2, 3)), dy.sum((0, 2, 3))


@quietly
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
    x, w, b = as_floats("table_conv2d", "b", x=x, w=w, b=b)
    rows = _rows("table_conv2d", x, w, b, table)
    sizes = conv_out_nd(x.shape[2:], w.shape[1:], caller="table_conv2d")
    y = np.zeros((len(x), len(rows), *sizes), x.dtype)
    for k, (maps, part) in enumerate(rows):
        if maps:
            y[:, k : k + 1] = conv2d(x[:, maps], w[None, part])
    return y if b is None else y + b[:, None, None]


@quietly
def table_conv2d_backward(
    dy: Array, x: Array, w: Array, b: Array | None = None, *, table: Table
) -> tuple[Array, Array, Array | None]:
    r"""Return the gradients of `table_conv2d`.

    .. math::
        dx_{nchw} = \sum_{k : c \in \text{table}[k]} \sum_{r,s} w_{j(k,c)\,rs}\; dy_{n,k,h-r,w-s},
            \qquad dw_{j(k,c)\,rs} = \sum_{n,p,q} dy_{nkpq}\; x_{n,c,p+r,q+s}

    Parameters
    ----------
    dy : ndarray, shape (N, K, P, Q)
        Upstream gradient.
    x, w, b, table
        As in `table_conv2d`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dw : ndarray, shape (J, R, S)
    db : ndarray of shape (K,), or None

    Raises
    ------
    TypeError, ValueError
        As `table_conv2d`, and if dy has not the output's shape.

    Examples
    --------
    >>> x, w = np.ones((2, 3, 7, 6)), np.ones((3, 5, 5))
    >>> _, dw, _ = table_conv2d_backward(np.ones((2, 2, 3, 2)), x, w, table=[[0, 1], [2]])
    >>> dw.shape
    (3, 5, 5)
    """
    caller = "table_conv2d_backward"
    x, w, b, dy = as_floats(caller, "b", x=x, w=w, b=b, dy=dy)
    rows = _rows(caller, x, w, b, table)
    sizes = conv_out_nd(x.shape[2:], w.shape[1:], caller=caller)
    require_shape(caller, "NKPQ", (len(x), len(rows), *sizes), dy=dy, x=x, w=w)
    dx, dw = np.zeros(x.shape, x.dtype), np.zeros(w.shape, w.dtype)
    for k, (maps, part) in enumerate(rows):
        if maps:
            dx_k, dw_k, _ = conv2d_backward(dy[:, k : k + 1], x[:, maps], w[None, part])
            dx[:, maps] += dx_k  # a row names each map once
            dw[part] = dw_k[0]
    return dx, dw, None if b is None else dy.sum((0, 2, 3))


@quietly
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
    x, centers = as_floats("radial_basis", x=x, centers=centers)
    away = _away("radial_basis", x, centers)
    y: Array = (away * away).sum(-1)
    return y


@quietly
def radial_basis_backward(dy: Array, x: Array, centers: Array) -> tuple[Array, Array]:
    r"""Return the gradients of `radial_basis`.

    .. math:: dx_{nd} = 2\sum_u dy_{nu} (x_{nd} - c_{ud}), \qquad
        dc_{ud} = -2\sum_n dy_{nu} (x_{nd} - c_{ud})

    Parameters
    ----------
    dy : ndarray, shape (N, U)
        Upstream gradient.
    x, centers : ndarray
        As in `radial_basis`.

    Returns
    -------
    dx : ndarray, shape (N, D)
    dcenters : ndarray, shape (U, D)

    Raises
    ------
    TypeError, ValueError
        As `radial_basis`, and if dy has not the output's shape.

    Examples
    --------
    >>> dx, dc = radial_basis_backward(np.ones((2, 10)), np.ones((2, 84)), np.ones((10, 84)))
    >>> dx.shape, dc.shape
    ((2, 84), (10, 84))
    """
    caller = "radial_basis_backward"
    x, centers, dy = as_floats(caller, x=x, centers=centers, dy=dy)
    away = 2 * _away(caller, x, centers)
    require_shape(caller, "NU", away.shape[:2], dy=dy, x=x, centers=centers)
    away *= dy[..., None]
    return away.sum(1), -away.sum(0)


@quietly
def local_response_norm(
    x: Array, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    r"""Divide each value by a power of the mean square of its neighbours in the channels.

    .. math:: y_{nc} = x_{nc}\, d_{nc}^{-\beta}, \qquad
        d_{nc} = k + \frac{\alpha}{n}
        \sum_{c'=c-\lfloor n/2 \rfloor}^{c+\lceil n/2 \rceil-1} x_{nc'}^2

    Parameters
    ----------
    x : ndarray, shape (N, C, ...)
        Values; channels beyond the ends count as zeros.
    size : int
        The n: channels in a window.
    alpha, beta, k : float
        As in the equation; PyTorch's, whose alpha is n times the paper's.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        If x has no channels or is no float array, or a number is no number; if k is not positive.

    References
    ----------
    Krizhevsky, Sutskever, Hinton (2012), section 3.3; concept alexnet.
    ``torch.nn.functional.local_response_norm``.

    Examples
    --------
    >>> local_response_norm(np.ones((2, 7, 3, 3)), 5).shape
    (2, 7, 3, 3)
    """
    (x,) = as_floats("local_response_norm", x=x)
    _, scale, _ = _response("local_response_norm", x, size, alpha, beta, k)
    y: Array = x * scale
    return y


@quietly
def local_response_norm_backward(
    dy: Array, x: Array, size: int, *, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Array:
    r"""Return the gradient of `local_response_norm`.

    .. math:: dx_{nc} = dy_{nc}\, d_{nc}^{-\beta} - \frac{2\alpha\beta}{n}\, x_{nc}
        \sum_{c' : c \in \text{window}(c')} dy_{nc'}\, x_{nc'}\, d_{nc'}^{-\beta-1}

    Parameters
    ----------
    dy, x : ndarray, shape (N, C, ...)
        Upstream gradient and input.
    size, alpha, beta, k
        As in `local_response_norm`.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    TypeError, ValueError
        As `local_response_norm`, and if the shapes differ.

    Examples
    --------
    >>> local_response_norm_backward(np.ones((2, 7, 3)), np.ones((2, 7, 3)), 5).shape
    (2, 7, 3)
    """
    dy, x = upstream("local_response_norm_backward", dy, x)
    d, scale, (n, a, b) = _response("local_response_norm_backward", x, size, alpha, beta, k)
    shares = _window_sums(dy * x * scale / d, n, before=(n - 1) // 2)
    dx: Array = dy * scale - x.dtype.type(2 * a * b / n) * x * shares
    return dx


def _response(
    caller: str, x: Array, size: int, alpha: float, beta: float, k: float
) -> tuple[Array, Array, tuple[int, float, float]]:
    """Return d, d to the power of -beta, and size, alpha and beta as plain numbers."""
    size = as_int(size, "size", caller=caller)
    require_small(caller, size=(size,))
    alpha = as_number(caller, "alpha", alpha, low=0.0, like=x)
    beta = as_number(caller, "beta", beta, like=x)
    k = as_number(caller, "k", k, low=0.0, like=x)
    if x.ndim < 2:
        raise ValueError(
            f"{caller}: x has {x.ndim} axes but needs channels, (N,C,...); got {described(x=x)}; "
            "put an axis of channels second"
        )
    if k <= 0:
        raise ValueError(
            f"{caller}: k must be positive, or zeros would divide zeros; got k={k}; use k=1.0"
        )
    d = _window_sums(x * x, size, before=size // 2)
    d *= x.dtype.type(alpha / size)
    d += x.dtype.type(k)
    return d, d ** x.dtype.type(-beta), (size, alpha, beta)


def _window_sums(x: Array, size: int, *, before: int) -> Array:
    """Add each channel's `before` predecessors, itself and its successors, `size` in all."""
    before, after = (min(n, x.shape[1]) for n in (before, size - 1 - before))  # beyond are zeros
    size = before + 1 + after
    padded = np.zeros((len(x), x.shape[1] + size - 1, *x.shape[2:]), x.dtype)
    padded[:, before : before + x.shape[1]] = x
    total = np.zeros(x.shape, x.dtype)
    for j in range(size):
        total += padded[:, j : j + x.shape[1]]
    return total


def _require_channels(caller: str, x: Array, w: Array, b: Array, kernel_size: IntOrTuple) -> None:
    """Hold w and b to one entry a channel, and the windows to the size of the maps."""
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
        got = described(x=x, w=w) if b is None else described(x=x, w=w, b=b)
        raise ValueError(
            f"{caller}: the table has {start} entries in {len(rows)} rows but w has {len(w)} "
            f"kernels; got {got}; make len(w) == {start} and b.shape == ({len(rows)},)"
        )
    return rows


def _away(caller: str, x: Array, centers: Array) -> Array:
    """Return the differences (N, U, D) between inputs and points."""
    require_axes(caller, "ND", x=x)
    require_axes(caller, "UD", centers=centers)
    if x.shape[1] != centers.shape[1]:
        raise ValueError(
            f"{caller}: x has D={x.shape[1]} features but centers have {centers.shape[1]}; got "
            f"{described(x=x, centers=centers)}; make x.shape[1] == centers.shape[1]"
        )
    away: Array = x[:, None] - centers
    return away
