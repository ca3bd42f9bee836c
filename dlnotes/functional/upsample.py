"""Up-sampling: interpolation, sub-pixel shuffles, Kronecker products, each beside its gradient."""

from typing import Any

import numpy as np

from dlnotes.functional._arrays import (
    Array,
    described,
    require_axes,
    require_floats,
    require_room,
    require_shape,
)
from dlnotes.functional._options import as_bool, as_choice
from dlnotes.shapes import IntOrTuple, as_int, as_tuple

_MODES = ("nearest", "linear", "bilinear", "trilinear")
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}
_AXES = {1: "nct", 2: "nchw", 3: "ncthw"}
_OUT_AXES = {1: "ncq", 2: "ncpq", 3: "ncopq"}
_MATRICES = {1: "qt", 2: "ph,qw", 3: "ot,ph,qw"}


def interpolate(
    x: Array,
    *,
    size: IntOrTuple | None = None,
    scale_factor: IntOrTuple | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Array:
    r"""Resize images, sequences or volumes: one matrix an axis.

    .. math:: y_{ncpq} = \sum_{h,w} A_{ph}\, B_{qw}\, x_{nchw}

    A row of A holds a single 1 for 'nearest', at :math:`\lfloor p\,H/P \rfloor`, and two weights
    that add up to 1 otherwise, for the inputs around the position

    .. math:: (p + \tfrac12)\,\tfrac{H}{P} - \tfrac12
        \quad\text{or, with align\_corners,}\quad p\,\tfrac{H-1}{P-1} .

    'nearest' is exact. PyTorch rounds H/P to float32 for inputs of float32, and so takes the input
    before where p·H/P is whole, now and then: for output 23 from 14 to 46, input 6 instead of 7.

    Parameters
    ----------
    x : ndarray, shape (N, C, T), (N, C, H, W) or (N, C, T, H, W)
        N may be 0.
    size : int or tuple of int, optional
        Output size of each axis.
    scale_factor : int or tuple of int, optional
        How many times larger the output is; one of the two is needed.
    mode : {'nearest', 'linear', 'bilinear', 'trilinear'}
        The last three are for one, two and three axes.
    align_corners : bool
        Put the outermost outputs on the outermost inputs. Not for 'nearest'.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError
        If x is not float32 or float64, a number is no int, or align_corners no bool.
    ValueError
        If both or neither of size and scale_factor are given, mode and axes do not fit, or an
        array would have 2³¹ values or more.

    References
    ----------
    Concept upsampling2d; ``torch.nn.functional.interpolate``. The loop version is
    `dlnotes.reference.interpolate`.

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0], [3.0, 4.0]]]])
    >>> interpolate(x, scale_factor=2)[0, 0].astype(int).tolist()
    [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    """
    matrices = _matrices("interpolate", x, size, scale_factor, mode, align_corners)
    dims = len(matrices)
    terms = f"{_MATRICES[dims]},{_AXES[dims]}->{_OUT_AXES[dims]}"  # ph,qw,nchw->ncpq
    y: Array = np.einsum(terms, *matrices, x, optimize=True)
    return y


def interpolate_backward(
    dy: Array,
    x: Array,
    *,
    size: IntOrTuple | None = None,
    scale_factor: IntOrTuple | None = None,
    mode: str = "nearest",
    align_corners: bool = False,
) -> Array:
    r"""Return the gradient of `interpolate`: each output's goes back to the inputs it came from.

    For 'nearest' with a whole scale factor that is the *sum* of each block of dy.

    .. math:: dx_{nchw} = \sum_{p,q} A_{ph}\, B_{qw}\, dy_{ncpq}

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x, size, scale_factor, mode, align_corners
        As in `interpolate`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `interpolate`, and if dy has not the output's shape.

    Examples
    --------
    >>> dy = np.arange(16.0).reshape(1, 1, 4, 4)
    >>> interpolate_backward(dy, np.ones((1, 1, 2, 2)), scale_factor=2)[0, 0].tolist()
    [[10.0, 18.0], [42.0, 50.0]]
    """
    caller = "interpolate_backward"
    matrices = _matrices(caller, x, size, scale_factor, mode, align_corners)
    dims = len(matrices)
    out = (*x.shape[:2], *map(len, matrices))
    _require_upstream(caller, _OUT_AXES[dims].upper(), out, dy, x=x)
    terms = f"{_MATRICES[dims]},{_OUT_AXES[dims]}->{_AXES[dims]}"  # ph,qw,ncpq->nchw
    dx: Array = np.einsum(terms, *matrices, dy, optimize=True)
    return dx


def pixel_shuffle(x: Array, upscale_factor: int) -> Array:
    r"""Turn groups of r² channels into images r times as large: sub-pixel convolution's last step.

    .. math:: y_{n,\,c,\,hr+i,\,wr+j} = x_{n,\,cr^2+ir+j,\,h,\,w}

    It moves values and changes none, so its gradient is dy with every value moved back.

    Parameters
    ----------
    x : ndarray, shape (N, C·r², H, W)
    upscale_factor : int
        r.

    Returns
    -------
    ndarray, shape (N, C, H·r, W·r)

    Raises
    ------
    TypeError
        If x is not float32 or float64, or r is no int.
    ValueError
        If the channels are no multiple of r².

    References
    ----------
    Concept checkerboard-cures; Shi and others, arXiv:1609.05158.

    Examples
    --------
    >>> pixel_shuffle(np.arange(4.0).reshape(1, 4, 1, 1), 2)[0, 0].tolist()
    [[0.0, 1.0], [2.0, 3.0]]
    """
    shape = _shuffled_shape("pixel_shuffle", x, upscale_factor)
    r, (batch, channels, high, wide) = upscale_factor, x.shape
    blocks = x.reshape(batch, channels // r**2, r, r, high, wide)
    y = blocks.transpose(0, 1, 4, 2, 5, 3)  # (N, C, H, r, W, r)
    return np.array(y, order="C").reshape(shape)


def pixel_shuffle_backward(dy: Array, x: Array, upscale_factor: int) -> Array:
    """Return the gradient of `pixel_shuffle`: dy, shuffled back.

    Returns
    -------
    ndarray, shape (N, C·r², H, W)
    """
    caller = "pixel_shuffle_backward"
    shape = _shuffled_shape(caller, x, upscale_factor)
    _require_upstream(caller, "NCPQ", shape, dy, x=x)
    r, (batch, channels, high, wide) = upscale_factor, x.shape
    blocks = dy.reshape(batch, channels // r**2, high, r, wide, r)
    dx = blocks.transpose(0, 1, 3, 5, 2, 4)  # (N, C, r, r, H, W)
    return np.array(dx, order="C").reshape(x.shape)


def kronecker(x: Array, block: Array) -> Array:
    r"""Replace every pixel by a block, scaled by the pixel: the Kronecker product.

    .. math:: y_{n,\,c,\,hR+r,\,wS+s} = x_{nchw}\, b_{rs}

    With a block of ones it is up-sampling by the nearest pixel.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
    block : ndarray, shape (R, S)

    Returns
    -------
    ndarray, shape (N, C, H·R, W·S)

    Raises
    ------
    TypeError
        If the arrays are not both float32 or both float64.
    ValueError
        If the number of axes is another.

    References
    ----------
    Concept cnn-bottleneck; ``numpy.kron``.

    Examples
    --------
    >>> kronecker(np.array([[[[1.0, 2.0]]]]), np.ones((2, 2)))[0, 0].tolist()
    [[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]
    """
    _read_blocks("kronecker", x, block)
    (batch, channels, high, wide), (rows, columns) = x.shape, block.shape
    y = x[:, :, :, None, :, None] * block[:, None, :]  # (N, C, H, R, W, S)
    return y.reshape(batch, channels, high * rows, wide * columns)


def kronecker_backward(dy: Array, x: Array, block: Array) -> tuple[Array, Array]:
    r"""Return the gradients of `kronecker`.

    .. math:: dx_{nchw} = \sum_{r,s} dy_{n,c,hR+r,wS+s}\, b_{rs}, \qquad
        db_{rs} = \sum_{n,c,h,w} dy_{n,c,hR+r,wS+s}\, x_{nchw}

    Parameters
    ----------
    dy : ndarray, shape (N, C, H·R, W·S)
        Upstream gradient.
    x, block
        As in `kronecker`.

    Returns
    -------
    dx : ndarray, shape (N, C, H, W)
    dblock : ndarray, shape (R, S)

    Raises
    ------
    TypeError, ValueError
        As `kronecker`, and if dy has not the output's shape.

    Examples
    --------
    >>> x, block = np.ones((2, 3, 5, 4)), np.ones((2, 3))
    >>> [grad.shape for grad in kronecker_backward(np.ones((2, 3, 10, 12)), x, block)]
    [(2, 3, 5, 4), (2, 3)]
    """
    caller = "kronecker_backward"
    _read_blocks(caller, x, block)
    (batch, channels, high, wide), (rows, columns) = x.shape, block.shape
    out = (batch, channels, high * rows, wide * columns)
    _require_upstream(caller, "NCPQ", out, dy, x=x, block=block)
    split = dy.reshape(batch, channels, high, rows, wide, columns)
    dx = np.einsum("nchrws,rs->nchw", split, block)
    return dx, np.einsum("nchrws,nchw->rs", split, x)


def _matrices(
    caller: str,
    x: Array,
    size: IntOrTuple | None,
    scale_factor: IntOrTuple | None,
    mode: str,
    align_corners: bool,
) -> list[Array]:
    """Check the arguments of an interpolation and return the matrix of each axis."""
    require_floats(caller, x=x)
    dims = x.ndim - 2
    if dims not in _AXES or 0 in x.shape[1:]:
        raise ValueError(
            f"{caller}: x needs 3 to 5 axes, (N,C,…), none but N empty; got {described(x=x)}; "
            "add the missing axes, for one image x[None, None]"
        )
    _require_mode(caller, mode, dims, as_bool(caller, "align_corners", align_corners))
    sizes = _sizes(caller, x, size, scale_factor)
    pairs = list(zip(x.shape[2:], sizes, strict=True))
    options = {"size": size, "scale_factor": scale_factor}
    for shape in ((*x.shape[:2], *map(max, pairs)), *pairs):
        require_room(caller, shape, **options)
    return [_matrix(n, out, mode, align_corners).astype(x.dtype) for n, out in pairs]


def _matrix(n: int, out: int, mode: str, align_corners: bool) -> Array:
    """Return how much of each of n inputs is in each of the outputs, shape (out, n)."""
    a, p = np.zeros((out, n)), np.arange(out)
    if mode == "nearest":
        a[p, p * n // out] = 1  # the input that the output's left edge falls on
        return a
    if align_corners:
        place = p * ((n - 1) / max(out - 1, 1))
    else:
        place = np.maximum((p + 0.5) * (n / out) - 0.5, 0)
    low = np.minimum(place.astype(int), n - 1)
    a[p, low] += 1 - (place - low)
    a[p, np.minimum(low + 1, n - 1)] += place - low  # beyond the last input it counts on
    return a


def _require_mode(caller: str, mode: str, dims: int, align_corners: bool) -> None:
    """Hold the mode to the number of axes and to the alignment."""
    as_choice(caller, "mode", mode, _MODES)
    if mode not in ("nearest", _LINEAR[dims]):
        raise ValueError(
            f"{caller}: mode={mode!r} does not fit {dims} spatial axes; got mode={mode!r}; "
            f"use mode={_LINEAR[dims]!r} or 'nearest'"
        )
    if align_corners and mode == "nearest":
        raise ValueError(
            f"{caller}: align_corners needs a mode that weighs inputs; got mode='nearest', "
            f"align_corners=True; use mode={_LINEAR[dims]!r} or leave it out"
        )


def _sizes(
    caller: str, x: Array, size: IntOrTuple | None, scale_factor: IntOrTuple | None
) -> tuple[int, ...]:
    """Return the output size of each axis."""
    dims = x.ndim - 2
    if size is not None and scale_factor is None:
        return as_tuple(size, dims, "size", caller=caller)
    if size is None and scale_factor is not None:
        _require_whole(caller, scale_factor)
        factors = as_tuple(scale_factor, dims, "scale_factor", caller=caller)
        return tuple(n * factor for n, factor in zip(x.shape[2:], factors, strict=True))
    raise ValueError(
        f"{caller}: exactly one of size and scale_factor is needed; got size={size!r}, "
        f"scale_factor={scale_factor!r}; leave the other out"
    )


def _require_whole(caller: str, scale_factor: Any) -> None:
    """Tell those who want to shrink, or to enlarge by a fraction, what to give instead."""
    factors = scale_factor if isinstance(scale_factor, list | tuple) else (scale_factor,)
    if any(isinstance(factor, float) for factor in factors):
        raise TypeError(
            f"{caller}: scale_factor is no int; got scale_factor={scale_factor!r}; give a whole "
            f"factor, or any size of the output as size="
        )


def _shuffled_shape(caller: str, x: Array, factor: int) -> tuple[int, ...]:
    """Check the arguments of `pixel_shuffle` and return its output's shape."""
    require_floats(caller, x=x)
    require_axes(caller, "NCHW", x=x)
    r = as_int(factor, "upscale_factor", caller=caller)
    batch, channels, high, wide = x.shape
    if channels % r**2:
        raise ValueError(
            f"{caller}: C={channels} channels are no multiple of {r}²={r**2}; got "
            f"{described(x=x, upscale_factor=r)}; make x.shape[1] a multiple of {r**2}"
        )
    shape = (batch, channels // r**2, high * r, wide * r)
    require_room(caller, shape, x=x, upscale_factor=factor)
    return shape


def _require_upstream(
    caller: str, axes: str, shape: tuple[int, ...], dy: Array, **arrays: Array
) -> None:
    """Hold an upstream gradient to the other arrays' dtype and to the output's shape."""
    require_floats(caller, **arrays, dy=dy)
    require_shape(caller, axes, shape, dy=dy, **arrays)


def _read_blocks(caller: str, x: Array, block: Array) -> None:
    """Check the arguments of a Kronecker product."""
    require_floats(caller, x=x, block=block)
    require_axes(caller, "NCHW", x=x)
    require_axes(caller, "RS", block=block)
