"""Pooling to a fixed number of outputs, whatever the size of the input, and its way back."""

from math import prod

import numpy as np

from dlnotes.functional._arrays import Array
from dlnotes.functional.pool._windows import Sizes, adaptive, read_adaptive, require_upstream

SPACE = (2, 3)
"""The axes H and W."""


def adaptive_avg_pool2d(x: Array, output_size: Sizes) -> Array:
    r"""Average an image to a fixed number of outputs.

    .. math::
        y_{ncpq} = \frac{1}{|A_p|\,|B_q|} \sum_{h \in A_p,\, w \in B_q} x_{nchw},
        \qquad A_p = \Big[ \Big\lfloor \frac{p H}{P} \Big\rfloor,\;
            \Big\lceil \frac{(p + 1) H}{P} \Big\rceil \Big)

    and :math:`B_q` likewise along W. The windows cover every pixel; where P does not divide H,
    neighbours overlap.

    Parameters
    ----------
    x : ndarray, shape (N, C, H, W)
        Images; N may be 0.
    output_size : int or (int, int)
        P and Q; None in a tuple keeps the input's size.

    Returns
    -------
    ndarray, shape (N, C, P, Q)
        A new array of x's dtype.

    Raises
    ------
    TypeError
        If x is no array of float32 or float64, or a size is no int.
    ValueError
        If x has not 4 axes, an axis other than N is empty, or a size is below 1 or too large.

    References
    ----------
    Concepts spp, gap; ``torch.nn.functional.adaptive_avg_pool2d``.

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_avg_pool2d(x, (1, 2)).tolist()
    [[[[2.0, 3.0]]]]
    """
    out = read_adaptive("adaptive_avg_pool2d", 2, x, output_size)
    y = np.zeros((*x.shape[:2], *out), x.dtype)
    for place, window in adaptive(x, out):
        y[place] = x[window].mean(SPACE, keepdims=True)  # (N, C, 1, 1)
    return y


def adaptive_avg_pool2d_backward(dy: Array, x: Array, output_size: Sizes) -> Array:
    r"""Return the gradient of `adaptive_avg_pool2d`: each window shares its gradient out equally.

    .. math:: dx_{nchw} = \sum_{p,q} \frac{dy_{ncpq}}{|A_p|\,|B_q|}\, [\,h \in A_p,\, w \in B_q\,]

    Parameters
    ----------
    dy : ndarray, shape (N, C, P, Q)
        Upstream gradient.
    x : ndarray, shape (N, C, H, W)
        Input of the forward pass; its shape is what counts.
    output_size : int or (int, int)
        As in `adaptive_avg_pool2d`.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Raises
    ------
    TypeError, ValueError
        As `adaptive_avg_pool2d`, and if dy has not the output's shape and x's dtype.

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_avg_pool2d_backward(np.array([[[[3.0, 6.0]]]]), x, (1, 2)).tolist()
    [[[[1.0, 1.0, 3.0, 2.0, 2.0]]]]
    """
    out = read_adaptive("adaptive_avg_pool2d_backward", 2, x, output_size)
    require_upstream("adaptive_avg_pool2d_backward", dy, x, out)
    dx = np.zeros(x.shape, x.dtype)
    for place, window in adaptive(x, out):
        dx[window] += dy[place] / prod(dx[window].shape[2:])
    return dx


def adaptive_max_pool2d(x: Array, output_size: Sizes) -> Array:
    r"""Keep the largest value of each window of `adaptive_avg_pool2d`.

    .. math:: y_{ncpq} = \max_{h \in A_p,\, w \in B_q} x_{nchw}

    Returns
    -------
    ndarray, shape (N, C, P, Q)

    References
    ----------
    Concept spp; ``torch.nn.functional.adaptive_max_pool2d``.

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_max_pool2d(x, (1, 2)).tolist()
    [[[[3.0, 6.0]]]]
    """
    out = read_adaptive("adaptive_max_pool2d", 2, x, output_size)
    y = np.zeros((*x.shape[:2], *out), x.dtype)
    for place, window in adaptive(x, out):
        y[place] = x[window].max(SPACE, keepdims=True)  # (N, C, 1, 1)
    return y


def adaptive_max_pool2d_backward(dy: Array, x: Array, output_size: Sizes) -> Array:
    r"""Return the gradient of `adaptive_max_pool2d`: what each maximum passes back to its place.

    .. math::
        dx_{nchw} = \sum_{p,q} dy_{ncpq}\, [\,(h, w) \text{ is where } y_{ncpq} \text{ stands}\,]

    Of equal values in a window the first, row by row, has the gradient.

    Returns
    -------
    ndarray, shape (N, C, H, W)

    Examples
    --------
    >>> x = np.array([[[[1.0, 2.0, 3.0, 6.0, 0.0]]]])
    >>> adaptive_max_pool2d_backward(np.array([[[[3.0, 6.0]]]]), x, (1, 2)).tolist()
    [[[[0.0, 0.0, 3.0, 6.0, 0.0]]]]
    """
    out = read_adaptive("adaptive_max_pool2d_backward", 2, x, output_size)
    require_upstream("adaptive_max_pool2d_backward", dy, x, out)
    dx = np.zeros(x.shape, x.dtype)
    for place, window in adaptive(x, out):
        part = x[window]  # (N, C, rows, columns)
        first = part.reshape(*x.shape[:2], prod(part.shape[2:])).argmax(axis=2)  # (N, C)
        here = np.arange(prod(part.shape[2:])).reshape(part.shape[2:]) == first[..., None, None]
        dx[window] += here * dy[place]
    return dx


def adaptive_avg_pool1d(x: Array, output_size: Sizes) -> Array:
    """Average a sequence to a fixed number of outputs: `adaptive_avg_pool2d` of a single row.

    Returns
    -------
    ndarray, shape (N, C, Q)
        For x of shape (N, C, T).

    References
    ----------
    Concept spp; ``torch.nn.functional.adaptive_avg_pool1d``.
    """
    out = read_adaptive("adaptive_avg_pool1d", 1, x, output_size)
    return adaptive_avg_pool2d(x[:, :, None], (1, *out))[:, :, 0]  # (N, C, 1, T) → (N, C, Q)


def adaptive_avg_pool1d_backward(dy: Array, x: Array, output_size: Sizes) -> Array:
    """Return the gradient of `adaptive_avg_pool1d`.

    Returns
    -------
    ndarray, shape (N, C, T)
    """
    out = read_adaptive("adaptive_avg_pool1d_backward", 1, x, output_size)
    require_upstream("adaptive_avg_pool1d_backward", dy, x, out)
    rows = dy[:, :, None], x[:, :, None]  # (N, C, 1, Q), (N, C, 1, T)
    return adaptive_avg_pool2d_backward(*rows, (1, *out))[:, :, 0]
